"""The whole window with a scripted engine."""

import pytest

from gui.runner import Runner
from tests.gui.scripted import ScriptedWorker, shown_window


@pytest.fixture
def window(qtbot, tmp_path):
    window = shown_window(qtbot, tmp_path, Runner(ScriptedWorker))
    qtbot.waitUntil(lambda: window.plots is not None and window.runner._worker.started, timeout=30_000)
    window.runner._clock.stop()
    return window
