"""The curves of earlier runs, behind those of the present one."""

from collections.abc import Callable, Collection
from typing import Any

import numpy as np
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from gui.plots.axes.curves import Floats, spread, trailing_mean
from gui.plots.header import Entry
from gui.theme import Theme
from gui.widgets.run_look import look_of
from models.experiment.figures import validation_prefix
from models.telemetry.history import EarlierRun, Epochs, Steps

Curve = tuple[NDArray[np.int64], Floats]

most_points = 200
"""Of a curve that nobody follows point by point."""
means = 80
"""A curve of training is a mean over this part of its record, as that of the present run."""
validation_width = 0.7


class Ghosts:
    """For each earlier run that is to be shown a line for training, and a thinner one for validation."""

    def __init__(self, training: Callable[[Steps], Floats], validation: Callable[[Epochs], Floats]) -> None:
        """`training` and `validation` take the figures to draw out of a record."""
        self._training = training
        self._validation = validation
        self._runs: tuple[EarlierRun, ...] = ()
        self._made = False
        self._lines: dict[str, list[Line2D]] = {}
        """By `key_of` the run."""

    @property
    def shown(self) -> tuple[EarlierRun, ...]:
        """The runs that are to be shown."""
        return tuple(run for run in self._runs if run.shown)

    @property
    def last_step(self) -> int:
        """The last step of all that are to be shown."""
        return max((run.history.last_step for run in self.shown), default=0)

    def follow(self, runs: tuple[EarlierRun, ...]) -> bool:
        """Show these runs from now on, as far as they are to be shown; tells whether they are others than before."""
        if runs is self._runs:
            return False
        self._runs, self._made = runs, False
        return True

    def start_over(self) -> None:
        """Other figures of the runs are to be drawn, or on other axes."""
        self._made = False

    def forget_axes(self) -> None:
        """The axes were cleared, with the lines on them."""
        self._lines, self._made = {}, False

    def make_lines(self, axes: Any, theme: Theme) -> None:  # noqa: ANN401
        """Lines on `axes` for the runs that are to be shown, where that was not done yet."""
        if self._made:
            return
        for line in self.lines:
            line.remove()
        self._lines = {key_of(run): self._lines_of(run, axes, theme) for run in self.shown}
        self._made = True

    @property
    def lines(self) -> list[Line2D]:
        """All lines, those of older runs behind."""
        return [line for lines in self._lines.values() for line in lines]

    def hide(self, hidden: Collection[str]) -> list[Floats]:
        """Draw all runs but those with these keys; gives the figures that are drawn."""
        drawn = []
        for key, lines in self._lines.items():
            for line in lines:
                line.set_visible(key not in hidden)
                if key not in hidden:
                    drawn.append(np.asarray(line.get_ydata(), np.float64))
        return drawn

    def entries(self, theme: Theme) -> list[Entry]:
        """Their lines in the legend."""
        looks = [(run, look_of(run, theme)) for run in self.shown]
        return [Entry(run.name, look.colour, line=look.style, known_as=key_of(run)) for run, look in looks]

    def columns(self, name: str) -> dict[str, Curve]:
        """Titles, steps and figures of all that are to be shown, for a table; `name` is what the figures are called."""
        found = {}
        for run in self.shown:
            steps, epochs = run.history.steps(), run.history.epochs()
            validation = self._validation(epochs)
            found[f"{name} ({run.name})"] = steps.step, self._training(steps)
            if len(validation):
                found[f"{validation_prefix}{name} ({run.name})"] = epochs.step[: len(validation)], validation
        return found

    def _lines_of(self, run: EarlierRun, axes: Any, theme: Theme) -> list[Line2D]:  # noqa: ANN401
        look = look_of(run, theme)
        steps, epochs = run.history.steps(), run.history.epochs()
        smooth, validation = run.means or smoothed(steps), self._validation(epochs)
        ends = spread(epochs.step[: len(validation)], most_points)
        lines = []
        for x, y, width in (
            (smooth.step, self._training(smooth), 1.2),
            (epochs.step[ends], validation[ends], validation_width),
        ):
            lines += axes.plot(x, y, color=look.colour, linestyle=look.style, linewidth=width, alpha=0.85, animated=True)
        return lines


def smoothed(steps: Steps) -> Steps:
    """At some of `steps` the means of their figures over those before; the learning rate as it is there."""
    places, window = spread(steps.step, most_points), max(1, len(steps) // means)
    loss, *metrics = (trailing_mean(figures, window, places) for figures in (steps.loss, *steps.metrics.values()))
    rate, named = steps.learning_rate[places], dict(zip(steps.metrics, metrics, strict=True))
    return Steps(steps.step[places], steps.epoch[places], loss, named, rate, {})


def key_of(run: EarlierRun) -> str:
    """What the curves of a run are known by, whatever it is called."""
    return f"earlier {run.number}"
