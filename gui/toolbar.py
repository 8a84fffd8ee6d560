"""The bar above the panels: train, hold, step, stop; the values most often changed; how far the run is."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gui.document import Document
from gui.forms.editors import Spin
from gui.progress import Progress, duration_text
from gui.runner import EngineReady, State
from gui.widgets.log_slider import LogSlider
from gui.widgets.numbers import grouped
from models.experiment import edits
from models.experiment.experiment import Experiment
from models.experiment.fields import Field, Integer, field_of, kinds_in, new
from models.experiment.optimizers import Optimizer, OptimizerKind
from models.experiment.report import Report
from models.experiment.training import Training

slowest, fastest = 1e-6, 10.0
"""Bounds of the learning-rate slider."""

_state_words: dict[State, str] = {
    "idle": "",
    "waiting": "waiting",
    "preparing": "loading data",
    "compiling": "building network",
    "training": "",
    "paused": "paused",
}


class Toolbar(QFrame):
    """Shows and changes the training values of the document; asks for runs by its actions."""

    device_chosen = Signal(str)
    learning_rate_chosen = Signal(float)
    """A learning rate was chosen, for the document and for a run that goes on."""
    device_help_requested = Signal()

    def __init__(self, document: Document, train: QAction, pause: QAction, stop: QAction, reset: QAction) -> None:
        super().__init__()
        self.setObjectName("toolbar")
        self._document = document
        self._train = train
        self.train_button = QPushButton()
        self.train_button.setProperty("role", "primary")
        self.train_button.setMinimumWidth(100)
        self.train_button.clicked.connect(train.trigger)
        train.changed.connect(self._show_train)
        self.step_menu = QMenu(self)
        self._rate = LogSlider(slowest, fastest)
        self._rate.setAccessibleName("Learning rate")
        self._rate.setMinimumWidth(118)
        self._rate.setMaximumWidth(240)
        self._batch = self._number(field_of(Training, "batch_size"))
        self._epochs = self._number(field_of(Training, "epochs"))
        self._seed = self._number(field_of(Experiment, "seed"))
        self._seed.setStepType(Spin.StepType.DefaultStepType)
        self._optimizer, self._device = QComboBox(), QComboBox()
        for kind in kinds_in(Optimizer):
            self._optimizer.addItem(kind.identifier(), kind)
        for box in (self._optimizer, self._device):
            box.setMinimumWidth(80)
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(5)
        self._device.addItem("auto", "auto")
        self._device.setToolTip("Where the training runs.")
        self._words = QLabel()
        self._words.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._left = QLabel()
        self._left.setProperty("role", "small")
        self._left.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._bar = QProgressBar()
        self._bar.setRange(0, 1000)
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(5)
        self._state: State = "idle"
        self._progress: Progress | None = None
        self._lay_out(pause, stop, reset)
        self._connect()
        self._show_train()
        self.show_experiment(document.experiment, document.report)

    def show_experiment(self, experiment: Experiment, report: Report) -> None:
        """Show the training values of `experiment`."""
        training = experiment.training
        self._rate.set_value(training.optimizer.learning_rate)
        for box, value in ((self._batch, training.batch_size), (self._epochs, training.epochs), (self._seed, experiment.seed)):
            box.show_value(value)
        self._optimizer.setCurrentIndex(self._optimizer.findText(training.optimizer.identifier()))

    def show_engine(self, engine: EngineReady, chosen: str) -> None:
        """Offer the devices that TensorFlow found, `chosen` being selected; or the reason why there is no GPU."""
        self._device.clear()
        self._device.addItem("auto", "auto")
        for device in engine.devices:
            self._device.addItem(device.name.upper(), device.name)
            self._device.setItemData(self._device.count() - 1, device.title, Qt.ItemDataRole.ToolTipRole)
        if engine.no_gpu:
            self._device.addItem("No GPU: why?", "")
        self._device.setCurrentIndex(max(self._device.findData(chosen), 0))

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
        row.setSpacing(8)
        row.addWidget(self.train_button)
        step = QToolButton()
        step.setText("Step")
        step.setMenu(self.step_menu)
        step.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
        step.setToolTip("Take one step of the optimizer (F6), then hold; the arrow offers a whole epoch")
        self.step_button = step
        for widget in (_button(pause), step, _button(stop), _button(reset)):
            row.addWidget(widget)
        row.addSpacing(6)
        row.addWidget(_captioned("Learning rate", self._rate), 3)
        fields: dict[str, QWidget] = {
            "Batch": self._batch,
            "Optimizer": self._optimizer,
            "Epochs": self._epochs,
            "Seed": self._seed,
            "Device": self._device,
        }
        for caption, field in fields.items():
            field.setAccessibleName(caption)
            row.addWidget(_captioned(caption, field))
        row.addStretch(1)
        progress = QWidget()
        progress.setFixedWidth(112)
        column = QVBoxLayout(progress)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        for part in (self._words, self._bar, self._left):
            column.addWidget(part)
        row.addWidget(progress)

    def _connect(self) -> None:
        self._rate.value_changed.connect(self._choose_rate)
        self._rate.released.connect(self._document.end_merging)
        self._batch.valueChanged.connect(self._choose_batch)
        self._epochs.valueChanged.connect(self._choose_epochs)
        self._seed.valueChanged.connect(self._choose_seed)
        self._optimizer.activated.connect(self._choose_optimizer)
        self._device.activated.connect(self._choose_device)
        self._document.changed.connect(self.show_experiment)

    def _number(self, field: Field) -> Spin:
        assert isinstance(field.type, Integer)
        box = Spin(field.type)
        box.setToolTip(field.description)
        box.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        box.setMinimumWidth(60)
        box.setMaximumWidth(86)
        box.editingFinished.connect(self._document.end_merging)
        return box

    def _apply(self, change: str, path: str, value: object) -> None:
        self._document.apply(change, edits.set_at(self._document.experiment, path, value), merge=path)

    def _choose_rate(self, value: float) -> None:
        self._apply("Change learning rate", "training.optimizer.learning_rate", value)
        self.learning_rate_chosen.emit(value)

    def _choose_batch(self, value: int) -> None:
        self._apply("Change batch size", "training.batch_size", value)

    def _choose_epochs(self, value: int) -> None:
        self._apply("Change epochs", "training.epochs", value)

    def _choose_seed(self, value: int) -> None:
        self._apply("Change seed", "seed", value)

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
            self.device_chosen.emit(name)
        else:
            self._device.setCurrentIndex(0)
            self.device_help_requested.emit()

    def _show_train(self) -> None:
        self.train_button.setText(self._train.iconText())
        self.train_button.setEnabled(self._train.isEnabled())
        self.train_button.setToolTip(self._train.toolTip())

    def _show_progress(self) -> None:
        progress = self._progress
        words = _state_words[self._state]
        if progress is None or (words and self._state != "paused"):
            self._words.setText(words)
            self._left.setText("")
            self._bar.setRange(0, 0 if self.busy else 1000)
            self._bar.setValue(0)
            return
        self._bar.setRange(0, 1000)
        self._bar.setValue(round(1000 * progress.share))
        self._words.setText(f"epoch {grouped(progress.epoch)} / {grouped(progress.epochs)}")
        seconds = progress.seconds_left
        if self._state == "training" and seconds is not None:
            self._left.setText(f"{duration_text(seconds)} left")
        else:
            self._left.setText(words or f"step {grouped(progress.step)}")

    @property
    def busy(self) -> bool:
        """Whether something goes on whose end is not known."""
        return self._state in ("waiting", "preparing", "compiling")


def _button(action: QAction) -> QToolButton:
    button = QToolButton()
    button.setDefaultAction(action)
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
    return button


def _captioned(caption: str, widget: QWidget) -> QWidget:
    box = QWidget()
    column = QVBoxLayout(box)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(1)
    label = QLabel(caption)
    label.setProperty("role", "small")
    label.setBuddy(widget)
    column.addWidget(label)
    column.addWidget(widget)
    return box
