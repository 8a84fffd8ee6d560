"""Histograms of different times made comparable: in common bins, as heights that a person can see."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from gui.plots.axes.curves import Floats
from gui.plots.axes.ticks import Range
from models.telemetry.events import Histogram

Heights = Callable[[Floats], Floats]
"""Makes heights of shares: 0 of 0, growing."""


def _logarithms(shares: Floats) -> Floats:
    return np.asarray(np.log1p(1000 * shares), dtype=np.float64)


def _shares(shares: Floats) -> Floats:
    return shares


def _square_roots(shares: Floats) -> Floats:
    return np.asarray(np.sqrt(shares), dtype=np.float64)


heights: dict[str, Heights] = {"Square roots": _square_roots, "Shares": _shares, "Logarithms": _logarithms}
"""Square roots let a tail be seen beside a spike, such as the zeros of a relu, and logarithms a single value among a thousand."""


def rebinned(histogram: Histogram, bounds: Range, bins: int) -> Floats:
    """Shares of all counted values in `bins` equal bins between `bounds`, as if values were spread evenly within each old bin."""
    low, high = bounds
    least, greatest = histogram.reach
    if greatest <= least:
        shares = np.zeros(bins)
        shares[min(int((least - low) / (high - low) * bins), bins - 1)] = 1.0
        return shares
    return np.diff(shares_below(histogram, np.linspace(low, high, bins + 1)))


def edges_of(histogram: Histogram) -> Floats:
    """(bins + 1,): where its bins begin and end."""
    return np.linspace(histogram.low, histogram.high, len(histogram.counts) + 1)


def shares_below(histogram: Histogram, places: Sequence[float] | Floats) -> Floats:
    """Share of all counted values below each of `places`, as if values were spread evenly within each bin."""
    reached = np.concatenate([[0.0], np.cumsum(histogram.counts)]) / float(histogram.counts.sum())
    return np.interp(places, edges_of(histogram), reached)


_usual_ends = (-1.0, 0.0, 1.0)
"""Where the outputs of relu, sigmoid, softmax and tanh end."""


def widened(low: float, high: float) -> Range:
    """Some room on both sides, so that a range that creeps need not be redrawn each time.

    None beyond the usual end of an activation: below 0 there would be nothing to see of a sigmoid, and a scale that goes there
    would be misleading.
    """
    margin = 0.25 * (high - low) or 0.5 * abs(low) or 1.0
    least = max((end for end in _usual_ends if end <= low), default=-np.inf)
    most = min((end for end in _usual_ends if end >= high), default=np.inf)
    wide = max(low - margin, least), min(high + margin, most)
    if wide[0] < wide[1]:
        return wide
    return (low - margin, high) if low > 0 else (low, high + margin)  # all values are such an end


def bins_of(histogram: Histogram | None) -> Iterable[tuple[float, float, int]]:
    """(from, to, count) of each bin."""
    if histogram is None:
        return ()
    edges = edges_of(histogram).tolist()
    return zip(edges[:-1], edges[1:], histogram.counts.tolist(), strict=True)


def not_finite_share(histogram: Histogram | None) -> float:
    """Share of values that are infinite or no number, from 0 to 1."""
    if histogram is None or not histogram.not_finite:
        return 0.0
    return histogram.not_finite / (histogram.not_finite + float(histogram.counts.sum()))
