"""Networks that branch are trained as ``model.fit`` trains them, looked into, saved and exported like any other."""

import dataclasses
import runpy

import keras
import numpy as np
import pytest
from msgspec.structs import replace

from models.engine.export import export_script, script_text
from models.engine.formats import write_keras
from models.engine.network import build
from models.experiment.activations import Relu, Tanh
from models.experiment.initializers import Ones
from models.experiment.layers import (
    Add,
    Attention,
    BatchNormalization,
    Concatenate,
    Conv2D,
    Dense,
    Flatten,
    GlobalAveragePooling1D,
    LayerNormalization,
    Maxout,
    MaxPooling2D,
    MultiHeadAttention,
    Normalization,
    Subtract,
)
from models.experiment.optimizers import Adam
from models.experiment.regularizers import L2
from models.telemetry.control import Control
from tests.models.engine.samples import blind_session, blind_train, data_for, epochs, experiment, fit, session, weights
from tests.sampling import sampled

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("as_written")]

residual = (
    Dense(name="first", units=6, activation=Tanh()),
    Maxout(name="inner", units=6, kernel_regularizer=L2(l2=0.01)),
    Dense(name="outer", units=6, use_bias=False),
    Add(name="sum", inputs=("outer", "first")),
    BatchNormalization(name="norm", momentum=0.8),
)
inception = (
    Conv2D(name="one", filters=3, kernel_size=(1, 1), activation=Relu()),
    Conv2D(name="reduced", filters=2, kernel_size=(1, 1), inputs=("input",)),
    Conv2D(name="three", filters=4, kernel_size=(3, 3), padding="same", activation=Tanh()),
    MaxPooling2D(name="pooled", pool_size=(3, 3), strides=(1, 1), padding="same", inputs=("input",)),
    Concatenate(name="together", inputs=("one", "three", "pooled")),
    Flatten(name="flat"),
)
attention = (
    Dense(name="embedded", units=4),
    LayerNormalization(name="norm"),
    MultiHeadAttention(name="heads", num_heads=2, key_dim=3, dropout=0.2, use_causal_mask=True, activity_regularizer=L2(l2=0.01)),
    Add(name="sum", inputs=("embedded", "heads")),
    Attention(name="look-back", inputs=("sum", "embedded"), use_scale=True, use_causal_mask=True),
    GlobalAveragePooling1D(name="mean"),
)
networks = {"residual": (residual, (3,)), "inception": (inception, (5, 5, 2)), "attention": (attention, (5, 3))}
by_name = pytest.mark.parametrize("name", networks)
attention_always = pytest.mark.parametrize("name", sampled(networks, "attention"))


def case(network, shape):
    value = experiment(network, epochs=2, optimizer=Adam(learning_rate=0.01))
    return value, data_for(value, samples=36, held=7, shape=shape)


def assert_equals_fit(name, compilation, tolerance):
    network, shape = networks[name]
    value, prepared = case(network, shape)
    trained, events = blind_session(value, prepared, compilation=compilation), []
    ended = trained.train(events.append, Control())
    assert (ended.ending, trained.step, trained.stepper.compilation) == ("finished", 10, compilation), ended.sentence
    model, history = fit(value, prepared)
    for ours, theirs in zip(weights(trained.model), weights(model), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=tolerance, atol=tolerance)
    for figure, theirs in history.items():
        np.testing.assert_allclose([told[figure] for told in epochs(events)], theirs, rtol=10 * tolerance, err_msg=figure)
    assert all((told.get("penalty", 0) > 0) == (name != "inception") for told in epochs(events))


@attention_always
def test_the_plain_graph_equals_fit(name):
    assert_equals_fit(name, "graph", 1e-6)


@pytest.mark.exhaustive
@pytest.mark.parametrize("name", ["residual", "attention"])  # XLA is left out where there are convolutions on the processor
def test_xla_equals_fit(name):
    assert_equals_fit(name, "xla", 1e-5)


@pytest.mark.parametrize("name", sampled(networks, "residual"))
def test_the_script_makes_the_same_weights_and_trains_them_alike(name, tmp_path):
    value, prepared = case(*networks[name])
    export_script(value, prepared, tmp_path / "network.py")
    found = runpy.run_path(str(tmp_path / "network.py"))
    trained, _ = blind_train(value, prepared)
    for ours, theirs in zip(weights(trained.model), weights(found["model"]), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)


def test_the_script_gives_a_name_to_what_several_layers_read():
    value, prepared = case(*networks["attention"])
    text = script_text(value, prepared)
    assert 'embedded = keras.layers.Dense(units=4, name="embedded")(inputs)' in text
    assert 'x = keras.layers.LayerNormalization(name="norm")(embedded)' in text
    assert ")(x, x, use_causal_mask=True)" in text
    assert 'sum = keras.layers.Add(name="sum")([embedded, x])' not in text
    assert 'x = keras.layers.Add(name="sum")([embedded, x])' in text
    assert "([x, embedded], use_causal_mask=True)" in text


def test_names_of_layers_do_not_clash_with_those_of_the_script():
    network = (
        Dense(name="keras", units=3),
        Dense(name="x", units=3),
        Dense(name="1-class", units=3),
        Add(name="lambda", inputs=("keras", "x", "1-class")),
        Subtract(name="model", inputs=("lambda", "keras")),
    )
    value, prepared = case(network, (3,))
    text = script_text(value, prepared)
    compile(text, "script", "exec")
    assert "keras_ = keras.layers.Dense" in text
    assert "([keras_, x_, x])" in text


@attention_always
def test_a_saved_network_is_opened_with_all_that_was_said_when_it_was_called(name, tmp_path):
    value, prepared = case(*networks[name])
    made = session(value, prepared)
    write_keras(made.model, tmp_path / "initial.keras")
    opened = keras.models.load_model(tmp_path / "initial.keras")
    np.testing.assert_allclose(opened.predict(prepared.x_train, verbose=0), made.model(prepared.x_train), atol=1e-6)


def test_under_a_causal_mask_no_step_sees_a_later_one():
    network = (*attention[:4], Flatten(name="flat"))
    value, prepared = case(network, (5, 3))
    model = build(value, prepared.facts)
    steps = keras.Model(model.input, model.get_layer("sum").output)
    changed = prepared.x_train.copy()
    changed[:, 3:] += 1
    before, after = np.asarray(steps(prepared.x_train)), np.asarray(steps(changed))
    np.testing.assert_allclose(before[:, :3], after[:, :3], atol=1e-6)
    assert np.abs(before[:, 3:] - after[:, 3:]).max() > 0.01


@attention_always
def test_probes_see_what_each_layer_puts_out(name):
    value, prepared = case(*networks[name])
    made = session(value, prepared)
    probes = {probe.name: probe for probe in made.prober.look({})}
    assert list(probes) == [layer.name for layer in value.network if layer.name in probes]
    for layer, probe in probes.items():
        outputs = keras.Model(made.model.input, made.model.get_layer(layer).output)(prepared.x_train)
        assert probe.mean == pytest.approx(float(np.mean(outputs)), abs=1e-5)
        assert probe.std == pytest.approx(float(np.std(outputs)), abs=1e-5)


def test_a_normalization_in_a_branch_takes_its_means_from_what_it_reads():
    branch = (
        Dense(name="ones", units=3, kernel_initializer=Ones()),
        Normalization(name="scaled", inputs=("input",)),
        Add(name="sum", inputs=("ones", "scaled")),
    )
    value, prepared = case(branch, (3,))
    prepared = dataclasses.replace(prepared, x_train=prepared.x_train * 3 + 1)
    model = session(value, prepared).model
    np.testing.assert_allclose(np.ravel(model.get_layer("scaled").mean), prepared.x_train.mean(axis=0), rtol=1e-5)


def test_a_branch_without_a_name_of_its_own_is_the_layer_before():
    plain = (Dense(name="a", units=3), Dense(name="b", units=3))
    named = (plain[0], replace(plain[1], inputs=("a",)))
    one, other = (session(*case(network, (3,))).model for network in (plain, named))
    for ours, theirs in zip(weights(one), weights(other), strict=True):
        np.testing.assert_array_equal(ours, theirs)
