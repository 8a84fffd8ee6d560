"""How long a person waits: from process start to the first painting, to TensorFlow, and from Train to the first plotted point.

Run by hand: ``uv run python tests/benchmarks/startup.py [--runs 3]``. Each run starts the real program in a process of its own
(offscreen where there is no display) and presses Train as soon as the window is painted, and once more when everything is warm.
Gaps are those of a timer of 10 ms in the window's thread.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

root = Path(__file__).parents[2]
goals = {
    "first paint": 0.3,
    "first trained step": 6.0,
    "longest gap until then": 0.1,
    "first plotted point after Train, warm": 0.7,
    "longest gap of that second start": 0.1,
}
"""Seconds that each may take."""


def main() -> None:
    """Print the median of each figure, in seconds, and what it may be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    results = [run() for _ in range(parser.parse_args().runs)]
    print(f"{'':42}{'median':>9}{'least':>9}{'most':>9}{'goal':>9}")
    for name in results[0]:
        values = [result[name] for result in results]
        goal = f"{goals[name]:9.3f}" if name in goals else ""
        print(f"{name:42}{statistics.median(values):9.3f}{min(values):9.3f}{max(values):9.3f}{goal}")


def run() -> dict[str, float]:
    """The figures of one start."""
    environment = dict(os.environ)
    if not environment.get("DISPLAY") and not environment.get("WAYLAND_DISPLAY"):
        environment["QT_QPA_PLATFORM"] = "offscreen"
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [sys.executable, str(Path(__file__).with_name("startup_run.py")), str(time.time())]
    answer = subprocess.run(command, cwd=root, env=environment, stdout=subprocess.PIPE, text=True, timeout=180, check=True)
    figures: dict[str, float] = json.loads(answer.stdout.strip().splitlines()[-1])
    return figures


if __name__ == "__main__":
    main()
