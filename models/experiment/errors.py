"""Bad input from outside: a file, an argument, a data set."""


class BadInput(Exception):
    """Something a person handed in cannot be used; says where, what was expected, what was found and what to do."""

    def __init__(self, place: str, expected: str, found: str = "", remedy: str = "") -> None:
        super().__init__(place, expected, found, remedy)
        self.place = place
        self.expected = expected
        self.found = found
        self.remedy = remedy

    def __str__(self) -> str:
        found = f", found {self.found}" if self.found else ""
        remedy = f"; {self.remedy}" if self.remedy else ""
        sentence = f"{self.place}: expected {self.expected}{found}{remedy}"
        return sentence if sentence.endswith("?") else sentence + "."
