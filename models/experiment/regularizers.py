"""Penalties on weights and limits of weights, under Keras's names."""

from typing import Annotated

from msgspec import Meta

from models.experiment.base import Decay, NonNegative, Positive, Variant


class RegularizerKind(Variant):
    """A penalty that is added to the loss."""

    written_bare = True


class L1(RegularizerKind, tag="L1"):
    """λ · Σ|w|: pushes weights to exactly 0, so that few inputs are used."""

    keras_name = "l1"

    l1: Annotated[NonNegative, Meta(description="λ, the strength of the penalty.", extra={"log": True})] = 0.01


class L2(RegularizerKind, tag="L2"):
    """λ · Σw²: keeps all weights small (weight decay)."""

    keras_name = "l2"

    l2: Annotated[NonNegative, Meta(description="λ, the strength of the penalty.", extra={"log": True})] = 0.01


class L1L2(RegularizerKind, tag="L1L2"):
    """λ₁ · Σ|w| + λ₂ · Σw² (elastic net)."""

    keras_name = "l1l2"

    l1: Annotated[NonNegative, Meta(description="λ₁, the strength of the absolute penalty.", extra={"log": True})] = 0.0
    l2: Annotated[NonNegative, Meta(description="λ₂, the strength of the squared penalty.", extra={"log": True})] = 0.0


Regularizer = L1 | L2 | L1L2

Axis = Annotated[int, Meta(ge=-4, le=3)]


LengthAxis = Annotated[Axis, Meta(description="Axis along which the length is taken: 0 for dense kernels.")]


class ConstraintKind(Variant):
    """A limit that weights are brought back to after every step."""

    written_bare = True


class MaxNorm(ConstraintKind, tag="MaxNorm"):
    """Each unit's weight vector is scaled down where its length exceeds the limit."""

    keras_name = "max_norm"

    max_value: Annotated[Positive, Meta(description="Greatest length of a unit's weight vector.")] = 2.0
    axis: LengthAxis = 0


class NonNeg(ConstraintKind, tag="NonNeg"):
    """Negative weights become 0."""

    keras_name = "non_neg"


class UnitNorm(ConstraintKind, tag="UnitNorm"):
    """Each unit's weight vector is scaled to length 1."""

    keras_name = "unit_norm"

    axis: LengthAxis = 0


class MinMaxNorm(ConstraintKind, tag="MinMaxNorm"):
    """Each unit's weight vector is brought to a length between two limits."""

    keras_name = "min_max_norm"

    min_value: Annotated[NonNegative, Meta(description="Least length of a unit's weight vector.")] = 0.0
    max_value: Annotated[Positive, Meta(description="Greatest length of a unit's weight vector.")] = 1.0
    rate: Annotated[Decay, Meta(description="How far to go at each step; 1 enforces the limits strictly.")] = 1.0
    axis: LengthAxis = 0


Constraint = MaxNorm | NonNeg | UnitNorm | MinMaxNorm
