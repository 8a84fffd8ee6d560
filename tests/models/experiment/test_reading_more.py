"""Letting a layer read one more."""

import pytest

from models.experiment.graph import faults, sources
from models.experiment.layers import Add, Concatenate, Dense, ReLU, Subtract
from models.experiment.reading_more import joinable, joined, with_second_input

stack = (Dense(name="a", units=4), Dense(name="b", units=4), ReLU(name="c"), Dense(name="d", units=2))
shapes = {"input": (2,), "a": (4,), "b": (4,), "c": (4,), "d": (2,)}


def wiring(network):
    return {layer.name: reads for layer, reads in zip(network, sources(network), strict=True)}


def test_an_add_comes_before_a_layer_that_reads_one():
    network = joined(stack, "a", "c", shapes)
    assert wiring(network) == {"a": ("input",), "b": ("a",), "add": ("b", "a"), "c": ("add",), "d": ("c",)}
    assert isinstance(network[2], Add)
    assert not faults(network)


def test_what_cannot_be_added_is_concatenated():
    network = joined(stack, "input", "d", shapes)
    assert isinstance(network[3], Concatenate)
    assert wiring(network)["concatenate"] == ("c", "input")


def test_shapes_that_nothing_joins_are_not_joined():
    assert joined(stack, "a", "c", shapes | {"a": (3, 5)}) == stack


def test_behind_an_error_an_add_is_offered():
    assert isinstance(joined(stack, "a", "c", {})[2], Add)


def test_a_layer_that_merges_reads_one_more():
    network = (*stack[:3], Add(name="add", inputs=("c", "b")), stack[3])
    assert wiring(joined(network, "a", "add", shapes))["add"] == ("c", "b", "a")


@pytest.mark.parametrize(
    ("source", "target"), [("b", "a"), ("a", "a"), ("a", "b"), ("a", "nowhere"), ("nowhere", "d"), ("d", "a")]
)
def test_no_circles_and_nothing_twice(source, target):
    assert joined(stack, source, target, shapes) == stack


def test_later_layers_can_be_joined_that_do_not_read_it_already():
    assert joinable(stack, "a", shapes) == {"c", "d"}
    assert joinable(stack, "input", shapes) == {"b", "c", "d"}
    assert joinable(stack, "d", shapes) == set()
    assert joinable(stack, "nowhere", shapes) == set()


def test_a_layer_that_reads_all_it_can_reads_no_more():
    network = (*stack, Subtract(name="subtract", inputs=("d", "c")))
    assert "subtract" not in joinable(network, "a", shapes)


def test_a_new_merging_layer_reads_what_was_chosen_to_skip_from():
    network = (*stack[:3], Add(name="add", inputs=("c", "b")), stack[3])
    assert wiring(with_second_input(network, "add", "a"))["add"] == ("c", "a")
    assert with_second_input(network, "d", "a") == network
    assert with_second_input(network, "add", "c") == network
    assert with_second_input(network, "add", "d") == network
