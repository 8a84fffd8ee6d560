"""Where the plots will be: empty cards until matplotlib is imported, which the window's first paint does not wait for."""

import contextlib
import importlib
import threading
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QTimer, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QVBoxLayout, QWidget

from gui.theme import current_theme

if TYPE_CHECKING:
    from gui.plots.docks.panels import Panels

look_interval = 10
"""Milliseconds between two looks at whether the import is done."""


class PlotPlace(QFrame):
    """Holds four empty cards, then the plots, arranged as they were when the window was closed last."""

    loaded = Signal()
    """The plots are in their place, and painted where the window can be seen."""

    def __init__(self, arrangement: QByteArray | None = None) -> None:
        super().__init__()
        self._arrangement = arrangement
        self.plots: Panels | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._empty = _empty_cards()
        self._column.addWidget(self._empty)
        self._import = threading.Thread(target=_import_plots, name="plots", daemon=True)
        self._look = QTimer(self)
        self._look.setInterval(look_interval)

    def load(self) -> None:
        """Import matplotlib in a thread of its own, so that the window lives on meanwhile, and put the plots in their place."""
        self._import.start()
        self._look.timeout.connect(self._look_at_import)
        self._look.start()

    def stop(self) -> None:
        """The window closes: wait for nothing any more."""
        self._look.stop()
        if self._import.is_alive():
            self._import.join()

    def _look_at_import(self) -> None:
        if not self._import.is_alive():
            self._look.stop()
            self._put_in_place()

    def _put_in_place(self) -> None:
        from gui.plots.docks.panels import Panels

        self.plots = Panels(current_theme(), self._arrangement)
        self.plots.resize(self._empty.size())
        self._column.replaceWidget(self._empty, self.plots)
        self._empty.deleteLater()
        # The first image drawn starts threads of Qt, and no thread can start while the system loads TensorFlow's libraries: that
        # would make the window wait for 0.1 s.
        self.plots.show()
        for plot in self.plots.plots:
            plot.canvas.repaint()
        self.loaded.emit()


def _import_plots() -> None:
    # What goes wrong here goes wrong again, and is reported, when the window asks for the plots.
    with contextlib.suppress(Exception):
        importlib.import_module("gui.plots.warming").warm_up()


def _empty_cards() -> QWidget:
    """Cards where the plots will have theirs."""
    cards = QWidget()
    grid = QGridLayout(cards)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setSpacing(6)
    for place in range(4):
        card = QFrame()
        card.setProperty("role", "card")
        grid.addWidget(card, place // 2, place % 2)
    return cards
