"""Progress: steps, speed, time left, in words."""

import numpy as np
import pytest

from gui.progress import Progress, duration_text
from gui.widgets.numbers import grouped
from models.telemetry.events import Started, StepsTaken


def taken(first: int, count: int, seconds: float, epoch: int = 1) -> StepsTaken:
    ones = np.ones(count)
    return StepsTaken(1, first, np.full(count, epoch), ones, {}, ones, {}, seconds)


def test_share_and_time_left_follow_the_steps():
    progress = Progress().after(Started(1, "cpu", (), (), 10, 4)).after(taken(1, 10, 1.0))
    assert (progress.step, progress.total_steps) == (10, 40)
    assert progress.share == pytest.approx(0.25)
    assert progress.seconds_left == pytest.approx(3.0)


def test_speed_is_smoothed():
    progress = Progress().after(Started(1, "cpu", (), (), 10, 4)).after(taken(1, 10, 1.0)).after(taken(11, 10, 0.1))
    assert 10 < progress.steps_per_second < 100


def test_no_steps_no_speed():
    progress = Progress().after(Started(1, "cpu", (), (), 10, 0))
    assert progress.share == 0
    assert progress.seconds_left is None


@pytest.mark.parametrize(("seconds", "text"), [(0.4, "0 s"), (12, "12 s"), (180, "3 min"), (7500, "2 h 5 min")])
def test_duration_text(seconds, text):
    assert duration_text(seconds) == text


def test_grouped():
    assert grouped(11400.4) == "11\u2009400"
