"""Where what goes into a layer's activation falls on its curve."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from matplotlib.artist import Artist
from matplotlib.collections import PolyCollection
from matplotlib.text import Text
from PySide6.QtWidgets import QWidget

from gui.plots.axes import ticks
from gui.plots.axes.curves import Floats, finite_range
from gui.plots.header import Entry, choice_in_head
from gui.plots.help import Help
from gui.plots.plot import Plot, Row
from gui.plots.views.histograms import bins_of, edges_of, shares_below
from gui.stack.card import arguments
from gui.theme import Theme
from models.experiment.activations import ActivationFunction, Linear
from models.experiment.layers import AnyLayer, PReLU
from models.telemetry.events import Histogram, LayerProbe, Probed
from models.telemetry.history import History
from models.telemetry.shares import percent
from models.telemetry.zones import dead_slope, dead_zones, saturated_slope, saturated_zones

if TYPE_CHECKING:
    from gui.runner import RunPrepared

positions = 401
"""Points of a curve over the whole axis."""
usual_limits = (-4.0, 4.0)
"""What the axis shows at least, so that the shape of the curve is always seen."""
tallest = 0.5
"""Share of the axes' height that the highest bar takes, so that the curves stay in sight."""


class Zone(NamedTuple):
    """A stretch of the axis on which the derivative is small; its ends may be infinite."""

    low: float
    high: float
    dead: bool
    """Whether a unit is dead whose inputs are all in it; otherwise it is only saturated."""


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
        f"units can die, below {dead_slope}, each with the share of the inputs there.",
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
        self._reading: tuple[object, ...] = ()
        self.choice = choice_in_head("The layer whose activation is shown")
        self.choice.textActivated.connect(self.show_layer)
        self.header.add_switch(self.choice, spared=True)

    @property
    def is_empty(self) -> bool:
        return self._function is None or self._histogram is None

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
        self._start_over()

    def show_layer(self, name: str | None) -> None:
        if name != self.layer:
            self._start_over()
        super().show_layer(name)
        self._show_choice()

    def table(self) -> tuple[Sequence[str], Iterable[Row]]:
        """One row for each bin of the histogram, with f and f′ in its middle."""
        function, histogram = self._function, self._histogram
        if function is None or histogram is None:
            return (), ()
        return ("from", "to", "count", "f", "f′"), _rows(function, histogram)

    def describe(self, x: float, y: float) -> str:
        function, histogram = self._function, self._histogram
        if function is None or histogram is None:
            return ""
        edges = edges_of(histogram)
        lines = [f"f({ticks.short(x)}) = {ticks.short(_value(function.at, x))}"]
        lines.append(f"f′({ticks.short(x)}) = {ticks.short(_value(function.derivative, x))}")
        if histogram.low <= x <= histogram.high:
            bin_ = min(int(np.searchsorted(edges, x, side="right")) - 1, len(histogram.counts) - 1)
            low, high = (ticks.short(float(edge)) for edge in edges[bin_ : bin_ + 2])
            share = histogram.counts[bin_] / histogram.counts.sum()
            lines.append(f"{percent(float(share), 1)} of the inputs between {low} and {high}")
        lines += [
            f"{percent(share, 1)} where {_words(zone)}"
            for zone, share in zip(self._zones, self._shares_of(histogram), strict=True)
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
        function = declared.non_linearity
        if isinstance(declared, PReLU):
            return f"{name} learns the slope for negative inputs, one for each, so that there is no single curve"
        if function is None:
            inside = hasattr(declared, "activation")
            return f"{name} applies {'its activations inside, at every step' if inside else 'no activation of its own'}"
        if isinstance(function, Linear):
            return f"{name} is linear: f′ is 1 everywhere, and no gradient is lost in it"
        if not function.elementwise:
            return f"{name} applies {function.kind()}: each output depends on all inputs, so there is no curve"
        return f"What goes into the activation of {name} is not seen from outside, or nothing of it is finite"

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
        self.axes.set_xlabel("pre-activation z")
        self.axes.set_ylabel("f(z)")
        across = self.axes.get_xaxis_transform()
        self.dead, self.saturated, self.bars = (
            PolyCollection([], facecolors=colour, alpha=alpha, linewidths=0, transform=across, animated=True)
            for colour, alpha in ((theme.error, 0.22), (theme.warning, 0.2), (theme.muted, 0.5))
        )
        for collection in (self.dead, self.saturated, self.bars):
            self.axes.add_collection(collection, autolim=False)
        (self.slope_line,) = self.slopes.plot([], [], color=theme.validation, linestyle="--", linewidth=1.6, animated=True)
        (self.value_line,) = self.axes.plot([], [], color=theme.accent, linewidth=2, animated=True)
        self.shares: list[Text] = []
        self.note = self._make_note()
        self.header.set_legend([
            Entry("f", theme.accent, line="-"), Entry("f′", theme.validation, line="--"), Entry("inputs", theme.muted),
            Entry(f"|f′| < {dead_slope}", theme.error), Entry(f"|f′| < {saturated_slope}", theme.warning),
        ])  # fmt: skip

    def _moving(self) -> Iterable[Artist]:
        if self.is_empty:
            return ()
        return (self.dead, self.saturated, self.bars, self.value_line, self.slope_line, *self.shares, self.note)

    def _fill(self) -> bool:
        function, histogram = self._function, self._histogram
        for axes in (self.axes, self.slopes):
            axes.set_visible(not self.is_empty)
        if function is None or histogram is None:
            self.empty_sentence = self._emptiness()
            self.header.set_subtitle("")
            reading: tuple[object, ...] = (self.empty_sentence, tuple(self.figure.bbox.size))
            changed, self._reading = reading != self._reading, reading
            return changed
        saturated = self._layer_probe.saturated if self._layer_probe is not None else None
        share = "" if saturated is None else f" · {percent(saturated, 1)} at |f′| < {saturated_slope}"
        self.header.set_subtitle(f"{_description(function)}{share}")
        self._scale(histogram)
        changed = self._write(function)
        self.bars.set_verts([_outline(histogram)])
        self.value_line.set_visible("f" not in self.hidden)
        self.slope_line.set_visible("f′" not in self.hidden)
        self._write_shares(histogram)
        self.note.set_text(f"{ticks.grouped(histogram.not_finite)} not finite" if histogram.not_finite else "")
        return changed

    def _scale(self, histogram: Histogram) -> None:
        """Let the axis hold all inputs; it grows in leaps, and shrinks where most of it was empty."""
        low, high = min(histogram.low, usual_limits[0]), max(histogram.high, usual_limits[1])
        wanted = ticks.enclosing(low, high, 6)
        held = self._limits
        if held is None or not (held[0] <= low and high <= held[1] and held[1] - held[0] <= 2.5 * (wanted[1] - wanted[0])):
            self._limits = wanted

    def _write(self, function: ActivationFunction) -> bool:
        """Write the axes, and draw what depends on them only; true where they read differently now."""
        assert self._limits is not None
        reading = (function, self._limits, self.zoomed, tuple(self.figure.bbox.size))
        if reading == self._reading:
            return False
        self._reading = reading
        unit = self._text_height()
        rows = max(2, min(5, int(self.figure.bbox.height / (5 * unit))))
        whole = [_limits_of(each, rows) for each in curves_over(function, *self._limits)[1:]]
        across, values = self._shown_limits(self._limits, whole[0])
        slopes = _alike(values, *whole)
        self._draw_curves(function, across)
        with self._styled():
            value_texts = self._write_axis(self.axes.yaxis, values, rows + 1)
            slope_texts = self._write_axis(self.slopes.yaxis, slopes, rows + 1)
            x_texts = self._write_axis(self.axes.xaxis, across, max(4, self.figure.bbox.width / (6 * unit)))
        for axes, limits in ((self.axes, values), (self.slopes, slopes)):
            axes.set_xlim(*across)
            axes.set_ylim(*limits)
        beside = max(map(self._text_width, slope_texts)) + 2.2 * unit
        self._place_axes(x_texts, value_texts, right=beside)
        self._follow_axes(beside)
        return True

    def _draw_curves(self, function: ActivationFunction, across: ticks.Range) -> None:
        x, values, slopes = curves_over(function, *across)
        self.value_line.set_data(x, values)
        self.slope_line.set_data(x, slopes)
        for collection, dead in ((self.dead, True), (self.saturated, False)):
            clipped = [_clipped(zone, across) for zone in self._zones if zone.dead == dead]
            collection.set_verts([[(low, 0), (low, 1), (high, 1), (high, 0)] for low, high in clipped if low < high])

    def _follow_axes(self, beside: float) -> None:
        """Put the axes of f′ where those of f are, its numbers in the `beside` pixels at the right."""
        box, width = self.axes.get_position(), self.figure.bbox.width
        self.slopes.set_position(box)
        x, y = box.x1 + (beside - 1.3 * self._text_height()) / width, (box.y0 + box.y1) / 2
        self.slopes.yaxis.set_label_coords(x, y, transform=self.figure.transFigure)

    def _write_shares(self, histogram: Histogram) -> None:
        """In each zone that has room for it, the share of the inputs that lie there."""
        zones = self._zones
        while len(self.shares) < len(zones):
            with self._styled():
                text = self.axes.text(
                    0, 0.62, "", transform=self.axes.get_xaxis_transform(), ha="center", va="center", color=self.theme.text,
                    animated=True,
                )  # fmt: skip
            self.shares.append(text)
        limits = self.axes.get_xlim()
        scale = self.axes.bbox.width / (limits[1] - limits[0])
        for text, zone, share in zip(self.shares, zones, self._shares_of(histogram), strict=False):
            low, high = _clipped(zone, limits)
            words = percent(share, 1)
            text.set_text(words if self._text_width(words) < (high - low) * scale else "")
            text.set_x((low + high) / 2)
        for text in self.shares[len(zones) :]:
            text.set_text("")

    def _shares_of(self, histogram: Histogram) -> list[float]:
        """Share of the inputs in each zone: read off the histogram, and brought to the sum that was counted one by one."""
        shares = [share_inside(histogram, zone) for zone in self._zones]
        counted = self._layer_probe.saturated if self._layer_probe is not None else None
        total = sum(shares)
        return shares if counted is None or total == 0 else [share * counted / total for share in shares]

    @property
    def _zones(self) -> tuple[Zone, ...]:
        return zones_of(self._function) if self._function is not None else ()

    # What is chosen

    @property
    def _name(self) -> str | None:
        """The layer to show; before one is selected, the first that has a curve."""
        return self.layer or next((name for name, layer in self._network.items() if _curve_of(layer) is not None), None)

    @property
    def _declared(self) -> AnyLayer | None:
        return self._network.get(self._name or "")

    @property
    def _function(self) -> ActivationFunction | None:
        """The activation of the layer, where it has a curve."""
        return _curve_of(self._declared) if self._declared is not None else None

    @property
    def _histogram(self) -> Histogram | None:
        """Of what goes into it; none where that is not known, or nothing of it is finite."""
        found = self._layer_probe.pre_activations if self._layer_probe is not None else None
        return found if found is not None and found.counts.any() and np.isfinite([found.low, found.high]).all() else None

    @property
    def _layer_probe(self) -> LayerProbe | None:
        return self._probe.layer(self._name or "") if self._probe is not None else None

    def _show_choice(self) -> None:
        self.choice.setCurrentIndex(self.choice.findText(self._name or ""))

    def _start_over(self) -> None:
        self._limits, self._reading, self.zoomed = None, (), None
        self.changed()


def _curve_of(layer: AnyLayer) -> ActivationFunction | None:
    function = layer.non_linearity
    return function if function is not None and function.elementwise and not isinstance(function, Linear) else None


@lru_cache(maxsize=16)
def curves_over(function: ActivationFunction, low: float, high: float) -> tuple[Floats, Floats, Floats]:
    """Positions between `low` and `high`, with f and f′ there; what is too large for a number is infinite."""
    x = np.linspace(low, high, positions)
    values, slopes = (np.array([_value(each, z) for z in x.tolist()]) for each in (function.at, function.derivative))
    return x, values, slopes


def zones_of(function: ActivationFunction) -> tuple[Zone, ...]:
    """Where a unit is saturated, from left to right, cut where units die inside."""
    zones: list[Zone] = []
    for low, high in saturated_zones(function):
        for left, right in dead_zones(function):
            if low <= left and right <= high:
                zones += [Zone(low, left, dead=False), Zone(left, right, dead=True)]
                low = right
        zones.append(Zone(low, high, dead=False))
    return tuple(zone for zone in zones if zone.low < zone.high)


def share_inside(histogram: Histogram, zone: Zone) -> float:
    """Share of the counted values in `zone`, as if they were spread evenly within each bin."""
    below, above = shares_below(histogram, (zone.low, zone.high))
    return float(above - below)


def _value(function: Callable[[float], float], z: float) -> float:
    try:
        return function(z)
    except OverflowError:
        return math.inf


def _outline(histogram: Histogram) -> Floats:
    """The histogram as one polygon, its height a share of the axes'."""
    edges = np.repeat(edges_of(histogram), 2)
    heights = tallest * np.repeat(histogram.counts, 2) / histogram.counts.max()
    return np.column_stack([edges, np.concatenate([[0.0], heights, [0.0]])])


def _clipped(zone: Zone, limits: ticks.Range) -> ticks.Range:
    """The part of `zone` that the axis shows."""
    return max(zone.low, limits[0]), min(zone.high, limits[1])


def _words(zone: Zone) -> str:
    return f"|f′| < {dead_slope if zone.dead else saturated_slope}"


def _rows(function: ActivationFunction, histogram: Histogram) -> Iterator[Row]:
    for low, high, count in bins_of(histogram):
        middle = (low + high) / 2
        yield low, high, count, _value(function.at, middle), _value(function.derivative, middle)


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


def _description(function: ActivationFunction) -> str:
    """Its name, and its parameters: ``leaky_relu slope 0.2``."""
    return f"{function.kind()} {arguments(function)}".strip()
