"""The blocks a person can build with: those that come with the program, and their own."""

import itertools
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QStandardPaths

from gui.prompts import BlockQuestion, Prompts
from models.experiment.errors import BadInput
from models.experiment.layers import AnyLayer
from models.storage import blocks
from models.storage.blocks import Folder, Kept

built_in_folder = Path(__file__).resolve().parent.parent / "resources" / "blocks"


def own_folder() -> Path:
    """Where the system keeps what a program's user has made."""
    place = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.GenericDataLocation)
    return Path(place) / "wiggle" / "blocks"


class BlockShelf:
    """Reads, keeps, renames and deletes blocks; asks and tells through the window's prompts."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    @property
    def folder(self) -> Path:
        """Where a person's own blocks are kept."""
        return self._folder if self._folder is not None else own_folder()

    def read(self) -> Folder:
        """All blocks as they are now, those of the program first."""
        built_in, own = blocks.read_folder(built_in_folder), blocks.read_folder(self.folder)
        return Folder((*built_in.blocks, *own.blocks), (*built_in.problems, *own.problems))

    def is_own(self, kept: Kept) -> bool:
        """Whether a block may be renamed and deleted."""
        return kept.path.parent == self.folder

    def save(self, layers: Sequence[AnyLayer], prompts: Prompts) -> str | None:
        """Ask for a name and keep `layers` under it; the name, or none where that was given up."""
        question = BlockQuestion("Save as block", "Save", tuple(layers), lambda name: blocks.free_path(name, layers, self.folder))
        usual = self._free_name(layers[0].name)
        return self._named(question, usual, prompts, lambda name: blocks.keep(name, layers, self.folder))

    def rename(self, kept: Kept, prompts: Prompts) -> str | None:
        """Ask for another name of a block; the name, or none where that was given up."""
        question = BlockQuestion("Rename the block", "Rename", kept.block.layers, lambda name: blocks.renamed_path(kept, name))
        return self._named(question, kept.block.name, prompts, lambda name: blocks.rename(kept, name))

    def delete(self, kept: Kept, prompts: Prompts) -> bool:
        """Delete a block once a person agrees; whether it is gone."""
        name = kept.block.name
        if not prompts.agreed(f"Delete the block “{name}”?", "Networks built with it keep their layers.", "Delete"):
            return False
        try:
            blocks.remove(kept)
        except BadInput as problem:
            prompts.trouble(f"“{name}” was not deleted.", str(problem))
            return False
        return True

    def _free_name(self, name: str) -> str:
        """`name`, or that with the first number behind it that no block has yet."""
        taken = {kept.block.name.lower() for kept in blocks.read_folder(self.folder).blocks}
        names = itertools.chain((name,), (f"{name} {number}" for number in itertools.count(2)))
        return next(each for each in names if each.lower() not in taken)

    def _named(self, question: BlockQuestion, usual: str, prompts: Prompts, do: Callable[[str], Kept]) -> str | None:
        """Ask until the name will do, or nobody wants to give one."""
        name: str | None = usual
        while (name := prompts.block_name(question, name or "")) is not None:
            try:
                return do(name).block.name
            except BadInput as problem:
                prompts.trouble("This name will not do.", str(problem))
        return None
