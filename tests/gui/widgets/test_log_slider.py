"""The logarithmic slider: dragging, keys, wheel, typing."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from gui.widgets.log_slider import LogSlider
from models.experiment.fields import Real


@pytest.fixture
def slider(qtbot):
    slider = LogSlider(1e-6, 10.0, Real(0.0, 1000.0, open_least=True))
    qtbot.addWidget(slider)
    slider.set_value(0.03)
    slider.show()
    slider.activateWindow()
    qtbot.waitUntil(slider.isActiveWindow)
    slider.heard = []
    slider.value_changed.connect(slider.heard.append)
    return slider


def type_number(slider, text):
    slider.number.selectAll()
    QTest.keyClicks(slider.number, text)
    QTest.keyClick(slider.number, Qt.Key.Key_Return)


def test_showing_a_value_announces_nothing(slider):
    slider.set_value(3e-4)
    assert slider.value == 3e-4
    assert slider.number.text() == "0.0003"
    assert slider.heard == []


def test_dragging_announces_round_values(qtbot, slider):
    slider.track.setSliderDown(True)
    slider.track.setValue(-137)
    slider.track.setValue(-100)
    assert slider.heard == [0.043, 0.1]
    assert slider.number.text() == "0.1"
    with qtbot.waitSignal(slider.released):
        slider.track.setSliderDown(False)
    slider.track.setValue(slider.track.maximum())
    assert slider.value == 10
    slider.track.setValue(slider.track.minimum())
    assert slider.value == 1e-6


def test_arrows_go_through_one_two_five(slider):
    for _ in range(4):
        QTest.keyClick(slider.track, Qt.Key.Key_Right)
    assert slider.heard == [0.05, 0.1, 0.2, 0.5]
    for _ in range(2):
        QTest.keyClick(slider.track, Qt.Key.Key_Down)
    assert slider.heard[4:] == [0.2, 0.1]
    QTest.keyClick(slider.track, Qt.Key.Key_PageDown)
    assert slider.value == 0.01
    QTest.keyClick(slider.track, Qt.Key.Key_End)
    QTest.keyClick(slider.track, Qt.Key.Key_Right)
    assert slider.value == 10


@pytest.mark.parametrize(
    ("text", "value"), [("3e-4", 3e-4), ("0.003", 0.003), ("250", 250.0), ("1e-9", 1e-9), ("0.01234567", 0.01234567)]
)
def test_typing_reaches_beyond_the_ends(qtbot, slider, text, value):
    with qtbot.waitSignal(slider.released):
        type_number(slider, text)
    assert slider.heard == [value]
    assert slider.value == value


@pytest.mark.parametrize("text", ["0", "-1", "2000", "nan", "fast", ""])
def test_what_is_not_allowed_is_explained_and_taken_back(slider, text):
    hints = []
    slider.hint_changed.connect(hints.append)
    slider.number.setFocus()
    type_number(slider, text or " ")
    assert hints[-1] == "Expected a number greater than 0 and at most 1000, such as 0.003 or 3e-4."
    slider.track.setFocus()
    assert slider.number.text() == "0.03"
    assert hints[-1] == ""
    assert slider.heard == []


def test_the_wheel_needs_the_focus(slider):
    slider.number.setFocus()
    wheel(slider.track)
    assert slider.heard == []
    slider.track.setFocus()
    wheel(slider.track)
    assert slider.heard == [0.038]


def wheel(widget):
    centre = QPointF(widget.rect().center())
    none = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase
    event = QWheelEvent(centre, widget.mapToGlobal(centre), QPoint(), QPoint(0, 120), *none, False)
    QApplication.sendEvent(widget, event)
