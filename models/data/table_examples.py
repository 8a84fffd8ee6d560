"""Examples from a table: which rows are kept, what becomes of words, what is predicted.

Nothing is turned into something else in silence: a missing cell, a word among numbers, a text column are refused with the line
they stand in, until the person has said what to make of them.
"""

import numpy as np
from numpy.typing import NDArray

from models.data.errors import DataError, Place, listed, quoted
from models.data.examples import Array, Examples, are_classes, check_weights, class_numbers, class_task, token_count
from models.data.sniffing import grouped_thousands
from models.data.tables import Content, cell_at, missing_cell, read_content, read_words, text_cell
from models.experiment.counting import counted, grouped
from models.experiment.data import Table
from models.experiment.errors import Setting

few_words = 20
"""No more different words than these are never too many."""
most_exact = 2.0**53
"""From here on, floats do not tell one whole number from the next."""
most_words = 1000
"""A text column with more different words than this is a name or a remark, not a property."""
largest = float(np.finfo(np.float32).max)


def content_of(source: Table) -> Content:
    """Every cell of the file that `source` names."""
    return read_content(source.path, source.delimiter, source.decimal, source.header)


def load_table(source: Table) -> Examples:
    """The examples that `source` makes of its file."""
    content = content_of(source)
    target = content.index(source.target, "to predict")
    ignored = {content.index(name, "to leave out") for name in source.ignore}
    if target in ignored:
        found = f"{quoted(source.target)} among those to leave out"
        raise DataError(Place(source.path), "a target that is used", found, "take it out of ignore or choose another target")
    weights = _weight_column(content, source, target, ignored)
    used = [index for index in range(len(content.columns)) if index not in (target, weights) and index not in ignored]
    if not used:
        raise DataError(Place(source.path), "a column to learn from", "none besides the target", "ignore fewer columns")
    needed = (target,) if weights is None else (target, weights)
    rows = _rows(content, source, used, needed)
    features, names = _features(content, source, used, rows)
    y, class_names = _target(content, source, target, rows)
    tokens, count = token_count(features), len(class_names)
    weighed = None if weights is None else _weights(content, weights, rows)
    if class_names:
        task = class_task(count)
        return Examples(features, y, task, count, names, class_names, source.target, tokens=tokens, weights=weighed)
    return Examples(features, y[:, np.newaxis], "regression", 1, names, target_name=source.target, tokens=tokens, weights=weighed)


def _weight_column(content: Content, source: Table, target: int, ignored: set[int]) -> int | None:
    """Number of the column that holds the weights of the rows."""
    if source.weight_column is None:
        return None
    index = content.index(source.weight_column, "of weights")
    if index == target or index in ignored:
        found = f"{quoted(source.weight_column)}, the target" if index == target else "one among those to leave out"
        remedy = "choose another weight_column" if index == target else "take it out of ignore or choose another weight_column"
        raise DataError(Place(source.path), "a column of weights of its own", found, remedy)
    return index


def _weights(content: Content, index: int, rows: Array) -> Array:
    """How much each of the rows counts."""
    weights = _numbers(content, index, rows, "mend the cell, or choose another weight_column")
    place = Place(content.path, column=content.columns[index].name)
    check_weights(weights, place, lambda row: _place(content, index, int(rows[row])))
    return weights


def _rows(content: Content, source: Table, used: list[int], needed: tuple[int, ...]) -> Array:
    """Numbers of the rows that are kept; columns `needed`, the target and the weights, cannot be ignored or made up."""
    for index in (*used, *needed):
        column = content.columns[index]
        if column.kind == "empty":
            remedy = "choose another column" if index in needed else "ignore the column"
            raise DataError(Place(source.path, column=column.name), "values", "no value in any row", remedy)
    missing = np.zeros(len(content.lines), bool)
    for index in (*used, *needed):
        missing |= content.states[index] == missing_cell
    if source.missing == "refuse":
        _refuse_missing(content, (*used, *needed), missing)
    elif source.missing == "mean":
        _refuse_missing(content, needed, np.any([content.states[index] == missing_cell for index in needed], axis=0), "")
        missing[:] = False
    kept = np.flatnonzero(~missing)
    if len(missing) < 2:
        raise DataError(Place(source.path), "at least two rows", counted(len(missing), "row"), "choose another file")
    if len(kept) < 2:
        found = f"{counted(len(kept), 'row')} without a missing cell of {grouped(len(missing))}"
        raise DataError(Place(source.path), "at least two rows", found, "ignore the columns with many missing cells")
    return kept


def _refuse_missing(
    content: Content, indexes: tuple[int, ...], missing: NDArray[np.bool_], other: str = " or, for numbers, to mean"
) -> None:
    if not missing.any():
        return
    row = int(np.argmax(missing))
    index = next(index for index in indexes if content.states[index][row] == missing_cell)
    total = sum(content.columns[each].missing for each in indexes)
    found = "a missing cell" if total == 1 else f"a missing cell, the first of {grouped(total)}"
    remedy = f"set missing to drop_rows{other}"
    raise DataError(_place(content, index, row), "a value", found, remedy, Setting("missing", "drop_rows", "Leave such rows out"))


def _features(content: Content, source: Table, used: list[int], rows: Array) -> tuple[Array, tuple[str, ...]]:
    texts = [index for index in used if content.columns[index].kind == "text"]
    words = dict(zip(texts, read_words(content, texts) if texts else [], strict=True))
    if texts and source.text == "refuse":
        raise _text_refused(content, source, used, {index: len(set(found[rows])) for index, found in words.items()}, len(rows))
    parts: list[Array] = []
    names: list[str] = []
    for index in used:
        name = content.columns[index].name
        if index in words:
            indicator, found_words = _one_hot(content, index, words[index][rows], rows)
            parts.append(indicator)
            names += [f"{name}={word}" for word in found_words]
        else:
            parts.append(_numbers(content, index, rows, "mend the cell, or ignore the column")[:, np.newaxis])
            names.append(name)
    return np.concatenate(parts, axis=1), tuple(names)


def _text_refused(content: Content, source: Table, used: list[int], words: dict[int, int], rows: int) -> DataError:
    """What to do about text, `words` being how many different ones each column has.

    A column that says something else in most rows, such as a date or a name, is to be left out: of it one_hot makes a feature for
    every word, from which nothing follows for a row with another one.
    """
    own = next((index for index, count in words.items() if count > max(few_words, rows / 2)), None)
    column = content.columns[next(iter(words)) if own is None else own]
    place = Place(source.path, column=column.name)
    if own is None or len(used) == 1:
        setting = Setting("text", "one_hot", "0 and 1 for each word")
        found = f"text such as {listed(column.examples[:3])}"
        return DataError(place, "numbers", found, "ignore the column, or set text to one_hot", setting)
    found = f"{grouped(words[own])} different ones in {counted(rows, 'row')}, such as {listed(column.examples[:2])}"
    setting = Setting("ignore", (*source.ignore, column.name), f"Ignore {quoted(column.name, 20)}")
    return DataError(place, "numbers, or words that come again", found, "ignore the column", setting)


def _one_hot(content: Content, index: int, words: Array, rows: Array) -> tuple[Array, list[str]]:
    """A column of 0 and 1 for each word; missing cells are NaN in all of them, and their mean is how often the word occurs."""
    missing = content.states[index][rows] == missing_cell
    distinct = sorted(set(words[~missing]))
    if len(distinct) > most_words:
        place = Place(content.path, column=content.columns[index].name)
        raise DataError(place, f"at most {most_words} different words", grouped(len(distinct)), "ignore the column")
    position = {word: number for number, word in enumerate(distinct)}
    indicator = np.zeros((len(words), len(distinct)))
    present = np.flatnonzero(~missing)
    indicator[present, [position[word] for word in words[present]]] = 1
    indicator[missing] = np.nan
    return indicator, distinct


def _numbers(content: Content, index: int, rows: Array, remedy: str) -> Array:
    """A column of numbers, refused where a word or an infinite value stands among them."""
    states, values = content.states[index][rows], content.values[index][rows]
    wrong = np.flatnonzero(states == text_cell)
    if len(wrong):
        cell = cell_at(content, index, int(rows[wrong[0]]))
        if grouped_thousands.fullmatch(cell):
            remedy = "set decimal to “,” if the comma is a decimal mark, otherwise take it out"
        raise DataError(_place(content, index, int(rows[wrong[0]])), "a number", quoted(cell), remedy)
    # A deviation is computed with squares, and the network counts in float32.
    endless = np.flatnonzero(np.abs(values) > largest)
    if len(endless):
        row = int(rows[endless[0]])
        found = quoted(cell_at(content, index, row))
        raise DataError(_place(content, index, row), "a number below 3.4e38", found, remedy)
    return values


def _place(content: Content, index: int, row: int) -> Place:
    return Place(content.path, line=int(content.lines[row]), column=content.columns[index].name)


def _target(content: Content, source: Table, index: int, rows: Array) -> tuple[Array, tuple[str, ...]]:
    """Class numbers and the names of the classes, or real targets and no names."""
    column = content.columns[index]
    place = Place(source.path, column=column.name)
    words = column.kind == "text" or (column.kind == "mixed" and source.task == "classification")
    if words and source.task != "regression":
        return class_numbers(read_words(content, [index])[0][rows].astype(str), place)
    declare = "" if column.kind == "number" else ", or declare the task as classification where every word is a class"
    values = _numbers(content, index, rows, f"mend the cell{declare}")
    if source.task == "classification" or (source.task == "auto" and are_classes(values)):
        exact = np.all(np.abs(values) < most_exact)
        return class_numbers(values if exact else read_words(content, [index])[0][rows].astype(str), place)
    return values, ()
