"""What all four plots promise: nothing is drawn in vain, nothing is lost, everything can be taken elsewhere."""

import csv
import dataclasses
from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QApplication

from gui.plots.header import Entry
from gui.plots.heading import title_and_legend
from gui.plots.plot import Plot
from gui.plots.views.activation_plot import ActivationPlot
from gui.plots.views.gradient_plot import GradientPlot
from gui.plots.views.loss_plot import LossPlot
from gui.plots.views.surface import Meaning
from gui.plots.views.surface_plot import SurfacePlot
from gui.theme import dark, light
from models.telemetry.events import Histogram
from models.telemetry.history import History
from tests.gui.plots import invented

plots = pytest.mark.parametrize("kind", [LossPlot, GradientPlot, ActivationPlot, SurfacePlot])


def shown(qtbot, kind, width=420, height=300):
    plot = invented.visible(qtbot, kind, width, height)
    if isinstance(plot, SurfacePlot):
        plot.show_view(invented.plane_view(), Meaning(invented.binary))
    return plot


def record(total=500, ended=False):
    view = invented.plane_view()
    return invented.history(total, surface=invented.spiral_surface(view), ended=ended)


def settle(qtbot, plot):
    """Let Qt lay out and paint, and draw what is due, until nothing is."""

    def quiet():
        before = plot.draws
        plot.refresh()
        return plot.draws == before

    qtbot.waitUntil(quiet)


def texts_of(plot):
    return [
        text for text in plot.figure.findobj(lambda artist: hasattr(artist, "get_text")) if text.get_text() and text.get_visible()
    ]


@plots
def test_nothing_is_drawn_while_nothing_changed(qtbot, kind):
    plot, history = shown(qtbot, kind), record()
    plot.update_from(history)
    settle(qtbot, plot)
    draws = plot.draws
    for _ in range(5):
        plot.update_from(history)
        plot.refresh()
    assert plot.draws == draws


@plots
def test_news_are_drawn_once_on_the_clock_and_not_before(qtbot, kind):
    plot, history = shown(qtbot, kind), record()
    plot.update_from(history)
    settle(qtbot, plot)
    draws = plot.draws
    for first in (501, 511, 521):
        history.append(invented.steps(first, 10))
        history.append(invented.probe(first + 9, surface=np.full((10_000, 1), 0.5)))
        plot.update_from(history)
    assert plot.draws == draws
    plot.refresh()
    assert plot.draws == draws + 1


@plots
def test_curves_drawn_one_at_a_time_make_the_same_picture(qtbot, kind, monkeypatch):
    plot, history = shown(qtbot, kind), record()
    plot.update_from(history)
    settle(qtbot, plot)
    whole = plot.canvas.picture().copy()
    monkeypatch.setattr(Plot, "slice_seconds", 0.0)
    plot.changed()
    slices = 0
    while plot.advance():
        slices += 1
    assert plot.canvas.picture() == whole
    assert slices <= 1 + len([artist for artist in plot._moving() if artist.get_visible()])


def test_a_picture_that_has_to_be_shown_half_drawn_is_completed(qtbot, monkeypatch):
    plot, history = shown(qtbot, LossPlot), record()
    plot.update_from(history)
    settle(qtbot, plot)
    whole = plot.canvas.picture().copy()
    monkeypatch.setattr(Plot, "slice_seconds", 0.0)
    plot.changed()
    plot.advance()
    plot.advance()
    assert plot.canvas.picture() != whole
    plot.canvas.repaint()
    assert plot.canvas.picture() == whole
    assert not plot.advance()


def test_of_plots_that_change_their_size_together_one_is_drawn_at_once_and_the_others_are_stretched_until_the_clock(qtbot):
    history, beside = record(), [shown(qtbot, LossPlot), shown(qtbot, GradientPlot), shown(qtbot, LossPlot)]
    for plot in beside:
        plot.update_from(history)
        settle(qtbot, plot)
    QApplication.processEvents()  # whoever was drawn in this turn has had it
    drawn = [plot.redraws for plot in beside]
    seen = [plot.canvas.grab().toImage() for plot in beside]
    for plot in beside:
        plot.resize(440, 320)
    pictures = [plot.canvas.grab().toImage() for plot in beside]
    assert [plot.redraws - before for plot, before in zip(beside, drawn, strict=True)] == [1, 0, 0]
    assert difference(pictures[1], seen[1].scaled(pictures[1].size())) < 2
    assert pictures[0].size() != seen[0].size()
    for plot in beside:
        plot.refresh()
    assert [plot.redraws - before for plot, before in zip(beside, drawn, strict=True)] == [1, 1, 1]
    assert beside[1].canvas.grab().toImage() == beside[1].canvas.picture().convertToFormat(pictures[1].format())


def difference(one: QImage, other: QImage) -> float:
    """By how much pixels differ on average, of 255."""
    first, second = (np.array(image.convertToFormat(QImage.Format.Format_RGB888).constBits()) for image in (one, other))
    return float(np.abs(first.astype(int) - second).mean())


def test_a_plot_that_waits_to_be_drawn_is_no_white_spot_in_a_dark_window(qtbot):
    plot = LossPlot(dark)
    qtbot.addWidget(plot)
    plot.show()
    picture = plot.canvas.grab().toImage()
    assert plot.redraws == 0
    assert picture.pixelColor(picture.width() // 2, picture.height() // 2).name() == dark.card


@plots
def test_a_hidden_plot_is_not_drawn_until_it_is_shown(qtbot, kind):
    plot, history = shown(qtbot, kind), record()
    settle(qtbot, plot)
    plot.hide()
    draws = plot.draws
    plot.update_from(history)
    plot.refresh()
    assert plot.draws == draws
    plot.show()
    plot.refresh()
    assert plot.draws > draws


@plots
def test_most_frames_draw_only_the_curves(qtbot, kind):
    plot, history = shown(qtbot, kind), record()
    plot.update_from(history)
    settle(qtbot, plot)
    draws, redraws = plot.draws, plot.redraws
    for frame in range(40):
        history.append(invented.steps(501 + 10 * frame, 10))
        history.append(invented.probe(510 + 10 * frame, surface=np.full((10_000, 1), frame / 40)))
        plot.update_from(history)
        plot.refresh()
    assert plot.draws == draws + 40
    assert plot.redraws - redraws <= 8


@plots
def test_the_theme_reaches_figure_and_texts(qtbot, kind):
    plot = shown(qtbot, kind)
    plot.update_from(record())
    settle(qtbot, plot)
    plot.set_theme(dark)
    settle(qtbot, plot)
    background = plot.canvas.grab().toImage().pixelColor(2, 2).name()
    assert background == dark.card
    assert {text.get_color() for text in texts_of(plot)} <= {dark.text, dark.muted, dark.error_text}


@plots
def test_before_a_run_a_sentence_says_what_will_be_there(qtbot, kind):
    plot = kind(light)
    qtbot.addWidget(plot)
    plot.show()
    settle(qtbot, plot)
    assert plot.is_empty
    assert plot.empty_sentence in [" ".join(text.get_text().split()) for text in texts_of(plot)]
    assert plot.empty_sentence.split()[0] in ("Press", "Decision")
    if kind is SurfacePlot:
        plot.show_view(invented.plane_view(), Meaning(invented.binary))
    plot.update_from(record())
    settle(qtbot, plot)
    assert not plot.is_empty
    assert plot.empty_sentence not in [" ".join(text.get_text().split()) for text in texts_of(plot)]
    plot.clear()
    settle(qtbot, plot)
    assert plot.is_empty


@plots
def test_no_text_leaves_the_figure_and_no_two_tick_labels_touch(qtbot, kind):
    plot = shown(qtbot, kind)
    plot.update_from(record(1850, ended=True))
    for width, height in ((280, 170), (420, 300), (900, 600)):
        plot.resize(width, height)
        settle(qtbot, plot)
        check_texts(plot)


def check_texts(plot):
    renderer = plot.canvas.get_renderer()
    for text in texts_of(plot):
        box = text.get_window_extent(renderer)
        assert box.x0 >= -1, text.get_text()
        assert box.y0 >= -1, text.get_text()
        assert box.x1 <= plot.figure.bbox.width + 1, text.get_text()
        assert box.y1 <= plot.figure.bbox.height + 1, text.get_text()
    if not isinstance(plot, ActivationPlot):
        labels = [label.get_window_extent(renderer) for label in plot.axes.get_xticklabels()]
        assert len(labels) >= 2
        assert all(left.x1 < right.x0 for left, right in pairwise(labels))
        assert all(label.y0 > plot.axes.xaxis.label.get_window_extent(renderer).y1 - 1 for label in labels)


@plots
def test_numbers_that_are_not_finite_do_not_stop_a_plot(qtbot, kind):
    plot, history = shown(qtbot, kind), record()
    for first, hurt in ((501, np.nan), (521, np.inf), (541, -np.inf)):
        bad = invented.steps(first, 20)
        norms = {name: np.full(20, hurt) for name in bad.gradient_norms}
        history.append(dataclasses.replace(bad, loss=np.full(20, hurt), gradient_norms=norms))
        nothing = Histogram(np.zeros(30, dtype=np.int64), 0.0, 1.0, not_finite=100)
        layer = dataclasses.replace(invented.layer_probe("dense", 0, first), activations=nothing, mean=hurt, std=hurt)
        history.append(dataclasses.replace(invented.probe(first, surface=np.full((10_000, 1), hurt)), layers=(layer,)))
        draws = plot.draws
        plot.update_from(history)
        settle(qtbot, plot)
        assert plot.draws > draws
        plot.describe(510.0, 0.1)


@plots
def test_a_hundred_thousand_steps_are_drawn_with_few_points(qtbot, kind):
    plot = shown(qtbot, kind)
    history = History()
    history.append(invented.started())
    history.append(invented.steps(1, 100_000))
    history.append(invented.probe(100_000, surface=np.zeros((10_000, 1))))
    plot.update_from(history)
    settle(qtbot, plot)
    for line in plot.axes.get_lines():
        assert len(line.get_xdata()) <= 4 * plot.canvas.width()


@plots
def test_a_figure_is_saved_with_title_and_legend(qtbot, kind, tmp_path):
    plot = shown(qtbot, kind)
    plot.update_from(record())
    settle(qtbot, plot)
    for suffix, start in (("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")):
        plot.save_figure(tmp_path / f"plot.{suffix}", suffix)
        assert (tmp_path / f"plot.{suffix}").read_bytes().startswith(start)
    words = (tmp_path / "plot.svg").read_text(encoding="utf-8")
    assert plot.title in words
    assert all(entry.name in words for entry in plot.header.legend.entries)
    settle(qtbot, plot)
    assert not [text for text in texts_of(plot) if text.get_text() == plot.title]


def test_words_above_a_saved_picture_stand_inside_it_however_long_they_are(qtbot):
    plot = shown(qtbot, LossPlot)
    plot.update_from(record())
    settle(qtbot, plot)
    words = "accuracy 0.9722 and all that there is to say of 360 validation examples"
    plot.header.set_subtitle(words)
    plot.header.set_legend(
        [Entry("curve of a run that somebody gave a name of many words, all of them long", light.accent, line="-")]
    )
    above = title_and_legend(plot.figure, plot.heading, plot.header.legend.entries, plot.theme, plot.lettering)
    with plot._styled(), above as whole:
        (heading,) = (text for text in plot.figure.texts if plot.title in text.get_text())
        (legend,) = plot.figure.legends
        places = [each.get_window_extent(plot.canvas.get_renderer()) for each in (heading, *legend.get_texts())]
        assert " ".join(heading.get_text().split()) == f"Loss · {words}"
        assert all(place.x1 <= plot.figure.bbox.width for place in places)
        assert places[1].y1 < places[0].y0 < places[0].y1 <= whole.y1 * plot.figure.dpi


@plots
def test_the_data_is_saved_as_a_table(qtbot, kind, tmp_path):
    plot = shown(qtbot, kind)
    plot.update_from(record())
    plot.save_data(tmp_path / "data.csv")
    with open(tmp_path / "data.csv", encoding="utf-8") as file:
        columns, *rows = csv.reader(file)
    assert len(rows) >= 100
    assert all(len(row) == len(columns) for row in rows)


def test_the_menu_saves_where_a_person_says_and_adds_the_missing_suffix(qtbot, tmp_path):
    plot = shown(qtbot, LossPlot)
    plot.update_from(record())
    settle(qtbot, plot)
    plot.ask_path = lambda *_: (str(tmp_path / "loss"), "SVG drawing (*.svg)")
    actions = {action.text(): action for action in plot.menu().actions()}
    with qtbot.waitSignal(plot.told) as told:
        actions["Save image…"].trigger()
    assert told.args == [f"Saved {tmp_path / 'loss.svg'}"]
    assert (tmp_path / "loss.svg").exists()
    actions["Save data as CSV…"].trigger()
    assert (tmp_path / "loss.csv").read_text().startswith("step,epoch,loss,val_loss\n")


def test_a_name_with_a_dot_gets_its_suffix_and_a_file_that_nobody_asked_about_stays(qtbot, tmp_path):
    plot = shown(qtbot, LossPlot)
    plot.update_from(record())
    settle(qtbot, plot)
    asked = []
    plot.may_write = lambda parent, name, path: asked.append((name, path))
    for save, suffix in ((plot._ask_and_save_data, "csv"), (plot._ask_and_save_figure, "png")):
        name = str(tmp_path / "rate 0.01")
        plot.ask_path = lambda *_, name=name: (name, "")
        save()
        assert asked.pop() == (name, tmp_path / f"rate 0.01.{suffix}")
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_told_in_a_sentence(qtbot, tmp_path):
    plot = shown(qtbot, LossPlot)
    plot.update_from(record())
    plot.ask_path = lambda *_: (str(tmp_path / "missing" / "loss.png"), "PNG image (*.png)")
    with qtbot.waitSignal(plot.failed) as told:
        plot._ask_and_save_figure()
    assert "was not written" in told.args[0]


def test_copy_puts_a_picture_on_the_clipboard(qtbot):
    plot = shown(qtbot, LossPlot)
    plot.update_from(record())
    settle(qtbot, plot)
    with qtbot.waitSignal(plot.told) as told:
        plot.copy_image()
    assert told.args == ["Copied “Loss” as a picture"]
    assert isinstance(QGuiApplication.clipboard().image(), QImage)
    assert QGuiApplication.clipboard().image().width() > 600
