"""What can be drawn of the examples of a source: how many belong to what, how a number is spread, how two of them go together."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.artist import Artist
from matplotlib.collections import PolyCollection
from numpy.typing import NDArray

from gui.plots.axes import ticks
from gui.plots.axes.curves import Floats, finite_range
from gui.plots.curve_plot import line_style
from gui.plots.header import Entry
from gui.plots.plot import Row
from gui.plots.views import surface
from gui.theme import Theme
from models.data.survey import Survey
from models.telemetry.shares import percent
from models.telemetry.thinning import evenly

bins = 40
most_whole_numbers = 100
"""A column of whole numbers that spans at most so many has a bin for each."""
most_exact = 2.0**50
"""Beyond it a number cannot be told from one that is a half greater."""
most_groups = 10
"""Classes that are told apart in one picture; as many as there are colours."""
most_bold = 5
"""So many outlines are drawn bold; more of them, thinner, can still be followed where they cross."""
most_points = 2000
marks = ("o", "s", "^", "D", "v", "P", "X", "<", ">")
near = 0.03
"""A point is told about where the pointer is within this share of both axes' lengths."""

Members = NDArray[np.bool_]


class Group(NamedTuple):
    """Examples that are drawn alike."""

    name: str
    colour: str
    members: Members


class Picture(ABC):
    """A picture of a survey, which stands still until something else is chosen."""

    x_title: str
    y_title: str
    x_names: tuple[str, ...] = ()
    """Where the horizontal axis is one of names."""
    legend: tuple[Entry, ...] = ()
    details: str = ""
    """What the legend's tool tip says beside the names."""
    note: str = ""
    """What is left out, for the head."""
    bounds: tuple[ticks.Range, ticks.Range]
    """Of both axes."""

    @property
    def curves(self) -> tuple[str, ...]:
        """Names of the curves, in the order in which they are drawn; none where it consists of other things."""
        return tuple(entry.name for entry in self.legend if entry.line)

    @abstractmethod
    def artists(self, axes: Any) -> list[Artist]:  # noqa: ANN401
        """What is drawn on `axes`, from back to front, already added to them."""

    @abstractmethod
    def describe(self, x: float, y: float) -> str:
        """What there is to say about a place."""

    @abstractmethod
    def table(self) -> tuple[Sequence[str], Iterable[Row]]:
        """The figures behind the picture."""


class Balance(Picture):
    """How many examples belong to each class, or have each label, on both sides of the split."""

    y_title = "examples"

    def __init__(self, survey: Survey, theme: Theme) -> None:
        self.x_names = survey.examples.class_names
        self.x_title = "label" if survey.examples.task == "multilabel" else "class"
        self._theme = theme
        self._sides = [(name, survey.class_counts(members), int(members.sum())) for name, members in survey.sides]
        self.legend = tuple(Entry(name, colour, ring=ring) for name, colour, ring in _side_looks(theme)[: len(self._sides)])
        highest = max(int(counts.max()) for _, counts, _ in self._sides)
        self.bounds = (-0.5, len(self.x_names) - 0.5), (0.0, 1.05 * max(highest, 1))

    def artists(self, axes: Any) -> list[Artist]:  # noqa: ANN401
        width = 0.8 / len(self._sides)
        found: list[Artist] = []
        for place, (_, counts, _) in enumerate(self._sides):
            left = np.arange(len(counts)) - 0.4 + place * width
            found.append(_bars(axes, left.tolist(), 0.94 * width, counts.tolist(), self._theme, place))
        return found

    def describe(self, x: float, y: float) -> str:
        place = round(x)
        if not 0 <= place < len(self.x_names):
            return ""
        shares = (
            f"{name}: {ticks.grouped(counts[place])} of {ticks.grouped(total)} ({percent(counts[place] / total, 1)})"
            for name, counts, total in self._sides
        )
        return "\n".join((self.x_names[place], *shares))

    def table(self) -> tuple[Sequence[str], Iterable[Row]]:
        columns = [counts.tolist() for _, counts, _ in self._sides]
        return (self.x_title, *(name for name, _, _ in self._sides)), zip(self.x_names, *columns, strict=True)


class Distribution(Picture):
    """How one number of the examples is spread: a histogram for each class, or for each side of the split."""

    def __init__(self, survey: Survey, theme: Theme, index: int) -> None:
        values = survey.column(index)
        self.x_title = survey.names[index]
        self._groups, self.note = _groups(survey, theme)
        self._edges = edges_of(values)
        self._counts = [np.histogram(values[group.members], self._edges)[0] for group in self._groups]
        self._totals = [max(int(counts.sum()), 1) for counts in self._counts]
        missing = int(np.isnan(values).sum())
        if missing:
            self.note = " · ".join(part for part in (f"{ticks.grouped(missing)} missing", self.note) if part)
        self.y_title = "share of the class" if survey.classes is not None else "share of the side"
        self.legend = tuple(
            Entry(group.name, group.colour, line=line_style(place, len(theme.classes)))
            for place, group in enumerate(self._groups)
        )
        highest = max(float(counts.max()) / total for counts, total in zip(self._counts, self._totals, strict=True))
        self.bounds = (float(self._edges[0]), float(self._edges[-1])), (0.0, 1.05 * (highest or 1.0))

    def artists(self, axes: Any) -> list[Artist]:  # noqa: ANN401
        found: list[Artist] = []
        width = 1.5 if len(self.legend) <= most_bold else 1.0
        for entry, counts, total in zip(self.legend, self._counts, self._totals, strict=True):
            y = np.concatenate([[0.0], np.repeat(counts / total, 2), [0.0]])
            found += axes.plot(
                np.repeat(self._edges, 2), y, color=entry.colour, linestyle=entry.line, linewidth=width, animated=True,
            )  # fmt: skip
        return found

    def describe(self, x: float, y: float) -> str:
        place = int(np.searchsorted(self._edges, x, side="right")) - 1
        if not 0 <= place < len(self._edges) - 1:
            return ""
        low, high = (ticks.short(float(edge)) for edge in self._edges[place : place + 2])
        shares = (
            f"{group.name}: {ticks.grouped(counts[place])} ({percent(counts[place] / total, 1)})"
            for group, counts, total in zip(self._groups, self._counts, self._totals, strict=True)
        )
        return "\n".join((f"{self.x_title} from {low} to {high}", *shares))

    def table(self) -> tuple[Sequence[str], Iterable[Row]]:
        columns = [self._edges[:-1].tolist(), self._edges[1:].tolist(), *(counts.tolist() for counts in self._counts)]
        return ("from", "to", *(group.name for group in self._groups)), zip(*columns, strict=True)


class Scatter(Picture):
    """Two numbers of each example as a point, in the colour of its class or of the number to predict."""

    def __init__(self, survey: Survey, theme: Theme, across: int, up: int) -> None:
        self.x_title, self.y_title = survey.names[across], survey.names[up]
        self._survey, self._theme = survey, theme
        self._rows = evenly(len(survey), most_points)
        self._x, self._y = survey.column(across)[self._rows], survey.column(up)[self._rows]
        self._groups, self.note = _groups(survey, theme)
        if len(self._rows) < len(survey):
            parts = (f"{ticks.grouped(len(self._rows))} of {ticks.grouped(len(survey))} examples", self.note)
            self.note = " · ".join(part for part in parts if part)
        self.details = "Filled: training examples. Rings: validation examples."
        self._values = survey.column(len(survey.features))[self._rows] if survey.targets else None
        self.bounds = _roomy(self._x), _roomy(self._y)
        self.legend = self._legend()

    def _legend(self) -> tuple[Entry, ...]:
        if self._values is None:
            rings = [ring for *_, ring in _side_looks(self._theme)] if self._survey.classes is None else [False] * most_groups
            return tuple(Entry(group.name, group.colour, ring=ring) for group, ring in zip(self._groups, rings, strict=False))
        low, high = surface.symmetric_range(self._values)
        name = self._survey.targets[0]
        ends = ((low, self._theme.class_colour(0)), (high, self._theme.class_colour(1)))
        return tuple(Entry(f"{name} {ticks.short(value)}", colour) for value, colour in ends)

    def artists(self, axes: Any) -> list[Artist]:  # noqa: ANN401
        size = 17 if len(self._rows) <= 400 else 9
        found: list[Artist] = []
        for ring in (True, False):
            side = self._survey.validates[self._rows] == ring
            for place, (chosen, colours) in enumerate(self._looks()):
                drawn = side & chosen
                colour = colours[drawn] if isinstance(colours, np.ndarray) else colours
                look = {"facecolors": "none" if ring else colour, "edgecolors": colour if ring else self._theme.card}
                if self._values is not None:  # a colour near the background's needs an outline
                    look["edgecolors"] = colour if ring else self._theme.muted
                found.append(
                    axes.scatter(
                        self._x[drawn], self._y[drawn], s=size, marker=marks[place % len(marks)], linewidths=1.0 if ring else 0.5,
                        animated=True, **look,
                    )
                )  # fmt: skip
        return found

    def _looks(self) -> Iterable[tuple[Members, Any]]:
        """Which of the shown examples are drawn alike, and in what colour, or colours one by one."""
        if self._values is not None:
            low, high = surface.symmetric_range(self._values)
            yield np.ones(len(self._rows), dtype=bool), surface.diverging(self._theme)((self._values - low) / (high - low))
        else:
            for group in self._groups:
                yield group.members[self._rows], group.colour

    def describe(self, x: float, y: float) -> str:
        (left, right), (low, high) = self.bounds
        distance = np.hypot((self._x - x) / (right - left), (self._y - y) / (high - low))
        if not np.isfinite(distance).any() or np.nanmin(distance) > near:
            return ""
        place = int(np.nanargmin(distance))
        row = int(self._rows[place])
        examples = self._survey.examples
        return "\n".join((
            f"example {ticks.grouped(row + 1)}, {self._survey.side(row)}",
            f"{examples.target_name}: {examples.target_text(row)}",
            f"{self.x_title} {ticks.short(float(self._x[place]))}, {self.y_title} {ticks.short(float(self._y[place]))}",
        ))  # fmt: skip

    def table(self) -> tuple[Sequence[str], Iterable[Row]]:
        survey = self._survey
        rows = (
            (row + 1, survey.side(row), survey.examples.target_text(row), x, y)
            for row, x, y in zip(self._rows.tolist(), self._x.tolist(), self._y.tolist(), strict=True)
        )
        return ("example", "split", survey.examples.target_name, self.x_title, self.y_title), rows


def edges_of(values: Floats) -> Floats:
    """Edges of bins that hold all finite `values`: one bin for each whole number where there are few, else 40 equal ones."""
    finite = values[np.isfinite(values)]
    low, high = finite_range(finite) or (0.0, 1.0)
    if high - low <= most_whole_numbers and max(-low, high) <= most_exact and np.array_equal(finite, np.round(finite)):
        return np.arange(low - 0.5, high + 1)
    margin = 0.0 if high > low else max(0.5, 1e-3 * abs(low))
    return np.linspace(low - margin, high + margin, bins + 1)


def _groups(survey: Survey, theme: Theme) -> tuple[list[Group], str]:
    """The first ten classes, or else the sides of the split; and what is left out of them, in words."""
    classes = survey.classes
    if classes is None:
        looks = _side_looks(theme)
        return [Group(name, looks[place][1], members) for place, (name, members) in enumerate(survey.sides)], ""
    names = survey.examples.class_names
    groups = [Group(name, theme.class_colour(number), classes == number) for number, name in enumerate(names[:most_groups])]
    return groups, f"the first {most_groups} of {len(names)} classes" if len(names) > most_groups else ""


def _side_looks(theme: Theme) -> tuple[tuple[str, str, bool], ...]:
    """Name, colour, and whether it is a ring or an outline, of both sides of the split."""
    return ("training", theme.accent, False), ("validation", theme.validation, True)


def _bars(axes: Any, left: list[float], width: float, heights: list[int], theme: Theme, side: int) -> Artist:  # noqa: ANN401
    """Bars from 0 that begin at `left`: those of the training examples filled, those of the validation examples outlined."""
    _, colour, outlined = _side_looks(theme)[side]
    corners = [[(x, 0), (x, y), (x + width, y), (x + width, 0)] for x, y in zip(left, heights, strict=True)]
    filling = theme.card if outlined else colour
    bars = PolyCollection(corners, linewidths=1.4, animated=True, facecolors=filling, edgecolors=colour)
    axes.add_collection(bars, autolim=False)
    return bars


def _roomy(values: Floats) -> ticks.Range:
    """Limits around `values`, so that no point is cut off."""
    low, high = finite_range(values) or (0.0, 1.0)
    margin = 0.04 * (high - low) or 0.5
    return low - margin, high + margin
