"""The whole window with the real engine."""

import pytest

from tests.gui.scripted import shown_window


@pytest.fixture
def window(qtbot, tmp_path):
    return shown_window(qtbot, tmp_path)
