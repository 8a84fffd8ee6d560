"""What is shown as one card, and what becomes of it when the network changes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from models.experiment import edits
from models.experiment.check import check
from models.experiment.collapsing import Run, can_collapse, collapse, entitle, expand, runs
from models.experiment.experiment import Collapsed
from models.experiment.layers import Dense, Dropout
from models.experiment.starter import default_experiment
from models.storage.codec import from_text, to_text

network = tuple(Dense(name=name, units=4) for name in "abcdef")
experiment = replace(default_experiment(), network=network)
middle = collapse(experiment, ("b", "c", "d"), "Middle")


def collapsed(value):
    return [(each.title, "".join(each.layers)) for each in value.collapsed]


def changed(value, change, *arguments):
    return edits.with_network(value, change(value.network, *arguments))


def test_layers_that_stand_together_can_be_collapsed():
    assert collapsed(middle) == [("Middle", "bcd")]
    assert runs(middle.collapsed, network) == (Run("Middle", 1, 3),)
    assert can_collapse(network, ("a", "b"))
    for names in ((), ("a",), ("a", "c"), ("a", "gone")):
        assert not can_collapse(network, names)
        assert collapse(experiment, names, "x") == experiment


def test_what_was_collapsed_goes_up_in_a_larger_run():
    assert collapsed(collapse(middle, "abcd", "More")) == [("More", "abcd")]
    assert collapsed(collapse(middle, "ef", "End")) == [("Middle", "bcd"), ("End", "ef")]


def test_it_is_expanded_and_entitled_by_its_layers():
    both = collapse(middle, "ef", "End")
    assert collapsed(expand(both, ("c",))) == [("End", "ef")]
    assert collapsed(entitle(both, "bcd", "Core")) == [("Core", "bcd"), ("End", "ef")]


@pytest.mark.parametrize(
    ("change", "arguments", "kept"),
    [
        (edits.rename, ("c", "new"), [("Middle", ("b", "new", "d"))]),
        (edits.remove, (("c",),), [("Middle", ("b", "d"))]),
        (edits.remove, (("b", "c"),), []),
        (edits.remove, (("a",),), [("Middle", ("b", "c", "d"))]),
        (edits.insert, (0, [Dropout(name="x", rate=0.5)]), [("Middle", ("b", "c", "d"))]),
        (edits.insert, (2, [Dropout(name="x", rate=0.5)]), []),
        (edits.move, (("b", "c", "d"), 6), [("Middle", ("b", "c", "d"))]),
        (edits.move, (("c",), 6), []),
        (edits.duplicate, (("b", "c", "d"),), [("Middle", ("b", "c", "d"))]),
    ],
)
def test_what_becomes_of_it_when_the_network_changes(change, arguments, kept):
    assert [(each.title, each.layers) for each in changed(middle, change, *arguments).collapsed] == kept


def test_a_file_keeps_it_and_names_that_are_not_there_are_passed_over():
    assert from_text(to_text(middle), "x") == middle
    odd = replace(experiment, collapsed=(Collapsed(title="x", layers=("gone", "a")), Collapsed(title="y", layers=("b", "a"))))
    assert from_text(to_text(odd), "x") == odd
    assert runs(odd.collapsed, network) == ()
    assert check(odd).layers == check(experiment).layers


@given(st.lists(st.lists(st.sampled_from("abcdefg"), min_size=2, max_size=4), max_size=4))
def test_runs_never_overlap(groups):
    found = runs([Collapsed(title="x", layers=tuple(group)) for group in groups], network)
    places = [place for run in found for place in range(run.first, run.last + 1)]
    assert places == sorted(set(places))
