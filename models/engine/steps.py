"""Optimizer steps and validation, compiled: many of them in one call."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from models.engine.batches import Plan

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Steps:
    """What came of the steps of one call, one entry a step."""

    loss: Floats
    metrics: Mapping[str, Floats]
    gradient_norms: Mapping[str, Floats]
    finite: bool
    """False: a loss or gradient of the last step, or a weight after it, was not finite."""


def weighted_layers(model: keras.Model) -> list[keras.Layer]:
    """The layers that hold trainable weights, from input to output."""
    return [layer for layer in model.layers if layer.trainable_weights]


def is_mean(metric: keras.metrics.Metric) -> bool:
    """Whether the figure of an epoch is the mean of its batches' figures, weighted by their sizes."""
    return isinstance(metric, keras.metrics.MeanMetricWrapper)


def batch_value(metric: keras.metrics.Metric, y: tf.Tensor, outputs: tf.Tensor) -> tf.Tensor:
    """The metric on one batch alone, leaving its state as it is."""
    empty = [tf.zeros(variable.shape, variable.dtype) for variable in metric.variables]
    value = metric.stateless_result(metric.stateless_update_state(empty, y, outputs))
    return tf.cast(tf.reshape(value, ()), tf.float32)


def all_finite(tensors: Sequence[tf.Tensor]) -> tf.Tensor:
    """Whether every number in `tensors` is finite."""
    parts = [tf.reduce_all(tf.math.is_finite(tensor)) for tensor in tensors if tensor.dtype.is_floating]
    return tf.reduce_all(tf.stack(parts)) if parts else tf.constant(True)


def square(gradient: tf.Tensor | tf.IndexedSlices) -> tf.Tensor:
    """Sum of squares, in 64 bits: squares of large but finite numbers do not fit into 32."""
    return 2 * tf.nn.l2_loss(tf.cast(tf.convert_to_tensor(gradient), tf.float64))


class State:
    """Everything that steps change: weights, moving averages, the optimizer's memory, random seeds, running metrics."""

    def __init__(self, variables: Sequence[keras.Variable]) -> None:
        self._variables = [variable.value for variable in variables]
        self._read = tf.function(lambda: [tf.identity(variable) for variable in self._variables], autograph=False)

    def read(self) -> list[tf.Tensor]:
        """The state as it is now. Costs no copy until a step changes a variable."""
        values: list[tf.Tensor] = self._read()
        return values

    def write(self, values: Sequence[tf.Tensor]) -> None:
        """Go back to a state that was read before."""
        for variable, value in zip(self._variables, values, strict=True):
            variable.assign(value)


class Stepper:
    """Takes optimizer steps with a compiled loop, equal to what ``model.fit`` does with the same batches.

    One trace serves any number of steps and any batch size. The loop ends early at a step whose loss or gradient is not finite.
    """

    def __init__(self, model: keras.Model, metrics: Sequence[keras.metrics.Metric], x: tf.Tensor, y: tf.Tensor) -> None:
        self.layers = [layer.name for layer in weighted_layers(model)]
        self._model = model
        self._metrics = metrics
        self._running = [metric for metric in metrics if not is_mean(metric)]
        self._weights = model.trainable_variables
        owners = {id(weight): index for index, layer in enumerate(weighted_layers(model)) for weight in layer.trainable_weights}
        self._owners = [owners[id(weight)] for weight in self._weights]
        self._x, self._y = x, y
        integers = tf.TensorSpec([None], tf.int32)
        signature = [tf.TensorSpec.from_tensor(x), tf.TensorSpec.from_tensor(y), integers, integers]
        self._loop = tf.function(self._steps, input_signature=signature, autograph=False)

    def compile(self) -> None:
        """Trace and optimize the loop, taking no step."""
        self._loop(self._x, self._y, np.empty(0, np.int32), np.zeros(1, np.int32))

    def take(self, plan: Plan) -> Steps:
        """Take the steps of `plan`, or those up to the first that is not finite."""
        records, taken, finite = self._loop(self._x, self._y, plan.rows, plan.splits)
        columns = np.asarray(records, np.float64)[: int(taken)].T
        count = 1 + len(self._metrics)
        return Steps(
            loss=columns[0].copy(),
            metrics={metric.name: columns[1 + i].copy() for i, metric in enumerate(self._metrics)},
            gradient_norms={name: columns[count + i].copy() for i, name in enumerate(self.layers)},
            finite=bool(finite),
        )

    def gradients(self, x: tf.Tensor, y: tf.Tensor) -> tuple[tf.Tensor, list[tf.Tensor | None], tf.Tensor]:
        """Loss, gradient of each weight array (none where the loss does not depend on it) and outputs for one batch."""
        with tf.GradientTape() as tape:
            outputs = self._model(x, training=True)
            loss = self._model.compute_loss(x=x, y=y, y_pred=outputs, training=True)
        return loss, tape.gradient(loss, [weight.value for weight in self._weights]), outputs

    def norms(self, gradients: Sequence[tf.Tensor | None]) -> tf.Tensor:
        """Length of each layer's gradient, its weight arrays taken together."""
        if not gradients:
            return tf.zeros([0])
        squares = [tf.constant(0.0, tf.float64) if gradient is None else square(gradient) for gradient in gradients]
        sums = tf.math.unsorted_segment_sum(tf.stack(squares), self._owners, len(self.layers))
        return tf.cast(tf.sqrt(sums), tf.float32)

    def _steps(self, x: tf.Tensor, y: tf.Tensor, rows: tf.Tensor, splits: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        count = tf.size(splits) - 1
        width = 1 + len(self._metrics) + len(self.layers)
        records = tf.TensorArray(tf.float32, count, element_shape=[width])

        def one(step: tf.Tensor, finite: tf.Tensor, records: tf.TensorArray) -> tuple[tf.Tensor, tf.Tensor, tf.TensorArray]:
            batch = rows[splits[step] : splits[step + 1]]
            record = self._step(tf.gather(x, batch), tf.gather(y, batch))
            finite = tf.math.is_finite(record[0]) & tf.reduce_all(tf.math.is_finite(record[1 + len(self._metrics) :]))
            return step + 1, finite, records.write(step, record)

        taken, finite, records = tf.while_loop(
            lambda step, finite, records: (step < count) & finite,
            one,
            (tf.constant(0), tf.constant(True), records),
            parallel_iterations=1,
        )
        weights = [variable.value.read_value() for variable in self._model.variables]
        return records.stack(), taken, finite & all_finite(weights)

    def _step(self, x: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
        loss, gradients, outputs = self.gradients(x, y)
        for metric in self._running:
            metric.update_state(y, outputs)
        values = [batch_value(metric, y, outputs) for metric in self._metrics]
        if gradients:
            self._model.optimizer.apply(gradients, self._weights)
        return tf.concat([tf.stack([tf.cast(loss, tf.float32), *values]), self.norms(gradients)], axis=0)


class EpochMeans:
    """Means over the steps of an epoch, each step weighted by its number of examples."""

    def __init__(self) -> None:
        self._sums: dict[str, float] = {}
        self._examples = 0

    def add(self, values: Mapping[str, Floats], sizes: NDArray[np.int64]) -> None:
        """Take in consecutive steps' figures."""
        for name, figures in values.items():
            self._sums[name] = self._sums.get(name, 0.0) + float(figures @ sizes)
        self._examples += int(sizes.sum())

    def take(self) -> dict[str, float]:
        """The means, and begin anew."""
        means = {name: total / self._examples for name, total in self._sums.items()}
        self._sums, self._examples = {}, 0
        return means


class Evaluator:
    """Measures loss and metrics on the validation data, equal to ``model.evaluate`` with the same batch size."""

    def __init__(
        self, model: keras.Model, metrics: Sequence[keras.metrics.Metric], x: tf.Tensor, y: tf.Tensor, batch_size: int
    ) -> None:
        self._model = model
        self._metrics = metrics
        self._means = [metric for metric in metrics if is_mean(metric)]
        self._running = [metric for metric in metrics if not is_mean(metric)]
        self._x, self._y = x, y
        self._batch_size = batch_size
        self.batches = -(-len(x) // batch_size)
        self._loop = tf.function(self._sums, autograph=False, input_signature=[
            tf.TensorSpec.from_tensor(x), tf.TensorSpec.from_tensor(y), tf.TensorSpec([], tf.int32), tf.TensorSpec([], tf.int32),
        ])  # fmt: skip
        self._totals = np.zeros(1 + len(self._means))

    def begin(self) -> None:
        """Forget what was measured before."""
        self._totals = np.zeros(1 + len(self._means))
        for metric in self._running:
            metric.reset_state()

    def measure(self, first: int, last: int) -> None:
        """Go through the batches `first` to `last - 1`."""
        sums = self._loop(self._x, self._y, np.int32(first), np.int32(last))
        self._totals += np.asarray(sums, np.float64).sum(axis=0)

    def values(self) -> dict[str, float]:
        """Loss and metrics over everything measured since the beginning."""
        means = self._totals / max(len(self._x), 1)
        found = {"loss": float(means[0])}
        means_by_name = {metric.name: float(means[1 + i]) for i, metric in enumerate(self._means)}
        for metric in self._metrics:
            found[metric.name] = means_by_name[metric.name] if is_mean(metric) else float(metric.result())
        return found

    def _sums(self, x: tf.Tensor, y: tf.Tensor, first: tf.Tensor, last: tf.Tensor) -> tf.Tensor:
        """Batch by batch, the figures times the batch's size."""
        sums = tf.TensorArray(tf.float32, last - first, element_shape=[1 + len(self._means)])

        def one(batch: tf.Tensor, sums: tf.TensorArray) -> tuple[tf.Tensor, tf.TensorArray]:
            begin = batch * self._batch_size
            x_batch, y_batch = x[begin : begin + self._batch_size], y[begin : begin + self._batch_size]
            outputs = self._model(x_batch, training=False)
            loss = self._model.compute_loss(x=x_batch, y=y_batch, y_pred=outputs, training=False)
            for metric in self._running:
                metric.update_state(y_batch, outputs)
            values = [tf.cast(loss, tf.float32), *(batch_value(metric, y_batch, outputs) for metric in self._means)]
            size = tf.cast(tf.shape(x_batch)[0], tf.float32)
            return batch + 1, sums.write(batch - first, tf.stack(values) * size)

        _, sums = tf.while_loop(lambda batch, _: batch < last, one, (first, sums), parallel_iterations=1)
        return sums.stack()
