"""Networks that are built and compiled, and may serve a training that nobody has asked for yet."""

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from models.experiment.data import FileSource
from models.experiment.experiment import Experiment
from models.telemetry.control import Control

if TYPE_CHECKING:
    from models.data.prepared import Prepared
    from models.engine.session import Session

Stamps = tuple[tuple[int, int], ...]
"""Time of the last change and size of each file that a network is built from and that is there: data, initial weights."""


@dataclass(frozen=True)
class Built:
    """A network with its data on a device."""

    experiment: Experiment
    device: str
    prepared: "Prepared"
    session: "Session"
    stamps: Stamps

    @classmethod
    def on(cls, device: str, experiment: Experiment, prepared: "Prepared", stamps: Stamps) -> "Built":
        """Build `experiment` on `device`, in the place of those built before. Raises EngineError where that cannot be."""
        from models.engine.release import release_kernels
        from models.engine.session import Session

        release_kernels()
        return cls(experiment, device, prepared, Session(experiment, prepared, device), stamps)

    def serves(self, experiment: Experiment, device: str) -> bool:
        """Whether a training of `experiment` would build the same once more."""
        collapsed = replace(self.experiment, collapsed=experiment.collapsed)  # which changes nothing
        return (collapsed, self.device, self.stamps) == (experiment, device, stamps_of(experiment))

    def compile(self) -> bool:
        """Compile everything, taking no step; tells whether that went well."""
        no_steps = Control()
        no_steps.stop()
        return self.session.train(lambda event: None, no_steps).ending == "stopped"


def stamps_of(experiment: Experiment) -> Stamps:
    """What changes when a file that `experiment` names does."""
    data = experiment.data.path if isinstance(experiment.data, FileSource) else None
    found = []
    for path in (data, experiment.initial_weights):
        if path is not None:
            with contextlib.suppress(OSError):
                status = Path(path).stat()
                found.append((status.st_mtime_ns, status.st_size))
    return tuple(found)
