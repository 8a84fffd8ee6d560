"""Lots of rows that wait to be taken in are there for everybody who looks, and never many."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.telemetry.curves import Curves, most_lots, most_waiting
from models.telemetry.thinning import Extremes, ThinnedTable

names = ("step", "epoch", "loss", "grad_norm/dense")


def empty(capacity=32):
    return Curves(ThinnedTable(names, capacity), Extremes(names[2:], 16), names[3:])


def lot(first, count, seed):
    random = np.random.default_rng(seed)
    norms = np.where(random.random(count) < 0.2, random.random(count), np.nan)
    step = first + np.arange(count)
    return step, step // 7, random.standard_normal(count), norms if seed % 3 else None


def same(one, other):
    rows, others = (np.array(list(curves.table.rows())) for curves in (one, other))
    assert np.array_equal(rows, others, equal_nan=True)
    for name in names[2:]:
        for numbers, expected in zip(one.extremes.curve(name), other.extremes.curve(name), strict=True):
            assert np.array_equal(numbers, expected, equal_nan=True)


@given(st.lists(st.tuples(st.integers(0, 40), st.booleans()), max_size=60))
def test_what_is_kept_does_not_depend_on_how_often_somebody_looks(lots):
    waiting, read = empty(), empty()
    first = 1
    for seed, (count, looks) in enumerate(lots):
        for curves in (waiting, read):
            curves.append(lot(first, count, seed))
        first += count
        assert len(read.table) <= 32
        if looks:
            same(waiting, read)
    same(waiting, read)


def test_a_lot_of_which_nobody_asks_waits():
    curves = empty()
    for number in range(most_lots - 1):
        curves.append(lot(1 + 5 * number, 5, number))
    assert len(curves._table) == 0
    assert curves.table.newest("step") == 5 * (most_lots - 1)


@pytest.mark.parametrize(("lots", "rows"), [(most_lots, 1), (2, most_waiting // len(names) // 2)])
def test_neither_many_lots_nor_large_ones_wait(lots, rows):
    curves = empty()
    for number in range(lots):
        assert len(curves._table) == 0
        curves.append(lot(1 + rows * number, rows, number + 1))
    assert curves._table.newest("step") == lots * rows


def test_columns_that_come_later_are_taken_in():
    curves = empty()
    curves.append(lot(1, 5, 1))
    curves.table.amend({"val_loss": 0.5})
    assert curves.names[-1] == "val_loss"
    curves.append((*lot(6, 2, 1), np.array([0.25, 0.125])))
    assert curves.table.column("val_loss").tolist()[4:] == [0.5, 0.25, 0.125]
    assert curves.extremes.names == names[2:]
