"""Axes end at round numbers and say them readably."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gui.plots.axes import ticks

thin = "\u2009"


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (1850, f"1{thin}850"), (0.0123, "0.0123"), (1.2e-7, "1.2·10⁻⁷"), (1e7, "10⁷"), (-0.5, "−0.5"),
     (999.4, "999"), (999.5, f"1{thin}000"), (-999.99, f"−1{thin}000"),
     (float("nan"), "not finite"), (float("inf"), "not finite")],
)  # fmt: skip
def test_numbers_are_short(value, text):
    assert ticks.short(value) == text


def test_thousands_are_set_apart_by_a_thin_space():
    assert ticks.grouped(1234567) == f"1{thin}234{thin}567"
    assert ticks.grouped(12) == "12"


@pytest.mark.parametrize(
    ("positions", "written"),
    [([0, 0.25, 0.5], ["0", "0.25", "0.50"]), ([0, 2.5, 5], ["0", "2.5", "5.0"]), ([-5, 0, 5], ["−5", "0", "5"]),
     ([0, 2e-5, 4e-5], ["0", "2·10⁻⁵", "4·10⁻⁵"]), ([10, 20], ["10", "20"]),
     ([-2000, 0, 500_000], [f"−2{thin}000", "0", f"500{thin}000"]), ([1000, 1000.5], [f"1{thin}000.0", f"1{thin}000.5"])],
)  # fmt: skip
def test_labels_have_as_many_decimals_as_the_spacing_needs(positions, written):
    assert ticks.texts(positions) == written


@given(low=st.floats(-1e6, 1e6), span=st.floats(1e-3, 1e6), count=st.integers(1, 10))
def test_spaced_positions_lie_inside_are_even_and_not_too_many(low, span, count):
    positions = ticks.spaced(low, low + span, count)
    assert len(positions) <= count + 1
    assert all(low - span * 1e-6 <= position <= low + span * (1 + 1e-6) for position in positions)
    if len(positions) > 2:
        assert np.allclose(np.diff(positions), positions[1] - positions[0])


def test_whole_positions_are_whole():
    assert ticks.spaced(0, 7, 4, whole=True) == [0, 2, 4, 6]
    assert ticks.spaced(0, 3, 6, whole=True) == [0, 1, 2, 3]
    assert ticks.spaced(0, 2000, 4, whole=True) == [0, 500, 1000, 1500, 2000]


@given(low=st.floats(-1e5, 1e5), span=st.floats(0, 1e5), count=st.integers(2, 6))
def test_an_enclosing_range_encloses(low, span, count):
    bottom, top = ticks.enclosing(low, low + span, count)
    assert bottom <= low + 1e-6 * (1 + span)
    assert top >= low + span - 1e-6 * (1 + span)
    assert top > bottom


def test_what_differs_by_rounding_only_has_room_around_it():
    bottom, top = ticks.enclosing(32769.0, 32769.0 + 2.46e-11, 4)
    assert bottom < 32769 < top
    assert top - bottom > 1


def test_a_loss_near_zero_is_drawn_from_zero():
    assert ticks.enclosing(0.1, 0.87, 4)[0] == 0
    assert ticks.enclosing(0.8, 0.9, 4)[0] > 0.7


def test_decades_and_their_ticks():
    assert ticks.decades(0.003, 2) == (0.001, 10.0)
    assert ticks.decades(1, 1) == (1, 10)
    assert ticks.logarithmic_texts(ticks.logarithmic(1e-3, 10, 5)) == ["10⁻³", "10⁻²", "10⁻¹", "10⁰", "10¹"]
    assert ticks.logarithmic_texts(ticks.logarithmic(0.1, 1, 5)) == ["0.1", "0.2", "0.5", "1"]
    assert ticks.logarithmic_texts([1e-5, 2e-5]) == ["10⁻⁵", "2·10⁻⁵"]
    assert len(ticks.logarithmic(1e-30, 1, 5)) <= 6


@given(st.floats(0, 1e9))
def test_a_growing_axis_has_room(value):
    assert value < ticks.ceiling(value) <= max(2 * value, 12)


def test_round_numbers_are_the_next_ones():
    values = (0.0, 0.9, 1.0, 1.00000005, 1.3, 2.6, 7.0, 8.5, 0.034)
    assert [ticks.rounded_up(value) for value in values] == pytest.approx([1, 1, 1, 1, 1.5, 3, 8, 10, 0.04])


def test_a_label_that_would_touch_that_of_zero_is_left_out():
    assert ticks.above_zero([1e-4, 1e-3, 1e-2], 1e-4 / 2, (1e-5, 1e-1), 0.1) == [1e-3, 1e-2]
    assert ticks.above_zero([1e-4, 1e-3, 1e-2], 1e-4 / 2, (1e-5, 1e-1), 0.05) == [1e-4, 1e-3, 1e-2]
