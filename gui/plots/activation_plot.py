"""How the outputs of each layer are spread, and how that changes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_rgb
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QScrollArea, QSizePolicy, QWidget

from gui.plots import ticks
from gui.plots.curves import Floats
from gui.plots.help import Help
from gui.plots.plot import Plot, Row
from gui.theme import Theme
from models.telemetry.events import Histogram, LayerProbe, Probed
from models.telemetry.history import History


@dataclass(frozen=True)
class Cell:
    """Where one layer's ridge line stands, in pixels of the canvas with the origin at the lower left."""

    left: float
    bottom: float
    width: float
    height: float


class ActivationPlot(Plot):
    """For each layer a ridge line of histograms, the newest in front, over the values that the layer's outputs took."""

    title = "Activations"
    help = Help(
        shows="For each layer the histogram of what it puts out for a fixed batch of examples, at several moments of the run, "
        "the newest in front. Heights are square roots of shares, so that a tail can be seen beside a spike.",
        good="Layers alike in width, spread over several bins, and changing less and less.",
        bad="All in one spike at 0: the units are dead, or the signal dies on its way. Piled up at both ends of sigmoid or "
        "tanh: saturated. Wider from layer to layer: the signal explodes; look at the initializer and the learning rate.",
    )
    empty_sentence = "Press Train to see what each layer puts out"

    bins = 48
    """Histograms are brought to this many common bins, so that those of all times can be compared."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        self.scroller = QScrollArea()
        self.scroller.setWidgetResizable(True)
        super().__init__(theme, parent=parent)
        self.side = QComboBox()
        self.side.setProperty("role", "quiet")
        self.side.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.side.setToolTip("Before or after the non-linearity")
        self.side.setAccessibleName("Side of the non-linearity")
        self.side.addItem("outputs", "outputs")
        self.side.addItem("pre-activations", "pre-activations")
        self.header.add_switch(self.side)
        self.header.set_subtitle("newest in front")
        self._probes: tuple[Probed, ...] = ()
        self._seen: tuple[object, ...] = ()
        self._ranges: dict[str, ticks.Range] = {}
        self._ranged_step = -1
        """The step up to which looks are within the ranges."""
        self._shares: dict[tuple[str, int], Floats] = {}
        self._reading: tuple[object, ...] = ()
        self._texts: list[Artist] = []
        self.side.currentIndexChanged.connect(self._start_over)

    @property
    def is_empty(self) -> bool:
        return not self._layers

    def update_from(self, history: History) -> None:
        """Show this record from now on; asked again whenever it grew."""
        seen = (id(history), history.started, history.probes_seen)
        if seen != self._seen:
            if self._seen[:2] != seen[:2]:
                self._start_over()
            self._seen, self._probes = seen, history.probes()
            self._fit_height()
            self.changed()

    def clear(self) -> None:
        """Show nothing, as before the first run."""
        self._probes, self._seen = (), ()
        self._start_over()

    def table(self) -> tuple[Sequence[str], Iterable[Row]]:
        """One row for each bin of each kept histogram."""
        rows = (
            (probe.step, layer.name, low, high, count)
            for probe in self._probes
            for layer in probe.layers
            for low, high, count in _bins_of(self._histogram(layer))
        )
        return ("step", "layer", "from", "to", "count"), rows

    def describe(self, x: float, y: float) -> str:
        for layer, cell in zip(self._layers, self._cells(), strict=True):
            if cell.left <= x <= cell.left + cell.width and cell.bottom <= y <= cell.bottom + cell.height:
                return _description(layer, self._probes[-1].step)
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
        self._reading, self._texts = (), []
        self.axes = self.figure.add_axes((0, 0, 1, 1))
        self.axes.set_axis_off()
        self.ridges = PolyCollection([], linewidths=0.7, animated=True)
        self.axes.add_collection(self.ridges, autolim=False)

    def _moving(self) -> Iterable[Artist]:
        return (self.ridges,)

    def _fill(self) -> bool:
        changed = self._widen_ranges()
        polygons: list[Floats] = []
        faces: list[tuple[float, ...]] = []
        edges: list[tuple[float, ...]] = []
        for place, (layer, cell) in enumerate(zip(self._layers, self._cells(), strict=True)):
            ridges = self._ridges(layer.name, cell)
            polygons += ridges
            face, edge = self._colours(place, len(ridges))
            faces += face
            edges += edge
        self.ridges.set_verts(polygons, closed=False)
        self.ridges.set_facecolor(faces)
        self.ridges.set_edgecolor(edges)
        return self._write(changed=changed)

    def _write(self, *, changed: bool) -> bool:
        """Write names and ranges of the layers; true where they read differently now."""
        width, height = self.figure.bbox.width, self.figure.bbox.height
        reading = (tuple(layer.name for layer in self._layers), width, height)
        if reading == self._reading and not changed:
            return False
        self._reading = reading
        self.axes.set_xlim(0, width)
        self.axes.set_ylim(0, height)
        for text in self._texts:
            text.remove()
        self._texts = []
        with self._styled():
            for layer, cell in zip(self._layers, self._cells(), strict=True):
                self._write_cell(layer, cell)
        return True

    def _write_cell(self, layer: LayerProbe, cell: Cell) -> None:
        theme, unit = self.theme, self._text_height()
        middle = cell.left + cell.width / 2
        name = self._elided(layer.name, cell.width)
        self._texts.append(self.axes.text(middle, cell.bottom + 0.15 * unit, name, ha="center", va="bottom", color=theme.text))
        if layer.name not in self._ranges:
            note = self._elided("not finite" if self._of_outputs else "no non-linearity", cell.width)
            self._texts.append(
                self.axes.text(middle, cell.bottom + cell.height / 2, note, ha="center", va="center", color=theme.muted)
            )
            return
        low, high = self._ranges[layer.name]
        left, right = cell.left, cell.left + cell.width
        base = cell.bottom + 2.6 * unit
        (line,) = self.axes.plot([left, right], [base - 1, base - 1], color=theme.border, linewidth=0.8)
        self._texts.append(line)
        for x, value, side in ((left, low, "left"), (right, high, "right")):
            self._texts.append(
                self.axes.text(x, base - 0.25 * unit, _bound(value), ha=side, va="top", color=theme.muted, fontsize="small")
            )

    def _widen_ranges(self) -> bool:
        """Let each layer's range hold all its kept histograms; true where one changed."""
        before = dict(self._ranges)
        news = [probe for probe in self._probes if probe.step > self._ranged_step]
        self._ranged_step = self._probes[-1].step if self._probes else -1
        for probe in news:
            for layer in probe.layers:
                histogram = self._histogram(layer)
                if histogram is not None:
                    low, high = self._ranges.get(layer.name, (histogram.low, histogram.high))
                    if histogram.low < low or histogram.high > high or layer.name not in self._ranges:
                        self._ranges[layer.name] = _widened(min(low, histogram.low), max(high, histogram.high))
        if before != self._ranges or len(self._shares) > 2 * sum(len(probe.layers) for probe in self._probes):
            self._shares.clear()
        return before != self._ranges

    def _ridges(self, name: str, cell: Cell) -> list[Floats]:
        """Outlines of the histograms of one layer within `cell`, oldest first."""
        shares = [share for probe in self._shown(cell) if (share := self._share(probe, name)) is not None]
        if not shares:
            return []
        unit = self._text_height()
        base = cell.bottom + 2.6 * unit
        room = cell.bottom + cell.height - base
        depth = 0.5 * room if len(shares) > 1 else 0.0
        # Square roots let the tail be seen beside a spike, such as the zeros of a relu.
        tallest = float(np.sqrt(max(share.max() for share in shares))) or 1.0
        width = 0.92 * cell.width
        middles = (np.arange(self.bins) + 0.5) / self.bins
        x = cell.left + width * np.concatenate([[0.0, 0.0], middles, [1.0, 1.0]])
        outlines = []
        for age, share in enumerate(reversed(shares)):
            back = age / max(len(shares) - 1, 1)
            height = np.sqrt(share) / tallest * (room - depth)
            y = np.concatenate([[0.0, height[0]], height, [height[-1], 0.0]])
            outlines.append(np.column_stack([x + back * 0.08 * cell.width, base + back * depth + y]))
        return outlines[::-1]

    def _shown(self, cell: Cell) -> list[Probed]:
        """As many looks as can be told apart in `cell`, evenly over time, the newest among them."""
        count = min(len(self._probes), max(3, min(12, int(cell.height / 11))))
        places = np.unique(np.linspace(0, len(self._probes) - 1, count).round().astype(int))
        return [self._probes[place] for place in places.tolist()]

    def _share(self, probe: Probed, name: str) -> Floats | None:
        """The histogram of a layer at one time as shares in the common bins."""
        key = (name, probe.step)
        if key not in self._shares:
            layer = next((each for each in probe.layers if each.name == name), None)
            histogram = self._histogram(layer) if layer else None
            if histogram is None or name not in self._ranges:
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
    def _layers(self) -> tuple[LayerProbe, ...]:
        return self._probes[-1].layers if self._probes else ()

    def _histogram(self, layer: LayerProbe) -> Histogram | None:
        """The chosen histogram of a layer; none where it has no such side or none of its values is finite."""
        histogram = layer.activations if self._of_outputs else layer.pre_activations
        return histogram if histogram is not None and histogram.counts.any() else None

    @property
    def _of_outputs(self) -> bool:
        return bool(self.side.currentData() == "outputs")

    def _cells(self) -> list[Cell]:
        """Cells in rows, as many side by side as keep their names readable."""
        count = len(self._layers)
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
        longest = max((len(layer.name) for layer in self._layers), default=0)
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
        _, rows = self._grid(len(self._layers), width)
        wanted = round(rows * 6.5 * self.fontMetrics().height()) if rows > 1 else 40
        if self.canvas.minimumHeight() != wanted:
            self.canvas.setMinimumHeight(wanted)

    def _elided(self, text: str, width: float) -> str:
        if self._text_width(text) <= width:
            return text
        while len(text) > 1 and self._text_width(text + "…") > width:
            text = text[:-1]
        return text + "…"

    def _start_over(self) -> None:
        self._ranges.clear()
        self._ranged_step = -1
        self._shares.clear()
        self._reading = ()
        self.changed()

    def _after_resize(self, event: Any) -> None:  # noqa: ANN401
        self._fit_height()
        super()._after_resize(event)


def rebinned(histogram: Histogram, bounds: ticks.Range, bins: int) -> Floats:
    """Shares of all counted values in `bins` equal bins between `bounds`, as if values were spread evenly within each old bin."""
    low, high = bounds
    edges = np.linspace(low, high, bins + 1)
    total = float(histogram.counts.sum())
    if histogram.high <= histogram.low:
        shares = np.zeros(bins)
        shares[min(int((histogram.low - low) / (high - low) * bins), bins - 1)] = 1.0
        return shares
    old_edges = np.linspace(histogram.low, histogram.high, len(histogram.counts) + 1)
    reached = np.concatenate([[0.0], np.cumsum(histogram.counts)]) / total
    return np.diff(np.interp(edges, old_edges, reached))


def _widened(low: float, high: float) -> ticks.Range:
    """Some room on both sides, so that a range that creeps need not be redrawn each time; 0 stays an end."""
    margin = 0.25 * (high - low) or 0.5 * max(abs(low), 1e-3)
    return (0.0 if low == 0 else low - margin), (0.0 if high == 0 and low < 0 else high + margin)


def _bound(value: float) -> str:
    return ticks.short(float(f"{value:.2g}"))


def _bins_of(histogram: Histogram | None) -> Iterable[tuple[float, float, int]]:
    if histogram is None:
        return ()
    edges = np.linspace(histogram.low, histogram.high, len(histogram.counts) + 1).tolist()
    return zip(edges[:-1], edges[1:], histogram.counts.tolist(), strict=True)


def _description(layer: LayerProbe, step: int) -> str:
    lines = [f"{layer.name} at step {ticks.grouped(step)}", f"mean {ticks.short(layer.mean)} ± {ticks.short(layer.std)}"]
    if layer.dead is not None:
        lines.append(f"dead units {layer.dead:.0%}")
    if layer.saturated is not None:
        lines.append(f"saturated outputs {layer.saturated:.0%}")
    return "\n".join(lines)
