"""What plots of curves over the steps of a run share: axes, smoothing, and the moment that is looked at."""

import math
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from matplotlib.lines import Line2D
from numpy.typing import NDArray
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from gui.plots.axes import ticks
from gui.plots.axes.curves import Floats, envelope, finite_range, spread, trailing_mean
from gui.plots.axes.step_axis import StepAxis, step_ticks
from gui.plots.plot import Plot, add_choices
from gui.plots.switches import Switch, of_button, of_words
from gui.theme import Theme
from models.telemetry.history import History

Points = tuple[Floats, Floats]
"""x and y of a curve."""
Series = tuple[NDArray[np.int64], Floats]
"""Steps, and what was measured there."""

smoothings = {"None": 0.0, "Little": 0.25, "Usual": 1.0, "Strong": 4.0}
"""Words for how much a curve is smoothed, and by how much longer than usual the stretch is that a mean is taken over."""

room_for_zero = 4.0
"""A logarithmic axis, which has no place for 0, goes on by this factor below its limits; zeros stand in the middle of that."""


nothing = History()
"""What is shown before the first run."""

line_styles = ("-", "--", "-.", ":")
dot_size = 4
"""Points of the dot that stands for a curve of a single figure."""


def line_style(place: int, colours: int) -> str:
    """How the curve with this number is drawn, so that no two look alike where colours repeat, or are not told apart."""
    return line_styles[(place + place // colours) % len(line_styles)]


def draw_points(line: Line2D, points: Points) -> None:
    """Let `line` run through `points`; where there is only one, which no line runs through, it is a dot."""
    line.set_data(*points)
    line.set_marker("o" if np.isfinite(points[1]).sum() == 1 else "")
    line.set_markersize(dot_size)


class CurvePlot(Plot):
    """Curves over optimizer steps, to be zoomed to any stretch of the record: there every recorded step is drawn.

    A figure that jumps from step to step is drawn twice: pale as it is, strong as the mean of the last ones.
    """

    zoomable = True
    means: ClassVar[int] = 80
    """Number of means without overlap in the stretch that is seen, where it is smoothed as usual."""

    def __init__(self, theme: Theme, title: QWidget | None = None, parent: QWidget | None = None) -> None:
        super().__init__(theme, title, parent)
        self.logarithmic = QToolButton()
        self.logarithmic.setText("log")
        self.logarithmic.setCheckable(True)
        self.logarithmic.setProperty("role", "chip")
        self.logarithmic.setToolTip("Logarithmic axis")
        self.header.add_switch(self.logarithmic, spared=True)
        self.smoothing = "Usual"
        """One of `smoothings`."""
        self.logarithmic_steps = False
        """Whether the step axis is logarithmic: it shows the first steps of a long run best."""
        self._history = nothing
        self._seen: tuple[object, ...] = ()
        self._axis = StepAxis()
        self._range: ticks.Range = (0.0, 0.0)
        """Limits of the vertical axis that hold everything."""
        self.moment_line: Any = None
        self.logarithmic.toggled.connect(self._start_over)
        self.switches |= {
            "logarithmic": of_button(self.logarithmic),
            "smoothing": of_words(smoothings, lambda: self.smoothing, self.smooth),
            "logarithmic steps": Switch(lambda: self.logarithmic_steps, self.set_logarithmic_steps),
        }

    @property
    def is_empty(self) -> bool:
        return not self._history.steps_seen

    def update_from(self, history: History) -> None:
        """Show this record from now on; asked again whenever it grew."""
        counts = (history.steps_seen, history.epochs_seen, history.probes_seen)
        seen = (id(history), history.started, *counts, history.ended, history.moment)
        if seen != self._seen:
            if self._history is not history:
                self.zoomed = None
            self._seen, self._history = seen, history
            self.changed()

    def clear(self) -> None:
        """Show nothing, as before the first run."""
        self._history, self._seen = nothing, ()
        self._start_over()

    def smooth(self, how: str) -> None:
        """Smooth the curves so, one of `smoothings`."""
        self.smoothing = how
        self.changed()

    def set_logarithmic_steps(self, logarithmic: bool) -> None:
        """Let the step axis be logarithmic, or not."""
        self.logarithmic_steps = logarithmic
        self._start_over()

    def menu(self) -> QMenu:
        menu = super().menu()
        add_choices(menu, "Smoothing", smoothings, self.smoothing, self.smooth)
        vertical = menu.addAction("Logarithmic axis", self.logarithmic.toggle)
        vertical.setCheckable(True)
        vertical.setChecked(self.logarithmic.isChecked())
        steps = menu.addAction("Logarithmic step axis", self._toggle_logarithmic_steps)
        steps.setCheckable(True)
        steps.setChecked(self.logarithmic_steps)
        return menu

    # For kinds of these plots

    def _make_moment_line(self) -> None:
        """A vertical line at the moment that is looked at."""
        self.moment_line = self.axes.axvline(1, color=self.theme.text, linewidth=1.0, animated=True, visible=False)

    def _follow_run(self, steps: NDArray[np.int64]) -> None:
        """Let the step axis hold `steps`, and mark the moment that is looked at."""
        moment = self._history.moment
        self._axis.include(steps, ended=self._history.ended is not None)
        self.moment_line.set_visible(moment is not None)
        if moment is not None:
            self.moment_line.set_xdata([moment, moment])

    def _pale(self, record: Series, extremes: Series | None, pixels: int) -> Points:
        """The stretch of a curve that is seen, as it is: at most two points a pixel, the lowest and the highest.

        From the extremes of all steps where the record lacks some; from the record where somebody zoomed in so far that it shows
        more than those.
        """
        x, y = record
        if extremes is not None and len(x) < x[-1] - x[0] + 1:
            part = self._part(extremes[0])
            x, y = extremes if part.stop - part.start >= 2 * pixels else record
        part = self._part(x)
        return envelope(x[part], y[part], pixels, logarithmic=self.logarithmic_steps)

    def _strong(self, x: NDArray[np.int64], y: Floats, pixels: int, *, geometric: bool = False) -> Points:
        """The stretch of a curve that is seen, as means over its last `_window` figures; as it is where it is not smoothed.

        `geometric`: of figures above 0; a figure of 0 stays 0, and is in no mean.
        """
        part, window = self._part(x), self._window(x)
        if window == 1:
            return self._pale((x, y), None, pixels)
        start = max(part.start - window, 0)
        places = spread(x[part], pixels, logarithmic=self.logarithmic_steps) + part.start
        with np.errstate(divide="ignore", invalid="ignore"):
            figures = np.log(y[start : part.stop]) if geometric else y[start : part.stop]
            means = trailing_mean(figures, window, places - start)
            means = np.where(y[places] == 0, 0.0, np.exp(means)) if geometric else means
        return x[places].astype(np.float64), means

    def _window(self, x: NDArray[np.int64]) -> int:
        """How many figures a mean is taken over; 1 where curves are not smoothed."""
        part = self._part(x)
        return max(1, int(smoothings[self.smoothing] * (part.stop - part.start) / self.means))

    def _part(self, x: NDArray[np.int64]) -> slice:
        """Places of the figures that are seen, and of one more on either side, to where a curve leaves the axes."""
        if self.zoomed is None:
            return slice(0, len(x))
        low, high = self.zoomed[0]
        return slice(max(int(np.searchsorted(x, low)) - 1, 0), min(int(np.searchsorted(x, high, "right")) + 1, len(x)))

    def _scale(self, drawn: Sequence[Floats]) -> None:
        """Choose limits that hold all that is drawn; narrower ones only where much room is unused."""
        if self.zoomed is not None:
            return
        logarithmic = self.logarithmic.isChecked()
        if logarithmic:
            found = finite_range(*(y[y > 0] for y in drawn)) or (1e-3, 1.0)
            wanted = ticks.decades(*found)
        else:
            found = finite_range(*drawn) or (0.0, 1.0)
            wanted = ticks.enclosing(*found, 4)
        low, high = self._range
        fits = low <= found[0] and found[1] <= high and (not logarithmic or low > 0)
        if not fits or _length(wanted, logarithmic=logarithmic) <= 0.5 * _length((low, high), logarithmic=logarithmic):
            self._range = wanted

    def _write_axes(self, label: str, *, zeros: bool = False) -> bool:
        """Write the axes, with a line for `zeros` beneath a logarithmic one; true where they read differently now."""
        logarithmic = self.logarithmic.isChecked()
        low, high = self._range
        x, y = self._shown_limits(self._step_limits(), (low / room_for_zero if zeros and logarithmic else low, high))
        x_ticks, x_texts = step_ticks(x, self.axes.bbox.width, self.lettering.width, logarithmic=self.logarithmic_steps)
        rows = max(2, min(7, int(self.axes.bbox.height / ((2.5 if logarithmic else 3.5) * self.lettering.height))))
        positions, texts = (ticks.logarithmic, ticks.logarithmic_texts) if logarithmic else (ticks.spaced, ticks.texts)
        y_ticks = positions(max(y[0], low) if zeros else y[0], y[1], rows)
        y_texts = texts(y_ticks)
        if zeros and logarithmic and y[0] <= self._floor:
            y_ticks = ticks.above_zero(y_ticks, self._floor, y, 1.3 * self.lettering.height / self.axes.bbox.height)
            y_ticks, y_texts = [self._floor, *y_ticks], ["0", *texts(y_ticks)]
        reading = (x, y, x_texts, y_texts, tuple(self.figure.bbox.size), label, logarithmic, self.logarithmic_steps)
        if reading == self._reading:
            return False
        self._reading = reading
        with self._styled():
            self.axes.set_xscale("log" if self.logarithmic_steps else "linear")
            self.axes.set_yscale("log" if logarithmic else "linear")
            self.axes.set_xlim(*x)
            self.axes.set_ylim(*y)
            self.axes.set_xticks(x_ticks, x_texts)
            self.axes.set_yticks(y_ticks, y_texts)
            self.axes.set_xticks([], minor=True)
            self.axes.set_yticks([], minor=True)
            fits = self.lettering.width(label) < 0.7 * self.figure.bbox.height
            self.axes.set_ylabel(label if fits else "")  # the title says it too
        self._place_axes(x_texts, y_texts)
        return True

    @property
    def _floor(self) -> float:
        """Where a figure of 0 stands on a logarithmic axis."""
        return float(self._range[0] / room_for_zero**0.5)

    @property
    def _pixels(self) -> int:
        return max(int(self.axes.bbox.width), 50)

    def _start_over(self) -> None:
        """Find the limits anew: something else is drawn, or in another way."""
        self._range = (0.0, 0.0)
        self.zoomed = None
        self.changed()

    def _step_limits(self) -> ticks.Range:
        low, high = self._axis.limits
        return (max(low, 1.0), high) if self.logarithmic_steps else (low, high)

    def _toggle_logarithmic_steps(self) -> None:
        self.set_logarithmic_steps(not self.logarithmic_steps)


def _length(limits: ticks.Range, *, logarithmic: bool) -> float:
    """How much of an axis lies between two limits: a logarithmic one is counted in powers of e."""
    low, high = limits
    return math.log(high / low) if logarithmic else high - low
