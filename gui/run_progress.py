"""How far the run is, at the end of the toolbar: in its own unit, as a bar, and how long it will take."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QProgressBar, QVBoxLayout, QWidget

from gui.progress import Progress, duration_text
from gui.runner import State

_words: dict[State, str] = {
    "idle": "",
    "waiting": "waiting",
    "preparing": "loading data",
    "compiling": "building network",
    "training": "",
    "paused": "paused",
    "stopping": "stopping",
}
_endless: tuple[State, ...] = ("waiting", "preparing", "compiling")
"""States whose end is not known."""
_width = 112
"""Pixels, whatever the words are: what is beside them must not move."""


class RunProgress(QWidget):
    """Says how far a run is that takes steps, and what it does before it takes any."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words, self.left = QLabel(), QLabel()
        self.words.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.left.setProperty("role", "small")
        self.left.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.bar = QProgressBar()
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(5)
        self.setFixedWidth(_width)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        for part in (self.words, self.bar, self.left):
            column.addWidget(part)

    def show_run(self, state: State, progress: Progress | None) -> None:
        """Show a run in this state; none of `progress`: there is no run to speak of, or it has taken no step."""
        words = _words[state]
        if progress is None or (words and state not in ("paused", "stopping")):
            self.words.setText(words)
            self.words.setToolTip("")
            self.left.setText("")
            self.bar.setRange(0, 0 if state in _endless else 1000)
            self.bar.setValue(0)
            return
        self.bar.setRange(0, 1000)
        self.bar.setValue(round(1000 * progress.share))
        self.words.setText(self._fitting(progress.words))
        self.words.setToolTip(progress.words)
        seconds = progress.seconds_left
        if state == "training" and seconds is not None:
            self.left.setText(f"{duration_text(seconds)} left")
        else:
            self.left.setText(words or progress.other_words)

    def _fitting(self, words: str) -> str:
        """As much of ``step 700 / 1 500`` as there is room for: first the unit goes, then the end."""
        short = words.partition(" ")[2]
        measure, width = self.words.fontMetrics().horizontalAdvance, self.words.width()
        return next((each for each in (words, short) if measure(each) <= width), short.partition(" / ")[0])
