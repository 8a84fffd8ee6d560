"""Fewer points that look the same: long curves made fit for the pixels they are drawn on."""

import numpy as np
from numpy.typing import NDArray

from models.telemetry.thinning import evenly

Floats = NDArray[np.float64]


def envelope(x: NDArray[np.generic], y: Floats, pixels: int, *, logarithmic: bool = False) -> tuple[Floats, Floats]:
    """The curve (x, y) with at most two points a pixel: the lowest and the highest of each, so that every peak survives.

    `logarithmic`: for an axis on which equal factors are equally long, all of `x` being above 0; otherwise x is evenly spread.
    What is not finite is a gap in the curve, which stays where it was unless a neighbour shares its pixel.
    """
    positions = x.astype(np.float64)
    numbers = np.where(np.isfinite(y), y, np.nan)
    size = -(-len(y) // max(pixels, 1))
    if size <= 2:
        return positions, numbers
    if logarithmic:
        starts = spread(x, pixels, logarithmic=True)
        extremes = np.stack([np.fmin.reduceat(numbers, starts), np.fmax.reduceat(numbers, starts)], axis=1)
        return np.repeat(positions[starts], 2), extremes.ravel()
    edges = len(y) // size * size
    chosen = _extremes(numbers[:edges].reshape(-1, size)).ravel()
    chosen = np.concatenate([chosen, np.arange(edges, len(y))])
    return positions[chosen], numbers[chosen]


def spread(x: NDArray[np.generic], most: int, *, logarithmic: bool = False) -> NDArray[np.int64]:
    """Places of at most `most` of the growing numbers `x` that are evenly spread over the axis, the first and last among them."""
    if logarithmic and len(x) > most:
        wanted = np.geomspace(float(x[0]), float(x[-1]), most)
        return np.unique(np.minimum(np.searchsorted(x, wanted), len(x) - 1))
    return evenly(len(x), most)


def trailing_mean(y: Floats, window: int, places: NDArray[np.int64] | None = None) -> Floats:
    """At each of `places`, or everywhere, the mean of the last `window` numbers up to it, those that are not finite left out."""
    finite = np.isfinite(y)
    last = np.arange(len(y)) if places is None else places
    first = np.maximum(last + 1 - window, 0)
    sums = _sums(y if finite.all() else np.where(finite, y, 0.0), window, first, last)
    counts = np.concatenate([[0], np.cumsum(finite)])
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(finite[last], sums / (counts[last + 1] - counts[first]), np.nan), dtype=np.float64)


def finite_range(*arrays: Floats) -> tuple[float, float] | None:
    """Lowest and highest finite number in all `arrays`; none where there is none."""
    together = np.concatenate([np.asarray(array, dtype=np.float64).ravel() for array in arrays]) if arrays else np.empty(0)
    together = together[np.isfinite(together)]
    return (float(together.min()), float(together.max())) if len(together) else None


def _sums(y: Floats, window: int, first: NDArray[np.int64], last: NDArray[np.int64]) -> Floats:
    """Sums of `window` numbers each, from `first` to `last`, or of fewer from the beginning.

    Each is put together of the end of one block of `window` numbers and the beginning of the next: the difference of two sums
    over the whole curve would lose in one huge number all that come after it.
    """
    window = max(min(window, len(y)), 1)
    blocks = np.concatenate([y, np.zeros(-len(y) % window)]).reshape(-1, window)
    beginnings = blocks.cumsum(axis=1).ravel()
    ends = blocks[:, ::-1].cumsum(axis=1)[:, ::-1].ravel()
    return np.asarray(beginnings[last] + np.where(first % window == 0, 0.0, ends[first]))


def _extremes(rows: Floats) -> NDArray[np.intp]:
    """Places, in the flattened `rows`, of the lowest and highest number of each row, in the order they come."""
    gap = np.isnan(rows)
    lowest = np.where(gap, np.inf, rows).argmin(axis=1)
    highest = np.where(gap, -np.inf, rows).argmax(axis=1)
    start = np.arange(len(rows)) * rows.shape[1]
    return np.asarray(start[:, None] + np.sort(np.stack([lowest, highest], axis=1), axis=1), dtype=np.intp)
