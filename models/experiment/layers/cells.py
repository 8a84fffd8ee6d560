"""What a recurrent layer does at one step, for `RNN` to go through a sequence with."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, ClassVar

from msgspec import Meta

from models.experiment.activations import Sigmoid, Tanh
from models.experiment.base import KnownShape, Share, Variant
from models.experiment.initializers import GlorotUniform, Orthogonal, Zeros
from models.experiment.layers.base import Complaint, Weight, numbered, within
from models.experiment.layers.core import (
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
    Gate,
    RecurrentActivation,
    RecurrentConstraint,
    RecurrentInitializer,
    RecurrentRegularizer,
    ResetAfter,
    StateActivation,
    StateUnits,
    gru_gates,
    lstm_gates,
    plain_gates,
)
from models.experiment.naming import counted_names


class CellKind(Variant):
    """What happens at a step: what comes in and the state before it become the new state."""

    def outputs(self) -> int:
        """How many numbers are put out at a step."""
        raise NotImplementedError

    def weights(self, features: int) -> tuple[Weight, ...]:
        """The arrays it holds for so many features."""
        raise NotImplementedError

    def kept_numbers(self) -> int:
        """Numbers of a step that the gradient goes back through."""
        raise NotImplementedError

    def multiply_adds(self, features: int) -> int:
        """Products that go into sums at a step at which so many features come in."""
        raise NotImplementedError

    def kernel_shape(self, features: int) -> KnownShape | None:
        """Shape of the kernel for so many features; none where there are several."""
        raise NotImplementedError

    def complaints(self) -> tuple[Complaint, ...]:
        """What cannot be, whatever comes in."""
        raise NotImplementedError


class RecurrentCell(CellKind):
    """A cell with a kernel, a recurrent kernel and a bias."""

    gates: ClassVar[tuple[Gate, ...]] = plain_gates
    """Weighted sums of each unit, in the order in which they stand in the kernels."""

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

    def outputs(self) -> int:
        return self.units

    def weights(self, features: int) -> tuple[Weight, ...]:
        kernel = self.kernel_shape(features)
        bias = kernel[-1:] if self.bias_axes == 1 else (self.bias_axes, *kernel[-1:])
        return numbered(kernel, (self.units, kernel[-1]), bias if self.use_bias else None)

    def kept_numbers(self) -> int:
        """The sums, gates and states."""
        return self.units * (2 * len(self.gates) + 2)

    def multiply_adds(self, features: int) -> int:
        """(features + units) · gates · units: what comes in and the state, for every gate."""
        return (features + self.units) * len(self.gates) * self.units

    def kernel_shape(self, features: int) -> KnownShape:
        return (features, len(self.gates) * self.units)

    def complaints(self) -> tuple[Complaint, ...]:
        return matrix_only(self, self.bias_initializer, "bias_initializer", self.bias_axes) if self.use_bias else ()


class SimpleRNNCell(RecurrentCell, tag="SimpleRNNCell"):
    """The step of SimpleRNN: activation(x·W + state·U + b)."""


class LSTMCell(RecurrentCell, tag="LSTMCell"):
    """The step of LSTM."""

    gates = lstm_gates

    recurrent_activation: RecurrentActivation = Sigmoid()
    unit_forget_bias: Annotated[bool, Meta(description="Start with a bias of 1 at the gate that keeps the cell.")] = True


class GRUCell(RecurrentCell, tag="GRUCell"):
    """The step of GRU."""

    gates = gru_gates

    recurrent_activation: RecurrentActivation = Sigmoid()
    reset_after: ResetAfter = True

    @property
    def bias_axes(self) -> int:
        return 2 if self.reset_after else 1


PlainCell = SimpleRNNCell | LSTMCell | GRUCell


class StackedRNNCells(CellKind, tag="StackedRNNCells"):
    """Several cells, each of which takes at every step what the one before puts out: a stack of recurrent layers in one."""

    cells: Annotated[
        tuple[PlainCell, ...],
        Meta(
            min_length=1,
            max_length=10,
            description="The cells, from the first to the last.",
            extra={"start": (LSTMCell(units=16), LSTMCell(units=16))},
        ),
    ]

    def outputs(self) -> int:
        return self.cells[-1].units

    def weights(self, features: int) -> tuple[Weight, ...]:
        names = counted_names(cell.kind() for cell in self.cells)
        fed = zip(names, self._fed(features), strict=True)
        return tuple(weight for name, (cell, width) in fed for weight in within(f"cells/{name}", cell.weights(width)))

    def kept_numbers(self) -> int:
        return sum(cell.kept_numbers() for cell in self.cells)

    def multiply_adds(self, features: int) -> int:
        return sum(cell.multiply_adds(width) for cell, width in self._fed(features))

    def kernel_shape(self, features: int) -> None:
        return None

    def complaints(self) -> tuple[Complaint, ...]:
        return tuple(
            replace(complaint, field=f"cells.{index}.{complaint.field}")
            for index, cell in enumerate(self.cells)
            for complaint in cell.complaints()
        )

    def _fed(self, features: int) -> Iterator[tuple[PlainCell, int]]:
        """Each cell with the number of features that come into it."""
        for cell in self.cells:
            yield cell, features
            features = cell.units


Cell = SimpleRNNCell | LSTMCell | GRUCell | StackedRNNCells
