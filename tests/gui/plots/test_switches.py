"""What is chosen in a view is remembered by its switches, each declared once."""

import json

import pytest
from PySide6.QtWidgets import QComboBox, QSpinBox

from gui.plots.docks.registry import kinds
from gui.plots.switches import limit, of_choice, of_number, offer, offered
from gui.theme import light

curves = {"logarithmic steps": True, "smoothing": "Strong"}
other = {
    "loss": curves | {"logarithmic": True, "quantity": "val_of_a_run_to_come"},
    "gradients": curves | {"logarithmic": False, "quantity": "update ÷ weight"},
    "activations": {"source": "Gradients", "form": "Heat map", "heights": "Logarithms"},
    "curve": {"gate": "f"},
    "data": {"view": "scatter", "across": "petal width", "up": "petal length"},
    "neurons": {"way": "bent", "example": 500, "receiving unit": 3, "slice": 7, "input": 9, "filled": "dense_1 5"},
    "predictions": {"way": "worst"},
    "weights": {"way": "pieces", "unit": 200},
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


def test_what_was_chosen_is_shown_whenever_it_is_offered(box):
    switch = of_choice(box)
    switch.write("accuracy")
    assert (box.currentData(), switch.read()) == ("loss", "accuracy")
    for _ in range(2):
        assert offer(box, [("Loss", "loss"), ("Accuracy", "accuracy")])
        assert box.currentData() == "accuracy"
        assert offer(box, [("Rate", "rate"), ("Loss", "loss")], usual=1)
        assert (box.currentData(), switch.read()) == ("loss", "accuracy")


def test_who_chooses_meanwhile_is_not_overruled(box):
    switch = of_choice(box)
    switch.write("accuracy")
    box.setCurrentIndex(1)
    assert not offer(box, [("Loss", "loss"), ("Rate", "rate"), ("Accuracy", "accuracy")])
    assert (box.currentText(), switch.read()) == ("Rate", "rate")
    assert offered(box) == [("Loss", "loss"), ("Rate", "rate"), ("Accuracy", "accuracy")]


@pytest.fixture
def number(qtbot):
    number = QSpinBox()
    qtbot.addWidget(number)
    return number


def test_a_number_that_was_chosen_is_shown_whenever_there_are_so_many(number):
    switch = of_number(number)
    switch.write(300)
    limit(number, 500)
    assert number.value() == 300
    limit(number, 10)
    assert (number.value(), switch.read()) == (0, 300)
    limit(number, 300)
    assert number.value() == 300
    number.setValue(7)
    limit(number, 500)
    assert (number.value(), switch.read()) == (7, 7)


def test_a_damaged_number_changes_nothing(number):
    switch = of_number(number)
    for damaged in (-1, 10**30):
        switch.write(damaged)
        assert (number.value(), switch.read()) == (0, 0)
