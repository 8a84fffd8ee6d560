"""How smooth the window stays while it trains, and how fast it obeys: ``python tests/benchmarks/manners.py``.

The real window with all plots visible, the real engine. For each of the networks a, b and c of ``networks.py``: gaps between the
beats of a timer of 10 ms in the window's thread, the load of that thread, and the time from a click (pause, single step, another
learning rate, stop) at a random moment to the moment at which the window shows that it was obeyed; and from Train to the first
plotted point, for a network that was opened some seconds ago and for one that was trained before. Offscreen where there is no
display.
"""

import argparse
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtWidgets import QApplication

from gui.main_window import MainWindow
from models.experiment.data import Arrays, Digits, Spiral
from models.experiment.experiment import Experiment
from models.experiment.losses import BinaryCrossentropy, SparseCategoricalCrossentropy
from models.experiment.optimizers import Adam
from models.experiment.training import Training
from tests.benchmarks.networks import cases
from tests.benchmarks.window import open_window, plotted, wait_for

beat = 10
"""Milliseconds between two beats."""
raced_steps = 20_000
"""By then the race is over: it is run at 4,096 steps times the bodies that the program has, four at most."""
before_train = 4.0
"""Seconds between opening a network and Train: long enough for it to be compiled ahead, as it is for a person."""
longest_race = 15.0
"""Seconds."""


def experiment_of(key: str) -> Experiment:
    """One of the networks on data that the window can open."""
    case = cases[key]
    sources = {"a": lambda: Spiral(samples=1000, noise=0.1), "b": Digits, "c": images}
    loss = BinaryCrossentropy() if case.classes == 2 else SparseCategoricalCrossentropy()
    training = Training(loss=loss, optimizer=Adam(), batch_size=case.batch_size, epochs=1_000_000)
    return Experiment(name=f"{key} {case.title}", data=sources[key](), network=case.layers, training=training)


def images() -> Arrays:
    """Invented images, written to a file."""
    import numpy as np

    path = Path(tempfile.mkdtemp()) / "images.npz"
    random_numbers = np.random.default_rng(0)
    x = random_numbers.normal(size=(800, 32, 32, 3)).astype(np.float32)
    np.savez(path, x=x, y=random_numbers.integers(0, 10, 800))
    return Arrays(path=str(path))


class Heart:
    """Beats every 10 ms in the window's thread and notes how long it really took."""

    def __init__(self) -> None:
        self.gaps: list[float] = []
        self._last = time.perf_counter()
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(beat)
        self._timer.timeout.connect(self._beat)
        self._timer.start()

    def begin(self) -> None:
        """Forget what was noted."""
        self.gaps = []
        self._last = time.perf_counter()

    def _beat(self) -> None:
        now = time.perf_counter()
        self.gaps.append(1000 * (now - self._last))
        self._last = now


def main() -> None:
    """Print a table of gaps and one of latencies, in milliseconds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="of training, for the gaps of each network")
    parser.add_argument("--networks", default="abc")
    parser.add_argument("--clicks", type=int, default=200, help="random moments for each kind of click but stop")
    parser.add_argument("--stops", type=int, default=10, help="random moments at which a run is stopped, each in a new run")
    given = parser.parse_args()
    window = open_window(QApplication([]))
    heart = Heart()
    gap_rows, latency_rows = [], []
    for key in given.networks:
        experiment = experiment_of(key)
        window.document.apply("Open", experiment)
        wait(before_train)
        first_points = [start(window)]
        settle(window)
        gap_rows.append(gaps(window, heart, experiment.name, given.seconds))
        found = latencies(window, given.clicks, given.stops)
        found["first point"] = first_points
        latency_rows += [f"{experiment.name:34}{name:20}{statistics(sorted(values))}" for name, values in found.items() if values]
        window.training.reset()
        wait_for(lambda: not window.runner.running)
    print(f"{'gaps, ms':34}{'median':>8}{'p99':>8}{'max':>8}{'steps/s':>10}{'GUI load':>10}")
    print("\n".join(gap_rows))
    print(f"\n{'from click to sight, ms':54}{'median':>8}{'p99':>8}{'max':>8}")
    print("\n".join(latency_rows), flush=True)
    os._exit(0)


def gaps(window: MainWindow, heart: Heart, title: str, seconds: float) -> str:
    """The gaps of that many seconds of training, in a line."""
    heart.begin()
    steps, began, worked = window.training.history.steps_seen, time.perf_counter(), time.thread_time()
    wait(seconds)
    took = time.perf_counter() - began
    load = (time.thread_time() - worked) / took
    found = sorted(heart.gaps)
    speed = (window.training.history.steps_seen - steps) / took
    return f"{title:34}{statistics(found)}{speed:10,.0f}{load:10.0%}"


def latencies(window: MainWindow, clicks: int, stops: int) -> dict[str, list[float]]:
    """How long each kind of click takes to be seen."""
    actions, history, runner = window.actions_, window.training, window.runner
    found: dict[str, list[float]] = {
        "learning rate": [], "pause": [], "single step": [], "stop": [], "first point again": [],
    }  # fmt: skip
    for number in range(clicks):
        wait(random.uniform(0.0, 0.12))
        rate = round(0.002 + 1e-6 * number, 6)
        window.toolbar.learning_rate_chosen.emit(rate)
        found["learning rate"].append(timed(lambda rate=rate: history.history.steps().learning_rate[-1] == rate))
        wait(random.uniform(0.0, 0.12))
        actions.pause.trigger()
        found["pause"].append(timed(lambda: runner.state == "paused"))
        steps = history.history.steps_seen
        actions.step.trigger()
        found["single step"].append(timed(lambda steps=steps: history.history.steps_seen > steps))
        wait_for(lambda: runner.state == "paused")
        actions.train.trigger()
        wait_for(lambda: runner.state == "training")
    for _ in range(stops):
        wait(random.uniform(0.1, 0.3))
        actions.stop.trigger()
        found["stop"].append(timed(lambda: runner.state in ("stopping", "idle")))
        wait_for(lambda: runner.state == "idle")
        found["first point again"].append(start(window))
    return found


def start(window: MainWindow) -> float:
    """Train, and wait until the first steps are plotted; milliseconds that this took."""
    window.actions_.train.trigger()
    return timed(plotted(window))


def settle(window: MainWindow) -> None:
    """Wait until it is decided how steps are compiled; a network for which that takes long goes on as it began."""
    ends = time.perf_counter() + longest_race
    wait(2.0)
    while time.perf_counter() < ends and window.training.history.steps_seen < raced_steps:
        wait(0.5)


def timed(seen: Callable[[], bool]) -> float:
    """Milliseconds until `seen`."""
    began = time.perf_counter()
    wait_for(seen)
    return 1000 * (time.perf_counter() - began)


def wait(seconds: float) -> None:
    """Let the window live for a while."""
    loop = QEventLoop()
    QTimer.singleShot(round(1000 * seconds), loop.quit)
    loop.exec()


def statistics(found: list[float]) -> str:
    """Median, 99th percentile and maximum of sorted numbers."""
    return f"{found[len(found) // 2]:8.1f}{found[min(len(found) - 1, int(0.99 * len(found)))]:8.1f}{found[-1]:8.1f}"


if __name__ == "__main__":
    main()
