"""``new``: a good starting experiment for some data."""

import argparse
from pathlib import Path

from models.data.choosing import source_for
from models.data.loading import read_facts
from models.experiment.data import FileSource
from models.experiment.errors import BadInput
from models.experiment.experiment import Experiment
from models.experiment.starter import starter
from models.storage.files import save


def new_command(arguments: argparse.Namespace) -> bool:
    """Write the experiment and say what it is."""
    experiment = new_experiment(arguments.data, arguments.target)
    refuse_to_overwrite_data(arguments.output, experiment)
    save(experiment, arguments.output)
    layers = ", ".join(layer.name for layer in experiment.network)
    print(f"Wrote {arguments.output}: {experiment.name}, layers {layers}, {experiment.training.epochs} epochs.")
    return True


def new_experiment(data: str, target: str | None) -> Experiment:
    """A good start for `data`: a built-in data set, a table or arrays. Raises `DataError`."""
    source = source_for(data, target)
    facts = read_facts(source)
    return starter(source, facts, Path(data).stem if isinstance(source, FileSource) else source.title)


def refuse_to_overwrite_data(output: Path, experiment: Experiment) -> None:
    """Raise `BadInput` where `output` is the very file that the experiment reads its data from."""
    if isinstance(experiment.data, FileSource) and _same(output, Path(experiment.data.path)):
        raise BadInput(str(output), "a file of its own", "the data file itself", "choose another name")


def _same(one: Path, other: Path) -> bool:
    return one.exists() and other.exists() and one.samefile(other)
