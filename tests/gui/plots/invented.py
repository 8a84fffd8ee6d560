"""Invented records of runs, for tests and for looking at the plots."""

import dataclasses

import numpy as np
from msgspec.structs import replace

from gui.messages import RunPrepared
from gui.theme import light
from models.data.prepared import Prepared, View
from models.experiment.data import Facts, Spiral
from models.experiment.encoding import Target
from models.experiment.experiment import Experiment
from models.experiment.layers import Dense
from models.experiment.losses import BinaryCrossentropy
from models.experiment.training import Training
from models.telemetry.events import Ended, Histogram, LayerProbe, Probed, Started, StepsTaken
from models.telemetry.history import History
from tests.reports import epoch_ended

layer_names = ("dense", "dense_1", "maxout", "output")


def started(layers=layer_names, metrics=("accuracy",), run=1):
    return Started(run, "CPU", layers, metrics, steps_per_epoch=50, epochs=40)


def steps(first, count, layers=layer_names, seed=0, run=1):
    generator = np.random.default_rng(seed + first)
    number = first + np.arange(count)
    loss = 0.7 * np.exp(-number / 500) + 0.1 + 0.03 * generator.normal(size=count)
    norms = {
        name: 10.0 ** (-0.6 * place) * (0.4 + 0.2 * np.sin(number / 200 + place)) * np.exp(0.15 * generator.normal(size=count))
        for place, name in enumerate(layers)
    }
    accuracy = np.clip(1 - loss + 0.05 * generator.normal(size=count), 0, 1)
    return StepsTaken(run, first, 1 + (number - 1) // 50, np.abs(loss), {"accuracy": accuracy}, np.full(count, 0.03), norms, 0.02)


def epoch(number, run=1):
    value = 0.7 * np.exp(-number * 50 / 500) + 0.13 + 0.0004 * number
    return epoch_ended(
        run, number, number * 50, {"loss": value, "accuracy": 1 - value, "val_loss": value + 0.03, "val_accuracy": 0.95 - value}
    )


def layer_probe(name, place, step, bins=30):
    generator = np.random.default_rng(step + place)
    values = generator.normal(0, 0.6 + 0.2 * place, 2000) + 0.0003 * step
    outputs = np.maximum(values, 0) if place % 2 == 0 else np.tanh(values)
    return LayerProbe(
        name, histogram_of(outputs, bins), float(outputs.mean()), float(outputs.std()), dead=0.31, saturated=None,
        pre_activations=histogram_of(values, bins), gradient_norm=0.1, weight_norm=1.0, update_ratio=1e-3,
    )  # fmt: skip


def histogram_of(values, bins):
    counts, edges = np.histogram(values, bins)
    return Histogram(counts, float(edges[0]), float(edges[-1]))


def probe(step, layers=layer_names, surface=None, run=1):
    return Probed(run, step, tuple(layer_probe(name, place, step) for place, name in enumerate(layers)), surface)


def history(total=1850, layers=layer_names, surface=None, ended=True, every=40):
    record = History()
    record.append(started(layers))
    for first in range(1, total + 1, every):
        count = min(every, total + 1 - first)
        record.append(steps(first, count, layers))
        record.append(probe(first + count - 1, layers, surface))
    for number in range(1, total // 50 + 1):
        record.append(epoch(number))
    if ended:
        record.append(Ended(1, "finished", "", total, total // 50))
    return record


def spiral(turns=1.75, count=100):
    radius = np.linspace(0, 5, count)
    angle = turns * radius / 5 * 2 * np.pi
    first = np.column_stack([radius * np.sin(angle), radius * np.cos(angle)])
    return np.concatenate([first, -first]).astype(np.float32), np.repeat([1, 0], count).astype(np.int32)


def plane_view(size=100, classes=2):
    points, labels = spiral()
    axis = np.linspace(-6, 6, size, dtype=np.float32)
    grid = np.column_stack([each.ravel() for each in np.meshgrid(axis, axis)]).astype(np.float32)
    labels = (labels + (np.arange(len(labels)) % (classes - 1))).astype(np.int32)
    return View("plane", ("x", "y"), (axis, axis), grid, points[::2], points[1::2], labels[::2], labels[1::2])


def regression_view(size=100):
    view = plane_view(size)
    values = (view.training_points.sum(axis=1) / 10).astype(np.float32)
    return View(view.kind, view.axis_names, view.axes, view.inputs, view.training_points, view.validation_points, values, values)


def curve_view():
    x = np.random.default_rng(0).uniform(-1, 1, (200, 1)).astype(np.float32)
    y = (20 + 5 * np.sin(6 * x[:, 0])).astype(np.float32)
    axis = np.linspace(-1.1, 1.1, 200, dtype=np.float32)
    return View("curve", ("x", "y"), (axis,), axis[:, None], x[::2], x[1::2], y[::2], y[1::2])


def spiral_surface(view):
    x, y = view.inputs.T.astype(float)
    radius, angle = np.hypot(x, y), np.arctan2(x, y)
    return 1 / (1 + np.exp(-3 * np.cos(angle - 1.75 * radius / 5 * 2 * np.pi)))[:, None]


binary = Target("zero_one", (1,), 1)
real = Target("real", (1,), 1)


def run(view=None, target=binary, class_names=()):
    """A run whose data are known, with a loss that takes raw scores."""
    training = Training(loss=BinaryCrossentropy(from_logits=True))
    experiment = Experiment(data=Spiral(), network=(Dense(name="output", units=1),), training=training)
    facts = Facts((2,), "binary", 2, 100, 100, class_names=class_names)
    x, y = np.zeros((100, 2), np.float32), np.zeros(100, np.int32)
    return RunPrepared(1, experiment, Prepared(facts, target, x, y, x, y, view))


def visible(qtbot, kind, width=420, height=300):
    """A plot of this kind that can be seen."""
    plot = kind(light)
    qtbot.addWidget(plot)
    plot.resize(width, height)
    with qtbot.waitExposed(plot):
        plot.show()
    return plot


def draw(qtbot, plot, history=None):
    """Let the plot draw all of this record, or what it knows already."""
    if history is not None:
        plot.update_from(history)
    qtbot.waitUntil(lambda: not plot.refresh())


def shown(qtbot, kind, network):
    """A small plot of this kind that can be seen, in a run of `network`."""
    plot = visible(qtbot, kind)
    invented = run()
    plot.start(dataclasses.replace(invented, experiment=replace(invented.experiment, network=network)))
    return plot
