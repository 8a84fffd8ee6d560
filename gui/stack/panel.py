"""The middle of the window: the experiment's name and size, its cards, and what adds one."""

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from gui import clipboard
from gui.blocks import BlockShelf
from gui.document import Document
from gui.stack.add_button import AddButton
from gui.stack.card import summaries
from gui.stack.find import FindBar
from gui.stack.title_edit import TitleEdit
from gui.stack.view import StackView
from models.experiment.layers.base import Layer
from models.storage.blocks import Block
from models.telemetry.events import LayerProbe

if TYPE_CHECKING:
    from gui.palette.palette import Palette


header_margins = 30
"""Pixels left, right and between the experiment's name and its size."""


class StackPanel(QWidget):
    """The middle of the window: the experiment's name and size, the cards, and the button that adds one."""

    block_rename_requested = Signal(object)
    """The `Kept` block that is to get another name."""
    block_delete_requested = Signal(object)
    """The `Kept` block that is to be deleted."""

    def __init__(self, document: Document, shelf: BlockShelf | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._shelf = shelf
        self.view = StackView(document)
        self.title = TitleEdit(document)
        self.summary = QLabel()
        self.summary.setProperty("role", "small")
        self.find_bar = FindBar()
        self.add_button = AddButton()
        self.setAcceptDrops(True)
        self._lay_out()
        self.view.palette_requested.connect(self.open_palette)
        self.add_button.clicked.connect(self.open_palette)
        self.find_bar.changed.connect(self.view.find_layers)
        self.find_bar.stepped.connect(self.view.step_to_found)
        self.find_bar.closed.connect(self.view.setFocus)
        self.view.found_changed.connect(self._show_found)
        document.changed.connect(self._show_summary)
        self._show_summary()

    @cached_property
    def layer_palette(self) -> "Palette":
        """What the layer to add is chosen from; made when it is first opened, as the window's first paint does not show it."""
        from gui.palette.palette import Palette

        palette = Palette(self, popup=True, shelf=self._shelf)
        palette.rename_requested.connect(self.block_rename_requested)
        palette.delete_requested.connect(self.block_delete_requested)
        palette.chosen.connect(self._add)
        palette.dismissed.connect(self.view.setFocus)
        return palette

    def set_statistics(self, probes: Mapping[str, LayerProbe] | None) -> None:
        """Show what the last probe found in each layer, by name; none clears it."""
        self.view.set_statistics(probes)

    def find_next(self, by: int) -> None:
        """Go to the next layer (`by` +1) that was looked for, or the one before (−1); without a search, ask for what."""
        if self.find_bar.query:
            self.view.step_to_found(by)
        else:
            self.find_bar.open()

    def open_palette(self) -> None:
        """Let a person choose a layer to add."""
        self.layer_palette.set_incoming(self.view.incoming_shape())
        self.layer_palette.open_at(self.add_button)

    def _lay_out(self) -> None:
        header = QHBoxLayout()
        header.setContentsMargins(8, 6, 14, 6)
        header.setSpacing(8)
        header.addWidget(self.title, 1)
        header.addWidget(self.summary)
        line = QFrame()
        line.setProperty("role", "line")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(header)
        column.addWidget(line)
        column.addWidget(self.find_bar)
        column.addSpacing(2)
        column.addWidget(self.view)
        column.addWidget(self.add_button)
        column.addStretch(1)

    def _add(self, choice: type[Layer] | Block) -> None:
        if isinstance(choice, Block):
            self.view.add_block(choice)
        else:
            self.view.add(choice)
        self.view.setFocus()

    def _show_found(self) -> None:
        self.find_bar.show_count(self.view.found_place, len(self.view.found))

    def _show_summary(self) -> None:
        """The longest wording beside which the whole name can be read, or else as much of it as fits into half of the header."""
        wordings = summaries(self._document.experiment, self._document.report)
        metrics = self.summary.fontMetrics()
        room = self.width() - min(self.title.whole_width, self.width() // 2) - header_margins
        fitting = (wording for wording in wordings if metrics.horizontalAdvance(wording) <= room)
        self.summary.setText(next(fitting, wordings[-1]))
        self.summary.setToolTip(wordings[0])

    # -- Qt -------------------------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_summary()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.view.clearSelection()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(map(event.mimeData().hasFormat, (clipboard.layers_type, clipboard.kind_type))):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """What is dropped beside the cards goes to the end."""
        if self.view.drop(event.mimeData(), event.dropAction(), -1):
            event.acceptProposedAction()
