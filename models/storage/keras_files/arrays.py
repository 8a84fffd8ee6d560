"""Arrays in HDF5 files of any origin: none is read before it is seen to be plain numbers that the file really holds."""

import contextlib
from collections.abc import Iterator, Mapping
from math import prod
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from models.experiment.base import KnownShape
from models.experiment.counting import grouped
from models.experiment.errors import BadInput

if TYPE_CHECKING:
    import h5py

most_objects = 200
"""Below one layer."""
deepest = 12
longest_name = 200
widest_number = 8
"""Bytes of one number."""
again = "save the network once more with Keras: model.save(…)"


class StoredArrays:
    """The arrays of an HDF5 file by their paths, such as ``layers/dense/vars/0``; raises `BadInput` for what is not plain.

    Only what is asked for is ever opened. Allowed are groups and arrays of numbers that hard links lead to, each by one way;
    stored as they are, without filters; that lie in the file, all of them together no larger than it.
    """

    def __init__(self, file: IO[bytes] | Any, size: int, place: str) -> None:  # noqa: ANN401
        self.place = place
        self._size = size
        self._left = size
        """Bytes of the file that no array has been seen to lie in."""
        self._seen: dict[int, str] = {}
        """Where every object was found."""
        import h5py

        self._groups: dict[str, h5py.h5g.GroupID] = {}
        with self._understood():
            self._file = h5py.File(file, "r")
            self._groups[""] = h5py.h5g.open(self._file.id, b"/")

    def __enter__(self) -> "StoredArrays":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self._groups.clear()
        self._file.close()

    def holds(self, name: str) -> bool:
        """Whether there is something of that name at the top."""
        with self._understood():
            return bool(self._groups[""].links.exists(name.encode()))

    def below(self, path: str) -> Mapping[str, KnownShape]:
        """Shapes of the arrays below `path`, by the rest of their paths; empty where there is nothing."""
        with self._understood():
            if self._group(path) is None:
                return {}
            found: dict[str, KnownShape] = {}
            waiting, count = [path], 0
            while waiting:
                group = waiting.pop()
                names = self._names(group)
                count += len(names)
                if count > most_objects:
                    self._refuse(path, f"at most {most_objects} objects", "more")
                for name in names:
                    inner = f"{group}/{name}"
                    if self._group(inner) is not None:
                        waiting.append(inner)
                    else:
                        found[inner.removeprefix(f"{path}/")] = self.shape(inner)
            return found

    def shape(self, path: str) -> KnownShape:
        """KnownShape of the array at `path`, which is seen to be plain by that."""
        import h5py

        parent, _, name = path.rpartition("/")
        with self._understood():
            group = self._group(parent)
            if group is None or not group.links.exists(name.encode()):
                self._refuse(path, "an array", "nothing")
            self._check_link(group, name, path)
            return self._checked(h5py.h5d.open(group, name.encode()), path)

    def read(self, path: str) -> NDArray[Any]:
        """The array at `path`, whose shape was asked for before."""
        with self._understood():
            return np.asarray(self._file[path][()])

    def texts(self, group: str, name: str, most_bytes: int) -> tuple[str, ...] | None:
        """The text, or the list of texts, in the attribute `name` of a group; none where there is no such attribute."""
        import h5py

        where = f"{group} {name}".strip()
        with self._understood():
            owner = self._group(group)
            if owner is None or not h5py.h5a.exists(owner, name.encode()):
                return None
            attribute = h5py.h5a.open(owner, name.encode())
            kind, count = attribute.get_type(), attribute.get_space().get_simple_extent_npoints()
            if not count:
                return ()
            if kind.get_class() != h5py.h5t.STRING or kind.get_size() * count > most_bytes:
                self._refuse(where, f"text of at most {grouped(most_bytes)} bytes", "something else")
            found = np.atleast_1d(np.asarray(h5py.Group(owner).attrs[name], object))
            texts = tuple(text.decode() if isinstance(text, bytes) else str(text) for text in found.tolist())
        if sum(map(len, texts)) > most_bytes:
            self._refuse(where, f"text of at most {grouped(most_bytes)} bytes", "more")
        return texts

    @contextlib.contextmanager
    def _understood(self) -> Iterator[None]:
        """Turn what HDF5 says of a damaged file into a sentence."""
        try:
            yield
        except (OSError, RuntimeError, ValueError, KeyError, TypeError, MemoryError, UnicodeError) as error:
            reason = printable(str(error)[:80])
            raise BadInput(self.place, "an HDF5 file that can be read", f"a damaged one ({reason})", again) from None

    def _group(self, path: str) -> "h5py.h5g.GroupID | None":
        """The group at `path`; none where there is none."""
        import h5py

        if path in self._groups:
            return self._groups[path]
        parent, _, name = path.rpartition("/")
        owner = self._group(parent)
        if owner is None or not owner.links.exists(name.encode()):
            return None
        self._check_link(owner, name, path)
        if h5py.h5o.get_info(owner, name.encode()).type != h5py.h5o.TYPE_GROUP:
            return None
        self._groups[path] = h5py.h5g.open(owner, name.encode())
        return self._groups[path]

    def _names(self, path: str) -> list[str]:
        group = self._groups[path]
        if group.get_num_objs() > most_objects:
            self._refuse(path, f"at most {most_objects} objects", "more")
        return [name.decode() for name in group]

    def _check_link(self, group: "h5py.h5g.GroupID", name: str, path: str) -> None:
        import h5py

        if not name.isprintable() or len(name) > longest_name or path.count("/") > deepest:
            self._refuse(path, f"printable names of at most {longest_name} characters, {deepest} groups deep", "another")
        kind = group.links.get_info(name.encode()).type
        if kind != h5py.h5l.TYPE_HARD:
            self._refuse(path, "hard links only", "a link to another file" if kind == h5py.h5l.TYPE_EXTERNAL else "a soft link")
        info = h5py.h5o.get_info(group, name.encode())
        if info.type not in (h5py.h5o.TYPE_GROUP, h5py.h5o.TYPE_DATASET):
            self._refuse(path, "groups and arrays of numbers", "a named type")
        if self._seen.setdefault(info.addr, path) != path:
            self._refuse(path, "every object by one way", "one that is there by another name")

    def _checked(self, array: "h5py.h5d.DatasetID", path: str) -> KnownShape:
        """The shape of `array`. How it is stored comes first: to ask a virtual array for its size would open other files."""
        import h5py

        plan = array.get_create_plist()
        if plan.get_layout() not in (h5py.h5d.CONTIGUOUS, h5py.h5d.COMPACT):
            kind = "a virtual array, made of other files" if plan.get_layout() == h5py.h5d.VIRTUAL else "an array in chunks"
            self._refuse(path, "arrays that are stored in one piece, as Keras does it", kind, again)
        if plan.get_external_count():
            self._refuse(path, "arrays that are in this file", "one in another file")
        if plan.get_nfilters():
            self._refuse(path, "arrays that are stored as they are, as Keras does it", "a filter, such as compression", again)
        kind, width = array.get_type().get_class(), array.get_type().get_size()
        if kind not in (h5py.h5t.INTEGER, h5py.h5t.FLOAT) or width > widest_number:
            self._refuse(path, f"numbers of at most {widest_number} bytes", "values of another type")
        space = array.get_space()
        if space.get_simple_extent_type() not in (h5py.h5s.SCALAR, h5py.h5s.SIMPLE):
            self._refuse(path, "numbers", "an array of nothing")
        shape = tuple(int(size) for size in space.get_simple_extent_dims())
        self._check_storage(array, path, prod(shape) * width)
        return shape

    def _check_storage(self, array: "h5py.h5d.DatasetID", path: str, declared: int) -> None:
        self._left -= declared
        offset = array.get_offset()
        beyond = offset is not None and offset + declared > self._size
        if declared > array.get_storage_size() or self._left < 0 or beyond:
            self._refuse(path, f"{grouped(declared)} bytes of numbers, as is said there", "a file that does not hold them")

    def _refuse(self, path: str, expected: str, found: str, remedy: str = "") -> NoReturn:
        name = printable(path[-80:])
        raise BadInput(f"{self.place}, {name}" if name else self.place, expected, found, remedy)


def printable(text: str) -> str:
    """`text` out of a stranger's file, without signs that would spoil a sentence."""
    return "".join(sign if sign.isprintable() else "?" for sign in text)
