"""Progress: steps, speed, time left, in words."""

import numpy as np
import pytest

from gui.progress import Progress, duration_text
from models.experiment.counting import grouped
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


def test_a_run_counts_in_the_unit_it_was_given():
    by_epochs = Progress().after(Started(1, "cpu", (), (), 10, 200)).after(taken(1, 10, 1.0))
    assert (by_epochs.words, by_epochs.other_words) == ("epoch 1 / 200", "step 10")
    by_steps = Progress(in_steps=True).after(Started(1, "cpu", (), (), 10, 200)).after(taken(1, 15, 1.0, epoch=2))
    assert (by_steps.words, by_steps.other_words) == ("step 15 / 2\u2009000", "epoch 2")


def test_a_run_that_ends_inside_an_epoch_is_done_with_its_last_step():
    progress = Progress().after(Started(1, "cpu", (), (), 10, 3, steps=25)).after(taken(1, 25, 1.0, epoch=3))
    assert progress.share == 1
    assert progress.words == "step 25 / 25"


def test_a_run_that_goes_on_counts_from_where_it_was():
    progress = Progress().after(Started(1, "cpu", (), (), 10, 4)).after(taken(1, 40, 1.0, epoch=4))
    progress = progress.after(Started(2, "cpu", (), (), 10, 6, 40))
    assert (progress.words, progress.share) == ("epoch 4 / 6", pytest.approx(2 / 3))
