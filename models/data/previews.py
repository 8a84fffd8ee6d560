"""What the data look like, for the panel beside their options."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from models.data.errors import DataError, quoted
from models.data.examples import Array, Examples
from models.data.loading import load
from models.data.prepared import Floats, Numbers
from models.data.table_examples import content_of
from models.data.tables import Content
from models.experiment.counting import counted, grouped
from models.experiment.data import Curve, Digits, Plane, Source, Table, TemporalOrder
from models.experiment.layers.base import shape_text

first_rows = 20
first_sequences = 6
most_features = 8
"""With more numbers at each step an example is no sequence that lines could show."""
most_points = 2000
most_columns = 50


@dataclass(frozen=True)
class Preview:
    """A first look at a source; what does not belong to its `kind` is empty."""

    kind: Literal["points", "curve", "table", "images", "sequences"]
    notes: tuple[str, ...]
    """Sentences about the source."""
    problem: str = ""
    """Why the source cannot be used, as a sentence; a table is shown all the same."""
    class_counts: tuple[tuple[str, int], ...] = ()
    """Classes or labels, each with its number of examples."""
    points: Floats | None = None
    """points: (n, 2); curve: (n, 1); at most 2,000 of them."""
    values: Numbers | None = None
    """(n,) class numbers or targets of `points`."""
    columns: tuple[str, ...] = ()
    """Headings of a table, the target among them."""
    rows: tuple[tuple[str, ...], ...] = ()
    """The first 20 rows of a table, as they stand in the file."""
    images: Floats | None = None
    """(n, height, width, channels), the first 20, from 0 to 1."""
    sequences: Floats | None = None
    """(n, steps, features), the first 6."""
    labels: tuple[str, ...] = ()
    """What belongs to each of `images` or `sequences`."""


def preview(source: Source, seed: int = 0) -> Preview:
    """A first look at `source`, raw; raises `DataError` where there is nothing to look at."""
    if isinstance(source, Table):
        return _table_file(source)
    examples = load(source, seed)
    counts = _class_counts(examples)
    if isinstance(source, Plane | Curve):
        return _points(source, examples, counts)
    notes: tuple[str, ...] = (_summary(examples),)
    images = images_of(source, examples)
    if images is not None:
        if isinstance(source, Digits) and source.layout == "numbers":
            notes += ("Shown as images, fed as 64 numbers in a row.",)
        labels = tuple(examples.target_text(row) for row in range(min(first_rows, len(examples))))
        shown = stretched(images[:first_rows], float(images[:first_rows].min()), float(images[:first_rows].max()))
        return Preview("images", notes, class_counts=counts, images=shown, labels=labels)
    if isinstance(source, TemporalOrder):
        return _symbols(source, examples, notes, counts)
    if examples.x.ndim == 3 and examples.x.shape[-1] <= most_features:
        labels = tuple(examples.target_text(row) for row in range(min(first_sequences, len(examples))))
        lines = examples.x[:first_sequences].astype(np.float32)
        notes += (f"The first {len(lines)} are shown{', a line for each of their numbers' if lines.shape[-1] > 1 else ''}.",)
        return Preview("sequences", notes, class_counts=counts, sequences=lines, labels=labels)
    return _numbers(examples, notes, counts)


def images_of(source: Source, examples: Examples) -> Array | None:
    """The examples as (examples, height, width, channels), where each is a picture in grey or in colours."""
    images = examples.x.reshape(-1, 8, 8, 1) if isinstance(source, Digits) else examples.x
    return images if images.ndim == 4 and images.shape[-1] in (1, 3) else None


def _symbols(source: TemporalOrder, examples: Examples, notes: tuple[str, ...], counts: tuple[tuple[str, int], ...]) -> Preview:
    """The class, and the symbol at every step; nothing where a sequence has ended."""
    columns = ("class", *(str(step + 1) for step in range(source.longest)))
    rows = tuple((examples.target_text(row), *(source.symbols[token] for token in examples.x[row])) for row in range(first_rows))
    numbered = ", ".join(f"{symbol} {number}" for number, symbol in enumerate(source.symbols) if symbol)
    notes += (f"Fed as numbers: {numbered}, and 0 behind the end.",)
    return Preview("table", notes, class_counts=counts, columns=columns, rows=rows)


def _points(source: Plane | Curve, examples: Examples, counts: tuple[tuple[str, int], ...]) -> Preview:
    points = examples.x if examples.points is None else examples.points
    values: Numbers
    if examples.task == "regression":
        values = examples.y[:most_points, 0].astype(np.float32)
    else:
        values = examples.y[:most_points].astype(np.int32)
    notes = [_summary(examples)]
    if len(examples) > most_points:
        notes.append(f"The first {grouped(most_points)} are shown.")
    kind: Literal["points", "curve"] = "points" if isinstance(source, Plane) else "curve"
    return Preview(kind, tuple(notes), class_counts=counts, points=points[:most_points].astype(np.float32), values=values)


def _numbers(examples: Examples, notes: tuple[str, ...], counts: tuple[tuple[str, int], ...]) -> Preview:
    """Rows of numbers; examples with more axes are laid out in one row."""
    flat = examples.x[:first_rows].reshape(min(first_rows, len(examples)), -1)
    names = examples.feature_names or tuple(f"x{index}" for index in range(flat.shape[1]))
    if len(names) > most_columns:
        notes += (f"The first {most_columns} of {grouped(len(names))} columns are shown.",)
    columns = (*names[:most_columns], examples.target_name)
    rows = (
        (*(f"{value:.6g}" for value in row[:most_columns].astype(float)), examples.target_text(number))
        for number, row in enumerate(flat)
    )
    return Preview("table", notes, class_counts=counts, columns=columns, rows=tuple(rows))


def _table_file(source: Table) -> Preview:
    content = content_of(source)
    problem = ""
    notes = _reading_notes(content)
    counts: tuple[tuple[str, int], ...] = ()
    try:
        examples = load(source, seed=0)
        notes += (_summary(examples),)
        counts = _class_counts(examples)
    except DataError as error:
        problem = str(error)
    names = [column.name for column in content.columns]
    shown = list(range(len(names)))
    if len(names) > most_columns:
        target = [names.index(source.target)] if source.target in names[most_columns:] else []
        shown = shown[:most_columns] + target
        notes += (f"The first {most_columns} of {grouped(len(names))} columns are shown{', and the target' if target else ''}.",)
    columns = tuple(names[index] for index in shown)
    rows = tuple(tuple(row[index] for index in shown) for row in content.head)
    return Preview("table", notes, problem, counts, columns=columns, rows=rows)


def _reading_notes(content: Content) -> tuple[str, ...]:
    """How the file was read, and what in it is no number."""
    dialect = content.dialect
    delimiter = {"\t": "tab", " ": "space"}.get(dialect.delimiter, dialect.delimiter)
    mark = "point" if dialect.decimal == "." else "comma"
    names = "header found" if dialect.header else "no header"
    reading = f"Delimiter {delimiter} · decimal {mark} · {names} · {dialect.encoding}"
    missing = [
        f"{counted(column.missing, 'missing cell')} in {quoted(column.name)}" for column in content.columns if column.missing
    ]
    words = [quoted(column.name) for column in content.columns if column.kind in ("text", "mixed")]
    notes = [" · ".join([reading, *missing[:5]])]
    if len(missing) > 5:
        notes.append(f"Missing cells in {grouped(len(missing) - 5)} more columns.")
    if words:
        notes.append(f"Text in {', '.join(words[:8])}{' and more' if len(words) > 8 else ''}.")
    return tuple(notes)


def _summary(examples: Examples) -> str:
    shape = tuple(int(size) for size in examples.x.shape[1:])
    numbers = counted(shape[0], "number") if len(shape) == 1 else f"{shape_text(shape)} numbers"
    what = {
        "binary": "two classes",
        "multiclass": f"{examples.outputs} classes",
        "multilabel": f"{examples.outputs} labels",
        "regression": "a number to predict" if examples.outputs == 1 else f"{examples.outputs} numbers to predict",
    }[examples.task]
    return f"{counted(len(examples), 'example')} of {numbers}, {what}."


def _class_counts(examples: Examples) -> tuple[tuple[str, int], ...]:
    if examples.task == "regression":
        return ()
    if examples.task == "multilabel":
        numbers = np.count_nonzero(examples.y, axis=0)
    else:
        numbers = np.bincount(examples.y, minlength=examples.outputs)
    return tuple(zip(examples.class_names, map(int, numbers), strict=True))


def stretched(raw: Array, least: float, greatest: float) -> Floats:
    """`raw` with what was `least` at 0 and what was `greatest` at 1."""
    values: Floats = ((raw.astype(np.float64) - least) / (greatest - least or 1.0)).astype(np.float32)
    return values
