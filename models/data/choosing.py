"""A source from what a person writes after ``new --data``: the name of a kind, or a file."""

import os
from pathlib import Path
from typing import get_args

from models.data.errors import DataError, Place, listed, suggestion
from models.data.files import stamp_of
from models.data.tables import sniff
from models.experiment.data import Arrays, FileSource, Source, Table

kinds: dict[str, type[Source]] = {each.kind(): each for each in get_args(Source) if each not in get_args(FileSource)}
"""Every source that needs no file, by its name in the experiment's file."""
table_suffixes = (".csv", ".tsv", ".txt")


def source_for(text: str, target: str | None = None) -> Source:
    """The source called `text`, with its defaults: ``spiral``, ``flowers.csv``, ``arrays.npz``.

    `target` is the column of a table to predict, without it the last. Raises `DataError` where there is no such source.
    """
    if text in kinds:
        if target is not None:
            raise _no_columns(text)
        return kinds[text]()  # type: ignore[call-arg]
    suffix = Path(text).suffix.lower()
    if suffix in table_suffixes:
        return _table(text, target)
    if suffix == ".npz":
        if target is not None:
            raise _no_columns(text)
        stamp_of(text)
        return Arrays(path=text)
    if os.path.exists(text):  # the method of Path raises where the name is too long
        wanted = f"a file called {', '.join(table_suffixes)} or .npz"
        raise DataError(Place(text), wanted, suffix or "no suffix", "convert the file")
    remedy = suggestion(text, kinds) or f"there are {listed(kinds, len(kinds))}"
    raise DataError(Place(text), "the name of a data set, or a file", "neither", remedy)


def _no_columns(text: str) -> DataError:
    found = "a source without columns to choose from"
    return DataError(Place(text), "a table where a target is named", found, "leave the target out")


def _table(path: str, target: str | None) -> Table:
    names = [column.name for column in sniff(path).columns]
    if target is None:
        return Table(path=path, target=names[-1])
    if target not in names:
        remedy = suggestion(target, names) or f"the columns are {listed(names)}"
        raise DataError(Place(path), f"a column “{target}” to predict", "none of that name", remedy)
    return Table(path=path, target=target)
