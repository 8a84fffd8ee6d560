"""Every change a person can make, as a pure function from a value to a new one.

Networks are changed by layer names, which are unique; a name that is not there is ignored, so that an edit which comes late does
nothing instead of failing.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TypeVar, cast

from msgspec.structs import replace

from models.experiment.base import Value, Variant
from models.experiment.collapsing import carried_over
from models.experiment.experiment import Experiment, Network
from models.experiment.fields import new
from models.experiment.graph import at_input, faults, input_name, links, sources
from models.experiment.layers import AnyLayer
from models.experiment.layers.base import Layer
from models.experiment.naming import snake_case

T = TypeVar("T", bound=Value)
Reads = tuple[str, ...]
"""What a layer reads: names of earlier layers, or of the input."""


def new_layer(kind: type[Variant], network: Network = ()) -> AnyLayer:
    """A layer of this kind with its starting values and a name that is free in `network`."""
    return cast(AnyLayer, new(kind, name=free_name(base_name(kind), network)))


def insert(network: Network, index: int, layers: Iterable[AnyLayer], kept: Collection[str] = ()) -> Network:
    """`network` with `layers` before position `index`, renamed where a name is taken, as a part of the way that leads there.

    They go between the layer before and the next one that reads it, or where that does not, all that read it. What they read
    of each other they go on reading; whatever else they name stands for the layer before, names of earlier layers that are to
    be `kept` aside.
    """
    index = min(index, len(network))
    source = network[index - 1].name if index else input_name
    wanted = sources(network)
    reading = [place for place in range(index, len(network)) if source in wanted[place]]
    return _spliced(network, index, _excerpt(layers, network, source, kept), source, [index] if index in reading else reading)


def insert_between(network: Network, source: str, reader: str, layers: Iterable[AnyLayer]) -> Network:
    """`network` with `layers` on the way from `source` to the layer called `reader`, just before that one."""
    index = position(network, reader)
    if index is None or source not in sources(network)[index]:
        return network
    return _spliced(network, index, _excerpt(layers, network, source), source, [index])


def insert_behind(network: Network, source: str, layers: Iterable[AnyLayer]) -> Network:
    """`network` with `layers` directly behind `source`, so that whatever read that one reads the last of them."""
    index = at_input if source == input_name else position(network, source)
    if index is None:
        return network
    reading = [place for place, names in enumerate(sources(network)) if source in names]
    return _spliced(network, index + 1, _excerpt(layers, network, source), source, reading)


def remove(network: Network, names: Collection[str]) -> Network:
    """`network` without the layers called `names`; what read one of them reads what that one read.

    A layer with a single input that read a merging layer reads one of the branches, if possible one that nothing else reads.
    """
    for index in reversed(range(len(network))):
        if network[index].name in names:
            network = _without(network, index)
    return network


def move(network: Network, names: Collection[str], index: int) -> Network:
    """`network` with the layers called `names` brought together, in their order, before what stood at position `index`.

    Nothing but the order changes where every layer can still read what it reads. Otherwise neighbours in the list that read each
    other go on doing so by place. Where that leads to no network either, nothing is moved.
    """
    moved = tuple(layer for layer in network if layer.name in names)
    before = tuple(layer for layer in network[:index] if layer.name not in names)
    order = (*before, *moved, *(layer for layer in network[index:] if layer.name not in names))
    if order == network:
        return network
    found = faults(network)
    for candidate in (_by_name, _by_place, _by_splicing):
        changed = candidate(network, order, names)
        if changed is not None and set(faults(changed)) <= set(found):
            return changed
    return network


def can_move(network: Network, names: Collection[str], index: int) -> bool:
    """Whether the layers called `names` can be brought before what stands at position `index`; staying in place is allowed."""
    stay = len([layer for layer in network[:index] if layer.name not in names])
    moved = move(network, names, index)
    block = [layer.name for layer in network if layer.name in names]
    return [layer.name for layer in moved[stay : stay + len(block)]] == block


def duplicate(network: Network, names: Collection[str]) -> Network:
    """`network` with a copy of the layers called `names` after the last of them, which goes on from there."""
    positions = [index for index, layer in enumerate(network) if layer.name in names]
    if not positions:
        return network
    first, end = positions[0], positions[-1] + 1
    read = sources(network)[first]
    before = network[first - 1].name if first else input_name
    entry = before if before in read else read[0]
    kept = {input_name, *(layer.name for layer in network[:end])} - {entry}
    return insert(network, end, [network[index] for index in positions], kept)


def repeat(network: Network, names: Collection[str], times: int) -> Network:
    """`network` with the layers called `names` so many `times` in a row, each copy reading the one before."""
    for _ in range(times - 1):
        longer = duplicate(network, names)
        taken = {layer.name for layer in network}
        network, names = longer, [layer.name for layer in longer if layer.name not in taken]
    return network


def put(network: Network, name: str, layer: AnyLayer) -> Network:
    """`network` with `layer` in the place of the layer called `name`; it reads the same, as far as it can, if it names none."""
    index = position(network, name)
    if index is None:
        return network
    wanted = sources(network)
    before = wanted[index - 1][0] if index else input_name
    reads = (layer.inputs or wanted[index])[: layer.most_inputs]
    reads = (*reads, *(before,) * (layer.least_inputs - len(reads)))
    follows = {name: layer.name}
    after = [_following(names, follows) for names in wanted[index + 1 :]]
    return _wired((*network[:index], layer, *network[index + 1 :]), (*wanted[:index], reads, *after))


def change(network: Network, name: str, /, **values: object) -> Network:
    """`network` with other `values` in the fields of the layer called `name`."""
    return tuple(replace(layer, **values) if layer.name == name else layer for layer in network)


def rename(network: Network, name: str, wanted: str) -> Network:
    """`network` with the layer called `name` renamed to `wanted`, or to the nearest free name; what reads it follows."""
    index = position(network, name)
    return network if index is None else rename_at(network, index, wanted)


def rename_at(network: Network, index: int, wanted: str) -> Network:
    """`network` with the layer at position `index` renamed to `wanted`, or to the nearest free name; what reads it follows."""
    new_name = free_name(wanted, (*network[:index], *network[index + 1 :]))
    reads = list(sources(network))
    for place, (names, linked) in enumerate(zip(sources(network), links(network), strict=True)):
        reads[place] = tuple(new_name if link == index else name for name, link in zip(names, linked, strict=True))
    return _wired((*network[:index], replace(network[index], name=new_name), *network[index + 1 :]), reads)


def possible_inputs(network: Network, name: str) -> tuple[str, ...]:
    """What the layer called `name` can read: the network's input and the layers before it, from input to output."""
    index = position(network, name)
    return () if index is None else (input_name, *(layer.name for layer in network[:index]))


def set_inputs(network: Network, name: str, inputs: Sequence[str]) -> Network:
    """`network` with the layer called `name` reading `inputs`; none of them, or one that stands later, changes nothing."""
    index = position(network, name)
    if index is None or not inputs or not set(inputs) <= set(possible_inputs(network, name)):
        return network
    wanted = list(sources(network))
    wanted[index] = tuple(inputs)
    return _wired(network, wanted)


def set_at(value: T, path: str, content: object) -> T:
    """`value` with `content` at a path of field names, and of positions in a row, such as ``cell.cells.0.units``."""
    field, _, rest = path.partition(".")
    if isinstance(value, tuple):
        place = int(field)
        return cast(T, (*value[:place], set_at(value[place], rest, content) if rest else content, *value[place + 1 :]))
    return replace(value, **{field: set_at(getattr(value, field), rest, content) if rest else content})


def changing(name: str, **values: object) -> Callable[[Experiment], Experiment]:
    """The edit that puts other `values` in the fields of the layer called `name`."""
    return lambda experiment: with_network(experiment, change(experiment.network, name, **values))


def with_network(experiment: Experiment, network: Network) -> Experiment:
    """`experiment` with another network; what is collapsed stays so as far as it still stands together."""
    return replace(experiment, network=network, collapsed=carried_over(experiment.collapsed, experiment.network, network))


def position(network: Network, name: str) -> int | None:
    """Place of the layer called `name`, from 0; none where there is none."""
    return next((index for index, layer in enumerate(network) if layer.name == name), None)


def base_name(kind: type[Variant]) -> str:
    """Keras's name for the first layer of this kind: ``batch_normalization`` for ``BatchNormalization``."""
    return snake_case(kind.kind())


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


def _wired(layers: Iterable[AnyLayer], wanted: Iterable[Reads]) -> Network:
    """`layers`, each reading the names that are `wanted` of it; the layer before alone need not be named."""
    found: list[AnyLayer] = []
    for layer, names in zip(layers, wanted, strict=True):
        before = (found[-1].name if found else input_name,)
        inputs = () if names == before else names
        found.append(layer if layer.inputs == inputs else replace(layer, inputs=inputs))
    return tuple(found)


def _following(names: Reads, new_names: Mapping[str, str]) -> Reads:
    return tuple(new_names.get(name, name) for name in names)


def _spliced(
    network: Network, index: int, block: Sequence[tuple[AnyLayer, Reads]], source: str, reading: Collection[int]
) -> Network:
    """`network` with `block` before position `index`; the layers at the positions `reading` read its end in place of `source`."""
    if not block:
        return network
    wanted, follows = sources(network), {source: block[-1][0].name}
    after = [_following(names, follows) if index + place in reading else names for place, names in enumerate(wanted[index:])]
    layers = (*network[:index], *(layer for layer, _ in block), *network[index:])
    return _wired(layers, (*wanted[:index], *(reads for _, reads in block), *after))


def _excerpt(
    layers: Iterable[AnyLayer], network: Network, source: str, kept: Collection[str] = ()
) -> list[tuple[AnyLayer, Reads]]:
    """`layers` with free names, and what each reads once they stand behind `source`: no end but the last stays loose."""
    new_names: dict[str, str] = {}
    before, other = source, _read_first(network, source)
    block: list[tuple[AnyLayer, Reads]] = []
    for layer in layers:
        name = free_name(layer.name, (*network, *(each for each, _ in block)))
        reads = tuple(new_names.get(each, each if each in kept else source) for each in layer.inputs) or (before,)
        reads = (*reads, *(other,) * (layer.least_inputs - len(reads)))
        block.append((replace(layer, name=name), reads))
        new_names[layer.name] = name
        before, other = name, reads[0]
    for place in range(len(block) - 1, -1, -1):
        name = block[place - 1][0].name if place else source
        if not any(name in reads for _, reads in block[place:]):
            block[place] = _reading_too(*block[place], name)
    return block


def _read_first(network: Network, name: str) -> str:
    """What `name` reads first; the input reads nothing but itself."""
    index = position(network, name)
    return input_name if index is None else sources(network)[index][0]


def _reading_too(layer: AnyLayer, reads: Reads, name: str) -> tuple[AnyLayer, Reads]:
    """`layer` reading `name` beside what it reads, or in place of the last where it can take no more."""
    full = layer.most_inputs is not None and len(reads) >= layer.most_inputs
    return layer, (*(reads[:-1] if full else reads), name)


def _without(network: Network, index: int) -> Network:
    """`network` without the layer at position `index`, what read it reading what it read."""
    wanted, linked = list(sources(network)), links(network)
    read = wanted[index]
    alone = {source for place, each in enumerate(linked) if place != index for source in each}
    loose = [name for name, source in zip(read, linked[index], strict=True) if source not in alone] or read
    for place in range(index + 1, len(network)):
        count = linked[place].count(index)
        most = network[place].most_inputs
        fits = most is None or len(wanted[place]) + count * (len(read) - 1) <= most
        wanted[place] = tuple(
            name
            for given, source in zip(wanted[place], linked[place], strict=True)
            for name in ((given,) if source != index else read if fits else loose[-1:])
        )
    return _wired((*network[:index], *network[index + 1 :]), (*wanted[:index], *wanted[index + 1 :]))


def _by_name(network: Network, order: Network, names: Collection[str]) -> Network | None:
    """The layers in another `order`, each reading what it read; none where the output would be another."""
    reads = {layer.name: read for layer, read in zip(network, sources(network), strict=True)}
    return _wired(order, [reads[layer.name] for layer in order]) if order[-1].name == network[-1].name else None


def _by_place(network: Network, order: Network, names: Collection[str]) -> Network:
    """The layers in another `order`, those that read the layer before reading the one that now is."""
    befores = {layer.name: before for layer, before in zip(network, _befores(network), strict=True)}
    reads = {layer.name: read for layer, read in zip(network, sources(network), strict=True)}
    wanted = [
        _following(reads[layer.name], {befores[layer.name]: before})
        for layer, before in zip(order, _befores(order), strict=True)
    ]  # fmt: skip
    return _wired(order, wanted)


def _befores(network: Network) -> Reads:
    """For each layer the name of what stands before it."""
    return (input_name, *(layer.name for layer in network[:-1]))


def _by_splicing(network: Network, order: Network, names: Collection[str]) -> Network:
    """The layers taken out and inserted where `order` has them, reading what they named as far as that is earlier."""
    moved = [layer for layer in order if layer.name in names]
    index = order.index(moved[0])
    kept = {input_name, *(layer.name for layer in order[:index])}
    return insert(remove(network, names), index, moved, kept)
