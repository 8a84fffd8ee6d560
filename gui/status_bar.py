"""The line under the window: what the run is doing and how fast, whether it still fits the document, and what was done last."""

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QLabel, QStatusBar, QWidget

from gui.runner import State
from models.experiment.counting import grouped

message_milliseconds = 8000
"""How long a sentence stays."""


class StatusBar(QStatusBar):
    """Says in one line how things stand, and for some seconds what was done or refused."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.state, self.speed, self.note, self.message = QLabel(), QLabel(), QLabel(), QLabel()
        self.versions = QLabel("TensorFlow is loading …")
        self.note.setProperty("role", "warning")
        for label in (self.state, self.speed, self.note):
            self.addWidget(label)
        # Not showMessage: it hides the other labels for as long as it is shown.
        self.addWidget(self.message, 1)
        self.addPermanentWidget(self.versions)
        self._clock = QTimer(self)
        self._clock.setSingleShot(True)
        self._clock.setInterval(message_milliseconds)
        self._clock.timeout.connect(self.message.clear)

    def tell(self, sentence: str) -> None:
        """Say `sentence` for some seconds, in place of the one before."""
        self.message.setText(sentence)
        self._clock.start()

    def show_state(self, state: State) -> None:
        """The run is in this state."""
        words = {"idle": "ready", "waiting": "waiting for TensorFlow"}
        self.state.setText(f"●  {words.get(state, state)}")

    def show_speed(self, steps_per_second: float | None) -> None:
        """The run takes so many steps a second; none where that is not known."""
        self.speed.setText(f"{grouped(steps_per_second)} steps/s" if steps_per_second else "")

    def show_outdated(self, outdated: bool, state: State) -> None:
        """The document is, or is not, another one than what was trained; say how to train what it is now."""
        again = "Train again" if state == "idle" else "Reset and Train"
        self.note.setText(f"Changed since this run started: {again} to see the effect" if outdated else "")
