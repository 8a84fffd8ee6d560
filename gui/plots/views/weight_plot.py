"""What one layer has learned: its weights as maps, the slopes of PReLU, the pieces of Maxout."""

from collections.abc import Iterable, Mapping, Sequence
from math import ceil, prod, sqrt
from typing import Any

import numpy as np
from matplotlib.collections import LineCollection
from numpy.typing import NDArray
from PySide6.QtWidgets import QWidget

from gui.plots.axes import ticks
from gui.plots.axes.curves import Floats, spread
from gui.plots.axes.names_axis import shortened
from gui.plots.axes.tiles import Box, Bytes, colour_bytes, coloured, framed, reach_of
from gui.plots.curve_plot import line_style
from gui.plots.header import Entry, HeadNumber
from gui.plots.help import Help
from gui.plots.maps import LayerMapPlot, Words, range_of
from gui.plots.plot import Row
from gui.plots.switches import limit
from gui.plots.views.pieces import Pieces
from gui.theme import Theme
from models.experiment.layers import Maxout, PReLU
from models.telemetry.shares import percent
from models.telemetry.wanted import Looks, Unseen, Wanted, WeightArray, Weights

most_slopes = 64
"""Slopes of PReLU that are drawn, evenly spread."""
envelope_name = "maximum"


class WeightPlot(LayerMapPlot):
    """Every array of weights of a layer as a map, kernels of convolutions as tiles."""

    title = "Weights"
    help = Help(
        shows="All weights of the selected layer: orange below 0, blue above; the number beside each name is where both colours "
        "are strongest. Rows of a kernel are what comes in, columns are units; of a convolution each tile is the window of "
        "one input (row) and one filter (column). PReLU can show its slopes, Maxout the pieces of a unit and their envelope, "
        "along the direction in which the pieces differ most; marks at the bottom are training examples.",
        good="Weights of both signs and of similar size in all columns; kernels with a shape, such as an edge.",
        bad="Whole columns at 0: units that do nothing. Rows at 0: inputs that are not used. Kernels like noise that never "
        "change: the layer does not learn. One spot far stronger than all others: the weights run away.",
    )
    empty_sentence = "Press Train to see the weights of the selected layer"
    part = "weights"

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent=parent)
        self.unit = self.add_number("unit", HeadNumber("Number of the Maxout unit whose pieces are shown", "unit"))
        self.unit.valueChanged.connect(lambda _: self.changed())
        self.weights: Weights | None = None
        self._layout: dict[str, NDArray[np.int64]] = {}
        """For each array, which of its numbers stands in which cell; −1 is a gap."""
        self._reaches: dict[str, float] = {}
        self._boxes: dict[str, Box] = {}
        self._lines: list[Any] = []
        self._slopes: Any = None
        self._marks: Any = None

    @property
    def wanted(self) -> Wanted:
        return Wanted(weights=frozenset({self.layer} if self.layer else ()))

    @property
    def is_empty(self) -> bool:
        return self.weights is None or not self.weights.arrays

    @property
    def is_graph(self) -> bool:
        return self.chosen_way in ("slopes", "pieces")

    def found_in(self, looks: Looks | None) -> Weights | Unseen | None:
        return looks.weights.get(self.layer or "") if looks is not None else None

    def take(self, looks: Looks | None) -> bool:
        found = self.found_in(looks)
        weights = found if isinstance(found, Weights) else None
        if weights is self.weights:
            return False
        self.weights = weights
        self._explain()
        if weights is not None:
            self._offer_ways(weights)
            self._layout = {name: arranged(array, self._window(array)) for name, array in weights.arrays.items()}
            self._reaches = {
                name: reach_of(np.array([array.reach]), self._reaches.get(name, 0.0)) for name, array in weights.arrays.items()
            }
            count = sum(prod(array.shape) for array in weights.arrays.values())
            self.header.set_subtitle(f"{weights.layer}, {ticks.grouped(count)} weights", weights.layer)
        return True

    def table(self) -> tuple[Sequence[str], Iterable[Row]]:
        """One row for each weight that is shown: its array, its place in it, and its value."""
        arrays = self.weights.arrays if self.weights is not None else {}
        rows = (
            (name, " ".join(str(at * stride) for at, stride in zip(place, array.strides, strict=True)), float(value))
            for name, array in arrays.items()
            for place, value in np.ndenumerate(array.values)
        )
        return ("array", "place", "value"), rows

    # Maps

    def paint(self, picture: Bytes) -> list[Words]:
        assert self.weights is not None
        unit, words, theme, arrays = self.lettering.height, [], self.theme, self.weights.arrays
        self._boxes = self._placed(arrays, round(2.2 * unit), round(1.6 * unit))
        columns = len({box.left for box in self._boxes.values()})
        column = self.room.width // columns - (columns - 1) * unit
        common = _common_part(list(arrays))
        for name, box in self._boxes.items():
            array, layout = arrays[name], self._layout[name]
            cells = array.values.ravel()[layout]
            colours = coloured(cells, self._reaches[name], theme)
            colours[layout < 0] = colour_bytes(theme.hover)  # unlike a weight of 0
            framed(picture, box, colours, theme.border)
            own = name.removeprefix(common)
            titles = *_titles(own, array, self._reaches[name]), shortened(own, column, self.lettering.width)
            words.append(Words(self.lettering.fitting(titles, column), box.left, box.top - unit, theme.muted, "left"))
        return words

    def describe_place(self, x: float, y: float) -> str:
        for name, box in self._boxes.items():
            if box.holds(x, y) and self.weights is not None and name in self.weights.arrays:
                layout = self._layout[name]
                number = int(layout[box.cell(x, y, layout.shape)])
                return "" if number < 0 else _told(name, self.weights.arrays[name], number)
        return ""

    def _placed(self, arrays: Mapping[str, WeightArray], head: int, strip: int) -> dict[str, Box]:
        """Where the map of each array stands, `head` pixels being free above it: in one column, or in two where they are many."""
        room, names = self.room, list(arrays)
        needed = sum(head + strip * (3 if len(self._layout[name]) > 1 else 1) for name in names)
        if needed <= room.height or len(names) == 1:
            return self._column(arrays, room, head, strip)
        half, width = -(-len(names) // 2), (room.width - head) // 2
        first, second = ({name: arrays[name] for name in part} for part in (names[:half], names[half:]))
        left = Box(room.left, room.top, width, room.height)
        right = Box(room.left + width + head, room.top, width, room.height)
        return self._column(first, left, head, strip) | self._column(second, right, head, strip)

    def _column(self, arrays: Mapping[str, WeightArray], room: Box, head: int, strip: int) -> dict[str, Box]:
        """Arrays below each other: strips are low, the others share the height that is left."""
        tall = [name for name in arrays if len(self._layout[name]) > 1]
        share = max(strip // 2, (room.height - head * len(arrays) - strip * (len(arrays) - len(tall))) // max(len(tall), 1))
        boxes, top = {}, room.top
        for name, array in arrays.items():
            rows, columns = self._layout[name].shape
            width, height = room.width, share if name in tall else strip
            if self._window(array):  # windows keep their shape
                cell = min(width / columns, height / rows)
                width, height = max(1, int(cell * columns)), max(1, int(cell * rows))
            boxes[name] = Box(room.left, top + head, width, height)
            top += head + height
        return boxes

    def _window(self, array: WeightArray) -> int:
        """How many axes at first are those of a window of pictures or sequences, or of the picture that PReLU has slopes for."""
        layer, axes = self._declared.get(self.layer or ""), len(array.shape)
        if layer is None or axes < 3:
            return 0
        return axes - 2 if layer.family == "convolution" else 2 if isinstance(layer, PReLU) else 0

    # Graphs

    def build_graph(self) -> None:
        theme = self.theme
        if self.chosen_way == "slopes":
            self.axes.set_xlabel("what comes in")
            self.axes.set_ylabel("what is put out")
            self._slopes = LineCollection([], colors=theme.accent, linewidths=0.8, alpha=0.5, animated=True)
            self.axes.add_collection(self._slopes, autolim=False)
            return
        assert self.weights is not None
        pieces = self._pieces(self.weights)
        self.axes.set_xlabel("what comes in" if pieces.inputs == 1 else "direction where pieces differ most")
        self.axes.set_ylabel("each piece")
        entries = [
            Entry(_piece_name(number), theme.series_colour(number + 1), line=line_style(number + 1, len(theme.series)))
            for number in range(pieces.count)
        ]
        self._lines = [
            self.axes.plot([], [], color=entry.colour, linewidth=1.2, linestyle=entry.line, animated=True)[0] for entry in entries
        ]
        self._lines += self.axes.plot([], [], color=theme.accent, linewidth=2.4, animated=True)
        self.header.set_legend([*entries, Entry(envelope_name, theme.accent, line="-")])
        self._marks = self.axes.scatter(
            [], [], marker="|", s=40, linewidths=0.6, color=theme.muted, transform=self.axes.get_xaxis_transform(), animated=True
        )

    def fill_graph(self) -> tuple[ticks.Range, ticks.Range]:
        assert self.weights is not None
        if self.chosen_way == "slopes":
            slopes = self._drawn_slopes(self.weights)
            self._slopes.set_segments([[(-1, -slope), (0, 0), (1, 1)] for slope in slopes.tolist()])
            return (-1.0, 1.0), range_of(-slopes, [0.0, 1.0])
        pieces = self._pieces(self.weights)
        positions = pieces.positions
        sums = pieces.sums(positions)
        names = (*map(_piece_name, range(pieces.count)), envelope_name)
        for name, line, values in zip(names, self._lines, (*sums, sums.max(axis=0)), strict=True):
            line.set_data(positions, values)
            line.set_visible(name not in self.hidden)
        self._marks.set_offsets(np.column_stack([pieces.examples, np.full(len(pieces.examples), 0.03)]))
        return range_of(positions), range_of(sums)

    def describe_graph(self, x: float, y: float) -> str:
        if self.weights is None:
            return ""
        if self.chosen_way == "slopes":
            slopes = self.weights.arrays["alpha"].values
            low, high = range_of(slopes)
            return f"slopes below 0: from {ticks.short(low)} to {ticks.short(high)}, mean {ticks.short(float(slopes.mean()))}"
        pieces = self._pieces(self.weights)
        sums = pieces.sums(np.array([x]))[:, 0]
        lines = [f"{_piece_name(number)}: {ticks.short(float(value))}" for number, value in enumerate(sums)]
        lines.append(f"piece {int(sums.argmax())} is the greatest here; of the training examples each is for")
        return "\n".join([*lines, ", ".join(percent(share) for share in pieces.shares)])

    def _drawn_slopes(self, weights: Weights) -> Floats:
        slopes = np.sort(weights.arrays["alpha"].values.ravel().astype(np.float64))
        slopes = slopes[np.isfinite(slopes)]
        return np.asarray(slopes[spread(slopes, most_slopes)])

    def _pieces(self, weights: Weights) -> Pieces:
        layer = self._declared[weights.layer]
        assert isinstance(layer, Maxout)
        assert weights.arriving is not None
        kernel, bias = weights.arrays["kernel"].values, weights.arrays.get("bias")
        of_unit = slice(self.unit.value() * layer.pieces, (self.unit.value() + 1) * layer.pieces)
        return Pieces(
            kernel[:, of_unit].astype(np.float64),
            np.zeros(layer.pieces) if bias is None else bias.values[of_unit].astype(np.float64),
            weights.arriving.astype(np.float64),
        )

    # What there is to choose

    def _offer_ways(self, weights: Weights) -> None:
        layer, ways = self._declared.get(weights.layer), [("map", "map")]
        whole = all(stride == 1 for array in weights.arrays.values() for stride in array.strides)
        if isinstance(layer, PReLU):
            ways.append(("slopes", "slopes"))
        if isinstance(layer, Maxout) and whole and weights.arriving is not None:
            limit(self.unit, layer.units - 1)
            ways.append(("pieces", "pieces"))
        self.offer(ways)

    def _change_way(self) -> None:
        self.unit.setEnabled(self.chosen_way == "pieces")
        self.header.set_legend([])
        super()._change_way()

    def _forget(self) -> None:
        self.weights = None
        self._layout, self._reaches, self._boxes = {}, {}, {}
        super()._forget()

    def _explain(self) -> None:
        if self.weights is not None and not self.weights.arrays:
            self.empty_sentence = f"{self.weights.layer} has no weights: select another layer"
        else:
            super()._explain()


def arranged(array: WeightArray, window: int) -> NDArray[np.int64]:
    """Which of the array's numbers stands in which cell of its map (rows, columns); −1 is a gap.

    With `window` 0 a matrix stands as it is and a vector is a row. Otherwise so many axes at first are those of a window, which
    is one tile for each input (row of tiles) and filter (column of tiles), those being the other axes; with one input the filters
    stand in several rows.
    """
    shape = array.values.shape
    numbers = np.arange(array.values.size)
    if not window:
        return numbers.reshape(1, -1) if len(shape) < 2 else numbers.reshape(shape[0], -1)
    rows, columns, filters = prod(shape[: window - 1]), shape[window - 1], shape[-1]
    tiles = numbers.reshape(rows, columns, -1, filters).transpose(2, 3, 0, 1)
    if len(tiles) == 1:  # one long row of filters: several rows have more room
        across = min(filters, ceil(sqrt(2 * filters)))
        missing = np.full((-filters % across, rows, columns), -1)
        tiles = np.concatenate([tiles[0], missing]).reshape(-1, across, rows, columns)
    cells = np.full((tiles.shape[0], rows + 1, tiles.shape[1], columns + 1), -1, dtype=np.int64)
    cells[:, :rows, :, :columns] = tiles.transpose(0, 2, 1, 3)
    return cells.reshape(tiles.shape[0] * (rows + 1), -1)[:-1, :-1]


def _piece_name(number: int) -> str:
    return f"piece {number}"


def _common_part(names: Sequence[str]) -> str:
    """What all names begin with, such as ``gru_cell/``: it tells none of them from the others."""
    first, slash, _ = names[0].partition("/")
    return first + slash if slash and all(name.startswith(first + slash) for name in names) else ""


def _titles(name: str, array: WeightArray, reach: float) -> tuple[str, ...]:
    """What stands above the map of an array, in ever fewer words."""
    shape = " × ".join(map(str, array.shape)) or "1"
    thinned = "" if all(stride == 1 for stride in array.strides) else ", thinned"
    lost = f", {ticks.grouped(array.not_finite)} not finite" if array.not_finite else ""
    return f"{name}  {shape}{thinned}, ±{ticks.short(reach)}{lost}", f"{name}  {shape}{lost}", f"{name}{lost}"


def _told(name: str, array: WeightArray, number: int) -> str:
    place = np.unravel_index(number, array.values.shape)
    at = ", ".join(str(int(index) * stride) for index, stride in zip(place, array.strides, strict=True))
    lines = [
        f"{name}[{at}] = {ticks.short(float(array.values[place]))}",
        f"all: from {ticks.short(array.low)} to {ticks.short(array.high)}",
        f"mean {ticks.short(array.mean)} ± {ticks.short(array.std)}",
    ]
    return "\n".join([*lines, *([f"{array.not_finite} not finite"] if array.not_finite else [])])
