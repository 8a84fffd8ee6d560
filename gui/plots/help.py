"""What a panel shows, and how to read it: a text that opens beneath the question mark in the panel's head."""

from dataclasses import dataclass
from html import escape

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

text_width = 340
"""Pixels, at most: longer lines are hard to read."""


@dataclass(frozen=True)
class Help:
    """How to read a plot, for somebody who sees it for the first time; plain sentences."""

    shows: str
    """What one sees: axes, curves, colours."""
    good: str
    """What it looks like where all is well."""
    bad: str
    """What it looks like where something is wrong, what that is, and what to try."""


class HelpPopup(QFrame):
    """Shows a help text beneath a widget until somebody clicks elsewhere or presses Escape; deletes itself then."""

    def __init__(self, title: str, help_text: Help, beneath: QWidget) -> None:
        super().__init__(beneath, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setProperty("role", "popup")
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 12, 14, 12)
        parts = (("", help_text.shows), ("Good", help_text.good), ("Bad", help_text.bad))
        paragraphs = "".join(f"<p>{f'<b>{word}.</b> ' if word else ''}{escape(text)}</p>" for word, text in parts)
        text = QLabel(f"<b>{escape(title)}</b>{paragraphs}", self)
        text.setTextFormat(Qt.TextFormat.RichText)
        text.setWordWrap(True)
        text.ensurePolished()
        text.setFixedSize(text_width, text.heightForWidth(text_width))
        column.addWidget(text)
        self.adjustSize()
        self.move(self._place(beneath))

    def _place(self, beneath: QWidget) -> QPoint:
        """Below `beneath`, moved to where the screen has room."""
        wanted = beneath.mapToGlobal(QPoint(0, beneath.height() + 2))
        room = beneath.screen().availableGeometry()
        left = max(room.left(), min(wanted.x(), room.right() - self.width()))
        top = max(room.top(), min(wanted.y(), room.bottom() - self.height()))
        return QPoint(left, top)
