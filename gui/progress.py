"""How far a run is, how fast it goes, and how long it will take."""

from dataclasses import dataclass, replace

from models.experiment.counting import grouped
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
    in_steps: bool = False
    """Whether the run's length is one of steps; otherwise of epochs."""
    learning_rate: float | None = None
    """That of the newest step."""

    def after(self, event: Event) -> "Progress":
        """The progress when `event` has happened."""
        match event:
            case Started():
                epoch = event.step // max(event.steps_per_epoch, 1)
                in_steps = self.in_steps or event.steps is not None
                return Progress(event.step, epoch, event.epochs, event.total_steps, in_steps=in_steps)
            case StepsTaken() if len(event.loss):
                rate, speed = float(event.learning_rate[-1]), self._faster(event)
                epoch = int(event.epoch[-1])
                return replace(self, step=event.last_step, epoch=epoch, steps_per_second=speed, learning_rate=rate)
        return self

    @property
    def words(self) -> str:
        """How far the run is, in its own unit: ``epoch 3 / 200`` or ``step 700 / 1 500``."""
        if self.in_steps:
            return f"step {grouped(self.step)} / {grouped(self.total_steps)}"
        return f"epoch {grouped(self.epoch)} / {grouped(self.epochs)}"

    @property
    def other_words(self) -> str:
        """The same in the other unit, without the end."""
        return f"epoch {grouped(self.epoch)}" if self.in_steps else f"step {grouped(self.step)}"

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
