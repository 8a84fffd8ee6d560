"""Nothing heavy stands between a person and the window: what a start imports, in a process of its own."""

import json
import subprocess
import sys
from pathlib import Path

root = Path(__file__).parents[2]

opened = """
import builtins, gc, json, sys
import gui.app, gui.main_window

heavy = ("numpy", "matplotlib", "pandas", "sklearn", "tensorflow", "keras")
unseen = ("gui.data_panel", "gui.training_panel", "gui.palette")
paint = gui.main_window.MainWindow.paintEvent

def painted(window, event):
    paint(window, event)
    found = [name for name in heavy + unseen if name in sys.modules]
    print(json.dumps({"imported": found, "collecting": gc.isenabled(), "hook": builtins.__import__.__name__}), flush=True)
    import os
    os._exit(0)

gui.main_window.MainWindow.paintEvent = painted
gui.app.run()
"""


def test_the_first_paint_waits_for_nothing_heavy_or_hidden():
    answer = subprocess.run([sys.executable, "-c", opened], cwd=root, capture_output=True, text=True, timeout=60, check=True)
    found = json.loads(answer.stdout)
    assert found["imported"] == []
    assert not found["collecting"]
    assert found["hook"] != "__feature_import__"


def test_no_declaration_is_read_before_its_turn():
    """Reading one kind must not read all that it could hold: that was a tenth of the way to the first paint."""
    script = """
import time
from models.experiment import fields
from models.experiment.experiment import Experiment
began = time.perf_counter()
fields.fields_of(Experiment)
print(fields.fields_of.cache_info().currsize)
"""
    answer = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True, timeout=60, check=True)
    assert answer.stdout.split() == ["1"]
