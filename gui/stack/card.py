"""What a card of the stack says about its layer: values and words, without Qt."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from html import escape
from pathlib import PurePath
from typing import Any, Literal

from gui.stack.costs import Cost, layer_costs
from gui.widgets.numbers import short_text
from models.experiment.base import Value, Variant
from models.experiment.collapsing import Run, runs
from models.experiment.counting import counted
from models.experiment.data import Facts, FileSource, Source, feature_titles
from models.experiment.edits import input_name
from models.experiment.estimate import bytes_per_number, size_text
from models.experiment.experiment import Experiment, Network
from models.experiment.fields import Choice, Field, Integer, OneOf, Real, Row, Switch, changed_fields, fields_of, same
from models.experiment.layers import AnyLayer
from models.experiment.layers.base import Family, Parameters, Severity, shape_text
from models.experiment.report import LayerReport, Problem, Report, worst_first
from models.telemetry.diagnosis import Finding, Health
from models.telemetry.events import LayerProbe

Place = Literal["input", "hidden", "output"]

most_told = 6
"""Layers of a card whose state its tooltip tells, the worst first."""

telling_fields = ("activation", "kernel_initializer", "pieces", "negative_slope", "alpha", "pool_size")
"""Fields that a card shows even at their default, unless that is 0, because the layer is little without them."""

_symbols = {"alpha": "α", "beta": "β", "gamma": "γ", "epsilon": "ε", "stddev": "σ", "negative_slope": "slope"}
_plain_names = ("units", "kernel", "activation", "kernel_size", "pool_size", "target_shape", "equation", "output_shape", "cells")
"""Names that go without saying beside their value."""


@dataclass(frozen=True)
class Card:
    """One place in the stack: the input, or a layer, or several that are shown as one, with what ``check`` says about them."""

    place: Place
    layers: tuple[AnyLayer, ...]
    """None for the input."""
    report: LayerReport
    """Of several layers what comes into the first, what the last puts out, and what all of them cost."""
    arguments: str
    """The arguments that matter, in a line."""
    costs: tuple[Cost, ...]
    """Parameters, multiply-adds and memory; none for the input and where the shape is not known."""
    sentences: tuple[tuple[Severity, str], ...]
    """The problems in words, the worst first."""
    # Two checks of the same value give equal problems, but not equal remedies, which are functions.
    problems: tuple[Problem, ...] = field(compare=False)

    @property
    def layer(self) -> AnyLayer | None:
        """The layer; none for the input, and for several."""
        return self.layers[0] if len(self.layers) == 1 else None

    @property
    def collapsed(self) -> bool:
        """Whether several layers are shown as one."""
        return len(self.layers) > 1

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the layers on the card, or the input's."""
        return tuple(layer.name for layer in self.layers) or (input_name,)

    @property
    def name(self) -> str:
        """The layer's name in Keras, or the title of several layers."""
        return self.report.name

    @property
    def kind(self) -> str:
        """The layer's kind in Keras."""
        return self.report.kind

    @property
    def family(self) -> Family | None:
        """The family of the layer; none for the input."""
        return self.layer.family if self.layer is not None else None

    @property
    def severity(self) -> Severity | None:
        """How bad the worst problem is."""
        return self.sentences[0][0] if self.sentences else None

    @property
    def shape(self) -> str:
        """What comes out, as people write it; a dash where it is not known."""
        shape = self.report.output_shape
        return "–" if shape is None else shape_text(shape)


def cards(experiment: Experiment, report: Report) -> tuple[Card, ...]:
    """The stack from input to output: a card for the data and one for each layer."""
    network, spans = experiment.network, _spans(experiment)
    flows = tuple(_joint(report.layers[span.first : span.last + 1]) for span in spans)
    costs = layer_costs(experiment, replace(report, layers=flows))
    found = [_input_card(experiment.data, report)]
    for span, flow in zip(spans, flows, strict=True):
        place: Place = "output" if span.last == len(network) - 1 else "hidden"
        if span.first == span.last:
            found.append(_layer_card(place, network[span.first], flow, costs.get(flow.name, ()), report))
        else:
            layers = network[span.first : span.last + 1]
            found.append(_collapsed_card(place, span.title, layers, flow, costs.get(flow.name, ()), report))
    return tuple(found)


@lru_cache(maxsize=2000)  # most layers of a tall network are those of the edit before
def arguments(layer: Value) -> str:
    """The arguments of `layer` that matter, in a line: ``32 filters · 3 × 3 · same · relu``."""
    telling = [each for each in fields_of(type(layer)) if each.name != "name" and not each.own_control and _matters(each, layer)]
    telling.sort(key=lambda each: (bool(each.group), each.name == "activation"))
    return " · ".join(_phrase(each, getattr(layer, each.name)) for each in telling)


def first_line(kind: type[Variant]) -> str:
    """What a kind is for, in a line."""
    return (kind.__doc__ or "").strip().partition("\n")[0]


def kinds_line(layers: Network) -> str:
    """Of which kinds `layers` are, in a line: ``2 × Dense · Dropout``."""
    kinds = Counter(layer.kind() for layer in layers)
    return " · ".join(f"{count} × {kind}" if count > 1 else kind for kind, count in kinds.items())


def badge(card: Card, healths: Sequence[Health]) -> Finding | None:
    """How the layer is; of several layers the worst, and which one that is. None where nothing can be said."""
    states = _states(healths)
    if not states:
        return None
    name, worst = states[0]
    return worst if not card.collapsed or worst.tone == "good" else replace(worst, title=f"{worst.title} · {name}")


def bars(probe: LayerProbe, most: int = 16) -> tuple[float, ...]:
    """The histogram of the layer's outputs in at most `most` bars, the highest being 1; empty where nothing was counted."""
    counts = [int(number) for number in probe.activations.counts]
    width = max(1, math.ceil(len(counts) / most))
    sums = [sum(counts[start : start + width]) for start in range(0, len(counts), width)]
    highest = max(sums, default=0)
    return tuple(number / highest for number in sums) if highest else ()


def gradient_words(health: Health) -> str:
    """What the bar of a layer's gradient says."""
    std = health.probe.gradient_std
    if std is None:
        return "Here stands a bar for the layer's gradient, once a step was looked into."
    return (
        f"The gradient of the last step that was looked into has a standard deviation of {short_text(std)}. A full bar is the "
        f"largest of all layers, an empty one a ten-thousandth of it or less: on its way back it should not fade."
    )


def tooltip(card: Card, healths: Sequence[Health]) -> str:
    """Everything a card has to say, as rich text so that long sentences are wrapped."""
    paragraphs = [f"<b>{escape(card.name)}</b> {escape(card.kind)}"]
    paragraphs += [f"<b>{severity.capitalize()}:</b> {escape(sentence)}" for severity, sentence in card.sentences]
    if card.layer is not None:
        paragraphs += [escape(card.arguments), escape(first_line(type(card.layer)))]
    elif card.collapsed:
        paragraphs.append(escape(", ".join(card.names)))
    paragraphs.append(escape(_flow(card)))
    if card.collapsed:
        paragraphs.append(escape(_told(_states(healths))))
    else:
        paragraphs += (escape(sentence) for health in healths for sentence in _state(health))
    return "".join(f"<p>{paragraph}</p>" for paragraph in dict.fromkeys(paragraphs) if paragraph)


def spoken(card: Card, healths: Sequence[Health]) -> str:
    """The card for a screen reader."""
    state = badge(card, healths)
    costs = (cost.spoken for cost in card.costs)
    words = (card.name, card.kind, card.arguments, f"output {card.shape}", *costs, state.title if state else "")
    return ", ".join((*filter(None, words), *(f"{severity}: {sentence}" for severity, sentence in card.sentences)))


def summaries(experiment: Experiment, report: Report) -> tuple[str, ...]:
    """Size of the network in a line, from the longest wording to the shortest."""
    layers = counted(len(experiment.network), "layer")
    held = report.parameters
    if held is None:
        return (f"{layers} · parameters unknown", layers)
    parameters = counted(held.total, "parameter")
    return (f"{layers} · {parameters} · {size_text(held.total * bytes_per_number)}", f"{layers} · {parameters}", parameters)


def _states(healths: Sequence[Health]) -> list[tuple[str, Finding]]:
    """The layers that anything can be said about, by name, with how they are; the worst first."""
    found = [(health.probe.name, health.mark) for health in healths if health.mark is not None]
    return sorted(found, key=lambda each: each[1].rank)


def _told(states: Sequence[tuple[str, Finding]]) -> str:
    """How several layers are, in a line: those that are not healthy, or that all are."""
    ill = [f"{name} {state.title}" for name, state in states if state.tone != "good"]
    rest = f" and {counted(len(ill) - most_told, 'layer')} more" if len(ill) > most_told else ""
    if ill:
        return f"Seen in training: {', '.join(ill[:most_told])}{rest}."
    return f"Seen in training: {counted(len(states), 'layer')} looked into, all healthy." if states else ""


def _input_card(source: Source, report: Report) -> Card:
    facts = report.facts
    flow = LayerReport(input_name, "Input", (), facts.input_shape if facts else None, None)
    problems = worst_first(problem for problem in report.problems if problem.place == "data")
    return Card("input", (), flow, _source_line(source, facts), (), _sentences(problems), problems)


def _layer_card(place: Place, layer: AnyLayer, flow: LayerReport, costs: tuple[Cost, ...], report: Report) -> Card:
    problems = worst_first(report.problems_of(layer.name))
    words = arguments(layer) or first_line(type(layer))
    line = f"reads {', '.join(layer.inputs)} · {words}" if layer.inputs else words
    return Card(place, (layer,), flow, line, costs, _sentences(problems), problems)


def _collapsed_card(
    place: Place, title: str, layers: Network, flow: LayerReport, costs: tuple[Cost, ...], report: Report
) -> Card:
    names = {layer.name for layer in layers}
    problems = worst_first(problem for problem in report.problems if problem.layer in names)
    sentences = tuple((problem.severity, f"{problem.layer}: {problem.sentence}") for problem in problems)
    return Card(place, layers, replace(flow, name=title), kinds_line(layers), costs, sentences, problems)


def _spans(experiment: Experiment) -> tuple[Run, ...]:
    """The layers of each card: a run that is collapsed, or a single one."""
    spans: list[Run] = []
    collapsed = {run.first: run for run in runs(experiment.collapsed, experiment.network)}
    index = 0
    while index < len(experiment.network):
        spans.append(collapsed.get(index) or Run("", index, index))
        index = spans[-1].last + 1
    return tuple(spans)


def _joint(layers: Sequence[LayerReport]) -> LayerReport:
    """One report of layers that follow one another, under the name of the first."""
    first, last = layers[0], layers[-1]
    if len(layers) == 1:
        return first
    held = [layer.parameters for layer in layers if layer.parameters is not None]
    known = len(held) == len(layers)
    return LayerReport(
        first.name,
        f"{len(layers)} layers",
        first.input_shapes,
        last.output_shape,
        Parameters(sum(each.trainable for each in held), sum(each.non_trainable for each in held)) if known else None,
        sum(layer.multiply_adds or 0 for layer in layers) if known else None,
        sum(layer.activation_numbers or 0 for layer in layers) if known else None,
    )


def _sentences(problems: tuple[Problem, ...]) -> tuple[tuple[Severity, str], ...]:
    return tuple((problem.severity, problem.sentence) for problem in problems)


def _source_line(source: Source, facts: Facts | None) -> str:
    what = PurePath(source.path).name if isinstance(source, FileSource) else source.kind()
    if facts is None:
        return what
    titles = {str(feature): title for feature, title in feature_titles.items()}
    names = ", ".join(titles.get(name, name) for name in facts.feature_names)
    if len(facts.input_shape) == 3:
        height, width, channels = facts.input_shape
        return f"{what} · images of {height} × {width} pixels, {counted(channels, 'channel')}"
    return f"{what} · {names or counted(facts.input_size, 'number')}"


def _matters(each: Field, layer: Value) -> bool:
    content = getattr(layer, each.name)
    return each.required or (each.name in telling_fields and content != 0) or not same(content, each.default)


def _phrase(each: Field, content: Any) -> str:  # noqa: ANN401
    """A field with its value, as short as it can be understood."""
    name = _name_of(each)
    if content is None:
        return f"{name} none"
    match each.type:
        case Switch():
            return name if content else f"no {name.removeprefix('use ')}"
        case Choice():
            return str(content)
        case OneOf():
            return f"{name} {_variant(content)}".strip()
        case Integer() if each.name in ("filters", "pieces", "groups"):
            return counted(content, each.name.removesuffix("s"))
        case Integer() if each.name != "units":
            return f"{each.name.replace('_', ' ')} {_number(content)}"
        case Row(item=OneOf()):
            return f"{name} {', '.join(map(_variant, content))}".strip()
        case Row(item=Integer()):
            joint = ", " if each.name.endswith("axes") else " × "
            return f"{name} {joint.join(map(_number, content))}".strip()
        case Row():
            return f"{name} {counted(len(content), 'number')}"
        case Integer() | Real():
            return f"{name} {_number(content)}".strip()
    return f"{name} {content}".strip()


def _name_of(each: Field) -> str:
    """What stands before the value; empty where the value speaks for itself."""
    name = each.name
    if isinstance(each.type, OneOf):
        for suffix in ("_initializer", "_regularizer", "_constraint"):
            name = name.removesuffix(suffix)
    return "" if name in _plain_names else _symbols.get(name, name.replace("_", " "))


def _variant(content: Variant) -> str:
    """A value with fields of its own: its Keras name, and what was changed in it."""
    identifier = content.identifier()
    own = [_number(getattr(content, each.name)) for each in fields_of(type(content)) if each.name == identifier]
    changed = [_phrase(each, value) for each, value in changed_fields(content) if each.name not in (identifier, "name")]
    return " ".join((identifier, *own, *changed))


def _number(number: float | None) -> str:
    """A number as people write it; none is a size that is not known."""
    if number is None:
        return "?"
    return (str(number) if isinstance(number, int) else f"{number:.4g}").replace("-", "−")


def _flow(card: Card) -> str:
    flow, held = card.report, card.report.parameters
    shapes = [shape_text(shape) for shape in (flow.input_shape, flow.output_shape) if shape is not None]
    words = [" → ".join(shapes)] if shapes else []
    words += (cost.spoken for cost in card.costs)
    if held is not None and held.non_trainable:
        words.append(f"{counted(held.non_trainable, 'parameter')} not learned")
    return " · ".join(words)


def _state(health: Health) -> Iterator[str]:
    probe = health.probe
    yield f"Outputs: mean {short_text(probe.mean)}, standard deviation {short_text(probe.std)}."
    yield from (finding.sentence for finding in health.findings)
