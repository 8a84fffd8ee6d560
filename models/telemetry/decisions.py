"""How good answers about classes are: what is taken for what, and what every threshold would do."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Thresholds:
    """What comes of every threshold that tells one set of scores from another, the highest first.

    An example is taken for positive where its score is at least the threshold; before the first one none is.
    """

    thresholds: Floats
    """(n,): the distinct scores, descending; infinity at first."""
    false_positives: Integers
    """(n,): negative examples that are taken for positive."""
    true_positives: Integers
    positives: int
    """How many examples there are of each kind."""
    negatives: int

    @property
    def false_positive_rate(self) -> Floats:
        """Share of the negative examples that are taken for positive; NaN where there are none."""
        return np.asarray(self.false_positives / (self.negatives or np.nan))

    @property
    def recall(self) -> Floats:
        """Share of the positive examples that are found, the true positive rate; NaN where there are none."""
        return np.asarray(self.true_positives / (self.positives or np.nan))

    @property
    def precision(self) -> Floats:
        """Share of what is taken for positive that is; 1 before the first threshold, where nothing is."""
        taken = self.true_positives + self.false_positives
        return np.asarray(np.where(taken > 0, self.true_positives / np.maximum(taken, 1), 1.0))

    @property
    def area(self) -> float:
        """Area under the ROC curve: how often a positive example has a higher score than a negative one, ties counting half."""
        x, y = self.false_positive_rate, self.recall
        return float(np.sum(np.diff(x) * (y[1:] + y[:-1]) / 2))

    @property
    def average_precision(self) -> float:
        """Σ (recallₙ − recallₙ₋₁) · precisionₙ, as scikit-learn has it: without straight lines between points."""
        return float(np.sum(np.diff(self.recall) * self.precision[1:]))


def thresholds(scores: NDArray[np.floating], positive: NDArray[np.bool_]) -> Thresholds:
    """What every threshold would do; `scores` and `positive` have one entry an example, all scores are finite."""
    order = np.argsort(-scores, kind="stable")
    ordered, hits = scores[order].astype(np.float64), positive[order]
    last = np.flatnonzero(np.append(np.diff(ordered) != 0, True)) if len(ordered) else np.empty(0, np.int64)
    found, taken = np.cumsum(hits)[last], last + 1
    return Thresholds(
        np.concatenate([[np.inf], ordered[last]]),
        np.concatenate([[0], taken - found]),
        np.concatenate([[0], found]),
        int(positive.sum()),
        int((~positive).sum()),
    )


def confusion(true: NDArray[np.integer], predicted: NDArray[np.integer], classes: int) -> Integers:
    """(classes, classes): how many examples of the class of each row were taken for the class of each column."""
    return np.bincount(true.astype(np.int64) * classes + predicted, minlength=classes * classes).reshape(classes, classes)
