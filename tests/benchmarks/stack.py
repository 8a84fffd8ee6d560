"""How smooth a tall stack is: ``python tests/benchmarks/stack.py``.

The real window with its plots, offscreen where there is no display, and a network of 200 layers. Measured are the time to paint
one frame of the stack while it scrolls (16 ms is a frame of a common screen), and the time from an edit to the moment at which
the window has painted it.
"""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[2]))

from msgspec.structs import replace
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QWidget

from gui.built import Built
from gui.main_window import MainWindow
from models.data import prepare
from models.experiment import edits
from models.experiment.activations import Relu, Sigmoid
from models.experiment.experiment import Experiment, Network
from models.experiment.layers import BatchNormalization, Dense, Dropout
from models.experiment.starter import default_experiment
from tests.benchmarks.window import open_window, wait_for


def tall(count: int) -> Experiment:
    """The default experiment with a network of `count` layers."""
    network: Network = ()
    while len(network) < count - 1:
        layers = (
            Dense(name="dense", units=16, activation=Relu()),
            BatchNormalization(name="batch_normalization"),
            Dropout(name="dropout", rate=0.1),
        )
        network = edits.insert(network, len(network), layers[: count - 1 - len(network)])
    return replace(default_experiment(), network=(*network, Dense(name="output", units=1, activation=Sigmoid())))


class Seconds(NamedTuple):
    """By the clock, and of the processor in the window's thread: less on a machine that has other work."""

    wall: float
    processor: float

    @classmethod
    def now(cls) -> "Seconds":
        """The clocks."""
        return cls(time.perf_counter(), time.thread_time())

    def __sub__(self, earlier: "Seconds") -> "Seconds":
        return Seconds(self.wall - earlier.wall, self.processor - earlier.processor)


def main() -> None:
    """Print median and 99th percentile of each, in milliseconds: by the clock, and of the processor in the window's thread."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--layers", type=int, default=200)
    engine = parser.add_mutually_exclusive_group()
    engine.add_argument("--idle", action="store_true", help="with the engine idle: else it compiles ahead when edits rest")
    engine.add_argument("--building", action="store_true", help="with the engine building and compiling the network all the time")
    parser.add_argument("--times", type=int, default=40, help="of every edit")
    given = parser.parse_args()
    app = QApplication([])
    window = open_window(app)
    wait_for(lambda: window.plots is not None)
    if given.idle or given.building:
        window.runner.make_ready = lambda *_: None  # type: ignore[method-assign]
    window.document.apply("Open", tall(given.layers))
    if given.building:
        keep_building(window)
    settle(app)
    print(f"{f'{given.layers} layers, ms':32}{'median':>9}{'p99':>9}{'CPU med.':>9}{'CPU p99':>9}")
    show("paint a frame while scrolling", list(frames(window)))
    watch = PaintWatch(window.stack.view.viewport())
    for edit in edits_to_measure(window):
        show(edit.name, [took(app, window, edit, number, watch) for number in range(given.times)])
    os._exit(0)


def keep_building(window: MainWindow) -> None:
    """Let the engine's thread do over and over, at worst in time, what it does when edits have rested; nobody gives it up."""
    worker = window.runner._worker

    def build() -> None:
        experiment = window.document.experiment
        Built.on("cpu", experiment, prepare(experiment), ()).compile()
        worker._jobs.put(build)

    worker._jobs.put(build)


def frames(window: MainWindow) -> Iterator[Seconds]:
    """How long each frame takes to paint while the stack scrolls from top to bottom."""
    view = window.stack.view
    bar = view.verticalScrollBar()
    for position in range(0, bar.maximum(), max(1, bar.maximum() // 300)):
        began = Seconds.now()
        bar.setValue(position)
        view.viewport().repaint()
        yield Seconds.now() - began


@dataclass(frozen=True)
class Edit:
    """Something that a person does at a place in the stack that is in view."""

    name: str
    place: Callable[[int], int]
    """Which layer is selected before, by the number of the time."""
    act: Callable[[int], None]


def edits_to_measure(window: MainWindow) -> tuple[Edit, ...]:
    """What is measured, in order."""
    view, document = window.stack.view, window.document

    def change_units(number: int) -> None:
        network = edits.change(document.experiment.network, view.selected[0], units=20 + number % 2)
        document.apply("Change units", edits.with_network(document.experiment, network))

    return (
        Edit("change units of a layer", lambda number: 90, change_units),
        Edit("insert a layer", lambda number: 60 + number, lambda number: view.add(Dropout)),
        Edit("move a layer", lambda number: 80 + number % 2, lambda number: view.move_selected(-1 if number % 2 else 1)),
        Edit("delete a layer", lambda number: 60 + number, lambda number: view.delete_selected()),
        Edit("undo", lambda number: 99 - number, lambda number: document.undo()),
        Edit("redo", lambda number: 60 + number, lambda number: document.redo()),
        Edit("select the next layer", lambda number: 40 + number, lambda number: view.select((name_at(window, 41 + number),))),
    )


def name_at(window: MainWindow, place: int) -> str:
    """Name of the layer at a place of the network."""
    return window.document.experiment.network[place].name


class PaintWatch(QObject):
    """Notes when a widget is painted."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.seen = False
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.seen = self.seen or event.type() == QEvent.Type.Paint
        return False


def took(app: QApplication, window: MainWindow, edit: Edit, number: int, watch: PaintWatch) -> Seconds:
    """From the edit until the stack is painted, and whatever else the edit set off is done."""
    window.stack.view.select((name_at(window, edit.place(number)),))
    settle(app)
    watch.seen = False
    began = Seconds.now()
    edit.act(number)
    app.processEvents()
    while not watch.seen and time.perf_counter() < began.wall + 2:
        app.processEvents()
    return Seconds.now() - began


def settle(app: QApplication) -> None:
    """Let the window finish what is under way."""
    end = time.monotonic() + 0.05
    while time.monotonic() < end:
        app.processEvents()


def show(name: str, found: list[Seconds]) -> None:
    """Print a line of the table."""
    numbers = []
    for values in ([each.wall for each in found], [each.processor for each in found]):
        ordered = sorted(1000 * value for value in values)
        numbers += [statistics.median(ordered), ordered[min(len(ordered) - 1, round(0.99 * len(ordered)))]]
    print(f"{name:32}" + "".join(f"{number:>9.1f}" for number in numbers), flush=True)


if __name__ == "__main__":
    main()
