"""The main job with nothing stood in for: the real window, the real engine, real data."""

import csv
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt

from models.experiment import edits
from models.storage.files import load
from tests.sampling import sampled

pytestmark = [pytest.mark.e2e, pytest.mark.engine]

root = Path(__file__).parents[2]
patience = 120_000


def test_train_change_save_reopen_and_train_the_same_headless(window, qtbot, tmp_path):
    """One click trains; the stack is changed by keys; the saved file gives the same figures without a window, bit for bit."""
    qtbot.keyClick(window.stack.view, Qt.Key.Key_End)
    window.stack.view.select(("dense_1",))
    window.stack.view.duplicate_selected()
    experiment = window.document.experiment
    window.document.apply("Change epochs", edits.set_at(experiment, "training.epochs", 4))
    assert len(window.document.experiment.network) == 4

    file = tmp_path / "mine.wiggle.json"
    window.prompts.save_answer = file
    window.actions_.save.trigger()
    assert load(file) == window.document.experiment

    with qtbot.waitSignal(window.runner.ended, timeout=patience) as ended:
        qtbot.mouseClick(window.toolbar.train_button, Qt.MouseButton.LeftButton)
    assert ended.args[0].ending == "finished", ended.args[0].details
    steps = window.training.history.steps()
    assert steps.step.tolist() == list(range(1, 101))
    assert window.training.history.last_probe is not None

    out = tmp_path / "run"
    command = [sys.executable, "main.py", "train", str(file), "--out", str(out), "--device", "cpu", "--quiet"]
    answer = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=300, check=False)
    assert answer.returncode == 0, answer.stderr
    with (out / "history.csv").open() as source:
        rows = list(csv.DictReader(source))
    for name, figures in (("loss", steps.loss), ("accuracy", steps.metrics["accuracy"])):
        assert np.array_equal(np.float32([row[name] for row in rows]), np.float32(figures))  # bit for bit

    window.actions_.new.trigger()
    window.files.open_path(file)
    assert window.document.experiment == load(file)


def test_pause_step_and_learning_rate_act_on_the_real_engine(window, qtbot):
    window.document.apply("Change epochs", edits.set_at(window.document.experiment, "training.epochs", 1_000_000))
    window.actions_.step.trigger()
    qtbot.waitUntil(lambda: window.runner.state == "paused" and window.training.history.last_step == 1, timeout=patience)
    window.actions_.epoch.trigger()
    qtbot.waitUntil(lambda: window.runner.state == "paused" and window.training.history.last_step == 25, timeout=patience)
    window.toolbar.train_button.click()
    qtbot.waitUntil(lambda: window.training.history.last_step > 200, timeout=patience)
    window.toolbar._rate.value_changed.emit(0.0005)
    qtbot.waitUntil(lambda: window.training.history.steps().learning_rate[-1] == pytest.approx(0.0005), timeout=patience)
    with qtbot.waitSignal(window.runner.ended, timeout=patience) as ended:
        window.actions_.stop.trigger()
    assert ended.args[0].ending == "stopped"


def trained(window, qtbot, start):
    """The losses when the run that `start` begins has finished."""
    with qtbot.waitSignal(window.runner.ended, timeout=patience) as ended:
        start()
    assert ended.args[0].ending == "finished", ended.args[0].details
    return window.training.history.steps().loss.copy()


def test_a_run_that_goes_on_is_the_run_that_was_longer_and_a_search_leaves_it_alone(window, qtbot):
    window.document.apply("Change epochs", edits.set_at(window.document.experiment, "training.epochs", 6))
    whole = trained(window, qtbot, window.actions_.train.trigger)
    window.document.apply("Change epochs", edits.set_at(window.document.experiment, "training.epochs", 4))
    first = trained(window, qtbot, window.actions_.train.trigger)

    with qtbot.waitSignal(window.runner.rate_found, timeout=patience) as found:
        window.actions_.find_rate.trigger()
    assert found.args[0].sweep is not None, found.args[0].sentence
    assert window.finder.use.isEnabled(), window.finder.sentence.text()
    window.finder.close()

    window.toolbar.more.setValue(2)
    longer = trained(window, qtbot, window.actions_.go_on.trigger)
    assert np.array_equal(longer[:100], first)
    assert longer == pytest.approx(whole, rel=1e-4)
    assert window.training.progress.words == "epoch 6 / 6"


closing = """
import sys, time
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from gui import app, main_window

def close():
    print(time.time(), flush=True)
    window.close()

def start(runner):
    print("tensorflow" in sys.modules, flush=True)
    start_engine(runner)
    if "{moment}" != "training":
        QTimer.singleShot(int(float("{moment}") * 1000), close)

def train(engine):
    window.training.train()
    window.training.statistics_changed.connect(lambda probe: QTimer.singleShot(300, close))

class Window(main_window.MainWindow):
    def __init__(self, *arguments):
        global window
        super().__init__(*arguments)
        window = self
        if "{moment}" == "training":
            self.runner.engine_ready.connect(train)

start_engine = main_window.Runner.start_engine
main_window.Runner.start_engine = start
app.MainWindow = Window
sys.exit(app.run())
"""


@pytest.mark.parametrize("moment", sampled(("0", "0.5", "2", "training"), "training"))
def test_the_program_closes_within_two_seconds_at_any_moment(moment):
    """A process of its own, closed so many seconds after the import of TensorFlow began, or while it trains."""
    command, pipe = [sys.executable, "-c", closing.format(moment=moment)], subprocess.PIPE
    process = subprocess.Popen(command, cwd=root, stdout=pipe, stderr=pipe, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "False\n", "TensorFlow was imported before the window was painted"
    closed_at = float(process.stdout.readline())
    _, errors = process.communicate(timeout=60)
    seconds = time.time() - closed_at
    assert process.returncode == 0, errors
    assert "Traceback" not in errors
    assert seconds < 2.5  # two seconds, and the time this process takes to notice


def exported(window, qtbot, name, path):
    """Export through the menu, and what was told when it was done."""
    told = []
    window.exports.told.connect(told.append)
    window.prompts.export_answer = path
    window.actions_.exports[name].trigger()
    qtbot.waitUntil(lambda: len(told) == 2 or bool(window.prompts.troubles), timeout=patience)
    window.exports.told.disconnect(told.append)
    assert window.prompts.troubles == []
    return told[1]


def test_the_network_leaves_as_it_is_in_the_midst_of_a_run(window, qtbot, tmp_path):
    import keras

    window.document.apply("Change epochs", edits.set_at(window.document.experiment, "training.epochs", 1_000_000))
    window.actions_.step.trigger()
    qtbot.waitUntil(lambda: window.runner.state == "paused", timeout=patience)
    exported(window, qtbot, "keras", tmp_path / "first.keras")
    window.toolbar.train_button.click()
    qtbot.waitUntil(lambda: window.training.history.last_step > 100, timeout=patience)
    told = exported(window, qtbot, "keras", tmp_path / "later.keras")
    assert told == "Wrote later.keras: the network as it was trained."
    assert window.runner.state == "training"
    window.actions_.stop.trigger()
    qtbot.waitUntil(lambda: window.runner.state == "idle", timeout=patience)
    first, later = (keras.models.load_model(tmp_path / name) for name in ("first.keras", "later.keras"))
    assert first.optimizer.iterations == 1
    assert later.optimizer.iterations > 100


@pytest.mark.exhaustive
def test_a_process_of_its_own_writes_for_other_programs(window, qtbot, tmp_path):
    window.document.apply("Change epochs", edits.set_at(window.document.experiment, "training.epochs", 4))
    trained(window, qtbot, window.actions_.train.trigger)
    told = exported(window, qtbot, "litert", tmp_path / "net.tflite")
    assert told.startswith("Wrote net.tflite: the network as it was trained. Within ")
    assert (tmp_path / "net.tflite").is_file()
