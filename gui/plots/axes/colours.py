"""Colours between those of the theme."""

from functools import cache
from typing import Any

from matplotlib.colors import LinearSegmentedColormap, to_rgb

from gui.theme import Theme


@cache
def diverging(theme: Theme) -> Any:  # noqa: ANN401
    """The Playground's orange – background – blue, softened so that points stay visible."""
    ends = [mixed(theme.class_colour(number), theme.neutral, 0.85) for number in (0, 1)]
    return LinearSegmentedColormap.from_list("decision", [(0.0, ends[0]), (0.5, theme.neutral), (1.0, ends[1])])


def mixed(colour: str, other: str, share: float) -> tuple[float, ...]:
    """Red, green and blue between 0 and 1: `share` of `colour`, and the rest of `other`."""
    return tuple(share * a + (1 - share) * b for a, b in zip(to_rgb(colour), to_rgb(other), strict=True))
