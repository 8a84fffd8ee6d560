"""Where two experiments differ, in words."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from models.experiment.base import Value, Variant
from models.experiment.fields import fields_of


@dataclass(frozen=True)
class Difference:
    """The first field that two values do not have in common."""

    path: str
    """Such as ``network[0].units``."""
    one: str
    other: str


def first_difference(one: object, other: object) -> Difference | None:
    """The first difference of two parts of a document, in the order of their declarations; none where they are equal."""
    return next(differences(one, other), None)


def differences(one: object, other: object, path: str = "") -> Iterator[Difference]:
    """All differences of two parts of a document, in the order of their declarations."""
    if one == other:
        return
    if isinstance(one, Value) and type(one) is type(other):
        for field in fields_of(type(one)):
            name = field.name
            yield from differences(getattr(one, name), getattr(other, name), f"{path}.{name}".lstrip("."))
    elif isinstance(one, tuple) and isinstance(other, tuple) and len(one) == len(other):
        for index, (left, right) in enumerate(zip(one, other, strict=True)):
            yield from differences(left, right, f"{path}[{index}]")
    else:
        yield Difference(path, _shown(one), _shown(other))


def _shown(value: object) -> str:
    if isinstance(value, Variant):
        return value.identifier()
    if isinstance(value, tuple) and any(isinstance(item, Value) for item in value):
        return f"{len(value)} of them"
    if isinstance(value, Value):
        return "an object"
    return "nothing" if value is None else json.dumps(value, ensure_ascii=False)
