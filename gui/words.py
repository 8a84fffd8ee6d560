"""Small helpers for what people read."""

from collections.abc import Sequence


def capitalized(sentence: str) -> str:
    """`sentence` with a capital at its beginning, and nothing else changed."""
    return sentence[:1].upper() + sentence[1:]


def first_few(lines: Sequence[str], most: int) -> Sequence[str]:
    """`lines`, or only the first of them and how many more there are."""
    return lines if len(lines) <= most else (*lines[:most], f"and {len(lines) - most} more")
