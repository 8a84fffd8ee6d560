"""Made-up data: the six sets of TensorFlow Playground, two moons, and curves to be fitted.

Formulas: TensorFlow Playground, ``src/dataset.ts``, commit 02469bd. A row of uniform numbers is drawn for each point, so
that their order is that of its loops: coordinates first, then the noise.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from models.data.examples import Array, Examples
from models.data.randomness import Use, generator, integer_seed
from models.experiment import data as sources

Doubles = NDArray[np.float64]
Points = tuple[Doubles, Doubles]
"""Coordinates (n, 2) and what belongs to each point (n,): −1 or +1, or a real target."""
Generator = np.random.Generator

radius = 5.0
plane_limit = 6.0
"""Playground draws its plane from −6 to 6; targets of its regressions are spread over all of it."""
bumps = ((-4.0, 2.5, 1.0), (0.0, 2.5, -1.0), (4.0, 2.5, 1.0), (-4.0, -2.5, -1.0), (0.0, -2.5, 1.0), (4.0, -2.5, -1.0))
"""x, y and sign of the six bumps."""


def between(uniform: Doubles, low: float, high: float) -> Doubles:
    """Numbers in 0…1 stretched to low…high."""
    return low + uniform * (high - low)


def polar_normals(count: int, random: Generator) -> Doubles:
    """Standard normal numbers by Marsaglia's polar method, of each accepted pair the first only."""
    accepted: list[Doubles] = []
    missing = count
    while missing > 0:
        pairs = 2 * random.random((missing * 4 // 3 + 16, 2)) - 1
        square = np.sum(pairs**2, axis=1)
        inside = (square > 0) & (square <= 1)
        first, square = pairs[inside, 0][:missing], square[inside][:missing]
        accepted.append(first * np.sqrt(-2 * np.log(square) / square))
        missing -= len(first)
    return np.concatenate(accepted)


def circle(samples: int, noise: float, random: Generator) -> Points:
    """A disc of radius 2.5 inside a ring from 3.5 to 5; noise is added before a point is labelled, not to the point."""
    uniform = random.random((samples, 4))
    inner = (samples + 1) // 2
    distance = np.concatenate(
        [between(uniform[:inner, 0], 0, radius * 0.5), between(uniform[inner:, 0], radius * 0.7, radius)],
    )
    angle = between(uniform[:, 1], 0, 2 * np.pi)
    points = np.stack([distance * np.sin(angle), distance * np.cos(angle)], axis=1)
    moved = points + between(uniform[:, 2:], -radius, radius) * noise
    return points, np.where(np.hypot(moved[:, 0], moved[:, 1]) < radius * 0.5, 1.0, -1.0)


def xor(samples: int, noise: float, random: Generator) -> Points:
    """The square −5…5 with a gap of 0.3 on each side of both axes; +1 where x and y have the same sign."""
    uniform = random.random((samples, 4))
    points = between(uniform[:, :2], -5, 5)
    points += np.where(points > 0, 0.3, -0.3)
    moved = points + between(uniform[:, 2:], -5, 5) * noise
    return points, np.where(moved[:, 0] * moved[:, 1] >= 0, 1.0, -1.0)


def gauss(samples: int, noise: float, random: Generator) -> Points:
    """Clusters around (2, 2) and (−2, −2) whose variance grows with the noise from 0.5 to 4."""
    label = np.where(np.arange(samples) < (samples + 1) // 2, 1.0, -1.0)
    deviation = np.sqrt(0.5 + 7 * noise)
    return 2 * label[:, np.newaxis] + deviation * polar_normals(2 * samples, random).reshape(samples, 2), label


def spiral(samples: int, noise: float, random: Generator) -> Points:
    """Two arms of 1.75 turns each, the second half a turn further."""
    first = (samples + 1) // 2
    arm = np.arange(samples) >= first
    progress = (np.arange(samples) - first * arm) / (samples / 2)
    angle = 1.75 * progress * 2 * np.pi + np.pi * arm
    on_arm = radius * progress[:, np.newaxis] * np.stack([np.sin(angle), np.cos(angle)], axis=1)
    return on_arm + between(random.random((samples, 2)), -1, 1) * noise, np.where(arm, -1.0, 1.0)


def _in_plane(samples: int, noise: float, random: Generator) -> tuple[Doubles, Doubles]:
    uniform = between(random.random((samples, 4)), -plane_limit, plane_limit)
    return uniform[:, :2], uniform[:, :2] + uniform[:, 2:] * noise


def plane(samples: int, noise: float, random: Generator) -> Points:
    """Regression: (x + y) / 10, the noise being added to the coordinates first."""
    points, moved = _in_plane(samples, noise, random)
    return points, np.sum(moved, axis=1) / 10


def multi_gauss(samples: int, noise: float, random: Generator) -> Points:
    """Regression: six cones of height ±1 and radius 2."""
    points, moved = _in_plane(samples, noise, random)
    value = np.zeros(samples)
    for x, y, sign in bumps:
        here = sign * np.clip(1 - np.hypot(moved[:, 0] - x, moved[:, 1] - y) / 2, 0, 1)
        value = np.where(np.abs(here) > np.abs(value), here, value)
    return points, value


makers: dict[type[sources.Plane], Callable[[int, float, Generator], Points]] = {
    sources.Circle: circle,
    sources.Xor: xor,
    sources.Gauss: gauss,
    sources.Spiral: spiral,
    sources.PlaneRegression: plane,
    sources.MultiGauss: multi_gauss,
}


def _moons(source: sources.Moons, seed: int) -> Points:
    from sklearn.datasets import make_moons

    state = integer_seed(seed, Use.EXAMPLES)
    points, label = make_moons(source.samples, shuffle=False, noise=source.noise, random_state=state)
    return points, 2.0 * label - 1


def plane_points(source: sources.Plane, seed: int) -> Points:
    """Points of the plane, shuffled once as in the Playground."""
    if isinstance(source, sources.Moons):
        points, values = _moons(source, seed)
    else:
        points, values = makers[type(source)](source.samples, source.noise, generator(seed, Use.EXAMPLES))
    order = generator(seed, Use.SPLIT).permutation(source.samples)
    return points[order], values[order]


features: dict[sources.Feature, Callable[[Array, Array], Array]] = {
    "x": lambda x, y: x,
    "y": lambda x, y: y,
    "x^2": lambda x, y: x * x,
    "y^2": lambda x, y: y * y,
    "x*y": lambda x, y: x * y,
    "sin(x)": lambda x, y: np.sin(x),
    "sin(y)": lambda x, y: np.sin(y),
}


def features_of(points: Array, names: tuple[sources.Feature, ...]) -> Array:
    """What the network sees of `points` (n, 2): the features called `names`, raw, as (n, features)."""
    return np.stack([features[name](points[:, 0], points[:, 1]) for name in names], axis=1)


def load_plane(source: sources.Plane, seed: int) -> Examples:
    """Examples of the Playground's kind, already in the order in which they are split."""
    points, values = plane_points(source, seed)
    facts = source.facts()
    y = (values > 0).astype(np.int64) if facts.task == "binary" else values[:, np.newaxis]
    x = features_of(points, source.features)
    name = "class" if facts.task == "binary" else "z"  # y is a feature
    return Examples(x, y, facts.task, facts.outputs, facts.feature_names, facts.class_names, name, points=points)


def curve_values(source: sources.Curve, x: Array) -> Array:
    """The function without noise at `x`."""
    if isinstance(source, sources.Sine):
        return np.sin(2 * np.pi * source.frequency * x)
    if isinstance(source, sources.Sinc):
        return np.sinc(source.frequency * x)
    if isinstance(source, sources.Polynomial):
        values: Array = np.polynomial.polynomial.polyval(x, np.array(source.coefficients))
        return values
    assert isinstance(source, sources.Step)
    return np.where(x >= 0, 1.0, -1.0)


def load_curve(source: sources.Curve, seed: int) -> Examples:
    """Positions spread evenly at random over −1…1, with the function's value and normal noise there."""
    random = generator(seed, Use.EXAMPLES)
    x = random.uniform(-1, 1, source.samples)
    y = curve_values(source, x) + source.noise * random.standard_normal(source.samples)
    return Examples(x[:, np.newaxis], y[:, np.newaxis], "regression", 1, ("x",))
