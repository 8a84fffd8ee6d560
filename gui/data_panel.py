"""The data panel: where examples come from, how they are split, and what they look like."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, cast

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton

from gui.document import Document
from gui.forms.combo import Combo
from gui.forms.editors import Editor
from gui.forms.form import Form, label_width, mark_width
from gui.forms.labels import kind_tooltip
from gui.forms.panel import FormPanel, label
from gui.forms.rows import TicksEditor
from gui.forms.variants import carried
from gui.reading_ahead import ReadingAhead, known_facts
from gui.source_reader import SourceReader
from gui.widgets.preview import PreviewView
from gui.widgets.typed_line import mixed
from models.experiment import edits
from models.experiment.base import Variant
from models.experiment.counting import counted, grouped
from models.experiment.data import Arrays, Curve, Facts, FileSource, Plane, RandomNumbers, Sequences, Source, SourceKind, Table
from models.experiment.errors import BadInput
from models.experiment.experiment import Experiment
from models.experiment.fields import Field, fields_of, kinds_in
from models.experiment.layers.base import shape_text
from models.experiment.report import Report
from models.experiment.starter import with_source

if TYPE_CHECKING:
    from models.data.previews import Preview


class DataPanel(FormPanel):
    """Shows the source of the data as a form, with a preview that is made in a thread of its own."""

    file_requested = Signal(str)
    """A person wants to choose a file of this kind: ``csv`` or ``npz``."""

    def __init__(self, document: Document) -> None:
        super().__init__()
        self._document = document
        self._form: Form | None = None
        self._kinds: list[type[SourceKind] | None] = []
        self.source = Combo()
        self.help = label("", "small")
        self.facts = label("", "muted")
        self.preview = PreviewView()
        self.problem = label("", "error")
        self.notes = label("", "small")
        self.previews = SourceReader(look_at, self)
        self._ahead = ReadingAhead(self)
        self._awaited: Source | None = None
        """What was set last and waits for its file to be read, where that is being read."""
        self._fill_sources()
        self._lay_out()
        self.source.activated.connect(self._choose_source)
        self.previews.answered.connect(self._show_look)
        self._ahead.told.connect(self._tell_reading)
        document.opened.connect(self._ahead.give_up)
        document.changed.connect(self._show)
        self._show(document.experiment, document.report)

    @property
    def form(self) -> Form | None:
        return self._form

    def _fill_sources(self) -> None:
        heading = ""
        for kind in cast(tuple[type[SourceKind], ...], kinds_in(Source)):
            if _heading(kind) != heading:
                heading = _heading(kind)
                self._kinds.append(None)
                self.source.add_heading(heading)
            self._kinds.append(kind)
            self.source.add_entry(
                f"{kind.title}…" if issubclass(kind, FileSource) else kind.title, kind_tooltip(kind), kind.title
            )

    def _lay_out(self) -> None:
        line = QHBoxLayout()
        line.setSpacing(0)
        caption = label("Source", "muted")
        caption.setFixedWidth(label_width)
        caption.setBuddy(self.source)
        self.source.setAccessibleName("Source")
        line.addWidget(caption)
        line.addSpacing(mark_width)
        line.addWidget(self.source, 1)
        self.column.addWidget(label("DATA", "section"))
        self.column.addLayout(line)
        for widget in (self.help, self.preview, self.problem, self.facts, self.notes):
            self.column.addWidget(widget)
        buttons = QHBoxLayout()
        for kind, words in (("csv", "Open a CSV…"), ("npz", "Open an NPZ…")):
            button = QPushButton(words)
            button.setToolTip("Learn from a table" if kind == "csv" else "Learn from the arrays x and y of a NumPy file")
            button.clicked.connect(partial(self.file_requested.emit, kind))
            buttons.addWidget(button)
        self.column.addLayout(buttons)
        self.column.addStretch(1)

    def _show(self, experiment: Experiment, report: Report) -> None:
        source = experiment.data
        self.source.show_index(self._kinds.index(type(source)))
        self.help.setText(kind_tooltip(type(source)).split("\n\n")[0])
        self.facts.setText(facts_words(report.facts))
        self.facts.setVisible(report.facts is not None)
        self._show_form(source)
        self._ask_for_preview(experiment)

    def _show_form(self, source: Source) -> None:
        fields = fields_of(type(source))
        if self._form is not None and self._form.fields != fields:
            self._form.commit()
            self._form.blockSignals(True)
            self._form.hide()
            self.column.removeWidget(self._form)
            self._form.deleteLater()
            self._form = None
        if self._form is None:
            makers = _makers if isinstance(source, Table) else {}
            self._form = Form(fields, makers)
            self._form.edited.connect(self._edit)
            self._form.finished.connect(self._document.end_merging)
            self.column.insertWidget(self.column.indexOf(self.notes) + 1, self._form)
        self._form.show_values([source])

    def _choose_source(self, index: int) -> None:
        kind = self._kinds[index]
        source = self._document.experiment.data
        if kind is None or kind is type(source):
            self.source.show_index(self._kinds.index(type(source)))
        elif issubclass(kind, FileSource):
            self.source.show_index(self._kinds.index(type(source)))
            self.file_requested.emit(kind.kind())
        else:
            self._apply(f"Change data to {kind.kind()}", cast(Source, carried(kind, source)))

    def _edit(self, path: str, content: object) -> None:
        source = edits.set_at(cast(SourceKind, self._latest), path, content)
        if isinstance(source, Table) and path == "target":
            # What is to be predicted cannot be left out.
            source = edits.set_at(source, "ignore", tuple(name for name in source.ignore if name != content))
            if source.weight_column == content:
                source = edits.set_at(source, "weight_column", None)
        self._apply(f"Change {path} of data", cast(Source, source), f"data.{path}")

    @property
    def _latest(self) -> Source:
        """The source with all that was set, also what waits for a large file."""
        return self._awaited if self._ahead.running and self._awaited is not None else self._document.experiment.data

    def _apply(self, change: str, source: Source, merge: str | None = None) -> None:
        if not isinstance(source, FileSource):
            self._take(change, source, source.facts(), merge)
            return
        self._awaited, before = source, self._document.experiment.data

        def take(facts: object) -> None:
            if self._document.experiment.data == before:  # otherwise it was changed elsewhere meanwhile
                self._take(change, source, cast(Facts | None, facts), merge)

        self._ahead.read(Path(source.path), lambda: known_facts(source), take)

    def _take(self, change: str, source: Source, facts: Facts | None, merge: str | None) -> None:
        old = self._document.report.facts
        self._document.apply(change, with_source(self._document.experiment, source, old, facts), merge)

    def _tell_reading(self, sentence: str) -> None:
        self.facts.setText(sentence or facts_words(self._document.report.facts))

    def _ask_for_preview(self, experiment: Experiment) -> None:
        # A panel that is not seen asks when it is: the first look at some sources imports scikit-learn.
        if self.isVisible():
            self.previews.ask(experiment.data, experiment.seed)

    def _show_look(self, look: "Look") -> None:
        self.preview.show_preview(look.preview)
        self.preview.setVisible(look.preview is not None)
        problem = look.problem or (look.preview.problem if look.preview else "")
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem))
        notes = list(look.preview.notes) if look.preview else []
        if look.preview and look.preview.class_counts:
            notes.append(" · ".join(f"{name}: {grouped(count)}" for name, count in look.preview.class_counts[:12]))
        self.notes.setText("\n".join(notes))
        self.notes.setVisible(bool(notes))
        self._offer_columns(look.columns)
        # What is seen of the data comes later than the field that was asked for, and stands above it.
        self.bring_focus_into_view()

    def _offer_columns(self, columns: tuple[str, ...]) -> None:
        source = self._document.experiment.data
        if self._form is None or not isinstance(source, Table):
            return
        target, weights, ignored = (self._form.row(name).editor for name in ("target", "weight_column", "ignore"))
        assert isinstance(target, ColumnEditor)
        assert isinstance(weights, ColumnEditor)
        assert isinstance(ignored, TicksEditor)
        target.set_names(columns)
        others = tuple(name for name in columns if name != source.target)
        weights.set_names(others)
        ignored.set_names(others)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._ask_for_preview(self._document.experiment)


class ColumnEditor(Editor):
    """A column, chosen among those that were found in the file; “none” comes first where there may be none."""

    def __init__(self, optional: bool = False) -> None:
        super().__init__()
        self._optional = optional
        self._names: tuple[str, ...] = ()
        self._offered: tuple[str | None, ...] = ()
        self._value: str | None = None
        self.combo = Combo()
        self._add(self.combo)
        self.combo.activated.connect(self._take_index)

    def set_names(self, names: tuple[str, ...]) -> None:
        """Offer these columns, and the chosen one even where the file has none of that name."""
        self._names = names
        foreign = () if self._value in names or not self._value else (self._value,)
        offered = (*((None,) if self._optional else ()), *names, *foreign)
        if offered != self._offered:
            self._offered = offered
            self.combo.clear()
            for name in offered:
                self.combo.add_entry("none" if name is None else name, name or "")
        self.combo.show_index(offered.index(self._value) if self._value in offered else -1)

    def show_value(self, value: object) -> None:
        self._value = "" if value is mixed else cast(str | None, value)
        self.set_names(self._names)

    def _take_index(self, index: int) -> None:
        self._hand_out(self._offered[index])


class Look(NamedTuple):
    """What was found out about a source."""

    preview: "Preview | None"
    problem: str
    """Why there is no preview, as a sentence."""
    columns: tuple[str, ...]
    """All columns of a table."""


def look_at(source: Source, seed: int) -> Look:
    """A preview of `source`, or why there is none; takes its time, and never raises for bad data."""
    from models.data.errors import DataError
    from models.data.previews import preview
    from models.data.tables import sniff

    columns: tuple[str, ...] = ()
    try:
        if isinstance(source, Table):
            found = sniff(source.path, source.delimiter, source.decimal, source.header)
            columns = tuple(column.name for column in found.columns)
        return Look(preview(source, seed), "", columns)
    except (DataError, BadInput) as error:
        return Look(None, str(error), columns)


def facts_words(facts: Facts | None) -> str:
    """What a network has to know of the data: ``250 training · 250 validation · 2 inputs → 2 classes``."""
    if facts is None:
        return ""
    shape = facts.input_shape
    inputs = counted(shape[0], "input") if len(shape) == 1 else shape_text(shape)
    outputs = {"binary": "2 classes", "multiclass": f"{facts.outputs} classes", "multilabel": f"{facts.outputs} labels"}
    numbers = "a number" if facts.outputs == 1 else f"{facts.outputs} numbers"
    counts = f"{grouped(facts.training_samples)} training · {grouped(facts.validation_samples)} validation"
    return f"{counts} · {inputs} → {outputs.get(facts.task, numbers)}"


def _heading(kind: type[Variant]) -> str:
    if issubclass(kind, Plane):
        return "Playground"
    if issubclass(kind, Curve):
        return "Curves"
    if issubclass(kind, Sequences):
        return "Sequences"
    if issubclass(kind, RandomNumbers):
        return "Without meaning"
    return "Files" if issubclass(kind, Table | Arrays) else "scikit-learn"


def _make_column(field: Field) -> Editor:
    return ColumnEditor(field.optional)


def _make_ignored(field: Field) -> Editor:
    return TicksEditor()


_makers = {"target": _make_column, "weight_column": _make_column, "ignore": _make_ignored}
"""Editors for the fields of a table that name columns of its file."""
