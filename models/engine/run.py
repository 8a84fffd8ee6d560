"""One training from its start to its one end."""

import time
import traceback
from collections import deque
from collections.abc import Callable, Mapping
from functools import partial
from statistics import median_low
from typing import TYPE_CHECKING

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from models.engine.attempts import seen_or_why
from models.engine.batches import Plan
from models.engine.checkpoint import snapshot
from models.engine.divergence import Divergence, explain
from models.engine.errors import EngineError, first_line, ran_out_of_memory
from models.engine.evaluation import Evaluator
from models.engine.replicas import Wish
from models.engine.steps import Floats, Steps
from models.experiment.counting import counted, grouped
from models.telemetry.control import Control
from models.telemetry.events import Ended, Ending, EpochsEnded, Event, Phase, PhaseChanged, Started, StateKept, StepsTaken
from models.telemetry.wanted import Unseen

if TYPE_CHECKING:
    from models.engine.session import Session

least_probe_interval = 0.1
"""Seconds between two looks while steps are taken: nobody reads more."""
probe_share = 0.008
"""Probes may take this share of the time: a look, and what a step that is taken alone for its sake takes longer than others."""
early_share = 0.1
"""The same for the first looks of a training, of which there are `session.early_looks`: a small one is over within a second."""
state_share = 0.004
"""Copies of the state, for going back to, may take this share of the time; one that takes less than a look comes with each."""
impatience = 0.02
"""Seconds between two looks whether somebody wishes something, while nothing can be done but wait."""
between_looks = 0.03
"""Seconds between two looks, while a run is held, whether anything else is to be done."""
patience = 0.25
"""Seconds for which a validation goes on after a wish to stop: a short one leaves no gap in the curves."""


class Run:
    """Takes the steps of a session, obeys its control between compiled calls and reports."""

    def __init__(
        self,
        session: "Session",
        emit: Callable[[Event], None],
        control: Control,
        number: int,
        between_calls: Callable[[], None],
        largest_state: int,
    ) -> None:
        self._session = session
        self._emit = emit
        self._control = control
        self._number = number
        self._between_calls = between_calls
        self._total = session.total_steps
        self._goal = max(session.step, control.until)
        """While paused: the step to go on to."""
        self._holds = control.holds
        self._put_off = False
        """Whether the last look that was due waits, for somebody wished something."""
        self._gradient_norms: Mapping[str, float] = {}
        self._probed_step = -1
        self._wanted = control.wanted
        """What the newest look brought along."""
        self._next_probe = 0.0
        self._excess = 0.0
        """Seconds that the step before the next look took longer than others."""
        self._costs: deque[float] = deque(maxlen=5)
        """Seconds that the latest looks took, with such an excess."""
        self._keeps_states = session.replicas is None and session.state.nbytes <= largest_state
        self._state_step = -1
        self._next_state = 0.0
        self._state_costs: deque[float] = deque(maxlen=5)
        """Seconds that it took to copy the latest states."""
        self._train_seconds = 0.0
        self._compile_seconds = 0.0

    def train(self) -> Ended:
        """Train and report; the end is reported whatever happens."""
        try:
            with self._session.scope():
                ended = self._train()
        except Exception as error:
            ended = self._ended("failed", failure_sentence(error), traceback.format_exc())
        finally:
            self._session.stepper.give_up()
        self._emit(ended)
        return ended

    def _train(self) -> Ended:
        session = self._session
        self._phase("compiling")
        began = time.perf_counter()
        self._compile()
        self._compile_seconds = time.perf_counter() - began
        epochs = -(-self._total // session.steps_per_epoch)
        self._emit(
            Started(
                self._number,
                session.device.name,
                tuple(session.stepper.step.layers),
                session.metrics,
                session.steps_per_epoch,
                epochs,
                session.step,
                None if self._total == epochs * session.steps_per_epoch else self._total,
            )
        )
        self._probe()
        self._keep_state(surely=True)
        self._phase("training")
        divergence = self._loop()
        if divergence is None and not self._session.is_over:
            self._phase("stopping")  # said first: in a large network the last looks take longer than a step
        if divergence is None:
            self._look_ahead()
        restored = self._restore(divergence)
        self._probe()
        self._keep_state(surely=True)
        return self._end(divergence, restored)

    def _compile(self) -> None:
        """Trace everything by doing it once where it changes nothing."""
        session = self._session
        session.stepper.compile(self._total)
        if session.evaluator is not None:
            session.evaluator.compile()
        session.state.read()
        # Where a look fails, the first one says so; the run does not need it.
        seen_or_why("What is inside the layers", session.prober.compile)
        self._trace_looks()
        if session.prepared.view is not None:
            seen_or_why("What the network answers", session.predict, session.prepared.view.inputs[:1])

    def _loop(self) -> Divergence | None:
        """Take steps until there are none left, a wish to stop, or one that cannot be taken."""
        session = self._session
        while not session.is_over:
            self._obey()
            if not self._control.stopped and not session.stepper.is_ready(session.step, impatience):
                continue
            wish = self._wish()
            if not wish.steps:
                return None
            began = time.perf_counter()
            divergence = self._take(wish.steps, wish.alone)
            seconds = time.perf_counter() - began
            self._train_seconds += seconds
            if divergence is not None:
                return divergence
            if wish.alone:
                self._excess = max(0.0, seconds - session.pace.step_seconds)
            if not self._puts_off():
                if wish.alone:
                    self._probe()
                self._keep_state(surely=wish.alone and self._states_are_cheap)
            self._between_calls()
        return None

    def _wish(self) -> Wish:
        """What to do next; where several processes train together, what all of them do."""
        now = time.perf_counter()
        alone = self._is_alone(now)
        wish = Wish(0 if self._control.stopped else 1 if alone else self._count(now), alone)
        return self._session.replicas.agreed(wish) if self._session.replicas else wish

    def _obey(self) -> None:
        """Set the learning rate that was asked for; hold while the run is paused."""
        control, session = self._control, self._session
        while not control.stopped:
            learning_rate = control.take_learning_rate()
            if learning_rate is not None:
                session.learning_rate = learning_rate
            if not control.paused or (session.step < self._goal and control.holds == self._holds):
                return
            self._phase("paused")  # said first: in a large network a look takes longer than a step
            self._look_held()
            while not control.wait(between_looks):
                self._between_calls()
            unit = control.take_unit()
            self._holds = control.holds
            if unit == "step":
                self._goal = session.step + 1
            elif unit == "epoch":
                self._goal = (session.step // session.steps_per_epoch + 1) * session.steps_per_epoch
            if not control.stopped:
                self._phase("training")

    def _puts_off(self) -> bool:
        """Whether looks can wait till after the next step, for somebody wishes something: once, and not for ever."""
        control = self._control
        pressed = control.stopped or control.holds != self._holds or control.rate_is_asked
        self._put_off = pressed and not self._put_off and self._session.replicas is None
        return self._put_off

    def _look_held(self) -> None:
        """Look at the run that is held, as far as nobody goes on at once."""
        keep_state = partial(self._keep_state, surely=True)
        for wait, look in ((between_looks, self._look_ahead), (0.0, self._probe), (0.0, keep_state)):
            if self._control.wait(wait):
                return
            look()

    def _is_alone(self, now: float) -> bool:
        """Whether the next step is taken by itself, for a probe to report its update: the first and the last of all are.

        The first tells the gradients that the network starts with. Where gradients are gathered, the probe waits for the step
        that moves the weights.
        """
        step = self._session.step
        by_hand = self._control.paused and self._goal == step + 1
        wish = self._control.wanted != self._wanted
        due = now >= self._next_probe and not self._session.steps_before_update
        return due or step in (0, self._total - 1) or by_hand or wish

    def _count(self, now: float) -> int:
        """Steps of the next call: what fits the pace, up to where something has to be done."""
        session = self._session
        count = min(session.pace.steps, self._total - session.step - 1, session.stepper.room(session.step))
        measured_here = (session.evaluator is not None or session.running) and not session.stepper.measures_epochs
        if measured_here or session.rules.watching:
            count = min(count, session.steps_per_epoch - session.step % session.steps_per_epoch)
        if self._control.paused:
            count = min(count, max(1, self._goal - session.step))
        if now >= self._next_probe:
            count = min(count, session.steps_before_update)
        return count

    def _take(self, count: int, alone: bool) -> Divergence | None:
        """Take the next `count` steps, or those before the first that is not finite, and report them."""
        session = self._session
        rates = session.learning_rates(count)
        plan = session.batches.plan(session.step, count, rates.astype(np.float32))
        weights = seen_or_why("Updates", session.prober.weights) if alone else None
        updated = alone and not session.steps_before_update
        began = time.perf_counter()
        steps = session.stepper.take(plan, watched=alone)
        seconds = time.perf_counter() - began
        session.pace.note(len(plan), seconds)
        divergence = None
        if not steps.finite:
            plan, steps, divergence = self._take_finite(plan, len(steps.loss))
        if len(plan):
            self._report(plan, steps, rates[: len(plan)], seconds)
            self._note_step(weights, steps, updated=updated)
        return divergence

    def _note_step(self, weights: list[tf.Tensor] | Unseen | None, steps: Steps, *, updated: bool) -> None:
        """Measure the step that was just taken from these `weights`, if they are known; where that fails, it is not told."""
        prober, gradients = self._session.prober, steps.gradients
        if weights is None or gradients is None:
            return
        if not isinstance(weights, Unseen):
            noted = seen_or_why("Updates", prober.note_step, weights, gradients, updated=updated)
        if isinstance(weights, Unseen) or isinstance(noted, Unseen):
            prober.forget()

    def _take_finite(self, plan: Plan, failed: int) -> tuple[Plan, Steps, Divergence]:
        """Take all steps before the first that is not finite, none having been taken yet.

        Some step up to number `failed` of the plan is not. Nearly always it is that one; where a weight was lost earlier,
        without a trace in the loss, the step is found by halving.
        """
        session = self._session
        before = session.state.read()
        good, bad, count = 0, failed, failed - 1
        while good < count < bad:
            session.state.write(before)
            if session.stepper.take(plan.part(0, count)).finite:
                good = count
            else:
                bad = count
            count = (good + bad) // 2
        session.state.write(before)
        steps = session.stepper.take(plan.part(0, good))
        divergence = explain(session.stepper, session.state, plan.part(good, good + 1), session.stock)
        return plan.part(0, good), steps, divergence

    def _report(self, plan: Plan, steps: Steps, learning_rates: Floats, seconds: float) -> None:
        session = self._session
        first = session.step + 1
        session.step += len(plan)
        self._gradient_norms = latest(steps.gradient_norms) or self._gradient_norms
        self._emit(
            StepsTaken(
                self._number,
                first,
                plan.epochs,
                steps.loss,
                steps.metrics,
                learning_rates,
                steps.gradient_norms,
                seconds,
            )
        )
        means = session.epoch_means.add({"loss": steps.loss, **steps.metrics}, plan.sizes)
        ended = np.flatnonzero((first + np.arange(len(plan))) % session.steps_per_epoch == 0)
        if len(ended):
            measured = steps.epochs if session.stepper.measures_epochs else self._measured(steps.epochs)
            self._end_epochs(plan.epochs[ended], first + ended, {**means, **measured})
        elif session.step == self._total:
            means = session.epoch_means.cut(session.batches.batch_size)
            session.state.changes += 1  # running metrics begin anew
            self._end_epochs(plan.epochs[-1:], np.array([session.step]), {**means, **self._measured({})})

    def _measured(self, known: Mapping[str, Floats]) -> dict[str, Floats]:
        """What is due where one epoch ended, except what is `known` already: running metrics, then the validation data."""
        found = {}
        for metric in self._session.running:
            if metric.name not in known:
                found[metric.name] = float(metric.result())
                metric.reset_state()
        found |= self._validate()
        return {**known, **{name: np.array([value]) for name, value in found.items()}}

    def _end_epochs(self, epochs: NDArray[np.int64], steps: NDArray[np.int64], values: Mapping[str, Floats]) -> None:
        names = ("loss", *self._session.metrics)
        ordered = (*names, *(f"val_{name}" for name in names))
        ended = EpochsEnded(self._number, epochs, steps, {name: values[name] for name in ordered if name in values})
        self._emit(ended)
        rules = self._session.rules
        if rules.watching:  # then one epoch at a time
            figures, learning_rate = ended.last_values(), self._session.learning_rate
            self._session.learning_rate = rules.note(int(epochs[-1]), int(steps[-1]), figures, learning_rate)

    def _validate(self) -> dict[str, float]:
        """The figures on the validation data; where several processes train together, the chief measures them for all."""
        session = self._session
        if session.evaluator is None:
            return {}
        if session.replicas is None:
            return self._validated(session.evaluator)
        figures = self._validated(session.evaluator) if session.replicas.is_chief else {}
        return session.replicas.shared(figures, [f"val_{name}" for name in session.evaluator.names])

    def _validated(self, evaluator: Evaluator) -> dict[str, float]:
        """The figures on the validation data; none where a wish to stop cut it short."""
        pace = self._session.validation_pace
        evaluator.begin()
        first, started = 0, time.perf_counter()
        while first < evaluator.batches:
            if self._control.stopped and time.perf_counter() - started >= patience:
                return {}
            count = min(pace.steps, evaluator.batches - first)
            began = time.perf_counter()
            evaluator.measure(first, first + count)
            pace.note(count, time.perf_counter() - began)
            first += count
        return {f"val_{name}": value for name, value in evaluator.values().items()}

    def _trace_looks(self) -> None:
        """Trace what looks at what is wanted now: that takes a hundred times as long as a look, which is to follow soon."""
        self._wanted = self._control.wanted
        self._session.looker.look(self._wanted)

    def _look_ahead(self) -> None:
        """Measure the step to come, and undo it: what is shown of a run that is held is about the weights that it has.

        The step that was measured last may be many steps ago.
        """
        session, step = self._session, self._session.step
        if self._probed_step == step or session.is_over or session.replicas or not session.stepper.is_ready(step, 0):
            return
        before, weights = session.state.read(), seen_or_why("Updates", session.prober.weights)
        updated = not session.steps_before_update
        steps = session.stepper.take(session.batches.plan(step, 1, session.learning_rates(1).astype(np.float32)), watched=True)
        if steps.finite:
            self._note_step(weights, steps, updated=updated)
            self._gradient_norms = latest(steps.gradient_norms) or self._gradient_norms
        session.state.write(before)

    def _probe(self) -> None:
        """Look inside, unless that was done after this very step."""
        session = self._session
        if self._probed_step == session.step:
            return
        if self._wanted != self._control.wanted:
            self._trace_looks()
        began = time.perf_counter()
        self._emit(session.look(self._number, session.step, self._gradient_norms, self._wanted))
        ended = time.perf_counter()
        self._probed_step = session.step
        self._costs.append(ended - began + self._excess)
        share = early_share if session.early_looks else probe_share
        session.early_looks = max(0, session.early_looks - 1)
        # What else the machine does makes a look slow now and then: that is no reason to look away for many seconds.
        self._next_probe = ended + max(least_probe_interval, median_low(self._costs) / share)

    @property
    def _states_are_cheap(self) -> bool:
        """Whether a copy of the state takes no longer than a look: then every look has one, and its moment can be seen again."""
        return bool(self._state_costs) and median_low(self._state_costs) <= median_low(self._costs)

    def _keep_state(self, *, surely: bool = False) -> None:
        """Report everything that decides how the run goes on, for going back: `surely`, or only as often as costs little.

        Where every look has a state anyway there are none between the looks.
        """
        session, began = self._session, time.perf_counter()
        due = surely or (began >= self._next_state and not self._states_are_cheap)
        if not (self._keeps_states and due) or self._state_step == session.step:
            return
        self._emit(StateKept(self._number, session.step, snapshot(session)))
        ended = time.perf_counter()
        self._state_step = session.step
        self._state_costs.append(ended - began)
        self._next_state = ended + median_low(self._state_costs) / state_share

    def _restore(self, divergence: Divergence | None) -> int | None:
        """Put the best weights back where a rule says so and the run cannot go on; returns the epoch that they are from."""
        session = self._session
        restored = session.rules.restore(session.step) if session.is_over or divergence is not None else None
        if restored is not None:
            session.state.changes += 1
            self._probed_step = self._state_step = -1
            session.prober.forget()  # the last step was taken from other weights
        return restored

    def _end(self, divergence: Divergence | None, restored: int | None) -> Ended:
        session = self._session
        weights = "" if restored is None else f"the weights of epoch {restored} were restored"
        if divergence is not None:
            tail = f" {weights[:1].upper()}{weights[1:]}." if weights else ""
            return self._ended("diverged", divergence.sentence + tail, restored=restored)
        if not session.is_over:
            return self._ended("stopped", f"Stopped after step {grouped(session.step)} of {grouped(self._total)}.")
        epochs, rest = divmod(self._total, session.steps_per_epoch)
        in_steps = rest or session.experiment.training.steps is not None
        reason = session.rules.reason or (all_done(self._total, "step") if in_steps else all_done(epochs, "epoch"))
        return self._ended("finished", "; ".join(filter(None, (reason, weights))) + ".", restored=restored)

    def _ended(self, ending: Ending, sentence: str, details: str = "", restored: int | None = None) -> Ended:
        step = self._session.step
        epoch = -(-step // self._session.steps_per_epoch)
        seconds = self._train_seconds, self._compile_seconds
        return Ended(self._number, ending, sentence, step, epoch, *seconds, details, restored)

    def _phase(self, phase: Phase) -> None:
        self._emit(PhaseChanged(self._number, phase))


def latest(norms: Mapping[str, Floats]) -> dict[str, float]:
    """The norms of the last step in which they were measured; empty where they were not."""
    measured = [np.flatnonzero(~np.isnan(values)) for values in norms.values()]
    return {name: float(values[at[-1]]) for (name, values), at in zip(norms.items(), measured, strict=True) if len(at)}


def failure_sentence(error: Exception) -> str:
    """What went wrong, for a person."""
    if isinstance(error, EngineError):
        return error.sentence
    if ran_out_of_memory(error):
        return "The device ran out of memory. Lower the batch size, or use fewer units or filters."
    return f"Training failed: {first_line(error)}. Please look at the details."


def all_done(count: int, what: str) -> str:
    """That a run took all of so many steps or epochs."""
    return f"The {what} is done" if count == 1 else f"All {counted(count, what)} are done"
