"""The loss, or a metric, of training and validation."""

from collections.abc import Iterable, Sequence

import numpy as np
from matplotlib.artist import Artist
from numpy.typing import NDArray
from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QComboBox, QSizePolicy, QToolButton, QWidget

from gui.plots import ticks
from gui.plots.curves import Floats, envelope, evenly, finite_range, trailing_mean
from gui.plots.header import Entry
from gui.plots.plot import Plot, Row
from gui.plots.step_axis import StepAxis
from gui.theme import Theme
from models.telemetry.history import Epochs, History, Steps


class LossPlot(Plot):
    """Training per step, validation per epoch; the head chooses between the loss and each metric, linear and logarithmic."""

    title = "Loss"
    empty_sentence = "Press Train to see the loss move"

    _means = 80
    """The strong training curve is a mean over this part of the record."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        self.quantity = QComboBox()
        self.quantity.setProperty("role", "title")
        self.quantity.setToolTip("What to draw")
        self.quantity.setAccessibleName("Quantity")
        self.quantity.addItem("Loss", "loss")
        self.quantity.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.quantity.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
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
            self.changed()

    def clear(self) -> None:
        """Show nothing, as before the first run."""
        self._history, self._seen = None, ()
        self._start_over()

    def table(self) -> tuple[Sequence[str], Iterable[Row]]:
        """One row a recorded step; the validation's figure in the row of the step that ended the epoch."""
        name, steps, epochs = self._name, self._steps(), self._epochs()
        validation = dict(zip(epochs.step.tolist(), self._validation(epochs).tolist(), strict=False))
        training = self._training(steps).tolist()
        rows = (
            (step, epoch, value, validation.get(step, ""))
            for step, epoch, value in zip(steps.step.tolist(), steps.epoch.tolist(), training, strict=True)
        )
        return ("step", "epoch", name, f"val_{name}"), rows

    def describe(self, x: float, y: float) -> str:
        steps, epochs = self._steps(), self._epochs()
        if not len(steps):
            return ""
        place = int(np.abs(steps.step - x).argmin())
        lines = [f"step {ticks.grouped(int(steps.step[place]))}, epoch {steps.epoch[place]}"]
        lines.append(f"training {ticks.short(float(self._training(steps)[place]))}")
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
        (self.validation_line,) = self.axes.plot(
            [], [], color=theme.validation, linewidth=1.6, marker="o", markersize=3, animated=True
        )
        self.note = self._make_note()
        self._show_legend(validated=False)

    def _moving(self) -> Iterable[Artist]:
        return (self.raw_line, self.training_line, self.validation_line, self.note)

    def _fill(self) -> bool:
        steps, epochs = self._steps(), self._epochs()
        training, validation = self._training(steps), self._validation(epochs)
        validated = epochs.step[: len(validation)]
        pixels = max(int(self.axes.bbox.width), 50)
        window = max(1, len(steps) // self._means)
        self.raw_line.set_data(*envelope(steps.step, training, pixels))
        places = evenly(len(steps), pixels)
        self.training_line.set_data(steps.step[places], trailing_mean(training, window, places))
        self.validation_line.set_data(*envelope(validated, validation, pixels))
        self.validation_line.set_marker("o" if len(validation) <= pixels // 8 else "")
        self.note.set_text(_not_finite_note(steps.step, training))
        self._show_legend(validated=len(validation) > 0, window=window)
        self._axis.include(steps.step, ended=self._history is not None and self._history.ended is not None)
        self._scale(training, validation)
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
        return steps.metrics.get(self._name, np.full(len(steps), np.nan))

    def _validation(self, epochs: Epochs) -> Floats:
        found = epochs.values.get(f"val_{self._name}")
        return found if found is not None else np.empty(0)

    def _offer(self, metrics: Sequence[str]) -> None:
        """Let the quantity be chosen among the loss and `metrics`, keeping the choice where it still exists."""
        offered = ("loss", *metrics)
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
        self.header.set_subtitle(self._loss_name if self._name == "loss" else "")

    def _show_legend(self, *, validated: bool, window: int = 1) -> None:
        entries = [Entry("train", self.theme.accent)]
        if validated:
            entries.append(Entry("validation", self.theme.validation))
        mean = f"Pale: every step's batch. Strong: mean of the last {window} recorded steps." if window > 1 else ""
        self.header.set_legend(entries, mean)


_nothing = History()


def _not_finite_note(steps: NDArray[np.int64], training: Floats) -> str:
    lost = np.flatnonzero(~np.isfinite(training))
    return f"not finite from step {ticks.grouped(int(steps[lost[0]]))}" if len(lost) else ""
