"""Random numbers under XLA are TensorFlow's own."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from models.engine import philox
from tests.sampling import sampled

pytestmark = pytest.mark.engine


def by_xla(function, *arguments):
    return tf.function(function, jit_compile=True, autograph=False)(*arguments).numpy()


@pytest.mark.parametrize("seed", [(0, 0), (5, 7), (2**31 - 1, 123456)])
@pytest.mark.parametrize("shape", [(33, 63), (1,), (2, 3, 4, 5)])
def test_uniform_numbers_are_tensorflows_bit_for_bit(shape, seed):
    ours = by_xla(lambda: philox.uniform(shape, tf.constant(seed, tf.int32)))
    assert (ours == tf.random.stateless_uniform(shape, seed).numpy()).all()


@pytest.mark.parametrize("shape", [(33, 63), (3,)])
def test_normal_numbers_are_tensorflows_up_to_rounding(shape):
    ours = by_xla(lambda: philox.normal(shape, tf.constant((5, 7), tf.int32)))
    np.testing.assert_allclose(ours, tf.random.stateless_normal(shape, (5, 7)).numpy(), rtol=2e-6, atol=2e-6)


layers = {
    "dropout": lambda: keras.layers.Dropout(0.3, seed=4),
    "one mask for all positions": lambda: keras.layers.Dropout(0.3, noise_shape=(None, 1, 5), seed=4),
    "spatial dropout": lambda: keras.layers.SpatialDropout1D(0.5, seed=4),
    "gaussian noise": lambda: keras.layers.GaussianNoise(0.5, seed=4),
    "gaussian dropout": lambda: keras.layers.GaussianDropout(0.3, seed=4),
    "alpha dropout": lambda: keras.layers.AlphaDropout(0.3, seed=4),
    "alpha dropout of whole positions": lambda: keras.layers.AlphaDropout(0.3, noise_shape=(None, 4, 1), seed=4),
}


@pytest.mark.parametrize("name", sampled(layers, "dropout"))
def test_keras_layers_draw_the_same_under_xla(name):
    x = tf.random.stateless_normal((6, 4, 5), (1, 2))
    plain, compiled = layers[name](), layers[name]()

    def draw(inputs):
        with philox.exact_random_numbers():
            return compiled(inputs, training=True)

    function = tf.function(draw, jit_compile=True, autograph=False)
    for _ in range(3):  # the layer's seed moves on with every call
        np.testing.assert_allclose(function(x).numpy(), plain(x, training=True).numpy(), rtol=1e-5, atol=1e-6)
    assert (compiled.seed_generator.state.numpy() == plain.seed_generator.state.numpy()).all()


def test_what_cannot_be_drawn_is_refused():
    def draw():
        with philox.exact_random_numbers():
            return keras.random.gamma((3,), 1.0, seed=1)

    with pytest.raises(philox.CannotDraw, match="gamma"):
        draw()
    assert keras.random.gamma((3,), 1.0, seed=1).shape == (3,)
