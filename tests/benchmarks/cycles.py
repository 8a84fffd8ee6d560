"""Whether rebuilding and training again and again costs ever more: ``python tests/benchmarks/cycles.py [--runs 200]``.

The real window and the real engine in one process: reset, change a width, train for some epochs, again and again. Prints the
memory of the process and the time of a cycle along the way, and how both grew from the tenth cycle to the last.
"""

import argparse
import os
import sys
import time
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[2]))

from PySide6.QtWidgets import QApplication

from gui.main_window import MainWindow
from models.experiment import edits
from tests.benchmarks.memory import megabytes
from tests.benchmarks.window import open_window, wait_for

warm = 10
"""Cycles after which everything is loaded that a first training brings along."""
most_growth = 100
"""Megabytes that memory may grow by from then on."""


def main() -> None:
    """Print the curve of memory, and how much it grew."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--epochs", type=int, default=3)
    given = parser.parse_args()
    window = open_window(QApplication([]))
    memory, seconds = [megabytes()], []
    print(f"{'cycle':>8}{'MB':>8}{'s a cycle':>12}")
    for number in range(1, given.runs + 1):
        seconds.append(cycle(window, number, given.epochs))
        memory.append(megabytes())
        if number in (1, warm) or number % 20 == 0 or number == given.runs:
            print(f"{number:8}{memory[-1]:8.0f}{median(seconds[-20:]):12.2f}", flush=True)
    first = min(warm, given.runs)
    part = max(1, (given.runs - first) // 4)
    early, late = median(seconds[first : first + part] or seconds), median(seconds[-part:])
    print(f"memory grew by {memory[-1] - memory[first]:.0f} MB from cycle {first} on (it may by {most_growth});")
    print(f"a cycle took {early:.2f} s early and {late:.2f} s late, {late / early:.2f} times as long")
    os._exit(memory[-1] - memory[first] > most_growth)


def cycle(window: MainWindow, number: int, epochs: int) -> float:
    """Rebuild and train once. Returns the seconds it took."""
    began = time.perf_counter()
    window.training.reset()
    experiment = edits.set_at(window.document.experiment, "training.epochs", epochs)
    first = experiment.network[0].name
    network = edits.change(experiment.network, first, units=4 + number % 13)
    window.document.apply("Change units", edits.with_network(experiment, network))
    window.training.train()
    wait_for(lambda: window.training.outcome is not None)
    assert window.training.outcome.ending == "finished", window.training.outcome
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
