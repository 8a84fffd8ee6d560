"""Moments to go back to are spread over the whole run, within the memory that is allowed."""

import numpy as np
import pytest

from models.telemetry.allowance import Allowance, mebibyte
from models.telemetry.events import Histogram, LayerProbe, Probed
from models.telemetry.moments import Moments, size_of

allowance = Allowance(64 * mebibyte)


def look(step, state_bytes=0, layers=1):
    histogram = Histogram(np.zeros(40, np.int64), 0.0, 1.0)
    state = {"variable/0": np.full(state_bytes // 4, step, np.float32)} if state_bytes else None
    probes = tuple(LayerProbe(f"layer{number}", histogram, 0.0, 1.0, None, None) for number in range(layers))
    return Probed(1, step, probes, np.zeros((100, 1)), state=state)


def filled(count, every=10, capacity=60, **options):
    moments = Moments(capacity, allowance)
    for number in range(count):
        moments.append(look(number * every, **options))
    return moments


def steps(looks):
    return [each.step for each in looks]


def test_small_states_are_kept_with_every_look():
    moments = filled(1000, state_bytes=1000)
    assert steps(moments.states()) == steps(moments.looks())
    assert steps(moments.looks())[0] == 0
    assert steps(moments.looks())[-1] == 9990
    assert 30 <= len(moments.looks()) <= 60
    assert len(set(np.diff(steps(moments.looks())[:-1]))) == 1
    assert all((each.state["variable/0"] == each.step).all() for each in moments.states())


def test_of_large_states_as_many_are_kept_as_there_is_memory_for():
    moments = filled(200, state_bytes=allowance.states // 6)
    kept = steps(moments.states())
    assert 2 <= len(kept) <= 4
    assert (kept[0], kept[-1]) == (0, 1990)
    assert set(kept) < set(steps(moments.looks()))
    assert sum(size_of(each.state) for each in moments.states()) <= allowance.states
    assert moments.nbytes <= allowance.states + allowance.looks


def test_of_very_many_layers_fewer_looks_are_kept():
    moments = filled(300, layers=500)
    assert 4 <= len(moments.looks()) < 30
    assert moments.nbytes < allowance.looks


def test_the_state_before_the_best_epoch_is_held_whatever_comes():
    moments = Moments(8, allowance)
    for number in range(101):
        moments.append(look(number, state_bytes=100))
        if number == 37:
            moments.hold_newest_state()
    assert 37 in steps(moments.states())
    assert moments.state_at(38).step == 37
    assert 37 in steps(moments.looks())


def test_only_the_newest_look_has_what_panels_wanted():
    moments = filled(5, state_bytes=100)
    assert moments.newest.surface is not None
    assert all(each.surface is None for each in moments.looks()[:-1])


def test_a_second_look_after_the_same_step_takes_the_place_of_the_first():
    moments = filled(5, state_bytes=100)
    moments.append(look(40))
    assert steps(moments.looks()) == [0, 10, 20, 30, 40]
    assert steps(moments.states()) == [0, 10, 20, 30, 40]
    moments.append(look(40, state_bytes=200))
    assert len(moments.state_at(40).state["variable/0"]) == 50


@pytest.mark.parametrize(("step", "found"), [(-1, None), (0, 0), (9, 0), (10, 10), (999, 40)])
def test_the_state_of_a_moment_is_the_latest_that_is_not_after_it(step, found):
    state = filled(5, state_bytes=100).state_at(step)
    assert (state and state.step) == found


def test_moments_end_where_another_run_branches_off():
    moments = filled(10, state_bytes=100)
    moments.hold_newest_state()
    cut = moments.until(45)
    assert steps(cut.looks()) == steps(cut.states()) == [0, 10, 20, 30, 40]
    assert cut.newest.step == 40
    cut.append(look(50, state_bytes=100))
    assert steps(cut.states()) == [0, 10, 20, 30, 40, 50]
    assert steps(moments.looks())[-1] == 90


def test_a_state_that_would_not_fit_three_times_is_not_worth_taking():
    assert 3 * allowance.largest_state < allowance.states
    assert Allowance(16 * mebibyte).states == 0
