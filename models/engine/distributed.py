"""Optimizer steps on several devices at once, each of which looks at its part of every batch."""

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import keras
import tensorflow as tf

from models.engine.examples import Examples
from models.engine.replicas import Replicas
from models.engine.steps import Gradient, Step, batch_value


class Taken(NamedTuple):
    """What came of one step, of the whole batch."""

    loss: tf.Tensor
    penalty: tf.Tensor
    gradients: list[tf.Tensor]
    outputs: tf.Tensor


class Division:
    """Takes one optimizer step with the batch divided over replicas of the network; graph code.

    Every replica computes the outputs of its part. The outputs of all are brought together, and every replica computes the loss
    of the whole batch from them: so each loss is Keras's own, also one that looks at the batch as a whole, such as Dice. The
    gradient is the sum of what the parts contribute; it is clipped and applied as on one device. Penalties of weights count
    once, those of activities by each part's share of the examples.

    Layers that look at the batch as a whole see their replica's part: BatchNormalization normalizes with it, unless it is
    synchronized; what it keeps for later is the mean of all parts. Random layers draw the same numbers on every replica.
    """

    def __init__(self, replicas: Replicas, model: keras.Model, batch_size: int) -> None:
        """`batch_size` is the size of the largest batch."""
        self._strategy = replicas.strategy
        self._model = model
        self._batch_size = batch_size
        self._weights = model.trainable_variables
        self._kept = [
            weight
            for layer in model.layers
            if layer.trainable
            for weight in layer.non_trainable_weights
            if tf.as_dtype(weight.dtype).is_floating
        ]
        self._penalties = ActivityPenalties(model)
        # Keras would add up the gradients of the replicas only after each has clipped its own.
        vars(model.optimizer)["_all_reduce_sum_gradients"] = list

    def take(self, batch: Examples) -> Taken:
        """Take a step with the whole `batch`."""
        with self._penalties.apart():
            return self._of_first_replica(self._on_replica, batch)

    def gradients(self, batch: Examples) -> tuple[tf.Tensor, list[tf.Tensor | None], tf.Tensor]:
        """Loss, gradient of each weight array and outputs for one batch that every replica looks at as a whole."""
        taken = self._of_first_replica(self._undivided, batch)
        return taken.loss, taken.gradients, taken.outputs

    def _of_first_replica(self, function: Callable[..., Taken], batch: Examples) -> Taken:
        local = self._strategy.experimental_local_results
        found: Taken = tf.nest.map_structure(lambda part: local(part)[0], self._strategy.run(function, args=batch.tensors))
        return found

    def _undivided(self, *tensors: tf.Tensor) -> Taken:
        batch = Examples(*tensors)
        with tf.GradientTape() as tape:
            outputs = self._model(batch.x, training=True)
            loss = self._loss(batch, outputs)
        return Taken(loss, tf.zeros(()), self._dense(tape.gradient(loss, self._values)), outputs)

    def _loss(self, batch: Examples, outputs: tf.Tensor) -> tf.Tensor:
        return self._model.compute_loss(x=batch.x, y=batch.y, y_pred=outputs, sample_weight=batch.weights, training=True)

    def _on_replica(self, *tensors: tf.Tensor) -> Taken:
        batch = Examples(*tensors)
        replica, count = tf.distribute.get_replica_context(), tf.shape(batch.x)[0]
        replicas, number = self._strategy.num_replicas_in_sync, replica.replica_id_in_sync_group
        begin, end = number * count // replicas, (number + 1) * count // replicas
        share = tf.cast(end - begin, tf.float32) / tf.cast(count, tf.float32)
        # A replica for which no example is left looks at the first one; what comes of it counts for nothing.
        part = tf.cond(end > begin, lambda: batch.x[begin:end], lambda: batch.x[:1])
        before = [tf.identity(weight.value) for weight in self._kept]
        with tf.GradientTape() as tape:
            with self._penalties.of_this_replica() as penalties:
                own = self._model(part, training=True)
            outputs = self._brought_together(own, begin, end)[:count]
            loss = self._loss(batch, outputs)
            weights_penalty = tf.add_n([tf.zeros(()), *self._model.losses])
            activity_penalty = share * tf.add_n([tf.zeros(()), *penalties])
            objective = loss + (1 / replicas - 1) * weights_penalty + activity_penalty
        gradients = self._dense(tape.gradient(objective, self._values))
        changes = [share * (weight.value - old) for weight, old in zip(self._kept, before, strict=True)]
        activity_penalty, *reduced = replica.all_reduce("sum", [activity_penalty, *gradients, *changes])
        gradients, changes = reduced[: len(gradients)], reduced[len(gradients) :]
        for weight, old, change in zip(self._kept, before, changes, strict=True):
            weight.assign(old + change)
        if gradients:
            self._model.optimizer.apply(gradients, self._weights)
        return Taken(loss + activity_penalty, weights_penalty + activity_penalty, gradients, outputs)

    @property
    def _values(self) -> list[tf.Variable]:
        return [weight.value for weight in self._weights]

    def _dense(self, gradients: Sequence[tf.Tensor | tf.IndexedSlices | None]) -> list[tf.Tensor]:
        pairs = zip(gradients, self._weights, strict=True)
        return [
            tf.zeros(weight.shape, weight.dtype) if gradient is None else tf.convert_to_tensor(gradient)
            for gradient, weight in pairs
        ]

    def _brought_together(self, own: tf.Tensor, begin: tf.Tensor, end: tf.Tensor) -> tf.Tensor:
        """The outputs of all replicas, those of this one being the examples `begin` to `end - 1`, followed by zeros.

        Always as many as the largest batch has: devices that exchange arrays must agree on their shape for ever.
        """
        rest = [[0, 0]] * (own.shape.rank - 1)

        @tf.custom_gradient  # type: ignore[untyped-decorator]
        def together(own: tf.Tensor) -> tuple[tf.Tensor, Callable[[tf.Tensor], tf.Tensor]]:
            padded = tf.pad(own[: end - begin], [[begin, self._batch_size - end], *rest])
            padded = tf.ensure_shape(padded, [self._batch_size, *own.shape[1:]])

            def gradient(upstream: tf.Tensor) -> tf.Tensor:
                # Every replica has the gradient of the same loss, so that there is nothing to add up.
                return tf.pad(upstream[begin:end], [[0, tf.shape(own)[0] - (end - begin)], *rest])

            return tf.distribute.get_replica_context().all_reduce("sum", padded), gradient

        return together(own)


class ActivityPenalties:
    """Keeps the activity regularizers' penalties apart by replica: Keras has one list for the threads of all."""

    def __init__(self, model: keras.Model) -> None:
        inside = model._flatten_layers(include_self=False)
        self._layers = [layer for layer in inside if layer.activity_regularizer is not None]
        self._regularizers = [layer.activity_regularizer for layer in self._layers]
        self._of_thread = threading.local()

    @contextlib.contextmanager
    def apart(self) -> Iterator[None]:
        """Inside, Keras adds nothing for activities, wherever `of_this_replica` is at work."""
        for layer, regularizer in zip(self._layers, self._regularizers, strict=True):
            # Behind the back of Keras, which would turn the function into an object of its own.
            vars(layer)["activity_regularizer"] = self._collector(regularizer)
        try:
            yield
        finally:
            for layer, regularizer in zip(self._layers, self._regularizers, strict=True):
                vars(layer)["activity_regularizer"] = regularizer

    @contextlib.contextmanager
    def of_this_replica(self) -> Iterator[list[tf.Tensor]]:
        """The penalties of the activities of the network that is called inside, in this thread."""
        found: list[tf.Tensor] = []
        self._of_thread.found = found
        yield found

    def _collector(self, regularizer: keras.Regularizer) -> Callable[[tf.Tensor], tf.Tensor]:
        def collect(outputs: tf.Tensor) -> tf.Tensor:
            # As Keras does it: by the number of examples.
            self._of_thread.found.append(regularizer(outputs) / tf.cast(tf.shape(outputs)[0], outputs.dtype))
            return tf.zeros(())

        return collect


class ReplicatedStep(Step):
    """The same step as `Step`, divided over several devices; only the order in which numbers are added up differs."""

    def __init__(self, replicas: Replicas, model: keras.Model, metrics: Sequence[keras.metrics.Metric], batch_size: int) -> None:
        super().__init__(model, metrics)
        self._division = Division(replicas, model, batch_size)

    def take(
        self,
        batch: Examples,
        learning_rate: tf.Tensor,
        measured: tf.Tensor | None = None,
        watch: Callable[[Sequence[Gradient]], None] = lambda _: None,
    ) -> tf.Tensor:
        self.model.optimizer.learning_rate.assign(learning_rate)
        taken = self._division.take(batch)
        watch(taken.gradients)
        for metric in self.running:
            metric.update_state(batch.y, taken.outputs)
        values = [batch_value(metric, batch.y, taken.outputs) for metric in self.metrics]
        penalty = [taken.penalty] if self._penalized else []
        told = tf.stack([tf.cast(value, tf.float32) for value in (taken.loss, *values, *penalty)])
        return tf.concat([told, self.norms(taken.gradients)], axis=0)

    def gradients(self, batch: Examples) -> tuple[tf.Tensor, list[Gradient], tf.Tensor]:
        return self._division.gradients(batch)
