"""Where boxes and lines stand in a picture of a network: plain numbers, for whatever draws them.

From top to bottom every layer stands below all that it reads, branches beside each other; what reads over several rows passes the
boxes between in a column of its own.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count, pairwise
from statistics import median_low

from models.experiment.counting import grouped
from models.experiment.experiment import Experiment
from models.experiment.graph import at_input, input_name, links
from models.experiment.layers.base import shape_text
from models.experiment.report import Report

box_height, row_gap = 62.0, 34.0
least_box_width, letter_width = 150.0, 6.8
bypass_width, column_gap = 18.0, 22.0
"""A column in which no box stands is narrow."""
arrow_gap = 14.0
"""Between the arrows that reach the same box."""
margin = 20.0

Point = tuple[float, float]
Place = tuple[int, int]
"""Row and column."""


@dataclass(frozen=True)
class Box:
    """A layer, or the network's input."""

    left: float
    top: float
    width: float
    lines: tuple[str, str, str]
    """Its name, its kind, its shape and parameters."""

    @property
    def middle(self) -> float:
        """Where lines begin and end, from left to right."""
        return self.left + self.width / 2

    @property
    def bottom(self) -> float:
        """Where lines begin, from top to bottom."""
        return self.top + box_height


@dataclass(frozen=True)
class Diagram:
    """The whole picture; sizes and places in pixels, (0, 0) at the top left."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    lines: tuple[tuple[Point, ...], ...]
    """From box to box. Each piece leaves its first point and reaches its second one vertically."""


def diagram(experiment: Experiment, report: Report) -> Diagram:
    """The picture of a network that is free of errors."""
    linked = [(at_input,), *(tuple(place for place in places if place is not None) for places in links(experiment.network))]
    sources = [tuple(place + 1 for place in places) for places in linked]  # the input is box 0
    sources[0] = ()
    texts = list(box_texts(report))
    places, ways = arrange(sources)
    grid = Grid([*places, *(place for way in ways.values() for place in way)], places, texts)
    boxes = tuple(Box(grid.left(place), grid.top(place), grid.box_width, text) for place, text in zip(places, texts, strict=True))
    lines = tuple(
        (
            (boxes[source].middle, boxes[source].bottom),
            *(point for place in ways[source, target] for point in grid.passage(place)),
            (boxes[target].middle + shift, boxes[target].top),
        )
        for (source, target), shift in arrivals(sources, places, ways)
    )
    return Diagram(grid.width, grid.height, boxes, lines)


def box_texts(report: Report) -> Iterator[tuple[str, str, str]]:
    """What stands in the boxes, the input's first."""
    yield input_name, "InputLayer", shape_text(report.facts.input_shape) if report.facts else "?"
    for layer in report.layers:
        shape = "?" if layer.output_shape is None else shape_text(layer.output_shape)
        count = 0 if layer.parameters is None else layer.parameters.total
        yield layer.name, layer.kind, f"{shape}  ·  {grouped(count)} parameters" if count else shape


Ways = dict[tuple[int, int], list[Place]]
"""For each line, from box to box, the places that it passes between them."""


def arrange(sources: Sequence[tuple[int, ...]]) -> tuple[list[Place], Ways]:
    """A place for every box, and a way for every line; `sources` are what each box reads, all of them earlier ones."""
    rows: list[int] = []
    for read in sources:
        rows.append(1 + max((rows[source] for source in read), default=-1))
    taken: set[Place] = set()
    places: list[Place] = []
    for row, read in zip(rows, sources, strict=True):
        wanted = median_low([places[source][1] for source in read]) if read else 0
        place = next((row, column) for column in nearest(wanted) if (row, column) not in taken)
        places.append(place)
        taken.add(place)
    lines = [(source, target) for target, read in enumerate(sources) for source in dict.fromkeys(read)]
    ways: Ways = {}
    for source, target in sorted(lines, key=lambda line: rows[line[1]] - rows[line[0]]):
        between = range(rows[source] + 1, rows[target])
        columns = (places[source][1], *nearest_few(places[target][1], len(places)))
        column = next(column for column in columns if not any((row, column) in taken for row in between))
        ways[source, target] = [(row, column) for row in between]
        taken.update(ways[source, target])
    return places, ways


def nearest(column: int) -> Iterator[int]:
    """All columns, the nearest first, those to the right before those to the left."""
    yield column
    for distance in count(1):
        yield from (column + distance, column - distance)


def nearest_few(column: int, number: int) -> Iterator[int]:
    """The first of them: among as many columns as there are boxes one is always free."""
    yield from (found for found, _ in zip(nearest(column), range(2 * number + 1), strict=False))


def arrivals(sources: Sequence[tuple[int, ...]], places: Sequence[Place], ways: Ways) -> Iterator[tuple[tuple[int, int], float]]:
    """Every line, and how far beside the middle of its box it ends: side by side, in the order in which they come."""
    for target, read in enumerate(sources):
        last = {source: (ways[source, target] or [places[source]])[-1][1] for source in dict.fromkeys(read)}
        ordered = sorted(last, key=lambda source: last[source])
        for position, source in enumerate(ordered):
            yield (source, target), (position - (len(ordered) - 1) / 2) * arrow_gap


class Grid:
    """Rows and columns in pixels."""

    def __init__(self, used: Sequence[Place], boxes: Sequence[Place], texts: Sequence[tuple[str, str, str]]) -> None:
        longest = max(len(line) for text in texts for line in text)
        self.box_width = max(least_box_width, float(round(letter_width * longest + 24)))
        with_box = {column for _, column in boxes}
        first, last = min(column for _, column in used), max(column for _, column in used)
        self._lefts, self._widths, left = {}, {}, margin
        for column in range(first, last + 1):
            self._lefts[column] = left
            self._widths[column] = self.box_width if column in with_box else bypass_width
            left += self._widths[column] + column_gap
        self.width = left - column_gap + margin
        self.height = 2 * margin + box_height + max(row for row, _ in used) * (box_height + row_gap)

    def left(self, place: Place) -> float:
        """The left edge of a box in this place."""
        return self._lefts[place[1]]

    def top(self, place: Place) -> float:
        """The top edge of a box in this place."""
        return margin + place[0] * (box_height + row_gap)

    def passage(self, place: Place) -> tuple[Point, Point]:
        """How a line goes through this place."""
        middle = self._lefts[place[1]] + self._widths[place[1]] / 2
        return (middle, self.top(place)), (middle, self.top(place) + box_height)


def bends(line: Sequence[Point]) -> Iterator[tuple[Point, Point, Point, Point]]:
    """The pieces of a line as cubic Bézier curves: first point, two control points, last point."""
    for (x0, y0), (x1, y1) in pairwise(line):
        half = (y1 - y0) / 2
        yield (x0, y0), (x0, y0 + half), (x1, y1 - half), (x1, y1)
