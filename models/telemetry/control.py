"""What a person can ask of a run that goes on; set in one thread, read in another."""

import threading
from typing import Literal

from models.telemetry.wanted import Wanted

Unit = Literal["step", "epoch"]


class Control:
    """Wishes for a running training: pause, go on, take one step or epoch, stop, another learning rate, more to look at.

    Every method may be called from any thread at any time. The engine asks between compiled calls, so a wish takes effect
    within the length of one call.
    """

    def __init__(self, *, paused: bool = False, until: int = 0) -> None:
        """`until`: the step up to which a run that begins `paused` goes on before it holds for the first time."""
        self.until = until
        self._changed = threading.Condition()
        self._stopped = False
        self._paused = paused
        self._credit: Unit | None = None
        self._learning_rate: float | None = None
        self._holds = 0
        self._wanted = Wanted()

    def stop(self) -> None:
        """End the run after the step that is being taken."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def pause(self) -> None:
        """Hold before the next step."""
        with self._changed:
            self._paused = True
            self._credit = None
            self._holds += 1

    def resume(self) -> None:
        """Go on after a pause."""
        with self._changed:
            self._paused = False
            self._changed.notify_all()

    def advance(self, unit: Unit) -> None:
        """Pause if running; otherwise take one step, or go on to the end of the epoch, and hold again."""
        with self._changed:
            self._credit = unit if self._paused else None
            self._paused = True
            self._holds += 1
            self._changed.notify_all()

    def set_learning_rate(self, value: float) -> None:
        """Use `value` from the next step on."""
        with self._changed:
            self._learning_rate = value

    def want(self, wanted: Wanted) -> None:
        """Have every probe from now on bring this along."""
        self._wanted = wanted

    @property
    def wanted(self) -> Wanted:
        """What every probe is to bring along."""
        return self._wanted

    @property
    def stopped(self) -> bool:
        """Whether the run is to end."""
        return self._stopped

    @property
    def paused(self) -> bool:
        """Whether the run is to hold before the next step, single steps aside."""
        return self._paused

    @property
    def rate_is_asked(self) -> bool:
        """Whether another learning rate is to be used from the next step on."""
        return self._learning_rate is not None

    @property
    def holds(self) -> int:
        """How often it was asked to hold; one more while an epoch is being stepped through: hold before its end."""
        return self._holds

    def take_learning_rate(self) -> float | None:
        """The learning rate asked for since the last time, or none."""
        with self._changed:
            value, self._learning_rate = self._learning_rate, None
            return value

    def wait(self, seconds: float | None = None) -> bool:
        """Block while the run is to hold, at most so many seconds. Returns whether it is to hold no longer."""
        with self._changed:
            return self._changed.wait_for(lambda: self._stopped or not self._paused or self._credit is not None, seconds)

    def take_unit(self) -> Unit | None:
        """What a single step was asked in, or none for running freely or stopping."""
        with self._changed:
            unit, self._credit = self._credit, None
            return unit if self._paused and not self._stopped else None
