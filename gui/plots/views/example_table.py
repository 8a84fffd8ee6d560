"""The examples as rows of a table, made only as far as they are looked at."""

import math
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QColor, QImage

from gui.theme import Theme
from gui.widgets.preview import as_image
from models.data.survey import Survey

picture_side = 32
"""Pixels of the longer side of a small picture."""

mark_side = 9
"""Pixels of the square in the colour of a class."""
rows_measured = 100
"""Rows that are looked at to see how long the texts of a column are; the tool tip has longer ones whole."""
least_measured, cells_measured = 10, 4000
"""Rows that are looked at in any case, and cells in all of a table with many columns."""

_AnyIndex = QModelIndex | QPersistentModelIndex
_Role = Qt.ItemDataRole
_left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class ExampleTable(QAbstractTableModel):
    """One row for each example: which side of the split it is on, what belongs to it, its picture if it is one, its numbers."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._survey: Survey | None = None

    def show_survey(self, survey: Survey | None) -> None:
        """Show these examples; none empties the table."""
        self.beginResetModel()
        self._survey = survey
        self.endResetModel()

    def set_theme(self, theme: Theme) -> None:
        """Mark classes in the colours of `theme`."""
        self._theme = theme

    @property
    def has_pictures(self) -> bool:
        """Whether the third column holds pictures in place of numbers."""
        return self._survey is not None and self._survey.images is not None

    def rowCount(self, parent: _AnyIndex | None = None) -> int:
        return len(self._survey) if self._survey is not None and not (parent is not None and parent.isValid()) else 0

    def columnCount(self, parent: _AnyIndex | None = None) -> int:
        if self._survey is None or (parent is not None and parent.isValid()):
            return 0
        return 3 if self.has_pictures else 2 + len(self._survey.features)

    def data(self, index: _AnyIndex, role: int = _Role.DisplayRole) -> Any:  # noqa: ANN401
        survey = self._survey
        if survey is None or not index.isValid():
            return None
        row, column = index.row(), index.column()
        if role == _Role.DecorationRole:
            return self._mark(survey, row, column)
        if role == _Role.TextAlignmentRole:
            return self._alignment(column)
        return self.text(row, column) if role in (_Role.DisplayRole, _Role.ToolTipRole) else None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole) -> Any:  # noqa: ANN401
        if self._survey is None:
            return None
        if role == _Role.TextAlignmentRole:
            return self._alignment(section) if orientation == Qt.Orientation.Horizontal else _right
        if role not in (_Role.DisplayRole, _Role.ToolTipRole):
            return None
        return f"{section + 1}" if orientation == Qt.Orientation.Vertical else self._heads[section]

    def text(self, row: int, column: int) -> str:
        """What a cell says."""
        survey = self._survey
        assert survey is not None
        if column == 0:
            return survey.side(row)
        if column == 1:
            text = survey.examples.target_text(row)
            return text.replace("-", "−") if survey.targets else text
        return "" if self.has_pictures else _number(survey.feature(row, column - 2))

    def longest_texts(self) -> list[tuple[str, ...]]:
        """For each column its head and what is about as long as any of its cells, to see how wide it has to be."""
        survey = self._survey
        if survey is None:
            return []
        columns = range(1, self.columnCount())
        rows = range(min(len(survey), rows_measured, max(least_measured, cells_measured // len(columns))))
        target, *features = (max((self.text(row, column) for row in rows), key=len, default="") for column in columns)
        names = survey.examples.class_names if survey.classes is not None else ()
        return list(zip(self._heads, ("validation", max((target, *names), key=len), *features), strict=True))

    def _alignment(self, column: int) -> Qt.AlignmentFlag:
        """Numbers end below each other, and all else begins there."""
        numbers = column > 1 - bool(self._survey and self._survey.targets) and not (column == 2 and self.has_pictures)
        return _right if numbers else _left

    @property
    def _heads(self) -> tuple[str, ...]:
        assert self._survey is not None
        return "split", self._survey.examples.target_name, *(("picture",) if self.has_pictures else self._survey.features)

    def _mark(self, survey: Survey, row: int, column: int) -> QImage | None:
        """The colour of a class, or a small picture."""
        classes = survey.classes
        if column == 1 and classes is not None:
            square = QImage(mark_side, mark_side, QImage.Format.Format_RGB32)
            square.fill(QColor(self._theme.class_colour(int(survey.examples.y[row]))))
            return square
        if column == 2 and self.has_pictures:
            size = QSize(picture_side, picture_side)
            return as_image(survey.picture(row)).scaled(size, Qt.AspectRatioMode.KeepAspectRatio)
        return None


def _number(value: float) -> str:
    return "missing" if math.isnan(value) else f"{value:.6g}".replace("-", "−")
