"""Draws a fine curve that has more points than pixels, fast: as one bar a pixel, from its lowest to its highest point there."""

from typing import Any

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from gui.plots.axes.curves import Floats

Pixels = NDArray[np.uint8]
"""(rows, columns, 4): red, green, blue, alpha; the first row is the upper one."""


def is_dense(line: Line2D, width: float) -> bool:
    """Whether `line` is a fine one, with so many points on `width` pixels that its single strokes cannot be told apart."""
    return line.get_linewidth() < 1 and len(np.asarray(line.get_xdata())) > 1.5 * width


def draw(line: Line2D, box: Any, pixels: Pixels) -> None:  # noqa: ANN401
    """Draw `line`, whose points go from left to right, into `pixels` within `box`, a box of matplotlib's.

    matplotlib takes 3 ms and more for the strokes of a noisy curve; this takes a tenth of it.
    """
    height, width = pixels.shape[:2]
    points = np.asarray(line.get_transform().transform(line.get_xydata()))
    left, right = round(box.x0), round(box.x1)
    upper, lower = height - round(box.y1), height - round(box.y0)
    column, lowest, highest = bars(points[:, 0] - left, height - upper - points[:, 1])
    shown = (column >= 0) & (column < right - left) & (highest >= 0) & (lowest < lower - upper)  # a gap compares as neither
    first, last = (np.clip(edge[shown], 0, lower - upper - 1).astype(np.int64) for edge in (lowest, highest))
    whole = pixels.reshape(-1, 4).view(np.uint32).reshape(-1)
    places = _runs((upper + first) * width + left + column[shown], last - first + 1, width)
    found = whole[places]
    channels = found.view(np.uint8).reshape(-1, 4)
    alpha = line.get_alpha()
    opacity = 1.0 if alpha is None else alpha
    behind = np.arange(256)
    for channel, strength in enumerate(to_rgb(line.get_color())):
        mixed = np.rint(behind * (1 - opacity) + 255 * strength * opacity).astype(np.uint8)
        channels[:, channel] = mixed[channels[:, channel]]
    whole[places] = found


def _runs(starts: NDArray[np.int64], counts: NDArray[np.int64], step: int) -> NDArray[np.int64]:
    """From each of `starts` so many numbers, each `step` more than the one before."""
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    return np.repeat(starts - step * (ends - counts), counts) + step * np.arange(total)


def bars(x: Floats, y: Floats) -> tuple[NDArray[np.int64], Floats, Floats]:
    """Columns of pixels that the curve (x, y) passes, and its least and greatest y in each; neighbours touch, gaps stay gaps."""
    known = np.isfinite(x)
    x, y = _passing_all(x[known], y[known], np.flatnonzero(known))
    if not len(x):
        return np.empty(0, dtype=np.int64), np.empty(0), np.empty(0)
    columns = np.floor(x).astype(np.int64)
    starts = np.flatnonzero(np.diff(columns, prepend=columns[0] - 1))
    least, greatest = np.fmin.reduceat(y, starts), np.fmax.reduceat(y, starts)
    column = columns[starts]
    # A gap compares as neither above nor below, so that nothing reaches over it.
    lowest, highest = least.copy(), greatest.copy()
    lowest[1:] = np.where(greatest[:-1] < least[1:], greatest[:-1], least[1:])
    highest[1:] = np.where(least[:-1] > greatest[1:], least[:-1], greatest[1:])
    return column, lowest, highest


def _passing_all(x: Floats, y: Floats, places: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """The curve with a point in the middle of each column that it passes without one: pairs of points are not evenly spread.

    What is missing among the `places` of its points in the whole curve is a gap, and nothing is put there.
    """
    columns = np.floor(x).astype(np.int64)
    missing = np.flatnonzero((np.diff(columns) > 1) & (np.diff(places) == 1))
    if not len(missing):
        return x, y
    counts = columns[missing + 1] - columns[missing] - 1
    added = _runs(columns[missing] + 1, counts, 1) + 0.5
    before = np.repeat(missing + 1, counts)
    return np.insert(x, before, added), np.insert(y, before, np.interp(added, x, y))
