"""What a field must not do: change under a passing wheel, or keep Ctrl+Z from the document."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QWidget

_document_keys = (QKeySequence.StandardKey.Undo, QKeySequence.StandardKey.Redo)


class WheelGuard(QObject):
    """Passes the wheel on to the scrolling area around a widget that does not have the focus."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Wheel and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        return False


class UndoGuard(QObject):
    """Leaves undo and redo to the window while a field has nothing of its own to undo.

    A focused text field claims Ctrl+Z by accepting ``ShortcutOverride``; here that event is turned away before the field sees it.
    """

    def __init__(self, widget: QWidget, pending: Callable[[], bool]) -> None:
        super().__init__(widget)
        self._pending = pending
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() != QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
            return False
        if any(event.matches(key) for key in _document_keys) and not self._pending():
            event.ignore()
            return True
        return False
