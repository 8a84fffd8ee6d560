"""Bad input from outside: a file, an argument, a data set."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Setting:
    """A field of the data, and the value with which the input could be used."""

    field: str
    value: str | tuple[str, ...]
    label: str
    """What it does, as words for a button."""


def system_reason(error: OSError) -> str:
    """Why the system does not do something with a file, as the end of a sentence."""
    return "a folder" if isinstance(error, IsADirectoryError) else (error.strerror or str(error)).lower()


class BadInput(Exception):
    """Something a person handed in cannot be used; says where, what was expected, what was found and what to do."""

    def __init__(self, place: str, expected: str, found: str = "", remedy: str = "", setting: Setting | None = None) -> None:
        super().__init__(place, expected, found, remedy)
        self.place = place
        self.expected = expected
        self.found = found
        self.remedy = remedy
        self.setting = setting

    def __str__(self) -> str:
        found = f", found {self.found}" if self.found else ""
        remedy = f"; {self.remedy}" if self.remedy else ""
        sentence = f"{self.place}: expected {self.expected}{found}{remedy}"
        return sentence if sentence.endswith("?") else sentence + "."
