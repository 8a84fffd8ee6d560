"""How weights start, under Keras's names.

The choice decides whether signals and gradients keep their size from layer to layer (CS231n, "Weight Initialization"):
zeros leaves all units alike, small random numbers fade in deep networks, 1/√n (LecunNormal) suits tanh, √(2/n) (HeNormal) relu.
"""

from typing import Annotated, Literal

from msgspec import Meta

from models.experiment.base import NonNegative, Positive, Variant


class InitializerKind(Variant):
    """A rule for the first values of a layer's weights."""

    written_bare = True


class Zeros(InitializerKind, tag="Zeros"):
    """All weights 0. As a kernel it keeps all units of a layer alike for ever."""

    keras_name = "zeros"


class Ones(InitializerKind, tag="Ones"):
    """All weights 1."""

    keras_name = "ones"


class Constant(InitializerKind, tag="Constant"):
    """All weights the same value."""

    keras_name = "constant"
    written_bare = False  # Keras cannot make a Constant from its name alone

    value: Annotated[float, Meta(description="The value of every weight.")] = 0.0


class RandomNormal(InitializerKind, tag="RandomNormal"):
    """Normal numbers; with stddev 0.01 the "small random numbers" of CS231n."""

    keras_name = "random_normal"
    aliases = ("normal",)

    mean: Annotated[float, Meta(description="Mean of the weights.")] = 0.0
    stddev: Annotated[NonNegative, Meta(description="Standard deviation of the weights.")] = 0.05


class RandomUniform(InitializerKind, tag="RandomUniform"):
    """Uniform numbers between two bounds."""

    keras_name = "random_uniform"
    aliases = ("uniform",)

    minval: Annotated[float, Meta(description="Lower bound.")] = -0.05
    maxval: Annotated[float, Meta(description="Upper bound.")] = 0.05


class TruncatedNormal(InitializerKind, tag="TruncatedNormal"):
    """Normal numbers, drawn again where they are more than two standard deviations from the mean."""

    keras_name = "truncated_normal"

    mean: Annotated[float, Meta(description="Mean of the weights.")] = 0.0
    stddev: Annotated[NonNegative, Meta(description="Standard deviation before truncation.")] = 0.05


class VarianceScaling(InitializerKind, tag="VarianceScaling"):
    """Random numbers of variance scale / n, n being the fan-in, the fan-out or their mean: the family of all rules below."""

    keras_name = "variance_scaling"

    scale: Annotated[Positive, Meta(description="Factor of the variance: 1 for Xavier and 1/√n, 2 for He.")] = 1.0
    mode: Annotated[Literal["fan_in", "fan_out", "fan_avg"], Meta(description="What the variance is divided by.")] = "fan_in"
    distribution: Annotated[
        Literal["truncated_normal", "untruncated_normal", "uniform"], Meta(description="Which random numbers to draw.")
    ] = "truncated_normal"


class GlorotNormal(InitializerKind, tag="GlorotNormal"):
    """Xavier: normal with variance 2 / (fan-in + fan-out) (Glorot & Bengio, 2010)."""

    keras_name = "glorot_normal"


class GlorotUniform(InitializerKind, tag="GlorotUniform"):
    """Xavier: uniform within ±√(6 / (fan-in + fan-out)) (Glorot & Bengio, 2010). Keras's default."""

    keras_name = "glorot_uniform"


class HeNormal(InitializerKind, tag="HeNormal"):
    """He: normal with variance 2 / fan-in, made for relu (He et al., 2015)."""

    keras_name = "he_normal"


class HeUniform(InitializerKind, tag="HeUniform"):
    """He: uniform within ±√(6 / fan-in), made for relu (He et al., 2015)."""

    keras_name = "he_uniform"


class LecunNormal(InitializerKind, tag="LecunNormal"):
    """1/√n: normal with variance 1 / fan-in (LeCun et al., 1998)."""

    keras_name = "lecun_normal"


class LecunUniform(InitializerKind, tag="LecunUniform"):
    """1/√n: uniform within ±√(3 / fan-in) (LeCun et al., 1998)."""

    keras_name = "lecun_uniform"


class Orthogonal(InitializerKind, tag="Orthogonal"):
    """A random orthogonal matrix, which keeps the length of what passes through (Saxe et al., 2014). Two axes or more."""

    keras_name = "orthogonal"

    gain: Annotated[float, Meta(description="Factor of the matrix.")] = 1.0


class Identity(InitializerKind, tag="Identity"):
    """The identity matrix, so that a layer starts by passing its input on. Only for matrices, that is dense kernels."""

    keras_name = "identity"

    gain: Annotated[float, Meta(description="Factor of the matrix.")] = 1.0


Initializer = (
    GlorotUniform
    | GlorotNormal
    | HeNormal
    | HeUniform
    | LecunNormal
    | LecunUniform
    | RandomNormal
    | RandomUniform
    | TruncatedNormal
    | VarianceScaling
    | Orthogonal
    | Identity
    | Zeros
    | Ones
    | Constant
)
