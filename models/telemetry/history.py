"""What is kept of a run: curves, epochs, looks inside and states to go back to, in an amount of memory that does not grow."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models.experiment.figures import measured
from models.telemetry.allowance import Allowance
from models.telemetry.bests import BestEpoch, Bests
from models.telemetry.curves import Curves
from models.telemetry.events import Ended, EpochsEnded, Event, Probed, Started, StateKept, StepsTaken
from models.telemetry.moments import Moments
from models.telemetry.parts import part
from models.telemetry.thinning import Extremes, Floats, Integers, ThinnedTable

if TYPE_CHECKING:
    from models.telemetry.wanted import Looks

gradient_prefix = "grad_norm/"
"""Stands before a layer's name in the title of a column that holds its gradient norms."""
most_numbers = 2**21
"""In the table of the steps, and in their extremes: of a network with very many layers fewer steps are recorded."""


@dataclass(frozen=True)
class Steps:
    """The recorded optimizer steps, one entry a step in every array. Read-only, and good until the next event is appended."""

    step: NDArray[np.int64]
    """Numbers of the steps, counted from 1."""
    epoch: NDArray[np.int64]
    loss: Floats
    metrics: Mapping[str, Floats]
    learning_rate: Floats
    gradient_norms: Mapping[str, Floats]
    """Per layer; NaN in steps where it was not measured."""

    def __len__(self) -> int:
        return len(self.step)


@dataclass(frozen=True)
class Epochs:
    """The recorded epochs, one entry an epoch in every array. Read-only, and good until the next event is appended."""

    epoch: NDArray[np.int64]
    """Numbers of the epochs, counted from 1."""
    step: NDArray[np.int64]
    """The last step of each epoch."""
    values: Mapping[str, Floats]
    """Keras's names: ``loss``, metrics, ``val_loss``, ``val_`` and metric."""

    def __len__(self) -> int:
        return len(self.epoch)

    def after(self, step: int) -> "Epochs":
        """Those that end after `step`."""
        later = self.step > step
        return Epochs(self.epoch[later], self.step[later], {name: values[later] for name, values in self.values.items()})


@dataclass(frozen=True)
class EarlierRun:
    """What is kept of a run that is over, to be compared with."""

    number: int
    """Counted from 1 since the program was started: it stays, whatever the run is called."""
    changes: str
    """Which settings were others than in the run before, in words; empty for the first run."""
    history: "History"
    """Its curves, see `History.bare`."""
    shown: bool = True
    """Whether its curves are drawn behind those of the present run."""
    asked: bool = False
    """Whether somebody asked for its curves: then they are drawn however many runs there are after it."""
    origin: tuple[int, int] | None = None
    """Number of the run that it branched off from, and the step there; none where it began by itself."""
    given_name: str = ""
    """What somebody called it; empty where nobody did."""
    colour: int | None = None
    """Place in the theme's series of the colour that somebody chose; none: it follows from the number."""
    means: "Steps | None" = field(default=None, compare=False)
    """Few means over all its steps, to be drawn: those over what is kept of them would be of fewer, and jump more."""

    @property
    def name(self) -> str:
        """What lists and legends call it."""
        return self.given_name or usual_name(self.number)


def usual_name(number: int) -> str:
    """What the run with this number is called as long as nobody gives it another name."""
    return f"Run {number}"


class History:
    """Everything that one run told and that is worth keeping.

    Of a short run every step is recorded. When there are more than `capacity`, every second one is let go, and from then on
    every second one is recorded, and so on: the record stays even, and the first and the newest step are always in it. Where
    gradient norms are measured in some steps only, those steps are the ones that stay. Epochs and probes are thinned alike.
    What lies between the recorded steps and epochs still shows in curves drawn through the extremes.
    """

    started: Started | None
    """How the run began, none before it did."""
    ended: Ended | None
    """How the run ended, none as long as it goes on."""
    steps_seen: int
    """Steps ever appended; grows with every `StepsTaken`, so that a view knows whether there is something new."""
    epochs_seen: int
    probes_seen: int
    states_seen: int
    _bests: Bests
    _judged_from: int
    """The step that epochs end after which are compared by their loss: that of those before says something else."""
    earlier: tuple[EarlierRun, ...]
    """Runs before this one, oldest first."""
    _steps: Curves
    _epochs: Curves
    _moment: int | None
    _shown: Probed | None
    """The look of the chosen moment: kept whatever is thinned out meanwhile."""
    _shown_state: StateKept | None
    _awaits: bool

    def __init__(self, capacity: int = 20_000, probe_capacity: int = 120, allowance: Allowance | None = None) -> None:
        self._capacity = capacity
        self._probe_capacity = probe_capacity
        self._allowance = allowance or Allowance()
        self.earlier = ()
        self._clear()

    def append(self, event: Event) -> None:
        """Take in what the run reports next. A `Started` begins a record, or continues this one where the run goes on."""
        match event:
            case Started():
                self._start(event)
            case StepsTaken():
                self._append_steps(event)
            case EpochsEnded():
                self._append_epochs(event)
            case Probed():
                self._append_probe(event)
            case StateKept():
                self._append_state(event)
            case Ended():
                self.ended = event

    @property
    def last_step(self) -> int:
        """Number of the newest step, 0 before the first."""
        return self._last_step

    @property
    def best_epoch(self) -> BestEpoch | None:
        """The epoch with the lowest loss on the validation data, or on the training data where there are no others."""
        return self.best("val_loss" if "val_loss" in self._epochs.names else "loss")

    def best(self, figure: str) -> BestEpoch | None:
        """The epoch in which a figure was best, ``val_accuracy`` for example; none before it was measured."""
        return self._bests.of(figure)

    @property
    def last_probe(self) -> Probed | None:
        """The newest look inside."""
        return self._moments.newest

    @property
    def moment(self) -> int | None:
        """The step that views show; none where they show the newest: the run as it goes on, or its end."""
        return self._moment

    @property
    def shown_probe(self) -> Probed | None:
        """The look inside that views show: the newest, or that of `moment`.

        Of a moment that has passed it lacks `surface` and `looks` until its state gave them again, see `awaits_state`. Of one
        that was not looked at it is what was shown before until then.
        """
        return self.last_probe if self._moment is None else self._shown

    @property
    def shown_state(self) -> StateKept | None:
        """The state of `moment`, where it is kept."""
        return self._shown_state

    @property
    def awaits_state(self) -> bool:
        """Whether more of the moment that is shown is about to be known."""
        return self._awaits

    def show(self, step: int | None) -> None:
        """Let views show the latest kept moment that is not after `step`; none: the newest from now on."""
        before = self.shown_probe
        steps = self.moments()
        if step is None or not steps:
            self._moment = self._shown = self._shown_state = None
            self._awaits = False
            return
        self._moment = steps[max(bisect_right(steps, step) - 1, 0)]
        look, state = self._moments.look_at(self._moment), self.state_at(self._moment)
        self._shown = replace(look, surface=None, looks=None) if look is not None and look.step == self._moment else before
        self._shown_state = state if state is not None and state.step == self._moment else None
        self._awaits = self._shown_state is not None

    def complete_shown(self, again: Probed) -> None:
        """Add to what is shown what its state gave again, unless another moment is shown by now."""
        if self._moment != again.step:
            return
        self._awaits = False
        look = self._moments.look_at(again.step)
        if look is not None and look.step == again.step:  # with what was measured in the step itself
            again = replace(look, surface=again.surface, looks=again.looks, surface_unseen=again.surface_unseen)
        self._shown = again

    def look_closer(self, step: int, looks: "Looks | None") -> None:
        """Take in what panels wanted after the newest look inside was taken; nothing where that is not of this `step`."""
        if (newest := self.last_probe) is not None and newest.step == step:
            self._moments.newest = replace(newest, looks=looks)

    def steps(self) -> Steps:
        """The recorded steps in order."""
        column = self._steps.table.column
        return Steps(
            step=column("step").astype(np.int64),
            epoch=column("epoch").astype(np.int64),
            loss=column("loss"),
            metrics={name: column(name) for name in self._metrics},
            learning_rate=column("learning_rate"),
            gradient_norms={name: column(gradient_prefix + name) for name in self._layers},
        )

    def epochs(self) -> Epochs:
        """The recorded epochs in order."""
        column = self._epochs.table.column
        return Epochs(
            epoch=column("epoch").astype(np.int64),
            step=column("step").astype(np.int64),
            values={name: column(name) for name in self._epochs.names[2:]},
        )

    def step_curve(self, name: str) -> tuple[Integers, Floats]:
        """Steps and figures of one of `columns` for a curve through all of them, or through the extremes of a long run."""
        return self._steps.extremes.curve(name)

    def epoch_curve(self, name: str) -> tuple[Integers, Floats]:
        """Last steps and figures of the epochs, ``val_loss`` for example, as `step_curve` gives those of the steps."""
        return self._epochs.extremes.curve(name)

    def probes(self) -> tuple[Probed, ...]:
        """Looks inside from the whole run, oldest first, evenly thinned; only the newest still holds `surface` and `looks`."""
        return self._moments.looks()

    def moments(self) -> tuple[int, ...]:
        """The steps after which there is a look inside or a state."""
        return self._moments.steps()

    def shown_probes(self) -> tuple[Probed, ...]:
        """The looks up to the moment that views show."""
        looks = self.probes()
        return looks if self.moment is None else looks[: bisect_right(looks, self.moment, key=attrgetter("step"))]

    def states(self) -> tuple[StateKept, ...]:
        """The states to go back to, oldest first."""
        return self._moments.states()

    def state_at(self, step: int) -> StateKept | None:
        """The latest state that is not after `step`."""
        return self._moments.state_at(step)

    def gradient_norms_at(self, step: int) -> dict[str, float]:
        """Per layer, as they were measured last up to `step`; without those that were not."""
        steps = self.steps()
        count = int(np.searchsorted(steps.step, step, side="right"))
        found = {name: norms[:count][~np.isnan(norms[:count])] for name, norms in steps.gradient_norms.items()}
        return {name: float(norms[-1]) for name, norms in found.items() if len(norms)}

    def until(self, step: int) -> "History":
        """What this run has in common with one that goes on from its step `step` in another way."""
        copy = History(self._capacity, self._probe_capacity, self._allowance)
        copy.started, copy._metrics, copy._layers = self.started, self._metrics, self._layers
        copy._steps, copy._epochs = self._steps.until(step), self._epochs.until(step)
        copy._moments = self._moments.until(step)
        copy._last_step, copy.steps_seen = step, step
        copy.epochs_seen, copy.probes_seen, copy.states_seen = len(copy._epochs.table), len(copy.probes()), len(copy.states())
        copy._judged_from = min(self._judged_from, step)
        copy._bests = self._bests.until(step)
        copy._judge_recorded()
        return copy

    def judge_anew(self) -> None:
        """Look for the best epoch among those to come: their loss says something else than that of the epochs so far."""
        self._bests, self._judged_from = self._bests.without_losses(), self._last_step

    def forget_curves(self) -> None:
        """Let the figures begin anew with the next step: those so far are of something else. The moments stay."""
        self._describe(self._metrics, self._layers)
        self._epochs = self._epoch_curves(())
        self.steps_seen = self.epochs_seen = 0
        self._bests, self._judged_from = Bests(), self._last_step

    def bare(self, capacity: int = 2048) -> "History":
        """Loss, metrics and learning rate alone, at most `capacity` steps and epochs: what is kept of a run that is over.

        Without the extremes: between the kept steps of an earlier run nobody looks for peaks.
        """
        copy = History(capacity, allowance=self._allowance)
        copy.started, copy.ended, copy._metrics = self.started, self.ended, self._metrics
        names = ("loss", *self._metrics, "learning_rate")
        copy._steps = self._steps.reduced(("step", "epoch", *names), capacity)
        copy._epochs = self._epochs.reduced(self._epochs.names, capacity)
        copy._last_step, copy.steps_seen, copy.epochs_seen = self._last_step, self.steps_seen, self.epochs_seen
        copy._bests = self._bests.copy()
        return copy

    @property
    def nbytes(self) -> int:
        """About how many bytes the record takes."""
        return self._curve_bytes + self._moments.nbytes

    @property
    def _curve_bytes(self) -> int:
        return self._steps.nbytes + self._epochs.nbytes

    @property
    def columns(self) -> tuple[str, ...]:
        """Titles of what `rows` yields: step, epoch, loss, the metrics, learning_rate, grad_norm/ and each layer."""
        return self._steps.names

    def rows(self) -> Iterator[tuple[int | float, ...]]:
        """The recorded steps as rows of a table; step and epoch are integers, what was not measured is NaN."""
        return self._steps.table.rows()

    @property
    def epoch_columns(self) -> tuple[str, ...]:
        """Titles of what `epoch_rows` yields: epoch, step, then Keras's names in Keras's order."""
        return self._epochs.names

    def epoch_rows(self) -> Iterator[tuple[int | float, ...]]:
        """The recorded epochs as rows of a table; epoch and step are integers."""
        return self._epochs.table.rows()

    def snapshot(self) -> dict[str, NDArray[Any]]:
        """Steps and epochs recorded so far, and how they are thinned, as arrays that `restore` takes back; without extremes."""
        return {
            "metrics": np.array(self._metrics, dtype=np.str_),
            "layers": np.array(self._layers, dtype=np.str_),
            "seen": np.array([self.steps_seen, self.epochs_seen]),
            **{f"steps/{name}": array for name, array in self._steps.table.snapshot().items()},
            **{f"epochs/{name}": array for name, array in self._epochs.table.snapshot().items()},
            **{f"bests/{name}": array for name, array in self._bests.snapshot().items()},
        }

    def restore(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Go on with the record that `snapshot` gave."""
        self._clear()
        self._describe(arrays["metrics"].tolist(), arrays["layers"].tolist())
        self.steps_seen, self.epochs_seen = arrays["seen"].tolist()
        steps = ThinnedTable.restored(part(arrays, "steps/"), self._steps.table.capacity)
        epochs = ThinnedTable.restored(part(arrays, "epochs/"), self._epochs.table.capacity)
        self._steps = Curves(steps, self._steps.extremes, self._gradient_columns)
        self._epochs = Curves(epochs, Extremes(epochs.names[2:]))
        self._bests = Bests.restored(part(arrays, "bests/"))
        self._last_step = int(steps.newest("step")) if len(steps) else 0

    def complete_epoch(self, values: Mapping[str, float]) -> None:
        """Add figures of the newest epoch that could not be measured when it ended."""
        if len(table := self._epochs.table):
            table.amend(values)
            epoch, step = (np.array([table.newest(name)], np.int64) for name in ("epoch", "step"))
            self._bests.note(epoch, step, {name: np.array([value]) for name, value in values.items()})

    def _clear(self) -> None:
        self.started = None
        self.ended = None
        self.steps_seen = 0
        self.epochs_seen = 0
        self.probes_seen = 0
        self.states_seen = 0
        self._bests = Bests()
        self._judged_from = 0
        self._last_step = 0
        self._moment = self._shown = self._shown_state = None
        self._awaits = False
        self._moments = Moments(self._probe_capacity, self._allowance)
        self._describe((), ())
        self._epochs = self._epoch_curves(())

    def _describe(self, metrics: Sequence[str], layers: Sequence[str]) -> None:
        """Make room for the figures of steps with these metrics, and the gradient norms of these layers."""
        self._metrics, self._layers = tuple(metrics), tuple(layers)
        names = ("step", "epoch", "loss", *metrics, "learning_rate", *self._gradient_columns)
        table = ThinnedTable(names, min(self._capacity, max(3, most_numbers // len(names))))
        extremes = Extremes(names[2:], min(4096, max(2, most_numbers // 2 // len(names) // 2 * 2)))
        self._steps = Curves(table, extremes, self._gradient_columns)

    @property
    def _gradient_columns(self) -> tuple[str, ...]:
        return tuple(gradient_prefix + name for name in self._layers)

    def _epoch_curves(self, figures: Sequence[str]) -> Curves:
        return Curves(ThinnedTable(("epoch", "step", *figures), self._capacity), Extremes(figures))

    def _start(self, event: Started) -> None:
        if event.step == 0 or event.step < self.last_step:
            self._clear()
        if event.step != self.last_step or (event.metrics, event.layers) != (self._metrics, self._layers):
            self._metrics, self._layers, self._last_step = event.metrics, event.layers, event.step
            self.forget_curves()
        self.started, self.ended = event, None
        self.show(None)

    def _append_steps(self, event: StepsTaken) -> None:
        count = len(event.loss)
        self._steps.append((
            event.first_step + np.arange(count),
            event.epoch,
            event.loss,
            *map(event.metrics.get, self._metrics),
            event.learning_rate,
            *map(event.gradient_norms.get, self._layers),
        ))  # fmt: skip
        self._last_step = event.last_step
        self.steps_seen += count

    def _append_epochs(self, event: EpochsEnded) -> None:
        if not self.epochs_seen:
            self._epochs = self._epoch_curves(tuple(event.values))
        self._epochs.add_columns(event.values)
        self._epochs.append((event.epoch, event.step, *map(event.values.get, self._epochs.names[2:])))
        self.epochs_seen += len(event.epoch)
        before = self.best_epoch
        self._bests.note(event.epoch, event.step, event.values)
        if self.best_epoch != before:
            self._moments.hold_newest_state()

    def _judge_recorded(self) -> None:
        """Look for the best among the recorded epochs, by the figures whose best epoch is not known."""
        epochs = self.epochs()
        judged = epochs.after(self._judged_from)
        for figure in epochs.values:
            if self._bests.of(figure) is None:
                compared = judged if measured(figure) == "loss" else epochs
                self._bests.note(compared.epoch, compared.step, {figure: compared.values[figure]})

    def _append_probe(self, event: Probed) -> None:
        self._moments.append(event)
        self.probes_seen += 1

    def _append_state(self, event: StateKept) -> None:
        self._moments.append_state(event, self._curve_bytes)
        self.states_seen += 1
        if self.best_epoch is not None and event.step == self.best_epoch.step:
            self._moments.hold_newest_state()
