"""A slider over the steps of a run that stops where one can go back to."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QSlider, QStyle, QStyleOptionSlider, QToolTip

from gui.theme import current_theme

_positions = 10_000
_page = 10
"""Moments that a page key goes over."""
_mark_height = 4
_marks_below = 8
"""Pixels from the middle of the groove."""


class MomentSlider(QSlider):
    """From the first step of a run to its newest; its right end is live: the run as it goes on.

    A tick below the groove marks every moment whose weights are kept. Arrow keys go from moment to moment, the page keys over ten
    of them, Home to the first, End to the live end.
    """

    chosen = Signal(object)
    """The step of the moment that a person chose, or none for the live end."""

    def __init__(self, describe: Callable[[int], str]) -> None:
        """`describe` gives the text that is shown at a step while the pointer is there."""
        super().__init__(Qt.Orientation.Horizontal)
        self._describe = describe
        self._moments: tuple[int, ...] = ()
        self._marked: tuple[int, ...] = ()
        self._last = 0
        self._shown: int | None = None
        self.setRange(0, _positions)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.show_moments((), (), 0, None)

    def show_moments(self, moments: Sequence[int], marked: Sequence[int], last: int, shown: int | None) -> None:
        """Offer `moments`, some of them `marked`, of a run of `last` steps so far; at `shown`, or at the live end."""
        self._moments = tuple(step for step in moments if step < last)  # that of the newest step is the live end
        self._marked, self._last = tuple(marked), last
        self._shown = None if shown is None or shown >= last else shown
        self.setEnabled(bool(self._moments))
        live = self._shown is None and bool(self._moments)
        self.setValue(_positions if live else round(_positions * self._share(self._shown or 0)))
        self.update()

    def _share(self, step: int) -> float:
        return step / self._last if self._last else 0.0

    def _choose(self, place: int) -> None:
        """Go to the moment with this number; behind the last one is the live end."""
        step = self._moments[max(place, 0)] if place < len(self._moments) else None
        if step != self._shown:
            self.chosen.emit(step)

    @property
    def _place(self) -> int:
        """Number of the moment that is shown."""
        return len(self._moments) if self._shown is None else sum(step < self._shown for step in self._moments)

    def _place_at(self, x: float) -> int:
        """Number of the moment that is nearest to this pixel; at the live end that of none."""
        steps = [*self._moments, self._last]
        return min(range(len(steps)), key=lambda place: (abs(self._pixel(steps[place]) - x), -place))

    def _pixel(self, step: int) -> float:
        left, width = self._track()
        return left + width * self._share(step)

    def _track(self) -> tuple[float, float]:
        """Left end and length of the way that the middle of the handle can go."""
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        part = QStyle.SubControl
        groove = self.style().subControlRect(QStyle.ComplexControl.CC_Slider, option, part.SC_SliderGroove, self)
        handle = self.style().subControlRect(QStyle.ComplexControl.CC_Slider, option, part.SC_SliderHandle, self)
        return groove.left() + handle.width() / 2, max(groove.width() - handle.width(), 1)

    def _tell(self, x: float, place: QPoint) -> None:
        steps = [*self._moments, self._last]
        QToolTip.showText(place, self._describe(steps[self._place_at(x)]), self)

    def sizeHint(self) -> QSize:
        return QSize(200, 24)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 24)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        top = self.height() / 2 + _marks_below
        for step in self._marked:
            painter.fillRect(QRectF(self._pixel(step) - 0.75, top, 1.5, _mark_height), QColor(theme.strong_border))
        painter.end()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = Qt.Key
        places = {
            keys.Key_Left: self._place - 1,
            keys.Key_Down: self._place - 1,
            keys.Key_Right: self._place + 1,
            keys.Key_Up: self._place + 1,
            keys.Key_PageDown: self._place - _page,
            keys.Key_PageUp: self._place + _page,
            keys.Key_Home: 0,
            keys.Key_End: len(self._moments),
        }
        place = places.get(Qt.Key(event.key()))
        if place is None or not self._moments:
            event.ignore()
            return
        self._choose(place)
        if self._shown is not None:
            self._tell(self._pixel(self._shown), self.mapToGlobal(QPoint(round(self._pixel(self._shown)), 0)))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._moments:
            self.setSliderDown(True)
            self.mouseMoveEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.isSliderDown():
            self._choose(self._place_at(event.position().x()))
            self._tell(event.position().x(), event.globalPosition().toPoint())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.setSliderDown(False)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and self._moments:
            pointer = self.cursor().pos()
            self._tell(self.mapFromGlobal(pointer).x(), pointer)
            return True
        return super().event(event)
