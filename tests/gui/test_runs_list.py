"""The list of earlier runs pops up from the bar below, and hides or forgets them one by one."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QLabel, QToolButton

from models.experiment import edits
from tests.gui.scripted import train, worker

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)  # windows without a screen


@pytest.fixture
def listed(window):
    """A window after three runs, the list of the two before the last one being open."""
    for count, batch_size in ((5, 10), (6, 20), (7, 20)):
        experiment = edits.set_at(window.document.experiment, "training.batch_size", batch_size)
        window.document.apply("Change batch size", experiment)
        train(window)
        worker(window).take_steps(1, count)
        worker(window).end(step=count)
        window.runner.deliver()
    window.time_bar.runs_button.click()
    yield window
    window.time_bar.runs_list.close()


def shown(window, kind):
    return window.time_bar.runs_list._scroller.widget().findChildren(kind)


def test_runs_are_listed_newest_first_with_what_was_changed_and_what_came_of_it(listed):
    assert [box.text() for box in shown(listed, QCheckBox)] == ["Run 2", "Run 1"]
    texts = [label.text() for label in shown(listed, QLabel)]
    assert "batch size 10 → 20" in texts
    assert "the first run" in texts
    assert "loss 0.167 · accuracy 0.833" in texts


def test_a_run_is_hidden_and_forgotten(listed, qtbot):
    first = shown(listed, QCheckBox)[1]
    qtbot.mouseClick(first, Qt.MouseButton.LeftButton, pos=first.rect().center())
    assert [(run.number, run.shown) for run in listed.training.earlier.runs] == [(1, False), (2, True)]
    assert listed.training.history.earlier is listed.training.earlier.runs
    assert [box.isChecked() for box in shown(listed, QCheckBox)] == [True, False]
    delete = shown(listed, QToolButton)[0]
    assert delete.accessibleName() == "Forget Run 2"
    qtbot.mouseClick(delete, Qt.MouseButton.LeftButton)
    assert [run.number for run in listed.training.earlier.runs] == [1]
    qtbot.waitUntil(lambda: [box.text() for box in shown(listed, QCheckBox)] == ["Run 1"])


def test_without_earlier_runs_the_list_says_what_will_be_there(window):
    window.time_bar.runs_button.click()
    (sentence,) = shown(window, QLabel)
    assert "Runs that are over are listed here" in sentence.text()
    window.time_bar.runs_list.close()


def test_the_list_stays_within_the_window(listed):
    popup, bar = listed.time_bar.runs_list, listed.time_bar
    assert popup.geometry().bottom() <= bar.mapToGlobal(bar.runs_button.pos()).y()
    assert popup.geometry().right() <= listed.frameGeometry().right()
