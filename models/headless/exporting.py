"""``export``: an experiment as a script, its network as a file of Keras or of another program."""

import argparse
import sys
import zipfile
from pathlib import Path

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from models.data.preparation import prepare
from models.engine import startup
from models.engine.errors import EngineError
from models.experiment.data import FileSource
from models.experiment.errors import BadInput
from models.experiment.experiment import Experiment
from models.headless.checking import problem_lines, report_on
from models.headless.training import is_ready
from models.storage.atomic import copy_file, write_bytes, writing
from models.storage.files import are_same, load
from models.storage.formats import Format, formats
from models.storage.run_folder import data_name, experiment_name, final_name


def export_command(arguments: argparse.Namespace) -> bool:
    """Write what was asked for and say where it is. Returns whether the experiment could be exported."""
    source, out, form = arguments.source, arguments.output, formats[arguments.to]
    refuse_output(out, form)
    if form.content == "network" and source.is_dir():
        refuse_untrained(source)
    experiment = load(source / experiment_name if source.is_dir() else source)
    refuse_to_overwrite(out, form, source, experiment)
    try:
        with writing(out):
            if form.content == "drawing":
                return _draw(experiment, form, out)
            if form.content == "network" and source.is_dir():
                return _export_trained(source, experiment, form, out)
            return _export(experiment, form, out)
    except EngineError as error:
        raise BadInput(str(source), "an experiment that can be exported here", error.sentence.rstrip(".")) from None


def refuse_output(out: Path, form: Format) -> None:
    """Raise `BadInput` where nothing called `out` can be written, before anything slow begins."""
    if not out.absolute().parent.is_dir():
        raise BadInput(str(out), "a file in a folder that exists", f"no folder {out.parent}", "make it first")
    if form.is_folder:
        if out.is_file():
            raise BadInput(str(out), "the name of a folder", "a file")
        if out.is_dir() and any(out.iterdir()) and not (out / "saved_model.pb").is_file():
            raise BadInput(str(out), f"a free name, or a {form.title} to replace", "a folder with something else in it")
    elif out.is_dir():
        raise BadInput(str(out), "the name of a file", "a folder")
    if form.name == "keras" and out.suffix != ".keras":
        raise BadInput(str(out), "a name ending in .keras, which Keras insists on", out.suffix or "no suffix")
    if form.name == "script" and out.suffix == ".npz":
        raise BadInput(str(out), "a name for the script, such as train.py", ".npz, the suffix of the data beside it")


def refuse_to_overwrite(out: Path, form: Format, source: Path, experiment: Experiment) -> None:
    """Raise `BadInput` where the experiment itself, or its data, would be lost."""
    if are_same(out, source):
        raise BadInput(str(out), "a file that may be written", "the experiment itself", "choose another name")
    for written in (out, out.with_suffix(".npz")) if form.content == "script" else (out,):
        if isinstance(experiment.data, FileSource) and are_same(written, Path(experiment.data.path)):
            raise BadInput(str(written), "a file that may be written", "the experiment's own data", "choose another name")


def refuse_untrained(folder: Path) -> None:
    """Raise `BadInput` where `folder` holds no trained network."""
    trained = folder / final_name
    if not trained.is_file():
        raise BadInput(str(folder), f"the folder of a run, with {final_name}", "no such file in it", "is the run over?")
    if not zipfile.is_zipfile(trained):
        raise BadInput(str(trained), "a .keras file", "something else, or a damaged file")


def _draw(experiment: Experiment, form: Format, out: Path) -> bool:
    """Write what the network looks like."""
    from models.drawing.files import drawn

    report = report_on(replace(experiment, initial_weights=None))  # weights cannot be seen, and their file may be elsewhere
    if not report.ready:
        print("\n".join(problem_lines(report.problems)), file=sys.stderr)
        return False
    write_bytes(out, drawn(experiment, report, form.name))
    print(f"Wrote {out}.")
    return True


def _export_trained(folder: Path, experiment: Experiment, form: Format, out: Path) -> bool:
    """Export the network of a run as it was trained."""
    trained = folder / final_name
    said = ""
    if form.name == "keras":
        copy_file(trained, out)
    else:
        examples = _examples(folder, experiment)
        startup.load()
        from models.engine.formats import convert

        said = convert(trained, form.name, out, examples)
    _tell(out, form, "as it was trained", said)
    return True


def _examples(folder: Path, experiment: Experiment) -> NDArray[np.float32]:
    """Examples as the network of the run in `folder` was fed them."""
    if not (folder / data_name).is_file():
        return prepare(experiment).x_train
    try:
        with np.load(folder / data_name, allow_pickle=False) as arrays:
            found: NDArray[np.float32] = arrays["x_train"]
            return found
    except Exception:  # each way of packing an archive has errors of its own for damage, with advice for programmers
        reason = "something else, or a damaged file"
        raise BadInput(str(folder / data_name), "the data of a run", reason, "train once more, or remove it") from None


def _export(experiment: Experiment, form: Format, out: Path) -> bool:
    """Export an experiment, untrained."""
    if not is_ready(experiment):
        return False
    prepared = prepare(experiment)
    startup.load()
    if form.content == "script":
        from models.engine.export import export_script

        export_script(experiment, prepared, out)
        print(f"Wrote {out} and its data, {out.with_suffix('.npz')}.")
    else:
        from models.engine.formats import write
        from models.engine.session import build

        said = write(build(experiment, prepared), form.name, out, prepared.x_train)
        _tell(out, form, "with its initial weights", said)
    return True


def _tell(out: Path, form: Format, weights: str, said: str) -> None:
    what = "without weights" if form.name == "json" else weights
    print(" ".join(filter(None, (f"Wrote {out}: the network {what}.", said))))
