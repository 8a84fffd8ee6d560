"""Round numbers for axes, and how they are written."""

import math
from collections.abc import Sequence

import numpy as np

from models.experiment.counting import grouped

Range = tuple[float, float]

_superscripts = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
plainest = (1e-3, 1e5)
"""Numbers between these are written without a power of ten."""
_round_numbers = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)


def short(value: float) -> str:
    """A measured number with three significant digits, as short as it can be: ``0.0123``, ``1.2·10⁻⁷``."""
    if not math.isfinite(value):
        return "not finite"
    if value == 0:
        return "0"
    if plainest[0] <= abs(value) < plainest[1]:
        text = f"{value:.3g}" if abs(value) < 999.5 else grouped(round(value))
        return text.replace("-", "−")
    digits, exponent = f"{value:.1e}".split("e")
    factor = "" if digits == "1.0" else f"{digits.removesuffix('.0')}·"
    return (factor + power(int(exponent))).replace("-", "−")


def power(exponent: int) -> str:
    """A power of ten: ``10⁻³``."""
    return "10" + str(exponent).translate(_superscripts)


def ceiling(value: float, room: float = 1.15) -> float:
    """A round number somewhat above `value`, so that a growing axis has to change only now and then."""
    return rounded_up(max(value * room, 10.0))


def rounded_up(value: float) -> float:
    """The least round number that is not below `value`, what single precision adds to it aside; 1 for 0."""
    if value <= 0:
        return 1.0
    scale = 10.0 ** math.floor(math.log10(value))
    return next(number * scale for number in _round_numbers if number * scale >= value * (1 - 1e-6))


def spaced(low: float, high: float, count: int, *, whole: bool = False) -> list[float]:
    """Up to `count` + 1 round positions within `low` … `high`, equally spaced by 1, 2, 2.5 or 5 times a power of ten."""
    if high - low < 1e-300:
        return [low]
    scale = 10.0 ** math.floor(math.log10((high - low) / (count + 1)))
    if whole:
        scale = max(scale, 1.0)
    factors = (1, 2, 5, 10, 20) if whole and scale == 1 else (1, 2, 2.5, 5, 10, 20)
    step = next(each * scale for each in factors if math.floor((high - low) / (each * scale) + 1e-9) <= count)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [number * step for number in range(first, last + 1)]


def enclosing(low: float, high: float, count: int) -> Range:
    """A range with round ends around `low` … `high`; it starts at 0 where the numbers come anywhere near it."""
    if high - low < max(1e-12 * max(abs(low), abs(high)), 1e-300):  # a part of it would be too small to be told apart
        margin = abs(low) * 0.1 if abs(low) > 1e-300 else 1.0
        low, high = low - margin, high + margin
    if 0 <= low < 0.6 * high:
        low = 0.0
    ticks = spaced(low, high, count)
    step = ticks[1] - ticks[0] if len(ticks) > 1 else high - low
    return math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step


def decades(low: float, high: float) -> Range:
    """Powers of ten around `low` … `high`, both above 0, at least one decade apart."""
    bottom, top = math.floor(math.log10(low) + 1e-9), math.ceil(math.log10(high) - 1e-9)
    return 10.0**bottom, 10.0 ** max(top, bottom + 1)


def logarithmic(low: float, high: float, count: int) -> list[float]:
    """About `count` positions on a logarithmic axis: whole decades, every second one, …; 1, 2, 5 where there are few."""
    bottom, top = math.floor(math.log10(low) + 1e-9), math.ceil(math.log10(high) - 1e-9)
    stride = max(1, math.ceil((top - bottom) / max(count - 1, 1)))
    factors = (1, 2, 5) if top - bottom <= max(1, count // 3) else (1,)
    positions = [factor * 10.0**exponent for exponent in range(bottom, top + 1, stride) for factor in factors]
    within = [position for position in positions if low <= position * (1 + 1e-9) and position <= high * (1 + 1e-9)]
    return within if len(within) > 1 else spaced(low, high, count)  # less than a decade, which somebody zoomed to


def texts(ticks: Sequence[float]) -> list[str]:
    """Labels of equally spaced `ticks`, all with as many decimals as their spacing needs; powers of ten for extreme ones."""
    step = ticks[1] - ticks[0] if len(ticks) > 1 else abs(ticks[0]) if ticks else 1.0
    largest = max((abs(tick) for tick in ticks), default=0.0)
    if largest and (largest < 1e-3 or largest >= 1e6):
        return [short(tick) for tick in ticks]
    decimals = max(0, -math.floor(math.log10(step) + 1e-9)) if step > 0 else 0
    if step > 0 and not np.isclose(step * 10**decimals, round(step * 10**decimals)):
        decimals += 1  # a spacing of 2.5, 0.25, …
    return ["0" if abs(tick) < step * 1e-6 else grouped(tick, decimals) for tick in ticks]


def logarithmic_texts(ticks: Sequence[float]) -> list[str]:
    """Labels on a logarithmic axis: powers such as ``10⁻³``, or plain numbers where there are others between that need these."""
    plain = not all(map(_is_power, ticks)) and all(plainest[0] <= tick < plainest[1] for tick in ticks)
    return [short(tick) if plain or not _is_power(tick) else power(round(math.log10(tick))) for tick in ticks]


def above_zero(ticks: Sequence[float], zero: float, limits: Range, line: float) -> list[float]:
    """`ticks` of a logarithmic axis with room for a label at `zero`, beneath them: a label is `line` of the axis high."""
    return [tick for tick in ticks if tick > zero * (limits[1] / limits[0]) ** line]


def _is_power(tick: float) -> bool:
    return abs(math.log10(tick) - round(math.log10(tick))) < 1e-9
