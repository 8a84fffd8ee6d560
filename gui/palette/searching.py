"""Which kinds of layers and which blocks answer what a person types, and which would accept what comes in."""

import re

from models.experiment.base import Shape
from models.experiment.edits import new_layer
from models.experiment.fields import kinds_in
from models.experiment.layers import AnyLayer
from models.experiment.layers.base import Layer
from models.experiment.layers.left_out import left_out
from models.storage.blocks import Kept

fewest_letters = 3
"""Of a query from which on layers of Keras that are left out answer it, with the reason."""


def layer_kinds() -> tuple[type[Layer], ...]:
    """The kinds of the catalogue in its order."""
    return tuple(kind for kind in kinds_in(AnyLayer) if issubclass(kind, Layer))


def relevance(kind: type[Layer], query: str) -> int | None:
    """How well `kind` answers `query`, 0 being best; none where a word of `query` is not found in it."""
    scores = [_word_relevance(kind, word) for word in query.lower().split()]
    found = [score for score in scores if score is not None]
    return sum(found) if len(found) == len(scores) else None


def search(query: str) -> dict[type[Layer], int]:
    """The kinds that answer `query` and how well; where none does, those in whose name its letters follow each other."""
    kinds = layer_kinds()
    found = {kind: score for kind in kinds if (score := relevance(kind, query)) is not None}
    letters = re.compile(".*".join(map(re.escape, query.lower().replace(" ", ""))))
    return found or {kind: 0 for kind in kinds if letters.search(kind.kind().lower())}


def block_answers(kept: Kept, query: str) -> bool:
    """Whether each word of `query` is in the block's name, in what it is for, or in a kind of its layers."""
    block = kept.block
    text = " ".join(("block", block.name, block.description, *(layer.kind() for layer in block.layers))).lower()
    return all(word in text for word in query.lower().split())


def reasons(query: str) -> tuple[str, ...]:
    """Why layers of Keras in whose names each word of `query` is are not in the catalogue, a sentence each."""
    words = query.lower().split()
    if not any(len(word) >= fewest_letters for word in words):
        return ()
    return tuple(
        f"{name} is not offered: {reason}." for name, reason in left_out.items() if all(word in name.lower() for word in words)
    )


def objection(kind: type[Layer], shape: Shape | None) -> str:
    """Why a new layer of this kind would not accept an input of `shape`; empty where it would, or the shape is not known."""
    if shape is None:
        return ""
    complaints = new_layer(kind).complaints_of((shape,) * kind.least_inputs)
    return next((complaint.sentence for complaint in complaints if complaint.severity == "error"), "")


def _word_relevance(kind: type[Layer], word: str) -> int | None:
    name = kind.kind().lower()
    initials = "".join(re.findall(r"[A-Z0-9]", kind.kind())).lower()
    described = re.findall(r"\w+", (kind.__doc__ or "").lower())
    tests = (
        name == word,
        name.startswith(word),
        initials.startswith(word),
        word in name,
        kind.family.startswith(word),
        any(each.startswith(word) for each in described),
    )
    return tests.index(True) if any(tests) else None
