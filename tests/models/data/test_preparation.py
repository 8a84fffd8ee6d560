"""Split, scaling and encoding."""

from typing import get_args

import numpy as np
import pytest
from msgspec.structs import replace

from models.data import DataError, prepare
from models.data.encoding import encode
from models.data.loading import load
from models.data.scaling import fit
from models.experiment import data as sources
from models.experiment.activations import Linear, Sigmoid, Softmax, Tanh
from models.experiment.encoding import Encoding, Target
from models.experiment.experiment import Experiment
from models.experiment.layers import Dense
from models.experiment.losses import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    CategoricalHinge,
    Hinge,
    MeanSquaredError,
    SparseCategoricalCrossentropy,
)
from models.experiment.training import Training


def experiment(source, loss=None, activation=None, units=1, seed=0):
    output = (Dense(name="output", units=units, activation=activation),) if activation is not None else ()
    return Experiment(data=source, network=output, training=Training(loss=loss or MeanSquaredError()), seed=seed)


numbered = {"x": np.arange(400.0).reshape(200, 2), "y": np.arange(200) % 4}


@pytest.fixture
def arrays(tmp_path):
    """An NPZ whose rows tell their own number."""
    np.savez(tmp_path / "a.npz", **numbered)
    return sources.Arrays(path=str(tmp_path / "a.npz"))


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9])
@pytest.mark.parametrize("task", ["classification", "regression"])
def test_both_parts_are_disjoint_and_complete(arrays, share, task):
    prepared = prepare(experiment(replace(arrays, test_share=share, task=task)))
    training, validation = (set((part[:, 0] / 2).astype(int)) for part in (prepared.x_train, prepared.x_val))
    assert not training & validation
    assert training | validation == set(range(200))
    assert (len(training), len(validation)) == (round(200 * (1 - share)), round(200 * share))
    # Shuffled, with no validation too.
    assert not np.array_equal(prepared.x_train, np.sort(prepared.x_train, axis=0))


def test_targets_stay_with_their_inputs(arrays):
    prepared = prepare(experiment(arrays, SparseCategoricalCrossentropy()))
    for x, y in ((prepared.x_train, prepared.y_train), (prepared.x_val, prepared.y_val)):
        assert np.array_equal(x[:, 0] / 2 % 4, y)


def test_every_class_has_its_share_on_both_sides():
    prepared = prepare(experiment(sources.Iris(), SparseCategoricalCrossentropy()))
    assert np.bincount(prepared.y_train).tolist() == [40, 40, 40]
    assert np.bincount(prepared.y_val).tolist() == [10, 10, 10]


def test_a_side_too_small_for_every_class_is_split_all_the_same():
    prepared = prepare(experiment(sources.Digits(test_share=0.004), SparseCategoricalCrossentropy()))
    assert len(prepared.x_val) == 8


def test_the_split_depends_on_the_seed_and_not_on_the_network(arrays):
    first = prepare(experiment(arrays, SparseCategoricalCrossentropy(), seed=3))
    same = prepare(experiment(arrays, SparseCategoricalCrossentropy(), Softmax(), 4, seed=3))
    other = prepare(experiment(arrays, SparseCategoricalCrossentropy(), seed=4))
    assert np.array_equal(first.x_train, same.x_train)
    assert np.array_equal(first.y_val, same.y_val)
    assert not np.array_equal(first.x_train, other.x_train)


@pytest.mark.parametrize("kind", [each for each in get_args(sources.Source) if each not in get_args(sources.FileSource)])
def test_the_same_call_gives_the_same_arrays(kind):
    first, again = prepare(experiment(kind(), seed=9)), prepare(experiment(kind(), seed=9))
    for name in ("x_train", "y_train", "x_val", "y_val"):
        assert np.array_equal(getattr(first, name), getattr(again, name))


def test_points_stay_where_they_are_when_the_share_changes():
    few, many = (prepare(experiment(sources.Gauss(noise=0.2, test_share=share))) for share in (0.2, 0.6))
    assert np.array_equal(few.x_train[: len(many.x_train)], many.x_train)


@pytest.mark.parametrize("source", [sources.Wine(), sources.Diabetes(), sources.Multilabel(), sources.Digits(layout="images")])
def test_standard_scaling_is_fitted_on_the_training_part_alone(source):
    source = replace(source, scaling="standard")
    raw, scaled = prepare(experiment(replace(source, scaling="none"))), prepare(experiment(source))
    axes = tuple(range(raw.x_train.ndim - 1))
    mean, deviation = raw.x_train.astype(float).mean(axis=axes), raw.x_train.astype(float).std(axis=axes)
    assert scaled.x_train.astype(float).mean(axis=axes) == pytest.approx(np.zeros(mean.shape), abs=1e-5)
    assert scaled.x_train.astype(float).std(axis=axes) == pytest.approx(np.ones(mean.shape), abs=1e-4)
    assert scaled.x_val == pytest.approx((raw.x_val - mean) / deviation, abs=1e-4)
    # Fitted on all, the validation part would be centred too.
    assert np.abs(scaled.x_val.astype(float).mean(axis=axes)).max() > 1e-3


def test_minmax_scaling_is_fitted_on_the_training_part_alone():
    raw, scaled = (prepare(experiment(sources.Wine(scaling=scaling, test_share=0.5))) for scaling in ("none", "minmax"))
    assert scaled.x_train.min(axis=0) == pytest.approx(np.zeros(13))
    assert scaled.x_train.max(axis=0) == pytest.approx(np.ones(13))
    low, high = raw.x_train.min(axis=0), raw.x_train.max(axis=0)
    assert scaled.x_val == pytest.approx((raw.x_val - low) / (high - low), abs=1e-5)
    assert scaled.x_val.max() > 1
    assert scaled.x_val.min() < 0


def test_images_are_scaled_by_channel(tmp_path):
    images = np.random.default_rng(0).normal(size=(50, 4, 5, 3)) * [1, 10, 100] + [0, 5, -50]
    np.savez(tmp_path / "a.npz", x=images, y=np.arange(50) % 2)
    source = sources.Arrays(path=str(tmp_path / "a.npz"), scaling="standard")
    scaled = prepare(experiment(source)).x_train
    assert scaled.std(axis=(0, 1, 2)) == pytest.approx([1, 1, 1], abs=1e-4)
    assert not np.allclose(scaled.std(axis=0), 1, atol=1e-3)


def test_small_changes_of_a_large_number_survive_the_scaling():
    values = np.array([[1.7e9], [1.7e9 + 1], [1.7e9 + 2]])
    assert fit("minmax", values).apply(values)[:, 0].tolist() == [0, 0.5, 1]


@pytest.mark.parametrize("scaling", ["standard", "minmax"])
@pytest.mark.parametrize("constant", [0.1, -7.3, 0.0, 1e9 + 0.1])
def test_a_constant_column_becomes_zero(scaling, constant):
    values = np.full((37, 1), constant)
    assert np.abs(fit(scaling, values).apply(values)).max() < 1e-6


def test_many_large_examples_are_scaled_alike():
    values = np.random.default_rng(0).normal(3, 5, (7, 700, 700, 1))
    assert np.allclose(fit("standard", values).apply(values), (values - values.mean()) / values.std(), atol=1e-5)


def test_real_targets_are_scaled_and_can_be_scaled_back():
    raw, scaled = (prepare(experiment(sources.Diabetes(target_scaling=scaling))) for scaling in ("none", "standard"))
    assert raw.target_scale == ((0.0,), (1.0,))
    (mean,), (deviation,) = scaled.target_scale
    assert mean == pytest.approx(raw.y_train.astype(float).mean())
    assert deviation == pytest.approx(raw.y_train.astype(float).std())
    assert scaled.y_val * deviation + mean == pytest.approx(raw.y_val, rel=1e-5)


def test_several_real_targets_are_scaled_each_for_itself(tmp_path):
    random = np.random.default_rng(0)
    np.savez(tmp_path / "a.npz", x=random.normal(size=(50, 2)), y=random.normal(size=(50, 2)) * [1, 100])
    source = sources.Arrays(path=str(tmp_path / "a.npz"), target_scaling="standard")
    prepared, raw = prepare(experiment(source)), prepare(experiment(replace(source, target_scaling="none")))
    assert prepared.y_train.std(axis=0) == pytest.approx([1, 1], abs=1e-4)
    means, deviations = map(np.array, prepared.target_scale)
    np.testing.assert_allclose(means + deviations * prepared.y_val, raw.y_val, rtol=1e-5)
    assert prepared.view is None


cases = [
    # source, loss, activation, units → encoding, values of classes or labels 0 and 1
    (sources.Circle(), BinaryCrossentropy(), Sigmoid(), 1, "zero_one", [[0], [1]]),
    (sources.Circle(), Hinge(), Linear(), 1, "signed", [[-1], [1]]),
    (sources.Circle(), MeanSquaredError(), Tanh(), 1, "signed", [[-1], [1]]),
    (sources.Circle(), MeanSquaredError(), Sigmoid(), 1, "zero_one", [[0], [1]]),
    (sources.Circle(), SparseCategoricalCrossentropy(), Softmax(), 2, "index", [0, 1]),
    (sources.Circle(), CategoricalCrossentropy(), Softmax(), 2, "one_hot", [[1, 0], [0, 1]]),
    (sources.Circle(), MeanSquaredError(), Tanh(), 2, "signed_one_hot", [[1, -1], [-1, 1]]),
    (sources.Iris(), SparseCategoricalCrossentropy(), Softmax(), 3, "index", [0, 1, 2]),
    (sources.Iris(), CategoricalCrossentropy(), Softmax(), 3, "one_hot", np.eye(3)),
    (sources.Iris(), CategoricalHinge(), Linear(), 3, "one_hot", np.eye(3)),
    (sources.Iris(), Hinge(), Linear(), 3, "signed_one_hot", 2 * np.eye(3) - 1),
    (sources.Iris(), BinaryCrossentropy(), Sigmoid(), 3, "one_hot", np.eye(3)),
    (sources.Iris(), MeanSquaredError(), Linear(), 3, "one_hot", np.eye(3)),
    (sources.Iris(), MeanSquaredError(), Tanh(), 3, "signed_one_hot", 2 * np.eye(3) - 1),
]


@pytest.mark.parametrize(("source", "loss", "activation", "units", "encoding", "expected"), cases)
def test_classes_are_encoded_to_fit_the_loss(source, loss, activation, units, encoding, expected):
    prepared = prepare(experiment(source, loss, activation, units))
    assert prepared.target.encoding == encoding
    # Without scaling the inputs tell the class, whatever its encoding.
    numbers = prepare(experiment(source, SparseCategoricalCrossentropy(), Softmax(), 2)).y_train
    assert np.array_equal(prepared.y_train, np.asarray(expected)[numbers])
    assert prepared.y_train.dtype == (np.int32 if encoding == "index" else np.float32)


@pytest.mark.parametrize(("loss", "expected"), [(BinaryCrossentropy(), {0, 1}), (Hinge(), {-1, 1}), (MeanSquaredError(), {0, 1})])
def test_labels_are_encoded_to_fit_the_loss(loss, expected):
    source = sources.Multilabel(samples=100)
    prepared = prepare(experiment(source, loss))
    assert prepared.y_train.shape == (80, 5)
    assert set(np.unique(prepared.y_train)) == expected
    labels = load(source, 0).y
    assert (prepared.y_train > 0).sum() + (prepared.y_val > 0).sum() == labels.sum()


def test_every_encoding_can_be_made():
    for encoding in get_args(Encoding):
        labels = np.array([[0, 1], [1, 1]]) if encoding in ("multi_hot", "signed_multi_hot", "real") else np.array([0, 1])
        encoded = encode(labels, Target(encoding, (2,), 2))
        assert (encoded.min() == -1) == encoding.startswith("signed")


@pytest.mark.parametrize("loss", [BinaryCrossentropy(), Hinge(), SparseCategoricalCrossentropy(), CategoricalCrossentropy()])
def test_a_loss_for_classes_refuses_numbers(loss):
    with pytest.raises(
        DataError, match=f"sine: expected classes, for the loss {loss.identifier()}, found numbers to predict; choose"
    ):
        prepare(experiment(sources.Sine(), loss))


@pytest.mark.parametrize("loss", [SparseCategoricalCrossentropy(), CategoricalCrossentropy()])
def test_a_loss_for_one_class_refuses_several_labels(loss):
    with pytest.raises(DataError, match="multilabel: expected one class in each example, for the loss"):
        prepare(experiment(sources.Multilabel(), loss))


def test_other_data_can_be_fed_in_their_place(arrays):
    prepared = prepare(experiment(sources.Iris(), SparseCategoricalCrossentropy()), arrays)
    assert prepared.facts.input_shape == (2,)
    assert prepared.facts.outputs == 4
