"""Trains on one processor and on two virtual ones, in a process of its own, and prints how far they are apart.

A program, because TensorFlow divides a processor only before anything was computed. Arguments: names of `cases`, or none for all.
"""

import json
import sys

import numpy as np
import tensorflow as tf

from models.engine import startup

startup.load()
tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 2
)

from models.engine.replicas import Replicas, strategy_for  # noqa: E402
from models.engine.session import Session  # noqa: E402
from models.experiment import activations, optimizers  # noqa: E402
from models.experiment import losses as kinds  # noqa: E402
from models.experiment.layers import BatchNormalization, Dropout  # noqa: E402
from models.experiment.optimizers import SGD, Adam  # noqa: E402
from models.experiment.regularizers import L1, L2  # noqa: E402
from models.telemetry.control import Control  # noqa: E402
from models.telemetry.events import Probed, StepsTaken  # noqa: E402
from tests.models.engine.samples import data_for, dense, epochs, experiment, losses, weights  # noqa: E402

regularized = (
    dense(6, activations.Tanh(), "first", kernel_regularizer=L2(l2=0.05), activity_regularizer=L2(l2=0.1)),
    dense(5, activations.Tanh(), "second", activity_regularizer=L1(l1=0.1)),
)
normalized = (regularized[0], BatchNormalization(name="norm"), Dropout(name="drop", rate=0.3), regularized[1])

cases = {
    "odd batches, clipped as a whole, running metrics": (None, "binary", {
        "optimizer": Adam(learning_rate=0.05, global_clipnorm=0.1), "batch_size": 7, "metrics": ("accuracy", "auc"),
        "shuffle": True, "epochs": 17,
    }),
    "a last batch of one example": (None, "binary", {
        "optimizer": optimizers.AdamW(clipnorm=0.05), "batch_size": 19, "epochs": 25,
    }),
    "penalties": (regularized, "multiclass", {
        "loss": kinds.SparseCategoricalCrossentropy(), "optimizer": optimizers.RMSprop(), "batch_size": 7, "epochs": 17,
    }),
    "overlap of the whole batch": (None, "binary", {
        "loss": kinds.Dice(), "optimizer": SGD(learning_rate=0.5, momentum=0.9), "epochs": 17, "shuffle": True,
    }),
    "overlap with weights": (None, "binary", {
        "loss": kinds.Tversky(alpha=0.3, beta=0.7), "optimizer": SGD(learning_rate=0.5), "epochs": 17, "shuffle": True,
    }),
    "clipped values": (None, "regression", {
        "loss": kinds.Huber(), "optimizer": SGD(learning_rate=0.1, clipvalue=0.01, momentum=0.9), "batch_size": 7, "epochs": 17,
    }),
    "embeddings": (None, "multiclass", {
        "loss": kinds.Circle(), "last": activations.Linear(), "optimizer": Adam(), "batch_size": 10, "epochs": 25, "metrics": (),
    }),
    "normalization": (normalized, "binary", {"optimizer": Adam(learning_rate=0.05), "batch_size": 8, "epochs": 17}),
    "diverging": (None, "regression", {
        "loss": kinds.MeanSquaredError(), "optimizer": SGD(learning_rate=1e9), "batch_size": 7, "epochs": 17, "metrics": (),
    }),
}  # fmt: skip


together = Replicas(strategy_for(["/device:CPU:0", "/device:CPU:1"]))
"""One for all: TensorFlow counts what devices exchange anew for each strategy, and takes the exchanges of two for the same."""


def trained(value, prepared, device):
    session, events = Session(value, prepared, device), []
    return session, events, session.train(events.append, Control())


def gradient_norms(events):
    taken = [event for event in events if isinstance(event, StepsTaken)]
    return {name: np.concatenate([event.gradient_norms[name] for event in taken]) for name in taken[0].gradient_norms}


def distance(one, other):
    """Greatest difference of corresponding numbers, relative to those above 1."""
    pairs = [(np.asarray(left), np.asarray(right)) for left, right in zip(one, other, strict=True)]
    return max(float(np.max(np.abs(left - right) / np.maximum(1.0, np.abs(left)), initial=0.0)) for left, right in pairs)


def compare(name):
    network, task, training = cases[name]
    value = experiment(network, task, training.pop("last", None), **training)
    prepared = data_for(value, task, held=7, view=True)
    one, alone, first = trained(value, prepared, "cpu")
    two, divided, second = trained(value, prepared, together)
    ends = [list(values.values()) for values in epochs(alone)], [list(values.values()) for values in epochs(divided)]
    mirrored = [variable.value.values for variable in two.model.variables]
    return {
        "steps": one.step,
        "endings": [first.sentence, second.sentence],
        "weights": distance(weights(one.model), weights(two.model)),
        "losses": distance([losses(alone)], [losses(divided)]),
        "epochs": distance(*ends) if ends[0] else 0.0,
        "gradient norms": distance(gradient_norms(alone).values(), gradient_norms(divided).values()),
        "copies": distance([copies[0] for copies in mirrored], [copies[1] for copies in mirrored]),
        "moved": distance(weights(one.model), weights(Session(value, prepared, "cpu").model)),
        "looks inside": [sum(isinstance(event, Probed) for event in events) > 1 for events in (alone, divided)],
        "device": two.device.name,
    }  # fmt: skip


if __name__ == "__main__":
    print(json.dumps({name: compare(name) for name in sys.argv[1:] or cases}))
