"""What every declared value of the document is made of.

A value is declared once, as a frozen ``msgspec.Struct`` whose fields carry their limits and their description. That
declaration is the file format, its validation, the form in the inspector, the tooltip and the source of the property tests.
"""

from typing import Annotated, Any, ClassVar, dataclass_transform

import msgspec
from msgspec import Meta

type_name = "kind"
"""The field of a file that tells which declaration an object follows."""


class Declaration(msgspec.StructMeta):
    """Makes every class declared below frozen, with fields given by name only."""

    def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **options: Any) -> "Declaration":  # noqa: ANN401
        return super().__new__(cls, name, bases, namespace, **{"frozen": True, "kw_only": True} | options)


@dataclass_transform(frozen_default=True, kw_only_default=True)
class Value(msgspec.Struct, metaclass=Declaration, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A frozen part of the document; equal when all fields are equal."""


class Variant(Value, tag_field=type_name):
    """One of several kinds of value that may stand in the same place, told apart by ``kind``."""

    keras_name: ClassVar[str] = ""
    """Keras's own identifier, where it differs from the kind: ``"he_normal"`` for ``HeNormal``."""
    aliases: ClassVar[tuple[str, ...]] = ()
    """Other identifiers that Keras accepts."""
    written_bare: ClassVar[bool] = False
    """Whether a file holds the identifier alone, in place of the object, where every field is at its default."""

    @classmethod
    def kind(cls) -> str:
        """The tag of this declaration in a file, which is the name of the class in Keras."""
        tag = cls.__struct_config__.tag
        assert isinstance(tag, str)
        return tag

    @classmethod
    def identifier(cls) -> str:
        """The name that stands for this value with every field at its default."""
        return cls.keras_name or cls.kind()

    @classmethod
    def identifiers(cls) -> tuple[str, ...]:
        """Every name by which a file may call this kind."""
        return tuple(dict.fromkeys((cls.identifier(), *cls.aliases, cls.kind())))


Shape = tuple[int | None, ...]
"""Sizes of an array without its first axis, the batch: ``(8, 8, 1)`` for an 8×8 image with one channel.

None where a size is not known, such as the length of sequences that differ in it.
"""
KnownShape = tuple[int, ...]
"""A shape of which every size is known."""

most_axes = 5
"""Axes of one example at most, the batch left out: a sequence of volumes with channels has as many."""

Axis = Annotated[int, Meta(ge=-most_axes - 1, le=most_axes)]
"""Keras's number of an axis: the batch is 0, −1 the last."""
Count = Annotated[int, Meta(ge=1, le=1_000_000)]
Positive = Annotated[float, Meta(gt=0)]
NonNegative = Annotated[float, Meta(ge=0)]
Share = Annotated[float, Meta(ge=0, lt=1)]
"""A part of a whole that may not be all of it, such as a dropout rate."""
Decay = Annotated[float, Meta(ge=0, le=1)]
"""A factor of a moving average."""
Pair = tuple[Count, Count]
"""Height and width. A single number in a file stands for both, as in Keras."""
Triple = tuple[Count, Count, Count]
"""Depth, height and width."""
Edge = Annotated[int, Meta(ge=0, le=1_000_000)]
Edges = tuple[Edge, Edge]
"""How much at the beginning of an axis, and how much at its end."""
