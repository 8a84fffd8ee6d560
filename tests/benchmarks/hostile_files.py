"""Each hostile file in a process of its own: seconds and memory until it is refused, and the sentence.

Usage: python tests/benchmarks/hostile_files.py
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from models.experiment.errors import BadInput
from models.storage.keras_files.importing import imported
from tests.models.storage.keras_files.attacks import attacks, honest


def refuse(path: Path, warm: Path) -> None:
    """Print seconds, growth in MB and the sentence."""
    with imported(warm):  # h5py and what else is imported when it is needed
        pass
    Path("/proc/self/clear_refs").write_text("5")  # forget the peak up to now
    before, began = peak(), time.perf_counter()
    try:
        with imported(path):
            sentence = "NOT REFUSED"
    except BadInput as problem:
        sentence = str(problem).replace(str(path), path.name)
    print(f"{time.perf_counter() - began:.3f}\t{peak() - before:.0f}\t{sentence}")


def peak() -> float:
    """Most memory of this process, in MB; Linux alone tells."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def main() -> None:
    print(f"{'attack':42} {'seconds':>7} {'MB':>5}  sentence")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        warm = honest(folder)
        for title, write in attacks.items():
            path = write(folder)
            command = [sys.executable, __file__, str(path), str(warm)]
            answer = subprocess.run(command, capture_output=True, text=True, check=True)
            seconds, growth, sentence = answer.stdout.rstrip("\n").split("\t")
            print(f"{title:42} {seconds:>7} {growth:>5}  {sentence}", flush=True)


if __name__ == "__main__":
    refuse(Path(sys.argv[1]), Path(sys.argv[2])) if len(sys.argv) == 3 else main()
