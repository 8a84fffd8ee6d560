"""Weighted sums over any axes, which an equation in letters describes: EinsumDense."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from math import prod
from string import ascii_letters
from typing import Annotated, NamedTuple

from msgspec import Meta
from msgspec.structs import replace

from models.experiment.activations import Activation, Linear
from models.experiment.base import Count, KnownShape, Shape, most_axes
from models.experiment.counting import counted
from models.experiment.initializers import GlorotUniform, Zeros
from models.experiment.layers.base import Complaint, Layer, Weight, all_of, is_known, numbered, shape_text, size_of
from models.experiment.layers.core import (
    ActivationField,
    ActivityRegularizer,
    BiasConstraint,
    BiasInitializer,
    BiasRegularizer,
    KernelConstraint,
    KernelInitializer,
    KernelRegularizer,
    matrix_only,
)

_form = re.compile(r"(\.\.\.)?([a-zA-Z]+)(\.\.\.)?,([a-zA-Z]+)->(\.\.\.)?([a-zA-Z]+)(\.\.\.)? *")


class Equation(NamedTuple):
    """An equation such as ``...x,xy->...y``, taken apart: a letter for each axis, the batch being the first."""

    inputs: str
    kernel: str
    outputs: str
    elided_before: bool
    """Whether ``...`` stands for axes before those of the letters."""
    elided_behind: bool


def parsed(text: str) -> Equation | None:
    """The equation that `text` is; none where Keras takes it for none.

    Source: ``keras/src/layers/core/einsum_dense.py``, ``_analyze_einsum_string``.
    """
    found = _form.fullmatch(text)
    if found is None:
        return None
    before, inputs, behind, kernel, before_output, outputs, behind_output = found.groups()
    if before != before_output or (behind and not behind_output) or (before and behind_output) or (behind and len(inputs) < 2):
        return None
    return Equation(inputs, kernel, outputs, bool(before), bool(behind))


@dataclass(frozen=True)
class Sums:
    """What an equation makes of an input."""

    kernel: KnownShape
    bias: KnownShape | None
    output: Shape
    products: int
    """For each example."""


@dataclass(frozen=True)
class Axes:
    """The sizes that the letters of an equation stand for, and those of the axes that its dots do."""

    equation: Equation
    dots: Shape
    """Axes before those of the letters, the batch aside."""
    behind: Shape
    """Axes behind those of the letters."""
    leaving: Shape
    """What goes out, the batch first."""
    incoming: dict[str, int | None]
    outgoing: dict[str, int | None]


class EinsumDense(Layer, tag="EinsumDense"):
    """Sums over the axes that an equation names, each number times a weight: ab,bc->ac is what Dense does.

    Letters before the comma are the axes of what comes in, those behind it the kernel's, those behind the arrow the output's.
    """

    equation: Annotated[
        str,
        Meta(
            max_length=100,
            description="A letter for each axis, the batch too: input, kernel -> output, as in abc,cd->abd. "
            "In ...c,cd->...d the dots are all axes before.",
            extra={"start": "...x,xy->...y"},
        ),
    ]
    output_shape: Annotated[
        tuple[Count | None, ...],
        Meta(
            max_length=most_axes,
            description="Sizes of the output's axes but the batch and those that dots stand for; ? for one that follows.",
            extra={"start": (16,)},
        ),
    ]
    activation: ActivationField = Linear()
    bias_axes: Annotated[
        Annotated[str, Meta(max_length=20)] | None,
        Meta(
            description="Letters of the output along which there is a bias for each place; none: no bias.", extra={"start": "y"}
        ),
    ] = None
    kernel_initializer: KernelInitializer = GlorotUniform()
    bias_initializer: BiasInitializer = Zeros()
    kernel_regularizer: KernelRegularizer = None
    bias_regularizer: BiasRegularizer = None
    activity_regularizer: ActivityRegularizer = None
    kernel_constraint: KernelConstraint = None
    bias_constraint: BiasConstraint = None

    def complaints(self, shape: Shape) -> tuple[Complaint, ...]:
        found = _sums(self, shape)
        if isinstance(found, Complaint):
            return (found,)
        kernel = matrix_only(self, self.kernel_initializer, "kernel_initializer", len(found.kernel))
        bias = () if found.bias is None else matrix_only(self, self.bias_initializer, "bias_initializer", len(found.bias))
        return (*kernel, *bias)

    def output(self, shape: Shape) -> Shape:
        return self._sums(shape).output

    def weights(self, shape: Shape) -> tuple[Weight, ...]:
        sums = self._sums(shape)
        return numbered(sums.kernel, sums.bias)

    def multiply_adds(self, shape: Shape) -> int:
        """A product for each combination of places on the axes of output and kernel; what else comes in is summed up before."""
        return self._sums(shape).products

    def kernel_shape(self, shape: Shape) -> KnownShape:
        return self._sums(shape).kernel

    def fans(self, shape: Shape) -> tuple[int, int]:
        """How many places there are on the kernel's axes that are summed over, and on those that go out.

        Source: ``keras/src/layers/core/einsum_dense.py``, ``_update_kernel_initializer``.
        """
        equation = parsed(self.equation)
        assert equation is not None
        sizes = list(zip(equation.kernel, self._sums(shape).kernel, strict=True))
        summed, kept = ([size for letter, size in sizes if (letter in equation.outputs) == out] for out in (False, True))
        return prod(summed), prod(kept)

    def weight_axes(self, weight: str, shape: Shape) -> int:
        found = _sums(self, shape)
        if isinstance(found, Complaint):
            return most_axes  # as many as there may be, until it fits
        return len(found.kernel) if weight == "kernel" else len(found.bias or ())

    @property
    def non_linearity(self) -> Activation:
        return self.activation

    def _sums(self, shape: Shape) -> Sums:
        found = _sums(self, shape)
        assert isinstance(found, Sums)
        return found


def _sums(layer: EinsumDense, shape: Shape) -> Sums | Complaint:
    """What `layer` makes of an input of `shape`, or why it makes nothing of it."""
    axes = _axes(layer, shape)
    if isinstance(axes, Complaint):
        return axes
    equation, incoming, outgoing = axes.equation, axes.incoming, axes.outgoing
    kernel = tuple(outgoing.get(letter, incoming.get(letter)) for letter in equation.kernel)
    if not is_known(kernel):
        letter = next(letter for letter, size in zip(equation.kernel, kernel, strict=True) if size is None)
        return Complaint(f"The kernel's axis {letter} has no size that is known: give it in output_shape.", "output_shape")
    bias = None if layer.bias_axes is None else _bias(layer.bias_axes, equation.outputs, outgoing, len(axes.behind))
    if isinstance(bias, Complaint):
        return bias
    named = {**incoming, **{letter: size for letter, size in outgoing.items() if size is not None}}
    summed = {**named, **dict(zip(equation.kernel, kernel, strict=True))}
    alone = set(equation.inputs) - set(equation.outputs) - set(equation.kernel)
    products = size_of((*axes.dots, *axes.behind, *(size for letter, size in summed.items() if letter not in alone)))
    return Sums(kernel, bias, axes.leaving[1:], products)


def _axes(layer: EinsumDense, shape: Shape) -> Axes | Complaint:
    """The sizes that the letters of the equation stand for when `shape` comes in, or why they do not go together.

    Source: ``keras/src/layers/core/einsum_dense.py``, ``_analyze_split_string``.
    """
    equation = parsed(layer.equation)
    if equation is None:
        sentence = (
            f"“{layer.equation}” is no such equation: it takes letters for the input, a comma, letters for the kernel, "
            "-> and letters for the output, as in ab,bc->ac; ... may stand first, or last, in both input and output."
        )
        return Complaint(sentence, "equation")
    arriving = (None, *shape)
    elided = len(arriving) - len(equation.inputs)
    if elided < 0 or (elided and not (equation.elided_before or equation.elided_behind)):
        sentence = (
            f"The input's letters “{equation.inputs}” are {len(equation.inputs)} axes, the batch among them; "
            f"what comes in has {len(arriving)}: the batch and {shape_text(shape)}."
        )
        return Complaint(sentence, "equation")
    first = elided if equation.elided_before else 0
    wanted = len(equation.outputs) - (0 if first else 1)
    if len(layer.output_shape) != wanted:
        sizes = counted(wanted, "size")
        sentence = f"output_shape needs {sizes}, for “{equation.outputs[-wanted:] if wanted else ''}”."
        return Complaint(sentence, "output_shape")
    dots, behind = arriving[1:first], arriving[first + len(equation.inputs) :]
    if any(said not in (None, size) for said, size in zip(dots[::-1], dots, strict=True)):
        sentence = f"Keras says that axes which dots stand for go out in reverse order; these, {shape_text(dots)}, do not."
        return Complaint(sentence, "equation", label="Name the axes", replace=_with_letters(layer, equation, dots))
    sizes_in = list(zip(equation.inputs, arriving[first:], strict=False))
    leaving = (None, *dots[::-1], *layer.output_shape, *behind)
    axes = Axes(equation, dots, behind, leaving, dict(sizes_in), dict(zip(equation.outputs, leaving[first:], strict=False)))
    return _uneven(sizes_in, first) or _letters_complaint(equation, first, axes.incoming, axes.outgoing) or axes


def _uneven(sizes: Sequence[tuple[str, int | None]], first: int) -> Complaint | None:
    """Where a letter stands for axes of the input that differ; `first` is how many axes dots stand for before them."""
    last = dict(sizes)
    for place, (letter, size) in enumerate(sizes):
        is_batch = not first and place and letter == sizes[0][0]
        if is_batch or (size != last[letter] and None not in (size, last[letter])):
            return Complaint(f"The axes of the input called {letter} are not equally long.", "equation")
    return None


def _with_letters(layer: EinsumDense, equation: Equation, dots: Shape) -> EinsumDense:
    """`layer` with letters for the batch and the axes that dots stood for."""
    free = (letter for letter in ascii_letters if letter not in layer.equation)
    named = "".join(islice(free, len(dots) + 1))
    text = f"{named}{equation.inputs},{equation.kernel}->{named}{equation.outputs}"
    return replace(layer, equation=text, output_shape=(*dots, *layer.output_shape))


def _letters_complaint(
    equation: Equation, first: int, incoming: dict[str, int | None], outgoing: dict[str, int | None]
) -> Complaint | None:
    """Why the letters do not go together; `first` is how many axes dots stand for before them."""
    if len(set(equation.outputs)) < len(equation.outputs):
        return Complaint(f"Each axis of the output needs a letter of its own; it is “{equation.outputs}”.", "equation")
    if complaint := (
        _stray(equation.outputs, "output", equation.inputs + equation.kernel, "kernel")
        or _stray(equation.kernel, "kernel", equation.inputs + equation.outputs, "output")
    ):
        return complaint
    if not first and equation.outputs[0] != equation.inputs[0]:
        return Complaint("The first letter of the input is the batch: the output must begin with it, too.", "equation")
    for letter, given in outgoing.items():
        size = incoming.get(letter, given)
        if given is not None and given != size:
            came = "an unknown size" if size is None else str(size)
            return Complaint(f"Axis {letter} comes in with {came} and is to go out with {given}: it is one size.", "output_shape")
    return None


def _stray(letters: str, part: str, known: str, other: str) -> Complaint | None:
    """Which `letters` of a `part` of the equation are not among those `known` from the input and the `other` part."""
    if not (stray := _once(letter for letter in letters if letter not in known)):
        return None
    stand = "stands" if len(stray) == 1 else "stand"
    return Complaint(f"{all_of(stray)} of the {part} {stand} neither for an axis of the input nor of the {other}.", "equation")


def _once(letters: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(letters))


def _bias(axes: str, letters: str, sizes: dict[str, int | None], behind: int) -> KnownShape | Complaint:
    """Shape of the bias along `axes`, for an output of these `letters` with so many more axes `behind`."""
    other = _once(letter for letter in axes if letter not in letters)
    if other or not axes:
        named = all_of(other) if other else "nothing"
        return Complaint(f"bias_axes names letters of the output, “{letters}”; it names {named}.", "bias_axes")
    start = min(map(letters.index, axes))
    shape = tuple(sizes[letter] if letter in axes else 1 for letter in letters[start:])
    if not is_known(shape):
        letter = next(letter for letter in axes if sizes[letter] is None)
        return Complaint(f"There is no bias along {letter}, whose size is not known.", "bias_axes")
    return (*shape, *(1,) * behind)
