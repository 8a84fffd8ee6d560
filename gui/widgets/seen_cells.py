"""Cells of a table that say when they are cut off."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QTableView


class SeenCells(QStyledItemDelegate):
    """Draws each cell into what can be seen of it: at the edge of the table a text ends in dots.

    A part of a number would be another number.
    """

    def __init__(self, table: QTableView) -> None:
        super().__init__(table)
        self._table = table

    def initStyleOption(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        super().initStyleOption(option, index)
        place, width = option.rect, self._table.viewport().width()
        option.rect = place.adjusted(max(-place.left(), 0), 0, min(width - 1 - place.right(), 0), 0)
