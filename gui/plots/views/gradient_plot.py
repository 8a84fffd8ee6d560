"""How much gradient reaches each layer, and how large a step is against the weights it changes."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.lines import Line2D
from numpy.typing import NDArray
from PySide6.QtWidgets import QWidget

from gui.plots.axes import ticks
from gui.plots.axes.curves import Floats
from gui.plots.curve_plot import CurvePlot, Points, Series, draw_points, line_style
from gui.plots.header import Entry
from gui.plots.help import Help
from gui.plots.plot import Row
from gui.plots.switches import of_choice
from gui.plots.title import Title
from gui.theme import Theme
from models.telemetry.diagnosis import largest_update, smallest_update
from models.telemetry.history import History, Steps, gradient_prefix

good_ratios = (smallest_update, largest_update)
"""Norm of an update divided by that of the weights, where steps are neither too small nor too large."""
best_ratio = 1e-3
"""What CS231n ("Neural Networks Part 3") calls about right."""


class GradientPlot(CurvePlot):
    """For each layer the norm of the loss's gradient with respect to its weights, before clipping; or update ÷ weight.

    Norms jump from batch to batch: in a long run the strong curve is their geometric mean over the last steps, the pale one every
    step's norm. A figure of exactly 0, which a logarithmic axis has no place for, is drawn on a line of its own at the bottom.
    """

    title = "Gradient norm"
    means = 150
    help = Help(
        shows="How large the gradient of the loss with respect to each layer's weights is, before clipping. Strong: the "
        "geometric mean of the last steps. Pale: every step. The title chooses the ratio of update to weight instead: the norm "
        "of one step that was really taken, divided by the norm of the weights.",
        good="All layers within a factor of ten or so of each other, steady or slowly falling; ratios in the shaded band, near "
        "10⁻³.",
        bad="Each layer nearer the input has ten times less than the next: gradients vanish; try relu, he_normal, or batch "
        "normalization. Ever growing: they explode; clip them, or lower the learning rate. On the line 0: the layer learns "
        "nothing. Ratios above 10⁻²: the learning rate is too high; below 10⁻⁴: too low.",
    )
    empty_sentence = "Press Train to see how much gradient reaches each layer"

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        self.quantity = Title()
        self.quantity.addItem("Gradient norm", "gradient norm")
        self.quantity.addItem("Update ÷ weight", "update ÷ weight")
        super().__init__(theme, self.quantity, parent)
        self.logarithmic.setChecked(True)
        self._layers: tuple[str, ...] = ()
        self.lines: list[Any] = []
        self.pale_lines: list[Any] = []
        self.band: list[Any] = []
        """Where ratios of update to weight are good."""
        self.switches["quantity"] = of_choice(self.quantity)
        self.quantity.currentIndexChanged.connect(self._choose)

    def table(self) -> tuple[Sequence[str], Iterable[Row]]:
        """One row for each step in which something was measured."""
        series = self._series(self._history.steps())
        known = sorted({step for steps, _ in series.values() for step in steps.tolist()})
        found = [dict(zip(steps.tolist(), figures.tolist(), strict=True)) for steps, figures in series.values()]
        return ("step", *series), ((step, *(each.get(step, "") for each in found)) for step in known)

    def describe(self, x: float, y: float) -> str:
        lines = []
        for name, (steps, figures) in self._series(self._history.steps()).items():
            if len(steps):
                place = int(np.abs(steps - x).argmin())
                lines.append(f"{name} {ticks.short(float(figures[place]))} at step {ticks.grouped(int(steps[place]))}")
        return "\n".join(lines)

    def _build(self) -> None:
        self._reading, self._layers, self.lines, self.pale_lines = (), (), [], []
        self.axes = self.figure.add_subplot()
        self.axes.set_xlabel("step")
        self.band = [
            self.axes.axhspan(*good_ratios, color=self.theme.good, alpha=0.14, linewidth=0),
            self.axes.axhline(best_ratio, color=self.theme.good, linewidth=0.8),
        ]
        self._make_moment_line()
        self.note = self._make_note()

    def _moving(self) -> Iterable[Artist]:
        return (*self.pale_lines, *self.lines, self.moment_line, self.note)

    def _fill(self) -> bool:
        record = self._history.steps()
        series = self._series(record)
        self._make_lines(tuple(series))
        self._follow_run(record.step)
        logarithmic = self.logarithmic.isChecked()
        # Many curves are drawn coarser, as none of them could be followed pixel by pixel.
        pixels = max(int(self._pixels / max(1.0, len(series) / 6)), 50)
        curves: list[tuple[Line2D, Points]] = []
        for line, pale, name in zip(self.lines, self.pale_lines, series, strict=True):
            steps, figures = series[name]
            line.set_visible(name not in self.hidden)
            pale.set_visible(name not in self.hidden and self._window(steps) > 1)
            if line.get_visible():
                curves.append((line, self._strong(steps, figures, pixels, geometric=logarithmic)))
            if pale.get_visible():
                curves.append((pale, self._pale(series[name], self._extremes(name), pixels)))
        drawn = [y for _, (_, y) in curves]
        zeros = logarithmic and any((y == 0).any() for y in drawn)
        for mark in self.band:
            mark.set_visible(self._shows_ratios)
        around_band = [np.array([good_ratios[0] / 10, good_ratios[1] * 10])] if self._shows_ratios else []
        self._scale([*drawn, *around_band])
        changed = self._write_axes(self._name, zeros=zeros)
        for line, (x, y) in curves:
            draw_points(line, (x, np.where(y == 0, self._floor, y) if zeros else y))
        self.note.set_text(self._notes(series))
        return changed

    def _make_lines(self, layers: tuple[str, ...]) -> None:
        """Two lines for each of `layers`, a pale and a strong one."""
        if layers == self._layers:
            return
        self._layers = layers
        for line in (*self.lines, *self.pale_lines):
            line.remove()
        theme = self.theme
        with self._styled():
            self.pale_lines = [self._line(place, "-", alpha=0.22, linewidth=0.8) for place in range(len(layers))]
            self.lines = [self._line(place, line_style(place, len(theme.series)), linewidth=1.4) for place in range(len(layers))]
        self.header.set_legend(
            [
                Entry(name, theme.series_colour(place), line=line_style(place, len(theme.series)))
                for place, name in enumerate(layers)
            ]
        )

    def _line(self, place: int, style: str, **look: float) -> Line2D:
        (line,) = self.axes.plot([], [], color=self.theme.series_colour(place), linestyle=style, animated=True, **look)
        assert isinstance(line, Line2D)
        return line

    def _choose(self) -> None:
        self.title = self.quantity.currentText()
        self._start_over()

    @property
    def _name(self) -> str:
        return str(self.quantity.currentData())

    @property
    def _shows_ratios(self) -> bool:
        return self._name != "gradient norm"

    def _series(self, record: Steps) -> Mapping[str, Series]:
        """For each layer the steps in which it was measured, and what; `record` are the steps that the run recorded."""
        return _ratios(self._history) if self._shows_ratios else _norms(record)

    def _notes(self, series: Mapping[str, Series]) -> str:
        """What must not be lost: layers whose figure is 0 or not finite."""
        notes = []
        for name, (_, figures) in series.items():
            if not np.isfinite(figures).all():
                notes.append(f"{self.lettering.short_name(name)} not finite")
            elif len(figures) and figures[-1] == 0:
                notes.append(f"{self.lettering.short_name(name)} is 0")
        return self._noted(notes)

    def _extremes(self, name: str) -> Series | None:
        """The lowest and the highest norms of a layer in all parts of a long run, and where."""
        return None if self._shows_ratios else _measured(*self._history.step_curve(gradient_prefix + name))


def _norms(steps: Steps) -> Mapping[str, Series]:
    """Norms of the gradients; recorded steps in which they were not measured are left out."""
    return {name: _measured(steps.step, norms) for name, norms in steps.gradient_norms.items()}


def _measured(steps: NDArray[np.int64], figures: Floats) -> Series:
    missing = np.isnan(figures)
    return (steps[~missing], figures[~missing]) if missing.any() else (steps, figures)


def _ratios(history: History) -> Mapping[str, Series]:
    """Norms of updates divided by those of the weights, as looks inside found them, for layers that have weights."""
    found: dict[str, list[tuple[int, float]]] = {}
    for probe in history.probes():
        for layer in probe.layers:
            if layer.update_ratio is not None:
                found.setdefault(layer.name, []).append((probe.step, layer.update_ratio))
    return {name: (np.array([step for step, _ in rows]), np.array([ratio for _, ratio in rows])) for name, rows in found.items()}
