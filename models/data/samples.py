"""Data sets that come with scikit-learn, and its made-up examples with several labels."""

import numpy as np

from models.data.errors import DataError, Place
from models.data.examples import Examples
from models.data.randomness import Use, integer_seed
from models.experiment import data as sources


def load_sample(source: sources.Sample) -> Examples:
    """One of scikit-learn's own sets, raw."""
    from sklearn import datasets

    facts = source.facts()
    if isinstance(source, sources.Diabetes):
        # The set comes scaled over all rows; scaling is ours, fitted on the training part.
        bunch = datasets.load_diabetes(scaled=False)
        return Examples(bunch.data, bunch.target[:, np.newaxis], "regression", 1, facts.feature_names, target_name="progression")
    loaders = {
        sources.Digits: datasets.load_digits,
        sources.Iris: datasets.load_iris,
        sources.Wine: datasets.load_wine,
        sources.BreastCancer: datasets.load_breast_cancer,
    }
    bunch = loaders[type(source)]()
    x = bunch.data.reshape(-1, *facts.input_shape)
    return Examples(
        x, bunch.target, facts.task, facts.outputs, facts.feature_names, facts.class_names, "class", tokens=facts.tokens
    )


def check_multilabel(source: sources.Multilabel) -> None:
    """Refuse more labels an example than there are: scikit-learn would draw for ever."""
    if source.labels_per_example > source.labels:
        remedy = "lower labels_per_example or raise labels"
        found = f"{source.labels_per_example} labels per example on average"
        raise DataError(Place(source.kind()), f"at most {source.labels}, the number of labels", found, remedy)


def load_multilabel(source: sources.Multilabel, seed: int) -> Examples:
    """Made-up counts, each example under any number of labels."""
    from sklearn.datasets import make_multilabel_classification

    check_multilabel(source)
    x, y = make_multilabel_classification(
        n_samples=source.samples,
        n_features=source.columns,
        n_classes=source.labels,
        n_labels=source.labels_per_example,
        random_state=integer_seed(seed, Use.EXAMPLES),
    )
    facts = source.facts()
    return Examples(x, y, "multilabel", facts.outputs, facts.feature_names, facts.class_names, "labels")
