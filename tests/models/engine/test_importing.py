"""What is imported predicts what Keras predicts from the original file."""

import keras
import numpy as np
import pytest

from models.data.preparation import prepare
from models.engine.maxout import Maxout
from models.engine.session import Session
from models.storage.files import load
from models.storage.keras_files.importing import imported, save_imported
from tests.sampling import sampled

pytestmark = pytest.mark.engine

layers = keras.layers


def sequential():
    return keras.Sequential(
        [
            keras.Input((6,)),
            layers.Dense(5, activation=layers.LeakyReLU(negative_slope=0.05), kernel_regularizer=keras.regularizers.L1L2(0.1)),
            layers.Dropout(0.3),
            layers.BatchNormalization(),
            layers.Dense(5, activation="silu", kernel_initializer="he_normal"),
            layers.LayerNormalization(),
            Maxout(4, pieces=3),
            layers.Dense(3, activation="softmax"),
        ]
    )


def chain():
    inputs = keras.Input((8, 8, 3))
    x = layers.Conv2D(4, 3, padding="same", strides=2, use_bias=False)(inputs)
    x = layers.BatchNormalization(axis=-1, scale=False)(x)
    x = layers.ReLU(max_value=6)(x)
    x = layers.MaxPooling2D()(x)
    x = layers.Flatten()(x)
    return keras.Model(inputs, layers.Dense(1, activation="sigmoid")(x))


def nested():
    inner = keras.Sequential([keras.Input((5,)), layers.Dense(7, activation="tanh"), layers.PReLU()], name="block")
    deep_input = keras.Input((7,))
    deep = keras.Model(deep_input, layers.Dense(4)(layers.BatchNormalization()(deep_input)), name="deep")
    inputs = keras.Input((4,))
    x = layers.Dense(5, name="dense")(inputs)
    outer = keras.Model(inputs, deep(inner(x)), name="outer")
    last = keras.Input((4,))
    return keras.Model(last, layers.Dense(2)(outer(last)))


def recurrent():
    return keras.Sequential(
        [
            keras.Input((None,)),
            layers.Embedding(20, 4, mask_zero=True),
            layers.LSTM(5, return_sequences=True),
            layers.GRU(4, return_sequences=True, reset_after=False),
            layers.SimpleRNN(3),
            layers.Dense(2),
        ]
    )


def normalized():
    model = keras.Sequential([keras.Input((3,)), layers.Normalization(), layers.Dense(2)])
    model.layers[0].adapt(np.random.default_rng(0).normal(3, 2, (50, 3)))
    return model


def residual():
    """Branches, merging layers, arithmetic between layers, and a block inside."""
    block_input = keras.Input((8, 8, 4))
    inner = layers.SeparableConv2D(4, 3, padding="same", activation="relu")(layers.ZeroPadding2D(1)(block_input))
    block = keras.Model(block_input, layers.Cropping2D(1)(inner), name="block")
    inputs = keras.Input((8, 8, 3))
    x = layers.DepthwiseConv2D(3, padding="same")(layers.Conv2D(4, 1)(layers.Rescaling(1 / 127.5, -1)(inputs)))
    left, right = layers.GroupNormalization(2)(x), block(x)
    x = layers.Add()([left, right]) * 0.5 + x
    x = layers.Concatenate()([x, layers.Multiply()([left, layers.GlobalAveragePooling2D(keepdims=True)(right)])])
    return keras.Model(inputs, layers.Dense(3)(layers.GlobalAveragePooling2D()(1.0 + x)))


def attention():
    inputs = keras.Input((6, 4))
    x = layers.MultiHeadAttention(2, 3)(inputs, inputs)
    x = layers.LayerNormalization()(layers.Add()([inputs, x]))
    x = layers.Attention()([x, layers.Dense(4, activation="gelu")(x)])
    return keras.Model(inputs, layers.Dense(2)(layers.Flatten()(x)))


makers = (sequential, chain, nested, recurrent, normalized, residual, attention)


def scrambled(model):
    """`model` with weights that no initializer gives, variances above 0 among them."""
    random = np.random.default_rng(1)
    model.set_weights([random.uniform(0.1, 0.9, each.shape).astype(each.dtype) for each in model.get_weights()])
    return model


def predictions(experiment, x):
    return Session(experiment, prepare(experiment), "cpu", compilation="plain").predict(x)


def through_import(path, out):
    with imported(path) as found:
        save_imported(found, out)
    return load(out)


@pytest.mark.parametrize("make", sampled(makers, sequential, nested, recurrent, residual))
@pytest.mark.parametrize("suffix", [".keras", pytest.param(".h5", marks=pytest.mark.exhaustive)])
def test_an_imported_network_predicts_what_keras_predicts(make, suffix, tmp_path):
    if suffix == ".h5" and make in (nested, residual, attention):
        pytest.skip("networks of networks, and layers of layers, come as .keras files only")
    scrambled(make()).save(tmp_path / f"model{suffix}")
    original = keras.models.load_model(tmp_path / f"model{suffix}")
    experiment = through_import(tmp_path / f"model{suffix}", tmp_path / "out.wiggle.json")
    x = prepare(experiment).x_train[:32]
    np.testing.assert_allclose(predictions(experiment, x), original.predict(x, verbose=0), rtol=1e-6, atol=1e-6)
