"""Layers that lay numbers out anew, repeat some or leave some out, without weights."""

from math import isqrt
from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from models.experiment.base import Count, Edges, KnownShape, Pair, Shape, Triple, most_axes
from models.experiment.layers.base import Complaint, Layer, along_axes, is_known, shape_text, size_of, wrong_rank

spaces = {
    1: "a sequence (steps × channels)",
    2: "an image (height × width × channels)",
    3: "a volume (depth × height × width × channels)",
}
"""What a layer takes that works along so many axes, channels aside."""


class Reshaping(Layer):
    """A layer that computes nothing."""

    family = "reshaping"


class Flatten(Reshaping, tag="Flatten"):
    """All numbers of an example in one row."""

    pointwise = True

    def output(self, shape: Shape) -> Shape:
        return (size_of(shape) if is_known(shape) else None,)


class Reshape(Reshaping, tag="Reshape"):
    """The same numbers with other axes."""

    pointwise = True

    target_shape: Annotated[
        tuple[Annotated[int, Meta(ge=-1, le=1_000_000)], ...],
        Meta(
            min_length=1,
            max_length=most_axes,
            description="Sizes of the new axes; one may be −1: what is left.",
            extra={"start": (-1, 1)},
        ),
    ]

    def complaints(self, shape: Shape) -> tuple[Complaint, ...]:
        if 0 in self.target_shape or self.target_shape.count(-1) > 1:
            return (Complaint("Sizes are 1 or more, and at most one of them −1.", "target_shape"),)
        known = size_of(tuple(size for size in self.target_shape if size != -1))
        fits = size_of(shape) % known == 0 if -1 in self.target_shape else size_of(shape) == known
        if fits or not is_known(shape):
            return ()
        sentence = f"{size_of(shape)} numbers ({shape_text(shape)}) cannot be laid out as {shape_text(self.target_shape)}."
        instead = Reshape(name=self.name, target_shape=(-1,))
        return (Complaint(sentence, "target_shape", label="Use one row", replace=instead),)

    def output(self, shape: Shape) -> Shape:
        known = size_of(tuple(size for size in self.target_shape if size != -1))
        left = size_of(shape) // known if is_known(shape) else None
        return tuple(left if size == -1 else size for size in self.target_shape)


class Permute(Reshaping, tag="Permute"):
    """The same axes in another order."""

    dims: Annotated[
        tuple[Annotated[int, Meta(ge=1, le=most_axes)], ...],
        Meta(
            min_length=1,
            max_length=most_axes,
            description="The axes, counted from 1, in their new order: 2, 1 swaps steps and channels.",
            extra={"start": (2, 1)},
        ),
    ]

    def complaints(self, shape: Shape) -> tuple[Complaint, ...]:
        axes = tuple(range(1, len(shape) + 1))
        if tuple(sorted(self.dims)) == axes:
            return ()
        sentence = f"dims must name each axis that comes in once: {', '.join(map(str, axes))}."
        return (Complaint(sentence, "dims", label="Turn the order round", replace=Permute(name=self.name, dims=axes[::-1])),)

    def output(self, shape: Shape) -> Shape:
        return tuple(shape[axis - 1] for axis in self.dims)


class RepeatVector(Reshaping, tag="RepeatVector"):
    """A sequence that holds the same row of numbers at every step, as a decoder behind an encoder wants it."""

    n: Annotated[Count, Meta(description="Number of steps.", extra={"start": 8})]

    def complaints(self, shape: Shape) -> tuple[Complaint, ...]:
        if len(shape) == 1:
            return ()
        return (wrong_rank(self, shape, "one row of numbers", Flatten(name="flatten")),)

    def output(self, shape: Shape) -> Shape:
        return (self.n, *shape)


class Spatial(Reshaping):
    """A layer that changes the size of a sequence, an image or a volume, and leaves the channels as they are."""

    axes: ClassVar[int]
    """Axes whose size changes."""

    def complaints(self, shape: Shape) -> tuple[Complaint, ...]:
        return () if len(shape) == self.axes + 1 else (wrong_space(self, shape, self.axes),)


class ZeroPadding(Spatial):
    """Zeros around."""

    def output(self, shape: Shape) -> Shape:
        edges = edges_of(self, "padding")
        return (*(size and size + sum(edge) for size, edge in zip(shape, edges, strict=False)), shape[-1])


class ZeroPadding1D(ZeroPadding, tag="ZeroPadding1D"):
    """Zeros before and after a sequence."""

    axes = 1

    padding: Annotated[Edges, Meta(description="Steps to add before and after.")] = (1, 1)


class ZeroPadding2D(ZeroPadding, tag="ZeroPadding2D"):
    """Zeros around an image."""

    axes = 2

    padding: Annotated[tuple[Edges, Edges], Meta(description="Rows to add above and below; columns left and right.")] = (
        (1, 1),
        (1, 1),
    )


class ZeroPadding3D(ZeroPadding, tag="ZeroPadding3D"):
    """Zeros around a volume."""

    axes = 3

    padding: Annotated[
        tuple[Edges, Edges, Edges], Meta(description="Slices to add in front and behind; rows above and below; columns aside.")
    ] = ((1, 1), (1, 1), (1, 1))


class Cropping(Spatial):
    """Nothing of the border."""

    def complaints(self, shape: Shape) -> tuple[Complaint, ...]:
        if found := super().complaints(shape):
            return found
        cut = tuple(map(sum, edges_of(self, "cropping")))
        if all(size is None or less < size for less, size in zip(cut, shape, strict=False)):
            return ()
        return (Complaint(f"Cropping {shape_text(cut)} leaves nothing of {shape_text(shape[:-1])}.", "cropping"),)

    def output(self, shape: Shape) -> Shape:
        edges = edges_of(self, "cropping")
        return (*(size and size - sum(edge) for size, edge in zip(shape, edges, strict=False)), shape[-1])


class Cropping1D(Cropping, tag="Cropping1D"):
    """A sequence without its first and last steps."""

    axes = 1

    cropping: Annotated[Edges, Meta(description="Steps to leave out at the beginning and at the end.")] = (1, 1)


class Cropping2D(Cropping, tag="Cropping2D"):
    """An image without its border."""

    axes = 2

    cropping: Annotated[tuple[Edges, Edges], Meta(description="Rows to leave out above and below; columns left and right.")] = (
        (0, 0),
        (0, 0),
    )


class Cropping3D(Cropping, tag="Cropping3D"):
    """A volume without its border."""

    axes = 3

    cropping: Annotated[
        tuple[Edges, Edges, Edges],
        Meta(description="Slices to leave out in front and behind; rows above and below; columns aside."),
    ] = ((1, 1), (1, 1), (1, 1))


class UpSampling(Spatial):
    """Every value several times."""

    def output(self, shape: Shape) -> Shape:
        return (*(size and size * times for size, times in zip(shape, along_axes(self, "size"), strict=False)), shape[-1])


class UpSampling1D(UpSampling, tag="UpSampling1D"):
    """Every step of a sequence several times."""

    axes = 1

    size: Annotated[Count, Meta(description="How often.")] = 2


class UpSampling2D(UpSampling, tag="UpSampling2D"):
    """An image enlarged: every pixel several times, or values in between."""

    axes = 2

    size: Annotated[Pair, Meta(description="How often, down and across.")] = (2, 2)
    interpolation: Annotated[
        Literal["nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"],
        Meta(description="nearest: the same value again; the others: something in between, ever smoother."),
    ] = "nearest"


class UpSampling3D(UpSampling, tag="UpSampling3D"):
    """Every value of a volume several times."""

    axes = 3

    size: Annotated[Triple, Meta(description="How often, along each axis.")] = (2, 2, 2)


def edges_of(layer: Spatial, field: str) -> tuple[Edges, ...]:
    """What `field` says for both ends of each axis, whether it is about one axis or several."""
    content = getattr(layer, field)
    edges: tuple[Edges, ...] = (content,) if layer.axes == 1 else content
    return edges


def wrong_space(layer: Layer, shape: Shape, axes: int) -> Complaint:
    """The complaint of a layer that works along so many axes, channels aside, and what lays `shape` out for it."""
    return wrong_rank(layer, shape, spaces[axes], laid_out(shape, axes) if is_known(shape) else None)


def laid_out(shape: KnownShape, axes: int) -> Reshape | None:
    """A layer that makes a sequence, an image or a volume of `shape`; none where there is no plain way.

    A row of numbers becomes a square image; where only the channels are missing, there will be one.
    """
    if len(shape) == axes:
        return Reshape(name="reshape", target_shape=(*shape, 1))
    side = square_side(shape[0]) if (len(shape), axes) == (1, 2) else None
    return Reshape(name="reshape", target_shape=(side, side, 1)) if side else None


def square_side(size: int) -> int | None:
    """Side of a square of `size` pixels, if there is one of 2 pixels or more."""
    side = isqrt(size)
    return side if side * side == size and side > 1 else None
