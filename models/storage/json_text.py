"""JSON as files of any origin may hold it, read strictly: what JSON leaves open is refused in a sentence."""

import json
import math
import re
from dataclasses import dataclass

from models.experiment.counting import grouped
from models.experiment.errors import BadInput

deepest = 200
"""Objects and lists within each other; Python's own reader would run out of stack at some thousands."""
longest_integer = 19
"""Digits of a whole number that 64 bits can hold."""

_texts = re.compile(r'"(?:[^"\\]|\\.)*+"?', re.DOTALL)
_deep = re.compile(rf"[\[{{]{{{deepest + 1}}}")
_others = re.compile(r"[^\[\]{}]+")


def parse(text: str, place: str, most_values: int | None = None) -> object:
    """What `text` holds, in plain values. Raises `BadInput` whose place begins with `place`, the name of the file.

    Refused are NaN and infinity, numbers beyond 64 bits, one name twice in an object, half characters, and more than
    `most_values` values or too many within each other; the last two are seen before anything is made of the text.
    """
    _refuse_size(text, place, most_values)

    def unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
        raw = dict(pairs)
        if len(raw) < len(pairs):
            names = [key for key, _ in pairs]
            twice = next(key for key in raw if names.count(key) > 1)
            raise BadInput(place, "every field once", f"“{twice[:60]}” twice in one object")
        return raw

    try:
        raw = json.loads(text, parse_constant=_Unusable, parse_float=_number, parse_int=_integer, object_pairs_hook=unique)
    except json.JSONDecodeError as error:
        where = f"{place}, line {error.lineno}, column {error.colno}"
        raise BadInput(where, *_words(error)) from None
    _refuse_unusable(raw, place)
    _refuse_half_characters(text, raw, place)
    return raw


@dataclass(frozen=True)
class _Unusable:
    """What stands in a file in the place of a number that can be used."""

    digits: str


def _number(digits: str) -> float | _Unusable:
    number = float(digits)
    return number if math.isfinite(number) else _Unusable(digits)


def _integer(digits: str) -> int | _Unusable:
    return int(digits) if len(digits.lstrip("-")) <= longest_integer else _Unusable(digits)


def _refuse_size(text: str, place: str, most_values: int | None) -> None:
    """Look at the signs between the texts, many at a time: nothing is made of what may be too much."""
    if most_values is not None and text.count('"') > 2 * most_values:
        raise BadInput(place, f"JSON of at most {grouped(most_values)} names and values", "more")
    signs, texts = _texts.subn("", text)
    if most_values is not None and texts + sum(signs.count(sign) for sign in "[{,") > most_values:
        raise BadInput(place, f"JSON of at most {grouped(most_values)} names and values", "more")
    brackets = _others.sub("", signs)
    for _ in range(deepest):
        if _deep.search(brackets):
            break
        brackets = brackets.replace("[]", "").replace("{}", "")
    if len(brackets) > deepest:  # what is left of a shorter text does not match, as the reader will say
        raise BadInput(place, f"at most {deepest} objects or lists within each other", "objects nested too deeply")


def _words(error: json.JSONDecodeError) -> tuple[str, str]:
    """What was expected where the text stops being JSON, and what was found."""
    rest = error.doc[error.pos : error.pos + 1000].lstrip()
    found = f"“{rest[0]}”" if rest else "the end of the file"
    if error.msg.startswith("Expecting "):
        return f"a JSON {error.msg.removeprefix('Expecting ')}", found
    if error.msg == "Extra data":
        return "the end of the file after the JSON object", found
    found = error.msg.removesuffix(" at").removesuffix(" starting").rstrip(": ")  # the place itself is told before
    return "JSON", found[:1].lower() + found[1:]


def _refuse_unusable(raw: object, place: str, path: str = "") -> None:
    """Refuse NaN, infinity and what no computer's number holds, at the place where it stands."""
    if isinstance(raw, _Unusable):
        where = f"{place}, {path}" if path else place
        if raw.digits.lstrip("-").isdecimal():
            raise BadInput(
                where, f"whole numbers of at most {longest_integer} digits", f"one of {grouped(len(raw.digits.lstrip('-')))}"
            )
        raise BadInput(where, "a finite number", raw.digits[:30])
    if isinstance(raw, dict):
        for key, content in raw.items():
            _refuse_unusable(content, place, f"{path}.{key}" if path else key)
    elif isinstance(raw, list):
        for index, content in enumerate(raw):
            _refuse_unusable(content, place, f"{path}[{index}]")


def _refuse_half_characters(text: str, raw: object, place: str) -> None:
    """Refuse what JSON can spell and no file can hold: one half of a surrogate pair."""
    if "\\u" not in text:
        return
    try:
        json.dumps(raw, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        half = error.object[error.start].encode("ascii", "backslashreplace").decode()
        raise BadInput(place, "text in Unicode", half) from None
