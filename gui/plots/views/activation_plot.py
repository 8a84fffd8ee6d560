"""How the numbers in each layer are spread, and how that changes."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import floor, log10
from operator import attrgetter
from typing import Any, NamedTuple

import numpy as np
from matplotlib.artist import Artist
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_rgb
from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QMenu, QScrollArea, QWidget

from gui.plots.axes import ticks
from gui.plots.axes.curves import Floats
from gui.plots.axes.names_axis import shortened
from gui.plots.axes.zooming import Area
from gui.plots.help import Help
from gui.plots.plot import Plot, Row, add_choices
from gui.plots.switches import of_choice, of_words
from gui.plots.title import Title
from gui.plots.views import histograms
from gui.plots.views.histograms import rebinned
from gui.theme import Theme
from models.telemetry.events import GateProbe, Histogram, LayerProbe, Probed
from models.telemetry.history import History
from models.telemetry.shares import percent
from models.telemetry.thinning import evenly

summed = "Pre-activations"
sources: dict[str, Callable[[LayerProbe], Histogram | None]] = {
    "Activations": attrgetter("activations"),
    summed: attrgetter("pre_activations"),
    "Weights": attrgetter("weights"),
    "Gradients": attrgetter("gradients"),
    "Updates": attrgetter("updates"),
}
"""What can be shown of a layer."""
missing_words = {summed: "none seen"}
"""What is said of a layer that has no such numbers, where it is not that none of them is finite."""
forms = {"Ridge lines": "newest in front", "Heat map": "time to the right"}
"""Words for how histograms of one layer are put together, and how to read that."""

ridge_share = 0.92
"""Share of a cell's width that a ridge takes; what is left is for those behind it, each a little further to the right."""
lowest_row = 5
"""Lines of the window's text that a row of several is high at least."""
small_share = 1 / 1.2
"""Size of a small text against that of others, as matplotlib has it."""


class Spread(NamedTuple):
    """What has a cell of its own: a layer, or a gate in it."""

    name: str
    """Of the layer; of a gate after that of its layer and a space, which no layer has in its name."""
    probe: LayerProbe | GateProbe
    histogram: Histogram | None
    """Of the numbers that are shown; none where there are no such numbers."""


@dataclass(frozen=True)
class Cell:
    """Where one layer stands, in pixels of the canvas with the origin at the lower left."""

    left: float
    bottom: float
    width: float
    height: float


class ActivationPlot(Plot):
    """For each layer its histograms of all times over the values that they hold: a ridge line, or a heat map over time."""

    title = "Activations"
    help = Help(
        shows="For each layer the histogram of what it puts out for a fixed batch of examples, at several moments of the run, "
        "the newest in front; the title chooses pre-activations, weights, gradients or updates instead. Pre-activations of a "
        "recurrent layer are those of each of its gates: i, f, c and o of an LSTM, z, r and h of a GRU; an arrow says which way "
        "it goes, a number which cell it is of several. The menu has a heat map, with time to the right, and other heights than "
        "square roots of shares.",
        good="Layers alike in width, spread over several bins, and changing less and less.",
        bad="All in one spike at 0: the units are dead, or the signal dies on its way. Piled up at both ends of sigmoid or "
        "tanh: saturated. Wider from layer to layer: the signal explodes; look at the initializer and the learning rate.",
    )
    empty_sentence = "Press Train to see what each layer puts out"
    zoomable = True

    bins = 48
    """Histograms are brought to this many common bins, so that those of all times can be compared."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        self.scroller = QScrollArea()
        self.scroller.setWidgetResizable(True)
        self.scroller.setProperty("role", "canvas")
        self.scroller.setAccessibleName("Histograms")
        self.source = Title()
        for name in sources:
            self.source.addItem(name, name)
        super().__init__(theme, self.source, parent)
        self.form = "Ridge lines"
        """One of `forms`."""
        self.heights = "Square roots"
        """One of `histograms.heights`."""
        self._probes: tuple[Probed, ...] = ()
        self._spreads: tuple[Spread, ...] = ()
        """Of the newest look."""
        self._seen: tuple[object, ...] = ()
        self._ranges: dict[str, ticks.Range] = {}
        self._ranged_step = -1
        """The step up to which looks are within the ranges."""
        self._shares: dict[tuple[str, int], Floats] = {}
        self._texts: list[Artist] = []
        self._tops: dict[str, float] = {}
        """Height at which the ridges of a layer end: below what is written at the top of its cell."""
        self.ridges: list[PolyCollection] = []
        """The histograms of each layer."""
        self.maps: list[Any] = []
        """The pictures of the heat maps, one for each layer that has a range."""
        self.set_form(self.form)
        self.switches |= {
            "source": of_choice(self.source),
            "form": of_words(forms, lambda: self.form, self.set_form),
            "heights": of_words(histograms.heights, lambda: self.heights, self.set_heights),
        }
        self.source.currentIndexChanged.connect(self._choose_source)

    @property
    def is_empty(self) -> bool:
        return not self._spreads

    def update_from(self, history: History) -> None:
        """Show this record from now on; asked again whenever it grew."""
        seen = (id(history), history.started, history.probes_seen, history.moment)
        if seen != self._seen:
            if self._seen[:2] != seen[:2]:
                self._start_over()
            self._seen, self._probes = seen, history.shown_probes()
            self._find_spreads()
            self.changed()

    def clear(self) -> None:
        """Show nothing, as before the first run."""
        self._probes, self._seen = (), ()
        self._find_spreads()
        self._start_over()

    def set_form(self, form: str) -> None:
        """Put the histograms of a layer together so, one of `forms`."""
        self.form = form
        self.header.set_subtitle(forms[form])
        self._start_over()

    def set_heights(self, heights: str) -> None:
        """Draw shares as such heights, or depths of colour: one of `histograms.heights`."""
        self.heights = heights
        self.changed()

    def menu(self) -> QMenu:
        menu = super().menu()
        add_choices(menu, "Form", forms, self.form, self.set_form)
        add_choices(menu, "Heights", histograms.heights, self.heights, self.set_heights)
        return menu

    def table(self) -> tuple[Sequence[str], Iterable[Row]]:
        """One row for each bin of each kept histogram."""
        rows = (
            (probe.step, each.name, low, high, count)
            for probe in self._probes
            for each in spreads_in(probe, self._source)
            for low, high, count in histograms.bins_of(each.histogram)
        )
        return ("step", "layer", "from", "to", "count"), rows

    def describe(self, x: float, y: float) -> str:
        for spread, cell in zip(self._spreads, self._cells(), strict=True):
            if cell.left <= x <= cell.left + cell.width and cell.bottom <= y <= cell.bottom + cell.height:
                if self._is_map:
                    return self._described_map(spread.name, cell, x, y)
                return _description(spread, self._probes[-1].step)
        return ""

    def _lay_out(self) -> None:
        super()._lay_out()
        layout = self.layout()
        assert layout is not None
        layout.removeWidget(self.canvas)
        self.scroller.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.scroller.setWidget(self.canvas)
        layout.addWidget(self.scroller)

    def _build(self) -> None:
        self._reading, self._texts, self.ridges, self.maps = (), [], [], []
        self.axes = self.figure.add_axes((0, 0, 1, 1))
        self.axes.set_axis_off()

    def _moving(self) -> Iterable[Artist]:
        return tuple(self.maps if self._is_map else self.ridges)

    def _fill(self) -> bool:
        changed = self._write(changed=self._widen_ranges())
        if self._is_map:
            for picture, (place, spread) in zip(self.maps, self._ranged(), strict=True):
                picture.set_data(self._map(place, spread.name))
            return changed
        for place, (spread, cell) in enumerate(zip(self._spreads, self._cells(), strict=True)):
            outlines = self._outlines(spread.name, cell)
            faces, edges = self._colours(place, len(outlines))
            self.ridges[place].set_verts(outlines, closed=False)
            self.ridges[place].set_facecolor(faces)
            self.ridges[place].set_edgecolor(edges)
        return changed

    def _write(self, *, changed: bool) -> bool:
        """Write names and ranges of the layers; true where they read differently now."""
        size = (self.figure.bbox.width, self.figure.bbox.height)
        limits = self._shown_limits((0, size[0]), (0, size[1]))
        notes = tuple((spread.name, self._note(spread)) for spread in self._spreads)
        reading = (notes, size, limits, self.form)
        if reading == self._reading and not changed:
            return False
        self._reading = reading
        for artist in (*self._texts, *self.ridges, *self.maps):
            artist.remove()
        self._texts, self.ridges, self.maps = [], [], []
        with self._styled():
            for spread, cell in zip(self._spreads, self._cells(), strict=True):
                self._write_cell(spread, cell)
        self.axes.set(xlim=limits[0], ylim=limits[1])  # after the pictures, which change them
        return True

    def _write_cell(self, spread: Spread, cell: Cell) -> None:
        theme, unit = self.theme, self.lettering.height
        ridges = PolyCollection([], linewidths=0.7, animated=True)
        self.ridges.append(self.axes.add_collection(ridges, autolim=False))
        middle = cell.left + cell.width / 2
        of_layer, space, of_gate = spread.name.partition(" ")
        name = shortened(of_layer, cell.width - self.lettering.width(space + of_gate), self.lettering.width) + space + of_gate
        self._write_text(middle, cell.bottom + 0.15 * unit, name, ha="center", va="bottom")
        if spread.name not in self._ranges:
            lines = self.lettering.in_lines(self._note(spread), cell.width)
            note = "\n".join(self.lettering.elided(line, cell.width) for line in lines)
            self._write_text(middle, cell.bottom + cell.height / 2, note, ha="center", va="center", color=theme.muted)
            return
        note = self.lettering.elided(self._note(spread), cell.width)
        self._tops[spread.name] = cell.bottom + cell.height - (1.3 * unit if note else 0.0)
        if self._is_map:
            self._write_map(spread, cell)
        else:
            self._write_base(spread, cell)
        if note:
            top = cell.bottom + cell.height
            self._write_text(cell.left + cell.width, top, note, ha="right", va="top", color=theme.error_text)

    def _write_base(self, spread: Spread, cell: Cell) -> None:
        """The line that the newest ridge stands on, with the bounds of its range."""
        left, right, base = cell.left, cell.left + ridge_share * cell.width, self._base(cell)
        (line,) = self.axes.plot([left, right], [base - 1, base - 1], color=self.theme.border, linewidth=0.8)
        self._texts.append(line)
        unit, bounds = self.lettering.height, self._ranges[spread.name]
        texts = [_bound(value) for value in bounds]
        if small_share * sum(map(self.lettering.width, texts)) + 0.6 * unit > right - left:
            texts, factor = _scaled(*bounds)
            self._write_bound(left, cell.bottom + cell.height, factor, ha="left", va="top")
            self._tops[spread.name] = cell.bottom + cell.height - 1.3 * unit
        for x, text, side in zip((left, right), texts, ("left", "right"), strict=True):
            self._write_bound(x, base - 0.25 * unit, text, ha=side, va="top")

    def _write_map(self, spread: Spread, cell: Cell) -> None:
        """A picture without data yet, with the bounds of its range at the left."""
        left, base, top = self._map_left(spread.name, cell), self._base(cell), cell.bottom + cell.height
        extent = (left, cell.left + cell.width, base, top)
        self.maps.append(
            self.axes.imshow(
                np.ones((2, 2, 3)), origin="lower", extent=extent, interpolation="nearest", aspect="auto", animated=True
            )
        )
        low, high = self._ranges[spread.name]
        for y, value, side in ((base, low, "bottom"), (top, high, "top")):
            self._write_bound(left - 0.4 * self.lettering.height, y, _bound(value), ha="right", va=side)

    def _write_bound(self, x: float, y: float, text: str, **look: str) -> None:
        self._write_text(x, y, text, color=self.theme.muted, fontsize="small", **look)

    def _write_text(self, x: float, y: float, text: str, **look: str) -> None:
        self._texts.append(self.axes.text(x, y, text, **{"color": self.theme.text, **look}))

    def _note(self, spread: Spread) -> str:
        """Why there is nothing to see, or which share of the values cannot be drawn."""
        if spread.histogram is None:
            return missing_words.get(self._source, "no weights")
        share = histograms.not_finite_share(spread.histogram)
        return f"{percent(share).replace(' ', '')} NaN, ∞" if share else ""  # cells are narrow

    def _ranged(self) -> list[tuple[int, Spread]]:
        """What has a range, and its place among all."""
        return [(place, spread) for place, spread in enumerate(self._spreads) if spread.name in self._ranges]

    def _widen_ranges(self) -> bool:
        """Let each layer's range hold all its kept histograms; true where one changed."""
        before = dict(self._ranges)
        news = [probe for probe in self._probes if probe.step > self._ranged_step]
        self._ranged_step = self._probes[-1].step if self._probes else -1
        for probe in news:
            for name, _, histogram in spreads_in(probe, self._source):
                if histogram is not None and histogram.counts.any():
                    least, greatest = histogram.reach
                    low, high = self._ranges.get(name, histogram.reach)
                    if least < low or greatest > high or name not in self._ranges:
                        self._ranges[name] = histograms.widened(min(low, least), max(high, greatest))
        if before != self._ranges or len(self._shares) > 2 * len(self._probes) * len(self._spreads):
            self._shares.clear()
        return before != self._ranges

    def _outlines(self, name: str, cell: Cell) -> list[Floats]:
        """Outlines of the histograms of one layer within `cell`, oldest first."""
        shares = [share for probe in self._shown(cell) if (share := self._share(probe, name)) is not None]
        if not shares:
            return []
        base = self._base(cell)
        room = self._tops[name] - base
        depth = 0.5 * room if len(shares) > 1 else 0.0
        measured = [histograms.heights[self.heights](share) for share in shares]
        tallest = float(max(each.max() for each in measured)) or 1.0
        width = ridge_share * cell.width
        middles = (np.arange(self.bins) + 0.5) / self.bins
        x = cell.left + width * np.concatenate([[0.0, 0.0], middles, [1.0, 1.0]])
        outlines = []
        for age, each in enumerate(reversed(measured)):
            back = age / max(len(shares) - 1, 1)
            height = each / tallest * (room - depth)
            y = np.concatenate([[0.0, height[0]], height, [height[-1], 0.0]])
            outlines.append(np.column_stack([x + back * (1 - ridge_share) * cell.width, base + back * depth + y]))
        return outlines[::-1]

    def _map(self, place: int, name: str) -> Floats:
        """(bins, times, 3): the histograms of one layer as columns of colours, the lowest values at the bottom, oldest first."""
        empty = np.zeros(self.bins)
        shares = [self._share(probe, name) for probe in self._probes]
        depths = np.array([histograms.heights[self.heights](empty if share is None else share) for share in shares]).T
        depths = (depths / (depths.max() or 1.0))[:, :, None]
        own, behind = np.array(to_rgb(self.theme.series_colour(place))), np.array(to_rgb(self.theme.card))
        return np.asarray(behind + (own - behind) * depths, dtype=np.float64)

    def _shown(self, cell: Cell) -> list[Probed]:
        """As many looks as can be told apart in `cell`, evenly over time, the newest among them."""
        most = max(3, min(12, int(cell.height / 11)))
        return [self._probes[place] for place in evenly(len(self._probes), most).tolist()]

    def _share(self, probe: Probed, name: str) -> Floats | None:
        """The histogram of a layer at one time as shares in the common bins."""
        key = (name, probe.step)
        if key not in self._shares:
            histogram = histogram_in(probe, self._source, name)
            if histogram is None or not histogram.counts.any() or name not in self._ranges:
                return None
            self._shares[key] = rebinned(histogram, self._ranges[name], self.bins)
        return self._shares[key]

    def _colours(self, place: int, count: int) -> tuple[list[tuple[float, ...]], list[tuple[float, ...]]]:
        """Fillings and outlines, faded towards the background with age."""
        own, behind = np.array(to_rgb(self.theme.series_colour(place))), np.array(to_rgb(self.theme.card))
        freshness = np.linspace(0.15, 1.0, count) if count > 1 else np.ones(count)
        faces = [tuple(behind + (own - behind) * (0.2 + 0.6 * fresh)) for fresh in freshness]
        edges = [tuple(behind + (own - behind) * (0.5 + 0.5 * fresh)) for fresh in freshness]
        return faces, edges

    @property
    def _is_map(self) -> bool:
        return self.form == "Heat map"

    @property
    def _source(self) -> str:
        """One of `sources`."""
        return self.source.currentText()

    def _find_spreads(self) -> None:
        self._spreads = spreads_in(self._probes[-1], self._source) if self._probes else ()
        self._fit_height()

    def _described_map(self, name: str, cell: Cell, x: float, y: float) -> str:
        """What there is at a place of a heat map."""
        left, base = self._map_left(name, cell), self._base(cell)
        across = (x - left) / (cell.left + cell.width - left)
        up = (y - base) / (cell.bottom + cell.height - base)
        if name not in self._ranges or not (0 <= across < 1 and 0 <= up < 1):
            return ""
        probe = self._probes[int(across * len(self._probes))]
        share = self._share(probe, name)
        low, high = self._ranges[name]
        place = int(up * self.bins)
        edges = [ticks.short(low + (high - low) * (place + side) / self.bins) for side in (0, 1)]
        found = "" if share is None else f"\n{percent(share[place], 1)} between {edges[0]} and {edges[1]}"
        return f"{name} at step {ticks.grouped(probe.step)}{found}"

    def _base(self, cell: Cell) -> float:
        """Height at which the newest ridge, or the heat map, begins: above the name, and above the bounds of a ridge line."""
        return cell.bottom + (1.5 if self._is_map else 2.6) * self.lettering.height

    def _map_left(self, name: str, cell: Cell) -> float:
        """Where the heat map begins, beside its bounds."""
        bounds = self._ranges.get(name, (0.0, 0.0))
        return cell.left + max(self.lettering.width(_bound(value)) for value in bounds) + 0.4 * self.lettering.height

    def _cells(self) -> list[Cell]:
        """Cells in rows, as many side by side as keep their names readable."""
        count = len(self._spreads)
        width, height = self.figure.bbox.width, self.figure.bbox.height
        columns, rows = self._grid(count, width)
        gap = 0.8 * self._unit
        cell_width, cell_height = width / columns, height / max(rows, 1)
        return [
            Cell(column * cell_width + gap, height - (row + 1) * cell_height + 2, cell_width - 2 * gap, cell_height - gap)
            for row, column in (divmod(place, columns) for place in range(count))
        ]

    def _grid(self, count: int, width: float) -> tuple[int, int]:
        """Columns and rows for `count` layers."""
        longest = max((len(spread.name) for spread in self._spreads), default=0)
        most = max(1, int(width / ((5 if longest <= 7 else 6.5) * self._unit)))
        rows = -(-count // most)
        return (-(-count // rows) if rows else 1), rows

    @property
    def _unit(self) -> float:
        """Height of a line of text in figure pixels, whatever settings of matplotlib hold at the moment."""
        return float(self.fontMetrics().height() * 0.86 * self.canvas.device_pixel_ratio)

    def _fit_height(self) -> None:
        """Make the canvas higher than its place, to be scrolled, where the rows would become too low to read."""
        width = self.scroller.viewport().width() * self.canvas.device_pixel_ratio
        _, rows = self._grid(len(self._spreads), width)
        wanted = 40
        if rows > 1:
            lowest, height = lowest_row * self.fontMetrics().height(), self.scroller.viewport().height()
            wanted = round(rows * max(lowest, height / min(rows, max(1, int(height / lowest)))))  # so that none is seen in part
        if self.canvas.minimumHeight() != wanted:
            self.canvas.setMinimumHeight(wanted)

    def _choose_source(self) -> None:
        self.title = self._source
        self._find_spreads()
        self._start_over()

    def _area(self) -> Area | None:
        """None where the wheel scrolls."""
        return None if self.canvas.height() > self.scroller.viewport().height() else super()._area()

    def _start_over(self) -> None:
        self.zoomed = None
        self._ranges.clear()
        self._ranged_step = -1
        self._shares.clear()
        self._reading = ()
        self.changed()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_height()

    def _after_resize(self, event: Any) -> None:  # noqa: ANN401
        self.zoomed = None  # which is in pixels
        self._fit_height()
        super()._after_resize(event)


def _bound(value: float) -> str:
    return ticks.short(float(f"{value:.2g}"))


def _scaled(low: float, high: float) -> tuple[list[str], str]:
    """The ends of a range without the power of ten that they have no room for, and that power: ``−1.8``, ``2.1``, ``·10⁻⁵``."""
    exponent = floor(log10(max(abs(low), abs(high))))
    ends = [f"{value / 10**exponent:.1f}".removesuffix(".0").replace("-", "−") for value in (low, high)]
    return ends, f"·{ticks.power(exponent)}"


def spreads_in(probe: Probed, source: str) -> tuple[Spread, ...]:
    """What is shown of a look, from input to output: of a layer that adds up for several gates its sums for each of them."""
    return tuple(
        spread
        for layer in probe.layers
        for spread in (
            [Spread(f"{layer.name} {short_name(gate)}", gate, gate.pre_activations) for gate in layer.gates if source == summed]
            or [Spread(layer.name, layer, sources[source](layer))]
        )
    )


def histogram_in(probe: Probed, source: str, name: str) -> Histogram | None:
    """The histogram of what is called `name` in `spreads_in`."""
    of_layer, _, of_gate = name.partition(" ")
    layer = probe.layer(of_layer)
    if layer is None or not of_gate:
        return None if layer is None else sources[source](layer)
    return next((gate.pre_activations for gate in layer.gates if short_name(gate) == of_gate), None)


def short_name(gate: GateProbe) -> str:
    """The gate's name, with an arrow for the way it goes, and of several cells the number alone: there is little room."""
    return gate.name.replace("forward", "→").replace("backward", "←").replace("cell ", "")


def _description(spread: Spread, step: int) -> str:
    probe, not_finite = spread.probe, histograms.not_finite_share(spread.histogram)
    lines = [f"{spread.name} at step {ticks.grouped(step)}", f"mean {ticks.short(probe.mean)} ± {ticks.short(probe.std)}"]
    if probe.dead is not None:
        lines.append(f"dead units {percent(probe.dead)}")
    if probe.saturated is not None:
        lines.append(f"{'saturated' if probe.dead is None else 'inactive'} {percent(probe.saturated)}")
    if not_finite:
        lines.append(f"not finite {percent(not_finite, 1)}")
    return "\n".join(lines)
