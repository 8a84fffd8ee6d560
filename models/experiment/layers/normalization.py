"""Layers that bring their inputs to a common mean and deviation."""

from math import gcd
from typing import Annotated

from msgspec import Meta
from msgspec.structs import replace

from models.experiment.base import Axis, Decay, Positive, Shape
from models.experiment.initializers import Initializer, Ones, Zeros
from models.experiment.layers.base import (
    Complaint,
    Layer,
    Weight,
    along_batch,
    is_batch,
    normal_axis,
    numbered,
    shape_text,
    size_of,
)
from models.experiment.layers.core import matrix_only
from models.experiment.regularizers import Constraint, Regularizer

AxisField = Annotated[Axis, Meta(description="Axis of the features; −1 is the last.")]
BetaInitializer = Annotated[Initializer, Meta(description="How the learned shifts start.", extra={"group": "Initialization"})]
GammaInitializer = Annotated[Initializer, Meta(description="How the learned factors start.", extra={"group": "Initialization"})]
BetaRegularizer = Annotated[Regularizer | None, Meta(description="Penalty on the shifts.", extra={"group": "Regularization"})]
GammaRegularizer = Annotated[Regularizer | None, Meta(description="Penalty on the factors.", extra={"group": "Regularization"})]
BetaConstraint = Annotated[Constraint | None, Meta(description="Limit of the shifts.", extra={"group": "Regularization"})]
GammaConstraint = Annotated[Constraint | None, Meta(description="Limit of the factors.", extra={"group": "Regularization"})]


class Normalizer(Layer):
    """A layer that shifts and scales along one axis."""

    family = "normalization"
    supports_masking = True

    axis: AxisField = -1

    def complaints(self, shape: Shape) -> tuple[Complaint, ...]:
        if is_batch(self.axis, shape) and not self._learns:
            instead = replace(self, axis=-1)
            return (Complaint(along_batch, "axis", "warning", "Use the last axis", replace=instead),)
        index = normal_axis(self.axis, shape)
        if index is None:
            sentence = f"There is no axis {self.axis}: what comes in has axes 1 to {len(shape)}, or −1 for the last."
            return (Complaint(sentence, "axis", label="Use the last axis", replace=replace(self, axis=-1)),)
        if shape[index] is None and self._learns:
            return (Complaint(f"{self.kind()} must know how long axis {self.axis} is.", "axis"),)
        return ()

    def features(self, shape: Shape) -> int:
        """Size of the axis along which there is a shift and a factor each."""
        index = normal_axis(self.axis, shape)
        size = None if index is None else shape[index]
        assert size is not None
        return size

    @property
    def _learns(self) -> bool:
        """Whether there are weights along the axis, so that its size must be known."""
        return True


class Affine(Normalizer):
    """A normalizer that learns a shift β and a factor γ for each feature."""

    epsilon: Annotated[Positive, Meta(description="ε: small number added to the variance.")] = 0.001
    center: Annotated[bool, Meta(description="Learn a shift β.")] = True
    scale: Annotated[bool, Meta(description="Learn a factor γ.")] = True
    beta_initializer: BetaInitializer = Zeros()
    gamma_initializer: GammaInitializer = Ones()
    beta_regularizer: BetaRegularizer = None
    gamma_regularizer: GammaRegularizer = None
    beta_constraint: BetaConstraint = None
    gamma_constraint: GammaConstraint = None

    def complaints(self, shape: Shape) -> tuple[Complaint, ...]:
        beta = matrix_only(self, self.beta_initializer, "beta_initializer", 1) if self.center else ()
        gamma = matrix_only(self, self.gamma_initializer, "gamma_initializer", 1) if self.scale else ()
        return (*super().complaints(shape), *beta, *gamma)

    def weights(self, shape: Shape) -> tuple[Weight, ...]:
        return numbered(*(((self.features(shape),),) * (self.center + self.scale) if self._learns else ()))


class BatchNormalization(Affine, tag="BatchNormalization"):
    """Mean 0 and deviation 1 per feature over the batch, then a learned shift and factor (Ioffe & Szegedy, 2015).

    Outside training it uses moving averages of the batches' means and variances.
    """

    pointwise = True

    momentum: Annotated[Decay, Meta(description="Memory of the moving averages.")] = 0.99
    moving_mean_initializer: Annotated[
        Initializer, Meta(description="How the moving mean starts.", extra={"group": "Initialization"})
    ] = Zeros()
    moving_variance_initializer: Annotated[
        Initializer, Meta(description="How the moving variance starts.", extra={"group": "Initialization"})
    ] = Ones()

    def complaints(self, shape: Shape) -> tuple[Complaint, ...]:
        mean = matrix_only(self, self.moving_mean_initializer, "moving_mean_initializer", 1)
        variance = matrix_only(self, self.moving_variance_initializer, "moving_variance_initializer", 1)
        return (*super().complaints(shape), *mean, *variance)

    def weights(self, shape: Shape) -> tuple[Weight, ...]:
        learned = super().weights(shape)
        averages = ((self.features(shape),),) * 2
        return (*learned, *numbered(*averages, first=len(learned), trainable=False))


class LayerNormalization(Affine, tag="LayerNormalization"):
    """Mean 0 and deviation 1 per example over its features, then a learned shift and factor (Ba et al., 2016)."""

    @property
    def _learns(self) -> bool:
        return self.center or self.scale


class GroupNormalization(Affine, tag="GroupNormalization"):
    """Mean 0 and deviation 1 per example over groups of channels, whatever the size of the batch (Wu & He, 2018)."""

    groups: Annotated[
        int, Meta(ge=-1, le=1_000_000, description="Number of groups, which divides that of the channels; −1: a group a channel.")
    ] = 32

    def complaints(self, shape: Shape) -> tuple[Complaint, ...]:
        if found := super().complaints(shape):
            return found
        channels = self.features(shape)
        if self.groups == -1 or (self.groups and channels % self.groups == 0):
            return ()
        sentence = f"groups ({self.groups}) must divide the {channels} channels that come in, or be −1: a group for each."
        most = gcd(channels, self.groups) or channels
        return (Complaint(sentence, "groups", label=f"Use {most}", replace=replace(self, groups=most)),)


class RMSNormalization(Normalizer, tag="RMSNormalization"):
    """Divides by the root of the mean square, then multiplies by a learned factor: cheaper than LayerNormalization.

    Zhang & Sennrich, 2019.
    """

    supports_masking = False

    epsilon: Annotated[Positive, Meta(description="ε: small number added to the mean square.")] = 1e-6

    def complaints(self, shape: Shape) -> tuple[Complaint, ...]:
        if found := super().complaints(shape):
            return found
        if normal_axis(self.axis, shape) == len(shape) - 1:
            return ()
        factors = self.features(shape)
        sentence = "Keras multiplies by the learned factors along the last axis, whatever axis it divides along"
        if fits := factors in (1, shape[-1]):
            sentence = f"{sentence}."
        else:
            sentence = f"{sentence}: there are {factors} of them, and that axis has {shape_text(shape[-1:])}."
        instead = replace(self, axis=-1)
        return (Complaint(sentence, "axis", "warning" if fits else "error", "Use the last axis", replace=instead),)

    def weights(self, shape: Shape) -> tuple[Weight, ...]:
        return numbered((self.features(shape),))


class UnitNormalization(Normalizer, tag="UnitNormalization"):
    """Divides by the length along an axis, so that every output has length 1."""

    @property
    def _learns(self) -> bool:
        return False


Numbers = Annotated[tuple[float, ...], Meta(min_length=1, max_length=100_000)]


class Normalization(Layer, tag="Normalization"):
    """Subtracts a mean and divides by a deviation; both are taken from the training data unless given here."""

    family = "normalization"
    supports_masking = True
    pointwise = True

    axis: Annotated[
        Axis | None,
        Meta(description="Axis with a mean of its own for each entry; none: one mean for everything."),
    ] = -1
    mean: Annotated[Numbers | None, Meta(description="Means to subtract; none: those of the training data.")] = None
    variance: Annotated[
        Annotated[tuple[Annotated[float, Meta(ge=0)], ...], Meta(min_length=1, max_length=100_000)] | None,
        Meta(description="Variances to divide by; none: those of the training data."),
    ] = None
    invert: Annotated[bool, Meta(description="The other way round: multiply by the deviation and add the mean.")] = False

    @property
    def adapts(self) -> bool:
        return self.mean is None

    def complaints(self, shape: Shape) -> tuple[Complaint, ...]:
        index = None if self.axis is None else normal_axis(self.axis, shape)
        if self.axis is not None and index is None:
            return (Complaint(f"There is no axis {self.axis}: what comes in is {shape_text(shape)}.", "axis"),)
        if index is not None and shape[index] is None:
            return (Complaint(f"Normalization must know how long axis {self.axis} is.", "axis"),)
        if (self.mean is None) != (self.variance is None):
            missing = "mean" if self.mean is None else "variance"
            return (Complaint("Mean and variance are given together or not at all.", missing),)
        if self.mean is None or self.variance is None:
            return ()
        if self.axis is None:
            sentence = "Keras takes a list of means only along an axis."
            return (Complaint(sentence, "axis", label="Use the last axis", replace=replace(self, axis=-1)),)
        wanted = self._features(shape)
        if len(self.mean) not in (1, wanted):
            return (Complaint(f"mean needs 1 or {wanted} numbers; it has {len(self.mean)}.", "mean"),)
        if len(self.variance) != len(self.mean):
            return (Complaint(f"mean has {len(self.mean)} numbers, variance {len(self.variance)}.", "variance"),)
        return ()

    def weights(self, shape: Shape) -> tuple[Weight, ...]:
        """Means, variances and how many examples they are of."""
        if self.mean is not None:
            return ()
        figures = () if self.axis is None else (self._features(shape),)
        return numbered(figures, figures, (), trainable=False)

    def _features(self, shape: Shape) -> int:
        if self.axis is None:
            return 1
        index = normal_axis(self.axis, shape)
        return size_of(shape if index is None else shape[index : index + 1])
