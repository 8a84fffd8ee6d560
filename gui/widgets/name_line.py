"""A name in a list that can be changed where it stands, as in a list of files."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from gui.theme import set_look


class NameLine(QLineEdit):
    """Looks like plain text until a double click or F2; Enter or going elsewhere hands the new name out, Escape takes it back."""

    named = Signal(str)
    """Another name was typed, and nothing speaks against it."""
    obstacle_changed = Signal(str)
    """Why what is typed cannot be the name, in a sentence; empty where it can."""

    def __init__(self, name: str, obstacle: Callable[[str], str], parent: QWidget | None = None) -> None:
        """`obstacle` says why a text cannot be the name, or nothing."""
        super().__init__(name, parent)
        self._name = name
        self._obstacle = obstacle
        self.setProperty("role", "name")
        self.setReadOnly(True)
        self.setCursorPosition(0)
        self.setAccessibleName(f"Name of {name}")
        self.setToolTip("Double click or F2 to rename")
        self.textEdited.connect(self._judge)

    def begin(self) -> None:
        """Let the name be changed, all of it being selected."""
        self.setReadOnly(False)
        self.setFocus()
        self.selectAll()

    def _finish(self, name: str) -> None:
        """Look like plain text again, and hand out `name` where it is another one than before."""
        if self.isReadOnly():
            return
        self.setReadOnly(True)
        self.setText(self._name)
        self.setCursorPosition(0)
        self._judge(self._name)
        if name != self._name:
            self.named.emit(name)

    def _judge(self, text: str) -> None:
        obstacle = self._obstacle(text) if text != self._name else ""
        set_look(self, "invalid", bool(obstacle))
        self.obstacle_changed.emit(obstacle)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.isReadOnly():
            if event.key() == Qt.Key.Key_F2:
                self.begin()
            else:
                event.ignore()
        elif event.key() == Qt.Key.Key_Escape:
            self._finish(self._name)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if not self._obstacle(self.text()):
                self._finish(self.text())
        else:
            super().keyPressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self.isReadOnly() and event.button() == Qt.MouseButton.LeftButton:
            self.begin()
        else:
            super().mouseDoubleClickEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self.isReadOnly():
            event.ignore()  # what it stands in has a menu for the whole
        else:
            super().contextMenuEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        # A context menu takes the focus only for a moment.
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self._finish(self._name if self._obstacle(self.text()) else self.text())
