"""The data panel: sources and their options reach the document, the output follows, and previews come from a thread."""

import threading

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

import gui.data_panel
from gui import reading_ahead
from gui.data_panel import DataPanel, Look, facts_words, look_at
from gui.document import Document
from models.data.loading import read_facts
from models.experiment.data import Arrays, Digits, Facts, FileSource, Iris, Sine, Source, Spiral, Table
from models.experiment.fields import fields_of, kinds_in, new
from models.experiment.losses import MeanSquaredError, SparseCategoricalCrossentropy
from models.experiment.starter import default_experiment
from tests.gui.forms.driving import choose, enter, legal, shown

file_kinds = kinds_in(FileSource)


def look_without_reading(source, seed):
    return Look(None, "", ("age", "height", "class"))


@pytest.fixture
def document():
    return Document(default_experiment(), read_facts)


@pytest.fixture
def open_panel(qtbot, document):
    def open_panel(source=None):
        if source is not None:
            document.open(replace(document.experiment, data=source), None)
        panel = DataPanel(document)
        qtbot.addWidget(panel)
        panel.resize(300, 900)
        panel.show()
        panel.activateWindow()
        qtbot.waitUntil(panel.isActiveWindow)
        settle(qtbot, panel)
        return panel

    return open_panel


def no_thread():
    return not any(thread.name == "source reader" for thread in threading.enumerate())


def settle(qtbot, panel):
    # The first look at some sources imports scikit-learn.
    qtbot.waitUntil(lambda: not panel.previews.running, timeout=30_000)
    qtbot.waitUntil(no_thread)


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "people.csv"
    rows = "\n".join(f"{20 + row};1,{60 + row};{'yes' if row % 3 else 'no'}" for row in range(40))
    path.write_text(f"age;height;class\n{rows}\n")
    return Table(path=str(path), target="class")


@pytest.mark.parametrize("kind", kinds_in(Source), ids=lambda kind: kind.kind())
def test_every_field_of_every_source_arrives(qtbot, monkeypatch, document, open_panel, kind):
    monkeypatch.setattr(gui.data_panel, "look_at", look_without_reading)
    given = {"path": "people.csv", "target": "class"} if kind is Table else {"path": "arrays.npz"} if kind is Arrays else {}
    panel = open_panel(new(kind, **given))
    assert set(panel.form.rows()) == {field.name for field in fields_of(kind)}
    for field in fields_of(kind):
        editor = panel.form.row(field.name).editor
        if field.name == "target":
            choose(editor.combo, 0)
            assert document.experiment.data.target == "age"
            choose(editor.combo, 2)
            continue
        if field.name == "weight_column":
            # The target is not offered; none is the first entry.
            assert [editor.combo.itemText(index) for index in range(editor.combo.count())] == ["none", "age", "height"]
            choose(editor.combo, 2)
            assert document.experiment.data.weight_column == "height"
            choose(editor.combo, 0)
            assert document.experiment.data.weight_column is None
            continue
        for content in [("age",), ("age", "height"), ()] if field.name == "ignore" else legal(field):
            enter(editor, content)
            assert getattr(document.experiment.data, field.name) == content, field.name
            assert shown(editor) == content
    settle(qtbot, panel)


def reading_is_over():
    return not any(thread.name == "reading ahead" for thread in threading.enumerate())


def test_what_is_set_of_a_large_file_waits_until_it_is_read_in_a_thread(qtbot, monkeypatch, document, open_panel, table):
    monkeypatch.setattr(reading_ahead, "most_read_at_once", 0)
    panel = open_panel(table)
    enter(panel.form.row("test_share").editor, 0.25)
    assert panel.facts.text() == "Reading people.csv …"
    enter(panel.form.row("missing").editor, "mean")  # while the first one waits
    assert document.experiment.data == table
    qtbot.waitUntil(lambda: document.experiment.data != table)
    assert document.experiment.data == replace(table, test_share=0.25, missing="mean")
    assert panel.facts.text().startswith("30 training")
    qtbot.waitUntil(reading_is_over)
    settle(qtbot, panel)


def test_what_waits_for_a_large_file_is_dropped_where_the_data_are_changed_elsewhere(
    qtbot, monkeypatch, document, open_panel, table
):
    monkeypatch.setattr(reading_ahead, "most_read_at_once", 0)
    panel = open_panel(table)
    other = replace(document.experiment, data=replace(table, target="height"))
    with qtbot.waitSignal(panel._ahead._messenger.done):
        enter(panel.form.row("test_share").editor, 0.25)
        document.apply("Change elsewhere", other)
    assert document.experiment == other
    qtbot.waitUntil(reading_is_over)
    settle(qtbot, panel)


def index_of(panel, kind):
    return panel._kinds.index(kind)


def test_sources_stand_under_headings(open_panel):
    panel = open_panel()
    labels = [panel.source.itemText(index) for index in range(panel.source.count())]
    headings = [label for label, kind in zip(labels, panel._kinds, strict=True) if kind is None]
    assert headings == ["Playground", "Curves", "Sequences", "scikit-learn", "Without meaning", "Files"]
    assert panel.source.currentText() == "Spiral"
    assert {kind for kind in panel._kinds if kind} == set(kinds_in(Source))


def test_another_source_brings_the_output_along_in_one_step(qtbot, document, open_panel):
    panel = open_panel()
    before = document.experiment
    panel.source.setFocus()
    choose_source(panel, Digits)
    after = document.experiment
    assert type(after.data) is Digits
    assert after.network[-1].units == 10
    assert isinstance(after.training.loss, SparseCategoricalCrossentropy)
    assert document.undo_text == "Change data to digits"
    document.undo()
    assert document.experiment == before
    assert panel.source.currentText() == "Spiral"
    settle(qtbot, panel)


def choose_source(panel, kind):
    """As a click on an entry of the open list does."""
    panel.source.setCurrentIndex(index_of(panel, kind))
    panel.source.activated.emit(index_of(panel, kind))


def test_the_arrow_keys_pass_over_headings(qtbot, document, open_panel):
    panel = open_panel()
    while type(document.experiment.data) is not Sine:
        QTest.keyClick(panel.source, Qt.Key.Key_Down)
    assert isinstance(document.experiment.training.loss, MeanSquaredError)
    settle(qtbot, panel)


def test_what_was_set_by_hand_is_kept_by_a_like_source(qtbot, document, open_panel):
    panel = open_panel(Spiral(noise=0.2, samples=700, features=("x", "y", "x^2")))
    QTest.keyClick(panel.source, Qt.Key.Key_Up)
    changed = document.experiment.data
    assert changed.kind() == "gauss"
    assert (changed.noise, changed.samples, changed.features) == (0.2, 700, ("x", "y", "x^2"))
    settle(qtbot, panel)


def test_at_least_one_feature_stays_on(qtbot, document, open_panel):
    panel = open_panel(Spiral(features=("y",)))
    button = panel.form.row("features").editor.buttons["y"]
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert button.isChecked()
    assert document.experiment.data.features == ("y",)
    assert panel.form.row("features")._hint.text() == "At least 1 stays on."
    QTest.mouseClick(panel.form.row("features").editor.buttons["x*y"], Qt.MouseButton.LeftButton)
    assert document.experiment.data.features == ("y", "x*y")
    settle(qtbot, panel)


@pytest.mark.parametrize("kind", file_kinds, ids=lambda kind: kind.kind())
def test_files_are_asked_for(qtbot, document, open_panel, kind):
    panel = open_panel()
    with qtbot.waitSignal(panel.file_requested) as asked:
        choose_source(panel, kind)
    assert asked.args == [kind.kind()]
    assert panel.source.currentText() == "Spiral"
    buttons = [button for button in panel.findChildren(QPushButton) if kind.kind().upper() in button.text()]
    with qtbot.waitSignal(panel.file_requested) as asked:
        QTest.mouseClick(buttons[0], Qt.MouseButton.LeftButton)
    assert asked.args == [kind.kind()]


def test_the_columns_of_a_table_are_offered(qtbot, document, open_panel, table):
    panel = open_panel(table)
    target, ignored = panel.form.row("target").editor, panel.form.row("ignore").editor
    assert [target.combo.itemText(index) for index in range(target.combo.count())] == ["age", "height", "class"]
    assert target.combo.currentText() == "class"
    assert [ignored.list.item(row).text() for row in range(ignored.list.count())] == ["age", "height"]
    assert "decimal comma" in panel.notes.text()
    assert "no: 14 · yes: 26" in panel.notes.text()
    assert panel.facts.text() == "32 training · 8 validation · 2 inputs → 2 classes"
    enter(ignored, ("age",))
    assert panel.facts.text() == "32 training · 8 validation · 1 input → 2 classes"
    choose(target.combo, 0)
    assert document.experiment.data.target == "age"
    assert document.experiment.data.ignore == ()
    settle(qtbot, panel)


def test_a_column_that_is_not_in_the_file_is_shown_all_the_same(qtbot, open_panel, table):
    panel = open_panel(replace(table, target="wage", ignore=("name",)))
    assert panel.form.row("target").editor.combo.currentText() == "wage"
    assert shown(panel.form.row("ignore").editor) == ("name",)
    assert "wage" in panel.problem.text()


def test_a_missing_file_is_a_sentence(open_panel, tmp_path):
    panel = open_panel(Arrays(path=str(tmp_path / "none.npz")))
    assert "none.npz" in panel.problem.text()
    assert not panel.problem.isHidden()
    assert panel.preview.isHidden()
    assert panel.facts.isHidden()


def test_names_of_classes_are_shown_as_they_are(open_panel, tmp_path):
    (tmp_path / "a.csv").write_text("x,y\n" + "1,<b>bold</b>\n2,<i>\n" * 20)
    panel = open_panel(Table(path=str(tmp_path / "a.csv"), target="y"))
    assert "<b>bold</b>: 20 · <i>: 20" in panel.notes.text()
    assert panel.notes.textFormat() == Qt.TextFormat.PlainText


def test_arrays(open_panel, tmp_path):
    path = tmp_path / "arrays.npz"
    np.savez(path, x=np.arange(60.0).reshape(20, 3), y=np.arange(20) % 2)
    panel = open_panel(Arrays(path=str(path)))
    assert panel.problem.text() == ""
    assert panel.preview.model.rowCount() == 20


def test_the_preview_follows_the_options_and_the_seed(qtbot, document, open_panel):
    panel = open_panel()
    first = panel.preview.picture.preview
    assert len(first.points) == 500
    document.apply("Change seed", replace(document.experiment, seed=5))
    settle(qtbot, panel)
    second = panel.preview.picture.preview
    assert not np.array_equal(first.points, second.points)
    document.apply("Change epochs", replace(document.experiment, training=replace(document.experiment.training, epochs=1)))
    assert not panel.previews.running
    assert panel.preview.picture.preview is second


def test_late_answers_are_dropped(qtbot, monkeypatch, document, open_panel):
    may_go, asked = threading.Event(), []
    original = look_at

    def slow(source, seed):
        asked.append(source.kind())
        assert may_go.wait(10)
        return original(source, seed)

    panel = open_panel()
    shown_looks = []
    panel.previews.answered.connect(shown_looks.append)
    monkeypatch.setattr(panel.previews, "_look", slow)
    for source in (Iris(), Digits(), Sine()):
        document.apply("Change data", replace(document.experiment, data=source))
    may_go.set()
    settle(qtbot, panel)
    assert asked == ["iris", "sine"]
    assert [look.preview.kind for look in shown_looks] == ["curve"]


def test_a_panel_that_is_not_seen_reads_nothing(qtbot, document):
    panel = DataPanel(document)
    qtbot.addWidget(panel)
    assert not panel.previews.running


def test_the_focus_goes_to_a_field(open_panel):
    panel = open_panel()
    panel.focus_field("test_share")
    assert panel.form.row("test_share").editor.line.hasFocus()


def test_a_field_that_was_asked_for_stays_in_view_when_the_preview_comes_above_it(qtbot, document, open_panel, table):
    panel = open_panel(table)
    panel.resize(300, 420)
    for above in (panel.preview, panel.facts, panel.notes):
        above.hide()
    panel.focus_field("text")
    document.apply("Change seed", replace(document.experiment, seed=5))
    settle(qtbot, panel)
    assert panel.preview.isVisible()
    field = panel.form.row("text").editor
    place = field.mapTo(panel.viewport(), field.rect().bottomLeft())
    assert 0 < place.y() < panel.viewport().height()


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (Facts((2,), "binary", 2, 250, 250), "250 training · 250 validation · 2 inputs → 2 classes"),
        (Facts((8, 8, 1), "multiclass", 10, 1437, 360), "1\u2009437 training · 360 validation · 8 × 8 × 1 → 10 classes"),
        (Facts((1,), "regression", 1, 100, 100), "100 training · 100 validation · 1 input → a number"),
        (Facts((20,), "multilabel", 5, 8, 2), "8 training · 2 validation · 20 inputs → 5 labels"),
        (None, ""),
    ],
)
def test_facts_in_words(facts, words):
    assert facts_words(facts) == words
