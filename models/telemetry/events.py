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
Phase = Literal["preparing", "compiling", "training", "paused", "stopping"]


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
    """How values are spread: of all of them, or of an even sample where there are many.

    To a sample of weights, gradients or updates the least and the greatest of all of them are added.
    """

    counts: "Integers"
    """How many lie in each of equal bins between `low` and `high`."""
    low: float
    """The least value; below it where all are equal, so that the bins have a width."""
    high: float
    """The greatest value; above it where all are equal."""
    not_finite: int = 0
    """How many beside those were infinite, or no number."""

    @property
    def reach(self) -> tuple[float, float]:
        """The least and the greatest value; the same one where all are equal, which then fill one bin, in the middle."""
        if self.counts.size > 1 and (self.counts > 0).sum() == 1:
            return ((self.low + self.high) / 2,) * 2
        return self.low, self.high


@dataclass(frozen=True)
class GateProbe:
    """What a recurrent layer adds up inside for one of its gates, x·W + state·U + b, or with convolutions for products.

    Of all units, for every step of every example that no mask passes over, or for an even choice of steps where they are many.
    """

    name: str
    """As `models.experiment.layers.gates` calls it: ``i``, ``f``, ``c`` and ``o`` in an LSTM, ``z``, ``r`` and ``h`` in a GRU;
    ``cell 1 i`` where there are several cells.
    """
    pre_activations: Histogram
    mean: float
    """Of the sums."""
    std: float
    """Standard deviation of the sums."""
    dead: float | None
    """As in a `LayerProbe`, by the activation that is applied to the sums."""
    saturated: float | None
    """Share of (unit, example, step) for which the slope of the activation that is applied is less than 0.05 in size.

    A gate that is saturated is open or closed, which may be what it has learned.
    """


@dataclass(frozen=True)
class Slopes:
    """The slopes that a PReLU has for what is below 0, those aside that are no finite numbers."""

    mean: float
    spread: "Floats"
    """All in the order of their size; where they are many, an even choice, the least and the greatest among them."""


@dataclass(frozen=True)
class LayerProbe:
    """A look inside one layer, on a fixed batch of training examples, as it is outside training.

    A unit is a feature of the layer's output, in a convolution a channel; each is seen once for every example, and for every
    position in it where there are several, steps that a mask passes over aside. Shares are from 0 to 1; a figure is none where it
    was not measured or means nothing for the layer. Gradients and updates are those of the step just before the look, of its own
    batch; where a run is held, of the step to come. Gradients are as the loss gives them, before they are clipped, updates as the
    optimizer makes them; where it gathered the gradient for a later step, there is no update. Weights are all that the layer
    trains, taken together.
    """

    name: str
    activations: Histogram
    """What the layer puts out."""
    mean: float
    """Of what the layer puts out."""
    std: float
    """Standard deviation of what the layer puts out."""
    dead: float | None
    """Share of units whose activation has a slope of less than 0.001 in size for every example, as a relu at 0.

    No gradient reaches their weights, so that they stay as they are (CS231n, "Neural Networks Part 1"). A PReLU comes back by
    itself, for it learns its slope. 0 for a leaky relu, of which no unit can die; none outside the relu family, where units
    saturate instead, see `models.telemetry.zones`.
    """
    saturated: float | None
    """Share of (unit, example) pairs for which the slope of the activation is less than 0.05 in size: |f′| < 0.05.

    In the relu family these are the inactive ones, and half of them is usual.
    """
    pre_activations: Histogram | None = None
    """What goes into the non-linearity, where the layer has one; in a SimpleRNN at every step, as in a `GateProbe`."""
    gates: tuple[GateProbe, ...] = ()
    """What goes into the non-linearities inside a recurrent layer that has several, or goes both ways."""
    weights: Histogram | None = None
    """Of a PReLU these are the slopes."""
    slopes: Slopes | None = None
    """Of a PReLU."""
    gradients: Histogram | None = None
    updates: Histogram | None = None
    """Weights after the step less those before."""
    moving_mean: Histogram | None = None
    """The mean of each unit that a BatchNormalization keeps to use outside training."""
    moving_variance: Histogram | None = None
    """The variance of each unit that a BatchNormalization keeps to use outside training."""
    near_constant: float | None = None
    """Share of units whose outputs have a standard deviation of at most 1 % of the root of their mean square."""
    duplicates: float | None = None
    """Share of units whose weighted sums are those of another unit for every example, to 1e-5 of their size.

    Such units have the same gradient and stay the same: they must start different (Goodfellow et al., Deep Learning, 8.4).
    """
    one_signed_inputs: float | None = None
    """Share of the layer's inputs that are never of both signs, and not always 0: data that are not centred on 0.

    All weights of a unit whose inputs are all positive have gradients of one sign for an example (CS231n, "Neural Networks
    Part 1"; LeCun et al., Efficient BackProp, 4.3).
    """
    one_signed_gradients: float | None = None
    """Share of units all whose weights have a gradient of one sign, 0 aside, biases left out: their steps zigzag (CS231n).

    Every gate of a recurrent layer counts as units of its own.
    """
    forward_gain: float | None = None
    """Standard deviation of what the layer puts out, divided by that of what comes in, the first input where there are several.

    Far below 1 in every layer a signal vanishes on its way, far above it explodes (Glorot & Bengio, 2010).
    """
    backward_gain: float | None = None
    """`gradient_std` divided by that of the next layer with weights, as gradients come from there (Glorot & Bengio, 2010)."""
    gradient_norm: float | None = None
    """Length of the gradient."""
    gradient_std: float | None = None
    """Standard deviation of the gradient's numbers."""
    weight_norm: float | None = None
    """Length of the weights."""
    update_ratio: float | None = None
    """Length of the update divided by that of the weights before it.

    About 1e-3 is good; above 1e-2 or below 1e-4 look into it (CS231n, "Neural Networks Part 3"; Deeplearning4j's training UI).
    """


@dataclass(frozen=True)
class Probed(Event):
    """A look inside the network after `step` steps."""

    step: int
    layers: tuple[LayerProbe, ...]
    surface: "Floats | None" = None
    """The network's outputs on the data's view: (positions, outputs); none where the data has no view."""
    looks: "Looks | None" = None
    """What the visible panels want beside; none where they want nothing."""
    unseen: str = ""
    """Why `layers` are missing where looking into them failed: what cannot be shown, why, and what to do."""
    surface_unseen: str = ""
    """The same of `surface`."""

    def layer(self, name: str) -> LayerProbe | None:
        """What was seen in the layer called `name`; none where it was not looked into."""
        return next((layer for layer in self.layers if layer.name == name), None)


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
