"""New, open, save, recent files and data files: nothing is lost without asking."""

import io
import json
import threading
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QObject, QSettings

from gui import importing, reading_ahead
from gui.document import Document
from gui.files import FileCommands, example_files
from gui.inspector import network_words
from gui.settings import Settings
from models.data import read_facts, tables
from models.experiment.check import check
from models.experiment.data import Table
from models.experiment.starter import default_experiment
from models.storage.files import load, save
from tests.gui.scripted import ScriptedPrompts
from tests.models.storage.keras_files.attacks import archive, dense, sequential


@pytest.fixture
def settings(tmp_path):
    return Settings(QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat))


@pytest.fixture
def commands(qtbot, settings):
    parent = QObject()
    document = Document(default_experiment(), read_facts, parent)
    yield FileCommands(document, ScriptedPrompts(), settings, parent)
    parent.deleteLater()


def change(commands) -> None:
    document = commands._document
    document.apply("Change seed", replace(document.experiment, seed=document.experiment.seed + 1))


def test_save_asks_for_a_file_once(commands, tmp_path):
    commands._prompts.save_answer = tmp_path / "a.wiggle.json"
    change(commands)
    assert commands.save()
    change(commands)
    commands._prompts.save_answer = None
    assert commands.save()
    assert load(tmp_path / "a.wiggle.json") == commands._document.experiment
    assert not commands._document.unsaved


def test_open_gives_what_was_saved(commands, tmp_path):
    change(commands)
    saved = commands._document.experiment
    commands._prompts.save_answer = tmp_path / "a.wiggle.json"
    commands.save()
    commands.new()
    assert commands._document.experiment == default_experiment()
    commands._prompts.open_answer = tmp_path / "a.wiggle.json"
    commands.open()
    assert commands._document.experiment == saved
    assert commands._document.undo_text is None


@pytest.mark.parametrize(("answer", "left"), [("cancel", False), ("discard", True), ("save", True)])
def test_unsaved_changes_are_asked_about(commands, tmp_path, answer, left):
    change(commands)
    commands._prompts.unsaved_answer = answer
    commands._prompts.save_answer = tmp_path / "kept.wiggle.json"
    commands.new()
    assert (commands._document.experiment == default_experiment()) is left
    assert (tmp_path / "kept.wiggle.json").exists() is (answer == "save")


def test_save_that_is_cancelled_keeps_the_changes(commands):
    change(commands)
    commands._prompts.unsaved_answer = "save"
    commands._prompts.save_answer = None
    commands.new()
    assert commands._document.unsaved


def test_a_bad_file_leaves_the_experiment_alone(commands, tmp_path):
    bad = tmp_path / "bad.wiggle.json"
    bad.write_text('{"version": 1, "data": 3}')
    before = commands._document.experiment
    commands.open_path(bad)
    assert commands._document.experiment == before
    assert len(commands._prompts.troubles) == 1
    assert "bad.wiggle.json" in commands._prompts.troubles[0]


def test_nobody_is_asked_about_unsaved_changes_for_a_file_that_cannot_be_opened(commands, tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(commands._prompts, "unsaved_changes", lambda name: asked.append(name) or "discard")
    change(commands)
    before = commands._document.experiment
    for path in (tmp_path, tmp_path / "picture.png"):
        commands.open_path(path)
    assert asked == []
    assert [trouble.partition(", found ")[2] for trouble in commands._prompts.troubles] == ["a folder.", "no file of that name."]
    assert commands._document.experiment is before
    save(default_experiment(), tmp_path / "good.wiggle.json")
    commands.open_path(tmp_path / "good.wiggle.json")
    assert len(asked) == 1
    assert not commands._document.unsaved


def test_a_place_that_cannot_be_written_is_told(commands, tmp_path):
    commands._prompts.save_answer = tmp_path / "no folder" / "a.wiggle.json"
    change(commands)
    assert not commands.save()
    assert commands._document.unsaved
    assert len(commands._prompts.troubles) == 1


def test_recent_files_newest_first_without_those_that_are_gone(settings, tmp_path):
    paths = [tmp_path / f"{name}.wiggle.json" for name in "abc"]
    for path in paths:
        save(default_experiment(), path)
        settings.remember_file(path)
    settings.remember_file(paths[0])
    paths[1].unlink()
    assert settings.recent_files == (paths[0], paths[2])


def test_a_table_becomes_the_data_and_the_output_follows(commands, tmp_path):
    table = tmp_path / "flowers.csv"
    rows = "".join(f"{i % 7},{i % 5},{'red' if i % 3 == 0 else 'blue' if i % 3 == 1 else 'green'}\n" for i in range(60))
    table.write_text("a,b,colour\n" + rows)
    commands.open_path(table)
    experiment, report = commands._document.experiment, commands._document.report
    assert experiment.data.path == str(table)
    assert experiment.data.target == "colour"
    assert report.ready, report.problems
    assert experiment.network[-1].units == 3
    assert commands._document.undo_text == "Learn from flowers.csv"


@pytest.fixture
def large(monkeypatch):
    """Every file is so large that it is read in a thread; gives the names of the threads that read one."""
    monkeypatch.setattr(reading_ahead, "most_read_at_once", 0)
    readers = []
    read = tables.find_dialect
    monkeypatch.setattr(tables, "find_dialect", lambda *given: (readers.append(threading.current_thread().name), read(*given))[1])
    yield readers
    for thread in threading.enumerate():
        if thread.name == "reading ahead":
            thread.join()


def write_table(path, rows=30):
    path.write_text("a,b\n" + "".join(f"{i % 7},{i % 2}\n" for i in range(rows)))
    return path


def test_a_large_table_is_read_in_a_thread_and_becomes_the_data_afterwards(commands, qtbot, tmp_path, large):
    before, told = commands._document.experiment, []
    commands.told.connect(told.append)
    commands.open_path(write_table(tmp_path / "large.csv"))
    assert commands._document.experiment is before
    assert told == ["Reading large.csv …"]
    qtbot.waitUntil(lambda: commands._document.experiment is not before)
    assert commands._document.report.ready
    assert large == ["reading ahead"]
    assert told[-1] == ""


def test_an_experiment_opens_once_its_large_table_is_read(commands, qtbot, tmp_path, large):
    path = tmp_path / "saved.wiggle.json"
    save(replace(default_experiment(), data=Table(path=str(write_table(tmp_path / "large.csv")), target="b")), path)
    commands.open_path(path)
    assert commands._document.path is None
    qtbot.waitUntil(lambda: commands._document.path == path)
    assert large == ["reading ahead"]


def test_a_table_that_is_still_being_read_when_another_document_is_opened_is_forgotten(commands, qtbot, tmp_path, large):
    opened = replace(default_experiment(), seed=7)
    with qtbot.waitSignal(commands._ahead._messenger.done):
        commands.open_path(write_table(tmp_path / "large.csv"))
        commands._document.open(opened, None)
    assert commands._document.experiment is opened


def test_what_is_changed_while_a_large_table_is_read_is_asked_about(commands, qtbot, tmp_path, large):
    path = tmp_path / "saved.wiggle.json"
    save(replace(default_experiment(), data=Table(path=str(write_table(tmp_path / "large.csv")), target="b")), path)
    commands.open_path(path)
    change(commands)
    qtbot.waitUntil(lambda: commands._prompts.asked == 1)
    assert commands._document.path is None


def arrays(**changes):
    """A file of arrays that can be learned from, but for `changes`."""
    file = io.BytesIO()
    np.savez(file, **({"x": np.arange(40.0).reshape(20, 2), "y": np.arange(20) % 2} | changes))
    return file.getvalue()


unusable = {
    "cut.npz": (arrays()[:-30], "found a damaged file or one of another kind"),
    "no-targets.npz": (arrays(y=np.arange(3)), "found 20 in x and 3 in y"),
    "hole.npz": (arrays(x=np.full((20, 2), np.nan)), "array x[0, 0]: expected a finite number below 3.4e38, found nan"),
    "few.npz": (arrays(x=np.ones((2, 2)), y=np.arange(2)), "expected at least 10 examples, found 2"),
    "ragged.csv": (b"a,b\n1,2\n3\n", "line 3: expected 2 cells as in the first row, found 1"),
    "binary.csv": (bytes(range(256)), "found binary data"),
}


@pytest.mark.parametrize("name", unusable)
def test_a_data_file_that_no_setting_makes_usable_is_refused_and_nothing_changes(commands, tmp_path, name):
    content, sentence = unusable[name]
    (tmp_path / name).write_bytes(content)
    before = commands._document.experiment
    commands.open_path(tmp_path / name)
    (trouble,) = commands._prompts.troubles
    assert sentence in trouble
    assert str(tmp_path / name) in trouble
    assert commands._document.experiment is before
    assert commands._document.undo_text is None


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("alike.npz", arrays(y=np.zeros(20, int)), "expected at least two classes"),
        ("hole.csv", b"a,b\n1,2\n3,\n5,6\n", "found a missing cell"),
    ],
)
def test_what_a_setting_can_mend_becomes_the_data_with_a_problem(commands, tmp_path, name, content, sentence):
    (tmp_path / name).write_bytes(content)
    commands.open_path(tmp_path / name)
    assert commands._prompts.troubles == []
    assert commands._document.experiment.data.path == str(tmp_path / name)
    assert any(sentence in problem.sentence for problem in commands._document.report.errors)


def test_an_example_is_opened_without_a_file(commands):
    path = example_files()[0]
    commands.open_example(path)
    assert commands._document.path is None
    assert not commands._document.unsaved
    assert commands._prompts.troubles == []


@pytest.mark.parametrize("path", example_files(), ids=lambda path: path.stem)
def test_examples_are_free_of_errors(path: Path):
    experiment = load(path)
    facts = experiment.data.facts() or read_facts(experiment.data)
    assert check(experiment, facts).ready


def bring(commands, qtbot, path):
    """Import the network at `path` and wait for what comes of it."""
    commands._prompts.network_answer = path
    with qtbot.waitSignal(commands.importer.found):
        commands.import_network()
    if commands.importer.running:
        qtbot.waitSignal(commands.importer.found).wait()


def test_a_network_with_weights_is_saved_and_opened(commands, qtbot, tmp_path):
    (tmp_path / "net.keras").write_bytes(archive())
    commands._prompts.save_answer = tmp_path / "mine.wiggle.json"
    bring(commands, qtbot, tmp_path / "net.keras")
    assert commands._prompts.troubles == []
    assert commands._document.path == tmp_path / "mine.wiggle.json"
    assert commands._document.experiment.initial_weights == str(tmp_path / "mine.weights.h5")
    assert (tmp_path / "mine.weights.h5").exists()
    assert "random numbers" in commands._prompts.pages[0]
    assert "starts from mine.weights.h5" in network_words(commands._document.experiment, commands._document.report)
    commands.forget_weights()
    assert commands._document.experiment.initial_weights is None
    assert commands._document.undo_text == "Forget initial weights"


def test_a_network_without_weights_is_opened_without_a_file(commands, qtbot, tmp_path):
    (tmp_path / "config.json").write_text(json.dumps(sequential(dense("only"))))
    bring(commands, qtbot, tmp_path / "config.json")
    assert [layer.name for layer in commands._document.experiment.network] == ["only"]
    assert commands._document.path is None


def test_a_network_that_is_refused_leaves_the_experiment_alone(commands, qtbot, tmp_path):
    (tmp_path / "bad.json").write_text(json.dumps(sequential({"class_name": "Lambda", "config": {"name": "l"}})))
    before, told = commands._document.experiment, []
    commands.told.connect(told.append)
    bring(commands, qtbot, tmp_path / "bad.json")
    assert commands._document.experiment == before
    assert told == ["Reading bad.json …", ""]
    assert "“Lambda”" in commands._prompts.troubles[0]


def test_a_fault_of_the_program_while_it_imports_is_told_and_the_next_file_is_read(commands, qtbot, tmp_path, monkeypatch):
    (tmp_path / "net.json").write_text(json.dumps(sequential(dense("only"))))
    monkeypatch.setattr(importing, "look_at", lambda path: {}[path])
    bring(commands, qtbot, tmp_path / "net.json")
    assert commands._prompts.troubles == [f"{tmp_path / 'net.json'} could not be imported: KeyError."]
    monkeypatch.undo()
    bring(commands, qtbot, tmp_path / "net.json")
    assert [layer.name for layer in commands._document.experiment.network] == ["only"]


def test_unsaved_changes_are_asked_about_before_a_network_takes_their_place(commands, qtbot, tmp_path):
    (tmp_path / "net.keras").write_bytes(archive())
    change(commands)
    before = commands._document.experiment
    commands._prompts.save_answer = tmp_path / "mine.wiggle.json"
    bring(commands, qtbot, tmp_path / "net.keras")
    assert commands._prompts.asked == 1
    assert commands._document.experiment == before
    assert not (tmp_path / "mine.wiggle.json").exists()
    commands._prompts.unsaved_answer = "discard"
    bring(commands, qtbot, tmp_path / "net.keras")
    assert commands._prompts.asked == 2
    assert commands._document.path == tmp_path / "mine.wiggle.json"
