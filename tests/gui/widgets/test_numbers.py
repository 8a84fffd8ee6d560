"""Numbers as people type and read them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gui.widgets.numbers import next_preferred, number_text, parse_number, short_text, stepped
from models.experiment.fields import Real


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_comes_back_from_its_text(value):
    assert parse_number(number_text(value)) == value


@pytest.mark.parametrize(
    ("value", "text"), [(1e-7, "1e-7"), (0.1, "0.1"), (3.0, "3"), (1e20, "1e20"), (-2.5, "-2.5"), (0.0, "0")]
)
def test_numbers_are_short(value, text):
    assert number_text(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(-0.3267, "−0.327"), (float("nan"), "NaN"), (float("-inf"), "−∞"), (-1.234e-6, "−1.23e-6"), (-0.0, "0")]
)
def test_numbers_that_are_read_only_look_like_those_of_the_plots(value, text):
    assert short_text(value) == text


@pytest.mark.parametrize("text", ["", "a", "nan", "inf", "1,5", "1e999"])
def test_what_is_no_number_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011
        parse_number(text)


def test_a_minus_sign_may_be_a_real_one():
    assert parse_number(" −0.5 ") == -0.5


@given(st.floats(1e-9, 1e9))
def test_preferred_numbers_rise_and_fall(value):
    above, below = next_preferred(value, up=True), next_preferred(value, up=False)
    assert below < value < above
    assert {f"{number:.0e}"[0] for number in (above, below)} <= set("125")


@pytest.mark.parametrize(
    ("value", "steps", "limits", "expected"),
    [
        (0.2, 1, Real(0, 1, open_most=True), 0.22),
        (0.98, 1, Real(0, 1, open_most=True), 0.98),
        (0.99, 1, Real(0, 1), 1.0),
        (0.05, -1, Real(0, 0.5), 0.04),
        (2.0, 1, Real(), 2.1),
        (0.0, 1, Real(), 0.1),
        (1e-7, 1, Real(0, open_least=True), 1.1e-7),
    ],
)
def test_steps_are_handy_and_stay_inside(value, steps, limits, expected):
    assert stepped(value, steps, limits) == pytest.approx(expected, rel=1e-12)
