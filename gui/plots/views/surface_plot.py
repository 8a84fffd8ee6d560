"""The function that the network has learned, over its data: regions in a plane, a line over one coordinate."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from contourpy import contour_generator
from matplotlib.artist import Artist
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from gui.plots.axes import ticks
from gui.plots.axes.curves import Floats, finite_range
from gui.plots.header import Entry
from gui.plots.help import Help
from gui.plots.maps import no_state
from gui.plots.plot import Plot, Row, failure_in
from gui.plots.views import surface
from gui.plots.views.surface import Meaning
from gui.theme import Theme
from models.data.prepared import View
from models.data.views import kind_of_view
from models.experiment.data import Facts, Source
from models.telemetry.events import Probed
from models.telemetry.history import History
from models.telemetry.thinning import evenly
from models.telemetry.wanted import Answers, Wanted

if TYPE_CHECKING:
    from gui.messages import RunPrepared
    from models.experiment.experiment import Experiment


ring_radius = 4.3
"""Points, around an example that the network gets wrong; less in a small plane, where rings would hide what they are about."""
usual_side = 180
"""Points of a plane's side from which on rings and examples have their full size; in a smaller one they would cover it."""
outlines = (1.0, 0.6)
"""Points that the outlines of validation and of training examples are wide."""
margin_levels = (-1.0, 0.0, 1.0)
"""Scores at which a hinge loss has its border, 0, and the ends of its margin."""
fitted = "network"
"""Names the fitted function."""
most_told = 3
"""Classes whose probability is told."""


class SurfacePlot(Plot):
    """Decision regions or values in a plane with the examples on them, or the fitted function over examples of one number.

    Training examples are filled points, validation examples are rings.
    """

    title = "Decision regions"
    zoomable = True
    help = Help(
        shows="What the network answers everywhere in the plane of the two features: the colour is the class, or the value, "
        "and it pales where the network is unsure. Filled points are training examples, rings are validation examples. "
        "Examples that the network gets wrong are ringed. With a hinge loss: the border, and dashed the ends of the margin. "
        "With one feature: the fitted function as a line.",
        good="Smooth borders that follow the examples, and rings on their own colour as often as filled points.",
        bad="A border that stays straight while the classes are not to be parted by a line: too few units, or no "
        "non-linearity. Islands around single points: the network learns the noise; try a penalty, dropout, or more examples.",
    )
    empty_sentence = "Press Train to see the regions, or the function, that the network learns"

    most_points = 1000
    """Of larger data sets an even selection of this many examples of each part is drawn."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent=parent)
        self._view: View | None = None
        self._meaning: Meaning | None = None
        self._probe: Probed | None = None
        self._outputs: Floats | None = None
        self._bounds: tuple[ticks.Range, ticks.Range] = ((0.0, 1.0), (0.0, 1.0))
        self._reading: tuple[object, ...] = ()
        self._points: list[Artist] = []
        """Of the validation examples, then of the training examples."""
        self._point_size = 0.0
        """Square points of each, in a plane large enough."""
        self._regions = QImage()
        self._examples: QImage | None = None
        self.wrong: NDArray[np.float32] = np.empty((0, 2), np.float32)
        """Coordinates of the examples that the network gets wrong."""
        self.borders: dict[float, list[Floats]] = {}
        """For a hinge loss, by its score, the lines (points, 2) where the network's score is that: 0, and the margin's ends."""
        self._rings: Any = None
        self._border_lines: dict[float, Any] = {}
        self.image: Any = None
        self.lines: list[Any] = []
        self._promise = SurfacePlot.empty_sentence
        """What a run of the document will show here."""

    @classmethod
    def missing(cls, run: "RunPrepared") -> str:
        return _why_none(run.prepared.facts) if run.prepared.view is None else ""

    @property
    def is_empty(self) -> bool:
        return self._view is None

    @property
    def wanted(self) -> Wanted:
        return Wanted(answers=self._tells_wrong)

    def show_experiment(self, experiment: "Experiment") -> None:
        """Say what a run of this document will show, as far as its data need not be read for that."""
        facts = experiment.data.facts()
        self._promise = SurfacePlot.empty_sentence if facts is None else _promise_of(experiment.data, facts)
        if self._meaning is None and self.empty_sentence != self._promise:
            self.empty_sentence, self._building = self._promise, True
            self.changed()

    def start(self, run: "RunPrepared") -> None:
        self.empty_sentence = self.missing(run) or SurfacePlot.empty_sentence
        self.show_view(run.prepared.view, Meaning.of(run.experiment, run.prepared))

    def show_view(self, view: View | None, meaning: Meaning | None) -> None:
        """Show these data from now on, at first without a network; none where they have no view."""
        self._view, self._meaning, self._probe, self._outputs = view, meaning, None, None
        self.wrong, self.borders = self.wrong[:0], {}
        if view is not None:
            before, self._bounds = self._bounds, _bounds(view)
            if self._bounds != before:
                self.zoomed = None
        self._rename()
        self._rebuild()

    def update_from(self, history: History) -> None:
        """Show the look inside of the moment that this record shows, where it has the network's outputs on the view."""
        probe = history.shown_probe
        if probe is None or probe is self._probe:
            return
        if probe.surface is None and self._outputs is not None and history.moment is not None and not history.awaits_state:
            self._probe, self._outputs = probe, None  # the weights of that moment are not kept
            self._rebuild()
        elif probe.surface is not None and self._fits(probe.surface):
            self._probe, self._outputs = probe, probe.surface
            answers = probe.looks.answers if probe.looks is not None else None
            self._find_wrong(answers if isinstance(answers, Answers) else None)
            self._find_borders()
            self.changed()

    def obstacle_in(self, history: History) -> str:
        probe = history.shown_probe
        return failure_in(history) or (probe.surface_unseen if probe is not None else "") or no_state(history)

    def clear(self) -> None:
        """Show no data and no function."""
        self.empty_sentence = self._promise
        self.show_view(None, None)

    def table(self) -> tuple[Sequence[str], Iterable[Row]]:
        """One row for each position: its coordinates, and what the network puts out there, in the target's own numbers."""
        view, meaning = self._view, self._meaning
        if view is None or meaning is None or self._outputs is None:
            return (), ()
        grid = np.meshgrid(*view.axes, indexing="xy")
        values = meaning.values(self._outputs)
        names = [*view.axis_names[: len(grid)], *(f"output {number}" for number in range(values.shape[1]))]
        return names, np.column_stack([*(axis.ravel() for axis in grid), values]).tolist()

    def describe(self, x: float, y: float) -> str:
        view, meaning, outputs = self._view, self._meaning, self._outputs
        if view is None or meaning is None:
            return ""
        names = view.axis_names
        lines = [f"{names[0]} {ticks.short(x)}" + (f", {names[1]} {ticks.short(y)}" if view.kind == "plane" else "")]
        if outputs is not None:
            lines += _answer(meaning.values(outputs)[_nearest(view, x, y)], meaning)
        return "\n".join(lines)

    @property
    def _tells_wrong(self) -> bool:
        """Whether examples stand in a plane and can be wrong."""
        view, meaning = self._view, self._meaning
        return view is not None and view.kind == "plane" and meaning is not None and not meaning.regression

    def _find_wrong(self, answers: Answers | None) -> None:
        view, meaning = self._view, self._meaning
        if answers is None or view is None or meaning is None or not self._tells_wrong:
            self.wrong = self.wrong[:0]
            return
        parts = (
            (view.training_points[answers.training_rows], view.training_values[answers.training_rows], answers.training),
            (
                view.validation_points[answers.validation_rows],
                view.validation_values[answers.validation_rows],
                answers.validation,
            ),
        )
        self.wrong = np.concatenate(
            [
                points[meaning.answers(outputs.reshape(len(outputs), -1).astype(np.float64)) != values]
                for points, values, outputs in parts
            ]
        )

    def _find_borders(self) -> None:
        """Where the score of a hinge loss is 0, and where the margin ends: −1 and 1."""
        view, meaning = self._view, self._meaning
        if view is None or meaning is None or self._outputs is None or view.kind != "plane" or not meaning.margin:
            return
        scores = self._outputs[:, 0].reshape(len(view.axes[1]), len(view.axes[0]))
        x, y = view.axes
        lines: Any = contour_generator(x=x, y=y, z=np.where(np.isfinite(scores), scores, 0.0), line_type="Separate")
        self.borders = {level: lines.lines(level) for level in margin_levels}

    def _fits(self, outputs: Floats) -> bool:
        return self._view is not None and outputs.ndim == 2 and len(outputs) == len(self._view.inputs)

    def _rename(self) -> None:
        view, meaning = self._view, self._meaning
        self.title = SurfacePlot.title
        if view is not None and view.kind == "curve":
            self.title = "Fitted function"
        elif meaning is not None and meaning.regression:
            self.title = "Predicted value"
        self.header.set_title(self.title)
        self._show_legend()

    def _show_legend(self) -> None:
        view, meaning, theme = self._view, self._meaning, self.theme
        entries: list[Entry] = []
        if view is not None and meaning is not None:
            if meaning.regression:
                colour = theme.text if view.kind == "plane" else theme.validation
                entries = [Entry("training", colour), Entry("validation", colour, ring=True)]
                if view.kind == "curve":
                    entries.append(Entry(fitted, theme.accent, line="-"))
            else:
                entries = [Entry(meaning.class_name(number), theme.class_colour(number)) for number in range(_classes(view))]
                if self._tells_wrong:
                    entries.append(Entry("wrong", theme.text, ring=True))
        self.header.set_legend(entries, "Filled: training examples. Rings: validation examples.")

    # Drawing

    def _build(self) -> None:
        self._reading, self._points, self.lines, self.image, self._border_lines = (), [], [], None, {}
        self.axes = self.figure.add_subplot()
        self._bar: Any = None
        view, meaning = self._view, self._meaning
        self.axes.set_visible(view is not None)
        if view is None or meaning is None:
            return
        self.axes.set_xlabel(view.axis_names[0])
        self.axes.set_ylabel(view.axis_names[1])
        if view.kind == "plane":
            self._build_plane(view, meaning)
        else:
            self._build_curve(meaning)
        self._build_points(view, meaning)
        # Over the whole panel: a plane that is square has little room beside its axes.
        self.note = self.figure.text(
            0.5, 0.5, "", ha="center", va="center", color=self.theme.text, animated=True,
            bbox={"facecolor": self.theme.card, "edgecolor": "none", "pad": 3},
        )  # fmt: skip
        self._show_legend()

    def _build_plane(self, view: View, meaning: Meaning) -> None:
        self.axes.grid(visible=False)
        rows, columns = len(view.axes[1]), len(view.axes[0])
        self.image = self.axes.imshow(
            np.ones((rows, columns, 3)), origin="lower", extent=(*self._bounds[0], *self._bounds[1]),
            interpolation="nearest", aspect="auto", animated=True,
        )  # fmt: skip
        for level in margin_levels if meaning.margin else ():
            lines = LineCollection([], colors=self.theme.text, linewidths=1.2, linestyles="--" if level else "-", animated=True)
            self._border_lines[level] = self.axes.add_collection(lines, autolim=False)
        self._rings = self.axes.scatter(
            [], [], s=60, facecolors="none", edgecolors=self.theme.text, linewidths=1.3, animated=True
        )
        self._show_regions(np.broadcast_to(np.array(to_rgb(self.theme.neutral)), (rows, columns, 3)))
        if meaning.regression:
            self._bar = self.figure.add_axes((0.9, 0.2, 0.03, 0.7))
            ramp = surface.diverging(self.theme)(np.linspace(0, 1, 128))[:, None, :3]
            self._bar.imshow(ramp, origin="lower", aspect="auto", extent=(0, 1, *surface.symmetric_range(view.training_values)))
            self._bar.grid(visible=False)
            self._bar.set_xticks([])
            self._bar.yaxis.tick_right()

    def _build_curve(self, meaning: Meaning) -> None:
        count = 1 if meaning.regression else max(1, meaning.target.units)
        for number in range(count):
            colour = self.theme.accent if count == 1 else self.theme.class_colour(number)
            self.lines += self.axes.plot([], [], color=colour, linewidth=2, animated=True)

    def _build_points(self, view: View, meaning: Meaning) -> None:
        theme = self.theme
        self._point_size = 17.0 if len(view.training_points) <= 400 else 8.0
        for points, values, ring, outline in (
            (view.validation_points, view.validation_values, True, outlines[0]),
            (view.training_points, view.training_values, False, outlines[1]),
        ):
            chosen = evenly(len(points), self.most_points)
            x = points[chosen, 0]
            y = points[chosen, 1] if view.kind == "plane" else values[chosen]
            colours = self._point_colours(view, meaning, values[chosen])
            look = (
                {"facecolors": theme.card, "edgecolors": colours} if ring else {"facecolors": colours, "edgecolors": theme.card}
            )
            if view.kind == "plane" and meaning.regression:  # a point of the very colour that it stands on needs an outline
                look = {"facecolors": "none" if ring else colours, "edgecolors": theme.text}
            self._points.append(self.axes.scatter(x, y, s=self._point_size, linewidths=outline, animated=True, **look))

    def _point_colours(self, view: View, meaning: Meaning, values: NDArray[Any]) -> Any:  # noqa: ANN401
        if meaning.regression and view.kind == "curve":
            return self.theme.validation
        return surface.example_colours(values, meaning, self.theme, surface.symmetric_range(view.training_values))

    def _draw_each(self, artists: Iterable[Artist]) -> Iterator[None]:
        """In a plane, with Qt: the regions, and the examples on them, which stand still and are drawn by matplotlib only once."""
        view = self._view
        if view is None or view.kind != "plane":
            yield from super()._draw_each(artists)
            return
        if self._examples is None:
            self._examples = self._drawn_examples()
        box, height, point = self.axes.bbox, self.figure.bbox.height, self.figure.dpi / 72
        picture = self.canvas.picture()
        painter = QPainter(picture)
        painter.setClipRect(QRectF(box.x0, height - box.y1, box.width, box.height))
        (left, bottom), (right, top) = self._pixels(np.array(self._bounds).T)
        painter.drawImage(QRectF(left, top, right - left, bottom - top), self._regions)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for level, lines in self.borders.items():
            painter.setPen(QPen(QColor(self.theme.text), 1.2 * point, Qt.PenStyle.DashLine if level else Qt.PenStyle.SolidLine))
            for line in lines:
                painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in self._pixels(line)]))
        shrunk = self._shrunk * point
        painter.setPen(QPen(QColor(self.theme.text), 1.3 * shrunk))
        for x, y in self._pixels(self.wrong):
            painter.drawEllipse(QPointF(x, y), ring_radius * shrunk, ring_radius * shrunk)
        painter.drawImage(QPointF(0, 0), self._examples)  # on top: where many are wrong, rings would hide their colours
        painter.end()
        yield from super()._draw_each((self.note,))

    @property
    def _shrunk(self) -> float:
        """How large marks are drawn, beside their full size."""
        side = min(self.axes.bbox.width, self.axes.bbox.height) * 72 / self.figure.dpi
        return float(np.clip(side / usual_side, 0.65, 1.0))

    def _pixels(self, points: NDArray[Any]) -> list[list[float]]:
        """Where places of the plane are on the canvas, counted from the upper left."""
        found = self.axes.transData.transform(points) if len(points) else np.empty((0, 2))
        found[:, 1] = self.figure.bbox.height - found[:, 1]
        return found.tolist()

    def _drawn_examples(self) -> QImage:
        """The examples on a picture that is transparent elsewhere; the canvas is as it was afterwards."""
        renderer = self.canvas.get_renderer()
        before = self.canvas.copy_from_bbox(self.figure.bbox)
        renderer.clear()
        for points, outline in zip(self._points, outlines, strict=True):
            points.set(sizes=[self._point_size * self._shrunk**2], linewidths=outline * self._shrunk)
            self.figure.draw_artist(points)
        buffer = renderer.buffer_rgba()
        rows, columns = buffer.shape[:2]
        drawn = QImage(buffer, columns, rows, 4 * columns, QImage.Format.Format_RGBA8888)
        drawn = drawn.convertToFormat(QImage.Format.Format_RGBA8888_Premultiplied)
        self.canvas.restore_region(before)
        return drawn

    def _draw_still(self) -> None:
        self._examples = None
        super()._draw_still()

    def _moving(self) -> Iterable[Artist]:
        if self._view is None:
            return ()
        if self._view.kind == "plane":
            return (self.image, *self._border_lines.values(), self._rings, *self._points, self.note)
        return (*self._points, *self.lines, self.note)

    def _fill(self) -> bool:
        view, meaning = self._view, self._meaning
        if view is None or meaning is None:
            return False
        if self._outputs is not None and view.kind == "plane":
            value_range = surface.symmetric_range(view.training_values)
            colours = surface.picture(self._outputs, meaning, self.theme, value_range)
            self._show_regions(colours.reshape(len(view.axes[1]), len(view.axes[0]), 3))
            self._rings.set_offsets(self.wrong)
            for level, lines in self._border_lines.items():
                lines.set_segments(self.borders.get(level, []))
        for number, line in enumerate(self.lines):
            values = meaning.values(self._outputs) if self._outputs is not None else np.empty((0, len(self.lines)))
            line.set_data(view.axes[0][: len(values)], values[:, min(number, values.shape[1] - 1)])
            line.set_visible(fitted not in self.hidden)
        changed = self._write(view)
        obstacle = self.obstacle if self._outputs is None else ""
        self.note.set_text("\n".join(self.lettering.in_lines(obstacle, 0.94 * self.figure.bbox.width)))
        return changed

    def _show_regions(self, colours: surface.Picture) -> None:
        self.image.set_data(colours)
        pixels = np.ascontiguousarray(np.rint(255 * colours[::-1]), dtype=np.uint8)
        rows, columns = pixels.shape[:2]
        self._regions = QImage(pixels.data, columns, rows, 3 * columns, QImage.Format.Format_RGB888).copy()

    def _write(self, view: View) -> bool:
        """Write the axes; true where they read differently now."""
        x, y = self._shown_limits(*self._bounds)
        reading = (x, y, tuple(self.figure.bbox.size))
        if reading == self._reading:
            return False
        self._reading = reading
        square = view.kind == "plane" and _alike(*self._bounds)
        bar = self._place_bar(view)
        self._place_axes(["0"], ["−0.0"], right=bar, square=square)
        unit = self.lettering.height
        with self._styled():
            x_room, y_room = self.axes.bbox.width / (4.5 * unit), self.axes.bbox.height / (3.0 * unit)
            if square:  # the same steps both ways
                x_room = y_room = min(x_room, y_room)
            x_texts = self._write_axis(self.axes.xaxis, x, x_room)
            y_texts = self._write_axis(self.axes.yaxis, y, y_room)
        self.axes.set_xlim(*x)
        self.axes.set_ylim(*y)
        self._place_axes(x_texts, y_texts, right=bar, square=square)
        if self._bar is not None:
            self._follow_axes()
        return True

    def _place_bar(self, view: View) -> float:
        """Write the colour bar, where there is one; the pixels it needs at the right."""
        if self._bar is None:
            return 0.0
        positions = ticks.spaced(*surface.symmetric_range(view.training_values), 4)
        texts = ticks.texts(positions)
        with self._styled():
            self._bar.set_yticks(positions, texts)
        return max(map(self.lettering.width, texts)) + 2.4 * self.lettering.height

    def _follow_axes(self) -> None:
        """Put the colour bar beside the axes."""
        box, width = self.axes.get_position(), self.figure.bbox.width
        unit = self.lettering.height
        self._bar.set_position([box.x1 + 0.6 * unit / width, box.y0, 0.9 * unit / width, box.height])


def _promise_of(source: Source, facts: Facts) -> str:
    """What a run with these data will show, or why it will show nothing."""
    kind = kind_of_view(source, facts.task, facts.outputs, facts.input_shape)
    if kind is None:
        return _why_none(facts)
    if kind == "curve":
        return "Press Train to see the function that the network fits"
    what = "what the network predicts everywhere" if facts.task == "regression" else "the regions that the network learns"
    return f"Press Train to see {what}"


def _why_none(facts: Facts) -> str:
    """Why data without a view have none."""
    if facts.task == "multilabel":
        return "No decision regions: they are drawn where an example belongs to one class only."
    if facts.task != "regression":
        return "No decision regions: they are drawn over two features."
    if facts.outputs > 1:
        return "No picture of the predicted values: it is drawn for a single number."
    return "No picture of the predicted value: it is drawn over one or two features."


def _bounds(view: View) -> tuple[ticks.Range, ticks.Range]:
    """Limits of both axes: in a plane those of the grid's cells, over a line those of the examples with some room."""
    if view.kind == "plane":
        return _cell_bounds(view.axes[0]), _cell_bounds(view.axes[1])
    values = finite_range(view.training_values.astype(np.float64), view.validation_values.astype(np.float64)) or (0.0, 1.0)
    margin = 0.12 * (values[1] - values[0]) or 0.5
    return (float(view.axes[0][0]), float(view.axes[0][-1])), (values[0] - margin, values[1] + margin)


def _cell_bounds(axis: NDArray[np.float32]) -> ticks.Range:
    half = float(axis[1] - axis[0]) / 2 if len(axis) > 1 else 0.5
    return float(axis[0]) - half, float(axis[-1]) + half


def _alike(first: ticks.Range, second: ticks.Range) -> bool:
    """Whether two coordinates cover about the same length, so that a circle should look like one."""
    ratio = (first[1] - first[0]) / (second[1] - second[0])
    return 2 / 3 < ratio < 3 / 2


def _classes(view: View) -> int:
    values = np.concatenate([view.training_values, view.validation_values])
    return int(values.max()) + 1 if len(values) else 0


def _nearest(view: View, x: float, y: float) -> int:
    column = int(np.abs(view.axes[0] - x).argmin())
    if view.kind == "curve":
        return column
    return int(np.abs(view.axes[1] - y).argmin()) * len(view.axes[0]) + column


def _answer(values: Floats, meaning: Meaning) -> list[str]:
    """What the network says, with the probability where it is one; of several classes the first three."""
    if meaning.regression:
        return [f"network {ticks.short(float(values[0]))}"]
    if len(values) == 1 and not meaning.probable:
        inside = ", within the margin" if meaning.margin and abs(values[0]) < 1 else ""
        return [f"network {ticks.short(float(values[0]))}{inside}"]
    scores = np.array([1 - values[0], values[0]]) if len(values) == 1 else values
    order = np.argsort(-scores, kind="stable")[:most_told].tolist()
    if not meaning.probable:
        return [f"network: {meaning.class_name(order[0])} ({ticks.short(float(scores[order[0]]))})"]
    return [f"{meaning.class_name(number)}: probability {ticks.short(float(scores[number]))}" for number in order]
