"""The loss, or a metric, of training and validation."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.lines import Line2D
from numpy.typing import NDArray
from PySide6.QtWidgets import QWidget

from gui.plots.axes import ticks
from gui.plots.axes.curves import Floats, finite_range
from gui.plots.curve_plot import CurvePlot, Points, Series, draw_points
from gui.plots.header import Entry
from gui.plots.help import Help
from gui.plots.plot import Row
from gui.plots.switches import of_choice, offer, offered
from gui.plots.title import Title
from gui.plots.views.ghosts import Ghosts
from gui.theme import Theme
from models.data.prepared import unscaled
from models.experiment.figures import validation_prefix
from models.telemetry.bests import BestEpoch
from models.telemetry.history import Epochs, History, Steps

if TYPE_CHECKING:
    from gui.messages import RunPrepared

rate_name = "learning_rate"
penalty_name = "penalty"
"""What the run calls the regularizers' part of its loss."""
room_for_earlier = 1.0
"""So many times the height of the present curve a linear axis goes on, at most, for those of earlier runs: half is its own."""
factor_for_earlier = 10.0
"""A logarithmic axis goes on by that factor, or by as many decades as the present curve spans."""


class LossPlot(CurvePlot):
    """Training per step, validation per epoch; the head chooses between the loss, each metric and the learning rate.

    Where regularizers add a penalty to the loss, it and what is left without it, the loss of the data, are curves of their own.
    """

    title = "Loss"
    help = Help(
        shows="The loss of every step's batch (pale), its mean over the last steps (strong), and the loss on the validation "
        "examples after every epoch; a ring marks the best epoch. The title chooses a metric or the learning rate instead. "
        "Of a scaled target they are not in its own units; Predictions has those. "
        "With regularizers the loss is split into that of the data and their penalty. The newest runs that are over stay behind, "
        "training and, thinner, validation; Runs, below, lists them.",
        good="Both curves fall fast, then slower, and stay close to each other.",
        bad="Flat from the start: the learning rate is too low, or no gradient arrives. Up and down, or not finite: it is too "
        "high. Validation rises while training falls: the network learns the noise; stop earlier, or add a penalty, "
        "dropout or examples.",
    )
    empty_sentence = "Press Train to see the loss move"

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        self.quantity = Title()
        self.quantity.addItem("Loss", "loss")
        self._ghosts = Ghosts(self._training, self._validation)
        super().__init__(theme, self.quantity, parent)
        self._loss_name = ""
        self._scaled = False
        """Whether the run is fed targets that were scaled, so that its figures are not in the numbers of the data."""
        self.switches["quantity"] = of_choice(self.quantity)
        self.quantity.currentIndexChanged.connect(self._choose)

    def start(self, run: "RunPrepared") -> None:
        super().start(run)
        self._scaled = run.prepared.target_scale != unscaled
        self.set_loss_name(run.experiment.training.loss.identifier().replace("_", " "))

    def set_loss_name(self, name: str) -> None:
        """Name the loss that is drawn, beneath the word "Loss"."""
        self._loss_name = name
        self._show_subtitle()

    @property
    def is_empty(self) -> bool:
        return super().is_empty and not self._ghosts.shown

    def update_from(self, history: History) -> None:
        before = self._seen
        super().update_from(history)
        if others := self._ghosts.follow(history.earlier):
            self.changed()
        if self._seen != before:
            self._offer(history.started.metrics if history.started else ())
        if others or self._seen != before:
            self._show_subtitle()

    def clear(self) -> None:
        super().clear()
        self._scaled = False
        self.set_loss_name("")

    def table(self) -> tuple[Sequence[str], Iterable[Row]]:
        """One row a recorded step; the validation's figure in the row of the step that ended the epoch.

        Of a long run not every step is kept, and the end of an epoch may have a row for the validation's figure alone. Earlier
        runs that are drawn have columns of their own, and rows for their steps.
        """
        name, steps, epochs = self._name, self._history.steps(), self._history.epochs()
        validation = self._validation(epochs)
        curves = {name: (steps.step, self._training(steps))}
        if self._penalized(steps):
            curves |= {"data_loss": (steps.step, _data_loss(steps)), penalty_name: (steps.step, steps.metrics[penalty_name])}
        curves[f"{validation_prefix}{name}"] = (epochs.step[: len(validation)], validation)
        curves |= self._ghosts.columns(name)
        columns = [_by_step(*curve) for curve in curves.values()]
        epoch = _by_step(epochs.step, epochs.epoch) | _by_step(steps.step, steps.epoch)
        places = sorted({step for column in columns for step in column})
        rows = ((step, epoch.get(step, ""), *(column.get(step, "") for column in columns)) for step in places)
        return ("step", "epoch", *curves), rows

    def describe(self, x: float, y: float) -> str:
        steps, epochs = self._history.steps(), self._history.epochs()
        if not len(steps):
            return ""
        place = int(np.abs(steps.step - x).argmin())
        lines = [f"step {ticks.grouped(int(steps.step[place]))}, epoch {steps.epoch[place]}"]
        total = ticks.short(float(self._training(steps)[place]))
        if self._penalized(steps):
            penalty = float(steps.metrics[penalty_name][place])
            data = ticks.short(float(steps.loss[place]) - penalty)
            lines.append(f"loss {total} = data {data} + penalty {ticks.short(penalty)}")
        else:
            lines.append(f"{'' if self._name == rate_name else 'training '}{total}")
        validation = self._validation(epochs)
        if len(validation):
            nearest = int(np.abs(epochs.step - x).argmin())
            lines.append(f"validation {ticks.short(float(validation[nearest]))} after epoch {epochs.epoch[nearest]}")
        return "\n".join(lines)

    def best_epoch(self) -> BestEpoch | None:
        """The epoch that is best by the figure drawn, on the validation examples if there are any; none before there is one."""
        if self._name == "loss":
            return self._history.best_epoch
        names = (f"{validation_prefix}{self._name}", self._name)
        figure = next((name for name in names if name in self._history.epochs().values), self._name)
        return self._history.best(figure)

    def _build(self) -> None:
        theme = self.theme
        self._reading = ()
        self.axes = self.figure.add_subplot()
        self.axes.set_xlabel("step")
        (self.raw_line,) = self.axes.plot([], [], color=theme.accent, alpha=0.38, linewidth=0.9, animated=True)
        self.penalty_line = self._line(theme.series_colour(4), ":", 1.2)
        self.data_line = self._line(theme.series_colour(2), "-.", 1.2)
        self.training_line = self._line(theme.accent, "-", 1.6)
        self.validation_line = self._line(theme.validation, "--", 1.6)
        self.best_point = self._line(theme.text, "", 1.6)
        self.best_point.set(marker="o", markersize=9, fillstyle="none")
        self._make_moment_line()
        self._ghosts.forget_axes()
        self.note = self._make_note()

    def _moving(self) -> Iterable[Artist]:
        return (*self._ghosts.lines, self.raw_line, *self._named_lines.values(), self.best_point, self.moment_line, self.note)

    def _fill(self) -> bool:
        steps, pixels = self._history.steps(), self._pixels
        with self._styled():
            self._ghosts.make_lines(self.axes, self.theme)
        ghosts = self._ghosts.last_step
        self._follow_run(np.array([1, max([ghosts, *steps.step[-1:].tolist()])]) if ghosts else steps.step)
        pale = self._pale((steps.step, self._training(steps)), self._extremes(steps), pixels)
        smoothed = self._name != rate_name and self._window(steps.step) > 1
        curves = self._curves(steps, pixels) | ({} if smoothed else {"train": pale})
        draw_points(self.raw_line, pale)
        self.raw_line.set_visible("train" not in self.hidden)
        self.training_line.set_linewidth(1.6 if len(curves["train"][0]) <= 1.5 * pixels else 0.9)  # thin: a band, not a blot
        drawn = [] if "train" in self.hidden else [pale[1]]
        for name, line in self._named_lines.items():
            draw_points(line, curves.get(name, _nothing_drawn))
            line.set_visible(name not in self.hidden)
            if line.get_visible() and name in curves:
                drawn.append(curves[name][1])
        drawn += self._within_reach(drawn, self._ghosts.hide(self.hidden))
        self._mark_epochs(steps, pixels)
        self.note.set_text(_not_finite_note(steps.step, self._training(steps)))
        self._scale(drawn)
        return self._write_axes(self._name.replace("_", " "))

    @property
    def _named_lines(self) -> dict[str, Line2D]:
        """What the legend names, from back to front."""
        return {
            "penalty": self.penalty_line,
            "data": self.data_line,
            "train": self.training_line,
            "validation": self.validation_line,
        }

    def _curves(self, steps: Steps, pixels: int) -> dict[str, Points]:
        """The stretch that is seen of the curves that there are."""
        curves = {"train": self._strong(steps.step, self._training(steps), pixels)}
        if self._penalized(steps):
            curves["data"] = self._strong(steps.step, _data_loss(steps), pixels)
            curves["penalty"] = self._strong(steps.step, steps.metrics[penalty_name], pixels)
        epochs = self._history.epochs()
        if len(validation := self._validation(epochs)):
            extremes = self._history.epoch_curve(f"{validation_prefix}{self._name}")
            curves["validation"] = self._pale((epochs.step[: len(validation)], validation), extremes, pixels)
        return curves

    def _within_reach(self, drawn: Sequence[Floats], earlier: Sequence[Floats]) -> Sequence[Floats]:
        """What figures of earlier runs count for on the axis: one that exploded must not press the present curve flat."""
        logarithmic = self.logarithmic.isChecked()
        found = finite_range(*(figures[figures > 0] if logarithmic else figures for figures in drawn))
        if found is None or not any(found):
            return earlier
        low, high = found
        if logarithmic:
            factor = max(high / low, factor_for_earlier)
            reach = low / factor, high * factor
        else:
            room = room_for_earlier * max(high - low, abs(low), abs(high))
            reach = low - room, high + room
        return [np.clip(figures[np.isfinite(figures)], *reach) for figures in earlier]

    def _extremes(self, steps: Steps) -> Series | None:
        return self._history.step_curve(self._name) if len(steps) else None

    def _mark_epochs(self, steps: Steps, pixels: int) -> None:
        """Dots where epochs are few, a ring around the best one, and what the legend says of both."""
        validated = len(self._validation(self._history.epochs()))
        self.validation_line.set(marker="o" if validated <= pixels // 8 else "", markersize=3)
        best = self.best_epoch()
        self.best_point.set_visible(best is not None and "validation" not in self.hidden)
        self.best_point.set_clip_on(self.zoomed is not None)  # a ring around the last epoch reaches over the axes
        if best is not None:
            self.best_point.set_data([best.step], [best.value])
        self._show_legend(steps, validated=validated > 0, best=best)

    @property
    def _name(self) -> str:
        """Keras's name of what is drawn."""
        return str(self.quantity.currentData())

    def _line(self, colour: str, style: str, width: float) -> Line2D:
        (line,) = self.axes.plot([], [], color=colour, linestyle=style, linewidth=width, animated=True)
        assert isinstance(line, Line2D)
        return line

    def _training(self, steps: Steps) -> Floats:
        if self._name == "loss":
            return steps.loss
        if self._name == rate_name:
            return steps.learning_rate
        return steps.metrics.get(self._name, np.full(len(steps), np.nan))

    def _validation(self, epochs: Epochs) -> Floats:
        found = epochs.values.get(f"{validation_prefix}{self._name}")
        return found if found is not None else np.empty(0)

    def _offer(self, metrics: Sequence[str]) -> None:
        """Let the quantity be chosen among the loss and `metrics`, keeping the choice where it still exists."""
        names = ("loss", *(name for name in metrics if name != penalty_name), rate_name)
        choices = [(name.replace("_", " ").capitalize(), name) for name in names]
        if choices != offered(self.quantity) and offer(self.quantity, choices):
            self._choose()

    def _choose(self) -> None:
        self.title = self.quantity.currentText()
        self._ghosts.start_over()
        self._start_over()
        self._show_subtitle()

    @property
    def _has_run(self) -> bool:
        """Whether there is a run beside the earlier ones."""
        return bool(self._loss_name) or self._history.started is not None or self._history.steps_seen > 0

    def _show_subtitle(self) -> None:
        if not self._has_run:
            self.header.set_subtitle("earlier runs only" if self._ghosts.shown else "", "earlier runs", "earlier")
            return
        started = self._history.started
        penalty = " + penalty" if started and penalty_name in started.metrics else ""
        name = f"{self._loss_name}{penalty}" if self._name == "loss" else ""
        if self._scaled and self._name not in (rate_name, "r2_score"):  # which are the same at any scale
            self.header.set_subtitle(f"{name} of the scaled target".lstrip(), name or "scaled target")
        else:
            self.header.set_subtitle(name)

    def _penalized(self, steps: Steps) -> bool:
        """Whether the loss is drawn, and regularizers have a part in it."""
        return self._name == "loss" and penalty_name in steps.metrics

    def _show_legend(self, steps: Steps, *, validated: bool, best: BestEpoch | None) -> None:
        if self._name == rate_name:
            self.header.set_legend(self._ghosts.entries(self.theme))
            return
        details = []
        penalized = self._penalized(steps)
        entries = [Entry("train", self.theme.accent, line="-")] if self._has_run else []
        if validated:
            entries.append(Entry("validation", self.theme.validation, line="--"))
        if penalized:
            entries.append(Entry("data", self.theme.series_colour(2), line="-."))
            entries.append(Entry("penalty", self.theme.series_colour(4), line=":"))
            details.append("Loss = data + penalty of the regularizers.")
        if best is not None:
            details.append(f"Ring: the best epoch, {best.epoch}, with {ticks.short(best.value)}.")
        if (window := self._window(steps.step)) > 1:
            details.append(f"Pale: every step's batch. Strong: mean of the last {window} recorded steps.")
        entries += self._ghosts.entries(self.theme)
        self.header.set_legend(entries, "\n".join(details))


_nothing_drawn: Points = (np.empty(0), np.empty(0))


def _by_step(steps: NDArray[np.int64], figures: NDArray[Any]) -> dict[int, int | float]:
    """The figure of each step."""
    return dict(zip(steps.tolist(), figures.tolist(), strict=True))


def _data_loss(steps: Steps) -> Floats:
    """The loss without the regularizers' penalty."""
    return np.asarray(steps.loss - steps.metrics[penalty_name], dtype=np.float64)


def _not_finite_note(steps: NDArray[np.int64], training: Floats) -> str:
    lost = np.flatnonzero(~np.isfinite(training))
    return f"not finite from step {ticks.grouped(int(steps[lost[0]]))}" if len(lost) else ""
