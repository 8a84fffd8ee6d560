"""Rules that act at the end of an epoch, under the names of Keras's callbacks: stop, keep the best, lower the learning rate."""

from typing import Annotated, Literal

from msgspec import Meta

from models.experiment.base import NonNegative, Variant
from models.experiment.figures import Monitor

Watched = Annotated[Monitor, Meta(description="The figure to watch.")]
MinDelta = Annotated[NonNegative, Meta(description="A change smaller than this is no improvement.")]
Epochs = Annotated[int, Meta(ge=0, le=10_000_000)]
Mode = Annotated[
    Literal["auto", "min", "max"], Meta(description="Whether smaller or greater is better; auto: as the name of the figure says.")
]


class EarlyStopping(Variant, tag="EarlyStopping"):
    """End the run when a figure has stopped improving."""

    monitor: Watched = "val_loss"
    patience: Annotated[
        Epochs,
        Meta(
            description="Epochs without improvement after which the run ends; a branch with other settings counts anew.",
            extra={"unit": "epochs"},
        ),
    ] = 10
    min_delta: MinDelta = 0.0
    mode: Mode = "auto"
    baseline: Annotated[float | None, Meta(description="Improvements count only once the figure is better than this.")] = None
    restore_best_weights: Annotated[bool, Meta(description="End with the weights of the best epoch, not the last ones.")] = True
    start_from_epoch: Annotated[Epochs, Meta(description="Epochs at the beginning that are not looked at.")] = 0


class ReduceLROnPlateau(Variant, tag="ReduceLROnPlateau"):
    """Lower the learning rate when a figure has stopped improving."""

    monitor: Watched = "val_loss"
    factor: Annotated[float, Meta(gt=0, lt=1, description="What the learning rate is multiplied with.")] = 0.1
    patience: Annotated[
        Epochs, Meta(description="Epochs without improvement after which the learning rate is lowered.", extra={"unit": "epochs"})
    ] = 10
    min_delta: MinDelta = 0.0001
    mode: Mode = "auto"
    cooldown: Annotated[
        Epochs, Meta(description="Epochs after a change in which nothing is counted.", extra={"unit": "epochs"})
    ] = 0
    min_lr: Annotated[NonNegative, Meta(description="The learning rate is never lowered below this.")] = 0.0
