"""Recurrent layers for sequences of sequences, images or volumes, such as films: LSTM whose weighted sums are convolutions."""

from math import prod
from typing import Annotated, ClassVar

from msgspec import Meta

from models.experiment.activations import Sigmoid, Tanh
from models.experiment.base import KnownShape, Shape
from models.experiment.initializers import GlorotUniform, Orthogonal, Zeros
from models.experiment.layers.base import (
    Complaint,
    Layer,
    Weight,
    along_axes,
    features_of,
    is_known,
    numbered,
    size_of,
    within,
    wrong_rank,
)
from models.experiment.layers.convolution import (
    Dilation,
    Dilations,
    Dilations3D,
    Filters,
    Length,
    Padding,
    Size,
    Stride,
    Strides,
    Strides3D,
    Volume,
    spread_twice,
    too_large,
    window_positions,
)
from models.experiment.layers.core import (
    ActivityRegularizer,
    BiasConstraint,
    BiasInitializer,
    BiasRegularizer,
    KernelConstraint,
    KernelInitializer,
    KernelRegularizer,
    UseBias,
    matrix_only,
)
from models.experiment.layers.recurrent import (
    Backwards,
    Gate,
    InputDropout,
    RecurrentActivation,
    RecurrentConstraint,
    RecurrentInitializer,
    RecurrentRegularizer,
    StateActivation,
    StateDropout,
    lstm_gates,
)

spaces = {1: "sequences", 2: "images", 3: "volumes"}


class ConvolutionalLSTM(Layer):
    """An LSTM whose state is a picture: its kernels slide over what comes in and over the state (Shi et al., 2015)."""

    family = "sequence"
    supports_masking = True
    axes: ClassVar[int]
    """Axes the window slides along, beside steps and channels."""
    gates: ClassVar[tuple[Gate, ...]] = lstm_gates
    """Weighted sums of each filter at a step, in the order in which they stand in the kernels."""

    filters: Filters
    padding: Padding = "valid"
    activation: StateActivation = Tanh()
    recurrent_activation: RecurrentActivation = Sigmoid()
    return_sequences: Annotated[bool, Meta(description="Put out the state at every step instead of the last.")] = False
    dropout: InputDropout = 0.0
    recurrent_dropout: StateDropout = 0.0
    go_backwards: Backwards = False
    use_bias: UseBias = True
    unit_forget_bias: Annotated[bool, Meta(description="Start with a bias of 1 at the gate that keeps the cell.")] = True
    kernel_initializer: KernelInitializer = GlorotUniform()
    recurrent_initializer: RecurrentInitializer = Orthogonal()
    bias_initializer: BiasInitializer = Zeros()
    kernel_regularizer: KernelRegularizer = None
    recurrent_regularizer: RecurrentRegularizer = None
    bias_regularizer: BiasRegularizer = None
    activity_regularizer: ActivityRegularizer = None
    kernel_constraint: KernelConstraint = None
    recurrent_constraint: RecurrentConstraint = None
    bias_constraint: BiasConstraint = None

    def complaints(self, shape: Shape) -> tuple[Complaint, ...]:
        if len(shape) != self.axes + 2:
            return (wrong_rank(self, shape, f"a sequence of {spaces[self.axes]} with channels"),)
        if not is_known(shape[1:]):
            return (Complaint(f"{self.kind()} must know the size of the {spaces[self.axes]} that come in."),)
        bias = matrix_only(self, self.bias_initializer, "bias_initializer", 1) if self.use_bias else ()
        kernel = matrix_only(self, self.kernel_initializer, "kernel_initializer", self.axes + 2)
        recurrent = matrix_only(self, self.recurrent_initializer, "recurrent_initializer", self.axes + 2)
        return (*spread_twice(self), *too_large(self, shape[1:]), *kernel, *recurrent, *bias)

    def output(self, shape: Shape) -> Shape:
        steps = shape[:1] if self.return_sequences else ()
        return (*steps, *window_positions(self, shape[1:]), self.filters)

    def weights(self, shape: Shape) -> tuple[Weight, ...]:
        return within("cell", numbered(*self._kernels(shape), (len(self.gates) * self.filters,) if self.use_bias else None))

    def kept_numbers(self, shape: Shape) -> int:
        """The sums, gates and states of every step, which the gradient goes back through."""
        return (shape[0] or 1) * size_of(window_positions(self, shape[1:])) * self.filters * (2 * len(self.gates) + 2)

    def multiply_adds(self, shape: Shape) -> int:
        """At each step and position: what comes in and the state under the window, for every gate."""
        return (shape[0] or 1) * size_of(window_positions(self, shape[1:])) * sum(map(prod, self._kernels(shape)))

    def kernel_shape(self, shape: Shape) -> KnownShape:
        return (*along_axes(self, "kernel_size"), features_of(shape), len(self.gates) * self.filters)

    def weight_axes(self, weight: str, shape: Shape) -> int:
        return 1 if weight == "bias" else self.axes + 2

    def _kernels(self, shape: Shape) -> tuple[KnownShape, KnownShape]:
        """That of what comes in, and that of the state."""
        kernel = self.kernel_shape(shape)
        return kernel, (*kernel[:-2], self.filters, kernel[-1])


class ConvLSTM1D(ConvolutionalLSTM, tag="ConvLSTM1D"):
    """LSTM for a sequence of sequences, whose weighted sums are convolutions."""

    axes = 1

    kernel_size: Length
    strides: Stride = 1
    dilation_rate: Dilation = 1


class ConvLSTM2D(ConvolutionalLSTM, tag="ConvLSTM2D"):
    """LSTM for a sequence of images, such as a film, whose weighted sums are convolutions."""

    axes = 2

    kernel_size: Size
    strides: Strides = (1, 1)
    dilation_rate: Dilations = (1, 1)


class ConvLSTM3D(ConvolutionalLSTM, tag="ConvLSTM3D"):
    """LSTM for a sequence of volumes, whose weighted sums are convolutions."""

    axes = 3

    kernel_size: Volume
    strides: Strides3D = (1, 1, 1)
    dilation_rate: Dilations3D = (1, 1, 1)
