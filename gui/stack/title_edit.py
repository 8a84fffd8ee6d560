"""The name of the experiment above the cards."""

from html import escape

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPaintEvent
from PySide6.QtWidgets import QLineEdit, QStyle, QStyleOptionFrame, QStylePainter, QWidget

from gui.document import Document
from models.experiment import edits
from models.experiment.experiment import Experiment
from models.experiment.fields import Text, field_of
from models.experiment.report import Report

title_margin = 10
"""Pixels left and right of the experiment's name: border, padding, and what a line edit leaves free around its text."""


class TitleEdit(QLineEdit):
    """The name of the experiment, which a double-click, F2 or Enter lets a person change."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        declared = field_of(Experiment, "name").type
        assert isinstance(declared, Text)
        self.setMaxLength(declared.most_length or self.maxLength())
        self.setAccessibleName("Name of the experiment")
        self.setPlaceholderText("Untitled")
        self.setStyleSheet(
            "QLineEdit { font-weight: 600; } QLineEdit:read-only { background: transparent; border-color: transparent; }"
            "QLineEdit:read-only:focus { border-color: palette(highlight); }"
        )
        self.editingFinished.connect(self._commit)
        document.changed.connect(self._show)
        self._show(document.experiment)

    def _show(self, experiment: Experiment, _: Report | None = None) -> None:
        self.setReadOnly(True)
        self.setText(experiment.name)
        self.setCursorPosition(0)
        self.setToolTip(f"<p>{escape(experiment.name or 'Untitled')} (double-click to rename)</p>")

    def _start(self) -> None:
        self.setReadOnly(False)
        self.selectAll()

    def _commit(self) -> None:
        if not self.isReadOnly():
            name = self.text().strip()
            self._show(self._document.experiment)
            self._document.apply("Rename the experiment", edits.set_at(self._document.experiment, "name", name))

    @property
    def whole_width(self) -> int:
        """Width in which the name would be seen as a whole."""
        return self.fontMetrics().horizontalAdvance(self.text() or self.placeholderText()) + 2 * title_margin

    # -- Qt -------------------------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self.isReadOnly() or self.whole_width <= self.width():
            super().paintEvent(event)
            return
        # What is longer than the line would end in the middle of a letter.
        option = QStyleOptionFrame()
        self.initStyleOption(option)
        painter = QStylePainter(self)
        painter.drawPrimitive(QStyle.PrimitiveElement.PE_PanelLineEdit, option)
        place = self.rect().adjusted(title_margin, 0, -title_margin, 0)
        name = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, place.width())
        painter.drawText(place, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), name)
        painter.end()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self.isReadOnly():
            self._start()
        else:
            super().mouseDoubleClickEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.isReadOnly() and event.key() in (Qt.Key.Key_F2, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._start()
        elif not self.isReadOnly() and event.key() == Qt.Key.Key_Escape:
            self._show(self._document.experiment)
        else:
            super().keyPressEvent(event)
