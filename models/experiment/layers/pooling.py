"""Layers that summarise neighbourhoods, or everything, into one number a channel."""

from typing import Annotated, ClassVar, Literal

from msgspec import Meta
from msgspec.structs import replace

from models.experiment.base import Count, Pair, Shape
from models.experiment.layers.base import Complaint, Layer, shape_text, wrong_rank
from models.experiment.layers.convolution import image_from
from models.experiment.layers.reshaping import Reshape
from models.experiment.layers.windows import slide

Padding = Annotated[Literal["valid", "same"], Meta(description="valid: only whole windows; same: also the rest at the border.")]
Length = Annotated[Count, Meta(description="Length of the window.", extra={"start": 2})]
Size = Annotated[Pair, Meta(description="Height and width of the window.", extra={"start": (2, 2)})]


class Pooling1D(Layer):
    """One number for each window of a sequence, channel by channel."""

    family = "pooling"

    strides: Annotated[Count | None, Meta(description="Distance from one window to the next; none: the window's own length.")] = (
        None
    )
    padding: Padding = "valid"

    def complaints(self, shape: Shape) -> tuple[Complaint, ...]:
        if len(shape) != 2:
            return (_not_a_sequence(self, shape),)
        return _too_large(self, shape, (self._length(),))

    def output_shape(self, shape: Shape) -> Shape:
        return (*slide(shape[:-1], (self._length(),), (self.strides or self._length(),), self.padding), shape[-1])

    def _length(self) -> int:
        raise NotImplementedError


class MaxPooling1D(Pooling1D, tag="MaxPooling1D"):
    """The greatest value of each window of a sequence."""

    pool_size: Length = 2

    def _length(self) -> int:
        return self.pool_size


class AveragePooling1D(Pooling1D, tag="AveragePooling1D"):
    """The mean of each window of a sequence."""

    pool_size: Length

    def _length(self) -> int:
        return self.pool_size


class Pooling2D(Layer):
    """One number for each window of an image, channel by channel."""

    family = "pooling"

    strides: Annotated[Pair | None, Meta(description="Distance from one window to the next; none: the window's own size.")] = None
    padding: Padding = "valid"

    def complaints(self, shape: Shape) -> tuple[Complaint, ...]:
        if len(shape) != 3:
            return (wrong_rank(self, shape, "an image (height × width × channels)", image_from(shape)),)
        return _too_large(self, shape, self._size())

    def output_shape(self, shape: Shape) -> Shape:
        return (*slide(shape[:-1], self._size(), self.strides or self._size(), self.padding), shape[-1])

    def _size(self) -> Pair:
        raise NotImplementedError


class MaxPooling2D(Pooling2D, tag="MaxPooling2D"):
    """The greatest value of each window of an image."""

    pool_size: Size = (2, 2)

    def _size(self) -> Pair:
        return self.pool_size


class AveragePooling2D(Pooling2D, tag="AveragePooling2D"):
    """The mean of each window of an image."""

    pool_size: Size

    def _size(self) -> Pair:
        return self.pool_size


class GlobalPooling(Layer):
    """One number for each channel."""

    family = "pooling"
    axes: ClassVar[int] = 1

    keepdims: Annotated[bool, Meta(description="Keep the summarised axes, with size 1.")] = False

    def complaints(self, shape: Shape) -> tuple[Complaint, ...]:
        if len(shape) == self.axes + 1:
            return ()
        if self.axes == 1:
            return (_not_a_sequence(self, shape),)
        return (wrong_rank(self, shape, "an image (height × width × channels)", image_from(shape)),)

    def output_shape(self, shape: Shape) -> Shape:
        return ((1,) * self.axes if self.keepdims else ()) + shape[-1:]


class GlobalMaxPooling1D(GlobalPooling, tag="GlobalMaxPooling1D"):
    """The greatest value of each channel of a sequence."""


class GlobalAveragePooling1D(GlobalPooling, tag="GlobalAveragePooling1D"):
    """The mean of each channel of a sequence."""

    supports_masking = True


class GlobalMaxPooling2D(GlobalPooling, tag="GlobalMaxPooling2D"):
    """The greatest value of each channel of an image."""

    axes = 2


class GlobalAveragePooling2D(GlobalPooling, tag="GlobalAveragePooling2D"):
    """The mean of each channel of an image."""

    axes = 2


def _not_a_sequence(layer: Layer, shape: Shape) -> Complaint:
    insert = Reshape(name="reshape", target_shape=(*shape, 1)) if len(shape) == 1 else None
    return wrong_rank(layer, shape, "a sequence (steps × channels)", insert)


def _too_large(layer: Pooling1D | Pooling2D, shape: Shape, window: Shape) -> tuple[Complaint, ...]:
    if layer.padding == "same" or all(size <= space for size, space in zip(window, shape, strict=False)):
        return ()
    sentence = f"The window ({shape_text(window)}) is larger than what comes in ({shape_text(shape[:-1])})."
    return (Complaint(sentence, "pool_size", label="Use padding “same”", replace=replace(layer, padding="same")),)
