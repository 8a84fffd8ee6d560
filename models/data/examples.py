"""Examples as they come out of a source: not yet split, scaled or encoded."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.data.errors import DataError, Place
from models.experiment.counting import counted
from models.experiment.data import Facts, SourceKind, Task

Array = NDArray[Any]

most_classes = 1000
"""More classes than this are taken for a mistake, such as a running number chosen as target."""
most_tokens = 1_000_000
few_rows = 100
"""Looked at first: where these are no whole numbers, the others need no look."""
few_values, few_share, few_share_in_a_row = 20, 0.05, 0.1
"""Different values, and their shares of the rows, up to which whole numbers are classes; see `are_classes`."""


@dataclass(frozen=True)
class Examples:
    """All examples of a source, inputs and targets row by row."""

    x: Array
    """(examples, …); NaN where a cell of a table is missing and is to become the training part's mean."""
    y: Array
    """Class numbers (examples,); 0/1 (examples, labels); or real targets (examples, targets)."""
    task: Task
    outputs: int
    feature_names: tuple[str, ...] = ()
    class_names: tuple[str, ...] = ()
    target_name: str = "y"
    points: Array | None = None
    """(examples, 2): coordinates in the plane, where `x` holds features made of them."""
    training_rows: int | None = None
    """Where the file itself says what validates: the first so many rows train."""
    tokens: int | None = None
    """One more than the greatest number, where `x` holds whole numbers from 0 only."""
    weights: Array | None = None
    """(examples,): how much each counts in the loss, from 0 upwards; none where all count the same."""

    def __len__(self) -> int:
        return len(self.x)

    def target_text(self, row: int) -> str:
        """What belongs to an example, as people read it: a class, the labels, or numbers."""
        if self.task == "regression":
            return ", ".join(f"{value:.6g}" for value in self.y[row].astype(float))
        if self.task == "multilabel":
            return ", ".join(name for name, on in zip(self.class_names, self.y[row], strict=True) if on)
        return self.class_names[int(self.y[row])]


def counts(examples: Examples, source: SourceKind) -> tuple[int, int]:
    """How many of `examples` train and how many validate."""
    if examples.training_rows is None:
        return source.split_counts(len(examples))
    return examples.training_rows, len(examples) - examples.training_rows


def facts_of(examples: Examples, source: SourceKind) -> Facts:
    """What a network has to know about `examples`."""
    shape = tuple(int(size) for size in examples.x.shape[1:])
    names = examples.feature_names, examples.class_names
    return Facts(shape, examples.task, examples.outputs, *counts(examples, source), *names, examples.tokens)


def token_count(x: Array) -> int | None:
    """One more than the greatest number in `x`, where all are whole, none is negative and an Embedding can have as many."""
    if x.dtype.kind == "f" and not (_are_whole(x[:few_rows]) and _are_whole(x)):
        return None
    least, greatest = int(x.min()), int(x.max())
    return greatest + 1 if least >= 0 and greatest < most_tokens else None


def _are_whole(values: Array) -> bool:
    return bool(np.all(values == np.floor(values)) and np.all(np.isfinite(values)))


def number_text(value: float) -> str:
    """A number as people write it: whole numbers without a point."""
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def are_classes(values: Array) -> bool:
    """Whether numbers look like classes: two different ones, or few whole ones.

    Few means at most 20 different values that are at most 5 % of the rows, or 10 % where none is left out between the least and
    the greatest, so that ten measurements which happen to be whole stay measurements.
    """
    distinct = np.unique(values)
    if not np.all(distinct == np.floor(distinct)):
        return False
    in_a_row = float(distinct[-1]) - float(distinct[0]) == len(distinct) - 1
    share = few_share_in_a_row if in_a_row else few_share
    return len(distinct) <= 2 or (len(distinct) <= few_values and len(distinct) <= share * len(values))


def check_weights(weights: Array, place: Place, first_place: Callable[[int], Place]) -> None:
    """Refuse weights below 0, and weights that are all 0; `first_place` is where the weight of an example stands."""
    wrong = np.flatnonzero(weights < 0)
    if len(wrong):
        row = int(wrong[0])
        raise DataError(first_place(row), "a weight from 0 upwards", number_text(float(weights[row])), "replace it")
    if not weights.any():
        raise DataError(place, "weights of which some are above 0", "0 for every example", "choose other weights")


def check_classes(number: int, rows: int, place: Place) -> None:
    """Refuse a target that is always the same, or that is hardly ever the same twice."""
    if number < 2:
        raise DataError(place, "at least two classes", "the same value in every row", "choose another target")
    if number > most_classes or (number > few_values and number > rows / 2):
        remedy = "choose another target, or declare the task as regression where it is a number to predict"
        raise DataError(place, f"at most {most_classes} classes that occur again", counted(number, "different value"), remedy)


def class_numbers(values: Array, place: Place) -> tuple[Array, tuple[str, ...]]:
    """Number of each row's class and the names of the classes, sorted."""
    distinct, numbers = np.unique(values, return_inverse=True)
    check_classes(len(distinct), len(values), place)
    texts = distinct.dtype.kind in "UO"
    return numbers.reshape(-1), tuple(str(value) if texts else number_text(value) for value in distinct)


def class_task(classes: int) -> Task:
    """Two classes are one yes-or-no question."""
    return "binary" if classes == 2 else "multiclass"
