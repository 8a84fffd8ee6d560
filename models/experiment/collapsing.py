"""Runs of layers that the stack shows as one card: which they are, and what becomes of them when the network changes."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from models.experiment.experiment import Collapsed, Experiment, Network


@dataclass(frozen=True)
class Run:
    """Layers from position `first` to position `last` that are shown as one."""

    title: str
    first: int
    last: int


def runs(collapsed: Sequence[Collapsed], network: Network) -> tuple[Run, ...]:
    """Where the collapsed layers stand in `network`, from input to output.

    Nothing is collapsed whose layers do not all stand there one after the other, or of which an earlier entry has a part.
    """
    positions = {layer.name: index for index, layer in enumerate(network)}
    found: list[Run] = []
    taken: set[int] = set()
    for each in collapsed:
        places = [positions.get(name, -1) for name in each.layers]
        if places[0] >= 0 and places == list(range(places[0], places[0] + len(places))) and not taken & set(places):
            found.append(Run(each.title, places[0], places[-1]))
            taken |= set(places)
    return tuple(sorted(found, key=lambda run: run.first))


def can_collapse(network: Network, names: Collection[str]) -> bool:
    """Whether the layers called `names` are several and stand one after the other."""
    places = [index for index, layer in enumerate(network) if layer.name in names]
    return len(places) > 1 and places[-1] - places[0] == len(places) - 1


def collapse(experiment: Experiment, names: Collection[str], title: str) -> Experiment:
    """`experiment` with the layers called `names` shown as one card; what was collapsed among them goes up in it."""
    if not can_collapse(experiment.network, names):
        return experiment
    layers = tuple(layer.name for layer in experiment.network if layer.name in names)
    others = [each for each in experiment.collapsed if not set(each.layers) & set(layers)]
    return _with(experiment, (*others, Collapsed(title=title, layers=layers)))


def expand(experiment: Experiment, names: Collection[str]) -> Experiment:
    """`experiment` with every run that has one of `names` in it shown as single layers again."""
    return _with(experiment, [each for each in experiment.collapsed if not set(each.layers) & set(names)])


def entitle(experiment: Experiment, names: Collection[str], title: str) -> Experiment:
    """`experiment` with another title for the run that has all of `names` in it."""
    return _with(
        experiment, [replace(each, title=title) if set(names) <= set(each.layers) else each for each in experiment.collapsed]
    )


def carried_over(collapsed: Sequence[Collapsed], before: Network, after: Network) -> tuple[Collapsed, ...]:
    """What is collapsed after a change of the network: new names are taken over, and layers that are gone left out.

    What no longer stands together, or is a single layer, is not collapsed any more.
    """
    if not collapsed or before == after:
        return tuple(collapsed)
    old, new = {layer.name for layer in before}, {layer.name for layer in after}
    pairs = zip(before, after, strict=True) if len(before) == len(after) else ()
    renamed = {one.name: other.name for one, other in pairs if one.name not in new and other.name not in old}
    kept = []
    for each in collapsed:
        layers = tuple(name for name in (renamed.get(name, name) for name in each.layers) if name in new)
        if len(layers) > 1:
            kept.append(replace(each, layers=layers))
    standing = {run.first for run in runs(kept, after)}
    positions = {layer.name: index for index, layer in enumerate(after)}
    return tuple(each for each in kept if positions[each.layers[0]] in standing)


def _with(experiment: Experiment, collapsed: Sequence[Collapsed]) -> Experiment:
    return replace(experiment, collapsed=tuple(collapsed))
