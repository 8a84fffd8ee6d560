"""A widget for each simple type of field: it shows a value and hands out legal ones only."""

from typing import Any, ClassVar, TypeAlias, cast

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QValidator, QWheelEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QSizePolicy, QSpinBox, QWidget

from gui.forms.combo import Combo
from gui.forms.labels import choice_label
from gui.theme import set_look
from gui.widgets.guards import UndoGuard, WheelGuard
from gui.widgets.log_slider import LogSlider
from gui.widgets.numbers import number_text, parse_number, stepped
from gui.widgets.typed_line import TypedLine, mixed, mixed_text
from models.experiment.fields import Choice, Integer, Real, Text

_least_int32 = -(2**31)

Content: TypeAlias = Any
"""What a field holds, or `mixed`; the field's declaration says which type that is."""


class Editor(QWidget):
    """The widget of one field."""

    edited = Signal(object)
    """A person chose this value, which is legal."""
    finished = Signal()
    """What comes next is another change, with an undo step of its own."""
    hint_changed = Signal(str)
    """What is expected, while what is typed is not legal; otherwise empty."""

    wide: ClassVar[bool] = False
    """Whether it needs the whole width of the form, below the caption."""

    def __init__(self) -> None:
        super().__init__()
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(0, 0, 0, 0)
        self.row.setSpacing(4)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_value(self, value: Content) -> None:
        """Show `value`, or `mixed`, without announcing it; what has the focus keeps it."""
        raise NotImplementedError

    def commit(self) -> None:
        """Hand out what is typed, if it is legal."""

    def _add(self, widget: QWidget) -> None:
        """Put the widget that takes the focus for this editor into the row."""
        self.row.addWidget(widget, 1)
        if self.focusProxy() is None:
            self.setFocusProxy(widget)

    def _change(self, value: object) -> None:
        """Announce a value that others may follow before the change is over."""
        self.edited.emit(value)

    def _hand_out(self, value: object) -> None:
        """Announce a value that is a change of its own."""
        self.edited.emit(value)
        self.finished.emit()


class Spin(QSpinBox):
    """A spin box for whole numbers that can show several different values, and lets a number be typed before it is judged."""

    hint_changed = Signal(str)

    def __init__(self, limits: Integer) -> None:
        super().__init__()
        self._limits = limits
        self._wheel = WheelGuard(self)
        self._undo = UndoGuard(self, lambda: self.pending)
        self.setRange(limits.least, limits.most)
        self.setKeyboardTracking(False)
        self.setStepType(QSpinBox.StepType.AdaptiveDecimalStepType)
        self.setMinimumWidth(48)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        # In line with the text of the other fields.
        self.lineEdit().setTextMargins(7, 0, 0, 0)
        self.lineEdit().textEdited.connect(self._update_hint)
        self.editingFinished.connect(self._clear_hint)

    @property
    def pending(self) -> bool:
        """Whether something is typed that was not handed out."""
        return self.lineEdit().text() != self.textFromValue(self.value()) and not self.mixed

    @property
    def mixed(self) -> bool:
        """Whether several different values are shown."""
        return self.value() < self._limits.least

    def show_value(self, value: int | object) -> None:
        """Show `value`, or `mixed`, without announcing it."""
        with QSignalBlocker(self):
            if value is mixed:
                self.setMinimum(max(self._limits.least - 1, _least_int32))
                self.setSpecialValueText(mixed_text)
                self.setValue(self.minimum())
                return
            if value != self.value():
                cursor = self.lineEdit().cursorPosition()
                self.setValue(cast(int, value))
                self.lineEdit().setCursorPosition(cursor)
            self.setSpecialValueText("")
            self.setMinimum(self._limits.least)

    def _update_hint(self) -> None:
        legal = self.lineEdit().hasAcceptableInput()
        self._say("" if legal else f"Expected {self._limits.expectation()}.")

    def _clear_hint(self) -> None:
        self._say("")

    def _say(self, hint: str) -> None:
        set_look(self, "invalid", bool(hint))
        self.hint_changed.emit(hint)

    def validate(self, text: str, position: int) -> Content:
        state, *rest = cast(Content, super().validate(text, position))
        # Anything may be typed: it is judged, and explained, as a whole.
        return (QValidator.State.Intermediate if state == QValidator.State.Invalid else state, *rest)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.pending:
            with QSignalBlocker(self):
                self.lineEdit().setText(self.textFromValue(self.value()))
            self._clear_hint()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._clear_hint()

    def wheelEvent(self, event: QWheelEvent) -> None:
        super().wheelEvent(event)
        event.accept()


class IntegerEditor(Editor):
    """A whole number, in a spin box."""

    def __init__(self, kind: Integer) -> None:
        super().__init__()
        self.spin = Spin(kind)
        self._add(self.spin)
        self.spin.valueChanged.connect(self._change)
        self.spin.editingFinished.connect(self.finished)
        self.spin.hint_changed.connect(self.hint_changed)

    def show_value(self, value: Content) -> None:
        self.spin.show_value(value)

    def commit(self) -> None:
        self.spin.interpretText()


class NumberLine(TypedLine):
    """A line for a number; the arrow keys and, with the focus, the wheel move it in handy steps."""

    nudged = Signal(float)

    def __init__(self, limits: Real) -> None:
        expectation = f"Expected {limits.expectation()}, such as 0.1 or 1e-3."
        super().__init__(self._parse_legal, lambda value: number_text(cast(float, value)), expectation)
        self._limits = limits
        self._wheel = WheelGuard(self)

    def _parse_legal(self, text: str) -> float:
        value = parse_number(text)
        if not self._limits.contains(value):
            raise ValueError(self._limits.expectation())
        return value

    def _nudge(self, steps: int) -> None:
        self.commit()
        try:
            value = self._parse_legal(self.text())
        except ValueError:
            return
        moved = stepped(value, steps, self._limits)
        if moved != value:
            self.nudged.emit(moved)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._nudge(1 if event.key() == Qt.Key.Key_Up else -1)
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._nudge(round(event.angleDelta().y() / 120))
        event.accept()


class RealEditor(Editor):
    """A number, in a line of text."""

    def __init__(self, kind: Real) -> None:
        super().__init__()
        self.line = NumberLine(kind)
        self._add(self.line)
        self.line.committed.connect(self._hand_out)
        self.line.nudged.connect(self._change)
        self.line.hint_changed.connect(self.hint_changed)

    def show_value(self, value: Content) -> None:
        self.line.show_value(value)

    def commit(self) -> None:
        self.line.commit()


class LogarithmicEditor(Editor):
    """A number chosen by its order of magnitude, with a slider."""

    def __init__(self, kind: Real) -> None:
        super().__init__()
        self.slider = LogSlider(max(kind.least, 1e-6), min(kind.most, 10.0), kind)
        self._add(self.slider)
        self.slider.value_changed.connect(self._change)
        self.slider.released.connect(self.finished)
        self.slider.hint_changed.connect(self.hint_changed)

    def show_value(self, value: Content) -> None:
        if value is mixed:
            self.slider.set_mixed()
        else:
            self.slider.set_value(value)

    def commit(self) -> None:
        self.slider.commit()


class SwitchEditor(Editor):
    """Yes or no, in a check box."""

    def __init__(self) -> None:
        super().__init__()
        self.box = QCheckBox()
        self.row.addWidget(self.box)
        self.row.addStretch(1)
        self.setFocusProxy(self.box)
        self.box.clicked.connect(self._take_click)

    def show_value(self, value: Content) -> None:
        self.box.setTristate(value is mixed)
        partly, yes, no = Qt.CheckState.PartiallyChecked, Qt.CheckState.Checked, Qt.CheckState.Unchecked
        self.box.setCheckState(partly if value is mixed else yes if value else no)

    def _take_click(self) -> None:
        self.box.setTristate(False)
        self._hand_out(self.box.isChecked())


class ChoiceEditor(Editor):
    """One of a few words, in a combo box; fewer may be offered than the declaration allows."""

    def __init__(self, kind: Choice) -> None:
        super().__init__()
        self._offered = self._options = kind.options
        self._value: Content = mixed
        self.combo = Combo()
        self._add(self.combo)
        self.combo.activated.connect(self._take_index)
        self._fill()

    def offer(self, options: tuple[str, ...]) -> None:
        """Offer these words; another one that is shown stays until it is chosen no more."""
        if options != self._offered:
            self._offered = options
            self.show_value(self._value)

    def show_value(self, value: Content) -> None:
        self._value = value
        wanted = self._offered if value is mixed or value in self._offered else (*self._offered, value)
        if wanted != self._options:
            self._options = wanted
            self._fill()
        self.combo.show_index(-1 if value is mixed else self._options.index(value))

    def _fill(self) -> None:
        self.combo.clear()
        for option in self._options:
            self.combo.add_entry(choice_label(option))

    def _take_index(self, index: int) -> None:
        self._hand_out(self._options[index])


class TextEditor(Editor):
    """A piece of text, in a line."""

    def __init__(self, kind: Text, expectation: str) -> None:
        super().__init__()
        self._kind = kind
        self.line = TypedLine(self._parse, lambda value: cast(str, value), expectation)
        if kind.most_length:
            self.line.setMaxLength(kind.most_length)
        self._add(self.line)
        self.line.committed.connect(self._hand_out)
        self.line.hint_changed.connect(self.hint_changed)

    def show_value(self, value: Content) -> None:
        self.line.show_value(value)

    def commit(self) -> None:
        self.line.commit()

    def _parse(self, text: str) -> str:
        if not self._kind.contains(text):
            raise ValueError(self._kind.expectation())
        return text
