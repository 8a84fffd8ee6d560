"""Starts the window."""

import os
import sys
from pathlib import Path

from PySide6.QtWidgets import QApplication

from gui.garbage import GarbageCollector
from gui.main_window import MainWindow
from gui.settings import Settings
from gui.theme import choices, styled_at_once, theme_notifier


def run(file: Path | None = None) -> int:
    """Show the window, with the experiment or data in `file` where one is given, until it is closed; gives the exit code."""
    app = QApplication(sys.argv[:1])
    garbage = GarbageCollector(app)
    app.setApplicationName("Wiggle")
    app.setApplicationDisplayName("")
    app.setDesktopFileName("wiggle")
    settings = Settings()
    theme_notifier(app).choose(next((choice for choice in choices if choice == settings.theme), "system"))
    with styled_at_once(app):
        window = MainWindow(settings)
    ended_in_time: list[bool] = []
    window.closed.connect(ended_in_time.append)
    # What is made till TensorFlow is imported stays, and looking through it while it grows would cost 0.1 s again and again.
    window.runner.engine_ready.connect(garbage.start)
    window.runner.engine_failed.connect(garbage.start)
    window.runner.state_changed.connect(garbage.follow)
    if file is not None:
        window.files.open_path(file)
    window.show()
    code = app.exec()
    if ended_in_time and not ended_in_time[-1]:
        # The worker is inside TensorFlow's import or a long call and cannot be interrupted. Everything is saved by now; leaving
        # through the interpreter would wait for it, or crash in TensorFlow's own threads.
        sys.stdout.flush()
        os._exit(code)
    return code
