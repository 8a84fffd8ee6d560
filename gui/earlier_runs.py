"""The runs since the window was opened, but for the present one: their curves stay to be compared with."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from gui.widgets.numbers import short_text
from models.experiment.difference import Difference, differences
from models.experiment.essence import essence
from models.experiment.experiment import Experiment
from models.telemetry.allowance import Allowance

if TYPE_CHECKING:
    from models.telemetry.history import EarlierRun, History

most_changes = 4
"""Settings that are named one by one."""


class EarlierRuns(QObject):
    """Keeps the curves of runs that are over, the newest ones as far as memory allows."""

    changed = Signal()
    """There is one more or one less, or one is to be shown or hidden."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.allowance = Allowance()
        self.runs: tuple[EarlierRun, ...] = ()
        """All of them, oldest first."""
        self._count = 0
        self._before: Experiment | None = None

    def add(self, experiment: Experiment, history: "History") -> None:
        """Keep the curves of a run of `experiment` that is over; one that took no step is not worth it."""
        if not history.steps_seen:
            return
        from models.telemetry.history import EarlierRun  # brings numpy, which is there by now

        self._count += 1
        changes = "" if self._before is None else changes_between(self._before, experiment)
        self._before = experiment
        runs = [*self.runs, EarlierRun(self._count, changes, history.bare())]
        while len(runs) > 1 and sum(run.history.nbytes for run in runs) > self.allowance.earlier:
            del runs[0]
        self._set(runs)

    def make_way(self, experiment: Experiment) -> None:
        """A run of `experiment` begins: with other data or another loss than before, the curves of the others are not drawn.

        They have nothing in common with its own, and one loss of millions would leave no height for the rest. The list still
        offers to show them.
        """
        if self._before is not None and _measured(experiment) != _measured(self._before):
            self._set([replace(run, shown=False) for run in self.runs])

    def show(self, number: int, shown: bool) -> None:
        """Draw the curves of the run with this number, or do not."""
        self._set([replace(run, shown=shown) if run.number == number else run for run in self.runs])

    def delete(self, number: int) -> None:
        """Forget the run with this number."""
        self._set([run for run in self.runs if run.number != number])

    def _set(self, runs: "Sequence[EarlierRun]") -> None:
        self.runs = tuple(runs)
        self.changed.emit()


def figures_of(run: "EarlierRun") -> str:
    """Its last figures: of the last epoch, or of the last step where none ended."""
    epochs, steps = run.history.epochs(), run.history.steps()
    values = epochs.values if len(epochs) else {"loss": steps.loss, **steps.metrics}
    words = (f"{name.replace('_', ' ')} {short_text(float(figures[-1]))}" for name, figures in values.items() if len(figures))
    return " · ".join(words)


def changes_between(one: Experiment, other: Experiment) -> str:
    """The settings in which two experiments differ, in words: ``batch size 10 → 32``; that nothing differs, where it is so."""
    rates = [short_text(each.training.optimizer.learning_rate) for each in (one, other)]
    found = [f"learning rate {rates[0]} → {rates[1]}"] if rates[0] != rates[1] else []
    found += [_words(difference, other) for difference in differences(essence(one), essence(other))]
    more = [f"{len(found) - most_changes} more"] if len(found) > most_changes else []
    return ", ".join((*found[:most_changes], *more)) or "the same settings"


def _measured(experiment: Experiment) -> tuple[object, ...]:
    """What the figures of a run are about: the source of the data, with its file where it is one, and the kind of loss."""
    source = experiment.data
    return type(source), getattr(source, "path", None), type(experiment.training.loss)


def _words(difference: Difference, experiment: Experiment) -> str:
    """A difference as people say it: a layer by its name, a setting without the parts it belongs to."""
    if difference.path == "network":  # of another length: which layers are new is not told
        one, other = (text.removesuffix(" of them") for text in (difference.one, difference.other))
        return f"{one} → {other} layers"
    first, _, rest = difference.path.partition(".")
    name = (rest or first).rpartition(".")[2].replace("_", " ")
    if first.startswith("network["):
        place = int(first.removeprefix("network[").rstrip("]"))
        name = f"{experiment.network[place].name} {name}" if rest else experiment.network[place].name
    return f"{name} {difference.one} → {difference.other}".replace('"', "")
