"""How much memory the record of a run takes after a million steps: ``python tests/benchmarks/history.py``.

Steps, epochs and looks inside come as the engine reports them, ten looks a second at 10,000 steps a second, each with a state of
the network: of a small one, and of one of which few fit.
"""

import argparse
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from models.telemetry.allowance import Allowance, mebibyte
from models.telemetry.events import Histogram, LayerProbe, Probed, Started, StateKept, StepsTaken
from models.telemetry.history import History
from models.telemetry.moments import size_of
from tests.benchmarks.memory import megabytes
from tests.reports import epoch_ended

at_once = 1000
"""Steps in one report."""


def filled(steps: int, layers: int, weights: int) -> History:
    """The record of a run of so many steps of a network with so many layers, a state of which has so many weights."""
    names = tuple(f"layer{number}" for number in range(layers))
    history = History(allowance=Allowance())
    history.append(Started(1, "cpu", names, ("accuracy",), at_once, steps // at_once))
    rate, random = np.full(at_once, 0.03), np.random.default_rng(0)
    for first in range(1, steps + 1, at_once):
        history.append(look(first - 1, names))
        history.append(state(first - 1, weights))
        loss = random.random(at_once)
        norms = dict.fromkeys(names, loss)
        epoch = np.full(at_once, 1 + first // at_once)
        history.append(StepsTaken(1, first, epoch, loss, {"accuracy": loss}, rate, norms, 0.1))
        history.append(epoch_ended(1, 1 + first // at_once, first + at_once - 1, {"loss": 0.5, "val_loss": 1 / first}))
    history.append(look(steps, names))
    history.append(state(steps, weights))
    return history


def look(step: int, names: tuple[str, ...]) -> Probed:
    """A look inside the layers with these names."""
    histogram = Histogram(np.arange(40), -1.0, 1.0)
    probes = tuple(LayerProbe(name, histogram, 0.0, 1.0, 0.0, None, histogram, 0.1, 1.0, 1e-3) for name in names)
    return Probed(1, step, probes, np.zeros((3600, 1)))


def state(step: int, weights: int) -> StateKept:
    """A state of so many numbers of 4 bytes."""
    return StateKept(1, step, {"variable/0": np.full(weights, step, np.float32)})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=1_000_000)
    steps = parser.parse_args().steps
    for title, layers, weights in (("601 parameters with Adam", 5, 1_803), ("8 million numbers a state", 20, 8_000_000)):
        before = megabytes()
        history = filled(steps, layers, weights)
        print(
            f"{title}: {history.nbytes / mebibyte:.1f} MiB in the record, {megabytes() - before:.0f} MB more in the process; "
            f"{len(history.moments())} moments, {len(history.states())} with weights of "
            f"{size_of(history.states()[0]) / mebibyte:.2f} MiB; {len(history.steps()):,} rows; "
            f"bare, as an earlier run: {history.bare().nbytes / mebibyte:.2f} MiB"
        )
        del history


if __name__ == "__main__":
    main()
