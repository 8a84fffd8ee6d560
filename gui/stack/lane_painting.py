"""Draws the lanes beside the cards: a dot for each layer, and a line from it to each layer that reads it."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPainterPathStroker, QPen

from gui.stack.lanes import Edge, Lanes, Line
from gui.theme import Theme

widest_pitch = 0.8
"""Distance of two lanes, in heights of the font, where there is room for it."""
greatest_share = 0.22
"""Of a row's width that lanes may take; where there are many they narrow."""


@dataclass(frozen=True)
class LanePlaces:
    """Where the lanes of a row stand. The first is nearest to the card, since the layers themselves mostly stand there."""

    row: QRectF
    first: float
    """Middle of the first lane."""
    pitch: float
    height: float
    """Of the dots."""
    radius: float

    def x(self, lane: int) -> float:
        """Middle of a lane."""
        return self.first - lane * self.pitch

    def dot(self, lanes: Lanes) -> QPointF:
        """Where the dot of the row's layer is."""
        return QPointF(self.x(lanes.dot), self.height)

    def paths(self, lanes: Lanes) -> Iterator[tuple[Edge, QPainterPath]]:
        """The pieces of the lines inside the row."""
        for line in lanes.above:
            yield line.edge, self._arriving(line, lanes) if line not in lanes.below else self._passing(line)
        for line in lanes.below:
            if line not in lanes.above:
                yield line.edge, self._leaving(line, lanes)

    def _passing(self, line: Line) -> QPainterPath:
        x = self.x(line.lane)
        path = QPainterPath(QPointF(x, self.row.top()))
        path.lineTo(x, self.row.bottom())
        return path

    def _arriving(self, line: Line, lanes: Lanes) -> QPainterPath:
        return _bend(QPointF(self.x(line.lane), self.row.top()), self.dot(lanes))

    def _leaving(self, line: Line, lanes: Lanes) -> QPainterPath:
        return _bend(self.dot(lanes), QPointF(self.x(line.lane), self.row.bottom()))


def lanes_width(row_width: float, count: int, em: float) -> float:
    """Space that `count` lanes take, that between them and the cards included."""
    return lane_pitch(row_width, count, em) * count + 0.25 * em if count else 0.0


def lane_pitch(row_width: float, count: int, em: float) -> float:
    """Distance of two of `count` lanes in a row of this width."""
    return min(widest_pitch * em, greatest_share * row_width / count) if count else 0.0


def lane_places(row: QRectF, card: QRectF, count: int, em: float) -> LanePlaces:
    """Places of `count` lanes in `row`, left of its `card`; of none there is the place of the dot alone, on the card's edge."""
    pitch = lane_pitch(row.width(), count, em)
    first = card.left() - 0.25 * em - pitch / 2 if count else card.left()
    return LanePlaces(row, first, pitch, card.center().y(), min(0.26 * em, max(2.5, 0.4 * pitch)) if count else 0.26 * em)


def edge_at(places: LanePlaces, lanes: Lanes, position: QPointF) -> Edge | None:
    """The edge whose line runs at `position`, the last drawn first; none where no lanes are shown."""
    if not lanes.count:
        return None
    stroker = QPainterPathStroker()
    stroker.setWidth(max(3.0, min(places.pitch, 8.0)))
    pieces = reversed(list(places.paths(lanes)))
    return next((edge for edge, path in pieces if stroker.createStroke(path).contains(position)), None)


def draw_lanes(painter: QPainter, places: LanePlaces, lanes: Lanes, lit: Collection[Edge], chosen: bool, theme: Theme) -> None:
    """Paint the lines of a row and its dot: `lit` are the edges to stand out, `chosen` is whether the layer does."""
    pieces = sorted(places.paths(lanes), key=lambda piece: piece[0] in lit)  # on top of the others
    for edge, path in pieces:
        bright = edge in lit
        # Flat ends, or what runs on in the next row would be drawn twice at the border.
        colour, thickness = (theme.accent, 2.5) if bright else (theme.strong_border, min(1.3, max(0.4, 0.4 * places.pitch)))
        painter.setPen(QPen(QColor(colour), thickness, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
        painter.drawPath(path)
    draw_dot(painter, places, lanes, chosen, theme)


def draw_dot(painter: QPainter, places: LanePlaces, lanes: Lanes, chosen: bool, theme: Theme) -> None:
    """Paint the dot of a row's layer, from which connections can be dragged."""
    painter.setPen(QPen(QColor(theme.card), 1))
    painter.setBrush(QColor(theme.accent if chosen else theme.muted))
    radius = places.radius * (1.3 if chosen else 1)
    painter.drawEllipse(places.dot(lanes), radius, radius)
    painter.setBrush(QColor(0, 0, 0, 0))


def _bend(start: QPointF, end: QPointF) -> QPainterPath:
    path = QPainterPath(start)
    if start.x() == end.x():
        path.lineTo(end)
    else:
        middle = (start.y() + end.y()) / 2
        path.cubicTo(QPointF(start.x(), middle), QPointF(end.x(), middle), end)
    return path
