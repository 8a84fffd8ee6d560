"""Units of one layer over two axes: what each adds to the output, and the plane of two of them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gui.plots.axes import ticks
from gui.plots.axes.curves import Floats
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
lines_across = 16
"""Lines of the view's grid, each way, that are drawn in the bent plane."""


class UnitLines:
    """Over one feature a line for each unit: what it adds to the only unit of the next layer, or what it puts out.

    What they add stands with its sum, the bias included: the output before its own activation.
    """

    def __init__(self, axes: Any, theme: Theme, view: View, neurons: Neurons, *, add: bool) -> None:  # noqa: ANN401
        self._view = view
        self._adds = add
        self._positions: Singles = np.empty(0, np.float32)
        self._curves: Singles = np.empty((0, 0), np.float32)
        self._sum: Singles = np.empty(0, np.float32)
        self._drawn: NDArray[np.intp] = np.empty(0, np.intp)
        """Numbers of the units that are drawn."""
        axes.set_xlabel(view.axis_names[0])
        axes.set_ylabel("added to the sum" if add else "output of each")
        count = min(most_lines, len(neurons.outputs))
        looks = [{"color": theme.series_colour(number), "linewidth": 1.0, "alpha": 0.8} for number in range(count)]
        looks += [{"color": theme.text, "linewidth": 2.2}] if add else []
        self.lines = [axes.plot([], [], animated=True, **look)[0] for look in looks]

    def fill(self, neurons: Neurons) -> Ranges:
        """Draw what was looked at; the ranges of both axes."""
        self._positions = self._view.axes[0][:: neurons.stride]
        self._curves = neurons.outputs
        if self._adds and neurons.onward is not None:
            kernel, bias = neurons.onward
            self._curves = neurons.outputs * kernel.values[: len(neurons.outputs)]
            self._sum = self._curves.sum(axis=0) + (0.0 if bias is None else bias.values[0])
        spans = np.nan_to_num(self._curves.max(axis=1) - self._curves.min(axis=1))
        self._drawn = np.sort(np.argsort(-spans, kind="stable")[:most_lines])
        drawn = [*self._curves[self._drawn], *([self._sum] if self._adds else [])]
        for line, values in zip(self.lines, drawn, strict=True):
            line.set_data(self._positions, values)
        return range_of(self._positions), range_of(*drawn)

    def nearest(self, x: float, y: float) -> tuple[int, list[str]]:
        """The unit whose line is nearest to (x, y), straight up or down, and what there is to say about it there."""
        at = int(np.abs(self._positions - x).argmin())
        distances = np.abs(self._curves[self._drawn, at] - y)
        unit = int(self._drawn[np.nan_to_num(distances, nan=np.inf).argmin()])
        lines = [f"{self._view.axis_names[0]} {ticks.short(float(self._positions[at]))}"]
        lines.append(f"unit {unit}: {ticks.short(float(self._curves[unit, at]))}")
        return unit, lines + ([f"sum with bias: {ticks.short(float(self._sum[at]))}"] if self._adds else [])


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
