"""Data ready to be fed: split, scaled, encoded."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from models.experiment.data import Facts
from models.experiment.encoding import Target

Floats = NDArray[np.float32]
Numbers = NDArray[np.float32] | NDArray[np.int32]
Scales = tuple[tuple[float, ...], tuple[float, ...]]
"""What was taken off columns, and what they were then divided by: of each column, or one for all."""
unscaled: Scales = ((0.0,), (1.0,))
lost_digits = 1e-6
"""Of an offset: what is nearer to 0 when it is put back is what 32 bits lost of a 0."""


def in_own_numbers(fed: NDArray[np.floating], scales: Scales) -> NDArray[np.float64]:
    """Columns as they are `fed`, along the last axis, in the numbers that they had before they were scaled."""
    offsets, sizes = map(np.array, scales)
    values = offsets + sizes * fed
    return np.asarray(np.where(np.abs(values) < lost_digits * np.abs(offsets), 0.0, values))


@dataclass(frozen=True)
class View:
    """Where to evaluate the network so that its function can be drawn over the data.

    A ``plane`` is a square grid over two coordinates, a ``curve`` a line of positions on one. Coordinates are the data's own,
    before scaling; `inputs` is what the network is fed there.
    """

    kind: Literal["plane", "curve"]
    axis_names: tuple[str, ...]
    """("x", "y") of the coordinates; for a curve ("x", "name of the target")."""
    axes: tuple[Floats, ...]
    """Positions along each coordinate: one array of length n for a curve, two for a plane."""
    inputs: Floats
    """(n, …) for a curve, (n_y · n_x, …) for a plane, y being the slow axis."""
    training_points: Floats
    """(examples, coordinates), before scaling."""
    validation_points: Floats
    training_values: Numbers
    """(examples,): class numbers, or the target before target scaling."""
    validation_values: Numbers


@dataclass(frozen=True)
class Prepared:
    """Arrays exactly as the network is fed them, and how they came to be."""

    facts: Facts
    target: Target
    x_train: Floats
    y_train: Numbers
    x_val: Floats
    y_val: Numbers
    view: View | None = None
    target_scale: Scales = unscaled
    """Means and deviations taken out of real targets, one for each or one for all: value = mean + deviation · fed value."""
    weights_train: Floats | None = None
    """How much each training example counts in the loss, (examples,); none: all the same."""
    weights_val: Floats | None = None
    predicted: NDArray[np.int64] | None = None
    """Rows of the source that predictions are made for, in the order they are fed, as in `Survey`; none: not known."""
    feature_scale: Scales = unscaled
    """What was done to the features, along the last axis: value = offset + size · fed value."""
