"""What goes into an activation of a layer, which activation that is, and where it is flat."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from gui.plots.axes import ticks
from gui.plots.axes.curves import Floats
from gui.plots.views.histograms import shares_below
from gui.stack.card import arguments
from models.experiment.activations import ActivationFunction, Linear
from models.experiment.layers import RNN, AnyLayer, Bidirectional, Maxout, PReLU
from models.experiment.layers.around import core
from models.experiment.layers.gates import InnerGate, gates_in
from models.telemetry.events import Histogram, LayerProbe, Slopes
from models.telemetry.shares import percent
from models.telemetry.zones import dead_slope, dead_zones, saturated_slope, saturated_zones

positions = 401
"""Points of a curve over the whole axis."""


class Zone(NamedTuple):
    """A stretch of the axis on which the derivative is small; its ends may be infinite."""

    low: float
    high: float
    dead: bool
    """Whether a unit is dead whose inputs are all in it; otherwise it is only saturated."""


@dataclass(frozen=True)
class Applied:
    """An activation, and what goes into it."""

    function: ActivationFunction
    """Of a PReLU the one with the mean of the slopes."""
    inputs: Histogram
    saturated: float | None
    """Share of the inputs at which the activation is flat, counted one by one."""
    slopes: Slopes | None = None
    """Of a PReLU."""

    @property
    def zones(self) -> tuple[Zone, ...]:
        """Where it is flat, from left to right; of a PReLU where at least one unit is."""
        return zones_of(self.function) if self.slopes is None else zones_of_slopes(self.slopes)

    @property
    def shares(self) -> list[float]:
        """Share of the inputs in each zone: read off the histogram, and brought to the sum that was counted one by one."""
        shares = [share_inside(self.inputs, zone) for zone in self.zones]
        total = sum(shares)
        return shares if self.saturated is None or total == 0 else [share * self.saturated / total for share in shares]

    @property
    def words(self) -> str:
        """Name and parameters of the activation, and the share of inputs at which it is flat."""
        name = f"{self.function.kind()} {arguments(self.function)}".strip() if self.slopes is None else words_of(self.slopes)
        return name + ("" if self.saturated is None else f" · {percent(self.saturated, 1)} at |f′| < {saturated_slope}")


def applied(layer: AnyLayer, probe: LayerProbe | None, gate: int) -> Applied | None:
    """What is applied in `layer` to what, in the gate of this number where it has several.

    None where there is no curve, or nothing finite was seen of what goes in.
    """
    gates = gates_in(layer)
    seen = probe if probe is None or not gates else probe.gates[gate] if gate < len(probe.gates) else None
    inputs = seen.pre_activations if seen is not None else None
    if seen is None or inputs is None or not inputs.counts.any() or not np.isfinite([inputs.low, inputs.high]).all():
        return None
    if isinstance(inner := core(layer), PReLU):
        slopes = probe.slopes if probe is not None else None
        return None if slopes is None else Applied(inner.curve(slopes.mean), inputs, seen.saturated, slopes)
    function = gates[gate].function if gates else inner.non_linearity
    return Applied(function, inputs, seen.saturated) if function is not None and has_curve(function) else None


def may_have_curve(layer: AnyLayer) -> bool:
    """Whether an activation of `layer` can be drawn as a curve."""
    inner = core(layer)
    own = inner.non_linearity
    functions = (*(gate.function for gate in gates_in(layer)), *(() if own is None else (own,)))
    return isinstance(inner, PReLU) or any(map(has_curve, functions))


def has_curve(function: ActivationFunction) -> bool:
    """Whether there is anything to see in the curve of `function`."""
    return function.elementwise and not isinstance(function, Linear)


def why_none(layer: AnyLayer, gate: InnerGate | None) -> str:
    """Why nothing is shown of `layer`, or of this `gate` in it."""
    function = core(layer).non_linearity if gate is None else gate.function
    what = layer.name if gate is None else f"The {gate.title} {gate.name} of {layer.name}"
    if function is None and not isinstance(inner := core(layer), PReLU):
        if isinstance(inner, Maxout):
            return f"{what} has learned pieces in place of an activation: see Weights, pieces"
        inside = hasattr(inner, "activation") or isinstance(inner, RNN | Bidirectional)
        return f"{what} applies {'its activations inside, at every step' if inside else 'no activation of its own'}"
    if isinstance(function, Linear):
        return f"{what} is linear: f′ is 1 everywhere, and no gradient is lost in it"
    if function is not None and not function.elementwise:
        return f"{what} applies {function.kind()}: each output depends on all inputs, so there is no curve"
    return f"What goes into the activation of {layer.name} is not seen from outside, or nothing of it is finite"


@lru_cache(maxsize=16)
def curves_over(function: ActivationFunction, low: float, high: float) -> tuple[Floats, Floats, Floats]:
    """Positions between `low` and `high`, with f and f′ there; what is too large for a number is infinite."""
    x = np.linspace(low, high, positions)
    values, slopes = (np.array([value_of(each, z) for z in x.tolist()]) for each in (function.at, function.derivative))
    return x, values, slopes


def value_of(function: Callable[[float], float], z: float) -> float:
    """What `function` is at `z`; infinite where it is too large for a number."""
    try:
        return function(z)
    except OverflowError:
        return math.inf


def zones_of(function: ActivationFunction) -> tuple[Zone, ...]:
    """Where a unit is saturated, from left to right, cut where units die inside."""
    zones: list[Zone] = []
    for low, high in saturated_zones(function):
        for left, right in dead_zones(function):
            if low <= left and right <= high:
                zones += [Zone(low, left, dead=False), Zone(left, right, dead=True)]
                low = right
        zones.append(Zone(low, high, dead=False))
    return tuple(zone for zone in zones if zone.low < zone.high)


def zones_of_slopes(slopes: Slopes) -> tuple[Zone, ...]:
    """Where units with these slopes are saturated: below 0, where one of them is nearly flat."""
    sizes = np.abs(slopes.spread)
    return (Zone(-math.inf, 0.0, dead=bool((sizes < dead_slope).all())),) if (sizes < saturated_slope).any() else ()


def share_inside(histogram: Histogram, zone: Zone) -> float:
    """Share of the counted values in `zone`, as if they were spread evenly within each bin."""
    below, above = shares_below(histogram, (zone.low, zone.high))
    return float(above - below)


def words_of(slopes: Slopes) -> str:
    """The slopes of a PReLU in words: ``prelu, mean slope 0.25, from −0.1 to 0.6``."""
    low, high = _ends(slopes.spread)
    spread = f", from {low} to {high}" if low != high else ""
    return f"prelu, mean slope {ticks.short(slopes.mean)}{spread}"


def _ends(ordered: Floats) -> Sequence[str]:
    return [ticks.short(float(end)) for end in ordered[[0, -1]]]
