"""What reads what: the network as a directed acyclic graph, kept as a list of layers from input to output.

A layer that names no inputs reads the layer before it, the first one the network's input. The last layer is the output.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from models.experiment.layers.base import Layer

input_name = "input"
"""The name of the input layer, which no other layer may have."""

at_input = -1
"""Position of the network's input, just before the first layer."""

FaultKind = Literal["unknown", "later", "itself", "too few", "too many", "unread"]


@dataclass(frozen=True)
class Fault:
    """Why what a layer reads, or that nothing reads it, makes the network one that cannot be built."""

    kind: FaultKind
    layer: str
    source: str = ""
    """The name that cannot be read, where it is one."""


def links(network: Sequence[Layer]) -> tuple[tuple[int | None, ...], ...]:
    """For each layer the positions of what it reads: −1 for the network's input, none for a name that no earlier layer has."""
    places = {input_name: at_input}
    found: list[tuple[int | None, ...]] = []
    for index, layer in enumerate(network):
        found.append(tuple(map(places.get, layer.inputs)) or (index - 1,))
        places[layer.name] = index
    return tuple(found)


def sources(network: Sequence[Layer]) -> tuple[tuple[str, ...], ...]:
    """For each layer the names of what it reads, ``"input"`` for the network's input."""
    before = (input_name, *(layer.name for layer in network))
    return tuple(layer.inputs or (previous,) for layer, previous in zip(network, before, strict=False))


def readers(network: Sequence[Layer]) -> dict[str, tuple[str, ...]]:
    """For the network's input and each layer the names of the layers that read it, from input to output."""
    found: dict[str, list[str]] = {input_name: [], **{layer.name: [] for layer in network}}
    for layer, names in zip(network, sources(network), strict=True):
        for name in dict.fromkeys(names):
            found.setdefault(name, []).append(layer.name)
    return {name: tuple(names) for name, names in found.items()}


def leading_to(network: Sequence[Layer], index: int) -> tuple[int, ...]:
    """Positions of the layers that what comes out at position `index` depends on, that one left out, from input to output."""
    linked, found = links(network), {index}
    for place in range(index, at_input, -1):
        if place in found:
            found.update(source for source in linked[place] if source is not None and source != at_input)
    return tuple(sorted(found - {index}))


def lineage(network: Sequence[Layer], index: int) -> tuple[int, ...]:
    """Positions of the layers that come one after the other before position `index`, each read as the only input.

    They begin behind the network's input, or with the last layer before `index` that reads several.
    """
    linked, found = links(network), []
    while len(linked[index]) == 1 and (source := linked[index][0]) is not None and source != at_input:
        found.append(source)
        index = source
    return tuple(reversed(found))


def unread(network: Sequence[Layer]) -> tuple[int, ...]:
    """Positions of the layers that the output does not depend on, which Keras would leave out."""
    if not network:
        return ()
    last = len(network) - 1
    needed = {*leading_to(network, last), last}
    return tuple(index for index in range(last) if index not in needed)


def takes(layer: Layer, count: int) -> bool:
    """Whether `layer` can have so many inputs."""
    return layer.least_inputs <= count and (layer.most_inputs is None or count <= layer.most_inputs)


def faults(network: Sequence[Layer]) -> tuple[Fault, ...]:
    """Everything that keeps the layers from being joined, whatever the shapes."""
    found: list[Fault] = []
    names = [layer.name for layer in network]
    for index, (layer, linked) in enumerate(zip(network, links(network), strict=True)):
        unknown = dict.fromkeys(name for name, place in zip(layer.inputs, linked, strict=False) if place is None)
        for name in unknown:
            kind: FaultKind = "itself" if name == layer.name else "later" if name in names[index:] else "unknown"
            found.append(Fault(kind, layer.name, name))
        if not takes(layer, len(linked)):
            found.append(Fault("too few" if len(linked) < layer.least_inputs else "too many", layer.name))
    # Where something cannot be read, more than that layer would seem to be read by none.
    return tuple(found) or tuple(Fault("unread", names[index]) for index in unread(network))
