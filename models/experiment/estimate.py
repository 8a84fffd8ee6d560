"""How much memory a training needs, from shapes alone, before anything is allocated."""

from dataclasses import dataclass
from math import prod

from models.experiment.base import Shape
from models.experiment.data import Facts
from models.experiment.experiment import Experiment
from models.experiment.layers.base import Parameters

bytes_per_number = 4
"""All arrays are float32."""


@dataclass(frozen=True)
class Estimate:
    """Bytes by use."""

    parameter_bytes: int
    optimizer_bytes: int
    """What the optimizer remembers of each weight."""
    gradient_bytes: int
    backup_bytes: int
    """The last finite state, which a diverging run goes back to, and the best weights where a rule keeps them."""
    activation_bytes: int
    """Outputs of all layers for one batch, those of every step in a recurrent one, and their gradients."""
    data_bytes: int

    @property
    def total(self) -> int:
        """All of it together."""
        held = self.parameter_bytes + self.optimizer_bytes + self.gradient_bytes + self.backup_bytes
        return held + self.activation_bytes + self.data_bytes


def estimate(experiment: Experiment, facts: Facts) -> Estimate:
    """Memory that training `experiment` needs. The network must be free of errors."""
    outputs, parameters = _walk(experiment, facts.input_shape)
    held = bytes_per_number * parameters.total
    learned = bytes_per_number * parameters.trainable
    optimizer = experiment.training.optimizer
    remembered = learned * (optimizer.slots + (optimizer.gradient_accumulation_steps is not None))
    examples = facts.training_samples + facts.validation_samples
    stopping = experiment.training.early_stopping
    best = held * (bool(stopping and stopping.restore_best_weights) + bool(experiment.training.keep_best))
    batch = min(experiment.training.batch_size, facts.training_samples)
    return Estimate(
        parameter_bytes=held,
        optimizer_bytes=remembered,
        gradient_bytes=learned,
        backup_bytes=held + remembered + best,
        activation_bytes=2 * bytes_per_number * batch * outputs,
        data_bytes=bytes_per_number * examples * (facts.input_size + facts.outputs),
    )


def _walk(experiment: Experiment, shape: Shape) -> tuple[int, Parameters]:
    """Numbers that are kept for one example, its own among them, and those that all layers hold."""
    kept, trainable, fixed = prod(shape), 0, 0
    for layer in experiment.network:
        held = layer.parameters(shape)
        trainable, fixed = trainable + held.trainable, fixed + held.non_trainable
        kept += layer.kept_numbers(shape)
        shape = layer.output_shape(shape)
    return kept, Parameters(trainable, fixed)
