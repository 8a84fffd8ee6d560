"""What recurrent layers add up inside is what NumPy adds up, going through every sequence step by step."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from models.engine import gates
from models.experiment.activations import Relu, Sigmoid, Tanh
from models.experiment.initializers import Constant, RandomNormal
from models.experiment.layers import GRU, LSTM, RNN, Bidirectional, Dense, Flatten, Masking, SimpleRNN
from models.experiment.layers.cells import GRUCell, LSTMCell, SimpleRNNCell, StackedRNNCells
from models.experiment.layers.gates import gates_in
from models.experiment.layers.recurrent_windows import ConvLSTM1D, ConvLSTM2D, ConvLSTM3D
from tests.models.engine.samples import data_for, experiment, session
from tests.sampling import sampled, seldom

pytestmark = pytest.mark.engine

masking = Masking(name="masking")
wide = {"kernel_initializer": RandomNormal(stddev=2.0), "bias_initializer": RandomNormal(stddev=0.5)}
"""Weights with which some gates saturate and some do not."""
steps = 5


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


flat = {
    Sigmoid: lambda z: sigmoid(z) * (1 - sigmoid(z)) < 0.05,
    Tanh: lambda z: 1 - np.tanh(z) ** 2 < 0.05,
    Relu: lambda z: z <= 0,
}


def lstm(weights, x, state, activation):
    kernel, recurrent, bias = weights
    sums = np.split(x @ kernel + state[0] @ recurrent + bias, 4)
    cell = sigmoid(sums[1]) * state[1] + sigmoid(sums[0]) * activation(sums[2])
    return sums, (sigmoid(sums[3]) * activation(cell), cell)


def gru(weights, x, state, activation):
    """With the reset gate before the product where there is one row of biases, as with none."""
    kernel, recurrent, *bias = weights
    units, state = len(recurrent), state[0]
    z, r, h = np.split(x @ kernel + (bias[0][0] if bias and bias[0].ndim == 2 else bias[0] if bias else 0), 3)
    if bias and bias[0].ndim == 2:
        theirs = np.split(state @ recurrent + bias[0][1], 3)
        z, r = z + theirs[0], r + theirs[1]
        h = h + sigmoid(r) * theirs[2]
    else:
        z, r = z + state @ recurrent[:, :units], r + state @ recurrent[:, units : 2 * units]
        h = h + (sigmoid(r) * state) @ recurrent[:, 2 * units :]
    return (z, r, h), (sigmoid(z) * state + (1 - sigmoid(z)) * activation(h),)


def simple(weights, x, state, activation):
    kernel, recurrent, bias = weights
    sums = x @ kernel + state[0] @ recurrent + bias
    return (sums,), (activation(sums),)


def convolved(x, kernel, strides, dilation, padding):
    """(…, filters): the convolution of `x` (…, channels), with TensorFlow's way of padding."""
    *window, _, filters = kernel.shape
    reach = [(size - 1) * step + 1 for size, step in zip(window, dilation, strict=True)]
    if padding == "same":
        lengths = [-(-length // stride) for length, stride in zip(x.shape, strides, strict=False)]
        missing = [
            max((count - 1) * stride + each - length, 0)
            for count, stride, each, length in zip(lengths, strides, reach, x.shape, strict=False)
        ]
        x = np.pad(x, [*((each // 2, each - each // 2) for each in missing), (0, 0)])
    lengths = [(length - each) // stride + 1 for length, each, stride in zip(x.shape, reach, strides, strict=False)]
    found = np.zeros((*lengths, filters))
    for place in np.ndindex(*window):
        starts = [at * step for at, step in zip(place, dilation, strict=True)]
        cut = tuple(
            slice(start, start + (length - 1) * stride + 1, stride)
            for start, length, stride in zip(starts, lengths, strides, strict=True)
        )
        found += x[cut] @ kernel[place]
    return found


def convolving(cell):
    """The step of an LSTM with convolutions; before the first the state is 0."""
    rank = cell.rank

    def step(weights, x, state, activation):
        kernel, recurrent, bias = weights
        sums = convolved(x, kernel, cell.strides, cell.dilation_rate, cell.padding) + bias
        state = tuple(np.zeros((*sums.shape[:-1], cell.filters)) if np.ndim(each) == 1 else each for each in state)
        sums = np.split(sums + convolved(state[0], recurrent, (1,) * rank, (1,) * rank, "same"), 4, axis=-1)
        cells = sigmoid(sums[1]) * state[1] + sigmoid(sums[0]) * activation(sums[2])
        return sums, (sigmoid(sums[3]) * activation(cells), cells)

    return step


step_of = {"LSTMCell": lstm, "GRUCell": gru, "SimpleRNNCell": simple}


def gone_through(layer, x, there):
    """For each gate (rows, units): what a layer of Keras adds up at the steps of `x` that are `there`.

    That its own output is the state in which this ends says that the sums are right.
    """
    cells = getattr(layer.cell, "cells", [layer.cell])
    steps = [step_of[type(cell).__name__] if hasattr(cell, "units") else convolving(cell) for cell in cells]
    weights = [[weight.astype(np.float64) for weight in cell.get_weights()] for cell in cells]
    activations = [np.tanh if cell.activation is keras.activations.tanh else lambda z: np.maximum(z, 0) for cell in cells]
    found, last = [], []
    for sequence, present in zip(x.astype(np.float64), there, strict=True):
        states = [(np.zeros(getattr(cell, "units", 0)),) * 2 for cell in cells]
        places = np.flatnonzero(present)
        for place in places[::-1] if layer.go_backwards else places:
            coming, rows = sequence[place], []
            for at, step in enumerate(steps):
                sums, states[at] = step(weights[at], coming, states[at], activations[at])
                coming = states[at][0]
                rows += sums
            found.append(rows)
        last.append(states[-1][0])
    if not layer.zero_output_for_mask:
        outputs = layer(x, mask=None if there.all() else tf.constant(there)).numpy()
        np.testing.assert_allclose(outputs[:, -1] if layer.return_sequences else outputs, last, atol=1e-5)
    return [np.stack(sums) for sums in zip(*found, strict=True)]


def outputs_of(made, network):
    """What each layer puts out, by name."""
    model = keras.Model(made.model.input, {layer.name: made.model.get_layer(layer.name).output for layer in network})
    return {name: outputs.numpy() for name, outputs in model(made.prepared.x_train).items()}


def looked_into(network, masked, shape=(3,), last=()):
    """A session with sequences, and what was seen in its layers; some steps passed over, at ends and in between."""
    value = experiment((*network, *last))
    prepared, there = data_for(value, samples=24, shape=(steps, *shape)), np.ones((24, steps), bool)
    if masked:
        there = np.random.default_rng(2).random(there.shape) < 0.6
        there[:2] = [[False, False, True, True, True], [True, True, True, False, False]]
        there[2] = False
        prepared.x_train[~there] = 0
    made = session(value, prepared)
    return made, {probe.name: probe for probe in made.prober.look({})}, there


def assert_sums(found, sums, function, outputs=None):
    """That histogram and figures are NumPy's of these `sums` (rows, units); mean and deviation of a layer are of its outputs."""
    values = sums if outputs is None else outputs.astype(np.float64)
    sums = sums.reshape(-1, sums.shape[-1])
    assert (found.mean, found.std) == pytest.approx((values.mean(), values.std()), abs=1e-6)
    assert found.saturated == pytest.approx(np.mean(flat[type(function)](sums)), abs=1e-6)
    assert found.dead == (pytest.approx(np.mean((sums <= 0).all(axis=0))) if isinstance(function, Relu) else None)
    assert_spread(found.pre_activations, sums)


def assert_spread(found, sums):
    counts, edges = np.histogram(sums, 40)
    assert (found.low, found.high) == pytest.approx((edges[0], edges[-1]), rel=1e-6)
    assert found.counts.sum() == sums.size
    assert np.abs(found.counts - counts).sum() <= 2  # one that stands on an edge, in 32 bits beside it


stack = StackedRNNCells(cells=(LSTMCell(units=3, **wide), GRUCell(units=4, **wide), SimpleRNNCell(units=2, **wide)))
networks = {
    "several cells": (
        RNN(name="stack", cell=stack, return_sequences=True),
        Bidirectional(name="both", layer=RNN(name="in", cell=stack, return_sequences=True)),
        RNN(name="last", cell=stack, go_backwards=True, unroll=True),
    ),
    "a stack of one": (RNN(name="single", cell=StackedRNNCells(cells=(GRUCell(units=4, **wide),))),),
    "after each other": (
        LSTM(name="lstm", units=4, return_sequences=True, **wide),
        GRU(name="gru", units=3, return_sequences=True, unroll=True, **wide),
        GRU(name="before", units=4, return_sequences=True, reset_after=False, use_bias=False, dropout=0.2, recurrent_dropout=0.3),
        LSTM(name="last", units=5, activation=Relu(), go_backwards=True, recurrent_dropout=0.3, **wide),
    ),
    "inside others": (
        Bidirectional(name="both", layer=LSTM(name="in", units=3, return_sequences=True, **wide), merge_mode="sum"),
        RNN(name="cell", cell=GRUCell(units=4, **wide), return_sequences=True, zero_output_for_mask=True),
        RNN(name="one", cell=LSTMCell(units=3, unit_forget_bias=False, **wide), return_sequences=True),
        Bidirectional(
            name="unlike",
            layer=SimpleRNN(name="in", units=4, **wide),
            backward_layer=GRU(name="back", units=4, go_backwards=True, reset_after=False, **wide),
        ),
    ),
}


@pytest.mark.parametrize(
    ("network", "masked"),
    [
        ("after each other", True), ("inside others", True), ("a stack of one", False), seldom("several cells", True),
        seldom("after each other", False), seldom("several cells", False),
    ],
)  # fmt: skip
def test_gates_are_numpys(network, masked):
    network = networks[network]
    made, found, there = looked_into(((masking, *network) if masked else network), masked)
    x, outputs = made.prepared.x_train, outputs_of(made, network)
    for layer in network:
        built, probe = made.model.get_layer(layer.name), found[layer.name]
        parts = (built.forward_layer, built.backward_layer) if isinstance(layer, Bidirectional) else (built,)
        expected = [sums for part in parts for sums in gone_through(part, x, there)]
        assert [gate.name for gate in probe.gates] == [gate.name for gate in gates_in(layer)]
        for gate, of_gate, sums in zip(gates_in(layer), probe.gates, expected, strict=True):
            assert_sums(of_gate, sums, gate.function)
        assert probe.pre_activations is probe.dead is probe.saturated is None
        x = outputs[layer.name]
    assert probe.activations.counts.sum() == x.size  # as before: the last state, while all were noted
    assert probe.mean == pytest.approx(x.astype(np.float64).mean(), abs=1e-6)


@pytest.mark.parametrize(
    ("activation", "masked"),
    [(Relu(), True), (Tanh(), False), seldom(Relu(), False), seldom(Tanh(), True)],
    ids=["relu-masked", "tanh-whole", "relu-whole", "tanh-masked"],
)
def test_the_sums_of_a_plain_one_are_its_own(masked, activation):
    rnn = SimpleRNN(name="rnn", units=5, activation=activation, **(wide | {"bias_initializer": Constant(value=-1.5)}))
    made, found, there = looked_into((masking, rnn) if masked else (rnn,), masked)
    (sums,) = gone_through(made.model.get_layer("rnn"), made.prepared.x_train, there)
    assert_sums(found["rnn"], sums, activation, outputs=outputs_of(made, (rnn,))["rnn"])
    assert found["rnn"].gates == ()


def test_of_many_steps_an_even_choice_is_gone_into(monkeypatch):
    monkeypatch.setattr(gates, "most_sums", 16 * 24)
    monkeypatch.setattr(gates, "least_steps", 1)
    made, found, there = looked_into((LSTM(name="lstm", units=4, **wide),), masked=False)
    sums = gone_through(made.model.get_layer("lstm"), made.prepared.x_train, there)
    every = 6  # 5 would do for 24 of 24 × 5 steps, but always be the first of an example
    for probe, expected in zip(found["lstm"].gates, sums, strict=True):
        assert_sums(probe, expected[::every], Tanh() if probe.name == "c" else Sigmoid())


def test_gates_are_called_by_cell_and_way():
    both = Bidirectional(name="both", layer=RNN(name="in", cell=StackedRNNCells(cells=(GRUCell(units=3), LSTMCell(units=3)))))
    names = [gate.name for gate in gates_in(both)]
    assert names[:7] == [f"forward cell {name}" for name in ("1 z", "1 r", "1 h", "2 i", "2 f", "2 c", "2 o")]
    assert names[7] == "backward cell 1 z"
    assert gates_in(Dense(name="dense", units=3)) == ()


convolving_layers = {
    "sequences": (
        (6, 2),
        ConvLSTM1D(name="first", filters=3, kernel_size=3, strides=2, padding="same", return_sequences=True, **wide),
        Bidirectional(name="second", layer=ConvLSTM1D(name="in", filters=2, kernel_size=2, activation=Relu(), **wide)),
    ),
    "images": (
        (5, 6, 2),
        ConvLSTM2D(name="first", filters=3, kernel_size=(2, 3), dilation_rate=(2, 1), return_sequences=True, **wide),
        ConvLSTM2D(
            name="second", filters=2, kernel_size=(2, 2), strides=(1, 2), go_backwards=True, recurrent_dropout=0.3, **wide
        ),
    ),
    "volumes": ((3, 4, 3, 1), ConvLSTM3D(name="first", filters=2, kernel_size=(2, 3, 2), padding="same", **wide)),
}


@pytest.mark.parametrize("kind", sampled(convolving_layers, "sequences"))
def test_gates_of_convolving_ones_are_numpys(kind):
    shape, *network = convolving_layers[kind]
    made, found, there = looked_into(network, masked=False, shape=shape, last=(Flatten(name="flat"),))
    x, outputs = made.prepared.x_train, outputs_of(made, network)
    for layer in network:
        built, probe = made.model.get_layer(layer.name), found[layer.name]
        parts = (built.forward_layer, built.backward_layer) if isinstance(layer, Bidirectional) else (built,)
        expected = [sums for part in parts for sums in gone_through(part, x, there)]
        for gate, of_gate, sums in zip(gates_in(layer), probe.gates, expected, strict=True):
            assert gate.name == of_gate.name
            assert_sums(of_gate, sums, gate.function)
        x = outputs[layer.name]
        assert probe.mean == pytest.approx(x.astype(np.float64).mean(), abs=1e-6)


def test_of_many_places_fewer_steps_are_gone_into(monkeypatch):
    monkeypatch.setattr(gates, "most_sums", 8 * 6 * 24)
    monkeypatch.setattr(gates, "least_steps", 1)
    layer = ConvLSTM1D(name="conv", filters=2, kernel_size=1, **wide)
    made, found, there = looked_into((layer,), masked=False, shape=(6, 2), last=(Flatten(name="flat"),))
    sums = gone_through(made.model.get_layer("conv"), made.prepared.x_train, there)
    for probe, expected in zip(found["conv"].gates, sums, strict=True):
        assert_sums(probe, expected[::6], Tanh() if probe.name == "c" else Sigmoid())
