"""The best epoch by each figure, among all that ended, whatever is thinned out of the record meanwhile."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.experiment.figures import measured, smaller_is_better
from models.telemetry.thinning import Floats, Integers


@dataclass(frozen=True)
class BestEpoch:
    """The epoch in which a figure was best."""

    epoch: int
    """Its number, counted from 1."""
    step: int
    """The last step of it."""
    figure: str
    """Keras's name of what was best: ``val_loss`` or ``accuracy``, for instance."""
    value: float


class Bests:
    """For each figure the best epoch so far: the first of those that are equal in 32 bits, as for the rules of a run.

    What is not finite is never best.
    """

    def __init__(self, known: Iterable[BestEpoch] = ()) -> None:
        self._found = {best.figure: best for best in known}

    def note(self, epoch: Integers, step: Integers, values: Mapping[str, Floats]) -> None:
        """Take in epochs with these numbers and last steps."""
        for figure, figures in values.items():
            place = _best_place(figure, figures)
            if place is not None:
                self._note_best(BestEpoch(int(epoch[place]), int(step[place]), figure, float(figures[place])))

    def of(self, figure: str) -> BestEpoch | None:
        """The best epoch by this figure; none before it was a number."""
        return self._found.get(figure)

    def copy(self) -> "Bests":
        """The same, to be gone on with by itself."""
        return Bests(self._found.values())

    def until(self, step: int) -> "Bests":
        """A copy of those that ended at `step` or before; by the other figures nothing is known."""
        return Bests(best for best in self._found.values() if best.step <= step)

    def without_losses(self) -> "Bests":
        """A copy that knows nothing of the loss, on training and validation data."""
        return Bests(best for best in self._found.values() if measured(best.figure) != "loss")

    def snapshot(self) -> dict[str, NDArray[np.generic]]:
        """All as arrays, which `restored` takes back."""
        found = list(self._found.values())
        numbers = np.array([(best.epoch, best.step) for best in found], np.int64).reshape(-1, 2)
        return {
            "figures": np.array([best.figure for best in found], np.str_),
            "numbers": numbers,
            "values": np.array([best.value for best in found], np.float64),
        }

    @classmethod
    def restored(cls, arrays: Mapping[str, NDArray[np.generic]]) -> "Bests":
        """Those that `snapshot` gave."""
        rows = zip(*(arrays[name].tolist() for name in ("figures", "numbers", "values")), strict=True)
        return cls(BestEpoch(epoch, step, figure, value) for figure, (epoch, step), value in rows)

    def _note_best(self, best: BestEpoch) -> None:
        held = self._found.get(best.figure)
        if held is None or _best_place(best.figure, np.array([held.value, best.value])):
            self._found[best.figure] = best


def _best_place(figure: str, values: Floats) -> int | None:
    """Place of the best of `values`, the first of those that are equal in 32 bits; none where none is finite."""
    places = np.flatnonzero(np.isfinite(values))
    if not len(places):
        return None
    with np.errstate(over="ignore"):
        single = values[places].astype(np.float32)
    return int(places[single.argmin() if smaller_is_better(figure) else single.argmax()])
