"""The horizontal axis of everything that is drawn over optimizer steps."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from gui.plots.axes import ticks


class StepAxis:
    """Limits that grow in leaps while a run goes on, so that little has to be redrawn, and end at the last step after it."""

    def __init__(self) -> None:
        self.limits: ticks.Range = (0.0, 10.0)

    def include(self, steps: NDArray[np.int64], *, ended: bool) -> None:
        """Make sure that all of `steps` lie within the limits."""
        if not len(steps):
            self.limits = (0.0, 10.0)
            return
        first, last = int(steps[0]), int(steps[-1])
        low = 0.0 if first <= 1 else float(first)
        if ended:
            self.limits = (low, float(max(last, first + 1)))
        elif self.limits[0] != low or not 0.5 * self.limits[1] <= last <= self.limits[1]:
            self.limits = (low, low + ticks.ceiling(last - low))


def step_ticks(
    limits: ticks.Range, width: float, text_width: Callable[[str], float], *, logarithmic: bool = False
) -> tuple[list[float], list[str]]:
    """Positions and texts of as many ticks within `limits` as fit on `width` pixels without touching each other."""
    room = 1.9 * text_width(ticks.grouped(int(limits[1]))) + 1
    count = max(1, min(6, int(width / room)))
    positions = ticks.logarithmic(*limits, count) if logarithmic else ticks.spaced(*limits, count, whole=True)
    positions = [position for position in positions if position == round(position)]
    return positions, [ticks.grouped(position) for position in positions]
