"""Ways back in the present run: to a moment of it, with other settings from there on, or to its best epoch."""

from typing import TYPE_CHECKING

from gui.document import Document
from gui.forms import commit_focused
from gui.messages import Origin
from gui.training import Stretch, TrainingController
from models.experiment.counting import grouped
from models.experiment.essence import counts_patience_anew, keeps_best
from models.experiment.experiment import Experiment
from models.experiment.fitting import misfit
from models.experiment.report import Report

if TYPE_CHECKING:
    from models.telemetry.events import StateKept

no_state = "Nothing can be gone back to yet: press Train first."
too_large = (
    "The weights of no moment are kept: with what the optimizer remembers they take more than the memory for the history allows."
)


class GoingBack:
    """Starts runs at moments of the present one, and says why that cannot be where it is so."""

    def __init__(self, document: Document, training: TrainingController) -> None:
        self._document = document
        self._training = training

    @property
    def branch_obstacle(self) -> str:
        """Why no run can branch off from the moment that is shown, in a sentence; empty where one can."""
        return self._obstacle(self._shown_state)

    @property
    def branch_words(self) -> str:
        """What branching off does, and what becomes of the rules that count epochs."""
        record, state = self._training.record, self._shown_state
        if record is None or state is None:
            return "Start a new run from this moment, with the settings that are now set."
        shown = record.last_step if record.moment is None else record.moment
        moment = "this moment" if state.step == shown else f"step {grouped(state.step)}, the last whose weights are kept"
        words = f"Start a new run from {moment}, with the settings that are now set."
        experiment, origin = self._document.experiment, self._training.stretch_of(state.step).experiment
        training = experiment.training
        if not counts_patience_anew(experiment, origin):
            return words
        if training.early_stopping or training.reduce_on_plateau:
            words += " As these are others, epochs without improvement are counted anew."
        if training.keep_best and origin.training.keep_best and not keeps_best(experiment, origin):
            words += " The best epoch is looked for anew: its figure would not say the same."
        return words

    @property
    def start_obstacle(self) -> str:
        """Why no run can begin with the initial weights of the present one, in a sentence; empty where one can."""
        return self._obstacle(self._first_state)

    @property
    def best_obstacle(self) -> str:
        """Why the best epoch cannot be gone back to, in a sentence; empty where it can."""
        record, state = self._training.record, self._best_state
        if record is None or state is None:
            return "No epoch has ended yet." if record is not None and record.best_epoch is None else self._nothing_kept
        assert record.best_epoch is not None
        end = record.best_epoch.step
        if end == record.last_step and record.ended is not None:
            return "The best epoch is the last one: the network is what it was then."
        if any(state.step <= step < end for step in self._training.rates_chosen):
            return "The learning rate was changed by hand just before the best epoch: what was then cannot be computed again."
        if self._training.stretch_of(state.step) != self._training.stretch_of(end):
            return "The weights from before the best epoch are not kept."
        return ""

    def branch(self) -> None:
        """Start a run from the moment that is shown, with the settings that are now set."""
        commit_focused()
        state = self._shown_state
        if state is not None and not self.branch_obstacle:
            self._start(self._document.experiment, self._origin(state), state.step)

    def to_start(self) -> None:
        """Start a run from the initial weights of the present one, with the settings that are now set, and hold at once."""
        commit_focused()
        state = self._first_state
        if state is not None and not self.start_obstacle:
            self._start(self._document.experiment, self._origin(state), state.step, until=state.step)

    def to_best(self) -> None:
        """Let the network be what it was at the end of the best epoch, and hold.

        The steps from the last kept moment up to there are taken again, with the settings of then.
        """
        commit_focused()
        history, state = self._training.history, self._best_state
        if history.best_epoch is not None and history.started is not None and state is not None and not self.best_obstacle:
            experiment = self._training.stretch_of(state.step).experiment
            origin = self._origin(state, total_steps=history.started.total_steps)
            self._start(experiment, origin, state.step, until=history.best_epoch.step)

    def _start(self, experiment: Experiment, origin: Origin, step: int, until: int | None = None) -> None:
        report = self._document.report if experiment == self._document.experiment else self._training.stretch_of(step).report
        stretch = Stretch(self._first_step(experiment, report, step), experiment, report)
        self._training.branch(stretch, origin, step, until=until)

    def _origin(self, state: "StateKept", total_steps: int | None = None) -> Origin:
        newest = self._training.history.states()[-1]
        stretch = self._training.stretch_of(state.step)
        later = newest.state if self._training.stretch_of(newest.step) == stretch else state.state
        return Origin(stretch.experiment, state.state, str(later["compilation"]), total_steps)

    def _obstacle(self, state: "StateKept | None") -> str:
        """Why no run with the settings that are now set can begin in `state`."""
        if state is None:
            return self._nothing_kept
        now = self._document.report
        if not now.ready:
            return f"The experiment has an error: {now.errors[0].sentence}"
        return misfit(self._training.stretch_of(state.step).report, now) or self._at_its_end(state.step)

    def _at_its_end(self, step: int) -> str:
        """Why a run with the settings that are now set would be over after `step` steps."""
        experiment, report = self._document.experiment, self._document.report
        training = experiment.training
        if report.facts is None:
            return ""
        if self._first_step(experiment, report, step) < training.total_steps(report.facts.training_samples):
            return ""
        end = f"step {grouped(training.steps)}" if training.steps is not None else f"epoch {grouped(training.epochs)}"
        unit = "steps" if training.steps is not None else "epochs"
        return f"The run is set to end at {end}: raise the number of {unit} to go on from here, or choose an earlier moment."

    def _first_step(self, experiment: Experiment, report: Report, step: int) -> int:
        """Steps that a run of `experiment` has behind it where it begins after `step` steps of the present run.

        If its epochs have another length, these are the steps of the epochs that are over.
        """
        started = self._training.history.started
        if started is None or report.facts is None:
            return step
        length = experiment.training.steps_per_epoch(report.facts.training_samples)
        return step if length == started.steps_per_epoch else step // started.steps_per_epoch * length

    @property
    def _nothing_kept(self) -> str:
        record = self._training.record
        return too_large if record is not None else no_state

    @property
    def _shown_state(self) -> "StateKept | None":
        record = self._training.record
        if record is None:
            return None
        return record.shown_state or record.state_at(record.last_step if record.moment is None else record.moment)

    @property
    def _first_state(self) -> "StateKept | None":
        record = self._training.record
        return None if record is None else record.state_at(0)

    @property
    def _best_state(self) -> "StateKept | None":
        record = self._training.record
        return None if record is None or record.best_epoch is None else record.state_at(record.best_epoch.step)
