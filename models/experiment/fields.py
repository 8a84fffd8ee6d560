"""The declarations, read: what may stand in each field, in a form that inspector, codec and tests share.

Nothing here knows a particular class; everything comes from ``msgspec.inspect`` and the ``Meta`` of the fields.
"""

import math
import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Annotated, Any, Literal, cast, get_args, get_origin

import msgspec
from msgspec import inspect, structs

from models.experiment.base import Value, Variant

most_told, first_told = 50, 8
"""Of the kinds of a value: so many are all told where one was expected, and of more than that so many."""


class Integer(msgspec.Struct, frozen=True):
    """A whole number between two bounds, both allowed."""

    least: int
    most: int

    def expectation(self) -> str:
        """What may stand here, in words."""
        return f"a whole number from {self.least} to {self.most}"


class Real(msgspec.Struct, frozen=True):
    """A number between two bounds; `open_least` and `open_most` tell that the bound itself is not allowed."""

    least: float = -math.inf
    most: float = math.inf
    open_least: bool = False
    open_most: bool = False

    def contains(self, value: float) -> bool:
        """Whether `value` lies between the bounds."""
        above = value > self.least if self.open_least else value >= self.least
        below = value < self.most if self.open_most else value <= self.most
        return above and below and math.isfinite(value)

    def expectation(self) -> str:
        """What may stand here, in words."""
        lower = f"{'greater than' if self.open_least else 'at least'} {self.least:g}" if self.least > -math.inf else ""
        upper = f"{'less than' if self.open_most else 'at most'} {self.most:g}" if self.most < math.inf else ""
        return " ".join(("a number", " and ".join(filter(None, (lower, upper))))).strip()


class Switch(msgspec.Struct, frozen=True):
    """Yes or no."""

    def expectation(self) -> str:
        """What may stand here, in words."""
        return "true or false"


class Choice(msgspec.Struct, frozen=True):
    """One of a few words."""

    options: tuple[str, ...]

    def expectation(self) -> str:
        """What may stand here, in words."""
        return "one of " + ", ".join(
            option if option.isprintable() and option[:1].isalnum() else repr(option) for option in self.options
        )


class Text(msgspec.Struct, frozen=True):
    """A piece of text."""

    pattern: str | None = None
    least_length: int = 0
    most_length: int | None = None
    form: str = ""
    """What the pattern and the lengths mean, in words."""

    def contains(self, text: str) -> bool:
        """Whether `text` keeps to the pattern and the lengths; the end of the pattern is that of the text, not of its line."""
        if self.pattern and not re.search(self.pattern.replace("$", r"\Z"), text):
            return False
        return self.least_length <= len(text) <= (self.most_length or len(text))

    def expectation(self) -> str:
        """What may stand here, in words."""
        if self.form:
            return self.form
        if self.least_length and not self.most_length:
            return "text that is not empty"
        return f"text of at most {self.most_length} characters" if self.most_length else "text"


class OneOf(msgspec.Struct, frozen=True):
    """A value of one of several kinds, each with fields of its own."""

    kinds: tuple[type[Variant], ...]

    def expectation(self) -> str:
        """What may stand here, in words: all names, or the first of as many as nobody reads to the end."""
        names = [kind.identifier() for kind in self.kinds]
        told, left = (names, 0) if len(names) <= most_told else (names[:first_told], len(names) - first_told)
        return f"one of {', '.join(told)}" + (f" and {left} more" if left else "")

    def find(self, name: str) -> type[Variant] | None:
        """The kind that is called `name`, by any of its names."""
        return next((kind for kind in self.kinds if name in kind.identifiers()), None)


class Part(msgspec.Struct, frozen=True):
    """A value with fields of its own, of one kind."""

    kind: type[Value]

    def expectation(self) -> str:
        """What may stand here, in words."""
        return "an object"


class Row(msgspec.Struct, frozen=True):
    """Several values of the same type; `length` is given where it is fixed, as for height and width."""

    item: "FieldType"
    least: int = 0
    most: int | None = None
    open: bool = False
    """Whether any of them may be none, as a size that is not known."""

    @property
    def length(self) -> int | None:
        """Number of values where it is fixed."""
        return self.least if self.least == self.most else None

    def expectation(self) -> str:
        """What may stand here, in words."""
        what = "values or null" if self.open else "values"
        if self.length:
            return f"a list of {self.length} {what}"
        return f"a list of {self.least} {what} or more" if self.least else "a list"


FieldType = Integer | Real | Switch | Choice | Text | OneOf | Part | Row


class Field(msgspec.Struct, frozen=True):
    """One field of a declaration."""

    name: str
    type: FieldType
    optional: bool
    """Whether the value may be none."""
    required: bool
    """Whether the declaration has no default, because Keras has none."""
    default: Any
    """Keras's default; for a required field the value a new object starts with."""
    description: str
    group: str
    """Heading under which the field stands; empty for the first ones."""
    logarithmic: bool
    """Whether the value is best chosen on a logarithmic scale."""
    start: Any
    """What an optional field holds once it is to hold something; none where any legal value would do."""
    unit: str
    """What is counted, where the name does not say it."""
    none: str
    """What it means that an optional field holds none, in a word or two."""
    own_control: bool
    """Whether a form leaves the field to a control made for it alone."""
    at_call: bool
    """Whether Keras takes the value when the layer is called, and not when it is made."""

    def expectation(self) -> str:
        """What may stand in the field, in words."""
        return self.type.expectation() + (" or none" if self.optional else "")


@cache
def fields_of(kind: type[Value]) -> tuple[Field, ...]:
    """The fields of a declaration in order; of a variant those come first that it cannot be without, and groups come last."""
    fields = [_field(field) for field in structs.fields(kind)]
    if issubclass(kind, Variant):
        fields.sort(key=lambda field: (field.name != "name", not field.own_control, bool(field.group), not field.required))
    return tuple(fields)


def item_fields(field: Field, count: int) -> tuple[Field, ...]:
    """The first `count` values of a row that have fields of their own, as fields called by their positions: ``0``, ``1``."""
    assert isinstance(field.type, Row)
    shared = {"type": field.type.item, "required": True, "default": msgspec.NODEFAULT, "optional": False, "group": ""}
    return tuple(structs.replace(field, name=str(position), **shared) for position in range(count))


def field_of(kind: type[Value], name: str) -> Field:
    """The field called `name`."""
    return next(field for field in fields_of(kind) if field.name == name)


def new(kind: type[Value], **values: object) -> Value:
    """A value of this kind in which every field is at its default or starting value, `values` aside."""
    starts = {field.name: field.default for field in fields_of(kind) if field.required and field.default is not msgspec.NODEFAULT}
    return kind(**starts | values)


def kinds_in(union: object) -> tuple[type[Variant], ...]:
    """The kinds that a union such as ``Optimizer`` is made of, in its order."""
    info, _ = _without_metadata(_inspected(union))
    return _variants(info.types if isinstance(info, inspect.UnionType) else (info,))


def declarations_in(kind: type[Value]) -> tuple[type[Value], ...]:
    """Every declaration that can be part of a value of this kind, itself first."""
    found: dict[type[Value], None] = {}

    def visit(declaration: type[Value]) -> None:
        if declaration not in found:
            found[declaration] = None
            for field in fields_of(declaration):
                for inner in _declarations_at(field.type):
                    visit(inner)

    visit(kind)
    return tuple(found)


def same(first: object, second: object) -> bool:
    """Whether two field values are the same, a number and a truth value being different."""
    return type(first) is type(second) and first == second


def changed_fields(value: Value) -> Iterator[tuple[Field, Any]]:
    """The fields of `value` that are not at their default, with their values; required fields always."""
    for field in fields_of(type(value)):
        content = getattr(value, field.name)
        if field.required or not same(content, field.default):
            yield field, content


def _inspected(annotation: object) -> inspect.Type:
    """What msgspec says of `annotation`, the declarations in it left shut.

    ``inspect.type_info`` alone would look into every declaration that can be reached, which is nearly all there are.
    """
    if get_origin(annotation) is Annotated:
        bare, *metas = get_args(annotation)
        if not _has_declarations(bare):
            return inspect.type_info(annotation)
        # Whatever may stand there has the same description; lengths mean something for a row only.
        stand_in = tuple[Any, ...] if get_origin(bare) is tuple else Any
        return _around(inspect.type_info(Annotated[stand_in, *metas]), _inspected(bare))
    if not _has_declarations(annotation):
        return inspect.type_info(annotation)
    if get_origin(annotation) is tuple:
        return inspect.VarTupleType(_inspected(get_args(annotation)[0]))
    if get_args(annotation):
        return inspect.UnionType(tuple(_inspected(option) for option in get_args(annotation)))
    return inspect.StructType(cast(type[msgspec.Struct], annotation), ())


def _has_declarations(annotation: object) -> bool:
    """Whether a declaration is named anywhere in `annotation`."""
    return (isinstance(annotation, type) and issubclass(annotation, msgspec.Struct)) or any(
        map(_has_declarations, get_args(annotation))
    )


def _around(described: inspect.Type, core: inspect.Type) -> inspect.Type:
    """`core` with the metadata and the lengths of `described`, which stands for it."""
    if isinstance(described, inspect.Metadata):
        return structs.replace(described, type=_around(described.type, core))
    if isinstance(described, inspect.VarTupleType) and isinstance(core, inspect.VarTupleType):
        return structs.replace(described, item_type=core.item_type)
    return core


def _field(field: structs.FieldInfo) -> Field:
    core, metas, optional = _without_none(_inspected(field.type))
    schema: dict[str, Any] = {}
    extra: dict[str, Any] = {}
    for meta in reversed(metas):
        schema |= meta.extra_json_schema or {}
        extra |= meta.extra or {}
    default = extra.get("start", msgspec.NODEFAULT) if field.required else field.default
    if field.default_factory is not msgspec.NODEFAULT:
        default = field.default_factory()
    return Field(
        name=field.encode_name,
        type=_type(core, field.type, extra.get("form", "")),
        optional=optional,
        required=field.required,
        default=default,
        description=schema.get("description", ""),
        group=extra.get("group", ""),
        logarithmic=extra.get("log", False),
        start=extra.get("start"),
        unit=extra.get("unit", ""),
        none=extra.get("none", "none"),
        own_control=extra.get("own_control", False),
        at_call=extra.get("at_call", False),
    )


def _declarations_at(place: FieldType) -> tuple[type[Value], ...]:
    match place:
        case OneOf():
            return place.kinds
        case Part():
            return (place.kind,)
        case Row():
            return _declarations_at(place.item)
    return ()


def _without_metadata(kind: inspect.Type) -> tuple[inspect.Type, list[inspect.Metadata]]:
    metas = []
    while isinstance(kind, inspect.Metadata):
        metas.append(kind)
        kind = kind.type
    return kind, metas


def _without_none(kind: inspect.Type) -> tuple[inspect.Type, list[inspect.Metadata], bool]:
    """`kind` without its metadata, the metadata, and whether it may be none, which is left out of it then."""
    core, metas = _without_metadata(kind)
    if not isinstance(core, inspect.UnionType) or not core.includes_none:
        return core, metas, False
    rest = tuple(item for item in core.types if not isinstance(item, inspect.NoneType))
    core, more = _without_metadata(rest[0] if len(rest) == 1 else inspect.UnionType(rest))
    return core, metas + more, True


def _type(kind: inspect.Type, annotation: object, form: str = "") -> FieldType:
    """What may stand where msgspec sees `kind`; `form` is what a pattern means, in words."""
    core, metas = _without_metadata(kind)
    form = next((words for meta in metas if (words := (meta.extra or {}).get("form"))), form)
    match core:
        case inspect.BoolType():
            return Switch()
        case inspect.IntType():
            return Integer(core.ge if core.ge is not None else -(2**31), core.le if core.le is not None else 2**31 - 1)
        case inspect.FloatType():
            return _real(core)
        case inspect.StrType():
            return Text(core.pattern, core.min_length or 0, core.max_length, form)
        case inspect.LiteralType():
            return Choice(_as_declared(core.values, annotation))
        case inspect.StructType():
            return OneOf(_variants((core,))) if issubclass(core.cls, Variant) else Part(cast(type[Value], core.cls))
        case inspect.UnionType():
            return OneOf(_variants(core.types))
        case inspect.VarTupleType():
            item, _, optional = _without_none(core.item_type)
            found = _type(item if optional else core.item_type, annotation)
            return Row(found, core.min_length or 0, core.max_length, optional)
        case inspect.TupleType():
            return Row(_type(core.item_types[0], annotation), len(core.item_types), len(core.item_types))
    raise TypeError(f"no form for {core!r}")


def _as_declared(options: Iterable[object], annotation: object) -> tuple[str, ...]:
    """The options of a choice in the order of the declaration, which msgspec does not keep."""
    return next(found for found in _literals(annotation) if set(found) == set(options))


def _literals(annotation: object) -> Iterator[tuple[str, ...]]:
    if get_origin(annotation) is Literal:
        yield get_args(annotation)
    for inner in get_args(annotation):
        yield from _literals(inner)


def _variants(types: Iterable[inspect.Type]) -> tuple[type[Variant], ...]:
    return tuple(cast(type[Variant], item.cls) for item in types if isinstance(item, inspect.StructType))


def _real(core: inspect.FloatType) -> Real:
    least, open_least = (core.gt, True) if core.gt is not None else (core.ge, False)
    most, open_most = (core.lt, True) if core.lt is not None else (core.le, False)
    return Real(-math.inf if least is None else least, math.inf if most is None else most, open_least, open_most)
