"""A first look at data: points, curves, images, sequences and tables, painted by hand."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QSizePolicy, QStackedWidget, QTableView, QWidget

from gui.theme import Theme, current_theme
from gui.widgets.numbers import short_text
from gui.widgets.seen_cells import SeenCells

if TYPE_CHECKING:
    from models.data.prepared import Floats, Numbers
    from models.data.previews import Preview

_margin = 8.0
_label_height = 14.0
_images_in_a_row = 5
_sequences_in_a_row = 2
_Spans = tuple[tuple[float, float], tuple[float, float]]
_AnyIndex = QModelIndex | QPersistentModelIndex


class PreviewView(QStackedWidget):
    """Shows a `Preview` in the way that suits its kind."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Preview of the data")
        self.picture = PreviewPicture()
        self.table = QTableView()
        self.model = TableModel()
        self._set_up_table()
        self.addWidget(self.picture)
        self.addWidget(self.table)

    def show_preview(self, preview: "Preview | None") -> None:
        """Show `preview`; none leaves the place empty."""
        is_table = preview is not None and preview.kind == "table"
        if preview is not None and is_table:
            self.model.show_rows(preview.columns, preview.rows)
            self.table.resizeColumnsToContents()
        self.picture.show_preview(None if is_table else preview)
        self.setCurrentWidget(self.table if is_table else self.picture)

    def sizeHint(self) -> QSize:
        return QSize(200, 190)

    def minimumSizeHint(self) -> QSize:
        return QSize(100, 190)

    def _set_up_table(self) -> None:
        table = self.table
        table.setModel(self.model)
        table.setItemDelegate(SeenCells(table))
        table.setAccessibleName("First rows of the table")
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(22)
        table.horizontalHeader().setMaximumSectionSize(140)
        table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        table.setWordWrap(False)


class TableModel(QAbstractTableModel):
    """The first rows of a table, as text."""

    def __init__(self) -> None:
        super().__init__()
        self._columns: tuple[str, ...] = ()
        self._rows: tuple[tuple[str, ...], ...] = ()

    def show_rows(self, columns: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> None:
        """Show another table; one that is the same keeps its scroll position."""
        if (columns, rows) == (self._columns, self._rows):
            return
        self.beginResetModel()
        self._columns, self._rows = columns, rows
        self.endResetModel()

    def rowCount(self, parent: _AnyIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def columnCount(self, parent: _AnyIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._columns)

    def data(self, index: _AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401
        if not index.isValid() or role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        row = self._rows[index.row()]
        return row[index.column()] if index.column() < len(row) else ""

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401
        wanted = role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole)
        if wanted and orientation == Qt.Orientation.Horizontal and section < len(self._columns):
            return self._columns[section]
        return None


class PreviewPicture(QWidget):
    """Points of the plane, a curve, thumbnails of images, or sequences as lines."""

    def __init__(self) -> None:
        super().__init__()
        self._preview: Preview | None = None
        self._images: list[QImage] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    @property
    def preview(self) -> "Preview | None":
        """What is drawn."""
        return self._preview

    def show_preview(self, preview: "Preview | None") -> None:
        """Draw `preview`; none draws nothing."""
        self._preview = preview
        self._images = []
        if preview is not None and preview.images is not None:
            self._images = [as_image(pixels) for pixels in preview.images]
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._preview is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = self.font()
        font.setPixelSize(11)
        painter.setFont(font)
        if self._images:
            self._paint_images(painter, self._preview)
        elif self._preview.kind == "curve":
            self._paint_curve(painter, self._preview)
        elif self._preview.kind == "sequences":
            self._paint_sequences(painter, self._preview)
        else:
            self._paint_points(painter, self._preview)

    def _paint_points(self, painter: QPainter, preview: "Preview") -> None:
        assert preview.points is not None
        assert preview.values is not None
        side = min(self.width(), self.height()) - 1
        frame = QRectF((self.width() - side) / 2, 0.5, side, side)
        place, _ = _scales(preview.points[:, 0], preview.points[:, 1], frame, same_scale=True)
        self._paint_frame(painter, frame, place)
        colour = _colours(preview, current_theme())
        outline = QPen(QColor(current_theme().card), 0.6)
        for (x, y), value in zip(preview.points.tolist(), preview.values.tolist(), strict=True):
            painter.setPen(outline)
            painter.setBrush(colour(value))
            painter.drawEllipse(place(x, y), 2.6, 2.6)

    def _paint_curve(self, painter: QPainter, preview: "Preview") -> None:
        assert preview.points is not None
        assert preview.values is not None
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        place, spans = _scales(preview.points[:, 0], preview.values, frame, same_scale=False)
        self._paint_frame(painter, frame, place)
        pairs = sorted(zip(preview.points[:, 0].tolist(), preview.values.tolist(), strict=True))
        line = QColor(current_theme().accent)
        line.setAlphaF(0.45)
        painter.setPen(QPen(line, 1))
        painter.drawPolyline(QPolygonF([place(x, y) for x, y in pairs]))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(current_theme().accent))
        for x, y in pairs:
            painter.drawEllipse(place(x, y), 1.8, 1.8)
        painter.setPen(QColor(current_theme().muted))
        inner = frame.adjusted(6, 3, -6, -3)
        (_, _), (low, high) = spans
        painter.drawText(inner, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, short_text(high))
        painter.drawText(inner, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, short_text(low))

    def _paint_sequences(self, painter: QPainter, preview: "Preview") -> None:
        """A cell for each sequence, all of the same scale, with a line for each number of its steps."""
        sequences = preview.sequences
        assert sequences is not None
        count, steps, features = sequences.shape
        width, height = self.width() / _sequences_in_a_row, self.height() / -(-count // _sequences_in_a_row)
        spans = ((0.0, float(max(steps - 1, 1))), _span(float(sequences.min()), float(sequences.max())))
        for index, sequence in enumerate(sequences):
            left, top = index % _sequences_in_a_row * width, index // _sequences_in_a_row * height
            frame = QRectF(left + 0.5, top + 0.5, width - 5, height - _label_height - 3)
            place = _placing(spans, frame)
            self._paint_frame(painter, frame, place)
            for feature in range(features):
                painter.setPen(QPen(QColor(current_theme().series_colour(feature)), 1.2))
                painter.drawPolyline(QPolygonF([place(step, value) for step, value in enumerate(sequence[:, feature].tolist())]))
            self._paint_label(painter, QRectF(left, frame.bottom() + 1, width - 5, _label_height), preview.labels[index])

    def _paint_label(self, painter: QPainter, area: QRectF, text: str) -> None:
        painter.setPen(QColor(current_theme().muted))
        words = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(area.width()))
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, words)

    def _paint_frame(self, painter: QPainter, frame: QRectF, place: Callable[[float, float], QPointF]) -> None:
        theme = current_theme()
        painter.setBrush(QColor(theme.card))
        painter.setPen(QColor(theme.border))
        painter.drawRoundedRect(frame, 4, 4)
        origin = place(0, 0)
        painter.setPen(QColor(theme.grid))
        if frame.left() < origin.x() < frame.right():
            painter.drawLine(QPointF(origin.x(), frame.top() + 1), QPointF(origin.x(), frame.bottom() - 1))
        if frame.top() < origin.y() < frame.bottom():
            painter.drawLine(QPointF(frame.left() + 1, origin.y()), QPointF(frame.right() - 1, origin.y()))

    def _paint_images(self, painter: QPainter, preview: "Preview") -> None:
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        rows = -(-len(self._images) // _images_in_a_row)
        cell_width, cell_height = self.width() / _images_in_a_row, self.height() / rows
        for index, image in enumerate(self._images):
            left, top = index % _images_in_a_row * cell_width, index // _images_in_a_row * cell_height
            side = min(cell_width - 6, cell_height - _label_height - 4)
            painter.drawImage(QRectF(left + (cell_width - side) / 2, top, side, side), image)
            self._paint_label(painter, QRectF(left, top + side, cell_width, _label_height), preview.labels[index])


def _scales(x: "Numbers", y: "Numbers", frame: QRectF, same_scale: bool) -> tuple[Callable[[float, float], QPointF], _Spans]:
    """A function from coordinates to places in `frame`, and the spans of both coordinates."""
    spans = (_span(float(x.min()), float(x.max())), _span(float(y.min()), float(y.max())))
    if same_scale:
        reach = max(abs(bound) for span in spans for bound in span)
        spans = ((-reach, reach), (-reach, reach))
    return _placing(spans, frame), spans


def _placing(spans: _Spans, frame: QRectF) -> Callable[[float, float], QPointF]:
    """A function from coordinates within `spans` to places in `frame`."""
    (left, right), (low, high) = spans
    area = frame.adjusted(_margin, _margin, -_margin, -_margin)

    def place(across: float, up: float) -> QPointF:
        return QPointF(
            area.left() + (across - left) / (right - left) * area.width(),
            area.bottom() - (up - low) / (high - low) * area.height(),
        )

    return place


def _span(low: float, high: float) -> tuple[float, float]:
    return (low, high) if high > low else (low - 1, low + 1)


def _colours(preview: "Preview", theme: Theme) -> Callable[[float], QColor]:
    """Colour of a value: the class's own, or for targets between the two class colours."""
    assert preview.values is not None
    if preview.class_counts:
        return lambda value: QColor(theme.class_colour(int(value)))
    reach = float(abs(preview.values).max()) or 1.0
    low, high, middle = (QColor(name) for name in (theme.class_colour(0), theme.class_colour(1), theme.strong_border))

    def between(value: float) -> QColor:
        share, end = min(abs(value) / reach, 1.0), high if value > 0 else low
        return QColor.fromRgbF(
            middle.redF() + share * (end.redF() - middle.redF()),
            middle.greenF() + share * (end.greenF() - middle.greenF()),
            middle.blueF() + share * (end.blueF() - middle.blueF()),
        )

    return between


def as_image(pixels: "Floats") -> QImage:
    """(height, width, channels) from 0 to 1 as an image: one channel from black to white, as elsewhere."""
    height, width, channels = pixels.shape
    data = (pixels * 255).round().astype("uint8").tobytes()
    form = QImage.Format.Format_Grayscale8 if channels == 1 else QImage.Format.Format_RGB888
    # The copy owns its pixels; the original only borrows `data`.
    return QImage(data, width, height, width * channels, form).copy()
