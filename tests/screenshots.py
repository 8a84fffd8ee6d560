"""Takes the README's screenshots of the real window, trained by the real engine.

Run by hand: ``uv run python tests/screenshots.py [NAME …]``; writes to ``resources/screenshots``.
"""

import gc
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

root = Path(__file__).parents[1]
sys.path.insert(0, str(root))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QSettings  # noqa: E402
from PySide6.QtWidgets import QApplication  # noqa: E402

from gui.main_window import MainWindow  # noqa: E402
from gui.settings import Settings  # noqa: E402
from gui.theme import Choice, theme_notifier  # noqa: E402

examples = root / "resources" / "examples"
folder = root / "resources" / "screenshots"
shown = Path(tempfile.gettempdir()) / "wiggle"
"""A copy of the examples, so that no path of the machine that takes the pictures is seen in them."""


@dataclass(frozen=True)
class Shot:
    """One screenshot: what is opened, how it looks, how long it trains, what is selected, which panels are open."""

    file: str | None
    theme: Choice
    size: tuple[int, int]
    steps: int
    tab: int
    layer: str
    panels: tuple[str, ...] = ()
    """Identifiers of the panels in place of the usual ones."""


shots = {
    "default-light": Shot(None, "light", (1440, 900), 3500, 1, "dense"),
    "default-dark": Shot(None, "dark", (1440, 900), 3500, 1, "dense_1"),
    "digits-cnn": Shot(
        "digits-cnn.wiggle.json", "light", (1440, 900), 800, 1, "conv2d", ("loss", "neurons", "predictions", "weights")
    ),
    "inside": Shot(
        "vanishing-gradients.wiggle.json",
        "light",
        (1440, 900),
        600,
        1,
        "sigmoid_7",
        ("loss", "depth", "curve", "activations"),
    ),
    "neurons": Shot(None, "dark", (1440, 900), 4500, 1, "dense_1", ("neurons", "surface", "weights", "predictions")),
    "residual-light": Shot("digits-residual.wiggle.json", "light", (1440, 900), 600, 1, "block1_add"),
    "residual-dark": Shot("digits-residual.wiggle.json", "dark", (1440, 900), 600, 1, "block1_add"),
    "curve": Shot("sine.wiggle.json", "light", (1100, 700), 1900, 2, "dense_1"),
    "table": Shot("fruit.csv", "dark", (1100, 700), 1500, 0, "output"),
}


def main() -> None:
    """Take the screenshots named on the command line, or all."""
    app = QApplication([])
    folder.mkdir(exist_ok=True)
    shutil.copytree(examples, shown, dirs_exist_ok=True)
    for name in sys.argv[1:] or shots:
        take(app, shots[name], folder / f"{name}.png")
        app.processEvents()
        gc.collect()  # here: a window that goes away in the next one's training thread would end the program
        print(name, (folder / f"{name}.png").stat().st_size // 1000, "kB", flush=True)
    os._exit(0)


def take(app: QApplication, shot: Shot, path: Path) -> None:
    """Open, train, wait, grab."""
    theme_notifier(app).choose(shot.theme)
    settings = Settings(QSettings(tempfile.mkstemp(suffix=".ini")[1], QSettings.Format.IniFormat))
    window = MainWindow(settings)
    if shot.file is not None:
        window.files.open_path(shown / shot.file)
    window.resize(*shot.size)
    window.show()
    wait_for(app, lambda: window.runner.engine is not None)
    if shot.panels:
        assert window.plots is not None
        panels = {panel.objectName(): panel for panel in window.plots.panels}
        window.plots.lay_out([panels[name] for name in shot.panels])
    window.tabs.setCurrentIndex(shot.tab)
    window.stack.view.select((shot.layer,))
    window.training.train()
    wait_for(app, lambda: window.training.history.last_step >= shot.steps or window.training.outcome is not None)
    window.runner.pause()
    for _ in range(60):
        app.processEvents()
        time.sleep(0.01)
    window.grab().save(str(path))
    if window.document.path is not None or window.document.unsaved:
        window.document.mark_saved(path)
    window.close()


def wait_for(app: QApplication, condition: Callable[[], bool], seconds: float = 120) -> None:
    """Let the window live until `condition` holds."""
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        app.processEvents()
        time.sleep(0.005)


if __name__ == "__main__":
    main()
