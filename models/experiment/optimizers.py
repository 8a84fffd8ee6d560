"""Keras's optimizers: the rules that turn a gradient into a step."""

from typing import Annotated

from msgspec import Meta

from models.experiment.base import NonNegative, Positive, Share, Variant

LearningRate = Annotated[
    float, Meta(gt=0, le=1000, description="η: how far a step goes along the gradient.", extra={"log": True})
]
Epsilon = Annotated[Positive, Meta(description="ε: small number that keeps divisions finite.")]
Beta1 = Annotated[Share, Meta(description="β₁: memory of the mean gradient.")]
Beta2 = Annotated[Share, Meta(description="β₂: memory of the squared gradient.")]
WeightDecay = Annotated[NonNegative, Meta(description="Share of each weight, times η, taken away at every step.")]
AMSGrad = Annotated[bool, Meta(description="Scale by the greatest squared gradient so far (AMSGrad).")]


class OptimizerKind(Variant):
    """A rule for the step; at most one of the three kinds of gradient clipping may be set."""

    learning_rate: LearningRate = 0.001
    weight_decay: WeightDecay | None = None
    gradient_accumulation_steps: Annotated[
        Annotated[int, Meta(ge=2, le=1_000_000)] | None,
        Meta(description="Update the weights once in so many steps, by the mean of their gradients, as for a larger batch."),
    ] = None
    clipvalue: Annotated[
        Positive | None,
        Meta(description="Each number of the gradient is cut off at ± this value.", extra={"group": "Gradient clipping"}),
    ] = None
    clipnorm: Annotated[
        Positive | None,
        Meta(
            description="The gradient of each weight array is scaled down to at most this length.",
            extra={"group": "Gradient clipping"},
        ),
    ] = None
    global_clipnorm: Annotated[
        Positive | None,
        Meta(description="All gradients together are scaled down to at most this length.", extra={"group": "Gradient clipping"}),
    ] = None

    @property
    def slots(self) -> int:
        """Numbers the optimizer keeps for each weight; for the estimate of memory."""
        return 2


class SGD(OptimizerKind, tag="SGD"):
    """Gradient descent on batches, with momentum if wanted."""

    keras_name = "sgd"

    learning_rate: LearningRate = 0.01
    momentum: Annotated[float, Meta(ge=0, le=1, description="Share of the last step that is kept.")] = 0.0
    nesterov: Annotated[bool, Meta(description="Nesterov momentum: the gradient is taken where the momentum leads.")] = False

    @property
    def slots(self) -> int:
        return int(self.momentum > 0)


class Adam(OptimizerKind, tag="Adam"):
    """Steps scaled by running means of the gradient and of its square (Kingma & Ba, 2014)."""

    keras_name = "adam"

    beta_1: Beta1 = 0.9
    beta_2: Beta2 = 0.999
    epsilon: Epsilon = 1e-7
    amsgrad: AMSGrad = False

    @property
    def slots(self) -> int:
        return 2 + self.amsgrad


class AdamW(OptimizerKind, tag="AdamW"):
    """Adam with weight decay apart from the gradient (Loshchilov & Hutter, 2019)."""

    keras_name = "adamw"

    weight_decay: WeightDecay = 0.004
    beta_1: Beta1 = 0.9
    beta_2: Beta2 = 0.999
    epsilon: Epsilon = 1e-7
    amsgrad: AMSGrad = False

    @property
    def slots(self) -> int:
        return 2 + self.amsgrad


class RMSprop(OptimizerKind, tag="RMSprop"):
    """Steps divided by a running root mean square of the gradient."""

    keras_name = "rmsprop"

    rho: Annotated[Share, Meta(description="ρ: memory of the squared gradient.")] = 0.9
    momentum: Annotated[float, Meta(ge=0, le=1, description="Share of the last step that is kept.")] = 0.0
    epsilon: Epsilon = 1e-7
    centered: Annotated[bool, Meta(description="Divide by the gradient's standard deviation instead of its size.")] = False

    @property
    def slots(self) -> int:
        return 1 + (self.momentum > 0) + self.centered


class Adagrad(OptimizerKind, tag="Adagrad"):
    """Steps divided by the root of all squared gradients so far (Duchi et al., 2011)."""

    keras_name = "adagrad"

    initial_accumulator_value: Annotated[NonNegative, Meta(description="Where the sum of squares starts.")] = 0.1
    epsilon: Epsilon = 1e-7

    @property
    def slots(self) -> int:
        return 1


class Adadelta(OptimizerKind, tag="Adadelta"):
    """Adagrad with a memory that fades (Zeiler, 2012). Its steps want a learning rate near 1."""

    keras_name = "adadelta"

    rho: Annotated[Share, Meta(description="ρ: memory of the squared gradient.")] = 0.95
    epsilon: Epsilon = 1e-7


class Adamax(OptimizerKind, tag="Adamax"):
    """Adam with the greatest absolute gradient in place of the mean square."""

    keras_name = "adamax"

    beta_1: Beta1 = 0.9
    beta_2: Beta2 = 0.999
    epsilon: Epsilon = 1e-7


class Nadam(OptimizerKind, tag="Nadam"):
    """Adam with Nesterov momentum (Dozat, 2016)."""

    keras_name = "nadam"

    beta_1: Beta1 = 0.9
    beta_2: Beta2 = 0.999
    epsilon: Epsilon = 1e-7


class Lion(OptimizerKind, tag="Lion"):
    """Steps of the same size for every weight, by the sign of a running mean (Chen et al., 2023)."""

    keras_name = "lion"

    beta_1: Annotated[float, Meta(gt=0, le=1, description="β₁: weight of the memory in the step's sign.")] = 0.9
    beta_2: Beta2 = 0.99

    @property
    def slots(self) -> int:
        return 1


Optimizer = Adam | SGD | AdamW | RMSprop | Adagrad | Adadelta | Adamax | Nadam | Lion
