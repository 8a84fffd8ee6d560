"""Names stay readable however many there are and however long."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gui.plots.axes.names_axis import name_ticks, shortened


def width(text):
    return 6.0 * len(text)


@given(
    names=st.lists(st.text("abcde_0", min_size=1, max_size=40), min_size=1, max_size=200),
    axis=st.floats(100, 2000),
    highest=st.floats(30, 300),
)
def test_no_name_touches_another_or_is_too_long(names, axis, highest):
    found = name_ticks(names, (-0.5, len(names) - 0.5), axis, highest, width, 10)
    room = axis / len(names)
    for line in (found.texts[::2], found.texts[1::2]) if in_turns(found) else (found.texts,):
        step = (found.positions[1] - found.positions[0]) * room if len(found.positions) > 1 else axis
        for left, right in pairwise(line):
            assert step * (1 + in_turns(found)) >= (10 if found.upright else (width(left.strip()) + width(right.strip())) / 2)
    if found.upright:
        assert all(width(text) <= highest for text in found.texts)
    assert found.height <= max(highest, 10)


def in_turns(found):
    return any(text.startswith("\n") for text in found.texts)


def ticks_of(names, low=-0.5, high=None):
    return name_ticks(names, (low, len(names) - 0.5 if high is None else high), 300, 80, width, 10)


def test_few_stand_side_by_side_and_many_are_turned():
    assert not ticks_of(["dense", "output"]).upright
    longer = ticks_of(["conv2d", "max_pooling2d", "conv2d_1", "flatten", "output"])
    assert longer.texts == ("conv2d", "\nmax_pooling2d", "conv2d_1", "\nflatten", "output")
    assert not longer.upright
    assert longer.height == 20
    assert not ticks_of(["a_convolution", "max_pooling2d", "conv2d_1", "flatten", "output"]).upright
    assert ticks_of(["conv2d", "max_pooling2d", "conv2d_1", "flatten", "class_output"]).upright, "it would leave the figure"
    many = ticks_of([f"dense_{number}" for number in range(20)])
    assert many.upright
    assert len(many.texts) == 20
    assert many.look["rotation"] == 90
    assert len(ticks_of([f"dense_{number}" for number in range(50)]).texts) == 17


def test_those_that_somebody_zoomed_to_have_more_room():
    names = [f"dense_{number}" for number in range(50)]
    found = ticks_of(names, 9.7, 13.2)
    assert found.positions == (10, 11, 12, 13)
    assert found.texts == ("dense_10", "dense_11", "dense_12", "dense_13")
    assert not found.upright
    assert ticks_of(names, 60, 70).positions == ()


@pytest.mark.parametrize(
    ("room", "text"), [(200, "block1_conv2d_12"), (60, "block…d_12"), (24, "bl…2"), (1, "…")]
)  # fmt: skip
def test_a_long_name_loses_its_middle(room, text):
    assert shortened("block1_conv2d_12", room, width) == text
