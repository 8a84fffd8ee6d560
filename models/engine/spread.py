"""How numbers are spread: histograms of many arrays at once, and figures about the weights of layers; graph code."""

from collections.abc import Sequence
from math import gcd, prod

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from models.telemetry.events import Histogram

bins = 40
width = bins + 3
"""Numbers that say how an array is spread: counts, least and greatest value, how many are not finite."""
most_values = 20_000
"""Of each array; of larger ones an even sample is looked at."""

_transposed = (keras.layers.Conv1DTranspose, keras.layers.Conv2DTranspose, keras.layers.Conv3DTranspose)
_apart = (keras.layers.DepthwiseConv1D, keras.layers.DepthwiseConv2D)


def histograms(samples: Sequence[tf.Tensor]) -> tf.Tensor:
    """A row for each of the flat `samples`: counts in equal bins, least and greatest finite value, how many are not finite.

    The bins are NumPy's (``numpy.histogram``), in 64 bits.
    """
    if not samples:
        return tf.zeros([0, width])
    sizes = tf.stack([tf.size(sample) for sample in samples])
    all_finite = tf.reduce_all(tf.math.is_finite(tf.concat(samples, axis=0)))
    finite = tf.cond(
        all_finite, lambda: list(samples), lambda: [tf.gather(each, tf.where(tf.math.is_finite(each))[:, 0]) for each in samples]
    )
    numbers = [tf.cast(each, tf.float64) for each in finite]
    low, high = (tf.stack([reduce(each) for each in numbers]) for reduce in (tf.reduce_min, tf.reduce_max))
    some = low <= high
    low, high = tf.where(some, low, 0.0), tf.where(some, high, 0.0)
    # A range without width cannot be cut into bins: widen it as NumPy does, and enough for large numbers.
    margin = tf.where(high > low, tf.zeros_like(low), tf.maximum(tf.constant(0.5, tf.float64), tf.abs(low) * 1e-3))
    bounds = tf.stack([low - margin, high + margin], axis=1)
    pairs = zip(numbers, tf.unstack(bounds, num=len(samples)), strict=True)
    counts = tf.stack([tf.histogram_fixed_width(each, ends, bins) for each, ends in pairs])
    missing = sizes - tf.reduce_sum(counts, axis=1)
    return tf.concat([tf.cast(each, tf.float32) for each in (counts, bounds, missing[:, tf.newaxis])], axis=1)


def histogram_of(row: NDArray[np.float64]) -> Histogram:
    """A row of `histograms` as a value."""
    return Histogram(row[:bins].astype(np.int64), float(row[bins]), float(row[bins + 1]), int(row[bins + 2]))


def stride(shape: tuple[int, ...], most: int = most_values) -> int:
    """Distance between sampled values of an array (examples, …), at most `most` in all.

    It has no factor in common with the size of an example, otherwise some units would never be looked at.
    """
    example = prod(shape[1:])
    step = max(-(-prod(shape) // most), 1)
    while gcd(step, example) > 1:
        step += 1
    return step


def flat(arrays: Sequence[tf.Tensor]) -> tf.Tensor:
    """All numbers in `arrays` one after the other, in 32 bits."""
    return tf.concat([tf.reshape(tf.cast(array, tf.float32), [-1]) for array in arrays], axis=0)


def length_of(numbers: tf.Tensor) -> tf.Tensor:
    """Length of the vector `numbers`, in 64 bits: squares of large, or small, numbers do not fit into 32."""
    return tf.sqrt(2 * tf.nn.l2_loss(tf.cast(numbers, tf.float64)))


class Weights:
    """The trainable weights of one layer, taken together, and those of them that belong to one unit each."""

    def __init__(self, layer: keras.Layer) -> None:
        self.name: str = layer.name
        self.variables: list[keras.Variable] = layer.trainable_weights
        shapes = [tuple(variable.shape) for variable in self.variables]
        largest = max(shapes, key=prod)
        self._stride = stride((-(-sum(map(prod, shapes)) // (largest[-1] if largest else 1)), largest[-1] if largest else 1))
        self.kernels = kernels_of(layer)
        """Each with the axes along which the weights of one unit lie."""

    def sample(self, numbers: tf.Tensor) -> tf.Tensor:
        """Of the `numbers` of all weights at most `most_values`, evenly taken, and where that leaves some out their extremes.

        The least and the greatest are told as those of all.
        """
        if self._stride == 1:
            return numbers
        least, greatest = (tf.where(tf.math.is_finite(numbers), numbers, bound) for bound in (np.inf, -np.inf))
        return tf.concat([numbers[:: self._stride], [tf.reduce_min(least), tf.reduce_max(greatest)]], axis=0)

    def one_signed(self, gradients: dict[int, tf.Tensor]) -> tf.Tensor:
        """Share of units all whose weights have a gradient of the same sign, 0 aside; NaN where no weights belong to one unit.

        `gradients` are by the ``id`` of their variable. A step can then only lengthen all weights of the unit or shorten all, and
        where they should go different ways it zigzags (CS231n, "Neural Networks Part 1", on the sigmoid). Biases do not count.
        """
        if not self.kernels:
            return tf.constant(np.nan)
        signs = []
        for kernel, axes in self.kernels:
            gradient = gradients[id(kernel)]
            signs.append(tf.reshape(one_sign(tf.reduce_min(gradient, axes), tf.reduce_max(gradient, axes)), [-1]))
        return tf.reduce_mean(tf.cast(tf.concat(signs, axis=0), tf.float32))


def one_sign(least: tf.Tensor, greatest: tf.Tensor) -> tf.Tensor:
    """Whether numbers between these two are never of both signs, and not all 0."""
    return ((least >= 0) & (greatest > 0)) | ((greatest <= 0) & (least < 0))


def kernels_of(layer: keras.Layer) -> list[tuple[keras.Variable, tuple[int, ...]]]:
    """The trainable kernels in `layer` and inside it, each with the axes along which the weights of one unit lie.

    A gate of a recurrent layer counts as units of its own. What attention projects onto has several axes, and is left out.
    """
    trained = {id(variable) for variable in layer.trainable_weights}
    found: dict[int, tuple[keras.Variable, tuple[int, ...]]] = {}
    for part in layer._flatten_layers():
        kernel = getattr(part, "pointwise_kernel", getattr(part, "kernel", None))
        if kernel is not None and id(kernel) in trained and not isinstance(part, keras.layers.EinsumDense):
            axes = tuple(range(len(kernel.shape)))
            if isinstance(part, _transposed):
                axes = (*axes[:-2], axes[-1])
            else:
                axes = axes[:-2] if isinstance(part, _apart) else axes[:-1]
            found[id(kernel)] = kernel, axes
    return list(found.values())
