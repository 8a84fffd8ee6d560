"""Asks what a block is to be called, and shows what it will be: its picture, its layers and its file."""

import os
from pathlib import Path

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from gui.forms.panel import label
from gui.prompts import BlockQuestion
from gui.stack.block_picture import draw_block
from gui.stack.card import kinds_line
from gui.theme import current_theme
from models.experiment.counting import counted
from models.experiment.errors import BadInput
from models.experiment.experiment import Network


class BlockDialog(QDialog):
    """A line for the name beside the picture; a name that will not do is explained while it is typed."""

    def __init__(self, question: BlockQuestion, usual: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._place = question.place
        layers = question.layers
        self.setWindowTitle(question.title)
        self.field = QLineEdit(usual)
        self.field.setAccessibleName("Name of the block")
        self.field.selectAll()
        self.content = label(f"{counted(len(layers), 'layer')}: {kinds_line(layers)}", "small")
        self.file = label("", "small")
        self.hint = label("", "error")
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.agree = QPushButton(question.word)
        self.buttons.addButton(self.agree, QDialogButtonBox.ButtonRole.AcceptRole)
        self._lay_out(BlockPicture(layers))
        self.buttons.button(QDialogButtonBox.StandardButton.Cancel).setAutoDefault(False)
        self.agree.setDefault(True)
        self.field.textChanged.connect(self._show_place)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self._show_place()

    @property
    def name(self) -> str:
        """What was typed."""
        return self.field.text().strip()

    def _lay_out(self, picture: QWidget) -> None:
        caption = label("Name", "muted")
        caption.setBuddy(self.field)
        words = QVBoxLayout()
        words.setSpacing(6)
        for widget in (caption, self.field, self.content, self.file, self.hint):
            words.addWidget(widget)
        words.addStretch(1)
        # Room for two lines, so that nothing moves when there is something to explain.
        self.hint.setMinimumHeight(2 * self.hint.fontMetrics().lineSpacing())
        self.hint.setAlignment(Qt.AlignmentFlag.AlignTop)
        row = QHBoxLayout()
        row.setSpacing(14)
        row.addWidget(picture)
        row.addLayout(words, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 14)
        column.setSpacing(12)
        column.addLayout(row, 1)
        column.addWidget(self.buttons)
        self.setMinimumWidth(520)

    def _show_place(self) -> None:
        try:
            path, problem = self._place(self.name), ""
        except BadInput as error:
            path, problem = None, f"Expected {error.expected}."
        self.file.setText(f"File: {breakable(path)}" if path else "")
        self.hint.setText(problem)
        self.agree.setEnabled(path is not None)


class BlockPicture(QFrame):
    """The picture of a block that the palette shows, larger."""

    def __init__(self, layers: Network) -> None:
        super().__init__()
        self._layers = layers
        self.setProperty("role", "card")
        self.setAccessibleName("Picture of the block")
        self.setFixedSize(130, 170)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        draw_block(painter, QRectF(self.rect()).adjusted(10, 10, -10, -10), self._layers, current_theme())
        painter.end()


def breakable(path: Path) -> str:
    """`path` as a text that may go on in the next line after each folder; the home folder is ``~``."""
    home = Path.home()
    shown = Path("~") / path.relative_to(home) if path.is_relative_to(home) else path
    return str(shown).replace(os.sep, f"{os.sep}\u200b")
