"""Runs of the examples that come with the program, and invented looks at them."""

from functools import cache
from pathlib import Path

import numpy as np
from PySide6.QtCore import QPoint

from gui.messages import RunPrepared
from models.data import prepare
from models.data.survey import survey
from models.storage.files import load
from models.telemetry.events import Probed
from models.telemetry.history import History
from models.telemetry.wanted import Looks, Predictions, Wanted, WeightArray

examples = Path(__file__).parents[3] / "resources/examples"


@cache
def run_of(name):
    """The example of this name, as a run whose data are known."""
    experiment = load(examples / f"{name}.wiggle.json")
    return RunPrepared(1, experiment, prepare(experiment))


def numbers_in_data(run):
    """By which a person finds each example that is predicted in the table of all."""
    return 1 + survey(run.experiment.data, run.experiment.seed).predicted


def array(values, strides=None, not_finite=0):
    """An array of weights that is whole unless `strides` says otherwise."""
    values = np.asarray(values, dtype=np.float32)
    strides = strides or (1,) * values.ndim
    shape = tuple(length * stride for length, stride in zip(values.shape, strides, strict=True))
    finite = values[np.isfinite(values)]
    figures = [float(each(finite)) for each in (np.min, np.max, np.mean, np.std)]
    return WeightArray(shape, strides, values, *figures, not_finite)


def drawn(*shape, seed=0):
    """Weights drawn at random."""
    return array(np.random.default_rng(seed).normal(size=shape))


def predicted(run, outputs, losses=None, part="validation"):
    """Predictions of all examples of a part."""
    outputs = np.asarray(outputs, dtype=np.float32)
    losses = np.linspace(0, 1, len(outputs)) if losses is None else losses
    return Predictions(part, len(outputs), np.arange(len(outputs)), outputs, np.asarray(losses, dtype=np.float32))


def show(qtbot, plot, run, looks, layer=None, surface=None, size=(460, 320)):
    """Let the plot show this run as it was looked at; it is drawn."""
    plot.resize(*size)
    plot.show_layer(layer)
    plot.start(run)
    plot.update_from(record(looks, surface))
    with qtbot.waitExposed(plot):
        plot.show()
    plot.refresh()


def record(looks, surface=None, step=7):
    history = History()
    history.append(Probed(1, step, (), surface, looks))
    return history


def looks(**found):
    return Looks(Wanted(), **found)


def choose(plot, way):
    """Choose what is shown, and have it drawn."""
    place = plot.way.findData(way)
    assert place >= 0, way
    plot.way.setCurrentIndex(place)
    plot.refresh()


def click(qtbot, plot, box):
    """Click into the middle of a box of the picture, which has a pixel of the screen for each of its own."""
    from PySide6.QtCore import Qt

    place = QPoint(round(box.left + box.width / 2), round(box.top + box.height / 2))
    qtbot.mouseClick(plot.canvas, Qt.MouseButton.LeftButton, pos=place)
    plot.refresh()


def said(plot):
    """All that is written on the picture."""
    return [text.get_text() for text in plot._texts]
