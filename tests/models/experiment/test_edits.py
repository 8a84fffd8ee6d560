"""Edits are pure functions: whatever is done, names stay unique, nothing is lost, and what is undone is as it was."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from models.experiment import edits
from models.experiment.activations import Relu
from models.experiment.data import Spiral
from models.experiment.graph import sources
from models.experiment.layers import Dense, Dropout, Flatten
from models.experiment.layers.base import name_pattern
from models.experiment.optimizers import SGD
from models.experiment.starter import default_experiment
from tests.strategies import layer_kinds, networks

facts = Spiral().facts()


def stacks():
    """Networks in which each layer reads the one before; those that branch are tested beside the graph."""
    return networks(facts, size=6).map(lambda network: tuple(layer for layer in network if layer.least_inputs == 1))


any_network = stacks()


def stack(*names: str):
    """Flatten layers of these names, for edits that do not look into layers."""
    return tuple(Flatten(name=name) for name in names)


def names(network):
    return [layer.name for layer in network]


@st.composite
def network_and_choice(draw):
    """A network and the names of some of its layers."""
    network = draw(any_network)
    return network, tuple(draw(st.lists(st.sampled_from(names(network)), unique=True))) if network else ()


def without_names(network):
    return [replace(layer, name="x") for layer in network]


@given(network_and_choice(), network_and_choice(), st.data())
def test_names_stay_unique_whatever_is_done(first, second, data):
    network, chosen = first
    for _ in range(4):
        index = data.draw(st.integers(0, len(network)))
        act = data.draw(st.sampled_from(("insert", "duplicate", "move", "rename", "new", "remove")))
        if act == "insert":
            network = edits.insert(network, index, second[0])
        elif act == "duplicate":
            network = edits.duplicate(network, chosen)
        elif act == "move":
            network = edits.move(network, chosen, index)
        elif act == "rename" and network:
            network = edits.rename(
                network, data.draw(st.sampled_from(names(network))), data.draw(st.sampled_from([*names(second[0]), "input"]))
            )
        elif act == "new":
            network = edits.insert(network, index, [edits.new_layer(data.draw(st.sampled_from(layer_kinds)), network)])
        else:
            network = edits.remove(network, chosen)
        assert len(set(names(network))) == len(network)
        assert edits.input_name not in names(network)


@given(network_and_choice(), st.data())
def test_move_keeps_every_layer_and_brings_the_moved_together(given_network, data):
    network, chosen = given_network
    index = data.draw(st.integers(0, len(network)))
    moved = edits.move(network, chosen, index)
    assert Counter(names(moved)) == Counter(names(network))
    assert names(edits.remove(moved, chosen)) == names(edits.remove(network, chosen))
    block = [layer for layer in network if layer.name in chosen]
    start = len(edits.remove(network[:index], chosen))
    assert list(moved[start : start + len(block)]) == block


@given(any_network, stacks(), st.data())
def test_what_is_inserted_can_be_removed_again(network, more, data):
    index = data.draw(st.integers(0, len(network)))
    longer = edits.insert(network, index, more)
    inserted = longer[index : index + len(more)]
    assert without_names(inserted) == without_names(more)
    assert edits.remove(longer, names(inserted)) == network


@given(network_and_choice())
def test_duplicates_follow_their_originals_and_differ_in_name_only(given_network):
    network, chosen = given_network
    longer = edits.duplicate(network, chosen)
    if not chosen:
        assert longer == network
        return
    last = max(names(network).index(name) for name in chosen) + 1
    copies = longer[last : last + len(chosen)]
    assert without_names(copies) == without_names(layer for layer in network if layer.name in chosen)
    assert edits.remove(longer, names(copies)) == network


@pytest.mark.parametrize(
    ("chosen", "index", "expected"),
    [
        *((("d", "b"), index, expected) for index, expected in enumerate(("bdac", "abdc", "abdc", "acbd", "acbd"))),
        (("c",), 1, "acbd"),
        (("c",), 4, "abdc"),
        (("a",), 0, "abcd"),
        (("a", "b"), 3, "cabd"),
        (("c", "d"), 1, "acdb"),
        (("a", "c"), 0, "acbd"),
        (("a", "c"), 4, "bdac"),
        (("a", "b", "c", "d"), 4, "abcd"),
        (("gone",), 2, "abcd"),
        ((), 0, "abcd"),
    ],
)
def test_move_counts_places_as_they_were_before(chosen, index, expected):
    assert "".join(names(edits.move(stack(*"abcd"), chosen, index))) == expected


def test_edits_that_come_late_do_nothing():
    network = stack(*"ab")
    assert edits.remove(network, ("gone",)) == network
    assert edits.move(network, ("gone",), 0) == network
    assert edits.duplicate(network, ("gone",)) == network
    assert edits.put(network, "gone", Flatten(name="new")) == network
    assert edits.change(network, "gone", units=3) == network
    assert edits.rename(network, "gone", "new") == network


def test_repeated_layers_stand_in_a_row_and_read_on():
    network = tuple(Dense(name=name, units=4) for name in "abcd")
    longer = edits.repeat(network, ("b", "c"), 3)
    assert names(longer) == ["a", "b", "c", "b_1", "c_1", "b_2", "c_2", "d"]
    assert sources(longer) == (("input",), *((name,) for name in names(longer)[:-1]))
    assert edits.repeat(network, ("b", "c"), 1) == network
    assert edits.repeat(network, ("gone",), 3) == network


def test_change_and_put_touch_one_layer_only():
    network = (Dense(name="a", units=1), Dense(name="b", units=2), Dense(name="c", units=3))
    assert edits.change(network, "b", units=5, activation=Relu()) == (
        network[0],
        Dense(name="b", units=5, activation=Relu()),
        network[2],
    )
    assert edits.put(network, "b", Dropout(name="d", rate=0.5)) == (network[0], Dropout(name="d", rate=0.5), network[2])


def test_rename_takes_the_wanted_name_or_the_nearest_free_one():
    network = stack("a", "b", "b_1")
    assert names(edits.rename(network, "a", "c")) == ["c", "b", "b_1"]
    assert names(edits.rename(network, "a", "b")) == ["b_2", "b", "b_1"]
    assert names(edits.rename(network, "b", "b")) == ["a", "b", "b_1"]
    assert names(edits.rename(network, "a", "input")) == ["input_1", "b", "b_1"]


@pytest.mark.parametrize(
    ("wanted", "taken", "expected"),
    [
        ("dense", (), "dense"),
        ("dense", ("dense",), "dense_1"),
        ("dense", ("dense", "dense_1"), "dense_2"),
        ("dense", ("dense", "dense_2"), "dense_1"),
        ("dense_1", ("dense_1",), "dense_2"),
        ("dense_7", ("dense_7",), "dense_1"),
        ("conv2d", ("conv2d",), "conv2d_1"),
        ("input", (), "input_1"),
    ],
)
def test_a_free_name_is_the_wanted_one_or_the_next_number(wanted, taken, expected):
    assert edits.free_name(wanted, stack(*taken)) == expected


@given(st.from_regex(name_pattern, fullmatch=True).filter(lambda name: len(name) <= 60))
def test_a_free_name_is_legal_however_long_the_wanted_one_is(wanted):
    for name in (wanted, edits.free_name(wanted, stack(wanted))):
        assert len(name) <= 60
        assert edits.free_name(wanted, stack(wanted)) != wanted


@pytest.mark.parametrize("kind", layer_kinds, ids=lambda kind: kind.__name__)
def test_a_new_layer_is_named_as_keras_would(kind):
    first = edits.new_layer(kind)
    second = edits.new_layer(kind, (first,))
    assert first.name == edits.base_name(kind)
    assert second == replace(first, name=first.name + "_1")


@pytest.mark.engine
@pytest.mark.parametrize("kind", layer_kinds, ids=lambda kind: kind.__name__)
def test_base_names_are_keras_own(kind):
    from keras.src.utils.naming import to_snake_case

    assert edits.base_name(kind) == to_snake_case(kind.kind())


def test_set_at_reaches_into_the_value():
    experiment = default_experiment()
    changed = edits.set_at(experiment, "training.optimizer.learning_rate", 0.5)
    assert changed.training.optimizer.learning_rate == 0.5
    assert edits.set_at(changed, "training.optimizer", experiment.training.optimizer) == experiment
    assert edits.set_at(experiment, "seed", 3) == replace(experiment, seed=3)
    assert edits.set_at(experiment, "training.optimizer", SGD()).training.optimizer == SGD()


def test_with_network_changes_nothing_else():
    experiment = default_experiment()
    assert edits.with_network(experiment, ()) == replace(experiment, network=())
