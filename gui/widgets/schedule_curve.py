"""The learning rate over the steps of a run, as the schedule will have it."""

from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from gui.theme import current_theme
from gui.widgets.chart import Axis, Chart, area_in, text_pixels
from gui.widgets.numbers import short_text
from models.experiment.counting import grouped
from models.experiment.schedules import Schedule, rate
from models.experiment.training import Training

_points = 240
_decades = 100.0
"""A logarithmic axis shows what spans more than this factor."""
_floor = 1e-6
"""Learning rates below this share of the highest are drawn at the lower edge of a logarithmic axis."""


@dataclass(frozen=True)
class Course:
    """What decides the learning rate of every step."""

    schedule: Schedule | None
    warmup_steps: int | None
    base: float
    """The optimizer's own learning rate."""
    total: int
    """Steps of the run."""

    def rate(self, step: int) -> float:
        """The learning rate of the step with this number, counted from 1."""
        return rate(self.schedule, self.warmup_steps, step - 1, self.total, self.base)


def course_of(training: Training, total: int) -> Course | None:
    """The course of a run of `total` steps; none where the learning rate stays as it is."""
    if training.schedule is None and not training.warmup_steps:
        return None
    return Course(training.schedule, training.warmup_steps, training.optimizer.learning_rate, total)


@lru_cache(maxsize=64)
def points_of(course: Course) -> tuple[tuple[int, float], ...]:
    """(number of the step, learning rate) from the first step to the last, every step of a short run."""
    count = min(_points, course.total)
    steps = sorted({1 + round((course.total - 1) * index / max(count - 1, 1)) for index in range(count)})
    return tuple((step, course.rate(step)) for step in steps)


def rate_axis(rates: tuple[float, ...]) -> Axis:
    """The axis for these rates: logarithmic where a tenth of the run or more lies over two decades below the highest."""
    low, high = min(rates), max(rates)
    if sorted(rates)[len(rates) // 10] * _decades < high:
        return Axis(max(min((rate for rate in rates if rate > 0), default=high), _floor * high), high, logarithmic=True)
    return Axis(low, high) if low < high else Axis(0.0, high)


class ScheduleCurve(QWidget):
    """Draws the learning rate over the steps, and marks the present one while a run goes on."""

    def __init__(self) -> None:
        super().__init__()
        self._course: Course | None = None
        self._step: int | None = None
        font = QFont(self.font())
        font.setPixelSize(text_pixels)
        self._small = font
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Learning rate over the steps of the run")
        self.hide()

    @property
    def course(self) -> Course | None:
        """What is drawn."""
        return self._course

    @property
    def step(self) -> int | None:
        """The step that is marked, counted from 1."""
        return self._step

    @property
    def sentence(self) -> str:
        """What stands in place of a curve."""
        if self._course is not None and self._course.total < 1:
            return "No curve: how many steps the run has is not known."
        return ""

    def set_course(self, course: Course | None) -> None:
        """Draw `course`; none draws nothing and takes no room."""
        if course != self._course:
            self._course = course
            self.setVisible(course is not None)
            self.setAccessibleDescription(course_words(course) if course and not self.sentence else self.sentence)
            self.updateGeometry()
            self.update()

    def set_step(self, step: int | None) -> None:
        """Mark the step that was taken last; none marks nothing."""
        if step != self._step:
            self._step = step
            self.update()

    def chart(self) -> Chart:
        """Where what is drawn."""
        assert self._course is not None
        axis = rate_axis(tuple(rate for _, rate in points_of(self._course)))
        texts = (short_text(axis.low), short_text(axis.high))
        area = area_in(QRectF(self.rect()), QFontMetricsF(self._small), texts)
        return Chart(area, Axis(1, self._course.total), axis)

    def words_at(self, across: float) -> str:
        """Step and learning rate at a horizontal position in the widget; empty where there is no curve."""
        if self._course is None or self.sentence:
            return ""
        step = round(self.chart().x_at(across))
        return f"step {grouped(step)}: {short_text(self._course.rate(step))}"

    def sizeHint(self) -> QSize:
        return QSize(160, 20 if self.sentence else 92)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._course is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._small)
        if self.sentence:
            painter.setPen(QColor(current_theme().muted))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap, self.sentence)
        else:
            self._paint(painter, self._course)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        QToolTip.showText(event.globalPosition().toPoint(), self.words_at(event.position().x()), self)

    def _paint(self, painter: QPainter, course: Course) -> None:
        theme, chart = current_theme(), self.chart()
        y_texts = (short_text(chart.y.low), short_text(chart.y.high))
        chart.paint_frame(painter, ("1", "step", grouped(course.total)), y_texts)
        if chart.y.logarithmic:
            corner = chart.area.adjusted(6, 3, -6, -3)
            painter.drawText(corner, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop, "log")
        chart.paint_curve(painter, points_of(course), QPen(QColor(theme.accent), 1.8))
        if self._step is not None and 1 <= self._step <= course.total:
            chart.paint_mark(painter, self._step, course.rate(self._step), theme.validation)


def course_words(course: Course) -> str:
    """The course in words, for those who do not see the curve."""
    points = points_of(course)
    peak_step, peak = max(points, key=lambda point: point[1])
    parts = [f"{short_text(points[0][1])} at step 1"]
    if peak_step not in (1, course.total):
        parts.append(f"{short_text(peak)} at step {grouped(peak_step)}")
    parts.append(f"{short_text(points[-1][1])} at step {grouped(course.total)}")
    name = course.schedule.kind() if course.schedule else "Constant"
    warm = f" after a warm-up of {grouped(course.warmup_steps)} steps" if course.warmup_steps else ""
    return f"{name}{warm}: {', '.join(parts)}."
