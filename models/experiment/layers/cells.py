"""What a recurrent layer does at one step, for `RNN` to go through a sequence with."""

from typing import Annotated, ClassVar

from msgspec import Meta

from models.experiment.activations import Sigmoid, Tanh
from models.experiment.base import Share, Variant
from models.experiment.initializers import GlorotUniform, Orthogonal, Zeros
from models.experiment.layers.core import (
    BiasConstraint,
    BiasInitializer,
    BiasRegularizer,
    KernelConstraint,
    KernelInitializer,
    KernelRegularizer,
    UseBias,
)
from models.experiment.layers.recurrent import (
    RecurrentActivation,
    RecurrentConstraint,
    RecurrentInitializer,
    RecurrentRegularizer,
    ResetAfter,
    StateActivation,
    StateUnits,
)


class RecurrentCell(Variant):
    """One step: what comes in and the state before it become the new state."""

    gates: ClassVar[int] = 1
    """Weighted sums of each unit."""

    units: StateUnits
    activation: StateActivation = Tanh()
    use_bias: UseBias = True
    kernel_initializer: KernelInitializer = GlorotUniform()
    recurrent_initializer: RecurrentInitializer = Orthogonal()
    bias_initializer: BiasInitializer = Zeros()
    kernel_regularizer: KernelRegularizer = None
    recurrent_regularizer: RecurrentRegularizer = None
    bias_regularizer: BiasRegularizer = None
    kernel_constraint: KernelConstraint = None
    recurrent_constraint: RecurrentConstraint = None
    bias_constraint: BiasConstraint = None
    dropout: Annotated[Share, Meta(description="Share of the inputs that is dropped.")] = 0.0
    recurrent_dropout: Annotated[Share, Meta(description="Share of the state that is dropped.")] = 0.0

    @property
    def bias_axes(self) -> int:
        """Axes of the bias."""
        return 1

    def weights(self, features: int) -> int:
        """Numbers in the weights for so many features."""
        sums = self.gates * self.units
        return (features + self.units) * sums + (self.bias_axes * sums if self.use_bias else 0)


class SimpleRNNCell(RecurrentCell, tag="SimpleRNNCell"):
    """The step of SimpleRNN: activation(x·W + state·U + b)."""


class LSTMCell(RecurrentCell, tag="LSTMCell"):
    """The step of LSTM."""

    gates = 4

    recurrent_activation: RecurrentActivation = Sigmoid()
    unit_forget_bias: Annotated[bool, Meta(description="Start with a bias of 1 at the gate that keeps the cell.")] = True


class GRUCell(RecurrentCell, tag="GRUCell"):
    """The step of GRU."""

    gates = 3

    recurrent_activation: RecurrentActivation = Sigmoid()
    reset_after: ResetAfter = True

    @property
    def bias_axes(self) -> int:
        return 2 if self.reset_after else 1


Cell = SimpleRNNCell | LSTMCell | GRUCell
