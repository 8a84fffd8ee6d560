"""How much gradient reaches each layer."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.lines import Line2D
from numpy.typing import NDArray
from PySide6.QtWidgets import QWidget

from gui.plots import ticks
from gui.plots.curves import Floats, envelope, evenly, finite_range, trailing_mean
from gui.plots.header import Entry
from gui.plots.help import Help
from gui.plots.plot import Plot, Row
from gui.plots.step_axis import StepAxis
from gui.theme import Theme
from models.telemetry.history import History, Steps

longest_name = 18
"""Letters of a layer's name in a note."""


class GradientPlot(Plot):
    """Norm of the loss's gradient with respect to each layer's weights, before clipping, on a logarithmic axis.

    Norms jump from batch to batch: in a long run the strong curve is their geometric mean over the last steps, the pale one every
    step's norm.
    A norm of exactly 0, which such an axis has no place for, is drawn on a line of its own at the bottom.
    """

    title = "Gradient norm"
    help = Help(
        shows="How large the gradient of the loss with respect to each layer's weights is, before clipping, on a logarithmic "
        "axis. Strong: the geometric mean of the last steps. Pale: every step.",
        good="All layers within a factor of ten or so of each other, steady or slowly falling.",
        bad="Each layer nearer the input has ten times less than the next: gradients vanish; try relu, he_normal, or batch "
        "normalization. Ever growing: they explode; clip them, or lower the learning rate. On the line 0: the layer "
        "learns nothing.",
    )
    means = 150
    """Number of means that a strong curve consists of."""
    empty_sentence = "Press Train to see how much gradient reaches each layer"

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent=parent)
        self._history: History | None = None
        self._seen: tuple[object, ...] = ()
        self._layers: tuple[str, ...] = ()
        self._axis = StepAxis()
        self._range: ticks.Range = (0.0, 0.0)
        self._reading: tuple[object, ...] = ()
        self.lines: list[Any] = []
        self.pale_lines: list[Any] = []

    @property
    def is_empty(self) -> bool:
        return self._history is None or not self._history.steps_seen

    def update_from(self, history: History) -> None:
        """Show this record from now on; asked again whenever it grew."""
        seen = (id(history), history.started, history.steps_seen, history.ended)
        if seen != self._seen:
            self._seen, self._history = seen, history
            self.changed()

    def clear(self) -> None:
        """Show nothing, as before the first run."""
        self._history, self._seen, self._range = None, (), (0.0, 0.0)
        self.changed()

    def table(self) -> tuple[Sequence[str], Iterable[Row]]:
        """One row for each step in which a norm was measured."""
        steps = self._steps()
        norms = list(steps.gradient_norms.values())
        measured = ~np.isnan(norms).all(axis=0) if norms else np.zeros(len(steps), dtype=bool)
        columns = [steps.step[measured], *(norm[measured] for norm in norms)]
        return ("step", *steps.gradient_norms), zip(*(column.tolist() for column in columns), strict=True)

    def describe(self, x: float, y: float) -> str:
        steps = self._steps()
        lines = []
        for name, norms in steps.gradient_norms.items():
            measured = np.flatnonzero(~np.isnan(norms))
            if len(measured):
                place = measured[np.abs(steps.step[measured] - x).argmin()]
                lines.append(f"{name} {ticks.short(float(norms[place]))} at step {ticks.grouped(int(steps.step[place]))}")
        return "\n".join(lines)

    def _build(self) -> None:
        self._reading, self._layers, self.lines, self.pale_lines = (), (), [], []
        self.axes = self.figure.add_subplot()
        self.axes.set_yscale("log")
        self.axes.set_xlabel("step")
        self.axes.set_ylabel("gradient norm")
        self.note = self._make_note()

    def _moving(self) -> Iterable[Artist]:
        return (*self.pale_lines, *self.lines, self.note)

    def _fill(self) -> bool:
        steps = self._steps()
        self._make_lines(tuple(steps.gradient_norms))
        norms = list(steps.gradient_norms.values())
        self._axis.include(steps.step, ended=self._history is not None and self._history.ended is not None)
        zeros = any((norm == 0).any() for norm in norms)
        self._scale(norms)
        changed = self._place_ticks(zeros=zeros)
        floor = self.axes.get_ylim()[0] * _room_for_zero**0.5
        # Many curves are drawn coarser, as none of them could be followed pixel by pixel.
        pixels = max(int(self.axes.bbox.width / max(1.0, len(norms) / 6)), 50)
        for line, pale, norm in zip(self.lines, self.pale_lines, norms, strict=True):
            measured = ~np.isnan(norm)
            step, norm = steps.step[measured], norm[measured]
            window = max(1, len(step) // self.means)
            places = evenly(len(step), pixels)
            line.set_data(step[places], np.where(norm[places] == 0, floor, _geometric_means(norm, window, places)))
            pale.set_data(*envelope(step, np.where(norm == 0, floor, norm), pixels) if window > 1 else ([], []))
        self.note.set_text(_note(steps))
        return changed

    def _make_lines(self, layers: tuple[str, ...]) -> None:
        """One line for each of `layers`; the ninth and later ones are dashed, as colours repeat."""
        if layers == self._layers:
            return
        self._layers = layers
        for line in (*self.lines, *self.pale_lines):
            line.remove()
        with self._styled():
            self.pale_lines = [self._line(place, alpha=0.22, linewidth=0.8) for place in range(len(layers))]
            self.lines = [self._line(place, linewidth=1.4) for place in range(len(layers))]
        self.header.set_legend([Entry(name, self.theme.series_colour(place)) for place, name in enumerate(layers)])

    def _line(self, place: int, **look: float) -> Line2D:
        style = "-" if place < len(self.theme.series) else "--"
        (line,) = self.axes.plot([], [], color=self.theme.series_colour(place), linestyle=style, animated=True, **look)
        assert isinstance(line, Line2D)
        return line

    def _scale(self, norms: Sequence[Floats]) -> None:
        found = finite_range(*(norm[norm > 0] for norm in norms)) or (1e-3, 1.0)
        wanted = ticks.decades(*found)
        if not (self._range[0] <= found[0] and found[1] <= self._range[1]) or self._range[0] == 0:
            self._range = wanted

    def _place_ticks(self, *, zeros: bool) -> bool:
        """Write the axes; true where they read differently now."""
        low, high = self._range
        limits = (low / _room_for_zero, high) if zeros else (low, high)
        rows = max(2, min(7, int(self.axes.bbox.height / (2.5 * self._text_height()))))
        y_ticks = ticks.logarithmic(low, high, rows)
        y_texts = ticks.logarithmic_texts(y_ticks)
        if zeros:
            y_ticks, y_texts = [limits[0] * _room_for_zero**0.5, *y_ticks], ["0", *y_texts]
        x_ticks, x_texts = self._axis.ticks(self.axes.bbox.width, self._text_width)
        reading = (limits, self._axis.limits, x_texts, y_texts, tuple(self.figure.bbox.size))
        if reading == self._reading:
            return False
        self._reading = reading
        with self._styled():
            self.axes.set_xlim(*self._axis.limits)
            self.axes.set_ylim(*limits)
            self.axes.set_xticks(x_ticks, x_texts)
            self.axes.set_yticks(y_ticks, y_texts)
            self.axes.set_yticks([], minor=True)
        self._place_axes(x_texts, y_texts)
        return True

    def _steps(self) -> Steps:
        return (self._history or _nothing).steps()


_room_for_zero = 4.0
"""The line of zeros stands half this factor below the lowest norm."""
_nothing = History()


def _geometric_means(norms: Floats, window: int, places: NDArray[np.int64]) -> Floats:
    """At each of `places` the geometric mean of the last `window` norms, zeros left out; the norm itself for a window of 1."""
    if window == 1:
        return norms[places]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.exp(trailing_mean(np.log(norms), window, places))


def _note(steps: Steps) -> str:
    """What must not be lost: layers that got no gradient or one that is not finite."""
    notes = []
    for name, norms in steps.gradient_norms.items():
        measured = norms[~np.isnan(norms)]
        if len(measured) and np.isinf(measured).any():
            notes.append(f"{_shortened(name)} not finite")
        elif len(measured) and measured[-1] == 0:
            notes.append(f"{_shortened(name)} is 0")
    return "\n".join((*notes[:3], *((f"and {len(notes) - 3} more",) if len(notes) > 3 else ())))


def _shortened(name: str) -> str:
    """A long name without its middle, so that the note stays inside the plot."""
    return name if len(name) <= longest_name else f"{name[: longest_name - 8]}…{name[-7:]}"
