"""Experiments that train in no time."""

from models.experiment.data import Plane, Spiral
from models.experiment.edits import set_at
from models.experiment.experiment import Experiment
from models.experiment.starter import starter


def small_experiment(**changes: object) -> Experiment:
    """A network that trains in no time, with `changes` at paths such as ``training.epochs`` (dots written as ``__``)."""
    source: Plane = Spiral(samples=60)
    experiment = set_at(starter(source, source.facts(), "Small"), "training.epochs", 2)
    for path, value in changes.items():
        experiment = set_at(experiment, path.replace("__", "."), value)
    return experiment
