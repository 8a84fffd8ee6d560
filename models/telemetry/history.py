"""What is kept of a run: its curves, its epochs and its latest looks inside, in an amount of memory that does not grow."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from models.telemetry.events import Ended, EpochsEnded, Event, Probed, Started, StepsTaken
from models.telemetry.wanted import Looks

Floats = NDArray[np.float64]
Item = TypeVar("Item")

gradient_prefix = "grad_norm/"
"""Stands before a layer's name in the title of a column that holds its gradient norms."""


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


class History:
    """Everything that one run told and that is worth keeping.

    Of a short run every step is recorded. When there are more than `capacity`, every second one is let go, and from then on
    every second one is recorded, and so on: the record stays even, and the first and the newest step are always in it. Where
    gradient norms are measured in some steps only, those steps are the ones that stay. Epochs and probes are thinned alike.
    """

    started: Started | None
    """How the run began, none before it did."""
    ended: Ended | None
    """How the run ended, none as long as it goes on."""
    steps_seen: int
    """Steps ever appended; grows with every `StepsTaken`, so that a view knows whether there is something new."""
    epochs_seen: int
    probes_seen: int
    moment: int | None
    """The step that views show; none where they show the newest: the run as it goes on, or its end."""

    def __init__(self, capacity: int = 20_000, probe_capacity: int = 60) -> None:
        self._capacity = capacity
        self._probe_capacity = probe_capacity
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
            case Ended():
                self.ended = event

    @property
    def last_step(self) -> int:
        """Number of the newest step, 0 before the first."""
        return int(self._steps.newest("step")) if len(self._steps) else 0

    @property
    def last_probe(self) -> Probed | None:
        """The newest look inside."""
        return self._probes.items[-1] if self._probes.items else None

    @property
    def shown_probe(self) -> Probed | None:
        """The look inside that views show: the newest, or the latest kept one that is not after `moment`."""
        if self.moment is None or not self._probes.items:
            return self.last_probe
        place = bisect_right(self._probes.items, self.moment, key=attrgetter("step"))
        return self._probes.items[max(place - 1, 0)]

    def look_closer(self, step: int, looks: Looks | None) -> None:
        """Take in what panels wanted after the newest look inside was taken; nothing where that is not of this `step`."""
        if (newest := self.last_probe) is not None and newest.step == step:
            self._probes.items[-1] = replace(newest, looks=looks)

    def steps(self) -> Steps:
        """The recorded steps in order."""
        column = self._steps.column
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
        column = self._epochs.column
        return Epochs(
            epoch=column("epoch").astype(np.int64),
            step=column("step").astype(np.int64),
            values={name: column(name) for name in self._epochs.names[2:]},
        )

    def probes(self) -> tuple[Probed, ...]:
        """Looks inside from the whole run, oldest first, evenly thinned; only the newest still holds `surface` and `looks`."""
        return tuple(self._probes.items)

    @property
    def columns(self) -> tuple[str, ...]:
        """Titles of what `rows` yields: step, epoch, loss, the metrics, learning_rate, grad_norm/ and each layer."""
        return self._steps.names

    def rows(self) -> Iterator[tuple[int | float, ...]]:
        """The recorded steps as rows of a table; step and epoch are integers, what was not measured is NaN."""
        return self._steps.rows()

    @property
    def epoch_columns(self) -> tuple[str, ...]:
        """Titles of what `epoch_rows` yields: epoch, step, then Keras's names in Keras's order."""
        return self._epochs.names

    def epoch_rows(self) -> Iterator[tuple[int | float, ...]]:
        """The recorded epochs as rows of a table; epoch and step are integers."""
        return self._epochs.rows()

    def snapshot(self) -> dict[str, NDArray[Any]]:
        """Steps and epochs recorded so far, and how they are thinned, as arrays that `restore` takes back."""
        return {
            "metrics": np.array(self._metrics, dtype=np.str_),
            "layers": np.array(self._layers, dtype=np.str_),
            "seen": np.array([self.steps_seen, self.epochs_seen]),
            **{f"steps/{name}": array for name, array in self._steps.snapshot().items()},
            **{f"epochs/{name}": array for name, array in self._epochs.snapshot().items()},
        }

    def restore(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Go on with the record that `snapshot` gave."""
        self._clear()
        self._describe(arrays["metrics"].tolist(), arrays["layers"].tolist())
        self.steps_seen, self.epochs_seen = arrays["seen"].tolist()
        self._steps, self._epochs = (
            ThinnedTable.restored(
                {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}, self._capacity
            )
            for prefix in ("steps/", "epochs/")
        )

    def complete_epoch(self, values: Mapping[str, float]) -> None:
        """Add figures of the newest epoch that could not be measured when it ended."""
        if len(self._epochs):
            self._epochs.amend(values)

    def _clear(self) -> None:
        self.started = None
        self.ended = None
        self.steps_seen = 0
        self.epochs_seen = 0
        self.probes_seen = 0
        self.moment = None
        self._metrics: tuple[str, ...] = ()
        self._layers: tuple[str, ...] = ()
        self._steps = ThinnedTable(("step", "epoch", "loss", "learning_rate"), self._capacity)
        self._epochs = ThinnedTable(("epoch", "step"), self._capacity)
        self._probes: ThinnedList[Probed] = ThinnedList(self._probe_capacity)

    def _describe(self, metrics: Sequence[str], layers: Sequence[str]) -> None:
        self._metrics, self._layers = tuple(metrics), tuple(layers)

    def _start(self, event: Started) -> None:
        goes_on = event.step > 0 and event.step == self.last_step
        if not (goes_on and (event.metrics, event.layers) == (self._metrics, self._layers)):
            self._clear()
            self._metrics, self._layers = event.metrics, event.layers
            gradients = (gradient_prefix + name for name in event.layers)
            self._steps = ThinnedTable(("step", "epoch", "loss", *event.metrics, "learning_rate", *gradients), self._capacity)
        self.started, self.ended = event, None

    def _append_steps(self, event: StepsTaken) -> None:
        count = len(event.loss)
        missing = np.full(count, np.nan)
        gradients = [event.gradient_norms.get(name, missing) for name in self._layers]
        rows = np.array(
            [
                event.first_step + np.arange(count),
                event.epoch,
                event.loss,
                *(event.metrics.get(name, missing) for name in self._metrics),
                event.learning_rate,
                *gradients,
            ],
            dtype=np.float64,
        )
        measured = (~np.isnan(rows[len(rows) - len(gradients) :])).any(axis=0)
        self._steps.append(rows, np.asarray(measured, dtype=bool))
        self.steps_seen += count

    def _append_epochs(self, event: EpochsEnded) -> None:
        count = len(event.epoch)
        if not len(self._epochs):
            self._epochs = ThinnedTable(("epoch", "step", *event.values), self._capacity)
        missing = np.full(count, np.nan)
        values = (event.values.get(name, missing) for name in self._epochs.names[2:])
        self._epochs.append(np.array([event.epoch, event.step, *values], dtype=np.float64))
        self.epochs_seen += count

    def _append_probe(self, event: Probed) -> None:
        if self._probes.items:
            self._probes.items[-1] = replace(self._probes.items[-1], surface=None, looks=None)
        self._probes.append(event)
        self.probes_seen += 1


class ThinnedTable:
    """Rows of numbers, at most `capacity` of them however many are appended, spread evenly over all that were.

    The rows appended so far are divided into buckets of `stride` consecutive ones, and one row of each bucket is kept: the first
    preferred one, or the first. When the buckets run out, neighbours are joined and `stride` doubles. The newest row waits
    behind the buckets until the next one comes, so that it is always there.
    """

    def __init__(self, names: Sequence[str], capacity: int) -> None:
        if capacity < 3:
            raise ValueError(f"a table needs room for at least 3 rows, not {capacity}")
        self.names = tuple(names)
        self._places = {name: place for place, name in enumerate(self.names)}
        self._numbers = np.empty((len(self.names), capacity))
        self._preferred = np.zeros(capacity, dtype=bool)
        self._stride = 1
        self._filed = 0
        self._waits = False

    def __len__(self) -> int:
        return self._buckets + self._waits

    def snapshot(self) -> dict[str, NDArray[Any]]:
        """The kept rows, and what decides which of the next ones will be kept."""
        return {
            "names": np.array(self.names, dtype=np.str_),
            "numbers": self._numbers[:, : len(self)].copy(),
            "preferred": self._preferred[: len(self)].copy(),
            "thinning": np.array([self._stride, self._filed, self._waits]),
        }

    @classmethod
    def restored(cls, arrays: Mapping[str, NDArray[Any]], capacity: int) -> "ThinnedTable":
        """The table that `snapshot` gave, of the same capacity."""
        table = cls(arrays["names"].tolist(), capacity)
        count = arrays["numbers"].shape[1]
        table._numbers[:, :count] = arrays["numbers"]
        table._preferred[:count] = arrays["preferred"]
        table._stride, table._filed = arrays["thinning"][:2].tolist()
        table._waits = bool(arrays["thinning"][2])
        return table

    def amend(self, values: Mapping[str, float]) -> None:
        """Put `values` into the newest row; a column that is not there yet is made, empty in the rows before."""
        added = [name for name in values if name not in self._places]
        self.names = (*self.names, *added)
        self._places |= {name: len(self._places) + i for i, name in enumerate(added)}
        empty = np.full((len(added), self._numbers.shape[1]), np.nan)
        self._numbers = np.concatenate([self._numbers, empty])
        for name, value in values.items():
            self._numbers[self._places[name], len(self) - 1] = value

    def append(self, rows: Floats, preferred: NDArray[np.bool_] | None = None) -> None:
        """Add `rows`, an array (columns, rows); `preferred` marks those that should rather be kept."""
        if not rows.shape[1]:
            return
        wishes = np.zeros(rows.shape[1], dtype=bool) if preferred is None else preferred
        if self._waits:
            newest = slice(self._buckets, self._buckets + 1)
            rows = np.concatenate([self._numbers[:, newest], rows], axis=1)
            wishes = np.concatenate([self._preferred[newest], wishes])
        self._file(rows[:, :-1], wishes[:-1])
        self._numbers[:, self._buckets] = rows[:, -1]
        self._preferred[self._buckets] = wishes[-1]
        self._waits = True

    def column(self, name: str) -> Floats:
        """The kept numbers of one column, a read-only view."""
        view = self._numbers[self._places[name], : len(self)]
        view.flags.writeable = False
        return view

    def newest(self, name: str) -> float:
        """The last number of one column."""
        return float(self._numbers[self._places[name], len(self) - 1])

    def rows(self) -> Iterator[tuple[int | float, ...]]:
        """The kept rows, step and epoch as integers."""
        whole = [name in ("step", "epoch") for name in self.names]
        for row in self._numbers[:, : len(self)].T.tolist():
            yield tuple(int(number) if integer else number for number, integer in zip(row, whole, strict=True))

    @property
    def _buckets(self) -> int:
        return -(-self._filed // self._stride)

    def _file(self, rows: Floats, preferred: NDArray[np.bool_]) -> None:
        start, count = 0, rows.shape[1]
        while start < count:
            room = (self._numbers.shape[1] - 1) * self._stride - self._filed
            if room == 0:
                self._join_buckets()
                continue
            self._put_into_buckets(rows[:, start : start + room], preferred[start : start + room])
            start += room

    def _put_into_buckets(self, rows: Floats, preferred: NDArray[np.bool_]) -> None:
        bucket = (self._filed + np.arange(rows.shape[1])) // self._stride
        if self._filed == 0:
            preferred = np.concatenate([[True], preferred[1:]])  # the very first row is kept for ever
        if preferred.all() or not preferred[1:].any():  # as in nearly every run: the first of each bucket, without sorting
            first = np.flatnonzero(np.diff(bucket, prepend=-1))
        else:
            order = np.lexsort((~preferred, bucket))
            first = order[np.flatnonzero(np.diff(bucket[order], prepend=-1))]
        open_bucket = self._filed % self._stride != 0
        if open_bucket and (self._preferred[bucket[0]] or not preferred[first[0]]):
            first = first[1:]
        self._numbers[:, bucket[first]] = rows[:, first]
        self._preferred[bucket[first]] = preferred[first]
        self._filed += rows.shape[1]

    def _join_buckets(self) -> None:
        left = np.arange(0, self._buckets, 2)
        right = np.minimum(left + 1, self._buckets - 1)
        chosen = np.where(self._preferred[left] | ~self._preferred[right], left, right)
        self._numbers[:, : len(chosen)] = self._numbers[:, chosen]
        self._preferred[: len(chosen)] = self._preferred[chosen]
        self._stride *= 2


class ThinnedList(Generic[Item]):
    """Things in order, at most `capacity` of them, spread evenly over all that were appended; the first and the newest stay."""

    def __init__(self, capacity: int) -> None:
        self.items: list[Item] = []
        self._capacity = capacity
        self._stride = 1
        self._seen = 0

    def append(self, item: Item) -> None:
        """Add `item` as the newest."""
        if self._seen and (self._seen - 1) % self._stride:
            self.items.pop()
        self.items.append(item)
        self._seen += 1
        if len(self.items) > self._capacity:
            self.items = [*self.items[:-1:2], item]
            self._stride *= 2
