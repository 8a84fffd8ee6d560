"""A horizontal axis of names, such as those of layers or classes, that stays readable however many there are."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class NameTicks:
    """Where names stand on an axis on which the first thing is at 0, the second at 1, and so on."""

    positions: tuple[int, ...]
    texts: tuple[str, ...]
    upright: bool
    """Whether they are turned by a quarter, to be read from below."""
    height: float
    """Pixels that they take below the axis."""

    @property
    def look(self) -> dict[str, object]:
        """How matplotlib is to write them; turned ones hang from the axis by their end."""
        turned = {"rotation": 90, "rotation_mode": "anchor", "ha": "right", "va": "center"}
        return turned if self.upright else {"rotation": 0, "ha": "center", "va": "top"}


def name_ticks(
    names: Sequence[str],
    limits: tuple[float, float],
    width: float,
    highest: float,
    text_width: Callable[[str], float],
    line_height: float,
) -> NameTicks:
    """Ticks for those of `names` that lie within the `limits` of an axis of `width` pixels, at most `highest` pixels high.

    Side by side where all have room, else every second one a line lower; where that is not enough, turned by a quarter: then
    long ones lose their middle, and where lines would touch only every second, third, … is written.
    """
    first, last = max(math.ceil(limits[0]), 0), min(math.floor(limits[1]), len(names) - 1)
    positions = tuple(range(first, last + 1))
    room = width / (limits[1] - limits[0])
    if all(text_width(names[position]) <= 0.9 * room for position in positions):
        return NameTicks(positions, tuple(names[position] for position in positions), upright=False, height=line_height)
    if 2 * line_height <= highest and _fit_in_turns([text_width(names[position]) for position in positions], room, line_height):
        texts = tuple("\n" * (place % 2) + names[position] for place, position in enumerate(positions))
        return NameTicks(positions, texts, upright=False, height=2 * line_height)
    positions = positions[:: math.ceil(1.25 * line_height / room)]
    texts = tuple(shortened(names[position], highest, text_width) for position in positions)
    return NameTicks(positions, texts, upright=True, height=max(map(text_width, texts)))


def _fit_in_turns(widths: Sequence[float], room: float, line_height: float) -> bool:
    """Whether texts of these widths, each in the middle of its `room`, have space where every second one is a line lower.

    The outermost reach beyond the axis: on the left there are the numbers of the other axis, on the right a margin only.
    """
    ends = widths[0] <= room + 3 * line_height and widths[-1] <= room + line_height
    return ends and all(width + 0.6 * line_height <= 2 * room for width in widths)


def make_room(axes: Any, names: NameTicks, line_height: float) -> None:  # noqa: ANN401
    """Raise the lower end of `axes`, which stand where one line of tick labels has room below them, for turned names."""
    figure, box = axes.figure, axes.get_position()
    bottom = box.y0 + max(names.height - line_height, 0.0) / figure.bbox.height
    axes.set_position((box.x0, bottom, box.width, max(box.y1 - bottom, 0.1)))
    beside = axes.yaxis.label.get_position()[0]
    axes.yaxis.set_label_coords(beside, (bottom + box.y1) / 2, transform=figure.transFigure)


def shortened(name: str, width: float, text_width: Callable[[str], float]) -> str:
    """`name` without its middle where it is wider than `width`: what tells layers apart is often at the end."""
    if text_width(name) <= width:
        return name
    for kept in range(len(name) - 2, 0, -1):
        ends = f"{name[: kept - kept // 2]}…{name[len(name) - kept // 2 :]}"
        if text_width(ends) <= width:
            return ends
    return "…"
