"""The figures that a run measures: their names, and which way they get better."""

from typing import TYPE_CHECKING, Literal, get_args

Metric = Literal[
    "accuracy",
    "top_k_categorical_accuracy",
    "precision",
    "recall",
    "auc",
    "f1_score",
    "mean_absolute_error",
    "mean_squared_error",
    "root_mean_squared_error",
    "mean_absolute_percentage_error",
    "r2_score",
    "cosine_similarity",
]
"""Figures beside the loss. ``accuracy`` means, as in Keras, the kind of accuracy that fits the labels."""

validation_prefix = "val_"
"""Stands before the name of a figure that is measured on the validation data."""

if TYPE_CHECKING:
    Monitor = str
else:
    Monitor = Literal[*(f"{prefix}{name}" for name in ("loss", *get_args(Metric)) for prefix in (validation_prefix, ""))]
"""What a rule can watch: the loss or a metric, on the training or (``val_``) on the validation data."""


def measured(monitor: Monitor) -> str:
    """The loss or metric behind a monitor: ``accuracy`` for ``val_accuracy``."""
    return monitor.removeprefix(validation_prefix)


def smaller_is_better(name: str) -> bool:
    """Whether a figure of this name is the better the smaller it is: losses, penalties and errors are, accuracies are not."""
    return name.endswith(("loss", "_error", "penalty"))
