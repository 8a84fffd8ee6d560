"""The file around a network: a ``.keras`` archive, JSON, or HDF5."""

import contextlib
import io
import os
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from models.experiment.counting import grouped
from models.experiment.errors import BadInput, system_reason
from models.storage import json_text
from models.storage.keras_files.arrays import StoredArrays, again, printable

config_name, metadata_name, weights_name = "config.json", "metadata.json", "model.weights.h5"
members = (config_name, metadata_name, weights_name)
"""All that Keras writes for a network that needs no program and no further files."""

most_json_bytes = 2**22
most_json_values = 300_000
most_entries = 16
most_directory_bytes = 2**16

archive_start, hdf5_start = b"PK\x03\x04", b"\x89HDF\r\n\x1a\n"
end_of_archive, end_size = b"PK\x05\x06", 22


@dataclass(frozen=True)
class Container:
    """What a file says of a network."""

    config: dict[str, object]
    arrays: StoredArrays | None
    """Its weights, where it has any."""
    legacy: bool = False
    """Whether the weights are named as in the whole-model HDF5 files of Keras 2."""


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Container]:
    """The network in the file at `path`, whose arrays can be read inside. Raises `BadInput` in one sentence for anything else."""
    place = str(path)
    with _file(path) as file:
        size = os.fstat(file.fileno()).st_size
        start = file.read(8)
        file.seek(0)
        with contextlib.ExitStack() as stack:
            if start.startswith(archive_start):
                yield _from_archive(file, size, place, stack)
            elif start == hdf5_start:
                yield _from_hdf5(file, size, place, stack)
            elif start.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b""):
                yield Container(_config(_limited(file, size, place), place), None)
            else:
                found = "a NumPy array" if start.startswith(b"\x93NUMPY") else "something else"
                raise BadInput(place, "a .keras file, the JSON of a Keras network, or an .h5 file of Keras", found)


def _file(path: Path) -> IO[bytes]:
    try:
        if path.is_dir():
            found = "a folder"
            if (path / "saved_model.pb").exists():
                found = "the folder of a SavedModel, which holds programs"
            raise BadInput(str(path), "a .keras file or the JSON of a Keras network", found, again)
        if path.exists() and not stat.S_ISREG(path.stat().st_mode):
            raise BadInput(str(path), "a .keras file or the JSON of a Keras network", "something that is no file")
        return path.open("rb")
    except FileNotFoundError:
        raise BadInput(str(path), "a .keras file or the JSON of a Keras network", "no file of that name") from None
    except OSError as error:
        raise BadInput(str(path), "a file that can be read", system_reason(error)) from None


def _limited(file: IO[bytes], size: int, place: str) -> bytes:
    if size > most_json_bytes:
        raise BadInput(place, f"at most {grouped(most_json_bytes)} bytes of JSON", grouped(size))
    return file.read(most_json_bytes)


def _config(content: bytes, place: str) -> dict[str, object]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput(place, "JSON text in UTF-8", "other bytes") from None
    config = json_text.parse(text, place, most_json_values)
    if not isinstance(config, dict):
        raise BadInput(place, "the JSON of a Keras network, an object with class_name and config", "something else")
    return config


# --- archives


def _from_archive(file: IO[bytes], size: int, place: str, stack: contextlib.ExitStack) -> Container:
    _check_directory(file, size, place)
    try:
        archive = stack.enter_context(zipfile.ZipFile(file))
        entries = archive.infolist()
        _check_entries(entries, archive.start_dir, place)
        by_name = {entry.filename: entry for entry in entries}
        if config_name not in by_name:
            raise BadInput(place, f"an archive with {config_name} in it", "none", again)
        config = _config(_member(archive, by_name[config_name], place), f"{place}, {config_name}")
        if weights_name not in by_name:
            return Container(config, None)
        window = _window(file, archive, by_name[weights_name], place)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, zlib.error, ValueError) as error:
        raise BadInput(place, "an archive that can be read", f"a damaged one ({str(error)[:80]})") from None
    arrays = stack.enter_context(StoredArrays(window, by_name[weights_name].file_size, f"{place}, {weights_name}"))
    return Container(config, arrays)


def _check_directory(file: IO[bytes], size: int, place: str) -> None:
    """Look at the archive's last 22 bytes before its table of contents is read: it may be said to have millions of entries."""
    file.seek(max(0, size - end_size))
    end = file.read(end_size)
    if len(end) < end_size or not end.startswith(end_of_archive) or end[-2:] != b"\0\0":
        raise BadInput(place, "an archive that ends with its table of contents", "something else behind it", again)
    entries = int.from_bytes(end[10:12], "little")
    if entries > most_entries or int.from_bytes(end[12:16], "little") > most_directory_bytes:
        raise BadInput(place, f"an archive of {', '.join(members)}", "one with more in it")
    file.seek(0)


def _check_entries(entries: list[zipfile.ZipInfo], directory: int, place: str) -> None:
    names = [entry.filename for entry in entries]
    for entry in entries:
        name = shown_name(entry.filename)
        where = f"{place}, {name}"
        if entry.filename not in members:
            raise BadInput(place, f"an archive of {', '.join(members)} only", f"“{name}”", _why_foreign(entry.filename))
        if names.count(entry.filename) > 1:
            raise BadInput(place, "every name once", f"“{name}” twice")
        if entry.flag_bits & 0x41:
            raise BadInput(where, "content that is not encrypted", "encrypted content")
        if stat.S_ISLNK(entry.external_attr >> 16) or entry.is_dir():
            raise BadInput(where, "a file", "a link or a folder")
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise BadInput(where, "content that is stored or deflated", f"compression of type {entry.compress_type}")
        if entry.filename != weights_name and entry.file_size > most_json_bytes:
            raise BadInput(where, f"at most {grouped(most_json_bytes)} bytes of JSON", grouped(entry.file_size))
        if entry.filename == weights_name and (entry.compress_type or entry.compress_size != entry.file_size):
            raise BadInput(where, "weights that are stored as they are, as Keras does it", "compressed ones", again)
    _check_places(entries, directory, place)


def _check_places(entries: list[zipfile.ZipInfo], directory: int, place: str) -> None:
    """Refuse entries that share bytes: a few kilobytes could unpack to any size."""
    ordered = sorted(entries, key=lambda entry: entry.header_offset)
    ends = [*(entry.header_offset for entry in ordered[1:]), directory]
    for entry, end in zip(ordered, ends, strict=True):
        if entry.header_offset < 0 or entry.header_offset + 30 + len(entry.filename) + entry.compress_size > end:
            raise BadInput(place, "entries that follow one another", f"“{entry.filename}” reaching into what comes next")


def _why_foreign(name: str) -> str:
    if name.startswith(("/", "\\")) or ".." in name or ":" in name:
        return "a name that leads out of the archive is never followed"
    if name.startswith("assets"):
        return "files of lookup layers and vocabularies are not taken over"
    if name.endswith(".npy"):
        return "arrays are opened as data: File ▸ Open data"
    if name.endswith(".pb"):
        return "a SavedModel holds programs, which are not run"
    return again


def _member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, place: str) -> bytes:
    """All of a small entry, however much it unpacks to."""
    with archive.open(entry) as member:
        content = member.read(most_json_bytes + 1)
    if len(content) != entry.file_size:
        raise BadInput(f"{place}, {entry.filename}", f"{grouped(entry.file_size)} bytes", "another number of them")
    return content


def _window(file: IO[bytes], archive: zipfile.ZipFile, entry: zipfile.ZipInfo, place: str) -> "Window":
    with archive.open(entry):  # compares the entry with the table of contents
        pass
    file.seek(entry.header_offset + 26)
    lengths = file.read(4)
    start = entry.header_offset + 30 + int.from_bytes(lengths[:2], "little") + int.from_bytes(lengths[2:], "little")
    if start + entry.file_size > archive.start_dir:
        raise BadInput(place, "entries that follow one another", f"“{entry.filename}” reaching into what comes next")
    return Window(file, start, entry.file_size)


class Window(io.RawIOBase):
    """A part of a file, as a file of its own."""

    def __init__(self, file: IO[bytes], start: int, size: int) -> None:
        self._file, self._start, self._size, self._position = file, start, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._size}[whence]
        self._position = max(0, base + offset)
        return self._position

    def readinto(self, buffer) -> int:  # type: ignore[no-untyped-def]  # noqa: ANN001
        count = max(0, min(len(buffer), self._size - self._position))
        self._file.seek(self._start + self._position)
        content = self._file.read(count)
        buffer[: len(content)] = content
        self._position += len(content)
        return len(content)


# --- HDF5


def _from_hdf5(file: IO[bytes], size: int, place: str, stack: contextlib.ExitStack) -> Container:
    arrays = stack.enter_context(StoredArrays(file, size, place))
    texts = arrays.texts("", "model_config", most_json_bytes)
    if not texts:
        found = "weights alone" if arrays.holds("layers") else "other content"
        raise BadInput(place, "an .h5 file that holds a whole network", found, again)
    return Container(_config(texts[0].encode(), f"{place}, model_config"), arrays, legacy=True)


def shown_name(name: str) -> str:
    """A name out of a stranger's file, fit for a sentence."""
    return printable(name[:60])
