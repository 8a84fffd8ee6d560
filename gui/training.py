"""Between the window and the runner: starts runs of the document's value and keeps what they report."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from msgspec.structs import replace
from PySide6.QtCore import QObject, QTimer, Signal

from gui.document import Document
from gui.forms import commit_focused
from gui.progress import Progress
from gui.runner import Looked, More, Runner, RunPrepared
from models.experiment.experiment import Experiment
from models.telemetry.control import Unit
from models.telemetry.events import Ended, EpochsEnded, Event, LayerProbe, Probed, StepsTaken

if TYPE_CHECKING:
    from models.telemetry.history import History


settled_after = 600
"""Milliseconds after the last change of the document: then its network is built and compiled ahead."""

telling_interval = 66
"""Milliseconds between two numbers of a run in the window: nobody reads more, and each has labels painted."""


class TrainingController(QObject):
    """Holds the history and the progress of the present run, and tells when they change."""

    started = Signal()
    """A new run was asked for; whatever is shown of the one before goes."""
    continued = Signal()
    """The last run was asked to go on; whatever is shown of it stays."""
    prepared = Signal(object)
    """`RunPrepared`: what the data of the run look like."""
    progress_changed = Signal(object)
    """The `Progress`, or none after a reset."""
    statistics_changed = Signal(object)
    """The last `LayerProbe` of every layer by name, or none."""
    refused = Signal()
    """A run was asked for, but the experiment has errors."""
    reset_done = Signal()

    def __init__(self, document: Document, runner: Runner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._runner = runner
        self._history: History | None = None
        self._progress: Progress | None = None
        self._trained: Experiment | None = None
        self._outcome: Ended | None = None
        self._learning_rate = 0.0
        """The one that was asked for last, by the document or while the run went on."""
        self.device = "auto"
        self._settled = QTimer(self, interval=settled_after, singleShot=True)
        self._settled.timeout.connect(self.make_ready)
        self._told_progress: Progress | None = None
        self._told = QTimer(self, interval=telling_interval, singleShot=True)
        self._told.timeout.connect(self._tell_progress)
        document.changed.connect(lambda *_: self._settled.start())
        runner.ended.connect(lambda _: self._settled.start())
        runner.events_arrived.connect(self._take)
        runner.looked.connect(self._take_look)
        runner.run_prepared.connect(self._take_prepared)

    @property
    def history(self) -> "History":
        """What the present run, or the last one, has reported."""
        if self._history is None:
            from models.telemetry.history import History  # brings numpy, which the first paint does not wait for

            self._history = History()
        return self._history

    @property
    def progress(self) -> Progress | None:
        """How far the present run, or the last one, is."""
        return self._progress

    @property
    def outcome(self) -> Ended | None:
        """How the last run ended; none while one goes on or before the first."""
        return self._outcome

    @property
    def trained(self) -> Experiment | None:
        """What the present run, or the last one, trains; none before the first step, and where the run failed."""
        failed = self._outcome is not None and self._outcome.ending == "failed"
        return None if self._progress is None or failed else self._trained

    @property
    def outdated(self) -> bool:
        """Whether the document was changed since the present run, or the last one, started."""
        return self._trained is not None and essence(self._trained) != essence(self._document.experiment)

    @property
    def obstacle(self) -> str:
        """Why the last run cannot go on for more steps or epochs, in a sentence; empty where it can."""
        if self._runner.running:
            return "A run goes on."
        if self._outcome is None or self._trained is None:
            return "There is no run yet that could go on."
        if self.history.started is None or self._outcome.ending not in ("finished", "stopped"):
            return f"The run {self._outcome.ending}, and cannot go on: Train starts a new one."
        if self.outdated:
            return "The experiment was changed since that run. Undo the changes, or Train a new one."
        return ""

    def go_on(self, count: int, unit: Unit) -> None:
        """Let the run that has ended go on for so many steps or epochs, as it is: weights, optimizer, order of the examples."""
        commit_focused()
        if self.obstacle:
            return
        self._outcome = None
        self._runner.go_on(More(count, unit))
        learning_rate = self._document.experiment.training.optimizer.learning_rate
        if learning_rate != self._learning_rate:
            self.set_learning_rate(learning_rate)
        self.continued.emit()

    def train(self) -> None:
        """Go on after a pause, otherwise start a run."""
        commit_focused()
        if self._runner.state == "paused":
            self._runner.resume()
        elif not self._runner.running:
            self._start(None)

    def make_ready(self) -> None:
        """Have the experiment built and compiled, if it can be trained: whoever presses Train next need not wait for that."""
        if self._document.report.ready:
            self._runner.make_ready(self._document.experiment, self.device)

    def advance(self, unit: Unit) -> None:
        """Take one step or epoch of the present run, or of a new one, and hold."""
        commit_focused()
        if self._runner.running:
            self._runner.advance(unit)
        else:
            self._start(unit)

    def reset(self) -> None:
        """End the run and forget it."""
        self._runner.discard()
        self._forget()
        self._trained = None
        self.progress_changed.emit(None)
        self.statistics_changed.emit(None)
        self.reset_done.emit()

    def set_learning_rate(self, value: float) -> None:
        """Use another learning rate in the run that goes on."""
        if self._runner.running:
            self._learning_rate = value
            self._runner.set_learning_rate(value)

    def _start(self, unit: Unit | None) -> None:
        if not self._document.report.ready:
            self.refused.emit()
            return
        self._forget()
        self._trained = self._document.experiment
        self._learning_rate = self._trained.training.optimizer.learning_rate
        self.started.emit()
        self.progress_changed.emit(None)
        self._runner.train(self._trained, self.device, unit)

    def _forget(self) -> None:
        self._history = None
        self._progress = self._told_progress = None
        self._told.stop()
        self._outcome = None

    def _take(self, events: tuple[Event, ...]) -> None:
        progress = self._progress or Progress(in_steps=self._counts_steps)
        probe: Mapping[str, LayerProbe] | None = None
        for event in events:
            self.history.append(event)
            progress = progress.after(event)
            if isinstance(event, Probed):
                probe = {layer.name: layer for layer in event.layers}
            elif isinstance(event, Ended):
                self._outcome = event
        if progress != self._progress and progress.epochs:
            self._progress = progress
            if not self._told.isActive() or any(not isinstance(event, StepsTaken | EpochsEnded | Probed) for event in events):
                self._tell_progress()
        if probe is not None:
            self.statistics_changed.emit(probe)

    def _tell_progress(self) -> None:
        if self._progress is not None and self._progress != self._told_progress:
            self._told_progress = self._progress
            self.progress_changed.emit(self._progress)
            self._told.start()

    @property
    def _counts_steps(self) -> bool:
        """Whether the length of the run was given in steps."""
        return self._trained is not None and self._trained.training.steps is not None

    def _take_look(self, notice: Looked) -> None:
        self.history.look_closer(notice.step, notice.looks)

    def _take_prepared(self, notice: RunPrepared) -> None:
        self.prepared.emit(notice)


def essence(experiment: Experiment) -> Experiment:
    """What decides a run: everything but the name, what is collapsed, and the learning rate, which acts at once."""
    optimizer = replace(experiment.training.optimizer, learning_rate=1.0)
    return replace(experiment, name="", collapsed=(), training=replace(experiment.training, optimizer=optimizer))
