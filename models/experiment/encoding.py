"""How labels become numbers, so that they fit the loss and the output."""

from dataclasses import dataclass
from typing import Literal

from models.experiment.base import KnownShape
from models.experiment.data import Facts
from models.experiment.losses import LossKind

Encoding = Literal["zero_one", "signed", "index", "one_hot", "signed_one_hot", "multi_hot", "signed_multi_hot", "real"]
"""0 or 1; −1 or +1; the class's number; a column of 0/1 or ±1 for each class; the same for each label; real numbers."""


@dataclass(frozen=True)
class Target:
    """What the network is compared with."""

    encoding: Encoding
    shape: KnownShape
    """Shape of one example's target: ``()`` for class numbers."""
    units: int
    """Outputs the network needs."""


def target_for(facts: Facts, loss: LossKind, output_activation: str = "linear", output_units: int | None = None) -> Target | None:
    """The target that `loss` wants of data described by `facts`, or none where they do not go together.

    A loss for real numbers (mean squared error, …) also takes classes: as −1/+1 where the output is tanh, as 0/1 otherwise.
    """
    if facts.task == "regression":
        return Target("real", (facts.outputs,), facts.outputs) if loss.labels == "real" else None
    signed = loss.labels == "signed" or (loss.labels == "real" and output_activation == "tanh")
    if facts.task == "multilabel":
        if loss.labels in ("index", "one_hot"):
            return None
        return Target("signed_multi_hot" if signed else "multi_hot", (facts.outputs,), facts.outputs)
    if loss.labels == "index":
        return Target("index", (), facts.outputs)
    if facts.task == "binary" and loss.labels != "one_hot" and output_units != 2:
        return Target("signed" if signed else "zero_one", (1,), 1)
    return Target("signed_one_hot" if signed else "one_hot", (facts.outputs,), facts.outputs)
