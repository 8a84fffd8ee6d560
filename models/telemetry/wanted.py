"""What panels want to know of a network beyond the statistics of every probe, and what they get.

It is computed only while somebody looks at it. All values are copies: they may cross threads and outlive the run.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:  # The window knows the events before its first paint, and numpy takes 0.1 s.
    import numpy as np
    from numpy.typing import NDArray

    Singles = NDArray[np.float32]
    Integers = NDArray[np.int64]
    Truths = NDArray[np.bool_]

Part = Literal["training", "validation"]


@dataclass(frozen=True)
class Wanted:
    """What the panels that can be seen show; nothing where it is left out."""

    neurons: frozenset[str] = frozenset()
    """Names of the layers whose units are shown one by one."""
    weights: frozenset[str] = frozenset()
    """Names of the layers whose weights are shown."""
    predictions: bool = False
    """What the network makes of the validation examples; of the training examples where there are none."""
    answers: bool = False
    """What the network puts out for the examples that are drawn over the data's view."""
    example: int = 0
    """Number, within the part of the data that predictions are made for, of the example whose units are shown without a view."""

    def __or__(self, other: "Wanted") -> "Wanted":
        """What either wants; where both want one example, that of the first."""
        return Wanted(
            self.neurons | other.neurons,
            self.weights | other.weights,
            self.predictions or other.predictions,
            self.answers or other.answers,
            self.example or other.example,
        )


@dataclass(frozen=True)
class Unseen:
    """In place of what was wanted and could not be looked at."""

    sentence: str
    """What cannot be shown, why, and what to do."""


@dataclass(frozen=True)
class WeightArray:
    """One array of weights, thinned where it is large, with figures of the whole."""

    shape: tuple[int, ...]
    """That of the whole array, as Keras has it: (inputs, units), (rows, columns, inputs, filters), …"""
    strides: tuple[int, ...]
    """For each axis: `values` holds every so-manieth place; 1 where it holds all."""
    values: "Singles"
    low: float
    """The least and the greatest finite number of the whole array; 0 where there is none."""
    high: float
    mean: float
    """Of the whole array's finite numbers."""
    std: float
    not_finite: int
    """How many numbers of the whole array are not finite."""

    @property
    def reach(self) -> float:
        """The greatest distance from 0."""
        return max(-self.low, self.high)


@dataclass(frozen=True)
class Onward:
    """How the units of one layer count in the sums of the Dense layer that they lead to.

    Between the two may be layers that do something to each unit by itself outside training, such as Activation, Dropout and
    BatchNormalization, but none that mixes units, or that something else reads.
    """

    layer: str
    """Name of the Dense layer."""
    receivers: int
    """Units of the Dense layer; the arrays hold the first of them where they are many."""
    kernel: "Singles"
    """(units, receivers): weights of the units that are looked at."""
    bias: "Singles"
    """(receivers,): 0 where the Dense layer has none."""
    arriving: "Singles | None" = None
    """(units, positions): what arrives of each unit, over a curve; none elsewhere."""
    sums: "Singles | None" = None
    """(receivers, positions): what the Dense layer applies its activation to, over a curve: of all units, and with the bias."""

    def contributions(self, receiver: int) -> "Singles":
        """(units, positions): what each unit adds, over a curve, to the sum of one unit of the Dense layer: w · a(x)."""
        assert self.arriving is not None
        return self.arriving * self.kernel[:, receiver, None]


@dataclass(frozen=True)
class Neurons:
    """What each unit of one layer puts out, outside training: at places of the data's view, or for one example."""

    layer: str
    place: Literal["plane", "curve", "example"]
    units: int
    """Units or channels of the layer; `outputs` holds the first of them where they are many."""
    outputs: "Singles"
    """(units, rows, columns) over a plane, the lowest y first; (units, positions) over a curve; for an example (units,) and the
    axes of a picture or a sequence that the layer puts out: (units, rows, columns), (units, steps)."""
    stride: int = 1
    """Every so-manieth position of the view, or of what the layer puts out, along each axis."""
    example: int | None = None
    """Number of the example, where it is one."""
    training_outputs: "Singles | None" = None
    """(units, examples): for the training examples, evenly spread; of a layer with two units over a view, none for all others."""
    training_rows: "Integers | None" = None
    """Numbers of those training examples."""
    weights: Mapping[str, WeightArray] | None = None
    """The layer's own, by Keras's names; none where it has none."""
    onward: Onward | None = None
    """Where its units are added up next; none where they are not, or only together with others."""
    passed_over: "Truths | None" = None
    """(steps,): of an example over the steps of a sequence, whether the layer's mask passes over the step, whatever the stride:
    what stands there is no answer to anything. None where it passes over none.
    """


@dataclass(frozen=True)
class Weights:
    """The weights of one layer."""

    layer: str
    arrays: Mapping[str, WeightArray]
    """By Keras's names: ``kernel``, ``bias``, ``alpha``, ``gamma``, …; with the inner layer's name before where there is one."""
    arriving: "Singles | None" = None
    """(examples, inputs): what comes in for training examples, evenly spread; of Maxout, none for all others."""


@dataclass(frozen=True)
class Predictions:
    """What the network puts out for examples, outside training."""

    part: Part
    examples: int
    """Examples of this part; of many an even selection is predicted."""
    rows: "Integers"
    """Numbers of the predicted examples within the part."""
    outputs: "Singles"
    """(examples, …), as the last layer puts them out."""
    losses: "Singles"
    """(examples,): the loss of each, without penalties and without the weights of examples and classes."""


@dataclass(frozen=True)
class Answers:
    """What the network puts out for examples of both parts, outside training; of many an even selection."""

    training_rows: "Integers"
    """Numbers of the training examples."""
    training: "Singles"
    """(examples, …), as the last layer puts them out."""
    validation_rows: "Integers"
    validation: "Singles"


@dataclass(frozen=True)
class Looks:
    """The answer to a wish."""

    wanted: Wanted
    neurons: Mapping[str, Neurons | Unseen] = field(default_factory=dict)
    """By the name of the layer; layers that the network does not have are missing."""
    weights: Mapping[str, Weights | Unseen] = field(default_factory=dict)
    predictions: Predictions | Unseen | None = None
    answers: Answers | Unseen | None = None
    """None also where the data have no view."""

    @classmethod
    def none_of(cls, wanted: Wanted, why: Unseen) -> "Looks":
        """The answer to a wish of which nothing can be looked at."""
        return cls(
            wanted,
            dict.fromkeys(wanted.neurons, why),
            dict.fromkeys(wanted.weights, why),
            why if wanted.predictions else None,
            why if wanted.answers else None,
        )
