"""The place below the last card where a layer is added."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from gui.stack.card_places import Fonts, card_height, side_margin
from gui.stack.delegate import least_width
from gui.theme import current_theme, repaint_with_theme


class AddButton(QAbstractButton):
    """The dashed place below the last card."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Add a layer")
        self.setToolTip(
            "<p>Add a layer after the selected one. With nothing selected it goes before the Dense layer at the end, "
            "which is the output.</p>"
        )
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        repaint_with_theme(self.update)

    def sizeHint(self) -> QSize:
        fonts = Fonts.like(self.font())
        return QSize(least_width, round(card_height(fonts) * 0.6 + fonts.em * 0.9))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, fonts = current_theme(), Fonts.like(self.font())
        margin = side_margin(self.width(), fonts)
        frame = QRectF(self.rect()).adjusted(margin + 0.5, 0.45 * fonts.em, -margin - 0.5, -0.6 * fonts.em)
        lit = self.hasFocus() or self.underMouse()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme.accent if lit else theme.muted), 2 if self.hasFocus() else 1, Qt.PenStyle.DashLine))
        painter.setBrush(QColor(theme.pressed if self.isDown() else theme.card))
        painter.drawRoundedRect(frame, 5, 5)
        first, second = "+ Add a layer", "or press A"
        first_width = QFontMetrics(fonts.usual).horizontalAdvance(first)
        width = first_width + fonts.em + QFontMetrics(fonts.small).horizontalAdvance(second)
        left = frame.center().x() - width / 2
        painter.setPen(QColor(theme.text if lit else theme.muted))
        painter.setFont(fonts.usual)
        painter.drawText(QRectF(left, frame.y(), width, frame.height()), int(Qt.AlignmentFlag.AlignVCenter), first)
        painter.setFont(fonts.small)
        rest = QRectF(left + first_width + fonts.em, frame.y(), width, frame.height())
        painter.drawText(rest, int(Qt.AlignmentFlag.AlignVCenter), second)
