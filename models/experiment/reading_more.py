"""Letting a layer read one more: directly where it takes several inputs, otherwise through a merging layer in front of it."""

from collections.abc import Mapping

from models.experiment import edits
from models.experiment.base import Shape
from models.experiment.experiment import Network
from models.experiment.graph import at_input, input_name, sources
from models.experiment.layers import Add, AnyLayer, Concatenate
from models.experiment.layers.base import refused

Shapes = Mapping[str, Shape | None]
"""What the input and the layers put out, by name, as far as it is known."""

merging_kinds = (Add, Concatenate)
"""What two outputs are joined by, the first that takes their shapes."""


def joinable(network: Network, source: str, shapes: Shapes) -> frozenset[str]:
    """Names of the layers that can read `source`, too: later ones that do not yet."""
    place = at_input if source == input_name else edits.position(network, source)
    if place is None:
        return frozenset()
    candidates = [edits.new_layer(kind) for kind in merging_kinds]
    found = set()
    for layer, read in list(zip(network, sources(network), strict=True))[place + 1 :]:
        takes_one = layer.most_inputs == 1 and _merging_layer(candidates, shapes.get(read[0]), shapes.get(source)) is not None
        takes_more = layer.most_inputs is None or len(read) < layer.most_inputs
        if source not in read and (takes_one or takes_more):
            found.add(layer.name)
    return frozenset(found)


def joined(network: Network, source: str, target: str, shapes: Shapes) -> Network:
    """`network` in which the layer called `target` reads `source`, too, if it can.

    Where it takes a single input, it reads an Add of both, or a Concatenate where the shapes cannot be added.
    """
    if target not in joinable(network, source, shapes):
        return network
    layer, read = next(each for each in zip(network, sources(network), strict=True) if each[0].name == target)
    if layer.most_inputs != 1:
        return edits.set_inputs(network, target, (*read, source))
    candidates = [edits.new_layer(kind, network) for kind in merging_kinds]
    merging = _merging_layer(candidates, shapes.get(read[0]), shapes.get(source))
    assert merging is not None
    return edits.set_inputs(edits.insert_between(network, read[0], target, (merging,)), merging.name, (read[0], source))


def with_second_input(network: Network, name: str, source: str) -> Network:
    """`network` in which the layer called `name`, if it takes several inputs, reads `source` as its second."""
    found = (each for each in zip(network, sources(network), strict=True) if each[0].name == name)
    layer, read = next(found, (None, ()))
    if layer is None or layer.most_inputs == 1 or source in read:
        return network
    return edits.set_inputs(network, name, (read[0], source, *read[2:]))


def _merging_layer(candidates: list[AnyLayer], first: Shape | None, second: Shape | None) -> AnyLayer | None:
    """Which of the `candidates` joins outputs of these shapes; none where none does."""
    if first is None or second is None:
        return candidates[0]
    shapes = (first, second)
    fitting = (layer for layer in candidates if not refused(layer.complaints_of(shapes)))
    return next(fitting, None)
