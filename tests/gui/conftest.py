"""The whole window with a scripted engine."""

import pytest
from PySide6.QtCore import QSettings

from gui.main_window import MainWindow
from gui.runner import Runner
from gui.settings import Settings
from tests.gui.scripted import ScriptedPrompts, ScriptedWorker


@pytest.fixture
def window(qtbot, tmp_path):
    settings = Settings(QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat))
    window = MainWindow(settings, Runner(ScriptedWorker), ScriptedPrompts())
    qtbot.addWidget(window, before_close_func=forget_changes)
    window.show()
    qtbot.waitUntil(lambda: window.plots is not None and window.runner._worker.started, timeout=30_000)
    window.runner._clock.stop()
    return window


def forget_changes(window) -> None:
    window.prompts.unsaved_answer = "discard"
