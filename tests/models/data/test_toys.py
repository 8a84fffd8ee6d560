"""The Playground's sets keep to its formulas."""

import math

import numpy as np
import pytest

from models.data import prepare, read_facts
from models.data.loading import load
from models.data.randomness import Use, generator
from models.data.toys import features_of, makers, plane_points, polar_normals
from models.experiment import data as sources
from models.experiment.experiment import Experiment
from models.experiment.losses import MeanSquaredError
from models.experiment.training import Training


def made(kind, samples=1000, noise=0.0, seed=0):
    """Points and values in the order in which they are made, before the shuffle."""
    return makers[kind](samples, noise, generator(seed, Use.EXAMPLES))


def test_circle_is_a_disc_of_class_plus_one_inside_a_ring():
    points, label = made(sources.Circle)
    distance = np.hypot(*points.T)
    assert distance[:500].max() < 2.5
    assert distance[:500].max() > 2.45
    assert distance[:500].min() < 0.05
    assert 3.5 <= distance[500:].min() < 3.55
    assert 4.95 < distance[500:].max() < 5
    assert np.array_equal(label, np.where(distance < 2.5, 1, -1))
    # The radius, not the area, is uniform.
    assert abs(distance[:500].mean() - 1.25) < 0.1


def test_noise_of_the_circle_moves_labels_and_not_points():
    clean, _ = made(sources.Circle)
    points, label = made(sources.Circle, noise=0.5)
    assert np.array_equal(points, clean)
    uniform = generator(0, Use.EXAMPLES).random((1000, 4))
    moved = points + (uniform[:, 2:] * 10 - 5) * 0.5
    assert np.array_equal(label, np.where(np.sqrt(np.sum(moved**2, axis=1)) < 2.5, 1, -1))
    assert 0.05 < np.mean(label != np.where(np.hypot(*points.T) < 2.5, 1, -1)) < 0.5


def test_circle_is_drawn_point_by_point_as_a_loop_would():
    points, label = made(sources.Circle, samples=20, noise=0.3)
    random = generator(0, Use.EXAMPLES)
    for index in range(20):
        low, high = (0, 2.5) if index < 10 else (3.5, 5)
        r = low + random.random() * (high - low)
        angle = random.random() * 2 * math.pi
        x, y = r * math.sin(angle), r * math.cos(angle)
        moved = x + (random.random() * 10 - 5) * 0.3, y + (random.random() * 10 - 5) * 0.3
        assert points[index] == pytest.approx((x, y))
        assert label[index] == (1 if math.hypot(*moved) < 2.5 else -1)


def test_xor_leaves_a_gap_of_0_3_around_both_axes():
    points, label = made(sources.Xor)
    assert 0.3 <= np.abs(points).min() < 0.32
    assert 5.25 < np.abs(points).max() <= 5.3
    assert np.array_equal(label, np.where(points[:, 0] * points[:, 1] >= 0, 1, -1))


@pytest.mark.parametrize(("noise", "variance"), [(0.0, 0.5), (0.25, 2.25), (0.5, 4.0)])
def test_gauss_has_the_variance_of_the_playground(noise, variance):
    points, label = made(sources.Gauss, 40_000, noise)
    for sign in (1, -1):
        cluster = points[label == sign]
        assert cluster.mean(axis=0) == pytest.approx([2 * sign, 2 * sign], abs=0.06)
        assert cluster.var(axis=0) == pytest.approx([variance, variance], rel=0.05)


def test_polar_normals_take_the_first_of_each_accepted_pair():
    numbers = polar_normals(50, generator(3, Use.EXAMPLES))
    random = generator(3, Use.EXAMPLES)
    for expected in numbers:
        square = 0.0
        while not 0 < square <= 1:
            first, second = 2 * random.random() - 1, 2 * random.random() - 1
            square = first * first + second * second
        assert expected == pytest.approx(first * math.sqrt(-2 * math.log(square) / square))


def test_polar_normals_are_normal():
    numbers = polar_normals(100_000, generator(1, Use.EXAMPLES))
    assert len(numbers) == 100_000
    assert abs(numbers.mean()) < 0.02
    assert numbers.std() == pytest.approx(1, abs=0.02)
    assert np.mean(np.abs(numbers) < 1) == pytest.approx(0.6827, abs=0.01)


def test_spiral_lies_on_its_two_arms():
    points, label = made(sources.Spiral, 500)
    for arm, (sign, turn) in enumerate([(1, 0.0), (-1, math.pi)]):
        for i in range(250):
            r, t = 5 * i / 250, 1.75 * i / 250 * 2 * math.pi + turn
            assert points[250 * arm + i] == pytest.approx((r * math.sin(t), r * math.cos(t)))
            assert label[250 * arm + i] == sign


def test_noise_of_the_spiral_is_uniform_in_each_coordinate():
    moved = made(sources.Spiral, 20_000, 0.2)[0] - made(sources.Spiral, 20_000)[0]
    assert 0.199 < np.abs(moved).max() <= 0.2
    assert moved.std(axis=0) == pytest.approx(2 * [0.2 / math.sqrt(3)], rel=0.03)


def test_plane_is_a_tenth_of_the_sum():
    points, value = made(sources.PlaneRegression)
    assert 5.9 < np.abs(points).max() <= 6
    assert value == pytest.approx((points[:, 0] + points[:, 1]) / 10)
    points, value = made(sources.PlaneRegression, 20_000, 0.5)
    # Two uniform numbers in −3…3, divided by ten.
    assert np.std(value - points.sum(axis=1) / 10) == pytest.approx(math.sqrt(2 * 3) / 10, rel=0.03)


def bump(x, y):
    """The target at a point, written as the Playground's loop."""
    value = 0.0
    for cx, cy, sign in [(-4, 2.5, 1), (0, 2.5, -1), (4, 2.5, 1), (-4, -2.5, -1), (0, -2.5, 1), (4, -2.5, -1)]:
        here = sign * min(max(1 - math.hypot(x - cx, y - cy) / 2, 0), 1)
        if abs(here) > abs(value):
            value = here
    return value


def test_six_bumps_have_their_signs_and_heights():
    points, value = made(sources.MultiGauss, 3000)
    assert value == pytest.approx([bump(x, y) for x, y in points])
    for cx, cy, sign in [(-4, 2.5, 1), (0, 2.5, -1), (4, 2.5, 1), (-4, -2.5, -1), (0, -2.5, 1), (4, -2.5, -1)]:
        nearest = np.argmin(np.hypot(points[:, 0] - cx, points[:, 1] - cy))
        assert sign * value[nearest] > 0.9
    assert value[np.abs(points[:, 1]) > 4.6] == pytest.approx(0)


@pytest.mark.parametrize("kind", [*makers, sources.Moons])
def test_an_odd_number_of_points_is_made_in_full(kind):
    points, values = plane_points(kind(samples=11), seed=0)
    assert points.shape == (11, 2)
    assert values.shape == (11,)


@pytest.mark.parametrize("kind", [*makers, sources.Moons])
def test_points_depend_on_the_seed_alone_and_are_shuffled(kind):
    first, again, other = (plane_points(kind(samples=300, noise=0.1), seed) for seed in (7, 7, 8))
    assert np.array_equal(first[0], again[0])
    assert np.array_equal(first[1], again[1])
    assert not np.array_equal(first[0], other[0])
    if kind in makers:
        points, _ = made(kind, 300, 0.1, seed=7)
        assert not np.array_equal(points, first[0])
        assert np.array_equal(np.sort(points, axis=0), np.sort(first[0], axis=0))


def test_moons_are_half_circles_with_noise_as_deviation():
    points, label = plane_points(sources.Moons(samples=400), 0)
    assert np.hypot(*points[label < 0].T) == pytest.approx(1)
    assert np.hypot(points[label > 0, 0] - 1, points[label > 0, 1] - 0.5) == pytest.approx(1)
    noisy, label = plane_points(sources.Moons(samples=20_000, noise=0.3), 0)
    clean, _ = plane_points(sources.Moons(samples=20_000), 0)
    assert (noisy - clean).std(axis=0) == pytest.approx([0.3, 0.3], rel=0.05)


def test_seven_features_are_raw():
    points = np.array([[2.0, -3.0], [0.5, 4.0]])
    expected = [[2, -3, 4, 9, -6, math.sin(2), math.sin(-3)], [0.5, 4, 0.25, 16, 2, math.sin(0.5), math.sin(4)]]
    assert features_of(points, ("x", "y", "x^2", "y^2", "x*y", "sin(x)", "sin(y)")) == pytest.approx(np.array(expected))
    assert features_of(points, ("sin(y)", "x")) == pytest.approx(np.array([[math.sin(-3), 2], [math.sin(4), 0.5]]))


def test_the_first_points_train_as_in_the_playground():
    source = sources.Spiral(samples=101, test_share=0.3)
    prepared = prepare(Experiment(data=source, network=(), training=Training(loss=MeanSquaredError()), seed=5))
    points, values = plane_points(source, 5)
    assert len(prepared.x_train) == math.floor(101 * 0.7) == read_facts(source).training_samples
    assert np.array_equal(np.concatenate([prepared.x_train, prepared.x_val]), points.astype(np.float32))
    assert np.array_equal(np.concatenate([prepared.y_train, prepared.y_val])[:, 0] > 0, values > 0)


@pytest.mark.parametrize(
    ("source", "function"),
    [
        (sources.Sine(noise=0, frequency=2.0), lambda x: math.sin(2 * math.pi * 2 * x)),
        (sources.Step(noise=0), lambda x: 1.0 if x >= 0 else -1.0),
        (sources.Sinc(noise=0, frequency=3.0), lambda x: math.sin(3 * math.pi * x) / (3 * math.pi * x)),
        (sources.Polynomial(noise=0, coefficients=(1.0, -2.0, 0.5, 3.0)), lambda x: 1 - 2 * x + 0.5 * x**2 + 3 * x**3),
    ],
)
def test_curves_follow_their_formula(source, function):
    examples = load(source, 0)
    x = examples.x[:, 0]
    assert -1 <= x.min() < -0.95
    assert 0.95 < x.max() <= 1
    assert examples.y[:, 0] == pytest.approx([function(value) for value in x])


def test_noise_of_a_curve_is_its_deviation():
    clean, noisy = (load(sources.Sine(samples=20_000, noise=noise), 0) for noise in (0.0, 0.7))
    assert np.array_equal(clean.x, noisy.x)
    assert np.std(noisy.y - clean.y) == pytest.approx(0.7, rel=0.03)
