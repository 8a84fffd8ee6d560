"""Paints what stands still in a figure with Qt: axes, grid, ticks and texts.

Of the 30 ms that matplotlib takes for a small figure, 24 go into these; painted by Qt they take 1 ms and look like the window
around them. matplotlib still decides where everything stands, and draws all of it where a figure is saved.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.text import Text
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter


@dataclass(frozen=True)
class Written:
    """A text and the pixels that it takes, with the origin at the upper left."""

    text: str
    place: QRectF


def paint(figure: Figure, picture: QImage, font: QFont) -> tuple[Written, ...]:
    """Paint what is not animated in `figure` over the whole `picture`, texts in the family of `font`; gives what was written."""
    picture.fill(_colour(figure.get_facecolor()))
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
    painting = _Painting(painter, font, picture.height(), figure.dpi / 72)
    for axes in figure.axes:
        if axes.get_visible():
            painting.axes(axes)
    written = painting.texts(figure.texts)
    painter.end()
    return (*painting.written, *written)


class _Painting:
    """One figure while it is painted. Numbers that come from matplotlib count from the lower edge."""

    def __init__(self, painter: QPainter, font: QFont, height: int, point: float) -> None:
        self._painter = painter
        self._font = font
        self._fonts: dict[int, tuple[QFont, QFontMetricsF]] = {}
        self._height = height
        self._point = point
        self.written: list[Written] = []

    def axes(self, axes: Any) -> None:  # noqa: ANN401
        """Everything that belongs to one pair of axes."""
        for patch in axes.patches:
            if _stands_still(patch):
                self._patch(patch, axes.bbox)
        for image in axes.images:
            if _stands_still(image):
                self._image(image, axes.bbox)
        if axes.axison:
            self._ticks(axes)
            self._spines(axes)
        for line in axes.lines:
            if _stands_still(line):
                self._line(line)
        self.written += self.texts(axes.texts)

    def texts(self, texts: Iterable[Text]) -> list[Written]:
        """Those of `texts` that can be seen and stand still."""
        return [self._text(text, *_anchor(text)) for text in texts if _stands_still(text) and text.get_text()]

    def _ticks(self, axes: Any) -> None:  # noqa: ANN401
        box = axes.bbox
        for x, tick in _ticks_of(axes.xaxis):
            place = axes.transData.transform((x, axes.get_ylim()[0]))[0]
            if tick.gridline.get_visible():
                self._rule(place, box.y0, place, box.y1, tick.gridline)
            self._label(tick.label1, place, box.y0 - tick.get_pad() * self._point)
        on_the_right = axes.yaxis.get_ticks_position() == "right"
        for y, tick in _ticks_of(axes.yaxis):
            place = axes.transData.transform((axes.get_xlim()[0], y))[1]
            if tick.gridline.get_visible():
                self._rule(box.x0, place, box.x1, place, tick.gridline)
            if on_the_right:
                self._label(tick.label2, box.x1 + tick.get_pad() * self._point, place)
            else:
                self._label(tick.label1, box.x0 - tick.get_pad() * self._point, place)
        for axis in (axes.xaxis, axes.yaxis):
            self.written += self.texts([axis.label])

    def _label(self, label: Text, x: float, y: float) -> None:
        if label.get_visible() and label.get_text():
            self.written.append(self._text(label, x, y))

    def _spines(self, axes: Any) -> None:  # noqa: ANN401
        box = axes.bbox
        ends = {
            "left": (box.x0, box.y0, box.x0, box.y1),
            "bottom": (box.x0, box.y0, box.x1, box.y0),
            "right": (box.x1, box.y0, box.x1, box.y1),
            "top": (box.x0, box.y1, box.x1, box.y1),
        }
        for name, place in ends.items():
            if axes.spines[name].get_visible():
                self._fill(*place, axes.spines[name].get_linewidth(), axes.spines[name].get_edgecolor())

    def _line(self, line: Any) -> None:  # noqa: ANN401
        """A line that runs along an axis."""
        (x0, y0), (x1, y1) = line.get_transform().transform(line.get_xydata())[[0, -1]]
        self._rule(x0, y0, x1, y1, line)

    def _rule(self, x0: float, y0: float, x1: float, y1: float, line: Any) -> None:  # noqa: ANN401
        self._fill(x0, y0, x1, y1, line.get_linewidth(), line.get_color())

    def _fill(self, x0: float, y0: float, x1: float, y1: float, points: float, colour: object) -> None:
        """A sharp horizontal or vertical line, as whole pixels."""
        thick = max(1, round(points * self._point))
        left, top = round(x0 - thick / 2), round(self._height - y1 - thick / 2)
        self._painter.fillRect(left, top, max(thick, round(x1 - x0)), max(thick, round(y1 - y0)), _colour(colour))

    def _patch(self, patch: Any, box: Any) -> None:  # noqa: ANN401
        """A rectangle, as far as it lies within its axes."""
        (x0, y0), (x1, y1) = np.clip(patch.get_window_extent().get_points(), box.min, box.max)
        self._painter.fillRect(QRectF(x0, self._height - y1, x1 - x0, y1 - y0), _colour(patch.get_facecolor()))

    def _image(self, image: Any, box: Any) -> None:  # noqa: ANN401
        """A picture that fills its axes, its first row at the bottom."""
        pixels = np.asarray(image.get_array())[::-1, :, :3]
        if pixels.dtype != np.uint8:
            pixels = 255 * pixels + 0.5
        pixels = np.ascontiguousarray(pixels, dtype=np.uint8)
        rows, columns = pixels.shape[:2]
        source = QImage(pixels.data, columns, rows, 3 * columns, QImage.Format.Format_RGB888)
        self._painter.drawImage(QRectF(box.x0, self._height - box.y1, box.width, box.height), source)

    def _text(self, text: Text, x: float, y: float) -> Written:
        """Write `text` at (x, y), which is the point that matplotlib aligns it to."""
        painter = self._painter
        font, metrics = self._sized(round(float(text.get_fontsize()) * self._point))
        size = metrics.size(0, text.get_text())
        left = {"left": 0.0, "center": -0.5, "right": -1.0}[text.get_horizontalalignment()] * size.width()
        top = {"top": 0.0, "bottom": -1.0}.get(text.get_verticalalignment(), -0.5) * size.height()
        box = QRectF(QPointF(left, top), size)
        painter.save()
        painter.translate(x, self._height - y)
        painter.rotate(-text.get_rotation())
        if (patch := text.get_bbox_patch()) is not None:
            painter.fillRect(box.adjusted(-4, -4, 4, 4), _colour(patch.get_facecolor()))
        painter.setFont(font)
        painter.setPen(_colour(text.get_color()))
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextDontClip), text.get_text())
        place = painter.transform().mapRect(box)
        painter.restore()
        return Written(text.get_text(), place)

    def _sized(self, pixels: int) -> tuple[QFont, QFontMetricsF]:
        """The font so high, and its measures; finding them out takes longer than painting a text."""
        if pixels not in self._fonts:
            font = QFont(self._font)
            font.setPixelSize(pixels)
            self._fonts[pixels] = font, QFontMetricsF(font)
        return self._fonts[pixels]


def _ticks_of(axis: Any) -> Iterator[tuple[float, Any]]:  # noqa: ANN401
    positions = axis.get_ticklocs()
    yield from zip(positions, axis.get_major_ticks(len(positions)), strict=True)


def _anchor(text: Text) -> tuple[float, float]:
    x, y = text.get_transform().transform(text.get_unitless_position())
    return float(x), float(y)


def _stands_still(artist: Any) -> bool:  # noqa: ANN401
    return bool(artist.get_visible() and not artist.get_animated())


def _colour(colour: Any) -> QColor:  # noqa: ANN401
    return QColor.fromRgbF(*to_rgba(colour))
