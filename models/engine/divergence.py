"""Finds out where a training left the finite numbers, and says so."""

from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf

from models.engine.batches import Plan
from models.engine.examples import Examples, Stock
from models.engine.racing import Stepper
from models.engine.steps import State, Step
from models.experiment.counting import grouped

advice = "Lower the learning rate or clip the gradient."
other_start = "Start from others: import the network once more, or forget its weights."


@dataclass(frozen=True)
class Divergence:
    """A step that could not be taken, and why."""

    step: int
    sentence: str


def explain(stepper: Stepper, state: State, plan: Plan, stock: Stock) -> Divergence:
    """Why the only step of `plan` is not finite; leaves the state as it is."""
    before = state.read()
    model, rows, step = stepper.step.model, plan.batch(0), plan.first + 1
    batch = stock.at(rows)
    where = f"Step {grouped(step)} (epoch {grouped(plan.epochs[0])})"
    try:
        start = _bad_layer(model)
        if start is not None:
            return Divergence(step, f"{where} was not taken: the weights of layer {start} are not finite. {other_start}")
        reason = _bad_output(model, batch.x) or _bad_gradient(stepper.step, batch)
        state.write(before)
        if reason is None:
            stepper.step.take(batch, tf.constant(plan.learning_rates[0]))
            layer = _bad_layer(model)
            reason = None if layer is None else f"after it the weights of layer {layer} would not be finite"
    finally:
        state.write(before)
    bad = [int(row) for row, example in zip(rows, batch.x, strict=True) if not np.isfinite(example).all()]
    if bad:
        remedy = f"Example {bad[0]} of the training data (counted from 0) holds a number that is not finite: mend or remove it."
    else:
        remedy = advice
    return Divergence(step, f"{where} was not taken: {reason or 'its loss or weights are not finite'}. {remedy}")


def _bad_output(model: keras.Model, x: tf.Tensor) -> str | None:
    layers = model.layers[1:]
    outputs = keras.Model(model.input, [layer.output for layer in layers])(x, training=True)
    for layer, output in zip(layers, outputs if len(layers) > 1 else tf.nest.flatten(outputs), strict=True):
        if not _finite(output):
            return f"{layer.name} is the first layer whose output is not finite"
    return None


def _bad_gradient(step: Step, batch: Examples) -> str | None:
    """The gradient runs from the output backwards, so the last layer without a finite one is where it was lost."""
    loss, gradients, _ = step.gradients(batch)
    norms = np.asarray(step.norms(gradients))
    bad = [name for name, norm in zip(step.layers, norms, strict=True) if not np.isfinite(norm)]
    if not bad:
        return None if _finite(loss) else f"all outputs are finite, but the loss is {float(loss)}"
    loss_too = "" if _finite(loss) else f"the loss is {float(loss)} and "
    return f"{loss_too}the gradient of layer {bad[-1]} is not finite"


def _bad_layer(model: keras.Model) -> str | None:
    """The first layer whose weights are not finite."""
    return next((layer.name for layer in model.layers if not all(_finite(weight.value) for weight in layer.weights)), None)


def _finite(tensor: tf.Tensor) -> bool:
    return bool(np.isfinite(tensor).all())
