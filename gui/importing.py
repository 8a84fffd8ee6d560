"""Networks of Keras become experiments in a thread: a large file takes its time, and the window stays alive."""

import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from gui.messenger import Messenger
from models.experiment.errors import BadInput
from models.experiment.experiment import Experiment


@dataclass(frozen=True)
class Found:
    """What a file holds; where `sentence` is not empty, why it cannot be used."""

    path: Path
    experiment: Experiment | None = None
    has_weights: bool = False
    notices: tuple[str, ...] = ()
    saved: Path | None = None
    """Where the experiment was written, with its weights beside it; none where it was only looked at."""
    sentence: str = ""
    details: str = ""
    """What the program itself did wrong, for whoever mends it."""


class Importer(QObject):
    """Reads one file at a time; whatever a file holds, the answer is a `Found`."""

    found = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._messenger = Messenger()
        self._messenger.done.connect(self._take)
        self._thread: threading.Thread | None = None

    @property
    def running(self) -> bool:
        """Whether a file is being read."""
        return self._thread is not None

    def look(self, path: Path) -> None:
        """Find out what the file at `path` holds; `found` tells."""
        self._start(path, lambda: look_at(path))

    def save(self, path: Path, out: Path) -> None:
        """Write the experiment in the file at `path` to `out`, and its weights beside it; `found` tells."""
        self._start(path, lambda: save_as(path, out))

    def _start(self, path: Path, work: Callable[[], Found]) -> None:
        self._thread = threading.Thread(target=_work, args=(self._messenger, path, work), name="import", daemon=True)
        self._thread.start()

    def _take(self, found: Found) -> None:
        if self._thread is not None:
            self._thread.join()  # it has nothing left to do
            self._thread = None
        self.found.emit(found)


def _work(messenger: Messenger, path: Path, work: Callable[[], Found]) -> None:
    """Runs in the thread."""
    try:
        found = work()
    except BadInput as problem:
        found = Found(path, sentence=str(problem))
    except Exception as error:  # without an answer, nothing could ever be imported again
        sentence = f"{path} could not be imported: {type(error).__name__}."
        found = Found(path, sentence=sentence, details=traceback.format_exc())
    messenger.done.emit(found)


def look_at(path: Path) -> Found:
    """The experiment that the file at `path` describes. Raises `BadInput`."""
    from models.storage.keras_files.importing import imported

    with imported(path) as network:
        return Found(path, network.experiment, bool(network.weights), network.notices)


def save_as(path: Path, out: Path) -> Found:
    """The same, written to `out` with its weights beside it. Raises `BadInput`."""
    from models.storage.keras_files.importing import imported, save_imported

    with imported(path) as network:
        experiment = save_imported(network, out)
        return Found(path, experiment, bool(network.weights), network.notices, saved=out)
