"""Long records in an amount of memory that does not grow: spread evenly over all that was appended, ends and peaks kept."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Item = TypeVar("Item")


def evenly(count: int, most: int) -> Integers:
    """Places of at most `most` of `count` things, evenly spread, the first and the last among them."""
    return np.arange(count) if count <= most else np.linspace(0, count - 1, most).astype(np.int64)


def bucket_starts(before: int, count: int, stride: int) -> Integers:
    """Where, in the next `count` rows after those `before`, a bucket of `stride` rows starts or, at 0, is gone on with."""
    starts = np.arange(-(before % stride), count, stride)
    starts[0] = 0
    return starts


class ThinnedTable:
    """Rows of numbers, at most `capacity` of them however many are appended, spread evenly over all that were.

    The rows appended so far are divided into buckets of `stride` consecutive ones, and one row of each bucket is kept: the first
    preferred one, or the first. When the buckets run out, neighbours are joined and `stride` doubles. The newest row waits
    behind the buckets until the next one comes, so that it is always there.
    """

    def __init__(self, names: Sequence[str], capacity: int) -> None:
        if capacity < 3:
            raise ValueError(f"a table needs room for at least 3 rows, not {capacity}")
        self.names = tuple(names)
        self._places = {name: place for place, name in enumerate(self.names)}
        self._numbers = np.empty((len(self.names), capacity))
        self._preferred = np.zeros(capacity, dtype=bool)
        self._stride = 1
        self._filed = 0
        self._waits = False

    def __len__(self) -> int:
        return self._buckets + self._waits

    def snapshot(self) -> dict[str, NDArray[Any]]:
        """The kept rows, and what decides which of the next ones will be kept."""
        return {
            "names": np.array(self.names, dtype=np.str_),
            "numbers": self._numbers[:, : len(self)].copy(),
            "preferred": self._preferred[: len(self)].copy(),
            "thinning": np.array([self._stride, self._filed, self._waits]),
        }

    @classmethod
    def restored(cls, arrays: Mapping[str, NDArray[Any]], capacity: int) -> "ThinnedTable":
        """The table that `snapshot` gave, of the same capacity."""
        table = cls(arrays["names"].tolist(), capacity)
        count = arrays["numbers"].shape[1]
        table._numbers[:, :count] = arrays["numbers"]
        table._preferred[:count] = arrays["preferred"]
        table._stride, table._filed = arrays["thinning"][:2].tolist()
        table._waits = bool(arrays["thinning"][2])
        return table

    def until(self, name: str, most: float) -> "ThinnedTable":
        """A copy with the rows whose number in the rising column `name` is at most `most`."""
        kept = int(np.searchsorted(self.column(name), most, side="right"))
        copy = ThinnedTable(self.names, self.capacity)
        copy._stride = self._stride
        waits = kept > self._buckets
        copy._filed = self._filed if waits else min(kept * self._stride, self._filed)
        copy._waits = waits
        copy._numbers[:, :kept], copy._preferred[:kept] = self._numbers[:, :kept], self._preferred[:kept]
        return copy

    def reduced(self, names: Sequence[str], capacity: int) -> "ThinnedTable":
        """A copy with these columns alone, and at most `capacity` rows; it has room for no more than it needs."""
        copy = ThinnedTable(names, max(3, min(capacity, len(self))))
        copy.append(np.array([self.column(name) for name in names]), self._preferred[: len(self)])
        return copy

    @property
    def capacity(self) -> int:
        """How many rows there can be."""
        return self._numbers.shape[1]

    @property
    def nbytes(self) -> int:
        """Memory that is taken, whatever is appended."""
        return self._numbers.nbytes + self._preferred.nbytes

    def amend(self, values: Mapping[str, float]) -> None:
        """Put `values` into the newest row; a column that is not there yet is made, empty in the rows before."""
        self.add_columns([name for name in values if name not in self._places])
        for name, value in values.items():
            self._numbers[self._places[name], len(self) - 1] = value

    def add_columns(self, names: Sequence[str]) -> None:
        """Make columns of these names, behind the others and empty in the rows so far."""
        self.names = (*self.names, *names)
        self._places = {name: place for place, name in enumerate(self.names)}
        empty = np.full((len(names), self._numbers.shape[1]), np.nan)
        self._numbers = np.concatenate([self._numbers, empty])

    def append(self, rows: Floats, preferred: NDArray[np.bool_] | None = None) -> None:
        """Add `rows`, an array (columns, rows); `preferred` marks those that should rather be kept."""
        if not rows.shape[1]:
            return
        wishes = np.zeros(rows.shape[1], dtype=bool) if preferred is None else preferred
        if self._waits:
            newest = slice(self._buckets, self._buckets + 1)
            rows = np.concatenate([self._numbers[:, newest], rows], axis=1)
            wishes = np.concatenate([self._preferred[newest], wishes])
        self._file(rows[:, :-1], wishes[:-1])
        self._numbers[:, self._buckets] = rows[:, -1]
        self._preferred[self._buckets] = wishes[-1]
        self._waits = True

    def column(self, name: str) -> Floats:
        """The kept numbers of one column, a read-only view."""
        view = self._numbers[self._places[name], : len(self)]
        view.flags.writeable = False
        return view

    def newest(self, name: str) -> float:
        """The last number of one column."""
        return float(self._numbers[self._places[name], len(self) - 1])

    def rows(self) -> Iterator[tuple[int | float, ...]]:
        """The kept rows, step and epoch as integers."""
        whole = [name in ("step", "epoch") for name in self.names]
        for row in self._numbers[:, : len(self)].T.tolist():
            yield tuple(int(number) if integer else number for number, integer in zip(row, whole, strict=True))

    @property
    def _buckets(self) -> int:
        return -(-self._filed // self._stride)

    def _file(self, rows: Floats, preferred: NDArray[np.bool_]) -> None:
        start, count = 0, rows.shape[1]
        while start < count:
            room = (self.capacity - 1) * self._stride - self._filed
            if room == 0:
                self._join_buckets()
                continue
            self._put_into_buckets(rows[:, start : start + room], preferred[start : start + room])
            start += room

    def _put_into_buckets(self, rows: Floats, preferred: NDArray[np.bool_]) -> None:
        count = rows.shape[1]
        if self._filed == 0:
            preferred = np.concatenate([[True], preferred[1:]])  # the very first row is kept for ever
        bucket, fullness = divmod(self._filed, self._stride)
        chosen = bucket_starts(self._filed, count, self._stride)
        if preferred[1:].any() and not preferred.all():  # in few runs; otherwise the first of each bucket, without sorting
            order = np.lexsort((~preferred, (self._filed + np.arange(count)) // self._stride))
            chosen = order[chosen]
        if fullness and (self._preferred[bucket] or not preferred[chosen[0]]):
            bucket, chosen = bucket + 1, chosen[1:]
        places = slice(bucket, bucket + len(chosen))
        self._numbers[:, places] = rows[:, chosen]
        self._preferred[places] = preferred[chosen]
        self._filed += count

    def _join_buckets(self) -> None:
        left = np.arange(0, self._buckets, 2)
        right = np.minimum(left + 1, self._buckets - 1)
        chosen = np.where(self._preferred[left] | ~self._preferred[right], left, right)
        self._numbers[:, : len(chosen)] = self._numbers[:, chosen]
        self._preferred[: len(chosen)] = self._preferred[chosen]
        self._stride *= 2


class ThinnedList(Generic[Item]):
    """Things in order, at most `capacity` of them, spread evenly over all that were appended; the first and the newest stay."""

    def __init__(self, capacity: int) -> None:
        self.items: list[Item] = []
        self._capacity = capacity
        self._stride = 1
        self._seen = 0

    def append(self, item: Item) -> None:
        """Add `item` as the newest."""
        if self._seen and (self._seen - 1) % self._stride:
            self.items.pop()
        self.items.append(item)
        self._seen += 1
        if len(self.items) > self._capacity:
            self.items = [*self.items[:-1:2], item]
            self._stride *= 2

    def amend(self, item: Item) -> None:
        """Put `item` in the place of the newest."""
        self.items[-1] = item

    def until(self, count: int) -> "ThinnedList[Item]":
        """A copy with the first `count` of the kept things."""
        copy: ThinnedList[Item] = ThinnedList(self._capacity)
        copy.items = self.items[:count]
        copy._stride = self._stride if count > 1 else 1  # a single thing has no distance to be kept
        copy._seen = self._seen if count >= len(self.items) else max(0, (count - 1) * self._stride + 1)
        return copy


class Extremes:
    """The lowest and the highest number of every column in rows that stand in a row, so that no peak of a long record is lost.

    The rows appended so far are divided into at most `capacity` buckets of `stride` consecutive ones. When these run out,
    neighbours are joined and `stride` doubles.
    """

    def __init__(self, names: Sequence[str], capacity: int = 4096) -> None:
        """With the default a curve has at least 4,096 points, once that many were appended: more than a screen has columns."""
        if capacity < 2 or capacity % 2:
            raise ValueError(f"buckets are joined two by two: their number must be even, not {capacity}")
        self.names = tuple(names)
        self._places = {name: place for place, name in enumerate(self.names)}
        self._at, self._end = np.zeros((2, capacity), np.int64)
        self._low = np.full((len(self.names), capacity), np.nan)
        self._high = self._low.copy()
        self._stride = 1
        self._seen = 0

    @property
    def nbytes(self) -> int:
        """Memory that is taken, whatever is appended."""
        return self._at.nbytes + self._end.nbytes + self._low.nbytes + self._high.nbytes

    def append(self, at: Integers, rows: Floats) -> None:
        """Add `rows`, an array (columns, rows), which stand at the places `at` of a rising axis; NaN counts for nothing."""
        start = 0
        while start < len(at):
            room = len(self._at) * self._stride - self._seen
            if room == 0:
                self._join_buckets()
                continue
            self._put_into_buckets(at[start : start + room], rows[:, start : start + room])
            start += room

    def add_columns(self, names: Sequence[str]) -> None:
        """Make columns of these names, behind the others and empty in the rows so far."""
        self.names = (*self.names, *names)
        self._places = {name: place for place, name in enumerate(self.names)}
        empty = np.full((len(names), len(self._at)), np.nan)
        self._low, self._high = (np.concatenate([numbers, empty]) for numbers in (self._low, self._high))

    def curve(self, name: str) -> tuple[Integers, Floats]:
        """Places and numbers of one column: all of a short record; of a long one two a bucket, the lowest and the highest."""
        count = -(-self._seen // self._stride)
        at, low = self._at[:count], self._low[self._places[name], :count]
        if self._stride == 1:
            return at.copy(), low.copy()
        return np.repeat(at, 2), np.stack([low, self._high[self._places[name], :count]], axis=1).ravel()

    def until(self, at: int) -> "Extremes":
        """A copy with the buckets that end before or at `at`."""
        count = -(-self._seen // self._stride)
        kept = int(np.searchsorted(self._end[:count], at, side="right"))
        copy = Extremes(self.names, len(self._at))
        copy._at[:kept], copy._end[:kept] = self._at[:kept], self._end[:kept]
        copy._low[:, :kept], copy._high[:, :kept] = self._low[:, :kept], self._high[:, :kept]
        copy._stride, copy._seen = self._stride, min(kept * self._stride, self._seen)
        return copy

    def _put_into_buckets(self, at: Integers, rows: Floats) -> None:
        bucket, fullness = divmod(self._seen, self._stride)
        first = bucket_starts(self._seen, len(at), self._stride)
        places = slice(bucket, bucket + len(first))
        begun = 1 if fullness else 0
        self._at[bucket + begun : places.stop] = at[first[begun:]]
        self._end[places] = at[np.append(first[1:], len(at)) - 1]
        self._low[:, places] = np.fmin(self._low[:, places], np.fmin.reduceat(rows, first, axis=1))
        self._high[:, places] = np.fmax(self._high[:, places], np.fmax.reduceat(rows, first, axis=1))
        self._seen += len(at)

    def _join_buckets(self) -> None:
        half = len(self._at) // 2
        self._at[:half], self._end[:half] = self._at[::2], self._end[1::2]
        self._low[:, :half] = np.fmin(self._low[:, ::2], self._low[:, 1::2])
        self._high[:, :half] = np.fmax(self._high[:, ::2], self._high[:, 1::2])
        self._low[:, half:] = self._high[:, half:] = np.nan
        self._stride *= 2
