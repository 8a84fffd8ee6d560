"""A problem as a line: how bad it is, what is wrong, and buttons that mend it."""

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import (
    QApplication,
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from gui.theme import Theme, current_theme
from models.experiment.layers.base import Severity
from models.experiment.report import Problem


def draw_mark(painter: QPainter, place: QRectF, severity: Severity, theme: Theme, font: QFont) -> None:
    """The mark of a problem: a red disc, an orange triangle or a blue disc, told apart also without colour."""
    painter.save()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor({"error": theme.error, "warning": theme.warning, "hint": theme.accent}[severity]))
    if severity == "warning":
        painter.drawPolygon(QPolygonF([QPointF(place.center().x(), place.top()), place.bottomRight(), place.bottomLeft()]))
    else:
        painter.drawEllipse(place)
    bold = QFont(font)
    bold.setBold(True)
    painter.setFont(bold)
    painter.setPen(QColor(theme.on_warning if severity == "warning" else theme.card))
    letter = place.translated(0, 1) if severity == "warning" else place
    painter.drawText(letter, int(Qt.AlignmentFlag.AlignCenter), "i" if severity == "hint" else "!")
    painter.restore()


class SeverityMark(QWidget):
    """The mark of a problem, as it stands on cards."""

    def __init__(self) -> None:
        super().__init__()
        self._severity: Severity = "hint"
        self.setFixedSize(14, 16)

    def set_severity(self, severity: Severity) -> None:
        """Show the mark of `severity`."""
        self._severity = severity
        self.setToolTip(severity.capitalize())
        self.setAccessibleName(severity.capitalize())
        self.update()

    def sizeHint(self) -> QSize:
        return self.size()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        draw_mark(painter, QRectF(0, 1, 14, 14), self._severity, current_theme(), self.font())


class ProblemRow(QFrame):
    """One problem; a click or Enter goes to its place, the button mends it."""

    chosen = Signal(object)
    """The `Problem`, which was clicked."""
    remedy_chosen = Signal(object)
    """The `Problem`, whose remedy is to be applied."""

    def __init__(self, buttons_beside: bool) -> None:
        """`buttons_beside`: whether there is room for the button beside the sentence; otherwise it comes below."""
        super().__init__()
        self.problem: Problem | None = None
        self._mark = SeverityMark()
        self._sentence = QLabel()
        self._sentence.setWordWrap(True)
        self._sentence.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._sentence.setTextFormat(Qt.TextFormat.RichText)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)  # or else as high as in lines of Qt's own choice, however wide the row is
        self._sentence.setSizePolicy(policy)
        self.button = QPushButton()
        self.button.clicked.connect(lambda: self.remedy_chosen.emit(self.problem))
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 3, 4, 3)
        row.setSpacing(8)
        row.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        direction = QBoxLayout.Direction.LeftToRight if buttons_beside else QBoxLayout.Direction.TopToBottom
        words = QBoxLayout(direction)
        words.setSpacing(5)
        words.addWidget(self._sentence, 1)
        words.addWidget(self.button, 0, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        row.addLayout(words, 1)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def show_problem(self, problem: Problem, named: bool) -> None:
        """Show `problem`, with the name of its layer before it where `named`."""
        if problem == self.problem:
            return
        self.problem = problem
        self._mark.set_severity(problem.severity)
        place = f"<b>{problem.layer}:</b> " if named and problem.layer else ""
        self._sentence.setText(place + escape(problem.sentence, quote=False))
        self.setAccessibleName(f"{problem.severity.capitalize()}: {problem.sentence}")
        self.button.setVisible(problem.remedy is not None)
        if problem.remedy:
            self.button.setText(problem.remedy.label.replace("&", "&&"))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()
        if self.rect().contains(event.position().toPoint()):
            self.chosen.emit(self.problem)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.chosen.emit(self.problem)
        elif event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.focusNextPrevChild(event.key() == Qt.Key.Key_Down)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.hasFocus():
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QColor(current_theme().accent))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)


class ProblemList(QWidget):
    """Problems below each other; rows that stay the same stay where they are."""

    chosen = Signal(object)
    """The `Problem` that was clicked."""
    remedy_chosen = Signal(object)
    """The `Problem` whose remedy is to be applied."""

    def __init__(self, buttons_beside: bool, named: bool) -> None:
        super().__init__()
        self._beside = buttons_beside
        self._named = named
        self.rows: list[ProblemRow] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(2)

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Show these problems in their order. The focus of one that is gone stays here: Qt would give it to any field nearby."""
        focused, around = QApplication.focusWidget(), self.parentWidget()
        gone = self.rows[len(problems) :]
        if focused is not None and around is not None and any(row in (focused, focused.parent()) for row in gone):
            around.setFocus(Qt.FocusReason.OtherFocusReason)
        while len(self.rows) < len(problems):
            self._add_row()
        for row, problem in zip(self.rows, problems, strict=False):
            row.show_problem(problem, self._named)
        for index, row in enumerate(self.rows):
            row.setVisible(index < len(problems))
        self.setVisible(bool(problems))

    def _add_row(self) -> None:
        row = ProblemRow(self._beside)
        row.chosen.connect(self.chosen)
        row.remedy_chosen.connect(self.remedy_chosen)
        self.rows.append(row)
        self._column.addWidget(row)
