"""Experiment files: ``.wiggle.json``."""

import os
from collections.abc import Callable
from pathlib import Path

from msgspec.structs import replace

from models.experiment.data import Arrays, Table
from models.experiment.errors import BadInput
from models.experiment.experiment import Experiment
from models.storage.atomic import write_text
from models.storage.codec import from_text, to_text

suffix = ".wiggle.json"


def load(path: Path) -> Experiment:
    """The experiment in the file at `path`; a relative path of its data is taken from the file's own folder.

    Raises `BadInput` in one sentence, whatever the file holds.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise BadInput(str(path), "an experiment file", "no file of that name") from None
    except UnicodeDecodeError:
        raise BadInput(str(path), "JSON text in UTF-8", "other bytes", "is this a Wiggle file?") from None
    except OSError as error:
        raise BadInput(str(path), "a file that can be read", _reason(error)) from None
    return _with_data_path(from_text(text, str(path)), lambda data: path.parent / data)


def save(experiment: Experiment, path: Path) -> None:
    """Write `experiment` to `path`, atomically; the path of its data becomes relative where the data lie beside the file.

    Raises `BadInput` where the file cannot be written; an existing file is then untouched.
    """
    try:
        write_text(path, to_text(_with_data_path(experiment, lambda data: _relative(data, path.parent))))
    except OSError as error:
        raise BadInput(str(path), "a place that can be written to", _reason(error)) from None


def are_same(one: Path, other: Path) -> bool:
    """Whether both lead to the same file; none where one of them does not exist."""
    # The method of Path raises where a name is too long for any file.
    return os.path.exists(one) and os.path.exists(other) and one.samefile(other)


def with_suffix(path: Path) -> Path:
    """`path` with the suffix of experiment files, added where it is missing."""
    if path.name.endswith(suffix):
        return path
    return path.with_name(path.name.removesuffix(".json").removesuffix(".wiggle") + suffix)


def _with_data_path(experiment: Experiment, change: Callable[[Path], Path]) -> Experiment:
    if not isinstance(experiment.data, Table | Arrays):
        return experiment
    path = change(Path(os.path.expanduser(experiment.data.path)))  # the method of Path raises where there is no such user
    return replace(experiment, data=replace(experiment.data, path=str(path)))


def _relative(path: Path, folder: Path) -> Path:
    absolute, folder = path.absolute(), folder.absolute()
    return Path(absolute.relative_to(folder).as_posix()) if absolute.is_relative_to(folder) else absolute


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
