"""What a layer reads, chosen in the inspector."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from gui.document import Document
from gui.inspector import Inspector
from models.data.loading import read_facts
from models.experiment import edits
from models.experiment.graph import sources
from models.experiment.layers import Dense
from models.experiment.starter import default_experiment

network = (
    Dense(name="a", units=4),
    Dense(name="b", units=4),
    Dense(name="c", units=4),
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


def test_a_problem_with_the_inputs_leads_to_them(inspector, qtbot):
    inspector.show_layers(("c",))
    inspector.activateWindow()
    qtbot.waitUntil(inspector.isActiveWindow)
    inspector.focus_field("inputs")
    assert inspector.inputs.combo.hasFocus()
