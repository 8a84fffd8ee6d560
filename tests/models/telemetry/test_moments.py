"""Moments to go back to are spread over the whole run, within the memory that is allowed."""

import numpy as np
import pytest

from models.telemetry.allowance import Allowance, mebibyte
from models.telemetry.events import Histogram, LayerProbe, Probed, StateKept
from models.telemetry.moments import Moments, size_of

allowance = Allowance(64 * mebibyte)
curves = 20 * mebibyte
room = allowance.states_beside(curves + allowance.looks)


def look(step, layers=1):
    histogram = Histogram(np.zeros(40, np.int64), 0.0, 1.0)
    probes = tuple(LayerProbe(f"layer{number}", histogram, 0.0, 1.0, None, None) for number in range(layers))
    return Probed(1, step, probes, np.zeros((100, 1)))


def state(step, size=1000):
    return StateKept(1, step, {"variable/0": np.full(size // 4, step, np.float32)})


def filled(count, every=10, capacity=60, layers=1, state_bytes=1000):
    """Moments with a look and a state every so many steps."""
    moments = Moments(capacity, allowance)
    for number in range(count):
        moments.append(look(number * every, layers))
        moments.append_state(state(number * every, state_bytes), curves)
    return moments


def steps(moments):
    return [each.step for each in moments]


def test_small_states_are_kept_as_many_as_looks():
    moments = filled(1000)
    assert steps(moments.states()) == steps(moments.looks()) == list(moments.steps())
    assert moments.steps()[0] == 0
    assert moments.steps()[-1] == 9990
    assert 30 <= len(moments.looks()) <= 62
    assert len(set(np.diff(moments.steps()[:-1]))) == 1
    assert all((each.state["variable/0"] == each.step).all() for each in moments.states())


def test_of_large_states_as_many_are_kept_as_there_is_memory_for():
    moments = filled(200, state_bytes=room // 6)
    kept = steps(moments.states())
    assert 3 <= len(kept) <= 6
    assert (kept[0], kept[-1]) == (0, 1990)
    assert set(kept) < set(steps(moments.looks()))
    assert sum(size_of(each) for each in moments.states()) <= room + allowance.looks
    assert moments.nbytes + curves + allowance.earlier <= allowance.memory


def test_of_very_many_layers_fewer_looks_are_kept():
    moments = filled(300, layers=500)
    assert 4 <= len(moments.looks()) < 30
    assert sum(map(size_of, moments.looks())) < allowance.looks


def test_states_between_looks_are_moments_too():
    moments = Moments(60, allowance)
    moments.append(look(0))
    for step in (0, 5, 10):
        moments.append_state(state(step), curves)
    moments.append(look(8))
    assert moments.steps() == (0, 5, 8, 10)
    assert moments.look_at(7).step == 0
    assert moments.state_at(7).step == 5


def test_the_state_before_the_best_epoch_is_held_whatever_comes():
    moments = Moments(8, allowance)
    for number in range(101):
        moments.append_state(state(number), curves)
        if number == 37:
            moments.hold_newest_state()
    assert 37 in steps(moments.states())
    assert moments.state_at(38).step == 37
    assert 37 in moments.steps()


def test_only_the_newest_look_has_what_panels_wanted():
    moments = filled(5)
    assert moments.newest.surface is not None
    assert all(each.surface is None for each in moments.looks()[:-1])


def test_a_second_moment_after_the_same_step_takes_the_place_of_the_first():
    moments = filled(5)
    moments.append(look(40, layers=2))
    moments.append_state(state(40, 200), curves)
    assert steps(moments.looks()) == steps(moments.states()) == [0, 10, 20, 30, 40]
    assert len(moments.looks()[-1].layers) == 2
    assert len(moments.state_at(40).state["variable/0"]) == 50


@pytest.mark.parametrize(("step", "found"), [(-1, None), (0, 0), (9, 0), (10, 10), (999, 40)])
def test_the_state_of_a_moment_is_the_latest_that_is_not_after_it(step, found):
    state = filled(5).state_at(step)
    assert (state and state.step) == found


def test_moments_end_where_another_run_branches_off():
    moments = filled(10)
    moments.hold_newest_state()
    cut = moments.until(45)
    assert steps(cut.looks()) == steps(cut.states()) == [0, 10, 20, 30, 40]
    assert cut.newest.step == 40
    cut.append_state(state(50), curves)
    assert steps(cut.states()) == [0, 10, 20, 30, 40, 50]
    assert steps(moments.looks())[-1] == 90


def test_a_state_that_would_not_fit_three_times_is_not_worth_taking():
    assert 0 < 3 * allowance.largest_state < allowance.states_beside(allowance.curves + allowance.looks)
    assert Allowance(16 * mebibyte).largest_state == 0
