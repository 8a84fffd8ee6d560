"""Fewer points, same look: peaks survive, gaps stay gaps."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gui.plots.axes.curves import envelope, finite_range, spread, trailing_mean


def test_a_short_curve_is_left_as_it_is():
    x, y = envelope(np.arange(5), np.array([1.0, np.inf, 3, np.nan, 5]), 100)
    assert x.tolist() == [0, 1, 2, 3, 4]
    assert np.isnan(y[[1, 3]]).all()
    assert y[[0, 2, 4]].tolist() == [1, 3, 5]


def test_peaks_of_a_long_curve_survive_where_they_were():
    y = np.zeros(100_000)
    y[[12_345, 67_890]] = 7, -3
    x, shown = envelope(np.arange(100_000), y, 300)
    assert len(x) <= 2 * 300 + 400
    assert x[shown == 7].tolist() == [12_345]
    assert x[shown == -3].tolist() == [67_890]
    assert (np.diff(x) >= 0).all()


@given(count=st.integers(0, 500), pixels=st.integers(1, 60))
def test_the_range_of_what_is_drawn_is_that_of_the_data(count, pixels):
    y = np.random.default_rng(count).normal(size=count)
    x, shown = envelope(np.arange(count), y, pixels)
    assert finite_range(shown) == finite_range(y)
    assert len(x) == len(shown)


def test_a_stretch_without_numbers_stays_a_gap():
    y = np.ones(10_000)
    y[4000:6000] = np.nan
    x, shown = envelope(np.arange(10_000), y, 100)
    assert np.isnan(shown[(x > 4100) & (x < 5900)]).all()
    assert (shown[(x < 3900) | (x > 6100)] == 1).all()


@pytest.mark.parametrize("window", [1, 2, 7, 50, 299, 300, 1000])
def test_one_huge_number_spoils_only_the_means_that_it_is_in(window):
    y = np.random.default_rng(0).normal(size=300)
    y[3] = 1e25
    expected = [y[max(0, at + 1 - window) : at + 1].mean() for at in range(300)]
    assert trailing_mean(y, window) == pytest.approx(expected, rel=1e-9, abs=1e-12)
    places = np.array([0, 5, 60, 120, 299])
    assert trailing_mean(y, window, places) == pytest.approx(np.array(expected)[places], rel=1e-9, abs=1e-12)


def test_the_trailing_mean_leaves_out_what_is_not_finite():
    mean = trailing_mean(np.array([1.0, 3, np.nan, 5, np.inf, 7]), 3)
    assert mean[[0, 1, 3, 5]].tolist() == [1, 2, 4, 6]
    assert np.isnan(mean[[2, 4]]).all()


def test_the_range_of_nothing_is_none():
    assert finite_range(np.array([np.nan]), np.empty(0)) is None


@given(count=st.integers(1, 5000), pixels=st.integers(1, 60))
def test_on_a_logarithmic_axis_no_peak_is_lost_either(count, pixels):
    y = np.random.default_rng(count).normal(size=count)
    x, shown = envelope(np.arange(1, count + 1), y, pixels, logarithmic=True)
    assert finite_range(shown) == finite_range(y)
    assert len(x) == len(shown) <= max(2 * pixels, count if count <= 2 * pixels else 0)
    assert (np.diff(x) >= 0).all()


def test_places_are_spread_as_the_axis_is():
    x = np.arange(1, 10_001)
    assert x[spread(x, 5)].tolist() == [1, 2500, 5000, 7500, 10_000]
    assert x[spread(x, 5, logarithmic=True)].tolist() == [1, 10, 100, 1000, 10_000]
