"""How far a run is, how fast it goes, and how long it will take."""

from dataclasses import dataclass, replace

from models.telemetry.events import Event, Started, StepsTaken

smoothing = 0.1
"""Weight of a new speed in the running mean."""


@dataclass(frozen=True)
class Progress:
    """What the toolbar shows of a run; grows with its events."""

    step: int = 0
    epoch: int = 0
    epochs: int = 0
    total_steps: int = 0
    steps_per_second: float | None = None

    def after(self, event: Event) -> "Progress":
        """The progress when `event` has happened."""
        match event:
            case Started():
                epoch = event.step // max(event.steps_per_epoch, 1)
                return Progress(event.step, epoch, event.epochs, event.total_steps)
            case StepsTaken() if len(event.loss):
                return replace(self, step=event.last_step, epoch=int(event.epoch[-1]), steps_per_second=self._faster(event))
        return self

    @property
    def share(self) -> float:
        """Part of the run that is done, 0 to 1."""
        return self.step / self.total_steps if self.total_steps else 0.0

    @property
    def seconds_left(self) -> float | None:
        """Time to the end at the present speed, or none before the speed is known."""
        if not self.steps_per_second:
            return None
        return (self.total_steps - self.step) / self.steps_per_second

    def _faster(self, event: StepsTaken) -> float | None:
        if event.seconds <= 0:
            return self.steps_per_second
        speed = len(event.loss) / event.seconds
        if self.steps_per_second is None:
            return speed
        return (1 - smoothing) * self.steps_per_second + smoothing * speed


def duration_text(seconds: float) -> str:
    """`seconds` as people say it: ``12 s``, ``3 min``, ``2 h 5 min``."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60} min"
