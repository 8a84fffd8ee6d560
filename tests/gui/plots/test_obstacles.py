"""A panel that waits for what cannot come says so, and why."""

import dataclasses

import numpy as np
import pytest

from gui.plots.views.activation_plot import ActivationPlot
from gui.plots.views.data_plot import DataPlot
from gui.plots.views.depth_plot import DepthPlot
from gui.plots.views.neuron_plot import NeuronPlot
from gui.plots.views.nonlinearity_plot import NonLinearityPlot
from gui.plots.views.prediction_plot import PredictionPlot
from gui.plots.views.surface_plot import SurfacePlot
from gui.plots.views.weight_plot import WeightPlot
from models.engine.attempts import why_unseen
from models.telemetry.events import Ended, Probed, StateKept
from models.telemetry.history import History
from models.telemetry.wanted import Looks, Neurons, Unseen, Wanted
from tests.gui.plots import invented

why = Unseen("This cannot be shown: no memory.")
everything = Wanted(frozenset({"output"}), frozenset({"output"}), predictions=True, answers=True)
on_demand = (NeuronPlot, WeightPlot, PredictionPlot)
of_statistics = (ActivationPlot, DepthPlot, NonLinearityPlot)


def started(qtbot, kind):
    plot = invented.visible(qtbot, kind)
    plot.show_layer("output")
    plot.start(invented.run(invented.plane_view()))
    return plot


def record(*events):
    history = History()
    for event in (invented.started(("output",)), *events):
        history.append(event)
    return history


def told(plot, history):
    """What stands in the middle of an empty plot that follows this record."""
    plot.follow(history)
    plot.refresh()
    assert plot.is_empty
    return " ".join(plot._empty.get_text().split())


@pytest.mark.parametrize("kind", on_demand)
def test_what_was_wanted_and_could_not_be_looked_at_is_said_until_it_can_be(qtbot, kind):
    plot = started(qtbot, kind)
    before = told(plot, record(Probed(1, 3, (), looks=Looks(everything), unseen="of the layers")))
    assert "next look inside" in before
    redraws = plot.redraws
    assert told(plot, record(Probed(1, 4, (), looks=Looks.none_of(everything, why)))) == why.sentence
    assert plot.redraws == redraws + 1
    assert told(plot, record(Probed(1, 5, (), looks=Looks(everything)))) == before


def test_of_what_was_looked_at_nothing_is_said(qtbot):
    plot = started(qtbot, NeuronPlot)
    told(plot, record(Probed(1, 4, (), looks=Looks.none_of(everything, why))))
    seen = Neurons("output", "plane", 1, np.zeros((1, 100, 100), np.float32))
    plot.follow(record(Probed(1, 5, (), looks=Looks(everything, {"output": seen}))))
    plot.refresh()
    assert not plot.is_empty
    assert not plot._empty.get_visible()


@pytest.mark.parametrize("kind", of_statistics)
def test_layers_that_could_not_be_looked_into_are_told(qtbot, kind):
    plot = started(qtbot, kind)
    assert told(plot, record(Probed(1, 3, (), unseen=why.sentence))) == why.sentence


@pytest.mark.parametrize("kind", [*on_demand, *of_statistics])
def test_after_a_run_that_failed_nothing_is_waited_for(qtbot, kind):
    plot = started(qtbot, kind)
    failed = Ended(1, "failed", "It broke. Press Train again.", 3, 1)
    assert told(plot, record(failed)) == "There is nothing to see, for the run failed: It broke. Press Train again."


@pytest.mark.parametrize("kind", on_demand)
def test_of_a_moment_whose_weights_are_not_kept_nothing_is_waited_for(qtbot, kind):
    plot = started(qtbot, kind)
    history = record(Probed(1, 3, ()), StateKept(1, 3, {}), Probed(1, 12, ()))
    history.show(12)
    assert told(plot, history).startswith("The weights of step 12 are not kept")
    history.show(3)
    assert "next look inside" in told(plot, history)


def test_regions_that_cannot_be_computed_are_told_over_the_data(qtbot):
    plot = started(qtbot, SurfacePlot)
    plot.follow(record(Probed(1, 3, (), unseen="of the layers", surface_unseen=why.sentence)))
    plot.refresh()
    assert plot.note.get_text().replace("\n", " ") == why.sentence
    plot.follow(record(dataclasses.replace(invented.probe(4, ("output",), np.zeros((10_000, 1))), looks=Looks(everything))))
    plot.refresh()
    assert plot.note.get_text() == ""


def test_a_sentence_that_axes_have_no_room_for_stands_over_the_whole_panel(qtbot):
    plot = started(qtbot, DepthPlot)
    plot.resize(190, 130)
    sentence = why_unseen("What is inside the layers", MemoryError()).sentence
    assert told(plot, record(Probed(1, 3, (), unseen=sentence))) == sentence
    box = plot._empty.get_window_extent(plot.canvas.get_renderer())
    assert box.y0 >= 0
    assert box.y1 <= plot.figure.bbox.height


def test_data_need_no_run(qtbot):
    assert invented.visible(qtbot, DataPlot).obstacle_in(record(Ended(1, "failed", "", 0, 0))) == ""
