"""scikit-learn's sets are what the document declares them to be."""

from typing import get_args

import numpy as np
import pytest
from sklearn import datasets

from models.data import DataError, prepare, read_facts
from models.data.examples import facts_of
from models.data.loading import load
from models.experiment import data as sources
from models.experiment.experiment import Experiment
from models.experiment.losses import BinaryCrossentropy, MeanSquaredError, SparseCategoricalCrossentropy
from models.experiment.training import Training

without_file = [kind for kind in get_args(sources.Source) if kind not in get_args(sources.FileSource)]
loss_for = {
    "binary": BinaryCrossentropy(),
    "multilabel": BinaryCrossentropy(),
    "multiclass": SparseCategoricalCrossentropy(),
    "regression": MeanSquaredError(),
}


@pytest.mark.parametrize("share", [0.0, 0.2, 0.37, 0.9])
@pytest.mark.parametrize("kind", without_file)
def test_declared_facts_are_those_of_the_arrays(kind, share):
    source = kind(test_share=share)
    facts = source.facts()
    assert facts_of(load(source, 0), source) == facts == read_facts(source)
    training = Training(loss=loss_for[facts.task])
    prepared = prepare(Experiment(data=source, network=(), training=training))
    assert prepared.facts == facts
    assert prepared.x_train.shape == (facts.training_samples, *facts.input_shape)
    assert prepared.x_val.shape == (facts.validation_samples, *facts.input_shape)
    assert prepared.y_train.shape == (facts.training_samples, *prepared.target.shape)
    assert prepared.y_val.shape == (facts.validation_samples, *prepared.target.shape)
    assert prepared.x_train.dtype == prepared.x_val.dtype == np.float32
    for array in (prepared.x_train, prepared.y_train, prepared.x_val, prepared.y_val):
        assert array.flags.c_contiguous
        assert np.isfinite(array).all()


@pytest.mark.parametrize(
    ("source", "bunch"),
    [
        (sources.Digits(), datasets.load_digits),
        (sources.Iris(), datasets.load_iris),
        (sources.Wine(), datasets.load_wine),
        (sources.BreastCancer(), datasets.load_breast_cancer),
        (sources.Diabetes(), lambda: datasets.load_diabetes(scaled=False)),
    ],
)
def test_names_and_numbers_are_those_of_scikit_learn(source, bunch):
    facts, original = source.facts(), bunch()
    assert source.size == len(original.data)
    assert facts.input_shape == original.data.shape[1:]
    if not isinstance(source, sources.Digits):
        assert list(facts.feature_names) == list(original.feature_names)
    if facts.task != "regression":
        assert list(facts.class_names) == [str(name) for name in original.target_names]
        assert facts.outputs == len(original.target_names)
    examples = load(source, 0)
    assert np.array_equal(examples.x, original.data)
    assert np.array_equal(examples.y.reshape(-1), original.target)


def test_digits_as_images_keep_their_pixels():
    numbers, images = load(sources.Digits(), 0), load(sources.Digits(layout="images"), 0)
    assert images.x.shape == (1797, 8, 8, 1)
    assert np.array_equal(images.x.reshape(1797, 64), numbers.x)
    training = Training(loss=SparseCategoricalCrossentropy())
    prepared = prepare(Experiment(data=sources.Digits(layout="images"), network=(), training=training))
    assert (prepared.x_train.min(), prepared.x_train.max()) == (0, 1)
    assert set(np.unique(prepared.x_train * 16)) <= set(range(17))


def test_more_labels_an_example_than_labels_are_refused_before_the_endless_loop():
    with pytest.raises(DataError, match=r"multilabel: expected at most 3, .* found 4 labels per example on average; lower"):
        read_facts(sources.Multilabel(labels=3, labels_per_example=4))


def test_multilabel_depends_on_the_seed():
    first, again, other = (load(sources.Multilabel(samples=50), seed) for seed in (1, 1, 2))
    assert np.array_equal(first.x, again.x)
    assert np.array_equal(first.y, again.y)
    assert not np.array_equal(first.x, other.x)
