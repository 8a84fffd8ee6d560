"""Widgets for fields that hold several values: pairs, lists, switches in a row, and what may be none."""

from collections.abc import Callable
from functools import partial
from html import escape
from typing import ClassVar

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QSizePolicy,
    QToolButton,
    QToolTip,
    QWidget,
)

from gui.forms.editors import Content, Editor, NumberLine, Spin
from gui.forms.labels import choice_label
from gui.widgets.numbers import number_text, parse_number
from gui.widgets.typed_line import TypedLine, mixed
from models.experiment.fields import Choice, FieldType, Integer, OneOf, Real, Row, Switch, Text, new

unknown = "?"
"""What stands for a size that is not known."""
_columns_of_switches = 4
_visible_ticks = 6
_switch_outline = "QToolButton:!checked:!focus { border-color: palette(mid); }"


def starting_value(kind: FieldType) -> Content:
    """A plain legal value for a field that held none."""
    match kind:
        case Integer():
            return min(max(1, kind.least), kind.most)
        case Real():
            candidates = (1.0, 0.5, kind.least, kind.most)
            return next(value for value in candidates if kind.contains(value))
        case Switch():
            return False
        case Choice():
            return kind.options[0]
        case Text():
            return ""
        case Row():
            return (starting_value(kind.item),) * max(kind.least, 1)
    raise TypeError(f"{kind!r} has no plain starting value")


class PairEditor(Editor):
    """A fixed number of whole numbers, such as height and width, in spin boxes side by side."""

    def __init__(self, kind: Row) -> None:
        super().__init__()
        assert isinstance(kind.item, Integer)
        assert kind.length
        self.spins = tuple(Spin(kind.item) for _ in range(kind.length))
        for spin in self.spins:
            self._add(spin)
            spin.valueChanged.connect(self._take)
            spin.editingFinished.connect(self.finished)
            spin.hint_changed.connect(self.hint_changed)

    def show_value(self, value: Content) -> None:
        for index, spin in enumerate(self.spins):
            spin.show_value(mixed if value is mixed else value[index])

    def commit(self) -> None:
        for spin in self.spins:
            spin.interpretText()

    def _take(self, chosen: int) -> None:
        # Where the others show several values, they follow the one that was chosen.
        self.edited.emit(tuple(chosen if spin.mixed else spin.value() for spin in self.spins))


class CountEditor(Editor):
    """How many values with fields of their own there are; the fields of each stand below. A new one is like the last."""

    def __init__(self, kind: Row) -> None:
        super().__init__()
        assert isinstance(kind.item, OneOf)
        assert kind.most
        self._first: Content = new(kind.item.kinds[0])
        self.value: tuple[Content, ...] = ()
        self.spin = Spin(Integer(kind.least, kind.most))
        self._add(self.spin)
        self.spin.valueChanged.connect(self._take)
        self.spin.editingFinished.connect(self.finished)
        self.spin.hint_changed.connect(self.hint_changed)

    def show_value(self, value: Content) -> None:
        self.value = () if value is mixed else value
        self.spin.show_value(mixed if value is mixed else len(value))

    def commit(self) -> None:
        self.spin.interpretText()

    def _take(self, count: int) -> None:
        last = self.value[-1] if self.value else self._first
        self.edited.emit((*self.value[:count], *(last,) * (count - len(self.value))))


class EdgesEditor(Editor):
    """Two whole numbers for each axis, one for its beginning and one for its end; an axis a line."""

    wide: ClassVar[bool] = True

    def __init__(self, kind: Row) -> None:
        super().__init__()
        assert isinstance(kind.item, Row)
        assert kind.length
        lines = QGridLayout()
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(4)
        self.pairs = tuple(PairEditor(kind.item) for _ in range(kind.length))
        self._value: tuple[Content, ...] = ()
        for index, pair in enumerate(self.pairs):
            lines.addWidget(pair, index, 0)
            pair.edited.connect(partial(self._take, index))
            pair.finished.connect(self.finished)
            pair.hint_changed.connect(self.hint_changed)
        self.row.addLayout(lines)
        self.setFocusProxy(self.pairs[0].spins[0])

    def show_value(self, value: Content) -> None:
        self._value = (mixed,) * len(self.pairs) if value is mixed else value
        for pair, content in zip(self.pairs, self._value, strict=True):
            pair.show_value(content)

    def commit(self) -> None:
        for pair in self.pairs:
            pair.commit()

    def _take(self, index: int, chosen: Content) -> None:
        # Where the others show several values, they follow the one that was chosen.
        others = (chosen if content is mixed else content for content in self._value)
        self.edited.emit(tuple(chosen if place == index else other for place, other in enumerate(others)))


class ListEditor(Editor):
    """Any number of values, separated by commas."""

    def __init__(self, kind: Row) -> None:
        super().__init__()
        self._kind = kind
        self.line = TypedLine(self._parse, self._show, f"Expected {self._expectation()}.")
        self._add(self.line)
        self.line.committed.connect(self._hand_out)
        self.line.hint_changed.connect(self.hint_changed)

    def show_value(self, value: Content) -> None:
        self.line.show_value(value)

    def commit(self) -> None:
        self.line.commit()

    def _expectation(self) -> str:
        kind = self._kind
        if kind.most and kind.most < 1000:
            count = f"{kind.least} to {kind.most} values"
        else:
            count = f"{kind.least} or more values" if kind.least else "values"
        each = f"{kind.item.expectation()}, or {unknown}" if kind.open else kind.item.expectation()
        return f"{count} separated by commas, each {each}"

    def _parse(self, text: str) -> tuple[object, ...]:
        parts = [part.strip() for part in text.split(",")] if text.strip() else []
        if not self._kind.least <= len(parts) <= (self._kind.most or len(parts)):
            raise ValueError(self._expectation())
        return tuple(map(self._parse_item, parts))

    def _parse_item(self, text: str) -> object:
        kind = self._kind.item
        if self._kind.open and text == unknown:
            return None
        if isinstance(kind, Integer):
            number = int(text.replace("−", "-"))
            if not kind.least <= number <= kind.most:
                raise ValueError(kind.expectation())
            return number
        if isinstance(kind, Real):
            value = parse_number(text)
            if not kind.contains(value):
                raise ValueError(kind.expectation())
            return value
        assert isinstance(kind, Text)
        if not text or not kind.contains(text):
            raise ValueError(kind.expectation())
        return text

    def _show(self, value: Content) -> str:
        return ", ".join(map(self._show_item, value))

    def _show_item(self, item: Content) -> str:
        if item is None:
            return unknown
        return number_text(item) if isinstance(item, float) else str(item)


class NumbersEditor(Editor):
    """A number for each of several named things, one below the other; the names can be set later."""

    wide: ClassVar[bool] = True

    def __init__(self, kind: Row, word: str) -> None:
        """`word` stands, with a number, for a name that is not known: ``class 3``."""
        super().__init__()
        assert isinstance(kind.item, Real)
        self._kind = kind.item
        self._word = word
        self._names: tuple[str, ...] = ()
        self._value: tuple[float, ...] = ()
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(4)
        self._grid.setColumnStretch(0, 1)
        self._grid.setColumnStretch(1, 1)
        self.labels: list[QLabel] = []
        self.lines: list[NumberLine] = []
        self.row.addLayout(self._grid)

    def set_names(self, names: tuple[str, ...]) -> None:
        """Call what the numbers belong to by these names."""
        self._names = names
        self._show_names()

    def show_value(self, value: Content) -> None:
        self._value = () if value is mixed else value
        while len(self.lines) < len(self._value):
            self._add_line()
        for index, (name, line) in enumerate(zip(self.labels, self.lines, strict=True)):
            there = index < len(self._value)
            name.setVisible(there)
            line.setVisible(there)
            if there:
                line.show_value(self._value[index])
        self._show_names()

    def commit(self) -> None:
        for line in self.lines:
            line.commit()

    def _add_line(self) -> None:
        index = len(self.lines)
        line, name = NumberLine(self._kind), QLabel()
        name.setProperty("role", "small")
        name.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        line.committed.connect(partial(self._take, index))
        line.nudged.connect(partial(self._take_nudge, index))
        line.hint_changed.connect(self.hint_changed)
        self._grid.addWidget(name, index, 0)
        self._grid.addWidget(line, index, 1)
        self.labels.append(name)
        self.lines.append(line)
        if self.focusProxy() is None:
            self.setFocusProxy(line)

    def _show_names(self) -> None:
        for index, (name, line) in enumerate(zip(self.labels, self.lines, strict=True)):
            words = self._names[index] if index < len(self._names) else f"{self._word} {index}"
            name.setText(words)
            name.setToolTip(words)
            line.setAccessibleName(words)

    def _with(self, index: int, number: float) -> tuple[float, ...]:
        return (*self._value[:index], number, *self._value[index + 1 :])

    def _take(self, index: int, number: float) -> None:
        self._hand_out(self._with(index, number))

    def _take_nudge(self, index: int, number: float) -> None:
        self._change(self._with(index, number))


class SwitchesEditor(Editor):
    """Some of a few words, as buttons that are on or off; at least as many stay on as the declaration asks for."""

    wide: ClassVar[bool] = True

    def __init__(self, kind: Row) -> None:
        super().__init__()
        assert isinstance(kind.item, Choice)
        self._kind = kind
        grid = QGridLayout()
        grid.setSpacing(4)
        self.buttons: dict[str, QToolButton] = {}
        for index, option in enumerate(kind.item.options):
            button = QToolButton()
            button.setText(choice_label(option))
            button.setCheckable(True)
            button.setStyleSheet(_switch_outline)
            button.setToolTip(option)
            button.setAccessibleName(option)
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            button.clicked.connect(self._take)
            grid.addWidget(button, index // _columns_of_switches, index % _columns_of_switches)
            self.buttons[option] = button
        self.row.addLayout(grid)
        self.setFocusProxy(next(iter(self.buttons.values())))

    def show_value(self, value: Content) -> None:
        for option, button in self.buttons.items():
            button.setChecked(value is not mixed and option in value)

    def _take(self) -> None:
        chosen = tuple(option for option, button in self.buttons.items() if button.isChecked())
        if len(chosen) < self._kind.least:
            button = self.sender()
            assert isinstance(button, QToolButton)
            button.setChecked(True)
            self.hint_changed.emit(f"At least {self._kind.least} stays on.")
            return
        self.hint_changed.emit("")
        self._hand_out(chosen)


class TicksEditor(Editor):
    """Some of several words, as a list with a tick before each; `names` can be set later, as when a file has been read."""

    wide: ClassVar[bool] = True

    def __init__(self, names: tuple[str, ...] = (), default_words: str = "") -> None:
        """`default_words`: what none means, as an entry above the others; empty where none is no value."""
        super().__init__()
        self._default_words = default_words
        self._value: Content = None if default_words else ()
        self._names: tuple[str, ...] | None = None
        self.list = TickList()
        self._add(self.list)
        self.list.itemChanged.connect(self._take)
        self.set_names(names)

    def set_names(self, names: tuple[str, ...]) -> None:
        """Offer these words; ticked ones that are not among them stay until they are taken off."""
        if names == self._names:
            return
        self._names = names
        self._fill()

    def show_value(self, value: Content) -> None:
        self._value = () if value is mixed else value
        shown = {item.text() for item in self._items()}
        if not set(self._value or ()) <= shown:
            self._fill()
        else:
            self._show_ticks()

    def _fill(self) -> None:
        blocked = self.list.blockSignals(True)
        self.list.clear()
        foreign = tuple(name for name in self._value or () if name not in (self._names or ()))
        for label in (*filter(None, (self._default_words,)), *(self._names or ()), *foreign):
            item = QListWidgetItem(label)
            item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsUserCheckable)
            self.list.addItem(item)
        self.list.blockSignals(blocked)
        self.list.setVisible(self.list.count() > 0)
        self.list.updateGeometry()
        self._show_ticks()

    def _items(self) -> list[QListWidgetItem]:
        return [self.list.item(row) for row in range(self.list.count())]

    def _show_ticks(self) -> None:
        blocked = self.list.blockSignals(True)
        for row, item in enumerate(self._items()):
            is_default = bool(self._default_words) and row == 0
            on = self._value is None if is_default else item.text() in (self._value or ())
            item.setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)
        self.list.blockSignals(blocked)

    def _take(self, changed: QListWidgetItem) -> None:
        on = changed.checkState() == Qt.CheckState.Checked
        if self._default_words and self.list.row(changed) == 0:
            value: tuple[str, ...] | None = None if on else ()
        else:
            kept = (*(self._value or ()), *((changed.text(),) if on else ()))
            order = [item.text() for item in self._items()]
            value = tuple(name for name in order if name in kept and (on or name != changed.text()))
            value = None if self._default_words and not value else value
        self._value = value
        self._show_ticks()
        self._hand_out(value)


class TickList(QListWidget):
    """A list as high as a few of its entries, whose whole lines can be clicked."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "ticks")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)

    def sizeHint(self) -> QSize:
        shown = min(max(self.count(), 1), _visible_ticks)
        # Half a line more tells that there is something below.
        lines = shown + (0.5 if self.count() > shown else 0)
        return QSize(100, round(lines * max(self.sizeHintForRow(0), 20)) + 2 * self.frameWidth() + 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(60, self.sizeHint().height())

    def viewportEvent(self, event: QEvent) -> bool:
        # Not the items' own tips: to whoever follows the ticks, another tip is a change of the item.
        if event.type() == QEvent.Type.ToolTip:
            assert isinstance(event, QHelpEvent)
            item = self.itemAt(event.pos())
            QToolTip.showText(event.globalPos(), f"<p>{escape(item.text())}</p>" if item else "", self)
            return True
        return super().viewportEvent(event)


class OptionalEditor(Editor):
    """A tick for “there is a value”, and the value's own editor while there is one."""

    def __init__(self, inner: Editor, start: Callable[[], object], none: str = "none") -> None:
        """`start`: what the field holds once it is ticked; `none`: what it means that it is not."""
        super().__init__()
        self._start = start
        self._inner = inner
        self.box = QCheckBox()
        self.box.setAccessibleName("Set a value")
        self._none = QLabel(none)
        self._none.setProperty("role", "muted")
        self.row.addWidget(self.box)
        self.row.addWidget(self._none, 1)
        self.row.addWidget(inner, 1)
        self.setFocusProxy(self.box)
        self.box.clicked.connect(self._take_click)
        inner.edited.connect(self.edited)
        inner.finished.connect(self.finished)
        inner.hint_changed.connect(self.hint_changed)

    @property
    def inner(self) -> QWidget:
        """The editor of the value itself."""
        return self._inner

    def show_value(self, value: Content) -> None:
        given = value is not None
        self.box.setChecked(given)
        self.box.setToolTip("Set back to none" if given else "Set a value")
        self._none.setVisible(not given)
        self._inner.setVisible(given)
        if given:
            self._inner.show_value(value)

    def commit(self) -> None:
        if self.box.isChecked():
            self._inner.commit()

    def _take_click(self) -> None:
        self._hand_out(self._start() if self.box.isChecked() else None)
