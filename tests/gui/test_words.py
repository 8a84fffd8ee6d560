import pytest

from gui.words import capitalized, first_few
from models.experiment.counting import counted


def test_only_the_first_letter_becomes_a_capital():
    assert (capitalized("the ReLU of a layer"), capitalized("")) == ("The ReLU of a layer", "")


@pytest.mark.parametrize(("number", "text"), [(0, "0 layers"), (1, "1 layer"), (1234, "1\u2009234 layers")])
def test_what_is_counted_is_one_or_many(number, text):
    assert counted(number, "layer") == text


def test_of_many_lines_the_first_stay_and_the_others_are_counted():
    assert first_few(["a", "b"], 2) == ["a", "b"]
    assert list(first_few(["a", "b", "c", "d"], 2)) == ["a", "b", "and 2 more"]
