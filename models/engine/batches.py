"""Which examples each optimizer step looks at."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int32]


@dataclass(frozen=True)
class Plan:
    """Consecutive steps: step i looks at the examples ``rows[splits[i]:splits[i + 1]]``."""

    rows: Rows
    splits: Rows
    epochs: NDArray[np.int64]
    """Epoch of each step, counted from 1."""

    @property
    def sizes(self) -> NDArray[np.int64]:
        """Examples in each step's batch."""
        return np.diff(self.splits).astype(np.int64)

    def __len__(self) -> int:
        return len(self.epochs)

    def part(self, first: int, last: int) -> "Plan":
        """The plan of the steps `first` to `last - 1` of these alone."""
        splits = self.splits[first : last + 1]
        return Plan(self.rows[splits[0] : splits[-1]], splits - splits[0], self.epochs[first:last])


class Batches:
    """The order of the examples: each epoch's follows from the seed and the epoch's number alone.

    So a run can go on anywhere without a state to carry, and TensorFlow's random numbers have no part in it.
    """

    def __init__(self, examples: int, batch_size: int, seed: int, *, shuffle: bool) -> None:
        self._examples = examples
        self._batch_size = batch_size
        self._seed = seed
        self._shuffle = shuffle
        self._known: tuple[int, Rows] = (-1, np.empty(0, np.int32))

    @property
    def steps_per_epoch(self) -> int:
        """Steps that go through all examples once; the last may look at fewer than `batch_size`."""
        return -(-self._examples // self._batch_size)

    def plan(self, first: int, count: int) -> Plan:
        """The steps `first` to `first + count - 1`, counted from 0 over the whole run; may span epochs."""
        epochs, within = np.divmod(np.arange(first, first + count), self.steps_per_epoch)
        sizes = np.minimum(self._batch_size, self._examples - within * self._batch_size)
        splits = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32)
        return Plan(self._rows(first, first + count), splits, epochs + 1)

    def _rows(self, step: int, end: int) -> Rows:
        parts = [np.empty(0, np.int32)]
        while step < end:
            epoch, begin = divmod(step, self.steps_per_epoch)
            stop = min(self.steps_per_epoch, begin + end - step)
            parts.append(self.order(epoch)[begin * self._batch_size : stop * self._batch_size])
            step += stop - begin
        return np.concatenate(parts)

    def order(self, epoch: int) -> Rows:
        """All examples in the order of this epoch, counted from 0."""
        if not self._shuffle:
            epoch = 0
        if self._known[0] != epoch:
            rows = np.arange(self._examples, dtype=np.int32)
            if self._shuffle:
                np.random.default_rng([self._seed, epoch]).shuffle(rows)
            self._known = (epoch, rows)
        return self._known[1]
