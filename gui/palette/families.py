"""The families of layers beside the catalogue."""

from collections.abc import Collection

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from gui.palette.entries import paint_background
from gui.palette.kind_list import blocks_heading
from gui.palette.searching import layer_kinds
from gui.stack.card_places import Fonts
from gui.theme import current_theme, repaint_with_theme
from gui.words import capitalized


class FamilyIndex(QListWidget):
    """The families beside the list, in its order: a click goes to where one begins. Keys need it not: they search."""

    chosen = Signal(str)
    """The heading to go to."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Families of layers")
        self.setItemDelegate(_FamilyDelegate(self))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSelectionMode(QListWidget.SelectionMode.NoSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self.itemClicked.connect(self._choose)
        for family in (*dict.fromkeys(kind.family for kind in layer_kinds()), blocks_heading):
            self.addItem(family)
        self.setFixedWidth(round(9.5 * Fonts.like(self.font()).em))
        repaint_with_theme(self.viewport().update)

    def show_families(self, families: Collection[str]) -> None:
        """Let only these be gone to; the others stay where they are, so that nothing moves while one types."""
        for row in range(self.count()):
            item = self.item(row)
            there = item.text() in families
            item.setFlags(Qt.ItemFlag.ItemIsEnabled if there else Qt.ItemFlag.NoItemFlags)

    def _choose(self, item: QListWidgetItem) -> None:
        if item.flags():  # Qt tells of clicks on what is disabled, too
            self.chosen.emit(item.text())


class _FamilyDelegate(QStyledItemDelegate):
    """A family's name beside its colour."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(60, round(1.9 * Fonts.like(option.font).em))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        theme, fonts, family = current_theme(), Fonts.like(option.font), index.data()
        there = bool(index.flags())
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if there:
            paint_background(painter, option)
        place = QRectF(option.rect)
        bar = QRectF(place.x() + 4, place.y() + 0.4 * fonts.em, 3, place.height() - 0.8 * fonts.em)
        colour = next((colour for name, colour in theme.families.items() if name == family), theme.muted)
        painter.fillRect(bar, QColor(colour if there else theme.border))
        painter.setFont(fonts.small)
        painter.setPen(QColor(theme.text if there else theme.disabled))
        words = place.adjusted(0.4 * fonts.em + 10, 0, 0, 0)
        painter.drawText(words, int(Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine), capitalized(family))
        painter.restore()
