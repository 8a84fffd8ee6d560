"""Keras's named activations, each with its formula.

Two of Keras's functions are left out on purpose: ``glu`` halves the last axis, which ``Dense`` and ``Activation`` do not account
for in their output shape, and ``threshold`` has no defaults, so that Keras itself cannot use it by name.

Source of the formulas: ``keras/src/activations/activations.py``.
"""

import math
from typing import Annotated, ClassVar

from msgspec import Meta

from models.experiment.base import NonNegative, Positive, Variant

Alpha = Annotated[NonNegative, Meta(description="α: the output tends to −α for large negative inputs.")]
NegativeSlope = Annotated[NonNegative, Meta(description="Slope for negative inputs.")]
Threshold = Annotated[NonNegative, Meta(description="Inputs below this value are damped.")]

inf = math.inf


class ActivationFunction(Variant):
    """The non-linearity applied to a layer's weighted sums."""

    written_bare = True

    output_range: ClassVar[tuple[float, float]] = (-inf, inf)
    """Bounds that the output cannot leave; where one is finite, the activation saturates towards it."""
    can_die: ClassVar[bool] = False
    """Whether a unit that is flat for every example is said to be dead: in the relu family; the others saturate."""
    keras_layer: ClassVar[str] = ""
    """Keras's layer for the function with parameters: the function itself cannot be saved with other than the defaults."""
    elementwise: ClassVar[bool] = True
    """Whether each output depends on one input only, so that the function can be drawn as a curve."""

    def at(self, x: float) -> float:
        """The output for a single input `x`."""
        raise NotImplementedError(f"{self.kind()} is not an elementwise function")

    def derivative(self, x: float) -> float:
        """f′(x), the change of the output for a small change of a single input.

        At a bend, where there is none, the slope of one of its sides: 0 for relu at 0, as in Keras.
        """
        raise NotImplementedError(f"{self.kind()} is not an elementwise function")


def _sigmoid(x: float) -> float:
    if x >= 0:
        return 1 / (1 + math.exp(-x))
    return math.exp(x) / (1 + math.exp(x))


def _softplus(x: float) -> float:
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))


class Linear(ActivationFunction, tag="linear"):
    """x: no non-linearity."""

    def at(self, x: float) -> float:
        return x

    def derivative(self, x: float) -> float:
        return 1.0


class Relu(ActivationFunction, tag="relu"):
    """max(x, 0). Cheap and does not saturate for positive inputs; a unit that is negative for all examples is dead."""

    keras_layer = "ReLU"
    can_die = True
    output_range = (0.0, inf)

    negative_slope: Annotated[NonNegative, Meta(description="Slope for inputs below the threshold; 0 is the plain relu.")] = 0.0
    max_value: Annotated[Positive | None, Meta(description="Upper limit of the output; none lets it grow without limit.")] = None
    threshold: Threshold = 0.0

    def at(self, x: float) -> float:
        if x <= self.threshold:
            return self.negative_slope * (x - self.threshold)
        return x if self.max_value is None else min(x, self.max_value)

    def derivative(self, x: float) -> float:
        if x <= self.threshold:
            return self.negative_slope
        return 1.0 if self.max_value is None or x < self.max_value else 0.0


class LeakyRelu(ActivationFunction, tag="leaky_relu"):
    """x where positive, otherwise a small multiple of x, so that no unit can die."""

    keras_layer = "LeakyReLU"
    can_die = True

    negative_slope: NegativeSlope = 0.2

    def at(self, x: float) -> float:
        return x if x >= 0 else self.negative_slope * x

    def derivative(self, x: float) -> float:
        return 1.0 if x > 0 else self.negative_slope


class Relu6(ActivationFunction, tag="relu6"):
    """min(max(x, 0), 6)."""

    can_die = True
    output_range = (0.0, 6.0)

    def at(self, x: float) -> float:
        return min(max(x, 0.0), 6.0)

    def derivative(self, x: float) -> float:
        return 1.0 if 0 < x < 6 else 0.0


class Elu(ActivationFunction, tag="elu"):
    """x where positive, otherwise α(eˣ − 1): outputs are closer to zero mean than relu's."""

    keras_layer = "ELU"
    can_die = True
    output_range = (-inf, inf)

    alpha: Alpha = 1.0

    def at(self, x: float) -> float:
        return x if x >= 0 else self.alpha * math.expm1(x)

    def derivative(self, x: float) -> float:
        return 1.0 if x > 0 else self.alpha * math.exp(x)


class Selu(ActivationFunction, tag="selu"):
    """Scaled elu: with lecun_normal weights it keeps mean 0 and variance 1 from layer to layer (Klambauer et al., 2017)."""

    can_die = True

    alpha: ClassVar[float] = 1.6732632423543772
    scale: ClassVar[float] = 1.0507009873554805

    def at(self, x: float) -> float:
        return self.scale * (x if x >= 0 else self.alpha * math.expm1(x))

    def derivative(self, x: float) -> float:
        return self.scale * (1.0 if x > 0 else self.alpha * math.exp(x))


class Celu(ActivationFunction, tag="celu"):
    """max(0, x) + min(0, eˣ − 1): elu with a derivative that is continuous for every α."""

    can_die = True

    def at(self, x: float) -> float:
        return max(0.0, x) + min(0.0, math.expm1(min(x, 0.0)))

    def derivative(self, x: float) -> float:
        return math.exp(min(x, 0.0))


class Sigmoid(ActivationFunction, tag="sigmoid"):
    """1 / (1 + e⁻ˣ): squashes to 0…1. Saturates on both sides and is not zero-centred."""

    output_range = (0.0, 1.0)

    def at(self, x: float) -> float:
        return _sigmoid(x)

    def derivative(self, x: float) -> float:
        return _sigmoid(x) * _sigmoid(-x)


class Tanh(ActivationFunction, tag="tanh"):
    """Hyperbolic tangent: squashes to −1…1. Zero-centred, but saturates on both sides."""

    output_range = (-1.0, 1.0)

    def at(self, x: float) -> float:
        return math.tanh(x)

    def derivative(self, x: float) -> float:
        return 4 * _sigmoid(2 * x) * _sigmoid(-2 * x)


class Softplus(ActivationFunction, tag="softplus"):
    """log(1 + eˣ): a smooth relu."""

    output_range = (0.0, inf)
    can_die = True

    def at(self, x: float) -> float:
        return _softplus(x)

    def derivative(self, x: float) -> float:
        return _sigmoid(x)


class Softsign(ActivationFunction, tag="softsign"):
    """x / (1 + |x|): like tanh, but saturates more slowly."""

    output_range = (-1.0, 1.0)

    def at(self, x: float) -> float:
        return x / (1 + abs(x))

    def derivative(self, x: float) -> float:
        return 1 / (1 + abs(x)) ** 2


class Silu(ActivationFunction, tag="silu"):
    """x · sigmoid(x), also called swish."""

    aliases = ("swish",)
    can_die = True

    def at(self, x: float) -> float:
        return x * _sigmoid(x)

    def derivative(self, x: float) -> float:
        return _sigmoid(x) * (1 + x * _sigmoid(-x))


class Gelu(ActivationFunction, tag="gelu"):
    """x · Φ(x), with Φ the distribution function of the standard normal."""

    can_die = True

    def at(self, x: float) -> float:
        return x * 0.5 * (1 + math.erf(x / math.sqrt(2)))

    def derivative(self, x: float) -> float:
        return 0.5 * (1 + math.erf(x / math.sqrt(2))) + x * math.exp(-x * x / 2) / math.sqrt(2 * math.pi)


class Mish(ActivationFunction, tag="mish"):
    """x · tanh(softplus(x))."""

    can_die = True

    def at(self, x: float) -> float:
        return x * math.tanh(_softplus(x))

    def derivative(self, x: float) -> float:
        squashed = math.tanh(_softplus(x))
        return squashed + x * (1 - squashed**2) * _sigmoid(x)


class Exponential(ActivationFunction, tag="exponential"):
    """eˣ: an output that must be positive."""

    output_range = (0.0, inf)
    can_die = True

    def at(self, x: float) -> float:
        return math.exp(x)

    def derivative(self, x: float) -> float:
        return math.exp(x)


class HardSigmoid(ActivationFunction, tag="hard_sigmoid"):
    """relu6(x + 3) / 6: a sigmoid of three straight pieces."""

    output_range = (0.0, 1.0)

    def at(self, x: float) -> float:
        return min(max(x + 3, 0.0), 6.0) / 6

    def derivative(self, x: float) -> float:
        return 1 / 6 if -3 < x < 3 else 0.0


class HardSilu(ActivationFunction, tag="hard_silu"):
    """x · hard_sigmoid(x)."""

    aliases = ("hard_swish",)
    can_die = True

    def at(self, x: float) -> float:
        return x * min(max(x + 3, 0.0), 6.0) / 6

    def derivative(self, x: float) -> float:
        if x <= -3:
            return 0.0
        return 1.0 if x >= 3 else (2 * x + 3) / 6


class HardTanh(ActivationFunction, tag="hard_tanh"):
    """x, cut off at −1 and 1."""

    output_range = (-1.0, 1.0)

    def at(self, x: float) -> float:
        return min(max(x, -1.0), 1.0)

    def derivative(self, x: float) -> float:
        return 1.0 if -1 < x < 1 else 0.0


class HardShrink(ActivationFunction, tag="hard_shrink"):
    """x, but 0 where |x| ≤ 0.5."""

    can_die = True

    def at(self, x: float) -> float:
        return x if abs(x) > 0.5 else 0.0

    def derivative(self, x: float) -> float:
        return 1.0 if abs(x) > 0.5 else 0.0


class SoftShrink(ActivationFunction, tag="soft_shrink"):
    """x moved towards 0 by 0.5, and 0 where |x| ≤ 0.5."""

    can_die = True

    def at(self, x: float) -> float:
        return math.copysign(max(abs(x) - 0.5, 0.0), x)

    def derivative(self, x: float) -> float:
        return 1.0 if abs(x) > 0.5 else 0.0


class TanhShrink(ActivationFunction, tag="tanh_shrink"):
    """x − tanh(x)."""

    def at(self, x: float) -> float:
        return x - math.tanh(x)

    def derivative(self, x: float) -> float:
        return math.tanh(x) ** 2


class LogSigmoid(ActivationFunction, tag="log_sigmoid"):
    """log(sigmoid(x))."""

    output_range = (-inf, 0.0)

    def at(self, x: float) -> float:
        return -_softplus(-x)

    def derivative(self, x: float) -> float:
        return _sigmoid(-x)


class SparsePlus(ActivationFunction, tag="sparse_plus"):
    """0 up to −1, (x + 1)²/4 up to 1, then x: a softplus with exact zeros."""

    output_range = (0.0, inf)
    can_die = True

    def at(self, x: float) -> float:
        if x <= -1:
            return 0.0
        return x if x >= 1 else (x + 1) ** 2 / 4

    def derivative(self, x: float) -> float:
        return min(max((x + 1) / 2, 0.0), 1.0)


class SparseSigmoid(ActivationFunction, tag="sparse_sigmoid"):
    """(x + 1) / 2, cut off at 0 and 1."""

    output_range = (0.0, 1.0)

    def at(self, x: float) -> float:
        return min(max((x + 1) / 2, 0.0), 1.0)

    def derivative(self, x: float) -> float:
        return 0.5 if -1 < x < 1 else 0.0


class Squareplus(ActivationFunction, tag="squareplus"):
    """(x + √(x² + 4)) / 2: a smooth relu without exponentials."""

    output_range = (0.0, inf)
    can_die = True

    def at(self, x: float) -> float:
        return (x + math.sqrt(x * x + 4)) / 2

    def derivative(self, x: float) -> float:
        return (1 + x / math.sqrt(x * x + 4)) / 2


class Softmax(ActivationFunction, tag="softmax"):
    """eˣ divided by the sum over all units: probabilities that add up to 1."""

    output_range = (0.0, 1.0)
    elementwise = False


class LogSoftmax(ActivationFunction, tag="log_softmax"):
    """Logarithm of softmax."""

    output_range = (-inf, 0.0)
    elementwise = False


class Sparsemax(ActivationFunction, tag="sparsemax"):
    """The nearest vector of probabilities: like softmax, but with exact zeros (Martins & Astudillo, 2016)."""

    output_range = (0.0, 1.0)
    elementwise = False


Activation = (
    Linear
    | Relu
    | LeakyRelu
    | Tanh
    | Sigmoid
    | Elu
    | Selu
    | Softmax
    | Silu
    | Gelu
    | Mish
    | Softplus
    | Softsign
    | Relu6
    | Celu
    | Exponential
    | HardSigmoid
    | HardSilu
    | HardTanh
    | HardShrink
    | SoftShrink
    | TanhShrink
    | LogSigmoid
    | LogSoftmax
    | SparsePlus
    | SparseSigmoid
    | Sparsemax
    | Squareplus
)
