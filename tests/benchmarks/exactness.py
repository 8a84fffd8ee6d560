"""How far 51 steps of the engine are from those of ``model.fit``: ``python tests/benchmarks/exactness.py [--compilation xla]``.

Prints how many combinations of loss, optimizer, clipping, regularizer and network were compared, and where they differ most.
Those of the tests, in which every pair of choices occurs; with ``--drawn 500`` so many of all 21,168 that there are.
"""

import argparse
import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from models.engine import startup

startup.load()

from tests.models.engine.combinations import combination, combinations_in_all, compare, table  # noqa: E402
from tests.models.engine.test_exactness import by_xla  # noqa: E402


def main() -> None:
    """Print a line for each combination, then the summary."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--compilation", choices=("graph", "xla"), default="graph")
    arguments.add_argument("--drawn", type=int, default=0, help="how many of all combinations, drawn by chance")
    given = arguments.parse_args()
    rows = table if given.compilation == "graph" else by_xla
    if given.drawn:
        rows = [combination(number) for number in random.Random(0).sample(range(combinations_in_all), given.drawn)]
    found = []
    for row in rows:
        weights, figures = compare(row, given.compilation)
        found.append((weights, figures, " · ".join(row)))
        print(f"{weights:9.1e} {figures:9.1e}  {found[-1][2]}", flush=True)
    same = sum(weights == 0 for weights, _, _ in found)
    print(f"{len(found)} combinations by {given.compilation}; weights identical to the last bit in {same}.")
    for weights, _, name in sorted(found, reverse=True)[:8]:
        print(f"weights {weights:.1e}  {name}")
    figures, name = max((figures, name) for _, figures, name in found)
    print(f"figures of epochs: at most {figures:.1e}, {name}")


if __name__ == "__main__":
    main()
