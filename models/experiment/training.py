"""How the network is trained: loss, optimizer, metrics, batches, epochs."""

from math import ceil
from typing import Annotated, Literal

from msgspec import Meta

from models.experiment.base import Value
from models.experiment.class_weights import ClassWeight
from models.experiment.figures import Metric, Monitor
from models.experiment.losses import Loss
from models.experiment.optimizers import Adam, Optimizer
from models.experiment.rules import EarlyStopping, ReduceLROnPlateau
from models.experiment.schedules import Schedule, Steps

Precision = Literal["float32", "mixed_bfloat16", "mixed_float16"]
"""Keras's dtype policies."""

learning_rate_group = "Learning rate"
ending_group = "End of the run"


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
    steps: Annotated[
        Steps | None,
        Meta(
            description="Length of the run in steps, also inside an epoch; none: epochs decide.",
            extra={"start": 1000, "none": "by epochs"},
        ),
    ] = None
    shuffle: Annotated[bool, Meta(description="New order of the examples in every epoch.")] = True
    class_weight: Annotated[ClassWeight | None, Meta(description="How much each class counts in the training loss.")] = None
    precision: Annotated[
        Precision,
        Meta(description="What to compute with; mixed: faster and smaller on a GPU that has it, while weights stay float32."),
    ] = "float32"
    schedule: Annotated[
        Schedule | None,
        Meta(description="How the learning rate changes; none: it stays as it is.", extra={"group": learning_rate_group}),
    ] = None
    warmup_steps: Annotated[
        Steps | None,
        Meta(
            description="Steps in which the learning rate rises evenly from 0, before the schedule begins.",
            extra={"group": learning_rate_group, "start": 100},
        ),
    ] = None
    reduce_on_plateau: Annotated[
        ReduceLROnPlateau | None,
        Meta(description="Lower the learning rate when a figure has stopped improving.", extra={"group": learning_rate_group}),
    ] = None
    early_stopping: Annotated[
        EarlyStopping | None,
        Meta(description="End the run when a figure has stopped improving.", extra={"group": ending_group}),
    ] = None
    keep_best: Annotated[
        Monitor | None,
        Meta(description="End with the weights of the epoch in which this figure was best.", extra={"group": ending_group}),
    ] = None

    def steps_per_epoch(self, examples: int) -> int:
        """Steps that go through so many training examples once."""
        return ceil(examples / self.batch_size)

    def total_steps(self, examples: int) -> int:
        """Steps of a run with so many training examples, as long as nothing ends it before."""
        return self.epochs * self.steps_per_epoch(examples) if self.steps is None else self.steps
