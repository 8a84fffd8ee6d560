"""Predictions held against the truth: who was wrong, how, and by how much. No Qt, no drawing."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gui.plots.axes import ticks
from gui.plots.axes.tiles import greys
from gui.plots.views.surface import Meaning
from models.data.prepared import Prepared, in_own_numbers
from models.telemetry.decisions import Thresholds, confusion, thresholds
from models.telemetry.wanted import Predictions

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

Cell = tuple[int, int]
"""True class and answer."""


def examples_of(prepared: Prepared) -> NDArray[np.float32]:
    """The examples that are predicted: those of validation, or of training where there are none."""
    return prepared.x_val if len(prepared.x_val) else prepared.x_train


def numbers_in_data(prepared: Prepared) -> Integers:
    """(examples,): the number, from 1, that each of `examples_of` has among all examples of its source."""
    rows = prepared.predicted
    return 1 + (np.arange(len(examples_of(prepared))) if rows is None else rows)


def picture_of(example: NDArray[np.float32]) -> NDArray[np.uint8] | None:
    """An example as a person sees it; none where it is no picture of one or three colours."""
    slices = pictures_of(example) if example.ndim == 3 else None
    return slices[0] if slices is not None else None


def pictures_of(example: NDArray[np.float32]) -> NDArray[np.uint8] | None:
    """(slices, rows, columns, 3): an example as a person sees it, a picture as one slice; none where it is no volume either."""
    volume = example[None] if example.ndim == 3 else example
    return greys(volume) if volume.ndim == 4 and volume.shape[-1] in (1, 3) else None


@dataclass(frozen=True, eq=False)
class Judged:
    """Predictions of examples whose truth is known. A `place` is an example's place among those that were predicted."""

    predictions: Predictions
    meaning: Meaning
    prepared: Prepared

    @cached_property
    def values(self) -> Floats:
        """(examples, outputs): what the network puts out, in the target's own numbers, raw scores as probabilities."""
        outputs = self.predictions.outputs
        return self.meaning.values(outputs.reshape(len(outputs), -1).astype(np.float64))

    @cached_property
    def answers(self) -> Integers:
        """(examples,): the classes that the network answers; (examples, labels) of 0 and 1 where there are several labels."""
        outputs = self.predictions.outputs
        return self.meaning.answers(outputs.reshape(len(outputs), -1).astype(np.float64))

    @cached_property
    def classes(self) -> Integers:
        """The true classes, like `answers`."""
        return self.meaning.true_classes(self._targets)

    @cached_property
    def truth(self) -> Floats:
        """(examples, targets): the true numbers in the target's own scale."""
        return self.meaning.values(self._targets.reshape(len(self._targets), -1).astype(np.float64))

    @cached_property
    def residuals(self) -> Floats:
        """(examples, targets): prediction minus truth."""
        return np.asarray(self.values - self.truth)

    @cached_property
    def counts(self) -> Integers:
        """(classes, classes): row true, column answered. Of labels (labels, 4): found, missed, false alarm, rightly not."""
        if self.meaning.several_labels:
            has, said = self.classes == 1, self.answers == 1
            return np.stack([each.sum(axis=0) for each in (has & said, has & ~said, ~has & said, ~has & ~said)], axis=1)
        return confusion(self.classes, self.answers, max(self.prepared.facts.outputs, self.values.shape[1]))

    @cached_property
    def thresholds(self) -> Thresholds:
        """What every threshold would do with the score of the second class; scores that are not finite are left out.

        Of two outputs that are no shares of one whole, as of a sigmoid or a hinge, the score is how far the second is ahead, on
        the scale of a single output: an example is taken for the class whose output is greater.
        """
        finite = np.isfinite(self.values).all(axis=1)
        values = self.values[finite]
        scores = values[:, -1]
        if values.shape[1] == 2 and not np.allclose(values.sum(axis=1), 1):
            scores = self.threshold + (values[:, 1] - values[:, 0]) / 2
        return thresholds(scores, self.classes[finite] == 1)

    @property
    def threshold(self) -> float:
        """The one that answers of a single output are made with."""
        return 0.0 if "signed" in self.meaning.target.encoding else 0.5

    @property
    def accuracy(self) -> float:
        """Share of right answers, over all labels where there are several."""
        return float((self.classes == self.answers).mean())

    @property
    def not_finite(self) -> int:
        """For how many examples the network puts out something that is no number."""
        return int((~np.isfinite(self.values)).any(axis=1).sum())

    @property
    def errors(self) -> tuple[float, float]:
        """Root of the mean squared residual, and R²; R² is NaN where all targets are equal.

        Of several targets it is the mean of theirs, 0 for one that never changes, as in Keras's ``R2Score`` and scikit-learn.
        """
        squares = (self.residuals**2).sum(axis=0)
        spread = ((self.truth - self.truth.mean(axis=0)) ** 2).sum(axis=0)
        explained = np.where(spread > 0, 1 - squares / np.where(spread > 0, spread, 1), 0)
        return float(np.sqrt(squares.sum() / self.residuals.size)), float(explained.mean()) if spread.any() else float("nan")

    def worst(self, cell: Cell | None = None) -> Integers:
        """Places by their loss, the highest first and before all what is not finite; of one cell of the matrix, if given."""
        losses = self.predictions.losses
        order = np.argsort(-np.where(np.isfinite(losses), losses, np.inf), kind="stable")
        return order if cell is None else order[(self.classes[order] == cell[0]) & (self.answers[order] == cell[1])]

    def number(self, place: int) -> int:
        """The example's number among the validation examples, or training examples where there are none."""
        return int(self.predictions.rows[place])

    @cached_property
    def numbers_in_data(self) -> Integers:
        """(examples,): the number, from 1, by which a person finds each example among all of its source."""
        return np.asarray(numbers_in_data(self.prepared)[self.predictions.rows])

    def place(self, number: int) -> int | None:
        """Where the example of this number is; none where it was not predicted."""
        found = np.flatnonzero(self.predictions.rows == number)
        return int(found[0]) if len(found) else None

    def loss(self, place: int) -> str:
        """The example's loss, as it is written."""
        return ticks.short(float(self.predictions.losses[place]))

    def verdict(self, place: int) -> str:
        """What is true, and what the network says."""
        if self.meaning.regression:
            return " → ".join(", ".join(map(ticks.short, each[place].tolist())) for each in (self.truth, self.values))
        return f"{self._names(self.classes[place])} → {self._names(self.answers[place])}"

    def scores(self, place: int) -> Floats:
        """(classes,): what the network gives each class, also where one output stands for two."""
        values = self.values[place]
        if len(values) > 1 or self.meaning.several_labels:
            return np.asarray(values)
        return np.array([-values[0] if self.threshold == 0 else 1 - values[0], values[0]])

    def has(self, place: int) -> NDArray[np.bool_]:
        """(classes,): which of them are true."""
        true = self.classes[place]
        return np.asarray(true == 1 if self.meaning.several_labels else np.arange(len(self.scores(place))) == true)

    def picture(self, place: int) -> NDArray[np.uint8] | None:
        """The example as a person sees it; none where it is no picture."""
        return picture_of(self._example(place))

    def features(self, place: int) -> list[str]:
        """Names and numbers of the example's features, as in the data; none where it is more than a row of them."""
        x = self._example(place)
        if x.ndim != 1:
            return []
        values = in_own_numbers(x, self.prepared.feature_scale).tolist()
        names = self.prepared.facts.feature_names
        names = names if len(names) == len(x) else tuple(f"feature {number}" for number in range(len(x)))
        return [f"{name} {ticks.short(value)}" for name, value in zip(names, values, strict=True)]

    def _example(self, place: int) -> NDArray[np.float32]:
        return np.asarray(examples_of(self.prepared)[self.number(place)])

    def _names(self, classes: NDArray[Any]) -> str:
        numbers = np.flatnonzero(classes) if self.meaning.several_labels else np.atleast_1d(classes)
        return ", ".join(self.meaning.class_name(int(number)) for number in numbers) or "none"

    @cached_property
    def _targets(self) -> NDArray[Any]:
        everything = self.prepared.y_val if self.predictions.part == "validation" else self.prepared.y_train
        return everything[self.predictions.rows]
