"""The JSON Schema of experiment files, for editors that complete and check while one types.

``python -m models.storage.schema`` writes it to ``resources``. Everything comes from the declarations; added is what the codec
adds: the version, names in place of objects, and single numbers in place of pairs.
"""

import inspect
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from models.experiment.base import Value, Variant, type_name
from models.experiment.experiment import Experiment
from models.experiment.fields import declarations_in, fields_of
from models.storage.atomic import write_text
from models.storage.codec import version

Node = dict[str, Any]
Kinds = Mapping[str, type[Value]]
"""The declaration behind each reference of the schema."""

path = Path(__file__).parents[2] / "resources" / "experiment.schema.json"


def schema() -> Node:
    """The schema of an experiment file, draft 2020-12."""
    declarations = declarations_in(Experiment)
    references, definitions = msgspec.json.schema_components(declarations)
    kinds = {reference["$ref"]: declaration for reference, declaration in zip(references, declarations, strict=True)}
    unions: dict[str, Node] = {}
    described = {name: _as_in_files(node, kinds, unions) for name, node in definitions.items()}
    for reference, kind in kinds.items():
        if issubclass(kind, Variant):
            described[_name(reference)]["properties"][type_name] = {"enum": list(kind.identifiers())}
    experiment = described.pop(_name(references[0]["$ref"]))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **experiment,
        "title": "Wiggle experiment",
        "properties": {"version": {"description": "Version of the format.", "const": version}, **experiment["properties"]},
        "required": ["version", *experiment["required"]],
        "$defs": unions | described,
    }


def schema_text() -> str:
    """The content of the schema's file."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def _as_in_files(node: Any, kinds: Kinds, unions: dict[str, Node]) -> Any:  # noqa: ANN401
    """`node` with unions put among `unions`, where names are allowed too, and with single numbers in place of pairs."""
    if isinstance(node, list):
        return [_as_in_files(item, kinds, unions) for item in node]
    if not isinstance(node, dict):
        return node
    node = {key: _as_in_files(content, kinds, unions) for key, content in node.items()}
    if isinstance(node.get("description"), str):
        node["description"] = inspect.cleandoc(node["description"])  # as Python 3.13 does it by itself
    if "discriminator" in node:
        return _union(node, kinds, unions)
    if "anyOf" in node:
        node["anyOf"] = [*_names_of_lone_kinds(node["anyOf"], kinds), *node["anyOf"]]
    if "prefixItems" in node:
        about = {key: node.pop(key) for key in ("description", "default") if key in node}
        return {**about, "anyOf": [node["prefixItems"][0], node]}
    return node


def _union(node: Node, kinds: Kinds, unions: dict[str, Node]) -> Node:
    members = [kinds[item["$ref"]] for item in node["anyOf"]]
    family = _common_base(members)
    allowed = [*_names(members), *node["anyOf"]]
    if len(members) < sum(issubclass(kind, family) for kind in kinds.values()):  # a part of a family has no name of its own
        return {**{key: content for key, content in node.items() if key not in ("anyOf", "discriminator")}, "anyOf": allowed}
    unions[family.__name__] = {"description": _first_line(family), "anyOf": allowed}
    about = {key: content for key, content in node.items() if key not in ("anyOf", "discriminator")}
    return {**about, "$ref": f"#/$defs/{family.__name__}"}


def _names_of_lone_kinds(nodes: list[Node], kinds: Kinds) -> list[Node]:
    """The names of a kind that may stand in a place where there is no other."""
    return _names([kinds[node["$ref"]] for node in nodes if node.get("$ref") in kinds])


def _names(members: list[type[Value]]) -> list[Node]:
    """What allows the bare names of kinds that need nothing said."""
    names = [
        name
        for kind in members
        if issubclass(kind, Variant) and not any(field.required for field in fields_of(kind))
        for name in kind.identifiers()
    ]
    return [{"enum": names}] if names else []


def _common_base(kinds: list[type[Value]]) -> type[Value]:
    """The nearest class that all `kinds` descend from."""
    return next(base for base in kinds[0].__mro__ if all(issubclass(kind, base) for kind in kinds))


def _first_line(kind: type[Value]) -> str:
    return (kind.__doc__ or "").partition("\n")[0]


def _name(reference: str) -> str:
    return reference.rpartition("/")[2]


if __name__ == "__main__":
    write_text(path, schema_text())
