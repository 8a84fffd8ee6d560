"""How large a layer's weights start: their standard deviation from the initializer and the shape of the kernel."""

from dataclasses import dataclass
from math import prod, sqrt

from models.experiment.base import KnownShape
from models.experiment.initializers import (
    GlorotNormal,
    GlorotUniform,
    HeNormal,
    HeUniform,
    InitializerKind,
    LecunNormal,
    LecunUniform,
    Orthogonal,
    RandomNormal,
    RandomUniform,
    TruncatedNormal,
    VarianceScaling,
)

truncated_share = 0.87962566103423978
"""Standard deviation of a standard normal number that is drawn again beyond ±2."""

_rules: dict[type[InitializerKind], VarianceScaling] = {
    GlorotNormal: VarianceScaling(scale=1.0, mode="fan_avg"),
    GlorotUniform: VarianceScaling(scale=1.0, mode="fan_avg", distribution="uniform"),
    HeNormal: VarianceScaling(scale=2.0),
    HeUniform: VarianceScaling(scale=2.0, distribution="uniform"),
    LecunNormal: VarianceScaling(scale=1.0),
    LecunUniform: VarianceScaling(scale=1.0, distribution="uniform"),
}


@dataclass(frozen=True)
class Scale:
    """What the weights of a kernel are like before training."""

    std: float
    """Standard deviation of a weight."""
    formula: str
    """Where it comes from: ``√(2 / fan-in 8)``."""


def fans(shape: KnownShape) -> tuple[int, int]:
    """Inputs and outputs of a weighted sum with a kernel of `shape`: fan-in and fan-out.

    Source: ``keras/src/initializers/random_initializers.py``, ``compute_fans``.
    """
    window = prod(shape[:-2])
    return shape[-2] * window, shape[-1] * window


def weight_scale(initializer: InitializerKind, shape: KnownShape, own_fans: tuple[int, int] | None = None) -> Scale | None:
    """Standard deviation of weights of `shape`; none where the weights are not random.

    `own_fans` are fan-in and fan-out where they do not follow from the shape, which otherwise has two axes or more.

    Rules with a fan: the variance is scale / n, whatever the distribution, for Keras makes up for the truncation.
    ``RandomUniform``: (b − a) / √12. ``TruncatedNormal``: 0.88 σ, since what lies beyond 2 σ is drawn again. ``Orthogonal``:
    rows or columns of length gain.
    """
    if isinstance(initializer, RandomNormal):
        return Scale(initializer.stddev, "σ")
    if isinstance(initializer, TruncatedNormal):
        return Scale(truncated_share * initializer.stddev, f"0.88 · {initializer.stddev:g}")
    if isinstance(initializer, RandomUniform):
        return Scale((initializer.maxval - initializer.minval) / sqrt(12), "(upper − lower) / √12")
    if isinstance(initializer, Orthogonal):
        longest = max(prod(shape[:-1]), shape[-1])
        return Scale(abs(initializer.gain) / sqrt(longest), f"{initializer.gain:g} / √{longest}")
    rule = initializer if isinstance(initializer, VarianceScaling) else _rules.get(type(initializer))
    return None if rule is None else _by_fan(rule, *(own_fans or fans(shape)))


def _by_fan(rule: VarianceScaling, fan_in: int, fan_out: int) -> Scale:
    if rule.mode == "fan_avg":
        # Keras divides by the mean of both, which is the same as twice the scale over their sum.
        std = sqrt(rule.scale / max(1.0, (fan_in + fan_out) / 2))
        return Scale(std, f"√({2 * rule.scale:g} / (fan-in {fan_in} + fan-out {fan_out}))")
    fan = fan_in if rule.mode == "fan_in" else fan_out
    return Scale(sqrt(rule.scale / max(1, fan)), f"√({rule.scale:g} / {rule.mode.replace('_', '-')} {fan})")
