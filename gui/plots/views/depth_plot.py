"""How signal and gradient fare on their way through the network."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.artist import Artist
from matplotlib.collections import PolyCollection
from PySide6.QtWidgets import QWidget

from gui.plots.axes import ticks
from gui.plots.axes.curves import Floats, finite_range
from gui.plots.axes.names_axis import make_room, name_ticks
from gui.plots.curve_plot import room_for_zero
from gui.plots.header import Entry
from gui.plots.help import Help
from gui.plots.plot import Plot, Row
from gui.theme import Theme
from models.telemetry.events import LayerProbe, Probed
from models.telemetry.history import History

healthy_factor = 10.0
"""A standard deviation within this factor of what it started from is drawn as healthy."""
at_start = "start"
"""Names what is drawn of the first look inside."""
room = 1.6
"""The axis reaches so many times beyond its outer decades, so that marks on them are seen whole."""


class Way(NamedTuple):
    """One of the two directions in which a figure goes through the layers."""

    name: str
    deviation: Callable[[LayerProbe], float | None]
    gain: Callable[[LayerProbe], float | None]
    """How many times the neighbour's it is from which the layer gets it."""
    neighbour: str


forward = Way("outputs", lambda layer: layer.std, lambda layer: layer.forward_gain, "what comes in")
backward = Way(
    "gradient", lambda layer: layer.gradient_std, lambda layer: layer.backward_gain, "that of the next layer with weights"
)


class DepthPlot(Plot):
    """Standard deviation of each layer's outputs, and of the loss's gradient with respect to its weights, from input to output.

    Both should stay of one size from layer to layer, else signals or gradients vanish or explode with depth (Glorot & Bengio,
    2010; He et al., 2015). A deviation of exactly 0, which a logarithmic axis has no place for, is drawn at the bottom.
    """

    title = "Depth profile"
    help = Help(
        shows="From left to right the layers. The solid line is the standard deviation of each layer's outputs, over all "
        "units and the examples that are looked at; the dashed one that of the loss's gradient with respect to the layer's "
        "weights, which comes from the right. Dotted are both at the start of the run. The axis is logarithmic. The bands "
        "hold what is within a factor of 10 of 1 for outputs, and of the last layer's for gradients.",
        good="Both lines run about level: each layer passes on what it gets at about the size it gets it.",
        bad="A line that falls by decades: signals vanish to the right, gradients to the left, and the first layers hardly "
        "learn. One that rises: they explode. Take he_normal for relu and glorot_uniform for tanh, or add "
        "BatchNormalization or shortcuts.",
    )
    zoomable = True
    empty_sentence = "Press Train to see whether signals and gradients keep their size from layer to layer"

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent=parent)
        self._probe: Probed | None = None
        self._newest: dict[Way, Probed | None] = {}
        """For each way the last look in which it was measured: only a look at a step just taken has gradients."""
        self._starts: dict[Way, Probed | None] = {}
        """For each way the first look in which it was measured: there is no gradient before the first step."""
        self._range: ticks.Range | None = None
        self._reading: tuple[object, ...] = ()

    @property
    def is_empty(self) -> bool:
        return self._probe is None or not self._probe.layers

    def update_from(self, history: History) -> None:
        if history.shown_probe is not self._probe:
            self._probe = history.shown_probe
            looks = history.shown_probes()
            for way in (forward, backward):
                self._newest[way] = next((look for look in reversed(looks) if _measured(way, look)), None)
                self._starts[way] = next((look for look in looks if _measured(way, look)), None)
            self.changed()

    def clear(self) -> None:
        self._probe = self._range = self.zoomed = None
        self._newest, self._starts = {}, {}
        self.changed()

    def table(self) -> tuple[Sequence[str], Iterable[Row]]:
        """One row for each layer from input to output; what was not measured is empty."""
        columns = [self._deviations(way, looks.get(way)) for way in (forward, backward) for looks in (self._newest, self._starts)]
        names = ("layer", "outputs std", "outputs std at the start", "gradient std", "gradient std at the start")
        texts = ([("" if np.isnan(value) else value) for value in column.tolist()] for column in columns)
        return names, zip(self._names, *texts, strict=True)

    def describe(self, x: float, y: float) -> str:
        place = round(x)
        if not 0 <= place < len(self._names):
            return ""
        assert self._probe is not None
        lines = [self._names[place]]
        for way in (forward, backward):
            look = self._newest.get(way)
            now, before = (self._deviations(way, each)[place] for each in (look, self._starts.get(way)))
            if look is None or np.isnan(now):
                continue
            moment = "" if look.step == self._probe.step else f" at step {ticks.grouped(look.step)}"
            start = "" if np.isnan(before) else f", {ticks.short(before)} at the start"
            lines.append(f"{way.name} std {ticks.short(now)}{moment}{start}")
            layer = look.layer(self._names[place])
            if layer is not None and (gain := way.gain(layer)) is not None:
                lines.append(f"  {ticks.short(gain)} times {way.neighbour}")
        return "\n".join(lines)

    # Drawing

    def _build(self) -> None:
        theme = self.theme
        self._reading = ()
        self.axes = self.figure.add_subplot()
        self.axes.set_yscale("log")
        self.axes.set_xlabel("layer")
        self.axes.set_ylabel("std")
        looks = ((forward, theme.accent, "-", "o"), (backward, theme.validation, "--", "s"))
        self.bands: list[Any] = []
        self.lines: list[Any] = []
        self.first_lines: list[Any] = []
        for _, colour, style, mark in looks:
            band = PolyCollection(
                [], facecolors=colour, alpha=0.1, linewidths=0, transform=self.axes.get_yaxis_transform(), animated=True
            )
            self.axes.add_collection(band, autolim=False)
            self.bands.append(band)
            self.first_lines += self.axes.plot([], [], color=colour, linestyle=":", linewidth=1.2, alpha=0.8, animated=True)
            self.lines += self.axes.plot(
                [], [], color=colour, linestyle=style, linewidth=1.6, marker=mark, markersize=4, animated=True
            )
        self.note = self._make_note()
        self.header.set_legend(
            [
                Entry(forward.name, theme.accent, line="-"),
                Entry(backward.name, theme.validation, line="--"),
                Entry(at_start, theme.muted, line=":"),
            ],
            "Dotted: both at the start of the run. Bands: within a factor of 10 of 1, and of the last layer's gradient.",
        )

    def _moving(self) -> Iterable[Artist]:
        return () if self.is_empty else (*self.bands, *self.first_lines, *self.lines, self.note)

    def _fill(self) -> bool:
        now = [self._deviations(way, self._newest.get(way)) for way in (forward, backward)]
        before = [self._deviations(way, self._starts.get(way)) for way in (forward, backward)]
        zeros = any((each == 0).any() for each in (*now, *before))
        bands = _bands(now[1])
        self._scale([*now, *before])
        changed = self._write(zeros=zeros)
        assert self._range is not None
        floor = self._range[0] / room_for_zero**0.5
        for lines, all_figures in ((self.lines, now), (self.first_lines, before)):
            for line, figures in zip(lines, all_figures, strict=True):
                measured = np.flatnonzero(np.isfinite(figures))
                line.set_data(measured, np.where(figures[measured] == 0, floor, figures[measured]))
        for way, band, first, line in zip((forward, backward), self.bands, self.first_lines, self.lines, strict=True):
            shown = way.name not in self.hidden
            band.set_visible(shown)
            line.set_visible(shown)
            first.set_visible(shown and at_start not in self.hidden)
        for artist, healthy in zip(self.bands, bands, strict=True):
            artist.set_verts([] if healthy is None else [[(x, healthy[y]) for x, y in ((0, 0), (1, 0), (1, 1), (0, 1))]])
        self.note.set_text(self._notes(now))
        return changed

    def _scale(self, all_figures: Sequence[Floats]) -> None:
        """Let the axis hold every figure, and 1; it grows by decades, and shrinks where most of it was empty."""
        low, high = finite_range(*(figures[figures > 0] for figures in all_figures)) or (0.1, 1.0)
        wanted = ticks.decades(min(low, 0.1), max(high, 1.0))
        held = self._range
        if held is None or not (held[0] <= low and high <= held[1] and held[1] / held[0] <= 1e3 * wanted[1] / wanted[0]):
            self._range = wanted

    def _write(self, *, zeros: bool) -> bool:
        """Write the axes; true where they read differently now."""
        assert self._range is not None
        low, high = self._range
        zero = low / room_for_zero**0.5
        everything = (low / (room_for_zero if zeros else room), high * room)
        across, limits = self._shown_limits((-0.5, max(len(self._names), 1) - 0.5), everything)
        reading = (across, limits, self._names, zeros, tuple(self.figure.bbox.size))
        if reading == self._reading:
            return False
        self._reading = reading
        unit, height = self.lettering.height, self.figure.bbox.height
        y_ticks = ticks.logarithmic(max(limits[0], low), limits[1], max(2, min(7, int(0.7 * height / (2.5 * unit)))))
        self._place_axes([], ticks.logarithmic_texts(y_ticks))
        names = name_ticks(self._names, across, self.axes.bbox.width, 0.35 * height, self.lettering.width, 1.3 * unit)
        make_room(self.axes, names, unit)
        y_texts = ticks.logarithmic_texts(y_ticks)
        if zeros and limits[0] <= zero:
            y_ticks = ticks.above_zero(y_ticks, zero, limits, 1.3 * unit / self.axes.bbox.height)
            y_ticks, y_texts = [zero, *y_ticks], ["0", *ticks.logarithmic_texts(y_ticks)]
        with self._styled():
            self.axes.set_xlim(*across)
            self.axes.set_ylim(*limits)
            self.axes.set_xticks(names.positions, names.texts, **names.look)
            self.axes.set_yticks(y_ticks, y_texts)
            self.axes.set_yticks([], minor=True)
        return True

    def _notes(self, now: Sequence[Floats]) -> str:
        """What no line can show: layers whose outputs or gradients are not finite."""
        found = [
            f"{way.name} of {self.lettering.short_name(self._names[place])} not finite"
            for way, figures in zip((forward, backward), now, strict=True)
            for place in np.flatnonzero(np.isinf(figures)).tolist()
        ]
        return self._noted(found)

    @property
    def _names(self) -> tuple[str, ...]:
        return tuple(layer.name for layer in self._probe.layers) if self._probe is not None else ()

    def _deviations(self, way: Way, probe: Probed | None) -> Floats:
        """Of each shown layer in a look inside: NaN where it was not measured, infinite where it was not finite."""
        found = {layer.name: way.deviation(layer) for layer in probe.layers} if probe is not None else {}
        figures = np.array([np.nan if (value := found.get(name)) is None else value for name in self._names], dtype=np.float64)
        measured = np.array([found.get(name) is not None for name in self._names], dtype=bool)
        return np.where(measured & ~np.isfinite(figures), np.inf, figures)


def _measured(way: Way, look: Probed) -> bool:
    return any(way.deviation(layer) is not None for layer in look.layers)


def _bands(gradients: Floats) -> list[ticks.Range | None]:
    """What is healthy: for outputs around 1, for gradients around that of the last layer that has one."""
    sizes = gradients[np.isfinite(gradients) & (gradients > 0)]
    around_last = (sizes[-1] / healthy_factor, sizes[-1] * healthy_factor) if len(sizes) else None
    return [(1 / healthy_factor, healthy_factor), around_last]
