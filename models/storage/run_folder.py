"""The folder of a run: everything that was trained, measured and reached, in files that other programs read."""

import csv
import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.experiment.errors import BadInput
from models.experiment.experiment import Experiment
from models.storage.atomic import write_atomically, write_text, writing
from models.storage.files import save

Array = NDArray[np.float32] | NDArray[np.int32]
Row = Iterable[float]

experiment_name = "experiment.wiggle.json"
history_name = "history.csv"
epochs_name = "epochs.csv"
layers_name = "layers.json"
initial_name = "initial.keras"
final_name = "final.keras"
data_name = "data.npz"
summary_name = "summary.json"
checkpoint_name = "checkpoint.npz"

names = (
    experiment_name, history_name, epochs_name, layers_name, initial_name, final_name, data_name, summary_name, checkpoint_name,
)  # fmt: skip
"""Every file of a run."""


@dataclass(frozen=True)
class RunFolder:
    """Writes the files of a run, each as a whole; a file of an earlier run stays until its successor is complete.

    Every method raises `BadInput` where the disk refuses.
    """

    path: Path

    def check(self) -> None:
        """Raise `BadInput` where something else is in the way; touches nothing."""
        folder = next(folder for folder in (self.path, *self.path.absolute().parents) if folder.exists())
        if not folder.is_dir():
            raise BadInput(str(folder), "a folder for the results, or a free name", "a file")
        for name in names:
            if (self.path / name).is_dir():
                raise BadInput(str(self.path / name), "a file, or a free name", "a folder")

    def create(self) -> None:
        """Make the folder, and those it lies in."""
        with writing(self.path):
            self.path.mkdir(parents=True, exist_ok=True)

    def write_experiment(self, experiment: Experiment) -> None:
        """The experiment as it was run."""
        save(experiment, self.path / experiment_name)

    def write_data(self, arrays: Mapping[str, Array]) -> None:
        """The arrays exactly as the network was fed them."""
        self._write_arrays(data_name, arrays)

    def write_model(self, name: str, save: Callable[[Path], None]) -> None:
        """The network, by a function that writes it to a path atomically."""
        with writing(self.path / name):
            save(self.path / name)

    def write_checkpoint(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """All that is needed to go on."""
        self._write_arrays(checkpoint_name, arrays)

    def read_checkpoint(self) -> dict[str, NDArray[Any]]:
        """The arrays that `write_checkpoint` wrote. Raises `BadInput` where there are none, or other bytes."""
        path = self.path / checkpoint_name
        try:
            # NumPy leaves a file open that it opened itself and cannot read.
            with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
                return {name: file[name] for name in file.files}
        except FileNotFoundError:
            raise BadInput(
                str(path), "a checkpoint to resume from", "no file of that name", "leave out --resume to begin anew"
            ) from None
        except Exception:  # each way of packing an archive has errors of its own for damage, with advice for programmers
            found = "something else, or a damaged file"
            raise BadInput(str(path), "a checkpoint to resume from", found, "leave out --resume to begin anew") from None

    def forget_checkpoint(self) -> None:
        """Remove the checkpoint of an earlier run, which the new one does not go on from."""
        with writing(self.path / checkpoint_name):
            (self.path / checkpoint_name).unlink(missing_ok=True)

    def write_history(self, columns: Sequence[str], rows: Iterable[Row]) -> None:
        """A row for each recorded step."""
        self._write_table(history_name, columns, rows)

    def write_epochs(self, columns: Sequence[str], rows: Iterable[Row]) -> None:
        """A row for each epoch."""
        self._write_table(epochs_name, columns, rows)

    def write_layers(self, layers: Mapping[str, object]) -> None:
        """The last look inside the network."""
        self._write_json(layers_name, layers)

    def write_summary(self, summary: Mapping[str, object]) -> None:
        """How the run ended."""
        self._write_json(summary_name, summary)

    def _write_arrays(self, name: str, arrays: Mapping[str, NDArray[Any]]) -> None:
        with writing(self.path / name):
            write_atomically(self.path / name, lambda temporary: np.savez(temporary, allow_pickle=False, **arrays))

    def _write_table(self, name: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
        def write(temporary: Path) -> None:
            with temporary.open("w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file, lineterminator="\n")
                writer.writerow(columns)
                writer.writerows([number_text(value) for value in row] for row in rows)

        with writing(self.path / name):
            write_atomically(self.path / name, write)

    def _write_json(self, name: str, value: Mapping[str, object]) -> None:
        with writing(self.path / name):
            write_text(self.path / name, json.dumps(finite(value), indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def number_text(value: float) -> str:
    """The shortest digits that give `value` back in its precision; nothing where it is not a number, as it was not measured."""
    if isinstance(value, int):
        return str(value)
    if not math.isfinite(value):
        return ""
    return repr(shortest(value))


def shortest(value: float) -> float:
    """What was computed in 32 bits as a person writes it: 0.01 in place of 0.009999999776482582."""
    with np.errstate(over="ignore"):
        single = np.float32(value)
    return float(str(single)) if float(single) == value else value


def finite(value: object) -> object:
    """`value` with none in the place of numbers that are not finite, which JSON cannot hold, and with short digits."""
    if isinstance(value, Mapping):
        return {key: finite(content) for key, content in value.items()}
    if isinstance(value, list | tuple):
        return [finite(content) for content in value]
    if isinstance(value, np.ndarray):
        return finite(value.tolist())
    if isinstance(value, float):
        return shortest(value) if math.isfinite(value) else None
    return value
