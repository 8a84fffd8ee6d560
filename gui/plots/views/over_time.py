"""Units of one layer over the steps of a sequence, as a heat map with what goes in at the same steps above it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gui.plots.axes import ticks
from gui.plots.axes.tiles import Box, Bytes, colour_bytes, coloured, framed, hatched, readable_on
from gui.plots.maps import Words
from gui.plots.views.unit_maps import UnitMaps, ends_of

Singles = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class OverTime:
    """A picture with a row for each unit and a column for each step; one unit as bars while it is looked at."""

    maps: UnitMaps
    """(units, 1, steps)."""
    given: Singles | None
    """(rows, steps): what goes in, a row for each feature; none where that is no sequence."""
    symbols: bool
    """Whether whole numbers that stand for symbols go in."""
    stride: int
    """Every so-manieth step is shown."""
    passed_over: NDArray[np.bool_] | None
    """(steps,): the steps that a mask passes over, of all; none where it passes over none."""
    filling: int | None
    """The unit that alone is shown, if one is."""
    room: Box
    text_height: float
    text_width: Callable[[str], float]

    @cached_property
    def input_box(self) -> Box | None:
        """Where what goes in stands: above the map."""
        if self.given is None:
            return None
        height = min(max(4, round(1.6 * self.text_height)) * len(self.given), self.room.height // 4)
        return Box(self.room.left + self._left, self.room.top + self._head, self._width, height)

    @cached_property
    def map_box(self) -> Box:
        """Where all units stand together."""
        above = self.input_box
        top = self.room.top + self._head if above is None else above.top + above.height + round(0.6 * self.text_height)
        height = self.room.top + self.room.height - top - round(1.6 * self.text_height)
        return Box(self.room.left + self._left, top, self._width, max(1, height))

    @cached_property
    def boxes(self) -> dict[int, Box]:
        """Where each unit stands: exactly the pixels that a map stretched to `map_box` has its row on."""
        box, count = self.map_box, len(self.maps.values)
        if self.filling is not None:
            return {self.filling: box}
        tops = [-(-number * box.height // count) for number in range(count + 1)]
        return {
            number: Box(box.left, box.top + tops[number], box.width, tops[number + 1] - tops[number]) for number in range(count)
        }

    def paint(self, picture: Bytes, hovered: int | None) -> list[Words]:
        """Paint everything, and say what is written on it."""
        words = self._steps_below()
        if self.given is not None and self.input_box is not None:
            framed(picture, self.input_box, self._colours_of(self.given), self.maps.theme.border)
            if self.passed_over is not None and len(self.passed_over) == self.given.shape[1]:
                hatched(picture, self.input_box, self.passed_over, self.maps.theme)
            words += self._symbols_in(self.input_box, self.given[0])
        if self.filling is not None:
            middle = self.map_box.left + self.map_box.width / 2, self.room.top + 0.7 * self.text_height
            words.append(Words(f"unit {self.filling}; click for all", *middle, self.maps.theme.muted))
            return words + self._paint_bars(picture, self.filling, self.map_box)
        framed(picture, self.map_box, self.maps.colours[:, 0], self.maps.theme.border)
        self._hatch(picture, self.map_box)
        covered = self._half_without(hovered) if hovered is not None else None
        words += [each for each in self._numbers_beside() if covered is None or not self._is_beside(each, covered)]
        return words + (self._paint_bars(picture, hovered, covered) if hovered is not None and covered is not None else [])

    def _half_without(self, number: int) -> Box:
        """The half of the map that a unit is not in."""
        box, row = self.map_box, self.boxes[number]
        above = row.top + row.height / 2 < box.top + box.height / 2
        height = box.height // 2
        return Box(box.left, box.top + (box.height - height if above else 0), box.width, height)

    def _paint_bars(self, picture: Bytes, number: int, place: Box) -> list[Words]:
        """One unit step by step, with the numbers at the upper and the lower edge."""
        framed(picture, place, self.maps.large(number, place), self.maps.theme.strong_border, 2)
        self._hatch(picture, place)
        low, high = ends_of(self.maps.values[number, 0], float(self.maps.reaches[number, 0, 0]))
        margin = 0.6 * self.text_height
        return [
            self._beside(ticks.short(high), place.top + margin),
            self._beside(ticks.short(low), place.top + place.height - margin),
        ]

    def _hatch(self, picture: Bytes, place: Box) -> None:
        """Draw apart the steps that the mask passes over, where `place` is a map of all that are shown."""
        if self.passed_over is not None:
            hatched(picture, place, self.passed_over[:: self.stride], self.maps.theme)

    def _numbers_beside(self) -> list[Words]:
        """Numbers of units, as many as there is room for."""
        fitting = max(1, int(self.map_box.height / (1.8 * self.text_height)) - 1)
        numbers = map(int, ticks.spaced(0, len(self.maps.values) - 1, fitting, whole=True))
        return [self._beside(str(number), self.boxes[number].top + self.boxes[number].height / 2) for number in numbers]

    def _is_beside(self, number: Words, covered: Box) -> bool:
        """Whether a number of a unit would stand beside the bars, or touch the numbers of their ends."""
        return covered.top - 0.8 * self.text_height < number.y < covered.top + covered.height + 0.8 * self.text_height

    def _steps_below(self) -> list[Words]:
        """Numbers of steps, as many as there is room for."""
        box, steps, unit = self.map_box, self.maps.values.shape[2], self.text_height
        y, muted = box.top + box.height + 0.95 * unit, self.maps.theme.muted
        numbers = ticks.spaced(0, steps - 1, max(1, int(box.width / (4.5 * unit))), whole=True)[1:]
        later = [
            Words(str(self.stride * int(number)), box.left + (number + 0.5) * box.width / steps, y, muted) for number in numbers
        ]
        first = Words("step 0", box.left, y, muted, "left")
        return [first, *(each for each in later if each.x > first.x + self.text_width(first.text) + 2.5 * unit)]

    def _symbols_in(self, box: Box, symbols: Singles) -> list[Words]:
        """The numbers of the symbols that go in, where there is room for them."""
        width = box.width / len(symbols)
        if not self.symbols or self.text_width(str(int(symbols.max()))) > 0.9 * width:
            return []
        texts = [str(int(symbol)) for symbol in symbols]
        colours = [readable_on(colour) for colour in self._colours_of(symbols[None])[0]]
        if self.passed_over is not None and len(self.passed_over) == len(symbols):
            pale = self.maps.theme.text
            colours = [pale if over else colour for over, colour in zip(self.passed_over, colours, strict=True)]
        places = [box.left + (step + 0.5) * width for step in range(len(symbols))]
        return [Words(text, x, box.top + box.height / 2, colour) for text, x, colour in zip(texts, places, colours, strict=True)]

    def _colours_of(self, given: Singles) -> Bytes:
        """(rows, steps, 3): each symbol in a colour, which repeat where there are many; other features each on its own scale."""
        theme = self.maps.theme
        if self.symbols:
            palette = np.array([colour_bytes(colour) for colour in theme.classes])
            return np.asarray(palette[given.astype(np.int64) % len(palette)])
        reach = np.abs(np.nan_to_num(given)).max(axis=1, keepdims=True)
        return coloured(given, np.where(reach > 0, reach, 1), theme)

    def _beside(self, text: str, y: float) -> Words:
        return Words(text, self.map_box.left - 0.5 * self.text_height, y, self.maps.theme.muted, "right")

    @property
    def _head(self) -> int:
        """Pixels above everything for the name of the unit that alone is shown."""
        return round(1.9 * self.text_height) if self.filling is not None else 0

    @cached_property
    def _left(self) -> int:
        """Pixels that the numbers on the left take, those of the bars' ends among them."""
        texts = str(len(self.maps.values)), *(ticks.short(-reach) for reach in np.unique(self.maps.reaches).tolist())
        return round(max(map(self.text_width, texts)) + 0.8 * self.text_height)

    @property
    def _width(self) -> int:
        return max(1, self.room.width - self._left)


def by_step(example: Singles) -> Singles | None:
    """(rows, steps): an example as the rows of its features; none where it is no sequence."""
    return np.atleast_2d(example.T) if example.ndim <= 2 else None
