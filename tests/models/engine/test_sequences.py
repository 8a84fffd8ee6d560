"""Layers for sequences train as in ``model.fit``: states, masks and dropout included."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from models.engine.errors import EngineError
from models.engine.export import export_script
from models.engine.session import refuse_for_replicas
from models.experiment import losses as kinds
from models.experiment.activations import LeakyRelu, Linear, Relu, Tanh
from models.experiment.check import check
from models.experiment.data import TemporalOrder
from models.experiment.initializers import Constant, RandomNormal
from models.experiment.layers import (
    GRU,
    LSTM,
    RNN,
    BatchNormalization,
    Dropout,
    EinsumDense,
    Embedding,
    GlobalAveragePooling1D,
    Masking,
    Maxout,
    Reshape,
    SimpleRNN,
    TimeDistributed,
)
from models.experiment.layers.cells import GRUCell, LSTMCell, StackedRNNCells
from models.experiment.optimizers import SGD, Adam, RMSprop
from models.experiment.regularizers import L1, L2, MaxNorm, UnitNorm
from models.telemetry.control import Control
from tests.models.engine.samples import blind_train, data_for, dense, epochs, experiment, fit, losses, session, train, weights
from tests.models.engine.test_export import history_here
from tests.sampling import sampled

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("as_written")]

symbols = 6
recurrent = (SimpleRNN, LSTM, GRU)
by_name = {"ids": lambda kind: kind.__name__}
masking, embedding = Masking(name="masking"), Embedding(name="embedding", input_dim=symbols, output_dim=4, mask_zero=True)
dropping = {"dropout": 0.3, "recurrent_dropout": 0.2}
limited = {
    "kernel_regularizer": L2(l2=0.01),
    "recurrent_regularizer": L1(l1=0.01),
    "bias_regularizer": L2(l2=0.02),
    "activity_regularizer": L2(l2=0.05),
    "kernel_constraint": MaxNorm(max_value=0.8),
    "recurrent_constraint": UnitNorm(),
    "bias_constraint": MaxNorm(max_value=0.1),
}


def sequences(value, task="binary"):
    """Sequences of up to 7 steps: pairs of numbers, or numbers of symbols where the network looks them up; padded with 0."""
    looked_up = any(isinstance(layer, Embedding) for layer in value.network)
    prepared = data_for(value, task, samples=36, held=12, shape=(7,) if looked_up else (7, 2))
    random = np.random.default_rng(1)
    for x in (prepared.x_train, prepared.x_val):
        if looked_up:
            x[:] = random.integers(1, symbols, x.shape)
        x[np.arange(7) >= random.integers(1, 8, len(x))[:, np.newaxis]] = 0
    return replace(prepared, facts=replace(prepared.facts, tokens=symbols if looked_up else None))


def deviation(ours, theirs):
    """Greatest difference of two arrays, relative to the greatest number in the second."""
    return float(np.max(np.abs(ours - theirs)) / np.max(np.abs(theirs)))


stacks = {
    **{f"{kind.__name__} plain": (kind(name="rnn", units=5),) for kind in recurrent},
    **{f"{kind.__name__} dropout and mask": (masking, kind(name="rnn", units=5, **dropping)) for kind in recurrent},
    **{f"{kind.__name__} limits": (kind(name="rnn", units=5, **limited),) for kind in recurrent},
    **{
        f"{kind.__name__} twice": (
            masking,
            kind(name="rnn", units=4, return_sequences=True, dropout=0.2),
            Dropout(name="drop", rate=0.2),
            kind(name="rnn_1", units=3, go_backwards=True, activation=LeakyRelu(negative_slope=0.1)),
        )
        for kind in recurrent
    },
    **{f"{kind.__name__} unrolled": (masking, kind(name="rnn", units=5, unroll=True, **dropping)) for kind in recurrent},
    "GRU reset before": (masking, GRU(name="rnn", units=5, reset_after=False, use_bias=False, **dropping)),
    "LSTM initial values": (LSTM(name="rnn", units=4, unit_forget_bias=False, recurrent_initializer=RandomNormal(stddev=0.3)),),
    "embedding": (embedding, GlobalAveragePooling1D(name="mean"), dense(4, Tanh(), "hidden")),
    "embedding with limits": (
        Embedding(
            name="embedding",
            input_dim=symbols,
            output_dim=4,
            embeddings_initializer=RandomNormal(stddev=0.5),
            embeddings_regularizer=L2(l2=0.01),
            embeddings_constraint=MaxNorm(max_value=0.5, axis=1),
        ),
        GRU(name="rnn", units=4),
    ),
    "mask through many": (
        embedding,
        dense(5, Relu(), "each"),
        BatchNormalization(name="norm", momentum=0.8),
        Maxout(name="maxout", units=4),
        LSTM(name="rnn", units=4, **dropping),
    ),
}
optimizers = {
    "embedding": Adam(learning_rate=0.02, clipnorm=0.05),
    "embedding with limits": RMSprop(learning_rate=0.02, global_clipnorm=0.1),
    "mask through many": Adam(learning_rate=0.02, clipvalue=0.01),
}


def stacked(case):
    """Fifty steps of a stack: ten epochs of five batches, the last of them smaller."""
    return experiment(stacks[case], optimizer=optimizers.get(case, SGD(learning_rate=0.2, momentum=0.5)), epochs=10)


@pytest.mark.parametrize("case", sampled(stacks, "GRU dropout and mask"))
def test_fifty_steps_equal_fit(case):
    value = stacked(case)
    prepared = sequences(value)
    assert not check(value, prepared.facts).errors
    trained, events = blind_train(value, prepared, compilation="graph")

    model, history = fit(value, prepared)

    assert trained.step == 50
    for ours, theirs, weight in zip(weights(trained.model), weights(model), model.weights, strict=True):
        assert deviation(ours, theirs) <= 1e-6, weight.path
    ours, theirs = (
        [variable.numpy() for variable in made.variables if "seed" in variable.path] for made in (trained.model, model)
    )
    assert all(np.array_equal(a, b) for a, b in zip(ours, theirs, strict=True))
    for name, figures in history.items():
        np.testing.assert_allclose([values[name] for values in epochs(events)], figures, rtol=1e-5, atol=1e-7, err_msg=name)
    assert history["loss"][0] != history["loss"][-1]


def masked_examples():
    """A network that passes over every fourth example, and data in which these are all 0."""
    value = experiment((masking, dense(5, Tanh(), "hidden"), BatchNormalization(name="norm")), metrics=("accuracy",), epochs=10)
    prepared = data_for(value, samples=36, held=12)
    for x in (prepared.x_train, prepared.x_val):
        x[1::4] = 0
    return value, prepared


def test_examples_that_are_passed_over_count_neither_in_the_loss_nor_in_metrics():
    value, prepared = masked_examples()
    trained, events = blind_train(value, prepared, compilation="graph")
    model, history = fit(value, prepared)
    for ours, theirs, weight in zip(weights(trained.model), weights(model), model.weights, strict=True):
        assert deviation(ours, theirs) <= 1e-6, weight.path
    assert {"accuracy", "val_accuracy"} < set(history)
    for name, figures in history.items():
        np.testing.assert_allclose([values[name] for values in epochs(events)], figures, rtol=1e-5, atol=1e-7, err_msg=name)


def test_examples_are_not_passed_over_on_several_devices():
    with pytest.raises(EngineError, match="cannot pass over whole examples"):
        refuse_for_replicas(masked_examples()[0])


@pytest.mark.exhaustive
@pytest.mark.parametrize("case", ["LSTM dropout and mask", "GRU dropout and mask", "embedding"])
def test_fifty_steps_of_xla_equal_fit(case):
    """XLA adds up in another order, which costs a digit."""
    value = stacked(case)
    prepared = sequences(value)
    trained, _ = blind_train(value, prepared, compilation="xla")
    model, _ = fit(value, prepared)
    for ours, theirs, weight in zip(weights(trained.model), weights(model), model.weights, strict=True):
        assert deviation(ours, theirs) <= 1e-5, weight.path


@pytest.mark.parametrize("kind", sampled(recurrent, SimpleRNN), **by_name)
def test_looking_uses_up_no_random_numbers(kind):
    value = experiment((masking, kind(name="rnn", units=4, **dropping)), epochs=2)
    prepared = sequences(value)
    straight = blind_train(value, prepared, compilation="graph")[0]
    looked = session(value, prepared, compilation="graph")
    seeds = [variable for variable in looked.model.variables if "seed" in variable.path]
    assert seeds

    def look(event):
        looked.prober.look({})
        looked.predict(prepared.x_val)

    look(None)
    before = [seed.numpy() for seed in seeds]
    look(None)
    assert all(np.array_equal(seed.numpy(), old) for seed, old in zip(seeds, before, strict=True))
    looked.train(look, Control())
    assert all(np.array_equal(a, b) for a, b in zip(weights(straight.model), weights(looked.model), strict=True))


def test_a_look_sees_what_the_network_puts_out_behind_a_mask_and_leaves_padding_out():
    value = experiment(
        (
            embedding,
            dense(5, Relu(), "each", bias_initializer=Constant(value=0.3)),
            BatchNormalization(name="norm"),
            TimeDistributed(name="distributed", layer=dense(6, Tanh(), "inside")),
            LSTM(name="lstm", units=4, return_sequences=True),
            GlobalAveragePooling1D(name="mean"),
        ),
        epochs=3,
    )
    made, _ = train(value, sequences(value))
    probes = made.prober.look({})
    assert [probe.name for probe in probes] == ["embedding", "each", "norm", "distributed", "lstm", "output"]
    there = made.prepared.x_train != 0
    assert 0 < there.mean() < 1
    for probe in probes:
        outputs = keras.Model(made.model.input, made.model.get_layer(probe.name).output)(made.prepared.x_train).numpy()
        outputs, found = outputs[there] if outputs.ndim == 3 else outputs, probe.activations
        assert found.counts.sum() == outputs.size
        assert probe.mean == pytest.approx(outputs.mean(), abs=1e-6), probe.name
        assert probe.std == pytest.approx(outputs.std(), rel=1e-4), probe.name
        assert (found.low, found.high) == pytest.approx((outputs.min(), outputs.max()), rel=1e-5, abs=1e-6), probe.name
        if probe.name == "distributed":
            ends = np.arctanh([outputs.min(), outputs.max()])
            assert (probe.pre_activations.low, probe.pre_activations.high) == pytest.approx(ends, abs=1e-5)


def test_a_bad_number_in_a_sequence_is_found_behind_a_mask():
    value = experiment((masking, LSTM(name="lstm", units=3), dense(4, Relu(), "hidden")), epochs=3)
    prepared = sequences(value)
    prepared.x_train[13, 0, 1] = np.nan
    ended = blind_train(value, prepared)[1][-1]
    assert (ended.ending, ended.step) == ("diverged", 1)
    assert "masking is the first layer whose output is not finite" in ended.sentence
    assert "Example 13 of the training data" in ended.sentence


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    "network",
    [
        (masking, LSTM(name="rnn", units=4, **dropping)),
        (embedding, GRU(name="rnn", units=4, **dropping, **limited)),
        (masking, RNN(name="rnn", cell=StackedRNNCells(cells=(LSTMCell(units=4, **dropping), GRUCell(units=3))))),
        (
            EinsumDense(name="sums", equation="abc,cde->abed", output_shape=(7, 3, 2), activation=Tanh(), bias_axes="de"),
            Reshape(name="row", target_shape=(7, 6)),
            SimpleRNN(name="rnn", units=3),
        ),
    ],
    ids=["lstm", "gru", "cells", "einsum"],
)
def test_what_is_exported_trains_the_same_network(network, tmp_path):
    value = experiment(network, last=Linear(), loss=kinds.Hinge(), optimizer=Adam(learning_rate=0.02), epochs=3)
    prepared = sequences(value)
    export_script(value, prepared, tmp_path / "network.py")
    history = history_here(tmp_path / "network.py")
    trained, events = blind_train(value, prepared)
    for figure, expected in history.items():
        np.testing.assert_allclose([values[figure] for values in epochs(events)], expected, rtol=1e-4, atol=1e-6, err_msg=figure)
    trained.save(tmp_path / "final.keras")
    opened = keras.models.load_model(tmp_path / "final.keras")
    np.testing.assert_allclose(opened.predict(prepared.x_val, verbose=0), trained.predict(prepared.x_val), rtol=1e-5, atol=1e-6)


@pytest.mark.exhaustive
def test_symbols_are_learned_that_a_network_without_memory_cannot_tell_apart():
    """The order of two symbols: a GRU knows it after two hundred steps, a bag of symbols never."""
    from models.data import prepare
    from models.experiment.starter import starter

    source = TemporalOrder(samples=800, spread=0.5)
    value = starter(source, source.facts())
    value = type(value)(
        data=source,
        network=value.network,
        training=type(value.training)(loss=value.training.loss, optimizer=value.training.optimizer, epochs=12),
    )
    trained, events = blind_train(value, prepare(value))
    assert losses(events)[-1] < losses(events)[0]
    assert trained.evaluate()["val_accuracy"] > 0.95
