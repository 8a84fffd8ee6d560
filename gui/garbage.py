"""Collects garbage in the window's thread alone, and what takes long while nothing trains.

Python collects in whichever thread happens to make objects. What the window has dropped may hold widgets, and a widget that goes
away in the thread that trains takes the program down with it.
"""

import gc

from PySide6.QtCore import QObject, QTimer

interval = 200
"""Milliseconds between two looks at whether there is enough garbage."""
oldest = 2
"""The generation of what has stayed for long. To look through it takes longer than a picture of a run may be late."""
most_growth = 2
"""While a run trains, the oldest are looked through only once there are so many times as many as there were the last time."""


class GarbageCollector(QObject):
    """Does from a timer what Python would do by itself: collects a generation when enough was made since the last time."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        self._training = False
        self._run_ended = False
        self._left = 0
        """How many of the oldest the last look through all of them left."""
        self._timer = QTimer(self)
        self._timer.setInterval(interval)
        self._timer.timeout.connect(self.look)

    def start(self) -> None:
        """Begin to collect. What there is by now stays and need not be looked through again."""
        gc.freeze()
        self._left = 0
        self._timer.start()

    def follow(self, state: str) -> None:
        """Take the state of the runner: what a run that is over has left is worth a look through everything."""
        self._training = state == "training"
        self._run_ended |= state == "idle"

    def look(self) -> None:
        """Collect the oldest generation that is due; the younger ones go with it."""
        due = [age for age, (count, most) in enumerate(zip(gc.get_count(), gc.get_threshold(), strict=True)) if count > most > 0]
        generation = oldest if self._run_ended else max(due, default=-1)
        if generation == oldest and self._training and len(gc.get_objects(oldest)) < most_growth * self._left:
            generation = oldest - 1
        if generation >= 0:
            gc.collect(generation)
        if generation == oldest:
            self._run_ended = False
            self._left = len(gc.get_objects(oldest))
