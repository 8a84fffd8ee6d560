"""What is wrong with data, said in one sentence: where, what was expected, what was found, what to do."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from models.experiment.errors import BadInput, Setting


def quoted(text: str, longest: int = 40) -> str:
    """`text` in quotation marks, shortened where it is long."""
    return f"“{text if len(text) <= longest else text[: longest - 1] + '…'}”"


def listed(names: Iterable[str], longest: int = 8) -> str:
    """Quoted `names` in a row, the first few of them where there are many."""
    every = list(names)
    text = ", ".join(quoted(name) for name in every[:longest])
    return text if len(every) <= longest else f"{text} and {len(every) - longest} more"


def suggestion(name: str, names: Iterable[str]) -> str:
    """A question that offers the one of `names` nearest to `name`, or nothing where none is near."""
    near = {known.casefold(): known for known in names}
    match = difflib.get_close_matches(name.casefold(), near, n=1)
    return f"did you mean {quoted(near[match[0]])}?" if match else ""


@dataclass(frozen=True)
class Place:
    """Where in a source something was found."""

    file: str
    """Path of the file as it was given, or the name of a source that is not a file."""
    line: int | None = None
    """Counted from 1, as editors do."""
    column: str | None = None
    array: str | None = None
    index: tuple[int, ...] | None = None
    """Position in the array, counted from 0, as NumPy does."""

    def __str__(self) -> str:
        parts = [self.file]
        if self.line is not None:
            parts.append(f"line {self.line}")
        if self.column is not None:
            parts.append(f"column {quoted(self.column)}")
        if self.array is not None:
            position = "" if self.index is None else f"[{', '.join(map(str, self.index))}]"
            parts.append(f"array {self.array}{position}")
        return ", ".join(parts)


class DataError(BadInput):
    """Data that cannot be used as they are; its text is a sentence for the person who can mend them."""

    def __init__(self, where: Place, expected: str, found: str, remedy: str = "", setting: Setting | None = None) -> None:
        super().__init__(str(where), expected, found, remedy, setting)
        self.where = where


class Unusable(DataError):
    """A file that cannot be learned from, however its source is set up: mending it begins outside the program."""

    @classmethod
    def because_of(cls, problem: DataError) -> "Unusable":
        """The same sentence."""
        return cls(problem.where, problem.expected, problem.found, problem.remedy)
