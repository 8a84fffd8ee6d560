"""Keras's learning-rate schedules, as functions of the step: what to multiply the optimizer's own learning rate with, and when.

A schedule has no learning rate of its own. It acts on the optimizer's, so a rate that is changed while a run goes on takes the
schedule with it. Steps count from 0, one a batch, as Keras's optimizers count them.
"""

from bisect import bisect_left
from math import cos, floor, pi, pow
from typing import Annotated

from msgspec import Meta

from models.experiment.base import NonNegative, Variant

Steps = Annotated[int, Meta(ge=1, le=1_000_000_000)]
DecaySteps = Annotated[Steps, Meta(description="Steps after which the decay has been applied once.")]
Span = Annotated[
    Steps | None,
    Meta(description="Steps the decay takes; none: it ends with the run.", extra={"none": "whole run", "start": 1000}),
]
Staircase = Annotated[bool, Meta(description="Change at once after so many steps, in place of a little at each: a step decay.")]
Factor = Annotated[float, Meta(gt=0, le=1000)]
Division = Annotated[float, Meta(ge=1, le=1e12)]


class ScheduleKind(Variant):
    """How the learning rate changes in the course of a run."""

    def rate(self, step: int, total: int, base: float) -> float:
        """The learning rate of the step numbered `step` (from 0) of a run of `total` steps, `base` being the optimizer's own."""
        raise NotImplementedError


class CosineDecay(ScheduleKind, tag="CosineDecay"):
    """Falls along half a wave of the cosine, slowly at both ends (Loshchilov & Hutter, 2016)."""

    decay_steps: Span = None
    alpha: Annotated[float, Meta(ge=0, le=1, description="Share of the learning rate that is left at the end.")] = 0.0

    def rate(self, step: int, total: int, base: float) -> float:
        done = _share(step, self.decay_steps or total)
        return base * ((1 - self.alpha) * 0.5 * (1 + cos(pi * done)) + self.alpha)


class OneCycle(ScheduleKind, tag="OneCycle"):
    """Rises to the optimizer's learning rate and falls to almost nothing, along cosines, within one run (Smith, 2018).

    Source: ``fit_one_cycle`` of fastai (``fastai/callback/schedule.py``), of which this is the learning rate's part; momentum
    stays as it is.
    """

    pct_start: Annotated[float, Meta(ge=0.01, le=0.99, description="Share of the run in which the learning rate rises.")] = 0.25
    div_factor: Annotated[Division, Meta(description="The run starts at the learning rate divided by this.")] = 25.0
    final_div_factor: Annotated[Division, Meta(description="The run ends at the learning rate divided by this.")] = 1e5

    def rate(self, step: int, total: int, base: float) -> float:
        done = _share(step, total)
        if done < self.pct_start:
            return _between(base / self.div_factor, base, done / self.pct_start)
        return _between(base, base / self.final_div_factor, (done - self.pct_start) / (1 - self.pct_start))


class ExponentialDecay(ScheduleKind, tag="ExponentialDecay"):
    """Multiplied by the same factor every so many steps: gradually, or at once as a step decay."""

    decay_steps: DecaySteps = 1000
    decay_rate: Annotated[float, Meta(ge=1e-6, le=1, description="Factor for so many steps.")] = 0.9
    staircase: Staircase = False

    def rate(self, step: int, total: int, base: float) -> float:
        return base * pow(self.decay_rate, _periods(step, self.decay_steps, self.staircase))


class PiecewiseConstantDecay(ScheduleKind, tag="PiecewiseConstantDecay"):
    """Constant between given steps: a step decay with steps of any length and height."""

    boundaries: Annotated[
        tuple[Steps, ...],
        Meta(
            min_length=1,
            max_length=100,
            description="The last step, counted from 0, before each change; increasing.",
            extra={"unit": "steps"},
        ),
    ] = (1000, 2000)
    factors: Annotated[
        tuple[Factor, ...],
        Meta(min_length=1, max_length=100, description="What the learning rate is multiplied with after each of the boundaries."),
    ] = (0.1, 0.01)

    def rate(self, step: int, total: int, base: float) -> float:
        return base * (1.0, *self.factors)[min(bisect_left(self.boundaries, step), len(self.factors))]


class PolynomialDecay(ScheduleKind, tag="PolynomialDecay"):
    """Falls to an end value along a power of what is left; with power 1 along a straight line."""

    decay_steps: Span = None
    end_learning_rate: Annotated[NonNegative, Meta(description="Learning rate at the end.")] = 0.0001
    power: Annotated[float, Meta(ge=0.01, le=100, description="1: a straight line; 2: fast at first.")] = 1.0
    cycle: Annotated[bool, Meta(description="Begin again from a multiple of the steps when they are over.")] = False

    def rate(self, step: int, total: int, base: float) -> float:
        steps = self.decay_steps or max(total, 1)
        if self.cycle:
            steps *= max(1, -(-step // steps))
        left = 1 - _share(step, steps)
        return (base - self.end_learning_rate) * pow(left, self.power) + self.end_learning_rate


class InverseTimeDecay(ScheduleKind, tag="InverseTimeDecay"):
    """Divided by a number that grows evenly: 1 / t."""

    decay_steps: DecaySteps = 1000
    decay_rate: Annotated[float, Meta(gt=0, le=1000, description="What is added to the divisor in so many steps.")] = 1.0
    staircase: Staircase = False

    def rate(self, step: int, total: int, base: float) -> float:
        return base / (1 + self.decay_rate * _periods(step, self.decay_steps, self.staircase))


Schedule = CosineDecay | OneCycle | ExponentialDecay | PiecewiseConstantDecay | PolynomialDecay | InverseTimeDecay


def rate(schedule: Schedule | None, warmup_steps: int | None, step: int, total: int, base: float) -> float:
    """The learning rate of step `step` (from 0) of a run of `total` steps; `base` is the optimizer's own learning rate.

    Warm-up rises evenly from 0 (Goyal et al., 2017, section 2.2); the schedule then has what is left of the run. This is what
    Keras's ``CosineDecay`` does with ``warmup_steps``, here for every schedule and for none.
    """
    warmup = warmup_steps or 0
    if step < warmup:
        return base * step / warmup
    return base if schedule is None else schedule.rate(step - warmup, max(total - warmup, 1), base)


def _share(step: int, steps: int) -> float:
    """What part of so many steps is done."""
    return min(step, steps) / max(steps, 1)


def _periods(step: int, steps: int, whole: bool) -> float:
    periods = step / steps
    return floor(periods) if whole else periods


def _between(start: float, end: float, share: float) -> float:
    """From `start` to `end` along half a wave of the cosine."""
    return start + (1 + cos(pi * (1 - share))) * (end - start) / 2
