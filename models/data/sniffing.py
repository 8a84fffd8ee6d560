"""How a text file is to be read as a table: encoding, delimiter, decimal mark, header.

Every delimiter is tried on the beginning of the file, with either decimal mark; the one under which the rows have the same
number of cells, and most cells are numbers, wins. What was found is shown to the person, who may overrule it.
"""

import codecs
import csv
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from models.data.errors import DataError, Place
from models.data.files import unreadable

if TYPE_CHECKING:
    from _csv import Reader

Delimiter = Literal[",", ";", "\t", "|", " "]
Decimal = Literal[".", ","]
AnyDelimiter = Literal["auto", ",", ";", "\t", "|", " "]
AnyDecimal = Literal["auto", ".", ","]
Header = Literal["auto", "yes", "no"]
Rows = list[list[str]]

sample_characters = 1 << 18
sample_lines = 300
block = 1 << 20
missing_marks = frozenset({"", "NA", "?", "nan", "NaN", "NAN"})
"""Cells that hold no value. Anything else that is not a number is text."""
grouped_thousands = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")


@dataclass(frozen=True)
class Dialect:
    """How the file is read."""

    encoding: str
    delimiter: Delimiter
    decimal: Decimal
    header: bool


def number(cell: str, decimal: Decimal) -> float | None:
    """The number that `cell` holds, or none. With a decimal comma, a point is no part of a number: it may separate thousands."""
    if decimal == ",":
        if "." in cell:
            return None
        cell = cell.replace(",", ".")
    try:
        # Python takes 1_000 for a number; a table does not.
        return None if "_" in cell else float(cell)
    except ValueError:
        return None


def cells(lines: Iterable[str], delimiter: Delimiter, strict: bool = True) -> "Reader":
    """Rows of `lines` as they stand there; an empty line gives an empty row. Quotation marks must match where `strict`."""
    if delimiter == " ":
        lines = (line.rstrip(" \r\n") + "\n" for line in lines)
    return csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=strict)


def find_encoding(path: str) -> str:
    """UTF-8 where all bytes are that, with its mark or not; UTF-16 and UTF-32 where marked; otherwise Latin-1, of any bytes."""
    try:
        with open(path, "rb") as file:
            first = file.read(block)
            if first.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):  # the mark of UTF-16 is the beginning of one of them
                return "utf-32"
            if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                return "utf-16"
            if b"\0" in first:
                remedy = "save it as CSV from the program that made it"
                raise DataError(Place(path), "a table as text", "binary data", remedy)
            decoder = codecs.getincrementaldecoder("utf-8")()
            decoder.decode(first)
            while following := file.read(block):
                decoder.decode(following)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "latin-1"
    except OSError as error:
        raise unreadable(path, error) from None
    return "utf-8-sig" if first.startswith(codecs.BOM_UTF8) else "utf-8"


def find_dialect(path: str, delimiter: AnyDelimiter = "auto", decimal: AnyDecimal = "auto", header: Header = "auto") -> Dialect:
    """How the file at `path` is to be read; what is given is taken, what is ``"auto"`` is found."""
    encoding = find_encoding(path)
    lines = _beginning(path, encoding)
    if not any(line.strip() for line in lines):
        raise DataError(Place(path), "a table", "an empty file", "choose another file")
    delimiters = get_args(Delimiter) if delimiter == "auto" else (delimiter,)
    decimals = get_args(Decimal) if decimal == "auto" else (decimal,)
    readings = {each: _sample_rows(lines, each) for each in delimiters}
    pairs = [(each, mark) for each in delimiters for mark in decimals]
    # The first of equals wins: the order of the declarations is the order of preference.
    best, mark = max(pairs, key=lambda pair: _score(readings[pair[0]], *pair))
    rows = readings[best]
    if decimal == "auto" and mark == "," and _only_thousands(rows):
        mark = "."
    return Dialect(encoding, best, mark, _has_header(rows, mark) if header == "auto" else header == "yes")


def _beginning(path: str, encoding: str) -> list[str]:
    try:
        with open(path, encoding=encoding, newline="") as file:
            return file.readlines(sample_characters)[:sample_lines]
    except OSError as error:
        raise unreadable(path, error) from None
    except UnicodeError:
        raise DataError(Place(path), f"text in {encoding}", "other bytes", "save it as UTF-8") from None


def _sample_rows(lines: list[str], delimiter: Delimiter) -> Rows:
    try:
        rows = [[cell.strip() for cell in row] for row in cells(lines, delimiter, strict=False) if row]
    except csv.Error:
        return []
    # The sample may end within a quoted cell.
    return rows[:-1] if len(lines) == sample_lines and len(rows) > 1 else rows


def _score(rows: Rows, delimiter: Delimiter, decimal: Decimal) -> float:
    """From 0, a single column, to 2: rows of the same length, all of whose cells are numbers."""
    if not rows:
        return 0
    width, count = Counter(map(len, rows)).most_common(1)[0]
    if width == 1:
        return 0
    body = [row for row in rows[1:] if len(row) == width] or rows
    values = [cell for row in body for cell in row if cell not in missing_marks]
    numbers = sum(number(cell, decimal) is not None for cell in values)
    # Spaces also stand between the words of a text.
    preference = 0.9 if delimiter == " " else 1
    return preference * count / len(rows) * (1 + numbers / max(len(values), 1))


def _only_thousands(rows: Rows) -> bool:
    """Whether every comma might separate thousands, as in 1,234: then it is no decimal mark until the person says so."""
    with_comma = [cell for row in rows for cell in row if "," in cell and number(cell, ",") is not None]
    return bool(with_comma) and all(grouped_thousands.fullmatch(cell) for cell in with_comma)


def _has_header(rows: Rows, decimal: Decimal) -> bool:
    """Whether the first row holds names: words above numbers, or words that do not occur below."""
    if not rows:
        return False
    first, body = rows[0], rows[1:]
    columns = [[row[index] for row in body if index < len(row)] for index in range(len(first))]
    votes = 0
    for cell, column in zip(first, columns, strict=True):
        values = [value for value in column if value not in missing_marks]
        if values and cell not in missing_marks and all(number(value, decimal) is not None for value in values):
            votes += 1 if number(cell, decimal) is None else -1
    if votes:
        return votes > 0
    if any(number(cell, decimal) is not None for cell in first):
        return False
    return all(cell not in column for cell, column in zip(first, columns, strict=True) if cell)
