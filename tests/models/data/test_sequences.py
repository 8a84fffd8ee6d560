"""Made-up sequences keep to the rules of Hochreiter and Schmidhuber (1997)."""

import numpy as np
import pytest

from models.data import prepare, read_facts
from models.data.examples import token_count
from models.data.loading import load
from models.data.randomness import Use, generator
from models.data.sequences import adding, temporal_order
from models.experiment.data import AddingProblem, Arrays, Digits, Table, TemporalOrder
from models.experiment.experiment import Experiment
from models.experiment.losses import MeanSquaredError, SparseCategoricalCrossentropy
from models.experiment.training import Training

kinds = [AddingProblem, TemporalOrder]
losses = {AddingProblem: MeanSquaredError(), TemporalOrder: SparseCategoricalCrossentropy()}


def test_the_adding_problem_adds_what_is_marked():
    """Experiment 4: first and last pair −1, one of the first ten 1, one more of the first T/2 − 1 not yet marked 1."""
    x, y = adding(4000, 100, 110, generator(0, Use.EXAMPLES))
    numbers, marks = x[..., 0], x[..., 1]
    ends = np.argmax(np.cumsum(marks == -1, axis=1) == 2, axis=1) + 1
    assert (ends.min(), ends.max()) == (100, 110)
    assert np.all(marks[:, 0] == -1)
    assert not np.any(x[np.arange(110) >= ends[:, np.newaxis]])
    assert (numbers.min(), numbers.max()) == (pytest.approx(-1, abs=0.01), pytest.approx(1, abs=0.01))
    ones = np.count_nonzero(marks == 1, axis=1)
    # The first pair is among those that may be marked; it counts 0 and keeps its −1.
    assert set(ones) == {1, 2}
    assert 0.08 < np.mean(ones == 1) < 0.16
    for row in range(500):
        places = np.flatnonzero(marks[row] == 1)
        assert places[0] < 10 or ones[row] == 1
        assert places[-1] < 50
        assert y[row] == pytest.approx(0.5 + numbers[row, places].sum() / 4)
    assert 0 <= y.min() < y.max() <= 1


def test_the_second_mark_is_never_where_the_first_is():
    x, _ = adding(5000, 20, 20, generator(1, Use.EXAMPLES))
    marked = np.count_nonzero(x[..., 1] == 1, axis=1)
    # Of 100 pairs of places some have the first pair in them: 1 in 10 for the first mark, about 1 in 9 for the second.
    assert np.mean(marked == 1) == pytest.approx(1 / 10 + 9 / 10 / 9, abs=0.02)


def test_the_order_of_two_symbols_is_the_class():
    """Experiment 6a: E, then a, b, c, d at random with X or Y at T/10…T/5 and at T/2…6T/10, then B."""
    tokens, classes = temporal_order(2000, 100, 110, generator(0, Use.EXAMPLES))
    ends = np.count_nonzero(tokens, axis=1)
    assert (ends.min(), ends.max()) == (100, 110)
    symbols = np.array(TemporalOrder.symbols)[tokens]
    assert np.all(symbols[:, 0] == "E")
    assert np.all(symbols[np.arange(2000), ends - 1] == "B")
    special = np.isin(symbols, ("X", "Y"))
    assert np.all(special.sum(axis=1) == 2)
    places = np.argwhere(special)[:, 1].reshape(-1, 2)
    assert (places.min(axis=0).tolist(), places.max(axis=0).tolist()) == ([10, 50], [20, 60])
    words = [" ".join(row[kept]) for row, kept in zip(symbols, special, strict=True)]
    assert words == [TemporalOrder.class_names[number] for number in classes]
    assert np.bincount(classes).min() > 400
    assert set(symbols.ravel()) == set(TemporalOrder.symbols)


@pytest.mark.parametrize("kind", kinds)
def test_sequences_depend_on_the_seed_and_are_fed_as_they_are(kind):
    source = kind(samples=60, spread=0.5, test_share=0.25)
    first, again, other = (load(source, seed) for seed in (3, 3, 4))
    assert np.array_equal(first.x, again.x)
    assert not np.array_equal(first.x, other.x)
    prepared = prepare(Experiment(data=source, network=(), training=Training(loss=losses[kind]), seed=3))
    assert np.array_equal(np.concatenate([prepared.x_train, prepared.x_val]), first.x.astype(np.float32))
    assert len(prepared.x_train) == 45
    assert source.longest == prepared.facts.input_shape[0] == 30


@pytest.mark.parametrize("length", [20, 23, 100])
@pytest.mark.parametrize("kind", kinds)
def test_without_spread_all_are_as_long(kind, length):
    x = load(kind(samples=30, length=length, spread=0), 0).x
    assert x.shape[1] == length
    assert np.all(x[:, -1] != 0 if x.ndim == 2 else x[:, -1, 1] == -1)


@pytest.mark.parametrize(
    ("x", "tokens"),
    [
        (np.array([[0, 3], [2, 1]]), 4),
        (np.array([[0.0, 3.0]]), 4),
        (np.array([[0.5, 3.0]]), None),
        (np.array([[-1, 3]]), None),
        (np.array([[np.nan, 3.0]]), None),
        (np.array([[0, 10**6]]), None),
        (np.array([[True, False]]), 2),
        (np.concatenate([np.zeros(200), [0.5]])[:, np.newaxis], None),
    ],
)
def test_what_an_embedding_can_look_up(x, tokens):
    assert token_count(x) == tokens


def test_files_tell_whether_they_hold_whole_numbers(tmp_path):
    arrays, table = str(tmp_path / "a.npz"), str(tmp_path / "t.csv")
    np.savez(arrays, x=np.arange(60).reshape(20, 3), y=np.arange(20) % 2)
    (tmp_path / "t.csv").write_text("a,b,y\n" + "".join(f"{i},{i % 3}.0,{i % 2}\n" for i in range(20)))
    assert read_facts(Arrays(path=arrays)).tokens == 60
    assert read_facts(Table(path=table, target="y")).tokens == 20
    assert read_facts(Digits()).tokens == 17
