"""The thread in which TensorFlow lives.

TensorFlow is imported there, once, after the window is painted. Nothing of Qt is touched there: events and notices go to two
functions that the worker is given, and the runner brings them into the window.
"""

import contextlib
import os
import queue
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from gui.built import Built, stamps_of
from gui.messages import (
    DeviceEntry,
    EngineFailed,
    EngineReady,
    Exported,
    Limits,
    Looked,
    More,
    Notice,
    Origin,
    RateFound,
    Revisited,
    RunPrepared,
)
from models.engine import background
from models.engine.attempts import why_unseen
from models.engine.errors import EngineError, first_line
from models.engine.giving_up import as_long_as
from models.experiment.counting import grouped
from models.experiment.errors import BadInput
from models.experiment.experiment import Experiment, Network
from models.telemetry.control import Control
from models.telemetry.events import Ended, Event, PhaseChanged, Probed, StateKept
from models.telemetry.wanted import Looks, Wanted

if TYPE_CHECKING:
    from models.data.prepared import Prepared
    from models.engine.session import Session

niceness = 5
"""Of the threads that train: they take a third of what the window's thread takes where both want the same processor."""
most_read_ahead = 2**26
"""Bytes of files that are read before anybody asks for the training."""
longest_ahead = 3.0
"""Seconds for which somebody who presses Train may have to wait for what was made ready and nobody wants any more."""

Job = Callable[[], None]


class Worker:
    """The thread in which TensorFlow lives; takes jobs one after the other."""

    def __init__(self, emit: Callable[[Event], None], notify: Callable[[Notice], None]) -> None:
        self._emit = emit
        self._notify = notify
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="training", daemon=True)
        self._asides: queue.SimpleQueue[Job] = queue.SimpleQueue()
        """What is done between the steps of a run, too."""
        self._last: Built | None = None
        """What the last run trained, or the present one trains."""
        self._ready: Built | None = None
        """What nobody has trained yet."""
        self._last_failed = False
        self._ahead: tuple[Experiment, str] | None = None
        """What is to be made ready, and on which device; none where that is wanted no more. Set by the window's thread."""
        self._slow = False
        """Whether making ready took so long that it is not done again before somebody asked for a training."""
        self._importable = True
        self._former: Session | None = None
        """The network of an earlier part of the last run, where that was another one."""
        self._revisits: queue.SimpleQueue[Job] = queue.SimpleQueue()
        """Wishes to see an earlier moment; the newest counts."""
        self.largest_state = 0
        """Bytes up to which states of a run are kept for going back."""
        self._jobs.put(self._import_engine)  # before any training that is asked for while the window opens

    def start(self) -> None:
        """Start the thread; the first thing it does is to import TensorFlow."""
        self._thread.start()

    def train(self, experiment: Experiment, device: str, control: Control, run: int, origin: Origin | None = None) -> None:
        """Train `experiment` from its first weights, or from a moment of an earlier run, when the jobs before are done.

        What makes something else ready is given up.
        """
        self._ahead = experiment, device
        self._jobs.put(lambda: self._train(experiment, device, control, run, origin))

    def make_ready(self, experiment: Experiment, device: str) -> None:
        """Build and compile `experiment` if there is nothing else to do, so that its training starts at once."""
        self._ahead = experiment, device
        self._jobs.put(lambda: self._make_ready(experiment, device))

    def keep_ahead(self, experiment: Experiment) -> None:
        """Give up what is being made ready unless it is `experiment`."""
        if self._ahead is not None and self._ahead[0] != experiment:
            self._ahead = None

    def go_on(self, more: More, control: Control, run: int) -> None:
        """Train the network of the last run further: same weights, optimizer and order of the examples."""
        self._jobs.put(lambda: self._go_on(more, control, run))

    def find_rate(self, experiment: Experiment, device: str, control: Control, limits: Limits, search: int) -> None:
        """Try learning rates between two limits, so many of them, on a network of its own."""
        self._jobs.put(lambda: self._find_rate(experiment, device, control, limits, search))

    def export(self, to: str, experiment: Experiment, path: Path, trained: bool) -> None:
        """Write `experiment` in the format `to`; with `trained` the last run's network as it is now, also during the run."""
        self._do_aside(lambda: self._export(to, experiment, path, trained))

    def look(self, wanted: Wanted, run: int) -> None:
        """Look at the network of the last run as it is now, also during the run."""
        self._do_aside(lambda: self._look(wanted, run))

    def revisit(
        self, moment: StateKept, experiment: Experiment, wanted: Wanted, gradient_norms: Mapping[str, float], run: int
    ) -> None:
        """Look at the network of the last run as it was at an earlier `moment`, which `experiment` decided; also during the run.

        Of several wishes that wait the newest is fulfilled.
        """
        self._revisits.put(lambda: self._look_back(moment, experiment, wanted, gradient_norms, run))
        self._do_aside(self._revisit_newest)

    def finish(self, timeout: float) -> bool:
        """Ask the thread to end; tells whether it, and what it started, did within `timeout` seconds."""
        self._jobs.put(None)
        ends = time.monotonic() + timeout
        if self._thread.is_alive():
            self._thread.join(timeout)
        return not self._thread.is_alive() and background.wait(max(0.0, ends - time.monotonic()))

    def _work(self) -> None:
        _give_way()
        while (job := self._next_job()) is not None:
            job()

    def _next_job(self) -> Job | None:
        """What is to be done next; until somebody asks for anything, looks that would keep a person waiting are got ready."""
        while self._jobs.empty() and self._get_look_ready():
            pass
        return self._jobs.get()

    def _get_look_ready(self) -> bool:
        """Trace one look at a layer of the last network; tells whether there was one to be traced."""
        if self._last is None or self._last_failed:
            return False
        session = self._last.session
        try:
            with session.scope():
                return session.looker.get_ready()
        except Exception:  # whoever asks for that look is told why it fails
            return False

    def _import_engine(self) -> None:
        try:
            from models.engine import startup

            startup.load()
            from models.engine import devices

            found = tuple(
                DeviceEntry(item.name, item.title, devices.available_memory(item), devices.precisions(item))
                for item in devices.devices()
            )
            why = devices.missing_gpu()
            reason = (why.sentence, why.remedy) if why else None
            self._notify(EngineReady(found, _versions(), reason))
        except Exception as error:  # whatever goes wrong while TensorFlow loads, the window must live on
            self._importable = False
            self._notify(EngineFailed(f"TensorFlow cannot be loaded: {error}", traceback.format_exc()))

    def _train(self, experiment: Experiment, device: str, control: Control, run: int, origin: Origin | None = None) -> None:
        kept = self._kept(experiment, device)
        if not self._importable:
            self._emit(Ended(run, "failed", "TensorFlow could not be loaded, so nothing can be trained.", 0, 0))
            return
        if control.stopped:
            self._emit(Ended(run, "stopped", "Stopped before the first step.", 0, 0))
            return
        try:
            self._emit(PhaseChanged(run, "preparing", "Loading the data"))
            stamps = stamps_of(experiment)
            prepared = kept.prepared if kept else _prepared(experiment)
            self._notify(RunPrepared(run, experiment, prepared))
            self._emit(PhaseChanged(run, "compiling", "Building the network"))
            built = kept or Built.on(device, experiment, prepared, stamps)
            built.session.restart()
            if origin is not None:
                _begin_from(built, origin)
        except Exception as error:  # the one ending of every run that could not start
            sentence, details = _told("The network could not be built", error)
            self._emit(Ended(run, "failed", sentence, 0, 0, details=details))
            return
        self._last = built
        ended = built.session.train(self._emit, control, run, self._do_asides, self.largest_state)
        self._last_failed = ended.ending == "failed"

    def _kept(self, experiment: Experiment, device: str) -> Built | None:
        """What was built and serves this training; whatever does not is let go, as its memory may be needed."""
        kept = (self._ready, None if self._last_failed else self._last)
        self._ready = self._last = self._former = None
        self._slow = False
        return next((built for built in kept if built is not None and built.serves(experiment, device)), None)

    def _make_ready(self, experiment: Experiment, device: str) -> None:
        if not self._importable or not self._jobs.empty() or self._slow:
            return
        if any(built is not None and built.serves(experiment, device) for built in (self._ready, self._last)):
            return
        self._ready = None  # its memory may be needed
        stamps = stamps_of(experiment)
        if sum(size for _, size in stamps) > most_read_ahead:
            return
        began = time.monotonic()
        wanted = experiment, device
        # Whatever is wrong is told when somebody asks for the training.
        with contextlib.suppress(Exception), as_long_as(lambda: self._ahead == wanted):
            built = Built.on(device, experiment, _prepared(experiment), stamps)
            if built.compile():
                self._ready = built
        self._slow = time.monotonic() - began > longest_ahead

    def _go_on(self, more: More, control: Control, run: int) -> None:
        session = self._last.session if self._last else None
        if session is None:
            self._emit(Ended(run, "failed", "There is no network to go on with: press Train.", 0, 0))
            return
        if more.unit == "epoch":
            session.extend(epochs=more.count)
        else:
            session.extend(steps=more.count)
        session.train(self._emit, control, run, self._do_asides, self.largest_state)

    def _find_rate(self, experiment: Experiment, device: str, control: Control, limits: Limits, search: int) -> None:
        sweep, sentence, details = None, "", ""
        try:
            if not self._importable:
                sentence = "TensorFlow could not be loaded, so no learning rate can be tried."
            elif control.stopped:
                sentence = "Stopped before the first step."
            else:
                prepared = _prepared(experiment)
                from models.engine.finder import sweep as try_rates
                from models.engine.session import Session

                sweep = try_rates(Session(experiment, prepared, device), *limits, control)
        except Exception as error:  # the window reports every failure in a sentence
            sentence, details = _told("The search failed", error)
        self._notify(RateFound(search, sweep, sentence, details))

    def _do_aside(self, job: Job) -> None:
        self._asides.put(job)
        self._jobs.put(self._do_asides)

    def _do_asides(self) -> None:
        """Do what is asked for by now; a run does it between its steps."""
        with contextlib.suppress(queue.Empty):
            while True:
                self._asides.get_nowait()()

    def _revisit_newest(self) -> None:
        newest = None
        with contextlib.suppress(queue.Empty):
            while True:
                newest = self._revisits.get_nowait()
        if newest is not None:
            newest()

    def _look_back(
        self, moment: StateKept, experiment: Experiment, wanted: Wanted, gradient_norms: Mapping[str, float], run: int
    ) -> None:
        try:
            if self._last is None:
                raise EngineError("its network is not in memory any more. Press Train for a new run.")
            look = self._session_with(experiment.network, self._last).look_back(moment, wanted, gradient_norms)
        except Exception as error:  # the state may be another network's by now, or memory run out
            why = why_unseen(f"Step {grouped(moment.step)}", error)
            looks = Looks.none_of(wanted, why)
            look = Probed(moment.run, moment.step, (), None, looks, why.sentence, why.sentence)
        self._notify(Revisited(run, look))

    def _session_with(self, network: Network, last: Built) -> "Session":
        """What looks at a state of the last run: before it branched off, its network may have been another, on the same data."""
        if network == last.experiment.network:
            return last.session
        if self._former is None or self._former.experiment.network != network:
            from models.engine.session import Session

            self._former = None  # its memory may be needed
            # It takes no step, so no example need lie on the device.
            self._former = Session(replace(last.experiment, network=network), last.prepared, last.device, resident_bytes=0)
        return self._former

    def _look(self, wanted: Wanted, run: int) -> None:
        """Nothing is told of a run that failed: panels know that from its end."""
        if self._last is None or self._last_failed:
            return
        session = self._last.session
        try:
            with session.scope():
                looks = session.looker.look(wanted)
        except Exception as error:  # whatever goes wrong, the run goes on, and panels that wait are told
            looks = Looks.none_of(wanted, why_unseen("This", error))
        self._notify(Looked(run, session.step, looks))

    def _export(self, to: str, experiment: Experiment, path: Path, trained: bool) -> None:
        sentence, details, what = "", "", ""
        try:
            what = self._write(to, experiment, path, trained)
        except OSError as error:
            sentence = f"{path} cannot be written: {error.strerror or error}."
        except Exception as error:  # the window reports every failure in a sentence
            sentence, details = _told("The export failed", error)
        self._notify(Exported(path, sentence, details, what))

    def _write(self, to: str, experiment: Experiment, path: Path, trained: bool) -> str:
        """Write an export. Returns what it is."""
        if not self._importable:
            raise EngineError("TensorFlow could not be loaded, so nothing of it can be exported.")
        if to == "script":
            from models.engine.export import export_script

            export_script(experiment, _prepared(experiment), path)
            return f"a script, its data in {path.with_suffix('.npz').name}"
        from models.engine import formats, session

        if trained and self._last is None:
            raise EngineError("There is no trained network yet: press Train first.")
        model = self._last.session.plain_model() if trained and self._last else session.build(experiment, _prepared(experiment))
        if to == "json":
            formats.write_json(model, path)
            return "the network without weights"
        formats.write_keras(model, path)
        return "the network as it was trained" if trained else "the network with first weights"


def _told(what: str, error: Exception) -> tuple[str, str]:
    """The sentence for an `error` that is being handled, and the details where it is not one that says itself what is wrong."""
    if isinstance(error, BadInput | EngineError):
        return str(error), ""
    return f"{what}: {first_line(error)}.", traceback.format_exc()


def _begin_from(built: Built, origin: Origin) -> None:
    from models.engine.checkpoint import begin_from

    begin_from(built.session, origin.state, origin.experiment, origin.compilation)
    if origin.total_steps is not None:
        built.session.total_steps = origin.total_steps


def _prepared(experiment: Experiment) -> "Prepared":
    from models.data import prepare

    return prepare(experiment)


def _give_way() -> None:
    """Let the window's thread go first where processors are scarce: this thread, and those that TensorFlow starts from it.

    Linux alone has priorities of threads; elsewhere nothing happens.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), niceness)


def _versions() -> str:
    from importlib.metadata import version

    return f"TensorFlow {version('tensorflow')} · Keras {version('keras')}"
