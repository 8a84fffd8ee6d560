"""Runs trainings in a thread of their own and brings what they report into the window, on one clock.

The worker's thread puts values into a mailbox, and a timer of the GUI thread takes them out.
"""

import queue
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QObject, QTimer, Signal

from gui.messages import EngineFailed, EngineReady, Exported, Looked, More, Notice, Origin, RateFound, Revisited, RunPrepared
from gui.worker import Worker
from models.experiment.experiment import Experiment
from models.telemetry.control import Control, Unit
from models.telemetry.events import Ended, Event, PhaseChanged, StateKept
from models.telemetry.mailbox import Mailbox
from models.telemetry.wanted import Wanted

State = Literal["idle", "waiting", "preparing", "compiling", "training", "paused", "stopping"]
"""No run; a run waits for TensorFlow; and the phases of a run."""

beats_per_second = 120

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
