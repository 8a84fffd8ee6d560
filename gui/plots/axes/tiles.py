"""Many small maps of numbers in one picture: where each stands, how they are coloured, and the picture put together."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import floor
from typing import Any

import numpy as np
from matplotlib.colors import to_rgb
from numpy.typing import NDArray

from gui.plots.axes.colours import diverging
from gui.plots.axes.ticks import rounded_up
from gui.theme import Theme

Bytes = NDArray[np.uint8]
"""(…, 3): red, green, blue."""

hatch_distance = 7
"""Pixels between two slanted lines over what does not count."""


@dataclass(frozen=True)
class Box:
    """A rectangle in whole pixels, the origin at the upper left."""

    left: int
    top: int
    width: int
    height: int

    def holds(self, x: float, y: float) -> bool:
        """Whether the point (x, y) is in it."""
        return self.left <= x < self.left + self.width and self.top <= y < self.top + self.height

    def cell(self, x: float, y: float, shape: tuple[int, ...]) -> tuple[int, int]:
        """Row and column of the number that is drawn at the point (x, y), where a map of this shape fills the rectangle."""
        row = int((y - self.top) * shape[0] / max(self.height, 1))
        column = int((x - self.left) * shape[1] / max(self.width, 1))
        return min(max(row, 0), shape[0] - 1), min(max(column, 0), shape[1] - 1)


def laid_out(room: Box, count: int, ratio: float, gap: int, head: int = 0) -> list[Box]:
    """Places of `count` maps of equal size in `room`, in rows, as large as they can be.

    `ratio` is a map's width divided by its height; `head` pixels stay free above each.
    """
    if not count:
        return []
    best = (0.0, 1)
    for columns in range(1, count + 1):
        rows = -(-count // columns)
        width = (room.width - (columns - 1) * gap) / columns
        height = (room.height - (rows - 1) * gap - rows * head) / rows
        best = max(best, (min(width, height * ratio), -columns))
    columns = -best[1] if best[0] else count
    width = max(1, floor(best[0]))
    height = max(1, floor(best[0] / ratio))
    rows = -(-count // columns)
    left = room.left + max(0, (room.width - columns * width - (columns - 1) * gap) // 2)
    top = room.top + max(0, (room.height - rows * (height + head) - (rows - 1) * gap) // 2)
    return [
        Box(left + column * (width + gap), top + row * (height + head + gap) + head, width, height)
        for row, column in (divmod(number, columns) for number in range(count))
    ]


def coloured(values: NDArray[Any], reach: NDArray[Any] | float, theme: Theme) -> Bytes:
    """Numbers between −`reach` and `reach` in the theme's orange, neutral and blue; what is not finite in grey."""
    finite = np.isfinite(values)
    every = bool(finite.all())
    shares = (values if every else np.where(finite, values, 0.0)) / reach
    picture = _palette(theme)[(np.clip(shares, -1, 1) * 127 + 127.5).astype(np.uint8)]
    if not every:
        picture[~finite] = colour_bytes(theme.muted)
    return np.asarray(picture)


def greys(values: NDArray[Any]) -> Bytes:
    """A picture, or a volume, as a person sees it: (…, 1 or 3) from its least number, black, to its greatest, white."""
    numbers = np.nan_to_num(np.asarray(values, dtype=np.float64))
    low, high = float(numbers.min()), float(numbers.max())
    bright = (255 * (numbers - low) / ((high - low) or 1.0)).astype(np.uint8)
    return np.broadcast_to(bright, (*bright.shape[:-1], 3)) if bright.shape[-1] == 1 else bright[..., :3]


def canvas_of(width: int, height: int, theme: Theme) -> Bytes:
    """An empty picture in the colour of a card."""
    picture = np.empty((height, width, 3), dtype=np.uint8)
    picture[:] = colour_bytes(theme.card)
    return picture


def put(picture: Bytes, box: Box, part: Bytes) -> None:
    """Draw `part` (rows, columns, 3) into `picture`, stretched to `box` without mixing colours; what is outside is cut off."""
    rows = np.arange(max(box.top, 0), min(box.top + box.height, picture.shape[0]))
    columns = np.arange(max(box.left, 0), min(box.left + box.width, picture.shape[1]))
    if len(rows) and len(columns):
        from_rows = (rows - box.top) * part.shape[0] // box.height
        from_columns = (columns - box.left) * part.shape[1] // box.width
        picture[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] = part[from_rows[:, None], from_columns]


def strongest(values: NDArray[np.float64], most: tuple[int, int]) -> NDArray[np.float64]:
    """`values` (rows, columns) in at most so many rows and columns: of those that share one, the farthest from zero."""
    for axis, count in enumerate(most):
        if values.shape[axis] > count:
            starts = np.arange(count) * values.shape[axis] // count
            high, low = np.maximum.reduceat(values, starts, axis), np.minimum.reduceat(values, starts, axis)
            values = np.where(high >= -low, high, low)
    return values


def put_all(picture: Bytes, boxes: Sequence[Box], parts: Bytes, border: str) -> None:
    """Draw `parts` (parts, rows, columns, 3) like `put`, each into its own of `boxes`, which are alike, with a line around it."""
    if not boxes:
        return
    rows = np.arange(boxes[0].height) * parts.shape[1] // boxes[0].height
    columns = np.arange(boxes[0].width) * parts.shape[2] // boxes[0].width
    line = colour_bytes(border)
    for box, part in zip(boxes, parts[:, rows][:, :, columns], strict=True):
        bottom, right = box.top + box.height, box.left + box.width
        picture[max(box.top - 1, 0) : bottom + 1, max(box.left - 1, 0) : right + 1] = line
        target = picture[box.top : bottom, box.left : right]
        target[:] = part[: target.shape[0], : target.shape[1]]


def framed(picture: Bytes, box: Box, part: Bytes, colour: str, thickness: int = 1) -> None:
    """Draw `part` like `put`, with a line around it."""
    around = Box(box.left - thickness, box.top - thickness, box.width + 2 * thickness, box.height + 2 * thickness)
    put(picture, around, colour_bytes(colour)[None, None])
    put(picture, box, part)


def hatched(picture: Bytes, box: Box, columns: NDArray[np.bool_], theme: Theme) -> None:
    """Fade some of the `columns` of a map that fills `box`, and draw slanted lines over them, as over what does not count."""
    across, down = np.arange(box.width), np.arange(box.height)[:, None]
    faded = columns[across * len(columns) // max(box.width, 1)]
    target = picture[box.top : box.top + box.height, box.left : box.left + box.width]
    rows, width = target.shape[:2]
    pale = (target + 3 * colour_bytes(theme.card).astype(np.uint16)) // 4
    lines = ((across + down) % hatch_distance == 0)[:rows, :width, None]
    target[:] = np.where(faded[:width, None], np.where(lines, colour_bytes(theme.muted), pale), target)


def reach_of(values: NDArray[Any], before: float = 0.0) -> float:
    """A round number that no finite one of `values` exceeds in size; `before` as long as it fits, so that colours keep still."""
    finite = np.abs(values[np.isfinite(values)])
    largest = float(finite.max()) if len(finite) else 0.0
    if 0 < largest <= before <= 3 * largest:
        return before
    return rounded_up(largest)


@cache
def _palette(theme: Theme) -> Bytes:
    """The colours of 255 numbers from the least to the greatest; the middle one is that of 0."""
    return np.asarray((255 * diverging(theme)(np.linspace(0, 1, 255))[:, :3] + 0.5).astype(np.uint8))


def colour_bytes(name: str) -> Bytes:
    """A colour of the theme as a pixel has it."""
    return (255 * np.array(to_rgb(name)) + 0.5).astype(np.uint8)


def readable_on(colour: Bytes) -> str:
    """Black or white, whichever can be read better on `colour`; the contrast is at least 4.5 to 1.

    Source: relative luminance and contrast ratio of WCAG 2.1; either has 4.58 where both are equal.
    """
    shares = colour / 255
    linear = np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)
    luminance = float(linear @ [0.2126, 0.7152, 0.0722])
    return "#ffffff" if 1.05 / (luminance + 0.05) > (luminance + 0.05) / 0.05 else "#000000"
