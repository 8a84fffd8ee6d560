"""One start of the real program, Train being pressed at its first paint; prints the times as JSON. Run by ``startup.py``."""

import gc
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import main


def measure_the_window() -> None:
    """Have the program open a window with a stop watch, and settings of its own."""
    gc.disable()  # before anything of the window is imported, as the program itself does
    from PySide6.QtCore import QSettings

    import gui.app
    from gui.settings import Settings
    from tests.benchmarks.startup_window import MeasuredWindow

    gui.app.MainWindow = MeasuredWindow
    gui.app.Settings = lambda: Settings(QSettings(tempfile.mkstemp(suffix=".ini")[1], QSettings.Format.IniFormat))


measure_the_window()
main.main([])
