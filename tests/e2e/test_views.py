"""Every view of every layer of every example, as the real engine sees it: what is written stays inside, and nothing fails."""

import numpy as np
import pytest

from gui.plots.maps import MapPlot
from gui.plots.views.neuron_plot import NeuronPlot
from gui.plots.views.prediction_plot import PredictionPlot
from gui.plots.views.surface_plot import SurfacePlot
from gui.plots.views.weight_plot import WeightPlot
from gui.theme import light
from models.telemetry.wanted import Wanted
from tests.gui.plots.looked import examples, record, run_of
from tests.sampling import sampled

pytestmark = [pytest.mark.e2e, pytest.mark.engine]

names = [path.name.removesuffix(".wiggle.json") for path in sorted(examples.glob("*.wiggle.json"))]


@pytest.mark.parametrize("name", sampled(names, "sine", "order-transformer"))
def test_every_way_to_show_every_layer(qtbot, name):
    run = run_of(name)
    layers = [layer.name for layer in run.experiment.network]
    history = looked_at(run, layers)
    plots = [PredictionPlot(light), SurfacePlot(light), *(kind(light) for kind in (NeuronPlot, WeightPlot) for _ in layers)]
    for plot, layer in zip(plots, [None, None, *layers, *layers], strict=True):
        qtbot.addWidget(plot)
        plot.resize(300, 230)  # the place of a panel among six in a window of 1100 × 700
        plot.show_layer(layer)
        plot.start(run)
        plot.update_from(history)
        with qtbot.waitExposed(plot):
            plot.show()
        plot.refresh()
        for way in range(plot.way.count()) if isinstance(plot, MapPlot) else [0]:
            if isinstance(plot, MapPlot):
                plot.way.setCurrentIndex(way)
            plot.refresh()
            check(plot)
        plot.hide()


def looked_at(run, layers):
    """A record with the first look at a run, at all that can be wanted."""
    from models.engine import startup

    startup.load()
    from models.engine.session import Session

    session, everything = Session(run.experiment, run.prepared, "cpu"), frozenset(layers)
    with session.scope():
        view = run.prepared.view
        surface = None if view is None else session.predict(view.inputs).astype(np.float64)
        found = session.looker.look(Wanted(everything, everything, predictions=True, answers=True))
    assert set(found.neurons) == set(found.weights) == everything
    return record(found, surface, step=0)


def check(plot):
    width, height = plot.figure.bbox.width, plot.figure.bbox.height
    for written in plot.written:
        place = written.place
        assert place.left() > -2, written
        assert place.top() > -2, written
        assert place.right() < width + 2, written
        assert place.bottom() < height + 2, written
    for across in np.linspace(0, width, 12):
        for up in np.linspace(0, height, 12):
            x, y = plot.axes.transData.inverted().transform((across, up))
            assert plot.is_empty or isinstance(plot.describe(x, y), str)
    columns, rows = plot.table()
    assert all(len(row) == len(columns) for row in rows)
