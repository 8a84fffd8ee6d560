"""How large weights start: the formulas, and in the engine's tier the numbers that Keras draws."""

from math import sqrt

import pytest

from models.experiment.initializers import (
    Constant,
    GlorotNormal,
    GlorotUniform,
    HeNormal,
    HeUniform,
    Identity,
    LecunNormal,
    LecunUniform,
    Ones,
    Orthogonal,
    RandomNormal,
    RandomUniform,
    TruncatedNormal,
    VarianceScaling,
    Zeros,
)
from models.experiment.layers import GRU, LSTM, Conv1D, Conv2D, Dense, Dropout, EinsumDense, Embedding, Maxout, SimpleRNN
from models.experiment.scale import fans, weight_scale


@pytest.mark.parametrize(
    ("layer", "shape", "kernel"),
    [
        (Dense(name="a", units=16), (2,), (2, 16)),
        (Dense(name="a", units=16), (7, 3), (3, 16)),
        (Maxout(name="a", units=8, pieces=2), (16,), (16, 16)),
        (Conv1D(name="a", filters=4, kernel_size=3, groups=2), (9, 6), (3, 3, 4)),
        (Conv2D(name="a", filters=4, kernel_size=(3, 5)), (9, 9, 2), (3, 5, 2, 4)),
        (SimpleRNN(name="a", units=4), (9, 6), (6, 4)),
        (LSTM(name="a", units=4), (9, 6), (6, 16)),
        (GRU(name="a", units=4), (9, 6), (6, 12)),
        (Embedding(name="a", input_dim=9, output_dim=4), (9,), None),
        (Dropout(name="a", rate=0.5), (4,), None),
    ],
)
def test_kernels(layer, shape, kernel):
    assert layer.kernel_shape(shape) == kernel


def test_fans():
    assert fans((2, 16)) == (2, 16)
    assert fans((3, 5, 2, 4)) == (30, 60)


@pytest.mark.parametrize(
    ("initializer", "std", "formula"),
    [
        (HeNormal(), sqrt(2 / 8), "√(2 / fan-in 8)"),
        (HeUniform(), sqrt(2 / 8), "√(2 / fan-in 8)"),
        (LecunNormal(), sqrt(1 / 8), "√(1 / fan-in 8)"),
        (LecunUniform(), sqrt(1 / 8), "√(1 / fan-in 8)"),
        (GlorotNormal(), sqrt(2 / 24), "√(2 / (fan-in 8 + fan-out 16))"),
        (GlorotUniform(), sqrt(2 / 24), "√(2 / (fan-in 8 + fan-out 16))"),
        (VarianceScaling(scale=3.0, mode="fan_out", distribution="uniform"), sqrt(3 / 16), "√(3 / fan-out 16)"),
        (RandomNormal(stddev=0.01), 0.01, "σ"),
        (RandomUniform(minval=-1.0, maxval=1.0), 1 / sqrt(3), "(upper − lower) / √12"),
        (TruncatedNormal(stddev=0.1), 0.0879625661, "0.88 · 0.1"),
        (Orthogonal(gain=2.0), 2 / 4, "2 / √16"),
    ],
)
def test_standard_deviations(initializer, std, formula):
    scale = weight_scale(initializer, (8, 16))
    assert scale.std == pytest.approx(std)
    assert scale.formula == formula


@pytest.mark.parametrize("initializer", [Zeros(), Ones(), Constant(value=2.0), Identity()], ids=lambda each: each.kind())
def test_weights_without_chance_have_none(initializer):
    assert weight_scale(initializer, (8, 16)) is None


@pytest.mark.engine
@pytest.mark.parametrize("shape", [(40, 500), (3, 3, 20, 60)], ids=str)
@pytest.mark.parametrize(
    "initializer",
    [
        HeNormal(),
        HeUniform(),
        LecunNormal(),
        LecunUniform(),
        GlorotNormal(),
        GlorotUniform(),
        VarianceScaling(scale=0.5, mode="fan_out", distribution="untruncated_normal"),
        RandomNormal(),
        RandomUniform(),
        TruncatedNormal(),
        Orthogonal(gain=0.5),
    ],
    ids=lambda each: each.kind(),
)
def test_keras_draws_such_numbers(initializer, shape):
    import keras
    import numpy as np
    from msgspec.structs import asdict

    drawn = np.asarray(getattr(keras.initializers, initializer.kind())(**asdict(initializer), seed=1)(shape))
    assert drawn.std() == pytest.approx(weight_scale(initializer, shape).std, rel=0.03)


@pytest.mark.engine
def test_keras_counts_the_fans_of_an_equation_by_its_letters():
    import keras
    import numpy as np

    from models.engine.network import keras_object

    layer = EinsumDense(name="heads", equation="abc,cde->abde", output_shape=(None, 4, 32))
    made = keras_object(layer)
    keras.utils.set_random_seed(1)
    made.build((None, 3, 64))
    scale = weight_scale(layer.kernel_initializer, layer.kernel_shape((3, 64)), layer.fans((3, 64)))
    assert scale.formula == "√(2 / (fan-in 64 + fan-out 128))"
    assert np.asarray(made.kernel).std() == pytest.approx(scale.std, rel=0.03)
