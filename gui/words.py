"""Small helpers for what people read."""

from collections.abc import Sequence

from gui.widgets.numbers import grouped


def capitalized(sentence: str) -> str:
    """`sentence` with a capital at its beginning, and nothing else changed."""
    return sentence[:1].upper() + sentence[1:]


def counted(number: int, what: str) -> str:
    """``1 layer``, ``3 layers``."""
    return f"{grouped(number)} {what}" + ("" if number == 1 else "s")


def first_few(lines: Sequence[str], most: int) -> Sequence[str]:
    """`lines`, or only the first of them and how many more there are."""
    return lines if len(lines) <= most else (*lines[:most], f"and {len(lines) - most} more")
