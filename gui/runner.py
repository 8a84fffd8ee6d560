"""Runs trainings in a thread of their own and brings what they report into the window, on one clock.

TensorFlow is imported by that thread, once, after the window is painted. Nothing of Qt is touched there: it puts values into a
mailbox, and a timer of the GUI thread takes them out.
"""

import contextlib
import os
import queue
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from msgspec.structs import replace
from PySide6.QtCore import QObject, QTimer, Signal

from gui.built import Built, stamps_of
from models.engine import background
from models.engine.attempts import why_unseen
from models.engine.errors import EngineError, first_line
from models.engine.giving_up import as_long_as
from models.experiment.counting import grouped
from models.experiment.errors import BadInput
from models.experiment.experiment import Experiment, Network
from models.experiment.training import Precision
from models.telemetry.control import Control, Unit
from models.telemetry.events import Ended, Event, PhaseChanged, Probed, StateKept
from models.telemetry.mailbox import Mailbox
from models.telemetry.sweep import Sweep
from models.telemetry.wanted import Looks, Wanted

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.data.prepared import Prepared
    from models.engine.session import Session

State = Literal["idle", "waiting", "preparing", "compiling", "training", "paused", "stopping"]
"""No run; a run waits for TensorFlow; and the phases of a run."""

beats_per_second = 120
niceness = 5
"""Of the threads that train: they take a third of what the window's thread takes where both want the same processor."""
most_read_ahead = 2**26
"""Bytes of files that are read before anybody asks for the training."""
longest_ahead = 3.0
"""Seconds for which somebody who presses Train may have to wait for what was made ready and nobody wants any more."""


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


Limits = tuple[float, float, int]
"""Lowest and highest learning rate to try, and how many."""

Notice = EngineReady | EngineFailed | RunPrepared | Exported | RateFound | Looked | Revisited
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
        except (BadInput, EngineError) as problem:
            self._emit(Ended(run, "failed", str(problem), 0, 0))
            return
        except Exception as error:  # the one ending of every run that could not start
            sentence = f"The network could not be built: {first_line(error)}."
            self._emit(Ended(run, "failed", sentence, 0, 0, details=traceback.format_exc()))
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
                from models.data import prepare

                prepared = prepare(experiment)
                from models.engine.finder import sweep as try_rates
                from models.engine.session import Session

                sweep = try_rates(Session(experiment, prepared, device), *limits, control)
        except (BadInput, EngineError) as problem:
            sentence = str(problem)
        except Exception as error:  # the window reports every failure in a sentence
            sentence, details = f"The search failed: {first_line(error)}.", traceback.format_exc()
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
        except (BadInput, EngineError) as problem:
            sentence = str(problem)
        except Exception as error:  # the window reports every failure in a sentence
            sentence, details = f"The export failed: {first_line(error)}.", traceback.format_exc()
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


WorkerMaker = Callable[[Callable[[Event], None], Callable[[Notice], None]], Worker]


class Runner(QObject):
    """Starts, steers and ends trainings; everything they report arrives here, in the GUI thread."""

    state_changed = Signal(str)
    engine_ready = Signal(object)
    engine_failed = Signal(object)
    run_prepared = Signal(object)
    events_arrived = Signal(object)
    """A tuple of events of the present run, oldest first; at most once a frame."""
    ended = Signal(object)
    """The `Ended` of the present run."""
    exported = Signal(object)
    looked = Signal(object)
    """A `Looked` of the present run."""
    wanted_changed = Signal()
    """Panels want something else to be seen than before."""
    revisited = Signal(object)
    """The `Revisited` of a moment of the present run."""
    rate_found = Signal(object)
    """The `RateFound` of the newest search."""
    ticked = Signal()
    """At each beat that delivers nothing: the time to draw."""

    def __init__(self, make_worker: WorkerMaker = Worker, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._mailbox = Mailbox()
        self._notices: queue.SimpleQueue[Notice] = queue.SimpleQueue()
        self._worker = make_worker(self._mailbox.put, self._notices.put)
        self._control = Control()
        self._wanted = Wanted()
        self._state: State = "idle"
        self._run = 0
        self._search = 0
        self._search_control: Control | None = None
        """That of a search that goes on."""
        self._engine: EngineReady | None = None
        self._delivered = False
        """Whether the last beat of the clock brought news."""
        self._clock = QTimer(self)
        self._clock.setInterval(1000 // beats_per_second)
        self._clock.timeout.connect(self.tick)

    @property
    def state(self) -> State:
        """What the present run is doing."""
        return self._state

    @property
    def running(self) -> bool:
        """Whether there is a run that has not ended."""
        return self._state != "idle"

    @property
    def engine(self) -> EngineReady | None:
        """The devices and versions, once TensorFlow is imported."""
        return self._engine

    def start_engine(self) -> None:
        """Import TensorFlow in the worker thread and start the clock."""
        self._worker.start()
        self._clock.start()

    def train(self, experiment: Experiment, device: str = "auto", unit: Unit | None = None) -> None:
        """Start a new run of `experiment`; with `unit`, take one step or epoch and hold. A run that goes on is ended first."""
        control = Control(paused=unit is not None)
        if unit is not None:
            control.advance(unit)
        self._begin(control)
        self._worker.train(experiment, device, self._control, self._run)

    def branch(self, experiment: Experiment, device: str, origin: Origin, until: int | None = None) -> None:
        """Start a new run of `experiment` at a moment of an earlier one; with `until`, go on to that step and hold.

        A run that goes on is ended first.
        """
        self._begin(Control(paused=until is not None, until=until or 0))
        self._worker.train(experiment, device, self._control, self._run, origin)

    def keep_states(self, largest: int) -> None:
        """Let runs to come bring states along that have at most so many bytes, for going back to."""
        self._worker.largest_state = largest

    def revisit(self, moment: StateKept, experiment: Experiment, gradient_norms: Mapping[str, float]) -> None:
        """Look at the present run's network as it was at an earlier `moment`, which `experiment` decided.

        `revisited` brings what was seen.
        """
        self._worker.revisit(moment, experiment, self._wanted, gradient_norms, self._run)

    def make_ready(self, experiment: Experiment, device: str) -> None:
        """Build and compile `experiment` while nothing is trained, so that its training starts at once."""
        if self._engine and not self.running:
            self._worker.make_ready(experiment, device)

    def keep_ahead(self, experiment: Experiment) -> None:
        """Give up what is being made ready unless it is `experiment`: to build a large network slows the window down."""
        self._worker.keep_ahead(experiment)

    def go_on(self, more: More) -> None:
        """Let the last run, which has ended, go on for so many steps or epochs."""
        self._begin(Control())
        self._worker.go_on(more, self._control, self._run)

    @property
    def finding(self) -> bool:
        """Whether a search for a learning rate goes on."""
        return self._search_control is not None

    def find_rate(self, experiment: Experiment, device: str, low: float, high: float, steps: int) -> None:
        """Search a learning rate for `experiment`; `rate_found` tells how that ended."""
        self.stop_finding()
        self._search += 1
        self._search_control = Control()
        self._worker.find_rate(experiment, device, self._search_control, (low, high, steps), self._search)

    def stop_finding(self) -> None:
        """End the search for a learning rate; what it has seen is told all the same."""
        if self._search_control is not None:
            self._search_control.stop()

    def pause(self) -> None:
        """Hold before the next step."""
        self._control.pause()

    def resume(self) -> None:
        """Go on after a pause."""
        self._control.resume()

    def advance(self, unit: Unit) -> None:
        """Take one step or epoch more, then hold."""
        self._control.advance(unit)

    def stop(self) -> None:
        """End the present run after the step that is being taken."""
        self._control.stop()

    def discard(self) -> None:
        """End the present run and take no more notice of it."""
        self._control.stop()
        self._run += 1
        self._mailbox.accept(self._run)
        self._set_state("idle")

    def set_learning_rate(self, value: float) -> None:
        """Use another learning rate from the next step of the present run on."""
        self._control.set_learning_rate(value)

    def want(self, wanted: Wanted) -> None:
        """Have the looks inside bring this along, of the run that goes on and of those to come; a first look is taken at once."""
        if wanted != self._wanted:
            self._wanted = wanted
            self._control.want(wanted)
            self._worker.look(wanted, self._run)
            self.wanted_changed.emit()

    def export(self, to: str, experiment: Experiment, path: Path, trained: bool) -> None:
        """Write `experiment`, or with `trained` the last run's network, in the format `to`; `exported` tells how that ended."""
        self._worker.export(to, experiment, path, trained)

    def close(self, timeout: float) -> bool:
        """End everything; tells whether the worker thread ended within `timeout` seconds."""
        self._clock.stop()
        self._control.stop()
        self.stop_finding()
        return self._worker.finish(timeout)

    def tick(self) -> None:
        """Deliver what has arrived, or else let the window draw: the beat after a delivery is for drawing, whatever arrives.

        Both at once would hold up the window for twice as long.
        """
        self._delivered = not self._delivered and self.deliver()
        if not self._delivered:
            self.ticked.emit()

    def deliver(self) -> bool:
        """Deliver what has arrived; false where nothing has."""
        notices = not self._notices.empty()
        while not self._notices.empty():
            self._deliver_notice(self._notices.get())
        events = self._mailbox.drain()
        if events:
            self._deliver(events)
        return notices or bool(events)

    def _begin(self, control: Control) -> None:
        """End what goes on, and listen to a new run with this control."""
        self._control.stop()
        self.stop_finding()
        self._control = control
        control.want(self._wanted)
        self._run += 1
        self._mailbox.accept(self._run)
        self._set_state("preparing" if self._engine else "waiting")

    def _deliver_notice(self, notice: Notice) -> None:
        match notice:
            case EngineReady():
                self._engine = notice
                self.engine_ready.emit(notice)
            case EngineFailed():
                self.engine_failed.emit(notice)
            case RunPrepared() if notice.run == self._run:
                self.run_prepared.emit(notice)
            case Looked() if notice.run == self._run:
                self.looked.emit(notice)
            case Revisited() if notice.run == self._run:
                self.revisited.emit(notice)
            case Exported():
                self.exported.emit(notice)
            case RateFound() if notice.search == self._search:
                self._search_control = None
                self.rate_found.emit(notice)

    def _deliver(self, events: tuple[Event, ...]) -> None:
        phases = [event.phase for event in events if isinstance(event, PhaseChanged)]
        if phases:
            self._set_state(phases[-1])
        self.events_arrived.emit(events)
        if isinstance(events[-1], Ended):
            self._set_state("idle")
            self.ended.emit(events[-1])

    def _set_state(self, state: State) -> None:
        if state != self._state:
            self._state = state
            self.state_changed.emit(state)


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
