"""What a Maxout unit has learned: its weighted sums, of which the greatest is put out."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gui.plots.axes.curves import Floats
from gui.plots.maps import range_of


@dataclass(frozen=True, eq=False)
class Pieces:
    """The weighted sums of one Maxout unit, on the line through the mean of what comes in along which they differ most."""

    kernel: Floats
    """(inputs, pieces)"""
    bias: Floats
    """(pieces,)"""
    arriving: Floats
    """(examples, inputs)"""

    @property
    def inputs(self) -> int:
        """How many numbers come in."""
        return len(self.kernel)

    @property
    def count(self) -> int:
        """How many pieces there are."""
        return len(self.bias)

    @cached_property
    def direction(self) -> Floats:
        """(inputs,), of length 1: the first principal direction of the pieces' weights; its largest component is positive."""
        if self.inputs == 1:
            return np.ones(1)
        centred = np.nan_to_num(self.kernel - self.kernel.mean(axis=1, keepdims=True))
        first = np.linalg.svd(centred)[0][:, 0]
        return np.asarray(first * np.sign(first[np.abs(first).argmax()]))

    @cached_property
    def examples(self) -> Floats:
        """(examples,): where examples lie along the line; for one input its own value, otherwise the mean is 0."""
        return np.asarray((self.arriving - self._origin) @ self.direction)

    @property
    def positions(self) -> Floats:
        """Places along the line, from the first example to the last."""
        return np.linspace(*range_of(self.examples), 200)

    @property
    def shares(self) -> Floats:
        """(pieces,): for how many of the examples, as a share, each piece is the greatest."""
        greatest = (self.arriving @ self.kernel + self.bias).argmax(axis=1)
        return np.bincount(greatest, minlength=self.count) / max(len(greatest), 1)

    def sums(self, positions: Floats) -> Floats:
        """(pieces, positions): each piece at places along the line."""
        points = self._origin + positions[:, None] * self.direction
        return np.asarray((points @ self.kernel + self.bias).T)

    @property
    def _origin(self) -> Floats:
        return np.zeros(1) if self.inputs == 1 else self.arriving.mean(axis=0)
