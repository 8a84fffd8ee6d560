"""``export``: a plain Keras script, or a ``.keras`` file."""

import argparse
import shutil
import zipfile
from pathlib import Path

from models.data.preparation import prepare
from models.engine import startup
from models.engine.errors import EngineError
from models.experiment.data import FileSource
from models.experiment.errors import BadInput
from models.experiment.experiment import Experiment
from models.headless.training import is_ready
from models.storage.atomic import write_atomically
from models.storage.files import are_same, load
from models.storage.run_folder import experiment_name, final_name


def export_command(arguments: argparse.Namespace) -> bool:
    """Write what was asked for and say where it is. Returns whether the experiment could be exported."""
    source, out = arguments.source, arguments.output
    refuse_output(out, arguments.to)
    try:
        if arguments.to == "keras" and source.is_dir():
            return _export_trained(source, out)
        return _export(load(source / experiment_name if source.is_dir() else source), arguments.to, out)
    except EngineError as error:
        raise BadInput(str(source), "an experiment that can be built here", error.sentence.rstrip(".")) from None
    except OSError as error:
        raise BadInput(str(out), "a place that can be written to", (error.strerror or str(error)).lower()) from None


def refuse_output(out: Path, to: str) -> None:
    """Raise `BadInput` where no file called `out` can be written, before anything slow begins."""
    if not out.absolute().parent.is_dir():
        raise BadInput(str(out), "a file in a folder that exists", f"no folder {out.parent}", "make it first")
    if out.is_dir():
        raise BadInput(str(out), "the name of a file", "a folder")
    if to == "keras" and out.suffix != ".keras":
        raise BadInput(str(out), "a name ending in .keras, which Keras insists on", out.suffix or "no suffix")
    if to == "script" and out.suffix == ".npz":
        raise BadInput(str(out), "a name for the script, such as train.py", ".npz, the suffix of the data beside it")


def _export_trained(folder: Path, out: Path) -> bool:
    trained = folder / final_name
    if not trained.is_file():
        raise BadInput(str(folder), f"the folder of a run, with {final_name}", "no such file in it", "is the run over?")
    if not zipfile.is_zipfile(trained):
        raise BadInput(str(trained), "a .keras file", "something else, or a damaged file")

    def copy(temporary: Path) -> None:
        shutil.copyfile(trained, temporary)

    write_atomically(out, copy)
    print(f"Wrote {out}: the network as it was trained.")
    return True


def _export(experiment: Experiment, to: str, out: Path) -> bool:
    """Export an experiment, untrained."""
    data = out.with_suffix(".npz")
    if to == "script" and isinstance(experiment.data, FileSource) and are_same(data, Path(experiment.data.path)):
        raise BadInput(str(data), "a file that may be written", "the experiment's own data", "choose another name")
    if not is_ready(experiment):
        return False
    prepared = prepare(experiment)
    startup.load()
    from models.engine.export import export_keras, export_script

    if to == "script":
        export_script(experiment, prepared, out)
        print(f"Wrote {out} and its data, {data}.")
    else:
        export_keras((experiment, prepared), out)
        print(f"Wrote {out}: the network with its initial weights.")
    return True
