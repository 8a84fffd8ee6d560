"""The four plots together: one drawing a tick, nothing lost, and room used well."""

import pytest

from gui.plots.header import Entry
from gui.plots.panel import PlotPanel
from gui.plots.plot import Plot
from gui.theme import dark, light
from models.experiment.data import Spiral
from models.experiment.experiment import Experiment
from models.experiment.layers import Dense
from models.experiment.losses import BinaryCrossentropy
from models.experiment.training import Training
from tests.gui.plots import invented

experiment = Experiment(
    data=Spiral(), network=(Dense(name="output", units=1),), training=Training(loss=BinaryCrossentropy(from_logits=True))
)


@pytest.fixture
def panel(qtbot):
    panel = PlotPanel(light)
    qtbot.addWidget(panel)
    panel.resize(540, 640)
    with qtbot.waitExposed(panel):
        panel.show()
    settle(qtbot, panel)
    return panel


def draws(panel):
    return sum(plot.draws for plot in panel.plots)


def redraws(panel):
    return sum(plot.redraws for plot in panel.plots)


def settle(qtbot, panel):
    def quiet():
        before = draws(panel)
        for _ in range(2 * len(panel.plots)):
            panel.tick()
        return draws(panel) == before

    qtbot.waitUntil(quiet)


def record(ended=False):
    return invented.history(500, surface=invented.spiral_surface(invented.plane_view()), ended=ended)


def test_everything_is_drawn_for_one_plot_a_tick_and_not_while_its_curves_are_made(qtbot, panel):
    panel.set_theme(dark)
    for _ in panel.plots:
        before = redraws(panel)
        panel.tick()
        assert redraws(panel) == before
    for number in range(1, 5):
        before = redraws(panel)
        panel.tick()
        assert redraws(panel) == before + 1, number
    before = draws(panel)
    for _ in panel.plots:
        panel.tick()
    assert draws(panel) == before


def test_a_run_is_shown_in_all_four_and_the_next_one_starts_empty(qtbot, panel):
    panel.start(experiment, invented.plane_view(), invented.binary, class_names=("−1", "+1"))
    assert panel.loss.header.subtitle.text() == "binary crossentropy"
    panel.consume(record(ended=True))
    settle(qtbot, panel)
    assert not any(plot.is_empty for plot in panel.plots)
    assert [entry.name for entry in panel.surface.header.legend.entries] == ["−1", "+1"]
    panel.start(experiment, invented.plane_view(), invented.binary)
    assert panel.loss.is_empty
    assert panel.activations.is_empty
    assert panel.surface.available
    panel.clear()
    assert all(plot.is_empty for plot in panel.plots)


def test_without_a_view_the_activations_take_the_row_and_a_line_says_why(qtbot, panel):
    assert panel.surface.isVisible()
    before = panel.activations.width()
    panel.start(experiment, None, invented.binary)
    qtbot.waitUntil(lambda: panel.activations.width() > 1.5 * before)
    assert not panel.surface.isVisible()
    assert "one or two features" in panel._no_view.text()
    assert panel._no_view.isVisible()
    panel.start(experiment, invented.plane_view(), invented.binary)
    assert panel.surface.isVisible()
    assert not panel._no_view.isVisible()


def test_all_four_have_the_same_room_whatever_the_layers_are_called(qtbot, panel):
    sizes = {card.size().toTuple() for card in panel._cards}
    widths, heights = zip(*sizes, strict=True)
    assert max(widths) - min(widths) <= 1
    assert max(heights) - min(heights) <= 1
    panel.gradients.header.set_legend([Entry("a_very_long_name_of_a_layer" * 3, "#ff0000")])
    panel.set_theme(dark)
    settle(qtbot, panel)
    assert {card.size().toTuple() for card in panel._cards} == sizes


def test_raw_scores_are_understood_as_the_loss_does(qtbot, panel):
    panel.start(experiment, invented.plane_view(), invented.binary)
    assert panel.surface._meaning.logits


def test_a_tick_draws_one_plot_and_none_falls_behind(qtbot, panel, monkeypatch):
    monkeypatch.setattr(Plot, "slice_seconds", 60.0)
    panel.start(experiment, invented.plane_view(), invented.binary)
    history = record()
    panel.consume(history)
    settle(qtbot, panel)
    counts = [plot.draws for plot in panel.plots]
    for frame in range(60):
        history.append(invented.steps(501 + 100 * frame, 100))
        history.append(invented.probe(600 + 100 * frame, surface=invented.spiral_surface(invented.plane_view())))
        panel.consume(history)
        before = draws(panel)
        panel.tick()
        assert draws(panel) <= before + 1
    drawn = [plot.draws - count for plot, count in zip(panel.plots, counts, strict=True)]
    assert min(drawn) >= 5  # at most three ticks each: for the curves' points, for axes and texts, for the curves
