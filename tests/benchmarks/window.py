"""The real window for benchmarks: offscreen where there is no display, 1440×900, with TensorFlow loaded."""

import os
import tempfile
import time
from collections.abc import Callable

if not os.environ.get("DISPLAY") and not os.environ.get("WAYLAND_DISPLAY"):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEventLoop, QSettings
from PySide6.QtWidgets import QApplication

from gui.garbage import GarbageCollector
from gui.main_window import MainWindow
from gui.settings import Settings
from gui.theme import styled_at_once, theme_notifier


def open_window(app: QApplication) -> MainWindow:
    """The window with settings of its own, once the engine is ready, its garbage collected as the program does."""
    garbage = GarbageCollector(app)
    theme_notifier(app).choose("light")
    with styled_at_once(app):
        window = MainWindow(Settings(QSettings(tempfile.mkstemp(suffix=".ini")[1], QSettings.Format.IniFormat)))
    window.runner.engine_ready.connect(garbage.start)
    window.runner.state_changed.connect(garbage.follow)
    window.resize(1440, 900)
    window.show()
    wait_for(lambda: window.runner.engine is not None)
    return window


def plotted(window: MainWindow) -> Callable[[], bool]:
    """Tells whether the first steps of the run that was just asked for are drawn, not counting what is left of the one before."""
    drawn: list[int] = []

    def seen() -> bool:
        if window.plots is None or not window.training.history.steps_seen:
            return False
        loss = window.plots.plot("loss")
        drawn[:] = drawn or [loss.draws]
        return loss.draws > drawn[0] and len(loss.raw_line.get_xdata()) > 0

    return seen


def wait_for(seen: Callable[[], bool]) -> None:
    """Let the window live until `seen`, for two minutes at most."""
    end = time.monotonic() + 120
    while not seen():
        if time.monotonic() > end:
            raise TimeoutError("the window did not show what was waited for")
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
