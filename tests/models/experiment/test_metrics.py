from typing import get_args

import pytest

from models.experiment.data import Facts
from models.experiment.encoding import Encoding
from models.experiment.figures import Metric
from models.experiment.losses import MeanSquaredError
from models.experiment.metrics import fits, metric_names
from models.experiment.training import Training


def facts(task):
    return Facts((2,), task, 2, 10, 0)


@pytest.mark.parametrize("task", ["binary", "multiclass", "multilabel"])
def test_classes_are_counted(task):
    assert metric_names(Training(loss=MeanSquaredError()), facts(task)) == ("accuracy",)


def test_numbers_are_compared():
    assert metric_names(Training(loss=MeanSquaredError()), facts("regression")) == ("mean_absolute_error",)


def test_what_was_asked_for_is_measured_once():
    training = Training(loss=MeanSquaredError(), metrics=("auc", "accuracy", "auc"))
    assert metric_names(training, facts("binary")) == ("auc", "accuracy")
    assert metric_names(Training(loss=MeanSquaredError(), metrics=()), facts("binary")) == ()


@pytest.mark.parametrize("encoding", get_args(Encoding))
def test_the_default_fits_every_encoding(encoding):
    assert fits("mean_absolute_error" if encoding == "real" else "accuracy", encoding)


@pytest.mark.parametrize("metric", get_args(Metric))
def test_every_metric_fits_some_labels_and_not_all(metric):
    fitting = [encoding for encoding in get_args(Encoding) if fits(metric, encoding)]
    assert 0 < len(fitting) < len(get_args(Encoding))


def test_raw_scores_have_no_threshold_between_classes():
    assert fits("precision", "one_hot")
    assert not fits("precision", "one_hot", logits=True)
    assert fits("precision", "zero_one", logits=True)
