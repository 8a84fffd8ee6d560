"""The first place where two experiments differ, in words."""

from msgspec.structs import replace

from models.experiment.data import Spiral
from models.experiment.difference import Difference, differences, first_difference
from models.experiment.edits import changing, set_at
from models.experiment.layers import Dense
from models.experiment.optimizers import SGD
from models.experiment.starter import starter

one = starter(Spiral(), Spiral().facts(), "One")


def test_equal_experiments_have_none():
    assert first_difference(one, replace(one)) is None


def test_a_number():
    assert first_difference(one, set_at(one, "training.batch_size", 7)) == Difference("training.batch_size", "10", "7")


def test_a_kind():
    other = set_at(one, "training.optimizer", SGD())
    assert first_difference(one, other) == Difference("training.optimizer", "adam", "sgd")


def test_a_layer():
    network = (replace(one.network[0], units=3), *one.network[1:])
    found = first_difference(one, replace(one, network=network))
    assert (found.path, found.other) == ("network[0].units", "3")


def test_the_number_of_layers():
    network = (*one.network, Dense(name="more", units=1))
    found = first_difference(one, replace(one, network=network))
    assert found == Difference("network", f"{len(one.network)} of them", f"{len(network)} of them")


def test_all_differences_are_found_in_the_order_of_the_declarations():
    other = changing(one.network[0].name, units=3)(set_at(set_at(one, "training.batch_size", 7), "seed", 5))
    assert [each.path for each in differences(one, other)] == ["seed", "network[0].units", "training.batch_size"]
    assert list(differences(one, one)) == []
