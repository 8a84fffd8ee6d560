"""Collects garbage in the window's thread alone.

Python collects in whichever thread happens to make objects. What the window has dropped may hold widgets, and a widget that goes
away in the thread that trains takes the program down with it.
"""

import gc

from PySide6.QtCore import QObject, QTimer

interval = 200
"""Milliseconds between two looks at whether there is enough garbage."""


class GarbageCollector(QObject):
    """Does from a timer what Python would do by itself: collects a generation when enough was made since the last time."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        self._timer = QTimer(self)
        self._timer.setInterval(interval)
        self._timer.timeout.connect(self.look)

    def start(self) -> None:
        """Begin to collect. What there is by now stays and need not be looked through again."""
        gc.freeze()
        self._timer.start()

    def look(self) -> None:
        """Collect the oldest generation that is due; the younger ones go with it."""
        due = [age for age, (count, most) in enumerate(zip(gc.get_count(), gc.get_threshold(), strict=True)) if count > most > 0]
        if due:
            gc.collect(due[-1])
