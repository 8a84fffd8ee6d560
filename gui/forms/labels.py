"""Keras's names in the form people read them, and values in a few words."""

import inspect
from typing import Any

from gui.widgets.numbers import short_text
from gui.words import capitalized
from models.experiment.base import Value, Variant
from models.experiment.data import feature_titles
from models.experiment.fields import Field, Text, changed_fields
from models.experiment.initializers import GlorotNormal, GlorotUniform, LecunNormal, LecunUniform, RandomNormal

_signs = {"\t": "tab", " ": "space", ",": "comma  ,", ";": "semicolon  ;", ".": "point  .", "|": "bar  |"}
_called = {
    **{"alpha": "α", "beta": "β", "gamma": "γ", "rho": "ρ", "l1": "λ (l1)", "l2": "λ (l2)"},
    "test_share": "Validation share",  # the part is called so everywhere else
}

known_by: dict[type[Variant], str] = {
    GlorotUniform: "Xavier",
    GlorotNormal: "Xavier",
    LecunNormal: "1/√n",
    LecunUniform: "1/√n",
}
"""Initializers that the literature calls by another name than Keras."""

presets: dict[str, Variant] = {"small random (σ 0.01)": RandomNormal(stddev=0.01)}
"""Values that the literature has a name for, offered wherever their kind is."""


def field_label(field: Field) -> str:
    """The caption of a field: ``kernel_initializer`` under the heading “Initialization” is “Kernel”."""
    if field.name in _called:
        return _called[field.name]
    if field.name.isdigit():
        return f"No. {int(field.name) + 1}"
    name = field.name
    for suffix in ("_initializer", "_regularizer"):
        name = name.removesuffix(suffix) if field.group else name
    words = name.replace("_", " ").strip()
    unit = f" ({field.unit})" if field.unit else ""
    return capitalized(words) + unit


def field_tooltip(field: Field) -> str:
    """What a field means, what may stand in it, and what Keras calls it."""
    called = "" if field.name.isdigit() else f"Name in files and in Keras: {field.name}"
    lines = [field.description, f"Allowed: {expected(field)}", called]
    return "\n".join(filter(None, lines))


def expected(field: Field) -> str:
    """What may stand in a field, in words; a pattern is not for people, so there the description speaks."""
    if isinstance(field.type, Text) and field.type.pattern:
        return field.description
    return field.expectation()


def kind_label(kind: type[Variant]) -> str:
    """A kind as an entry of a list: ``Xavier (glorot_uniform)``."""
    name = kind.identifier()
    return f"{known_by[kind]} ({name})" if kind in known_by else name


def kind_tooltip(kind: type[Value]) -> str:
    """What a kind is for, from its docstring."""
    return inspect.getdoc(kind) or ""


def choice_label(option: str) -> str:
    """One word of a choice; signs are spelled out."""
    return _signs.get(option) or feature_titles.get(option, option)  # type: ignore[call-overload]


def brief(value: Any) -> str:  # noqa: ANN401
    """A value in a few words: ``l2 0.001``, ``3 × 3``, ``none``."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Variant):
        return " ".join([value.identifier(), *(brief(content) for _, content in changed_fields(value))])
    if isinstance(value, tuple):
        return ", ".join(map(brief, value)) or "none"
    return short_text(value) if isinstance(value, float) else choice_label(str(value))
