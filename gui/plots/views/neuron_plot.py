"""What each unit of one layer responds to."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtWidgets import QWidget

from gui.plots.axes import ticks
from gui.plots.axes.tiles import Box, Bytes, colour_bytes, coloured, framed, laid_out, put, put_all, reach_of
from gui.plots.example_number import ExampleNumber
from gui.plots.header import HeadNumber
from gui.plots.help import Help
from gui.plots.maps import LayerMapPlot, Words, range_of
from gui.plots.plot import Row
from gui.plots.switches import Switch, limit
from gui.plots.views.judged import examples_of, numbers_in_data, pictures_of
from gui.plots.views.kernels import KernelMaps, apart, kernel_maps, kernel_table, place_in_kernel, weights_by_unit
from gui.plots.views.over_time import OverTime, by_step
from gui.plots.views.surface import Meaning
from gui.plots.views.unit_graphs import BentPlane, UnitLines, curves_of, sum_name, what_is_added
from gui.plots.views.unit_maps import UnitMaps, own_reaches, sliced
from gui.theme import Theme
from models.data.prepared import Prepared, View
from models.experiment.counting import counted
from models.experiment.graph import input_name, readers
from models.experiment.layers import Embedding
from models.telemetry.wanted import Looks, Neurons, Unseen, Wanted

if TYPE_CHECKING:
    from gui.messages import RunPrepared

Singles = NDArray[np.float32]

most_dots = 300
"""Training examples that are drawn on an enlarged map."""
padding_words = "padding, which the mask passes over"
most_told = 6
"""Weights of a unit that are told one by one."""
axis_names = {1: ("step",), 2: ("row", "column"), 3: ("slice", "row", "column"), 4: ("step", "slice", "row", "column")}
"""Of what one unit puts out for an example, by the number of axes."""


class NeuronPlot(LayerMapPlot):
    """The response of every unit of a layer: over the plane of two features, over one feature, or for one example.

    Hovering enlarges a unit's map and tells its weights; a click lets it fill the panel, and another one brings all units back.
    """

    title = "Neurons"
    help = Help(
        shows="Every unit of the selected layer. With two features: what it puts out over their plane, orange below 0, blue "
        "above. With one feature: what each unit adds to the sum of a unit of the next Dense layer, which can be chosen, "
        "and the sum with the bias; the units that go furthest are named. Otherwise: what it puts out for the example that is "
        "chosen, over the steps of a sequence below what goes in, hatched where a mask passes over padding, or as maps, those of "
        "volumes slice by slice; of a convolution its kernels, too, input by input where there are many. Hover to enlarge a unit "
        "and to read its weights, click to let it fill the panel, a volume's unit with all its slices. A layer of two units can "
        "also be seen as a bent plane: the grid of the data's plane as it arrives at them.",
        good="Units differ from each other, and maps get more complicated from layer to layer.",
        bad="A map of one colour: the unit is dead, or does not depend on what comes in. Many maps alike: more units than the "
        "task needs, or weights that started equal.",
    )
    empty_sentence = "Press Train to see what each unit of the selected layer responds to"
    part = "units"

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent=parent)
        explained = "Number, in the data, of the validation or training example that units are shown for"
        self.example = self.add_number("example", ExampleNumber(explained, "example", "ex."))
        """Where data have no view."""
        self.receiver = self.add_number(
            "receiving unit", HeadNumber("Number of the unit of the next layer in whose sum units are added up", "in unit")
        )
        """“added up” stands before it."""
        self.receiver.valueChanged.connect(self._add_up_elsewhere)
        explained = "Number of the slice of volumes that is shown, along their depth"
        self.slice = self.add_number("slice", HeadNumber(explained, "slice"))
        self.slice.valueChanged.connect(self._hurry)
        explained = "Number of the input whose windows are shown, where there are many"
        self.input = self.add_number("input", HeadNumber(explained, "input"))
        self.input.valueChanged.connect(self._show_input)
        self.neurons: Neurons | None = None
        self._filled = ""
        """The layer and the number of the unit whose map fills the panel as long as that layer is shown, with a space between."""
        self.switches["filled"] = Switch(lambda: self._filled, self._fill_with)
        self.hovered: int | None = None
        """The map, or the unit's line, that the pointer is over."""
        self._data: Prepared | None = None
        self._meaning: Meaning | None = None
        self._symbols = False
        """Whether whole numbers that stand for symbols go in."""
        self._reach = 0.0
        self._boxes: dict[int, Box] = {}
        """Where the map of each number stands: of a unit, or of a slice of the one that fills the panel."""
        self._input_box: Box | None = None
        self._slice_boxes: dict[int, Box] = {}
        """Where the number of each slice stands, to be clicked."""
        self._arrangement: tuple[tuple[object, ...], tuple[list[Box], int]] = (), ([], 0)
        """Room, number and shape of maps, and where they stand."""
        self.graph: UnitLines | BentPlane | None = None

    @property
    def wanted(self) -> Wanted:
        return Wanted(neurons=frozenset({self.layer} if self.layer else ()), example=self.example.value())

    @property
    def is_empty(self) -> bool:
        return self.neurons is None

    @property
    def is_graph(self) -> bool:
        return self.chosen_way in ("contributions", "outputs", "bent")

    @property
    def filling(self) -> int | None:
        """The unit whose map fills the panel."""
        layer, _, unit = self._filled.rpartition(" ")
        known = self.neurons is not None and layer == self.layer and unit.isdecimal() and int(unit) < self.neurons.units
        return int(unit) if known else None

    def start(self, run: "RunPrepared") -> None:
        super().start(run)
        self._data = prepared = run.prepared
        self._meaning = Meaning.of(run.experiment, prepared)
        first = readers(run.experiment.network)[input_name]
        self._symbols = any(isinstance(self._declared[name], Embedding) for name in first)
        self.example.set_numbers(numbers_in_data(prepared))
        self.example.setEnabled(prepared.view is None)
        self.header.arrange()

    def clear(self) -> None:
        self._data = self._meaning = None
        self.example.setEnabled(False)
        super().clear()

    def show_example(self, number: int) -> None:
        """Show what units put out for the example of this number."""
        self.example.setValue(number)

    def found_in(self, looks: Looks | None) -> Neurons | Unseen | None:
        return looks.neurons.get(self.layer or "") if looks is not None else None

    def take(self, looks: Looks | None) -> bool:
        found = self.found_in(looks)
        neurons = found if isinstance(found, Neurons) else None
        if neurons is self.neurons:
            return False
        self.neurons = neurons
        self._explain()
        if neurons is not None:
            self.offer(self._ways(neurons))
            self._let_choose(neurons)
            self._reach = reach_of(self._numbers_of(neurons), self._reach)
            self._name_units(neurons)
        return True

    def table(self) -> tuple[Sequence[str], Iterable[Row]]:
        """One row for each unit at each place: its number, the place, and what it puts out there; of kernels the weights."""
        neurons = self.neurons
        if neurons is None:
            return (), ()
        if self.chosen_way == "kernels":
            return kernel_table(self._declared[neurons.layer], neurons)
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
        maps, self._slice_boxes = self._maps(self.neurons), {}
        hovered = self.hovered if self.hovered is not None and self.hovered < len(maps.values) and maps.can_be_larger else None
        if self._is_over_time:
            return self._paint_over_time(picture, maps, hovered)
        if self.filling is not None and self.filling < len(maps.values) and not self._shows_slices:
            return self._paint_one(picture, maps, self.filling)
        words = self._paint_all(picture, maps)
        if hovered is not None:
            covered = self._paint_enlarged(picture, maps, hovered)
            words = [each for each in words if covered is None or not covered.holds(each.x, each.y)]
        return words

    def describe_place(self, x: float, y: float) -> str:
        neurons, number = self.neurons, self._map_at(x, y)
        if neurons is None or number is None:
            return self._told_input(x, y)
        unit = self.filling if self._shows_slices and self.filling is not None else number
        values = self._maps(neurons).values[number]
        row, column = self._boxes[number].cell(x, y, values.shape)
        value = ticks.short(float(values[row, column]))
        lines = [f"unit {unit} of {neurons.layer}"]
        if self.chosen_way == "kernels":
            place = place_in_kernel(self._declared[neurons.layer], neurons, row, column, self._chosen_input)
            lines += [f"{place}: weight {value}"] if place else []
        else:
            lines.append(f"{self._told_place(neurons, number if self._shows_slices else self._chosen_slice, row, column)}{value}")
            told = values
            if self._is_over_time and (over := neurons.passed_over) is not None:
                lines += [padding_words] if over[neurons.stride * column] else []
                told = values[:, ~over[:: neurons.stride]]
            low, high = range_of(told)
            if told.size > 1:
                lines.append(f"from {ticks.short(low)} to {ticks.short(high)}, mean {ticks.short(float(told.mean()))}")
        return "\n".join([*lines, *self._told_weights(neurons, unit)])

    def press(self, x: float, y: float) -> None:
        if self.is_graph:
            return
        number = self._map_at(x, y)
        slices = self._slice_boxes.items()
        picked = number if self._shows_slices else next((each for each, box in slices if box.holds(x, y)), None)
        if picked is not None:
            self.slice.setValue(picked * self.slice.singleStep())
        self._fill_with(f"{self.layer} {number}" if number is not None and self.filling is None else "")

    def _fill_with(self, unit: str) -> None:
        """Let the map of one unit fill the panel, or with an empty name all of them."""
        self._filled, self.hovered = unit, None
        self._hurry()

    def hover(self, x: float, y: float) -> None:
        number = None if self.filling is not None and not self._shows_slices else self._map_at(x, y)
        if number != self.hovered:
            self.hovered = number
            self._hurry()

    def hover_graph(self, x: float, y: float) -> None:
        unit = self.graph.nearest(x, y)[0] if isinstance(self.graph, UnitLines) else None
        if unit != self.hovered:
            self.hovered = unit
            self._hurry()

    def leave(self) -> None:
        if self.hovered is not None:
            self.hovered = None
            self._hurry()

    def _maps(self, neurons: Neurons) -> UnitMaps:
        """What is drawn: a map for each unit, or for each slice of the one that fills the panel."""
        if (kernels := self._kernels_of(neurons)) is not None:
            return UnitMaps(kernels.values, np.full((len(kernels.values), 1, 1), self._reach), self.theme, kernels.gaps)
        numbers = neurons.outputs
        reaches = own_reaches(numbers) if self.chosen_way == "own" else np.full((len(numbers), 1, 1), self._reach)
        if self._shows_slices and self.filling is not None:
            values = sliced(numbers)[self.filling]
            return UnitMaps(values, np.repeat(reaches[self.filling : self.filling + 1], len(values), axis=0), self.theme)
        values = sliced(numbers)[:, self._chosen_slice]
        return UnitMaps(values[:, ::-1] if neurons.place == "plane" else values, reaches, self.theme)

    def _paint_all(self, picture: Bytes, maps: UnitMaps) -> list[Words]:
        given, room, unit, count = self._given(), self._room_of_maps, self.lettering.height, len(maps.values)
        words = self._paint_scale(picture, self._above_scale)
        if room != self._above_scale:
            words += self._paint_slices(picture, Box(room.left, room.top + room.height, room.width, round(2.4 * unit)))
        boxes, head = self._arranged(room, count + (given is not None), maps.ratio)
        self._boxes = dict(enumerate(boxes[:count]))
        self._input_box = boxes[-1] if given is not None else None
        put_all(picture, boxes[:count], maps.colours, self.theme.border)
        if given is not None:
            framed(picture, boxes[-1], given, self.theme.border)
        if head:
            step = self.slice.singleStep() if self._shows_slices else 1
            names = [*(str(step * number) for number in range(count)), "input"]
            places = [(box.left + box.width / 2, box.top - 0.9 * unit) for box in boxes]
            words += [Words(name, *place, self.theme.muted) for name, place in zip(names, places, strict=False)]
        return words

    def _paint_slices(self, picture: Bytes, row: Box) -> list[Words]:
        """Numbers of the slices in a row, to be clicked, that of the one which is shown on a ground of its own."""
        unit, step, theme = self.lettering.height, self.slice.singleStep(), self.theme
        left, wide = row.left + self.lettering.width("slice") + unit, self.lettering.width(str(self.slice.maximum())) + unit
        count, fitting = self.slice.maximum() // step + 1, max(1, int((row.left + row.width - left) / wide))
        shown, top, height = range(0, count, -(-count // fitting)), row.top + round(0.6 * unit), round(1.8 * unit)
        boxes = {each: Box(round(left + wide * at), top, round(wide), height) for at, each in enumerate(shown)}
        if (box := boxes.get(self._chosen_slice)) is not None:
            put(picture, box, colour_bytes(theme.selection)[None, None])
        self._slice_boxes, middle = boxes, top + height / 2
        numbers = [Words(str(step * each), box.left + box.width / 2, middle, theme.text) for each, box in boxes.items()]
        return [Words("slice", row.left, middle, theme.muted, "left"), *numbers]

    def _arranged(self, room: Box, count: int, ratio: float) -> tuple[list[Box], int]:
        """Places of so many maps, and the height above each for its number, 0 where they are too small for that."""
        unit = self.lettering.height
        if self._arrangement[0] != (room, count, ratio):
            head = round(1.9 * unit)
            boxes = laid_out(room, count, ratio, round(0.7 * unit), head)
            if boxes[0].width < 2.6 * unit:
                head = 0
                boxes = laid_out(room, count, ratio, max(1, round(0.35 * unit)))
            self._arrangement = (room, count, ratio), (boxes, head)
        return self._arrangement[1]

    def _paint_one(self, picture: Bytes, maps: UnitMaps, number: int) -> list[Words]:
        room, unit = self._above_scale, self.lettering.height
        (box,) = laid_out(room, 1, maps.large_ratio, 0, round(1.9 * unit))
        self._boxes, self._input_box = {number: box}, None
        framed(picture, box, maps.large(number, box), self.theme.border)
        self._paint_dots(picture, box)
        head = Words(f"unit {number}; click for all", box.left + box.width / 2, box.top - 0.95 * unit, self.theme.muted)
        return [*self._paint_scale(picture, room), head]

    def _paint_enlarged(self, picture: Bytes, maps: UnitMaps, number: int) -> Box | None:
        """One map larger, in the half of the panel that it is not in: where no words are to be, none if it is large already."""
        room, box = self._room_of_maps, self._boxes[number]
        (large,) = laid_out(Box(0, 0, room.width // 2, room.height), 1, maps.large_ratio, 0)
        if large.width < 1.5 * box.width:
            return None
        on_the_left = box.left + box.width / 2 < room.left + room.width / 2
        left = room.left + room.width - large.width if on_the_left else room.left
        place = Box(left, room.top + (room.height - large.height) // 2, large.width, large.height)
        framed(picture, place, maps.large(number, place), self.theme.strong_border, 3)
        self._paint_dots(picture, place)
        margin = round(0.7 * self.lettering.height)  # a text is as much higher than its middle
        return Box(place.left, place.top - margin, place.width, place.height + 2 * margin)

    def _paint_over_time(self, picture: Bytes, maps: UnitMaps, hovered: int | None) -> list[Words]:
        assert self.neurons is not None
        example, room = self._example(), self._above_scale
        seen = OverTime(
            maps,
            None if example is None else by_step(example),
            self._symbols,
            self.neurons.stride,
            self.neurons.passed_over,
            self.filling if self.filling is None or self.filling < len(maps.values) else None,
            room,
            self.lettering.height,
            self.lettering.width,
        )
        self._boxes, self._input_box = seen.boxes, seen.input_box
        return [*self._paint_scale(picture, room), *seen.paint(picture, hovered)]

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
        unit = self.lettering.height
        ends = ("−max", "max") if self.chosen_way == "own" else (ticks.short(-self._reach), ticks.short(self._reach))
        low, high = map(self.lettering.width, ends)
        width, height = min(round(10 * unit), room.width // 4), max(3, round(0.8 * unit))
        left = round(room.left + room.width - high - 0.6 * unit - width)
        box = Box(left, room.top + room.height + round(0.9 * unit), width, height)
        put(picture, box, coloured(np.linspace(-1, 1, 101)[None], 1.0, self.theme))
        middle, name_end = box.top + box.height / 2, left - 1.8 * unit - low
        return [
            Words(self._shown_name(name_end - room.left), room.left, middle, self.theme.muted, "left"),
            Words(ends[0], left - 0.6 * unit, middle, self.theme.muted, "right"),
            Words(ends[1], left + width + 0.6 * unit, middle, self.theme.muted, "left"),
        ]

    @property
    def _above_scale(self) -> Box:
        room = self.room
        return Box(room.left, room.top, room.width, max(1, room.height - round(2.2 * self.lettering.height)))

    def _shown_name(self, width: float) -> str:
        """Which layer it is, and of volumes what of it, in as many words as `width` figure pixels have room for."""
        if self._shows_slices:
            return self.lettering.elided(f"unit {self.filling}, every slice", width)
        assert self.neurons is not None
        return self.lettering.fitting(self._names(self.neurons), width)

    @property
    def _is_over_time(self) -> bool:
        """Whether what units put out over the steps of a sequence is shown."""
        neurons, steps = self.neurons, self.chosen_way in ("one", "own")
        return (
            steps
            and neurons is not None
            and neurons.place == "example"
            and neurons.outputs.ndim == 2
            and neurons.outputs[0].size > 1
        )

    @property
    def _shows_slices(self) -> bool:
        """Whether the unit that fills the panel is shown slice by slice."""
        neurons, unit = self.neurons, self.filling
        return neurons is not None and unit is not None and unit < len(neurons.outputs) and self.slice.isEnabled()

    @property
    def _chosen_slice(self) -> int:
        """Place of the slice that is shown, of all that were looked at; 0 where there are no slices."""
        return self.slice.value() // self.slice.singleStep() if self.slice.isEnabled() else 0

    @property
    def _room_of_maps(self) -> Box:
        """What is above the scale, and above the numbers of slices where one of them is chosen."""
        room = self._above_scale
        if not self.slice.isEnabled() or self._shows_slices:
            return room
        return replace(room, height=max(1, room.height - round(2.4 * self.lettering.height)))

    def _map_at(self, x: float, y: float) -> int | None:
        return next((number for number, box in self._boxes.items() if box.holds(x, y)), None)

    def _kernels_of(self, neurons: Neurons) -> KernelMaps | None:
        """The kernels, where these are to be shown."""
        declared = self._declared[neurons.layer]
        return kernel_maps(declared, neurons, self._chosen_input) if self.chosen_way == "kernels" else None

    @property
    def _chosen_input(self) -> int:
        """The input whose kernels are shown, where there are many."""
        return self.input.value() if self.input.isEnabled() else 0

    def _numbers_of(self, neurons: Neurons) -> Singles:
        """All numbers that can be shown of units in the chosen way: what they put out, or their kernels, of every input."""
        if self.chosen_way == "kernels":
            return weights_by_unit(self._declared[neurons.layer], neurons)["kernel"]
        return neurons.outputs

    def _example(self) -> Singles | None:
        """What goes in; none where units are not shown for an example."""
        if self.neurons is None or self.neurons.example is None or self._data is None:
            return None
        return np.asarray(examples_of(self._data)[self.neurons.example])

    def _given(self) -> NDArray[np.uint8] | None:
        """What goes in as a picture: of a volume the slice that belongs to the one that is shown; none where it is none."""
        example = self._example()
        if example is None or self._shows_slices or self.chosen_way == "kernels":
            return None
        slices = pictures_of(example)
        if slices is None:
            return None
        shown = (self._chosen_slice + 0.5) / (self.slice.maximum() // self.slice.singleStep() + 1)
        return np.asarray(slices[int(shown * len(slices))])

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
        ranges = self.graph.fill(self.neurons, self.hidden, self.hovered)
        self.header.set_legend(self.graph.legend)
        return ranges

    def describe_graph(self, x: float, y: float) -> str:
        if self.neurons is None or not isinstance(self.graph, UnitLines):
            return f"unit 0: {ticks.short(x)}, unit 1: {ticks.short(y)}"
        unit, lines = self.graph.nearest(x, y)
        return "\n".join([*lines, *self._told_weights(self.neurons, unit)])

    # What there is to choose and to tell

    def _ways(self, neurons: Neurons) -> list[tuple[str, str]]:
        """What can be shown of these units, the usual way first."""
        if neurons.place == "curve":
            add_up = neurons.onward is not None
            return [*([("added up", "contributions")] if add_up else []), ("outputs", "outputs")]
        ways = [("one scale", "one"), ("own scales", "own")]
        if neurons.place == "plane" and neurons.units == 2:
            ways.append(("bent plane", "bent"))
        if neurons.place == "example" and kernel_maps(self._declared[neurons.layer], neurons) is not None:
            ways.append(("kernels", "kernels"))
        return ways

    def _name_units(self, neurons: Neurons) -> None:
        """Say whose units are shown, and for which example; kernels are the same for every example."""
        self.header.set_subtitle(*self._names(neurons))

    def _names(self, neurons: Neurons) -> tuple[str, ...]:
        """What is shown, in ever fewer words: at last the layer, or the number that the head has no room for."""
        number = self.input if self.chosen_way == "kernels" else self.example
        if not number.isEnabled():
            return _name_of(neurons), neurons.layer
        if number is self.input:
            told = f"input {number.value()}"
        else:
            told = f"example {self.example.number_of(self.example.value() if neurons.example is None else neurons.example)}"
        last = neurons.layer if number.isVisible() else told
        return f"{_name_of(neurons)}, {told}", f"{neurons.layer}, {told}", last

    def _let_choose(self, neurons: Neurons) -> None:
        """Let people choose the number of what is shown, where there are several."""
        self.example.setEnabled(self._data is not None and self._data.view is None and self.chosen_way != "kernels")
        receivers = 0 if neurons.onward is None else len(neurons.onward.bias)
        limit(self.receiver, max(receivers - 1, 0))
        self.receiver.setEnabled(self.chosen_way == "contributions" and receivers > 1)
        volumes = neurons.place == "example" and neurons.outputs.ndim > 3
        slices = sliced(neurons.outputs).shape[1] if volumes else 1
        inputs = apart(self._declared[neurons.layer], neurons) if self.chosen_way == "kernels" else 1
        self.input.setEnabled(inputs > 1)
        limit(self.input, max(inputs - 1, 0))
        self.slice.setEnabled(slices > 1 and self.chosen_way in ("one", "own"))
        self.slice.setSingleStep(neurons.stride if neurons.outputs.ndim == 4 else 1)
        limit(self.slice, (slices - 1) * self.slice.singleStep())
        self.header.arrange()

    def _show_input(self) -> None:
        if self.neurons is not None:
            self._name_units(self.neurons)
        self._hurry()

    def _add_up_elsewhere(self) -> None:
        self.zoomed = None
        self._building = True
        self._hurry()

    def _change_way(self) -> None:
        self.hovered = None
        self.header.set_legend([])
        if self.neurons is not None:
            self._reach = reach_of(self._numbers_of(self.neurons))
            self._let_choose(self.neurons)
            self._name_units(self.neurons)
        super()._change_way()

    def _forget(self) -> None:
        self.neurons = self.hovered = None
        self._reach = 0.0
        self._boxes, self._input_box, self._slice_boxes = {}, None, {}
        super()._forget()

    @property
    def _view(self) -> View | None:
        return self._data.view if self._data is not None else None

    def _places(self, neurons: Neurons) -> tuple[Sequence[str], list[NDArray[Any]]]:
        """Names and positions of the axes of what units put out, the slow one first."""
        if self._view is not None:
            axes = [axis[:: neurons.stride] for axis in reversed(self._view.axes)]
            return tuple(reversed(self._view.axis_names[: len(axes)])), axes
        lengths = neurons.outputs.shape[1:]
        numbered = tuple(f"axis {number}" for number in range(1, len(lengths) + 1))
        return axis_names.get(len(lengths), numbered if lengths else ()), [neurons.stride * np.arange(each) for each in lengths]

    def _told_place(self, neurons: Neurons, number: int, row: int, column: int) -> str:
        """Where a cell of a map is, which is the slice of this number."""
        names, axes = self._places(neurons)
        if not axes:
            return "puts out "
        if len(axes) == 1:
            return f"{names[0]} {ticks.short(float(axes[0][column]))}: "
        down = len(axes[-2]) - 1 - row if neurons.place == "plane" else row
        at = [*map(int, np.unravel_index(number, [len(axis) for axis in axes[:-2]])), down, column]
        told = [f"{name} {ticks.short(float(axis[place]))}" for name, axis, place in zip(names, axes, at, strict=True)]
        return ", ".join([*told[:-2], told[-1], told[-2]]) + ": "

    def _told_input(self, x: float, y: float) -> str:
        """What goes in at a pixel of the picture; empty where nothing does."""
        example = self._example()
        if example is None or self._input_box is None or not self._input_box.holds(x, y):
            return ""
        rows = by_step(example) if self._is_over_time else None
        if rows is None:
            return "what goes in"
        row, step = self._input_box.cell(x, y, rows.shape)
        what = "symbol" if self._symbols else f"feature {row}" if len(rows) > 1 else "the number"
        told = f"what goes in\nstep {step}: {what} {ticks.short(float(rows[row, step]))}"
        over = self.neurons.passed_over if self.neurons is not None else None
        padded = over is not None and len(over) == rows.shape[1] and over[step]
        return f"{told}\n{padding_words}" if padded else told

    def _told_weights(self, neurons: Neurons, unit: int) -> list[str]:
        """The weights of one unit, as far as the layer has them for each, and its weight in the next layer.

        That is its weight for the unit in whose sum it is added up; where there is no such choice, for the only one there.
        """
        lines = []
        for name, array in weights_by_unit(self._declared[neurons.layer], neurons).items():
            own = array[..., unit]
            if own.size <= most_told:
                lines.append(f"{name} " + ", ".join(ticks.short(float(weight)) for weight in own.ravel()))
            else:
                lines.append(f"{name}: {own.size} weights, norm {ticks.short(float(np.linalg.norm(own)))}")
        onward, receiver = neurons.onward, self._added_up_in
        if onward is not None and (receiver is not None or onward.receivers == 1):
            where = "the next layer" if onward.receivers == 1 else f"unit {receiver} of {onward.layer}"
            lines.append(f"weight in {where} {ticks.short(float(onward.kernel[unit, receiver or 0]))}")
        return lines


def _name_of(neurons: Neurons) -> str:
    shown, units = len(neurons.outputs), counted(neurons.units, "unit")
    return f"{neurons.layer}, {units if shown == neurons.units else f'first {shown} of {units}'}"


def _share(points: Singles, positions: Singles) -> Singles:
    """Where `points` lie on an axis whose cells, one for each of `positions`, fill it from 0 to 1."""
    step = (positions[-1] - positions[0]) / max(len(positions) - 1, 1) or 1.0
    return np.asarray(((points - positions[0]) / step + 0.5) / len(positions))
