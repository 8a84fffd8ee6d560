"""What is chosen in a view is remembered by its switches, each declared once."""

import json

import pytest
from PySide6.QtWidgets import QComboBox

from gui.plots.docks.registry import kinds
from gui.plots.switches import of_choice, offer, offered
from gui.theme import light

curves = {"logarithmic steps": True, "smoothing": "Strong"}
other = {
    "loss": curves | {"logarithmic": True, "quantity": "val_of_a_run_to_come"},
    "gradients": curves | {"logarithmic": False, "quantity": "update ÷ weight"},
    "activations": {"source": "Gradients", "form": "Heat map", "heights": "Logarithms"},
    "curve": {"gate": "f"},
    "data": {"view": "scatter"},
    "neurons": {"way": "bent"},
    "predictions": {"way": "worst"},
    "weights": {"way": "pieces"},
}
"""How all switches of the views can stand that have some, otherwise than usual."""


@pytest.mark.parametrize("kind", kinds, ids=lambda kind: kind.identifier)
def test_every_switch_comes_back_as_it_was_left(qtbot, kind):
    plots = [kind.plot(light) for _ in range(2)]
    for plot in plots:
        qtbot.addWidget(plot)
    before, chosen = plots[0].choices(), other.get(kind.identifier, {})
    assert before.keys() == chosen.keys()
    assert not before.items() & chosen.items()
    plots[0].choose(chosen)
    plots[1].choose(json.loads(json.dumps(plots[0].choices())))
    assert plots[1].choices() == chosen


@pytest.fixture
def box(qtbot):
    box = QComboBox()
    qtbot.addWidget(box)
    offer(box, [("Loss", "loss"), ("Rate", "rate")])
    return box


def test_what_is_not_offered_yet_is_waited_for(box):
    switch = of_choice(box)
    switch.write("accuracy")
    assert (box.currentData(), switch.read()) == ("loss", "accuracy")
    assert offer(box, [("Loss", "loss"), ("Accuracy", "accuracy")])
    assert box.currentData() == "accuracy"
    assert offer(box, [("Loss", "loss")])
    assert not offer(box, [("Loss", "loss"), ("Accuracy", "accuracy")]), "it was waited for once"


def test_who_chooses_meanwhile_is_not_overruled(box):
    switch = of_choice(box)
    switch.write("accuracy")
    box.setCurrentIndex(1)
    assert not offer(box, [("Loss", "loss"), ("Rate", "rate"), ("Accuracy", "accuracy")])
    assert (box.currentText(), switch.read()) == ("Rate", "rate")
    assert offered(box) == [("Loss", "loss"), ("Rate", "rate"), ("Accuracy", "accuracy")]
