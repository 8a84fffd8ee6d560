"""Random numbers stand in for the data of any network."""

import numpy as np
import pytest

from models.data import prepare, read_facts
from models.data.loading import load
from models.experiment.data import RandomNumbers
from models.experiment.experiment import Experiment
from models.experiment.layers import Dense
from models.experiment.output_checks import fitting_loss
from models.experiment.training import Training


@pytest.mark.parametrize(
    ("task", "outputs", "targets"),
    [("binary", 1, (40, 1)), ("multiclass", 5, (40,)), ("multilabel", 3, (40, 3)), ("regression", 2, (40, 2))],
)
def test_the_facts_are_what_is_delivered(task, outputs, targets):
    source = RandomNumbers(samples=50, shape=(4, 3), task=task, outputs=outputs)
    facts = read_facts(source)
    training = Training(loss=fitting_loss(facts))
    prepared = prepare(Experiment(data=source, network=(Dense(name="d", units=1),), training=training))
    assert prepared.facts == facts
    assert prepared.x_train.shape == (40, 4, 3)
    assert prepared.y_train.shape == targets
    assert len(prepared.x_val) == 10


def test_symbols_are_whole_numbers_below_their_number():
    x = load(RandomNumbers(samples=500, shape=(7,), symbols=9), seed=0).x
    assert set(np.unique(x)) == set(range(9))


def test_the_seed_decides():
    source = RandomNumbers(samples=20)
    first, again, other = (load(source, seed).x for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
