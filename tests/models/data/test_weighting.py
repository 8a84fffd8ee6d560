"""Weights of examples: read from files, split with their rows, multiplied with those of their classes."""

import numpy as np
import pytest
from msgspec.structs import replace

from models.data import DataError, prepare
from models.data.weighting import class_numbers, class_weights, training_weights
from models.experiment.class_weights import Balanced, GivenWeights
from models.experiment.data import Arrays, Table
from models.experiment.experiment import Experiment
from models.experiment.layers import Dense
from models.experiment.losses import BinaryCrossentropy, CategoricalCrossentropy, Hinge, SparseCategoricalCrossentropy
from models.experiment.training import Training

rows = np.arange(60)
x, y, w = rows[:, np.newaxis] * 1.0, rows % 3, rows + 1.0


@pytest.fixture
def save(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def save(**arrays):
        np.savez("a.npz", **arrays)
        return Arrays(path="a.npz")

    return save


@pytest.fixture
def write(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def write(lines, **options):
        (tmp_path / "a.csv").write_text("\n".join(lines) + "\n")
        return Table(path="a.csv", target="y", **{"weight_column": "w", "scaling": "none"} | options)

    return write


def prepared_from(source, loss=None, units=1, **training):
    network = (Dense(name="output", units=units),)
    return prepare(Experiment(data=source, network=network, training=Training(loss=loss or BinaryCrossentropy(), **training)))


def table_lines(weights):
    return ["a,w,y", *(f"{row},{weight},{'yn'[row % 2]}" for row, weight in enumerate(weights))]


def test_weights_of_arrays_stay_with_their_rows(save):
    prepared = prepared_from(save(x=x, y=y, sample_weight=w), SparseCategoricalCrossentropy())
    assert prepared.weights_train.dtype == np.float32
    assert np.array_equal(prepared.weights_train, prepared.x_train[:, 0] + 1)
    assert np.array_equal(prepared.weights_val, prepared.x_val[:, 0] + 1)


def test_parts_bring_their_own_weights_and_count_1_without(save):
    parts = {"x_train": x[:40], "y_train": y[:40], "x_test": x[40:], "y_test": y[40:]}
    both = prepared_from(save(**parts, sample_weight_train=w[:40, np.newaxis], sample_weight_test=w[40:]))
    assert both.weights_train.tolist() == w[:40].tolist()
    assert both.weights_val.tolist() == w[40:].tolist()
    one = prepared_from(save(**parts, sample_weight_train=w[:40]))
    assert one.weights_val.tolist() == [1] * 20


def test_without_weights_there_are_none(save):
    prepared = prepared_from(save(x=x, y=y), SparseCategoricalCrossentropy())
    assert prepared.weights_train is None
    assert prepared.weights_val is None
    assert training_weights(Training(loss=SparseCategoricalCrossentropy()), prepared) is None


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (w[:59], "array sample_weight: expected a weight for each of 60 examples, found the shape 59"),
        (np.ones((60, 2)), "found the shape 60 × 2"),
        (np.float64(1), "found a single number"),
        (np.where(rows == 7, -0.5, 1), r"array sample_weight\[7\]: expected a weight from 0 upwards, found -0.5"),
        (np.where(rows == 7, np.nan, 1), r"array sample_weight\[7\]: expected a finite number"),
        (np.zeros(60), "expected weights of which some are above 0, found 0 for every example"),
        (np.array(["a"] * 60), "expected numbers, found values of type"),
    ],
)
def test_weights_of_arrays_are_refused(save, weights, message):
    with pytest.raises(DataError, match=message):
        prepared_from(save(x=x, y=y, sample_weight=weights))


def test_a_column_of_weights_is_no_input(write):
    prepared = prepared_from(write(table_lines(range(1, 21))))
    assert prepared.x_train.shape[1] == 1
    assert np.array_equal(prepared.weights_train, prepared.x_train[:, 0] + 1)
    assert np.array_equal(prepared.weights_val, prepared.x_val[:, 0] + 1)


def test_rows_without_a_weight_are_dropped_with_it(write):
    weights = [*range(1, 20), ""]
    with pytest.raises(DataError, match="line 21, column “w”: expected a value, found a missing cell"):
        prepared_from(write(table_lines(weights)))
    with pytest.raises(DataError, match="line 21, column “w”: expected a value, found a missing cell") as error:
        prepared_from(write(table_lines(weights), missing="mean"))
    assert "mean" not in str(error.value)
    prepared = prepared_from(write(table_lines(weights), missing="drop_rows"))
    assert len(prepared.x_train) + len(prepared.x_val) == 19


@pytest.mark.parametrize(
    ("weights", "options", "message"),
    [
        ([1] * 19 + [-1], {}, "line 21, column “w”: expected a weight from 0 upwards, found -1"),
        ([0] * 20, {}, "column “w”: expected weights of which some are above 0, found 0 for every example"),
        ([1] * 19 + ["heavy"], {}, "line 21, column “w”: expected a number, found “heavy”"),
        ([1] * 20, {"weight_column": "y"}, "expected a column of weights of its own, found “y”, the target"),
        ([1] * 20, {"ignore": ("w",)}, "expected a column of weights of its own, found one among those to leave out"),
        ([1] * 20, {"weight_column": "v"}, "expected a column “v” of weights, found none of that name"),
    ],
)
def test_columns_of_weights_are_refused(write, weights, options, message):
    with pytest.raises(DataError, match=message):
        prepared_from(write(table_lines(weights), **options))


@pytest.mark.parametrize(("loss", "units"), [(BinaryCrossentropy(), 1), (Hinge(), 1), (CategoricalCrossentropy(), 2)])
def test_classes_are_told_from_any_encoding(write, loss, units):
    prepared = prepared_from(write(table_lines([1] * 20)), loss, units)
    expected = (prepared.x_train[:, 0] + 1) % 2  # even rows are “y”, which comes after “n”
    assert class_numbers(prepared.y_train, prepared.target.encoding).tolist() == expected.tolist()


def test_weights_of_classes_and_rows_multiply(save):
    loss = SparseCategoricalCrossentropy()
    prepared = prepared_from(save(x=x, y=y, sample_weight=w), loss)
    found = training_weights(Training(loss=loss, class_weight=GivenWeights(weights=(1.0, 0.0, 3.0))), prepared)
    expected = np.array([1, 0, 3])[prepared.y_train] * (prepared.x_train[:, 0] + 1)
    assert found.tolist() == expected.tolist()


def test_balanced_counts_the_training_part(save):
    loss = SparseCategoricalCrossentropy()
    training = Training(loss=loss, class_weight=Balanced())
    prepared = prepared_from(replace(save(x=x, y=np.repeat([0, 1, 2], [10, 20, 30])), test_share=0.0), loss)
    assert class_weights(training, prepared) == pytest.approx((2, 1, 60 / 90))
