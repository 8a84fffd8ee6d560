"""Where two experiments differ, in words."""

import json
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


def first_difference(one: object, other: object, path: str = "") -> Difference | None:
    """The first difference of two parts of a document, in the order of their declarations; none where they are equal."""
    if one == other:
        return None
    if isinstance(one, Value) and type(one) is type(other):
        parts = ((getattr(one, field.name), getattr(other, field.name), field.name) for field in fields_of(type(one)))
        found = (first_difference(left, right, f"{path}.{name}".lstrip(".")) for left, right, name in parts)
        return next(filter(None, found))
    if isinstance(one, tuple) and isinstance(other, tuple) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        return next(filter(None, (first_difference(*pair, f"{path}[{index}]") for index, pair in pairs)))
    return Difference(path, _shown(one), _shown(other))


def _shown(value: object) -> str:
    if isinstance(value, Variant):
        return value.identifier()
    if isinstance(value, tuple) and any(isinstance(item, Value) for item in value):
        return f"{len(value)} of them"
    if isinstance(value, Value):
        return "an object"
    return "nothing" if value is None else json.dumps(value, ensure_ascii=False)
