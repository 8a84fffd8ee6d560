"""What units put out, or their kernels, as maps in colours, and one of them larger."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gui.plots.axes.ticks import Range
from gui.plots.axes.tiles import Box, Bytes, colour_bytes, coloured
from gui.theme import Theme

Singles = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class UnitMaps:
    """Maps of equal size, as they are drawn: one for each unit, or for each slice of one unit."""

    values: Singles
    """(maps, rows, columns)."""
    reaches: Singles
    """(maps, 1, 1): the size at which the colours of each are strongest."""
    theme: Theme
    gaps: NDArray[np.bool_] | None = None
    """(rows, columns): cells that hold nothing; none where all do."""

    @cached_property
    def colours(self) -> Bytes:
        """(maps, rows, columns, 3)."""
        colours = coloured(self.values, self.reaches, self.theme)
        if self.gaps is not None:
            colours[:, self.gaps] = colour_bytes(self.theme.card)
        return colours

    @property
    def ratio(self) -> float:
        """Width of a map divided by its height; strips are made high enough to be seen."""
        rows, columns = self.values.shape[1:]
        return float(min(max(columns / rows, 0.25), 4.0))

    @property
    def large_ratio(self) -> float:
        """The same of a map that is shown larger: a strip then is a row of bars."""
        return 2.0 if self._are_strips else self.ratio

    @property
    def can_be_larger(self) -> bool:
        """Whether there is more to see of a map than one colour."""
        return bool(self.values[0].size > 1)

    def large(self, number: int, box: Box) -> Bytes:
        """A map to be stretched to `box`; of a strip a bar for each of its numbers."""
        if not self._are_strips:
            return np.asarray(self.colours[number])
        strip = self.values[number, 0]
        return bars(strip, ends_of(strip, float(self.reaches[number, 0, 0])), box, self.theme)

    @property
    def _are_strips(self) -> bool:
        return self.values.shape[1] == 1 and self.can_be_larger


def sliced(outputs: Singles) -> Singles:
    """(units, slices, rows, columns): volumes, or even more axes, as slices one after the other; pictures are one slice."""
    return outputs.reshape(len(outputs), -1, *(1, 1, *outputs.shape[1:])[-2:])


def own_reaches(values: Singles) -> Singles:
    """(units, 1, 1): the greatest finite size of what each unit puts out, 1 where that is 0."""
    sizes = np.where(np.isfinite(values), np.abs(values), 0).reshape(len(values), -1).max(axis=1)
    return np.where(sizes > 0, sizes, 1)[:, None, None]


def ends_of(values: Singles, reach: float) -> Range:
    """From −`reach`, or from 0 where nothing is below it, to `reach`, or to 0 where nothing is above it."""
    finite = values[np.isfinite(values)]
    above, below = bool((finite > 0).any()), bool((finite < 0).any())
    return -reach if below or not above else 0.0, reach if above or not below else 0.0


def bars(values: Singles, ends: Range, box: Box, theme: Theme) -> Bytes:
    """A picture as large as `box` with a bar from 0 for each of the `values`, a grey one all the way for what is not finite."""
    low, high = ends
    across = values[np.arange(box.width) * len(values) // box.width]
    finite = np.isfinite(across)
    lengths = np.where(finite, across, 0)
    levels = (high - (high - low) * (np.arange(box.height) + 0.5) / box.height)[:, None]
    filled = ((levels > 0) & (levels < lengths)) | ((levels < 0) & (levels > lengths))
    empty = np.full((box.height, 1, 3), colour_bytes(theme.card))
    empty[min(int(box.height * high / (high - low)), box.height - 1)] = colour_bytes(theme.strong_border)
    picture = np.where(filled[..., None], coloured(np.sign(lengths), 1.0, theme), empty)
    return np.where(finite[:, None], picture, colour_bytes(theme.muted))
