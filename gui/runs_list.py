"""The list of earlier runs: which of their curves are drawn, what was set in them, and what came of it."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QActionGroup, QColor, QContextMenuEvent, QIcon, QKeyEvent, QPixmap
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QGridLayout,
    QLabel,
    QMenu,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gui.earlier_runs import EarlierRuns, figures_of, origin_of
from gui.theme import current_theme, series_names, set_look
from gui.widgets.name_line import NameLine
from gui.widgets.run_look import RunLook, Sample, look_of

if TYPE_CHECKING:
    from models.telemetry.history import EarlierRun

_width = 480
_most_height = 420
most_listed = 40
"""Runs that are listed at once: more take long to lay out, and a button brings them."""


class RunsList(QFrame):
    """Pops up over the window, the newest run first; each can be hidden, renamed, coloured or deleted."""

    def __init__(self, runs: EarlierRuns, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setProperty("role", "popup")
        self._runs = runs
        self._anchor: QWidget = parent
        self.words = QLabel()
        """What can be done here, or why a name cannot be: one line, so that nothing moves."""
        self.words.setContentsMargins(8, 6, 8, 0)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setFixedHeight(self.fontMetrics().height() + 8)
        self._scroller = QScrollArea()
        self._scroller.setWidgetResizable(True)
        self._scroller.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 4, 4, 4)
        column.setSpacing(0)
        column.addWidget(self.words)
        column.addWidget(self._scroller)
        self._listed: tuple[tuple[object, ...], ...] = ()
        """What the list says of each run."""
        self.names: dict[int, NameLine] = {}
        """By the number of the run."""
        self._boxes: dict[int, QCheckBox] = {}
        self._most = most_listed
        # Later: what tells of a change may be a button in the very list that is about to be filled anew.
        runs.changed.connect(self._follow, Qt.ConnectionType.QueuedConnection)

    def open_above(self, widget: QWidget) -> None:
        """Pop up over `widget`, with the right edges of both in line."""
        self._anchor = widget
        self._most = most_listed
        self._fill()
        self.show()

    def menu_of(self, number: int) -> QMenu:
        """What can be done with the run of this number, as a menu that deletes itself."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Rename\tF2", self.names[number].begin)
        run = next((run for run in self._runs.runs if run.number == number), None)
        if run is not None:
            self._add_colours(menu, run)
            menu.addAction("Forget", lambda: self._runs.delete(number))
        return menu

    def _add_colours(self, menu: QMenu, run: "EarlierRun") -> None:
        colours = menu.addMenu("Colour")
        group = QActionGroup(colours)
        for place, name in ((None, "Usual"), *enumerate(series_names)):
            action = QAction(name, colours, checkable=True, checked=run.colour == place)
            action.setData(place)
            if place is not None:
                swatch = QPixmap(12, 12)
                swatch.fill(QColor(current_theme().series_colour(place)))
                action.setIcon(QIcon(swatch))
            group.addAction(action)
            colours.addAction(action)
        colours.triggered.connect(lambda action: self._runs.colour(run.number, action.data()))

    def _follow(self) -> None:
        if not self.isVisible():
            return
        for run in self._runs.runs:
            if run.number in self._boxes:
                self._boxes[run.number].setChecked(run.shown)
        if self._listed != self._to_list():
            focused = self._focused()
            self._fill_in_place()
            if focused in self.names:
                self.names[focused].setFocus()
        else:
            self._say("")

    def _to_list(self) -> tuple[tuple[object, ...], ...]:
        present = (self._runs.present and self._runs.present_name,)
        return (present, *((run.number, run.name, run.colour) for run in self._runs.runs))

    def _fill(self) -> None:
        self._listed = self._to_list()
        self.names, self._boxes = {}, {}
        content = QWidget()
        grid = QGridLayout(content)
        grid.setContentsMargins(8, 6, 8, 6)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(1)
        grid.setColumnStretch(2, 1)
        if self._runs.present:
            self._add_present(grid)
        for run in self._runs.runs[: -self._most - 1 : -1]:
            self._add_row(grid, run)
        if older := len(self._runs.runs) - len(self._boxes):
            more = QPushButton(f"List older ones too ({older})")
            more.clicked.connect(self._list_all, Qt.ConnectionType.QueuedConnection)
            grid.addWidget(more, grid.rowCount(), 0, 1, 4)
        if not self._runs.runs:
            empty = QLabel("Earlier runs will be listed here: their curves stay behind those of the present one.")
            empty.setProperty("role", "muted")
            empty.setWordWrap(True)
            grid.addWidget(empty, grid.rowCount(), 0, 1, 4)
        self._scroller.setWidget(content)
        self.words.setVisible(bool(self.names))
        self._say("")
        height = content.heightForWidth(_width - 12) if content.hasHeightForWidth() else content.sizeHint().height()
        above = self.words.height() if self.names else 0
        self.setFixedSize(_width, min(height + above + 14, _most_height))
        corner = self._anchor.mapToGlobal(QPoint(self._anchor.width(), -2))
        self.move(corner - QPoint(self.width(), self.height()))

    def _list_all(self) -> None:
        self._most = len(self._runs.runs)
        self._fill_in_place()

    def _fill_in_place(self) -> None:
        """Fill the list anew, and leave it where it is scrolled to."""
        place = self._scroller.verticalScrollBar().value()
        self._fill()
        self._scroller.verticalScrollBar().setValue(place)

    def _add_present(self, grid: QGridLayout) -> None:
        """The run that goes on, or the last one: it has its name already, and its curves are drawn in any case."""
        row = grid.rowCount()
        grid.addWidget(Sample(RunLook(current_theme().accent, "-")), row, 1)
        grid.addWidget(self._name_line(self._runs.present_number, self._runs.present_name), row, 2)
        grid.addWidget(_small("the present run"), row + 1, 2, 1, 2)
        grid.setRowMinimumHeight(row + 2, 7)

    def _name_line(self, number: int, name: str) -> NameLine:
        line = self.names[number] = NameLine(name, lambda text: self._runs.name_obstacle(number, text))
        line.named.connect(lambda text: self._runs.rename(number, text))
        line.obstacle_changed.connect(self._say)
        return line

    def _add_row(self, grid: QGridLayout, run: "EarlierRun") -> None:
        row = grid.rowCount()
        shown = self._boxes[run.number] = QCheckBox()
        shown.setChecked(run.shown)
        shown.setToolTip("Draw its curves behind those of the present run")
        shown.setAccessibleName(f"Draw {run.name}")
        shown.clicked.connect(lambda checked: self._runs.show(run.number, checked))
        name = self._name_line(run.number, run.name)
        delete = QToolButton()
        delete.setText("✕")
        delete.setToolTip("Forget this run")
        delete.setAccessibleName(f"Forget {run.name}")
        delete.clicked.connect(lambda: self._runs.delete(run.number))
        for place, widget in enumerate((shown, Sample(look_of(run, current_theme())), name, delete)):
            grid.addWidget(widget, row, place)
        grid.addWidget(_small(origin_of(run, self._runs.runs)), row + 1, 2, 1, 2)
        grid.addWidget(_small(figures_of(run)), row + 2, 2, 1, 2)
        grid.setRowMinimumHeight(row + 3, 7)

    def _say(self, obstacle: str) -> None:
        """Why a name cannot be, or else how many earlier runs are drawn, and what can be done with one."""
        runs = self._runs.runs
        drawn = sum(run.shown for run in runs)
        count = "" if drawn == len(runs) else f"{drawn} of {len(runs)} earlier runs are drawn. "
        self.words.setText(obstacle or f"{count}Double click or F2 renames a run.")
        set_look(self.words, "role", "error" if obstacle else "small")

    def _focused(self) -> int | None:
        """The number of the run in whose row the keyboard is."""
        focused = self.focusWidget()
        rows = ((number, (line, self._boxes.get(number))) for number, line in self.names.items())
        return next((number for number, widgets in rows if focused in widgets), None) if focused else None

    def _at(self, place: QPoint) -> int | None:
        """The number of the run whose row is at a place of the list."""
        height = self.mapToGlobal(place).y()
        above = [number for number, name in self.names.items() if name.mapToGlobal(QPoint()).y() <= height]
        return above[-1] if above else None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        number = self._focused()
        if event.key() == Qt.Key.Key_F2 and number is not None:
            self.names[number].begin()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_mouse = event.reason() == QContextMenuEvent.Reason.Mouse
        number = self._at(event.pos()) if by_mouse else self._focused()
        if number is not None:
            self.menu_of(number).popup(event.globalPos())


def _small(text: str) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)  # names are whatever somebody typed
    label.setProperty("role", "small")
    label.setContentsMargins(4, 0, 0, 0)  # in line with the name above
    label.setWordWrap(True)
    return label
