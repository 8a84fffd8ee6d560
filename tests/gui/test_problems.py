"""The list of problems: order, remedies, places, and no jumping about."""

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextDocument
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QScrollArea, QVBoxLayout, QWidget

from gui.document import Document
from gui.problems import ProblemsPanel
from gui.widgets.problem_row import ProblemList
from models.data.loading import read_facts
from models.experiment import edits
from models.experiment.report import Problem
from models.experiment.starter import default_experiment
from models.telemetry.events import Ended


@pytest.fixture
def document():
    return Document(default_experiment(), read_facts)


@pytest.fixture
def panel(qtbot, document):
    panel = ProblemsPanel(document)
    qtbot.addWidget(panel)
    panel.resize(560, 200)
    panel.show()
    return panel


def shown(panel):
    return [row for row in panel.list.rows if not row.isHidden()]


def test_nothing_to_complain_about(panel):
    assert shown(panel) == []
    assert not panel._empty.isHidden()
    assert panel._empty.text().startswith("Nothing is wrong with the settings."), "layers may be dead all the same"
    assert panel.count.text() == ""


def break_it(document):
    experiment = edits.set_at(document.experiment, "training.batch_size", 10_000)
    document.apply("Break", edits.with_network(experiment, edits.change(experiment.network, "output", units=3)))


def test_errors_come_first(panel, document):
    break_it(document)
    severities = [row.problem.severity for row in shown(panel)]
    assert severities == sorted(severities, key=["error", "warning", "hint"].index)
    assert {"error", "hint"} <= set(severities)
    assert panel.count.text() == "1 problem · 1 note"
    assert panel._empty.isHidden()


def test_a_problem_that_fits_is_not_scrolled(qtbot, panel, document):
    panel.resize(680, 110)
    document.apply("Break", edits.with_network(document.experiment, edits.change(document.experiment.network, "output", units=3)))
    (row,) = shown(panel)
    qtbot.waitUntil(lambda: row.height() > 0)
    area = panel.findChild(QScrollArea)
    qtbot.waitUntil(lambda: area.widget().width() == area.viewport().width())
    assert area.widget().height() <= area.viewport().height()


def test_the_remedy_is_one_undo_step(panel, document):
    break_it(document)
    row = next(row for row in shown(panel) if row.problem.remedy)
    assert row.button.text() == row.problem.remedy.label
    QTest.mouseClick(row.button, Qt.MouseButton.LeftButton)
    assert document.experiment.network[-1].units == 1
    assert document.undo_text == "Set units to 1"
    assert panel.count.text() == "1 note", "a hint is none of the problems"


def test_what_is_typed_after_a_remedy_changes_no_field(qtbot, document):
    window = QWidget()
    panel, field = ProblemsPanel(document), QLineEdit("data.csv")
    column = QVBoxLayout(window)
    column.addWidget(panel)
    column.addWidget(field)
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    document.apply("Break", edits.with_network(document.experiment, edits.change(document.experiment.network, "output", units=3)))
    (row,) = shown(panel)
    row.button.setFocus()
    QTest.keyClick(row.button, Qt.Key.Key_Space)
    assert shown(panel) == []
    assert not field.hasFocus()


def test_a_click_or_enter_goes_to_the_place(qtbot, panel, document):
    break_it(document)
    with qtbot.waitSignal(panel.place_requested) as asked:
        QTest.mouseClick(shown(panel)[0], Qt.MouseButton.LeftButton)
    assert asked.args == ["network", "output", "units"]
    with qtbot.waitSignal(panel.place_requested) as asked:
        QTest.keyClick(shown(panel)[-1], Qt.Key.Key_Return)
    assert asked.args == ["training", None, "batch_size"]


def test_rows_stay_while_their_problems_change(panel, document):
    break_it(document)
    row = shown(panel)[0]
    row.setFocus()
    sentence = row.problem.sentence
    document.apply("Other", edits.with_network(document.experiment, edits.change(document.experiment.network, "output", units=4)))
    assert shown(panel)[0] is row
    assert row.problem.sentence != sentence
    document.undo()
    document.undo()
    assert shown(panel) == []


def test_sentences_are_text_and_not_markup(qtbot):
    rows = ProblemList(buttons_beside=True, named=True)
    qtbot.addWidget(rows)
    rows.show_problems([Problem("error", "network", "a < b & c", layer="dense")])
    document = QTextDocument()
    document.setHtml(rows.rows[0]._sentence.text())
    assert document.toPlainText() == "dense: a < b & c"


@pytest.mark.parametrize(
    ("outcome", "field"),
    [
        (Ended(1, "finished", "val_loss did not improve.", 30, 3), "early_stopping"),
        (
            Ended(1, "finished", "All 4 epochs are done; the weights of epoch 2 were restored.", 40, 4, restored_epoch=2),
            "keep_best",
        ),
    ],
)
def test_what_a_rule_did_is_a_hint_below_the_errors(panel, document, outcome, field):
    document.apply("Keep", edits.set_at(document.experiment, "training.keep_best", "val_loss"))
    break_it(document)
    panel.show_outcome(outcome, 40)
    problem = next(row.problem for row in shown(panel) if row.problem.sentence == outcome.sentence)
    assert (problem.severity, problem.place, problem.field) == ("hint", "training", field)
    severities = [row.problem.severity for row in shown(panel)]
    assert severities == sorted(severities, key=["error", "warning", "hint"].index)
    panel.show_outcome(None)
    assert outcome.sentence not in [row.problem.sentence for row in shown(panel)]


@pytest.mark.parametrize("ending", ["finished", "stopped"])
def test_a_run_that_ended_as_asked_is_no_problem(panel, ending):
    panel.show_outcome(Ended(1, ending, "Done.", 40 if ending == "finished" else 12, 4), 40)
    assert shown(panel) == []


def test_weights_that_are_gone_are_a_problem_that_one_click_mends(panel, document, tmp_path):
    gone = tmp_path / "gone.weights.h5"
    document.open(replace(document.experiment, initial_weights=str(gone)), None)
    row = shown(panel)[0]
    assert f"{gone}: expected the weights that the experiment starts from, found no file of that name" in row.problem.sentence
    QTest.mouseClick(row.button, Qt.MouseButton.LeftButton)
    assert document.experiment.initial_weights is None
    assert document.report.ready
    assert document.undo_text == "Forget initial weights"
