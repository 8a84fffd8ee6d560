"""Probes measure what NumPy measures, and take little time."""

import time
from math import gcd
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf

from models.engine.probe import examples_for, histogram, most_values, stride
from models.experiment.activations import Relu, Sigmoid, Tanh
from models.experiment.initializers import Constant
from models.experiment.layers import Activation, BatchNormalization, Dropout, Flatten, Maxout, Reshape
from models.experiment.optimizers import SGD
from models.telemetry.control import Control
from models.telemetry.events import Probed
from tests.models.engine.samples import data_for, dense, experiment, losses, session, train, weights

pytestmark = pytest.mark.engine

network = (
    Flatten(name="flatten"),
    dense(6, Relu(), "first", bias_initializer=Constant(value=-1.2)),
    Dropout(name="drop", rate=0.5),
    BatchNormalization(name="norm"),
    Maxout(name="maxout", units=4),
    Activation(name="tanh", activation=Tanh()),
    Reshape(name="reshape", target_shape=(4,)),
)


def first_probe(value=None, **data):
    made = session(value or experiment(network), **data)
    return made, {layer.name: layer for layer in made.prober.look({})}


def outputs_of(made, name):
    import keras

    model = keras.Model(made.model.input, made.model.get_layer(name).output)
    return model.predict(made.prepared.x_train[:256], verbose=0)


def test_layers_without_weights_and_curve_are_left_out():
    _, found = first_probe()
    assert list(found) == ["first", "norm", "maxout", "tanh", "output"]


@pytest.mark.parametrize(
    ("shape", "examples"), [((None, 8), 256), ((None, 32, 32, 64), 64), ((None, 512, 512, 64), 32), ((None, 0), 256)]
)
def test_fewer_examples_are_looked_at_where_each_has_many_outputs(shape, examples):
    layer = SimpleNamespace(output=SimpleNamespace(shape=shape))
    assert examples_for(SimpleNamespace(layers=[None, layer])) == examples


def test_figures_are_numpys():
    made, found = first_probe()
    for name, layer in found.items():
        outputs = outputs_of(made, name)
        assert layer.mean == pytest.approx(outputs.mean(), abs=1e-6)
        assert layer.std == pytest.approx(outputs.std(), rel=1e-4)
        expected, edges = np.histogram(outputs, 40)
        found_here = layer.activations
        assert (found_here.low, found_here.high, found_here.not_finite) == (pytest.approx(edges[0]), pytest.approx(edges[-1]), 0)
        assert found_here.counts.sum() == expected.sum() == outputs.size
        assert np.abs(np.cumsum(found_here.counts) - np.cumsum(expected)).max() <= 2
    squares = sum(np.sum(weight.numpy() ** 2) for weight in made.model.get_layer("first").trainable_weights)
    assert found["first"].weight_norm == pytest.approx(np.sqrt(squares), rel=1e-5)
    assert found["tanh"].weight_norm is None


def test_dead_and_saturated_units():
    made, found = first_probe()
    outputs = outputs_of(made, "first")
    dead = np.mean((outputs == 0).all(axis=0))
    assert 0 < dead < 1
    assert found["first"].dead == pytest.approx(dead)
    assert found["first"].saturated is None
    assert found["tanh"].saturated == pytest.approx(np.mean(np.abs(outputs_of(made, "tanh")) >= 0.9))
    assert found["tanh"].dead is None
    assert found["maxout"].dead is None
    output = outputs_of(made, "output")
    assert found["output"].saturated == pytest.approx(np.mean((output <= 0.05) | (output >= 0.95)))


def test_what_goes_into_the_non_linearity():
    made, found = first_probe()
    kernel, bias = (weight.numpy() for weight in made.model.get_layer("first").weights)
    sums = made.prepared.x_train @ kernel + bias
    assert found["first"].pre_activations.low == pytest.approx(sums.min(), rel=1e-5)
    assert found["first"].pre_activations.high == pytest.approx(sums.max(), rel=1e-5)
    assert found["first"].pre_activations.counts.sum() == sums.size
    assert found["tanh"].pre_activations.high == pytest.approx(outputs_of(made, "maxout").max(), rel=1e-5)
    assert found["norm"].pre_activations is None
    assert made.model.get_layer("first").activation.__name__ == "relu"


def test_looking_changes_nothing():
    straight = train(experiment(network, epochs=3))[0]
    looked = session(experiment(network, epochs=3))
    looked.train(lambda event: looked.prober.look({}), Control())
    assert all(np.array_equal(a, b) for a, b in zip(weights(straight.model), weights(looked.model), strict=True))


def test_the_update_is_that_of_a_step_taken():
    value = experiment(epochs=1, optimizer=SGD(learning_rate=0.1), last=Sigmoid())
    made, events = session(value, samples=8), []
    before = made.model.get_layer("first").get_weights()
    made.train(events.append, Control())
    after = made.model.get_layer("first").get_weights()
    change, length = (
        np.sqrt(sum(np.sum(part**2) for part in parts)) for parts in ([a - b for a, b in zip(after, before, strict=True)], before)
    )
    probe = [event for event in events if isinstance(event, Probed)][-1].layers[0]
    assert probe.update_ratio == pytest.approx(change / length, rel=1e-4)
    assert probe.gradient_norm * 0.1 == pytest.approx(change, rel=1e-4)


def test_the_surface_is_what_the_network_puts_out_on_the_view():
    value = experiment(epochs=2)
    made, events = train(value, data_for(value, view=True))
    surface = [event for event in events if isinstance(event, Probed)][-1].surface
    assert surface.shape == (6, 1)
    np.testing.assert_allclose(surface, made.predict(made.prepared.view.inputs))


@pytest.mark.parametrize("shape", [(256, 3), (256, 128), (256, 100, 10), (256, 28, 28, 32), (1, 40_000)])
def test_a_sample_looks_at_every_unit(shape):
    step, example = stride(shape), int(np.prod(shape[1:]))
    assert gcd(step, example) == 1
    assert int(np.prod(shape)) / step <= most_values
    if len(shape) == 2 and shape[0] > 1:
        assert set(np.arange(0, np.prod(shape), step) % shape[1]) == set(range(shape[1]))


@pytest.mark.parametrize("values", [[[3.0, 3.0]], [[1e9, 1e9]], [[0.0]], [[np.nan, np.inf]], [[np.nan, 1.0, 2.0]]])
def test_histograms_of_odd_values(values):
    row = np.asarray(histogram(tf.constant(values), 1))
    assert row[:40].sum() == np.isfinite(values).sum()
    assert row[40] < row[41]
    assert row[42] == np.size(values) - row[:40].sum()


def test_probes_take_a_small_share_of_the_time():
    value = experiment(epochs=1200)
    made, events = session(value, held=0), []
    look, spent = made.prober.look, []

    def timed_look(norms):
        began = time.perf_counter()
        found = look(norms)
        spent.append(time.perf_counter() - began)
        return found

    made.prober.look = timed_look
    ended = made.train(events.append, Control())
    assert len(spent) >= 3
    assert sum(spent[1:]) < 0.1 * ended.train_seconds
    assert losses(events).size == 3600
