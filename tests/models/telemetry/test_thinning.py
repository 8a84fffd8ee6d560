"""Thinned records are bounded, even, and keep their ends; extremes keep every peak."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.telemetry.thinning import Extremes, ThinnedList, ThinnedTable, evenly


@given(total=st.integers(1, 400), capacity=st.integers(3, 40), chunk=st.integers(1, 50), every=st.integers(1, 30))
def test_the_record_is_bounded_increasing_even_and_complete_at_the_ends(total, capacity, chunk, every):
    table = ThinnedTable(("step", "value"), capacity)
    for first in range(0, total, chunk):
        number = np.arange(first, min(first + chunk, total))
        table.append(np.array([number, number * 2.0]), number % every == 0)
    kept = table.column("step")
    assert len(kept) <= capacity
    assert kept[0] == 0
    assert kept[-1] == total - 1
    assert (np.diff(kept) > 0).all()
    assert (table.column("value") == kept * 2).all()
    stride = 1
    while -(-(total - 1) // stride) > capacity - 1:
        stride *= 2
    assert (np.diff(kept) < 2 * stride).all() or stride == 1
    assert len(kept) == -(-(total - 1) // stride) + 1


@given(total=st.integers(1, 300), capacity=st.integers(2, 20))
def test_a_thinned_list_keeps_both_ends_and_its_bound(total, capacity):
    kept = ThinnedList(capacity)
    for number in range(total):
        kept.append(number)
    assert len(kept.items) <= capacity
    assert kept.items[0] == 0
    assert kept.items[-1] == total - 1
    assert len(set(np.diff(kept.items[:-1]))) <= 1


@given(total=st.integers(1, 60), capacity=st.integers(2, 9), cut=st.integers(1, 60))
def test_a_cut_list_grows_on_within_its_bound(total, capacity, cut):
    whole = ThinnedList(capacity)
    for number in range(total):
        whole.append(number)
    kept = whole.until(min(cut, len(whole.items)))
    last = kept.items[-1]
    assert kept.items == whole.items[:cut]
    for number in range(last + 1, last + 50):
        kept.append(number)
        assert len(kept.items) <= capacity
        assert kept.items[-1] == number
        assert kept.items[0] == 0


def test_what_begins_with_one_thing_alone_keeps_those_that_follow():
    whole = ThinnedList(4)
    for number in range(100):
        whole.append(number)
    alone = whole.until(1)
    for number in (7, 8, 9):
        alone.append(number)
    assert alone.items == [0, 7, 8, 9]


@given(total=st.integers(1, 300), capacity=st.integers(3, 40), cut=st.integers(0, 300))
def test_a_cut_table_ends_there_and_grows_on(total, capacity, cut):
    table = ThinnedTable(("step", "value"), capacity)
    number = np.arange(1, total + 1)
    table.append(np.array([number, number * 2.0]))
    kept = table.until("step", cut)
    expected = [step for step in table.column("step") if step <= cut]
    assert kept.column("step").tolist() == expected
    more = np.arange(cut + 1, cut + 50)
    kept.append(np.array([more, more * 2.0]))
    steps = kept.column("step")
    assert len(steps) <= capacity
    assert (np.diff(steps) > 0).all()
    assert steps[-1] == more[-1]
    assert (kept.column("value") == 2 * steps).all()


def test_a_reduced_table_has_fewer_columns_and_rows_and_both_ends():
    table = ThinnedTable(("step", "loss", "other"), 100)
    number = np.arange(1.0, 81.0)
    table.append(np.array([number, -number, 0 * number]))
    reduced = table.reduced(("step", "loss"), 10)
    steps = reduced.column("step")
    assert len(steps) <= 10
    assert (steps[0], steps[-1]) == (1, 80)
    assert (reduced.column("loss") == -steps).all()
    assert reduced.nbytes < table.nbytes / 5


def extremes_of(values, capacity, chunk=7):
    found = Extremes(("loss",), capacity)
    for first in range(0, len(values), chunk):
        part = np.asarray(values[first : first + chunk], float)
        found.append(1 + first + np.arange(len(part)), part[None])
    return found


def test_a_short_record_is_a_curve_through_all_of_it():
    at, curve = extremes_of([3, 1, 2, 5], 8).curve("loss")
    assert at.tolist() == [1, 2, 3, 4]
    assert curve.tolist() == [3, 1, 2, 5]


@given(
    values=st.lists(st.integers(-5, 5) | st.just(float("nan")), min_size=1, max_size=200),
    capacity=st.sampled_from((2, 4, 8, 14)),
    chunk=st.integers(1, 60),
)
def test_every_part_of_a_long_record_keeps_its_lowest_and_its_highest_number(values, capacity, chunk):
    found = extremes_of(values, capacity, chunk)
    at, curve = found.curve("loss")
    assert len(at) == len(curve) <= 2 * capacity
    assert (np.diff(at) >= 0).all()
    stride = 1
    while stride * capacity < len(values):
        stride *= 2
    parts = [np.array(values[first : first + stride], float) for first in range(0, len(values), stride)]
    lows = [np.nanmin(part) if not np.isnan(part).all() else np.nan for part in parts]
    highs = [np.nanmax(part) if not np.isnan(part).all() else np.nan for part in parts]
    expected = np.array(values, float) if stride == 1 else np.stack([lows, highs], axis=1).ravel()
    assert np.array_equal(curve, expected, equal_nan=True)
    assert at.tolist() == (
        list(range(1, len(values) + 1)) if stride == 1 else np.repeat(1 + stride * np.arange(len(parts)), 2).tolist()
    )


def test_one_peak_in_a_million_steps_survives():
    values = np.ones(1_000_000)
    values[777_777] = 9
    _, curve = extremes_of(values, 4096, 4000).curve("loss")
    assert curve.max() == 9


@given(total=st.integers(1, 100), capacity=st.sampled_from((2, 4, 8)), cut=st.integers(0, 110))
def test_cut_extremes_know_nothing_of_what_came_later(total, capacity, cut):
    values = np.arange(1.0, total + 1)
    found = extremes_of(values, capacity).until(cut)
    _, curve = found.curve("loss")
    assert (curve <= cut).all()
    found.append(cut + 1 + np.arange(30), 1000.0 + np.arange(30)[None])
    _, curve = found.curve("loss")
    assert curve.max() == 1029
    assert not ((curve > cut) & (curve < 1000)).any()


def test_buckets_are_joined_two_by_two():
    with pytest.raises(ValueError, match="must be even, not 7"):
        Extremes(("loss",), 7)


@given(count=st.integers(0, 5000), most=st.integers(2, 300))
def test_even_places_are_as_many_as_may_be_and_hold_both_ends(count, most):
    places = evenly(count, most).tolist()
    assert len(places) == min(count, most)
    assert places[:1] == [0][:count]
    assert places[-1:] == [count - 1][:count]
    assert max(np.diff(places), default=1) - min(np.diff(places), default=1) <= 1
