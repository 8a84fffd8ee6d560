"""Weights of a layer sorted by its units: what belongs to each of them, and the kernels of a convolution as maps."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.experiment.layers import AnyLayer, EinsumDense
from models.experiment.layers.convolution import (
    Convolution,
    DepthwiseConvolution,
    SeparableConvolution,
    TransposedConvolution,
)
from models.telemetry.wanted import Neurons

Singles = NDArray[np.float32]

most_inputs = 4
"""Inputs of a convolution of pictures or volumes whose kernels are shown beside each other."""


def weights_by_unit(layer: AnyLayer, neurons: Neurons) -> dict[str, Singles]:
    """(…, units): the layer's arrays that have a part for each unit, by their names; those that are thinned are left out."""
    arrays = {name: array for name, array in (neurons.weights or {}).items() if set(array.strides) == {1}}
    sorted_arrays = {name: _units_last(layer, name, array.values) for name, array in arrays.items()}
    return {name: each for name, each in sorted_arrays.items() if each is not None and each.shape[-1] == neurons.units}


@dataclass(frozen=True, eq=False)
class KernelMaps:
    """Kernels of a convolution as they are drawn."""

    values: Singles
    """(filters, rows, columns): weights, and 0 in gaps."""
    gaps: NDArray[np.bool_]
    """(rows, columns): where there is no weight, but the gap between two windows."""


def apart(layer: AnyLayer, neurons: Neurons) -> int:
    """How many inputs a convolution has, where they are too many to stand beside each other; 1 where all of them do."""
    kernel = weights_by_unit(layer, neurons).get("kernel")
    return kernel.shape[-2] if kernel is not None and kernel.ndim > 3 and kernel.shape[-2] > most_inputs else 1


def kernel_maps(layer: AnyLayer, neurons: Neurons, given: int = 0) -> KernelMaps | None:
    """A convolution's kernels as maps; none where it has none, or so many that they are thinned.

    Of sequences a row is an input and a column a step. Otherwise each input has a window of its own: those of pictures stand in a
    row, those of volumes below each other, each as the row of its slices. Of many inputs only that with the number `given`.
    """
    kernel = weights_by_unit(layer, neurons).get("kernel")
    if kernel is None or not isinstance(layer, Convolution | DepthwiseConvolution):
        return None
    if kernel.ndim == 3:
        return KernelMaps(kernel.transpose(2, 1, 0), np.zeros(kernel.shape[1::-1], dtype=np.bool_))
    if apart(layer, neurons) > 1:
        kernel = kernel[..., given : given + 1, :]
    tiles = kernel.transpose(3, 2, 0, 1)[:, None] if kernel.ndim == 4 else kernel.transpose(4, 3, 0, 1, 2)
    filters, down, across, rows, columns = tiles.shape
    maps = np.zeros((filters, down, rows + 1, across, columns + 1), dtype=np.float32)
    maps[:, :, :rows, :, :columns] = tiles.swapaxes(2, 3)
    maps = maps.reshape(filters, down * (rows + 1), across * (columns + 1))[:, :-1, :-1]
    is_gap = [np.arange(length) % (window + 1) == window for length, window in zip(maps.shape[1:], (rows, columns), strict=True)]
    return KernelMaps(maps, is_gap[0][:, None] | is_gap[1])


def kernel_table(layer: AnyLayer, neurons: Neurons) -> tuple[Sequence[str], Iterable[Sequence[int | float]]]:
    """Titles and rows of a table of a convolution's kernels: one row for each weight, with the unit and its place."""
    by_unit = np.moveaxis(weights_by_unit(layer, neurons)["kernel"], -1, 0)
    axes = ("step",) if by_unit.ndim == 3 else ("slice", "row", "column")[5 - by_unit.ndim :]
    return ("unit", *axes, "input", "weight"), ((*place, float(weight)) for place, weight in np.ndenumerate(by_unit))


def place_in_kernel(layer: AnyLayer, neurons: Neurons, row: int, column: int, given: int = 0) -> str:
    """Which weight stands in a cell of a kernel's map, of many inputs in that of the one `given`; empty for a gap."""
    *window, _, _ = weights_by_unit(layer, neurons)["kernel"].shape
    if len(window) == 1:
        return f"input {row}, step {column}"
    (down, at_row), (across, at_column) = divmod(row, window[-2] + 1), divmod(column, window[-1] + 1)
    if at_row == window[-2] or at_column == window[-1]:
        return ""
    at = f"column {at_column}, row {at_row}"
    return f"input {given + across}, {at}" if len(window) == 2 else f"input {given + down}, slice {across}, {at}"


def _units_last(layer: AnyLayer, name: str, values: Singles) -> Singles | None:
    """An array with its units on the last axis; none where none of its axes is that of the units, however long it is."""
    if isinstance(layer, TransposedConvolution) and name == "kernel":
        return values.swapaxes(-1, -2)
    if isinstance(layer, DepthwiseConvolution) and name == "kernel":  # channel by channel, each with its own filters
        return values.reshape(*values.shape[:-2], 1, -1)
    inside = layer.family == "attention" and not name.startswith("attention_output")
    if inside or (isinstance(layer, EinsumDense | SeparableConvolution) and name in ("kernel", "depthwise_kernel")):
        return None
    return values
