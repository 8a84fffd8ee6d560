"""Whether a step costs more the longer a run lasts: ``python tests/benchmarks/long_run.py [--networks a,b]``.

One training, with all instruments, goes on to its millionth step and beyond; its speed and the memory of the process are shown
along the way. Then slices of it take turns with slices of two trainings that have just begun, in the same process, so that what
else the machine does falls on all: the paired ratios are what counts, and those of the two tell how much of it is noise. Fails
where the median, or memory, is more than a tenth above what it was.
"""

import argparse
import sys
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.benchmarks.engine_speed import Engine
from tests.benchmarks.memory import megabytes
from tests.benchmarks.networks import cases, prepared_case

early = 10_000
"""By then it is decided how steps are compiled, and how many fit into a call."""
late = 1_000_000
most_growth = 1.1


def main() -> None:
    """Print a table of the run's course and the paired ratios, for each network."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--networks", default="a,b", help=f"names with commas between: {', '.join(cases)}")
    parser.add_argument("--slices", type=int, default=18)
    parser.add_argument("--seconds", type=float, default=0.25)
    given = parser.parse_args()
    grown = [grows(key, given.slices, given.seconds) for key in given.networks.split(",")]
    sys.exit(any(grown))


def grows(key: str, slices: int, seconds: float) -> bool:
    """Train one network for long and print what it costs. Returns whether that grew by too much."""
    print(f"{key}: {cases[key].title}\n{'from step':>12}{'to step':>12}{'steps/s':>10}{'MB':>8}")
    run, memory = Engine(*prepared_case(key)), []
    for step in (early, late // 10, late):
        reach(run, step)
        begin = run.session.step
        speed = 1 / median(run.run(seconds).step_seconds for _ in range(3))
        memory.append(megabytes())
        print(f"{begin:12,}{run.session.step:12,}{speed:10,.0f}{memory[-1]:8.0f}", flush=True)
    new = [Engine(*prepared_case(key)), Engine(*prepared_case(key))]
    for engine in new:
        reach(engine, early)
    rounds = [one_round([run, *new], number, seconds) for number in range(slices)]
    growth = sorted(2 * old / (one + other) for old, one, other in rounds)
    noise = sorted(one / other for _, one, other in rounds)
    print(f"a step takes {spread(growth)} times as long after {late:,} steps as in two trainings that have just begun,")
    print(
        f"and in these two {spread(noise)} times as long in one as in the other, compiled by {run.session.stepper.compilation};"
    )
    print(f"memory is {memory[-1] / memory[0]:.2f} times as much\n", flush=True)
    return median(growth) > most_growth or memory[-1] / memory[0] > most_growth


def one_round(engines: list[Engine], number: int, seconds: float) -> list[float]:
    """Seconds a step of each, measured in an order that turns from round to round: what is first after another is slower."""
    first = number % len(engines)
    order = [*range(first, len(engines)), *range(first)]
    found = {place: engines[place].run(seconds).step_seconds for place in order}
    return [found[place] for place in range(len(engines))]


def spread(ratios: list[float]) -> str:
    """Median, least and most of sorted numbers."""
    return f"{median(ratios):.2f} ({ratios[0]:.2f}–{ratios[-1]:.2f})"


def reach(run: Engine, step: int) -> None:
    """Train up to this step, or a little further."""
    while run.session.step < step:
        run.run(0.1)


if __name__ == "__main__":
    main()
