"""What is common to files of all kinds: whether they can be read, and whether they have changed."""

import os
from pathlib import Path
from stat import S_ISREG

from models.data.errors import DataError, Place, suggestion

Stamp = tuple[int, int]
"""Time of the last change in nanoseconds and size in bytes: a file with the same stamp has not changed."""


def stamp_of(path: str) -> Stamp:
    """The stamp of the file at `path`, which must be one."""
    place = Place(path)
    try:
        status = os.stat(path)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise DataError(place, "a file", reason[:1].lower() + reason[1:], _remedy(path)) from None
    if Path(path).is_dir():
        raise DataError(place, "a file", "a folder", "name a file in it")
    if not S_ISREG(status.st_mode):  # a pipe, on which a reader would wait, or a device without an end
        raise DataError(place, "a file", "something else", "choose another")
    return status.st_mtime_ns, status.st_size


def unreadable(path: str, error: OSError) -> DataError:
    """The sentence for a file that is there but may not be read."""
    reason = error.strerror or str(error)
    return DataError(Place(path), "a readable file", reason[:1].lower() + reason[1:], "check its permissions")


def _remedy(path: str) -> str:
    file = Path(path)
    try:
        neighbours = [each.name for each in file.parent.iterdir() if each.name != file.name]
    except (OSError, ValueError):
        return "check the path"
    return suggestion(file.name, neighbours) or "check the path"
