"""Learning-rate schedules: their ends, their corners, and what warm-up does to each. Keras judges the values in test_keras.py."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.experiment.fields import kinds_in, new
from models.experiment.schedules import (
    CosineDecay,
    ExponentialDecay,
    InverseTimeDecay,
    OneCycle,
    PiecewiseConstantDecay,
    PolynomialDecay,
    Schedule,
    rate,
)
from tests.strategies import values

schedules = st.sampled_from(kinds_in(Schedule)).flatmap(values)


def rates(schedule, total, base=1.0, warmup=None):
    return [rate(schedule, warmup, step, total, base) for step in range(total + 1)]


def test_without_a_schedule_the_rate_stays():
    assert rates(None, 3, 0.01) == [0.01] * 4


def test_cosine_ends_with_the_run():
    assert rates(CosineDecay(), 4) == pytest.approx([1, 0.8535534, 0.5, 0.1464466, 0])
    assert rates(CosineDecay(alpha=0.1), 2) == pytest.approx([1, 0.55, 0.1])


def test_cosine_stays_at_its_end():
    assert rates(CosineDecay(decay_steps=2, alpha=0.2), 4) == pytest.approx([1, 0.6, 0.2, 0.2, 0.2])


def test_one_cycle_begins_peaks_and_ends_where_it_says():
    one_cycle = OneCycle(pct_start=0.25, div_factor=10, final_div_factor=100)
    found = rates(one_cycle, 100, base=2.0)
    assert (found[0], found[25], found[100]) == pytest.approx((0.2, 2.0, 0.02))
    assert found[:26] == sorted(found[:26])
    assert found[25:] == sorted(found[25:], reverse=True)


@pytest.mark.parametrize(("done", "expected"), [(0.125, 0.52), (0.625, 0.500005)])
def test_one_cycle_is_fastais(done, expected):
    # combined_cos(0.25, 1 / 25, 1, 1e-5) of fastai, half-way up and half-way down: the mean of both ends.
    assert OneCycle().rate(int(1000 * done), 1000, 1.0) == pytest.approx(expected)


def test_a_step_decay_falls_after_so_many_steps():
    assert rates(ExponentialDecay(decay_steps=2, decay_rate=0.5, staircase=True), 5) == [1, 1, 0.5, 0.5, 0.25, 0.25]


def test_pieces_change_after_their_boundary():
    pieces = PiecewiseConstantDecay(boundaries=(1, 3), factors=(0.5, 0.1))
    assert rates(pieces, 5) == [1, 1, 0.5, 0.5, 0.1, 0.1]


@pytest.mark.parametrize("factors", [(0.5,), (0.5, 0.1, 0.01)])
def test_pieces_without_a_factor_keep_the_last_one(factors):
    pieces = PiecewiseConstantDecay(boundaries=(1, 3), factors=factors)
    assert rates(pieces, 4) == [1, 1, 0.5, 0.5, factors[:2][-1]]


def test_polynomial_falls_along_a_line_to_its_end():
    assert rates(PolynomialDecay(end_learning_rate=0.2), 4) == pytest.approx([1, 0.8, 0.6, 0.4, 0.2])


def test_inverse_time():
    assert rates(InverseTimeDecay(decay_steps=1, decay_rate=0.5), 2) == pytest.approx([1, 1 / 1.5, 0.5])


def test_warmup_rises_from_0_and_leaves_the_schedule_the_rest():
    assert rates(None, 4, 2.0, warmup=4) == [0, 0.5, 1, 1.5, 2]
    assert rates(CosineDecay(), 6, 1.0, warmup=2) == pytest.approx([0, 0.5, *rates(CosineDecay(), 4)])


@given(schedules, st.none() | st.integers(1, 100), st.integers(0, 200), st.integers(0, 200), st.floats(1e-6, 10))
def test_a_rate_is_a_number_from_0_upwards(schedule, warmup, step, total, base):
    found = rate(schedule, warmup, step, total, base)
    assert 0 <= found < float("inf")


@given(schedules, st.integers(0, 200), st.floats(1e-3, 10))
def test_the_rate_follows_the_optimizers(schedule, step, base):
    if isinstance(schedule, PolynomialDecay):
        schedule = new(PolynomialDecay, end_learning_rate=0.0)
    assert schedule.rate(step, 200, 2 * base) == pytest.approx(2 * schedule.rate(step, 200, base))
