"""The learning-rate finder: a sweep that leaves the session alone, says numbers only, and suggests what trains."""

import numpy as np
import pytest

from models.engine.finder import conclude, smooth, sweep
from models.experiment.activations import Sigmoid
from models.experiment.layers import BatchNormalization, Dropout
from models.experiment.losses import MeanSquaredError
from models.experiment.optimizers import SGD, Adam
from models.telemetry.control import Control
from tests.models.engine.samples import blind_session, blind_train, data_for, epochs, experiment, hidden, weights
from tests.sampling import seldom

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("as_written")]


def test_the_session_stays_as_it_is():
    value = experiment((*hidden(), BatchNormalization(name="norm"), Dropout(name="drop", rate=0.2)), epochs=2, shuffle=True)
    prepared = data_for(value)
    swept, (straight, _) = blind_session(value, prepared), blind_train(value, prepared)
    before = weights(swept.model)
    found = sweep(swept, steps=50)
    assert len(found.losses) > 20
    assert all(np.array_equal(a, b) for a, b in zip(before, weights(swept.model), strict=True))
    swept.train(lambda event: None, Control())
    assert all(np.array_equal(a, b) for a, b in zip(weights(straight.model), weights(swept.model), strict=True))


def test_the_same_sweep_gives_the_same_numbers():
    first, second = (sweep(blind_session(experiment(shuffle=True)), steps=40) for _ in range(2))
    assert first.losses.tolist() == second.losses.tolist()
    assert first.suggestion == second.suggestion


def test_learning_rates_grow_by_the_same_factor_and_end_where_the_loss_explodes():
    value = experiment(task="regression", loss=MeanSquaredError(), optimizer=SGD())
    found = sweep(blind_session(value, data_for(value, "regression", samples=100)), low=1e-4, high=1e4, steps=80)
    assert np.diff(np.log(found.rates)) == pytest.approx(np.log(1e8) / 79)
    assert found.rates[-1] < 1e4
    assert len(found.rates) == len(found.losses) == len(found.smoothed)
    for figures in (found.rates, found.losses, found.smoothed):
        assert np.isfinite(figures).all()


def test_the_suggestion_trains():
    value = experiment(optimizer=Adam(learning_rate=1e-5), epochs=30)
    prepared = data_for(value, samples=200)
    suggestion = sweep(blind_session(value, prepared)).suggestion
    better = experiment(optimizer=Adam(learning_rate=suggestion), epochs=30)
    last, first = epochs(blind_train(better, prepared)[1])[-1]["loss"], epochs(blind_train(value, prepared)[1])[0]["loss"]
    assert last < 0.5 * first


@pytest.mark.parametrize("optimizer", [seldom(SGD(learning_rate=0.1)), Adam(learning_rate=0.1)])
def test_the_suggestion_does_not_depend_on_the_experiments_own_rate(optimizer):
    value, other = experiment(optimizer=optimizer), experiment(optimizer=type(optimizer)(learning_rate=1e-4))
    assert sweep(blind_session(value), steps=40).suggestion == sweep(blind_session(other), steps=40).suggestion


@pytest.mark.parametrize("gathered", [4, seldom(250)])
def test_where_gradients_are_gathered_every_learning_rate_moves_the_weights(gathered):
    """It is then the sweep of a batch that is so many times as large."""
    found = []
    for size, steps in ((2, gathered), (2 * gathered, None)):
        value = experiment(optimizer=SGD(gradient_accumulation_steps=steps), batch_size=size, last=Sigmoid())
        found.append(sweep(blind_session(value, data_for(value, samples=2 * gathered)), low=1e-3, high=3, steps=25))
    np.testing.assert_allclose(found[0].losses, found[1].losses, rtol=1e-3)
    assert len(set(found[0].losses.tolist())) == len(found[0].losses) > 20


def test_a_wish_to_stop_is_heard():
    control = Control()
    control.stop()
    found = sweep(blind_session(experiment()), control=control)
    assert (found.suggestion, len(found.losses), found.sentence) == (None, 0, "Stopped before the end.")


rates = np.geomspace(1e-6, 10, 100)


def test_a_curve_that_falls_and_explodes_has_its_suggestion_in_between():
    losses = 1 - 0.9 / (1 + np.exp(-2 * np.log(rates / 1e-3))) + np.maximum(0, rates - 0.5)
    found = conclude(rates, losses)
    assert 1e-3 < found.suggestion < 0.1
    assert found.suggestion == float(f"{found.suggestion:.1e}")
    assert found.sentence.startswith("Between ")


@pytest.mark.parametrize(
    ("losses", "words"),
    [
        (np.ones(100), "did not fall"),
        (np.linspace(1, 2, 100), "did not fall"),
        (np.linspace(1, 0.995, 100), "did not fall"),
        (np.empty(0), "not finite from the beginning"),
        (np.ones(2), "not finite from the beginning"),
    ],
)
def test_where_nothing_can_be_said_the_sentence_tells_why(losses, words):
    found = conclude(rates[: len(losses)], losses)
    assert found.suggestion is None
    assert words in found.sentence


def test_the_running_mean_is_right_from_its_beginning():
    assert smooth(np.full(5, 3.0)) == pytest.approx(np.full(5, 3.0))
    assert smooth(np.array([1.0, 2.0])) == pytest.approx(np.array([1.0, (0.8 * 0.2 * 1 + 0.2 * 2) / (1 - 0.64)]))
