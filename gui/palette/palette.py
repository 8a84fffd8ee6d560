"""The catalogue to choose a layer from: a searchable list, as a popup or as part of a window."""

from functools import partial

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt, Signal, SignalInstance
from PySide6.QtGui import QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QListWidgetItem, QMenu, QVBoxLayout, QWidget

from gui.blocks import BlockShelf
from gui.palette.entries import BlockEntry, Entry, EntryRole
from gui.palette.families import FamilyIndex
from gui.palette.kind_list import KindList
from gui.theme import application
from models.experiment.base import Shape
from models.storage.blocks import Kept

_moves = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


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

    @property
    def _own_block(self) -> Kept | None:
        """The current block, where it is a person's own."""
        item = self.kinds.currentItem()
        entry = item.data(EntryRole) if item is not None else None
        return entry.kept if isinstance(entry, BlockEntry) and entry.own else None

    def _request(self, signal: SignalInstance) -> bool:
        """Ask for a change of the current block, where it is a person's own."""
        if (kept := self._own_block) is None:
            return False
        self._make_way()
        signal.emit(kept)
        return True

    def block_menu(self) -> QMenu | None:
        """What can be done with the current entry; none where that is nothing but to choose it."""
        if self._own_block is None:
            return None
        menu = QMenu(self)
        menu.addAction("Insert\tEnter", partial(self._choose, self.kinds.currentItem()))
        menu.addAction("Rename…\tF2", partial(self._request, self.rename_requested))
        menu.addAction("Delete…\tCtrl+Del", partial(self._request, self.delete_requested))
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
        self._make_way()

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
