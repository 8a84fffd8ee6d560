"""What each unit of one layer responds to."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtWidgets import QWidget

from gui.plots.axes import ticks
from gui.plots.axes.tiles import Box, Bytes, colour_bytes, coloured, framed, laid_out, put, put_all, reach_of
from gui.plots.help import Help
from gui.plots.maps import LayerMapPlot, Words, range_of
from gui.plots.plot import Row
from gui.plots.views.judged import examples_of, picture_of
from gui.plots.views.surface import Meaning
from gui.plots.views.unit_graphs import BentPlane, UnitLines, curves_of, sum_name, what_is_added
from gui.theme import Theme
from models.data.prepared import Prepared, View
from models.telemetry.wanted import Looks, Neurons, Wanted, WeightArray

if TYPE_CHECKING:
    from gui.runner import RunPrepared

Singles = NDArray[np.float32]

most_dots = 300
"""Training examples that are drawn on an enlarged map."""
most_told = 6
"""Weights of a unit that are told one by one."""
most_inputs = 4
"""Inputs of a convolution whose kernels are shown beside each other."""


class NeuronPlot(LayerMapPlot):
    """The response of every unit of a layer: over the plane of two features, over one feature, or for one example.

    Hovering enlarges a unit's map and tells its weights; a click lets it fill the panel, and another one brings all units back.
    """

    title = "Neurons"
    help = Help(
        shows="Every unit of the selected layer. With two features: what it puts out over their plane, orange below 0, blue "
        "above. With one feature: what each unit adds to the sum of a unit of the next Dense layer, which can be chosen, "
        "and the sum with the bias; the units that go furthest are named. Otherwise: what it puts out for the example that is "
        "chosen; of a convolution its feature maps, or its kernels. Hover to enlarge a unit and to read its weights, click to "
        "let it fill the panel. A layer of two units can also be seen as a bent plane: the grid of the data's plane as it "
        "arrives there.",
        good="Units differ from each other, and maps get more complicated from layer to layer.",
        bad="A map of one colour: the unit is dead, or does not depend on what comes in. Many maps alike: more units than the "
        "task needs, or weights that started equal.",
    )
    empty_sentence = "Press Train to see what each unit of the selected layer responds to"

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent=parent)
        self.example = self.add_number(
            "example", "Number of the validation example, or training example, that units are shown for"
        )
        """Where data have no view."""
        self.receiver = self.add_number("receiving unit", "Number of the unit of the next layer in whose sum units are added up")
        self.receiver.valueChanged.connect(self._add_up_elsewhere)
        self.neurons: Neurons | None = None
        self.filling: int | None = None
        """The unit whose map fills the panel."""
        self.hovered: int | None = None
        """The unit that the pointer is over."""
        self._data: Prepared | None = None
        self._meaning: Meaning | None = None
        self._names: frozenset[str] = frozenset()
        """Of the layers of the network that was trained."""
        self._reach = 0.0
        self._boxes: dict[int, Box] = {}
        """Where the unit of each number stands."""
        self._input_box: Box | None = None
        self._arrangement: tuple[tuple[object, ...], tuple[list[Box], int]] = (), ([], 0)
        """Room, number and shape of maps, and where they stand."""
        self.graph: UnitLines | BentPlane | None = None

    @property
    def wanted(self) -> Wanted:
        return Wanted(neurons=frozenset({self.layer} if self.layer else ()), example=self.example.value())

    @property
    def is_empty(self) -> bool:
        return self.neurons is None or self.neurons.outputs.ndim > 3

    @property
    def is_graph(self) -> bool:
        return self.chosen_way in ("contributions", "outputs", "bent")

    def start(self, run: "RunPrepared") -> None:
        super().start(run)
        self._data = prepared = run.prepared
        self._meaning = Meaning.of(run.experiment, prepared)
        self._names = frozenset(layer.name for layer in run.experiment.network)
        self.example.setMaximum(max(0, len(examples_of(prepared)) - 1))
        self.example.setEnabled(prepared.view is None)
        self.header.arrange()
        self._explain()

    def clear(self) -> None:
        """Show nothing, as before the first run."""
        self._data = self._meaning = None
        self.example.setEnabled(False)
        self._forget()

    def show_example(self, number: int) -> None:
        """Show what units put out for the example of this number."""
        self.example.setValue(number)

    def take(self, looks: Looks | None) -> bool:
        neurons = looks.neurons.get(self.layer or "") if looks is not None else None
        if neurons is self.neurons:
            return False
        self.neurons = neurons
        self._explain()
        if neurons is not None:
            self.offer(self._ways(neurons))
            self._let_choose(neurons)
            self._reach = reach_of(self._values(neurons), self._reach)
            self.header.set_subtitle(_name_of(neurons))
        return True

    def table(self) -> tuple[Sequence[str], Iterable[Row]]:
        """One row for each unit at each place: its number, the place, and what it puts out there."""
        neurons = self.neurons
        if neurons is None:
            return (), ()
        names, axes = self._places(neurons)
        places = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, len(axes)).tolist() if axes else [[]]
        values: list[tuple[int | str, Singles]] = [*enumerate(neurons.outputs)]
        of_what = "output"
        if self._added_up_in is not None and neurons.onward is not None and neurons.onward.sums is not None:
            of_what = what_is_added(neurons, self._added_up_in)
            values = [*enumerate(curves_of(neurons, self._added_up_in)), (sum_name, neurons.onward.sums[self._added_up_in])]
        rows = (
            (unit, *place, value)
            for unit, outputs in values
            for place, value in zip(places, np.ravel(outputs).tolist(), strict=True)
        )
        return ("unit", *names, of_what), rows

    # Maps

    def paint(self, picture: Bytes) -> list[Words]:
        assert self.neurons is not None
        values = self._values(self.neurons)
        maps = coloured(values, _own_reach(values) if self.chosen_way == "own" else self._reach, self.theme)
        ratio = _ratio(values.shape[1:])
        if self.filling is not None and self.filling < len(maps):
            return self._paint_one(picture, maps, self.filling, ratio)
        words = self._paint_all(picture, maps, ratio)
        if self.hovered is not None and self.hovered < len(maps) and values[0].size > 1:
            covered = self._paint_enlarged(picture, maps[self.hovered], self._boxes[self.hovered], ratio)
            words = [each for each in words if covered is None or not covered.holds(each.x, each.y)]
        return words

    def describe_place(self, x: float, y: float) -> str:
        neurons, unit = self.neurons, self._unit_at(x, y)
        if neurons is None or unit is None:
            return "what goes in" if self._input_box is not None and self._input_box.holds(x, y) else ""
        values = self._values(neurons)[unit]
        row, column = self._boxes[unit].cell(x, y, values.shape)
        value = ticks.short(float(values[row, column]))
        lines = [f"unit {unit} of {neurons.layer}"]
        if self.chosen_way == "kernels":
            lines += [f"weight {value}"] if np.isfinite(values[row, column]) else []
        else:
            lines.append(f"{self._told_place(neurons, row, column)}{value}")
            low, high = range_of(values)
            if values.size > 1:
                lines.append(f"from {ticks.short(low)} to {ticks.short(high)}, mean {ticks.short(float(values.mean()))}")
        return "\n".join([*lines, *_told_weights(neurons, unit)])

    def press(self, x: float, y: float) -> None:
        if not self.is_graph:
            self.filling = None if self.filling is not None else self._unit_at(x, y)
            self.hovered = None
            self._hurry()

    def hover(self, x: float, y: float) -> None:
        unit = None if self.filling is not None else self._unit_at(x, y)
        if unit != self.hovered:
            self.hovered = unit
            self._hurry()

    def leave(self) -> None:
        if self.hovered is not None:
            self.hovered = None
            self._hurry()

    def _paint_all(self, picture: Bytes, maps: Bytes, ratio: float) -> list[Words]:
        given, room, unit = self._given(), self._above_scale, self._text_height()
        boxes, head = self._arranged(room, len(maps) + (given is not None), ratio)
        of_units = boxes[: len(maps)]
        self._boxes = dict(enumerate(of_units))
        self._input_box = boxes[-1] if given is not None else None
        words = self._paint_scale(picture, room)
        put_all(picture, of_units, maps, self.theme.border)
        if given is not None:
            framed(picture, boxes[-1], given, self.theme.border)
        if head:
            names = [*map(str, range(len(maps))), "input"]
            places = [(box.left + box.width / 2, box.top - 0.9 * unit) for box in boxes]
            words += [Words(name, *place, self.theme.muted) for name, place in zip(names, places, strict=False)]
        return words

    def _arranged(self, room: Box, count: int, ratio: float) -> tuple[list[Box], int]:
        """Places of so many maps, and the height above each for its number, 0 where they are too small for that."""
        unit = self._text_height()
        if self._arrangement[0] != (room, count, ratio):
            head = round(1.9 * unit)
            boxes = laid_out(room, count, ratio, round(0.7 * unit), head)
            if boxes[0].width < 2.6 * unit:
                head = 0
                boxes = laid_out(room, count, ratio, max(1, round(0.35 * unit)))
            self._arrangement = (room, count, ratio), (boxes, head)
        return self._arrangement[1]

    def _paint_one(self, picture: Bytes, maps: Bytes, number: int, ratio: float) -> list[Words]:
        room, unit = self._above_scale, self._text_height()
        (box,) = laid_out(room, 1, ratio, 0, round(1.9 * unit))
        self._boxes, self._input_box = {number: box}, None
        framed(picture, box, maps[number], self.theme.border)
        self._paint_dots(picture, box)
        head = Words(f"unit {number}; click for all", box.left + box.width / 2, box.top - 0.95 * unit, self.theme.muted)
        return [*self._paint_scale(picture, room), head]

    def _paint_enlarged(self, picture: Bytes, part: Bytes, box: Box, ratio: float) -> Box | None:
        """One map larger, in the half of the panel that it is not in: where it is; none where it is large already."""
        room = self.room
        (large,) = laid_out(Box(0, 0, room.width // 2, room.height), 1, ratio, 0)
        if large.width < 1.5 * box.width:
            return None
        on_the_left = box.left + box.width / 2 < room.left + room.width / 2
        left = room.left + room.width - large.width if on_the_left else room.left
        place = Box(left, room.top + (room.height - large.height) // 2, large.width, large.height)
        framed(picture, place, part, self.theme.strong_border, 3)
        self._paint_dots(picture, place)
        return place

    def _paint_dots(self, picture: Bytes, box: Box) -> None:
        """The training examples on a map of the plane, in the colours of their classes."""
        view, meaning, neurons = self._view, self._meaning, self.neurons
        if view is None or meaning is None or neurons is None or neurons.place != "plane" or meaning.regression:
            return
        every = max(1, len(view.training_points) // most_dots)
        size = max(3, box.width // 60)
        x, y = (_share(view.training_points[::every, at], view.axes[at][:: neurons.stride]) for at in (0, 1))
        lefts = np.rint(box.left + x * box.width - size / 2).astype(int).tolist()
        tops = np.rint(box.top + (1 - y) * box.height - size / 2).astype(int).tolist()
        for left, top, value in zip(lefts, tops, view.training_values[::every].tolist(), strict=True):
            if box.holds(left, top) and box.holds(left + size, top + size):
                put(picture, Box(left - 1, top - 1, size + 2, size + 2), colour_bytes(self.theme.card)[None, None])
                put(picture, Box(left, top, size, size), colour_bytes(self.theme.class_colour(int(value)))[None, None])

    def _paint_scale(self, picture: Bytes, room: Box) -> list[Words]:
        """Beneath the maps: which layer it is, and the scale of colours with what its ends mean."""
        unit = self._text_height()
        ends = ("−max", "max") if self.chosen_way == "own" else (ticks.short(-self._reach), ticks.short(self._reach))
        low, high = map(self._text_width, ends)
        width, height = min(round(10 * unit), room.width // 4), max(3, round(0.8 * unit))
        left = round(room.left + room.width - high - 0.6 * unit - width)
        box = Box(left, room.top + room.height + round(0.9 * unit), width, height)
        put(picture, box, coloured(np.linspace(-1, 1, 101)[None], 1.0, self.theme))
        middle, name_end = box.top + box.height / 2, left - 1.8 * unit - low
        return [
            Words(self._elided(self.header.subtitle.text(), name_end - room.left), room.left, middle, self.theme.muted, "left"),
            Words(ends[0], left - 0.6 * unit, middle, self.theme.muted, "right"),
            Words(ends[1], left + width + 0.6 * unit, middle, self.theme.muted, "left"),
        ]

    @property
    def _above_scale(self) -> Box:
        room = self.room
        return Box(room.left, room.top, room.width, max(1, room.height - round(2.2 * self._text_height())))

    def _unit_at(self, x: float, y: float) -> int | None:
        return next((unit for unit, box in self._boxes.items() if box.holds(x, y)), None)

    def _values(self, neurons: Neurons) -> Singles:
        """(units, rows, columns) as they are drawn: the highest y at the top."""
        if self.chosen_way == "kernels" and neurons.weights:
            return _kernels(neurons.weights["kernel"])
        if neurons.place == "plane":
            return neurons.outputs[:, ::-1]
        outputs = neurons.outputs
        return outputs.reshape(len(outputs), *(1,) * (3 - outputs.ndim), *outputs.shape[1:])

    def _given(self) -> NDArray[np.uint8] | None:
        """The picture that goes in; none where the example is none."""
        if self.neurons is None or self.neurons.example is None or self._data is None:
            return None
        return picture_of(examples_of(self._data)[self.neurons.example])

    # Graphs

    def build_graph(self) -> None:
        neurons, view, meaning = self.neurons, self._view, self._meaning
        assert neurons is not None
        assert view is not None
        assert meaning is not None
        if self.chosen_way == "bent":
            self.graph = BentPlane(self.axes, self.theme, view, meaning)
            return
        self.graph = UnitLines(self.axes, self.theme, view, neurons, self._added_up_in)

    @property
    def _added_up_in(self) -> int | None:
        """The unit of the next layer in whose sum units are added up; none where they are shown as they are."""
        return self.receiver.value() if self.chosen_way == "contributions" else None

    def fill_graph(self) -> tuple[ticks.Range, ticks.Range]:
        assert self.neurons is not None
        if isinstance(self.graph, BentPlane):
            return self.graph.fill(self.neurons, self.probe.surface if self.probe is not None else None)
        assert self.graph is not None
        ranges = self.graph.fill(self.neurons, self.hidden)
        self.header.set_legend(self.graph.legend)
        return ranges

    def describe_graph(self, x: float, y: float) -> str:
        if self.neurons is None or not isinstance(self.graph, UnitLines):
            return f"unit 0: {ticks.short(x)}, unit 1: {ticks.short(y)}"
        unit, lines = self.graph.nearest(x, y)
        return "\n".join([*lines, *_told_weights(self.neurons, unit, self._added_up_in)])

    # What there is to choose and to tell

    def _ways(self, neurons: Neurons) -> list[tuple[str, str]]:
        """What can be shown of these units, the usual way first."""
        if neurons.place == "curve":
            add_up = neurons.onward is not None
            return [*([("added up", "contributions")] if add_up else []), ("outputs", "outputs")]
        ways = [("one scale", "one"), ("own scales", "own")]
        if neurons.place == "plane" and neurons.units == 2:
            ways.append(("bent plane", "bent"))
        if neurons.place == "example" and _has_kernels(neurons):
            ways.append(("kernels", "kernels"))
        return ways

    def _let_choose(self, neurons: Neurons) -> None:
        """Let people choose the number of what is shown, where there are several."""
        receivers = 0 if neurons.onward is None else len(neurons.onward.bias)
        self.receiver.setMaximum(max(receivers - 1, 0))
        self.receiver.setEnabled(self.chosen_way == "contributions" and receivers > 1)
        self.header.arrange()

    def _add_up_elsewhere(self) -> None:
        self.zoomed = None
        self._building = True
        self._hurry()

    def _change_way(self) -> None:
        self.hovered = None
        self.header.set_legend([])
        if self.neurons is not None:
            self._reach = reach_of(self._values(self.neurons))
            self._let_choose(self.neurons)
        super()._change_way()

    def _forget(self) -> None:
        self.neurons = self.filling = self.hovered = None
        self._reach = 0.0
        self._boxes, self._input_box = {}, None
        super()._forget()

    def _explain(self) -> None:
        if self.neurons is not None and self.neurons.outputs.ndim > 3:
            self.empty_sentence = f"{self.neurons.layer} puts out volumes, which cannot be drawn as maps: select another layer"
        elif self._data is None or self.layer is None:
            self.empty_sentence = NeuronPlot.empty_sentence
        elif self.layer not in self._names:
            self.empty_sentence = f"{self.layer} is not in the network that was trained"
        else:
            self.empty_sentence = f"The units of {self.layer} appear with the next look inside"

    @property
    def _view(self) -> View | None:
        return self._data.view if self._data is not None else None

    def _places(self, neurons: Neurons) -> tuple[Sequence[str], list[NDArray[Any]]]:
        """Names and positions of the axes of what units put out, the slow one first."""
        if self._view is not None:
            axes = [axis[:: neurons.stride] for axis in reversed(self._view.axes)]
            return tuple(reversed(self._view.axis_names[: len(axes)])), axes
        lengths = neurons.outputs.shape[1:]
        names = {1: ("step",), 2: ("row", "column")}.get(len(lengths), ())
        return names, [neurons.stride * np.arange(length) for length in lengths]

    def _told_place(self, neurons: Neurons, row: int, column: int) -> str:
        names, axes = self._places(neurons)
        if not axes:
            return "puts out "
        if len(axes) == 1:
            return f"{names[0]} {ticks.short(float(axes[0][column]))}: "
        down = len(axes[0]) - 1 - row if neurons.place == "plane" else row
        y, x = float(axes[0][down]), float(axes[1][column])
        return f"{names[1]} {ticks.short(x)}, {names[0]} {ticks.short(y)}: "


def _name_of(neurons: Neurons) -> str:
    shown = len(neurons.outputs)
    units = f"{neurons.units} unit{'s' if neurons.units > 1 else ''}"
    counted = units if shown == neurons.units else f"first {shown} of {units}"
    return f"{neurons.layer}, {counted}" + ("" if neurons.example is None else f", example {neurons.example}")


def _own_reach(values: Singles) -> Singles:
    """(units, 1, 1): the greatest finite size of what each unit puts out, 1 where that is 0."""
    sizes = np.where(np.isfinite(values), np.abs(values), 0).max(axis=(1, 2), keepdims=True)
    return np.asarray(np.where(sizes > 0, sizes, 1))


def _ratio(shape: tuple[int, ...]) -> float:
    """Width of a map divided by its height; strips are made high enough to be seen."""
    return min(max(shape[1] / shape[0], 0.25), 4.0)


def _share(points: Singles, positions: Singles) -> Singles:
    """Where `points` lie on an axis whose cells, one for each of `positions`, fill it from 0 to 1."""
    step = (positions[-1] - positions[0]) / max(len(positions) - 1, 1) or 1.0
    return np.asarray(((points - positions[0]) / step + 0.5) / len(positions))


def _is_whole(array: WeightArray) -> bool:
    return all(stride == 1 for stride in array.strides)


def _has_kernels(neurons: Neurons) -> bool:
    """Whether this is a convolution of pictures whose kernels can be told apart."""
    kernel = (neurons.weights or {}).get("kernel")
    return kernel is not None and len(kernel.shape) == 4 and kernel.shape[2] <= most_inputs and _is_whole(kernel)


def _kernels(kernel: WeightArray) -> Singles:
    """(filters, rows, columns): the kernels of all inputs beside each other, a gap between them."""
    rows, columns, inputs, filters = kernel.shape
    picture = np.full((filters, rows, inputs * (columns + 1) - 1), np.nan, dtype=np.float32)
    for number in range(inputs):
        at = number * (columns + 1)
        picture[:, :, at : at + columns] = np.moveaxis(kernel.values[:, :, number], -1, 0)
    return picture


def _told_weights(neurons: Neurons, unit: int, receiver: int | None = None) -> list[str]:
    """The weights of one unit, as far as the layer has them for each, and its weight in the next layer.

    That is its weight for the unit `receiver` there; if none is given, for the only one, where it is the only one.
    """
    lines = []
    for name, array in (neurons.weights or {}).items():
        if not _is_whole(array) or not array.shape or array.shape[-1] != neurons.units:
            continue
        own = array.values[..., unit]
        if own.size <= most_told:
            lines.append(f"{name} " + ", ".join(ticks.short(float(weight)) for weight in own.ravel()))
        else:
            lines.append(f"{name}: {own.size} weights, norm {ticks.short(float(np.linalg.norm(own)))}")
    if (onward := neurons.onward) is not None and (receiver is not None or onward.receivers == 1):
        where = "the next layer" if onward.receivers == 1 else f"unit {receiver} of {onward.layer}"
        lines.append(f"weight in {where} {ticks.short(float(onward.kernel[unit, receiver or 0]))}")
    return lines
