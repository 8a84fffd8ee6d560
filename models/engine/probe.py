"""Looks inside the network between compiled calls: what each layer puts out on a fixed batch, outside training."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from math import gcd, isfinite, prod

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from models.engine.compiled import Compiled
from models.engine.network import called
from models.engine.steps import weighted_layers
from models.experiment.activations import ActivationFunction, Linear
from models.experiment.graph import input_name, sources
from models.experiment.layers import AnyLayer
from models.experiment.layers.core import Weighted
from models.experiment.layers.recurrent import Recurrent
from models.telemetry.events import Histogram, LayerProbe

bins = 40
width = bins + 3
"""Numbers that say how values are spread: counts, least, greatest, how many are not finite."""
most_examples, least_examples = 256, 32
most_outputs = 2**22
"""Of all layers for all examples that are looked at: more would take longer than a step, and be looked at seldom."""
most_values = 20_000
border = 0.05
"""Outputs this share of the output range from a bound count as saturated."""


class Prober:
    """Measures the layers that hold weights or apply a non-linearity."""

    def __init__(self, network: Sequence[AnyLayer], model: keras.Model, x: tf.Tensor) -> None:
        self._model = model
        self._x = x[: examples_for(model)]
        self._declared = {layer.name: layer for layer in network}
        built = {layer.name: layer for layer in model.layers}
        self._layers = [(built[layer.name], names) for layer, names in zip(network, sources(network), strict=True)]
        self._probed = [layer for layer, _ in self._layers if layer.weights or self._non_linearity(layer) is not None]
        self._weighted = weighted_layers(model)
        weights = model.trainable_variables
        self._look = Compiled(self._measure, [tf.TensorSpec.from_tensor(self._x)])
        self._compare = Compiled(self._distances, [tf.TensorSpec(weight.shape, weight.dtype) for weight in weights])
        self._read = Compiled(lambda: [tf.identity(weight.value) for weight in weights])
        self._update_ratios: Mapping[str, float] = {}

    def compile(self) -> None:
        """Trace everything, noting nothing."""
        self.look({})
        self._changes(self.weights())

    def forget(self) -> None:
        """No step was taken yet."""
        self._update_ratios = {}

    def weights(self) -> list[tf.Tensor]:
        """The trainable weights as they are now."""
        values: list[tf.Tensor] = self._read()
        return values

    def note_update(self, before: Sequence[tf.Tensor]) -> None:
        """Measure the step that was just taken from the weights `before`, for the probes to come."""
        measured = zip(self._weighted, *self._changes(before).tolist(), strict=True)
        self._update_ratios = {layer.name: change / length for layer, change, length in measured if length > 0}

    def _changes(self, before: Sequence[tf.Tensor]) -> NDArray[np.float64]:
        """(2, layers): how far each layer's weights are from those `before`, and how long these are."""
        return np.asarray(self._compare(*before), np.float64)

    def look(self, gradient_norms: Mapping[str, float], *, of_step: bool = True) -> tuple[LayerProbe, ...]:
        """The layers as they are now; `gradient_norms` are those measured last. `of_step`: with what the last step did."""
        rows = np.asarray(self._look(self._x), np.float64)
        found = (self._layer_probe(layer, row, gradient_norms) for layer, row in zip(self._probed, rows, strict=True))
        return tuple(probe if of_step else replace(probe, update_ratio=None) for probe in found)

    def _layer_probe(self, layer: keras.Layer, row: NDArray[np.float64], gradient_norms: Mapping[str, float]) -> LayerProbe:
        outputs, sums = _histogram(row[:width]), _histogram(row[width : 2 * width])
        mean, std, dead, saturated, length = row[2 * width :].tolist()
        function = self._non_linearity(layer)
        curved = (
            function is not None and not isinstance(function, Linear) and not isinstance(self._declared[layer.name], Recurrent)
        )
        return LayerProbe(
            name=layer.name,
            activations=outputs,
            mean=mean,
            std=std,
            dead=dead if function is not None and function.can_die else None,
            saturated=saturated if function is not None and saturates(function) else None,
            pre_activations=sums if curved else None,
            gradient_norm=gradient_norms.get(layer.name),
            weight_norm=length if layer.trainable_weights else None,
            update_ratio=self._update_ratios.get(layer.name),
        )

    def _non_linearity(self, layer: keras.Layer) -> ActivationFunction | None:
        return self._declared[layer.name].non_linearity

    def _measure(self, x: tf.Tensor) -> tf.Tensor:
        """For each probed layer a row: histogram of outputs, of what goes into the non-linearity, then the single figures."""
        values = {input_name: x}
        rows = []
        # Looking must change nothing, and a recurrent layer with dropout draws random numbers outside training, too.
        with keras.StatelessScope():
            for layer, names in self._layers:
                sums, outputs = self._through(layer, [values[name] for name in names])
                values[layer.name] = outputs
                if layer in self._probed:
                    length = length_of([weight.value for weight in layer.trainable_weights])
                    # Half precision computes with other numbers.
                    seen, added = (tf.cast(without_padding(each, outputs), tf.float32) for each in (outputs, sums))
                    figures = tf.stack([*self._figures(layer, seen), length])
                    step = stride(tuple(outputs.shape))
                    rows.append(tf.concat([histogram(seen, step), histogram(added, step), figures], axis=0))
        return tf.stack(rows) if rows else tf.zeros([0, 2 * width + 5])

    def _through(self, layer: keras.Layer, arriving: Sequence[tf.Tensor]) -> tuple[tf.Tensor, tf.Tensor]:
        """What goes into the layer's non-linearity, and what the layer puts out, with its mask.

        A recurrent layer adds up anew at every step; what it adds up is not seen from outside.
        """
        declaration = self._declared[layer.name]
        if isinstance(declaration, Weighted):
            with _overheard(layer) as heard:
                outputs = called(layer, declaration, arriving, training=False)
            return heard[-1], outputs
        return arriving[0], called(layer, declaration, arriving, training=False)

    def _figures(self, layer: keras.Layer, outputs: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor]:
        """Mean, standard deviation, share of units that put out 0 for every example, share of saturated outputs."""
        mean, variance = tf.nn.moments(outputs, axes=list(range(outputs.shape.rank)))
        silent = tf.reduce_all(tf.equal(outputs, 0), axis=list(range(outputs.shape.rank - 1)))
        function = self._non_linearity(layer)
        saturated = saturated_share(outputs, function) if function is not None and saturates(function) else tf.constant(0.0)
        return mean, tf.sqrt(variance), tf.reduce_mean(tf.cast(silent, tf.float32)), saturated

    def _distances(self, *before: tf.Tensor) -> tf.Tensor:
        """For each layer with trainable weights: length of their change, length before."""
        old = {id(weight): value for weight, value in zip(self._model.trainable_variables, before, strict=True)}
        changes = [length_of([weight.value - old[id(weight)] for weight in layer.trainable_weights]) for layer in self._weighted]
        lengths = [length_of([old[id(weight)] for weight in layer.trainable_weights]) for layer in self._weighted]
        return tf.stack([changes, lengths]) if self._weighted else tf.zeros([2, 0])


def examples_for(model: keras.Model, most: int = most_examples) -> int:
    """How many examples a look takes in: fewer where each has many outputs, as in a convolution of images."""
    outputs = sum(prod(size or 1 for size in layer.output.shape) for layer in model.layers[1:])
    return max(least_examples, min(most, most_outputs // max(outputs, 1)))


def saturates(function: ActivationFunction) -> bool:
    """Whether the output range is finite, so that a share of it has a meaning."""
    low, high = function.output_range
    return isfinite(low) and isfinite(high)


def saturated_share(outputs: tf.Tensor, function: ActivationFunction) -> tf.Tensor:
    """Share of outputs within 5 % of the range from one of its bounds."""
    low, high = function.output_range
    margin = border * (high - low)
    return tf.reduce_mean(tf.cast((outputs <= low + margin) | (outputs >= high - margin), tf.float32))


def length_of(arrays: Sequence[tf.Tensor]) -> tf.Tensor:
    """Length of all numbers in `arrays` as one vector."""
    return tf.sqrt(tf.add_n([2 * tf.nn.l2_loss(array) for array in arrays])) if arrays else tf.constant(0.0)


def without_padding(values: tf.Tensor, outputs: tf.Tensor) -> tf.Tensor:
    """`values` at the steps of a sequence that the mask of a layer's `outputs` does not pass over; all where it leaves none."""
    mask = getattr(outputs, "_keras_mask", None)
    return values if mask is None else tf.boolean_mask(values, mask | ~tf.reduce_any(mask))


def histogram(values: tf.Tensor, step: int) -> tf.Tensor:
    """Counts in equal bins, least and greatest value, number of those that are not finite, of every `step`-th of `values`."""
    return _binned(tf.reshape(values, [-1])[::step])


@tf.function(input_signature=[tf.TensorSpec([None], tf.float32)], autograph=False)  # type: ignore[untyped-decorator]
def _binned(sample: tf.Tensor) -> tf.Tensor:
    """A function of its own, so that it is traced once and not for every layer."""
    finite = tf.boolean_mask(sample, tf.math.is_finite(sample))
    some = tf.size(finite) > 0
    low = tf.where(some, tf.reduce_min(finite), 0.0)
    high = tf.where(some, tf.reduce_max(finite), 0.0)
    # A range without width cannot be cut into bins: widen it as NumPy does, and enough for large numbers.
    margin = tf.where(high > low, 0.0, tf.maximum(0.5, tf.abs(low) * 1e-3))
    low, high = low - margin, high + margin
    counts = tf.histogram_fixed_width(finite, tf.stack([low, high]), bins)
    not_finite = tf.cast(tf.size(sample) - tf.size(finite), tf.float32)
    return tf.concat([tf.cast(counts, tf.float32), tf.stack([low, high, not_finite])], axis=0)


def stride(shape: tuple[int, ...]) -> int:
    """Distance between sampled values of an array (examples, …), at most 20,000 in all.

    It has no factor in common with the size of an example, otherwise some units would never be looked at.
    """
    example = prod(shape[1:])
    step = -(-prod(shape) // most_values)
    while gcd(step, example) > 1:
        step += 1
    return max(step, 1)


def _histogram(row: NDArray[np.float64]) -> Histogram:
    return Histogram(row[:bins].astype(np.int64), float(row[bins]), float(row[bins + 1]), int(row[bins + 2]))


@contextlib.contextmanager
def _overheard(layer: keras.Layer) -> Iterator[list[tf.Tensor]]:
    """What the layer applies its activation to meanwhile.

    The attribute is exchanged behind the back of Keras, which watches the assignment of layers to attributes.
    """
    activation, heard = layer.activation, []

    def overhear(sums: tf.Tensor) -> tf.Tensor:
        heard.append(sums)
        return activation(sums)

    vars(layer)["activation"] = overhear
    try:
        yield heard
    finally:
        vars(layer)["activation"] = activation
