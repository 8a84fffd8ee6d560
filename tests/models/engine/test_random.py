"""Whatever experiment `check` finds no error in trains as ``model.fit`` trains it: weights, losses, metrics, validation.

TensorFlow computes graphs as they were written here: some networks and optimizers make much of a last digit.
"""

from dataclasses import replace
from typing import get_args

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from models.data.prepared import Prepared
from models.engine import network as declarations
from models.engine.session import Session, build
from models.experiment.activations import HardSigmoid, Sigmoid, Tanh
from models.experiment.check import check
from models.experiment.data import Spiral
from models.experiment.experiment import Experiment
from models.experiment.fields import kinds_in
from models.experiment.figures import Metric
from models.experiment.layers import (
    CategoryEncoding,
    Dense,
    EinsumDense,
    Embedding,
    MelSpectrogram,
    ReversibleEmbedding,
    STFTSpectrogram,
)
from models.experiment.layers.recurrent_windows import ConvolutionalLSTM
from models.experiment.losses import Loss
from models.experiment.optimizers import Optimizer
from models.experiment.training import Training
from models.telemetry.control import Control
from tests.models.engine.samples import epochs, weights
from tests.strategies import any_facts, fitting_ranks, fitting_shape, single_kinds, start, values

pytestmark = [
    pytest.mark.engine,
    pytest.mark.exhaustive,
    pytest.mark.usefixtures("as_written"),
    pytest.mark.filterwarnings("ignore:.*does not have any trainable weights", "ignore:[\\s\\S]*softmax over axis"),
    pytest.mark.filterwarnings("ignore:.*does not support masking"),
    pytest.mark.filterwarnings("ignore:.*encountered in:RuntimeWarning"),
]
few = settings(
    max_examples=2,
    derandomize=True,
    database=None,
    deadline=None,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)
all_losses, all_optimizers = kinds_in(Loss), kinds_in(Optimizer)
numbered = (Embedding, ReversibleEmbedding, CategoryEncoding)
"""Layers of whole numbers."""
demanding = (STFTSpectrogram, MelSpectrogram)
"""Layers that no small shape serves."""
by_name = {"ids": lambda kind: kind.__name__}


def mended(value, facts):
    """`value` after all remedies for errors, or none where they do not lead to a run."""
    for _ in range(12):
        errors = [problem for problem in check(value, facts).problems if problem.severity == "error"]
        remedy = next((problem.remedy for problem in errors if problem.remedy), None)
        if remedy is None:
            return None if errors else value
        value = remedy.edit(value)
    return None


@st.composite
def cases(draw, layers=single_kinds, losses=all_losses, optimizers=all_optimizers):
    """An experiment without errors and what its data deliver."""
    kind = draw(st.sampled_from(layers))
    rank = draw(st.sampled_from(fitting_ranks(kind)))
    shape = tuple(draw(st.lists(st.integers(2, 8), min_size=rank, max_size=rank)))
    if kind in demanding:
        shape = fitting_shape(start(kind))
    facts = replace(draw(any_facts(size=8)), input_shape=shape, tokens=4 if kind in numbered else None)
    layer = draw(values(kind, 4, name="chosen").filter(lambda layer: not layer.complaints(shape)))
    # Keras's loop over convolutions rounds otherwise in another graph, from the first step on; gates without bounds magnify it.
    assume(not isinstance(layer, ConvolutionalLSTM) or isinstance(layer.recurrent_activation, Sigmoid | HardSigmoid))
    rate = draw(st.sampled_from((0.001, 0.01, 0.1)))
    optimizer = draw(values(draw(st.sampled_from(optimizers)), 2, learning_rate=rate))
    # With hardly any memory the mean square is the square of the mean, and a centered RMSprop divides by rounding.
    assume(not getattr(optimizer, "centered", False) or optimizer.rho > 0.5)
    training = Training(
        loss=draw(values(draw(st.sampled_from(losses)), 2)),
        optimizer=optimizer,
        metrics=draw(st.none() | st.lists(st.sampled_from(get_args(Metric)), max_size=5, unique=True).map(tuple)),
        batch_size=draw(st.sampled_from((1, 3, 7, 16, 64))),
        epochs=2,
        shuffle=False,
    )
    network = (layer, Dense(name="hidden", units=3, activation=Tanh()))
    value = mended(Experiment(data=Spiral(), seed=draw(st.integers(0, 99)), network=network, training=training), facts)
    assume(value is not None)
    return value, facts


def prepared_for(value, facts):
    random, target = np.random.default_rng(value.seed), check(value, facts).target
    kept, count = facts.training_samples, facts.training_samples + facts.validation_samples
    x = random.normal(size=(count, *facts.input_shape)).astype(np.float32)
    if facts.tokens is not None:
        x = random.integers(0, facts.tokens, x.shape).astype(np.float32)
    y = labels(target.encoding, facts.outputs, random, count)
    return Prepared(facts, target, x[:kept], y[:kept], x[kept:], y[kept:])


def labels(encoding, outputs, random, count):
    if encoding == "real":
        return random.normal(size=(count, outputs)).astype(np.float32)
    if encoding == "index":
        return random.integers(0, outputs, count).astype(np.int32)
    if encoding.endswith("one_hot"):
        zero_one = np.eye(outputs, dtype=np.float32)[random.integers(0, outputs, count)]
    else:
        zero_one = random.integers(0, 2, (count, outputs if "multi" in encoding else 1)).astype(np.float32)
    return 2 * zero_one - 1 if encoding.startswith("signed") else zero_one


def fit(value, prepared):
    """The network that plain Keras trains, and its history."""
    model, size = build(value, prepared), value.training.batch_size
    measures = declarations.metrics(value.training, prepared.facts, prepared.target)
    model.compile(model.optimizer, model.loss, metrics=measures, jit_compile=False)
    held = {"validation_data": (prepared.x_val, prepared.y_val), "validation_batch_size": size} if len(prepared.x_val) else {}
    history = model.fit(prepared.x_train, prepared.y_train, size, epochs=2, shuffle=False, verbose=0, **held).history
    return model, history


def assert_equals_fit(value, facts):
    prepared = prepared_for(value, facts)
    session, events = Session(value, prepared, "cpu", steps_per_call=3), []
    ended = session.train(events.append, Control())
    model, history = fit(value, prepared)
    if ended.ending == "diverged":
        assert not np.isfinite(history["loss"]).all() or not all(np.isfinite(weight).all() for weight in weights(model))
        return
    assert ended.ending == "finished", ended
    for ours, theirs in zip(weights(session.model), weights(model), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)
    assert all(set(figures) - {"penalty"} == set(history) for figures in epochs(events))
    for name, figures in history.items():
        ours = [found[name] for found in epochs(events)]
        np.testing.assert_allclose(ours, figures, rtol=1e-5, atol=1e-6, err_msg=name)


@pytest.mark.parametrize("kind", [kind for kind in single_kinds if kind is not EinsumDense], **by_name)
def test_any_layer(kind):
    """Drawn by themselves, the arguments of an EinsumDense never go together: `test_sequences` trains one."""

    @few
    @given(cases(layers=(kind,)))
    def equal(case):
        assert_equals_fit(*case)

    equal()


@pytest.mark.parametrize("kind", all_losses, **by_name)
def test_any_loss(kind):
    @few
    @given(cases(losses=(kind,)))
    def equal(case):
        assert_equals_fit(*case)

    equal()


@pytest.mark.parametrize("kind", all_optimizers, **by_name)
def test_any_optimizer(kind):
    @few
    @given(cases(optimizers=(kind,)))
    def equal(case):
        assert_equals_fit(*case)

    equal()
