"""The open experiment: its value, its file, its past, and what ``check`` says about it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from PySide6.QtCore import QObject, Signal

from models.experiment.check import check
from models.experiment.data import Facts, FileSource, Source
from models.experiment.edits import with_network
from models.experiment.errors import BadInput
from models.experiment.experiment import Experiment, Network
from models.experiment.report import Problem, Report
from models.experiment.training import Precision
from models.experiment.weight_checks import Stored
from models.storage.files import suffix

FactsReader = Callable[[Source], Facts]
undo_limit = 1000
"""Changes that can be taken back."""


class _Known(TypedDict):
    """What ``check`` is told of the device that is to train, and of the file to start from."""

    memory: int | None
    precisions: tuple[Precision, ...] | None
    weights: Stored | BadInput | None


@dataclass(frozen=True)
class _Past:
    """A value that was left, and the name of the change that left it."""

    experiment: Experiment
    change: str


class Document(QObject):
    """The one place that holds the experiment; views call `apply` and listen to `changed`, and do not know each other.

    Undo is a list of values. Changes with the same `merge` key that follow each other without pause become one undo step, so that
    a dragged slider or a typed number is undone at once.
    """

    changed = Signal(object, object)
    """(Experiment, Report): there is a new value, whatever the reason."""
    file_changed = Signal()
    """The path or the unsaved mark changed."""
    opened = Signal()
    """The document is another one, which has nothing to do with what was there before."""

    def __init__(self, experiment: Experiment, read_facts: FactsReader, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._read_facts = read_facts
        self._experiment = experiment
        self._past: list[_Past] = []
        self._future: list[_Past] = []
        self._merge: str | None = None
        self._saved = experiment
        self._path: Path | None = None
        self._memory: int | None = None
        self._precisions: tuple[Precision, ...] | None = None
        self._report = self._check()

    @property
    def experiment(self) -> Experiment:
        """The present value."""
        return self._experiment

    @property
    def report(self) -> Report:
        """What ``check`` says about the present value."""
        return self._report

    @property
    def path(self) -> Path | None:
        """The file of the experiment, or none before it is saved."""
        return self._path

    @property
    def title(self) -> str:
        """What the experiment is called: by its file, or before it is saved by its name."""
        return self._path.name.removesuffix(suffix) if self._path else self._experiment.name or "Untitled"

    @property
    def unsaved(self) -> bool:
        """Whether the value differs from the one in the file."""
        return self._experiment != self._saved

    @property
    def undo_text(self) -> str | None:
        """Name of the change that undo takes back; none where there is nothing to undo."""
        return self._past[-1].change if self._past else None

    @property
    def redo_text(self) -> str | None:
        """Name of the change that redo brings back; none where there is nothing to redo."""
        return self._future[-1].change if self._future else None

    def apply(self, change: str, experiment: Experiment, merge: str | None = None) -> None:
        """Go over to `experiment` by a change called `change` ("Change units of dense"), which becomes one undo step."""
        if experiment == self._experiment:
            return
        merges = merge is not None and merge == self._merge and bool(self._past)
        if not merges:
            self._past = [*self._past[-undo_limit + 1 :], _Past(self._experiment, change)]
        self._merge = merge
        self._future = []
        if merges and self._past[-1].experiment == experiment:
            # Dragged back to where it began: there is nothing left to undo.
            self._past.pop()
            self._merge = None
        self._go_to(experiment)

    def apply_network(self, change: str, network: Network, merge: str | None = None) -> None:
        """Go over to another network, as `apply` does to another experiment."""
        self.apply(change, with_network(self._experiment, network), merge)

    def mend(self, problem: Problem) -> None:
        """Apply the remedy of `problem`, one undo step."""
        assert problem.remedy is not None
        self.apply(problem.remedy.label, problem.remedy.edit(self._experiment))

    def end_merging(self) -> None:
        """Let the next change be an undo step of its own, whatever its merge key."""
        self._merge = None

    def undo(self) -> None:
        """Go back to the value before the last change."""
        if self._past:
            last = self._past.pop()
            self._future.append(_Past(self._experiment, last.change))
            self._merge = None
            self._go_to(last.experiment)

    def redo(self) -> None:
        """Bring back the change that was undone last."""
        if self._future:
            last = self._future.pop()
            self._past.append(_Past(self._experiment, last.change))
            self._merge = None
            self._go_to(last.experiment)

    def open(self, experiment: Experiment, path: Path | None) -> None:
        """Start anew with `experiment` from `path`, or from nowhere: it has no past and counts as saved."""
        self._past, self._future, self._merge = [], [], None
        self._saved, self._path = experiment, path
        self._go_to(experiment)
        self.file_changed.emit()
        self.opened.emit()

    def mark_saved(self, path: Path) -> None:
        """The present value is in the file at `path` now."""
        self._saved, self._path, self._merge = self._experiment, path, None
        self.file_changed.emit()

    def set_memory(self, memory: int | None) -> None:
        """Bytes a run may take on the chosen device, for ``check``."""
        if memory != self._memory:
            self._memory = memory
            self.recheck()

    def set_precisions(self, precisions: tuple[Precision, ...] | None) -> None:
        """What the chosen device computes with, for ``check``."""
        if precisions != self._precisions:
            self._precisions = precisions
            self.recheck()

    def recheck(self) -> None:
        """Look the same value over again, for instance because its data file changed."""
        self._report = self._check()
        self.changed.emit(self._experiment, self._report)

    def _go_to(self, experiment: Experiment) -> None:
        was_unsaved = self.unsaved
        self._experiment = experiment
        self._report = self._check()
        self.changed.emit(experiment, self._report)
        if self.unsaved != was_unsaved:
            self.file_changed.emit()

    def _check(self) -> Report:
        known: _Known = {"memory": self._memory, "precisions": self._precisions, "weights": _weights(self._experiment)}
        source = self._experiment.data
        if not isinstance(source, FileSource):
            return check(self._experiment, **known)
        try:
            return check(self._experiment, self._read_facts(source), **known)
        except BadInput as problem:
            return check(self._experiment, data_problem=problem, **known)


def _weights(experiment: Experiment) -> Stored | BadInput | None:
    """What the file that `experiment` starts from holds."""
    if experiment.initial_weights is None:
        return None
    from models.storage.keras_files.weights import initial_weights

    return initial_weights(experiment)
