"""The learning-rate finder: a short training whose learning rate grows until the loss explodes (Smith, 2015)."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from models.engine.compiled import Compiled
from models.engine.examples import Examples
from models.engine.steps import Loop, Step
from models.telemetry.control import Control
from models.telemetry.sweep import Sweep, highest, lowest, usual_steps

if TYPE_CHECKING:
    from models.engine.session import Session

Floats = NDArray[np.float64]

most_examples = 512
"""On so many examples the loss is measured after each step, always the same: that of a small batch is mostly noise."""
memory = 0.8
"""Of the running mean of the loss."""
exploded = 4.0
"""The sweep ends where the smoothed loss is so many times the best one, as in fastai's ``lr_find``."""
most_at_once = 100
"""Steps between two looks whether the sweep is to end."""
least_fall = 0.01
"""Share by which the loss must fall for the sweep to say anything."""


def sweep(
    session: "Session",
    low: float = lowest,
    high: float = highest,
    steps: int = usual_steps,
    control: Control | None = None,
) -> Sweep:
    """Train a fresh copy of the session's network with learning rates from `low` to `high`, one a step, in equal factors.

    Where gradients are gathered a step is one that moves the weights, with all those before it that only gather for it.
    The session itself, its weights and its place in the run, stays as it is. Ends early where the loss explodes or `control`
    says stop.
    """
    rates = np.geomspace(low, high, steps)
    with session.scope():
        losses = _losses(session, rates, control)
    if control is not None and control.stopped:
        return _told(rates, losses, "Stopped before the end.")
    return conclude(rates[: len(losses)], losses)


def conclude(rates: Floats, losses: Floats) -> Sweep:
    """What the losses after steps at these learning rates say.

    The suggestion is the geometric mean of two rules of thumb, both of fastai's ``lr_find``: where the smoothed loss falls most
    steeply over the logarithm of the learning rate, and a tenth of where it is least. The first alone is often bold, the second
    timid.
    """
    if len(losses) < 3:
        return _told(rates, losses, "The loss is not finite from the beginning: look at the data and the initial weights.")
    smoothed = smooth(losses)
    best = int(np.argmin(smoothed))
    if smoothed[best] > (1 - least_fall) * smoothed[0] or best < 2:
        return _told(rates, losses, "The loss did not fall at any learning rate: the network does not learn from these data so.")
    slopes = np.gradient(smoothed[: best + 1], np.log(rates[: best + 1]))
    steepest, least = float(rates[int(np.argmin(slopes))]), float(rates[best])
    suggestion = rounded((steepest * least / 10) ** 0.5)
    sentence = f"Between {steepest:.2g}, where the loss falls most steeply, and a tenth of {least:.2g}, where it is least."
    return Sweep(rates, losses, smoothed, suggestion, sentence)


def smooth(losses: Floats) -> Floats:
    """Running means with a fading memory, corrected for its beginning, as in fastai and Adam."""
    found = np.empty(len(losses))
    mean = 0.0
    for index, loss in enumerate(losses):
        mean = memory * mean + (1 - memory) * loss
        found[index] = mean / (1 - memory ** (index + 1))
    return found


def rounded(rate: float) -> float:
    """A learning rate as one would write it: two digits."""
    return float(f"{rate:.1e}")


def _told(rates: Floats, losses: Floats, sentence: str) -> Sweep:
    return Sweep(rates[: len(losses)], losses, smooth(losses), None, sentence)


def _losses(session: "Session", rates: Floats, control: Control | None) -> Floats:
    """The loss after each step, up to where it explodes or the sweep is stopped."""
    step, loop = session.fresh()
    gathered = session.experiment.training.optimizer.gradient_accumulation_steps or 1
    measure = _measure(step, session.stock.at(session.batches.order(0)[:most_examples]))
    loop.compile()
    losses: list[float] = []
    mean = least = float("inf")
    for index, rate in enumerate(rates):
        begin = index * gathered
        parts = (range(begin, begin + gathered)[first : first + most_at_once] for first in range(0, gathered, most_at_once))
        if not all(_taken(session, loop, part, rate, control) for part in parts):
            break
        loss = float(measure())
        if not np.isfinite(loss):
            break
        losses.append(loss)
        mean = float(smooth(np.array(losses))[-1])
        least = min(least, mean)
        if mean > exploded * least:
            break
    return np.array(losses)


def _taken(session: "Session", loop: Loop, steps: range, rate: float, control: Control | None) -> bool:
    """Take steps of these numbers; false where nobody wants them any more, or one is not finite."""
    if control is not None and control.stopped:
        return False
    return loop.take(session.batches.plan(steps.start, len(steps), rate)).finite


def _measure(step: Step, examples: Examples) -> Callable[[], tf.Tensor]:
    """Measures the loss on `examples` as it is in training: normalization takes means and variances of these examples."""

    def loss() -> tf.Tensor:
        outputs = step.model(examples.x, training=True)
        return step.model.compute_loss(x=examples.x, y=examples.y, y_pred=outputs, sample_weight=examples.weights, training=True)

    return Compiled(loss)
