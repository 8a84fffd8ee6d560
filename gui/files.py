"""New, open, save, recent files, examples, data files and networks of Keras."""

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import cast

from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal

from gui.document import Document
from gui.forms import commit_focused
from gui.importing import Found, Importer
from gui.prompts import Prompts
from gui.reading_ahead import ReadingAhead, known_facts
from gui.settings import Settings
from models.experiment.data import Facts, FileSource, Source
from models.experiment.errors import BadInput
from models.experiment.experiment import Experiment
from models.experiment.starter import default_experiment, with_source
from models.storage.files import load, save, suffix

examples_folder = Path(__file__).resolve().parent.parent / "resources" / "examples"
data_suffixes = (".csv", ".tsv", ".txt", ".npz")
network_suffixes = (".keras", ".h5")
untouched = "The experiment in the window is as it was."
"""What to add where a file is refused."""


class FileCommands(QObject):
    """What the file menu does; asks through `Prompts` and never loses unsaved changes without asking."""

    recent_changed = Signal()
    told = Signal(str)
    """Something to show in the status bar."""

    def __init__(self, document: Document, prompts: Prompts, settings: Settings, parent: QObject) -> None:
        super().__init__(parent)
        self._document = document
        self._prompts = prompts
        self._settings = settings
        self.importer = Importer(self)
        self._left: Experiment | None = None
        """What may be left for a network that is being written."""
        self.importer.found.connect(self._take_network)
        self._ahead = ReadingAhead(self)
        self._ahead.told.connect(self.told)
        document.opened.connect(self._ahead.give_up)

    def new(self) -> None:
        """Start over with the default experiment."""
        if self.may_leave():
            self._document.open(default_experiment(), None)

    def open(self) -> None:
        """Ask for an experiment file and open it."""
        if self.may_leave() and (path := self._prompts.file_to_open(self._settings.folder)):
            self._load(path, path)

    def open_path(self, path: Path) -> None:
        """Open an experiment, learn from a data file, or import a network of Keras, depending on the suffix."""
        if path.suffix.lower() in data_suffixes:
            self.use_data(path)
        elif path.suffix.lower() in network_suffixes:
            self.import_path(path)
        elif (experiment := self._read(path)) is not None and self.may_leave():  # what cannot be opened is not asked about
            self._open_with_data(experiment, path)

    def open_dropped(self, paths: Sequence[Path]) -> None:
        """Open what was dropped on the window; several files are refused, and a folder as anything that cannot be read."""
        if len(paths) == 1:
            self.open_path(paths[0])
        else:
            self._prompts.trouble(f"Expected one file, found {len(paths)}: drop them one after another.", untouched)

    def open_example(self, path: Path) -> None:
        """Open an example as a new experiment: saving asks for a file, so that the example stays as it is."""
        if not self.may_leave():
            return
        self._load(path, None)

    def open_data(self) -> None:
        """Ask for a table or arrays and learn from them."""
        if path := self._prompts.data_file(self._settings.folder):
            self.use_data(path)

    def use_data(self, path: Path) -> None:
        """Learn from the table or arrays at `path`, one undoable change.

        A file that no setting makes usable is refused, and the experiment stays as it is.
        """
        self._ahead.read(path, lambda: _found_at(path), lambda found: self._learn_from(path, found))

    def import_network(self) -> None:
        """Ask for a network of Keras and make an experiment of it."""
        if path := self._prompts.network_file(self._settings.folder):
            self.import_path(path)

    def import_path(self, path: Path) -> None:
        """Make an experiment of the network of Keras at `path`, as soon as it is read."""
        if not self.importer.running:
            self.told.emit(f"Reading {path.name} …")
            self.importer.look(path)

    def forget_weights(self) -> None:
        """Let the network start at random again, one undoable change."""
        experiment = replace(self._document.experiment, initial_weights=None)
        self._document.apply("Forget initial weights", experiment)

    def save(self) -> bool:
        """Save in the experiment's own file, which is asked for where there is none; tells whether it was saved."""
        commit_focused()
        if self._document.path is None:
            return self.save_as()
        return self._save(self._document.path)

    def save_as(self) -> bool:
        """Ask for a file and save in it; tells whether it was saved."""
        commit_focused()
        name = self._document.experiment.name or "experiment"
        suggestion = self._document.path or self._settings.folder / f"{file_name(name)}{suffix}"
        path = self._prompts.file_to_save(suggestion)
        return self._save(path) if path else False

    def may_leave(self) -> bool:
        """Ask what to do with unsaved changes, if there are any; tells whether the experiment may go."""
        commit_focused()
        if not self._document.unsaved:
            return True
        answer = self._prompts.unsaved_changes(self._document.title)
        return self.save() if answer == "save" else answer == "discard"

    def _learn_from(self, path: Path, found: object) -> None:
        if isinstance(found, BadInput):
            self._prompts.trouble(str(found), untouched)
            return
        source, facts = cast(tuple[Source, Facts | None], found)
        changed = with_source(self._document.experiment, source, self._document.report.facts, facts)
        self._document.apply(f"Learn from {path.name}", changed)

    def _read(self, path: Path) -> Experiment | None:
        """The experiment at `path`; where it cannot be read, says so."""
        try:
            return load(path)
        except BadInput as problem:
            self._prompts.trouble(str(problem), untouched)
            return None

    def _load(self, path: Path, own: Path | None) -> None:
        """Open the experiment at `path`, which is saved in its `own` file from now on."""
        if (experiment := self._read(path)) is not None:
            self._open_with_data(experiment, own)

    def _open_with_data(self, experiment: Experiment, own: Path | None) -> None:
        """Open `experiment`, whose file is `own`, once its data are read."""
        source, left = experiment.data, self._document.experiment
        if isinstance(source, FileSource):
            self._ahead.read(Path(source.path), lambda: known_facts(source), lambda _: self._open(experiment, own, left))
        else:
            self._open(experiment, own, left)

    def _open(self, experiment: Experiment, own: Path | None, left: Experiment) -> None:
        """Open `experiment`; `left` may be left, and what was changed since is asked about."""
        if self._document.experiment != left and not self.may_leave():
            return
        self._document.open(experiment, own)
        if own is not None:
            self._remember(own)

    def _save(self, path: Path) -> bool:
        try:
            save(self._document.experiment, path)
        except BadInput as problem:
            self._prompts.trouble(str(problem), "Choose another place: nothing was written.")
            return False
        self._document.mark_saved(path)
        self._remember(path)
        self.told.emit(f"Saved {path}")
        return True

    def _remember(self, path: Path) -> None:
        self._settings.remember_file(path)
        self.recent_changed.emit()

    def _take_network(self, found: Found) -> None:
        """Open what was imported. Weights need a file: where there are any, ask for a place for both."""
        if found.sentence or found.experiment is None:
            self.told.emit("")  # it is not being read any more
            self._prompts.trouble(found.sentence, untouched, found.details)
        elif found.saved is not None:
            if self._document.experiment == self._left or self.may_leave():
                self._load(found.saved, found.saved)
                self._tell_imported(found)
        elif not self.may_leave():
            return
        elif not found.has_weights:
            self._document.open(found.experiment, None)
            self._tell_imported(found)
        elif out := self._prompts.file_to_save(found.path.with_name(f"{found.path.name.partition('.')[0]}{suffix}")):
            self._left = self._document.experiment
            self.told.emit(f"Writing {out.name} …")
            self.importer.save(found.path, out)

    def _tell_imported(self, found: Found) -> None:
        self.told.emit(f"Imported {found.path.name}")
        self._prompts.information(f"Imported {found.path.name}", "".join(f"<p>{escape(notice)}</p>" for notice in found.notices))


def source_at(path: Path) -> tuple[Source, Facts | None]:
    """The table or arrays at `path`, and what they deliver. Raises `BadInput` where no setting makes them usable."""
    from models.data import Unusable, read_facts, source_for

    source = source_for(str(path.absolute()), None)
    try:
        return source, read_facts(source)
    except Unusable:
        raise
    except BadInput:
        return source, None  # the problem list says why, and the data panel is where it can be mended


def _found_at(path: Path) -> tuple[Source, Facts | None] | BadInput:
    """What `source_at` gives, or why there is nothing."""
    try:
        return source_at(path)
    except BadInput as problem:
        return problem


def file_name(name: str) -> str:
    """`name` as the name of a file."""
    return "".join(sign if sign.isalnum() or sign in "-_ " else "_" for sign in name).strip() or "experiment"


def example_files() -> tuple[Path, ...]:
    """The example experiments that come with the program, by name."""
    return tuple(sorted(examples_folder.glob(f"*{suffix}")))
