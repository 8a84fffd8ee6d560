"""How the network is trained: loss, optimizer, metrics, batches, epochs."""

from typing import Annotated, Literal

from msgspec import Meta

from models.experiment.base import Value
from models.experiment.losses import Loss
from models.experiment.optimizers import Adam, Optimizer

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


class Training(Value):
    """Everything about a run that is neither data nor network."""

    loss: Annotated[Loss, Meta(description="What training makes small.")]
    optimizer: Annotated[Optimizer, Meta(description="The rule that turns a gradient into a step.")] = Adam()
    metrics: Annotated[
        tuple[Metric, ...] | None,
        Meta(description="Figures to report beside the loss; none given: accuracy for classes, mean absolute error for numbers."),
    ] = None
    batch_size: Annotated[int, Meta(ge=1, le=1_000_000, description="Examples a step looks at.")] = 32
    epochs: Annotated[int, Meta(ge=0, le=10_000_000, description="How often all training examples are gone through.")] = 1
    shuffle: Annotated[bool, Meta(description="New order of the examples in every epoch.")] = True
