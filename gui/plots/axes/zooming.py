"""Zooming and moving a plot with the pointer.

The wheel zooms about the pointer, over the axes in both directions, beside or below them in one. Dragging draws a box that the
axes show afterwards; with the middle button, or with Shift, it moves what they show. A double click brings everything back.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QRubberBand

from gui.plots.axes.canvas import Canvas

Corners = NDArray[np.float64]
"""((left, bottom), (right, top))."""

wheel_factor = 1.25
"""How much larger things get with one notch of the wheel."""
least_box = 6
"""Pixels: a box that is smaller was a click."""


@dataclass(frozen=True)
class Area:
    """What axes show: where they are on the figure, in its pixels, and how to get from there to their numbers."""

    pixels: Corners
    to_numbers: Callable[[Corners], Corners]


class Zooming(QObject):
    """Follows the pointer over a canvas; tells which corners its axes are to show, in their numbers, or none for everything."""

    clicked = Signal(float, float)
    """A place of the axes, in their numbers, was clicked, and no box drawn."""

    def __init__(self, canvas: Canvas, area: Callable[[], Area | None], show: Callable[[Corners | None], None]) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._area = area
        self._show = show
        self._band = QRubberBand(QRubberBand.Shape.Rectangle, canvas)
        self._start = QPoint()
        self._boxed: Area | None = None
        """What the axes show while a box is drawn."""
        self._moved: Area | None = None
        """What the axes showed when moving them began."""
        canvas.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QWheelEvent):
            return self._zoom(event)
        if isinstance(event, QMouseEvent):
            match event.type():
                case QEvent.Type.MouseButtonPress:
                    return self._begin(event)
                case QEvent.Type.MouseMove:
                    return self._drag(event)
                case QEvent.Type.MouseButtonRelease:
                    return self._finish()
                case QEvent.Type.MouseButtonDblClick if event.button() == Qt.MouseButton.LeftButton:
                    self._show(None)
                    return True
        return False

    def _zoom(self, event: QWheelEvent) -> bool:
        area = self._area()
        notches = event.angleDelta().y() / 120
        if area is None or not notches:
            return False
        at = self._figure_pixels(event.position().toPoint())
        (left, bottom), (right, top) = area.pixels
        if at[0] > right or at[1] > top:
            return False
        # Beside the axes only the direction of that side is zoomed.
        directions = np.array([at[0] >= left, at[1] >= bottom])
        factor = np.where(directions | ~directions.any(), wheel_factor**-notches, 1.0)
        self._show(area.to_numbers(at + (area.pixels - at) * factor))
        return True

    def _begin(self, event: QMouseEvent) -> bool:
        area = self._area()
        self._start = event.position().toPoint()
        if area is None or not self._is_inside(area, self._start):
            return False
        moves = event.button() == Qt.MouseButton.MiddleButton or event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        if moves:
            self._moved = area
            self._canvas.setCursor(Qt.CursorShape.ClosedHandCursor)
        elif event.button() == Qt.MouseButton.LeftButton:
            self._boxed = area
        return self._moved is not None or self._boxed is not None

    def _drag(self, event: QMouseEvent) -> bool:
        at = event.position().toPoint()
        if self._moved is not None:
            by = self._figure_pixels(at) - self._figure_pixels(self._start)
            self._show(self._moved.to_numbers(self._moved.pixels - by))
        elif self._boxed is not None:
            self._band.setGeometry(QRect(self._start, at).normalized())
            self._band.setVisible(_is_box(self._band.size()))
        return self._moved is not None or self._boxed is not None

    def _finish(self) -> bool:
        area, moved = self._boxed, self._moved
        self._boxed = self._moved = None
        self._canvas.unsetCursor()
        if area is not None and self._band.isVisible():
            box = self._band.geometry()
            corners = np.array([self._figure_pixels(box.bottomLeft()), self._figure_pixels(box.topRight())])
            self._band.hide()
            self._show(area.to_numbers(np.clip(corners, *area.pixels)))
        elif area is not None:
            self.clicked.emit(*area.to_numbers(self._figure_pixels(self._start)[np.newaxis])[0].tolist())
        return area is not None or moved is not None

    def _is_inside(self, area: Area, at: QPoint) -> bool:
        place = self._figure_pixels(at)
        return bool((area.pixels[0] <= place).all() and (place <= area.pixels[1]).all())

    def _figure_pixels(self, at: QPoint) -> Corners:
        """A place of the widget in pixels of the figure, which count from below and are smaller on a fine screen."""
        ratio = float(self._canvas.device_pixel_ratio)
        return np.array([at.x() * ratio, (self._canvas.height() - at.y()) * ratio])


def _is_box(size: QSize) -> bool:
    return size.width() >= least_box and size.height() >= least_box
