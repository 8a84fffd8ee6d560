"""The curve of an activation and of its derivative."""

import math
from functools import cache

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from gui.forms.labels import kind_tooltip
from gui.theme import current_theme
from gui.widgets.numbers import short_text
from models.experiment.activations import ActivationFunction

limit = 4.0
"""Curves are drawn from −4 to 4."""
_points = 161
_margin = 7.0
_legend_height = 15
_highest = 4.5
"""Taller curves, such as the exponential, leave the picture at its upper edge."""

Curve = tuple[tuple[float, float], ...]


@cache
def curves_of(function: ActivationFunction) -> tuple[Curve, Curve]:
    """Points of an elementwise `function` and of its derivative, from left to right."""
    positions = [-limit + 2 * limit * index / (_points - 1) for index in range(_points)]
    return tuple((x, function.at(x)) for x in positions), tuple((x, function.derivative(x)) for x in positions)


class ActivationCurve(QWidget):
    """Draws an activation as a solid line and its derivative as a dashed one; a sentence where there is no curve."""

    def __init__(self) -> None:
        super().__init__()
        self._function: ActivationFunction | None = None
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def function(self) -> ActivationFunction | None:
        """What is drawn."""
        return self._function

    @property
    def sentence(self) -> str:
        """What stands in place of a curve, for functions of several inputs."""
        if self._function is None or self._function.elementwise:
            return ""
        return "No curve: each output depends on all inputs."

    def set_function(self, function: ActivationFunction | None) -> None:
        """Draw `function`; none draws nothing and takes no room."""
        self._function = function
        self.setVisible(function is not None)
        if function is not None:
            self.setAccessibleName(f"Curve of {function.kind()} and its derivative")
            self.setAccessibleDescription(kind_tooltip(type(function)))
        self.updateGeometry()
        self.update()

    def words_at(self, across: float) -> str:
        """Value and derivative at a horizontal position in the widget; empty where there is no curve."""
        function = self._function
        if function is None or self.sentence:
            return ""
        area = self._area()
        x = min(max(-limit + 2 * limit * (across - area.left()) / area.width(), -limit), limit)
        return f"f({x:.2f}) = {short_text(function.at(x))}\nf′({x:.2f}) = {short_text(function.derivative(x))}"

    def sizeHint(self) -> QSize:
        return QSize(120, 40 if self.sentence else 96)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._function is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = self.font()
        font.setPixelSize(11)
        painter.setFont(font)
        if self.sentence:
            painter.setPen(QColor(current_theme().muted))
            flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.rect(), flags, self.sentence)
        else:
            self._paint_curves(painter, self._function)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        QToolTip.showText(event.globalPosition().toPoint(), self.words_at(event.position().x()), self)

    def _area(self) -> QRectF:
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5 - _legend_height)
        return frame.adjusted(_margin, _margin, -_margin, -_margin)

    def _paint_curves(self, painter: QPainter, function: ActivationFunction) -> None:
        theme = current_theme()
        value, derivative = curves_of(function)
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5 - _legend_height)
        painter.setPen(QColor(theme.border))
        painter.drawRoundedRect(frame, 4, 4)
        heights = [y for _, y in (*value, *derivative)]
        low, high = min(0.0, *heights), min(max(1.0, *heights), _highest)
        area = self._area()
        across, up = area.width() / (2 * limit), area.height() / (high - low)

        def place(x: float, y: float) -> QPointF:
            return QPointF(area.left() + (x + limit) * across, area.bottom() - (y - low) * up)

        painter.setPen(QColor(theme.grid))
        painter.drawLine(place(-limit, 0), place(limit, 0))
        painter.drawLine(place(0, low), place(0, high))
        painter.save()
        painter.setClipRect(frame.adjusted(1, 1, -1, -1))
        solid, dashed = _pens()
        for curve, pen in ((derivative, dashed), (value, solid)):
            painter.setPen(pen)
            painter.drawPolyline(QPolygonF([place(x, y) for x, y in curve]))
        painter.restore()
        self._paint_legend(painter, frame, low, high)

    def _paint_legend(self, painter: QPainter, frame: QRectF, low: float, high: float) -> None:
        solid, dashed = _pens()
        y = frame.bottom() + _legend_height / 2 + 1
        x = frame.left()
        for pen, words in ((solid, "f"), (dashed, "f′")):
            painter.setPen(pen)
            painter.drawLine(QPointF(x, y), QPointF(x + 14, y))
            painter.setPen(QColor(current_theme().muted))
            painter.drawText(QPointF(x + 18, y + 4), words)
            x += 38
        painter.setPen(QColor(current_theme().muted))
        span = f"{short_text(math.floor(low * 10) / 10)} … {short_text(math.ceil(high * 10) / 10)}".replace("-", "−")
        painter.drawText(
            QRectF(x, y - 8, frame.right() - x, 16), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, span
        )


def _pens() -> tuple[QPen, QPen]:
    theme = current_theme()
    dashed = QPen(QColor(theme.validation), 1.5, Qt.PenStyle.CustomDashLine)
    dashed.setDashPattern([2.5, 2])
    return QPen(QColor(theme.accent), 2), dashed
