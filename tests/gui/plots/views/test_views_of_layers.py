"""What the views of layers promise beside what each of them shows: what all plots do."""

import dataclasses

import numpy as np
import pytest

from gui.plots.views.depth_plot import DepthPlot
from gui.plots.views.nonlinearity_plot import NonLinearityPlot
from gui.theme import dark
from models.experiment.activations import Tanh
from models.experiment.layers import Dense
from models.telemetry.events import Histogram
from models.telemetry.history import History
from tests.gui.plots import invented
from tests.gui.plots.axes.test_furniture import check
from tests.gui.plots.test_plots import check_texts, settle, texts_of

views = pytest.mark.parametrize("kind", [NonLinearityPlot, DepthPlot])
network = tuple(Dense(name=name, units=4, activation=Tanh()) for name in invented.layer_names)


def shown(qtbot, kind):
    return invented.shown(qtbot, kind, network)


def look(step):
    found = invented.probe(step)
    layers = (dataclasses.replace(layer, gradient_std=10.0**-place) for place, layer in enumerate(found.layers))
    return dataclasses.replace(found, layers=tuple(layers))


def record(*steps):
    found = History()
    found.append(invented.started())
    for step in steps:
        found.append(look(step))
    return found


def draw(qtbot, plot, history):
    plot.update_from(history)
    settle(qtbot, plot)


@views
def test_a_sentence_says_what_will_appear(qtbot, kind):
    plot = shown(qtbot, kind)
    settle(qtbot, plot)
    assert plot.is_empty
    assert plot.empty_sentence.startswith("Press Train")
    draw(qtbot, plot, record(1))
    assert not plot.is_empty
    plot.clear()
    settle(qtbot, plot)
    assert plot.is_empty


@views
def test_nothing_is_drawn_in_vain(qtbot, kind):
    plot, history = shown(qtbot, kind), record(1)
    draw(qtbot, plot, history)
    draws = plot.draws
    for _ in range(5):
        plot.update_from(history)
        plot.refresh()
    assert plot.draws == draws
    plot.hide()
    history.append(look(2))
    plot.update_from(history)
    plot.refresh()
    assert plot.draws == draws


@views
def test_the_moment_that_somebody_goes_back_to_is_shown(qtbot, kind):
    plot, history = shown(qtbot, kind), record(1, 500, 900)
    draw(qtbot, plot, history)
    newest = list(plot.table()[1])
    history.show(500)
    draw(qtbot, plot, history)
    assert list(plot.table()[1]) != newest
    history.show(None)
    draw(qtbot, plot, history)
    assert list(plot.table()[1]) == newest


@views
@pytest.mark.parametrize("size", [(280, 170), (420, 300), (900, 600)], ids=str)
def test_texts_stand_where_they_should_at_any_size(qtbot, kind, size):
    plot = shown(qtbot, kind)
    plot.resize(*size)
    draw(qtbot, plot, record(1))
    check_texts(plot)
    check(plot)


@views
def test_the_theme_reaches_everything(qtbot, kind):
    plot = shown(qtbot, kind)
    draw(qtbot, plot, record(1))
    plot.set_theme(dark)
    settle(qtbot, plot)
    assert plot.canvas.grab().toImage().pixelColor(2, 2).name() == dark.card
    assert {text.get_color() for text in texts_of(plot)} <= {dark.text, dark.muted, dark.error_text}


@views
def test_it_is_saved_with_title_and_legend(qtbot, kind, tmp_path):
    plot = shown(qtbot, kind)
    draw(qtbot, plot, record(1))
    for suffix, start in (("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")):
        plot.save_figure(tmp_path / f"plot.{suffix}", suffix)
        assert (tmp_path / f"plot.{suffix}").read_bytes().startswith(start)
    words = (tmp_path / "plot.svg").read_text(encoding="utf-8")
    assert plot.title in words
    assert all(entry.name.replace("<", "&lt;") in words for entry in plot.header.legend.entries)


@views
def test_numbers_that_are_not_finite_do_not_stop_it(qtbot, kind):
    plot, history = shown(qtbot, kind), record(1)
    for step, hurt in ((2, np.nan), (3, np.inf), (4, -np.inf)):
        empty = Histogram(np.zeros(30, dtype=np.int64), 0.0, 0.0, not_finite=2000)
        layers = tuple(
            dataclasses.replace(layer, std=hurt, gradient_std=hurt, pre_activations=empty) for layer in look(step).layers
        )
        history.append(dataclasses.replace(look(step), layers=layers))
        draws = plot.draws
        draw(qtbot, plot, history)
        assert plot.draws > draws
        plot.describe(0.1, 0.1)
        list(plot.table()[1])
