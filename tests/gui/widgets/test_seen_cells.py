"""A cell at the edge of a table is drawn into what can be seen of it."""

import pytest
from PySide6.QtCore import QStringListModel
from PySide6.QtWidgets import QStyleOptionViewItem, QTableView

from gui.widgets.seen_cells import SeenCells


@pytest.fixture
def table(qtbot):
    table = QTableView()
    table.setItemDelegate(SeenCells(table))
    table.setModel(QStringListModel(["1234567.25"]))
    table.horizontalHeader().setMinimumSectionSize(10)
    table.setHorizontalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
    table.resize(150, 100)
    qtbot.addWidget(table)
    table.show()
    return table


def drawn(table):
    """Left and right end of the text's place, in the table."""
    option, index = QStyleOptionViewItem(), table.model().index(0, 0)
    option.rect = table.visualRect(index)
    table.itemDelegate().initStyleOption(option, index)
    return option.rect.left(), option.rect.right()


@pytest.mark.parametrize("scrolled", [0, 20])
def test_a_cell_that_is_wider_than_the_table_ends_where_the_table_does(table, scrolled):
    table.setColumnWidth(0, 400)
    table.horizontalScrollBar().setValue(scrolled)
    assert drawn(table) == (0, table.viewport().width() - 1)


def test_one_that_is_seen_whole_keeps_its_place(table):
    table.setColumnWidth(0, 40)
    assert drawn(table) == (0, 38)
