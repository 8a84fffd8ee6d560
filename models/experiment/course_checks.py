"""What is wrong with the course of a run: its length, its learning rate, the rules at the end of an epoch, its weights."""

from collections.abc import Iterator
from itertools import pairwise
from math import ceil
from typing import cast

from msgspec.structs import replace

from models.experiment import edits
from models.experiment.class_weights import GivenWeights
from models.experiment.counting import grouped
from models.experiment.data import Facts
from models.experiment.encoding import Target
from models.experiment.experiment import Experiment
from models.experiment.figures import Metric, Monitor, measured, validation_prefix
from models.experiment.layers.base import Severity
from models.experiment.losses import Dice, Tversky
from models.experiment.metrics import fits, metric_names
from models.experiment.report import Problem, Remedy
from models.experiment.schedules import ExponentialDecay, InverseTimeDecay, OneCycle, PiecewiseConstantDecay
from models.experiment.training import Precision, Training


def course_problems(experiment: Experiment, facts: Facts | None, target: Target | None) -> Iterator[Problem]:
    """Rules that contradict each other, watch what is not measured, or come too late to do anything."""
    training = experiment.training
    yield from _learning_rate_problems(training)
    if training.early_stopping and training.early_stopping.restore_best_weights and training.keep_best:
        sentence = "early_stopping and keep_best both say whose weights the run ends with: keep_best has the last word."
        remedy = _setting("Leave it to keep_best", "early_stopping.restore_best_weights", False)
        yield _problem("warning", sentence, "early_stopping.restore_best_weights", remedy)
    if facts is None:
        return
    for field, monitor in _monitors(training).items():
        yield from _monitor_problems(training, facts, target, field, monitor)
    yield from _class_weight_problems(training, facts)
    if facts.training_samples > 0 and training.total_steps(facts.training_samples) > 0:
        yield from _length_problems(training, facts.training_samples)


def precision_problems(training: Training, known: tuple[Precision, ...] | None) -> Iterator[Problem]:
    """Whether the device computes with numbers of such a precision; `known` are those it does, none where that is not known."""
    if known is not None and training.precision not in known:
        sentence = f"The device cannot compute with {training.precision}."
        yield _problem("error", sentence, "precision", _setting("Use float32", "precision", "float32"))


def _learning_rate_problems(training: Training) -> Iterator[Problem]:
    schedule, plateau = training.schedule, training.reduce_on_plateau
    if plateau and (schedule or training.warmup_steps):
        names = " and ".join(name for name in ("schedule", "warmup_steps") if getattr(training, name))
        sentence = f"reduce_on_plateau cannot lower a learning rate that {names} decides at every step."
        remedy = Remedy(f"Remove {names}", lambda value: _with(value, schedule=None, warmup_steps=None))
        yield _problem("error", sentence, "reduce_on_plateau", remedy)
    if plateau and plateau.min_lr >= training.optimizer.learning_rate:
        sentence = f"The learning rate cannot be lowered: it is not above min_lr, {plateau.min_lr:g}."
        yield _problem("warning", sentence, "reduce_on_plateau.min_lr", _setting("Use 0", "reduce_on_plateau.min_lr", 0.0))
    if isinstance(schedule, OneCycle) and training.warmup_steps:
        sentence = "OneCycle warms up by itself."
        yield _problem("hint", sentence, "warmup_steps", _setting("Leave warmup_steps out", "warmup_steps", None))
    if isinstance(schedule, PiecewiseConstantDecay):
        yield from _piece_problems(schedule)


def _piece_problems(schedule: PiecewiseConstantDecay) -> Iterator[Problem]:
    boundaries, factors = schedule.boundaries, schedule.factors
    if any(later <= earlier for earlier, later in pairwise(boundaries)):
        pieces = dict(sorted(zip(boundaries, factors, strict=False)))
        increasing = replace(schedule, boundaries=tuple(pieces), factors=tuple(pieces.values()))
        sentence = "Each boundary must be greater than the one before it."
        yield _problem("error", sentence, "schedule.boundaries", _setting("Sort them", "schedule", increasing))
    elif len(boundaries) != len(factors):
        count = min(len(boundaries), len(factors))
        shortened = replace(schedule, boundaries=boundaries[:count], factors=factors[:count])
        sentence = f"Each boundary needs one factor: there are {len(boundaries)} boundaries and {len(factors)} factors."
        yield _problem("error", sentence, "schedule.factors", _setting(f"Keep {count} of both", "schedule", shortened))


def _monitors(training: Training) -> dict[str, Monitor]:
    """What the rules watch, by the field that says so."""
    found: dict[str, Monitor] = {}
    if training.reduce_on_plateau:
        found["reduce_on_plateau.monitor"] = training.reduce_on_plateau.monitor
    if training.early_stopping:
        found["early_stopping.monitor"] = training.early_stopping.monitor
    if training.keep_best:
        found["keep_best"] = training.keep_best
    return found


def _monitor_problems(training: Training, facts: Facts, target: Target | None, field: str, monitor: Monitor) -> Iterator[Problem]:
    rule, name = field.partition(".")[0], measured(monitor)
    if monitor.startswith(validation_prefix) and facts.validation_samples < 1:
        sentence = f"{rule} watches {monitor}, and no example is kept for validation."
        yield _problem("error", sentence, field, _setting(f"Watch {name}", field, name))
    elif name != "loss" and name not in metric_names(training, facts):
        sentence = f"{rule} watches {monitor}, and {name} is not measured."
        metrics = (*metric_names(training, facts), cast(Metric, name))
        if target is not None and fits(cast(Metric, name), target.encoding, training.loss.takes_logits):
            remedy = _setting(f"Measure {name}", "metrics", metrics)
        else:
            loss = monitor.removesuffix(name) + "loss"
            remedy = _setting(f"Watch {loss}", field, loss)
        yield _problem("error", sentence, field, remedy)


def _class_weight_problems(training: Training, facts: Facts) -> Iterator[Problem]:
    rule = training.class_weight
    if rule is None:
        return
    leave_out = _setting("Leave class weights out", "class_weight", None)
    if facts.task in ("regression", "multilabel"):
        words = "numbers to predict have no classes" if facts.task == "regression" else "an example may carry several labels"
        yield _problem("error", f"Classes cannot be weighted: {words}.", "class_weight", leave_out)
        return
    if isinstance(training.loss, Dice | Tversky):
        sentence = f"{training.loss.kind()} looks at a batch as a whole: weights of single examples only scale its loss."
        yield _problem("warning", sentence, "class_weight", leave_out)
    if not isinstance(rule, GivenWeights):
        return
    if len(rule.weights) != facts.outputs:
        weights = (*rule.weights, *(1.0,) * facts.outputs)[: facts.outputs]
        sentence = f"There are {facts.outputs} classes and {len(rule.weights)} weights."
        remedy = _setting(f"Make it {facts.outputs}", "class_weight.weights", weights)
        yield _problem("error", sentence, "class_weight.weights", remedy)
    elif not any(rule.weights):
        sentence = "With all weights 0 there is nothing to learn from."
        yield _problem("error", sentence, "class_weight.weights", leave_out)


def _length_problems(training: Training, examples: int) -> Iterator[Problem]:
    """What comes too late in a run of so many steps and epochs."""
    steps = training.total_steps(examples)
    epochs = ceil(steps / training.steps_per_epoch(examples))
    warmup, accumulated = training.warmup_steps, training.optimizer.gradient_accumulation_steps
    if warmup and warmup >= steps:
        sentence = f"The warm-up of {grouped(warmup)} steps is not over when the run of {grouped(steps)} steps ends."
        tenth = steps // 10 or None
        remedy = _setting(f"Warm up for {grouped(tenth)}" if tenth else "Leave it out", "warmup_steps", tenth)
        yield _problem("warning", sentence, "warmup_steps", remedy)
    if accumulated and accumulated > steps:
        sentence = (
            f"Gradients of {grouped(accumulated)} steps are gathered before the first update, and the run has {grouped(steps)}."
        )
        remedy = _setting("Update at every step", "optimizer.gradient_accumulation_steps", None)
        yield _problem("warning", sentence, "optimizer.gradient_accumulation_steps", remedy)
    change = _first_change(training)
    if change and change + (warmup or 0) >= steps:
        yield _problem(
            "hint", f"The learning rate changes after {grouped(change)} steps, and the run has {grouped(steps)}.", "schedule"
        )
    stopping, plateau = training.early_stopping, training.reduce_on_plateau
    if stopping and stopping.patience + stopping.start_from_epoch + 1 >= epochs:
        sentence = f"Patience for {grouped(stopping.patience)} epochs cannot run out in a run of {grouped(epochs)}."
        yield _problem("hint", sentence, "early_stopping.patience")
    if plateau and plateau.patience + 1 >= epochs:
        sentence = f"Patience for {grouped(plateau.patience)} epochs cannot run out in a run of {grouped(epochs)}."
        yield _problem("hint", sentence, "reduce_on_plateau.patience")


def _first_change(training: Training) -> int | None:
    """The steps after which a schedule that changes at once does so first."""
    schedule = training.schedule
    if isinstance(schedule, PiecewiseConstantDecay):
        return schedule.boundaries[0]
    if isinstance(schedule, ExponentialDecay | InverseTimeDecay) and schedule.staircase:
        return schedule.decay_steps
    return None


def _setting(label: str, path: str, content: object) -> Remedy:
    """Put `content` at a path of the training; where what holds it is gone by then, do nothing."""
    holder = path.rpartition(".")[0]

    def edit(experiment: Experiment) -> Experiment:
        kind = getattr(experiment.training, holder, None) if holder else experiment.training
        there = hasattr(kind, path.rpartition(".")[2])
        return edits.set_at(experiment, f"training.{path}", content) if there else experiment

    return Remedy(label, edit)


def _with(experiment: Experiment, **values: object) -> Experiment:
    return replace(experiment, training=replace(experiment.training, **values))


def _problem(severity: Severity, sentence: str, field: str, remedy: Remedy | None = None) -> Problem:
    return Problem(severity, "training", sentence, field=field, remedy=remedy)
