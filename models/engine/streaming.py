"""Steps on examples that do not fit on the device: they stream there through ``tf.data`` while it computes."""

from collections.abc import Iterator

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from models.engine.batches import Batches, Plan
from models.engine.compiled import Compiled
from models.engine.examples import Array, Examples, Stock
from models.engine.steps import State, Step, Steps, Taken, all_or_none, all_steps

batches_ahead = 8


class StreamLoop:
    """Takes the same steps as `GraphLoop`; each batch is fetched while those before are computed."""

    def __init__(self, step: Step, state: State, batches: Batches, stock: Stock) -> None:
        self._step = step
        self._state = state
        self._batches = batches
        self._stock = stock
        stream = tf.data.IteratorSpec(tuple(stock.specs))
        self._loop = Compiled(self._steps, [stream, tf.TensorSpec([None], tf.float32)])
        self._stream: Iterator[object] | None = None
        self._next = -1
        """The step whose batch the stream gives next."""

    def compile(self) -> None:
        """Trace and optimize the loop, taking no step."""
        self._begin(0)
        self._call(np.zeros(0, np.float32))

    def take(self, plan: Plan) -> Steps:
        """Take the steps of `plan`. If one is not finite take none, and tell of the steps up to it."""
        if self._next != plan.first:
            self._begin(plan.first)
        self._next = -1  # until it is known that all were taken
        steps = all_or_none(self._step, self._state, lambda: self._call(plan.learning_rates))
        if steps.finite:
            self._next = plan.first + len(plan)
        return steps

    def _begin(self, step: int) -> None:
        """Let the stream begin with the batch of this step."""
        dataset = tf.data.Dataset.range(step, tf.int64.max).map(self._fetched).prefetch(batches_ahead)
        self._stream, self._next = iter(dataset), step

    def _fetched(self, step: tf.Tensor) -> tuple[tf.Tensor, ...]:
        specs = self._stock.specs
        batch: list[tf.Tensor] = tf.numpy_function(self._batch, [step], [spec.dtype for spec in specs], stateful=False)
        return tuple(tf.ensure_shape(tensor, spec.shape) for tensor, spec in zip(batch, specs, strict=True))

    def _batch(self, step: np.int64) -> list[Array]:
        rows = self._batches.plan(int(step), 1, 0.0).batch(0)
        return [array[rows] for array in self._stock.arrays]

    def _call(self, rates: NDArray[np.float32]) -> Taken:
        found: Taken = self._loop(self._stream, tf.constant(rates))
        return found

    def _steps(self, stream: Iterator[tuple[tf.Tensor, ...]], rates: tf.Tensor) -> Taken:
        return all_steps(self._step, rates, lambda _: Examples(*next(stream)))
