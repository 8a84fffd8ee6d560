"""Looks on demand tell what Keras and NumPy tell, follow from the weights alone, and change nothing."""

import time
from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf

from models.data.prepared import View
from models.engine.attempts import seen_or_why
from models.engine.errors import EngineError, first_line
from models.engine.giving_up import Unwanted, as_long_as, go_on
from models.engine.looks import most_outputs, most_weights, strides
from models.engine.network import called
from models.engine.run import Run
from models.engine.session import Session
from models.experiment.activations import Relu, Sigmoid, Softmax, Tanh
from models.experiment.layers import (
    GRU,
    Activation,
    Add,
    BatchNormalization,
    Bidirectional,
    Conv1D,
    Conv2D,
    Conv3D,
    Dropout,
    Embedding,
    Flatten,
    LayerNormalization,
    Masking,
    Maxout,
    Reshape,
)
from models.experiment.losses import CategoricalHinge, Hinge, MeanSquaredError, SparseCategoricalCrossentropy
from models.telemetry.control import Control
from models.telemetry.events import Probed
from models.telemetry.wanted import Unseen, Wanted
from tests.models.engine.samples import blind_session, blind_train, data_for, dense, experiment, session, train, weights
from tests.sampling import seldom

pytestmark = pytest.mark.engine

everything = Wanted(frozenset({"first"}), frozenset({"first"}), predictions=True)


def inner(made, name, x):
    return keras.Model(made.model.input, made.model.get_layer(name).output).predict(x, verbose=0)


def look(made, wanted):
    with made.scope():
        return made.looker.look(wanted)


def units_of(made, layer, example=0):
    return look(made, Wanted(neurons=frozenset({layer}), example=example)).neurons[layer]


def weights_of(made, layer):
    return look(made, Wanted(weights=frozenset({layer}))).weights[layer]


def with_view(value, rows, columns):
    """Data with a plane of so many rows and columns; every position is fed as one of the examples."""
    data = data_for(value, samples=20, held=10)
    axes = np.linspace(-1, 1, columns, dtype=np.float32), np.linspace(-2, 2, rows, dtype=np.float32)
    inputs = np.resize(data.x_train, (rows * columns, 3))
    view = View("plane", ("x", "y"), axes, inputs, data.x_train, data.x_val, data.y_train, data.y_val)
    return type(data)(data.facts, data.target, data.x_train, data.y_train, data.x_val, data.y_val, view)


def test_nothing_is_looked_at_where_nothing_is_wanted():
    made = session(experiment())
    assert look(made, Wanted()) is None
    assert look(made, Wanted(example=3)) is None
    looks = look(made, Wanted(frozenset({"gone"}), frozenset({"gone"}), predictions=True))
    assert looks.neurons == looks.weights == {}


def test_units_over_a_plane_are_the_layers_outputs_there():
    value = experiment()
    made = session(value, with_view(value, rows=4, columns=3))
    neurons = units_of(made, "second")
    expected = inner(made, "second", made.prepared.view.inputs)
    assert (neurons.place, neurons.units, neurons.stride) == ("plane", 5, 1)
    np.testing.assert_allclose(neurons.outputs, expected.T.reshape(5, 4, 3), atol=1e-6)
    assert neurons.training_outputs is None
    assert (neurons.onward.layer, neurons.onward.receivers) == ("output", 1)
    np.testing.assert_array_equal(neurons.onward.kernel, made.model.get_layer("output").kernel.numpy())
    assert neurons.onward.sums is None


def with_curve(value):
    """Data with a curve of 50 positions, along which all features are alike."""
    data = data_for(value, "regression", samples=20, held=10)
    positions = np.linspace(-2, 2, 50, dtype=np.float32)
    inputs = np.repeat(positions[:, None], 3, axis=1)
    view = View("curve", ("x", "y"), (positions,), inputs, data.x_train, data.x_val, data.y_train[:, 0], data.y_val[:, 0])
    return type(data)(data.facts, data.target, data.x_train, data.y_train, data.x_val, data.y_val, view)


@pytest.mark.parametrize(
    ("between", "use_bias"),
    [
        ((), True),
        (("norm", "relu", "drop", "flat"), False),
        seldom((), False),
        seldom(("norm", "relu", "drop", "flat"), True),
    ],
    ids=str,
)
def test_over_one_feature_units_add_up_to_what_keras_applies_the_next_activation_to(between, use_bias):
    layers = {
        "norm": BatchNormalization(name="norm"), "relu": Activation(name="relu", activation=Relu()),
        "drop": Dropout(name="drop", rate=0.5), "flat": Flatten(name="flat"),
    }  # fmt: skip
    network = (dense(6, Tanh(), "first"), *map(layers.get, between), dense(4, Sigmoid(), "second", use_bias=use_bias))
    value = experiment(network, "regression", loss=MeanSquaredError(), epochs=5)
    made = blind_session(value, with_curve(value))
    made.train(lambda event: None, Control())
    onward = units_of(made, "first").onward
    kerass, x = made.model.get_layer("second"), made.prepared.view.inputs
    assert (onward.layer, onward.receivers) == ("second", 4)
    before = inner(made, between[-1] if between else "first", x)
    np.testing.assert_allclose(onward.arriving, before.T, atol=1e-6)
    kerass.activation = keras.activations.linear
    sums = keras.Sequential([kerass]).predict(before, verbose=0)
    np.testing.assert_allclose(onward.sums, sums.T, atol=1e-6)
    for receiver in range(4):
        np.testing.assert_allclose(onward.contributions(receiver), (before * kerass.kernel.numpy()[:, receiver]).T, atol=1e-6)
        added = onward.contributions(receiver).sum(axis=0) + onward.bias[receiver]
        np.testing.assert_allclose(added, sums[:, receiver], atol=1e-6)


def test_units_are_added_up_with_those_that_are_not_shown(monkeypatch):
    monkeypatch.setattr("models.engine.looks.most_units", 3)
    value = experiment((dense(6, Tanh(), "first"), dense(4, Tanh(), "second")), "regression", loss=MeanSquaredError())
    made = session(value, with_curve(value))
    onward = units_of(made, "first").onward
    kerass = made.model.get_layer("second")
    assert (onward.receivers, onward.kernel.shape, onward.arriving.shape) == (4, (3, 3), (3, 50))
    expected = inner(made, "first", made.prepared.view.inputs) @ kerass.kernel.numpy()[:, :3] + kerass.bias.numpy()[:3]
    np.testing.assert_allclose(onward.sums, expected.T, atol=1e-6)


@pytest.mark.parametrize(
    "behind",
    [
        (LayerNormalization(name="norm"),),
        (Activation(name="softmax", activation=Softmax()),),
        (dense(6, Tanh(), "second"), Add(name="add", inputs=("first", "second"))),
    ],
    ids=["normalized together", "softmax", "read twice"],
)
def test_units_that_are_mixed_or_read_twice_have_no_weight_of_their_own_in_the_next_sums(behind):
    value = experiment((dense(6, Tanh(), "first"), *behind), "regression", loss=MeanSquaredError())
    assert units_of(session(value, with_curve(value)), "first").onward is None


def test_channels_that_are_laid_out_in_other_rows_have_no_weight_of_their_own_in_the_next_sums():
    steps = Reshape(name="steps", target_shape=(3, 2)), dense(4, Tanh(), "first")
    assert units_of(session(experiment(steps), shape=(6,)), "first").onward.kernel.shape == (4, 1)
    assert units_of(session(experiment((*steps, Flatten(name="flat"))), shape=(6,)), "first").onward is None


def test_many_units_are_looked_at_on_a_coarser_grid_and_only_the_first_of_them():
    value = experiment((dense(300, Relu(), "first"),))
    made = session(value, with_view(value, rows=60, columns=60))
    neurons = units_of(made, "first")
    assert neurons.units == 300
    assert neurons.stride == 4
    assert neurons.outputs.shape == (256, 15, 15)
    assert neurons.outputs.size <= most_outputs
    whole = inner(made, "first", made.prepared.view.inputs).T.reshape(300, 60, 60)
    np.testing.assert_allclose(neurons.outputs, whole[:256, ::4, ::4], atol=1e-6)


def test_training_examples_are_followed_to_a_layer_of_two_units():
    value = experiment((dense(2, Relu(), "first"),))
    made = session(value, with_view(value, rows=2, columns=2))
    neurons = units_of(made, "first")
    np.testing.assert_allclose(neurons.training_outputs, inner(made, "first", made.prepared.x_train).T, atol=1e-6)
    assert neurons.training_rows.tolist() == list(range(20))


def images():
    network = (
        Conv2D(name="conv", filters=4, kernel_size=(3, 3)),
        Activation(name="relu", activation=Relu()),
        Flatten(name="flat"),
        dense(6, Relu(), "first"),
    )
    value = experiment(network, "multiclass", loss=SparseCategoricalCrossentropy())
    return session(value, task="multiclass", samples=20, held=10, shape=(6, 5, 1))


def test_feature_maps_are_those_of_the_validation_example_that_was_chosen():
    made = images()
    neurons = units_of(made, "conv", 7)
    expected = inner(made, "conv", made.prepared.x_val[7:8])[0]
    assert (neurons.place, neurons.example) == ("example", 7)
    np.testing.assert_allclose(neurons.outputs, np.moveaxis(expected, -1, 0), atol=1e-6)
    np.testing.assert_array_equal(neurons.weights["kernel"].values, made.model.get_layer("conv").kernel.numpy())
    assert neurons.onward is None
    flat = units_of(made, "first", 99)
    assert flat.example == 9
    np.testing.assert_allclose(flat.outputs, inner(made, "first", made.prepared.x_val[9:10])[0], atol=1e-6)


def test_feature_maps_of_volumes_are_those_of_the_example(monkeypatch):
    network = (Conv3D(name="conv", filters=4, kernel_size=(2, 2, 2)), Flatten(name="flat"))
    made = session(experiment(network), samples=20, held=10, shape=(5, 6, 4, 2))
    expected = np.moveaxis(inner(made, "conv", made.prepared.x_val[3:4])[0], -1, 0)
    neurons = units_of(made, "conv", 3)
    assert neurons.outputs.shape == (4, 4, 5, 3)
    np.testing.assert_allclose(neurons.outputs, expected, atol=1e-6)
    np.testing.assert_array_equal(neurons.weights["kernel"].values, made.model.get_layer("conv").kernel.numpy())
    monkeypatch.setattr("models.engine.looks.most_outputs", 100)
    thinned = units_of(made, "conv", 3)
    assert thinned.stride == 2
    np.testing.assert_allclose(thinned.outputs, expected[:, ::2, ::2, ::2], atol=1e-6)


@pytest.mark.parametrize(
    "layer",
    [Conv1D(name="steps", filters=4, kernel_size=3), GRU(name="steps", units=4, return_sequences=True)],
    ids=lambda layer: layer.kind(),
)
def test_units_over_the_steps_of_a_sequence_are_those_of_the_example(layer):
    network = (Embedding(name="vectors", input_dim=9, output_dim=3), layer, Flatten(name="flat"))
    data = data_for(experiment(), samples=20, held=10, shape=(7,))
    symbols = np.random.default_rng(1).integers(0, 9, (30, 7)).astype(np.float32)
    made = session(experiment(network), replace(data, x_train=symbols[:20], x_val=symbols[20:]))
    for name in ("vectors", "steps"):
        neurons = units_of(made, name, 2)
        np.testing.assert_allclose(neurons.outputs, inner(made, name, symbols[22:23])[0].T, atol=1e-6)


def test_weights_are_kerass_and_their_figures_are_numpys():
    made = session(experiment((dense(6, Relu(), "first"), BatchNormalization(name="norm"))))
    kernel = made.model.get_layer("first").kernel.numpy()
    found = weights_of(made, "first")
    assert list(found.arrays) == ["kernel", "bias"]
    array = found.arrays["kernel"]
    np.testing.assert_array_equal(array.values, kernel)
    assert array.shape == (3, 6)
    assert array.strides == (1, 1)
    assert (array.low, array.high) == (kernel.min(), kernel.max())
    assert (array.mean, array.std) == (pytest.approx(kernel.mean(), abs=1e-7), pytest.approx(kernel.std()))
    assert array.reach == np.abs(kernel).max()
    assert array.not_finite == 0
    assert set(weights_of(made, "norm").arrays) == {"gamma", "beta", "moving_mean", "moving_variance"}


def test_numbers_that_are_not_finite_are_counted_and_left_out_of_the_figures():
    made = session(experiment())
    kernel = made.model.get_layer("first").kernel
    kernel.assign(np.array([[np.nan, np.inf, 1, 2, 3, 4]] + [[0.0] * 6] * 2, dtype=np.float32))
    array = weights_of(made, "first").arrays["kernel"]
    assert array.not_finite == 2
    assert (array.low, array.high, array.mean) == (0, 4, pytest.approx(10 / 16))
    kernel.assign(np.full((3, 6), np.nan, dtype=np.float32))
    array = weights_of(made, "first").arrays["kernel"]
    assert (array.low, array.high, array.mean, array.std, array.not_finite) == (0, 0, 0, 0, 18)


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((64, 64), (1, 1)), ((10, 100_000), (1, 8)), ((3, 3, 512, 512), (1, 1, 5, 4)), ((300_000,), (3,)), ((), ())],
)
def test_the_longest_axes_of_large_weights_are_thinned(shape, expected):
    assert strides(shape) == expected
    assert np.prod([-(-length // step) for length, step in zip(shape, expected, strict=True)]) <= most_weights


def test_what_comes_into_a_maxout_layer_is_told():
    made = session(experiment((dense(4, Relu(), "first"), Maxout(name="maxout", units=2))))
    found = weights_of(made, "maxout")
    np.testing.assert_allclose(found.arriving, inner(made, "first", made.prepared.x_train), atol=1e-6)
    assert weights_of(made, "first").arriving is None


@pytest.mark.parametrize(("held", "part", "count"), [(10, "validation", 10), (0, "training", 20)])
def test_predictions_are_kerass_with_the_loss_of_each_example(held, part, count):
    made = session(experiment(), held=held)
    found = look(made, Wanted(predictions=True)).predictions
    x, y = (made.prepared.x_val, made.prepared.y_val) if held else (made.prepared.x_train, made.prepared.y_train)
    outputs = made.model.predict(x, verbose=0)
    assert (found.part, found.examples, found.rows.tolist()) == (part, count, list(range(count)))
    np.testing.assert_allclose(found.outputs, outputs, atol=1e-6)
    expected = -(y * np.log(outputs) + (1 - y) * np.log(1 - outputs))[:, 0]
    np.testing.assert_allclose(found.losses, expected, rtol=1e-4)


def test_answers_are_for_the_examples_of_both_parts():
    value = experiment()
    made = session(value, with_view(value, rows=2, columns=2))
    found = look(made, Wanted(answers=True)).answers
    assert (found.training_rows.tolist(), found.validation_rows.tolist()) == (list(range(20)), list(range(10)))
    np.testing.assert_allclose(found.training, made.model.predict(made.prepared.x_train, verbose=0), atol=1e-6)
    np.testing.assert_allclose(found.validation, made.model.predict(made.prepared.x_val, verbose=0), atol=1e-6)
    assert look(session(value), Wanted(answers=True)).answers is None


def test_the_losses_mean_is_what_keras_evaluates():
    made = images()
    found = look(made, Wanted(predictions=True)).predictions
    assert found.losses.shape == (10,)
    assert found.losses.mean() == pytest.approx(made.evaluate()["val_loss"], rel=1e-5)


def test_of_many_examples_an_even_selection_is_predicted(monkeypatch):
    monkeypatch.setattr("models.engine.looks.most_predicted", 40)
    made = session(experiment(), samples=200)
    found = look(made, Wanted(predictions=True)).predictions
    assert (found.examples, len(found.rows)) == (200, 40)
    assert (found.rows[0], found.rows[-1]) == (0, 199)
    np.testing.assert_allclose(found.outputs, made.model.predict(made.prepared.x_train[found.rows], verbose=0), atol=1e-6)


def test_a_look_follows_from_the_weights_that_are_in_the_network():
    made = blind_session(experiment(epochs=2))
    before = look(made, everything)
    first = made.state.read()
    made.train(lambda event: None, Control())
    after = look(made, everything)
    assert not np.array_equal(before.neurons["first"].outputs, after.neurons["first"].outputs)
    with made.scope():
        made.state.write(first)
    again = look(made, everything)
    np.testing.assert_array_equal(again.neurons["first"].outputs, before.neurons["first"].outputs)
    np.testing.assert_array_equal(again.predictions.losses, before.predictions.losses)
    np.testing.assert_array_equal(again.weights["first"].arrays["kernel"].values, before.weights["first"].arrays["kernel"].values)


def test_looking_changes_nothing():
    value = experiment((dense(6, Relu(), "first"), Dropout(name="drop", rate=0.5)), epochs=3)
    straight = blind_train(value)[0]
    looked = blind_session(value)
    looked.train(lambda event: looked.looker.look(everything), Control())
    assert all(np.array_equal(a, b) for a, b in zip(weights(straight.model), weights(looked.model), strict=True))


def test_probes_bring_what_is_wanted_and_a_wish_is_granted_at_once():
    made, control, events = session(experiment(epochs=400)), Control(), []

    def emit(event):
        events.append(event)
        if isinstance(event, Probed) and event.step == 0:
            control.want(everything)

    made.train(emit, control)
    probes = [event for event in events if isinstance(event, Probed)]
    assert probes[0].looks is None
    assert probes[1].step < 10
    assert probes[1].looks.wanted == everything
    assert probes[-1].looks.predictions is not None


def test_every_loss_tells_one_number_for_an_example():
    for task, loss in (("binary", Hinge()), ("multiclass", CategoricalHinge()), ("regression", MeanSquaredError())):
        value = experiment(task=task, loss=loss)
        made = Session(value, data_for(value, task, held=6), "cpu")
        assert look(made, Wanted(predictions=True)).predictions.losses.shape == (6,)


def test_the_first_look_at_something_new_does_not_keep_the_next_ones_away():
    """It traces what it looks with, which takes long, and only once."""
    made, control = session(experiment()), Control()
    run = Run(made, lambda event: None, control, 1, lambda: None, largest_state=0)
    look, seen = made.looker.look, set()

    def slow_at_first(wanted):
        time.sleep(0 if wanted in seen else 0.3)
        seen.add(wanted)
        return look(wanted)

    made.looker.look = slow_at_first
    with made.scope():
        run._compile()
        control.want(everything)
        run._probe()
    assert seen == {Wanted(), everything}
    assert run._costs[-1] < 0.3


def masked(*network):
    """What is seen of the units of each layer behind a Masking, for a sequence of which steps 1, 4 and 5 are padding."""
    value = experiment((Masking(name="masking"), *network, GRU(name="end", units=2)))
    data = data_for(value, samples=8, held=4, shape=(6, 3))
    data.x_val[1, [1, 4, 5]] = 0
    made = session(value, data)
    return look(made, Wanted(neurons=frozenset(layer.name for layer in value.network), example=1)).neurons


def test_steps_that_the_mask_passes_over_are_told_as_the_layer_got_them():
    found = masked(
        GRU(name="gru", units=4, return_sequences=True),
        dense(3, Tanh(), "dense"),
        Bidirectional(name="both", layer=GRU(name="in", units=2, return_sequences=True)),
        GRU(name="back", units=4, return_sequences=True, go_backwards=True),
    )
    for name in ("masking", "gru", "dense", "both"):
        assert found[name].passed_over.tolist() == [False, True, False, False, True, True]
    # What was not passed over is what changes from one step to the next.
    assert (np.diff(found["gru"].outputs) == 0).all(axis=0).tolist() == [True, False, False, True, True]
    assert found["back"].passed_over.tolist() == [True, True, False, False, True, False]
    assert (np.diff(found["back"].outputs) == 0).all(axis=0).tolist() == [True, False, False, True, False]
    assert found["end"].passed_over is None


@pytest.mark.filterwarnings("ignore:Layer 'conv'")
def test_where_no_mask_arrives_no_step_is_passed_over():
    found = masked(Conv1D(name="conv", filters=2, kernel_size=1))
    assert found["masking"].passed_over.sum() == 3
    assert found["conv"].passed_over is None


def deep():
    """A session with recurrent layers, a branch and a mask among them."""
    gru = GRU(name="gru", units=3, return_sequences=True)
    value = experiment((Masking(name="masking"), gru, Add(name="add", inputs=("gru", "masking")), GRU(name="end", units=2)))
    data = data_for(value, samples=8, held=4, shape=(6, 3))
    data.x_val[1, 4:] = 0
    return session(value, data), value


def test_a_recurrent_network_is_traced_layer_by_layer_and_once(monkeypatch):
    """The way to each layer took as long to trace as all layers before it together."""
    traced = []

    def noted(layer, *given, **options):
        traced.append(layer.name)
        return called(layer, *given, **options)

    monkeypatch.setattr("models.engine.passages.called", noted)
    made, value = deep()
    names = [layer.name for layer in value.network]
    for name in names:
        np.testing.assert_allclose(units_of(made, name, 1).outputs.T, inner(made, name, made.prepared.x_val)[1], atol=1e-6)
    found = look(made, Wanted(predictions=True)).predictions
    assert traced == names
    y = made.prepared.y_val.reshape(-1)
    expected = -np.log(np.where(y == 1, found.outputs[:, 0], 1 - found.outputs[:, 0]))
    np.testing.assert_allclose(found.losses, expected, atol=1e-5)


def test_looks_that_would_take_long_are_got_ready_one_by_one(monkeypatch):
    made, value = deep()
    with made.scope():
        assert [made.looker.get_ready() for _ in range(6)] == [True] * 5 + [False]
    monkeypatch.setattr("models.engine.compiled.Compiled.trace", lambda self: self._graph or pytest.fail("traced"))
    for layer in value.network:
        units_of(made, layer.name)
    plain = session(experiment())
    with plain.scope():
        assert not plain.looker.get_ready()


def test_the_loss_of_an_example_leaves_out_what_a_mask_passes_over():
    made, y = session(experiment(loss=MeanSquaredError())), np.zeros((2, 3, 1), np.float32)
    outputs, mask = tf.constant([[[1.0], [2.0], [5.0]]] * 2), tf.constant([[True, True, False], [True, True, True]])
    losses = made.looker._loss_of_each(outputs, tf.constant(y), mask).numpy()
    assert losses[0] / losses[1] == pytest.approx(5 / 30)


def refuse(*args, **options):
    raise ValueError("It has three sides.\nMore of that.")


def exhaust(*args, **options):
    raise MemoryError


def test_what_cannot_be_looked_at_is_answered_with_the_reason_and_the_rest_is_seen(monkeypatch):
    made = session(experiment())
    monkeypatch.setattr(made.looker, "_of_example", refuse)
    monkeypatch.setattr(made.looker, "_judged", exhaust)
    found = look(made, everything)
    why = "The units of first cannot be shown: It has three sides. Training is not touched by that. Try another layer or step."
    assert found.neurons == {"first": Unseen(why)}
    assert "kernel" in found.weights["first"].arrays
    why = "Predictions cannot be shown: there is no memory left for that. Close other panels, or use a smaller network."
    assert found.predictions == Unseen(why)


@pytest.mark.parametrize("broken", ["models.engine.probe.through", "models.engine.session.Session.predict"])
def test_a_run_goes_on_where_looks_inside_fail(monkeypatch, broken):
    monkeypatch.setattr(broken, refuse)
    value = experiment(epochs=2)
    made, events = train(value, data_for(value, view=True))
    assert (events[-1].ending, made.step) == ("finished", made.total_steps)
    seen = [event for event in events if isinstance(event, Probed)]
    of_layers = "through" in broken
    for event in seen:
        assert bool(event.layers) != of_layers
        assert (event.surface is None) != of_layers
        assert ("first cannot be looked into (It has three sides)" in event.unseen) == of_layers
        assert ("It has three sides" in event.surface_unseen) != of_layers


def test_a_run_goes_on_where_its_steps_cannot_be_measured(monkeypatch):
    monkeypatch.setattr("models.engine.probe.Prober.note_step", exhaust)
    _, events = train(experiment(epochs=2))
    assert events[-1].ending == "finished"
    last = [event for event in events if isinstance(event, Probed)][-1]
    assert last.layers
    assert {layer.updates for layer in last.layers} == {None}


def test_of_an_error_that_keras_wraps_the_reason_is_told():
    layer = keras.layers.Lambda(lambda x: np.zeros(2) @ np.zeros(3))
    with pytest.raises(Exception, match="Exception encountered") as caught:
        layer(np.ones((1, 3), np.float32))
    assert first_line(caught.value).startswith("matmul: Input operand 1 has a mismatch")


def test_why_keras_cannot_build_a_network_is_told(monkeypatch):
    wrapped = ValueError("Exception encountered when calling RNN.call().\n\n\x1b[1mNo such thing.\x1b[0m\n\nArguments received")

    def fails(*given):
        raise wrapped

    monkeypatch.setattr("models.engine.network.build", fails)
    with pytest.raises(EngineError) as caught:
        session(experiment())
    assert caught.value.sentence == "Keras cannot build this network: No such thing."


def test_what_is_wanted_no_more_ends_although_looks_may_fail():
    with as_long_as(lambda: False), pytest.raises(Unwanted):
        seen_or_why("Nothing", go_on)
