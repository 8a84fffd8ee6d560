"""How much memory a training needs, from shapes alone, before anything is allocated."""

import math
from dataclasses import dataclass

from models.experiment.base import Shape
from models.experiment.data import Facts
from models.experiment.experiment import Experiment
from models.experiment.graph import input_name, sources
from models.experiment.layers.base import Parameters, size_of

bytes_per_number = 4
"""All arrays are float32."""
resident_bytes = 2**30
"""Examples that take more than this are not copied to the device as a whole, but batch by batch while it trains."""


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
    return Estimate(
        parameter_bytes=held,
        optimizer_bytes=remembered,
        gradient_bytes=learned,
        backup_bytes=held + remembered + best,
        activation_bytes=activation_bytes(outputs, experiment, facts),
        data_bytes=bytes_per_number * examples * (facts.input_size + facts.outputs),
    )


def shortage(needed: Estimate, available: int, device: str) -> str:
    """Why a training does not fit into the `available` bytes; empty if it does. `device` says these: "cpu has 8 GB free"."""
    streamed = max(0, needed.data_bytes - resident_bytes)
    if needed.total - streamed <= available:
        return ""
    shares = {
        "the outputs of the layers for one batch (lower the batch size)": needed.activation_bytes,
        "the data (use fewer examples)": needed.data_bytes,
        "the weights and what the optimizer keeps of them (use fewer units or filters)": needed.total
        - needed.activation_bytes
        - needed.data_bytes,
    }
    largest = max(shares, key=lambda share: shares[share])
    return (
        f"This training needs about {size_text(needed.total)}, and {device}. "
        f"Most of it is for {largest}: {size_text(shares[largest])}."
    )


def batch_of(experiment: Experiment, facts: Facts) -> int:
    """Examples in a batch: no more than there are."""
    return min(experiment.training.batch_size, facts.training_samples)


def activation_bytes(numbers: int, experiment: Experiment, facts: Facts) -> int:
    """Memory of `numbers` that are kept of each example of a batch until the gradient is computed, and of their gradients."""
    return 2 * bytes_per_number * batch_of(experiment, facts) * numbers


def size_text(size: float) -> str:
    """`size` in bytes as people write it: ``2.4 kB``."""
    if size < 1000:
        return f"{size:.0f} B"
    units = ("kB", "MB", "GB", "TB")
    power = min(int(math.log10(size) / 3), len(units))
    scaled = size / 1000**power
    if scaled >= 999.5 and power < len(units):  # 999 950 B are 1.0 MB, not 1000 kB
        power, scaled = power + 1, scaled / 1000
    return f"{scaled:.0f} {units[power - 1]}" if scaled >= 99.95 else f"{scaled:.1f} {units[power - 1]}"


def _walk(experiment: Experiment, shape: Shape) -> tuple[int, Parameters]:
    """Numbers that are kept for one example, its own among them, and those that all layers hold."""
    kept, trainable, fixed = size_of(shape), 0, 0
    outputs = {input_name: shape}
    for layer, names in zip(experiment.network, sources(experiment.network), strict=True):
        shapes = [outputs[name] for name in names]
        held = layer.held_of(shapes)
        trainable, fixed = trainable + held.trainable, fixed + held.non_trainable
        kept += layer.kept_of(shapes)
        outputs[layer.name] = layer.output_of(shapes)
    return kept, Parameters(trainable, fixed)
