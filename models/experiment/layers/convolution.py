"""Layers that slide a small window of weights over a sequence or an image."""

from math import prod
from typing import Annotated, Literal

from msgspec import Meta
from msgspec.structs import replace

from models.experiment.base import Count, Pair, Shape
from models.experiment.layers.base import Complaint, Layer, Parameters, size_of, wrong_rank
from models.experiment.layers.core import Weighted, matrix_only
from models.experiment.layers.reshaping import Reshape, square_side
from models.experiment.layers.windows import slide

Filters = Annotated[Count, Meta(description="Number of output channels.", extra={"start": 16})]
Groups = Annotated[Count, Meta(description="Parts the channels are split into, each convolved on its own.")]


class Conv1D(Weighted, tag="Conv1D"):
    """Slides a window of weights along a sequence: one weighted sum of the window per position and filter."""

    family = "convolution"
    kernel_axes = 3

    filters: Filters
    kernel_size: Annotated[Count, Meta(description="Length of the window.", extra={"start": 3})]
    strides: Annotated[Count, Meta(description="Distance from one position to the next.")] = 1
    padding: Annotated[
        Literal["valid", "same", "causal"],
        Meta(description="valid: only whole windows; same: zeros around keep the length; causal: zeros before, none after."),
    ] = "valid"
    dilation_rate: Annotated[Count, Meta(description="Distance of neighbours inside the window.")] = 1
    groups: Groups = 1

    def complaints(self, shape: Shape) -> tuple[Complaint, ...]:
        if len(shape) != 2:
            insert = Reshape(name="reshape", target_shape=(*shape, 1)) if len(shape) == 1 else None
            return (wrong_rank(self, shape, "a sequence (steps × channels)", insert),)
        return convolution_complaints(self, shape, (self.kernel_size,), (self.strides,), (self.dilation_rate,))

    def output_shape(self, shape: Shape) -> Shape:
        return (*slide(shape[:-1], (self.kernel_size,), (self.strides,), self.padding, (self.dilation_rate,)), self.filters)

    def parameters(self, shape: Shape) -> Parameters:
        return convolution_parameters(self, shape, (self.kernel_size,))

    def multiply_adds(self, shape: Shape) -> int:
        return convolution_multiply_adds(self, shape, (self.kernel_size,))


class Conv2D(Weighted, tag="Conv2D"):
    """Slides a window of weights over an image: one weighted sum of the window per position and filter."""

    family = "convolution"
    kernel_axes = 4

    filters: Filters
    kernel_size: Annotated[Pair, Meta(description="Height and width of the window.", extra={"start": (3, 3)})]
    strides: Annotated[Pair, Meta(description="Distance from one position to the next, down and across.")] = (1, 1)
    padding: Annotated[
        Literal["valid", "same"], Meta(description="valid: only whole windows; same: zeros around keep the size.")
    ] = "valid"
    dilation_rate: Annotated[Pair, Meta(description="Distance of neighbours inside the window.")] = (1, 1)
    groups: Groups = 1

    def complaints(self, shape: Shape) -> tuple[Complaint, ...]:
        if len(shape) != 3:
            return (wrong_rank(self, shape, "an image (height × width × channels)", image_from(shape)),)
        return convolution_complaints(self, shape, self.kernel_size, self.strides, self.dilation_rate)

    def output_shape(self, shape: Shape) -> Shape:
        return (*slide(shape[:-1], self.kernel_size, self.strides, self.padding, self.dilation_rate), self.filters)

    def parameters(self, shape: Shape) -> Parameters:
        return convolution_parameters(self, shape, self.kernel_size)

    def multiply_adds(self, shape: Shape) -> int:
        return convolution_multiply_adds(self, shape, self.kernel_size)


def image_from(shape: Shape) -> Reshape | None:
    """A layer that lays out a row of numbers as a square image, or gives two axes a channel; none where neither fits."""
    if len(shape) == 2:
        return Reshape(name="reshape", target_shape=(*shape, 1))
    side = square_side(shape[0]) if len(shape) == 1 else None
    return Reshape(name="reshape", target_shape=(side, side, 1)) if side else None


def convolution_complaints(
    layer: Conv1D | Conv2D, shape: Shape, window: Shape, strides: Shape, dilation: Shape
) -> tuple[Complaint, ...]:
    """Why `layer` cannot slide its `window` over an input of `shape`."""
    channels = shape[-1]
    found = []
    if channels % layer.groups:
        found.append(Complaint(f"groups ({layer.groups}) must divide the {channels} channels that come in.", "groups"))
    elif layer.filters % layer.groups:
        found.append(Complaint(f"groups ({layer.groups}) must divide filters ({layer.filters}).", "groups"))
    if max(strides) > 1 and max(dilation) > 1:
        found.append(Complaint("strides and dilation_rate cannot both be greater than 1.", "dilation_rate"))
    reach = tuple((size - 1) * step + 1 for size, step in zip(window, dilation, strict=True))
    if layer.padding == "valid" and any(size > space for size, space in zip(reach, shape, strict=False)):
        sentence = (
            f"The window ({' × '.join(map(str, reach))}) is larger than what comes in ({' × '.join(map(str, shape[:-1]))})."
        )
        found.append(Complaint(sentence, "kernel_size", label="Pad with zeros", replace=_padded(layer)))
    if layer.use_bias:
        found += matrix_only(layer, layer.bias_initializer, "bias_initializer", 1)
    return (*found, *matrix_only(layer, layer.kernel_initializer, "kernel_initializer", layer.kernel_axes))


def convolution_parameters(layer: Conv1D | Conv2D, shape: Shape, window: Shape) -> Parameters:
    """Weights of the window for every filter, and a bias for each."""
    kernel = prod(window) * (shape[-1] // layer.groups) * layer.filters
    return Parameters(kernel + (layer.filters if layer.use_bias else 0))


def convolution_multiply_adds(layer: Conv1D | Conv2D, shape: Shape, window: Shape) -> int:
    """Positions · filters · numbers under the window: its size · channels of a group.

    Source: Howard et al., 2017, section 3.1, equation 2.
    """
    return size_of(layer.output_shape(shape)) * size_of(window) * (shape[-1] // layer.groups)


def _padded(layer: Conv1D | Conv2D) -> Layer:
    return replace(layer, padding="same")
