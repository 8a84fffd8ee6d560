"""The list of kinds of layers and of blocks."""

from collections.abc import Callable
from html import escape

from PySide6.QtCore import QMimeData, Qt, Signal
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from gui import clipboard
from gui.palette.entries import BlockEntry, Entry, EntryDelegate, EntryRole, NoteRole
from gui.palette.searching import block_answers, layer_kinds, objection, reasons, relevance, search
from gui.stack.card import first_line
from gui.theme import repaint_with_theme
from models.experiment.base import Shape
from models.experiment.layers.base import Family, Layer
from models.storage.blocks import Folder, Kept

blocks_heading = "blocks"


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
        self.setItemDelegate(EntryDelegate(self))
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


def _show_entry(item: QListWidgetItem, entry: Entry) -> None:
    line = first_line(entry.kind)
    item.setData(EntryRole, entry)
    item.setToolTip(f"<p>{line}</p><p>{entry.objection}</p>" if entry.objection else f"<p>{line}</p>")
    spoken = f"{entry.kind.kind()}, {entry.kind.family}: {line} {entry.objection}".strip()
    item.setData(Qt.ItemDataRole.AccessibleTextRole, spoken)
