"""Arithmetic between layers becomes layers; what has no layer stays what it is."""

import pytest

from models.storage.keras_files.operations import as_layer
from tests.models.storage.keras_files.attacks import call

(tensor,) = call("a")[0]["args"]
(other,) = call("b")[0]["args"]


def operation(kind, *arguments, module="keras.src.ops.numpy", **named):
    node = {"args": list(arguments), "kwargs": named}
    return {"module": module, "class_name": kind, "config": {"name": "op"}, "registered_name": kind, "inbound_nodes": [node]}


@pytest.mark.parametrize(
    ("kind", "arguments", "scale", "offset"),
    [
        ("Add", (tensor, 3.0), 1, 3),
        ("Add", (3, tensor), 1, 3),
        ("Subtract", (tensor, 3.0), 1, -3),
        ("Multiply", (0.5, tensor), 0.5, 0),
    ],
)
def test_a_number_rescales(kind, arguments, scale, offset):
    layer = as_layer(operation(kind, *arguments))
    assert (layer["class_name"], layer["config"]) == ("Rescaling", {"name": "op", "scale": scale, "offset": offset})
    assert layer["inbound_nodes"] == [{"args": [tensor], "kwargs": {}}]


def test_two_layers_are_merged():
    layer = as_layer(operation("Subtract", tensor, other))
    assert (layer["class_name"], layer["module"], layer["registered_name"]) == ("Subtract", "keras.layers", None)
    assert layer["inbound_nodes"] == [{"args": [[tensor, other]], "kwargs": {}}]


@pytest.mark.parametrize(
    "strange",
    [
        operation("Subtract", 3.0, tensor),
        operation("Einsum", tensor, other),
        operation("Add", tensor, True),
        operation("Add", tensor, other, module="evil"),
        operation("Add", tensor, [1.0, 2.0]),
        operation("Add", tensor, other, axis=1),
    ],
)
def test_all_else_stays_as_it_is(strange):
    assert as_layer(strange) is strange
