"""What a person sees of a training, on a terminal and in a log."""

import io

import numpy as np
import pytest

from models.headless.progress import Progress, duration
from models.telemetry.events import PhaseChanged, Started, StepsTaken
from tests.reports import epoch_ended


class Terminal(io.StringIO):
    def isatty(self):
        return True


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


def steps(first, last, epoch):
    count = last - first + 1
    return StepsTaken(1, first, np.full(count, epoch), np.full(count, 0.25), {}, np.full(count, 0.1), {}, 0.5)


def follow(progress, clock, epochs, seconds):
    progress.show(PhaseChanged(1, "compiling"))
    progress.show(Started(1, "cpu", (), (), 10, epochs))
    for epoch in range(1, epochs + 1):
        clock.now += seconds
        progress.show(steps(epoch * 10 - 9, epoch * 10, epoch))
        progress.show(epoch_ended(1, epoch, epoch * 10, {"loss": 0.3, "val_loss": 0.5}))
    progress.end()


def test_a_log_gets_a_line_every_two_seconds_and_one_at_the_end():
    stream, clock = io.StringIO(), Clock()
    follow(Progress(stream, clock), clock, 10, 0.5)
    lines = stream.getvalue().splitlines()
    assert lines[0] == "Compiling …"
    assert [line.split("  ")[0] for line in lines[1:]] == ["epoch 1/10", "epoch 5/10", "epoch 9/10", "epoch 10/10"]
    assert lines[2] == "epoch 5/10  20 steps/s  0:02 left  loss 0.3  val_loss 0.5"
    assert lines[-1] == "epoch 10/10  20 steps/s  loss 0.3  val_loss 0.5"


def test_a_terminal_has_one_line_that_is_written_over():
    stream, clock = Terminal(), Clock()
    follow(Progress(stream, clock), clock, 4, 1.0)
    text = stream.getvalue()
    assert text.count("\n") == 1
    assert "\r███░░░░░░░░░ epoch 1/4" in text
    assert text.rstrip().split("\r")[-1].startswith("████████████ epoch 4/4")


def test_a_reader_who_left_does_not_end_the_training():
    class Closed(io.StringIO):
        def write(self, text):
            raise BrokenPipeError

    clock = Clock()
    follow(Progress(Closed(), clock), clock, 2, 1.0)


@pytest.mark.parametrize(("seconds", "text"), [(0, "0:00"), (7.4, "0:07"), (75, "1:15"), (3723, "1:02:03")])
def test_durations(seconds, text):
    assert duration(seconds) == text
