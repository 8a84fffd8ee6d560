"""How much the examples of each class count in the loss."""

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta

from models.experiment.base import NonNegative, Variant


class ClassWeightKind(Variant):
    """A rule for the weight of each class in the training loss; validation is not weighted, as in Keras."""

    def for_counts(self, counts: Sequence[int]) -> tuple[float, ...]:
        """The weight of each class, `counts` being how often each occurs among the training examples."""
        raise NotImplementedError


class Balanced(ClassWeightKind, tag="balanced"):
    """Rare classes count more, so that all count the same together: examples / (classes · examples of the class).

    Source: ``compute_class_weight`` of scikit-learn (``sklearn/utils/class_weight.py``).
    """

    written_bare = True

    def for_counts(self, counts: Sequence[int]) -> tuple[float, ...]:
        present = sum(count > 0 for count in counts)
        return tuple(sum(counts) / (present * count) if count else 1.0 for count in counts)


class GivenWeights(ClassWeightKind, tag="given"):
    """A weight for each class, in the order of the classes' numbers."""

    weights: Annotated[
        tuple[NonNegative, ...],
        Meta(
            min_length=2,
            max_length=1000,
            description="A number for each class, from class 0 upwards.",
            extra={"start": (1.0, 1.0)},
        ),
    ]

    def for_counts(self, counts: Sequence[int]) -> tuple[float, ...]:
        return self.weights


ClassWeight = Balanced | GivenWeights
