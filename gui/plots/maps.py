"""What plots have in common that are one picture with words on it, and a graph with two axes where that says more."""

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar

from matplotlib.artist import Artist
from PySide6.QtWidgets import QMenu, QWidget

from gui.plots.axes import ticks
from gui.plots.axes.curves import finite_range
from gui.plots.axes.tiles import Box, Bytes, canvas_of
from gui.plots.axes.zooming import Area
from gui.plots.header import HeadChoice, HeadNumber
from gui.plots.plot import Plot, add_choices_of, failure_in
from gui.plots.switches import of_choice, of_number, offer, offered
from gui.theme import Theme
from models.experiment.counting import grouped
from models.experiment.layers import AnyLayer
from models.telemetry.events import Probed
from models.telemetry.history import History
from models.telemetry.wanted import Looks, Unseen

if TYPE_CHECKING:
    from gui.messages import RunPrepared

Side = Literal["left", "center", "right"]
Number = TypeVar("Number", bound=HeadNumber)


@dataclass(frozen=True)
class Words:
    """A text on the picture; (x, y) in pixels from the upper left is the middle of its height."""

    text: str
    x: float
    y: float
    colour: str
    side: Side = "center"
    """Which side of the text is at x."""
    upright: bool = False
    """Turned by a quarter, to be read from below; (x, y) is its middle."""


class MapPlot(Plot):
    """Shows what was looked at on demand: as a picture over the whole canvas, or in the way that is chosen in its head.

    Places in a picture are pixels from the upper left.
    """

    zoomable = True

    def __init__(self, theme: Theme, title: QWidget | None = None, parent: QWidget | None = None) -> None:
        super().__init__(theme, title, parent)
        self.way = HeadChoice("What is shown, and how")
        self.way.setEnabled(False)
        self.header.add_switch(self.way, spared=True)
        self._numbers: dict[str, HeadNumber] = {}
        self.switches["way"] = of_choice(self.way)
        self.way.currentIndexChanged.connect(lambda _: self._change_way())
        self.probe: Probed | None = None
        """The look inside that is shown."""
        self.image: Any = None
        self.titles = ("", "")
        """Of both axes of the graph, whole: a narrow panel has room for a part only."""
        self._texts: list[Any] = []
        self._said: list[Words] = []
        self._bounds: tuple[ticks.Range, ticks.Range] | None = None
        self.canvas.mpl_connect("button_press_event", self._after_press)
        if self._zooming is not None:
            self._zooming.clicked.connect(self.press)
        self.canvas.mpl_connect("figure_leave_event", self._after_leave)

    # What a kind of plot has to say

    @abstractmethod
    def found_in(self, looks: Looks | None) -> object:
        """What this plot shows of what was looked at; why it could not be looked at where that failed; none where it was not."""

    @abstractmethod
    def take(self, looks: Looks | None) -> bool:
        """Take from what was looked at what this plot shows; false where that is what it shows already."""

    def obstacle_in(self, history: History) -> str:
        found = self.found_in(history.shown_probe.looks if history.shown_probe is not None else None)
        return found.sentence if isinstance(found, Unseen) else failure_in(history) or no_state(history)

    @property
    @abstractmethod
    def is_graph(self) -> bool:
        """Whether the chosen way is a graph with two axes."""

    @abstractmethod
    def paint(self, picture: Bytes) -> list[Words]:
        """Paint the picture, and say what is written on it."""

    @abstractmethod
    def describe_place(self, x: float, y: float) -> str:
        """What there is to say about a pixel of the picture; empty where there is nothing."""

    @abstractmethod
    def build_graph(self) -> None:
        """Put onto the axes what moves in the graph of the chosen way."""

    @abstractmethod
    def fill_graph(self) -> tuple[ticks.Range, ticks.Range]:
        """Put the data into the graph; the ranges of both axes."""

    @abstractmethod
    def describe_graph(self, x: float, y: float) -> str:
        """What there is to say about a place of the graph; empty where there is nothing."""

    def press(self, x: float, y: float) -> None:
        """Somebody clicked at a pixel of the picture, or at a place of the graph."""

    def hover(self, x: float, y: float) -> None:
        """The pointer is over a pixel of the picture."""

    def hover_graph(self, x: float, y: float) -> None:
        """The pointer is over a place of the graph."""

    def leave(self) -> None:
        """The pointer is gone."""

    # What the owner calls

    def update_from(self, history: History) -> None:
        """Show the look inside of the moment that this record shows."""
        probe = history.shown_probe
        if probe is not self.probe:
            self.probe = probe
            if self.take(probe.looks if probe is not None else None):
                self.changed()

    def describe(self, x: float, y: float) -> str:
        return self.describe_graph(x, y) if self.is_graph else self.describe_place(x, self.figure.bbox.height - y)

    # Inside

    def offer(self, ways: Sequence[tuple[str, str]]) -> None:
        """Let people choose among `ways`, (word, name), the usual one first: what somebody chose is shown where it is offered."""
        if offered(self.way) == list(ways):
            return
        changed = offer(self.way, ways)
        self.way.setEnabled(len(ways) > 1)
        self.header.arrange()
        if changed:
            self._change_way()

    def add_number(self, of_what: str, number: Number) -> Number:
        """Put a choice of one of many by its number into the head, to be enabled where it counts."""
        self._numbers[of_what] = number
        self.switches[of_what] = of_number(number)
        self.header.add_switch(number, spared=True)
        return number

    def menu(self) -> QMenu:
        menu = super().menu()
        if self.way.isEnabled():
            add_choices_of(menu, "Show", self.way)
        for of_what, number in self._numbers.items():
            if number.isEnabled():
                menu.addAction(f"Next {of_what}", number.stepUp)
                menu.addAction(f"Previous {of_what}", number.stepDown)
        return menu

    @property
    def chosen_way(self) -> str:
        """Name of what is chosen; empty where there is no choice yet."""
        return self.way.currentData() or ""

    @property
    def room(self) -> Box:
        """The whole picture, but for a margin."""
        margin = round(0.6 * self.lettering.height)
        width, height = round(self.figure.bbox.width), round(self.figure.bbox.height)
        return Box(margin, margin, max(1, width - 2 * margin), max(1, height - 2 * margin))

    def _change_way(self) -> None:
        self.header.arrange()
        self.zoomed = None
        self._building = True
        self.changed()

    def _build(self) -> None:
        self._texts, self._said, self._reading, self._bounds = [], [], (), None
        if self.is_graph and not self.is_empty:
            self.image = None
            self.axes = self.figure.add_subplot()
            self.build_graph()
            self.titles = self.axes.get_xlabel(), self.axes.get_ylabel()
            return
        self.axes = self.figure.add_axes((0, 0, 1, 1))
        self.axes.set_axis_off()
        self.image = self.axes.imshow(canvas_of(2, 2, self.theme), origin="lower", aspect="auto", interpolation="nearest")

    def _prepare(self) -> bool:
        if (self.image is None) != (self.is_graph and not self.is_empty):
            self._building = True
        return super()._prepare()

    def _fill(self) -> bool:
        if self.image is None:
            return self._frame(*self.fill_graph())
        width, height = round(self.figure.bbox.width), round(self.figure.bbox.height)
        picture = canvas_of(width, height, self.theme)
        self._say([] if self.is_empty else self.paint(picture), height)
        self.image.set_data(picture[::-1])
        self.image.set_extent((0, width, 0, height))
        self.axes.set_xlim(0, width)
        self.axes.set_ylim(0, height)
        return True

    def _moving(self) -> Iterable[Artist]:
        return () if self.image is not None else (*self.axes.lines, *self.axes.collections)

    def _say(self, words: Sequence[Words], height: int) -> None:
        """Write `words`; a text that is there already is only changed, making one takes ten times as long."""
        for text in self._texts[len(words) :]:
            text.remove()
        del self._texts[len(words) :]
        if len(words) > len(self._texts):
            with self._styled():
                self._texts += [self.axes.text(0, 0, "", va="center") for _ in range(len(words) - len(self._texts))]
        said = [replace(each, y=height - each.y) for each in words]
        for text, each, before in zip_longest(self._texts, said, self._said[: len(said)]):
            if each != before:
                text.set(text=each.text, x=each.x, y=each.y, color=each.colour, ha=each.side, rotation=90 * each.upright)
        self._said = said

    def _frame(self, x: ticks.Range, y: ticks.Range) -> bool:
        """Write the axes of the graph around ranges that need not change at every look; true where they read differently now."""
        before = self._bounds or (None, None)
        self._bounds = (kept_range(x, before[0]), kept_range(y, before[1]))
        limits = self._shown_limits(*self._bounds)
        reading = (limits, tuple(self.figure.bbox.size))
        if reading == self._reading:
            return False
        self._reading = reading
        self._place_axes(["0"], ["−0.0"])
        unit = self.lettering.height
        with self._styled():
            x_texts = self._write_axis(self.axes.xaxis, limits[0], self.axes.bbox.width / (4.5 * unit))
            y_texts = self._write_axis(self.axes.yaxis, limits[1], self.axes.bbox.height / (3.0 * unit))
            self.axes.set_xlabel(self.lettering.elided(self.titles[0], self.axes.bbox.width))
            self.axes.set_ylabel(self.lettering.elided(self.titles[1], self.figure.bbox.height - unit))
        self.axes.set_xlim(*limits[0])
        self.axes.set_ylim(*limits[1])
        self._place_axes(x_texts, y_texts)
        return True

    def _area(self) -> Area | None:
        return super()._area() if self.image is None else None

    def _after_press(self, event: Any) -> None:  # noqa: ANN401
        if self.image is not None and event.inaxes is self.axes and event.button == 1 and not self.is_empty:
            self.press(event.xdata, self.figure.bbox.height - event.ydata)

    def _after_motion(self, event: Any) -> None:  # noqa: ANN401
        if event.inaxes is self.axes and not self.is_empty:
            if self.image is None:
                self.hover_graph(event.xdata, event.ydata)
            else:
                self.hover(event.xdata, self.figure.bbox.height - event.ydata)
        super()._after_motion(event)

    def _after_leave(self, _event: Any) -> None:  # noqa: ANN401
        self.leave()


class LayerMapPlot(MapPlot):
    """Shows one layer, of which nothing is known from the moment it is chosen until the next look inside."""

    of_layer = True
    part: ClassVar[str]
    """What of a layer it shows, in a word: ``weights``."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent=parent)
        self._declared: dict[str, AnyLayer] = {}
        """Layers of the network that was trained, by their names; none before the first run."""

    def start(self, run: "RunPrepared") -> None:
        super().start(run)
        self._declared = {layer.name: layer for layer in run.experiment.network}
        self._explain()

    def clear(self) -> None:
        """Show nothing, as before the first run."""
        self._declared = {}
        self._forget()

    def show_layer(self, name: str | None) -> None:
        if name != self.layer:
            self._forget()
        super().show_layer(name)
        self._explain()

    def _explain(self) -> None:
        """Say what will appear, or why nothing can."""
        if not self._declared or self.layer is None:
            self.empty_sentence = type(self).empty_sentence
        elif self.layer not in self._declared:
            self.empty_sentence = f"{self.layer} is not in the network that was trained"
        else:
            self.empty_sentence = f"The {self.part} of {self.layer} appear with the next look inside"

    def _forget(self) -> None:
        """Show nothing of the layer that was shown so far."""
        self.probe = None
        self.header.set_subtitle("")
        self._explain()
        self._change_way()


def no_state(history: History) -> str:
    """Why the network of the moment that is shown cannot be looked at; empty where it can."""
    if history.moment is None or history.shown_state is not None:
        return ""
    return (
        f"The weights of step {grouped(history.moment)} are not kept, so nothing can be computed from them. "
        "Go to another step, or let more be kept: View, Memory for the history."
    )


def kept_range(found: ticks.Range, before: ticks.Range | None) -> ticks.Range:
    """A range around `found`: the one `before` as long as it holds it and is not much longer."""
    low, high = found
    if before and before[0] <= low and high <= before[1] and before[1] - before[0] <= 2.5 * max(high - low, 1e-12):
        return before
    return ticks.enclosing(low, high, 5)


def range_of(*arrays: Any) -> ticks.Range:  # noqa: ANN401
    """Least and greatest finite number of all arrays; 0 to 1 where there is none."""
    return finite_range(*arrays) or (0.0, 1.0)
