"""``new``: a good starting experiment for some data."""

import argparse
from collections.abc import Mapping
from pathlib import Path

from msgspec.structs import replace

from models.data.choosing import source_for
from models.data.loading import read_facts
from models.experiment.data import FileSource
from models.experiment.errors import BadInput
from models.experiment.experiment import Experiment
from models.experiment.starter import starter
from models.headless.checking import task_text
from models.storage.files import are_same, save


def new_command(arguments: argparse.Namespace) -> bool:
    """Write the experiment and say what it is."""
    experiment = new_experiment(arguments.data, arguments.target, file_options(arguments))
    refuse_to_overwrite_data(arguments.output, experiment)
    save(experiment, arguments.output)
    layers = ", ".join(layer.name for layer in experiment.network)
    task = task_text(read_facts(experiment.data))
    print(f"Wrote {arguments.output}: {experiment.name}, {task}, layers {layers}, {experiment.training.epochs} epochs.")
    return True


def file_options(arguments: argparse.Namespace) -> Mapping[str, object]:
    """What was said about the file beside its name, as fields of its source."""
    ignore = tuple(arguments.ignore) if arguments.ignore else None
    options = {"ignore": ignore, "missing": arguments.missing, "text": arguments.text, "task": arguments.task}
    return {name: value for name, value in options.items() if value is not None}


def new_experiment(data: str, target: str | None, options: Mapping[str, object]) -> Experiment:
    """A good start for `data`: a built-in data set, or a table or arrays read with `options`. Raises `BadInput`."""
    source = source_for(data, target)
    for name in options:
        if not isinstance(source, FileSource) or name not in source.__struct_fields__:
            kind = "a table or arrays" if name == "task" else "a table"
            raise BadInput(data, f"{kind} where --{name} is given", f"data of the kind {source.kind()}", "leave it out")
    source = replace(source, **options)
    facts = read_facts(source)
    return starter(source, facts, Path(data).stem if isinstance(source, FileSource) else source.title)


def refuse_to_overwrite_data(output: Path, experiment: Experiment) -> None:
    """Raise `BadInput` where `output` is the very file that the experiment reads its data from."""
    if isinstance(experiment.data, FileSource) and are_same(output, Path(experiment.data.path)):
        raise BadInput(str(output), "a file of its own", "the data file itself", "choose another name")
