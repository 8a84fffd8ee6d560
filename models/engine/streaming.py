"""Steps on examples that do not fit on the device: they stream there through ``tf.data`` while it computes."""

from collections.abc import Iterator

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from models.engine.batches import Batches, Plan
from models.engine.compiled import Compiled
from models.engine.examples import Array, Examples, Stock
from models.engine.steps import State, Step, Steps, Taken, all_or_none, all_steps

block_bytes = 2**20
"""Batches are fetched several at a time, up to so many bytes together: to ask Python for a small one takes longer than a step."""
most_at_once = 64
"""Batches in a block; more would hold up other threads for longer, and gain nothing."""
blocks_ahead = 2
"""That are fetched before they are asked for."""


class StreamLoop:
    """Takes the same steps as `GraphLoop`; batches are fetched while those before are computed."""

    def __init__(self, step: Step, state: State, batches: Batches, stock: Stock) -> None:
        self._step = step
        self._state = state
        self._batches = batches
        self._stock = stock
        batch_bytes = batches.batch_size * sum(array[:1].nbytes for array in stock.arrays)
        self._at_once = max(1, min(most_at_once, block_bytes // batch_bytes))
        stream = tf.data.IteratorSpec(tuple(stock.specs))
        self._loop = Compiled(self._steps, [stream, tf.TensorSpec([None], tf.float32), tf.TensorSpec([], tf.bool)])
        self._stream: Iterator[object] | None = None
        self._next = -1
        """The step whose batch the stream gives next."""

    def compile(self) -> None:
        """Trace and optimize the loop, taking no step."""
        self._begin(0)
        self._call(np.zeros(0, np.float32), False)

    def take(self, plan: Plan, *, watched: bool = False) -> Steps:
        """Take the steps of `plan`. If one is not finite take none, and tell of the steps up to it."""
        if self._next != plan.first:
            self._begin(plan.first)
        self._next = -1  # until it is known that all were taken
        steps = all_or_none(self._step, self._state, lambda: self._call(plan.learning_rates, watched), watched=watched)
        if steps.finite:
            self._next = plan.first + len(plan)
        return steps

    def _begin(self, step: int) -> None:
        """Let the stream begin with the batch of this step."""
        blocks = tf.data.Dataset.range(step, tf.int64.max, self._at_once).map(self._fetched).prefetch(blocks_ahead)
        options = tf.data.Options()
        options.autotune.enabled = False  # there is nothing to tune, and to look for it costs a tenth of a small step
        self._stream, self._next = iter(blocks.rebatch(self._sizes(step)).with_options(options)), step

    def _sizes(self, step: int) -> tf.Tensor:
        """The sizes of the batches from this step on, as far as they do not repeat."""
        period = self._batches.steps_per_epoch if self._batches.remainder else 1
        return tf.constant(self._batches.sizes(step, period), tf.int64)

    def _fetched(self, step: tf.Tensor) -> tuple[tf.Tensor, ...]:
        specs = self._stock.specs
        block: list[tf.Tensor] = tf.numpy_function(self._block, [step], [spec.dtype for spec in specs], stateful=False)
        return tuple(tf.ensure_shape(tensor, spec.shape) for tensor, spec in zip(block, specs, strict=True))

    def _block(self, step: np.int64) -> list[Array]:
        """The examples of so many steps from this one on as are fetched at once, one batch after the other."""
        plan = self._batches.plan(int(step), self._at_once, 0.0)
        rows = np.concatenate([plan.batch(number) for number in range(len(plan))])
        return [array.take(rows, axis=0) for array in self._stock.arrays]

    def _call(self, rates: NDArray[np.float32], watched: bool) -> Taken:
        found: Taken = self._loop(self._stream, tf.constant(rates), tf.constant(watched))
        return found

    def _steps(self, stream: Iterator[tuple[tf.Tensor, ...]], rates: tf.Tensor, watched: tf.Tensor) -> Taken:
        return all_steps(self._step, rates, lambda _: Examples(*next(stream)), watched)
