"""The search for a learning rate: a few steps with larger and larger ones, and where the loss falls best."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from gui.actions import allow
from gui.document import Document
from gui.messages import RateFound
from gui.runner import Runner
from gui.widgets.numbers import number_text, rounded
from gui.widgets.sweep_curve import SweepCurve
from models.experiment import edits
from models.experiment.essence import essence
from models.experiment.experiment import Experiment
from models.telemetry.sweep import highest, lowest, usual_steps

_help = (
    f"The network, with fresh weights, takes {usual_steps} steps while the learning rate grows. "
    "A good one lies where the loss falls fastest, well before it rises. Nothing of the present run is touched."
)


class RateFinder(QDialog):
    """Runs the search in the worker thread, draws what it saw, and puts the suggestion into the document."""

    def __init__(self, document: Document, runner: Runner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._runner = runner
        self._device = "auto"
        self._searched: Experiment | None = None
        self._found: float | None = None
        self.setWindowTitle("Find a learning rate")
        self.curve = SweepCurve()
        self.curve.set_limits(lowest, highest)
        self.sentence, self.note = QLabel(), QLabel("The experiment was changed since: search again.")
        self.busy = QProgressBar()
        self.use, self.again, self.stop, self.leave = (QPushButton(words) for words in ("Use", "Search again", "Stop", "Close"))
        self._lay_out()
        self.use.clicked.connect(self._use)
        self.again.clicked.connect(self._search_again)
        self.stop.clicked.connect(runner.stop_finding)
        self.leave.clicked.connect(self.close)
        runner.rate_found.connect(self._show_found)
        runner.state_changed.connect(self._show_buttons)
        document.changed.connect(self._show_note)

    @property
    def searching(self) -> bool:
        """Whether a search goes on."""
        return self._runner.finding

    def search(self, device: str) -> None:
        """Search a learning rate for the document as it is now, on this device, and show the dialog."""
        self._device = device
        self._searched, self._found = self._document.experiment, None
        self.curve.set_sweep(None)
        self.sentence.setText("Searching …" if self._runner.engine else "Waiting for TensorFlow …")
        self._runner.find_rate(self._searched, device, lowest, highest, usual_steps)
        self._show_note()
        self._show_buttons()
        self.show()
        self.activateWindow()

    def _lay_out(self) -> None:
        explanation, title, head = (
            QLabel(_help),
            QLabel("learning rate"),
            QLabel("loss after each step (pale) and its running mean"),
        )
        for text, role in ((explanation, "muted"), (title, "small"), (head, "small"), (self.note, "warning")):
            text.setProperty("role", role)
        title.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        for text in (explanation, self.sentence, self.note):
            text.setTextFormat(Qt.TextFormat.PlainText)
            text.setWordWrap(True)
        for button in (self.again, self.stop, self.leave):
            button.setAutoDefault(False)
        self.use.setProperty("role", "primary")
        self.busy.setTextVisible(False)
        self.busy.setFixedHeight(5)
        buttons = QHBoxLayout()
        for button in (self.stop, self.again):
            buttons.addWidget(button)
        buttons.addStretch(1)
        for button in (self.leave, self.use):
            buttons.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(8)
        for part in (explanation, self.busy, head, self.curve, title, self.sentence, self.note):
            column.addWidget(part, 1 if part is self.curve else 0)
        column.addLayout(buttons)
        self.resize(560, 440)

    def _show_found(self, found: RateFound) -> None:
        sweep = found.sweep
        self.curve.set_sweep(sweep)
        self._found = None if sweep is None or sweep.suggestion is None else rounded(sweep.suggestion, 3)
        self.sentence.setText(found.sentence if sweep is None else sweep.sentence)
        self.sentence.setToolTip(found.details)
        self._show_buttons()

    def _show_buttons(self) -> None:
        searching = self.searching
        self.busy.setRange(0, 0 if searching else 1)
        self.busy.setEnabled(searching)
        again = "It is being searched." if searching else "A run goes on: stop it first (F8)." if self._runner.running else ""
        for button, obstacle in (
            (self.stop, "" if searching else "Nothing is being searched."),
            (self.again, again),
            (self.use, "" if self._found is not None else "No learning rate is suggested, or not yet."),
        ):
            allow(button, obstacle)
        self.use.setText("Use" if self._found is None else f"Use {number_text(self._found)}")
        self.use.setDefault(self._found is not None)

    def _show_note(self) -> None:
        changed = self._searched is not None and essence(self._searched) != essence(self._document.experiment)
        self.note.setVisible(changed)

    def _search_again(self) -> None:
        if self._document.report.ready:
            self.search(self._device)
        else:
            self.sentence.setText(f"Not searched: {self._document.report.errors[0].sentence}")

    def _use(self) -> None:
        assert self._found is not None
        path = "training.optimizer.learning_rate"
        words = f"Use learning rate {number_text(self._found)}"
        self._document.apply(words, edits.set_at(self._document.experiment, path, self._found))
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        self._runner.stop_finding()
        super().closeEvent(event)
