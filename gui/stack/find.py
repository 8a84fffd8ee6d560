"""Finding layers in the stack: a bar that searches names, kinds and values as one types."""

from functools import lru_cache, partial

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QToolButton, QWidget

from models.experiment.base import Value, Variant
from models.experiment.fields import fields_of
from models.experiment.layers import AnyLayer

nothing = "none found"
"""What stands beside the field where no layer answers; longer than most counts."""


def answers(layer: AnyLayer, query: str) -> bool:
    """Whether each word of `query` is part of the layer's name, of its kind or of a value.

    A number must be the whole value. ``units=16`` asks for the value of one field: it must begin so.
    """
    return all(_answers_word(layer, word) for word in query.lower().split())


def _answers_word(layer: AnyLayer, word: str) -> bool:
    name, kind = layer.name.lower(), layer.kind().lower()
    if word in name or word in kind:
        return True
    values = _values(layer)
    field, equals, wanted = word.partition("=")
    if equals:
        return any(each == field and value.startswith(wanted) for each, value in values)
    if _is_number(word):
        return any(value == word for _, value in values)
    return any(word in value for _, value in values)


@lru_cache(maxsize=2000)  # asked for every layer at every letter that is typed
def _values(value: Value) -> tuple[tuple[str, str], ...]:
    """Every field of `value`, and of the values in it, with what it holds, in lower case."""
    found: list[tuple[str, str]] = []
    for field in fields_of(type(value)):
        if field.name == "name":
            continue
        content = getattr(value, field.name)
        parts = content if isinstance(content, tuple) else (content,)
        found += [(field.name, _text(part)) for part in parts if part is not None]
        for part in parts:
            if isinstance(part, Value):
                found += _values(part)
    return tuple(found)


def _text(content: object) -> str:
    if isinstance(content, Variant):
        return content.identifier().lower()
    if isinstance(content, float):
        return f"{content:g}"
    return "" if isinstance(content, Value) else str(content).lower()


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True


class FindBar(QFrame):
    """The line above the stack: what to find, how many there are, and the way from one to the next."""

    changed = Signal(str)
    """Something else is to be found; empty: nothing."""
    stepped = Signal(int)
    """Go to the next one (+1) or the one before (−1)."""
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Find in the stack")
        self.field = QLineEdit()
        self.field.setPlaceholderText("Find: dense, relu, units=16 …")
        self.field.setAccessibleName("Find layers by name, kind or value")
        self.count = QLabel()
        self.count.setProperty("role", "small")
        self.count.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 4, 8, 4)
        row.setSpacing(4)
        row.addWidget(self.field, 1)
        row.addWidget(self.count)
        for text, tip, act in (
            ("↑", "The one before (Shift+Enter, Shift+F3)", partial(self.stepped.emit, -1)),
            ("↓", "The next one (Enter, F3)", partial(self.stepped.emit, 1)),
            ("✕", "Close (Esc)", self.close_),
        ):
            button = QToolButton()
            button.setText(text)
            button.setToolTip(tip)
            button.setAccessibleName(tip.partition(" (")[0])
            button.setProperty("role", "plain")
            button.clicked.connect(act)
            row.addWidget(button)
        self.field.textChanged.connect(self.changed)
        self.field.installEventFilter(self)
        self.setFocusProxy(self.field)
        self.hide()

    @property
    def query(self) -> str:
        """What is to be found; empty while the bar is closed."""
        return self.field.text() if not self.isHidden() else ""

    def open(self) -> None:
        """Show the bar, with what was looked for last, ready to be typed over."""
        self.show()
        # From the first on, so that the field keeps its width while one types and steps.
        self.count.setMinimumWidth(self.count.fontMetrics().horizontalAdvance(nothing) + 4)
        self.field.selectAll()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.changed.emit(self.field.text())

    def close_(self) -> None:
        """Hide the bar and forget what was found."""
        if not self.isHidden():
            self.hide()
            self.changed.emit("")
            self.closed.emit()

    def show_count(self, place: int | None, total: int) -> None:
        """Say how many were found, and which of them one is at, from 1."""
        words = nothing if not total else f"{place} of {total}" if place is not None else f"{total} found"
        self.count.setText(words if self.query.strip() else "")

    # -- Qt -------------------------------------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter and Shift+Enter in the field step, Escape closes."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.stepped.emit(-1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
                return True
            if event.key() == Qt.Key.Key_Escape:
                self.close_()
                return True
        return False
