"""Making connections between cards: by dragging from a dot to a later card, or by keys from one card to another."""

from PySide6.QtCore import QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QListView

from gui.document import Document
from gui.stack.card_places import Fonts, lanes_beside
from gui.stack.delegate import CardDelegate, Highlight
from gui.stack.lane_painting import LanePlaces, edge_at
from gui.stack.lanes import Edge
from gui.stack.model import StackModel
from gui.theme import current_theme
from models.experiment.base import Shape
from models.experiment.experiment import Network
from models.experiment.graph import input_name
from models.experiment.reading_more import joinable, joined


class Connecting(QObject):
    """What a person has begun to connect in a stack, and which line the pointer is over."""

    done = Signal(object)
    """A connection was made: names of the layers that are to be selected, as a tuple."""
    told = Signal(str)
    """How to go on, in a sentence."""

    def __init__(self, document: Document, view: QListView, stack: StackModel, delegate: CardDelegate) -> None:
        super().__init__(view)
        self._document, self._view, self._stack, self._delegate = document, view, stack, delegate
        self._skip: str | None = None
        self._drag: tuple[int, QPointF] | None = None
        self._edge: Edge | None = None
        self._targets: frozenset[int] = frozenset()
        stack.synchronized.connect(self._forget_what_is_gone)
        view.selectionModel().selectionChanged.connect(self._show)

    @property
    def skip(self) -> str | None:
        """Name of what the next connection begins at; none where nothing is marked."""
        return self._skip

    @property
    def dragging(self) -> bool:
        """Whether a connection is being dragged."""
        return self._drag is not None

    # -- by keys --------------------------------------------------------------------------------------------------------------

    def skip_from(self, name: str | None) -> None:
        """Let the next connection begin at the card called `name`; none, or the same again, gives it up."""
        self._skip = None if name == self._skip else name
        self._show()
        if self._skip is not None:
            self.told.emit(
                f"A connection begins at {name}: select a later layer and press J, or add a layer that merges. Esc: none."
            )

    def can_join(self, name: str) -> bool:
        """Whether the layer called `name` can read what is marked, too."""
        return self._skip is not None and name in self._joinable(self._skip)

    def join(self, name: str) -> bool:
        """Let the layer called `name` read what is marked, too. Returns whether it can."""
        if self._skip is None or not self.can_join(name):
            return False
        self._connect(self._skip, name)
        return True

    # -- by pointing ----------------------------------------------------------------------------------------------------------

    def press(self, position: QPointF) -> bool:
        """Begin to drag if a dot is at `position`. Returns whether one is."""
        row = self._dot_row(position)
        if row is None:
            return False
        name = self._stack.card(row).names[-1]
        self._targets = frozenset(self._stack.rows_of(tuple(self._joinable(name))))
        self._drag = row, position
        self._edge = None
        self._show()
        return True

    def move(self, position: QPointF) -> None:
        """Follow the pointer: with the line that is dragged, or by showing which one it is over."""
        if self._drag is not None:
            self._drag = self._drag[0], position
            self._scroll_near_ends(position)
            self._show()
        elif (edge := self._edge_at(position)) != self._edge:
            self._edge = edge
            self._show()
        over_dot = self._drag is not None or self._dot_row(position) is not None
        self._view.viewport().setCursor(Qt.CursorShape.CrossCursor if over_dot else Qt.CursorShape.ArrowCursor)

    def release(self) -> None:
        """Make the connection if the line was dragged to where it can end."""
        if self._drag is None:
            return
        source, target = self._drag[0], self._target()
        self.give_up()
        if target is not None:
            name = self._stack.card(source).names[-1]
            possible = self._joinable(name)
            self._connect(name, next(each for each in self._stack.card(target).names if each in possible))
        else:
            self.done.emit(self._stack.card(source).names)

    def leave(self) -> None:
        """The pointer has left the stack."""
        self._edge = None
        self._show()

    def give_up(self) -> bool:
        """Connect nothing. Returns whether anything had been begun."""
        begun = self._drag is not None or self._skip is not None
        self._drag, self._skip, self._edge, self._targets = None, None, None, frozenset()
        self._show()
        return begun

    def paint(self) -> None:
        """Draw the line that is dragged."""
        if self._drag is None:
            return
        row, position = self._drag
        painter = QPainter(self._view.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        style = Qt.PenStyle.SolidLine if self._target() is not None else Qt.PenStyle.DashLine
        painter.setPen(QPen(QColor(current_theme().accent), 2, style))
        painter.drawLine(self._places(row).dot(self._stack.lanes(row)), position)

    # -- inside ---------------------------------------------------------------------------------------------------------------

    @property
    def _network(self) -> Network:
        return self._document.experiment.network

    def _shapes(self) -> dict[str, Shape | None]:
        report = self._document.report
        known: dict[str, Shape | None] = {input_name: report.facts.input_shape if report.facts else None}
        return known | {layer.name: layer.output_shape for layer in report.layers}

    def _joinable(self, source: str) -> frozenset[str]:
        return joinable(self._network, source, self._shapes())

    def _connect(self, source: str, target: str) -> None:
        before, network = self._network, joined(self._network, source, target, self._shapes())
        self._skip = None
        self._document.apply_network(f"Connect {source} to {target}", network)
        self._show()
        old = {layer.name for layer in before}
        self.done.emit(tuple(layer.name for layer in network if layer.name not in old) or (target,))

    def _target(self) -> int | None:
        if self._drag is None:
            return None
        row = self._row_at(self._drag[1])
        return row if row in self._targets else None

    def _row_at(self, position: QPointF) -> int:
        return self._view.indexAt(position.toPoint()).row()

    def _places(self, row: int) -> LanePlaces:
        place = QRectF(self._view.visualRect(self._stack.index(row)))
        return lanes_beside(place, Fonts.like(self._view.font()), self._stack.lanes(row))

    def _dot_row(self, position: QPointF) -> int | None:
        row = self._row_at(position)
        if row < 0:
            return None
        places = self._places(row)
        distance: QPointF = places.dot(self._stack.lanes(row)) - position
        return row if distance.manhattanLength() <= max(6.0, 1.6 * places.radius) else None

    def _edge_at(self, position: QPointF) -> Edge | None:
        row = self._row_at(position)
        return edge_at(self._places(row), self._stack.lanes(row), position) if row >= 0 else None

    def _scroll_near_ends(self, position: QPointF) -> None:
        bar, edge = self._view.verticalScrollBar(), 2 * Fonts.like(self._view.font()).em
        if position.y() < edge:
            bar.setValue(bar.value() - round(edge / 2))
        elif position.y() > self._view.viewport().height() - edge:
            bar.setValue(bar.value() + round(edge / 2))

    def _forget_what_is_gone(self) -> None:
        names = {input_name, *(layer.name for layer in self._network)}
        self._drag, self._edge, self._targets = None, None, frozenset()
        self._skip = self._skip if self._skip in names else None
        self._show()

    def _lines_of_selection(self) -> frozenset[Edge]:
        """Of a single layer; many would say nothing."""
        rows = self._view.selectionModel().selectedRows()
        if len(rows) != 1 or self._stack.synchronizing:
            return frozenset()
        row = rows[0].row()
        lanes = self._stack.lanes(row)
        edges = (line.edge for line in (*lanes.above, *lanes.below))
        return frozenset(edge for edge in edges if row in (edge.source, edge.target))

    def _show(self) -> None:
        source = {Edge(self._drag[0], target)} if self._drag is not None and (target := self._target()) is not None else set()
        edges = {self._edge} if self._edge is not None else source
        highlight = Highlight(frozenset(edges), self._lines_of_selection(), self._skip, self._targets, self._target())
        if highlight != self._delegate.highlight or self.dragging:
            self._delegate.highlight = highlight
            self._view.viewport().update()
