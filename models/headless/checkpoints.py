"""Checkpoints of a run: written now and then, so that it can go on where it was interrupted."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from msgspec.structs import replace

from models.data.prepared import Prepared
from models.engine.checkpoint import mark_of, restore, snapshot
from models.experiment.data import FileSource
from models.experiment.difference import first_difference
from models.experiment.edits import set_at
from models.experiment.errors import BadInput
from models.experiment.experiment import Experiment
from models.storage.codec import from_text, to_text
from models.storage.run_folder import RunFolder, checkpoint_name
from models.telemetry.events import Event, StepsTaken
from models.telemetry.history import History
from models.telemetry.parts import Arrays, part

if TYPE_CHECKING:
    from models.engine.session import Session


share_of_time = 0.02
"""Writing checkpoints may take this share of the time, also where the network is large and the disk slow."""


class Checkpoints:
    """Writes the state of a run into its folder, at most every so many seconds."""

    def __init__(
        self,
        folder: RunFolder,
        session: "Session",
        history: History,
        resumed: Arrays,
        seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder = folder
        self._session = session
        self._history = history
        self._seconds = seconds
        self._clock = clock
        self._next = clock() + seconds
        self._mark = mark_of(session.prepared)
        self.train_seconds_before = float(resumed.get("train_seconds", 0.0))
        """What the run took before it was resumed from `resumed`."""
        self._train_seconds = self.train_seconds_before

    def note(self, event: Event) -> None:
        """Take in what the run reports."""
        if isinstance(event, StepsTaken):
            self._train_seconds += event.seconds

    def write_if_due(self) -> None:
        """Write one, unless the last is not old enough; in any case where the run is over and earlier weights come back.

        A longer run goes on from the weights that it has now.
        """
        session = self._session
        if self._clock() >= self._next or (session.is_over and session.rules.restores(session.step)):
            self.write()

    def write(self) -> None:
        """Write one now, in the place of the last."""
        began = self._clock()
        self._folder.write_checkpoint({
            "experiment": np.array(to_text(self._session.experiment)),
            "mark": np.array(self._mark),
            "train_seconds": np.array(self._train_seconds),
            **{f"session/{name}": array for name, array in snapshot(self._session).items()},
            **{f"history/{name}": array for name, array in self._history.snapshot().items()},
        })  # fmt: skip
        ended = self._clock()
        self._next = ended + max(self._seconds, (ended - began) / share_of_time if self._seconds else 0.0)


def resume(arrays: Arrays, session: "Session", history: History) -> None:
    """Bring `session` and `history` to where the checkpoint `arrays` was written. Raises `EngineError`."""
    restore(session, part(arrays, "session/"))
    if arrays:
        history.restore(part(arrays, "history/"))


def refuse_other_experiment(arrays: Arrays, experiment: Experiment, file: Path) -> None:
    """Raise `BadInput` where `experiment`, read from `file`, is not the one of the checkpoint; a longer run is welcome."""
    there = _of_checkpoint(arrays)
    difference = first_difference(_comparable(there, experiment), _comparable(experiment, experiment))
    if difference:
        raise BadInput(
            f"{file}, {difference.path}", f"{difference.one}, as in the checkpoint", difference.other, "or leave out --resume"
        )
    done = {"epochs": int(arrays["history/seen"][1]), "steps": int(arrays["session/step"])}
    unit = "epochs" if experiment.training.steps is None else "steps"
    wanted = getattr(experiment.training, unit)
    if wanted < done[unit]:
        raise BadInput(
            f"{file}, training.{unit}", f"at least {done[unit]}, as many are done", str(wanted), f"continue with --{unit}"
        )


def refuse_other_data(arrays: Arrays, experiment: Experiment, prepared: Prepared) -> None:
    """Raise `BadInput` where the data are not those of the checkpoint."""
    if int(arrays["mark"]) != mark_of(prepared):
        place = experiment.data.path if isinstance(experiment.data, FileSource) else experiment.data.kind()
        raise BadInput(place, "the data that the checkpoint was written with", "other data", "or leave out --resume")


def read(folder: RunFolder) -> Arrays:
    """The checkpoint in `folder`. Raises `BadInput` where there is none that can be used."""
    arrays = folder.read_checkpoint()
    needed = {"experiment", "mark", "session/step", "history/seen", "history/bests/figures"}
    if not needed <= set(arrays):
        raise BadInput(str(folder.path / checkpoint_name), "a checkpoint to resume from", "other arrays")
    return arrays


def _of_checkpoint(arrays: Arrays) -> Experiment:
    return from_text(str(arrays["experiment"]), checkpoint_name)


def _comparable(experiment: Experiment, model: Experiment) -> Experiment:
    """`experiment` with what may differ taken from `model`: name, cards, length, place of a file, whose content is looked at."""
    for length in ("epochs", "steps"):
        experiment = set_at(experiment, f"training.{length}", getattr(model.training, length))
    experiment = replace(experiment, name=model.name, collapsed=model.collapsed)
    data, other = experiment.data, model.data
    if isinstance(data, FileSource) and isinstance(other, FileSource):
        return replace(experiment, data=replace(data, path=other.path))
    return experiment
