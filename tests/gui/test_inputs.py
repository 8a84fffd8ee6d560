"""What a layer reads, chosen in the inspector."""

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip

from gui.document import Document
from gui.inspector import Inspector
from models.data.loading import read_facts
from models.experiment import edits
from models.experiment.graph import sources
from models.experiment.layers import Add, Dense, MultiHeadAttention, Reshape, Subtract
from models.experiment.starter import default_experiment

network = (
    Dense(name="a", units=4),
    Dense(name="b", units=4),
    Dense(name="c", units=4),
    Add(name="add", inputs=("c", "b")),
    Subtract(name="subtract", inputs=("add", "a")),
    Dense(name="d", units=1),
)


@pytest.fixture
def document():
    return Document(edits.with_network(default_experiment(), network), read_facts)


@pytest.fixture
def inspector(qtbot, document):
    inspector = Inspector(document)
    qtbot.addWidget(inspector)
    inspector.resize(290, 800)
    inspector.show()
    return inspector


def read_by(document, name):
    found = document.experiment.network
    return dict(zip((layer.name for layer in found), sources(found), strict=True))[name]


def entries(inspector):
    listed = inspector.inputs.list
    return [(listed.item(row).text(), listed.item(row).checkState() == Qt.CheckState.Checked) for row in range(listed.count())]


def press(inspector, key, modifier=Qt.KeyboardModifier.NoModifier):
    QTest.keyClick(inspector.inputs.list, key, modifier)


def go_to(inspector, text):
    (item,) = inspector.inputs.list.findItems(text, Qt.MatchFlag.MatchExactly)
    inspector.inputs.list.setCurrentItem(item)


def test_a_layer_with_one_input_chooses_among_those_before_it(inspector, document):
    inspector.show_layers(("c",))
    combo = inspector.inputs.combo
    assert combo.isVisible()
    assert not inspector.inputs.list.isVisible()
    assert [combo.itemText(row) for row in range(combo.count())] == ["b (the layer before)", "a", "input"]
    assert combo.currentIndex() == 0
    QTest.keyClick(combo, Qt.Key.Key_Down)
    assert read_by(document, "c") == ("a",)
    assert document.undo_text == "Change inputs of c"
    document.undo()
    assert read_by(document, "c") == ("b",)
    assert combo.currentIndex() == 0


def test_the_first_layer_has_no_choice(inspector):
    inspector.show_layers(("a",))
    assert not inspector.inputs.isVisible()


def test_several_layers_have_none_in_common(inspector):
    inspector.show_layers(("b", "c"))
    assert not inspector.inputs.isVisible()
    inspector.show_layers(())
    assert not inspector.inputs.isVisible()


def test_inputs_are_listed_in_order_and_the_others_below(inspector):
    inspector.show_layers(("add",))
    assert entries(inspector) == [("1  c", True), ("2  b", True), ("a", False), ("input", False)]


def test_space_takes_one_in_and_leaves_one_out(inspector, document):
    inspector.show_layers(("add",))
    go_to(inspector, "a")
    press(inspector, Qt.Key.Key_Space)
    assert read_by(document, "add") == ("c", "b", "a")
    assert inspector.inputs.list.currentItem().text() == "3  a"
    go_to(inspector, "1  c")
    press(inspector, Qt.Key.Key_Space)
    assert read_by(document, "add") == ("b", "a")
    document.undo()
    document.undo()
    assert read_by(document, "add") == ("c", "b")


def test_the_order_is_chosen_by_alt_and_arrows_or_buttons(inspector, document):
    inspector.show_layers(("add",))
    go_to(inspector, "2  b")
    press(inspector, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert read_by(document, "add") == ("b", "c")
    assert inspector.inputs.list.currentItem().text() == "1  b"
    assert not inspector.inputs.earlier.isEnabled()
    inspector.inputs.later.click()
    assert read_by(document, "add") == ("c", "b")
    press(inspector, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)  # is the last already
    assert read_by(document, "add") == ("c", "b")


def test_no_fewer_than_it_needs_and_no_more_than_it_takes(inspector, document):
    inspector.show_layers(("subtract",))
    go_to(inspector, "1  add")
    press(inspector, Qt.Key.Key_Space)
    assert read_by(document, "subtract") == ("add", "a")
    assert entries(inspector)[0] == ("1  add", True)
    assert inspector.inputs.hint.text() == "It reads no fewer than 2: tick another one, which takes the last one's place."
    go_to(inspector, "b")
    press(inspector, Qt.Key.Key_Space)
    assert read_by(document, "subtract") == ("add", "b")
    assert inspector.inputs.hint.text() == ""


def test_attention_says_which_is_query_value_and_key(inspector, document):
    network = (Reshape(name="steps", target_shape=(2, 1)), Dense(name="a", units=4), Dense(name="b", units=4))
    attention = MultiHeadAttention(name="attention", num_heads=1, key_dim=4, inputs=("b", "a"))
    document.apply("x", edits.with_network(document.experiment, (*network, attention)))
    inspector.show_layers(("attention",))
    assert entries(inspector) == [("query  b", True), ("value  a", True), ("steps", False), ("input", False)]
    go_to(inspector, "query  b")
    press(inspector, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert read_by(document, "attention") == ("a", "b")
    go_to(inspector, "steps")
    press(inspector, Qt.Key.Key_Space)
    assert entries(inspector)[2] == ("key  steps", True)
    press(inspector, Qt.Key.Key_Space)
    assert read_by(document, "attention") == ("a", "b")


def test_a_problem_with_the_inputs_leads_to_them(inspector, qtbot):
    inspector.show_layers(("add",))
    inspector.activateWindow()
    qtbot.waitUntil(inspector.isActiveWindow)
    inspector.focus_field("inputs")
    assert inspector.inputs.list.hasFocus()


def test_looking_at_a_layer_changes_nothing_of_what_it_reads(inspector, document):
    """Not even where the list gets another width, as it does whenever it appears or the window is resized."""
    before = document.experiment
    inspector.show_layers(("subtract",))
    inspector.resize(330, 800)
    inspector.show_layers(("add",))
    inspector.resize(280, 800)
    inspector.show_layers(("c",))
    inspector.show_layers(("subtract",))
    assert document.experiment == before


def test_the_whole_line_of_an_input_is_told_where_the_pointer_rests(inspector, monkeypatch):
    told = []
    monkeypatch.setattr(QToolTip, "showText", lambda place, text, widget: told.append(text))
    inspector.show_layers(("subtract",))
    listed = inspector.inputs.list
    place = listed.visualItemRect(listed.item(0)).center()
    QApplication.sendEvent(listed.viewport(), QHelpEvent(QEvent.Type.ToolTip, place, listed.viewport().mapToGlobal(place)))
    assert told == ["<p>1  add</p>"]
