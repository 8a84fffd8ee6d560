"""How far a training is, on a terminal or in a log."""

import contextlib
import shutil
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import TextIO

from models.experiment.counting import grouped
from models.telemetry.events import EpochsEnded, Event, PhaseChanged, Started, StepsTaken

bar_width = 12
rate_window = 3.0
"""Seconds over which the speed is taken."""
terminal_interval, log_interval = 0.1, 2.0
"""Seconds between two lines, on a terminal and elsewhere."""


class Progress:
    """Shows a run: on a terminal one line that is written over, elsewhere a line after an epoch, at most every two seconds."""

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._clock = clock
        self._live = stream.isatty()
        self._next = 0.0
        self._shown = 0
        self._started: Started | None = None
        self._step = 0
        self._epoch = 1
        self._figures: Mapping[str, float] = {}
        """Keras's figures of the last whole epoch; in the first one the loss of the last batch."""
        self._epochs_seen = 0
        self._times: deque[tuple[float, int]] = deque()

    def show(self, event: Event) -> None:
        """Take in what the run reports next, and show it where it is time to."""
        match event:
            case PhaseChanged(phase="compiling"):
                self.say("Compiling …")
            case Started():
                self._started, self._step = event, event.step
                self._times.append((self._clock(), event.step))
            case StepsTaken() if len(event.loss):
                self._step, self._epoch = event.last_step, int(event.epoch[-1])
                if not self._epochs_seen:
                    self._figures = {"loss": float(event.loss[-1])}
                if self._live:
                    self._show_at(terminal_interval)
            case EpochsEnded():
                self._figures, self._epochs_seen = event.last_values(), int(event.epoch[-1])
                self._show_at(0.0 if self._is_last(event) else terminal_interval if self._live else log_interval)

    def say(self, text: str) -> None:
        """Show `text` until something takes its place, or as a line of a log."""
        if self._live:
            text = text[: shutil.get_terminal_size().columns - 1]
            self._write("\r" + text.ljust(self._shown))
            self._shown = len(text)
        else:
            self._write(f"{text}\n")

    def end(self) -> None:
        """Leave the line that was written over."""
        if self._live and self._shown:
            self._write("\n")
            self._shown = 0

    def _write(self, text: str) -> None:
        # A terminal that was closed, or a pipe that nobody reads any more, is no reason to end a training.
        with contextlib.suppress(OSError):
            self._stream.write(text)
            self._stream.flush()

    def _show_at(self, interval: float) -> None:
        now = self._clock()
        if interval and now < self._next:
            return
        self._next = now + interval
        self._times.append((now, self._step))
        while len(self._times) > 2 and now - self._times[0][0] > rate_window:
            self._times.popleft()
        self.say(self._line())

    def _line(self) -> str:
        assert self._started is not None
        total = self._started.total_steps
        share = self._step / total if total else 1.0
        filled = round(bar_width * share)
        bar = f"{'█' * filled}{'░' * (bar_width - filled)} " if self._live else ""
        rate = self._steps_per_second()
        left = f"{duration((total - self._step) / rate)} left" if rate and self._step < total else ""
        figures = [f"{name} {value:.4g}" for name, value in self._figures.items()]
        parts = [f"{bar}epoch {self._epoch}/{self._started.epochs}", f"{grouped(rate)} steps/s", left, *figures]
        return "  ".join(filter(None, parts))

    def _steps_per_second(self) -> float:
        (began, first), (now, last) = self._times[0], self._times[-1]
        return (last - first) / (now - began) if now > began else 0.0

    def _is_last(self, event: EpochsEnded) -> bool:
        return self._started is not None and int(event.epoch[-1]) == self._started.epochs


def duration(seconds: float) -> str:
    """Seconds as minutes and seconds, with hours where there are any: ``0:07``, ``1:02:03``."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
