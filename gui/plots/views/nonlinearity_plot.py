"""Where what goes into a layer's activation falls on its curve."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.artist import Artist
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.text import Text
from PySide6.QtWidgets import QMenu, QWidget

from gui.plots.axes import ticks
from gui.plots.axes.curves import Floats, finite_range
from gui.plots.header import Entry, HeadChoice
from gui.plots.help import Help
from gui.plots.plot import Plot, Row, add_choices_of
from gui.plots.switches import of_choice, offer
from gui.plots.views.applied import Applied, Zone, applied, curves_over, may_have_curve, value_of, why_none, words_of
from gui.plots.views.histograms import bins_of, edges_of
from gui.theme import Theme
from models.experiment.layers import AnyLayer
from models.experiment.layers.gates import InnerGate, gates_in
from models.telemetry.events import Histogram, Probed, Slopes
from models.telemetry.history import History
from models.telemetry.shares import percent
from models.telemetry.zones import dead_slope, saturated_slope

if TYPE_CHECKING:
    from gui.messages import RunPrepared

usual_limits = (-4.0, 4.0)
"""What the axis shows at least, so that the shape of the curve is always seen."""
tallest = 0.5
"""Share of the axes' height that the highest bar takes, so that the curves stay in sight."""
most_empty = 2.5
"""Limits shrink where they are more than so many times as wide as they need to be."""


class NonLinearityPlot(Plot):
    """The histogram of what goes into a layer's activation, under the curves of the activation f and its derivative f′.

    By the chain rule the gradient with respect to an input is that of the output times f′ there. Zones where it is nearly
    0, and those in which units die, are shaded, each with the share of the inputs inside.
    """

    title = "Activation curve"
    help = Help(
        shows="The solid line is the layer's activation f, the dashed one its derivative f′, with its scale at the right. "
        "Behind them stands the histogram of what goes into f, for all units and the examples that are looked at. On its "
        f"way back the gradient of each output is multiplied by f′. Shaded is where |f′| is below {saturated_slope}, and, where "
        f"units can die, below {dead_slope}, each with the share of the inputs there. Of a PReLU the curve has the mean of the "
        "slopes that it has learned; dotted lines, in a band from the least slope to the greatest, are those of its units. "
        "Of a recurrent layer the head chooses the gate: shown is what each unit adds up for it, at every step.",
        good="Most of the histogram lies where f bends and f′ is large: around 0 for tanh and sigmoid, on both sides of 0 "
        "for relu.",
        bad="Nearly all of it in a shaded zone, so that no gradient comes back. A sigmoid or tanh is saturated: start with "
        "smaller weights, or put BatchNormalization before it. A relu with all inputs below 0 is dead: lower the learning "
        "rate, start with he_normal, or take leaky_relu.",
    )
    first_sentence = "Press Train to see where the inputs of a layer's activation fall on its curve"
    empty_sentence = first_sentence
    of_layer = True
    zoomable = True

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent=parent)
        self._network: dict[str, AnyLayer] = {}
        self._probe: Probed | None = None
        self._limits: ticks.Range | None = None
        self._heights: dict[str, ticks.Range] = {}
        """Of f and f′ of a PReLU, as long as they fit."""
        self._reading: tuple[object, ...] = ()
        self.choice = HeadChoice("The layer whose activation is shown")
        self.choice.textActivated.connect(self.show_layer)
        self.gate = HeadChoice("The gate whose sums are shown")
        self.gate.setEnabled(False)
        self.gate.currentIndexChanged.connect(self._start_over)
        self.switches["gate"] = of_choice(self.gate)
        for each in (self.gate, self.choice):  # the stack has the layers, too: where there is room for one, it is for the gate
            self.header.add_switch(each, spared=True)

    @property
    def is_empty(self) -> bool:
        return self._applied is None

    def start(self, run: "RunPrepared") -> None:
        self.clear()
        self._network = {layer.name: layer for layer in run.experiment.network}
        self.choice.addItems([*self._network])
        self._show_choice()

    def update_from(self, history: History) -> None:
        if history.shown_probe is not self._probe:
            self._probe = history.shown_probe
            self.changed()

    def clear(self) -> None:
        self._network, self._probe = {}, None
        self.choice.clear()
        self._show_choice()
        self._start_over()

    def show_layer(self, name: str | None) -> None:
        if name != self.layer:
            self._start_over()
        super().show_layer(name)
        self._show_choice()

    def menu(self) -> QMenu:
        menu = super().menu()
        if self._gates:
            add_choices_of(menu, "Gate", self.gate)
        return menu

    def table(self) -> tuple[Sequence[str], Iterable[Row]]:
        """One row for each bin of the histogram, with f and f′ in its middle."""
        shown = self._applied
        return (("from", "to", "count", "f", "f′"), _rows(shown)) if shown is not None else ((), ())

    def describe(self, x: float, y: float) -> str:
        shown = self._applied
        if shown is None:
            return ""
        histogram, edges = shown.inputs, edges_of(shown.inputs)
        lines = [f"f({ticks.short(x)}) = {ticks.short(value_of(shown.function.at, x))}"]
        lines.append(f"f′({ticks.short(x)}) = {ticks.short(value_of(shown.function.derivative, x))}")
        if shown.slopes is not None:
            lines.append(words_of(shown.slopes))
        if histogram.low <= x <= histogram.high:
            bin_ = min(int(np.searchsorted(edges, x, side="right")) - 1, len(histogram.counts) - 1)
            low, high = (ticks.short(float(edge)) for edge in edges[bin_ : bin_ + 2])
            share = histogram.counts[bin_] / histogram.counts.sum()
            lines.append(f"{percent(float(share), 1)} of the inputs between {low} and {high}")
        lines += [
            f"{percent(share, 1)} where |f′| < {dead_slope if zone.dead else saturated_slope}"
            for zone, share in zip(shown.zones, shown.shares, strict=True)
            if zone.low <= x <= zone.high
        ]
        return "\n".join(lines)

    def _emptiness(self) -> str:
        """Why there is nothing to show."""
        name, declared = self._name, self._declared
        if self._probe is None:
            return self.first_sentence
        if declared is None:
            return f"{name} is not in the network that was trained" if name else "Select a layer that applies an activation"
        return why_none(declared, self._gate)

    # Drawing

    def _build(self) -> None:
        theme = self.theme
        self._reading = ()
        self.slopes = self.figure.add_axes((0.1, 0.1, 0.8, 0.8), label="slopes")
        self.slopes.grid(visible=False)
        self.slopes.set_xticks([])
        self.slopes.yaxis.tick_right()
        self.slopes.yaxis.set_label_position("right")
        self.slopes.set_ylabel("f′(z)")
        self.axes = self.figure.add_axes((0.1, 0.1, 0.8, 0.8), label="values")
        self.axes.patch.set_visible(False)
        self.axes.set_ylabel("f(z)")
        across = self.axes.get_xaxis_transform()
        self.dead, self.saturated, self.bars = (
            PolyCollection([], facecolors=colour, alpha=alpha, linewidths=0, transform=across, animated=True)
            for colour, alpha in ((theme.error, 0.22), (theme.warning, 0.2), (theme.muted, 0.5))
        )
        self.band = PolyCollection([], facecolors=theme.accent, alpha=0.15, linewidths=0, animated=True)
        self.units, self.unit_slopes = (
            LineCollection([], colors=colour, linewidths=0.8, linestyles=":", animated=True)
            for colour in (theme.accent, theme.validation)
        )
        for collection in (self.dead, self.saturated, self.bars, self.band, self.units):
            self.axes.add_collection(collection, autolim=False)
        self.slopes.add_collection(self.unit_slopes, autolim=False)
        (self.slope_line,) = self.slopes.plot([], [], color=theme.validation, linestyle="--", linewidth=1.6, animated=True)
        (self.value_line,) = self.axes.plot([], [], color=theme.accent, linewidth=2, animated=True)
        self.shares: list[Text] = []
        self.note = self._make_note()
        self.mean_slope = self.axes.text(
            0.99, 0.03, "", transform=self.axes.transAxes, ha="right", va="bottom", color=theme.text, animated=True,
            bbox={"facecolor": theme.card, "edgecolor": "none", "alpha": 0.7, "pad": 2},
        )  # fmt: skip

    def _moving(self) -> Iterable[Artist]:
        shown = self._applied
        if shown is None:
            return ()
        units = (self.band, self.units, self.unit_slopes) if shown.slopes is not None else ()
        texts = (*self.shares, self.mean_slope, self.note)
        return (self.dead, self.saturated, self.bars, *units, self.value_line, self.slope_line, *texts)

    def _fill(self) -> bool:
        shown = self._applied
        for axes in (self.axes, self.slopes):
            axes.set_visible(shown is not None)
        if shown is None:
            self.empty_sentence = self._emptiness()
            self.header.set_subtitle("")
            self.header.set_legend([])
            reading: tuple[object, ...] = (self.empty_sentence, tuple(self.figure.bbox.size))
            changed, self._reading = reading != self._reading, reading
            return changed
        self.header.set_subtitle(shown.words)
        self._name_curves(shown)
        self._scale(shown.inputs)
        changed = self._write(shown)
        self._draw_curves(shown)
        self.bars.set_verts([_outline(shown.inputs)])
        self._write_shares(shown)
        self.mean_slope.set_text(f"mean slope\n{ticks.short(shown.slopes.mean)}" if shown.slopes is not None else "")
        missing = shown.inputs.not_finite
        self.note.set_text(f"{ticks.grouped(missing)} not finite" if missing else "")
        return changed

    def _name_curves(self, shown: Applied) -> None:
        theme = self.theme
        units = [Entry("each unit", theme.accent, line=":")] if shown.slopes is not None else []
        slope = Entry("slope f′", theme.validation, line="--", known_as="f′")  # small, the stroke of f′ alone is easily missed
        self.header.set_legend([
            Entry("f", theme.accent, line="-"), slope, *units, Entry("inputs", theme.muted),
            Entry(f"|f′| < {dead_slope}", theme.error), Entry(f"|f′| < {saturated_slope}", theme.warning),
        ])  # fmt: skip
        for name, curve, of_units in (
            ("f", self.value_line, (self.band, self.units)),
            ("f′", self.slope_line, (self.unit_slopes,)),
        ):
            curve.set_visible(name not in self.hidden)
            for each in of_units:
                each.set_visible(name not in self.hidden and "each unit" not in self.hidden)

    def _scale(self, histogram: Histogram) -> None:
        """Let the axis hold all inputs; it grows in leaps, and shrinks where most of it was empty."""
        low, high = min(histogram.low, usual_limits[0]), max(histogram.high, usual_limits[1])
        self._limits = _held(self._limits, (low, high), ticks.enclosing(low, high, 6))

    def _write(self, shown: Applied) -> bool:
        """Write the axes; true where they read differently now."""
        assert self._limits is not None
        unit = self.lettering.height
        rows = max(2, min(5, int(self.figure.bbox.height / (5 * unit))))
        whole = self._whole_heights(shown, self._limits, rows)
        reading = (self._limits, whole, self.zoomed, tuple(self.figure.bbox.size))
        if reading == self._reading:
            return False
        self._reading = reading
        self.axes.set_xlabel(self.lettering.elided(self._x_title(self.figure.bbox.width), self.figure.bbox.width))
        across, values = self._shown_limits(self._limits, whole[0])
        slopes = _alike(values, *whole)
        with self._styled():
            value_texts = self._write_axis(self.axes.yaxis, values, rows + 1)
            slope_texts = self._write_axis(self.slopes.yaxis, slopes, rows + 1)
            x_texts = self._write_axis(self.axes.xaxis, across, max(4, self.figure.bbox.width / (6 * unit)))
        for axes, limits in ((self.axes, values), (self.slopes, slopes)):
            axes.set_xlim(*across)
            axes.set_ylim(*limits)
        beside = max(map(self.lettering.width, slope_texts)) + 2.2 * unit
        self._place_axes(x_texts, value_texts, right=beside)
        self._follow_axes(beside)
        return True

    def _x_title(self, width: float) -> str:
        """What goes in and of which layer, in as many words as `width` figure pixels have room for."""
        name, gate = self._name, self._gate
        words = "pre-activation z" if gate is None else f"{gate.title} {gate.name}: pre-activation"
        shorter = f"z of {name}" if gate is None else f"{gate.name} of {name}"
        return next((each for each in (f"{words} of {name}", shorter) if self.lettering.width(each) <= width), words)

    def _whole_heights(self, shown: Applied, across: ticks.Range, rows: int) -> tuple[ticks.Range, ticks.Range]:
        """Limits for all of f and f′; those of a PReLU stay as long as they fit, for its slopes change with every look."""
        values, slopes = curves_over(shown.function, *across)[1:]
        if shown.slopes is None:
            return _limits_of(values, rows), _limits_of(slopes, rows)
        for name, heights in (
            ("f", np.append(values, across[0] * shown.slopes.spread)),
            ("f′", np.append(slopes, shown.slopes.spread)),
        ):
            needed = (float(heights.min()), float(heights.max()))
            self._heights[name] = _held(self._heights.get(name), needed, _limits_of(heights, rows))
        return self._heights["f"], self._heights["f′"]

    def _draw_curves(self, shown: Applied) -> None:
        across = self.axes.get_xlim()
        x, values, slopes = curves_over(shown.function, *across)
        self.value_line.set_data(x, values)
        self.slope_line.set_data(x, slopes)
        for collection, dead in ((self.dead, True), (self.saturated, False)):
            clipped = [_clipped(zone, across) for zone in shown.zones if zone.dead == dead]
            collection.set_verts([[(low, 0), (low, 1), (high, 1), (high, 0)] for low, high in clipped if low < high])
        if shown.slopes is not None:
            self._draw_units(shown.slopes, min(across[0], 0.0))

    def _draw_units(self, slopes: Slopes, left: float) -> None:
        """What each unit with one of these slopes does between `left` and 0; above 0 all do the same."""
        units = slopes.spread.tolist()
        low, high = units[0], units[-1]
        self.band.set_verts([[(left, low * left), (0, 0), (left, high * left)]])
        self.units.set_segments([[(left, slope * left), (0, 0)] for slope in units])
        self.unit_slopes.set_segments([[(left, slope), (0, slope)] for slope in units])

    def _follow_axes(self, beside: float) -> None:
        """Put the axes of f′ where those of f are, its numbers in the `beside` pixels at the right."""
        box, width = self.axes.get_position(), self.figure.bbox.width
        self.slopes.set_position(box)
        x, y = box.x1 + (beside - 1.3 * self.lettering.height) / width, (box.y0 + box.y1) / 2
        self.slopes.yaxis.set_label_coords(x, y, transform=self.figure.transFigure)

    def _write_shares(self, shown: Applied) -> None:
        """In each zone that has room for it, the share of the inputs that lie there."""
        zones = shown.zones
        while len(self.shares) < len(zones):
            with self._styled():
                text = self.axes.text(
                    0, 0.62, "", transform=self.axes.get_xaxis_transform(), ha="center", va="center", color=self.theme.text,
                    animated=True,
                )  # fmt: skip
            self.shares.append(text)
        limits = self.axes.get_xlim()
        scale = self.axes.bbox.width / (limits[1] - limits[0])
        for text, zone, share in zip(self.shares, zones, shown.shares, strict=False):
            low, high = _clipped(zone, limits)
            words = percent(share, 1)
            text.set_text(words if self.lettering.width(words) < (high - low) * scale else "")
            text.set_x((low + high) / 2)
        for text in self.shares[len(zones) :]:
            text.set_text("")

    # What is chosen

    @property
    def _name(self) -> str | None:
        """The layer to show; before one is selected, the first that has a curve."""
        return self.layer or next((name for name, layer in self._network.items() if may_have_curve(layer)), None)

    @property
    def _declared(self) -> AnyLayer | None:
        return self._network.get(self._name or "")

    @property
    def _gates(self) -> tuple[InnerGate, ...]:
        return gates_in(self._declared) if self._declared is not None else ()

    @property
    def _gate(self) -> InnerGate | None:
        """The one that is chosen, of a layer that has some."""
        return self._gates[self.gate.currentIndex()] if self._gates else None

    @property
    def _applied(self) -> Applied | None:
        if self._declared is None or self._probe is None:
            return None
        return applied(self._declared, self._probe.layer(self._declared.name), max(self.gate.currentIndex(), 0))

    def _show_choice(self) -> None:
        self.choice.setCurrentIndex(self.choice.findText(self._name or ""))
        self.choice.setEnabled(bool(self._network))  # one without words would be an arrow alone
        if self._gates:  # otherwise the choice waits, out of sight, for a layer that has the gate, too
            offer(self.gate, [(f"{gate.name} · {gate.title}", gate.name) for gate in self._gates])
        self.gate.setEnabled(bool(self._gates))
        self.header.arrange()

    def _start_over(self) -> None:
        self._limits, self._heights, self._reading, self.zoomed = None, {}, (), None
        self.changed()


def _held(held: ticks.Range | None, needed: ticks.Range, wanted: ticks.Range) -> ticks.Range:
    """Limits that were `held`, unless what is `needed` does not fit, or leaves most of them empty."""
    if held is None or not (held[0] <= needed[0] and needed[1] <= held[1]):
        return wanted
    return held if held[1] - held[0] <= most_empty * (wanted[1] - wanted[0]) else wanted


def _outline(histogram: Histogram) -> Floats:
    """The histogram as one polygon, its height a share of the axes'."""
    edges = np.repeat(edges_of(histogram), 2)
    heights = tallest * np.repeat(histogram.counts, 2) / histogram.counts.max()
    return np.column_stack([edges, np.concatenate([[0.0], heights, [0.0]])])


def _clipped(zone: Zone, limits: ticks.Range) -> ticks.Range:
    """The part of `zone` that the axis shows."""
    return max(zone.low, limits[0]), min(zone.high, limits[1])


def _rows(shown: Applied) -> Iterator[Row]:
    for low, high, count in bins_of(shown.inputs):
        middle = (low + high) / 2
        yield low, high, count, value_of(shown.function.at, middle), value_of(shown.function.derivative, middle)


def _limits_of(values: Floats, rows: int) -> ticks.Range:
    """Round limits that hold 0, 1 and `values`, and a little more, so that a curve which runs along one of them is seen whole."""
    low, high = finite_range(values) or (0.0, 1.0)
    low, high = ticks.enclosing(min(low, 0.0), max(high, 1.0), rows)
    margin = 0.04 * (high - low)
    return low - margin, high + margin


def _alike(limits: ticks.Range, whole: ticks.Range, other: ticks.Range) -> ticks.Range:
    """The part of `other` that is to it what `limits` are to `whole`: so two axes are zoomed together."""
    scale = (other[1] - other[0]) / (whole[1] - whole[0])
    return other[0] + (limits[0] - whole[0]) * scale, other[0] + (limits[1] - whole[0]) * scale
