"""Weights are told of the unit that they belong to, and stand in a kernel's map where its window has them."""

import numpy as np
import pytest

from gui.plots.views.kernels import apart, kernel_maps, kernel_table, place_in_kernel, weights_by_unit
from models.experiment.layers import (
    Conv1D,
    Conv2D,
    Conv2DTranspose,
    Conv3D,
    Dense,
    DepthwiseConv2D,
    MultiHeadAttention,
    SeparableConv2D,
)
from models.telemetry.wanted import Neurons
from tests.gui.plots.looked import array, drawn


def neurons(units, **weights):
    return Neurons("layer", "example", units, np.zeros((units, 5, 5), np.float32), example=0, weights=weights)


def maps_of(layer, units, kernel):
    return kernel_maps(layer, neurons(units, kernel=kernel))


def test_windows_of_pictures_stand_beside_each_other():
    kernel = drawn(3, 2, 4, 5)
    maps = maps_of(Conv2D(name="layer", filters=5, kernel_size=(3, 2)), 5, kernel)
    assert maps.values.shape == (5, 3, 4 * 3 - 1)
    for number in range(4):
        window = maps.values[2, :, 3 * number : 3 * number + 2]
        np.testing.assert_array_equal(window, kernel.values[:, :, number, 2])
    assert np.flatnonzero(maps.gaps.all(axis=0)).tolist() == [2, 5, 8]
    assert maps.gaps.sum() == 9


def test_windows_of_volumes_are_rows_of_slices_one_below_the_other():
    kernel = drawn(2, 3, 4, 2, 5)
    layer = Conv3D(name="layer", filters=5, kernel_size=(2, 3, 4))
    maps = maps_of(layer, 5, kernel)
    assert maps.values.shape == (5, 2 * 4 - 1, 2 * 5 - 1)
    for given in range(2):
        for depth in range(2):
            window = maps.values[3, 4 * given : 4 * given + 3, 5 * depth : 5 * depth + 4]
            np.testing.assert_array_equal(window, kernel.values[depth, :, :, given, 3])
    shown = neurons(5, kernel=kernel)
    assert place_in_kernel(layer, shown, 5, 8) == "input 1, slice 1, column 3, row 1"
    assert maps.values[3, 5, 8] == kernel.values[1, 1, 3, 1, 3]
    assert place_in_kernel(layer, shown, 3, 0) == ""
    assert maps.gaps[3, 0]


def test_windows_of_sequences_have_a_row_for_each_input():
    kernel = drawn(3, 9, 5)
    layer = Conv1D(name="layer", filters=5, kernel_size=3)
    maps = maps_of(layer, 5, kernel)
    np.testing.assert_array_equal(maps.values[4], kernel.values[:, :, 4].T)
    assert not maps.gaps.any()
    assert place_in_kernel(layer, neurons(5, kernel=kernel), 8, 2) == "input 8, step 2"


@pytest.mark.parametrize(
    ("layer", "shape", "axes"),
    [
        (Conv1D(name="layer", filters=3, kernel_size=2), (2, 4, 3), ("step",)),
        (Conv2D(name="layer", filters=3, kernel_size=2), (2, 2, 4, 3), ("row", "column")),
        (Conv3D(name="layer", filters=3, kernel_size=2), (2, 2, 2, 4, 3), ("slice", "row", "column")),
    ],
)
def test_a_table_names_the_place_of_each_weight(layer, shape, axes):
    kernel = drawn(*shape)
    titles, rows = kernel_table(layer, neurons(3, kernel=kernel))
    assert titles == ("unit", *axes, "input", "weight")
    found = {tuple(place): weight for *place, weight in rows}
    assert len(found) == kernel.values.size
    assert found[2, *(1 for _ in axes), 3] == kernel.values[(*(1 for _ in axes), 3, 2)]


def test_filters_of_transposed_convolutions_are_not_their_inputs():
    kernel = drawn(3, 3, 4, 4)
    maps = maps_of(Conv2DTranspose(name="layer", filters=4, kernel_size=(3, 3)), 4, kernel)
    np.testing.assert_array_equal(maps.values[1, :, :3], kernel.values[:, :, 1, 0])


def test_channels_that_are_left_apart_have_filters_of_their_own():
    kernel = drawn(3, 3, 2, 3)
    layer = DepthwiseConv2D(name="layer", kernel_size=(3, 3), depth_multiplier=3)
    maps = maps_of(layer, 6, kernel)
    assert maps.values.shape == (6, 3, 3)
    np.testing.assert_array_equal(maps.values[4], kernel.values[:, :, 1, 1])


@pytest.mark.parametrize("window", [(3, 2), (2, 3, 2)])
def test_of_many_inputs_one_is_shown_at_a_time(window):
    kernel = drawn(*window, 7, 5)
    kind = Conv2D if len(window) == 2 else Conv3D
    layer, shown = kind(name="layer", filters=5, kernel_size=window), neurons(5, kernel=kernel)
    assert apart(layer, shown) == 7
    maps = kernel_maps(layer, shown, 6)
    assert maps.values.shape[1:] == ((3, 2) if len(window) == 2 else (3, 5))
    np.testing.assert_array_equal(
        maps.values[4, :, :2], kernel.values[..., 6, 4][0] if len(window) == 3 else kernel.values[..., 6, 4]
    )
    assert place_in_kernel(layer, shown, 0, 1, 6).startswith("input 6, ")


@pytest.mark.parametrize(
    ("layer", "units", "kernel"),
    [
        (Conv2D(name="layer", filters=5, kernel_size=(3, 3)), 5, array(np.ones((3, 3, 1, 5)), strides=(1, 1, 1, 2))),
        (Dense(name="layer", units=5), 5, drawn(3, 5)),
    ],
    ids=["thinned", "no window"],
)
def test_kernels_that_cannot_be_told_apart_are_not_shown(layer, units, kernel):
    assert maps_of(layer, units, kernel) is None


def test_weights_inside_a_layer_are_not_those_of_its_units_though_they_are_as_many():
    attention = MultiHeadAttention(name="layer", num_heads=2, key_dim=4)
    found = weights_by_unit(attention, neurons(4, **{"query/kernel": drawn(4, 2, 4), "attention_output/bias": drawn(4)}))
    assert list(found) == ["attention_output/bias"]
    separable = SeparableConv2D(name="layer", filters=2, kernel_size=(3, 3), depth_multiplier=2)
    found = weights_by_unit(separable, neurons(2, depthwise_kernel=drawn(3, 3, 4, 2), pointwise_kernel=drawn(1, 1, 8, 2)))
    assert list(found) == ["pointwise_kernel"]
