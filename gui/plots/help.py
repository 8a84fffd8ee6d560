"""What a panel shows, and how to read it: a text that opens beneath the question mark in the panel's head."""

from dataclasses import dataclass

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
        column.setSpacing(8)
        heading = QLabel(title)
        heading.setProperty("role", "title")
        column.addWidget(heading)
        for word, text in (("", help_text.shows), ("Good", help_text.good), ("Bad", help_text.bad)):
            column.addWidget(_paragraph(f"<b>{word}.</b> {text}" if word else text))
        self.adjustSize()
        self.move(self._place(beneath))

    def _place(self, beneath: QWidget) -> QPoint:
        """Below `beneath`, moved to where the screen has room."""
        wanted = beneath.mapToGlobal(QPoint(0, beneath.height() + 2))
        room = beneath.screen().availableGeometry()
        left = max(room.left(), min(wanted.x(), room.right() - self.width()))
        top = max(room.top(), min(wanted.y(), room.bottom() - self.height()))
        return QPoint(left, top)


def _paragraph(text: str) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.RichText)
    label.setWordWrap(True)
    label.setFixedWidth(text_width)
    return label
