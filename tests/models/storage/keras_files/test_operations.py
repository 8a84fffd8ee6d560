"""Arithmetic between layers becomes layers; what has no layer stays what it is."""

import pytest

from models.storage.keras_files.operations import as_layers
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
    (layer,) = as_layers(operation(kind, *arguments))
    assert (layer["class_name"], layer["config"]) == ("Rescaling", {"name": "op", "scale": scale, "offset": offset})
    assert layer["inbound_nodes"] == [{"args": [tensor], "kwargs": {}}]


def test_two_layers_are_merged():
    (layer,) = as_layers(operation("Subtract", tensor, other))
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
    (layer,) = as_layers(strange)
    assert layer is strange


def scaled_sum(*arguments, module="keras.src.applications.inception_resnet_v2"):
    layer = operation("CustomScaleLayer", *arguments, module=module)
    return {**layer, "config": {"name": "op", "scale": 0.17}}


def test_the_scaled_sum_of_inception_resnet_is_a_rescaling_and_a_sum():
    rescaling, total = as_layers(scaled_sum([tensor, other]))
    assert (rescaling["class_name"], rescaling["config"]) == ("Rescaling", {"name": "op_scaled", "scale": 0.17})
    assert rescaling["inbound_nodes"] == [{"args": [other], "kwargs": {}}]
    assert (total["class_name"], total["config"]) == ("Add", {"name": "op"})
    ((first, second),) = total["inbound_nodes"][0]["args"]
    assert first == tensor
    assert second["config"]["keras_history"] == ["op_scaled", 0, 0]


@pytest.mark.parametrize(
    "strange", [scaled_sum(tensor), scaled_sum([tensor]), scaled_sum([tensor, 2.0]), scaled_sum([tensor, other], module="evil")]
)
def test_another_scaled_sum_stays_as_it_is(strange):
    (layer,) = as_layers(strange)
    assert layer is strange


def scaled_features(*arguments, module="keras.src.applications.convnext"):
    layer = operation("LayerScale", *arguments, module=module)
    return {**layer, "config": {"name": "op", "init_values": 1e-6, "projection_dim": 96}}


def test_the_scaled_features_of_convnext_are_an_einsum():
    (layer,) = as_layers(scaled_features(tensor))
    first = layer["config"].pop("kernel_initializer")
    assert (layer["class_name"], layer["config"]) == (
        "EinsumDense",
        {"name": "op", "equation": "...a,a->...a", "output_shape": [96]},
    )
    assert (first["class_name"], first["config"]) == ("Constant", {"value": 1e-6})
    assert layer["inbound_nodes"] == [{"args": [tensor], "kwargs": {}}]


@pytest.mark.parametrize(
    "strange", [scaled_features(3.0), scaled_features(tensor, other), scaled_features(tensor, module="evil")]
)
def test_other_scaled_features_stay_as_they_are(strange):
    (layer,) = as_layers(strange)
    assert layer is strange
