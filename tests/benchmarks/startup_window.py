"""The window of ``startup_run.py``: presses Train at its first paint and prints the times as JSON."""

import json
import os
import sys
import time
from collections.abc import Callable

from PySide6.QtCore import QTimer
from PySide6.QtGui import QPaintEvent

from gui.main_window import MainWindow
from gui.settings import Settings
from tests.benchmarks.window import plotted

started = float(sys.argv[1])
"""When the process was asked for, by the clock of the wall."""


class MeasuredWindow(MainWindow):
    """The window with a stop watch."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._times: dict[str, float] = {}
        self._gaps: list[tuple[float, float]] = []
        self._last_beat = 0.0
        self._pressed = 0.0
        self._waits: list[float] = []
        self._plotted: Callable[[], bool] = lambda: False
        self._heart = QTimer(self)
        self._heart.setInterval(10)
        self._heart.timeout.connect(self._beat)
        self.runner.engine_ready.connect(lambda _: self._note("TensorFlow ready"))
        self.runner.ticked.connect(self._look)

    def paintEvent(self, event: QPaintEvent) -> None:
        first = not self._times
        super().paintEvent(event)
        if first:
            self._times["first paint"] = 0.0
            QTimer.singleShot(0, self._begin)  # by then everything in the window is painted

    def _begin(self) -> None:
        self._times["first paint"] = time.time() - started
        self._last_beat = time.perf_counter()
        self._heart.start()
        self._press()

    def _note(self, name: str) -> None:
        self._times.setdefault(name, time.time() - started)

    def _beat(self) -> None:
        now = time.perf_counter()
        self._gaps.append((now - self._last_beat, time.time() - started))
        self._last_beat = now

    def _press(self) -> None:
        self._pressed = time.time()
        self._plotted = plotted(self)
        self.training.train()

    def _look(self) -> None:
        """Once a frame, after everything was drawn."""
        if not self._pressed or self.plots is None or not self.training.history.steps_seen:
            return
        if "first trained step" not in self._times:
            self._note("first trained step")
            self._times["longest gap until then"] = max(gap for gap, _ in self._gaps)
        if self._plotted():
            self._waits.append(time.time() - self._pressed)
            self._pressed = 0.0
            QTimer.singleShot(400, self._press_again if len(self._waits) == 1 else self._report)

    def _press_again(self) -> None:
        self.training.reset()
        self._last_beat = time.perf_counter()
        self._gaps.clear()
        self._press()

    def _report(self) -> None:
        self._times["first plotted point after Train, warm"] = self._waits[1]
        self._times["longest gap of that second start"] = max(gap for gap, _ in self._gaps)
        print(json.dumps(self._times), flush=True)
        os._exit(0)
