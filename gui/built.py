"""Networks that are built and compiled, and may serve a training that nobody has asked for yet."""

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from models.experiment.data import FileSource, Source
from models.experiment.experiment import Experiment
from models.telemetry.control import Control

if TYPE_CHECKING:
    from models.data.prepared import Prepared
    from models.engine.session import Session

Stamp = tuple[int, int] | None
"""Time of the last change and size of a file with data; none where the data come from no file, or it is not there."""


@dataclass(frozen=True)
class Built:
    """A network with its data on a device."""

    experiment: Experiment
    device: str
    prepared: "Prepared"
    session: "Session"
    stamp: Stamp

    @classmethod
    def on(cls, device: str, experiment: Experiment, prepared: "Prepared", stamp: Stamp) -> "Built":
        """Build `experiment` on `device`, in the place of those built before. Raises EngineError where that cannot be."""
        from models.engine.release import release_kernels
        from models.engine.session import Session

        release_kernels()
        return cls(experiment, device, prepared, Session(experiment, prepared, device), stamp)

    def serves(self, experiment: Experiment, device: str) -> bool:
        """Whether a training of `experiment` would build the same once more."""
        return (self.experiment, self.device, self.stamp) == (experiment, device, stamp_of(experiment.data))

    def compile(self) -> bool:
        """Compile everything, taking no step; tells whether that went well."""
        no_steps = Control()
        no_steps.stop()
        return self.session.train(lambda event: None, no_steps).ending == "stopped"


def stamp_of(source: Source) -> Stamp:
    """What changes when a file with data does."""
    if isinstance(source, FileSource):
        with contextlib.suppress(OSError):
            found = Path(source.path).stat()
            return found.st_mtime_ns, found.st_size
    return None
