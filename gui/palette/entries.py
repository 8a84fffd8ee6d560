"""The lines of the catalogue, a kind of layer or a block each, and how they are painted."""

from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from gui.stack.block_picture import draw_block
from gui.stack.card import first_line, kinds_line
from gui.stack.card_places import Fonts
from gui.theme import current_theme
from gui.words import capitalized
from models.experiment.layers.base import Layer
from models.storage.blocks import Kept

EntryRole = int(Qt.ItemDataRole.UserRole)
"""The `Entry` or `BlockEntry` of an item; none for the heading of a family."""
NoteRole = EntryRole + 1
"""Of a sentence that says why something is not in the list: whether that is something to mend."""


@dataclass(frozen=True)
class BlockEntry:
    """A block in the list."""

    kept: Kept
    own: bool
    """Whether it may be renamed and deleted."""

    @property
    def line(self) -> str:
        """What it is for, or of how many layers of which kinds it is made."""
        block = self.kept.block
        return block.description or kinds_line(block.layers)


@dataclass(frozen=True)
class Entry:
    """A kind of layer in the list."""

    kind: type[Layer]
    objection: str = ""
    """Why the kind does not fit where it would be put; empty where it fits."""


class EntryDelegate(QStyledItemDelegate):
    """A heading in small letters, or a kind with its description or the objection to it below."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        em = Fonts.like(option.font).em
        if index.data(NoteRole) is not None:
            return QSize(200, round(3.2 * em))
        return QSize(200, round(2.7 * em if index.data(EntryRole) is not None else 1.9 * em))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        entry: Entry | BlockEntry | None = index.data(EntryRole)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if index.data(NoteRole) is not None:
            _paint_note(painter, option, index.data(), index.data(NoteRole))
        elif entry is None:
            _paint_heading(painter, option, index.data())
        elif isinstance(entry, BlockEntry):
            _paint_block(painter, option, entry)
        else:
            _paint_entry(painter, option, entry)
        painter.restore()


def _paint_heading(painter: QPainter, option: QStyleOptionViewItem, family: str) -> None:
    fonts = Fonts.like(option.font)
    painter.setFont(fonts.tiny)
    painter.setPen(QColor(current_theme().muted))
    place = QRectF(option.rect).adjusted(4, 0, -4, -0.2 * fonts.em)
    painter.drawText(place, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom), family.upper())


def _paint_note(painter: QPainter, option: QStyleOptionViewItem, sentence: str, worrying: bool) -> None:
    fonts = Fonts.like(option.font)
    painter.setFont(fonts.small)
    painter.setPen(QColor(current_theme().warning_text if worrying else current_theme().muted))
    place = QRectF(option.rect).adjusted(0.4 * fonts.em + 10, 0, -0.4 * fonts.em, 0)
    painter.drawText(place, int(Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap), sentence)


def _paint_block(painter: QPainter, option: QStyleOptionViewItem, entry: BlockEntry) -> None:
    """The block's picture in place of a kind's bar, then its words."""
    place, em = QRectF(option.rect), Fonts.like(option.font).em
    paint_background(painter, option)
    picture = QRectF(place.x() + 4, place.y() + 0.25 * em, 2.6 * em, place.height() - 0.5 * em)
    draw_block(painter, picture, entry.kept.block.layers, current_theme())
    words = place.adjusted(picture.right() - place.x() + 0.5 * em, 0.3 * em, -0.4 * em, -0.3 * em)
    _paint_words(painter, option, words, entry.kept.block.name, entry.line, "")


def _paint_entry(painter: QPainter, option: QStyleOptionViewItem, entry: Entry) -> None:
    place, em = QRectF(option.rect), Fonts.like(option.font).em
    paint_background(painter, option)
    bar = QRectF(place.x() + 4, place.y() + 0.4 * em, 3, place.height() - 0.8 * em)
    painter.fillRect(bar, QColor(current_theme().families[entry.kind.family]))
    words = place.adjusted(0.4 * em + 10, 0.3 * em, -0.4 * em, -0.3 * em)
    complaint = capitalized(entry.objection.removeprefix(f"{entry.kind.kind()} "))
    _paint_words(painter, option, words, entry.kind.kind(), first_line(entry.kind), complaint)


def paint_background(painter: QPainter, option: QStyleOptionViewItem) -> None:
    """What lies behind a line that is selected, or under the pointer."""
    theme = current_theme()
    selected = bool(option.state & QStyle.StateFlag.State_Selected)
    if selected or option.state & QStyle.StateFlag.State_MouseOver:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.selection if selected else theme.hover))
        painter.drawRoundedRect(QRectF(option.rect), 4, 4)


def _paint_words(painter: QPainter, option: QStyleOptionViewItem, place: QRectF, title: str, line: str, complaint: str) -> None:
    """A title, and below it the complaint, or else the line."""
    theme, fonts = current_theme(), Fonts.like(option.font)
    selected = bool(option.state & QStyle.StateFlag.State_Selected)
    upper, lower = QRectF(place), QRectF(place)
    upper.setBottom(place.center().y())
    lower.setTop(place.center().y())
    left = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine)
    painter.setFont(fonts.name)
    painter.setPen(QColor(theme.muted if complaint and not selected else theme.text))
    painter.drawText(upper, left, QFontMetricsF(fonts.name).elidedText(title, Qt.TextElideMode.ElideRight, upper.width()))
    painter.setFont(fonts.small)
    painter.setPen(QColor(theme.warning_text if complaint else theme.text if selected else theme.muted))
    elided = QFontMetricsF(fonts.small).elidedText(complaint or line, Qt.TextElideMode.ElideRight, lower.width())
    painter.drawText(lower, left, elided)
