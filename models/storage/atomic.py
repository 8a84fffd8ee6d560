"""Files that are either as they were or complete, whatever happens in between."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from models.experiment.errors import BadInput, system_reason


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Raise `BadInput` where the disk refuses what is done inside to write `path`."""
    try:
        yield
    except OSError as error:
        raise BadInput(str(path), "a place that can be written to", system_reason(error)) from None


def write_atomically(path: Path, write: Callable[[Path], None]) -> None:
    """Let `write` fill a temporary file beside `path`, bring it to the disk, and put it in the place of `path`.

    Where anything fails, `path` is untouched, nothing is left beside it, and the error goes on to the caller. Where `path` is a
    link, the file it points to is written.
    """
    path = Path(os.path.realpath(path))
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.", suffix=path.suffix)
    os.close(handle)
    temporary = Path(name)
    try:
        write(temporary)
        _synchronize(temporary)
        temporary.chmod(_usual_mode(path))
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    _synchronize_folder(path.parent)


def write_folder_atomically(path: Path, write: Callable[[Path], None]) -> None:
    """Let `write` fill a temporary folder beside `path`, bring it to the disk, and put it in the place of `path`.

    Where anything fails, `path` is as it was, nothing is left beside it, and the error goes on to the caller. A folder cannot be
    replaced in one step: for a moment the earlier one has another name, and comes back if the new one cannot take its place.
    """
    path = Path(os.path.realpath(path))
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name[:40]}.", ignore_cleanup_errors=True) as name:
        new, old = Path(name, "new"), Path(name, "old")
        new.mkdir()
        write(new)
        for folder, _, files in os.walk(new):
            for file in files:
                _synchronize(Path(folder, file))
            _synchronize_folder(Path(folder))
        if path.exists():
            os.rename(path, old)
        try:
            os.rename(new, path)
        except BaseException:
            if old.exists():
                os.rename(old, path)
            raise
    _synchronize_folder(path.parent)


def write_text(path: Path, text: str) -> None:
    """Write `text` as UTF-8, atomically."""
    write_atomically(path, lambda temporary: _write_text(temporary, text))


def write_bytes(path: Path, content: bytes) -> None:
    """Write `content`, atomically."""
    write_atomically(path, lambda temporary: _write_bytes(temporary, content))


def copy_file(source: Path, path: Path) -> None:
    """Write the content of `source` to `path`, atomically."""
    write_atomically(path, lambda temporary: _copy(source, temporary))


def _copy(source: Path, path: Path) -> None:
    shutil.copyfile(source, path)


def _write_bytes(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def _usual_mode(path: Path) -> int:
    if path.exists():
        return path.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def _synchronize_folder(path: Path) -> None:
    if os.name == "posix":
        _synchronize(path)


def _synchronize(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
