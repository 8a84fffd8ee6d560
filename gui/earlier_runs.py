"""The runs since the window was opened, but for the present one: their curves stay to be compared with."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from gui.widgets.numbers import short_text
from models.experiment.counting import grouped
from models.experiment.difference import Difference, differences
from models.experiment.essence import comparable, essence
from models.experiment.experiment import Experiment
from models.telemetry.allowance import Allowance

if TYPE_CHECKING:
    from models.telemetry.history import EarlierRun, History

most_changes = 4
"""Settings that are named one by one."""
most_drawn = 12
"""Runs whose curves are drawn without anybody asking for them: more cannot be told apart, and each takes its time to draw."""
most_recorded, least_recorded = 2048, 128
"""Steps and epochs of a run that are kept: fewer, evenly spread, where all runs together take too much memory."""
longest_name = 40


class EarlierRuns(QObject):
    """Keeps the curves of runs that are over, as far as memory allows."""

    changed = Signal()
    """There is one more or one less, or one is to be shown, hidden, or called otherwise."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.allowance = Allowance()
        self.runs: tuple[EarlierRun, ...] = ()
        """All of them, oldest first."""
        self.present = False
        """Whether there is a run beside these: one that goes on, or the last one."""
        self._present_name = ""
        """What somebody called it."""
        self._count = 0
        self._recorded = most_recorded
        self._before: Experiment | None = None

    def add(self, experiment: Experiment, history: "History", origin: tuple[int, int] | None = None) -> int | None:
        """Keep the curves of a run of `experiment` that is over; one that took no step is not worth it.

        `origin` is the number of the run that it branched off from, and the step there. Returns the number of the run.
        """
        if not history.steps_seen:
            return None
        # They bring numpy and matplotlib, which are there by now.
        from gui.plots.views.ghosts import smoothed
        from models.telemetry.history import EarlierRun

        self._count += 1
        changes = "" if self._before is None else changes_between(self._before, experiment)
        self._before = experiment
        record = history.bare(self._recorded)
        means = smoothed(history.steps())
        newest = EarlierRun(self._count, changes, record, origin=origin, given_name=self._present_name, means=means)
        self._set(self._within_memory(_newest_drawn([*self.runs, newest])))
        return newest.number

    @property
    def present_number(self) -> int:
        """What number the run that goes on has, or the next one."""
        return self._count + 1

    @property
    def present_name(self) -> str:
        """What that run will be called among these."""
        from models.telemetry.history import usual_name

        return self._present_name or usual_name(self.present_number)

    def leave_present(self) -> None:
        """The present run is there no more."""
        self.present, self._present_name = False, ""
        self.changed.emit()

    def make_way(self, experiment: Experiment) -> None:
        """A run of `experiment` begins, and is the present one.

        With other data or another loss than before, the curves of the others are not drawn: they have nothing in common with its
        own, and one loss of millions would leave no height for the rest. The list still offers to show them.
        """
        self.present, self._present_name = True, ""
        if self._before is not None and not comparable(experiment, self._before):
            self._set([replace(run, shown=False, asked=False) for run in self.runs])
        self.changed.emit()

    def show(self, number: int, shown: bool) -> None:
        """Draw the curves of the run with this number, or do not."""
        self._change(number, lambda run: replace(run, shown=shown, asked=shown))

    def name_obstacle(self, number: int, name: str) -> str:
        """Why the run with this number cannot be called so, in a sentence; empty where it can."""
        name = _tidy(name).casefold()
        names = {run.number: run.name for run in self.runs} | ({self.present_number: self.present_name} if self.present else {})
        taken = {other.casefold(): other for each, other in names.items() if each != number}
        if name in taken:
            return f"Another run is called “{taken[name]}”: choose another name."
        if re.fullmatch(r"run \d+", name) and name != f"run {number}":
            return "Runs are numbered like this by themselves: choose another name."
        return ""

    def rename(self, number: int, name: str) -> None:
        """Call the run with this number so, where nothing speaks against it; without a name it has its usual one again."""
        if self.name_obstacle(number, name):
            return
        if number == self.present_number:
            self._present_name = _tidy(name)
            self.changed.emit()
        else:
            self._change(number, lambda run: replace(run, given_name=_tidy(name)))

    def colour(self, number: int, place: int | None) -> None:
        """Draw the run with this number in the colour at this place of the theme's series; none: in its usual one."""
        self._change(number, lambda run: replace(run, colour=place))

    def delete(self, number: int) -> None:
        """Forget the run with this number."""
        self._set([run for run in self.runs if run.number != number])

    def _change(self, number: int, change: "Callable[[EarlierRun], EarlierRun]") -> None:
        self._set([change(run) if run.number == number else run for run in self.runs])

    def _set(self, runs: "Sequence[EarlierRun]") -> None:
        if tuple(runs) != self.runs:
            self.runs = tuple(runs)
            self.changed.emit()

    def _within_memory(self, runs: "list[EarlierRun]") -> "list[EarlierRun]":
        """The same runs with shorter records, where they take too much; at last without the oldest ones."""
        while _bytes_of(runs) > self.allowance.earlier and self._recorded > least_recorded:
            self._recorded //= 2
            runs = [replace(run, history=run.history.bare(self._recorded)) for run in runs]
        while len(runs) > 1 and _bytes_of(runs) > self.allowance.earlier:
            del runs[0]
        return runs


def origin_of(run: "EarlierRun", runs: "Sequence[EarlierRun]") -> str:
    """How a run came about: which of `runs` it branched off from, and what was set otherwise than in the run before."""
    changes = run.changes or "the first run"
    if run.origin is None:
        return changes
    from models.telemetry.history import usual_name

    number, step = run.origin
    name = next((other.name for other in runs if other.number == number), usual_name(number))
    return f"branched from {name} at step {grouped(step)}: {changes}"


def figures_of(run: "EarlierRun") -> str:
    """Its last figures: of the last epoch, or of the last step where none ended.

    Where a rule put the weights of an earlier epoch back, those of that one, as far as they are kept.
    """
    epochs, steps = run.history.epochs(), run.history.steps()
    restored = run.history.ended.restored_epoch if run.history.ended else None
    values = epochs.values if len(epochs) or restored is not None else {"loss": steps.loss, **steps.metrics}
    if restored is not None:
        values = {name: figures[epochs.epoch == restored] for name, figures in values.items()}
    words = [f"{name.replace('_', ' ')} {short_text(float(figures[-1]))}" for name, figures in values.items() if len(figures)]
    return " · ".join(words if restored is None else (f"weights of epoch {grouped(restored)}", *words))


def changes_between(one: Experiment, other: Experiment) -> str:
    """The settings in which two experiments differ, in words: ``batch size 10 → 32``; that nothing differs, where it is so."""
    rates = [short_text(each.training.optimizer.learning_rate) for each in (one, other)]
    found = [f"learning rate {rates[0]} → {rates[1]}"] if rates[0] != rates[1] else []
    found += _words([_change(difference, other) for difference in differences(essence(one), essence(other))])
    more = [f"{len(found) - most_changes} more"] if len(found) > most_changes else []
    return ", ".join((*found[:most_changes], *more)) or "the same settings"


def _newest_drawn(runs: "list[EarlierRun]") -> "list[EarlierRun]":
    """The same runs, of which those that nobody asked for are drawn only as long as they are among the newest."""
    unasked = [run for run in runs if run.shown and not run.asked]
    past = {run.number for run in unasked[:-most_drawn]}
    return [replace(run, shown=False) if run.number in past else run for run in runs]


def _bytes_of(runs: "Sequence[EarlierRun]") -> int:
    return sum(run.history.nbytes for run in runs)


def _tidy(name: str) -> str:
    """A name in one line, not too long for a legend."""
    return " ".join(name.split())[:longest_name].strip()


def _words(changes: "Sequence[tuple[str, str]]") -> list[str]:
    """Changes with the layers that they are of, if of any; the same one of several layers is told once."""
    layers: dict[str, list[str]] = {}
    for layer, change in changes:
        layers.setdefault(change, []).append(layer)
    return [
        f"{change} in {len(names)} layers" if len(set(names)) > 1 else f"{names[0]} {change}".strip()
        for change, names in layers.items()
    ]


def _change(difference: Difference, experiment: Experiment) -> tuple[str, str]:
    """The layer of a difference, or nothing, and what became of what, as people say it: without the parts it belongs to."""
    if difference.path == "network":  # of another length: which layers are new is not told
        one, other = (text.removesuffix(" of them") for text in (difference.one, difference.other))
        return "", f"{one} → {other} layers"
    first, _, rest = difference.path.partition(".")
    change = f"{difference.one} → {difference.other}".replace('"', "")
    name = (rest or first).rpartition(".")[2].replace("_", " ")
    if not first.startswith("network["):
        return "", f"{name} {change}"
    layer = experiment.network[int(first.removeprefix("network[").rstrip("]"))].name
    return layer, f"{name} {change}" if rest else change
