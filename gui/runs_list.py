"""The list of earlier runs: which of their curves are drawn, what was set in them, and what came of it."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QCheckBox, QFrame, QGridLayout, QLabel, QScrollArea, QToolButton, QVBoxLayout, QWidget

from gui.earlier_runs import EarlierRuns, figures_of
from gui.theme import current_theme
from gui.widgets.run_look import Sample, look_of

if TYPE_CHECKING:
    from models.telemetry.history import EarlierRun

_width = 440
_most_height = 420


class RunsList(QFrame):
    """Pops up over the window, the newest run first; each can be hidden or deleted."""

    def __init__(self, runs: EarlierRuns, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setProperty("role", "popup")
        self._runs = runs
        self._anchor: QWidget = parent
        self._scroller = QScrollArea()
        self._scroller.setWidgetResizable(True)
        self._scroller.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 4, 4, 4)
        column.addWidget(self._scroller)
        self._listed: tuple[int, ...] = ()
        """Numbers of the runs in the list."""
        # Later: what tells of a change may be a button in the very list that is about to be filled anew.
        runs.changed.connect(self._follow, Qt.ConnectionType.QueuedConnection)

    def open_above(self, widget: QWidget) -> None:
        """Pop up over `widget`, with the right edges of both in line."""
        self._anchor = widget
        self._fill()
        self.show()

    def _follow(self) -> None:
        if self.isVisible() and self._listed != tuple(run.number for run in self._runs.runs):
            self._fill()

    def _fill(self) -> None:
        self._listed = tuple(run.number for run in self._runs.runs)
        content = QWidget()
        grid = QGridLayout(content)
        grid.setContentsMargins(8, 6, 8, 6)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(2, 1)
        for run in reversed(self._runs.runs):
            self._add_row(grid, run)
        if not self._runs.runs:
            empty = QLabel("Runs that are over are listed here: their curves stay behind those of the present one.")
            empty.setProperty("role", "muted")
            empty.setWordWrap(True)
            grid.addWidget(empty, 0, 0, 1, 4)
        self._scroller.setWidget(content)
        height = content.heightForWidth(_width - 12) if content.hasHeightForWidth() else content.sizeHint().height()
        self.setFixedSize(_width, min(height + 14, _most_height))
        corner = self._anchor.mapToGlobal(QPoint(self._anchor.width(), -2))
        self.move(corner - QPoint(self.width(), self.height()))

    def _add_row(self, grid: QGridLayout, run: "EarlierRun") -> None:
        row = grid.rowCount()
        shown = QCheckBox(run.name)
        shown.setChecked(run.shown)
        shown.setToolTip("Draw its curves behind those of the present run")
        shown.toggled.connect(lambda checked: self._runs.show(run.number, checked))
        delete = QToolButton()
        delete.setText("✕")
        delete.setToolTip(f"Forget {run.name}")
        delete.setAccessibleName(f"Forget {run.name}")
        delete.clicked.connect(lambda: self._runs.delete(run.number))
        grid.addWidget(Sample(look_of(run.number, current_theme())), row, 0)
        grid.addWidget(shown, row, 1)
        grid.addWidget(_small(run.changes or "the first run"), row, 2)
        grid.addWidget(delete, row, 3, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(_small(figures_of(run)), row + 1, 1, 1, 2)
        grid.setRowMinimumHeight(row + 2, 6)


def _small(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "small")
    label.setWordWrap(True)
    return label
