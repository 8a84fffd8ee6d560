"""Files are written where a person said, and nothing is replaced that nobody was asked about."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QLabel, QMessageBox, QWidget

from gui import prompts
from gui.prompts import Prompts


@pytest.fixture
def chosen(monkeypatch, tmp_path):
    """Chooses this name in the dialog that asks where to save."""

    def choose(name):
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / name), ""))

    return choose


@pytest.mark.parametrize(
    ("name", "expected"), [("net", "net.py"), ("net.py", "net.py"), ("net.keras", "net.py"), ("rate 0.01", "rate 0.01.py")]
)
def test_an_export_has_its_suffix_and_the_whole_name(qtbot, chosen, tmp_path, name, expected):
    parent = QWidget()
    qtbot.addWidget(parent)
    chosen(name)
    assert Prompts(parent).file_to_export("Export", Path("net.py"), ".py") == tmp_path / expected


@pytest.mark.parametrize("agrees", [True, False])
def test_a_file_that_the_dialog_did_not_ask_about_is_asked_about(qtbot, monkeypatch, chosen, tmp_path, agrees):
    asked = []
    monkeypatch.setattr(prompts, "agreed", lambda *words: asked.append(words) or agrees)
    parent = QWidget()
    qtbot.addWidget(parent)
    there = tmp_path / "mine.wiggle.json"
    there.touch()
    chosen("mine.wiggle.json")
    assert Prompts(parent).file_to_save(there) == there
    assert asked == [], "the dialog did"
    chosen("mine")
    assert Prompts(parent).file_to_save(there) == (there if agrees else None)
    assert len(asked) == 1
    chosen("new")
    assert Prompts(parent).file_to_save(there) == tmp_path / "new.wiggle.json"
    assert len(asked) == 1


@pytest.mark.parametrize(
    "ask",
    [
        lambda prompts: prompts.trouble("/tmp/<b>a</b>.csv: expected a table.", "Mend <i>."),
        lambda prompts: prompts.agreed("Delete “<b>”?", "<i> is lost.", "Delete"),
        lambda prompts: prompts.unsaved_changes("<b>x</b>"),
    ],
    ids=["trouble", "agreed", "unsaved"],
)
def test_names_and_paths_are_told_as_they_are(qtbot, monkeypatch, ask):
    """Qt would take them for marks of HTML, and leave them out."""
    told = []

    def look(box):
        told.extend((words.text(), words.textFormat()) for words in box.findChildren(QLabel) if words.text())
        return QMessageBox.StandardButton.Cancel

    monkeypatch.setattr(QMessageBox, "exec", look)
    parent = QWidget()
    qtbot.addWidget(parent)
    ask(Prompts(parent))
    assert any("<b>" in text for text, _ in told)
    assert {form for _, form in told} == {Qt.TextFormat.PlainText}
