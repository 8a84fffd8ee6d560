"""The runs since the window was opened, but for the present one: their curves stay to be compared with."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from gui.theme import Theme
from gui.widgets.numbers import short_text
from models.experiment.difference import Difference, differences
from models.experiment.essence import essence
from models.experiment.experiment import Experiment
from models.telemetry.allowance import Allowance

if TYPE_CHECKING:
    from models.telemetry.history import History

most_changes = 4
"""Settings that are named one by one."""


_colours = (4, 5, 1, 7, 6)
"""Places in the theme's series that no curve of the present run's loss has."""
_dashes = ((), (5.0, 2.0), (1.2, 1.8), (5.0, 1.8, 1.2, 1.8))


@dataclass(frozen=True)
class Look:
    """How a curve is drawn."""

    colour: str
    dashes: tuple[float, ...]
    """Lengths of lines and gaps in turn, in line widths; empty for a line without gaps."""


@dataclass
class EarlierRun:
    """What is kept of a run that is over."""

    number: int
    """Counted from 1 since the window was opened."""
    experiment: Experiment
    changes: str
    """Which settings were others than in the run before, in words."""
    history: "History"
    """Its curves."""
    shown: bool = True
    """Whether its curves are drawn behind those of the present run."""

    @property
    def name(self) -> str:
        """What the list and the legend call it."""
        return f"Run {self.number}"

    def look(self, theme: Theme) -> Look:
        """How its curves are drawn; colour and dashes together repeat after twenty runs."""
        colour = _colours[(self.number - 1) % len(_colours)]
        return Look(theme.series_colour(colour), _dashes[(self.number - 1) % len(_dashes)])

    @property
    def figures(self) -> str:
        """Its last figures: of the last epoch, or of the last step where none ended."""
        epochs, steps = self.history.epochs(), self.history.steps()
        values = epochs.values if len(epochs) else {"loss": steps.loss, **steps.metrics}
        words = (f"{name.replace('_', ' ')} {short_text(float(figures[-1]))}" for name, figures in values.items() if len(figures))
        return " · ".join(words)


class EarlierRuns(QObject):
    """Keeps the curves of runs that are over, the newest ones as far as memory allows."""

    changed = Signal()
    """There is one more or one less, or one is to be shown or hidden."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.allowance = Allowance()
        self._runs: list[EarlierRun] = []
        self._count = 0
        self._before: Experiment | None = None

    @property
    def runs(self) -> tuple[EarlierRun, ...]:
        """All of them, oldest first."""
        return tuple(self._runs)

    def add(self, experiment: Experiment, history: "History") -> None:
        """Keep the curves of a run of `experiment` that is over; one that took no step is not worth it."""
        if not history.steps_seen:
            return
        self._count += 1
        changes = "" if self._before is None else changes_between(self._before, experiment)
        self._before = experiment
        self._runs.append(EarlierRun(self._count, experiment, changes, history.bare()))
        while len(self._runs) > 1 and sum(run.history.nbytes for run in self._runs) > self.allowance.earlier:
            del self._runs[0]
        self.changed.emit()

    def show(self, number: int, shown: bool) -> None:
        """Draw the curves of the run with this number, or do not."""
        for run in self._runs:
            if run.number == number:
                run.shown = shown
        self.changed.emit()

    def delete(self, number: int) -> None:
        """Forget the run with this number."""
        self._runs = [run for run in self._runs if run.number != number]
        self.changed.emit()


def changes_between(one: Experiment, other: Experiment) -> str:
    """The settings in which two experiments differ, in words: ``batch size 10 → 32``; that nothing differs, where it is so."""
    if one.training.optimizer.learning_rate != other.training.optimizer.learning_rate:
        rates = [short_text(each.training.optimizer.learning_rate) for each in (one, other)]
        found = [f"learning rate {rates[0]} → {rates[1]}"]
    else:
        found = []
    found += [_words(difference, other) for difference in differences(essence(one), essence(other))]
    more = [f"{len(found) - most_changes} more"] if len(found) > most_changes else []
    return ", ".join((*found[:most_changes], *more)) or "the same settings"


def _words(difference: Difference, experiment: Experiment) -> str:
    """A difference as people say it: a layer by its name, a setting without the parts it belongs to."""
    first, _, rest = difference.path.partition(".")
    name = (rest or first).rpartition(".")[2].replace("_", " ")
    if first.startswith("network["):
        place = int(first.removeprefix("network[").rstrip("]"))
        name = f"{experiment.network[place].name} {name}" if rest else experiment.network[place].name
    return f"{name} {difference.one} → {difference.other}".replace('"', "")
