"""Brings columns to a common size, by figures taken from the training part alone."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.data.errors import DataError, Place, quoted
from models.data.examples import Array
from models.data.prepared import Floats, Scales
from models.experiment.data import Scaling

values_at_once = 1 << 20


@dataclass(frozen=True)
class Scale:
    """What is taken off every column and what it is then divided by: scaled = (value − offset) / size."""

    offset: NDArray[np.float64]
    size: NDArray[np.float64]

    @property
    def numbers(self) -> Scales:
        """Offset and size as plain numbers."""
        return tuple(self.offset.tolist()), tuple(self.size.tolist())

    def apply(self, values: Array) -> Floats:
        """`values` scaled along their last axis, in a new array."""
        scaled = np.empty(values.shape, np.float32)
        rows = max(1, values_at_once // max(1, int(np.prod(values.shape[1:]))))
        # In float64, so that a small change of a large number survives; in parts, so that memory suffices for many images.
        for start in range(0, len(values), rows):
            part = slice(start, start + rows)
            scaled[part] = (values[part] - self.offset) / self.size
        return scaled


def fit(scaling: Scaling, training: Array) -> Scale:
    """The scale of each column, or of each channel where an example has more axes than one."""
    columns = training.shape[-1]
    if scaling == "none":
        return Scale(np.zeros(columns), np.ones(columns))
    axes = tuple(range(training.ndim - 1))
    least, greatest = (extreme(training, axis=axes).astype(np.float64) for extreme in (np.min, np.max))
    # A column that never changes has no size; rounding would give it a tiny one, and blow the rounding up.
    constant = least == greatest
    if scaling == "minmax":
        return Scale(least, np.where(constant, 1.0, greatest - least))
    mean = np.where(constant, least, np.mean(training, axis=axes, dtype=np.float64))
    return Scale(mean, np.where(constant, 1.0, np.std(training, axis=axes, dtype=np.float64)))


def fill_missing(training: Array, validation: Array, names: tuple[str, ...], place: Place) -> tuple[Array, Array]:
    """Both parts with each missing value (NaN) replaced by its column's mean in the training part."""
    if not (np.isnan(training).any() or np.isnan(validation).any()):
        return training, validation
    known = ~np.isnan(training)
    number = known.sum(axis=0)
    if not number.all():
        name = names[int(np.argmin(number))]
        found = f"none for {quoted(name)} in the training part"
        raise DataError(Place(place.file, column=name), "values to take the mean of", found, "ignore the column")
    mean = np.where(known, training, 0).sum(axis=0) / number
    return np.where(known, training, mean), np.where(np.isnan(validation), mean, validation)
