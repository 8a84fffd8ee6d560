"""Layers that apply a non-linearity and nothing else."""

from typing import Annotated

from msgspec import Meta
from msgspec.structs import replace

from models.experiment import activations as functions
from models.experiment.base import Axis, NonNegative, Shape, most_axes
from models.experiment.initializers import Initializer, Zeros
from models.experiment.layers.base import Complaint, Layer, Weight, along_batch, is_batch, is_known, normal_axis, numbered
from models.experiment.layers.core import matrix_only
from models.experiment.regularizers import Constraint, Regularizer


class ActivationLayer(Layer):
    """A layer without weighted sums of its own."""

    family = "activation"
    supports_masking = True
    pointwise = True


class Activation(ActivationLayer, tag="Activation"):
    """Applies an activation to what comes in."""

    activation: Annotated[functions.Activation, Meta(description="The non-linearity.")] = functions.Relu()

    @property
    def non_linearity(self) -> functions.Activation:
        return self.activation


class ReLU(ActivationLayer, tag="ReLU"):
    """max(x, 0), with an optional upper limit, slope and threshold."""

    max_value: Annotated[NonNegative | None, Meta(description="Upper limit of the output; none lets it grow without limit.")] = (
        None
    )
    negative_slope: Annotated[NonNegative, Meta(description="Slope for inputs below the threshold.")] = 0.0
    threshold: functions.Threshold = 0.0

    @property
    def non_linearity(self) -> functions.Activation:
        return functions.Relu(negative_slope=self.negative_slope, max_value=self.max_value, threshold=self.threshold)


class LeakyReLU(ActivationLayer, tag="LeakyReLU"):
    """x where positive, otherwise a small multiple of x, so that no unit can die."""

    negative_slope: functions.NegativeSlope = 0.3

    @property
    def non_linearity(self) -> functions.Activation:
        return functions.LeakyRelu(negative_slope=self.negative_slope)


class PReLU(ActivationLayer, tag="PReLU"):
    """A leaky relu that learns its slope, one for every input (He et al., 2015)."""

    alpha_initializer: Annotated[Initializer, Meta(description="How the slopes start.", extra={"group": "Initialization"})] = (
        Zeros()
    )
    alpha_regularizer: Annotated[
        Regularizer | None, Meta(description="Penalty on the slopes.", extra={"group": "Regularization"})
    ] = None
    alpha_constraint: Annotated[
        Constraint | None, Meta(description="Limit of the slopes.", extra={"group": "Regularization"})
    ] = None
    shared_axes: Annotated[
        tuple[Annotated[int, Meta(ge=1, le=most_axes)], ...] | None,
        Meta(description="Axes along which one slope serves all, counted from 1: 1, 2 for one slope a channel of an image."),
    ] = None

    @staticmethod
    def curve(slope: float) -> functions.LeakyRelu:
        """What a unit with this slope applies."""
        return functions.LeakyRelu(negative_slope=slope)

    def complaints(self, shape: Shape) -> tuple[Complaint, ...]:
        axes = self.shared_axes or ()
        if any(axis > len(shape) for axis in axes):
            sentence = f"shared_axes names axis {max(axes)}, but what comes in has axes 1 to {len(shape)}."
            return (Complaint(sentence, "shared_axes"),)
        if not is_known(self._slopes(shape)):
            sentence = "PReLU must know every size that comes in, for it learns a slope for each input; share those of that axis."
            return (Complaint(sentence, "shared_axes"),)
        return matrix_only(self, self.alpha_initializer, "alpha_initializer", len(shape))

    def weight_axes(self, weight: str, shape: Shape) -> int:
        return len(shape)

    def weights(self, shape: Shape) -> tuple[Weight, ...]:
        slopes = self._slopes(shape)
        return numbered(slopes) if is_known(slopes) else ()

    def _slopes(self, shape: Shape) -> Shape:
        shared = self.shared_axes or ()
        return tuple(1 if axis in shared else size for axis, size in enumerate(shape, 1))


class ELU(ActivationLayer, tag="ELU"):
    """x where positive, otherwise α(eˣ − 1)."""

    alpha: functions.Alpha = 1.0

    @property
    def non_linearity(self) -> functions.Activation:
        return functions.Elu(alpha=self.alpha)


class Softmax(ActivationLayer, tag="Softmax"):
    """Probabilities that add up to 1 along an axis."""

    axis: Annotated[Axis, Meta(description="Axis along which the outputs add up to 1; −1 is the last.")] = -1

    def complaints(self, shape: Shape) -> tuple[Complaint, ...]:
        last = replace(self, axis=-1)
        if is_batch(self.axis, shape):
            return (Complaint(along_batch, "axis", "warning", "Use the last axis", replace=last),)
        if normal_axis(self.axis, shape) is None:
            sentence = f"There is no axis {self.axis}: what comes in has axes 1 to {len(shape)}, or −1 for the last."
            return (Complaint(sentence, "axis", label="Use the last axis", replace=last),)
        return ()

    @property
    def non_linearity(self) -> functions.Activation:
        return functions.Softmax()
