"""A line of text that stands for a value: what is typed becomes a value once it is finished and legal."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from gui.theme import set_look
from gui.widgets.guards import UndoGuard

mixed: Final = object()
"""Stands for the value of several things that do not agree."""
mixed_text = "—"


class TypedLine(QLineEdit):
    """A line edit that hands out a value on Enter or when left, says what it expects meanwhile, and reverts what is not legal."""

    committed = Signal(object)
    """The new value; emitted only for a legal one that differs in text from what is shown."""
    hint_changed = Signal(str)
    """What is expected, while what is typed is not legal; otherwise empty."""

    def __init__(
        self,
        parse: Callable[[str], object],
        show: Callable[[object], str],
        expectation: str,
        parent: QWidget | None = None,
    ) -> None:
        """`parse` raises ``ValueError`` for text that is not legal; `show` is its inverse."""
        super().__init__(parent)
        self._parse = parse
        self._show = show
        self._expectation = expectation
        self._shown = ""
        self._guard = UndoGuard(self, lambda: self.pending)
        self.setMinimumWidth(30)
        self.textEdited.connect(self._update_hint)

    @property
    def pending(self) -> bool:
        """Whether something is typed that was not handed out."""
        return self.text() != self._shown

    def show_value(self, value: object) -> None:
        """Show `value`; the cursor stays where it is, and what is being typed stays unless the value is another one."""
        text = "" if value is mixed else self._show(value)
        self.setPlaceholderText(mixed_text if value is mixed else "")
        if text == self._shown:
            return
        self._shown = text
        self.revert()

    def commit(self) -> None:
        """Hand out what is typed, if it is legal."""
        if not self.pending:
            return
        try:
            value = self._parse(self.text())
        except ValueError:
            return
        self.committed.emit(value)
        # Whoever listens has shown the new value by now, which may be worded otherwise than it was typed.
        self.revert()

    def revert(self) -> None:
        """Show the value again in place of what is typed."""
        position = self.cursorPosition()
        if self.pending:
            self.setText(self._shown)
            self.setCursorPosition(position if self.hasFocus() else 0)
        self._say("")

    def _update_hint(self, text: str) -> None:
        try:
            self._parse(text)
        except ValueError:
            self._say(self._expectation if self.pending else "")
        else:
            self._say("")

    def _say(self, hint: str) -> None:
        set_look(self, "invalid", bool(hint))
        self.hint_changed.emit(hint)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.commit()
            if not self.pending:
                self.selectAll()
        elif event.key() == Qt.Key.Key_Escape and self.pending:
            self.revert()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        # A context menu takes the focus only for a moment.
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.commit()
            self.revert()
