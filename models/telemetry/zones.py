"""Where an activation is flat, so that hardly any gradient gets through: what probes count, and what plots shade."""

import math
from functools import cache
from itertools import pairwise

from models.experiment.activations import ActivationFunction, Linear

saturated_slope = 0.05
"""A unit is saturated for an example where its activation's slope is smaller in size; the greatest slope of a sigmoid is 0.25."""
dead_slope = 0.001
"""Slopes smaller in size have no effect that training could show: a step there is not a thousandth of what it is elsewhere."""

Zone = tuple[float, float]
"""From one pre-activation to another, both included; the ends may be infinite."""

_fine, _fine_reach = 1 / 256, 8.0
_coarse, _coarse_reach = 1 / 16, 64.0


def saturated_zones(function: ActivationFunction) -> tuple[Zone, ...]:
    """The pre-activations for which a unit counts as saturated, from left to right."""
    return flat_zones(function, saturated_slope)


def dead_zones(function: ActivationFunction) -> tuple[Zone, ...]:
    """The pre-activations that make a unit dead if they are all it ever has; none where units do not die."""
    return flat_zones(function, dead_slope) if function.can_die else ()


@cache
def flat_zones(function: ActivationFunction, slope: float) -> tuple[Zone, ...]:
    """Where |f′| is less than `slope`, from left to right; none for a function of several inputs, which has no such slope."""
    if not function.elementwise or isinstance(function, Linear):
        return ()

    def is_flat(x: float) -> bool:
        return abs(function.derivative(x)) < slope

    positions = _positions(function)
    zones: list[Zone] = []
    start = -math.inf if is_flat(positions[0]) else None
    for left, right in pairwise(positions):
        if is_flat(left) and not is_flat(right):
            assert start is not None
            zones.append((start, _border(function, slope, left, right)))
            start = None
        elif is_flat(right) and not is_flat(left):
            start = _border(function, slope, right, left)
    return (*zones, (start, math.inf)) if start is not None else tuple(zones)


def _positions(function: ActivationFunction) -> list[float]:
    """Where to look: densely where functions bend, and beyond all that their parameters may move."""
    numbers = (getattr(function, name) for name in function.__struct_fields__)
    reach = _coarse_reach + sum(abs(number) for number in numbers if isinstance(number, int | float))
    far = [_fine_reach + index * _coarse for index in range(1, math.ceil((reach - _fine_reach) / _coarse) + 1)]
    count = round(_fine_reach / _fine)
    near = [index * _fine for index in range(-count, count + 1)]
    return [*(-x for x in reversed(far)), *near, *far]


def _border(function: ActivationFunction, slope: float, flat: float, steep: float) -> float:
    """The last place that is flat on the way from `flat` to `steep`, to the last digits that halving finds."""
    for _ in range(60):
        middle = (flat + steep) / 2
        if abs(function.derivative(middle)) < slope:
            flat = middle
        else:
            steep = middle
    return flat
