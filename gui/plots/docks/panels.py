"""The live plots of a run: a panel for each, in any arrangement."""

import json
from collections.abc import Sequence
from itertools import cycle, pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QLabel, QMenu, QVBoxLayout, QWidget

from gui.plots.docks.area import Area
from gui.plots.docks.panel import Panel
from gui.plots.docks.registry import PanelKind, kinds
from gui.plots.plot import Plot
from gui.theme import Theme
from models.telemetry.history import History
from models.telemetry.wanted import Wanted

if TYPE_CHECKING:
    from gui.messages import RunPrepared
    from models.experiment.experiment import Experiment

most_copies = 50
"""Panels of one kind that are remembered: more would be a damaged file."""


class Panels(QWidget):
    """Shows the run that goes on, or the last one, in as many panels as somebody wants to see.

    The owner calls `start` when a run begins, `consume` when its record grew, and `tick` on a clock. A panel that cannot be
    seen, because it is closed or behind another, costs nothing: it takes in no news and draws nothing.
    """

    failed = Signal(str)
    """Saving a plot did not work; the sentence says why."""
    told = Signal(str)
    """What was done with a plot that cannot be seen in the window."""
    wanted_changed = Signal(object)
    """What looks inside have to bring along from now on for the plots that can be seen, a `Wanted`."""

    def __init__(self, theme: Theme, arrangement: QByteArray | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._run: RunPrepared | None = None
        self._record: History | None = None
        self._layer: str | None = None
        self._experiment: Experiment | None = None
        self._turn = 0
        self.wanted = Wanted()
        """What the plots that can be seen need of looks inside."""
        self.panels: list[Panel] = []
        """All that there are, the closed ones too."""
        self.area = Area()
        self._none_here = QLabel("No panel is open here. View ▸ Panels opens them, or brings the usual ones back.")
        self._none_here.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._none_here.setProperty("role", "muted")
        self._none_here.setWordWrap(True)
        self._none_here.hide()  # it takes no room then
        self.area.setCentralWidget(self._none_here)
        self._reasons = QLabel()
        self._reasons.setProperty("role", "small")
        self._reasons.setWordWrap(True)
        self._reasons.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.area, 1)
        column.addWidget(self._reasons)
        self._arrangement: QByteArray | None = arrangement
        self._arranged = False
        for kind in kinds:
            self._add(kind, 1).hide()

    # What the owner calls

    def start(self, run: "RunPrepared") -> None:
        """Get ready for a run whose data are known."""
        self._run, self._record = run, None
        self._withhold()
        self._follow()

    def consume(self, record: History) -> None:
        """Show this record from now on; drawn at the next ticks."""
        self._record = record
        if not self.window().isMinimized():
            self._follow()

    def tick(self) -> None:
        """Make the curves of one plot, or draw some of those that were made; then it is the turn of the next that has news.

        So a tick takes a few milliseconds, however much there is to draw, and no plot falls behind another. Only what somebody
        handles with the pointer is drawn as a whole at once.
        """
        seen = self.plots
        if hurried := next((plot for plot in seen if plot.hurried), None):
            hurried.refresh()
            return
        for place in range(self._turn, self._turn + len(seen)):
            if seen[place % len(seen)].advance():
                self._turn = (place + 1) % len(seen)
                return

    def show_experiment(self, experiment: "Experiment") -> None:
        """The document is this from now on: show what does not need a run."""
        self._experiment = experiment
        for panel in self.panels:
            panel.show_experiment(experiment)

    def select_layer(self, name: str) -> None:
        """Show the layer called `name` in all panels that show one layer and are not pinned to another."""
        self._layer = name
        for panel in self.panels:
            panel.select_layer(name)

    def set_theme(self, theme: Theme) -> None:
        """Look like `theme` from now on."""
        self._theme = theme
        for panel in self.panels:
            panel.set_theme(theme)

    def clear(self) -> None:
        """Show nothing, as before the first run."""
        self._run = self._record = None
        self._withhold()
        self._follow()

    def plot(self, identifier: str) -> Plot:
        """The plot in the first panel of this kind."""
        return next(panel.plot for panel in self.panels if panel.objectName() == identifier)

    @property
    def plots(self) -> tuple[Plot, ...]:
        """The plots that can be seen."""
        return tuple(panel.plot for panel in self.panels if panel.seen)

    def fill_menu(self, menu: QMenu) -> None:
        """Put into `menu` what opens and closes each panel, and what brings back the usual arrangement."""
        menu.clear()
        for panel in self.panels:
            menu.addAction(panel.toggleViewAction())
        menu.addSeparator()
        menu.addAction("&Usual arrangement", self.arrange_usually)

    # Arrangements

    def arrange_usually(self) -> None:
        """Bring the panels of the usual arrangement to their places and close the others; second ones of a kind are gone."""
        for panel in [panel for panel in self.panels if panel.number > 1]:
            panel.close()
        self.lay_out([panel for panel in self.panels if panel.kind.shown])
        self._withhold()

    def lay_out(self, shown: Sequence[Panel]) -> None:
        """Show these, two in a row, all of equal size; the others are closed, and open behind them.

        They take turns, from the last to the second, so that few tabs share a head and the first, the loss, stays in sight.
        """
        for panel in self.panels:
            panel.setFloating(False)
            self.area.removeDockWidget(panel)
        rows = [shown[place : place + 2] for place in range(0, len(shown), 2)]
        for row in rows:
            self.area.addDockWidget(_everywhere, row[0], Qt.Orientation.Vertical)
        for row in rows:
            for left, right in pairwise(row):
                self.area.splitDockWidget(left, right, Qt.Orientation.Horizontal)
        for panel in shown:
            panel.show()
        closed = [panel for panel in self.panels if panel not in shown]
        for panel, place in zip(closed, cycle(shown[:0:-1] or shown), strict=False):
            self.area.tabifyDockWidget(place, panel)
            panel.close()
        self._share_out(rows)

    def _share_out(self, rows: Sequence[Sequence[Panel]]) -> None:
        """Give all the same room."""
        width, height = self.area.width(), self.area.height()
        self.area.resizeDocks([row[0] for row in rows], [height // len(rows)] * len(rows), Qt.Orientation.Vertical)
        for row in rows:
            self.area.resizeDocks(row, [width // len(row)] * len(row), Qt.Orientation.Horizontal)

    def arrangement(self) -> QByteArray:
        """Which panels there are and where, and what was chosen in each, for `arrange`."""
        for panel in self.panels:
            panel.withhold(False)
        state = bytes(self.area.saveState().toBase64().data()).decode()
        copies = [(panel.kind.identifier, panel.number) for panel in self.panels if panel.number > 1]
        settings = {panel.objectName(): found for panel in self.panels if (found := panel.settings())}
        return QByteArray(json.dumps({"copies": copies, "state": state, "settings": settings}).encode())

    def arrange(self, arrangement: QByteArray) -> None:
        """Put the panels where they were when `arrangement` was asked for; what it does not know stays where it is."""
        try:
            found = json.loads(bytes(arrangement.data()))
            copies = [(str(identifier), int(number)) for identifier, number in found["copies"]]
            state = QByteArray.fromBase64(found["state"].encode())
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
            return  # damaged, or written by another version: the usual arrangement stays
        for kind in kinds:
            numbers = {number for identifier, number in copies if identifier == kind.identifier}
            for number in sorted(numbers & set(range(2, most_copies + 1))):
                self._place(self._add(kind, number))
        self.area.restoreState(state)
        settings = found.get("settings")
        for panel in self.panels:
            panel.restore(settings.get(panel.objectName()) if isinstance(settings, dict) else None)
        self._withhold()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._arranged:  # only now there is a size that can be shared out
            self._arranged = True
            self.arrange_usually()
            if self._arrangement is not None:
                self.arrange(self._arrangement)

    # Inside

    def _add(self, kind: PanelKind, number: int) -> Panel:
        panel = Panel(kind, number, self._theme, self.area)
        panel.failed.connect(self.failed)
        panel.told.connect(self.told)
        panel.example_chosen.connect(self._show_example)
        panel.another_requested.connect(self._open_another)
        panel.came_into_sight.connect(self._catch_up)
        panel.gone.connect(self._forget)
        panel.visibilityChanged.connect(self._note_emptiness)
        panel.topLevelChanged.connect(self._note_emptiness)
        panel.toggleViewAction().triggered.connect(self._bring_forward)
        if self._layer is not None:
            panel.select_layer(self._layer)
        if self._experiment is not None:
            panel.show_experiment(self._experiment)
        self.panels.append(panel)
        return panel

    def _bring_forward(self, opened: bool) -> None:
        """Let what was opened from the menu be seen: in front of its tabs, and not squeezed beside what took all the room."""
        panel = next((panel for panel in self.panels if panel.toggleViewAction() is self.sender()), None)
        if panel is None:  # a second one of its kind, which is gone as soon as it is closed
            return
        panel.raise_()
        share = self._share_of(panel)
        if opened and panel.width() < 0.75 * share:
            self._widen(panel, share)

    def _share_of(self, panel: Panel) -> int:
        """The width that a panel has where all that stand in its row have the same."""
        return self.area.width() // max(1, len(self._row_of(panel)))

    def _row_of(self, panel: Panel) -> list[Panel]:
        """What stands beside a panel and can be seen, itself included."""
        layout = self.area.layout()
        assert layout is not None
        layout.activate()
        middle = panel.geometry().center().y()
        return [each for each in self.panels if each.docked and each.y() <= middle < each.y() + each.height()]

    def _widen(self, panel: Panel, width: int) -> None:
        """Make a panel that came into sight `width` pixels wide, at the cost of those beside it: Qt lets it have less."""
        row = self._row_of(panel)
        others = [each for each in row if each is not panel]
        if panel in row and others and panel.width() < width:
            part = 1 + (panel.width() - width) / sum(each.width() for each in others)
            widths = [width, *(round(part * each.width()) for each in others)]
            self.area.resizeDocks([panel, *others], widths, Qt.Orientation.Horizontal)

    def _show_example(self, number: int) -> None:
        for panel in self.panels:
            if panel.made is not None:
                panel.made.show_example(number)

    def _open_another(self) -> None:
        panel = self.sender()
        assert isinstance(panel, Panel)
        taken = {other.number for other in self.panels if other.kind is panel.kind}
        another = self._add(panel.kind, next(number for number in range(2, len(taken) + 2) if number not in taken))
        self._place(another)
        another.raise_()

    def _place(self, panel: Panel) -> None:
        """Put a second panel of a kind beside the first one; below all where others are behind the first, or would open there.

        Qt would put it in front of the first, and the two could not be compared.
        """
        first = next(other for other in self.panels if other.kind is panel.kind)
        self.area.splitDockWidget(first, panel, Qt.Orientation.Horizontal)
        panel.show()
        if self.area.tabifiedDockWidgets(first):
            self.area.removeDockWidget(panel)
            self.area.addDockWidget(_everywhere, panel, Qt.Orientation.Vertical)
            panel.show()
            self.area.resizeDocks([panel], [self.area.height() // 3], Qt.Orientation.Vertical)
        else:
            self._widen(panel, self._share_of(panel))

    def _forget(self) -> None:
        panel = self.sender()
        assert isinstance(panel, Panel)
        self.panels.remove(panel)
        self.area.removeDockWidget(panel)
        panel.deleteLater()

    def _catch_up(self) -> None:
        panel = self.sender()
        assert isinstance(panel, Panel)
        panel.follow(self._run, self._record)
        self._say_why()

    def _note_emptiness(self) -> None:
        """Say how to open panels where none has its place in the window."""
        self._none_here.setVisible(all(panel.isHidden() or panel.isFloating() for panel in self.panels))

    def _follow(self) -> None:
        wanted = Wanted()
        for panel in self.panels:
            if panel.seen:
                panel.follow(self._run, self._record)
                wanted |= panel.plot.wanted
        if wanted != self.wanted:
            self.wanted = wanted
            self.wanted_changed.emit(wanted)

    def _withhold(self) -> None:
        """Take the panels out of sight that have nothing to show in this run, and say why."""
        for panel in self.panels:
            reason = self._missing(panel)
            width, back = panel.width(), panel.withheld and not reason
            panel.withhold(bool(reason))
            if back:
                self._widen(panel, width)
        self._say_why()

    def _say_why(self) -> None:
        """Say why panels are out of sight; one that somebody opens all the same says so itself."""
        reasons = dict.fromkeys(self._missing(panel) for panel in self.panels if panel.withheld)
        self._reasons.setText(" ".join(reasons))
        self._reasons.setVisible(bool(reasons))

    def _missing(self, panel: Panel) -> str:
        """Why there is nothing to show in this run; empty where there is."""
        return panel.kind.plot.missing(self._run) if self._run is not None else ""


_everywhere = Qt.DockWidgetArea.TopDockWidgetArea
"""There is nothing in the middle while a panel is open, so one area has all the room."""
