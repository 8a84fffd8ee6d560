"""A small picture of a block: a bar for each layer in the colour of its family, branches side by side."""

from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from gui.theme import Theme
from models.experiment.experiment import Network


@dataclass(frozen=True)
class Spot:
    """Where a layer stands: its step from the input, its place among those of that step, and how many those are."""

    step: int
    place: int
    beside: int


@lru_cache(maxsize=200)
def spots(layers: Network) -> tuple[Spot, ...]:
    """Where each layer stands: a step below the last of those that it reads."""
    steps: list[int] = []
    for read in reads(layers):
        steps.append(1 + max((steps[index] for index in read), default=-1))
    places = [steps[:index].count(step) for index, step in enumerate(steps)]
    return tuple(Spot(step, place, steps.count(step)) for step, place in zip(steps, places, strict=True))


@lru_cache(maxsize=200)
def reads(layers: Network) -> tuple[tuple[int, ...], ...]:
    """For each layer the positions of those in the block that it reads."""
    positions: dict[str, int] = {}
    found = []
    for index, layer in enumerate(layers):
        named = tuple(positions[name] for name in layer.inputs if name in positions)
        found.append(named if layer.inputs else tuple(range(max(index - 1, 0), index)))
        positions[layer.name] = index
    return tuple(found)


def draw_block(painter: QPainter, place: QRectF, layers: Network, theme: Theme) -> None:
    """Draw the picture of `layers` into `place`, the first on top."""
    found = spots(layers)
    count = 1 + max(spot.step for spot in found)
    height = min(place.height() / count, 0.3 * place.width())
    top = place.center().y() - height * count / 2
    bars = [_bar(spot, place, top, height) for spot in found]
    painter.save()
    painter.setPen(QPen(QColor(theme.strong_border), 1))
    for bar, read in zip(bars, reads(layers), strict=True):
        for index in read:
            painter.drawLine(QPointF(bars[index].center().x(), bars[index].bottom()), QPointF(bar.center().x(), bar.top()))
    painter.setPen(Qt.PenStyle.NoPen)
    for bar, layer in zip(bars, layers, strict=True):
        painter.setBrush(QColor(theme.families[layer.family]))
        painter.drawRoundedRect(bar, 1, 1)
    painter.restore()


def _bar(spot: Spot, place: QRectF, top: float, height: float) -> QRectF:
    column = place.width() / spot.beside
    width = min(column * 0.8, 0.6 * place.width())
    centre = place.x() + (spot.place + 0.5) * column
    return QRectF(centre - width / 2, top + spot.step * height, width, max(1.5, 0.6 * height))
