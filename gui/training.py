"""Between the window and the runner: starts runs of the document's value and keeps what they report."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from gui.document import Document
from gui.earlier_runs import EarlierRuns
from gui.forms import commit_focused
from gui.messages import Looked, More, Origin, Revisited
from gui.progress import Progress
from gui.runner import Runner
from models.experiment.essence import comparable, essence, same_loss
from models.experiment.experiment import Experiment
from models.experiment.report import Report
from models.telemetry.allowance import Allowance
from models.telemetry.control import Unit
from models.telemetry.events import Ended, EpochsEnded, Event, Probed, StateKept, StepsTaken

if TYPE_CHECKING:
    from models.telemetry.history import History


settled_after = 600
"""Milliseconds after the last change of the document: then its network is built and compiled ahead."""
settled_per_layer = 20
"""Milliseconds more for each layer: many take long to build, and a person's next edit would wait for it meanwhile."""

telling_interval = 66
"""Milliseconds between two numbers of a run in the window: nobody reads more, and each has labels painted."""


@dataclass(frozen=True)
class Stretch:
    """A part of the present run that one experiment decided: a run that branched off has one more than the one before."""

    begins: int
    """The step it begins after."""
    experiment: Experiment
    report: Report


class TrainingController(QObject):
    """Holds the history and the progress of the present run, and tells when they change."""

    started = Signal()
    """A new run was asked for; whatever is shown of the one before goes."""
    continued = Signal()
    """The last run was asked to go on; whatever is shown of it stays."""
    progress_changed = Signal(object)
    """The `Progress`, or none after a reset."""
    statistics_changed = Signal(object)
    """The `LayerProbe` of every layer by name, of the moment that is shown, or none."""
    refused = Signal()
    """A run was asked for, but the experiment has errors."""
    reset_done = Signal()
    moment_changed = Signal()
    """Views show another moment of the run, or more is known of it."""

    def __init__(self, document: Document, runner: Runner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._runner = runner
        self.earlier = EarlierRuns(self)
        self.earlier.changed.connect(self._take_earlier)
        self.allow(Allowance())
        self.rates_chosen: list[int] = []
        """The steps after which another learning rate was chosen by hand while the run went on."""
        self._history: History | None = None
        self._progress: Progress | None = None
        self._origin: tuple[int, int] | None = None
        """Number of the earlier run that the present one branched off from, and the step there."""
        self._trained: Experiment | None = None
        self._elsewhere = False
        """Whether another document was opened since the present run, or the last one, started."""
        self._stretches: tuple[Stretch, ...] = ()
        """What decided the present run, or the last one, from its first step on."""
        self._outcome: Ended | None = None
        self._learning_rate = 0.0
        """The one that was asked for last, by the document or while the run went on."""
        self.device = "auto"
        self._settled = QTimer(self, singleShot=True)
        self._settled.timeout.connect(self.make_ready)
        self._told_progress: Progress | None = None
        self._told = QTimer(self, interval=telling_interval, singleShot=True)
        self._told.timeout.connect(self._tell_progress)
        document.changed.connect(self._wait_for_rest)
        runner.ended.connect(self._wait_for_rest)
        document.opened.connect(self._leave)
        runner.events_arrived.connect(self._take)
        runner.looked.connect(self._take_look)
        runner.revisited.connect(self._take_revisited)
        runner.wanted_changed.connect(self._revisit)

    def allow(self, allowance: Allowance) -> None:
        """Let the records of runs to come take so much memory."""
        self._allowance = self.earlier.allowance = allowance
        self._runner.keep_states(allowance.largest_state)

    @property
    def history(self) -> "History":
        """What the present run, or the last one, has reported."""
        if self._history is None:
            from models.telemetry.history import History  # brings numpy, which the first paint does not wait for

            self._history = History(allowance=self._allowance)
            self._history.earlier = self.earlier.runs
        return self._history

    @property
    def record(self) -> "History | None":
        """The history, where something is in it: a window that has just opened need not know what a history is."""
        return self._history if self._history is not None and self._history.probes_seen else None

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
            self._show_newest()
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
            self._show_newest()
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

    def _leave(self) -> None:
        """Show nothing of a run on layers of another document, which may have the same names; one that has ended is let go."""
        if self._runner.running:
            self._elsewhere = self.outdated
            self._tell_statistics()
        elif self._trained is not None:
            self.reset()

    def set_learning_rate(self, value: float) -> None:
        """Use another learning rate in the run that goes on."""
        if self._runner.running:
            self.rates_chosen.append(self.history.last_step)
            self._learning_rate = value
            self._runner.set_learning_rate(value)

    def stretch_of(self, step: int) -> Stretch:
        """What decided the state of the present run after `step` steps."""
        return next(stretch for stretch in reversed(self._stretches) if stretch.begins <= step)

    def branch(self, stretch: Stretch, origin: Origin, step: int, *, until: int | None = None) -> None:
        """Start a run at the moment `origin`, after `step` steps; with `until`, go on to that step and hold.

        It has these steps, and what is recorded of them, in common with the present run, unless it counts its steps anew: then
        its `stretch` begins elsewhere, and only the initial weights are still those after step 0.
        """
        common = step if stretch.begins == step else 0
        record = self.history.until(common) if stretch.begins else None
        if record is not None and not comparable(stretch.experiment, origin.experiment):
            record.forget_curves()
        elif record is not None and not same_loss(stretch.experiment, origin.experiment):
            record.judge_anew()
        rates = [chosen for chosen in self.rates_chosen if chosen < common]
        before = tuple(each for each in self._stretches if each.begins < stretch.begins and each.begins <= common)
        number = self._forget()
        self._origin = None if number is None else (number, step)
        self._history, self.rates_chosen = record, rates
        self._take_earlier()
        self._begin(*before, stretch)
        self._runner.branch(stretch.experiment, self.device, origin, until)

    def show_moment(self, step: int | None) -> None:
        """Let everything show the latest kept moment that is not after `step`; none: the run as it goes on."""
        self.history.show(step)
        self._revisit()
        self._tell_statistics()
        self.moment_changed.emit()

    def _revisit(self) -> None:
        """Ask for what the weights of the moment that is shown give again."""
        state = None if self.record is None else self.record.shown_state
        if state is not None:
            experiment = self.stretch_of(state.step).experiment
            self._runner.revisit(state, experiment, self.history.gradient_norms_at(state.step))

    def _show_newest(self) -> None:
        """Whoever lets a run go on wants to see what it does."""
        if self.record is not None and self.record.moment is not None:
            self.show_moment(None)

    def _start(self, unit: Unit | None) -> None:
        if not self._document.report.ready:
            self.refused.emit()
            return
        self._forget()
        self._begin(Stretch(0, self._document.experiment, self._document.report))
        self._runner.train(self._document.experiment, self.device, unit)

    def _begin(self, *stretches: Stretch) -> None:
        self._stretches, experiment = stretches, stretches[-1].experiment
        self._elsewhere = False
        self._trained = experiment
        self.earlier.make_way(experiment)
        self._learning_rate = experiment.training.optimizer.learning_rate
        self.started.emit()
        self.progress_changed.emit(None)

    def _forget(self) -> int | None:
        """Begin with an empty record. The curves of the run before are kept among the earlier ones, under this number."""
        number = None
        if self._history is not None and self._trained is not None:
            number = self.earlier.add(self._trained, self._history, self._origin)
        self.earlier.leave_present()
        self._history = self._origin = None
        self._progress = self._told_progress = None
        self._told.stop()
        self._outcome = None
        self.rates_chosen = []
        return number

    def _take(self, events: tuple[Event, ...]) -> None:
        progress = self._progress or Progress(in_steps=self._counts_steps)
        looked = False
        for event in events:
            self.history.append(event)
            progress = progress.after(event)
            if isinstance(event, Probed):
                looked = True
            elif isinstance(event, Ended):
                self._outcome = event
        if progress != self._progress and progress.epochs:
            self._progress = progress
            if not self._told.isActive() or any(not isinstance(event, StepsTaken | EpochsEnded | Probed) for event in events):
                self._tell_progress()
        if looked and self.history.moment is None:
            self._tell_statistics()
        if self._runner.state == "paused" and any(isinstance(event, Probed | StateKept) for event in events):
            self.moment_changed.emit()  # it comes after the last step, and no further one would tell of it

    def _tell_statistics(self) -> None:
        """Those of the moment that is shown."""
        probe = None if self._elsewhere else self.history.shown_probe
        self.statistics_changed.emit({layer.name: layer for layer in probe.layers} if probe is not None else None)

    def _tell_progress(self) -> None:
        if self._progress is not None and self._progress != self._told_progress:
            self._told_progress = self._progress
            self.progress_changed.emit(self._progress)
            self._told.start()

    def _wait_for_rest(self) -> None:
        """Begin anew to wait until nobody changes anything, and build nothing meanwhile that will not be trained so."""
        experiment = self._document.experiment
        self._runner.keep_ahead(experiment)
        self._settled.start(settled_after + settled_per_layer * len(experiment.network))

    @property
    def _counts_steps(self) -> bool:
        """Whether the length of the run was given in steps."""
        return self._trained is not None and self._trained.training.steps is not None

    def _take_look(self, notice: Looked) -> None:
        self.history.look_closer(notice.step, notice.looks)

    def _take_earlier(self) -> None:
        if self._history is not None:
            self._history.earlier = self.earlier.runs

    def _take_revisited(self, notice: Revisited) -> None:
        self.history.complete_shown(notice.look)
        if self.history.moment == notice.look.step:
            self._tell_statistics()
            self.moment_changed.emit()
