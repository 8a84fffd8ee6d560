"""Blocks: layers that a person keeps under a name to build with, each in a file of its own, ``<name>.block.json``."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Annotated

from msgspec import Meta
from msgspec.structs import replace

from models.experiment.base import Value
from models.experiment.counting import grouped
from models.experiment.errors import BadInput, system_reason
from models.experiment.experiment import Network
from models.experiment.layers import AnyLayer
from models.storage.atomic import write_text, writing
from models.storage.codec import to_text, validated, value_from_text

suffix = ".block.json"
largest_file = 1_000_000
"""Bytes; a block of 1,000 layers with all fields set has fewer."""
most_files = 500
"""Blocks that are read from a folder."""


class Block(Value):
    """Layers that belong together. What they name as inputs and is not among them stands for the layer before the block."""

    name: Annotated[
        str,
        Meta(
            pattern=r"^[^\s./\\:*?\"<>|\x00-\x1f][^/\\:*?\"<>|\x00-\x1f]*(?<![\s.])(?!\n)$",
            max_length=60,
            description="What the block is called, and its file.",
            extra={"form": 'a name without / \\ : * ? " < > |, which neither begins nor ends with a space or a dot'},
        ),
    ]
    description: Annotated[str, Meta(max_length=200, description="What it is for, in a line.")] = ""
    layers: Annotated[Network, Meta(min_length=1, max_length=1000, description="The layers from first to last.")]


@dataclass(frozen=True)
class Kept:
    """A block in its file."""

    block: Block
    path: Path


@dataclass(frozen=True)
class Folder:
    """The blocks of a folder in the order of their names, and why files in it could not be read, a sentence each."""

    blocks: tuple[Kept, ...] = ()
    problems: tuple[str, ...] = ()


def read_folder(folder: Path) -> Folder:
    """All blocks in `folder`; a file that is none stops no other."""
    blocks: list[Kept] = []
    problems: list[str] = []
    for path in sorted(islice(_files(folder), most_files)):
        try:
            blocks.append(Kept(read(path), path))
        except BadInput as problem:
            problems.append(str(problem))
    return Folder(tuple(sorted(blocks, key=lambda kept: kept.block.name.lower())), tuple(problems))


def read(path: Path) -> Block:
    """The block in the file at `path`. Raises `BadInput`, whatever the file holds."""
    place = path.name
    try:
        with path.open("rb") as file:
            content = file.read(largest_file + 1)
    except OSError as error:
        raise BadInput(place, "a file that can be read", system_reason(error)) from None
    if len(content) > largest_file:
        raise BadInput(place, f"a block of at most {grouped(largest_file // 1000)} kB", "a larger file")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput(place, "JSON text in UTF-8", "other bytes", "is this a block of Wiggle?") from None
    return value_from_text(text, Block, place)


def free_path(name: str, layers: Iterable[AnyLayer], folder: Path) -> Path:
    """Where `keep` would write. Raises `BadInput` where `name` cannot be a block's, or another block has it."""
    return _path_of(validated(Block(name=name.strip(), layers=tuple(layers))), folder)


def keep(name: str, layers: Iterable[AnyLayer], folder: Path) -> Kept:
    """Write `layers` to `folder` as a block called `name`. Raises `BadInput` where that cannot be, or the name is taken."""
    return _write(validated(Block(name=name.strip(), layers=tuple(layers))), folder)


def renamed_path(kept: Kept, name: str) -> Path:
    """Where `rename` would write. Raises `BadInput` as `free_path` does."""
    return kept.path if name.strip() == kept.block.name else free_path(name, kept.block.layers, kept.path.parent)


def rename(kept: Kept, name: str) -> Kept:
    """Give a block another name, and its file. Raises `BadInput` as `keep` does."""
    if name.strip() == kept.block.name:
        return kept
    block = validated(replace(kept.block, name=name.strip()))
    renamed = _write(block, kept.path.parent)
    remove(kept)
    return renamed


def remove(kept: Kept) -> None:
    """Delete the file of a block; one that is gone already is no error. Raises `BadInput` where it cannot be."""
    try:
        kept.path.unlink(missing_ok=True)
    except OSError as error:
        raise BadInput(kept.path.name, "a file that can be deleted", system_reason(error)) from None


def _path_of(block: Block, folder: Path) -> Path:
    """The file of a block that is new in `folder`; systems differ in whether capitals matter, so here they do not."""
    path = folder / f"{block.name}{suffix}"
    taken = {kept.name.lower() for kept in _files(folder)}
    if path.name.lower() in taken:
        raise BadInput("name", "one that no other block has", f"“{block.name}”", "delete that block first")
    return path


def _write(block: Block, folder: Path) -> Kept:
    path = _path_of(block, folder)
    with writing(path):
        folder.mkdir(parents=True, exist_ok=True)
        write_text(path, to_text(block))
    return Kept(block, path)


def _files(folder: Path) -> Iterable[Path]:
    return folder.glob(f"*{suffix}") if folder.is_dir() else ()
