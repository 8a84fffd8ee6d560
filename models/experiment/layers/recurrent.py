"""Layers that go through a sequence step by step and keep a state: SimpleRNN, LSTM and GRU."""

from typing import Annotated, ClassVar, Literal, NamedTuple

from msgspec import Meta
from msgspec.structs import replace

from models.experiment.activations import Activation, Sigmoid, Tanh
from models.experiment.base import Count, KnownShape, Shape, Share
from models.experiment.initializers import GlorotUniform, Initializer, Orthogonal, Zeros
from models.experiment.layers.base import (
    Complaint,
    Layer,
    Weight,
    features_of,
    is_known,
    numbered,
    unknown_features,
    within,
    wrong_rank,
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
from models.experiment.layers.reshaping import Reshape
from models.experiment.regularizers import Constraint, Regularizer

many_steps = 200
"""Unrolled over more steps than these, a network takes minutes to compile."""

RecurrentActivation = Annotated[Activation, Meta(description="Non-linearity of the gates.")]
StateActivation = Annotated[Activation, Meta(description="Non-linearity applied to what is to be the new state.")]
RecurrentInitializer = Annotated[
    Initializer, Meta(description="How the weights of the state start.", extra={"group": "Initialization"})
]
RecurrentRegularizer = Annotated[
    Regularizer | None,
    Meta(description="Penalty on the weights of the state, added to the loss.", extra={"group": "Regularization"}),
]
RecurrentConstraint = Annotated[
    Constraint | None,
    Meta(description="Limit the weights of the state are kept in after every step.", extra={"group": "Regularization"}),
]
InputDropout = Annotated[Share, Meta(description="Share of the inputs that is dropped, the same ones at every step.")]
StateDropout = Annotated[Share, Meta(description="Share of the state that is dropped, the same at every step.")]
Backwards = Annotated[bool, Meta(description="Begin at the last step; the output is in that order, too.")]
Unrolled = Annotated[
    bool, Meta(description="Compile each step by itself: faster for short sequences, with more memory and a longer wait.")
]
StateUnits = Annotated[Count, Meta(description="Numbers in the state, and in the output.", extra={"start": 16})]
ResetAfter = Annotated[
    bool, Meta(description="Apply the reset gate after the state's weighted sum instead of before; has a bias of its own.")
]


class Gate(NamedTuple):
    """A weighted sum that each unit of a recurrent layer makes at every step, and what is applied to it."""

    name: str
    """As Keras's code and the papers call it: i, f, c, o; z, r, h."""
    title: str
    """In words."""
    field: Literal["activation", "recurrent_activation"] = "recurrent_activation"
    """Names the activation of the layer that is applied to it."""


plain_gates = (Gate("h", "new state", "activation"),)
lstm_gates = (
    Gate("i", "input gate"),
    Gate("f", "forget gate"),
    Gate("c", "candidate", "activation"),
    Gate("o", "output gate"),
)
gru_gates = (Gate("z", "update gate"), Gate("r", "reset gate"), Gate("h", "candidate", "activation"))


class Recurrent(Layer):
    """A layer whose output at a step depends on what comes in at that step and on its own state before it.

    Kernel (features, gates · units), recurrent kernel (units, gates · units).
    """

    family = "sequence"
    supports_masking = True
    gates: ClassVar[tuple[Gate, ...]] = plain_gates
    """Weighted sums of each unit at a step, in the order in which they stand in the kernels."""

    units: StateUnits
    activation: StateActivation = Tanh()
    return_sequences: Annotated[
        bool, Meta(description="Put out the state at every step, for another layer that wants a sequence, instead of the last.")
    ] = False
    dropout: InputDropout = 0.0
    recurrent_dropout: StateDropout = 0.0
    go_backwards: Backwards = False
    unroll: Unrolled = False
    use_bias: UseBias = True
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

    @property
    def biases(self) -> KnownShape:
        """Shape of the bias."""
        return (len(self.gates) * self.units,)

    def complaints(self, shape: Shape) -> tuple[Complaint, ...]:
        if len(shape) != 2:
            return (wrong_rank(self, shape, "a sequence (steps × features)", sequence_from(shape)),)
        biases = (*unknown_features(self, shape), *(self._bias_complaints() if self.use_bias else ()))
        steps = shape[0]
        if self.unroll and steps is not None and steps > many_steps:
            sentence = f"Unrolled over {steps} steps, a network takes minutes to compile."
            rolled = Complaint(sentence, "unroll", "warning", "Do not unroll", replace=replace(self, unroll=False))
            return (*biases, rolled)
        return biases

    def output(self, shape: Shape) -> Shape:
        return (shape[0], self.units) if self.return_sequences else (self.units,)

    def weights(self, shape: Shape) -> tuple[Weight, ...]:
        kernel = self.kernel_shape(shape)
        return within("cell", numbered(kernel, (self.units, kernel[-1]), self.biases if self.use_bias else None))

    def kept_numbers(self, shape: Shape) -> int:
        """The sums, gates and states of every step, which the gradient goes back through."""
        return (shape[0] or 1) * self.units * (2 * len(self.gates) + 2)

    def kernel_shape(self, shape: Shape) -> KnownShape:
        return (features_of(shape), len(self.gates) * self.units)

    def multiply_adds(self, shape: Shape) -> int:
        """At each step (features + units) · gates · units: what comes in and the state, for every gate."""
        return (shape[0] or 1) * (features_of(shape) + self.units) * len(self.gates) * self.units

    def weight_axes(self, weight: str, shape: Shape) -> int:
        return len(self.biases) if weight == "bias" else 2

    def _bias_complaints(self) -> tuple[Complaint, ...]:
        return matrix_only(self, self.bias_initializer, "bias_initializer", len(self.biases))


class SimpleRNN(Recurrent, tag="SimpleRNN"):
    """The plain recurrent layer (Elman, 1990): its state is activation(x·W + state·U + b).

    It forgets what is ten or twenty steps ago, since its gradient fades from step to step; LSTM and GRU remember longer.
    """

    @property
    def non_linearity(self) -> Activation:
        return self.activation


class LSTM(Recurrent, tag="LSTM"):
    """Recurrent layer with a long memory (Hochreiter & Schmidhuber, 1997): gates decide what its cell takes in, keeps, puts out.

    What it puts out is a gate's share of activation(cell), so that the activation alone says little about it.
    """

    gates = lstm_gates

    recurrent_activation: RecurrentActivation = Sigmoid()
    unit_forget_bias: Annotated[
        bool, Meta(description="Start with a bias of 1 at the gate that keeps the cell, so that it remembers from the beginning.")
    ] = True


class GRU(Recurrent, tag="GRU"):
    """Gated recurrent unit (Cho et al., 2014): like LSTM with two gates and no separate cell, so with fewer weights."""

    gates = gru_gates

    recurrent_activation: RecurrentActivation = Sigmoid()
    reset_after: ResetAfter = True

    @property
    def biases(self) -> KnownShape:
        return (2, *super().biases) if self.reset_after else super().biases


def sequence_from(shape: Shape) -> Reshape | None:
    """A layer that lays out a row of numbers as steps of one number each, an image as a sequence of its rows."""
    if not is_known(shape):
        return None
    if len(shape) == 1:
        return Reshape(name="reshape", target_shape=(*shape, 1))
    return Reshape(name="reshape", target_shape=(shape[0], -1)) if len(shape) > 2 else None
