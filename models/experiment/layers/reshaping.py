"""Layers that lay numbers out anew or rescale them, without weights."""

from math import isqrt
from typing import Annotated

from msgspec import Meta

from models.experiment.base import Shape
from models.experiment.layers.base import Complaint, Layer, shape_text, size_of


class Flatten(Layer, tag="Flatten"):
    """All numbers of an example in one row."""

    family = "reshaping"

    def output_shape(self, shape: Shape) -> Shape:
        return (size_of(shape),)


class Reshape(Layer, tag="Reshape"):
    """The same numbers with other axes."""

    family = "reshaping"

    target_shape: Annotated[
        tuple[Annotated[int, Meta(ge=-1, le=1_000_000)], ...],
        Meta(
            min_length=1,
            max_length=4,
            description="Sizes of the new axes; one may be −1: what is left.",
            extra={"start": (-1, 1)},
        ),
    ]

    def complaints(self, shape: Shape) -> tuple[Complaint, ...]:
        if 0 in self.target_shape or self.target_shape.count(-1) > 1:
            return (Complaint("Sizes are 1 or more, and at most one of them −1.", "target_shape"),)
        known = size_of(tuple(size for size in self.target_shape if size != -1))
        fits = size_of(shape) % known == 0 if -1 in self.target_shape else size_of(shape) == known
        if fits:
            return ()
        sentence = f"{size_of(shape)} numbers ({shape_text(shape)}) cannot be laid out as {shape_text(self.target_shape)}."
        instead = Reshape(name=self.name, target_shape=(-1,))
        return (Complaint(sentence, "target_shape", label="Use one row", replace=instead),)

    def output_shape(self, shape: Shape) -> Shape:
        known = size_of(tuple(size for size in self.target_shape if size != -1))
        return tuple(size_of(shape) // known if size == -1 else size for size in self.target_shape)


class Rescaling(Layer, tag="Rescaling"):
    """Multiplies by a factor and adds an offset: x · scale + offset."""

    family = "reshaping"
    supports_masking = True

    scale: Annotated[float, Meta(description="Factor; 1/255 brings bytes to 0…1.", extra={"start": 1 / 255})]
    offset: Annotated[float, Meta(description="What is added after scaling.")] = 0.0


def square_side(size: int) -> int | None:
    """Side of a square of `size` pixels, if there is one of 2 pixels or more."""
    side = isqrt(size)
    return side if side * side == size and side > 1 else None
