"""The catalogue to choose a layer from: a searchable list, as a popup or as part of a window."""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from html import escape

from PySide6.QtCore import (
    QEvent,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRectF,
    QSize,
    Qt,
    Signal,
    SignalInstance,
)
from PySide6.QtGui import QColor, QFontMetricsF, QHideEvent, QKeyEvent, QPainter, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from gui import clipboard
from gui.blocks import BlockShelf
from gui.stack.block_picture import draw_block
from gui.stack.card import first_line, kinds_line
from gui.stack.card_places import Fonts
from gui.stack.delegate import repaint_with_theme
from gui.theme import application, current_theme
from gui.words import capitalized
from models.experiment.base import Shape
from models.experiment.edits import new_layer
from models.experiment.fields import kinds_in
from models.experiment.layers import AnyLayer
from models.experiment.layers.base import Family, Layer
from models.experiment.layers.left_out import left_out
from models.storage.blocks import Folder, Kept

EntryRole = int(Qt.ItemDataRole.UserRole)
"""The `Entry` or `BlockEntry` of an item; none for the heading of a family."""
NoteRole = EntryRole + 1
"""Of a sentence that says why something is not in the list: whether that is something to mend."""

blocks_heading = "blocks"
fewest_letters = 3
"""Of a query from which on layers of Keras that are left out answer it, with the reason."""

_moves = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


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


def layer_kinds() -> tuple[type[Layer], ...]:
    """The kinds of the catalogue in its order."""
    return tuple(kind for kind in kinds_in(AnyLayer) if issubclass(kind, Layer))


def relevance(kind: type[Layer], query: str) -> int | None:
    """How well `kind` answers `query`, 0 being best; none where a word of `query` is not found in it."""
    scores = [_word_relevance(kind, word) for word in query.lower().split()]
    found = [score for score in scores if score is not None]
    return sum(found) if len(found) == len(scores) else None


def search(query: str) -> dict[type[Layer], int]:
    """The kinds that answer `query` and how well; where none does, those in whose name its letters follow each other."""
    kinds = layer_kinds()
    found = {kind: score for kind in kinds if (score := relevance(kind, query)) is not None}
    letters = re.compile(".*".join(map(re.escape, query.lower().replace(" ", ""))))
    return found or {kind: 0 for kind in kinds if letters.search(kind.kind().lower())}


def block_answers(kept: Kept, query: str) -> bool:
    """Whether each word of `query` is in the block's name, in what it is for, or in a kind of its layers."""
    block = kept.block
    text = " ".join(("block", block.name, block.description, *(layer.kind() for layer in block.layers))).lower()
    return all(word in text for word in query.lower().split())


def reasons(query: str) -> tuple[str, ...]:
    """Why layers of Keras in whose names each word of `query` is are not in the catalogue, a sentence each."""
    words = query.lower().split()
    if not any(len(word) >= fewest_letters for word in words):
        return ()
    return tuple(
        f"{name} is not offered: {reason}." for name, reason in left_out.items() if all(word in name.lower() for word in words)
    )


def objection(kind: type[Layer], shape: Shape | None) -> str:
    """Why a new layer of this kind would not accept an input of `shape`; empty where it would, or the shape is not known."""
    if shape is None:
        return ""
    complaints = new_layer(kind).complaints_of((shape,) * kind.least_inputs)
    return next((complaint.sentence for complaint in complaints if complaint.severity == "error"), "")


class Palette(QFrame):
    """A search field above the catalogue: part of a window, or lying over it for one choice (`popup`).

    The popup is no window of its own, because some desktops neither place those nor let things be dragged out of them.
    """

    chosen = Signal(object)
    """The class of the layer to add, or the `Block`."""
    rename_requested = Signal(object)
    """The `Kept` block that is to get another name."""
    delete_requested = Signal(object)
    """The `Kept` block that is to be deleted."""
    dismissed = Signal()
    """A person left the popup without a choice, by Esc or by dragging a kind out of it."""

    def __init__(self, parent: QWidget | None = None, popup: bool = False, shelf: BlockShelf | None = None) -> None:
        super().__init__(parent)
        self._is_popup = popup
        self._shelf = shelf
        self.setVisible(not popup)
        if popup:
            self.setProperty("role", "panel")
            application().focusChanged.connect(self._notice_focus)
        self.setAccessibleName("Layers to add")
        self.search_field = QLineEdit()
        self.search_field.setPlaceholderText("Search layers and blocks: conv, bn, noise …")
        self.search_field.setAccessibleName("Search layers")
        self.search_field.setClearButtonEnabled(True)
        self.search_field.installEventFilter(self)
        self.kinds = KindList()
        self.families = FamilyIndex()
        lists = QHBoxLayout()
        lists.setSpacing(8)
        lists.addWidget(self.families)
        lists.addWidget(self.kinds, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.addWidget(self.search_field)
        layout.addLayout(lists)
        self.setFocusProxy(self.search_field)
        self.families.chosen.connect(self.kinds.go_to)
        self.search_field.textChanged.connect(self._filter)
        self._filter("")
        self.kinds.itemDoubleClicked.connect(self._choose)
        self.kinds.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.kinds.customContextMenuRequested.connect(self._show_menu)
        self.kinds.drag_started.connect(self._make_way)

    def set_incoming(self, shape: Shape | None) -> None:
        """Mark the kinds that would not accept an input of `shape`; none, where it is not known, marks nothing."""
        self.kinds.set_incoming(shape)

    def read_blocks(self) -> None:
        """Show the blocks as they are now."""
        if self._shelf is not None:
            self.kinds.set_blocks(self._shelf.read(), self._shelf.is_own)
            self._filter(self.search_field.text())

    def open_at(self, anchor: QWidget) -> None:
        """Show the popup over the window of `anchor`, below `anchor` or where there is room."""
        self.read_blocks()
        window = anchor.window()
        self.setParent(window)
        room = window.rect().adjusted(8, 8, -8, -8)
        size = QSize(540, 480).boundedTo(room.size())
        below = anchor.mapTo(window, QPoint((anchor.width() - size.width()) // 2, anchor.height() + 4))
        left = max(min(below.x(), room.right() - size.width()), room.left())
        top = max(min(below.y(), room.bottom() - size.height()), room.top())
        self.setGeometry(left, top, size.width(), size.height())
        self.search_field.clear()
        self._filter("")
        self.show()
        self.raise_()
        self.search_field.setFocus(Qt.FocusReason.PopupFocusReason)

    def _filter(self, query: str) -> None:
        self.kinds.filter(query)
        self.families.show_families(self.kinds.families)

    def _choose(self, item: QListWidgetItem | None) -> None:
        entry: Entry | BlockEntry | None = item.data(EntryRole) if item is not None else None
        if entry is not None:
            self._make_way()
            self.chosen.emit(entry.kind if isinstance(entry, Entry) else entry.kept.block)

    def _request(self, signal: SignalInstance) -> bool:
        """Ask for a change of the current block, where it is a person's own."""
        item = self.kinds.currentItem()
        entry = item.data(EntryRole) if item is not None else None
        if not (isinstance(entry, BlockEntry) and entry.own):
            return False
        self._make_way()
        signal.emit(entry.kept)
        return True

    def block_menu(self) -> QMenu | None:
        """What can be done with the current entry; none where that is nothing but to choose it."""
        item = self.kinds.currentItem()
        entry = item.data(EntryRole) if item is not None else None
        if not (isinstance(entry, BlockEntry) and entry.own):
            return None
        menu = QMenu(self)
        menu.addAction("Insert\tEnter", lambda: self._choose(item))
        menu.addAction("Rename…\tF2", lambda: self._request(self.rename_requested))
        menu.addAction("Delete…\tCtrl+Del", lambda: self._request(self.delete_requested))
        return menu

    def _show_menu(self, place: QPoint) -> None:
        if (menu := self.block_menu()) is not None:
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(self.kinds.viewport().mapToGlobal(place))

    def _make_way(self) -> None:
        if self._is_popup:
            self.hide()
            self.dismissed.emit()

    def _give_up(self) -> None:
        self.search_field.clear()
        if self._is_popup:
            self.hide()
            self.dismissed.emit()

    def _notice_focus(self, _: QWidget | None, now: QWidget | None) -> None:
        if self._is_outside(now):
            self.hide()

    def _is_outside(self, other: QObject | None) -> bool:
        menu = isinstance(other, QMenu) and other.parentWidget() is self
        return isinstance(other, QWidget) and other is not self and not self.isAncestorOf(other) and not menu

    # -- Qt -------------------------------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._is_popup:
            application().installEventFilter(self)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if self._is_popup:
            application().removeEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the search field keep the focus while arrows move in the list and Enter chooses; a click elsewhere closes."""
        if watched is self.search_field and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._take_key(event)
        if event.type() == QEvent.Type.MouseButtonPress and self._is_popup and self._is_outside(watched):
            self.hide()
        return False

    def _take_key(self, event: QKeyEvent) -> bool:
        if event.key() in _moves:
            self.kinds.event(event)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose(self.kinds.currentItem())
        elif event.key() == Qt.Key.Key_Escape:
            self._give_up()
        elif event.key() == Qt.Key.Key_F2:
            return self._request(self.rename_requested)
        elif event.key() == Qt.Key.Key_Delete and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            return self._request(self.delete_requested)
        else:
            return False
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """What the list leaves over: Enter and Esc."""
        if not self._take_key(event):
            super().keyPressEvent(event)


class KindList(QListWidget):
    """The kinds of layers under the headings of their families; they can be dragged into the stack."""

    drag_started = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Kinds of layers")
        self._kinds_count = 0
        self._problem_items: list[QListWidgetItem] = []
        self._notes: list[QListWidgetItem] = []
        """What there is to say about the query, below everything else."""
        self.setItemDelegate(_EntryDelegate(self))
        self.setDragEnabled(True)
        self.setDragDropMode(QListWidget.DragDropMode.DragOnly)
        self.setDefaultDropAction(Qt.DropAction.CopyAction)
        self.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self._fill()
        repaint_with_theme(self.viewport().update)

    def filter(self, query: str) -> None:
        """Show the kinds that answer `query`, and stand on the one that answers best."""
        found = search(query)
        blocks = [item for item in self._block_items() if block_answers(item.data(EntryRole).kept, query)]
        if blocks and not any(relevance(kind, query) is not None for kind in found):
            found = {}  # letters that merely follow each other are worth less than a block's name
        shown = {kind.family for kind in found} | ({blocks_heading} if blocks else set())
        best = min(found, key=lambda kind: found[kind], default=None)
        for item in self._items():
            entry: Entry | BlockEntry | None = item.data(EntryRole)
            if isinstance(entry, BlockEntry):
                item.setHidden(item not in blocks)
            else:
                item.setHidden(item.text() not in shown if entry is None else entry.kind not in found)
            if isinstance(entry, Entry) and entry.kind is best:
                self.setCurrentItem(item)
        for item in self._problem_items:
            item.setHidden(bool(query))
        if best is None:
            self.setCurrentItem(blocks[0]) if blocks else self.setCurrentRow(-1)
        self._show_notes(query, bool(shown))

    @property
    def families(self) -> tuple[str, ...]:
        """The headings that are shown."""
        return tuple(item.text() for item in self._items() if not (item.flags() or item.isHidden()))

    def go_to(self, family: str) -> None:
        """Bring what stands under this heading into view, and stand on the first of it that is shown."""
        items = self._items()
        place = next(place for place, item in enumerate(items) if not item.flags() and item.text() == family)
        self.setCurrentItem(next(item for item in items[place + 1 :] if not item.isHidden()))
        self.scrollToItem(items[place], QListWidget.ScrollHint.PositionAtTop)

    def set_blocks(self, folder: Folder, is_own: Callable[[Kept], bool]) -> None:
        """Show these blocks below the kinds, and below them why others could not be read."""
        for row in reversed(range(self._kinds_count, self.count())):
            self.takeItem(row)
        self._problem_items, self._notes = [], []
        if folder.blocks or folder.problems:
            self._add_heading(blocks_heading)
        for kept in folder.blocks:
            self._add_block(BlockEntry(kept, is_own(kept)))
        for problem in folder.problems:
            self._problem_items.append(self._add_note(problem, True))

    def set_incoming(self, shape: Shape | None) -> None:
        """Mark the kinds that would not accept an input of `shape`."""
        for item in self._items():
            entry: Entry | BlockEntry | None = item.data(EntryRole)
            if isinstance(entry, Entry):
                _show_entry(item, Entry(entry.kind, objection(entry.kind, shape)))

    def _fill(self) -> None:
        families: dict[Family, list[type[Layer]]] = {}
        for kind in layer_kinds():
            families.setdefault(kind.family, []).append(kind)
        for family, kinds in families.items():
            self._add_heading(family)
            for kind in kinds:
                _show_entry(self._add_item(kind.kind()), Entry(kind))
        self._kinds_count = self.count()
        self.setCurrentRow(1)

    def _show_notes(self, query: str, found: bool) -> None:
        for item in self._notes:
            self.takeItem(self.row(item))
        sentences = reasons(query)
        if not (found or sentences):
            sentences = (f"Nothing answers “{query}”. Search by name, by family or by what it does: pooling, residual, noise.",)
        self._notes = [self._add_note(sentence, False) for sentence in sentences]

    def _add_note(self, sentence: str, worrying: bool) -> QListWidgetItem:
        item = QListWidgetItem(sentence, self)
        item.setFlags(Qt.ItemFlag.ItemIsEnabled)
        item.setData(NoteRole, worrying)
        item.setToolTip(f"<p>{escape(sentence)}</p>")
        return item

    def _add_heading(self, title: str) -> None:
        QListWidgetItem(title, self).setFlags(Qt.ItemFlag.NoItemFlags)

    def _add_item(self, title: str) -> QListWidgetItem:
        item = QListWidgetItem(title, self)
        item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsDragEnabled)
        return item

    def _add_block(self, entry: BlockEntry) -> None:
        item = self._add_item(entry.kept.block.name)
        item.setData(EntryRole, entry)
        own = "<p>F2 renames it, Ctrl+Del deletes it.</p>" if entry.own else ""
        item.setToolTip(f"<p>{escape(entry.line)}</p>{own}")
        item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{entry.kept.block.name}, block: {entry.line}")

    def _block_items(self) -> list[QListWidgetItem]:
        return [item for item in self._items() if isinstance(item.data(EntryRole), BlockEntry)]

    def _items(self) -> list[QListWidgetItem]:
        return [self.item(row) for row in range(self.count())]

    # -- Qt -------------------------------------------------------------------------------------------------------------------

    def mimeTypes(self) -> list[str]:
        return [clipboard.kind_type, clipboard.layers_type]

    def mimeData(self, items: list[QListWidgetItem]) -> QMimeData:  # type: ignore[override]  # PySide calls a sequence a list
        entry = items[0].data(EntryRole)
        if isinstance(entry, BlockEntry):
            return clipboard.layers_mime(entry.kept.block.layers)
        return clipboard.kind_mime(entry.kind)

    def startDrag(self, actions: Qt.DropAction) -> None:
        self.drag_started.emit()
        super().startDrag(actions)


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


class _EntryDelegate(QStyledItemDelegate):
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
            _paint_background(painter, option)
        place = QRectF(option.rect)
        bar = QRectF(place.x() + 4, place.y() + 0.4 * fonts.em, 3, place.height() - 0.8 * fonts.em)
        colour = next((colour for name, colour in theme.families.items() if name == family), theme.muted)
        painter.fillRect(bar, QColor(colour if there else theme.border))
        painter.setFont(fonts.small)
        painter.setPen(QColor(theme.text if there else theme.disabled))
        words = place.adjusted(0.4 * fonts.em + 10, 0, 0, 0)
        painter.drawText(words, int(Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine), capitalized(family))
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
    _paint_background(painter, option)
    picture = QRectF(place.x() + 4, place.y() + 0.25 * em, 2.6 * em, place.height() - 0.5 * em)
    draw_block(painter, picture, entry.kept.block.layers, current_theme())
    words = place.adjusted(picture.right() - place.x() + 0.5 * em, 0.3 * em, -0.4 * em, -0.3 * em)
    _paint_words(painter, option, words, entry.kept.block.name, entry.line, "")


def _paint_entry(painter: QPainter, option: QStyleOptionViewItem, entry: Entry) -> None:
    place, em = QRectF(option.rect), Fonts.like(option.font).em
    _paint_background(painter, option)
    bar = QRectF(place.x() + 4, place.y() + 0.4 * em, 3, place.height() - 0.8 * em)
    painter.fillRect(bar, QColor(current_theme().families[entry.kind.family]))
    words = place.adjusted(0.4 * em + 10, 0.3 * em, -0.4 * em, -0.3 * em)
    complaint = capitalized(entry.objection.removeprefix(f"{entry.kind.kind()} "))
    _paint_words(painter, option, words, entry.kind.kind(), first_line(entry.kind), complaint)


def _paint_background(painter: QPainter, option: QStyleOptionViewItem) -> None:
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


def _show_entry(item: QListWidgetItem, entry: Entry) -> None:
    line = first_line(entry.kind)
    item.setData(EntryRole, entry)
    item.setToolTip(f"<p>{line}</p><p>{entry.objection}</p>" if entry.objection else f"<p>{line}</p>")
    spoken = f"{entry.kind.kind()}, {entry.kind.family}: {line} {entry.objection}".strip()
    item.setData(Qt.ItemDataRole.AccessibleTextRole, spoken)


def _word_relevance(kind: type[Layer], word: str) -> int | None:
    name = kind.kind().lower()
    initials = "".join(re.findall(r"[A-Z0-9]", kind.kind())).lower()
    described = re.findall(r"\w+", (kind.__doc__ or "").lower())
    tests = (
        name == word,
        name.startswith(word),
        initials.startswith(word),
        word in name,
        kind.family.startswith(word),
        any(each.startswith(word) for each in described),
    )
    return tests.index(True) if any(tests) else None
