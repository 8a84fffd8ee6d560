"""Every change a person can make, as a pure function from a value to a new one.

Networks are changed by layer names, which are unique; a name that is not there is ignored, so that an edit which comes late does
nothing instead of failing.
"""

import re
from collections.abc import Callable, Collection, Iterable
from typing import TypeVar, cast

from msgspec.structs import replace

from models.experiment.base import Value, Variant
from models.experiment.experiment import Experiment, Network
from models.experiment.fields import new
from models.experiment.layers import AnyLayer
from models.experiment.layers.base import Layer

T = TypeVar("T", bound=Value)

input_name = "input"
"""The name of the input layer, which no other layer may have."""


def new_layer(kind: type[Variant], network: Network = ()) -> AnyLayer:
    """A layer of this kind with its starting values and a name that is free in `network`."""
    return cast(AnyLayer, new(kind, name=free_name(base_name(kind), network)))


def insert(network: Network, index: int, layers: Iterable[AnyLayer]) -> Network:
    """`network` with `layers` before position `index`, renamed where a name is taken."""
    for offset, layer in enumerate(layers):
        layer = replace(layer, name=free_name(layer.name, network))
        network = (*network[: index + offset], layer, *network[index + offset :])
    return network


def remove(network: Network, names: Collection[str]) -> Network:
    """`network` without the layers called `names`."""
    return tuple(layer for layer in network if layer.name not in names)


def move(network: Network, names: Collection[str], index: int) -> Network:
    """`network` with the layers called `names` brought together, in their order, before what stood at position `index`."""
    moved = tuple(layer for layer in network if layer.name in names)
    before = remove(network[:index], names)
    return (*before, *moved, *remove(network[index:], names))


def shift(network: Network, names: Collection[str], by: int) -> Network:
    """`network` with the layers called `names` one place earlier (`by` −1) or later (+1), as a block; not beyond the ends."""
    positions = [index for index, layer in enumerate(network) if layer.name in names]
    if not positions:
        return network
    index = positions[0] - 1 if by < 0 else positions[-1] + 2
    return move(network, names, min(max(index, 0), len(network)))


def duplicate(network: Network, names: Collection[str]) -> Network:
    """`network` with a copy of the layers called `names` after the last of them."""
    copies = [layer for layer in network if layer.name in names]
    positions = [index for index, layer in enumerate(network) if layer.name in names]
    return insert(network, positions[-1] + 1, copies) if positions else network


def put(network: Network, name: str, layer: AnyLayer) -> Network:
    """`network` with `layer` in the place of the layer called `name`."""
    return tuple(layer if old.name == name else old for old in network)


def change(network: Network, name: str, /, **values: object) -> Network:
    """`network` with other `values` in the fields of the layer called `name`."""
    return tuple(replace(layer, **values) if layer.name == name else layer for layer in network)


def rename(network: Network, name: str, wanted: str) -> Network:
    """`network` with the layer called `name` renamed to `wanted`, or to the nearest free name."""
    others = remove(network, (name,))
    return change(network, name, name=free_name(wanted, others))


def set_at(value: T, path: str, content: object) -> T:
    """`value` with `content` at a path of field names such as ``optimizer.learning_rate``."""
    field, _, rest = path.partition(".")
    return replace(value, **{field: set_at(getattr(value, field), rest, content) if rest else content})


def changing(name: str, **values: object) -> Callable[[Experiment], Experiment]:
    """The edit that puts other `values` in the fields of the layer called `name`."""
    return lambda experiment: with_network(experiment, change(experiment.network, name, **values))


def with_network(experiment: Experiment, network: Network) -> Experiment:
    """`experiment` with another network."""
    return replace(experiment, network=network)


def base_name(kind: type[Variant]) -> str:
    """Keras's name for the first layer of this kind: ``batch_normalization`` for ``BatchNormalization``.

    Source of the rule: ``keras/src/utils/naming.py``, ``to_snake_case``.
    """
    name = re.sub(r"\W+", "", kind.kind())
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()


def free_name(wanted: str, network: Iterable[Layer]) -> str:
    """`wanted`, or that name with the least number after it that no layer of `network` has: ``dense_1``."""
    taken = {layer.name for layer in network} | {input_name}
    if wanted not in taken:
        return wanted
    stem = re.sub(r"_\d+$", "", wanted)[:50]
    number = 1
    while f"{stem}_{number}" in taken:
        number += 1
    return f"{stem}_{number}"
