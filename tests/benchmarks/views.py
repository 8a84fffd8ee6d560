"""What the live views cost: ``python tests/benchmarks/views.py``.

The real window at 1440×900 with six views visible, offscreen where there is no display, while the Playground's network (2-8-8-1,
batch 10) trains at full speed. Measured are the work of the window's thread for each beat of its clock, by the clock and of the
processor, and the gaps between the beats of a timer of 10 ms. Then, without a run, what bringing a view up to date takes of the
processor after a thousand and after a million steps, in turns, and the ratio of both. Fails where a figure is too large.
"""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from PySide6.QtWidgets import QApplication

from gui.plots.docks.registry import kinds
from gui.plots.plot import Plot
from gui.runner import Runner
from gui.theme import light
from models.telemetry.events import Probed
from models.telemetry.history import History
from tests.benchmarks.manners import Heart, before_train, experiment_of, settle, start, wait
from tests.benchmarks.window import open_window, wait_for
from tests.gui.plots import invented

most_median, most_p99, most_gap, most_ratio = 12.0, 25.0, 33.0, 1.3
"""Milliseconds of work a frame; of a gap; and how much more a view may cost after a million steps than after a thousand."""
least_difference = 0.1
"""Milliseconds: what is not drawn at all, such as data that stay the same, takes next to none, and any ratio of it."""
few, many = 1_000, 1_000_000


def main() -> None:
    """Print the figures; exit code 1 where one is too large."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="of training")
    parser.add_argument("--earlier", type=int, default=0, help="runs before it, of which the newest are drawn behind")
    parser.add_argument("--times", type=int, default=40, help="that each view is brought up to date")
    given = parser.parse_args()
    app = QApplication([])
    failures = [*frames(app, given.seconds, given.earlier), *redraws(app, given.times)]
    print("\n".join(failures) or "All within bounds.", flush=True)
    os._exit(bool(failures))


class Work:
    """Notes what the window's thread does from one beat of its clock to the next."""

    def __init__(self) -> None:
        self.beats: list[float] = []
        """Milliseconds inside the beat, by the clock."""
        self.frames: list[float] = []
        """Milliseconds of the processor from one beat to the next, painting and all else included."""
        self._last = time.thread_time()
        tick = Runner.tick

        def timed(runner: Runner) -> None:
            began, busy = time.perf_counter(), time.thread_time()
            self.frames.append(1000 * (busy - self._last))
            self._last = busy
            tick(runner)
            self.beats.append(1000 * (time.perf_counter() - began))

        Runner.tick = timed  # type: ignore[method-assign]


def frames(app: QApplication, seconds: float, earlier: int) -> Iterator[str]:
    """Train with six views for so long, after so many runs; yields what was too much."""
    work = Work()
    window = open_window(app)
    wait_for(lambda: window.plots is not None)
    assert window.plots is not None
    panels = window.plots.panels[:6]
    window.plots.lay_out(panels)
    window.document.apply("Open", experiment_of("a"))
    before = record(5000) if earlier else History()
    for _ in range(earlier):
        window.training.earlier.add(window.document.experiment, before)
    wait(before_train)
    start(window)
    settle(window)
    draws = [panel.plot.draws for panel in panels]
    heart = Heart()
    work.beats.clear()
    work.frames.clear()
    wait(seconds)
    gaps = list(heart.gaps)
    window.actions_.stop.trigger()
    print(f"{'ms':34}{'median':>9}{'p99':>9}{'max':>9}")
    rows = {
        "work in a beat, by the clock": work.beats,
        "work of a frame, of the processor": work.frames,
        "gaps of a timer of 10 ms": gaps,
    }
    for title, found in rows.items():
        print(f"{title:34}" + "".join(f"{figure:>9.1f}" for figure in spread(found)))
    counts = [(panel.plot.draws - before) / seconds for panel, before in zip(panels, draws, strict=True)]
    rates = ", ".join(f"{panel.objectName()} {count:.1f}" for panel, count in zip(panels, counts, strict=True))
    print(f"drawn a second: {rates}", flush=True)
    for found in (work.beats, work.frames):
        median, p99, _ = spread(found)
        if median > most_median or p99 > most_p99:
            yield f"A frame takes {median:.1f} ms, p99 {p99:.1f} ms: at most {most_median} and {most_p99} are allowed."
    if max(gaps) > most_gap:
        yield f"A gap of {max(gaps):.0f} ms: at most {most_gap} is allowed."


def redraws(app: QApplication, times: int) -> Iterator[str]:
    """Bring each view up to date after few and after many steps, in turns; yields what was too much."""
    print(f"{'ms to bring up to date':34}{few:>9,}{many:>11,}{'ratio':>9}")
    records = [record(few), record(many)]
    for kind in kinds:
        plots = [kind.plot(light) for _ in records]
        for plot, history in zip(plots, records, strict=True):
            plot.resize(340, 250)
            plot.show()
            plot.start(invented.run(invented.plane_view()))
            bring_up_to_date(app, plot, history)
        found: list[list[float]] = [[], []]
        for _ in range(times):
            for place, (plot, history) in enumerate(zip(plots, records, strict=True)):
                history.append(invented.steps(history.last_step + 1, 1))
                assert history.last_probe is not None
                history.append(look(history.last_step, history.last_probe.surface))
                found[place].append(bring_up_to_date(app, plot, history))
        before, after = map(statistics.median, found)
        print(f"{kind.plot.title:34}{before:>9.2f}{after:>11.2f}{after / before:>9.2f}", flush=True)
        if after > most_ratio * before and after - before > least_difference:
            yield f"{kind.plot.title} costs {after / before:.2f} times as much after {many:,} steps: at most {most_ratio}."
        for plot in plots:
            plot.close()


def bring_up_to_date(app: QApplication, plot: Plot, history: History) -> float:
    """Milliseconds of the processor that it takes."""
    began = time.thread_time()
    plot.update_from(history)
    plot.refresh()
    app.processEvents()
    return 1000 * (time.thread_time() - began)


def record(total: int) -> History:
    """An invented run of so many steps that goes on, looked into 400 times."""
    history = History()
    history.append(invented.started())
    surface = invented.spiral_surface(invented.plane_view())
    every = max(1, total // 400)
    for first in range(1, total + 1, every):
        count = min(every, total + 1 - first)
        history.append(invented.steps(first, count))
        history.append(look(first + count - 1, surface))
    return history


def look(step: int, surface: Any) -> Probed:
    """An invented look inside, with values that do not grow with the run."""
    return replace(invented.probe(1 + step % 1000, surface=surface), step=step)


def spread(found: list[float]) -> tuple[float, float, float]:
    """Median, 99th percentile and maximum."""
    ordered = sorted(found)
    return statistics.median(ordered), ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))], ordered[-1]


if __name__ == "__main__":
    main()
