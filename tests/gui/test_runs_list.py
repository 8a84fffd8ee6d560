"""The list of earlier runs pops up from the bar below, and hides or forgets them one by one."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QLabel, QMenu, QPushButton, QToolButton

from gui.widgets.name_line import NameLine
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


def lines(window):
    """The names of the earlier runs; that of the present one stands above."""
    return shown(window, NameLine)[1:]


def names(window):
    return [line.text() for line in lines(window)]


def renamed(window):
    return [run.name for run in window.training.earlier.runs]


def test_runs_are_listed_newest_first_with_what_was_changed_and_what_came_of_it(listed):
    assert names(listed) == ["Run 2", "Run 1"]
    texts = [label.text() for label in shown(listed, QLabel)]
    assert "batch size 10 → 20" in texts
    assert "the first run" in texts
    assert "loss 0.167 · accuracy 0.833" in texts


def test_a_run_is_hidden_and_forgotten(listed, qtbot):
    first = shown(listed, QCheckBox)[1]
    assert listed.time_bar.runs_list.words.text() == "Double click or F2 renames a run."
    qtbot.mouseClick(first, Qt.MouseButton.LeftButton)
    assert [(run.number, run.shown) for run in listed.training.earlier.runs] == [(1, False), (2, True)]
    assert listed.training.history.earlier is listed.training.earlier.runs
    assert [box.isChecked() for box in shown(listed, QCheckBox)] == [True, False]
    qtbot.waitUntil(
        lambda: listed.time_bar.runs_list.words.text() == "1 of 2 earlier runs are drawn. Double click or F2 renames a run."
    )
    delete = shown(listed, QToolButton)[0]
    assert delete.accessibleName() == "Forget Run 2"
    qtbot.mouseClick(delete, Qt.MouseButton.LeftButton)
    assert [run.number for run in listed.training.earlier.runs] == [1]
    qtbot.waitUntil(lambda: names(listed) == ["Run 1"])


def by_double_click(qtbot, line):
    qtbot.mouseDClick(line, Qt.MouseButton.LeftButton)


def by_key(qtbot, line):
    line.setFocus()
    qtbot.keyClick(line, Qt.Key.Key_F2)


def by_key_on_the_box(qtbot, line):
    popup = line.window()
    popup._boxes[2].setFocus()
    qtbot.keyClick(popup._boxes[2], Qt.Key.Key_F2)


def by_menu(qtbot, line):
    popup = line.window()
    menu = popup.menu_of(popup._at(line.mapTo(popup, line.rect().center())))
    next(action for action in menu.actions() if action.text().startswith("Rename")).trigger()
    menu.close()


@pytest.mark.parametrize("begin", [by_double_click, by_key, by_key_on_the_box, by_menu])
def test_a_run_is_renamed(listed, qtbot, begin):
    line = lines(listed)[0]
    begin(qtbot, line)
    assert line.selectedText() == "Run 2"
    qtbot.keyClicks(line, "wide net")
    assert renamed(listed) == ["Run 1", "Run 2"], "not before it is finished"
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert renamed(listed) == ["Run 1", "wide net"]
    assert listed.training.history.earlier is listed.training.earlier.runs
    qtbot.waitUntil(lambda: names(listed) == ["wide net", "Run 1"])
    assert shown(listed, QToolButton)[0].accessibleName() == "Forget wide net"
    assert listed.time_bar.runs_list.focusWidget() is lines(listed)[0], "the keyboard stays where it was"


def test_the_present_run_can_be_given_its_name_before_it_is_over(listed, qtbot):
    line = shown(listed, NameLine)[0]
    assert line.text() == "Run 3"
    qtbot.mouseDClick(line, Qt.MouseButton.LeftButton)
    qtbot.keyClicks(line, "deep")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    earlier = listed.training.earlier
    assert earlier.name_obstacle(1, "Deep") == "Another run is called “deep”: choose another name."
    assert [action.text() for action in listed.time_bar.runs_list.menu_of(3).actions()] == ["Rename\tF2"]
    listed.actions_.reset.trigger()
    assert renamed(listed) == ["Run 1", "Run 2", "deep"]
    assert not earlier.present
    qtbot.waitUntil(lambda: [line.text() for line in shown(listed, NameLine)] == ["deep", "Run 2", "Run 1"])
    train(listed)
    qtbot.waitUntil(lambda: [line.text() for line in shown(listed, NameLine)] == ["Run 4", "deep", "Run 2", "Run 1"])


def test_escape_takes_a_new_name_back_and_leaves_the_list_open(listed, qtbot):
    line = lines(listed)[0]
    qtbot.mouseDClick(line, Qt.MouseButton.LeftButton)
    qtbot.keyClicks(line, "wrong")
    qtbot.keyClick(line, Qt.Key.Key_Escape)
    assert (line.text(), line.isReadOnly(), renamed(listed)) == ("Run 2", True, ["Run 1", "Run 2"])
    assert listed.time_bar.runs_list.isVisible()


def test_a_name_that_another_run_has_is_refused_in_a_sentence(listed, qtbot):
    line, popup = lines(listed)[0], listed.time_bar.runs_list
    size = popup.size()
    qtbot.mouseDClick(line, Qt.MouseButton.LeftButton)
    qtbot.keyClicks(line, "run 1")
    assert popup.words.text() == "Another run is called “Run 1”: choose another name."
    assert popup.size() == size
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert not line.isReadOnly(), "it can be mended"
    lines(listed)[1].setFocus()
    assert renamed(listed) == ["Run 1", "Run 2"]
    assert names(listed) == ["Run 2", "Run 1"]
    assert "renames a run" in popup.words.text()


def test_going_elsewhere_finishes_a_name_and_an_empty_one_is_the_usual_one(listed, qtbot):
    line = lines(listed)[0]
    qtbot.mouseDClick(line, Qt.MouseButton.LeftButton)
    qtbot.keyClicks(line, "wide")
    lines(listed)[1].setFocus()
    assert renamed(listed) == ["Run 1", "wide"]
    qtbot.waitUntil(lambda: names(listed) == ["wide", "Run 1"])
    line = lines(listed)[0]
    qtbot.mouseDClick(line, Qt.MouseButton.LeftButton)
    qtbot.keyClick(line, Qt.Key.Key_Backspace)
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert renamed(listed) == ["Run 1", "Run 2"]


def test_of_very_many_runs_the_newest_are_listed_and_a_button_lists_all(listed, qtbot, monkeypatch):
    popup = listed.time_bar.runs_list
    monkeypatch.setattr("gui.runs_list.most_listed", 1)
    popup.open_above(listed.time_bar.runs_button)
    assert names(listed) == ["Run 2"]
    (more,) = shown(listed, QPushButton)
    assert more.text() == "List older ones too (1)"
    more.click()
    qtbot.waitUntil(lambda: names(listed) == ["Run 2", "Run 1"])


def test_a_run_gets_another_colour(listed):
    popup = listed.time_bar.runs_list
    menu = popup.menu_of(1)
    colours = menu.findChild(QMenu)
    assert [action.text() for action in colours.actions() if action.isChecked()] == ["Usual"]
    next(action for action in colours.actions() if action.text() == "Green").trigger()
    menu.close()
    assert [run.colour for run in listed.training.earlier.runs] == [2, None]


def test_without_earlier_runs_the_list_says_what_will_be_there(window):
    window.time_bar.runs_button.click()
    (sentence,) = shown(window, QLabel)
    assert "Earlier runs will be listed here" in sentence.text()
    window.time_bar.runs_list.close()


def test_the_list_stays_within_the_window(listed):
    popup, bar = listed.time_bar.runs_list, listed.time_bar
    assert popup.geometry().bottom() <= bar.mapToGlobal(bar.runs_button.pos()).y()
    assert popup.geometry().right() <= listed.frameGeometry().right()
