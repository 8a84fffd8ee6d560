"""What small curves that are painted by hand have in common: a frame, two axes, and the lowest and highest figure beside them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from gui.theme import current_theme

text_pixels = 11
_margin = 6.0
_label_height = 15.0


@dataclass(frozen=True)
class Axis:
    """Where a figure lies between the two ends of an axis."""

    low: float
    high: float
    logarithmic: bool = False

    def share(self, value: float) -> float:
        """Place of `value`, 0 at the lower end and 1 at the upper one; what a logarithmic axis cannot show is put to its end."""
        if self.high <= self.low:
            return 0.5
        if self.logarithmic:
            return math.log(max(value, self.low) / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def at(self, share: float) -> float:
        """The figure at a place of the axis."""
        inside = min(max(share, 0.0), 1.0)
        if self.logarithmic:
            return float(self.low * (self.high / self.low) ** inside)
        return self.low + (self.high - self.low) * inside


@dataclass(frozen=True)
class Chart:
    """A frame with two axes, its lowest and highest figures written beside it."""

    area: QRectF
    """Where curves are drawn."""
    x: Axis
    y: Axis

    def place(self, x: float, y: float) -> QPointF:
        """The point of the widget where (x, y) is drawn."""
        inner = self.area.adjusted(_margin, _margin, -_margin, -_margin)
        return QPointF(inner.left() + self.x.share(x) * inner.width(), inner.bottom() - self.y.share(y) * inner.height())

    def x_at(self, across: float) -> float:
        """The figure of the horizontal axis at a position in the widget."""
        inner = self.area.adjusted(_margin, 0, -_margin, 0)
        return self.x.at((across - inner.left()) / max(inner.width(), 1.0))

    def paint_frame(self, painter: QPainter, x_texts: tuple[str, str, str], y_texts: tuple[str, str]) -> None:
        """`x_texts`: left end, title, right end; `y_texts`: lower and upper end."""
        theme, align = current_theme(), Qt.AlignmentFlag
        painter.setPen(QColor(theme.border))
        painter.drawRoundedRect(self.area, 4, 4)
        painter.setPen(QColor(theme.muted))
        below = QRectF(self.area.left(), self.area.bottom() + 1, self.area.width(), _label_height)
        for text, side in zip(x_texts, (align.AlignLeft, align.AlignHCenter, align.AlignRight), strict=True):
            painter.drawText(below, side | align.AlignVCenter, text)
        beside = QRectF(0, self.area.top(), self.area.left() - 5, self.area.height())
        for text, side in zip(y_texts, (align.AlignBottom, align.AlignTop), strict=True):
            painter.drawText(beside, align.AlignRight | side, text)

    def paint_curve(self, painter: QPainter, points: Sequence[tuple[float, float]], pen: QPen) -> None:
        """Draw a curve within the frame."""
        painter.save()
        painter.setClipRect(self.area.adjusted(1, 1, -1, -1))
        painter.setPen(pen)
        painter.drawPolyline(QPolygonF([self.place(x, y) for x, y in points]))
        painter.restore()

    def paint_mark(self, painter: QPainter, x: float, y: float, colour: str) -> None:
        """Draw a line up at `x`, with a dot where the curve has the value `y`."""
        spot = self.place(x, y)
        painter.setPen(QPen(QColor(colour), 1, Qt.PenStyle.DotLine))
        painter.drawLine(QPointF(spot.x(), self.area.top() + 1), QPointF(spot.x(), self.area.bottom() - 1))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colour))
        painter.drawEllipse(spot, 3.5, 3.5)
        painter.setBrush(Qt.BrushStyle.NoBrush)


def area_in(rect: QRectF, metrics: QFontMetricsF, y_texts: tuple[str, str]) -> QRectF:
    """The room for curves in a widget, once the texts beside and below have theirs."""
    gutter = max(metrics.horizontalAdvance(text) for text in y_texts) + 6
    return rect.adjusted(gutter + 0.5, 0.5, -0.5, -_label_height - 1.5)
