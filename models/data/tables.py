"""The cells of a text file, column by column: numbers, words, and cells without a value.

A row of another length or two columns of one name are refused, with the line they stand in.
"""

import csv
import sys
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice, zip_longest
from math import isnan
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from models.data.errors import DataError, Place, listed, quoted, suggestion
from models.data.examples import Array
from models.data.files import Stamp, stamp_of, unreadable
from models.data.sniffing import (
    AnyDecimal,
    AnyDelimiter,
    Decimal,
    Delimiter,
    Dialect,
    Header,
    cells,
    find_dialect,
    missing_marks,
    number,
)
from models.experiment.counting import counted

Rows = Iterator[tuple[int, list[str]]]
"""Rows of a file, each with the line it begins in, counted from 1."""

rows_at_once = 10_000
first_rows = 20
number_cell, missing_cell, text_cell = 0, 1, 2

ColumnKind = Literal["number", "text", "mixed", "empty"]


@dataclass(frozen=True)
class Column:
    """What was found in a column."""

    name: str
    kind: ColumnKind
    """mixed: numbers in the main, with something else among them; empty: no value at all."""
    examples: tuple[str, ...]
    """The first few different values, as they stand in the file."""
    missing: int


@dataclass(frozen=True)
class Sniffed:
    """What a text file turned out to be."""

    encoding: str
    delimiter: Delimiter
    decimal: Decimal
    header: bool
    columns: tuple[Column, ...]
    rows: int


@dataclass(frozen=True)
class Content:
    """All cells of a file."""

    path: str
    dialect: Dialect
    columns: tuple[Column, ...]
    values: tuple[NDArray[np.float64], ...]
    """A column's numbers; NaN where a cell holds none."""
    states: tuple[NDArray[np.uint8], ...]
    """For each cell whether it is a number, missing or text."""
    lines: NDArray[np.int64]
    """Where each row begins in the file, counted from 1."""
    head: tuple[tuple[str, ...], ...]
    """The first rows, as they stand there."""

    def index(self, name: str, role: str) -> int:
        """Number of the column called `name`; `role` says in an error what it was wanted for."""
        names = [column.name for column in self.columns]
        if name not in names:
            remedy = suggestion(name, names) or f"the columns are {listed(names)}"
            raise DataError(Place(self.path), f"a column {quoted(name)} {role}", "none of that name", remedy)
        return names.index(name)


class _Collector:
    """Takes a column's cells block by block."""

    def __init__(self, decimal: Decimal) -> None:
        self.decimal = decimal
        self.values: list[NDArray[np.float64]] = []
        self.states: list[NDArray[np.uint8]] = []
        self.examples: dict[str, None] = {}

    def add(self, texts: tuple[str, ...]) -> None:
        numbers = self._numbers(texts)
        if numbers is None:
            numbers, states = self._mixed(texts)
        else:
            states = np.where(np.isnan(numbers), missing_cell, number_cell).astype(np.uint8)
        self.values.append(numbers)
        self.states.append(states)
        if len(self.examples) < 5:
            stripped = (text.strip() for text in texts[:1000])
            self.examples |= dict.fromkeys(text for text in stripped if text not in missing_marks)
            self.examples = dict.fromkeys(list(self.examples)[:5])

    def _numbers(self, texts: tuple[str, ...]) -> NDArray[np.float64] | None:
        """All cells at once, where every one is a number: the common case, and several times as fast."""
        joined = "\0".join(texts)
        if "_" in joined or (self.decimal == "," and "." in joined) or joined.count("\0") >= len(texts):
            return None
        if self.decimal == ",":
            texts = tuple(joined.replace(",", ".").split("\0"))
        try:
            return np.fromiter(map(float, texts), np.float64, len(texts))
        except ValueError:
            return None

    def _mixed(self, texts: tuple[str, ...]) -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
        values = np.full(len(texts), np.nan)
        states = np.full(len(texts), missing_cell, np.uint8)
        for row, text in enumerate(texts):
            cell = text.strip()
            if cell in missing_marks:
                continue
            value = number(cell, self.decimal)
            if value is None:
                states[row] = text_cell
            elif not isnan(value):
                states[row], values[row] = number_cell, value
        return values, states

    def finish(self, name: str) -> tuple[Column, NDArray[np.float64], NDArray[np.uint8]]:
        values, states = np.concatenate(self.values), np.concatenate(self.states)
        numbers, missing, texts = (int(np.count_nonzero(states == each)) for each in (number_cell, missing_cell, text_cell))
        kind: ColumnKind = "text" if texts > numbers else "mixed" if texts else "number" if numbers else "empty"
        return Column(name, kind, tuple(self.examples), missing), values, states


def _rows(path: str, dialect: Dialect) -> Rows:
    """All rows but blank ones."""
    line = 1
    try:
        with open(path, encoding=dialect.encoding, newline="") as file:
            reader = cells(file, dialect.delimiter)
            for row in reader:
                if row and row != [""]:
                    yield line, row
                line = reader.line_num + 1
    except (csv.Error, UnicodeError) as error:
        raise DataError(Place(path, line=line), "a row of cells", f"a line that is none ({error})", "mend the line") from None
    except OSError as error:
        raise unreadable(path, error) from None


def read_content(path: str, delimiter: AnyDelimiter = "auto", decimal: AnyDecimal = "auto", header: Header = "auto") -> Content:
    """Every cell of the file at `path`; read again only when the file has changed."""
    return _read_content(path, delimiter, decimal, header, stamp_of(path))


# Each edit of an experiment asks again; two files are one that is edited and one given in its place.
@lru_cache(maxsize=2)
def _read_content(path: str, delimiter: AnyDelimiter, decimal: AnyDecimal, header: Header, stamp: Stamp) -> Content:
    dialect = find_dialect(path, delimiter, decimal, header)
    rows = _rows(path, dialect)
    names, rows = _names(path, dialect, rows)
    collectors = [_Collector(dialect.decimal) for _ in names]
    lines = array("q")
    head: list[tuple[str, ...]] = []
    pending: list[list[str]] = []
    for line, row in rows:
        if len(row) != len(names):
            raise _ragged(path, dialect, line, len(names), len(row))
        if len(head) < first_rows:
            head.append(tuple(row))
        lines.append(line)
        pending.append(row)
        if len(pending) == rows_at_once:
            _hand_over(pending, collectors)
    if not lines:
        raise DataError(Place(path), "rows below the names", "the names alone", "choose another file, or set header to no")
    _hand_over(pending, collectors)
    columns, values, states = zip(*(each.finish(name) for each, name in zip(collectors, names, strict=True)), strict=True)
    return Content(path, dialect, columns, values, states, np.array(lines), tuple(head))


def _hand_over(rows: list[list[str]], collectors: list[_Collector]) -> None:
    if rows:
        for texts, collector in zip(zip(*rows, strict=True), collectors, strict=True):
            collector.add(texts)
        rows.clear()


def _names(path: str, dialect: Dialect, rows: Rows) -> tuple[list[str], Rows]:
    """Names of the columns, and the rows that hold values."""
    head = next(rows, None)
    if head is None:
        raise DataError(Place(path), "a table", "an empty file", "choose another file")
    line, first = head
    given = first if dialect.header else [""] * len(first)
    names = [name.strip() or f"column_{index}" for index, name in enumerate(given, 1)]
    if len(names) == 1:
        found = f"one, with {_words(dialect.delimiter)} between the cells"
        remedy = "choose another delimiter, or a table with more columns"
        raise DataError(Place(path, line=line), "at least two columns, one of them to predict", found, remedy)
    seen: dict[str, int] = {}
    for position, name in enumerate(names, 1):
        if name in seen:
            found = f"{quoted(name)} as column {seen[name]} and as column {position}"
            raise DataError(Place(path, line=line), "a name of its own for each column", found, "rename one of them")
        seen[name] = position
    return names, rows if dialect.header else chain([head], rows)


def _words(delimiter: Delimiter) -> str:
    return {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars", " ": "spaces"}[delimiter]


def _ragged(path: str, dialect: Dialect, line: int, expected: int, found: int) -> DataError:
    remedy = f"mend the line; cells are separated by {_words(dialect.delimiter)}"
    return DataError(Place(path, line=line), f"{counted(expected, 'cell')} as in the first row", str(found), remedy)


def read_words(content: Content, indexes: list[int]) -> list[Array]:
    """The cells of text columns as they stand in the file; their number cells too, which keep leading zeros."""
    collected: list[list[str]] = [[] for _ in indexes]
    for row in _value_rows(content):
        for words, index in zip(collected, indexes, strict=True):
            words.append(sys.intern(row[index].strip()))
    return [np.array(words, dtype=object) for words in collected]


def cell_at(content: Content, index: int, row: int) -> str:
    """The cell as it stands in the file."""
    return next(islice(_value_rows(content), row, None))[index].strip()


def _value_rows(content: Content) -> Iterator[list[str]]:
    """The rows once more, which a file that was written anew since `content` was read does not have."""
    rows = _rows(content.path, content.dialect)
    if content.dialect.header:
        next(rows, None)
    nothing: tuple[int, list[str]] = (0, [])
    for known, (line, row) in zip_longest(content.lines.tolist(), rows, fillvalue=nothing):
        if line != known or len(row) != len(content.columns):
            raise DataError(Place(content.path), "the file as it was a moment ago", "another one", "read it again")
        yield row


def sniff(path: str, delimiter: AnyDelimiter = "auto", decimal: AnyDecimal = "auto", header: Header = "auto") -> Sniffed:
    """What the text file at `path` holds, and how it was read; what is given is taken, what is ``"auto"`` is found."""
    content = read_content(path, delimiter, decimal, header)
    dialect = content.dialect
    return Sniffed(dialect.encoding, dialect.delimiter, dialect.decimal, dialect.header, content.columns, len(content.lines))
