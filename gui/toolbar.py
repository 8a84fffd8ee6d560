"""The bar above the panels: train, hold, step, stop; the values most often changed; how far the run is."""

import time
from functools import partial

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyleOptionSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
    QWidgetAction,
)

from gui.actions import allow
from gui.document import Document
from gui.forms.editors import Spin
from gui.messages import EngineReady
from gui.progress import Progress
from gui.run_progress import RunProgress
from gui.runner import State
from gui.widgets.log_slider import LogSlider
from gui.widgets.numbers import number_text, rounded
from models.experiment import edits
from models.experiment.counting import grouped
from models.experiment.experiment import Experiment
from models.experiment.fields import Field, Integer, field_of, kinds_in, new
from models.experiment.optimizers import Optimizer, OptimizerKind
from models.experiment.report import Report
from models.experiment.training import Training
from models.telemetry.control import Unit

settling_seconds = 0.3
"""So long after a learning rate was chosen, steps may arrive that were taken before."""
slowest, fastest = 1e-6, 10.0
"""Bounds of the learning-rate slider."""
_around_text = 2
"""Pixels that a line of text keeps free on either side."""


class Toolbar(QFrame):
    """Shows and changes the training values of the document; asks for runs by its actions."""

    device_chosen = Signal(str)
    learning_rate_chosen = Signal(float)
    """A learning rate was chosen, for the document and for a run that goes on."""
    device_help_requested = Signal()
    told = Signal(str)
    """What is expected of a value, while what is typed is not legal; there is no room for it here."""

    def __init__(
        self,
        document: Document,
        train: QAction,
        pause: QAction,
        stop: QAction,
        reset: QAction,
        go_on: QAction,
        find_rate: QAction,
    ) -> None:
        super().__init__()
        self.setObjectName("toolbar")
        self._document = document
        self._train = train
        self.train_button = QPushButton()
        self.train_button.setProperty("role", "primary")
        self.train_button.setMinimumWidth(104)  # for “Resume” too: what is beside it must not move
        self.train_button.clicked.connect(train.trigger)
        train.changed.connect(self._show_train)
        self.step_menu = QMenu(self)
        self._go_on = go_on
        self._obstacle = ""
        self.more = Spin(Integer(1, 10_000_000))
        self.more_button = self._make_more_button()
        self.find_button = _button(find_rate)
        self.find_button.setProperty("role", "inline")
        self._chosen_at = 0.0
        self._shown_rate: float | None = None
        """The document's learning rate, as it was shown last."""
        self._length: tuple[Unit, int] = ("epoch", -1)
        self._rate = LogSlider(slowest, fastest)
        for part in (self._rate, self._rate.track, self._rate.number):
            part.setAccessibleName("Learning rate")
        self._rate.setMinimumWidth(118)
        self._rate.setMaximumWidth(240)
        self._batch = self._number(field_of(Training, "batch_size"))
        self._epochs = self._number(field_of(Training, "epochs"))
        self._steps = self._number(field_of(Training, "steps"))
        self._seed = self._number(field_of(Experiment, "seed"))
        self._seed.setStepType(Spin.StepType.DefaultStepType)
        self._optimizer, self._device = _choice(107), _choice(90)  # for “adadelta” and “GPU:0”
        for kind in kinds_in(Optimizer):
            self._optimizer.addItem(kind.identifier(), kind)
        self._device.addItem("auto", "auto")
        self._device.setToolTip("Where the training runs.")
        self.run_progress = RunProgress()
        self.device = "auto"
        """Name of the device that is shown as chosen."""
        self._state: State = "idle"
        self._progress: Progress | None = None
        self._lay_out(pause, stop, reset)
        self._connect()
        self._show_train()
        self.show_experiment(document.experiment, document.report)

    def show_experiment(self, experiment: Experiment, report: Report) -> None:
        """Show the training values of `experiment`."""
        training = experiment.training
        if training.optimizer.learning_rate != self._shown_rate:
            self._shown_rate = training.optimizer.learning_rate
            self._rate.set_value(self._shown_rate)
        for box, value in ((self._batch, training.batch_size), (self._epochs, training.epochs), (self._seed, experiment.seed)):
            box.show_value(value)
        self._show_length(training)
        self._optimizer.setCurrentIndex(self._optimizer.findText(training.optimizer.identifier()))

    def show_continuation(self, obstacle: str) -> None:
        """Offer to go on with the run that has ended, or say why it cannot; see `TrainingController.obstacle`."""
        self._obstacle = obstacle
        self.more.setEnabled(not obstacle)
        self._show_more()

    def show_engine(self, engine: EngineReady, chosen: str) -> None:
        """Offer the devices that TensorFlow found, and why there is no GPU; select `chosen`, or auto where it is gone."""
        self._device.clear()
        self._device.addItem("auto", "auto")
        for device in engine.devices:
            self._device.addItem(device.name.upper(), device.name)
            self._device.setItemData(self._device.count() - 1, device.title, Qt.ItemDataRole.ToolTipRole)
        if engine.no_gpu:
            self._device.addItem("No GPU: why?", "")
        self._device.setCurrentIndex(max(self._device.findData(chosen), 0))
        self.device = self._device.currentData()

    def show_state(self, state: State) -> None:
        """Show what the run is doing."""
        self._state = state
        self._show_progress()

    def show_progress(self, progress: Progress | None) -> None:
        """Show how far the run is; none: there is no run to speak of."""
        self._progress = progress
        self._show_progress()

    def _lay_out(self, pause: QAction, stop: QAction, reset: QAction) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 7, 12, 7)
        row.setSpacing(6)
        row.addWidget(self.train_button)
        step = QToolButton()
        step.setText("Step")
        step.setMenu(self.step_menu)
        step.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
        step.setToolTip("Take one step of the optimizer (F6), then hold; the arrow offers a whole epoch")
        self.step_button = step
        for widget in (_button(pause), step, _button(stop), self.more_button, _button(reset)):
            row.addWidget(widget)
        row.addSpacing(2)
        rate = _captioned("Learning rate", self._rate, self.find_button)
        rate.setMaximumWidth(self._rate.maximumWidth())  # so that “find” stays above it in a wide window
        row.addWidget(rate, 3)
        fields: dict[str, QWidget] = {
            "Batch": self._batch,
            "Optimizer": self._optimizer,
            "Epochs": self._epochs,
            "Steps": self._steps,
            "Seed": self._seed,
            "Device": self._device,
        }
        self._boxes = {caption: _captioned(caption, field) for caption, field in fields.items()}
        for caption, box in self._boxes.items():
            fields[caption].setAccessibleName(caption)
            row.addWidget(box)
        row.addStretch(1)
        row.addWidget(self.run_progress)

    def _make_more_button(self) -> QToolButton:
        """Goes on with a run; the arrow opens a field for how far."""
        button = QToolButton()
        button.setDefaultAction(self._go_on)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
        self.more.setAccessibleName("How far to go on")
        self.more.setMinimumWidth(80)
        self._more_unit = QLabel()
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(10, 6, 10, 6)
        for part in (QLabel("Continue for"), self.more, self._more_unit):
            row.addWidget(part)
        place = QWidgetAction(self)
        place.setDefaultWidget(line)
        menu = QMenu(self)
        menu.addAction(place)
        menu.addAction(self._go_on)
        button.setMenu(menu)
        return button

    def _connect(self) -> None:
        self.more.valueChanged.connect(self._show_more)
        self._rate.value_changed.connect(self._choose_rate)
        self._rate.released.connect(self._document.end_merging)
        self._batch.valueChanged.connect(partial(self._apply, "Change batch size", "training.batch_size"))
        self._epochs.valueChanged.connect(partial(self._apply, "Change epochs", "training.epochs"))
        self._steps.valueChanged.connect(partial(self._apply, "Change steps", "training.steps"))
        self._seed.valueChanged.connect(partial(self._apply, "Change seed", "seed"))
        self._optimizer.activated.connect(self._choose_optimizer)
        self._device.activated.connect(self._choose_device)
        for field in (self._rate, self._batch, self._epochs, self._steps, self._seed, self.more):
            field.hint_changed.connect(partial(self._explain, field))
        self._document.changed.connect(self.show_experiment)

    def _explain(self, field: LogSlider | Spin, hint: str) -> None:
        """Say what is expected of a value; what was typed may be taken back meanwhile, and the sentence still says why."""
        if hint or field.pending:
            self.told.emit(f"{field.accessibleName()}: {hint[0].lower()}{hint[1:]}" if hint else "")

    def _number(self, field: Field) -> Spin:
        assert isinstance(field.type, Integer)
        box = _Number(field.type)
        box.setToolTip(field.description)
        box.editingFinished.connect(self._document.end_merging)
        return box

    def _apply(self, change: str, path: str, value: object) -> None:
        self._document.apply(change, edits.set_at(self._document.experiment, path, value), merge=path)

    def _choose_rate(self, value: float) -> None:
        self._chosen_at = time.monotonic()
        self._apply("Change learning rate", "training.optimizer.learning_rate", value)
        self.learning_rate_chosen.emit(value)

    def _choose_optimizer(self, index: int) -> None:
        kind: type[OptimizerKind] = self._optimizer.itemData(index)
        old = self._document.experiment.training.optimizer
        if type(old) is not kind:
            optimizer = new(kind, learning_rate=old.learning_rate)
            self._document.apply(
                f"Use optimizer {kind.identifier()}",
                edits.set_at(self._document.experiment, "training.optimizer", optimizer),
            )

    def _choose_device(self, index: int) -> None:
        name = self._device.itemData(index)
        if name:
            self.device = name
            self.device_chosen.emit(name)
        else:
            self._device.setCurrentIndex(self._device.findData(self.device))
            self.device_help_requested.emit()

    def _show_length(self, training: Training) -> None:
        """The length of the run in the unit that holds; going on is offered for as much again."""
        unit: Unit = "epoch" if training.steps is None else "step"
        length = training.epochs if training.steps is None else training.steps
        hidden, shown = ("Steps", "Epochs") if unit == "epoch" else ("Epochs", "Steps")
        self._boxes[hidden].hide()  # first: with both for a moment the window would grow
        self._boxes[shown].show()
        if training.steps is not None:
            self._steps.show_value(training.steps)
        if (unit, length) != self._length:
            self._length = unit, length
            self.more.show_value(max(length, 1))
            self._show_more()

    def _show_more(self) -> None:
        unit, count = self.unit, self.more.value()
        units = unit if count == 1 else f"{unit}s"
        self._more_unit.setText(f"more {units}")
        self._go_on.setText(f"&Continue for {grouped(count)} more {units}")
        does = f"Go on for {grouped(count)} more {units} with the same weights, optimizer and order (Shift+F5)"
        allow(self._go_on, self._obstacle, does)

    @property
    def unit(self) -> Unit:
        """The unit of the run's length."""
        return self._length[0]

    def _follow_rate(self) -> None:
        """Show the learning rate of the newest step while a schedule or a rule decides it; the document's otherwise."""
        training, progress = self._document.experiment.training, self._progress
        busy = self._rate.track.isSliderDown() or self._rate.pending or time.monotonic() - self._chosen_at < settling_seconds
        if busy:
            return
        decided = training.schedule or training.warmup_steps or training.reduce_on_plateau
        now = progress.learning_rate if progress and decided and self._state in ("training", "paused", "stopping") else None
        shown = training.optimizer.learning_rate if now is None else rounded(now, 3)
        if shown != self._rate.value:
            self._rate.set_value(shown)
        self._rate.setToolTip("" if now is None else f"Now {number_text(shown)}; what you choose is what it starts from")

    def _show_train(self) -> None:
        self.train_button.setText(self._train.iconText())
        self.train_button.setEnabled(self._train.isEnabled())
        self.train_button.setToolTip(self._train.toolTip())

    def _show_progress(self) -> None:
        self._follow_rate()
        self.run_progress.show_run(self._state, self._progress)


class _Number(Spin):
    """As wide as usual numbers need, and wider where a longer one is shown: a part of a number would be another number."""

    _least, _usual = 60, 86

    def __init__(self, limits: Integer) -> None:
        super().__init__(limits)
        self.setMinimumWidth(0)  # else it would hold in place of the hint
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.lineEdit().textChanged.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        return QSize(max(self._usual, self._needed), super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(max(self._least, self._needed), super().minimumSizeHint().height())

    @property
    def _needed(self) -> int:
        """Width at which the number is whole."""
        option = QStyleOptionSpinBox()
        self.initStyleOption(option)
        part = QStyle.SubControl.SC_SpinBoxEditField
        beside = self.width() - self.style().subControlRect(QStyle.ComplexControl.CC_SpinBox, option, part, self).width()
        text, margins = self.lineEdit(), self.lineEdit().textMargins()
        return self.fontMetrics().horizontalAdvance(text.text()) + margins.left() + margins.right() + 2 * _around_text + beside


def _button(action: QAction) -> QToolButton:
    button = QToolButton()
    button.setDefaultAction(action)
    button.setAccessibleName(action.text().replace("&", ""))
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
    return button


def _choice(least_width: int) -> QComboBox:
    box = QComboBox()
    box.setMinimumWidth(least_width)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(5)
    return box


def _captioned(caption: str, widget: QWidget, beside: QWidget | None = None) -> QWidget:
    """`widget` below its caption; `beside` stands in the line of the caption."""
    box = QWidget()
    column = QVBoxLayout(box)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(1)
    label = QLabel(caption)
    label.setProperty("role", "small")
    label.setBuddy(widget)
    line = QHBoxLayout()
    line.setSpacing(4)
    line.addWidget(label)
    line.addStretch(1)
    if beside is not None:
        line.addWidget(beside)
    column.addLayout(line)
    column.addWidget(widget)
    return box
