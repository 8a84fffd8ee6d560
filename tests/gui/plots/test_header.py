"""The legend names curves, and hides them by a click."""

import pytest
from PySide6.QtCore import QPoint, Qt

from gui.plots.header import Entry, Legend
from gui.theme import light


@pytest.fixture
def legend(qtbot):
    legend = Legend(light)
    qtbot.addWidget(legend)
    legend.resize(400, 40)
    legend.set_entries(
        [Entry("train", "#0072b2", line="-"), Entry("class 0", "#e69f00"), Entry("validation", "#e69f00", line="--")]
    )
    return legend


def click(qtbot, legend, name):
    left = next(left for entry, _, left in legend._places(legend.width())[0] if entry.name == name)
    qtbot.mouseClick(legend, Qt.MouseButton.LeftButton, pos=QPoint(left + 25, 5))


def test_a_click_on_the_name_of_a_curve_hides_it_and_another_one_shows_it_again(qtbot, legend):
    with qtbot.waitSignal(legend.hidden_changed):
        click(qtbot, legend, "validation")
    assert legend.hidden == {"validation"}
    click(qtbot, legend, "train")
    click(qtbot, legend, "validation")
    assert legend.hidden == {"train"}


def test_what_is_no_curve_cannot_be_hidden(qtbot, legend):
    click(qtbot, legend, "class 0")
    qtbot.mouseClick(legend, Qt.MouseButton.LeftButton, pos=QPoint(395, 35))
    assert legend.hidden == frozenset()


def test_a_hidden_curve_looks_different_and_nothing_moves(legend):
    before, places = legend.grab().toImage(), legend._places(legend.width())
    legend.toggle("train")
    assert legend.grab().toImage() != before
    assert legend._places(legend.width()) == places


def test_the_legend_says_what_a_click_does_where_there_are_curves(legend):
    assert "click" in legend.toolTip()
    legend.set_entries([Entry("class 0", "#e69f00")])
    assert "click" not in legend.toolTip()
