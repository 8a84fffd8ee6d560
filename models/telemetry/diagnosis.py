"""What a look inside says about the health of each layer: one table of rules, with a plain sentence for each."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal, TypeGuard

from models.experiment.counting import grouped
from models.telemetry.events import LayerProbe
from models.telemetry.shares import percent

Tone = Literal["good", "muted", "warning", "error"]
tones: tuple[Tone, ...] = ("error", "warning", "muted", "good")
"""From the worst to the best."""

worrying_dead = 0.1
"""Share of dead units from which they are a warning: fewer are usual after the first steps, and cost little."""
worrying_saturated = 0.25
"""Share of saturated (unit, example) pairs from which they are a warning: a few at the ends of the range are usual."""
worrying_duplicates = 0.1
"""Share of units that have a double from which they are a warning; units that start at random have none."""
worrying_constant = 0.5
"""Share of nearly constant units from which they are a warning."""
fading = 1e-3
"""A gradient vanishes where it is this much smaller than in a later layer, and explodes where it is as much larger."""
largest_update, smallest_update = 1e-2, 1e-4
"""Length of a step relative to the weights between which it is good (CS231n, "Neural Networks Part 3"; Deeplearning4j)."""
worrying_update = 0.1
"""Length of a step relative to the weights from which it is a warning: after ten of them nothing is left of the weights."""
worrying_zigzag = 0.5
"""Share of units with gradients of one sign, and of inputs of one sign, from which they are worth a word."""
shown_decades = 4
"""Orders of magnitude that the bar of a gradient spans."""


@dataclass(frozen=True)
class Finding:
    """Something about a layer that is worth a word."""

    tone: Tone
    title: str
    """In two words."""
    sentence: str
    """What was measured, what it means, and what may help."""
    about: str = ""
    """The field of the `LayerProbe` that it is about."""
    share: float = 0.0
    """How much of the layer is so, 0 to 1: of two layers in the same tone the worse has the larger."""

    @property
    def rank(self) -> tuple[int, float]:
        """Smaller is worse."""
        return tones.index(self.tone), -self.share


healthy = Finding("good", "healthy", "Nothing in this layer is out of the ordinary.")


@dataclass(frozen=True)
class Health:
    """What was seen in a layer, and what to think of it."""

    probe: LayerProbe
    findings: tuple[Finding, ...]
    """The worst first."""
    judged: bool
    """Whether anything was measured that a rule is about."""
    gradient: float | None
    """How large the gradient is, by its order of magnitude: 1 for the largest of all layers, 0 for a ten-thousandth of it."""

    @property
    def mark(self) -> Finding | None:
        """The worst finding, or that all is well; none where nothing can be said."""
        return self.findings[0] if self.findings else healthy if self.judged else None


@dataclass(frozen=True)
class _Case:
    """A layer as the rules see it."""

    probe: LayerProbe
    is_output: bool
    later_gradient: float
    """The largest standard deviation of a gradient in the layers behind; 0 where there is none."""


def diagnose(layers: Sequence[LayerProbe]) -> dict[str, Health]:
    """The health of each of `layers`, which are those of one look, from input to output."""
    stds = [layer.gradient_std if _is_number(layer.gradient_std) else 0.0 for layer in layers]
    behind = [*accumulate(reversed(stds), max, initial=0.0)][-2::-1]
    largest = max(stds, default=0.0)
    found = {}
    for place, (layer, later) in enumerate(zip(layers, behind, strict=True)):
        case = _Case(layer, place == len(layers) - 1, later)
        findings = tuple(finding for rule in rules if (finding := rule(case)) is not None)
        found[layer.name] = Health(layer, findings, _is_judged(case), _height(layer.gradient_std, largest))
    return found


def _not_finite(case: _Case) -> Finding | None:
    probe = case.probe
    kinds = ("weights", "gradients", "updates", "pre_activations", "activations")
    for kind in kinds:
        histogram = getattr(probe, kind)
        if histogram is not None and histogram.not_finite:
            count = histogram.not_finite + int(histogram.counts.sum())
            sentence = (
                f"{grouped(histogram.not_finite)} of {grouped(count)} {kind.replace('_', '-')} are infinite, or no numbers at "
                "all (NaN). Lower the learning rate, clip the gradient, or check the data."
            )
            return Finding("error", "not finite", sentence, kind)
    if math.isfinite(probe.mean) and math.isfinite(probe.std):
        return None
    return Finding("error", "not finite", "Some outputs are infinite, or no numbers at all (NaN).", "activations")


def _dead(case: _Case) -> Finding | None:
    dead = case.probe.dead
    if not dead:
        return None
    sentence = (
        f"{percent(dead)} of the units are dead: for every example their activation is flat, so that no gradient reaches "
        "their weights. A lower learning rate or leaky_relu may help, and he_normal where the weights start from something else."
    )
    tone: Tone = "error" if dead == 1 else "warning" if dead >= worrying_dead else "muted"
    return Finding(tone, f"{percent(dead)} dead", sentence, "dead", dead)


def _duplicates(case: _Case) -> Finding | None:
    share = case.probe.duplicates
    if share is None or share < worrying_duplicates:
        return None
    sentence = (
        f"{percent(share)} of the units compute the same as another one, get the same gradient and stay the same. "
        "Let the weights start at random, not all at one value."
    )
    return Finding("warning", f"{percent(share)} alike", sentence, "duplicates", share)


def _exploding(case: _Case) -> Finding | None:
    std, later = case.probe.gradient_std, case.later_gradient
    if not _is_number(std) or not later or std < later / fading:
        return None
    sentence = (
        f"The gradient explodes on its way back: its standard deviation is {_figure(std)}, {_figure(std / later)} times that of "
        "the layers behind. Smaller initial weights, normalization or clipping may help."
    )
    return Finding("warning", "gradient explodes", sentence, "gradient_std")


def _vanishing(case: _Case) -> Finding | None:
    std, later = case.probe.gradient_std, case.later_gradient
    if not _is_number(std) or not later or std > later * fading:
        return None
    if not std:
        sentence = "No gradient arrives: what is behind lets nothing through, and the weights stay as they are."
        return Finding("warning", "no gradient", sentence, "gradient_std")
    sentence = (
        f"The gradient vanishes on its way back: its standard deviation is {_figure(std)}, {_figure(later / std)} times less "
        "than in the layers behind. An activation that saturates less, other initial weights, normalization or skips may help."
    )
    return Finding("warning", "gradient fades", sentence, "gradient_std")


def _saturated(case: _Case) -> Finding | None:
    share = _judged_saturation(case)
    if share is None or share < worrying_saturated:
        return None
    sentence = (
        f"In {percent(share)} of all cases a unit is saturated: its activation is so flat there that less than a twentieth of "
        "the gradient gets through. Smaller weights, inputs scaled to a standard deviation of 1 or normalization may help."
    )
    return Finding("warning", f"{percent(share)} saturated", sentence, "saturated", share)


def _constant(case: _Case) -> Finding | None:
    share = case.probe.near_constant
    if share is None or share < worrying_constant or share <= (case.probe.dead or 0.0):
        return None
    sentence = f"{percent(share)} of the units put out nearly the same for every example, and tell the layers behind nothing."
    return Finding("warning", f"{percent(share)} constant", sentence, "near_constant", share)


def _update(case: _Case) -> Finding | None:
    ratio = case.probe.update_ratio
    if not _is_number(ratio) or smallest_update <= ratio <= largest_update or case.probe.gradient_std == 0:
        return None
    words = f"The last step was {_figure(ratio)} of the length of the weights"
    if ratio > largest_update:
        tone: Tone = "warning" if ratio >= worrying_update else "muted"
        return Finding(tone, "large steps", f"{words}; about 0.001 is good. A lower learning rate may help.", "update_ratio")
    return Finding("muted", "small steps", f"{words}; about 0.001 is good. It learns slowly, or is done.", "update_ratio")


def _zigzag(case: _Case) -> Finding | None:
    share, inputs = case.probe.one_signed_gradients, case.probe.one_signed_inputs
    if share is None or share < worrying_zigzag:
        return None
    if inputs is None or inputs < worrying_zigzag:
        return None  # of inputs of both signs it is chance: of two weights every other unit's have gradients of one sign
    sentence = (
        f"In {percent(share)} of the units all weights have a gradient of the same sign, so that steps zigzag. That comes of "
        "inputs that are never negative: centre the data on 0, or put tanh or a normalization before."
    )
    return Finding("muted", "zigzags", sentence, "one_signed_gradients", share)


rules: tuple[Callable[[_Case], Finding | None], ...] = (
    _not_finite, _dead, _duplicates, _exploding, _vanishing, _saturated, _constant, _update, _zigzag,
)  # fmt: skip
"""From what is worst, or explains most of the rest, to what is mildest."""


def _is_judged(case: _Case) -> bool:
    probe = case.probe
    return any(figure is not None for figure in (probe.dead, _judged_saturation(case), probe.gradient_std, probe.update_ratio))


def _judged_saturation(case: _Case) -> float | None:
    """None in the relu family, where to be inactive is usual, and at the output: a sure answer is what we want there."""
    return None if case.is_output or case.probe.dead is not None else case.probe.saturated


def _height(std: float | None, largest: float) -> float | None:
    if not _is_number(std) or not largest:
        return None
    return max(0.0, 1 + math.log10(std / largest) / shown_decades) if std else 0.0


def _is_number(figure: float | None) -> TypeGuard[float]:
    return figure is not None and math.isfinite(figure)


def _figure(number: float) -> str:
    """Two digits, and a power of ten only where there would be many zeros."""
    return grouped(float(f"{number:.2g}")) if 10 <= number < 1e6 else f"{number:.2g}".replace("e-0", "e-")
