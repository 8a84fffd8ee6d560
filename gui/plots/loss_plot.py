"""The loss, or a metric, of training and validation."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.artist import Artist
from numpy.typing import NDArray
from PySide6.QtCore import QSignalBlocker, QSize
from PySide6.QtWidgets import QComboBox, QSizePolicy, QToolButton, QWidget

from gui.plots import ticks
from gui.plots.curves import Floats, envelope, evenly, finite_range, trailing_mean
from gui.plots.header import Entry
from gui.plots.help import Help
from gui.plots.plot import Plot, Row
from gui.plots.step_axis import StepAxis
from gui.theme import Theme
from models.telemetry.history import Epochs, History, Steps

if TYPE_CHECKING:
    from gui.runner import RunPrepared

rate_name = "learning_rate"
penalty_name = "penalty"
"""What the run calls the regularizers' part of its loss."""


class Title(QComboBox):
    """A choice that stands as a title: as wide as what is chosen, however long the others are."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "title")
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.currentIndexChanged.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        hint, measure = super().sizeHint(), self.fontMetrics().horizontalAdvance
        longest = max((measure(self.itemText(place)) for place in range(self.count())), default=0)
        return QSize(hint.width() - longest + measure(self.currentText()), hint.height())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()


class LossPlot(Plot):
    """Training per step, validation per epoch; the head chooses between the loss, each metric and the learning rate.

    Where regularizers add a penalty to the loss, what is left without it, the loss of the data, is a curve of its own.
    """

    title = "Loss"
    help = Help(
        shows="The loss of every step's batch (pale), its mean over the last steps (strong), and the loss on the validation "
        "examples after every epoch. The title chooses a metric or the learning rate instead. With regularizers the "
        "dashed curve is the loss of the data without their penalty.",
        good="Both curves fall fast, then slower, and stay close to each other.",
        bad="Flat from the start: the learning rate is too low, or no gradient arrives. Up and down, or not finite: it is too "
        "high. Validation rises while training falls: the network learns the noise; stop earlier, or add a penalty, "
        "dropout or examples.",
    )
    empty_sentence = "Press Train to see the loss move"

    _means = 80
    """The strong training curve is a mean over this part of the record."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        self.quantity = Title()
        self.quantity.setToolTip("What to draw")
        self.quantity.setAccessibleName("Quantity")
        self.quantity.addItem("Loss", "loss")
        super().__init__(theme, self.quantity, parent)
        self.logarithmic = QToolButton()
        self.logarithmic.setText("log")
        self.logarithmic.setCheckable(True)
        self.logarithmic.setProperty("role", "chip")
        self.logarithmic.setToolTip("Logarithmic axis")
        self.header.add_switch(self.logarithmic)
        self._loss_name = ""
        self._history: History | None = None
        self._seen: tuple[object, ...] = ()
        self._axis = StepAxis()
        self._limits: ticks.Range = (0.0, 1.0)
        self._reading: tuple[object, ...] = ()
        """What the axes say now."""
        self.quantity.currentIndexChanged.connect(self._start_over)
        self.logarithmic.toggled.connect(self._start_over)

    @property
    def is_empty(self) -> bool:
        return self._history is None or not self._history.steps_seen

    def start(self, run: "RunPrepared") -> None:
        super().start(run)
        self.set_loss_name(run.experiment.training.loss.identifier().replace("_", " "))

    def set_loss_name(self, name: str) -> None:
        """Name the loss that is drawn, beneath the word "Loss"."""
        self._loss_name = name
        self._show_subtitle()

    def update_from(self, history: History) -> None:
        """Show this record from now on; asked again whenever it grew."""
        seen = (id(history), history.started, history.steps_seen, history.epochs_seen, history.ended)
        if seen != self._seen:
            self._seen, self._history = seen, history
            self._offer(history.started.metrics if history.started else ())
            self._show_subtitle()
            self.changed()

    def clear(self) -> None:
        """Show nothing, as before the first run."""
        self._history, self._seen = None, ()
        self._start_over()

    def table(self) -> tuple[Sequence[str], Iterable[Row]]:
        """One row a recorded step; the validation's figure in the row of the step that ended the epoch."""
        name, steps, epochs = self._name, self._steps(), self._epochs()
        validation = dict(zip(epochs.step.tolist(), self._validation(epochs).tolist(), strict=False))
        parts = {name: self._training(steps)}
        if self._penalized(steps):
            parts |= {"data_loss": _data_loss(steps), penalty_name: steps.metrics[penalty_name]}
        rows = (
            (step, epoch, *values, validation.get(step, ""))
            for step, epoch, *values in zip(
                steps.step.tolist(), steps.epoch.tolist(), *(part.tolist() for part in parts.values()), strict=True
            )
        )
        return ("step", "epoch", *parts, f"val_{name}"), rows

    def describe(self, x: float, y: float) -> str:
        steps, epochs = self._steps(), self._epochs()
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

    def _build(self) -> None:
        theme = self.theme
        self._reading = ()
        self.axes = self.figure.add_subplot()
        self.axes.set_xlabel("step")
        (self.raw_line,) = self.axes.plot([], [], color=theme.accent, alpha=0.38, linewidth=0.9, animated=True)
        (self.training_line,) = self.axes.plot([], [], color=theme.accent, linewidth=1.6, animated=True)
        (self.data_line,) = self.axes.plot(
            [], [], color=theme.series_colour(2), linewidth=1.2, linestyle=(0, (4, 2)), animated=True
        )
        (self.validation_line,) = self.axes.plot(
            [], [], color=theme.validation, linewidth=1.6, marker="o", markersize=3, animated=True
        )
        self.note = self._make_note()
        self._show_legend(validated=False)

    def _moving(self) -> Iterable[Artist]:
        return (self.raw_line, self.training_line, self.data_line, self.validation_line, self.note)

    def _fill(self) -> bool:
        steps, epochs = self._steps(), self._epochs()
        training, validation = self._training(steps), self._validation(epochs)
        validated = epochs.step[: len(validation)]
        pixels = max(int(self.axes.bbox.width), 50)
        window = 1 if self._name == rate_name else max(1, len(steps) // self._means)
        self.raw_line.set_data(*envelope(steps.step, training, pixels))
        places = evenly(len(steps), pixels)
        self.training_line.set_data(steps.step[places], trailing_mean(training, window, places))
        data = trailing_mean(_data_loss(steps), window, places) if self._penalized(steps) else np.full(len(places), np.nan)
        self.data_line.set_data(steps.step[places], data)
        self.validation_line.set_data(*envelope(validated, validation, pixels))
        self.validation_line.set_marker("o" if len(validation) <= pixels // 8 else "")
        self.note.set_text(_not_finite_note(steps.step, training))
        self._show_legend(validated=len(validation) > 0, window=window, penalized=self._penalized(steps))
        self._axis.include(steps.step, ended=self._history is not None and self._history.ended is not None)
        self._scale(training, np.concatenate([validation, data]))
        return self._place_ticks()

    def _scale(self, training: Floats, validation: Floats) -> None:
        """Choose limits that hold all figures; narrower ones only where much room is unused."""
        logarithmic = self.logarithmic.isChecked()
        if logarithmic:
            found = finite_range(training[training > 0], validation[validation > 0]) or (0.1, 1.0)
            wanted = ticks.decades(*found)
        else:
            found = finite_range(training, validation) or (0.0, 1.0)
            wanted = ticks.enclosing(*found, 4)
        low, high = self._limits
        fits = low <= found[0] and found[1] <= high and (not logarithmic or low > 0)
        if not fits or wanted[1] - wanted[0] <= 0.5 * (high - low):
            self._limits = wanted

    def _place_ticks(self) -> bool:
        """Write the axes; true where they read differently now."""
        logarithmic = self.logarithmic.isChecked()
        scale = "log" if logarithmic else "linear"
        rows = max(2, min(6, int(self.axes.bbox.height / (3.5 * self._text_height()))))
        x_ticks, x_texts = self._axis.ticks(self.axes.bbox.width, self._text_width)
        make, write = (ticks.logarithmic, ticks.logarithmic_texts) if logarithmic else (ticks.spaced, ticks.texts)
        y_ticks = make(*self._limits, rows)
        y_texts = write(y_ticks)
        reading = (scale, self._axis.limits, self._limits, x_texts, y_texts, tuple(self.figure.bbox.size), self._name)
        if reading == self._reading:
            return False
        self._reading = reading
        with self._styled():
            self.axes.set_yscale(scale)
            self.axes.set_xlim(*self._axis.limits)
            self.axes.set_ylim(*self._limits)
            self.axes.set_xticks(x_ticks, x_texts)
            self.axes.set_yticks(y_ticks, y_texts)
            self.axes.set_yticks([], minor=True)
            self.axes.set_ylabel(self._label)
        self._place_axes(x_texts, y_texts)
        return True

    @property
    def _name(self) -> str:
        """Keras's name of what is drawn."""
        return str(self.quantity.currentData())

    @property
    def _label(self) -> str:
        return self._name.replace("_", " ")

    def _steps(self) -> Steps:
        return (self._history or _nothing).steps()

    def _epochs(self) -> Epochs:
        return (self._history or _nothing).epochs()

    def _training(self, steps: Steps) -> Floats:
        if self._name == "loss":
            return steps.loss
        if self._name == rate_name:
            return steps.learning_rate
        return steps.metrics.get(self._name, np.full(len(steps), np.nan))

    def _validation(self, epochs: Epochs) -> Floats:
        found = epochs.values.get(f"val_{self._name}")
        return found if found is not None else np.empty(0)

    def _offer(self, metrics: Sequence[str]) -> None:
        """Let the quantity be chosen among the loss and `metrics`, keeping the choice where it still exists."""
        offered = ("loss", *(name for name in metrics if name != penalty_name), rate_name)
        if offered == tuple(self.quantity.itemData(place) for place in range(self.quantity.count())):
            return
        chosen = self.quantity.currentData()
        with QSignalBlocker(self.quantity):
            self.quantity.clear()
            for name in offered:
                self.quantity.addItem(name.replace("_", " ").capitalize(), name)
            self.quantity.setCurrentIndex(offered.index(chosen) if chosen in offered else 0)
        self._start_over()

    def _start_over(self) -> None:
        self.title = self.quantity.currentText()
        self._limits = (0.0, 0.0)
        self._show_subtitle()
        self.changed()

    def _show_subtitle(self) -> None:
        started = self._history.started if self._history else None
        penalty = " + penalty" if started and penalty_name in started.metrics else ""
        self.header.set_subtitle(f"{self._loss_name}{penalty}" if self._name == "loss" else "")

    def _penalized(self, steps: Steps) -> bool:
        """Whether the loss is drawn, and regularizers have a part in it."""
        return self._name == "loss" and penalty_name in steps.metrics

    def _show_legend(self, *, validated: bool, window: int = 1, penalized: bool = False) -> None:
        if self._name == rate_name:
            self.header.set_legend([])
            return
        entries = [Entry("train", self.theme.accent)]
        if penalized:
            entries.append(Entry("data", self.theme.series_colour(2)))
        if validated:
            entries.append(Entry("validation", self.theme.validation))
        details = []
        if window > 1:
            details.append(f"Pale: every step's batch. Strong: mean of the last {window} recorded steps.")
        if penalized:
            details.append("Loss = data + penalty: the dashed curve leaves the regularizers' penalty out.")
        self.header.set_legend(entries, "\n".join(details))


_nothing = History()


def _data_loss(steps: Steps) -> Floats:
    """The loss without the regularizers' penalty."""
    return np.asarray(steps.loss - steps.metrics[penalty_name], dtype=np.float64)


def _not_finite_note(steps: NDArray[np.int64], training: Floats) -> str:
    lost = np.flatnonzero(~np.isfinite(training))
    return f"not finite from step {ticks.grouped(int(steps[lost[0]]))}" if len(lost) else ""
