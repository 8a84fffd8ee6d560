"""Where the network is evaluated for the plots."""

import numpy as np
import pytest

from models.data import prepare
from models.data.toys import features_of
from models.experiment import data as sources
from models.experiment.experiment import Experiment
from models.experiment.losses import MeanSquaredError, SparseCategoricalCrossentropy
from models.experiment.training import Training


def view_of(source, loss=None):
    loss = loss or MeanSquaredError()
    prepared = prepare(Experiment(data=source, network=(), training=Training(loss=loss)))
    return prepared, prepared.view


@pytest.mark.parametrize("features", [("x", "y"), ("sin(x)", "x*y", "y"), ("x",)])
def test_the_plane_of_the_playground_goes_from_minus_6_to_6(features):
    prepared, view = view_of(sources.Spiral(features=features))
    assert view.kind == "plane"
    assert view.axis_names == ("x", "y")
    assert [len(axis) for axis in view.axes] == [60, 60]
    assert all(axis[0] == -6 and axis[-1] == 6 for axis in view.axes)
    assert view.inputs.shape == (3600, len(features))
    # y is the slow axis: position 60·j + i lies at (x[i], y[j]).
    expected = features_of(np.array([[view.axes[0][7], view.axes[1][3]]], float), features)
    assert view.inputs[60 * 3 + 7] == pytest.approx(expected[0], abs=1e-5)
    assert features_of(view.training_points.astype(float), features) == pytest.approx(prepared.x_train, abs=1e-4)
    assert len(view.validation_points) == len(view.validation_values) == 250
    assert set(view.training_values) == {0, 1}


def test_moons_are_shown_where_they_are():
    _, view = view_of(sources.Moons())
    points = np.concatenate([view.training_points, view.validation_points])
    for axis in (0, 1):
        least, greatest = points[:, axis].min(), points[:, axis].max()
        assert view.axes[axis][0] == pytest.approx(least - 0.1 * (greatest - least), abs=1e-5)
        assert view.axes[axis][-1] == pytest.approx(greatest + 0.1 * (greatest - least), abs=1e-5)


def test_two_columns_of_a_table_make_a_plane_that_is_scaled_like_the_data(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("width,height,kind\n" + "".join(f"{i},{1000 - 7 * i},{'ab'[i % 2]}\n" for i in range(100)))
    prepared, view = view_of(sources.Table(path=str(path), target="kind"))
    assert view.axis_names == ("width", "height")
    assert view.axes[0][0] == pytest.approx(-9.9, abs=1e-4)
    mean, deviation = view.training_points.mean(axis=0), view.training_points.std(axis=0)
    assert (view.training_points - mean) / deviation == pytest.approx(prepared.x_train, abs=1e-3)
    corner = (np.array([view.axes[0][-1], view.axes[1][0]]) - mean) / deviation
    assert view.inputs[59] == pytest.approx(corner, abs=1e-3)


def test_a_curve_is_evaluated_at_200_places():
    prepared, view = view_of(sources.Sine(noise=0))
    assert view.kind == "curve"
    assert view.axis_names == ("x", "y")
    assert view.inputs.shape == (200, 1)
    points = np.concatenate([prepared.x_train, prepared.x_val])
    assert view.axes[0][0] == pytest.approx(points.min() - 0.05 * np.ptp(points), abs=1e-5)
    assert view.axes[0][-1] == pytest.approx(points.max() + 0.05 * np.ptp(points), abs=1e-5)
    assert view.training_values == pytest.approx(np.sin(2 * np.pi * view.training_points[:, 0]), abs=1e-5)


def test_a_curve_from_a_table_shows_values_before_target_scaling(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("year,price\n" + "".join(f"{i + 1900},{i * 100 + 0.5}\n" for i in range(50)))
    prepared, view = view_of(sources.Table(path=str(path), target="price", target_scaling="standard"))
    assert view.axis_names == ("year", "price")
    assert view.training_values == pytest.approx((view.training_points[:, 0] - 1900) * 100 + 0.5)
    (mean,), (deviation,) = prepared.target_scale
    assert prepared.y_train[:, 0] * deviation + mean == pytest.approx(view.training_values, rel=1e-4)
    assert view.inputs[[0, -1], 0] == pytest.approx(
        prepared.x_train.mean() + np.array([-1, 1]) * np.abs(view.inputs[0, 0]), abs=0.2
    )


def test_a_column_that_never_changes_still_has_a_range(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a,b,y\n" + "".join(f"3,{i},{i % 2}\n" for i in range(20)))
    _, view = view_of(sources.Table(path=str(path), target="y"))
    assert (view.axes[0][0], view.axes[0][-1]) == (2, 4)


@pytest.mark.parametrize("source", [sources.Iris(), sources.Digits(layout="images"), sources.Multilabel(columns=2)])
def test_other_data_have_no_view(source):
    loss = MeanSquaredError() if isinstance(source, sources.Multilabel) else SparseCategoricalCrossentropy()
    assert view_of(source, loss)[1] is None


def test_without_validation_its_points_are_an_empty_array():
    _, view = view_of(sources.Circle(test_share=0.0))
    assert view.validation_points.shape == (0, 2)
    assert view.validation_values.shape == (0,)
