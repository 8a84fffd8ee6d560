"""A slider for numbers that are chosen by their order of magnitude, such as a learning rate."""

import math

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QSlider, QWidget

from gui.widgets.guards import WheelGuard
from gui.widgets.numbers import next_preferred, number_text, parse_number, rounded
from gui.widgets.typed_line import TypedLine, mixed
from models.experiment.fields import Real

_positions_per_decade = 100
_wheel_factor = 10**0.1
_number_width = 62


class LogSlider(QWidget):
    """A slider on a logarithmic scale with the number beside it, which can be typed: ``3e-4``.

    Arrow keys go through 1, 2, 5, 10, …, the page keys by decades, the wheel by a tenth of a decade. What is typed may lie beyond
    the slider's ends as far as `allowed` permits.
    """

    value_changed = Signal(float)
    """A person chose another value, also while dragging."""
    released = Signal()
    """The drag, the key or the typing is over."""
    hint_changed = Signal(str)
    """What is expected, while what is typed is not legal; otherwise empty."""

    def __init__(self, least: float, most: float, allowed: Real | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._least = least
        self._most = most
        self._allowed = allowed or Real(least, most)
        self._value = least
        self.track = _Track(self)
        self.track.setRange(_position(least), _position(most))
        self.number = TypedLine(self._parse, _text, f"Expected {self._allowed.expectation()}, such as 0.003 or 3e-4.", self)
        self.number.setFixedWidth(_number_width)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.track, 1)
        layout.addWidget(self.number)
        self.setFocusProxy(self.number)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.track.valueChanged.connect(self._follow_track)
        self.track.sliderReleased.connect(self.released)
        self.number.committed.connect(self._take_typed)
        self.number.hint_changed.connect(self.hint_changed)
        self.set_value(least)

    @property
    def value(self) -> float:
        """The number that is shown."""
        return self._value

    @property
    def pending(self) -> bool:
        """Whether a number is typed that was not handed out."""
        return self.number.pending

    def set_value(self, value: float) -> None:
        """Show `value` without announcing it; beyond the slider's ends only the number tells."""
        self._value = value
        self.number.show_value(value)
        blocked = self.track.blockSignals(True)
        self.track.setValue(_position(min(max(value, self._least), self._most)))
        self.track.blockSignals(blocked)

    def set_mixed(self) -> None:
        """Show that several values differ."""
        self.number.show_value(mixed)

    def commit(self) -> None:
        """Hand out what is typed, if it is legal."""
        self.number.commit()

    def step(self, up: bool) -> None:
        """Go to the next of 1, 2, 5, 10, … above or below."""
        self._choose(next_preferred(self._inside, up))

    def page(self, up: bool) -> None:
        """Go up or down by a decade."""
        self._choose(self._inside * (10.0 if up else 0.1))

    def nudge(self, steps: float) -> None:
        """Go up or down by tenths of a decade."""
        self._choose(self._inside * _wheel_factor**steps)

    @property
    def _inside(self) -> float:
        return min(max(self._value, self._least), self._most)

    def _parse(self, text: str) -> float:
        value = parse_number(text)
        if not self._allowed.contains(value):
            raise ValueError(self._allowed.expectation())
        return value

    def _take_typed(self, value: float) -> None:
        self._announce(value)
        self.released.emit()

    def _choose(self, value: float) -> None:
        self._take_typed(min(max(rounded(value), self._least), self._most))

    def _follow_track(self, position: int) -> None:
        self._announce(min(max(rounded(10 ** (position / _positions_per_decade)), self._least), self._most))

    def _announce(self, value: float) -> None:
        if value != self._value:
            self._value = value
            self.number.show_value(value)
            if not self.track.isSliderDown():
                self.set_value(value)
            self.value_changed.emit(value)


class _Track(QSlider):
    """The slider itself; keys and wheel are worded by the `LogSlider` it belongs to."""

    def __init__(self, owner: LogSlider) -> None:
        super().__init__(Qt.Orientation.Horizontal, owner)
        self._owner = owner
        self._guard = WheelGuard(self)
        self.setMinimumWidth(36)
        self.setPageStep(_positions_per_decade // 2)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Left, Qt.Key.Key_Down):
            self._owner.step(key in (Qt.Key.Key_Right, Qt.Key.Key_Up))
        elif key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            self._owner.page(key == Qt.Key.Key_PageUp)
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._owner.nudge(event.angleDelta().y() / 120)
        event.accept()


def _position(value: float) -> int:
    return round(_positions_per_decade * math.log10(value))


def _text(value: object) -> str:
    assert isinstance(value, float | int)
    return number_text(value)
