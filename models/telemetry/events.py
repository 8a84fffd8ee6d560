"""What a run reports while it goes on. All values are copies: they may cross threads and outlive the run."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:  # The window knows the events before its first paint, and numpy takes 0.1 s.
    import numpy as np
    from numpy.typing import NDArray

    from models.telemetry.wanted import Looks

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

Ending = Literal["finished", "stopped", "failed", "diverged"]
Phase = Literal["preparing", "compiling", "training", "paused"]


@dataclass(frozen=True)
class Event:
    """Something that happened in the run with this number; numbers grow by one from run to run."""

    run: int


@dataclass(frozen=True)
class PhaseChanged(Event):
    """The run went over to another kind of work."""

    phase: Phase
    sentence: str = ""


@dataclass(frozen=True)
class Started(Event):
    """The network is built and the first step is about to be taken."""

    device: str
    layers: tuple[str, ...]
    """Names of the layers that hold trainable weights, from input to output."""
    metrics: tuple[str, ...]
    """Names beside ``loss``, without the prefix ``val_``; ``penalty``, the regularizers' part of the loss, where there is one."""
    steps_per_epoch: int
    epochs: int
    step: int = 0
    """Steps taken before, where a run goes on."""
    steps: int | None = None
    """Steps of the whole run, those before included, where it ends inside its last epoch."""

    @property
    def total_steps(self) -> int:
        """Steps of the whole run, those before included."""
        return self.epochs * self.steps_per_epoch if self.steps is None else self.steps


@dataclass(frozen=True)
class StepsTaken(Event):
    """Consecutive optimizer steps, each array with one entry a step."""

    first_step: int
    """Number of the first of these steps, counted from 1."""
    epoch: "Integers"
    """Epoch of each step, counted from 1."""
    loss: "Floats"
    """Loss of the step's batch before the update, penalties included, as Keras reports it."""
    metrics: Mapping[str, "Floats"]
    learning_rate: "Floats"
    gradient_norms: Mapping[str, "Floats"]
    """Per layer, of the gradient before clipping; NaN in steps where it was not measured."""
    seconds: float
    """Time these steps took."""

    @property
    def last_step(self) -> int:
        """Number of the last of these steps."""
        return self.first_step + len(self.loss) - 1


@dataclass(frozen=True)
class EpochsEnded(Event):
    """All training examples were gone through once more, or several times; each array with one entry an epoch."""

    epoch: "Integers"
    """Numbers of the epochs, counted from 1."""
    step: "Integers"
    """The last step of each."""
    values: Mapping[str, "Floats"]
    """Keras's names: ``loss``, metrics, ``val_loss``, ``val_`` and metric; training figures are means over the epoch."""

    def last_values(self) -> dict[str, float]:
        """The figures of the newest of these epochs."""
        return {name: float(figures[-1]) for name, figures in self.values.items()}


@dataclass(frozen=True)
class Histogram:
    """How values are spread: of all of them, or of an even sample where there are many."""

    counts: "Integers"
    """How many lie in each of equal bins between `low` and `high`."""
    low: float
    """The least value; below it where all are equal, so that the bins have a width."""
    high: float
    """The greatest value; above it where all are equal."""
    not_finite: int = 0
    """How many beside those were infinite, or no number."""


@dataclass(frozen=True)
class LayerProbe:
    """A look inside one layer, on a fixed batch of examples, as it is outside training."""

    name: str
    activations: Histogram
    """What the layer puts out."""
    mean: float
    """Of what the layer puts out."""
    std: float
    dead: float | None
    """Share of units that put out 0 for every example; none where the layer has no non-linearity that can die."""
    saturated: float | None
    """Share of outputs within 5 % of the output range from a finite bound; none where there is no non-linearity with bounds."""
    pre_activations: Histogram | None = None
    """What goes into the non-linearity, where the layer has one and it is seen from outside."""
    gradient_norm: float | None = None
    weight_norm: float | None = None
    update_ratio: float | None = None
    """Norm of one really taken update divided by the norm of the weights; none where there are no weights."""


@dataclass(frozen=True)
class Probed(Event):
    """A look inside the network after `step` steps."""

    step: int
    layers: tuple[LayerProbe, ...]
    surface: "Floats | None" = None
    """The network's outputs on the data's view: (positions, outputs); none where the data has no view."""
    looks: "Looks | None" = None
    """What the visible panels want beside; none where they want nothing."""


@dataclass(frozen=True)
class StateKept(Event):
    """Everything that decides how the run goes on after `step` steps, for going back."""

    step: int
    state: "Mapping[str, NDArray[Any]]"


@dataclass(frozen=True)
class Ended(Event):
    """The last event of every run."""

    ending: Ending
    sentence: str
    """Why, in words for a person; for a divergence with step and layer, for a failure with what to do."""
    step: int
    epoch: int
    train_seconds: float = 0.0
    compile_seconds: float = 0.0
    details: str = ""
    """A traceback or the like, to be folded away."""
    restored_epoch: int | None = None
    """The epoch whose weights a rule put back at the end; none where they are those of the last step."""
