"""Whether the weights that an experiment starts from fit its network, layer by layer."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath

from msgspec.structs import replace

from models.experiment.base import KnownShape
from models.experiment.errors import BadInput
from models.experiment.experiment import Experiment
from models.experiment.layers.base import Layer, shape_text
from models.experiment.report import LayerReport, Problem, Remedy

Held = Mapping[str, KnownShape]
"""Shapes of the arrays that a file holds for a layer, by their places within it: ``vars/0``."""
Stored = tuple[Held, ...]
"""What a file holds for each layer of a network."""

forget = Remedy("Forget initial weights", lambda experiment: replace(experiment, initial_weights=None))


def weight_problems(
    experiment: Experiment, layers: Sequence[LayerReport], weights: Stored | BadInput | None
) -> Iterator[Problem]:
    """The file that cannot be used, or the first layer whose arrays in it have other shapes; `weights` none: not to be known."""
    if isinstance(weights, BadInput):
        yield Problem("error", "network", str(weights), remedy=forget)
    if weights is None or isinstance(weights, BadInput):
        return
    found = [
        (layer, sentence)
        for layer, seen, held in zip(experiment.network, layers, weights, strict=True)
        if seen.parameters is not None and (sentence := misfit(layer, seen, held))
    ]
    if found:
        layer, sentence = found[0]
        others = len(found) - 1
        more = f", and {others} more {'layers do' if others > 1 else 'layer does'} not fit" if others else ""
        name = PurePath(experiment.initial_weights or "").name
        remedy = "Undo what changed the network, import it once more, or forget the weights."
        yield Problem("error", "network", f"{name} does not fit: {sentence}{more}. {remedy}", layer.name, remedy=forget)


def misfit(layer: Layer, seen: LayerReport, held: Held) -> str:
    """Which array of `layer` has another shape in a file that holds these, as words; nothing where all are as they must be."""
    wanted = {weight.place: weight.shape for weight in layer.weights_of(seen.input_shapes)} if layer.holds_weights() else {}
    if not wanted:
        return ""  # where nothing is read nothing can be wrong
    place = next((place for place in (*wanted, *held) if wanted.get(place) != held.get(place)), None)
    if place is None:
        return ""
    return f"{place} of {layer.kind()} is {_text(wanted.get(place))}, and the file holds {_text(held.get(place))}"


def _text(shape: KnownShape | None) -> str:
    if shape is None:
        return "nothing"
    return shape_text(shape) or "a single number"
