"""Experiment files: ``.wiggle.json``."""

import os
from collections.abc import Callable
from pathlib import Path

from msgspec.structs import replace

from models.experiment.data import Arrays, Table
from models.experiment.errors import BadInput, system_reason
from models.experiment.experiment import Experiment
from models.storage.atomic import write_text, writing
from models.storage.codec import from_text, to_text

suffix = ".wiggle.json"
most_characters = 2**25
"""Of an experiment; a device, or a link to one, may have no end."""


def load(path: Path) -> Experiment:
    """The experiment in the file at `path`; relative paths of data and weights are taken from the file's own folder.

    Raises `BadInput` in one sentence, whatever the file holds.
    """
    try:
        with path.open(encoding="utf-8-sig") as file:
            text = file.read(most_characters + 1)
    except FileNotFoundError:
        raise BadInput(str(path), "an experiment file", "no file of that name") from None
    except UnicodeDecodeError:
        raise BadInput(str(path), "JSON text in UTF-8", "other bytes", "is this a Wiggle file?") from None
    except OSError as error:
        raise BadInput(str(path), "a file that can be read", system_reason(error)) from None
    if len(text) > most_characters:
        raise BadInput(str(path), "an experiment of at most 32 MB", "more", "is this a Wiggle file?")
    return _with_paths(from_text(text, str(path)), lambda file: path.parent / file)


def save(experiment: Experiment, path: Path) -> None:
    """Write `experiment` to `path`, atomically; paths of data and weights become relative where these lie beside it.

    Raises `BadInput` where the file cannot be written; an existing file is then untouched.
    """
    with writing(path):
        write_text(path, to_text(_with_paths(experiment, lambda file: _relative(file, path.parent))))


def are_same(one: Path, other: Path) -> bool:
    """Whether both lead to the same file; none where one of them does not exist."""
    # The method of Path raises where a name is too long for any file.
    return os.path.exists(one) and os.path.exists(other) and one.samefile(other)


def with_suffix(path: Path) -> Path:
    """`path` with the suffix of experiment files, added where it is missing."""
    if path.name.endswith(suffix):
        return path
    return path.with_name(path.name.removesuffix(".json").removesuffix(".wiggle") + suffix)


def _with_paths(experiment: Experiment, change: Callable[[Path], Path]) -> Experiment:
    """`experiment` with another path for each file that it names."""

    def changed(path: str) -> str:
        return str(change(Path(os.path.expanduser(path))))  # the method of Path raises where there is no such user

    if isinstance(experiment.data, Table | Arrays):
        experiment = replace(experiment, data=replace(experiment.data, path=changed(experiment.data.path)))
    if experiment.initial_weights is not None:
        experiment = replace(experiment, initial_weights=changed(experiment.initial_weights))
    return experiment


def _relative(path: Path, folder: Path) -> Path:
    absolute, folder = path.absolute(), folder.absolute()
    return Path(absolute.relative_to(folder).as_posix()) if absolute.is_relative_to(folder) else absolute
