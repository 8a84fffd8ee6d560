"""What the window's thread and the one that trains say to each other: what is wished for, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.experiment.experiment import Experiment
from models.experiment.training import Precision
from models.telemetry.control import Unit
from models.telemetry.events import Probed
from models.telemetry.sweep import Sweep
from models.telemetry.wanted import Looks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.data.prepared import Prepared


@dataclass(frozen=True)
class More:
    """How far a run goes on after its end."""

    count: int
    unit: Unit


@dataclass(frozen=True)
class Origin:
    """A moment of an earlier run, where another one begins."""

    experiment: Experiment
    """What decided the run that the state is of."""
    state: "Mapping[str, NDArray[Any]]"
    compilation: str
    """What was decided later in that run about compiling its steps; ``race`` where nothing was."""
    total_steps: int | None = None
    """How long the run is to be; none: as its experiment says."""


Limits = tuple[float, float, int]
"""Lowest and highest learning rate to try, and how many."""


@dataclass(frozen=True)
class DeviceEntry:
    """A device that trainings can run on."""

    name: str
    title: str
    memory: int | None
    """Bytes that are free, or none where that is not known."""
    precisions: tuple[Precision, ...] | None = None
    """What it computes with, or none where that is not known."""


@dataclass(frozen=True)
class EngineReady:
    """TensorFlow is imported."""

    devices: tuple[DeviceEntry, ...]
    versions: str
    no_gpu: tuple[str, str] | None
    """Why there is no GPU and what to do about it; none where there is one."""


@dataclass(frozen=True)
class EngineFailed:
    """TensorFlow could not be imported: everything but training works."""

    sentence: str
    details: str


@dataclass(frozen=True)
class RunPrepared:
    """The data of a run are loaded; the plots may want to know what they look like."""

    run: int
    experiment: Experiment
    prepared: "Prepared"


@dataclass(frozen=True)
class Exported:
    """A model or a script was written, `what` it is in words; or was not, for the reason in `sentence`."""

    path: Path
    sentence: str = ""
    details: str = ""
    what: str = ""


@dataclass(frozen=True)
class Looked:
    """What panels wanted of the network of this run, as it is after `step` steps; none where they want nothing."""

    run: int
    step: int
    looks: Looks | None


@dataclass(frozen=True)
class Revisited:
    """What the state of an earlier moment of this run gives again; an empty look where that could not be computed."""

    run: int
    look: Probed


@dataclass(frozen=True)
class RateFound:
    """A search for a learning rate is over; without a sweep it failed, for the reason in `sentence`."""

    search: int
    sweep: Sweep | None
    sentence: str = ""
    details: str = ""


Notice = EngineReady | EngineFailed | RunPrepared | Exported | RateFound | Looked | Revisited
