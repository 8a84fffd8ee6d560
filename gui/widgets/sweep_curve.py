"""The loss over the learning rate, as a search for a learning rate saw it."""

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from gui.theme import current_theme
from gui.widgets.chart import Axis, Chart, area_in, text_pixels
from gui.widgets.numbers import short_text
from models.telemetry.sweep import Sweep, highest, lowest

Points = list[tuple[float, float]]
_most_ticks = 8


class SweepCurve(QWidget):
    """Draws the loss of every step pale and its running mean strong, and marks the suggested learning rate."""

    def __init__(self) -> None:
        super().__init__()
        self._sweep: Sweep | None = None
        self._low, self._high = lowest, highest
        font = QFont(self.font())
        font.setPixelSize(text_pixels)
        self._small = font
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Loss over the learning rate")

    @property
    def sweep(self) -> Sweep | None:
        """What is drawn."""
        return self._sweep

    def set_limits(self, low: float, high: float) -> None:
        """Let the axis of learning rates go from `low` to `high`."""
        self._low, self._high = low, high
        self.update()

    def set_sweep(self, sweep: Sweep | None) -> None:
        """Draw `sweep`; none draws empty axes."""
        self._sweep = sweep
        self.setAccessibleDescription(sweep.sentence if sweep else "Nothing was measured yet.")
        self.update()

    @property
    def raw(self) -> Points:
        """(learning rate, loss) of every step whose loss is a number."""
        return _finite(self._sweep.rates, self._sweep.losses) if self._sweep else []

    @property
    def smooth(self) -> Points:
        """(learning rate, running mean of the loss)."""
        return _finite(self._sweep.rates, self._sweep.smoothed) if self._sweep else []

    def chart(self) -> Chart:
        """Where what is drawn."""
        axis = loss_axis(self.smooth or self.raw)
        area = area_in(QRectF(self.rect()), QFontMetricsF(self._small), (short_text(axis.low), short_text(axis.high)))
        return Chart(area, Axis(self._low, self._high, logarithmic=True), axis)

    def words_at(self, across: float) -> str:
        """Learning rate and loss at a horizontal position in the widget; empty where nothing was measured."""
        points = self.smooth
        if not points:
            return ""
        rate = self.chart().x_at(across)
        near, loss = min(points, key=lambda point: abs(math.log(point[0] / rate)))
        return f"learning rate {short_text(near)}\nloss {short_text(loss)}"

    def sizeHint(self) -> QSize:
        return QSize(460, 260)

    def minimumSizeHint(self) -> QSize:
        return QSize(260, 150)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._small)
        chart, theme = self.chart(), current_theme()
        self._paint_decades(painter, chart)
        texts = (short_text(chart.y.low), short_text(chart.y.high)) if self._sweep else ("", "")
        chart.paint_frame(painter, ("", "", ""), texts)
        pale = QColor(theme.accent)
        pale.setAlphaF(0.38)
        chart.paint_curve(painter, self.raw, QPen(pale, 1))
        chart.paint_curve(painter, self.smooth, QPen(QColor(theme.accent), 2))
        self._paint_suggestion(painter, chart)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        QToolTip.showText(event.globalPosition().toPoint(), self.words_at(event.position().x()), self)

    def _paint_decades(self, painter: QPainter, chart: Chart) -> None:
        first, last = math.ceil(math.log10(self._low) - 1e-9), math.floor(math.log10(self._high) + 1e-9)
        leap = -(-(last - first + 1) // _most_ticks)
        theme = current_theme()
        for power in range(first, last + 1, leap):
            x = chart.place(10.0**power, chart.y.low).x()
            painter.setPen(QColor(theme.grid))
            painter.drawLine(QPointF(x, chart.area.top()), QPointF(x, chart.area.bottom()))
            painter.setPen(QColor(theme.muted))
            box = QRectF(x - 30, chart.area.bottom() + 1, 60, 15)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, short_text(10.0**power))

    def _paint_suggestion(self, painter: QPainter, chart: Chart) -> None:
        suggestion = self._sweep.suggestion if self._sweep else None
        points = self.smooth
        if suggestion is None or not points:
            return
        rates, losses = zip(*points, strict=True)
        loss = float(np.interp(math.log(suggestion), np.log(rates), losses))
        chart.paint_mark(painter, suggestion, loss, current_theme().validation)


def loss_axis(points: Points) -> Axis:
    """From a little below the lowest loss to some way above the first: where the loss explodes, nothing is to be read."""
    if not points:
        return Axis(0.0, 1.0)
    losses = [loss for _, loss in points]
    low, first = min(losses), losses[0]
    span = max(first - low, 0.05 * abs(first), 1e-12)
    return Axis(low - 0.15 * span, max(first, low) + 0.6 * span)


def _finite(rates: NDArray[np.float64], losses: NDArray[np.float64]) -> Points:
    kept = np.isfinite(losses)
    return list(zip(rates[kept].tolist(), losses[kept].tolist(), strict=True))
