"""Confusion, ROC and precision-recall are scikit-learn's."""

import numpy as np
import pytest
from sklearn import metrics

from models.telemetry.decisions import confusion, thresholds


def drawn(seed, count=200, ties=True):
    random = np.random.default_rng(seed)
    positive = random.random(count) < 0.3
    scores = (random.normal(size=count) + positive).astype(np.float32)
    return (np.round(scores, 1) if ties else scores), positive


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("ties", [True, False])
def test_the_roc_curve_and_its_area(seed, ties):
    scores, positive = drawn(seed, ties=ties)
    found = thresholds(scores, positive)
    x, y, steps = metrics.roc_curve(positive, scores, drop_intermediate=False)
    np.testing.assert_allclose(found.false_positive_rate, x)
    np.testing.assert_allclose(found.recall, y)
    np.testing.assert_allclose(found.thresholds[1:], steps[1:])
    assert found.area == pytest.approx(metrics.roc_auc_score(positive, scores))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("ties", [True, False])
def test_precision_and_recall(seed, ties):
    scores, positive = drawn(seed, ties=ties)
    found = thresholds(scores, positive)
    precision, recall, _ = metrics.precision_recall_curve(positive, scores)
    np.testing.assert_allclose(found.precision, precision[::-1])
    np.testing.assert_allclose(found.recall, recall[::-1])
    assert found.average_precision == pytest.approx(metrics.average_precision_score(positive, scores))


def test_what_is_taken_for_what():
    random = np.random.default_rng(1)
    true, predicted = random.integers(0, 4, 300), random.integers(0, 4, 300)
    np.testing.assert_array_equal(confusion(true, predicted, 4), metrics.confusion_matrix(true, predicted))
    assert confusion(np.array([0, 1]), np.array([2, 1]), 3).tolist() == [[0, 0, 1], [0, 1, 0], [0, 0, 0]]


def test_with_one_class_alone_rates_are_not_numbers():
    found = thresholds(np.array([0.2, 0.7]), np.array([False, False]))
    assert np.isnan(found.recall).all()
    assert np.isnan(found.area)
    assert thresholds(np.empty(0), np.empty(0, bool)).thresholds.tolist() == [np.inf]
