"""Which examples train and which validate."""

import numpy as np

from models.data.errors import DataError, Place
from models.data.examples import Array, Examples, counts
from models.data.randomness import Use, generator, integer_seed
from models.experiment.data import Curve, Plane, RandomNumbers, Sequences, SourceKind


def split(examples: Examples, source: SourceKind, seed: int) -> tuple[Array, Array]:
    """Numbers of the rows that train and of those that validate.

    Made-up points, sequences and numbers are in random order already: the first train, as in the Playground. A file that comes
    split stays so. All others are shuffled, with every class in the same proportion on both sides where that is possible.
    """
    training, validation = counts(examples, source)
    if training < 1:
        found = f"none of {len(examples)} with a validation share of {source.test_share:g}"
        raise DataError(Place(source.kind()), "an example to train with", found, "lower the validation share")
    everything = np.arange(len(examples))
    if isinstance(source, Plane | Curve | Sequences | RandomNumbers) or examples.training_rows is not None:
        return everything[:training], everything[training:]
    if not validation:
        return generator(seed, Use.SPLIT).permutation(everything), everything[:0]
    from sklearn.model_selection import train_test_split

    labels = examples.y if _can_stratify(examples, training, validation) else None
    state = integer_seed(seed, Use.SPLIT)
    chosen = train_test_split(everything, train_size=training, test_size=validation, random_state=state, stratify=labels)
    return chosen[0], chosen[1]


def predicted(training: Array, validation: Array) -> Array:
    """Numbers of the rows that predictions are made for: those that validate, or those that train where there are none."""
    return validation if len(validation) else training


def _can_stratify(examples: Examples, training: int, validation: int) -> bool:
    if examples.task not in ("binary", "multiclass"):
        return False
    sizes = np.bincount(examples.y)
    present = sizes[sizes > 0]
    return bool(present.min() >= 2) and min(training, validation) >= len(present)
