"""Which examples each optimizer step looks at, and how far it goes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int32]

examples_at_once = 2**15
"""Small epochs are shuffled several at a time, up to so many examples together."""


@dataclass(frozen=True)
class Plan:
    """Consecutive steps: step i looks at the examples ``rows[i, :sizes[i]]`` and goes as far as ``learning_rates[i]`` says."""

    first: int
    """Number of the first step, counted from 0 over the whole run."""
    rows: Rows
    """(steps, batch size); a smaller batch is followed by zeros that nobody looks at."""
    sizes: NDArray[np.int32]
    """Examples in each step's batch."""
    epochs: NDArray[np.int64]
    """Epoch of each step, counted from 1."""
    learning_rates: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.epochs)

    def part(self, first: int, last: int) -> "Plan":
        """The plan of the steps `first` to `last - 1` of these alone."""
        chosen = slice(first, last)
        return Plan(self.first + first, self.rows[chosen], self.sizes[chosen], self.epochs[chosen], self.learning_rates[chosen])

    def repeated(self, count: int) -> "Plan":
        """As many steps as wanted, these over and over: to see how long steps take."""
        chosen = np.arange(count) % len(self)
        return Plan(self.first, self.rows[chosen], self.sizes[chosen], self.epochs[chosen], self.learning_rates[chosen])

    def batch(self, step: int) -> Rows:
        """The examples of one of these steps."""
        return self.rows[step, : self.sizes[step]]


class Batches:
    """The order of the examples: each epoch's follows from the seed, the epoch's number and the number of examples alone.

    So a run can go on anywhere without a state to carry, and TensorFlow's random numbers have no part in it.
    """

    def __init__(self, examples: int, batch_size: int, seed: int, *, shuffle: bool) -> None:
        self.examples = examples
        self.batch_size = min(batch_size, examples)
        self._seed = seed
        self._shuffle = shuffle
        self._epochs_at_once = max(1, examples_at_once // examples) if shuffle else 1
        self._known: tuple[int, Rows] = (-1, np.empty((0, 0, 0), np.int32))

    @property
    def steps_per_epoch(self) -> int:
        """Steps that go through all examples once; the last may look at fewer than `batch_size`."""
        return -(-self.examples // self.batch_size)

    @property
    def remainder(self) -> int:
        """Examples in the last batch of an epoch where that one is smaller, otherwise 0."""
        return self.examples % self.batch_size

    def plan(self, first: int, count: int, learning_rate: float | np.float32 | NDArray[np.float32]) -> Plan:
        """The steps `first` to `first + count - 1`, counted from 0 over the whole run; may span epochs.

        `learning_rate` is one for all of these steps, or one for each.
        """
        epochs = np.arange(first, first + count) // self.steps_per_epoch + 1
        rates = np.full(count, learning_rate, np.float32)
        return Plan(first, self._rows(first, first + count), self.sizes(first, count), epochs, rates)

    def sizes(self, first: int, count: int) -> NDArray[np.int32]:
        """How many examples the steps `first` to `first + count - 1` look at."""
        within = np.arange(first, first + count) % self.steps_per_epoch
        return np.minimum(self.batch_size, self.examples - within * self.batch_size).astype(np.int32)

    def order(self, epoch: int) -> Rows:
        """All examples in the order of this epoch, counted from 0."""
        return self._in_batches(epoch).reshape(-1)[: self.examples]

    def _rows(self, step: int, end: int) -> Rows:
        parts = [np.empty((0, self.batch_size), np.int32)]
        while step < end:
            epoch, begin = divmod(step, self.steps_per_epoch)
            stop = min(self.steps_per_epoch, begin + end - step)
            parts.append(self._in_batches(epoch)[begin:stop])
            step += stop - begin
        return np.concatenate(parts)

    def _in_batches(self, epoch: int) -> Rows:
        """The order of this epoch, a row for each step."""
        if not self._shuffle:
            epoch = 0
        block, place = divmod(epoch, self._epochs_at_once)
        if self._known[0] != block:
            self._known = (block, self._block(block))
        rows: Rows = self._known[1][place]
        return rows

    def _block(self, block: int) -> Rows:
        """The orders of consecutive epochs: to set up a generator for each would take longer than a small epoch's steps."""
        orders = np.tile(np.arange(self.examples, dtype=np.int32), (self._epochs_at_once, 1))
        if self._shuffle:
            orders = np.random.default_rng([self._seed, block]).permuted(orders, axis=1)
        missing = self.steps_per_epoch * self.batch_size - self.examples
        return np.pad(orders, ((0, 0), (0, missing))).reshape(self._epochs_at_once, self.steps_per_epoch, self.batch_size)
