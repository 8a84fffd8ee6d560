"""Units of one layer over two axes: what each adds to the output, and the plane of two of them."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gui.plots.axes import ticks
from gui.plots.axes.curves import Floats
from gui.plots.curve_plot import line_style
from gui.plots.header import Entry
from gui.plots.maps import range_of
from gui.plots.views import surface
from gui.plots.views.surface import Meaning
from gui.theme import Theme
from models.data.prepared import View
from models.telemetry.thinning import evenly
from models.telemetry.wanted import Neurons

Singles = NDArray[np.float32]
Ranges = tuple[ticks.Range, ticks.Range]

most_lines = 48
"""Units that are drawn as lines: those whose lines go furthest up and down."""
most_named = 6
"""Of those, the units whose lines have a colour and a style of their own, and are named."""
clearly = 1.25
"""How much larger a unit must be to take the place of one that is named: names must not change at every look."""
lines_across = 16
"""Lines of the view's grid, each way, that are drawn in the bent plane."""

sum_name, others_name = "sum with bias", "others"


class UnitLines:
    """Over one feature a line for each unit: what it adds to the sum of one unit of the next Dense layer, or what it puts out.

    What units add stands with its sum, the bias included: what that unit applies its activation to.
    """

    def __init__(self, axes: Any, theme: Theme, view: View, neurons: Neurons, receiver: int | None) -> None:  # noqa: ANN401
        self._view = view
        self._receiver = receiver
        """The unit that is added up in; none where units are shown as they are."""
        self._positions: Singles = np.empty(0, np.float32)
        self._curves: Singles = np.empty((0, 0), np.float32)
        self._sum: Singles = np.empty(0, np.float32)
        self._drawn: list[int] = []
        """Numbers of the units that are drawn, in the order of their lines."""
        self._named: list[int] = []
        """Of those the named ones, the foremost first."""
        axes.set_xlabel(view.axis_names[0])
        axes.set_ylabel(what_is_added(neurons, receiver))
        units = min(most_lines, len(neurons.outputs))
        named = min(most_named, units)
        looks = [Entry(others_name, theme.strong_border, line="-")] * (units - named)
        looks += [
            Entry("", theme.series_colour(place), line=line_style(place, len(theme.series))) for place in reversed(range(named))
        ]
        looks += [Entry(sum_name, theme.text, line="-")] if receiver is not None else []
        self._looks = looks
        widths = [0.6] * (units - named) + [1.6] * named + [2.4]
        self.lines = [
            axes.plot([], [], color=look.colour, linestyle=look.line, linewidth=width, animated=True)[0]
            for look, width in zip(looks, widths, strict=False)
        ]
        (self.front,) = axes.plot([], [], linewidth=3.2, animated=True)
        """The line of the unit that the pointer is nearest to, before all others."""

    @property
    def legend(self) -> list[Entry]:
        """What is named: the sum, the units whose lines go furthest, and the others together."""
        entries = [replace(look, name=name) for look, name in zip(self._looks, self._names, strict=True)]
        return list(dict.fromkeys(reversed(entries)))

    def fill(self, neurons: Neurons, hidden: frozenset[str], foremost: int | None) -> Ranges:
        """Draw what was looked at, without lines whose names are `hidden`, and one unit foremost; the ranges of both axes."""
        self._positions = self._view.axes[0][:: neurons.stride]
        self._curves = curves_of(neurons, self._receiver)
        spans = np.nan_to_num(self._curves.max(axis=1) - self._curves.min(axis=1))
        furthest = np.argsort(-spans, kind="stable")[:most_lines].tolist()
        self._named = _kept(self._named, furthest[:most_named], spans)
        self._drawn = [*sorted(set(furthest) - set(self._named)), *reversed(self._named)]
        drawn = [*self._curves[self._drawn]]
        if self._receiver is not None and neurons.onward is not None and neurons.onward.sums is not None:
            self._sum = neurons.onward.sums[self._receiver]
            drawn.append(self._sum)
        for line, values, name in zip(self.lines, drawn, self._names, strict=True):
            line.set_data(self._positions, values)
            line.set_visible(name not in hidden)
        self.front.set_visible(foremost in self._drawn)
        if foremost is not None and foremost in self._drawn:
            line = self.lines[self._drawn.index(foremost)]
            self.front.set(data=line.get_data(), color=line.get_color(), linestyle=line.get_linestyle())
        return range_of(self._positions), range_of(*drawn)

    def nearest(self, x: float, y: float) -> tuple[int, list[str]]:
        """The unit whose line is the nearest that can be seen to (x, y), straight up or down, and what to say about it there."""
        at = int(np.abs(self._positions - x).argmin())
        seen = [unit for unit, line in zip(self._drawn, self.lines, strict=False) if line.get_visible()] or self._drawn
        distances = np.abs(self._curves[seen, at] - y)
        unit = seen[int(np.nan_to_num(distances, nan=np.inf).argmin())]
        lines = [f"{self._view.axis_names[0]} {ticks.short(float(self._positions[at]))}"]
        lines.append(f"unit {unit}: {ticks.short(float(self._curves[unit, at]))}")
        return unit, lines + ([f"{sum_name}: {ticks.short(float(self._sum[at]))}"] if self._receiver is not None else [])

    @property
    def _names(self) -> list[str]:
        """Of the lines, in their order."""
        others = [others_name] * (len(self._drawn) - len(self._named))
        names = [*others, *(f"unit {unit}" for unit in reversed(self._named))]
        return names if self._receiver is None else [*names, sum_name]


def curves_of(neurons: Neurons, receiver: int | None) -> Singles:
    """(units, positions): what each unit adds to the sum of the unit `receiver`; none: what each puts out."""
    if receiver is None or neurons.onward is None:
        return neurons.outputs
    return neurons.onward.contributions(receiver)


def what_is_added(neurons: Neurons, receiver: int | None) -> str:
    """Words for the numbers of `curves_of`."""
    if receiver is None or neurons.onward is None:
        return "output of each"
    return "added to the sum" if neurons.onward.receivers == 1 else f"added to unit {receiver}"


def _kept(named: list[int], furthest: list[int], spans: Singles) -> list[int]:
    """The units of the largest `spans`, each in its place of before: one gives way only to another that is clearly larger."""
    if not named:
        return furthest
    kept = list(named)
    for unit in furthest:
        least = min(range(len(kept)), key=lambda place: spans[kept[place]])
        if unit not in kept and spans[unit] > clearly * spans[kept[least]]:
            kept[least] = unit
    return kept


class BentPlane:
    """The grid of the data's plane as it arrives at two units, with the training examples, as ConvNetJS shows it.

    Places of the grid have the colour of what the network answers there, examples that of their class.
    """

    def __init__(self, axes: Any, theme: Theme, view: View, meaning: Meaning) -> None:  # noqa: ANN401
        self._theme = theme
        self._view = view
        self._meaning = meaning
        axes.set_xlabel("unit 0")
        axes.set_ylabel("unit 1")
        look = {"color": theme.strong_border, "linewidth": 0.6, "animated": True}
        # Each line by itself, so that drawing them can be interrupted.
        self.lines = [axes.plot([], [], **look)[0] for _ in range(2 * lines_across)]
        self._grid = axes.scatter([], [], s=7, linewidths=0, animated=True)
        self.points = axes.scatter([], [], s=15, linewidths=0.6, edgecolors=theme.card, animated=True)

    def fill(self, neurons: Neurons, outputs: Floats | None) -> Ranges:
        """Draw what was looked at; `outputs` are the network's on the whole view. The ranges of both axes."""
        view = self._view
        bent = np.moveaxis(neurons.outputs, 0, -1)
        rows, columns = (evenly(length, lines_across) for length in bent.shape[:2])
        for line, places in zip(self.lines, (*bent[rows], *bent[:, columns].swapaxes(0, 1)), strict=False):
            line.set_data(*places.T)
        value_range = surface.symmetric_range(view.training_values)
        if outputs is not None:
            grid = outputs.reshape(len(view.axes[1]), len(view.axes[0]), -1)[:: neurons.stride, :: neurons.stride]
            seen = grid[np.ix_(rows, columns)].reshape(-1, grid.shape[-1])
            self._grid.set_offsets(bent[np.ix_(rows, columns)].reshape(-1, 2))
            self._grid.set_facecolors(surface.picture(seen, self._meaning, self._theme, value_range))
        if neurons.training_outputs is not None and neurons.training_rows is not None:
            values = view.training_values[neurons.training_rows]
            self.points.set_offsets(neurons.training_outputs.T)
            self.points.set_facecolors(surface.example_colours(values, self._meaning, self._theme, value_range))
        return range_of(neurons.outputs[0]), range_of(neurons.outputs[1])
