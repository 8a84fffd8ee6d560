"""Keras's losses for arrays, each with the labels and the output it is made for.

Losses of sequences without alignment (``CTC``) need lengths beside the labels and are not offered.
"""

from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from models.experiment.base import NonNegative, Positive, Share, Variant

Labels = Literal["binary", "one_hot", "index", "signed", "real"]
"""How a loss wants its targets: 0/1; one column a class; the class's number; −1/+1; real numbers."""


class LossKind(Variant):
    """What training makes small."""

    written_bare = True

    labels: ClassVar[Labels] = "real"
    activations: ClassVar[tuple[str, ...]] = ("linear",)
    """Keras's names of the output activations that belong to the loss; the first is the one to propose. Empty: any."""

    @property
    def takes_logits(self) -> bool:
        """Whether the loss expects raw scores and applies the sigmoid or softmax itself."""
        return bool(getattr(self, "from_logits", False))


Logits = Annotated[bool, Meta(description="The output is raw scores: the loss applies the sigmoid or softmax itself.")]
Smoothing = Annotated[Share, Meta(description="Moves the labels from 0 and 1 towards each other by this share.")]
Gamma = Annotated[NonNegative, Meta(description="γ: how little weight easy examples get.")]
Alpha = Annotated[float, Meta(ge=0, le=1, description="α: weight of the positive class.")]


class MeanSquaredError(LossKind, tag="MeanSquaredError"):
    """Mean of (y − ŷ)². The usual loss of regression."""

    keras_name = "mean_squared_error"
    aliases = ("mse",)
    activations = ("linear", "tanh", "sigmoid")


class MeanAbsoluteError(LossKind, tag="MeanAbsoluteError"):
    """Mean of |y − ŷ|: outliers count less than with squares."""

    keras_name = "mean_absolute_error"
    aliases = ("mae",)
    activations = ("linear", "tanh", "sigmoid")


class MeanAbsolutePercentageError(LossKind, tag="MeanAbsolutePercentageError"):
    """Mean of 100·|y − ŷ| / |y|: targets must stay away from 0."""

    keras_name = "mean_absolute_percentage_error"
    aliases = ("mape",)


class MeanSquaredLogarithmicError(LossKind, tag="MeanSquaredLogarithmicError"):
    """Mean of (log(1 + y) − log(1 + ŷ))²: for targets from 0 upwards that span orders of magnitude."""

    keras_name = "mean_squared_logarithmic_error"
    aliases = ("msle",)
    activations = ("linear", "softplus", "relu", "exponential")


class Huber(LossKind, tag="Huber"):
    """Squared for small errors, absolute for large ones."""

    keras_name = "huber"

    delta: Annotated[Positive, Meta(description="Where squares end and absolute values begin.")] = 1.0


class LogCosh(LossKind, tag="LogCosh"):
    """Mean of log(cosh(ŷ − y)): a smooth Huber loss."""

    keras_name = "log_cosh"


class CosineSimilarity(LossKind, tag="CosineSimilarity"):
    """Minus the cosine of the angle between y and ŷ. Lengths do not count, so one output is not enough."""

    keras_name = "cosine_similarity"


class Poisson(LossKind, tag="Poisson"):
    """Mean of ŷ − y·log ŷ: for counts, with an output that must be positive."""

    keras_name = "poisson"
    activations = ("exponential", "softplus")


class BinaryCrossentropy(LossKind, tag="BinaryCrossentropy"):
    """Cross-entropy of yes/no answers: one sigmoid output a question."""

    keras_name = "binary_crossentropy"
    aliases = ("bce",)
    labels = "binary"
    activations = ("sigmoid", "hard_sigmoid", "sparse_sigmoid")

    from_logits: Logits = False
    label_smoothing: Smoothing = 0.0


class BinaryFocalCrossentropy(LossKind, tag="BinaryFocalCrossentropy"):
    """Binary cross-entropy in which easy examples count less (Lin et al., 2018)."""

    keras_name = "binary_focal_crossentropy"
    labels = "binary"
    activations = ("sigmoid", "hard_sigmoid", "sparse_sigmoid")

    apply_class_balancing: Annotated[bool, Meta(description="Weigh the classes by α and 1 − α.")] = False
    alpha: Alpha = 0.25
    gamma: Gamma = 2.0
    from_logits: Logits = False
    label_smoothing: Smoothing = 0.0


class CategoricalCrossentropy(LossKind, tag="CategoricalCrossentropy"):
    """Cross-entropy of one class out of several: softmax output, labels as one column a class."""

    keras_name = "categorical_crossentropy"
    labels = "one_hot"
    activations = ("softmax", "sparsemax")

    from_logits: Logits = False
    label_smoothing: Smoothing = 0.0


class CategoricalFocalCrossentropy(LossKind, tag="CategoricalFocalCrossentropy"):
    """Categorical cross-entropy in which easy examples count less."""

    keras_name = "categorical_focal_crossentropy"
    labels = "one_hot"
    activations = ("softmax", "sparsemax")

    alpha: Annotated[Alpha, Meta(description="α: weight of every class.")] = 0.25
    gamma: Gamma = 2.0
    from_logits: Logits = False
    label_smoothing: Smoothing = 0.0


class CategoricalGeneralizedCrossEntropy(LossKind, tag="CategoricalGeneralizedCrossEntropy"):
    """(1 − p^q) / q of the true class's probability p: robust against wrong labels (Zhang & Sabuncu, 2018)."""

    keras_name = "categorical_generalized_cross_entropy"
    written_bare = False  # keras.losses.get does not know the name
    labels = "index"
    activations = ("softmax", "sparsemax")

    q: Annotated[float, Meta(gt=0, lt=1, description="Towards 0 like cross-entropy, towards 1 like the absolute error.")] = 0.5


class SparseCategoricalCrossentropy(LossKind, tag="SparseCategoricalCrossentropy"):
    """Cross-entropy of one class out of several: softmax output, labels as class numbers."""

    keras_name = "sparse_categorical_crossentropy"
    labels = "index"
    activations = ("softmax", "sparsemax")

    from_logits: Logits = False


class KLDivergence(LossKind, tag="KLDivergence"):
    """Σ y·log(y / ŷ): distance of two distributions."""

    keras_name = "kl_divergence"
    aliases = ("kld",)
    labels = "one_hot"
    activations = ("softmax", "sparsemax")


class Hinge(LossKind, tag="Hinge"):
    """Mean of max(0, 1 − y·ŷ) with y = ±1 and a linear output: the support vector machine's loss."""

    keras_name = "hinge"
    labels = "signed"
    activations = ("linear", "tanh")


class SquaredHinge(LossKind, tag="SquaredHinge"):
    """Mean of max(0, 1 − y·ŷ)² with y = ±1 and a linear output."""

    keras_name = "squared_hinge"
    labels = "signed"
    activations = ("linear", "tanh")


class CategoricalHinge(LossKind, tag="CategoricalHinge"):
    """max(0, 1 + best wrong score − score of the true class): the hinge loss of several classes, linear output."""

    keras_name = "categorical_hinge"
    labels = "one_hot"
    activations = ("linear", "tanh")


class Dice(LossKind, tag="Dice"):
    """1 − 2·Σyŷ / (Σy + Σŷ): overlap of masks, over the whole batch."""

    keras_name = "dice"
    labels = "binary"
    activations = ("sigmoid", "softmax", "hard_sigmoid", "sparse_sigmoid")


class Tversky(LossKind, tag="Tversky"):
    """Dice with separate weights for false positives (α) and false negatives (β)."""

    keras_name = "tversky"
    labels = "binary"
    activations = ("sigmoid", "softmax", "hard_sigmoid", "sparse_sigmoid")

    alpha: Annotated[NonNegative, Meta(description="α: weight of false positives.")] = 0.5
    beta: Annotated[NonNegative, Meta(description="β: weight of false negatives.")] = 0.5


class Circle(LossKind, tag="Circle"):
    """Circle loss of embeddings: examples of a class are drawn together, others apart (Sun et al., 2020)."""

    keras_name = "circle"
    labels = "index"
    activations = ()

    gamma: Annotated[Positive, Meta(description="γ: scale of the similarities.")] = 80.0
    margin: Annotated[float, Meta(ge=0, le=1, description="How far classes are kept apart.")] = 0.4
    remove_diagonal: Annotated[bool, Meta(description="Leave out the comparison of an example with itself.")] = True


Loss = (
    BinaryCrossentropy
    | CategoricalCrossentropy
    | SparseCategoricalCrossentropy
    | MeanSquaredError
    | MeanAbsoluteError
    | Hinge
    | SquaredHinge
    | CategoricalHinge
    | Huber
    | LogCosh
    | BinaryFocalCrossentropy
    | CategoricalFocalCrossentropy
    | CategoricalGeneralizedCrossEntropy
    | KLDivergence
    | Poisson
    | CosineSimilarity
    | MeanAbsolutePercentageError
    | MeanSquaredLogarithmicError
    | Dice
    | Tversky
    | Circle
)
