"""What is wrong inside the network: names, shapes from layer to layer, values that do not go together."""

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import cast

from models.experiment import edits
from models.experiment.base import Shape, Value
from models.experiment.data import Facts
from models.experiment.experiment import Experiment, Network
from models.experiment.graph import at_input, leading_to, links, sources, takes
from models.experiment.initializers import Constant, HeNormal, Identity, InitializerKind, Ones, Zeros
from models.experiment.layers import AnyLayer
from models.experiment.layers.around import Around
from models.experiment.layers.base import Complaint, Layer, refused
from models.experiment.regularizers import MinMaxNorm
from models.experiment.report import LayerReport, Problem, Remedy
from models.experiment.sequence_checks import with_sequence

least_number, greatest_number = 1.18e-38, 3.40e38
"""Of 32 bits; TensorFlow takes what is nearer to 0 for 0."""


def name_problems(network: Network) -> Iterator[Problem]:
    """Names that are taken."""
    seen = {edits.input_name}
    for index, layer in enumerate(network):
        if layer.name in seen:
            why = "is the input layer's own" if layer.name == edits.input_name else "is taken by an earlier layer"
            yield Problem(
                "error", "network", f"The name “{layer.name}” {why}.", layer.name, "name", _rename_at(index, layer.name)
            )
        seen.add(layer.name)


def gradient_problems(network: Network, reports: Sequence[LayerReport]) -> Iterator[Problem]:
    """Layers that would have to learn in front of one that lets no gradient through."""
    for index, layer in enumerate(network):
        if layer.passes_gradient:
            continue
        before = [reports[place] for place in leading_to(network, index)]
        learning = next((report.name for report in before if report.parameters and report.parameters.trainable), None)
        if learning is not None:
            sentence = f"{layer.kind()} lets no gradient through, so that {learning} in front of it could not learn."
            remedy = Remedy("Move it to the front", _moving_to_front(layer.name))
            yield Problem("error", "network", sentence, layer.name, remedy=remedy)


def _moving_to_front(name: str) -> Callable[[Experiment], Experiment]:
    return lambda value: edits.with_network(value, edits.move(value.network, (name,), 0))


def _rename_at(index: int, name: str) -> Remedy:
    def edit(value: Experiment) -> Experiment:
        if index >= len(value.network):
            return value
        return edits.with_network(value, edits.rename_at(value.network, index, name))

    return Remedy("Rename", edit)


def walk(network: Network, facts: Facts | None, tokens: int | None = None) -> tuple[tuple[LayerReport, ...], list[Problem]]:
    """Follow the shapes from layer to layer as each says what it reads; behind an error nothing is known any more.

    `tokens` is how many symbols the inputs number, where they are numbers of symbols.
    """
    reports: list[LayerReport] = []
    problems: list[Problem] = []
    for index, (layer, linked) in enumerate(zip(network, links(network), strict=True)):
        problems += _lasting_problems(layer, index == len(network) - 1)
        shapes = _arriving(reports, linked, facts)
        complaints, flow = _alone(layer, shapes)
        for complaint in complaints:
            better = with_sequence(network, index, shapes, complaint, tokens)
            more = _reading_more(network, index, shapes, reports, facts) if complaint.read_more else None
            problems.append(better or _from_complaint(layer, complaint, more))
        reports.append(flow)
    return tuple(reports), problems


@lru_cache(maxsize=4000)
def _alone(layer: AnyLayer, shapes: tuple[Shape, ...]) -> tuple[tuple[Complaint, ...], LayerReport]:
    """What `layer` has against inputs of these `shapes`, and its report; found once, as an edit leaves most layers alone."""
    complaints = _complaints(layer, shapes)
    flow = LayerReport(layer.name, layer.kind(), shapes, None, None)
    if shapes and takes(layer, len(shapes)) and not refused(complaints):
        flow = _with_costs(flow, layer, shapes)
    return complaints, flow


def _with_costs(flow: LayerReport, layer: AnyLayer, shapes: tuple[Shape, ...]) -> LayerReport:
    """`flow` with what `layer` puts out for inputs of these `shapes`, and what it costs."""
    return dataclasses.replace(
        flow,
        output_shape=layer.output_of(shapes),
        parameters=layer.held_of(shapes),
        multiply_adds=layer.multiply_adds_of(shapes),
        activation_numbers=layer.kept_of(shapes),
    )


def _arriving(reports: Sequence[LayerReport], linked: Sequence[int | None], facts: Facts | None) -> tuple[Shape, ...]:
    """Shapes of what a layer reads from the positions `linked`; empty where one of them is not known."""
    first = facts.input_shape if facts else None
    shapes = [first if place == at_input else None if place is None else reports[place].output_shape for place in linked]
    known = tuple(shape for shape in shapes if shape is not None)
    return known if len(known) == len(shapes) else ()


def _complaints(layer: AnyLayer, shapes: tuple[Shape, ...]) -> tuple[Complaint, ...]:
    """What `layer` has against inputs of these `shapes`; nothing where they are not known, or not as many as it can take."""
    if not shapes or not takes(layer, len(shapes)):
        return ()
    return (*layer.complaints_of(shapes), *_constraint_complaints(layer, shapes[0]))


def _reading_more(
    network: Network, index: int, shapes: tuple[Shape, ...], reports: Sequence[LayerReport], facts: Facts | None
) -> Remedy | None:
    """Give a layer the nearest earlier one that goes with the `shapes` it reads as another input."""
    layer, read = network[index], sources(network)[index]
    first = {} if facts is None else {edits.input_name: facts.input_shape}
    known = first | {report.name: report.output_shape for report in reports if report.output_shape is not None}
    fitting = (
        name for name, shape in reversed(known.items()) if name not in read and not refused(layer.complaints_of((*shapes, shape)))
    )
    name = next(fitting, None)
    if name is None:
        return None

    def edit(value: Experiment) -> Experiment:
        return edits.with_network(value, edits.set_inputs(value.network, layer.name, (*read, name)))

    return Remedy(f"Also read {name}", edit)


def _from_complaint(layer: AnyLayer, complaint: Complaint, more: Remedy | None = None) -> Problem:
    def edit(value: Experiment) -> Experiment:
        index = edits.position(value.network, layer.name)
        if index is None:
            return value
        network = value.network
        if complaint.insert is not None:
            read = sources(network)[index]
            source = read[min(complaint.input, len(read) - 1)]
            network = edits.insert_between(network, source, layer.name, [cast(AnyLayer, complaint.insert)])
        if complaint.replace is not None:
            network = edits.put(network, layer.name, cast(AnyLayer, complaint.replace))
        return edits.with_network(value, network)

    remedy = Remedy(complaint.label, edit) if complaint.label else more
    return Problem(complaint.severity, "network", complaint.sentence, layer.name, complaint.field, remedy)


@lru_cache(maxsize=2000)
def _lasting_problems(layer: AnyLayer, last: bool) -> tuple[Problem, ...]:
    """The problems of a layer's values, found once: most layers of a tall network are those of the edit before."""
    return tuple(_value_problems(layer, last))


def _value_problems(layer: AnyLayer, last: bool) -> Iterator[Problem]:
    """Values that are legal one by one, but not together, or not wise."""
    for field in layer.__struct_fields__:
        content = getattr(layer, field)
        if isinstance(content, MinMaxNorm) and content.min_value > content.max_value:
            sentence = f"The least length ({content.min_value:g}) is above the greatest ({content.max_value:g})."
            yield Problem("error", "network", sentence, layer.name, field)
        minval, maxval = getattr(content, "minval", 0.0), getattr(content, "maxval", 0.0)
        if isinstance(content, InitializerKind) and minval > maxval:
            sentence = f"The lower bound ({minval:g}) is above the upper one ({maxval:g})."
            yield Problem("error", "network", sentence, layer.name, field)
    variance = getattr(layer, "moving_variance_initializer", None)
    if variance is not None and not _never_negative(variance):
        sentence = f"{variance.kind()} makes negative numbers too; a variance has none: outside training the output would be NaN."
        remedy = Remedy("Use ones", edits.changing(layer.name, moving_variance_initializer=Ones()))
        yield Problem("error", "network", sentence, layer.name, "moving_variance_initializer", remedy)
    for field, number in unusable_numbers(layer):
        yield Problem("error", "network", unusable_sentence(number), layer.name, field.partition(".")[0])
    kernel = getattr(layer, "kernel_initializer", None)
    if isinstance(kernel, Zeros | Ones | Constant) and not last:
        sentence = "All units start alike and stay alike: they get the same gradient at every step."
        remedy = Remedy("Use he_normal", edits.changing(layer.name, kernel_initializer=HeNormal()))
        yield Problem("warning", "network", sentence, layer.name, "kernel_initializer", remedy)


def _never_negative(initializer: InitializerKind) -> bool:
    least = getattr(initializer, "value", None) if isinstance(initializer, Constant) else getattr(initializer, "minval", None)
    return isinstance(initializer, Zeros | Ones | Identity) or (least is not None and least >= 0)


def unusable_numbers(value: Value) -> Iterator[tuple[str, float]]:
    """Fields, dots between their names, with numbers that 32 bits hold as 0 or infinity only."""
    for field in value.__struct_fields__:
        content = getattr(value, field)
        for number in content if isinstance(content, tuple) else (content,):
            if isinstance(number, Value):
                yield from ((f"{field}.{inner}", small) for inner, small in unusable_numbers(number))
            if isinstance(number, float) and number and not least_number <= abs(number) <= greatest_number:
                yield field, number


def unusable_sentence(number: float) -> str:
    """What becomes of such a number."""
    if abs(number) < least_number:
        return f"{number:g} is taken for 0: networks compute with 32 bits, and their least number is {least_number:.1e}."
    return f"{number:g} is taken for infinity: networks compute with 32 bits, and their greatest is {greatest_number:.1e}."


def _constraint_complaints(layer: Layer, shape: Shape) -> Iterator[Complaint]:
    """Constraints that name an axis which the weights do not have."""
    if isinstance(layer, Around):
        fields = [field for field in layer.__struct_fields__ if isinstance(getattr(layer, field), Layer)]
        inside = ((field, _constraint_complaints(getattr(layer, field), layer.inside(shape))) for field in fields)
        yield from (layer.wrapped(field, complaint) for field, found in inside for complaint in found)
    for field in layer.__struct_fields__:
        axis = getattr(getattr(layer, field), "axis", None)
        if not field.endswith("_constraint") or axis is None:
            continue
        rank = layer.weight_axes(field.removesuffix("_constraint"), shape)
        if not -rank <= axis < rank:
            yield Complaint(f"These weights have axes 0 to {rank - 1}; there is no axis {axis}.", field)
