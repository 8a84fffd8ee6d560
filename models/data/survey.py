"""All examples of a source, to be looked through: what each holds, what belongs to it, and whether it validates."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, product

import numpy as np
from numpy.typing import NDArray

from models.data.examples import Array, Examples
from models.data.loading import load
from models.data.prepared import Floats
from models.data.previews import images_of, stretched
from models.data.splitting import predicted, split
from models.experiment.data import Source

Doubles = NDArray[np.float64]

most_features = 1000
"""Of larger examples only the first numbers can be looked at one by one."""
most_compared = 1000


@dataclass(frozen=True, eq=False)
class Survey:
    """The examples of a source as they are before scaling, in the order of the source."""

    examples: Examples
    validates: NDArray[np.bool_]
    """(examples,): whether it is kept from training."""
    predicted: NDArray[np.int64]
    """Rows of the examples that predictions are made for, in the order they are fed: those kept from training, or else all."""
    features: tuple[str, ...]
    """Names of the first 1,000 numbers of an example at most: of columns, or places in the array such as ``x[3, 4, 0]``."""
    targets: tuple[str, ...] = ()
    """Names of the numbers to predict; none where there are classes or labels."""
    images: Array | None = None
    """(examples, height, width, channels), where each example is a picture."""
    brightness: tuple[float, float] = (0.0, 1.0)
    """The least and the greatest number in all pictures."""

    def __len__(self) -> int:
        return len(self.examples)

    @property
    def names(self) -> tuple[str, ...]:
        """Of all that can be looked at by itself: features, then numbers to predict."""
        return self.features + self.targets

    def column(self, index: int) -> Doubles:
        """(examples,): the feature or target with this number in `names`; NaN where a cell of a table is missing."""
        count = len(self.features)
        values = self._flat[:, index] if index < count else self.examples.y[:, index - count]
        return values.astype(np.float64)

    def feature(self, row: int, index: int) -> float:
        """One feature of one example."""
        return float(self._flat[row, index])

    def varying(self) -> Iterator[int]:
        """Numbers in `names` of those that are not the same in all of the first 1,000 examples, as a corner of pictures is."""
        shown = slice(most_compared)
        for index in range(len(self.features)):
            values = self._flat[shown, index]
            if (values != values[0]).any():
                yield index
        yield from range(len(self.features), len(self.names))

    def side(self, row: int) -> str:
        """``training`` or ``validation``."""
        return "validation" if self.validates[row] else "training"

    def picture(self, row: int) -> Floats:
        """(height, width, channels) from 0 to 1; only where there are `images`."""
        assert self.images is not None
        return stretched(self.images[row], *self.brightness)

    @property
    def sides(self) -> tuple[tuple[str, NDArray[np.bool_]], ...]:
        """Name and members of each part that is not empty."""
        parts = (("training", ~self.validates), ("validation", self.validates))
        return tuple((name, members) for name, members in parts if members.any())

    @property
    def classes(self) -> NDArray[np.int64] | None:
        """(examples,): number of the one class of each example; none where there are several labels, or numbers to predict."""
        return self.examples.y.astype(np.int64) if self.examples.task in ("binary", "multiclass") else None

    def class_counts(self, members: NDArray[np.bool_]) -> NDArray[np.int64]:
        """(classes,): how many of these examples belong to each class, or have each label."""
        y = self.examples.y[members]
        counts = y.sum(axis=0) if self.examples.task == "multilabel" else np.bincount(y, minlength=self.examples.outputs)
        return np.asarray(counts, dtype=np.int64)

    @property
    def _flat(self) -> Array:
        return self.examples.x.reshape(len(self.examples), -1)


def survey(source: Source, seed: int) -> Survey:
    """All examples of `source`; raises `DataError` where they cannot be used."""
    examples = load(source, seed)
    training, validation = split(examples, source, seed)
    validates = np.zeros(len(examples), dtype=bool)
    validates[validation] = True
    images = images_of(source, examples)
    brightness = (0.0, 1.0) if images is None else (float(images.min()), float(images.max()))
    rows = predicted(training, validation)
    return Survey(examples, validates, rows, feature_names(examples), target_names(examples), images, brightness)


def feature_names(examples: Examples) -> tuple[str, ...]:
    """Names of the first numbers of an example, at most 1,000."""
    shape = examples.x.shape[1:]
    places = islice(product(*map(range, shape)), most_features)
    if len(examples.feature_names) == int(np.prod(shape)):
        return examples.feature_names[:most_features]
    return tuple(f"x[{', '.join(map(str, place))}]" if len(place) > 1 else f"x{place[0]}" for place in places)


def target_names(examples: Examples) -> tuple[str, ...]:
    """Names of the numbers to predict, if it is numbers."""
    if examples.task != "regression":
        return ()
    name = examples.target_name
    return (name,) if examples.outputs == 1 else tuple(f"{name}[{index}]" for index in range(examples.outputs))
