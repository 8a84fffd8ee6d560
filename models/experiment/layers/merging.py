"""Layers that make one array of several: where branches of a network come together."""

from collections.abc import Sequence
from itertools import combinations
from typing import Annotated, ClassVar

from msgspec import Meta

from models.experiment.base import Axis, Shape
from models.experiment.layers.base import Complaint, Layer, all_of, normal_axis, shape_text, size_of
from models.experiment.layers.core import Dense


class Merge(Layer):
    """A layer with any number of inputs. With one alone it puts out what comes in."""

    family = "merging"
    way = "list"
    supports_masking = True
    most_inputs: ClassVar[int | None] = None

    def complaints_of(self, shapes: Sequence[Shape]) -> tuple[Complaint, ...]:
        if len(shapes) == 1 and self.least_inputs == 1:
            sentence = f"{self.kind()} reads one layer only and puts out the same: let it read another one, too."
            return (Complaint(sentence, "inputs", "warning", read_more=True),)
        return ()

    def kept_of(self, shapes: Sequence[Shape]) -> int:
        return size_of(self.output_of(shapes))


class Elementwise(Merge):
    """A merging layer that takes numbers at the same place together; an axis of size 1 serves for all places of that axis.

    Where an input has fewer axes it is the first ones that it lacks.
    Source: ``keras/src/layers/merging/base_merge.py``, ``_compute_elemwise_op_output_shape``.
    """

    def complaints_of(self, shapes: Sequence[Shape]) -> tuple[Complaint, ...]:
        # A size that is not known goes with every other one, but does not make two others go together.
        first, *others = (tuple(1 if size is None else size for size in shape) for shape in shapes)
        together: Shape = first
        for number, shape in enumerate(others, 1):
            merged = broadcast(together, shape)
            if merged is None:
                sentence = f"{self.kind()} needs inputs of the same shape; these are {_listed(shapes)}."
                projection = _projection(shapes[0], shapes[number]) if together == first else None
                label = f"Insert Dense({projection.units})" if projection else ""
                return (Complaint(sentence, "inputs", label=label, insert=projection, input=number),)
            together = merged
        return super().complaints_of(shapes)

    def output_of(self, shapes: Sequence[Shape]) -> Shape:
        together = shapes[0]
        for shape in shapes[1:]:
            together = broadcast(together, shape) or together
        return together

    def keeps_mask(self, masked: Sequence[bool]) -> bool:
        return all(masked)


class Add(Elementwise, tag="Add"):
    """The sum of its inputs, as at the end of a residual block (He et al., 2016)."""


class Subtract(Elementwise, tag="Subtract"):
    """The first input minus the second."""

    least_inputs = 2
    most_inputs = 2


class Multiply(Elementwise, tag="Multiply"):
    """The product of its inputs, number by number: one of them can be a gate for the other."""


class Average(Elementwise, tag="Average"):
    """The mean of its inputs, number by number."""


class Maximum(Elementwise, tag="Maximum"):
    """The greatest of its inputs, number by number."""


class Minimum(Elementwise, tag="Minimum"):
    """The least of its inputs, number by number."""


class Concatenate(Merge, tag="Concatenate"):
    """Its inputs side by side along one axis, as in inception and dense blocks; all their other axes must be alike."""

    axis: Annotated[Axis, Meta(description="Axis along which they are put side by side; −1 is the last, the batch is 0.")] = -1

    def complaints_of(self, shapes: Sequence[Shape]) -> tuple[Complaint, ...]:
        if len(shapes) == 1 and self.axis >= -len(shapes[0]) - 1:  # there is nothing to put side by side along it
            return super().complaints_of(shapes)
        if any(normal_axis(self.axis, shape) is None for shape in shapes):
            sentence = f"There is no axis {self.axis} beside the batch in inputs of {_listed(shapes)}."
            return (Complaint(sentence, "axis"),)
        if not all(agree(self._beside(one), self._beside(other)) for one, other in combinations(shapes, 2)):
            sentence = f"Concatenate needs inputs that differ in axis {self.axis} only; these are {_listed(shapes)}."
            return (Complaint(sentence, "inputs"),)
        return super().complaints_of(shapes)

    def output_of(self, shapes: Sequence[Shape]) -> Shape:
        if len(shapes) == 1:
            return shapes[0]
        index = normal_axis(self.axis, shapes[0])
        assert index is not None
        sizes = [shape[index] for shape in shapes]
        together = sum(size for size in sizes if size is not None) if None not in sizes else None
        return (*shapes[0][:index], together, *shapes[0][index + 1 :])

    def keeps_mask(self, masked: Sequence[bool]) -> bool:
        return any(masked)

    def _beside(self, shape: Shape) -> Shape:
        """Sizes of the axes that must be alike."""
        index = normal_axis(self.axis, shape)
        assert index is not None
        return (*shape[:index], *shape[index + 1 :])


class Dot(Merge, tag="Dot"):
    """Products of two inputs, summed over one axis of each: how alike they are."""

    least_inputs = 2
    most_inputs = 2

    axes: Annotated[
        tuple[Axis, Axis],
        Meta(
            description="Axis of the first and of the second input that is summed over; the batch is 0.",
            extra={"start": (-1, -1)},
        ),
    ]
    normalize: Annotated[
        bool, Meta(description="Bring both to length 1 along that axis first, so that the result is the cosine between them.")
    ] = False

    def complaints_of(self, shapes: Sequence[Shape]) -> tuple[Complaint, ...]:
        for axis, shape in zip(self.axes, shapes, strict=True):
            if normal_axis(axis, shape) is None:
                return (Complaint(f"There is no axis {axis} beside the batch in an input of {shape_text(shape)}.", "axes"),)
        sizes = [shape[axis] for shape, axis in zip(shapes, self._indices(shapes), strict=True)]
        if sizes[0] != sizes[1]:
            sentence = f"Dot sums over axes of the same size; these are {sizes[0]} and {sizes[1]}, of {_listed(shapes)}."
            return (Complaint(sentence, "axes"),)
        return ()

    def output_of(self, shapes: Sequence[Shape]) -> Shape:
        kept = [(*shape[:axis], *shape[axis + 1 :]) for shape, axis in zip(shapes, self._indices(shapes), strict=True)]
        return (*kept[0], *kept[1]) or (1,)

    def multiply_adds_of(self, shapes: Sequence[Shape]) -> int:
        return size_of(self.output_of(shapes)) * size_of((shapes[0][self._indices(shapes)[0]],))

    def keeps_mask(self, masked: Sequence[bool]) -> bool:
        return False

    def _indices(self, shapes: Sequence[Shape]) -> list[int]:
        """Both axes as indices into the shapes."""
        found = [normal_axis(axis, shape) for axis, shape in zip(self.axes, shapes, strict=True)]
        return [index for index in found if index is not None]


def agree(first: Shape, second: Shape) -> bool:
    """Whether two shapes are, or may turn out to be, the same."""
    return len(first) == len(second) and all(
        one == other or None in (one, other) for one, other in zip(first, second, strict=True)
    )  # fmt: skip


def broadcast(first: Shape | None, second: Shape) -> Shape | None:
    """Shape of two inputs taken together number by number; none where they do not go together."""
    if first is None:
        return None
    longer, shorter = (second, first) if len(first) < len(second) else (first, second)
    shared = longer[len(longer) - len(shorter) :]
    pairs = list(zip(shared, shorter, strict=True))
    if any(one != other and 1 not in (one, other) and None not in (one, other) for one, other in pairs):
        return None
    merged = tuple(None if None in (one, other) else other if one == 1 else one for one, other in pairs)
    return (*longer[: len(longer) - len(shorter)], *merged)


def _projection(wanted: Shape, shape: Shape) -> Dense | None:
    """The layer that makes `shape` the `wanted` one, where only the last axis differs."""
    features = wanted[-1]
    if features is None or shape[-1] is None or shape[:-1] != wanted[:-1]:
        return None
    return Dense(name="projection", units=features)


def _listed(shapes: Sequence[Shape]) -> str:
    return all_of([shape_text(shape) for shape in shapes])
