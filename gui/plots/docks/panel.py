"""A place for one live plot that can be moved, laid behind others as a tab, made a window of its own, closed and opened again."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QCloseEvent, QContextMenuEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QDockWidget, QFrame, QHBoxLayout, QMenu, QToolButton, QVBoxLayout, QWidget

from gui.plots.docks.registry import PanelKind
from gui.plots.header import title_inset
from gui.plots.help import HelpPopup
from gui.plots.plot import Plot
from gui.plots.switches import Value
from gui.theme import Theme
from models.telemetry.history import History

if TYPE_CHECKING:
    from gui.messages import RunPrepared
    from models.experiment.experiment import Experiment

least_width = 140
"""Pixels that a panel needs at least."""


class Panel(QDockWidget):
    """Holds a plot from the moment on when it is first shown.

    Its head is the plot's own, with buttons for help, the menu and closing; it is dragged by its head, and a double click there
    makes it a window of its own.
    """

    failed = Signal(str)
    """Saving the plot did not work; the sentence says why."""
    told = Signal(str)
    """What was done with the plot that cannot be seen in the window."""
    example_chosen = Signal(int)
    """An example was clicked: its number among the validation examples, or training examples where there are none."""
    another_requested = Signal()
    """Open a second panel of this kind beside this one."""
    came_into_sight = Signal()
    gone = Signal()
    """It was closed for good: a second one of its kind, of which the first is still there."""

    def __init__(self, kind: PanelKind, number: int, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(kind.plot.title, parent)
        self.kind = kind
        self.number = number
        """1 for the panel that is always there, more for those that were opened beside it."""
        self.made: Plot | None = None
        """The plot, where it is made already."""
        self.withheld = False
        """Whether it is out of sight for as long as the run has nothing to show here."""
        self.pinned: str | None = None
        """The layer that it stays with; none where it follows the selection in the stack."""
        self._theme = theme
        self._selected: str | None = None
        self._experiment: Experiment | None = None
        self._pin: QToolButton | None = None
        self._usual: dict[str, Value] = {}
        """How the plot's switches stand where nobody chooses."""
        self._remembered: Mapping[str, object] = {}
        """What was chosen in an earlier session, for a plot that is yet to be made."""
        self._awaited: str | None = None
        """The layer that it stayed with then, until a document has one of that name, or a run begins."""
        self._run: RunPrepared | None = None
        self.setObjectName(kind.identifier if number == 1 else f"{kind.identifier}:{number}")
        self._name()
        self.visibilityChanged.connect(self._note_sight)

    @property
    def plot(self) -> Plot:
        """The plot; made by the first who asks."""
        if self.made is None:
            self.made = self.kind.plot(self._theme)
            self._take_in(self.made)
        return self.made

    @property
    def seen(self) -> bool:
        """Whether it can be seen: open, and not behind another."""
        parent = self.parentWidget()
        # Qt puts what is behind a tab beside the window, and leaves it visible.
        return self.isVisible() and (self.isFloating() or parent is None or parent.rect().intersects(self.geometry()))

    @property
    def docked(self) -> bool:
        """Whether it can be seen, in its place among the others."""
        return self.seen and not self.isFloating()

    def follow(self, run: "RunPrepared | None", record: History | None) -> None:
        """Show this run, none before the first, and what it has told so far."""
        if run is not self._run:
            self._run = run
            self._awaited = None
            self.plot.obstacle = ""
            if run is None:
                self.plot.clear()
            else:
                if self.pinned not in (None, *(layer.name for layer in run.experiment.network)):
                    self.pin(None)  # a pin at a layer of another network would keep the panel empty
                self.plot.start(run)
        if record is not None:
            self.plot.follow(record)

    def select_layer(self, name: str | None) -> None:
        """The layer called `name` is selected in the stack: show it, unless pinned to another."""
        self._selected = name
        self._show_layer()

    def show_experiment(self, experiment: "Experiment") -> None:
        """The document is this from now on."""
        self._experiment = experiment
        if self._awaited is not None and any(layer.name == self._awaited for layer in experiment.network):
            self.pin(self._awaited)
        if self.made is not None:
            self.made.show_experiment(experiment)

    def pin(self, name: str | None) -> None:
        """Stay with the layer called `name` from now on; with none, follow the selection again."""
        self.pinned, self._awaited = name, None
        self._name()
        self._show_layer()

    def settings(self) -> dict[str, object]:
        """What somebody chose here, for `restore`: the layer to stay with, and switches that do not stand as usual."""
        choices = self._remembered
        if self.made is not None:
            choices = {name: value for name, value in self.made.choices().items() if value != self._usual[name]}
        layer = self.pinned or self._awaited
        return ({"layer": layer} if layer else {}) | ({"choices": choices} if choices else {})

    def restore(self, settings: object) -> None:
        """Choose what `settings` gave in an earlier session; what cannot be understood is passed over.

        A layer is stayed with only where the document has one of that name: until it is known, or another is opened, that waits.
        """
        found = settings if isinstance(settings, dict) else {}
        layer, choices = found.get("layer"), found.get("choices")
        if isinstance(choices, dict):
            self._remembered = choices
            if self.made is not None:
                self.made.choose(choices)
        if isinstance(layer, str) and self.kind.plot.of_layer:
            self._awaited = layer
            if self._experiment is not None:
                self.show_experiment(self._experiment)

    def set_theme(self, theme: Theme) -> None:
        """Look like `theme` from now on."""
        self._theme = theme
        if self.made is not None:
            self.made.set_theme(theme)

    def withhold(self, withheld: bool) -> None:
        """Go out of sight for as long as there is nothing to show, or come back where that was so."""
        if withheld and not self.isHidden():
            self.hide()
            self.withheld = True
        elif not withheld and self.withheld:
            self.show()

    def menu(self) -> QMenu:
        """What can be done with the plot and its panel, as a menu that deletes itself."""
        menu = self.plot.menu()
        menu.addSeparator()
        if self._pin is not None:
            pin = menu.addAction("Stay with this layer", self._pin.toggle)
            pin.setCheckable(True)
            pin.setChecked(self.pinned is not None)
        menu.addAction("Another of these", self.another_requested.emit)
        menu.addAction("Put back into the window" if self.isFloating() else "Make a window of its own", self._toggle_floating)
        menu.addAction("Close", self.close)
        return menu

    def _take_in(self, plot: Plot) -> None:
        """Put the plot's head where the panel has its own, and the rest beneath."""
        plot.failed.connect(self.failed)
        plot.told.connect(self.told)
        plot.example_chosen.connect(self.example_chosen)
        self._usual = plot.choices()
        plot.choose(self._remembered)
        plot.show_layer(self.pinned or self._selected)
        if self._experiment is not None:
            plot.show_experiment(self._experiment)
        if plot.of_layer:
            plot.header.add_switch(self._make_pin(), spared=True)
        buttons = QWidget()
        row = QHBoxLayout(buttons)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for text, words, act in (
            ("?", "What this shows, and what good and bad look like", self._show_help),
            ("⋮", "Save, copy, set up", self._show_menu),
            ("×", "Close; the View menu opens it again", self.close),
        ):
            button = _head_button(text, words, act)
            button.setAccessibleName(f"{self.kind.plot.title}: {words.partition(';')[0]}")
            row.addWidget(button)
        plot.header.add_switch(buttons)
        body = QFrame()
        body.setProperty("role", "card-body")
        body.setMinimumSize(least_width, 70)
        column = QVBoxLayout(body)
        column.setContentsMargins(1, 0, 1, 1)
        plot.setMinimumSize(0, 0)
        column.addWidget(plot)
        self.setTitleBarWidget(_Head(plot.header))
        self.setWidget(body)
        plot.fit_head(self.height())

    def _make_pin(self) -> QToolButton:
        self._pin = QToolButton()
        self._pin.setText("pin")
        self._pin.setCheckable(True)
        self._pin.setChecked(self.pinned is not None)
        self._pin.setProperty("role", "chip")
        self._pin.setToolTip("Stay with this layer, whichever is selected in the stack")
        self._pin.toggled.connect(self._toggle_pin)
        return self._pin

    def _name(self) -> None:
        """Say which panel it is, in its tab and in the menu."""
        number = f" {self.number}" if self.number > 1 else ""
        layer = f" · {self.pinned}" if self.pinned else ""
        self.setWindowTitle(f"{self.kind.plot.title}{number}{layer}")
        if self._pin is not None:
            self._pin.setChecked(self.pinned is not None)

    def _show_layer(self) -> None:
        if self.made is not None:
            self.made.show_layer(self.pinned or self._selected)

    def _toggle_pin(self, pinned: bool) -> None:
        if pinned != (self.pinned is not None):
            self.pin(self.plot.layer or self._selected if pinned else None)

    def _show_help(self) -> None:
        button = self.sender()
        assert isinstance(button, QToolButton)
        HelpPopup(self.plot.title, self.plot.help, button).show()

    def _show_menu(self) -> None:
        button = self.sender()
        assert isinstance(button, QToolButton)
        self.menu().popup(button.mapToGlobal(button.rect().bottomLeft()))

    def _toggle_floating(self) -> None:
        self.setFloating(not self.isFloating())

    def _note_sight(self, seen: bool) -> None:
        if seen and self.made is not None:
            self.made.forget_picture()
            self.came_into_sight.emit()

    def setVisible(self, visible: bool) -> None:
        self.withheld = self.withheld and not visible
        super().setVisible(visible)

    def showEvent(self, event: QShowEvent) -> None:
        self.plot.show()  # makes it
        super().showEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.made is not None:
            self.made.fit_head(self.height())

    def closeEvent(self, event: QCloseEvent) -> None:
        super().closeEvent(event)
        if self.number > 1:
            self.gone.emit()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu().popup(event.globalPos())


class _Head(QFrame):
    """Holds a plot's head, which may be as narrow as the panel, whatever its titles and legends would like.

    Otherwise a long name would take the room from the panel beside.
    """

    def __init__(self, header: QWidget) -> None:
        super().__init__()
        self.setProperty("role", "card-head")
        column = QVBoxLayout(self)
        column.setContentsMargins(8 - title_inset, 5, 5, 1)
        column.addWidget(header)

    def minimumSizeHint(self) -> QSize:
        return QSize(least_width, super().minimumSizeHint().height())


def _head_button(text: str, words: str, act: Callable[[], object]) -> QToolButton:
    button = QToolButton()
    button.setText(text)
    button.setProperty("role", "head")
    button.setToolTip(words)
    button.clicked.connect(act)
    return button
