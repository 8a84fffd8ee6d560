"""The examples that a network learns from: one by one, counted, spread, and against each other."""

import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Literal

import numpy as np
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from PySide6.QtCore import QItemSelectionModel, QSize
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QMenu, QStackedWidget, QTableView, QWidget

from gui.plots.axes import ticks
from gui.plots.axes.names_axis import make_room, name_ticks
from gui.plots.header import HeadChoice
from gui.plots.help import Help
from gui.plots.plot import Plot, Row, add_choices_of
from gui.plots.switches import of_choice, offer
from gui.plots.views.data_pictures import Balance, Distribution, Picture, Scatter
from gui.plots.views.example_table import ExampleTable, mark_side, picture_side
from gui.source_reader import SourceReader
from gui.theme import Theme
from gui.widgets.seen_cells import SeenCells
from models.data.errors import DataError
from models.data.survey import Survey, survey
from models.experiment.data import Source
from models.experiment.errors import BadInput
from models.experiment.experiment import Experiment
from models.telemetry.history import History

if TYPE_CHECKING:
    from gui.messages import RunPrepared

View = Literal["table", "balance", "distribution", "scatter"]
widest_column = 260
"""Pixels of a column of the table; longer texts are cut off, and whole in their tool tip."""
most_listed = 100
"""Features up to which the menu lists them; of more, the head alone has room for a choice that scrolls."""
table_pixels = 2
"""Of an exported picture of the table, for each of the window."""


class DataPlot(Plot):
    """The examples of the document's data as they are before scaling, as soon as they can be read: no run is needed.

    They are read in a thread of their own, and only while the panel can be seen.
    """

    title = "Data"
    help = Help(
        shows="The examples as they come from the source, before scaling, those kept for validation among them. Table: one row "
        "for each example. Balance: how many belong to each class, or how the number to predict is spread. Distribution: how "
        "one feature is spread, for each class. Scatter: two features against each other, in the colours of the classes.",
        good="Classes of about the same size, alike on both sides of the split; features of about the same size without far "
        "outliers; classes that lie apart in some feature or in some pair of them.",
        bad="A rare class: weigh classes, and do not trust accuracy. A feature thousands of times larger than others: scale it. "
        "A feature that separates the classes alone and perfectly may be the answer in disguise.",
    )
    zoomable = True
    nothing_yet = "As soon as data are chosen, their examples appear here"
    empty_sentence = nothing_yet

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        self.rows = QTableView()
        self.examples = ExampleTable(theme)
        self.pages = QStackedWidget()
        super().__init__(theme, parent=parent)
        self._survey: Survey | None = None
        self._wanted: Experiment | None = None
        self._asked: Experiment | None = None
        self._trained: Experiment | None = None
        """What the run that is shown elsewhere trains."""
        self._picture: Picture | None = None
        self._drawn: list[Artist] = []
        self._reading: tuple[object, ...] = ()
        self.reader = SourceReader(look_at, self)
        self.reader.answered.connect(self._take)
        self.across = HeadChoice("The feature that is drawn to the right")
        self.up = HeadChoice("The feature that is drawn upwards")
        self.view = HeadChoice("How the examples are shown", cut=False)
        for choice in (self.view, self.across, self.up):
            choice.currentIndexChanged.connect(self._choose)
            self.header.add_switch(choice, spared=True)
        for title, view in (("Table", "table"), ("Balance", "balance"), ("Distribution", "distribution"), ("Scatter", "scatter")):
            self.view.addItem(title, view)
        self.switches |= {"view": of_choice(self.view), "across": of_choice(self.across), "up": of_choice(self.up)}
        self._set_up_rows()

    @property
    def is_empty(self) -> bool:
        return self._survey is None

    @property
    def survey(self) -> Survey | None:
        """The examples that are shown."""
        return self._survey

    def show_experiment(self, experiment: Experiment) -> None:
        self._wanted = experiment

    def start(self, run: "RunPrepared") -> None:
        """Nothing is drawn: a run's data are the document's, unless that is edited later."""
        self._trained = run.experiment

    def show_example(self, number: int) -> None:
        """Select the row of a predicted example, as long as the data that are shown are those of the run."""
        shown, trained, found = self._asked, self._trained, self._survey
        if found is None or shown is None or trained is None or self.reader.running:
            return
        if (shown.data, shown.seed) == (trained.data, trained.seed):
            row = int(found.predicted[number])
            self.view.setCurrentIndex(self.view.findData("table"))
            place = self.examples.index(row, 0)
            # Not selectRow: that asks for the keys that are held.
            flag = QItemSelectionModel.SelectionFlag
            self.rows.selectionModel().setCurrentIndex(place, flag.ClearAndSelect | flag.Rows)
            self.rows.scrollTo(place)

    def update_from(self, history: History) -> None:
        """Read the document's data, where they are others than those that were asked for last."""
        if self._wanted is None or self._wanted is self._asked:
            return
        self._asked = self._wanted
        if self.reader.ask(self._wanted.data, self._wanted.seed) and self._survey is None:
            self._show_sentence("Reading the data …")

    def obstacle_in(self, history: History) -> str:
        """None: this needs no run."""
        return ""

    def clear(self) -> None:
        """Nothing: the data are there before the first run."""

    def table(self) -> tuple[Sequence[str], Iterable[Row]]:
        """The figures behind the picture; for the table every example with all features that it shows."""
        if self._survey is None:
            return (), ()
        if self._picture is not None:
            return self._picture.table()
        return ("example", "split", self._survey.examples.target_name, *self._survey.features), _rows(self._survey)

    def describe(self, x: float, y: float) -> str:
        return self._picture.describe(x, y) if self._picture is not None else ""

    def advance(self) -> bool:
        return self.pages.currentWidget() is self.canvas and super().advance()

    def set_theme(self, theme: Theme) -> None:
        self.examples.set_theme(theme)
        super().set_theme(theme)
        zoomed = self.zoomed
        self._choose()
        self.zoomed = zoomed

    def menu(self) -> QMenu:
        menu = super().menu()
        for title, choice in (("Show", self.view), ("To the right", self.across), ("Upwards", self.up)):
            if choice.isEnabled() and choice.count() <= most_listed:
                add_choices_of(menu, title, choice)
        return menu

    def rendered(self, kind: str, dots_per_inch: int = 200) -> bytes:
        if self.pages.currentWidget() is self.canvas:
            return super().rendered(kind, dots_per_inch)
        pixels, unit = _pixels(self.rows), self.lettering.height * dots_per_inch / self.figure.dpi
        height, width = pixels.shape[0] + round(2.4 * unit), pixels.shape[1]
        buffer = io.BytesIO()
        with self._styled():
            size = (width / dots_per_inch, height / dots_per_inch)
            figure = Figure(figsize=size, dpi=dots_per_inch, facecolor=self.theme.card)
            figure.figimage(pixels)
            place = (unit / width, 1 - 0.8 * unit / height)
            figure.text(*place, self.heading, va="top", ha="left", weight="bold", color=self.theme.text)
            figure.savefig(buffer, format=kind, dpi=dots_per_inch)
        return buffer.getvalue()

    def _take(self, found: "Survey | str") -> None:
        if isinstance(found, str):
            self._show_survey(None)
            self._show_sentence(found)
        else:
            self._show_survey(found)

    def _show_sentence(self, sentence: str) -> None:
        self.empty_sentence = sentence
        self._reading = ()
        self.changed()

    def _show_survey(self, found: Survey | None) -> None:
        self._survey = found
        self.examples.show_survey(found)
        if found is not None:
            self._fit_rows()
            self._offer(found)
        self._choose()

    def _offer(self, found: Survey) -> None:
        """Let features be chosen; those that were stay chosen, where the data have them."""
        first, second = (*islice(found.varying(), 2), 0, min(1, len(found.names) - 1))[:2]
        for choice, usual in ((self.across, first), (self.up, second)):
            offer(choice, [(name, name) for name in found.names], usual)

    # Choosing

    def _choose(self) -> None:
        """Show the examples in the chosen way."""
        view: View = self.view.currentData()
        self.across.setEnabled(view in ("distribution", "scatter") and not self.is_empty)
        self.up.setEnabled(view == "scatter" and not self.is_empty)
        self.header.arrange()
        self._picture = self._make_picture(view)
        self.zoomed = None
        note = self._picture.note if self._picture is not None else self._table_note()
        self.header.set_subtitle(note)
        self.header.set_legend(
            self._picture.legend if self._picture is not None else (), self._picture.details if self._picture is not None else ""
        )
        self.pages.setCurrentWidget(self.rows if view == "table" and not self.is_empty else self.canvas)
        self._building = True
        self.changed()

    def _make_picture(self, view: View) -> Picture | None:
        found = self._survey
        if found is None or view == "table":
            return None
        if view == "balance":
            return Distribution(found, self.theme, len(found.features)) if found.targets else Balance(found, self.theme)
        if view == "distribution":
            return Distribution(found, self.theme, self.across.currentIndex())
        return Scatter(found, self.theme, self.across.currentIndex(), self.up.currentIndex())

    def _table_note(self) -> str:
        found = self._survey
        if found is None:
            return ""
        size = int(np.prod(found.examples.x.shape[1:]))
        rest = f", the first {len(found.features)} of {ticks.grouped(size)} numbers" if size > len(found.features) else ""
        return f"{ticks.grouped(len(found))} examples{rest if found.images is None else ''}"

    # The table

    def _lay_out(self) -> None:
        super()._lay_out()
        layout = self.layout()
        assert layout is not None
        layout.removeWidget(self.canvas)
        self.pages.addWidget(self.canvas)
        self.pages.addWidget(self.rows)
        layout.addWidget(self.pages)

    def _set_up_rows(self) -> None:
        rows = self.rows
        rows.setModel(self.examples)
        rows.setItemDelegate(SeenCells(rows))
        rows.setAccessibleName("Examples")
        rows.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        rows.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        rows.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        rows.setIconSize(QSize(picture_side, picture_side))
        rows.setWordWrap(False)
        rows.verticalHeader().setSectionsClickable(False)
        rows.horizontalHeader().setMinimumSectionSize(40)

    def _fit_rows(self) -> None:
        """Give rows and columns their size by what is longest in them, without looking at every example."""
        metrics, head = self.rows.fontMetrics(), self.rows.horizontalHeader()
        height = metrics.height() + 6
        self.rows.verticalHeader().setDefaultSectionSize(picture_side + 6 if self.examples.has_pictures else height)
        for column, texts in enumerate(self.examples.longest_texts()):
            mark = 2 * mark_side if column == 1 and self._survey is not None and self._survey.classes is not None else 0
            width = max(metrics.horizontalAdvance(text) for text in texts) + mark + round(1.6 * metrics.height())
            head.resizeSection(column, min(width, widest_column))
        # A picture and its class say most: a narrow panel has room for these two only.
        order = (2, 1, 0) if self.examples.has_pictures else range(self.examples.columnCount())
        for place, column in enumerate(order):
            head.moveSection(head.visualIndex(column), place)

    # Drawing

    def _build(self) -> None:
        self._reading = ()
        self.axes = self.figure.add_subplot()
        self.axes.set_visible(self._picture is not None)
        self._drawn = []
        if self._picture is not None:
            self._drawn = self._picture.artists(self.axes)
            self.axes.set_xlabel(self._picture.x_title)
            self.axes.set_ylabel(self._picture.y_title)

    def _moving(self) -> Iterable[Artist]:
        return self._drawn

    def _fill(self) -> bool:
        if self._picture is not None:
            for name, artist in zip(self._picture.curves, self._drawn, strict=False):
                artist.set_visible(name not in self.hidden)
        reading = (self.empty_sentence, self.zoomed, tuple(self.figure.bbox.size))
        if reading == self._reading:
            return False
        self._reading = reading
        if self._picture is not None:
            self._write(self._picture)
        return True

    def _write(self, picture: Picture) -> None:
        """Write the axes."""
        unit, height = self.lettering.height, self.figure.bbox.height
        across, up = self._shown_limits(*picture.bounds)
        y_ticks = ticks.spaced(*up, max(2, min(6, int(0.7 * height / (3 * unit)))))
        y_texts = ticks.texts(y_ticks)
        self._place_axes(["0000"], y_texts)
        if picture.x_names:
            names = name_ticks(picture.x_names, across, self.axes.bbox.width, 0.35 * height, self.lettering.width, 1.3 * unit)
            x_ticks: Sequence[float] = names.positions
            x_texts: Sequence[str] = names.texts
            look = names.look
            make_room(self.axes, names, unit)
        else:
            x_ticks = ticks.spaced(*across, max(2, min(7, int(self.axes.bbox.width / (4.5 * unit)))))
            x_texts, look = ticks.texts(x_ticks), {}
        with self._styled():
            self.axes.set_xlim(*across)
            self.axes.set_ylim(*up)
            self.axes.set_xticks(x_ticks, x_texts, **look)
            self.axes.set_yticks(y_ticks, y_texts)


def _rows(found: Survey) -> Iterator[Row]:
    """Every example: its number, its side of the split, what belongs to it, its features."""
    columns = [found.column(index).tolist() for index in range(len(found.features))]
    for row in range(len(found)):
        yield row + 1, found.side(row), found.examples.target_text(row), *(column[row] for column in columns)


def look_at(source: Source, seed: int) -> Survey | str:
    """All examples of `source`, or why there are none as a sentence; takes its time, and never raises for bad data."""
    try:
        return survey(source, seed)
    except (DataError, BadInput) as error:
        return str(error)


def _pixels(widget: QWidget) -> "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]":
    """(height, width, 4): what `widget` looks like."""
    pixmap = QPixmap(widget.size() * table_pixels)
    pixmap.setDevicePixelRatio(table_pixels)
    widget.render(pixmap)
    image = pixmap.toImage().convertToFormat(QImage.Format.Format_RGBA8888)
    return np.array(image.constBits(), dtype=np.uint8).reshape(image.height(), image.width(), 4)
