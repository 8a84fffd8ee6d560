"""What of an experiment decides the figures of its run."""

from msgspec.structs import replace

from models.experiment.experiment import Experiment


def essence(experiment: Experiment) -> Experiment:
    """What decides a run: everything but the name, what is collapsed, and the learning rate, which acts at once."""
    optimizer = replace(experiment.training.optimizer, learning_rate=1.0)
    return replace(experiment, name="", collapsed=(), training=replace(experiment.training, optimizer=optimizer))


def course(experiment: Experiment) -> Experiment:
    """What decides each step of a run: its essence but for the length."""
    experiment = essence(experiment)
    return replace(experiment, training=replace(experiment.training, epochs=1, steps=None))
