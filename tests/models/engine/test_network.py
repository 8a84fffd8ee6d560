"""Declarations become the Keras objects of the same names, with the shapes and counts that they promise."""

from types import SimpleNamespace

import keras
import numpy as np
import pytest
import tensorflow as tf
from msgspec.structs import replace

from models.engine import network
from models.engine.errors import EngineError
from models.engine.maxout import Maxout as KerasMaxout
from models.engine.session import built_metrics
from models.experiment import activations, initializers, layers, losses, optimizers, regularizers
from models.experiment.data import Facts
from models.experiment.experiment import Experiment
from tests.models.engine.samples import data_for, dense, experiment
from tests.strategies import fitting_shape, layer_kinds, single_kinds, start

pytestmark = pytest.mark.engine

row, sequence, image = (6,), (9, 4), (8, 8, 2)
examples = [
    (layers.Dense(name="layer", units=5), row),
    (layers.Dense(name="layer", units=5, use_bias=False), sequence),
    (layers.Maxout(name="layer", units=5, pieces=3), row),
    (layers.Maxout(name="layer", units=5, pieces=2, use_bias=False), image),
    (layers.Activation(name="layer", activation=activations.Elu(alpha=0.3)), row),
    (layers.LeakyReLU(name="layer"), row),
    (layers.PReLU(name="layer"), row),
    (layers.PReLU(name="layer", shared_axes=(1, 2)), image),
    (layers.ReLU(name="layer", max_value=2.0), row),
    (layers.ELU(name="layer"), row),
    (layers.Softmax(name="layer"), row),
    (layers.Dropout(name="layer", rate=0.3), row),
    (layers.GaussianNoise(name="layer", stddev=0.3), row),
    (layers.GaussianDropout(name="layer", rate=0.3), row),
    (layers.AlphaDropout(name="layer", rate=0.3), row),
    (layers.BatchNormalization(name="layer"), image),
    (layers.BatchNormalization(name="layer", scale=False), row),
    (layers.LayerNormalization(name="layer", center=False), sequence),
    (layers.Normalization(name="layer"), row),
    (layers.Normalization(name="layer", axis=None), row),
    (layers.Normalization(name="layer", mean=(1.0,) * 6, variance=(4.0,) * 6), row),
    (layers.Conv1D(name="layer", filters=4, kernel_size=3, padding="causal", dilation_rate=2), sequence),
    (layers.Conv1D(name="layer", filters=4, kernel_size=3, strides=2, groups=2), sequence),
    (layers.Conv2D(name="layer", filters=4, kernel_size=(3, 2), strides=(2, 1), padding="same"), image),
    (layers.Conv2D(name="layer", filters=4, kernel_size=(3, 2), dilation_rate=(2, 1), use_bias=False), image),
    (layers.MaxPooling1D(name="layer", pool_size=2, strides=3), sequence),
    (layers.MaxPooling2D(name="layer", padding="same", pool_size=(3, 3)), image),
    (layers.AveragePooling1D(name="layer", pool_size=2), sequence),
    (layers.AveragePooling2D(name="layer", pool_size=(2, 3), strides=(1, 2)), image),
    (layers.GlobalMaxPooling1D(name="layer"), sequence),
    (layers.GlobalAveragePooling1D(name="layer", keepdims=True), sequence),
    (layers.GlobalMaxPooling2D(name="layer", keepdims=True), image),
    (layers.GlobalAveragePooling2D(name="layer"), image),
    (layers.Embedding(name="layer", input_dim=7, output_dim=3, mask_zero=True), row),
    (layers.Masking(name="layer"), sequence),
    (layers.SimpleRNN(name="layer", units=5, return_sequences=True), sequence),
    (layers.LSTM(name="layer", units=5, dropout=0.2, recurrent_dropout=0.3), sequence),
    (layers.LSTM(name="layer", units=3, use_bias=False, go_backwards=True, return_sequences=True), sequence),
    (layers.GRU(name="layer", units=5, unroll=True), sequence),
    (layers.GRU(name="layer", units=5, reset_after=False), sequence),
    (layers.Flatten(name="layer"), image),
    (layers.Reshape(name="layer", target_shape=(4, -1)), image),
    (layers.Rescaling(name="layer", scale=0.5, offset=-1.0), row),
    *((replace(start(kind), name="layer"), fitting_shape(start(kind))) for kind in single_kinds),
]


def kinds(union):
    return union.__args__


def built(layer, shape):
    facts = Facts(shape, "regression", 1, 10, 0)
    value = experiment((), "regression", loss=losses.MeanSquaredError())
    alone = Experiment(data=value.data, network=(layer,), training=value.training)
    return network.build(alone, facts, np.random.default_rng(0).normal(2, 3, (10, *shape)).astype(np.float32))


@pytest.mark.parametrize(("layer", "shape"), examples, ids=lambda value: getattr(value, "kind", lambda: None)())
def test_shapes_and_parameters_are_those_promised(layer, shape):
    model = built(layer, shape)
    made = model.get_layer("layer")
    assert type(made).__name__ == layer.kind()
    assert model.output.shape[1:] == layer.output(shape)
    trainable = sum(int(np.prod(weight.shape)) for weight in made.trainable_weights)
    assert (trainable, made.count_params() - trainable) == layer.parameters_of((shape,))


@pytest.mark.parametrize(("layer", "shape"), examples, ids=lambda value: getattr(value, "kind", lambda: None)())
def test_initial_values_are_those_that_keras_draws_for_the_seed(layer, shape, monkeypatch):
    ours = built(layer, shape)
    monkeypatch.setattr(network, "random", SimpleNamespace(seed=keras.utils.set_random_seed))
    theirs = built(layer, shape)
    for one, other in zip(ours.variables, theirs.variables, strict=True):
        np.testing.assert_array_equal(one.numpy(), other.numpy())


def test_building_a_network_leaves_tensorflows_kernels_alone(monkeypatch):
    def forget(seed):
        raise AssertionError("TensorFlow forgets what it optimized")

    monkeypatch.setattr(tf.random, "set_seed", forget)
    built(*examples[0])


@pytest.mark.parametrize(
    "union", [initializers.Initializer, regularizers.Regularizer, regularizers.Constraint, losses.Loss, optimizers.Optimizer]
)
def test_defaults_are_those_of_keras(union):
    for kind in kinds(union):
        ours = network.keras_object(kind()).get_config()
        theirs = network.keras_class(kind())().get_config() if kind is not initializers.Constant else ours
        for config in (ours, theirs):
            config.pop("seed", None)
            config.pop("name", None)
        assert ours == theirs, kind


@pytest.mark.parametrize("kind", kinds(activations.Activation))
def test_activations_are_those_of_keras(kind):
    x = np.linspace(-8, 8, 65, dtype=np.float32)
    made = keras.layers.Dense(1, activation=network.argument(kind())).activation
    if not kind.elementwise:
        assert np.asarray(made(x[None])).shape == (1, 65)
        return
    np.testing.assert_allclose(np.asarray(made(x)), [kind().at(float(value)) for value in x], rtol=2e-5, atol=2e-6)


@pytest.mark.parametrize(
    "function",
    [
        activations.Relu(negative_slope=0.1, max_value=2.0, threshold=0.5),
        activations.LeakyRelu(negative_slope=0.05),
        activations.Elu(alpha=0.3),
    ],
)
def test_activations_with_parameters_survive_a_file_in_plain_keras(function, tmp_path):
    model = built(dense(4, function, "layer"), (6,))
    model.save(tmp_path / "network.keras")
    opened = keras.models.load_model(tmp_path / "network.keras")
    x = np.random.default_rng(1).normal(0, 3, (50, 6)).astype(np.float32)
    np.testing.assert_array_equal(opened.predict(x, verbose=0), model.predict(x, verbose=0))
    kernel, bias = (weight.numpy() for weight in model.weights)
    curve = np.vectorize(function.at)(x.astype(float) @ kernel + bias)
    np.testing.assert_allclose(model.predict(x, verbose=0), curve, rtol=1e-4, atol=1e-5)


def test_maxout_takes_the_greatest_sum_and_survives_a_file(tmp_path):
    model = built(layers.Maxout(name="layer", units=4, pieces=3, kernel_regularizer=regularizers.L2(l2=0.5)), (6,))
    kernel, bias = (weight.numpy() for weight in model.weights)
    x = np.random.default_rng(1).normal(size=(7, 6)).astype(np.float32)
    expected = (x @ kernel + bias).reshape(7, 4, 3).max(axis=-1)
    np.testing.assert_allclose(model.predict(x, verbose=0), expected, rtol=1e-5)
    assert float(sum(model.losses)) == pytest.approx(0.5 * np.sum(kernel**2), rel=1e-5)
    model.save(tmp_path / "network.keras")
    opened = keras.models.load_model(tmp_path / "network.keras")
    assert isinstance(opened.layers[1], KerasMaxout)
    np.testing.assert_array_equal(opened.predict(x, verbose=0), model.predict(x, verbose=0))


def test_the_seed_decides_the_initial_weights():
    first, same, other = (network.build(experiment(seed=seed), Facts((3,), "binary", 2, 20, 0)) for seed in (1, 1, 2))
    assert all(np.array_equal(a, b) for a, b in zip(first.get_weights(), same.get_weights(), strict=True))
    assert not np.array_equal(first.get_weights()[0], other.get_weights()[0])


def test_normalization_learns_from_what_arrives_at_it():
    value = experiment((layers.Rescaling(name="double", scale=2.0), layers.Normalization(name="norm")))
    x = np.random.default_rng(0).normal(5, 3, (200, 3)).astype(np.float32)
    model = network.build(value, Facts((3,), "binary", 2, 200, 0), x)
    seen = keras.Model(model.input, model.get_layer("norm").output).predict(x, verbose=0)
    np.testing.assert_allclose(seen.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(seen.std(axis=0), 1, atol=1e-5)
    np.testing.assert_allclose(np.ravel(model.get_layer("norm").mean), 2 * x.mean(axis=0), rtol=1e-5)


@pytest.mark.parametrize("made", [initializers.HeNormal, initializers.Orthogonal])
def test_initial_weights_follow_the_initializer(made):
    model = built(dense(200, activations.Linear(), "layer", kernel_initializer=made()), (400,))
    kernel = model.weights[0].numpy()
    if made is initializers.HeNormal:
        assert kernel.std() == pytest.approx(np.sqrt(2 / 400), rel=0.02)
    else:
        np.testing.assert_allclose(kernel.T @ kernel, np.eye(200), atol=1e-5)


def test_a_metric_that_does_not_fit_the_labels_is_refused():
    value = experiment(task="multiclass", loss=losses.SparseCategoricalCrossentropy(), metrics=("precision",))
    with pytest.raises(EngineError, match="precision cannot be measured on labels of the form index"):
        built_metrics(value, data_for(value, "multiclass"))


def test_all_arguments_of_a_declaration_reach_keras():
    layer = layers.Dense(
        name="layer",
        units=3,
        kernel_initializer=initializers.RandomNormal(stddev=0.01),
        kernel_regularizer=regularizers.L1L2(l1=0.1, l2=0.2),
        activity_regularizer=regularizers.L2(l2=0.3),
        bias_constraint=regularizers.MinMaxNorm(min_value=0.5, max_value=0.75, rate=0.25),
    )
    config = built(layer, row).get_layer("layer").get_config()
    assert config["kernel_initializer"]["config"]["stddev"] == 0.01
    assert config["kernel_regularizer"]["config"] == {"l1": 0.1, "l2": 0.2}
    assert config["activity_regularizer"]["config"] == {"l2": 0.3}
    assert config["bias_constraint"]["config"] == {"min_value": 0.5, "max_value": 0.75, "rate": 0.25, "axis": 0}
    assert set(network.constructor_fields(layers.Dense)) <= set(config)


@pytest.mark.parametrize("kind", [kind for kind in layer_kinds if kind.holds_weights()], ids=lambda kind: kind.__name__)
def test_nothing_in_a_frozen_layer_is_trained(kind):
    layer = replace(start(kind), name="layer", trainable=False)
    inputs = keras.Input(fitting_shape(layer))
    made = network.keras_object(layer)
    model = keras.Model(inputs, network.called(made, layer, [inputs] * max(layer.least_inputs, 1)))
    network.freeze(made, layer)
    assert made.weights or kind is layers.Attention  # which has none but for a factor, if wanted
    assert not model.trainable_variables


def test_a_layer_inside_another_is_frozen_alone():
    inside = layers.Bidirectional(name="inside", layer=layers.LSTM(name="forth", units=2, return_sequences=True, trainable=False))
    layer = layers.TimeDistributed(name="layer", layer=inside)
    inputs = keras.Input((3, 4, 5))
    made = network.keras_object(layer)
    model = keras.Model(inputs, [network.called(made, layer, [inputs])])
    assert model.trainable_variables
    network.freeze(made, layer)
    assert layer.frozen_parts() == ("layer.forward_layer", "layer.backward_layer")
    assert not model.trainable_variables
