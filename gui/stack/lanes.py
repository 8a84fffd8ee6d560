"""Where the lines run that show which layer reads which: lanes beside the cards, as a version-control log draws branches."""

from collections.abc import Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Edge:
    """What one row puts out and another reads."""

    source: int
    target: int


@dataclass(frozen=True)
class Line:
    """An edge where it crosses the border of two rows."""

    edge: Edge
    lane: int


@dataclass(frozen=True)
class Lanes:
    """What is beside one row. A line that neither begins nor ends here passes from above to below in the same lane."""

    dot: int
    """Lane in which the layer itself stands."""
    above: tuple[Line, ...]
    """Lines that come in from the row above, by lane."""
    below: tuple[Line, ...]
    """Lines that go on to the row below, by lane."""
    count: int = 0
    """How many lanes the network needs; 0 where each layer reads the one before, and the list itself says everything."""


def lanes(links: Sequence[Sequence[int | None]]) -> tuple[Lanes, ...]:
    """Lanes for the input, in the first row, and all layers.

    `links` are for each layer the positions of what it reads, −1 for the input, none for what is not there. No two
    lines that cross the same border share a lane, and there are no more lanes than the most lines that cross one: each line takes
    the first lane that is free, the one to the nearest reader its layer's own. A layer stands where its first line comes in, so
    that what follows one another stays in one lane.
    """
    readers: list[list[int]] = [[] for _ in range(len(links) + 1)]
    for target, sources in enumerate(links, 1):
        for source in {source + 1 for source in sources if source is not None}:
            readers[source].append(target)
    rows: list[Lanes] = []
    above: tuple[Line, ...] = ()
    for row, targets in enumerate(readers):
        below = [line for line in above if line.edge.target != row]
        dot = min((line.lane for line in above if line.edge.target == row), default=_first_free(below))
        for target in targets:
            used = {line.lane for line in below}
            below.append(Line(Edge(row, target), dot if dot not in used else _first_free(below)))
        rows.append(Lanes(dot, above, tuple(sorted(below, key=lambda line: line.lane))))
        above = rows[-1].below
    count = _count(rows)
    return tuple(replace(row, count=count) for row in rows)


def _count(rows: Sequence[Lanes]) -> int:
    if all(len(row.below) == 1 for row in rows[:-1]):
        return 0
    return 1 + max((lane for row in rows for lane in (row.dot, *(line.lane for line in row.below))), default=0)


def _first_free(lines: Sequence[Line]) -> int:
    used = {line.lane for line in lines}
    return next(lane for lane in range(len(used) + 1) if lane not in used)
