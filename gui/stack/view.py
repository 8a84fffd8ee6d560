"""The stack of cards, in which the network is built by pointing and by keys."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QKeyCombination,
    QMimeData,
    QModelIndex,
    QPoint,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFocusEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QMenu,
    QSizePolicy,
    QWidget,
)

from gui import clipboard
from gui.actions import allow
from gui.document import Document
from gui.stack import zoom
from gui.stack.card_places import Fonts, row_height, side_margin
from gui.stack.connecting import Connecting
from gui.stack.delegate import CardDelegate, least_width
from gui.stack.find import answers
from gui.stack.model import StackModel, described
from gui.theme import current_theme, repaint_with_theme
from gui.words import capitalized
from models.experiment import edits
from models.experiment.base import Shape
from models.experiment.collapsing import can_collapse, collapse, expand
from models.experiment.errors import BadInput
from models.experiment.experiment import Network
from models.experiment.layers import AnyLayer, Dense
from models.experiment.layers.base import Layer
from models.experiment.reading_more import with_second_input
from models.storage.blocks import Block
from models.telemetry.events import LayerProbe

_Flag = QItemSelectionModel.SelectionFlag


class StackView(QListView):
    """The cards. Every action is a method, so that menus and keys do the same, and each is one step of undo.

    New layers go after the selected ones; with nothing selected before a Dense layer at the end, because that is the output and
    "add a layer" means a hidden one.
    """

    selection_changed = Signal(object)
    """Names of the selected layers from top to bottom, as a tuple; the input's name where its card is selected."""
    edit_requested = Signal(str)
    """The layer (or the input) that a person wants to look into: double-click or Enter."""
    palette_requested = Signal()
    save_block_requested = Signal()
    """Keep the selected layers as a block."""
    repeat_requested = Signal()
    """Ask how many times the selected layers are to stand in a row."""
    found_changed = Signal()
    """Other layers were found, or another of them is selected."""
    found_inside = Signal(str)
    """The layer that was gone to is one of several on the selected card."""
    zoom_changed = Signal(int)
    """How large the cards are now, in percent."""
    refused = Signal(str)
    """Why something was not done, in a sentence."""
    told = Signal(str)
    """How to go on with what was begun, in a sentence."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._zoom = zoom.usual
        self._query = ""
        self._found: tuple[str, ...] = ()
        self._reached: str | None = None
        """The found layer that was gone to last."""
        self._announced: tuple[str, ...] = ()
        self._selecting = False
        self._drop_row: int | None = None
        self._stack = StackModel(document, self)
        self.setModel(self._stack)
        delegate = CardDelegate(self)
        self.setItemDelegate(delegate)
        self._connecting = Connecting(document, self, self._stack, delegate)
        self._set_up()
        self._keys = self._key_actions()
        self._stack.synchronized.connect(self._follow)
        self._stack.refused.connect(self.refused)
        self._connecting.told.connect(self.told)
        self._connecting.done.connect(self.select)
        self.selectionModel().selectionChanged.connect(self._announce)
        self.selection_changed.connect(self.found_changed)
        self.doubleClicked.connect(self._request_edit)
        repaint_with_theme(self._repaint)

    # -- selection ------------------------------------------------------------------------------------------------------------

    @property
    def selected(self) -> tuple[str, ...]:
        """Names on the selected cards from top to bottom."""
        return tuple(name for row in self._selected_rows() for name in self._stack.card(row).names)

    @property
    def selected_layers(self) -> list[AnyLayer]:
        """The layers on the selected cards from top to bottom."""
        return [layer for row in self._selected_rows() for layer in self._stack.card(row).layers]

    def select(self, names: Sequence[str]) -> None:
        """Select the cards called `names`, and no others, and scroll to them."""
        rows = self._stack.rows_of(names)
        selection = QItemSelection()
        for row in rows:
            selection.select(self._stack.index(row), self._stack.index(row))
        if rows:
            self.selectionModel().setCurrentIndex(self._stack.index(rows[-1]), _Flag.NoUpdate)
        self.selectionModel().select(selection, _Flag.ClearAndSelect)
        for row in reversed(rows):
            self.scrollTo(self._stack.index(row))

    def select_all(self) -> None:
        """Select all layers."""
        self.select([layer.name for layer in self._network])

    # -- finding and zooming --------------------------------------------------------------------------------------------------

    @property
    def found(self) -> tuple[str, ...]:
        """Names of the layers that answer what is looked for, from top to bottom."""
        return self._found

    @property
    def found_place(self) -> int | None:
        """Which of the found layers is selected, from 1; none where it is none of them."""
        rows = self._selected_rows()
        names = self._stack.card(rows[0]).names if len(rows) == 1 else ()
        if self._reached in names and self._reached in self._found:
            return self._found.index(self._reached) + 1
        return next((place for place, name in enumerate(self._found, 1) if name in names), None)

    def find_layers(self, query: str) -> None:
        """Mark all layers that answer `query`, and go to the next one from the current layer on; an empty one marks none."""
        self._query = query
        self._search()
        if self._found:
            place = self.found_place
            self._go_to_found(self._found_from(self.currentIndex().row()) if place is None else self._found[place - 1])

    def step_to_found(self, by: int) -> None:
        """Go to the next found layer (`by` +1) or the one before (−1), and on at the other end.

        Of several found on one card each is gone to.
        """
        if not self._found:
            return
        row = self.currentIndex().row()
        place = self.found_place
        self._go_to_found(self._found_from(row + by, by) if place is None else self._found[(place - 1 + by) % len(self._found)])

    @property
    def zoom(self) -> int:
        """How large the cards are, in percent of the window's font."""
        return self._zoom

    def set_zoom(self, percent: int) -> None:
        """Make the cards larger or smaller; the one at the top stays there."""
        if (percent := zoom.nearest(percent)) == self._zoom:
            return
        self._zoom = percent
        top = self.indexAt(QPoint(self.viewport().width() // 2, 1))
        self.setFont(zoom.zoomed(percent))
        self.doItemsLayout()
        if top.isValid() and top.row() > 0:
            self.scrollTo(top, QAbstractItemView.ScrollHint.PositionAtTop)
        self.zoom_changed.emit(percent)

    def zoom_by(self, steps: int) -> None:
        """One step of zoom larger (+1) or smaller (−1)."""
        self.set_zoom(zoom.stepped(self._zoom, steps))

    # -- actions --------------------------------------------------------------------------------------------------------------

    def add(self, kind: type[Layer]) -> None:
        """Add a new layer of this kind. One that merges reads the layer before and the one that was chosen to skip from."""
        layer, begun = edits.new_layer(kind, self._network), self._connecting.skip
        network = edits.insert(self._network, self._insertion_index(), (layer,))
        if begun is not None:
            network = with_second_input(network, layer.name, begun)
        self._apply_and_select(f"Add {kind.kind()}", network)
        if kind.most_inputs != 1:
            self._connecting.give_up()

    def add_block(self, block: Block) -> None:
        """Add the layers of a block, under names that are free."""
        self._insert(f"Add {block.name}", block.layers)

    def delete_selected(self) -> None:
        """Delete the selected layers and select the one that follows them, or the last."""
        self._delete("Delete")

    def duplicate_selected(self) -> None:
        """Put a copy of the selected layers after them and select it."""
        if layers := self.selected_layers:
            network = edits.duplicate(self._network, _names(layers))
            self._apply_and_select(f"Duplicate {described(layers)}", network)

    def repeat_selected(self, times: int) -> None:
        """Let the selected layers stand `times` times in a row, and select all of them."""
        if layers := self.selected_layers:
            before = _names(self._network)
            with self._announcing_once():
                names = [layer.name for layer in layers]
                self._document.apply_network(f"Repeat {described(layers)}", edits.repeat(self._network, names, times))
                self.select([*names, *(layer.name for layer in self._network if layer.name not in before)])

    def collapse_selected(self) -> None:
        """Show the selected layers as one card."""
        layers = self.selected_layers
        if not can_collapse(self._network, _names(layers)):
            self.refused.emit(_select_to_collapse)
            return
        title = f"{layers[0].name} … {layers[-1].name}"[:60]
        with self._announcing_once():
            changed = collapse(self._document.experiment, _names(layers), title)
            self._document.apply(f"Collapse {described(layers)}", changed)
            self.select([layer.name for layer in layers])

    def expand_selected(self) -> None:
        """Show the layers of the selected cards each on its own card again."""
        cards = [card for row in self._selected_rows() if (card := self._stack.card(row)).collapsed]
        if not cards:
            return
        names = [name for card in cards for name in card.names]
        what = cards[0].name if len(cards) == 1 else f"{len(cards)} cards"
        with self._announcing_once():
            self._document.apply(f"Expand {what}", expand(self._document.experiment, names))
            self.select(names)

    def move_selected(self, by: int) -> None:
        """Move the selected layers one place up (`by` −1) or down (+1)."""
        if layers := self.selected_layers:
            self._document.apply_network(f"Move {described(layers)}", self._shifted(by))
            self.scrollTo(self.currentIndex())

    def cut(self) -> None:
        """Put the selected layers on the clipboard and delete them."""
        self.copy()
        self._delete("Cut")

    def copy(self) -> None:
        """Put the selected layers on the clipboard, as text that a person can read."""
        if layers := self.selected_layers:
            QGuiApplication.clipboard().setMimeData(clipboard.layers_mime(layers))

    def paste(self) -> None:
        """Add the layers on the clipboard; says so where it holds something else."""
        try:
            layers = clipboard.layers_in(QGuiApplication.clipboard().mimeData())
        except BadInput as problem:
            self.refused.emit(f"Nothing pasted. {capitalized(str(problem))}")
        else:
            self._insert(f"Paste {described(layers)}", layers)

    def rename(self) -> None:
        """Let the name of the current layer be typed on its card."""
        if self.currentIndex().row() > 0:
            self.edit(self.currentIndex())

    def drop(self, mime: QMimeData, action: Qt.DropAction, row: int) -> bool:
        """Put dragged layers or a dragged kind before row `row`, −1 being the end, and select what is new."""
        before = _names(self._network)
        done = self._stack.dropMimeData(mime, action, row, 0, QModelIndex())
        self._select_all_but(before)
        return done

    def skip_from_here(self) -> None:
        """Let the next connection begin at the current card, or give that up if it does."""
        if (name := self._only_name()) is not None:
            self._connecting.skip_from(name)

    def join_here(self) -> None:
        """Let the current layer read, too, what was chosen to skip from; says so where that cannot be."""
        name, begun = self._only_name(), self._connecting.skip
        if begun is None:
            self.refused.emit("Choose first where the connection begins: select a layer and press S.")
        elif name is not None and not self._connecting.join(name):
            self.refused.emit(f"{name} cannot read {begun}, or does so already.")

    def set_statistics(self, probes: Mapping[str, LayerProbe] | None) -> None:
        """Show what the last probe found in each layer, by name; none clears it."""
        self._stack.set_statistics(probes)

    def incoming_shape(self) -> Shape | None:
        """Shape of what would come into a layer that is added now; none where it is not known."""
        report, index = self._document.report, self._insertion_index()
        if index:
            return report.layers[index - 1].output_shape
        return report.facts.input_shape if report.facts else None

    def context_menu(self) -> QMenu:
        """The actions for the selected layers, remedies of their problems first."""
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        layers = self.selected_layers
        self._add_remedies(menu)
        menu.addAction("Add a layer…\tA", self.palette_requested.emit)
        menu.addSeparator()
        rows = self._selected_rows()
        collapsed = any(self._stack.card(row).collapsed for row in rows)
        together = len(rows) > 1 and can_collapse(self._network, _names(layers))
        unselected = "" if layers else "Select a layer first."
        for text, action, obstacle in (
            ("Rename\tF2", self.rename, unselected),
            ("Duplicate\tCtrl+D", self.duplicate_selected, unselected),
            ("Repeat…\tCtrl+Shift+D", self.repeat_requested.emit, unselected),
            ("", None, ""),
            ("Save as block…\tCtrl+B", self.save_block_requested.emit, unselected),
            ("Collapse\tCtrl+G", self.collapse_selected, "" if together else _select_to_collapse),
            ("Expand\tCtrl+Shift+G", self.expand_selected, "" if collapsed else "Select a card that shows several layers."),
            ("", None, ""),
            ("Cut\tCtrl+X", self.cut, unselected),
            ("Copy\tCtrl+C", self.copy, unselected),
            ("Paste\tCtrl+V", self.paste, ""),
            ("Delete\tDel", self.delete_selected, unselected),
            ("", None, ""),
            ("Move up\tAlt+Up", partial(self.move_selected, -1), unselected or self._end_reached(-1)),
            ("Move down\tAlt+Down", partial(self.move_selected, 1), unselected or self._end_reached(1)),
        ):
            if action is None:
                menu.addSeparator()
            else:
                allow(menu.addAction(text, action), obstacle)
        self._add_connections(menu)
        return menu

    # -- inside ---------------------------------------------------------------------------------------------------------------

    @property
    def _network(self) -> Network:
        return self._document.experiment.network

    def _set_up(self) -> None:
        self.setAccessibleName("Stack of layers")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragDrop)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setDropIndicatorShown(False)  # we draw a line between cards
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)

    def _key_actions(self) -> dict[str, Callable[[], None]]:
        return {
            "A": self.palette_requested.emit,
            "S": self.skip_from_here,
            "J": self.join_here,
            "Del": self.delete_selected,
            "Backspace": self.delete_selected,
            "F2": self.rename,
            "Return": self._request_edit,
            "Enter": self._request_edit,
            "Alt+Up": partial(self.move_selected, -1),
            "Alt+Down": partial(self.move_selected, 1),
            "Ctrl+D": self.duplicate_selected,
            "Ctrl+Shift+D": self.repeat_requested.emit,
            "Ctrl+X": self.cut,
            "Ctrl+C": self.copy,
            "Ctrl+V": self.paste,
            "Ctrl+A": self.select_all,
        }

    def _selected_rows(self) -> list[int]:
        return sorted(index.row() for index in self.selectedIndexes())

    def _insertion_index(self) -> int:
        rows = self._selected_rows()
        if rows:
            return self._stack.position(rows[-1] + 1)
        count = len(self._network)
        return count - 1 if count and isinstance(self._network[-1], Dense) else count

    def _shifted(self, by: int) -> Network:
        """The network with the selected cards one card up (`by` −1) or down (+1)."""
        rows = [row for row in self._selected_rows() if self._stack.card(row).layers]
        if not rows:
            return self._network
        row = max(rows[0] - 1, 1) if by < 0 else min(rows[-1] + 2, self._stack.rowCount())
        return edits.move(self._network, _names(self.selected_layers), self._stack.position(row))

    def _end_reached(self, by: int) -> str:
        """Why the selected layers cannot move by so many places, if they cannot."""
        return "" if self._shifted(by) != self._network else f"They stand at the {'start' if by < 0 else 'end'} already."

    def _insert(self, change: str, layers: Sequence[AnyLayer]) -> None:
        self._apply_and_select(change, edits.insert(self._network, self._insertion_index(), layers))

    def _delete(self, word: str) -> None:
        layers = self.selected_layers
        if not layers:
            return
        place = self._network.index(layers[0])
        with self._announcing_once():
            self._document.apply_network(f"{word} {described(layers)}", edits.remove(self._network, _names(layers)))
            neighbour = self._network[place : place + 1] or self._network[-1:]
            self.select(list(_names(neighbour)))

    def _apply_and_select(self, change: str, network: Network) -> None:
        before = _names(self._network)
        with self._announcing_once():
            self._document.apply_network(change, network)
            self._select_all_but(before)

    def _select_all_but(self, names: set[str]) -> None:
        if new := [layer.name for layer in self._network if layer.name not in names]:
            self.select(new)

    def _add_connections(self, menu: QMenu) -> None:
        """What the current card can be connected to; what cannot be is not offered."""
        name, begun = self._only_name(), self._connecting.skip
        if name is None:
            return
        menu.addSeparator()
        if name == begun:
            menu.addAction("Do not skip from here\tS", self.skip_from_here)
        elif self._network and name != self._network[-1].name:
            menu.addAction("Skip from here\tS", self.skip_from_here)
        if self._connecting.can_join(name):
            menu.addAction(f"Join {begun} here\tJ", self.join_here)

    def _only_name(self) -> str | None:
        """The name on the one card that is selected."""
        return self.selected[0] if len(self.selected) == 1 else None

    def _add_remedies(self, menu: QMenu) -> None:
        for row in self._selected_rows():
            for problem in self._stack.card(row).problems:
                if problem.remedy is not None:
                    action = menu.addAction(problem.remedy.label, partial(self._document.mend, problem))
                    action.setToolTip(problem.sentence)
        if not menu.isEmpty():
            menu.addSeparator()

    def _request_edit(self) -> None:
        if not self.currentIndex().isValid():
            return
        card = self._stack.card(self.currentIndex().row())
        if card.collapsed:
            self.expand_selected()
        else:
            self.edit_requested.emit(card.name)

    def _search(self) -> None:
        self._found = tuple(layer.name for layer in self._network if self._query.strip() and answers(layer, self._query))
        self._stack.set_found(self._found)
        self.found_changed.emit()

    def _found_from(self, start: int, by: int = 1) -> str:
        """The found layer nearest to row `start`, below it (`by` +1) or above (−1), else the first from the other end."""
        rows = self._stack.rows_of(self._found)
        following = [row for row in rows if (row >= start if by > 0 else row <= start)]
        names = self._stack.card((following or rows)[0 if by > 0 else -1]).names
        return [name for name in self._found if name in names][0 if by > 0 else -1]

    def _go_to_found(self, name: str) -> None:
        self._reached = name
        self.select((name,))
        self.found_changed.emit()
        if len(self.selected) > 1:
            self.found_inside.emit(name)

    def _follow(self) -> None:
        if self._query:
            self._search()
        self.updateGeometry()
        self._announce()

    def _announce(self) -> None:
        """Tell about the selection, once all rows are those of the new value."""
        if not (self._stack.synchronizing or self._selecting) and self.selected != self._announced:
            self._announced = self.selected
            self.selection_changed.emit(self._announced)

    @contextmanager
    def _announcing_once(self) -> Iterator[None]:
        """Tell about the selection at the end only: whoever shows it has work with each."""
        self._selecting = True
        try:
            yield
        finally:
            self._selecting = False
            self._announce()

    def _row_below(self, position: QPoint) -> int:
        """The row before which something is dropped at `position`: never before the input."""
        rows = range(1, self._stack.rowCount())
        return next((row for row in rows if position.y() < self.visualRect(self._stack.index(row)).center().y()), rows.stop)

    def _repaint(self) -> None:
        # Not connected to the viewport itself: the first time PySide meets a widget of unknown kind it makes all the classes that
        # it could be of, which takes 10 ms.
        self.viewport().update()

    def _show_drop_row(self, row: int | None) -> None:
        if row != self._drop_row:
            self._drop_row = row
            self.viewport().update()

    # -- Qt -------------------------------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        height = round(row_height(Fonts.like(self.font())))
        return QSize(30 * self.fontMetrics().height(), height * self._stack.rowCount())

    def minimumSizeHint(self) -> QSize:
        return QSize(least_width, round(row_height(Fonts.like(self.font()))))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.scheduleDelayedItemsLayout()
            self.updateGeometry()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.state() == QAbstractItemView.State.EditingState:
            # The name's editor passes Enter on before the delegate closes it: looking into the layer now would close it twice.
            event.accept()
            return
        # A key of the number pad, or an arrow on macOS, says so; here it means the same.
        keys = QKeyCombination(event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier, Qt.Key(event.key()))
        action = self._keys.get(QKeySequence(keys).toString())
        if keys.key() == Qt.Key.Key_Escape and self._connecting.give_up():
            event.accept()
        elif action is None:
            super().keyPressEvent(event)
        else:
            action()
            event.accept()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            if turned := event.angleDelta().y():
                self.zoom_by(1 if turned > 0 else -1)
            event.accept()
        else:
            super().wheelEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._connecting.press(event.position()):
            event.accept()
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._connecting.move(event.position())
        if not self._connecting.dragging:
            super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._connecting.dragging:
            self._connecting.release()
        else:
            super().mouseReleaseEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._connecting.leave()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        place = self.visualRect(self.currentIndex()).center() if by_key else event.pos()
        menu = self.context_menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.viewport().mapToGlobal(place))

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if not self.currentIndex().isValid():
            self.selectionModel().setCurrentIndex(self._stack.index(0), _Flag.NoUpdate)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        super().dragMoveEvent(event)  # scrolls near the ends
        row = self._row_below(event.position().toPoint())
        if self._stack.canDropMimeData(event.mimeData(), event.dropAction(), row, 0, QModelIndex()):
            self._show_drop_row(row)
            event.acceptProposedAction()
        else:
            self._show_drop_row(None)
            event.ignore()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        super().dragLeaveEvent(event)
        self._show_drop_row(None)

    def dropEvent(self, event: QDropEvent) -> None:
        if self.drop(event.mimeData(), event.dropAction(), self._row_below(event.position().toPoint())):
            event.acceptProposedAction()
        self.dragLeaveEvent(QDragLeaveEvent())  # ends scrolling and hides the line

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        self._connecting.paint()
        if self._drop_row is not None:
            self._paint_drop_line(self._drop_row)

    def _paint_drop_line(self, row: int) -> None:
        last = self.visualRect(self._stack.index(row - 1))
        fonts = Fonts.like(self.font())
        margin = side_margin(self.viewport().width(), fonts)
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(current_theme().accent))
        line = QRectF(margin, min(last.bottom() - 1, self.viewport().height() - 4), last.width() - 2 * margin, 3)
        painter.drawRoundedRect(line, 1.5, 1.5)
        painter.drawEllipse(line.center().toPoint() - QPoint(int(line.width() / 2), 0), 4, 4)


_select_to_collapse = "Select two or more layers that follow each other, to show them as one card."


def _names(layers: Sequence[AnyLayer]) -> set[str]:
    return {layer.name for layer in layers}
