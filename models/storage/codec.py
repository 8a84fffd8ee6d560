"""An experiment as text and back.

The declarations in ``models.experiment`` are the format; this module adds what a file has beyond them: the version, bare names
in place of objects with all fields at their default, and errors that say where, what was expected and what was found.
"""

import difflib
import json
import re
from collections.abc import Callable, Mapping
from typing import Any, NoReturn, TypeVar

import msgspec

from models.experiment.base import Value, Variant, type_name
from models.experiment.errors import BadInput
from models.experiment.experiment import Experiment
from models.experiment.fields import FieldType, OneOf, Part, Row, changed_fields, field_of, fields_of
from models.storage import json_text

version = 1
"""The version of the format that is written."""

T = TypeVar("T", bound=Value)
Raw = dict[str, Any]
migrations: Mapping[int, Callable[[Raw], Raw]] = {}
"""From a version to a function that turns its raw document into the next version's."""


def to_text(value: Value) -> str:
    """The content of a file: JSON, two spaces, fields at their default left out."""
    return json.dumps({"version": version} | to_raw(value), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def from_text(text: str, place: str) -> Experiment:
    """The experiment in `text`. Raises `BadInput` whose place begins with `place`, the name of the file."""
    return value_from_text(text, Experiment, place)


def value_from_text(text: str, kind: type[T], place: str) -> T:
    """The value of this kind in the `text` of a file. Raises `BadInput` as `from_text` does."""
    return from_raw(migrate(_parse(text, place), place), kind, place)


def to_raw(value: Value) -> Raw:
    """`value` as plain dictionaries, lists, numbers and text."""
    raw: Raw = {type_name: value.kind()} if isinstance(value, Variant) else {}
    for field, content in changed_fields(value):
        raw[field.name] = _plain(content)
    return raw


def from_raw(raw: object, kind: type[T], place: str) -> T:
    """The value of this kind that `to_raw` gave, checked against its declaration. Raises `BadInput`."""
    reader = _Reader(place)
    expanded = reader.expand_part(raw, kind, "")
    try:
        return msgspec.convert(expanded, kind)
    except msgspec.ValidationError as error:
        reader.refuse_after(error, expanded, kind)


def validated(value: T) -> T:
    """`value`, once it is certain that it keeps to its declaration. Raises `BadInput`."""
    return from_raw(to_raw(value), type(value), type(value).__name__)


def migrate(raw: Raw, place: str) -> Raw:
    """`raw` brought to the present version, without the version. Raises `BadInput` for a version that is not known."""
    found = raw.get("version")
    if not isinstance(found, int) or isinstance(found, bool) or found < 1:
        known = " or ".join(map(str, range(1, version + 1)))
        raise BadInput(f"{place}, version", known, shown(found), "is this a Wiggle file?")
    if found > version:
        raise BadInput(
            f"{place}, version", f"at most {version}", str(found), "it was written by a newer Wiggle: open it with that one"
        )
    for step in range(found, version):
        raw = migrations[step](raw)
    return {key: content for key, content in raw.items() if key != "version"}


def shown(content: object) -> str:
    """`content` as it stands in a file, shortened."""
    text = "nothing" if content is None else json.dumps(content, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:57] + "…"


def _plain(content: object) -> object:
    if isinstance(content, Variant) and content.written_bare and not any(changed_fields(content)):
        return content.identifier()
    if isinstance(content, Value):
        return to_raw(content)
    if isinstance(content, tuple):
        return [_plain(item) for item in content]
    return content


def _parse(text: str, place: str) -> Raw:
    raw = json_text.parse(text, place)
    if not isinstance(raw, dict):
        raise BadInput(place, "an object with version, data, network and training", shown(raw))
    return raw


class _Reader:
    """Expands bare names and single numbers as far as the declarations say, and words errors."""

    def __init__(self, place: str) -> None:
        self._place = place

    def expand_part(self, raw: object, kind: type[Value], path: str) -> object:
        if not isinstance(raw, dict):
            return raw
        fields = {field.name: field for field in fields_of(kind)}
        for key in raw:
            if key not in fields and not (key == type_name and issubclass(kind, Variant)):
                self._refuse_field(path, key, tuple(fields), kind)
        missing = next((field for field in fields.values() if field.required and field.name not in raw), None)
        if missing:
            self._refuse(path, f"the field “{missing.name}” ({missing.expectation()})", "an object without it")
        return {
            key: self._expand(content, fields[key].type, fields[key].optional, f"{path}.{key}".lstrip("."))
            if key in fields
            else content
            for key, content in raw.items()
        }

    def refuse_after(self, error: msgspec.ValidationError, raw: object, kind: type[Value]) -> NoReturn:
        """Raise the same complaint as msgspec's `error` about `raw`, in words and with what was found."""
        message, _, path = str(error).partition(" - at `$")
        path = path.rstrip("`").lstrip(".")
        expected = _expectation_at(raw, kind, path) or message[:1].lower() + message[1:]
        self._refuse(path, expected, shown(_at(raw, path)))

    def _expand(self, raw: object, kind: FieldType, optional: bool, path: str) -> object:
        if raw is None and optional:
            return None
        match kind:
            case OneOf():
                return self._expand_variant(raw, kind, optional, path)
            case Part():
                if not isinstance(raw, dict):
                    self._refuse(path, "an object", shown(raw))
                return self.expand_part(raw, kind.kind, path)
            case Row() if kind.length and isinstance(raw, int) and not isinstance(raw, bool):
                return [self._expand(raw, kind.item, False, path)] * kind.length
            case Row() if isinstance(raw, list):
                return [self._expand(item, kind.item, False, f"{path}[{index}]") for index, item in enumerate(raw)]
        return raw

    def _expand_variant(self, raw: object, kind: OneOf, optional: bool, path: str) -> object:
        if isinstance(raw, str):
            found = kind.find(raw)
            if found is None:
                self._refuse_name(path, raw, kind)
            return self.expand_part({type_name: found.kind()}, found, path)
        if not isinstance(raw, dict):
            self._refuse(path, kind.expectation() + (" or null" if optional else ""), shown(raw))
        name = raw.get(type_name)
        found = kind.find(name) if isinstance(name, str) else None
        if found is None:
            self._refuse_name(f"{path}.{type_name}", name, kind)
        return self.expand_part({**raw, type_name: found.kind()}, found, path)

    def _refuse_name(self, path: str, name: object, kind: OneOf) -> NoReturn:
        known = [identifier for item in kind.kinds for identifier in item.identifiers()]
        close = difflib.get_close_matches(name, known, 1) if isinstance(name, str) else []
        self._refuse(path, kind.expectation(), shown(name), f"did you mean “{close[0]}”?" if close else "")

    def _refuse_field(self, path: str, key: str, known: tuple[str, ...], kind: type[Value]) -> NoReturn:
        close = difflib.get_close_matches(key, known, 1)
        owner = kind.kind() if issubclass(kind, Variant) else kind.__name__
        remedy = f"did you mean “{close[0]}”?" if close else ""
        self._refuse(path, f"fields of {owner} only ({', '.join(known)})", f"“{key}”", remedy)

    def _refuse(self, path: str, expected: str, found: str, remedy: str = "") -> NoReturn:
        raise BadInput(f"{self._place}, {path}" if path else self._place, expected, found, remedy.rstrip("."))


def _steps(path: str) -> list[str | int]:
    """A path such as ``network[0].units`` as keys and indices."""
    return [int(index) if index else key for key, index in re.findall(r"([^.\[\]]+)|\[(\d+)\]", path)]


def _at(raw: object, path: str) -> object:
    """What stands in `raw` at `path`."""
    for step in _steps(path):
        raw = raw[step]  # type: ignore[index]
    return raw


def _expectation_at(raw: object, kind: type[Value], path: str) -> str:
    """What the declarations say about the place at `path`, in words; empty where they say it of the whole object only."""
    place: FieldType = Part(kind)
    field = None
    for step in _steps(path):
        if isinstance(place, Row):
            field, place = None, place.item
        else:
            owner = place.kind if isinstance(place, Part) else place.find(raw[type_name])  # type: ignore[index, union-attr]
            field = field_of(owner, step)  # type: ignore[arg-type]
            place = field.type
        raw = raw[step]  # type: ignore[index]
    if isinstance(place, Row) and isinstance(raw, list):
        return place.expectation()
    if isinstance(place, OneOf | Part):
        return ""
    return field.expectation() if field else place.expectation()
