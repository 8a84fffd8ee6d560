"""Where a plot is seen: shows the picture in a figure's buffer, and draws nothing of its own accord."""

from collections.abc import Callable
from typing import ClassVar

from matplotlib.backends.backend_qtagg import FigureCanvasQTAgg
from matplotlib.figure import Figure
from PySide6.QtCore import QPoint, QTimer
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QResizeEvent


class Canvas(FigureCanvasQTAgg):  # type: ignore[misc]  # matplotlib's Qt classes have no types
    """A canvas on which whoever owns it draws, on a clock of their own; `complete` is called before what was drawn is shown.

    It tells whether what was drawn can be shown. Where it cannot, the picture before the last change of size is, stretched.
    matplotlib's own draws everything anew, which takes 30 ms and more, whenever it is resized or shown.
    """

    _in_turn: ClassVar["Canvas | None"] = None
    """The one that was drawn anew while it was painted, since the event loop had its turn."""

    def __init__(self, figure: Figure, complete: Callable[[], bool]) -> None:
        super().__init__(figure)
        self._complete = complete
        self._former: QImage | None = None
        """What to show as long as nothing new is drawn."""
        self._shown = False
        """Whether what is in the buffer was seen."""

    def picture(self) -> QImage:
        """The figure's buffer, not a copy; it is opaque, which Qt need not find out."""
        buffer = self.get_renderer().buffer_rgba()
        height, width = buffer.shape[:2]
        return QImage(buffer, width, height, 4 * width, QImage.Format.Format_RGBX8888)

    def has_turn(self) -> bool:
        """Whether it may be drawn anew while it is painted: one canvas may before the event loop goes on, for it takes long.

        All of them together, as where the window changes its size, would make it stand still.
        """
        if Canvas._in_turn is None:
            Canvas._in_turn = self
            QTimer.singleShot(0, _end_turn)
        return Canvas._in_turn is self

    def forget(self) -> None:
        """Show nothing of what was drawn so far."""
        self._former, self._shown = None, False

    def draw_idle(self, *arguments: object, **options: object) -> None:
        """Nothing: matplotlib wishes to draw, and the owner knows when."""

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.width() < 1 or self.height() < 1:
            return
        if self._complete():
            self._former, self._shown = None, True
            picture = self.picture()
            picture.setDevicePixelRatio(self.device_pixel_ratio)
            QPainter(self).drawImage(QPoint(0, 0), picture)
        else:
            QPainter(self).drawImage(self.rect(), self._former or self._blank())

    def resizeEvent(self, event: QResizeEvent) -> None:
        if self._shown:
            self._former, self._shown = self.picture().copy(), False
        super().resizeEvent(event)

    def _blank(self) -> QImage:
        """A picture of the figure's ground; an image, because the first one that is drawn starts what all others need."""
        picture = QImage(self.size(), QImage.Format.Format_RGBX8888)
        picture.fill(QColor.fromRgbF(*self.figure.get_facecolor()))
        return picture


def _end_turn() -> None:
    Canvas._in_turn = None
