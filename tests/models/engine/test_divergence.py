"""A step whose figures are not finite is not taken: the run ends, says where, and keeps finite weights."""

import numpy as np
import pytest

from models.engine.divergence import explain
from models.experiment.activations import Exponential, Linear, Relu
from models.experiment.layers import BatchNormalization, Dropout
from models.experiment.losses import MeanSquaredError
from models.experiment.optimizers import SGD
from tests.models.engine.samples import blind_session, blind_train, data_for, dense, experiment, losses, weights

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("as_written")]

deep = (dense(6, Relu(), "first"), Dropout(name="drop", rate=0.2), dense(5, Linear(), "second"))


def finite(model):
    return all(np.isfinite(weight).all() for weight in weights(model))


def diverging(network=deep, rate=1e4, **training):
    return experiment(network, "regression", loss=MeanSquaredError(), optimizer=SGD(learning_rate=rate), epochs=50, **training)


@pytest.fixture(scope="module")
def losses_by_threes():
    return losses(blind_train(diverging(), task="regression", steps_per_call=3)[1])


@pytest.mark.parametrize("steps_per_call", [None, 1, 200])
def test_a_huge_learning_rate(steps_per_call, losses_by_threes):
    value = diverging()
    trained, events = blind_train(value, task="regression", steps_per_call=steps_per_call)
    ended = events[-1]
    assert ended.ending == "diverged"
    assert finite(trained.model)
    assert np.isfinite(losses(events)).all()
    assert len(losses(events)) == ended.step == trained.step > 0
    assert f"Step {ended.step + 1} (epoch {ended.epoch if (ended.step % 3) else ended.epoch + 1})" in ended.sentence
    assert any(name in ended.sentence for name in ("first", "second", "output"))
    assert ended.sentence.endswith("Lower the learning rate or clip the gradient.")
    assert losses(events).tolist() == losses_by_threes.tolist()


def test_the_weights_are_those_of_the_last_step_taken():
    value = diverging()
    trained, events = blind_train(value, task="regression", steps_per_call=100)
    again = blind_session(value, task="regression")
    again.stepper.take(again.batches.plan(0, events[-1].step, again.learning_rate))
    assert all(np.array_equal(a, b) for a, b in zip(weights(trained.model), weights(again.model), strict=True))


def test_one_bad_number_in_the_data_is_found_and_named():
    value = diverging((dense(6, Relu(), "first"), BatchNormalization(name="norm"), dense(5, Relu(), "second")), rate=0.01)
    prepared = data_for(value, "regression")
    prepared.x_train[13, 1] = np.nan
    trained, events = blind_train(value, prepared)
    ended = events[-1]
    assert (ended.ending, ended.step) == ("diverged", 1)
    assert "Step 2 (epoch 1)" in ended.sentence
    assert "first" in ended.sentence
    assert "Example 13 of the training data" in ended.sentence
    assert finite(trained.model)


def test_the_first_layer_with_infinite_outputs_is_named():
    value = diverging((dense(6, Linear(), "first"), dense(5, Exponential(), "boom"), dense(5, Relu(), "later")), rate=0.01)
    prepared = data_for(value, "regression")
    prepared.x_train[:] *= 1e4
    ended = blind_train(value, prepared)[1][-1]
    assert ended.ending == "diverged"
    assert "boom is the first layer whose output is not finite" in ended.sentence


def test_weights_that_overflow_without_a_trace_in_the_gradient():
    value = experiment((), "regression", loss=MeanSquaredError(), optimizer=SGD(learning_rate=1000.0), epochs=1)
    prepared = data_for(value, "regression")
    prepared.y_train[:] = np.sign(prepared.y_train) * 1e18
    prepared.x_train[:] *= 1e18
    trained, events = blind_train(value, prepared, steps_per_call=3)
    ended = events[-1]
    assert (ended.ending, ended.step) == ("diverged", 0)
    assert "after it the weights of layer output would not be finite" in ended.sentence
    assert finite(trained.model)
    assert losses(events).size == 0


def test_initial_weights_that_are_not_finite_are_named_and_no_learning_rate_is_blamed():
    value = diverging((dense(6, Relu(), "first"), dense(5, Relu(), "second")), rate=0.01)
    made = blind_session(value, task="regression")
    kernel = made.model.get_layer("second").kernel
    kernel.assign(np.full(kernel.shape, np.nan))
    batches = made.batches
    found = explain(made.stepper, made.state, batches.plan(0, 1, made.learning_rate), made.stock)
    assert "the weights of layer second are not finite" in found.sentence
    assert found.sentence.endswith("Start from others: import the network once more, or forget its weights.")
