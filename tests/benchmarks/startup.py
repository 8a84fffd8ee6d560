"""How long a person waits: from process start to the first painting, to TensorFlow, and from Train to the first plotted point.

Run by hand: ``uv run python tests/benchmarks/startup.py [--runs 3]``. Each run starts the real program in a process of its own
(offscreen where there is no display) and presses Train as soon as the window is painted, and once more when everything is warm.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

root = Path(__file__).parents[2]

measured = """
import json, sys, time
sys.path.insert(0, {root!r})
from PySide6.QtCore import QSettings, QTimer
from PySide6.QtWidgets import QApplication
times = {{}}
def note(name):
    times.setdefault(name, time.time() - {start})
app = QApplication([])
import tempfile
from gui.main_window import MainWindow
from gui.settings import Settings
from gui.theme import theme_notifier
theme_notifier(app).choose("system")
window = MainWindow(Settings(QSettings(tempfile.mktemp(suffix=".ini"), QSettings.Format.IniFormat)))
paint = MainWindow.paintEvent
def painted(self, event):
    paint(self, event)
    if "first paint" not in times:
        note("first paint")
        QTimer.singleShot(0, press)
MainWindow.paintEvent = painted
longest = 0.0
last = time.perf_counter()
def beat():
    global longest, last
    now = time.perf_counter()
    if "first paint" in times and "first trained step" not in times:
        longest = max(longest, now - last)
    last = now
heart = QTimer(); heart.setInterval(10); heart.timeout.connect(beat); heart.start()
pressed = [0.0]
def press():
    pressed[0] = time.time()
    window.training.train()
def ready(engine):
    note("TensorFlow ready")
window.runner.engine_ready.connect(ready)
rounds = []
def ticked():
    if window.plots is None or not len(window.training.history.steps()):
        return
    note("first trained step")
    if window.plots.loss.draws and pressed[0]:
        rounds.append(time.time() - pressed[0])
        pressed[0] = 0.0
        QTimer.singleShot(300, again if len(rounds) == 1 else finish)
def again():
    window.training.reset()
    draws = window.plots.loss.draws
    press()
def finish():
    times["first plotted point after Train, warm"] = rounds[1]
    times["longest gap of a 10 ms timer until the first step"] = longest
    print(json.dumps(times), flush=True)
    window.document.mark_saved(__import__("pathlib").Path("x"))
    window.close()
window.runner.ticked.connect(ticked)
window.show()
code = app.exec()
__import__("os")._exit(0)
"""


def main() -> None:
    """Print the median of each figure, in seconds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    runs = parser.parse_args().runs
    environment = dict(os.environ)
    if not environment.get("DISPLAY") and not environment.get("WAYLAND_DISPLAY"):
        environment["QT_QPA_PLATFORM"] = "offscreen"
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    results: list[dict[str, float]] = []
    for _ in range(runs):
        script = measured.format(root=str(root), start=time.time())
        answer = subprocess.run(
            [sys.executable, "-c", script], cwd=root, env=environment, capture_output=True, text=True, timeout=120, check=False
        )
        results.append(json.loads(answer.stdout.strip().splitlines()[-1]))
    for name in results[0]:
        values = [result[name] for result in results]
        print(f"{name:52} {statistics.median(values):7.3f} s   ({min(values):.3f} to {max(values):.3f})")


if __name__ == "__main__":
    main()
