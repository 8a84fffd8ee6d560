"""What the network makes of the validation data."""

from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf

from models.engine.compiled import Compiled
from models.engine.examples import Examples, Stock
from models.engine.steps import batch_value, running_metrics


class Evaluation:
    """Graph code that measures loss and metrics batch by batch, as ``model.evaluate`` does."""

    def __init__(self, model: keras.Model, metrics: Sequence[keras.metrics.Metric], batch_size: int, examples: int) -> None:
        self._model = model
        self.metrics = metrics
        self.running = running_metrics(model, metrics)
        self.means = [metric for metric in metrics if metric not in self.running]
        self.batch_size = batch_size
        self.examples = examples
        self.batches = -(-examples // batch_size)

    @property
    def width(self) -> int:
        """How many sums `batch` gives."""
        return 1 + len(self.means)

    def begin(self) -> None:
        """Forget what running metrics saw."""
        for metric in self.running:
            metric.reset_state()

    def batch(self, batch: Examples, size: tf.Tensor) -> tf.Tensor:
        """Loss and means over one batch, times its size, in 64 bits; running metrics take it in."""
        outputs = self._model(batch.x, training=False)
        loss = self._model.compute_loss(x=batch.x, y=batch.y, y_pred=outputs, sample_weight=batch.weights, training=False)
        for metric in self.running:
            metric.update_state(batch.y, outputs)
        values = [tf.cast(loss, tf.float32), *(batch_value(metric, batch.y, outputs) for metric in self.means)]
        return tf.cast(tf.stack(values), tf.float64) * tf.cast(size, tf.float64)

    def names(self) -> tuple[str, ...]:
        """What `in_order` gives."""
        return ("loss", *(metric.name for metric in self.metrics))

    def in_order(self, means: Sequence[tf.Tensor], results: Sequence[tf.Tensor]) -> list[tf.Tensor]:
        """Loss and metrics in the order of the document, from means over all examples and results of running metrics."""
        found = dict(zip([metric.name for metric in self.means], means[1:], strict=True))
        found |= dict(zip([metric.name for metric in self.running], results, strict=True))
        return [means[0], *(found[metric.name] for metric in self.metrics)]


class Evaluator:
    """Measures loss and metrics on the validation data in as many calls as it takes, equal to ``model.evaluate``."""

    def __init__(self, evaluation: Evaluation, stock: Stock) -> None:
        self._evaluation = evaluation
        self._stock = stock
        self.batches = evaluation.batches
        self.names = evaluation.names()
        self._loop = Compiled(self._sums, [tf.TensorSpec([], tf.int32), *stock.specs])
        self._totals = np.zeros(evaluation.width)

    def compile(self) -> None:
        """Trace everything, measuring nothing."""
        self.measure(0, 0)

    def begin(self) -> None:
        """Forget what was measured before."""
        self._totals = np.zeros(self._evaluation.width)
        self._evaluation.begin()

    def measure(self, first: int, last: int) -> None:
        """Go through the batches `first` to `last - 1`."""
        size = self._evaluation.batch_size
        chosen = self._stock.between(first * size, last * size)
        for sums in np.asarray(self._loop(tf.constant(last - first), *chosen.tensors)):
            self._totals += sums  # one after the other, so that nothing depends on how the batches were cut into calls

    def values(self) -> dict[str, float]:
        """Loss and metrics over everything measured since the beginning."""
        means = self._totals / max(self._evaluation.examples, 1)
        results = [float(metric.result()) for metric in self._evaluation.running]
        found = self._evaluation.in_order(means.tolist(), results)
        return dict(zip(self._evaluation.names(), found, strict=True))

    def _sums(self, batches: tf.Tensor, *tensors: tf.Tensor) -> tf.Tensor:
        """Batch by batch, the figures times the batch's size."""
        examples, size = Examples(*tensors), self._evaluation.batch_size
        sums = tf.TensorArray(tf.float64, batches, element_shape=[self._evaluation.width])

        def one(batch: tf.Tensor, sums: tf.TensorArray) -> tuple[tf.Tensor, tf.TensorArray]:
            chosen = examples.between(batch * size, (batch + 1) * size)
            return batch + 1, sums.write(batch, self._evaluation.batch(chosen, tf.shape(chosen.x)[0]))

        _, sums = tf.while_loop(lambda batch, _: batch < batches, one, (tf.constant(0), sums), parallel_iterations=1)
        return sums.stack()
