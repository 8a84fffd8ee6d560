"""Where the network is evaluated so that its function can be drawn over the data."""

from collections.abc import Callable
from typing import Literal

import numpy as np

from models.data.examples import Array, Examples
from models.data.prepared import Floats, Numbers, View
from models.data.toys import features_of, plane_limit
from models.experiment.data import Moons, Plane, SourceKind, Task

plane_positions = 60
curve_positions = 200


def kind_of_view(source: SourceKind, task: Task, outputs: int, shape: tuple[int, ...]) -> Literal["plane", "curve"] | None:
    """How data with examples of this `shape` are viewed: in a plane, over one coordinate, or not at all."""
    if task == "multilabel" or (task == "regression" and outputs > 1):
        return None
    if isinstance(source, Plane) or shape == (2,):
        return "plane"
    return "curve" if shape == (1,) and task == "regression" else None


def view_of(
    examples: Examples,
    source: SourceKind,
    rows: tuple[Array, Array],
    inputs: tuple[Array, Array],
    scale: Callable[[Array], Floats],
) -> View | None:
    """The view of data with two coordinates, or of a curve; none for all others.

    `rows` are the numbers of the training and validation examples, `inputs` their features before scaling.
    """
    kind = kind_of_view(source, examples.task, examples.outputs, examples.x.shape[1:])
    if kind is None:
        return None
    values = _values(examples, rows[0]), _values(examples, rows[1])
    if isinstance(source, Plane):
        assert examples.points is not None
        features = source.features
        points = examples.points[rows[0]], examples.points[rows[1]]
        limits = None if isinstance(source, Moons) else (-plane_limit, plane_limit)
        return _plane(("x", "y"), points, values, lambda grid: scale(features_of(grid, features)), limits)
    if kind == "plane":
        return _plane(examples.feature_names, inputs, values, scale)
    return _curve((examples.feature_names[0], examples.target_name), inputs, values, scale)


def _values(examples: Examples, rows: Array) -> Numbers:
    values: Numbers = (
        examples.y[rows, 0].astype(np.float32) if examples.task == "regression" else examples.y[rows].astype(np.int32)
    )
    return values


def _plane(
    names: tuple[str, ...],
    points: tuple[Array, Array],
    values: tuple[Numbers, Numbers],
    inputs: Callable[[Array], Floats],
    limits: tuple[float, float] | None = None,
) -> View:
    everything = np.concatenate(points)
    axes = [np.linspace(*(limits or _range(everything[:, axis], 0.1)), plane_positions) for axis in (0, 1)]
    grid = np.stack(np.meshgrid(*axes), axis=-1).reshape(-1, 2)
    return _view("plane", names, axes, inputs(grid), points, values)


def _curve(
    names: tuple[str, ...], points: tuple[Array, Array], values: tuple[Numbers, Numbers], inputs: Callable[[Array], Floats]
) -> View:
    positions = np.linspace(*_range(np.concatenate(points), 0.05), curve_positions)
    return _view("curve", names, [positions], inputs(positions[:, np.newaxis]), points, values)


def _range(values: Array, margin: float) -> tuple[float, float]:
    """Least and greatest of `values`, widened on each side by that share of their distance."""
    least, greatest = float(values.min()), float(values.max())
    wider = (greatest - least) * margin or 1.0
    return least - wider, greatest + wider


def _view(
    kind: Literal["plane", "curve"],
    names: tuple[str, ...],
    axes: list[Array],
    inputs: Floats,
    points: tuple[Array, Array],
    values: tuple[Numbers, Numbers],
) -> View:
    positions = tuple(axis.astype(np.float32) for axis in axes)
    training, validation = (part.astype(np.float32) for part in points)
    return View(kind, names, positions, inputs, training, validation, *values)
