"""Finding layers: what answers a query, and the bar as a person uses it."""

import pytest
from PySide6.QtCore import Qt

from gui.stack.find import answers
from gui.stack.model import FoundRole
from models.experiment import edits
from models.experiment.activations import Relu
from models.experiment.initializers import RandomNormal
from models.experiment.layers import Conv2D, Dense, Dropout

shift = Qt.KeyboardModifier.ShiftModifier
dense = Dense(name="hidden", units=16, activation=Relu(), kernel_initializer=RandomNormal(stddev=0.25))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("hid", True),
        ("DENSE", True),
        ("relu", True),
        ("rel hid", True),
        ("16", True),
        ("1", False),  # a number is the whole value
        ("units=16", True),
        ("units=1", True),
        ("units=2", False),
        ("random_norm", True),
        ("0.25", True),
        ("stddev=0.25", True),
        ("use_bias", False),  # names of fields alone are on every card
        ("use_bias=true", True),
        ("tanh", False),
        ("hid tanh", False),
    ],
)
def test_what_answers_a_query(query, found):
    assert answers(dense, query) is found


def test_every_size_of_a_kernel_is_a_value():
    assert answers(Conv2D(name="conv", filters=8, kernel_size=(3, 5)), "5")


def marked(view):
    rows = range(view.model().rowCount())
    return [view.model().index(row).data() for row in rows if view.model().index(row).data(FoundRole)]


def test_typing_marks_all_and_goes_to_the_first(panel, view, qtbot):
    panel.find_bar.open()
    qtbot.keyClicks(panel.find_bar.field, "dense")
    assert marked(view) == ["dense", "dense_1", "output"]
    assert view.selected == ("dense",)
    assert panel.find_bar.count.text() == "1 of 3"
    qtbot.keyClicks(panel.find_bar.field, "_1")
    assert marked(view) == ["dense_1"]
    assert view.selected == ("dense_1",)


def test_enter_steps_around_and_shift_steps_back(panel, view, qtbot):
    panel.find_bar.open()
    qtbot.keyClicks(panel.find_bar.field, "dense")
    visited = []
    for _ in range(3):
        qtbot.keyClick(panel.find_bar.field, Qt.Key.Key_Return)
        visited.append(view.selected)
    assert visited == [("dense_1",), ("output",), ("dense",)]
    qtbot.keyClick(panel.find_bar.field, Qt.Key.Key_Return, shift)
    assert view.selected == ("output",)


def test_nothing_found_says_so_and_leaves_the_selection(panel, view, qtbot):
    view.select(("maxout",))
    panel.find_bar.open()
    qtbot.keyClicks(panel.find_bar.field, "xyz")
    assert panel.find_bar.count.text() == "none found"
    assert view.selected == ("maxout",)


def test_escape_closes_and_the_keys_are_the_stack_s_again(panel, view, qtbot):
    panel.find_bar.open()
    qtbot.keyClicks(panel.find_bar.field, "dense")
    qtbot.keyClick(panel.find_bar.field, Qt.Key.Key_Escape)
    assert panel.find_bar.isHidden()
    assert marked(view) == []
    assert view.hasFocus()


def test_what_is_found_follows_the_document(panel, view, document, qtbot):
    panel.find_bar.open()
    qtbot.keyClicks(panel.find_bar.field, "dropout")
    network = edits.insert(document.experiment.network, 0, [Dropout(name="other", rate=0.5)])
    document.apply("Add", edits.with_network(document.experiment, network))
    assert marked(view) == ["other", "dropout"]
    assert panel.find_bar.count.text() == "2 of 2"


def test_next_without_a_search_asks_for_one(panel, view, qtbot):
    panel.find_next(1)
    assert not panel.find_bar.isHidden()
    qtbot.keyClicks(panel.find_bar.field, "dense")
    panel.find_next(1)
    assert view.selected == ("dense_1",)
    panel.find_next(-1)
    assert view.selected == ("dense",)
