"""File → Export: what is asked, who writes it, and what is told."""

import errno
import json
import os
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QSettings, QTimer
from PySide6.QtWidgets import QPushButton, QWidget

from gui.document import Document
from gui.exports import Exports, by_worker
from gui.prompts import Prompts
from gui.runner import Runner
from gui.settings import Settings
from gui.training import TrainingController
from models.data import read_facts
from models.experiment import edits
from models.experiment.starter import default_experiment
from models.storage.formats import formats
from tests.gui.scripted import ScriptedPrompts, ScriptedWorker, engine

writes = """
import json, os, sys
_, command, source, to, form, o, out = sys.argv
read = sorted(os.listdir(source)) if os.path.isdir(source) else os.path.basename(source)
open(out, "w").write(json.dumps([command, read, form, source]))
print(f"Wrote {out}: as it should be.")
"""
refuses = "import sys; print('Something before.', file=sys.stderr); print('out: no.', file=sys.stderr); sys.exit(2)"


class Desk:
    """What exports stand on, in the hands of the test."""

    def __init__(self, folder: Path) -> None:
        self.parent = QObject()
        self.runner = Runner(ScriptedWorker, self.parent)
        self.document = Document(default_experiment(), read_facts, self.parent)
        self.training = TrainingController(self.document, self.runner, self.parent)
        self.prompts = ScriptedPrompts()
        self.settings = Settings(QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat))
        self.told: list[str] = []
        self.exports = self.with_command(sys.executable, "-c", writes)

    def with_command(self, *command: str) -> Exports:
        self.exports = Exports(self.document, self.training, self.runner, self.prompts, self.settings, self.parent, command)
        self.exports.told.connect(self.told.append)
        return self.exports

    @property
    def worker(self) -> ScriptedWorker:
        return self.runner._worker

    def train(self) -> None:
        """Train the document a little."""
        self.worker.notify(engine)
        self.training.train()
        self.worker.begin()
        self.worker.take_steps(1, 10)
        self.runner.deliver()

    def change_network(self) -> None:
        experiment = self.document.experiment
        self.document.apply("x", edits.with_network(experiment, edits.change(experiment.network, "dense", units=3)))


@pytest.fixture
def desk(qtbot, tmp_path):
    desk = Desk(tmp_path)
    yield desk
    desk.exports.stop()
    desk.training._settled.stop()
    desk.training._told.stop()
    desk.runner.close(0.1)
    desk.parent.deleteLater()


@pytest.mark.parametrize("name", [name for name in formats if name not in by_worker])
def test_a_process_writes_what_takes_long(desk, qtbot, tmp_path, name):
    out = desk.prompts.export_answer = tmp_path / "out"
    desk.exports.export(formats[name])
    assert desk.told == ["Writing out …"]
    qtbot.waitUntil(lambda: len(desk.told) == 2)
    assert desk.told[1] == "Wrote out: as it should be."
    command, read, form, source = json.loads(out.read_text())
    assert (command, read, form) == ("export", "experiment.wiggle.json", name)
    assert not Path(source).exists()


@pytest.mark.parametrize("name", by_worker)
def test_the_worker_writes_what_takes_a_moment(desk, tmp_path, name):
    desk.prompts.export_answer = tmp_path / "out"
    desk.exports.export(formats[name])
    assert desk.worker.exports == [(name, desk.document.experiment, tmp_path / "out", False)]
    desk.worker.end_export()
    desk.runner.deliver()
    assert desk.told[1] == "Wrote out: the network as it was trained."


def test_nothing_is_written_where_no_file_is_named(desk):
    for form in formats.values():
        desk.exports.export(form)
    assert desk.told == desk.worker.exports == []


def test_an_experiment_with_errors_is_not_exported(desk):
    desk.document.apply("x", edits.with_network(desk.document.experiment, ()))
    for form in formats.values():
        desk.exports.export(form)
    assert len(desk.prompts.troubles) == len(formats)
    assert desk.told == []


def test_a_trained_network_goes_to_the_process_with_its_weights(desk, qtbot, tmp_path):
    desk.train()
    out = desk.prompts.export_answer = tmp_path / "out.onnx"
    desk.exports.export(formats["onnx"])
    ((to, experiment, weights, trained),) = desk.worker.exports
    assert (to, experiment, weights.name, trained) == ("keras", desk.document.experiment, "final.keras", True)
    weights.write_text("weights")
    desk.worker.end_export()
    desk.runner.deliver()
    qtbot.waitUntil(lambda: len(desk.told) == 2)
    assert json.loads(out.read_text())[1] == ["experiment.wiggle.json", "final.keras"]
    assert desk.prompts.asked == 0
    assert not weights.exists()


def test_a_script_and_a_picture_are_of_what_is_in_the_window(desk, qtbot, tmp_path):
    desk.train()
    desk.change_network()
    desk.prompts.export_answer = tmp_path / "out"
    for name in ("script", "csv"):
        desk.exports.export(formats[name])
    assert desk.worker.exports == [("script", desk.document.experiment, tmp_path / "out", False)]
    qtbot.waitUntil(lambda: len(desk.told) == 3)
    assert desk.prompts.asked == 0


@pytest.mark.parametrize("answer", ["trained", "present", None])
def test_it_is_asked_which_network_where_it_was_changed(desk, tmp_path, answer):
    desk.train()
    before = desk.document.experiment
    desk.change_network()
    desk.prompts.export_answer, desk.prompts.weights_answer = tmp_path / "out", answer
    desk.exports.export(formats["keras"])
    assert desk.prompts.asked == 1
    wanted = {"trained": (before, True), "present": (desk.document.experiment, False)}
    found = [(experiment, trained) for _, experiment, _, trained in desk.worker.exports]
    assert found == ([wanted[answer]] if answer else [])


def test_the_answers_to_that_question_stay_whole_on_a_small_screen(qtbot, qapp):
    parent, buttons = QWidget(), []
    qtbot.addWidget(parent)

    def look():
        box = qapp.activeModalWidget()
        buttons.extend((button.minimumWidth(), button.sizeHint().width()) for button in box.findChildren(QPushButton))
        box.done(0)

    QTimer.singleShot(0, look)
    assert Prompts(parent).which_network() is None
    assert sum(least >= wanted for least, wanted in buttons) == 2


def test_a_run_that_is_reset_has_no_network_any_more(desk, tmp_path):
    desk.train()
    desk.training.reset()
    desk.prompts.export_answer = tmp_path / "out"
    desk.exports.export(formats["keras"])
    assert desk.worker.exports[0][3] is False


def test_what_a_process_refuses_is_told_in_its_words(desk, qtbot, tmp_path):
    desk.with_command(sys.executable, "-c", refuses)
    desk.prompts.export_answer = tmp_path / "out.svg"
    desk.exports.export(formats["svg"])
    qtbot.waitUntil(lambda: desk.prompts.troubles == ["out.svg was not written."])
    assert desk.prompts.remedies == ["out: no."]


def test_a_process_that_cannot_begin_is_told(desk, qtbot, tmp_path):
    desk.with_command(str(tmp_path / "gone"))
    desk.prompts.export_answer = tmp_path / "out.svg"
    desk.exports.export(formats["svg"])
    qtbot.waitUntil(lambda: desk.prompts.troubles == ["out.svg was not written."])


def test_a_disk_without_room_for_what_the_process_reads_is_told(desk, tmp_path, monkeypatch):
    def full(**_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("tempfile.TemporaryDirectory", full)
    desk.prompts.export_answer = tmp_path / "out.onnx"
    desk.exports.export(formats["onnx"])
    assert desk.prompts.troubles[0].endswith("cannot be written to: no space left on device.")
    assert desk.prompts.remedies == ["Make room there: out.onnx is prepared in it."]


def test_what_the_worker_cannot_write_is_told(desk, tmp_path):
    desk.train()
    desk.prompts.export_answer = tmp_path / "out"
    for name in ("keras", "onnx"):
        desk.exports.export(formats[name])
        desk.worker.end_export("The disk is full.")
        desk.runner.deliver()
    assert desk.prompts.troubles == ["The disk is full."] * 2


def test_a_process_ends_with_the_window(desk, tmp_path):
    desk.with_command(sys.executable, "-c", "import time; time.sleep(60)")
    desk.prompts.export_answer = tmp_path / "out.svg"
    desk.exports.export(formats["svg"])
    process, job = next(iter(desk.exports._processes.items()))
    process.waitForStarted()
    desk.exports.stop()
    assert process.state() == process.ProcessState.NotRunning
    assert not job.run.exists()
    assert desk.prompts.troubles == []
