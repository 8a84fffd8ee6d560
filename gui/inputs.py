"""Choosing what a layer reads: one of the layers before it, or several in an order of their own."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QListWidgetItem, QToolButton, QVBoxLayout, QWidget

from gui.forms.combo import Combo
from gui.forms.form import label_width, mark_width
from gui.forms.panel import label
from gui.forms.rows import TickList
from models.experiment.layers.base import Layer

_PlaceRole = int(Qt.ItemDataRole.UserRole)
"""Which input an entry is, counted from 0; none for one that is not read."""
_NameRole = _PlaceRole + 1


class InputsEditor(QWidget):
    """The inputs of one layer: a list to choose from where it takes one, otherwise a list with ticks, those in use on top."""

    chosen = Signal(object)
    """The names of what the layer is to read, as a tuple."""

    def __init__(self) -> None:
        super().__init__()
        self._reads: tuple[str, ...] = ()
        self._possible: tuple[str, ...] = ()
        self._least, self._most = 1, 1
        self._roles: tuple[str, ...] = ()
        self.heading = label("READS, IN THIS ORDER", "section")
        self.caption = QLabel("Reads")
        self.caption.setProperty("role", "muted")
        self.caption.setFixedWidth(label_width + mark_width)
        self.combo = Combo()
        self.combo.setAccessibleName("Input of the layer")
        self.list = _OrderedTicks()
        self.list.setAccessibleName("Inputs of the layer; Space takes one or leaves it out, Alt and an arrow moves it")
        self.earlier = _arrow_button(Qt.ArrowType.UpArrow, "Read it earlier (Alt+Up)")
        self.later = _arrow_button(Qt.ArrowType.DownArrow, "Read it later (Alt+Down)")
        self.hint = label("", "small")
        self._lay_out()
        self.combo.activated.connect(self._take_one)
        self.list.itemChanged.connect(self._take_tick)
        self.list.moved.connect(self._move)
        self.list.currentItemChanged.connect(self._show_arrows)
        self.earlier.clicked.connect(lambda: self._move(-1))
        self.later.clicked.connect(lambda: self._move(1))

    def show_inputs(self, layer: Layer, reads: tuple[str, ...], possible: tuple[str, ...]) -> None:
        """Show that `layer` reads `reads`, of all that it could; nothing where it has no choice."""
        self.setVisible(len(possible) > 1)
        most = len(possible) if layer.most_inputs is None else layer.most_inputs
        shown = (self._reads, self._possible, self._least, self._most, self._roles)
        if (reads, possible, layer.least_inputs, most, layer.input_roles) == shown:
            return
        self._reads, self._possible, self._least, self._most = reads, possible, layer.least_inputs, most
        self._roles = layer.input_roles
        self._show_hint("")
        single = layer.most_inputs == 1 and len(reads) == 1
        several: tuple[QWidget, ...] = (self.heading, self.list, self.earlier, self.later)
        for widget in several:
            widget.setVisible(not single)
        self.caption.setVisible(single)
        self.combo.setVisible(single)
        self.setFocusProxy(self.combo if single else self.list)
        if single:
            self._fill_combo()
        else:
            self._fill_list()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 6, 0, 4)
        column.setSpacing(4)
        buttons = QVBoxLayout()
        buttons.setSpacing(2)
        buttons.addWidget(self.earlier)
        buttons.addWidget(self.later)
        buttons.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(self.list, 1)
        row.addLayout(buttons)
        line = QHBoxLayout()
        line.setSpacing(0)
        line.addWidget(self.caption)
        line.addWidget(self.combo, 1)
        column.addWidget(self.heading)
        column.addLayout(line)
        column.addLayout(row)
        column.addWidget(self.hint)

    def _fill_combo(self) -> None:
        """The nearest first, since that is what is mostly read."""
        self.combo.clear()
        for name in reversed(self._possible):
            before = name == self._possible[-1]
            self.combo.add_entry(f"{name} (the layer before)" if before else name, short=name)
        self.combo.show_index(self.combo.count() - 1 - self._possible.index(self._reads[0]) if self._known() else -1)

    def _known(self) -> bool:
        return self._reads[0] in self._possible

    def _fill_list(self) -> None:
        """Entries are changed, not made anew: this happens while the list is still busy with the tick that led here."""
        current = self.list.currentItem()
        kept = current.data(_NameRole) if current is not None else None
        entries: list[tuple[str, int | None]] = [(name, place) for place, name in enumerate(self._reads)]
        entries += [(name, None) for name in reversed(self._possible) if name not in self._reads]
        self.list.blockSignals(True)
        while self.list.count() < len(entries):
            self.list.addItem(QListWidgetItem())
        while self.list.count() > len(entries):
            self.list.takeItem(self.list.count() - 1)
        for row, (name, place) in enumerate(entries):
            self._fill_item(self.list.item(row), name, place)
        self.list.setCurrentRow(next((row for row, (name, _) in enumerate(entries) if name == kept), 0))
        self.list.blockSignals(False)
        self.list.updateGeometry()
        self._show_arrows()

    def _fill_item(self, item: QListWidgetItem, name: str, place: int | None) -> None:
        item.setText(name if place is None else f"{self._role(place)}  {name}")
        item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsUserCheckable)
        item.setCheckState(Qt.CheckState.Unchecked if place is None else Qt.CheckState.Checked)
        item.setData(_PlaceRole, place)
        item.setData(_NameRole, name)

    def _role(self, place: int) -> str:
        return self._roles[place] if place < len(self._roles) else str(place + 1)

    def _show_arrows(self) -> None:
        place = self._place()
        self.earlier.setEnabled(place is not None and place > 0)
        self.later.setEnabled(place is not None and place + 1 < len(self._reads))

    def _place(self) -> int | None:
        item = self.list.currentItem()
        found: int | None = item.data(_PlaceRole) if item is not None else None
        return found

    def _take_one(self, index: int) -> None:
        self.chosen.emit((self._possible[len(self._possible) - 1 - index],))

    def _take_tick(self, item: QListWidgetItem) -> None:
        place: int | None = item.data(_PlaceRole)
        if place is None:
            # Where no more can be read, the last makes way.
            self.chosen.emit((*self._reads[: self._most - 1], item.data(_NameRole)))
        elif len(self._reads) > self._least:
            self.chosen.emit((*self._reads[:place], *self._reads[place + 1 :]))
        else:
            self._fill_list()
            makes_way = ", which takes the last one's place" if len(self._reads) >= self._most else " first"
            self._show_hint(f"It reads no fewer than {self._least}: tick another one{makes_way}.")

    def _show_hint(self, sentence: str) -> None:
        self.hint.setText(sentence)
        self.hint.setVisible(bool(sentence))

    def _move(self, by: int) -> None:
        place = self._place()
        if place is None or not 0 <= place + by < len(self._reads):
            return
        reads = list(self._reads)
        reads.insert(place + by, reads.pop(place))
        self.chosen.emit(tuple(reads))


class _OrderedTicks(TickList):
    """A list with ticks in which Alt and an arrow moves the current entry."""

    moved = Signal(int)
    """By one place: −1 up, 1 down."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        if event.modifiers() & Qt.KeyboardModifier.AltModifier and event.key() in steps:
            self.moved.emit(steps[Qt.Key(event.key())])
            event.accept()
        else:
            super().keyPressEvent(event)


def _arrow_button(arrow: Qt.ArrowType, words: str) -> QToolButton:
    button = QToolButton()
    button.setArrowType(arrow)
    button.setToolTip(words)
    button.setAccessibleName(words)
    return button
