"""How the curves of earlier runs are told apart, in plots and lists."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from gui.theme import Theme

if TYPE_CHECKING:
    from models.telemetry.history import EarlierRun

pens = {
    "-": Qt.PenStyle.SolidLine,
    "--": Qt.PenStyle.DashLine,
    "-.": Qt.PenStyle.DashDotLine,
    ":": Qt.PenStyle.DotLine,
}
"""Qt's word for each of matplotlib's line styles."""

_colours = (5, 7, 1, 6)
"""Places in the theme's series that no curve of the present run's loss has."""
_styles = ("--", ":", "-.", "-", "--")


@dataclass(frozen=True)
class RunLook:
    """How the curves of one run are drawn."""

    colour: str
    style: str
    """In matplotlib's signs: ``-``, ``--``, ``-.``, ``:``."""


def look_of(run: "EarlierRun", theme: Theme) -> RunLook:
    """How an earlier run is drawn, in a colour that somebody chose or by its number: then it is like that of 20 runs before."""
    place = run.number - 1
    colour = _colours[place % len(_colours)] if run.colour is None else run.colour
    return RunLook(theme.series_colour(colour), _styles[place % len(_styles)])


class Sample(QWidget):
    """A piece of a curve as it is drawn."""

    def __init__(self, look: RunLook) -> None:
        super().__init__()
        self._look = look

    def sizeHint(self) -> QSize:
        return QSize(24, 12)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(QPen(QColor(self._look.colour), 2, pens[self._look.style], Qt.PenCapStyle.FlatCap))
        painter.drawLine(0, self.height() // 2, self.width(), self.height() // 2)
        painter.end()
