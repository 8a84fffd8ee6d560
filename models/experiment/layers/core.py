"""Layers of weighted sums: Dense and Maxout."""

from typing import Annotated, ClassVar

from msgspec import Meta

from models.experiment.activations import Activation, Linear
from models.experiment.base import Count, KnownShape, Shape, Variant
from models.experiment.initializers import GlorotUniform, Initializer, Zeros
from models.experiment.layers.base import Complaint, Layer, Weight, features_of, numbered, size_of, unknown_features
from models.experiment.regularizers import Constraint, Regularizer

UseBias = Annotated[bool, Meta(description="Add a learned number to every output.")]
KernelInitializer = Annotated[Initializer, Meta(description="How the weights start.", extra={"group": "Initialization"})]
BiasInitializer = Annotated[Initializer, Meta(description="How the biases start.", extra={"group": "Initialization"})]
KernelRegularizer = Annotated[
    Regularizer | None, Meta(description="Penalty on the weights, added to the loss.", extra={"group": "Regularization"})
]
BiasRegularizer = Annotated[
    Regularizer | None, Meta(description="Penalty on the biases, added to the loss.", extra={"group": "Regularization"})
]
ActivityRegularizer = Annotated[
    Regularizer | None,
    Meta(description="Penalty on the layer's outputs, per example, added to the loss.", extra={"group": "Regularization"}),
]
KernelConstraint = Annotated[
    Constraint | None, Meta(description="Limit the weights are kept in after every step.", extra={"group": "Regularization"})
]
BiasConstraint = Annotated[
    Constraint | None, Meta(description="Limit the biases are kept in after every step.", extra={"group": "Regularization"})
]
ActivationField = Annotated[Activation, Meta(description="Non-linearity applied to the weighted sums.")]


def matrix_only(layer: Variant, initializer: Initializer, field: str, axes: int) -> tuple[Complaint, ...]:
    """Complaints about an initializer that makes matrices only, used for weights of `axes` axes."""
    kind = initializer.kind()
    if (kind == "Identity" and axes != 2) or (kind == "Orthogonal" and axes < 2):
        sentence = f"{kind} makes matrices; the {field.removesuffix('_initializer')} of {layer.kind()} has {axes} axes."
        return (Complaint(sentence, field),)
    return ()


class Weighted(Layer):
    """A layer of weighted sums: a kernel, a bias and an activation."""

    kernel_axes: ClassVar[int] = 2
    """Axes of the kernel: those of the window, then inputs and outputs."""

    activation: ActivationField = Linear()
    use_bias: UseBias = True
    kernel_initializer: KernelInitializer = GlorotUniform()
    bias_initializer: BiasInitializer = Zeros()
    kernel_regularizer: KernelRegularizer = None
    bias_regularizer: BiasRegularizer = None
    activity_regularizer: ActivityRegularizer = None
    kernel_constraint: KernelConstraint = None
    bias_constraint: BiasConstraint = None

    def complaints(self, shape: Shape) -> tuple[Complaint, ...]:
        bias = matrix_only(self, self.bias_initializer, "bias_initializer", 1) if self.use_bias else ()
        return (*unknown_features(self, shape), *bias)

    def weight_axes(self, weight: str, shape: Shape) -> int:
        return self.kernel_axes if weight == "kernel" else 1

    @property
    def non_linearity(self) -> Activation:
        return self.activation


class Dense(Weighted, tag="Dense"):
    """Every output is a weighted sum of all inputs plus a bias, then the activation: activation(x·W + b)."""

    supports_masking = True

    units: Annotated[Count, Meta(description="Number of outputs.", extra={"start": 16})]

    def output(self, shape: Shape) -> Shape:
        return (*shape[:-1], self.units)

    def weights(self, shape: Shape) -> tuple[Weight, ...]:
        return numbered(self.kernel_shape(shape), (self.units,) if self.use_bias else None)

    def multiply_adds(self, shape: Shape) -> int:
        """Inputs · units, at every position where there are several."""
        return size_of(shape) * self.units

    def kernel_shape(self, shape: Shape) -> KnownShape:
        return (features_of(shape), self.units)


class Maxout(Layer, tag="Maxout"):
    """The greatest of several weighted sums per unit: a learned activation that neither saturates nor dies.

    Goodfellow et al., 2013. Keras has no such layer; ours holds a kernel of shape (inputs, units · pieces).
    """

    supports_masking = True

    units: Annotated[Count, Meta(description="Number of outputs.", extra={"start": 8})]
    pieces: Annotated[int, Meta(ge=1, le=1000, description="Weighted sums that compete for each output.")] = 2
    use_bias: UseBias = True
    kernel_initializer: KernelInitializer = GlorotUniform()
    bias_initializer: BiasInitializer = Zeros()
    kernel_regularizer: KernelRegularizer = None
    bias_regularizer: BiasRegularizer = None

    def complaints(self, shape: Shape) -> tuple[Complaint, ...]:
        bias = matrix_only(self, self.bias_initializer, "bias_initializer", 1) if self.use_bias else ()
        return (*unknown_features(self, shape), *bias)

    def output(self, shape: Shape) -> Shape:
        return (*shape[:-1], self.units)

    def weights(self, shape: Shape) -> tuple[Weight, ...]:
        kernel = self.kernel_shape(shape)
        return numbered(kernel, kernel[-1:] if self.use_bias else None)

    def multiply_adds(self, shape: Shape) -> int:
        """Inputs · units · pieces, at every position where there are several."""
        return size_of(shape) * self.units * self.pieces

    def kernel_shape(self, shape: Shape) -> KnownShape:
        return (features_of(shape), self.units * self.pieces)


class Identity(Layer, tag="Identity"):
    """Puts out what comes in: a place to name, to look at, or to let a branch begin."""

    supports_masking = True
    pointwise = True
