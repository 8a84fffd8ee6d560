"""The stack as a Qt model: the input and the layers, kept in step with the document by the smallest changes."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import zip_longest
from types import MappingProxyType
from uuid import uuid4

from PySide6.QtCore import QAbstractListModel, QByteArray, QMimeData, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from gui import clipboard
from gui.document import Document
from gui.stack.card import Card, cards, spoken, tooltip
from gui.stack.lanes import Lanes, lanes
from models.experiment import edits
from models.experiment.collapsing import entitle
from models.experiment.errors import BadInput
from models.experiment.experiment import Collapsed, Experiment, Network
from models.experiment.fields import Text, field_of
from models.experiment.graph import at_input, links
from models.experiment.layers import AnyLayer
from models.experiment.layers.base import Layer
from models.experiment.report import Report
from models.telemetry.diagnosis import Health, diagnose
from models.telemetry.events import LayerProbe

CardRole = int(Qt.ItemDataRole.UserRole)
"""The `Card` of a row: its layer, report and problems."""
StatisticsRole = CardRole + 1
"""The `Health` of each layer of a row in which something was measured, from top to bottom, as a tuple."""
LanesRole = StatisticsRole + 1
"""The `Lanes` beside a row."""

FoundRole = LanesRole + 1
"""Whether a row is among those that were found."""

origin_type = "application/x-wiggle-origin"
"""Mime type that tells from which stack layers are dragged, so that within one stack they are moved, not copied."""

Key = tuple[str | None, int]
"""What a row is recognised by: the layer's name, and which of the layers of that name it is; no name for the input.

Several layers are recognised by the name of the first, and −1.
"""
Index = QModelIndex | QPersistentModelIndex
_nowhere = QModelIndex()
_nothing: Mapping[str, Health] = MappingProxyType({})


class StackModel(QAbstractListModel):
    """The input as the first row, which stays, then the layers. Follows the document by itself and never resets.

    A row is a layer, or several that are collapsed.
    """

    synchronized = Signal()
    """All changes for one new value of the document were made."""
    refused = Signal(str)
    """Why a rename or a drop was not accepted, in a sentence."""

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._origin = uuid4().hex
        self._health = _nothing
        self._found: frozenset[str] = frozenset()
        self._cards = list(cards(document.experiment, document.report))
        self._keys = _keys_of(self._cards)
        self._lanes = _lanes_of(_links_of(self._cards, document.experiment.network))
        self._synchronizing = False
        document.changed.connect(self._synchronize)

    @property
    def synchronizing(self) -> bool:
        """Whether rows are in part those of an old value."""
        return self._synchronizing

    def card(self, row: int) -> Card:
        """What row `row` shows."""
        return self._cards[row]

    def rows_of(self, names: Sequence[str]) -> tuple[int, ...]:
        """Rows of the input or the layers called `names`, from top to bottom."""
        wanted = set(names)
        return tuple(row for row, card in enumerate(self._cards) if not wanted.isdisjoint(card.names))

    def position(self, row: int) -> int:
        """Where in the network the layers of row `row` begin: what stands before them."""
        return sum(len(card.layers) for card in self._cards[:row])

    def lanes(self, row: int) -> Lanes:
        """The lanes beside row `row`."""
        return self._lanes[row]

    def set_statistics(self, probes: Mapping[str, LayerProbe] | None) -> None:
        """Show what the last probe found in each layer, by name; none clears it."""
        old, self._health = self._health, diagnose(tuple(probes.values())) if probes is not None else _nothing
        for row, card in enumerate(self._cards):
            if any(old.get(name) is not self._health.get(name) for name in card.names):
                self.dataChanged.emit(self.index(row), self.index(row), [StatisticsRole])

    def set_found(self, names: Collection[str]) -> None:
        """Mark the layers called `names` as found, and no others."""
        old, self._found = self._found, frozenset(names)
        for row, card in enumerate(self._cards):
            if old.isdisjoint(card.names) != self._found.isdisjoint(card.names):
                self.dataChanged.emit(self.index(row), self.index(row), [FoundRole])

    def _healths(self, card: Card) -> tuple[Health, ...]:
        found = (self._health.get(name) for name in card.names)
        return tuple(health for health in found if health is not None)

    # -- following the document -----------------------------------------------------------------------------------------------

    def _synchronize(self, experiment: Experiment, report: Report) -> None:
        new = cards(experiment, report)
        keys = _keys_of(new)
        self._synchronizing = True
        self._take_over_new_names(new, keys)
        self._remove_all_but(keys)
        self._move_into_order(keys)
        self._insert_missing(new, keys)
        self._replace_cards(new)
        self._replace_lanes(_lanes_of(_links_of(new, experiment.network)))
        self._synchronizing = False
        self.synchronized.emit()

    def _take_over_new_names(self, new: Sequence[Card], keys: list[Key]) -> None:
        """A layer that has another name, at the same place, is the same row."""
        if len(new) != len(self._cards):
            return
        gone, come = set(self._keys) - set(keys), set(keys) - set(self._keys)
        for row, card in enumerate(new):
            if self._keys[row] in gone and keys[row] in come and self._cards[row].kind == card.kind:
                self._keys[row] = keys[row]

    def _remove_all_but(self, keys: list[Key]) -> None:
        staying = set(keys)
        gone = [row for row, key in enumerate(self._keys) if key not in staying]
        for first, last in reversed(list(_runs(gone))):
            self.beginRemoveRows(_nowhere, first, last)
            del self._cards[first : last + 1], self._keys[first : last + 1]
            self.endRemoveRows()

    def _move_into_order(self, keys: list[Key]) -> None:
        present = set(self._keys)
        wanted = [key for key in keys if key in present]
        if wanted == self._keys:
            return
        places = {key: place for place, key in enumerate(wanted)}
        staying = _longest_ascending([places[key] for key in self._keys])
        for place, key in enumerate(wanted):
            if place in staying:
                continue
            source, target = self._keys.index(key), self._keys.index(wanted[place - 1]) + 1
            if source != target:
                self._move_row(source, target)

    def _move_row(self, source: int, target: int) -> None:
        """Bring a row before what stands at `target` now."""
        self.beginMoveRows(_nowhere, source, source, _nowhere, target)
        place = target - 1 if source < target else target
        self._cards.insert(place, self._cards.pop(source))
        self._keys.insert(place, self._keys.pop(source))
        self.endMoveRows()

    def _insert_missing(self, new: Sequence[Card], keys: list[Key]) -> None:
        present = set(self._keys)
        missing = [row for row, key in enumerate(keys) if key not in present]
        for first, last in _runs(missing):
            self.beginInsertRows(_nowhere, first, last)
            self._cards[first:first] = new[first : last + 1]
            self._keys[first:first] = keys[first : last + 1]
            self.endInsertRows()

    def _replace_cards(self, new: Sequence[Card]) -> None:
        old, self._cards = self._cards, list(new)
        for row, (before, after) in enumerate(zip(old, new, strict=True)):
            if before != after:
                self.dataChanged.emit(self.index(row), self.index(row))

    def _replace_lanes(self, new: Sequence[Lanes]) -> None:
        old, self._lanes = self._lanes, tuple(new)
        if not old[0].count and not new[0].count:  # none are shown
            return
        for row, (before, after) in enumerate(zip_longest(old[: len(new)], new)):
            if before != after:
                self.dataChanged.emit(self.index(row), self.index(row), [LanesRole])

    # -- dropping -------------------------------------------------------------------------------------------------------------

    def _insert_kind(self, mime: QMimeData, index: int) -> bool:
        kind = clipboard.kind_in(mime)
        if kind is None:
            return False
        network = self._document.experiment.network
        self._document.apply_network(f"Add {kind.kind()}", edits.insert(network, index, (edits.new_layer(kind, network),)))
        return True

    def _insert_layers(self, mime: QMimeData, index: int) -> bool:
        try:
            layers = clipboard.layers_in(mime)
        except BadInput as problem:
            self.refused.emit(str(problem))
            return False
        self._document.apply_network(
            f"Insert {described(layers)}", edits.insert(self._document.experiment.network, index, layers)
        )
        return True

    def _move_layers(self, mime: QMimeData, index: int) -> bool:
        network = self._document.experiment.network
        moved = [layer for layer in clipboard.layers_in(mime) if layer in network]
        names = {layer.name for layer in moved}
        self._document.apply_network(f"Move {described(moved)}", edits.move(network, names, index))
        return bool(moved)

    def _is_own(self, mime: QMimeData) -> bool:
        return mime.data(origin_type).data() == self._origin.encode()

    def _rename(self, name: str, wanted: str) -> bool:
        declared = field_of(Layer, "name")
        assert isinstance(declared.type, Text)
        if not declared.type.contains(wanted):
            self.refused.emit(f"“{wanted}” cannot be a layer's name: expected {declared.type.expectation()}.")
            return False
        self._document.apply_network(f"Rename {name}", edits.rename(self._document.experiment.network, name, wanted))
        return True

    def _entitle(self, card: Card, wanted: str) -> bool:
        declared = field_of(Collapsed, "title")
        assert isinstance(declared.type, Text)
        if not declared.type.contains(wanted):
            self.refused.emit(f"A title has 1 to {declared.type.most_length} characters.")
            return False
        self._document.apply(f"Rename {card.name}", entitle(self._document.experiment, card.names, wanted))
        return True

    # -- Qt -------------------------------------------------------------------------------------------------------------------

    def rowCount(self, parent: Index = _nowhere) -> int:
        return 0 if parent.isValid() else len(self._cards)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not self.checkIndex(index, self.CheckIndexOption.IndexIsValid):
            return None
        card = self._cards[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.EditRole:
                return card.name
            case Qt.ItemDataRole.ToolTipRole:
                return tooltip(card, self._healths(card))
            case Qt.ItemDataRole.AccessibleTextRole:
                return spoken(card, self._healths(card))
            case int() if role == CardRole:
                return card
            case int() if role == StatisticsRole:
                return self._healths(card)
            case int() if role == LanesRole:
                return self._lanes[index.row()]
            case int() if role == FoundRole:
                return not self._found.isdisjoint(card.names)
        return None

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.EditRole or index.row() < 1:
            return False
        card, wanted = self._cards[index.row()], str(value).strip()
        if wanted == card.name:
            return True
        return self._entitle(card, wanted) if card.collapsed else self._rename(card.name, wanted)

    def flags(self, index: Index) -> Qt.ItemFlag:
        flag = Qt.ItemFlag
        if not index.isValid():
            return flag.ItemIsDropEnabled
        usual = flag.ItemIsEnabled | flag.ItemIsSelectable | flag.ItemNeverHasChildren
        return usual if index.row() == 0 else usual | flag.ItemIsDragEnabled | flag.ItemIsEditable

    def mimeTypes(self) -> list[str]:
        return [clipboard.layers_type, clipboard.kind_type]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        rows = sorted({index.row() for index in indexes})
        mime = clipboard.layers_mime([layer for row in rows for layer in self._cards[row].layers])
        mime.setData(origin_type, QByteArray(self._origin.encode()))
        return mime

    def supportedDropActions(self) -> Qt.DropAction:
        return Qt.DropAction.MoveAction | Qt.DropAction.CopyAction

    def canDropMimeData(self, mime: QMimeData, action: Qt.DropAction, row: int, column: int, parent: Index) -> bool:
        """Whether that can be put before row `row`; −1, the end, stands for anywhere."""
        if parent.isValid() or not any(map(mime.hasFormat, self.mimeTypes())):
            return False
        if row < 0 or action != Qt.DropAction.MoveAction or not self._is_own(mime):
            return True
        network = self._document.experiment.network
        names = {layer.name for layer in clipboard.layers_in(mime)}
        return edits.can_move(network, names, self.position(row))

    def dropMimeData(self, mime: QMimeData, action: Qt.DropAction, row: int, column: int, parent: Index) -> bool:
        """Put what is dropped before row `row`; −1 is the end. Above the input means directly after it."""
        if not self.canDropMimeData(mime, action, row, column, parent):
            return False
        index = self.position(row if row >= 0 else len(self._cards))
        if mime.hasFormat(clipboard.kind_type):
            return self._insert_kind(mime, index)
        if action == Qt.DropAction.MoveAction and self._is_own(mime):
            return self._move_layers(mime, index)
        return self._insert_layers(mime, index)


def described(layers: Sequence[AnyLayer]) -> str:
    """`layers` in the name of a change: the name of the one, or how many there are."""
    return layers[0].name if len(layers) == 1 else f"{len(layers)} layers"


@lru_cache(maxsize=8)  # an edit that connects nothing anew leaves them as they were
def _lanes_of(read: tuple[tuple[int | None, ...], ...]) -> tuple[Lanes, ...]:
    return lanes(read)


def _links_of(shown: Sequence[Card], network: Network) -> tuple[tuple[int | None, ...], ...]:
    """For each card below the input the cards that it reads, by position; −1 for the input, none for what is not there."""
    read = links(network)
    if len(shown) == len(network) + 1:
        return read
    places = [place for place, card in enumerate(shown[1:]) for _ in card.layers]
    found: list[dict[int | None, None]] = [{} for _ in shown[1:]]
    for place, sources in zip(places, read, strict=True):
        reached = (source if source is None or source == at_input else places[source] for source in sources)
        found[place].update(dict.fromkeys(source for source in reached if source != place))
    return tuple(map(tuple, found))


def _keys_of(rows: Sequence[Card]) -> list[Key]:
    seen: Counter[str] = Counter()
    keys: list[Key] = []
    for card in rows:
        name = card.names[0] if card.layers else None
        keys.append((name, -1 if card.collapsed else seen[card.names[0]] if name else 0))
        seen.update(layer.name for layer in card.layers)
    return keys


def _runs(rows: Sequence[int]) -> Iterator[tuple[int, int]]:
    """First and last of each unbroken run in ascending `rows`."""
    first = 0
    for place, row in enumerate(rows):
        if place + 1 == len(rows) or rows[place + 1] != row + 1:
            yield rows[first], row
            first = place + 1


def _longest_ascending(numbers: Sequence[int]) -> set[int]:
    """A longest ascending selection of `numbers`: what need not move when they are sorted."""
    ends: list[int] = []
    """The least end of an ascending selection of each length."""
    before: dict[int, int | None] = {}
    for number in numbers:
        length = bisect_left(ends, number)
        before[number] = ends[length - 1] if length else None
        ends[length : length + 1] = [number]
    longest: set[int] = set()
    last = ends[-1] if ends else None
    while last is not None:
        longest.add(last)
        last = before[last]
    return longest
