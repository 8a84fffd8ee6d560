"""Where a plot is seen: shows the picture in a figure's buffer, and draws nothing of its own accord."""

from collections.abc import Callable

from matplotlib.backends.backend_qtagg import FigureCanvasQTAgg
from matplotlib.figure import Figure
from PySide6.QtCore import QPoint
from PySide6.QtGui import QImage, QPainter, QPaintEvent


class Canvas(FigureCanvasQTAgg):  # type: ignore[misc]  # matplotlib's Qt classes have no types
    """A canvas on which whoever owns it draws, on a clock of their own; `complete` is called before what was drawn is shown.

    matplotlib's own draws everything anew, which takes 30 ms and more, whenever it is resized or shown.
    """

    def __init__(self, figure: Figure, complete: Callable[[], None]) -> None:
        super().__init__(figure)
        self._complete = complete

    def picture(self) -> QImage:
        """The figure's buffer, not a copy; it is opaque, which Qt need not find out."""
        buffer = self.get_renderer().buffer_rgba()
        height, width = buffer.shape[:2]
        return QImage(buffer, width, height, 4 * width, QImage.Format.Format_RGBX8888)

    def draw_idle(self, *arguments: object, **options: object) -> None:
        """Nothing: matplotlib wishes to draw, and the owner knows when."""

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.width() < 1 or self.height() < 1:
            return
        self._complete()
        picture = self.picture()
        picture.setDevicePixelRatio(self.device_pixel_ratio)
        QPainter(self).drawImage(QPoint(0, 0), picture)
