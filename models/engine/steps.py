"""Optimizer steps, compiled: many of them in one call."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from models.engine.batches import Plan
from models.engine.compiled import Compiled
from models.engine.examples import Examples
from models.engine.giving_up import go_on
from models.engine.spread import Weights, flat, histograms, width

Floats = NDArray[np.float64]
Gradient: TypeAlias = tf.Tensor | tf.IndexedSlices | None
"""Of one weight array: by rows where only some were looked up, none where the loss does not depend on it."""

spread_width = width + 2
"""Numbers that are told about a layer's gradient."""
most_packed = 2**18
"""Gradients of so many numbers together are put into one array to be looked at: to copy more would take longer than it saves."""

penalty_name = "penalty"
"""The part of the loss that regularizers add, reported like a metric where there are any."""


@dataclass(frozen=True)
class Steps:
    """What came of the steps of one call, one entry a step."""

    loss: Floats
    metrics: Mapping[str, Floats]
    gradient_norms: Mapping[str, Floats]
    finite: bool
    """False: a loss or gradient of the last step, or a weight after it, was not finite."""
    epochs: Mapping[str, Floats] = field(default_factory=dict)
    """One entry for each epoch that ended: figures that were measured where it did; none where that is still to be done."""
    gradients: Floats | None = None
    """How the gradients of the last step are spread, as `Step.spread` gives it; none where nobody asked."""


def weighted_layers(model: keras.Model) -> list[keras.Layer]:
    """The layers that hold trainable weights, from input to output."""
    return [layer for layer in model.layers if layer.trainable_weights]


def has_penalty(model: keras.Model) -> bool:
    """Whether regularizers of weights or of outputs add to the loss."""
    return any(
        getattr(layer, "activity_regularizer", None) is not None
        or any(getattr(weight, "regularizer", None) is not None for weight in layer.trainable_variables)
        for layer in model._flatten_layers(include_self=False)  # those inside others too, as in an attention layer
    )


def running_metrics(model: keras.Model, metrics: Sequence[keras.metrics.Metric]) -> list[keras.metrics.Metric]:
    """The metrics whose figure over an epoch is not the mean of its batches' figures, weighted by their sizes.

    That is all of them where a mask passes over some examples of each batch.
    """
    masked = getattr(model.output, "_keras_mask", None) is not None
    return [metric for metric in metrics if masked or not isinstance(metric, keras.metrics.MeanMetricWrapper)]


def batch_value(metric: keras.metrics.Metric, y: tf.Tensor, outputs: tf.Tensor) -> tf.Tensor:
    """The metric on one batch alone, leaving its state as it is."""
    empty = [tf.zeros(variable.shape, variable.dtype) for variable in metric.variables]
    value = metric.stateless_result(metric.stateless_update_state(empty, y, outputs))
    return tf.cast(tf.reshape(value, ()), tf.float32)


def all_finite(tensors: Sequence[tf.Tensor]) -> tf.Tensor:
    """Whether every number in `tensors` is finite."""
    parts = [tf.reduce_all(tf.math.is_finite(tensor)) for tensor in tensors if tensor.dtype.is_floating]
    return tf.reduce_all(tf.stack(parts)) if parts else tf.constant(True)


def square(gradient: Gradient) -> tf.Tensor:
    """Sum of squares, in 64 bits: squares of large but finite numbers do not fit into 32."""
    return 2 * tf.nn.l2_loss(tf.cast(tf.convert_to_tensor(gradient), tf.float64))


class State:
    """Everything that steps change: weights, moving averages, the optimizer's memory, random seeds, running metrics."""

    def __init__(self, variables: Sequence[keras.Variable]) -> None:
        self.variables = [variable.value for variable in variables]
        self.changes = 0
        """Grows when the variables are changed, so that who keeps a copy knows when it is out of date."""
        self._read = Compiled(lambda: [tf.identity(variable) for variable in self.variables])

    @property
    def nbytes(self) -> int:
        """Memory that a copy takes."""
        return sum(variable.shape.num_elements() * variable.dtype.size for variable in self.variables)

    def read(self) -> list[tf.Tensor]:
        """The state as it is now. Costs no copy until a step changes a variable."""
        values: list[tf.Tensor] = self._read()
        return values

    def write(self, values: Sequence[tf.Tensor]) -> None:
        """Go back to a state that was read before."""
        self.changes += 1
        for variable, value in zip(self.variables, values, strict=True):
            variable.assign(value)


class Step:
    """One optimizer step of a network, as ``model.fit`` takes it, and what is told about it; graph code for the loops."""

    def __init__(self, model: keras.Model, metrics: Sequence[keras.metrics.Metric]) -> None:
        self.model = model
        self.metrics = metrics
        self.layers = [layer.name for layer in weighted_layers(model)]
        self.running = running_metrics(model, metrics)
        self._penalized = has_penalty(model)
        self._weights = model.trainable_variables
        self._scaled = isinstance(model.optimizer, keras.optimizers.LossScaleOptimizer)
        owners = {id(weight): index for index, layer in enumerate(weighted_layers(model)) for weight in layer.trainable_weights}
        self._owners = [owners[id(weight)] for weight in self._weights]
        self._by_layer = [Weights(layer) for layer in weighted_layers(model)]

    @property
    def figures(self) -> tuple[str, ...]:
        """Names of what `take` tells beside the loss, before the gradient norms."""
        return (*(metric.name for metric in self.metrics), *((penalty_name,) if self._penalized else ()))

    @property
    def width(self) -> int:
        """How many numbers `take` tells."""
        return 1 + len(self.figures) + len(self.layers)

    def take(
        self,
        batch: Examples,
        learning_rate: tf.Tensor,
        measured: tf.Tensor | None = None,
        watch: Callable[[Sequence[Gradient]], None] = lambda _: None,
    ) -> tf.Tensor:
        """Take the step. Gives loss, figures and gradient norms in one row; the norms are NaN where not `measured`.

        `watch` is shown the gradients before they are clipped and applied.
        """
        loss, gradients, outputs = self.gradients(batch)
        go_on()
        penalty = [tf.add_n(self.model.losses)] if self._penalized else []
        for metric in self.running:
            metric.update_state(batch.y, outputs)
        values = [batch_value(metric, batch.y, outputs) for metric in self.metrics]
        nothing = tf.fill([len(self.layers)], np.float32(np.nan))
        # Before the optimizer changes the scale of the loss.
        norms = self.norms(gradients) if measured is None else tf.cond(measured, lambda: self.norms(gradients), lambda: nothing)
        watch(gradients)
        if gradients:
            self.model.optimizer.learning_rate.assign(learning_rate)
            self.model.optimizer.apply(gradients, self._weights)
        told = tf.stack([tf.cast(value, tf.float32) for value in (loss, *values, *penalty)])
        return tf.concat([told, norms], axis=0)

    def is_finite(self, row: tf.Tensor) -> tf.Tensor:
        """Whether loss and gradient were finite in the step that told `row`."""
        if self._scaled:  # the optimizer passes over a gradient that is not, and scales the loss less from then on
            return tf.math.is_finite(row[0])
        return tf.math.is_finite(row[0]) & tf.reduce_all(tf.math.is_finite(row[1 + len(self.figures) :]))

    def gradients(self, batch: Examples) -> tuple[tf.Tensor, list[Gradient], tf.Tensor]:
        """Loss, gradient of each weight array (none where the loss does not depend on it) and outputs for one batch.

        Gradients are those of the loss as the optimizer scales it, which it does in half precision alone.
        """
        with tf.GradientTape() as tape:
            outputs = self.model(batch.x, training=True)
            go_on()
            loss = self.model.compute_loss(x=batch.x, y=batch.y, y_pred=outputs, sample_weight=batch.weights, training=True)
            scaled = self.model.optimizer.scale_loss(loss)
        return loss, tape.gradient(scaled, [weight.value for weight in self._weights]), outputs

    def norms(self, gradients: Sequence[Gradient]) -> tf.Tensor:
        """Length of each layer's gradient, its weight arrays taken together."""
        if not gradients:
            return tf.zeros([0])
        squares = [tf.constant(0.0, tf.float64) if gradient is None else square(gradient) for gradient in gradients]
        sums = tf.math.unsorted_segment_sum(tf.stack(squares), self._owners, len(self.layers))
        norms = tf.cast(tf.sqrt(sums), tf.float32)
        return norms / self.model.optimizer.dynamic_scale if self._scaled else norms

    def spread_where(self, wanted: tf.Tensor, gradients: Sequence[Gradient], otherwise: tf.Tensor) -> tf.Tensor:
        """`spread` where that is `wanted`, `otherwise` what is given.

        Every array that a branch of a graph reads is handed to it, whether it is taken or not: a hundred small gradients cost a
        third of a step, as one array a tenth of that.
        """
        sizes = [weight.shape.num_elements() for weight in self._weights]
        if sum(sizes) > most_packed or not self._weights:
            return tf.cond(wanted, lambda: self.spread(gradients), lambda: otherwise)
        pairs = zip(gradients, self._weights, strict=True)
        packed = flat(
            [tf.zeros(weight.shape) if gradient is None else tf.convert_to_tensor(gradient) for gradient, weight in pairs]
        )

        def unpacked() -> tf.Tensor:
            parts = zip(tf.split(packed, sizes), self._weights, strict=True)
            return self.spread([tf.reshape(part, weight.shape) for part, weight in parts])

        return tf.cond(wanted, unpacked, lambda: otherwise)

    def spread(self, gradients: Sequence[Gradient]) -> tf.Tensor:
        """A row for each layer: histogram of its gradient, standard deviation, share of units with gradients of one sign."""
        if not self._by_layer:
            return tf.zeros([0, spread_width])
        scale = self.model.optimizer.dynamic_scale if self._scaled else 1.0
        by_weight = {
            id(weight): tf.zeros(weight.shape) if gradient is None else tf.convert_to_tensor(gradient) / scale
            for weight, gradient in zip(self._weights, gradients, strict=True)
        }
        numbers = [flat([by_weight[id(weight)] for weight in weights.variables]) for weights in self._by_layer]
        samples = [weights.sample(each) for weights, each in zip(self._by_layer, numbers, strict=True)]
        # In 64 bits: where gradients vanish, their squares do not fit into 32.
        stds = tf.stack([tf.math.reduce_std(tf.cast(each, tf.float64)) for each in numbers])
        figures = [tf.cast(stds, tf.float32), tf.stack([weights.one_signed(by_weight) for weights in self._by_layer])]
        return tf.concat([histograms(samples), tf.stack(figures, axis=1)], axis=1)

    def weights_finite(self) -> tf.Tensor:
        """Whether all that the layers hold is finite."""
        return all_finite([variable.value.read_value() for variable in self.model.variables])

    def told(
        self,
        rows: NDArray[np.float32],
        finite: bool,
        epochs: Mapping[str, Floats] | None = None,
        gradients: Floats | None = None,
    ) -> Steps:
        """The rows of several steps, each column under its name."""
        columns = np.asarray(rows, np.float64).T.copy()
        count = 1 + len(self.figures)
        return Steps(
            loss=columns[0],
            metrics=dict(zip(self.figures, columns[1:count], strict=True)),
            gradient_norms=dict(zip(self.layers, columns[count:], strict=True)),
            finite=finite,
            epochs=epochs or {},
            gradients=gradients,
        )


Taken = tuple[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor]
"""What steps told, a row each; how many were taken; whether everything is finite; what was watched of the last one."""


class Loop(Protocol):
    """A way to take the steps of a plan."""

    def compile(self) -> None:
        """Trace and compile, taking no step."""

    def take(self, plan: Plan, *, watched: bool = False) -> Steps:
        """Take the steps of `plan`. If one is not finite take none, and tell of the steps up to it.

        Where they are `watched` it is told how the gradients of the last one are spread.
        """


class GraphLoop:
    """Takes optimizer steps with TensorFlow's plain graph: ready at once, equal to ``model.fit`` bit for bit.

    One trace serves any number of steps and any batch size. The loop ends early at a step whose loss or gradient is not finite.
    """

    def __init__(self, step: Step, state: State, examples: Examples) -> None:
        self._step = step
        self._state = state
        self._tensors = examples.tensors
        integers, reals = tf.TensorSpec([None], tf.int32), tf.TensorSpec([None], tf.float32)
        tensors = (tf.TensorSpec.from_tensor(tensor) for tensor in self._tensors)
        switch = tf.TensorSpec([], tf.bool)
        self._loop = Compiled(self._steps, [tf.TensorSpec([None, None], tf.int32), integers, reals, switch, *tensors])

    def compile(self) -> None:
        """Trace and optimize the loop, taking no step."""
        self._call(np.zeros((0, 1), np.int32), np.zeros(0, np.int32), np.zeros(0, np.float32), False)

    def take(self, plan: Plan, *, watched: bool = False) -> Steps:
        """Take the steps of `plan`. If one is not finite take none, and tell of the steps up to it."""
        numbers = plan.rows, plan.sizes, plan.learning_rates, watched
        return all_or_none(self._step, self._state, lambda: self._call(*numbers), watched=watched)

    def _call(self, *plan: NDArray[np.generic] | bool) -> Taken:
        found: Taken = self._loop(*map(tf.constant, plan), *self._tensors)
        return found

    def _steps(self, rows: tf.Tensor, sizes: tf.Tensor, rates: tf.Tensor, watched: tf.Tensor, *tensors: tf.Tensor) -> Taken:
        examples = Examples(*tensors)
        return all_steps(self._step, rates, lambda step: examples.at(rows[step, : sizes[step]]), watched)


def all_or_none(step: Step, state: State, call: Callable[[], Taken], *, watched: bool = False) -> Steps:
    """What the steps tell that `call` takes. Where it fails, or one is not finite, the state stays as it was."""
    before = state.read()
    try:
        records, taken, finite, spread = call()
    except Exception:
        state.write(before)  # some of the steps may have been taken, and nobody was told
        raise
    state.changes += 1
    if not finite:
        state.write(before)
    gradients = np.asarray(spread, np.float64) if watched else None
    return step.told(np.asarray(records)[: int(taken)], bool(finite), gradients=gradients)


def all_steps(step: Step, rates: tf.Tensor, batch_of: Callable[[tf.Tensor], Examples], watched: tf.Tensor) -> Taken:
    """A step for each of the learning rates, up to the first that is not finite; graph code.

    A step is a function of its own there, as it is in ``fit``: TensorFlow's graph optimizer, which adds in another order where it
    finds that better, then sees what it sees in ``fit``. Written into the loop, some steps differed in their last digit.
    """
    count = tf.size(rates)
    records = tf.TensorArray(tf.float32, count, element_shape=[step.width])

    def take(rate: tf.Tensor, wanted: tf.Tensor, spread: tf.Tensor, *batch: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        seen = []

        def watch(gradients: Sequence[Gradient]) -> None:
            seen.append(step.spread_where(wanted, gradients, spread))

        return step.take(Examples(*batch), rate, watch=watch), seen[0]

    called = tf.function(take, autograph=False)

    def one(
        number: tf.Tensor, finite: tf.Tensor, records: tf.TensorArray, spread: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor, tf.TensorArray, tf.Tensor]:
        wanted = watched & tf.equal(number, count - 1)
        record, spread = called(rates[number], wanted, spread, *batch_of(number).tensors)
        return number + 1, step.is_finite(record), records.write(number, record), spread

    taken, finite, records, spread = tf.while_loop(
        lambda number, finite, *_: (number < count) & finite,
        one,
        (tf.constant(0), tf.constant(True), records, tf.zeros([len(step.layers), spread_width])),
        parallel_iterations=1,
    )
    return records.stack(), taken, finite & step.weights_finite(), spread


class EpochMeans:
    """Means over the steps of an epoch, each step weighted by its number of examples.

    Numbers are added one after the other, so that a mean does not depend on how the steps were cut into calls.
    """

    def __init__(self, steps_per_epoch: int, examples: int) -> None:
        self._steps_per_epoch = steps_per_epoch
        self._examples = examples
        self.steps = 0
        """Taken in the epoch that has begun."""
        self.sums: dict[str, float] = {}
        """Of these steps' figures, each times its examples."""
        self.cut_examples = 0
        """Examples of the present epoch whose figures were given already."""

    def add(self, values: Mapping[str, Floats], sizes: NDArray[np.int32]) -> dict[str, Floats]:
        """Take in consecutive steps' figures. Gives the means of the epochs that they ended, one entry each."""
        ended, steps = divmod(self.steps + len(sizes), self._steps_per_epoch)
        means = {name: self._means(name, figures * sizes, ended) for name, figures in values.items()}
        self.steps = steps
        self.cut_examples = 0 if ended else self.cut_examples
        return means

    def cut(self, batch_size: int) -> dict[str, Floats]:
        """The means over what there was of an epoch that ends before its last step; what follows in it is counted by itself."""
        examples = self.steps * batch_size - self.cut_examples
        means = {name: np.array([total / examples]) for name, total in self.sums.items()}
        self.sums = dict.fromkeys(self.sums, 0.0)
        self.cut_examples += examples
        return means

    def begin_after(self, steps: int, batch_size: int) -> None:
        """Begin with so many steps of an epoch taken already, whose figures do not count."""
        self.steps, self.sums, self.cut_examples = steps, {}, steps * batch_size

    def _means(self, name: str, products: Floats, ended: int) -> Floats:
        """The means of the epochs that `products` end; the sum of what follows them is kept for the next time."""
        sums = np.empty(ended)
        begun, begin = self.sums.get(name, 0.0), 0
        if ended:
            first = self._steps_per_epoch - self.steps
            sums[0] = running_sum(begun, products[:first])
            whole = products[first : first + (ended - 1) * self._steps_per_epoch].reshape(ended - 1, self._steps_per_epoch)
            sums[1:] = np.cumsum(whole, axis=1)[:, -1]
            begun, begin = 0.0, first + whole.size
        self.sums[name] = running_sum(begun, products[begin:])
        counts = np.full(ended, float(self._examples))
        counts[:1] -= self.cut_examples
        means: Floats = sums / counts
        return means


def running_sum(begun: float, numbers: Floats) -> float:
    """`begun` and then each number added to it in turn."""
    return float(np.cumsum(np.concatenate([[begun], numbers]))[-1])
