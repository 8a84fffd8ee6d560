"""Probes measure what NumPy measures, and take little time."""

import time
from math import gcd
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf

from models.engine import session as session_module
from models.engine.probe import examples_for
from models.engine.spread import histograms, most_values, stride, width
from models.experiment.activations import LeakyRelu, Linear, Relu, Sigmoid, Softmax, Tanh
from models.experiment.initializers import Constant, RandomNormal
from models.experiment.layers import (
    GRU,
    LSTM,
    Activation,
    BatchNormalization,
    Bidirectional,
    Conv2D,
    Conv2DTranspose,
    Dense,
    DepthwiseConv2D,
    Dropout,
    Flatten,
    Maxout,
    MultiHeadAttention,
    PReLU,
    Reshape,
    SeparableConv2D,
    SpectralNormalization,
    TimeDistributed,
)
from models.experiment.optimizers import SGD
from models.telemetry.control import Control
from models.telemetry.events import Probed, StepsTaken
from tests.models.engine.samples import blind_train, data_for, dense, experiment, losses, session, train, weights
from tests.sampling import seldom

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


def set_weights(made, name, **arrays):
    """Give the weights of a layer these values."""
    for weight in made.model.get_layer(name).weights:
        if weight.name in arrays:
            weight.assign(np.asarray(arrays[weight.name], np.float32))


def looked(made, name):
    return next(layer for layer in made.prober.look({}) if layer.name == name)


def one_signed(values, axis=0):
    """Share of columns that are never of both signs, and not always 0."""
    least, greatest = values.min(axis=axis), values.max(axis=axis)
    return np.mean(((least >= 0) & (greatest > 0)) | ((greatest <= 0) & (least < 0)))


def doubled(sums):
    """Share of units that have the sums of another one, all compared with all."""
    same = [[np.abs(a - b).max() <= 1e-5 * np.sqrt(np.mean(a**2)) for b in sums.T] for a in sums.T]
    return np.mean(np.sum(same, axis=1) > 1)


def assert_spread(found, values):
    """That a histogram is NumPy's, of values that are all finite."""
    values = np.asarray(values, np.float64).ravel()
    counts, edges = np.histogram(values, 40)
    assert (found.low, found.high) == pytest.approx((edges[0], edges[-1]), rel=1e-6)
    assert np.array_equal(found.counts, counts)
    assert found.not_finite == 0


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
        assert_spread(layer.activations, outputs)
        exact = outputs.astype(np.float64)
        assert layer.mean == pytest.approx(exact.mean(), abs=1e-6)
        assert layer.std == pytest.approx(exact.std(), abs=1e-6)
        spread, size = exact.std(axis=0), np.sqrt(np.mean(exact**2, axis=0))
        assert layer.near_constant == pytest.approx(np.mean(spread <= 0.01 * size), abs=1e-6)
    assert 0 < found["first"].near_constant < 1
    kernel, bias = (weight.numpy() for weight in made.model.get_layer("first").weights)
    assert found["first"].weight_norm == pytest.approx(np.sqrt(np.sum(kernel**2) + np.sum(bias**2)), abs=1e-6)
    assert_spread(found["first"].weights, np.concatenate([kernel.ravel(), bias]))
    assert found["tanh"].weight_norm is found["tanh"].weights is None


def test_dead_and_saturated_units():
    made, found = first_probe()
    outputs = outputs_of(made, "first")
    dead = np.mean((outputs == 0).all(axis=0))
    assert 0 < dead < 1
    assert found["first"].dead == pytest.approx(dead)
    assert found["first"].saturated == pytest.approx(np.mean(outputs == 0))
    assert found["tanh"].saturated == pytest.approx(np.mean(1 - outputs_of(made, "tanh") ** 2 < 0.05))
    assert found["tanh"].dead is found["norm"].dead is found["norm"].saturated is None
    assert found["maxout"].dead is None
    output = outputs_of(made, "output")
    assert found["output"].saturated == pytest.approx(np.mean(output * (1 - output) < 0.05))


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


def test_signals_and_signs_are_numpys():
    value = experiment((dense(6, Relu(), "relu"), dense(5, Tanh(), "tanh"), dense(4, Linear(), "linear")))
    made, found = first_probe(value, samples=60)
    signals = {name: outputs_of(made, name).astype(np.float64) for name in found}
    x = made.prepared.x_train.astype(np.float64)
    x[:, 0] = made.prepared.x_train[:, 0] = np.abs(x[:, 0])
    made = session(value, made.prepared)
    found = {layer.name: layer for layer in made.prober.look({})}
    signals = {"input": x} | {name: outputs_of(made, name).astype(np.float64) for name in found}
    for before, name in zip(list(signals)[:-1], found, strict=True):
        assert found[name].forward_gain == pytest.approx(signals[name].std() / signals[before].std(), abs=1e-6)
        assert found[name].one_signed_inputs == pytest.approx(one_signed(signals[before]), abs=1e-6)
    assert found["relu"].one_signed_inputs == pytest.approx(1 / 3)


def test_known_units():
    """A layer made by hand: what each unit does is known."""
    value = experiment((dense(5, Relu(), "relu"), dense(4, Sigmoid(), "sigmoid")))
    made = session(value, samples=50)
    kernel = np.array([[1, 1, 0, 0.5, 0], [0, 0, 1, 0.2, 0], [0.5, 0.5, 0, 0, 0]])
    set_weights(made, "relu", kernel=kernel, bias=[0, 0, 0, -100, 3])
    set_weights(made, "sigmoid", kernel=np.array([[0, 900, 0.1, 0.1]] * 5), bias=[20, -4, 0, 0])
    relu, sigmoid = looked(made, "relu"), looked(made, "sigmoid")
    assert relu.dead == pytest.approx(1 / 5)
    assert relu.duplicates == pytest.approx(2 / 5)
    assert relu.near_constant == pytest.approx(2 / 5)
    sums = np.maximum(made.prepared.x_train @ kernel + [0, 0, 0, -100, 3], 0).sum(axis=1)
    flat = [np.ones(50, bool), np.abs(900 * sums - 4) > 2.9, np.abs(0.1 * sums) > 2.9, np.abs(0.1 * sums) > 2.9]
    assert sigmoid.saturated == pytest.approx(np.mean(flat), abs=1e-6)
    assert sigmoid.near_constant >= 1 / 4
    assert sigmoid.duplicates == pytest.approx(2 / 4)


def test_units_that_start_alike_are_all_doubled():
    for initializer, expected in ((Constant(value=0.3), 1.0), (Constant(value=0.0), 1.0), (RandomNormal(), 0.0)):
        value = experiment((dense(7, Tanh(), "first", kernel_initializer=initializer),))
        assert first_probe(value)[1]["first"].duplicates == expected


def test_doubles_are_found_among_many():
    value = experiment((dense(300, Tanh(), "first"),))
    made = session(value, samples=400)
    kernel = made.model.get_layer("first").kernel.numpy()
    kernel[:, 250:] = kernel[:, :50]
    kernel[0, 299] += 0.01
    kernel[:, 100] *= 1e9  # beside it the others are all small
    set_weights(made, "first", kernel=kernel)
    sums = made.prepared.x_train[:256] @ kernel
    assert looked(made, "first").duplicates == pytest.approx(doubled(sums)) == pytest.approx(98 / 300)


def test_what_is_not_finite_is_counted_and_not_binned():
    made = session(experiment((dense(4, Tanh(), "first"), dense(4, Relu(), "second"))), samples=20)
    kernel = made.model.get_layer("first").kernel.numpy()
    kernel[1, 2], kernel[0, 3] = np.nan, np.inf
    set_weights(made, "first", kernel=kernel)
    first, second = looked(made, "first"), looked(made, "second")
    assert (first.weights.not_finite, first.weights.counts.sum()) == (2, 14)
    assert (first.pre_activations.not_finite, first.pre_activations.counts.sum()) == (40, 40)
    assert (first.activations.not_finite, first.activations.counts.sum()) == (20, 60)  # tanh makes ±1 of what is infinite
    assert np.isfinite([first.weights.low, first.weights.high]).all()
    assert np.isnan(first.mean)
    assert (second.activations.not_finite, second.activations.counts.sum()) == (80, 0)
    assert second.dead == 0


def test_units_that_are_no_numbers_hide_no_doubles():
    made = session(experiment((dense(60, Relu(), "first"),)), samples=20)
    kernel = np.random.default_rng(1).normal(size=(3, 60))
    kernel[:, ::3] = np.nan
    kernel[0, 2::9] = np.inf
    kernel[:, 1::6] = kernel[:, [1]]
    set_weights(made, "first", kernel=kernel)
    assert looked(made, "first").duplicates == pytest.approx(10 / 60)


@pytest.mark.parametrize("scale", [1e-25, 1e25])
def test_numbers_whose_squares_do_not_fit_into_32_bits(scale):
    made = session(experiment((dense(6, Linear(), "first"),)), samples=20)
    kernel = (np.random.default_rng(1).normal(size=(3, 6)) * scale).astype(np.float32)
    set_weights(made, "first", kernel=kernel)
    found, outputs = looked(made, "first"), outputs_of(made, "first").astype(np.float64)
    arriving = made.prepared.x_train.astype(np.float64)
    assert found.mean == pytest.approx(outputs.mean(), rel=1e-5)
    assert found.std == pytest.approx(outputs.std(), rel=1e-6)
    assert found.forward_gain == pytest.approx(outputs.std() / arriving.std(), rel=1e-6)
    assert found.weight_norm == pytest.approx(np.linalg.norm(kernel.astype(np.float64)), rel=1e-6)
    assert (found.near_constant, found.duplicates) == (0, 0)
    gradients = [tf.constant(kernel), *(tf.zeros(weight.shape) for weight in made.model.trainable_variables[1:])]
    spread = made.stepper.step.spread(gradients).numpy()
    numbers = np.concatenate([kernel.ravel(), np.zeros(6)])
    assert spread[0, width] == pytest.approx(numbers.astype(np.float64).std(), rel=1e-6)


def test_figures_of_many_numbers_are_numpys():
    """Sums of hundreds of thousands of numbers far from 0 lose digits in 32 bits."""
    network = (Conv2D(name="conv", filters=2, kernel_size=(1, 1)), Flatten(name="flat"))
    made = session(experiment(network), samples=64, shape=(48, 48, 1))
    set_weights(made, "conv", bias=[3.0, 4.0])
    found, outputs = looked(made, "conv"), outputs_of(made, "conv").astype(np.float64)
    assert found.mean == pytest.approx(outputs.mean(), rel=1e-7)
    assert found.std == pytest.approx(outputs.std(), rel=1e-7)


def backpropagated(made, batch):
    """Gradients of a network of two tanh layers and a sigmoid for the mean binary cross-entropy, in 64 bits, by hand."""
    arrays = [weight.numpy().astype(np.float64) for weight in made.model.trainable_variables]
    signals = [made.prepared.x_train[batch].astype(np.float64)]
    for place in (0, 2, 4):
        sums = signals[-1] @ arrays[place] + arrays[place + 1]
        signals.append(np.tanh(sums) if place < 4 else 1 / (1 + np.exp(-sums)))
    error = (signals[-1] - made.prepared.y_train[batch]) / len(batch)
    found = []
    for place in (4, 2, 0):
        before = signals[place // 2]
        found.append((before.T @ error, error.sum(axis=0)))
        error = (error @ arrays[place].T) * (1 - before**2)
    return found[::-1]


@pytest.mark.parametrize("compilation", [seldom("graph"), "xla"])
def test_gradients_and_updates_are_numpys(compilation):
    value = experiment(epochs=1, optimizer=SGD(learning_rate=0.1), last=Sigmoid())
    made = session(value, samples=20, compilation=compilation)
    made.train(lambda _: None, Control())  # compiles what is asked for
    made.restart()
    made.stepper.compile(100)
    before = made.prober.weights()
    plan = made.batches.plan(0, 1, 0.1)
    gradients = backpropagated(made, np.arange(8))
    steps = made.stepper.take(plan, watched=True)
    made.prober.note_step(before, steps.gradients)
    probes = made.prober.look(steps.gradient_norms)
    flat = [np.concatenate([kernel.ravel(), bias]) for kernel, bias in gradients]
    for place, (probe, gradient) in enumerate(zip(probes, flat, strict=True)):
        assert probe.gradient_std == pytest.approx(gradient.std(), abs=1e-6)
        assert probe.gradients.low == pytest.approx(gradient.min(), abs=1e-6)
        assert probe.gradients.high == pytest.approx(gradient.max(), abs=1e-6)
        assert (probe.gradients.counts.sum(), probe.gradients.not_finite) == (gradient.size, 0)
        assert probe.one_signed_gradients == pytest.approx(one_signed(gradients[place][0]), abs=1e-6)
        old = np.concatenate([before[2 * place].numpy().ravel(), before[2 * place + 1].numpy()]).astype(np.float64)
        new = np.concatenate([weight.numpy().ravel() for weight in made.model.trainable_variables[2 * place : 2 * place + 2]])
        assert_spread(probe.updates, (new - old.astype(np.float32)))
        assert probe.updates.low == pytest.approx(-0.1 * gradient.max(), abs=1e-6)
        assert probe.update_ratio == pytest.approx(0.1 * np.linalg.norm(gradient) / np.linalg.norm(old), abs=1e-6)
        behind = flat[place + 1].std() if place < 2 else None
        expected = None if behind is None else pytest.approx(gradient.std() / behind, rel=1e-5)
        assert probe.backward_gain == expected


@pytest.mark.parametrize("compilation", ["graph", seldom("xla")])
def test_a_watched_step_is_the_step_that_is_taken_otherwise(compilation):
    value = experiment((dense(5, Relu(), "first"), Dropout(name="drop", rate=0.3), BatchNormalization(name="norm")), epochs=1)
    ends = []
    for watched in (True, False):
        made = session(value, samples=16, compilation=compilation)
        made.train(lambda _: None, Control())
        made.restart()
        made.stepper.compile(100)
        for step in range(4):
            plan = made.batches.plan(step, 1, 0.1)
            steps = made.stepper.take(plan, watched=watched)
            assert (steps.gradients is not None) == watched
        ends.append(weights(made.model))
    assert all(np.array_equal(one, other) for one, other in zip(*ends, strict=True))


@pytest.mark.parametrize("compilation", ["graph", seldom("xla")])
def test_a_run_that_is_held_shows_the_step_to_come_and_goes_on_as_if_nobody_had_looked(compilation):
    value = experiment((dense(5, Relu(), "first"), Dropout(name="drop", rate=0.3), BatchNormalization(name="norm")), epochs=9)
    straight, _ = train(value, compilation=compilation)
    held, events, control = session(value, compilation=compilation), [], Control()

    def stop(event):
        events.append(event)
        if isinstance(event, StepsTaken) and event.last_step >= 3:
            control.stop()

    held.train(stop, control)
    assert 3 <= held.step < straight.step
    probes = {layer.name: layer for layer in [event for event in events if isinstance(event, Probed)][-1].layers}
    present = held.state.read()
    steps = held.stepper.take(held.batches.plan(held.step, 1, 0.1), watched=True)
    held.state.write(present)
    assert [probes[name].gradient_std for name in held.stepper.step.layers] == steps.gradients[:, 43].tolist()
    assert probes["first"].gradient_norm == steps.gradient_norms["first"][0]
    held.train(events.append, Control())
    assert all(np.array_equal(a, b) for a, b in zip(weights(straight.model), weights(held.model), strict=True))


@pytest.mark.parametrize("precision", [seldom("mixed_bfloat16"), "mixed_float16"])
def test_gradients_in_half_precision_are_not_those_of_the_scaled_loss(precision, monkeypatch):
    monkeypatch.setattr(session_module, "precisions", lambda device: ("float32", precision))
    found = []
    for numbers in ("float32", precision):
        value = experiment(epochs=1, optimizer=SGD(learning_rate=0.1), precision=numbers)
        _, events = train(value, samples=8)
        found.append([event for event in events if isinstance(event, Probed)][-1].layers)
    for full, half in zip(*found, strict=True):
        assert half.gradient_std == pytest.approx(full.gradient_std, rel=0.1)
        assert half.gradients.high == pytest.approx(full.gradients.high, rel=0.1)
        assert half.activations.counts.sum() == full.activations.counts.sum()
        assert half.std == pytest.approx(full.std, rel=0.05)


def test_a_channel_is_a_unit():
    value = experiment(
        (
            Conv2D(name="conv", filters=3, kernel_size=(2, 2), activation=Relu()),
            Conv2DTranspose(name="back", filters=2, kernel_size=(2, 2)),
            DepthwiseConv2D(name="apart", kernel_size=(2, 2), activation=Tanh(), depth_multiplier=2),
            SeparableConv2D(name="separable", filters=3, kernel_size=(2, 2), activation=Relu()),
            Flatten(name="flatten"),
        ),
        epochs=1,
    )
    made, events = train(value, samples=12, shape=(6, 6, 1), compilation="graph")
    kernel = made.model.get_layer("conv").kernel.numpy()
    kernel[..., 1] = kernel[..., 0]
    set_weights(made, "conv", kernel=kernel, bias=[0, 0, -100])
    found = {layer.name: layer for layer in made.prober.look({})}
    outputs = outputs_of(made, "conv").reshape(-1, 3)
    assert found["conv"].dead == pytest.approx(1 / 3)
    assert found["conv"].duplicates == pytest.approx(2 / 3)
    assert found["conv"].saturated == pytest.approx(np.mean(outputs == 0))
    assert found["back"].one_signed_inputs == pytest.approx(one_signed(outputs)) == pytest.approx(2 / 3)
    assert_spread(found["apart"].activations, outputs_of(made, "apart"))
    assert found["apart"].pre_activations.high == pytest.approx(np.arctanh(outputs_of(made, "apart")).max(), rel=1e-4)
    units = {"conv": 3, "back": 2, "apart": 4, "separable": 3, "output": 1}
    last = [event for event in events if isinstance(event, Probed)][-1].layers
    for layer in last:
        share = layer.one_signed_gradients * units[layer.name]
        assert share == pytest.approx(round(share), abs=1e-5), layer.name


def test_layers_inside_others():
    value = experiment(
        (
            TimeDistributed(name="each", layer=Dense(name="inside", units=5, activation=Relu())),
            Bidirectional(name="both", layer=GRU(name="inside", units=3, return_sequences=True)),
            SpectralNormalization(name="spectral", layer=Dense(name="inside", units=4, activation=Tanh())),
            MultiHeadAttention(name="attention", inputs=("spectral", "spectral"), num_heads=2, key_dim=3),
            LSTM(name="lstm", units=4),
        ),
        epochs=1,
    )
    made, events = train(value, samples=16, shape=(7, 3))
    found = {layer.name: layer for layer in [event for event in events if isinstance(event, Probed)][-1].layers}
    each, spectral = found["each"], found["spectral"]
    outputs = outputs_of(made, "each").reshape(-1, 5)
    assert each.dead == pytest.approx(np.mean((outputs == 0).all(axis=0)), abs=1e-6)
    assert each.saturated == pytest.approx(np.mean(outputs == 0))
    assert each.pre_activations.counts.sum() == outputs.size
    assert each.pre_activations.low < 0 == outputs.min()
    assert spectral.saturated == pytest.approx(np.mean(1 - outputs_of(made, "spectral") ** 2 < 0.05))
    assert_spread(spectral.activations, outputs_of(made, "spectral"))
    for name, layer in found.items():
        trained = sum(weight.numpy().size for weight in made.model.get_layer(name).trainable_weights)
        for histogram in (layer.weights, layer.gradients, layer.updates):
            assert histogram.counts.sum() == trained, name
    assert found["attention"].one_signed_gradients is None
    assert 0 <= found["both"].one_signed_gradients <= 1


def test_no_unit_of_a_leaky_relu_is_dead():
    made, found = first_probe(experiment((dense(6, LeakyRelu(negative_slope=0.01), "leaky"), dense(4, LeakyRelu(), "steep"))))
    assert found["leaky"].saturated == pytest.approx(np.mean(outputs_of(made, "leaky") <= 0)) != 0
    assert (found["leaky"].dead, found["steep"].dead, found["steep"].saturated) == (0, 0, None)


@pytest.mark.parametrize("trainable", [True, False])
def test_slopes_of_a_prelu_are_those_of_its_units(trainable):
    bias = Constant(value=-0.5)
    value = experiment((dense(6, Linear(), "first", bias_initializer=bias), PReLU(name="prelu", trainable=trainable)))
    made = session(value)
    alpha = np.array([0.0, 0.03, 0.5, -0.02, 0.0005, 2.0], np.float32)
    set_weights(made, "prelu", alpha=alpha)
    set_weights(made, "first", bias=[-0.5, -100, 0, 0, -100, -100])
    prelu, sums = looked(made, "prelu"), outputs_of(made, "first")
    slopes = np.where(sums > 0, 1, np.abs(alpha))
    assert_spread(prelu.pre_activations, sums)
    assert prelu.saturated == pytest.approx(np.mean(slopes < 0.05), abs=1e-6)
    assert prelu.dead == pytest.approx(np.mean((slopes < 0.001).all(axis=0))) == pytest.approx(1 / 6)
    assert prelu.slopes.mean == pytest.approx(alpha.astype(np.float64).mean(), abs=1e-6)
    assert prelu.slopes.spread.tolist() == sorted(alpha.tolist())


def test_slopes_of_pictures_are_told_of_a_choice_and_counted_for_all():
    value = experiment((Conv2D(name="conv", filters=3, kernel_size=(2, 2)), PReLU(name="prelu"), Flatten(name="flatten")))
    made = session(value, samples=30, shape=(9, 9, 1))
    alpha = np.random.default_rng(0).normal(0, 0.1, (8, 8, 3)).astype(np.float32)
    alpha[0, 0, 0] = np.nan
    set_weights(made, "prelu", alpha=alpha)
    prelu, sums = looked(made, "prelu"), outputs_of(made, "conv")
    assert prelu.saturated == pytest.approx(np.mean((sums <= 0) & (np.abs(alpha) < 0.05)), abs=1e-6)
    assert prelu.slopes.mean == pytest.approx(np.nanmean(alpha.astype(np.float64)), abs=1e-6)
    assert prelu.slopes.spread.size == 32
    assert prelu.slopes.spread[[0, -1]].tolist() == [np.nanmin(alpha), np.nanmax(alpha)]
    set_weights(made, "prelu", alpha=np.full_like(alpha, np.nan))
    assert looked(made, "prelu").slopes is None


def test_moving_statistics_and_slopes():
    value = experiment((dense(4, Linear(), "first"), BatchNormalization(name="norm"), PReLU(name="prelu")), epochs=1)
    made, _ = train(value)
    norm, prelu = looked(made, "norm"), looked(made, "prelu")
    mean, variance = (variable.numpy() for variable in made.model.get_layer("norm").non_trainable_weights)
    assert_spread(norm.moving_mean, mean)
    assert_spread(norm.moving_variance, variance)
    assert_spread(prelu.weights, made.model.get_layer("prelu").alpha.numpy())
    assert prelu.moving_mean is prelu.duplicates is None


def test_a_softmax_has_no_slope_of_its_own():
    made, found = first_probe(experiment(network, "multiclass"), task="multiclass")
    assert isinstance(made.experiment.network[-1].activation, Softmax)
    assert found["output"].saturated is None
    assert found["output"].pre_activations is not None


def test_large_layers_are_sampled_evenly():
    value = experiment((dense(300, Tanh(), "first"), dense(200, Tanh(), "second")))
    made, found = first_probe(value, samples=256)
    kernel, bias = (weight.numpy() for weight in made.model.get_layer("second").weights)
    numbers = np.concatenate([kernel.ravel(), bias])
    taken = found["second"].weights.counts.sum() - 2
    assert most_values / 4 < taken <= most_values
    steps = [step for step in range(1, 9) if -(-numbers.size // step) == taken]
    assert_spread(found["second"].weights, np.append(numbers[:: steps[0]], [numbers.min(), numbers.max()]))
    assert found["second"].weight_norm == pytest.approx(np.linalg.norm(numbers.astype(np.float64)), rel=1e-6)


def test_the_least_and_the_greatest_weight_of_a_large_layer_are_those_of_all_finite_ones():
    made, _ = first_probe(experiment((dense(300, Tanh(), "first"), dense(200, Tanh(), "second"))), samples=256)
    kernel = made.model.get_layer("second").kernel.numpy()
    kernel[150, 77], kernel[151, 78], kernel[152, 79] = -7.0, 9.0, np.nan  # no sample has to meet them
    set_weights(made, "second", kernel=kernel)
    assert looked(made, "second").weights.reach == (-7.0, 9.0)


def test_looking_changes_nothing():
    """Most tests of the engine do without looks for that reason."""
    straight = blind_train(experiment(network, epochs=3))[0]
    other = session(experiment(network, epochs=3))
    other.train(lambda event: other.prober.look({}), Control())
    assert all(np.array_equal(a, b) for a, b in zip(weights(straight.model), weights(other.model), strict=True))


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


@pytest.mark.parametrize("precision", [seldom("float32"), "mixed_float16"])
@pytest.mark.parametrize("compilation", ["graph", seldom("xla")])
def test_where_gradients_are_gathered_looks_follow_the_steps_that_move_the_weights(compilation, precision, monkeypatch):
    for name, content in (("least_probe_interval", 0.0), ("probe_share", 1e9), ("early_share", 1e9)):  # look whenever one may
        monkeypatch.setattr(f"models.engine.run.{name}", content)
    monkeypatch.setattr("models.engine.session.refuse_precision", lambda *_: None)
    optimizer = SGD(learning_rate=0.1, gradient_accumulation_steps=4)
    value = experiment(epochs=6, optimizer=optimizer, last=Sigmoid(), precision=precision)
    made, events = train(value, steps_per_call=7, compilation=compilation)
    assert made.steps_per_epoch % 4, "an epoch ends between two updates"
    found = {event.step: event.layers[0] for event in events if isinstance(event, Probed)}
    assert [*found] == sorted({0, 1, *range(4, made.step + 1, 4), made.step})
    for step, layer in found.items():
        assert (layer.update_ratio is None) == (layer.updates is None) == bool(step % 4 or not step)
        assert layer.update_ratio is None or layer.update_ratio > 0
        assert (layer.gradients is None) == (step == 0)


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


@pytest.mark.parametrize("values", [[[3.0, 3.0]], [[1e9, 1e9]], [[0.0]], [[np.nan, np.inf]], [[np.nan, 1.0, 2.0]], [[]]])
def test_histograms_of_odd_values(values):
    other, row, _ = np.asarray(histograms([tf.constant([1.0, 2.0]), tf.reshape(tf.constant(values), [-1]), tf.constant([5.0])]))
    assert row[:40].sum() == np.isfinite(values).sum()
    assert row[40] < row[41]
    assert row[42] == np.size(values) - row[:40].sum()
    assert (other[0], other[39], other[:40].sum()) == (1, 1, 2)


def test_probes_take_a_small_share_of_the_time():
    value = experiment(epochs=1200)
    made, events = session(value, held=0), []
    look, spent = made.prober.look, []

    def timed_look(norms, *, of_step):
        began = time.perf_counter()
        found = look(norms, of_step=of_step)
        spent.append(time.perf_counter() - began)
        return found

    made.prober.look = timed_look
    ended = made.train(events.append, Control())
    assert len(spent) >= 3
    assert sum(spent[1:]) < 0.1 * ended.train_seconds
    assert losses(events).size == 3600
