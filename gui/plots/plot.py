"""What all live plots share: a head, a canvas that is drawn on a clock and only where needed, and ways to take it elsewhere."""

import csv
import io
from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from matplotlib import font_manager, rc_context
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import (
    QActionGroup,
    QFontInfo,
    QGuiApplication,
    QImage,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QComboBox, QFileDialog, QMenu, QToolTip, QVBoxLayout, QWidget

from gui.plots.axes import dense, furniture, ticks
from gui.plots.axes.canvas import Canvas
from gui.plots.axes.lettering import Lettering
from gui.plots.axes.ticks import Range
from gui.plots.axes.zooming import Area, Corners, Zooming
from gui.plots.header import Header
from gui.plots.heading import title_and_legend
from gui.plots.help import Help
from gui.plots.switches import Switch, Value, offered
from gui.prompts import may_write
from gui.theme import Theme
from gui.words import first_few
from models.storage.atomic import write_bytes, write_text
from models.telemetry.history import History
from models.telemetry.wanted import Wanted

if TYPE_CHECKING:
    from gui.messages import RunPrepared
    from models.experiment.experiment import Experiment

Row = Sequence[int | float | str]

most_notes = 3
"""Lines in the corner of a plot for what must not be overlooked; it has little room."""
lowest_noted = 18
"""Lines of text that axes must be high for notes in lines of their own."""
lowest_of_two_rows = 12
"""Lines of the window's text that a plot and its head are high together where a legend has two rows."""
figure_formats = {"PNG image (*.png)": "png", "SVG drawing (*.svg)": "svg", "PDF document (*.pdf)": "pdf"}


def ask_for_path(parent: QWidget, title: str, suggestion: str, filters: str) -> tuple[str, str]:
    """Let a person say where to save: the path and the kind chosen, both empty where they changed their mind."""
    return QFileDialog.getSaveFileName(parent, title, suggestion, filters)


def add_choices(menu: QMenu, title: str, names: Iterable[str], chosen: str, act: Callable[[str], None]) -> None:
    """Add a menu in which one of `names` is chosen; `act` is given that name."""
    choices = menu.addMenu(title)
    group = QActionGroup(choices)
    for name in names:
        action = choices.addAction(name)
        action.setCheckable(True)
        action.setChecked(name == chosen)
        group.addAction(action)
    choices.triggered.connect(lambda action: act(action.text()))


def add_choices_of(menu: QMenu, title: str, box: QComboBox) -> None:
    """Add a menu in which can be chosen what `box` offers: the head of a plot may have no room for it."""
    add_choices(menu, title, [word for word, _ in offered(box)], box.currentText(), box.setCurrentText)


def failure_in(history: History) -> str:
    """Why nothing more is to be seen of a run; empty where it did not fail."""
    if history.ended is None or history.ended.ending != "failed":
        return ""
    return f"There is nothing to see, for the run failed: {history.ended.sentence}"


class Plot(QWidget):
    """A live plot of a run.

    Whoever owns it hands in news at any pace and calls `refresh` on a clock: only what changed and can be seen is drawn. Axes and
    texts are drawn once and kept as a picture (`redraws` counts that, the costly kind); usually only the curves are drawn on it.
    """

    failed = Signal(str)
    """Saving did not work; the sentence says why."""
    told = Signal(str)
    """What was done that cannot be seen in the window: something was saved or copied."""
    example_chosen = Signal(int)
    """An example was clicked: its number among the validation examples, or training examples where there are none."""

    title: str = ""
    """Names the panel, its tab, and its line in the menu."""
    help: ClassVar[Help]
    empty_sentence: str = ""
    """Stands where the curves will be as long as there are none: what will appear, and when."""
    of_layer: ClassVar[bool] = False
    """Whether it shows one layer only: the one that is selected in the stack, or that its panel is pinned to."""
    zoomable: ClassVar[bool] = False
    """Whether its axes can be zoomed and moved with the pointer: it then gives them the limits that `_shown_limits` says."""
    slice_seconds: float = 0.0025
    """How long curves are drawn at a stretch; the next tick goes on with those that are left."""

    def __init__(self, theme: Theme, title: QWidget | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.draws = 0
        """How often anything was drawn."""
        self.redraws = 0
        """How often everything was drawn, with axes and texts."""
        self.ask_path: Callable[[QWidget, str, str, str], tuple[str, str]] = ask_for_path
        self.may_write = may_write
        self.theme = theme
        self.header = Header(theme, title or self.title)
        self.figure = Figure(dpi=96, facecolor=theme.card)
        self.canvas = Canvas(self.figure, self._complete)
        self.written: tuple[furniture.Written, ...] = ()
        """What stands on the kept picture, and where."""
        self.axes: Any = None
        self._background: Any = None
        self.lettering = Lettering(self, self.figure)
        self.layer: str | None = None
        """Name of the layer to show, where it shows one only; none before one is selected."""
        self.switches: dict[str, Switch] = {}
        """What can be chosen here and is remembered, by names that never change."""
        self._reading: tuple[object, ...] = ()
        """What the axes say now; drawn anew where that changes."""
        self.obstacle = ""
        """Why what should be shown does not come, and what to do; empty where it does. Stands in place of `empty_sentence`."""
        self.zoomed: tuple[Range, Range] | None = None
        """Limits of the axes that somebody chose, which stay while data arrive; none where everything is shown."""
        self.hurried = False
        """Whether somebody handles it with the pointer and waits for it to follow: its turn comes first."""
        self._changed = True
        self._stale = True
        self._building = True
        self._prepared = False
        """Whether the curves are up to date, and to be drawn."""
        self._drawing: Iterator[None] | None = None
        """Draws the curves that are left of those begun."""
        self.setMinimumSize(180, 130)
        self.canvas.setMinimumSize(40, 40)
        self.canvas.setMouseTracking(True)
        self._lay_out()
        self.canvas.mpl_connect("resize_event", self._after_resize)
        self.canvas.mpl_connect("motion_notify_event", self._after_motion)
        self.header.legend.hidden_changed.connect(self._hurry)
        self._zooming = Zooming(self.canvas, self._area, self.zoom) if self.zoomable else None

    # What a kind of plot has to say

    @classmethod
    def missing(cls, run: "RunPrepared") -> str:
        """Why a run has nothing to show here, in a sentence that stands where the panel would; empty where it has."""
        return ""

    @property
    def wanted(self) -> Wanted:
        """What looks inside have to bring along beyond the statistics as long as the plot can be seen."""
        return Wanted()

    @abstractmethod
    def update_from(self, history: History) -> None:
        """Show this record from now on; asked at every beat of the clock, so it notes quickly where nothing is new."""

    @abstractmethod
    def clear(self) -> None:
        """Show nothing, as before the first run."""

    @property
    @abstractmethod
    def is_empty(self) -> bool:
        """Whether there is nothing to show yet."""

    @abstractmethod
    def table(self) -> tuple[Sequence[str], Iterable[Row]]:
        """The data behind the plot: titles of the columns, and rows."""

    @abstractmethod
    def describe(self, x: float, y: float) -> str:
        """What there is to say about the place (x, y) of the axes, for a tool tip; empty where there is nothing."""

    @abstractmethod
    def _build(self) -> None:
        """Make the axes and everything on them anew, in the colours of the theme."""

    @abstractmethod
    def _fill(self) -> bool:
        """Put the data into the curves; true where axes or texts changed too, so that everything has to be drawn."""

    @abstractmethod
    def _moving(self) -> Iterable[Artist]:
        """What is drawn on top of the kept picture, from back to front."""

    def obstacle_in(self, history: History) -> str:
        """Why what this plot shows does not come in this record, and what to do; empty where it does."""
        return failure_in(history) or (history.shown_probe.unseen if history.shown_probe is not None else "")

    # What the owner calls

    def follow(self, history: History) -> None:
        """Show this record from now on, as `update_from` does; where nothing comes of it, say why."""
        self.update_from(history)
        obstacle = self.obstacle_in(history)
        if obstacle != self.obstacle:
            self.obstacle = obstacle
            self._stale = True
            self.changed()

    def start(self, run: "RunPrepared") -> None:
        """Get ready for a run whose data are known: show nothing of the one before."""
        self.clear()

    def show_experiment(self, experiment: "Experiment") -> None:
        """The document is this from now on: what does not need a run can be shown."""

    def show_layer(self, name: str | None) -> None:
        """Show the layer called `name` from now on, where the plot shows one only."""
        if name != self.layer:
            self.layer = name
            self.changed()

    def show_example(self, number: int) -> None:
        """Show the example of this number, chosen elsewhere, where the plot shows one only."""

    def choices(self) -> dict[str, Value]:
        """How all `switches` stand."""
        return {name: switch.read() for name, switch in self.switches.items()}

    def choose(self, chosen: Mapping[str, object]) -> None:
        """Set switches as they stood in an earlier session; what is not known any more changes nothing."""
        for name, switch in self.switches.items():
            if type(value := chosen.get(name)) is type(switch.read()):
                switch.write(value)

    def set_theme(self, theme: Theme) -> None:
        """Look like `theme` from now on."""
        self.theme = theme
        self.header.set_theme(theme)
        self._building = True
        self.changed()

    def refresh(self) -> None:
        """Draw what changed, if anything did and it can be seen."""
        self.hurried = False
        while self.advance():
            pass

    def advance(self) -> bool:
        """Do a part of what `refresh` does, a few milliseconds long: bring the curves up to date, or draw some of them.

        All of it together would hold up the window for too long. False where nothing was to do.
        """
        if not self.isVisible():
            return False
        if self._drawing is not None:
            self._draw_on(self.slice_seconds)
        elif self._prepared:
            self._draw()
        elif self._changed:
            self._changed = False
            self._stale = self._prepare() or self._stale
            self._prepared = True
        else:
            return False
        return True

    def changed(self) -> None:
        """Note that there is something new to draw."""
        self._changed = True

    def zoom(self, corners: Corners | None) -> None:
        """Let the axes show what lies between these ((left, bottom), (right, top)), in their numbers; none: everything."""
        if corners is None:
            self.zoomed = None
        elif np.isfinite(corners).all() and (corners[1] - corners[0] > 1e-9 * np.abs(corners).max(axis=0)).all():
            (left, bottom), (right, top) = corners.tolist()
            self.zoomed = (left, right), (bottom, top)
            # At once, so that the next turn of the wheel starts from here.
            self._reading = ()
            self.axes.set_xlim(left, right)
            self.axes.set_ylim(bottom, top)
        self._hurry()

    @property
    def hidden(self) -> frozenset[str]:
        """Keys of the curves that somebody hid by a click in the legend."""
        return self.header.legend.hidden

    @property
    def heading(self) -> str:
        """What stands above a picture that is saved."""
        return " · ".join(part for part in (self.title, self.header.subtitle.text()) if part)

    def fit_head(self, height: int) -> None:
        """Let the legend have a second row where that leaves the plot enough of so many pixels for both.

        The plot's own height would not do: it changes with the rows, and they with it, without an end.
        """
        self.header.set_most_rows(1 if height < lowest_of_two_rows * self.fontMetrics().height() else 2)

    def forget_picture(self) -> None:
        """Let nothing of what is drawn so far be shown again: it comes back into sight, and is out of date."""
        self.canvas.forget()
        self._draw_anew()

    # Taking it elsewhere

    def save_figure(self, path: Path, kind: str) -> None:
        """Write the plot as ``png``, ``svg`` or ``pdf``, with title and legend in it."""
        write_bytes(path, self.rendered(kind))

    def save_data(self, path: Path) -> None:
        """Write the data behind the plot as a table with commas."""
        columns, rows = self.table()
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
        write_text(path, text.getvalue())

    def rendered(self, kind: str, dots_per_inch: int = 200) -> bytes:
        """The plot as the content of a ``png``, ``svg`` or ``pdf`` file, with title and legend in it."""
        buffer = io.BytesIO()
        with self._styled():
            self._prepare()
            entries = [entry for entry in self.header.legend.entries if entry.key not in self.hidden]
            with title_and_legend(self.figure, self.heading, entries, self.theme, self.lettering) as whole:
                self.figure.savefig(buffer, format=kind, dpi=dots_per_inch, bbox_inches=whole)
        self._drawing = None
        self._stale = self._changed = True
        return buffer.getvalue()

    def copy_image(self) -> None:
        """Put the plot on the clipboard as a picture."""
        QGuiApplication.clipboard().setImage(QImage.fromData(self.rendered("png")))
        self.told.emit(f"Copied “{self.title}” as a picture")

    # Inside

    def _draw_anew(self) -> None:
        """Begin with a new picture, of another size perhaps."""
        self._background = self._drawing = None
        self._prepared = False
        self._stale = self._changed = True

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 6, 8, 4)
        column.setSpacing(3)
        column.addWidget(self.header)
        column.addWidget(self.canvas, 1)

    def _settings(self) -> dict[str, Any]:
        """The theme's settings of matplotlib with the window's font, which matplotlib may not know."""
        family = QFontInfo(self.font()).family()
        known = [family] if family in font_manager.fontManager.get_font_names() else []
        sizes = dict.fromkeys(("font.size", "axes.labelsize", "xtick.labelsize", "ytick.labelsize"), self.lettering.points)
        return {**self.theme.matplotlib(), "font.family": [*known, "DejaVu Sans"], "svg.fonttype": "none", **sizes}

    @contextmanager
    def _styled(self) -> Iterator[None]:
        """Whatever is added to the figure inside looks like the window; takes too long for every frame."""
        with rc_context(self._settings()):
            yield

    def _rebuild(self) -> None:
        self.lettering.forget()
        with self._styled():
            self.figure.clear()
            self.figure.set_facecolor(self.theme.card)
            self._build()
            self._empty = self.figure.text(
                0.5, 0.5, self.empty_sentence, ha="center", va="center", color=self.theme.muted,
                bbox={"facecolor": self.theme.card, "edgecolor": "none", "pad": 3},
            )  # fmt: skip
        self._building = self._prepared = False
        self._drawing = None
        self._changed = self._stale = True

    def _prepare(self) -> bool:
        """Bring all artists up to date; true where everything has to be drawn."""
        if self._building:
            self._rebuild()
        was_empty = self._empty.get_visible()
        self._empty.set_visible(self.is_empty)
        changed = self._fill()
        if self.is_empty:
            self._place_empty_sentence()
        return changed or was_empty != self.is_empty or self._background is None

    def _place_empty_sentence(self) -> None:
        """Put the sentence in the middle of the axes, in lines that leave what stands beside them free, if that has room."""
        sentence, seen = self.obstacle or self.empty_sentence, self.axes.axison and self.axes.get_visible()
        box = self.axes.bbox if seen else self.figure.bbox
        lines = self.lettering.in_lines(sentence, 0.94 * box.width)
        if len(lines) * self.lettering.height > box.height:
            box = self.figure.bbox
            lines = self.lettering.in_lines(sentence, 0.94 * box.width)
        self._empty.set_text("\n".join(lines))
        x, y = self.figure.transFigure.inverted().transform(((box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2))
        self._empty.set_position((float(x), float(y)))

    def _draw(self) -> None:
        """Begin to draw: what stands still, where that changed, or else the first curves."""
        if self._stale:
            self._draw_still()
            self._begin_curves()
        else:
            self.canvas.restore_region(self._background)
            self._begin_curves()
            self._draw_on(self.slice_seconds)

    def _draw_still(self) -> None:
        """Draw what stands still, on a picture that is kept."""
        self.redraws += 1
        self._stale = False
        self.written = furniture.paint(self.figure, self.canvas.picture(), self.font())
        self._background = self.canvas.copy_from_bbox(self.figure.bbox)

    def _begin_curves(self) -> None:
        self.draws += 1
        self._prepared = False
        self._drawing = self._draw_each(self._moving())

    def _draw_on(self, seconds: float) -> None:
        """Draw curves that are left, for so long; after the last one the picture is shown."""
        end = perf_counter() + seconds
        for _ in self._drawing or ():
            if perf_counter() >= end:
                return
        self._drawing = None
        self.canvas.update()

    def _complete(self) -> bool:
        """Draw all that is missing in the picture that the canvas is asked to show: it may have a new size, or be half drawn.

        False where that is left to the clock: for a new plot, and where another one was drawn at once just now.
        """
        if self._background is None:
            if not (self.redraws or not self._building) or not self.canvas.has_turn():
                return False
            self._changed = False
            self._prepare()
            self._draw_still()
            self._begin_curves()
        for _ in self._drawing or ():
            pass
        self._drawing = None
        return True

    def _draw_each(self, artists: Iterable[Artist]) -> Iterator[None]:
        """Draws `artists` on the picture, from back to front, and yields between them."""
        for place, artist in enumerate(artist for artist in artists if artist.get_visible()):
            if place:
                yield
            if isinstance(artist, Line2D) and dense.is_dense(artist, self.axes.bbox.width):
                dense.draw(artist, self.axes.bbox, np.asarray(self.canvas.get_renderer().buffer_rgba()))
            else:
                self.figure.draw_artist(artist)

    def _hurry(self) -> None:
        self.hurried = True
        self.changed()

    def _shown_limits(self, x: Range, y: Range) -> tuple[Range, Range]:
        """Limits of the axes: those that somebody zoomed to, or else `x` and `y`, which hold everything."""
        return self.zoomed or (x, y)

    def _area(self) -> Area | None:
        if self.is_empty or self._building:
            return None
        return Area(self.axes.bbox.get_points(), self.axes.transData.inverted().frozen().transform)

    def _after_resize(self, _event: Any) -> None:  # noqa: ANN401
        self._draw_anew()

    def _after_motion(self, event: Any) -> None:  # noqa: ANN401
        inside = event.inaxes is self.axes and not self.is_empty
        text = self.describe(event.xdata, event.ydata) if inside else ""
        ratio = self.canvas.device_pixel_ratio
        place = QPoint(round(event.x / ratio) + 12, round(self.canvas.height() - event.y / ratio) + 12)
        QToolTip.showText(self.canvas.mapToGlobal(place), text, self.canvas)

    # Texts and axes

    def _make_note(self) -> Any:  # noqa: ANN401
        """A text in the upper right corner of the axes for what must not be overlooked."""
        return self.axes.text(
            0.99, 0.98, "", transform=self.axes.transAxes, ha="right", va="top", color=self.theme.error_text, animated=True,
            bbox={"facecolor": self.theme.card, "edgecolor": "none", "alpha": 0.85, "pad": 2},
        )  # fmt: skip

    def _noted(self, notes: Sequence[str]) -> str:
        """`notes` as they stand in the corner: one to a line, or in a low plot, whose curves they would cover, all in one."""
        low = self.axes.bbox.height < lowest_noted * self.lettering.height
        return ", ".join(first_few(notes, 1)) if low else "\n".join(first_few(notes, most_notes))

    def _write_axis(self, axis: Any, bounds: ticks.Range, room: float) -> list[str]:  # noqa: ANN401
        """Write round numbers on an axis with room for so many; returns them."""
        fitting = max(2, min(5, int(room) - 1))
        positions = ticks.spaced(*bounds, fitting)
        if len(positions) < 2:  # of one number alone nobody could tell the scale
            positions = ticks.spaced(*bounds, fitting + 1)
        texts = ticks.texts(positions)
        axis.set_ticks(positions, texts)
        return texts

    def _place_axes(self, x_texts: Sequence[str], y_texts: Sequence[str], *, right: float = 0.0, square: bool = False) -> None:
        """Give the axes all the room that their tick labels and titles leave; `right` pixels more stay free there."""
        width, height = self.figure.bbox.width, self.figure.bbox.height
        unit = self.lettering.height
        left = max((self.lettering.width(text) for text in y_texts), default=0.0) + 2.2 * unit
        bottom = 3.5 * unit
        end = max(0.6 * self.lettering.width(x_texts[-1]) if x_texts else 0.0, 0.5 * unit) + right
        top = 0.7 * unit
        box = [left, bottom, max(width - left - end, 0.2 * width), max(height - bottom - top, 0.2 * height)]
        if square:
            side = min(box[2:])
            box = [left + (box[2] - side) / 2, bottom + (box[3] - side) / 2, side, side]
        self.axes.set_position((box[0] / width, box[1] / height, box[2] / width, box[3] / height))
        beside, below = (box[0] - left + 1.25 * unit) / width, (box[1] - bottom + 1.45 * unit) / height  # room for “_”
        self._place_y_title(beside, box[1] + box[3] / 2)
        self.axes.xaxis.set_label_coords((box[0] + box[2] / 2) / width, below, transform=self.figure.transFigure)

    def _place_y_title(self, beside: float, middle: float) -> None:
        """Write the title of the y axis about `middle`, moved as far as the figure's edges demand; not where it is longer."""
        title, height = self.axes.yaxis.label, self.figure.bbox.height
        half = self.lettering.width(title.get_text()) / 2
        title.set_visible(2 * half <= height)
        middle = min(max(middle, half), height - half)
        self.axes.yaxis.set_label_coords(beside, middle / height, transform=self.figure.transFigure)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.isAncestorOf(self.header):  # otherwise its panel says how high both are
            self.fit_head(self.height())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.changed()

    def menu(self) -> QMenu:
        """What can be done with the plot, as a menu that deletes itself."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Copy image", self.copy_image)
        menu.addAction("Save image…", self._ask_and_save_figure)
        data = menu.addAction("Save data as CSV…", self._ask_and_save_data)
        data.setEnabled(not self.is_empty)
        if self.zoomable:
            everything = menu.addAction("Show everything (double click)", self._show_everything)
            everything.setEnabled(self.zoomed is not None)
        if any(entry.line for entry in self.header.legend.entries):
            self.header.legend.fill_menu(menu.addMenu("Curves"))
        return menu

    def _show_everything(self) -> None:
        self.zoom(None)

    def _ask_and_save_figure(self) -> None:
        path, chosen = self.ask_path(self, "Save image", f"{self.title}.png", ";;".join(figure_formats))
        suffix = Path(path).suffix.lower().removeprefix(".")
        kind = suffix if suffix in figure_formats.values() else figure_formats.get(chosen, "png")
        self._save_as(path, kind, lambda target: self.save_figure(target, kind))

    def _ask_and_save_data(self) -> None:
        path, _ = self.ask_path(self, "Save data", f"{self.title}.csv", "Table (*.csv)")
        self._save_as(path, "csv", self.save_data)

    def _save_as(self, name: str, kind: str, save: Callable[[Path], None]) -> None:
        """Let `save` write the file that a person chose, if any, with the suffix of its kind."""
        target = Path(name) if Path(name).suffix.lower() == f".{kind}" else Path(f"{name}.{kind}")
        if name and self.may_write(self, name, target):
            self._try(lambda: save(target), target)

    def _try(self, save: Callable[[], None], path: Path) -> None:
        try:
            save()
        except OSError as error:
            self.failed.emit(f"{path} was not written: {error.strerror or error}. Choose another place or make room there.")
        else:
            self.told.emit(f"Saved {path}")
