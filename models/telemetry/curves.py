"""The figures of a run's steps, or of its epochs: rows of a table that stays even, and the peaks between these rows."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from models.telemetry.thinning import Extremes, ThinnedTable

most_lots = 16
"""That may wait to be taken in."""
most_waiting = 2**16
"""Numbers that may wait to be taken in."""


class Curves:
    """A table and the extremes of the same rows, which come in lots.

    A lot is taken in when somebody looks, or when many have come. Between two compiled calls, which leave nothing of this code in
    the processor's caches, it takes almost as long to take in one lot as to take in several.
    """

    def __init__(self, table: ThinnedTable, extremes: Extremes, wished: Sequence[str] = ()) -> None:
        """Two columns of the table come before the extremes', one of them ``step``.

        Rows are rather kept where one of the columns `wished` has a number.
        """
        self._table = table
        self._extremes = extremes
        self._wished = wished
        self._lots: list[Sequence[NDArray[np.generic] | None]] = []
        self._waiting = 0

    def append(self, lot: Sequence[NDArray[np.generic] | None]) -> None:
        """Add rows, of which `lot` holds the columns, in the order of `names`; none where nothing was measured."""
        self._lots.append(lot)
        self._waiting += len(lot) * _length(lot)
        if len(self._lots) >= most_lots or self._waiting >= most_waiting:
            self._take_in()

    @property
    def names(self) -> tuple[str, ...]:
        """Titles of the columns."""
        return self._table.names

    @property
    def table(self) -> ThinnedTable:
        """All rows so far, evenly thinned."""
        self._take_in()
        return self._table

    @property
    def extremes(self) -> Extremes:
        """What was lowest and highest in all rows so far."""
        self._take_in()
        return self._extremes

    def add_columns(self, names: Iterable[str]) -> None:
        """Make those of the columns `names` that are not there yet, empty in the rows so far."""
        added = [name for name in names if name not in self.names]
        if added:
            self._take_in()
            self._table.add_columns(added)
            self._extremes.add_columns(added)

    @property
    def nbytes(self) -> int:
        """Memory that is taken, whatever is appended."""
        return self._table.nbytes + self._extremes.nbytes

    def until(self, step: int) -> "Curves":
        """A copy with the rows up to `step`."""
        return Curves(self.table.until("step", step), self.extremes.until(step), self._wished)

    def reduced(self, names: Sequence[str], capacity: int) -> "Curves":
        """A copy with these columns alone and at most `capacity` rows, without extremes, which alone would take more."""
        return Curves(self.table.reduced(names, capacity), Extremes((), 2))

    def _take_in(self) -> None:
        if not self._lots:
            return
        lengths = [_length(lot) for lot in self._lots]
        rows = np.empty((len(self._table.names), sum(lengths)))
        begin = 0
        for lot, length in zip(self._lots, lengths, strict=True):
            for row, column in zip(rows, lot, strict=True):
                row[begin : begin + length] = np.nan if column is None else column
            begin += length
        self._lots, self._waiting = [], 0
        place = self._table.names.index
        wishes = np.asarray((~np.isnan(rows[[place(name) for name in self._wished]])).any(axis=0), dtype=bool)
        self._table.append(rows, wishes)
        at = rows[place("step")].astype(np.int64)
        self._extremes.append(at, rows[2 : 2 + len(self._extremes.names)])


def _length(lot: Sequence[NDArray[np.generic] | None]) -> int:
    first = lot[0]
    assert first is not None, "the first column numbers the rows"
    return len(first)
