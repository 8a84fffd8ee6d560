"""Whether a step costs more the longer a run lasts: ``python tests/benchmarks/long_run.py [--networks a,b]``.

One training, with all instruments, goes on to its millionth step and beyond; its speed and the memory of the process are shown
along the way. Then slices of it take turns with slices of new trainings at their ten thousandth step, in the same process, so
that what else the machine does falls on both: the paired ratios are what counts. Fails where the median, or memory, is more than
a tenth above what it was.
"""

import argparse
import sys
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.benchmarks.engine_speed import Engine
from tests.benchmarks.memory import megabytes
from tests.benchmarks.networks import cases

early = 10_000
"""By then it is decided how steps are compiled, and how many fit into a call."""
late = 1_000_000
most_growth = 1.1


def main() -> None:
    """Print a table of the run's course and the paired ratios, for each network."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--networks", default="a,b", help=f"names with commas between: {', '.join(cases)}")
    parser.add_argument("--slices", type=int, default=11)
    parser.add_argument("--seconds", type=float, default=0.5)
    given = parser.parse_args()
    grown = [grows(key, given.slices, given.seconds) for key in given.networks.split(",")]
    sys.exit(any(grown))


def grows(key: str, slices: int, seconds: float) -> bool:
    """Train one network for long and print what it costs. Returns whether that grew by too much."""
    print(f"{key}: {cases[key].title}\n{'from step':>12}{'to step':>12}{'steps/s':>10}{'MB':>8}")
    run, memory = Engine(key), []
    for step in (early, late // 10, late):
        reach(run, step)
        begin = run.session.step
        speed = 1 / median(run.run(seconds).step_seconds for _ in range(3))
        memory.append(megabytes())
        print(f"{begin:12,}{run.session.step:12,}{speed:10,.0f}{memory[-1]:8.0f}", flush=True)
    ratios = sorted(ratio(run, key, seconds, new_first=bool(number % 2)) for number in range(slices))
    span = f"{ratios[0]:.2f}–{ratios[-1]:.2f}"
    print(f"a step takes {median(ratios):.2f} ({span}) times as long after {late:,} steps as after {early:,}, steps compiled by")
    print(f"{run.session.stepper.compilation}; memory is {memory[-1] / memory[0]:.2f} times as much\n", flush=True)
    return median(ratios) > most_growth or memory[-1] / memory[0] > most_growth


def reach(run: Engine, step: int) -> None:
    """Train up to this step, or a little further."""
    while run.session.step < step:
        run.run(0.1)


def ratio(run: Engine, key: str, seconds: float, *, new_first: bool) -> float:
    """How many times as long a step of `run` takes as one of a new training that has ten thousand steps behind it."""
    new = Engine(key)
    reach(new, early)
    order = (new, run) if new_first else (run, new)
    slices = {engine: engine.run(seconds) for engine in order}
    return slices[run].step_seconds / slices[new].step_seconds


if __name__ == "__main__":
    main()
