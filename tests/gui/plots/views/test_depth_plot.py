"""Deviations stand over their layers, at the start and now; nothing is lost to the logarithm."""

import dataclasses
from itertools import pairwise

import numpy as np
import pytest

from gui.plots.views.depth_plot import DepthPlot
from models.telemetry.history import History
from tests.gui.plots import invented
from tests.gui.plots.test_plots import check_texts, texts_of

names = ("dense", "dense_1", "output")


@pytest.fixture
def plot(qtbot):
    return invented.visible(qtbot, DepthPlot)


def look(step, outputs, gradients, layers=names):
    probes = tuple(
        dataclasses.replace(invented.layer_probe(name, 0, step), std=output, gradient_std=gradient)
        for name, output, gradient in zip(layers, outputs, gradients, strict=True)
    )
    return dataclasses.replace(invented.probe(step), layers=probes)


def record(*looks):
    found = History()
    found.append(invented.started(tuple(layer.name for layer in looks[0].layers)))
    for each in looks:
        found.append(each)
    return found


start = look(1, (1.0, 0.5, 0.25), (1e-3, 1e-2, 1e-1))
later = look(9, (2.0, 1.0, 0.5), (1e-5, None, 1e-1))


def test_both_moments_are_drawn_over_the_layers(qtbot, plot):
    invented.draw(qtbot, plot, record(start, later))
    outputs, gradients = plot.lines
    assert outputs.get_xydata().tolist() == [[0, 2], [1, 1], [2, 0.5]]
    assert gradients.get_xydata().tolist() == [[0, 1e-5], [2, 1e-1]]
    assert plot.first_lines[0].get_xydata().tolist() == [[0, 1], [1, 0.5], [2, 0.25]]
    assert plot.first_lines[1].get_xydata().tolist() == [[0, 1e-3], [1, 1e-2], [2, 1e-1]]
    assert [label.get_text() for label in plot.axes.get_xticklabels()] == list(names)
    low, high = plot.axes.get_ylim()
    assert low <= 1e-5
    assert high >= 2


def test_before_the_first_step_there_is_no_gradient_so_its_start_is_the_first_that_was_measured(qtbot, plot):
    unmeasured = look(0, (3.0, 3.0, 3.0), (None, None, None))
    invented.draw(qtbot, plot, record(unmeasured, start, later))
    assert plot.first_lines[0].get_ydata().tolist() == [3, 3, 3]
    assert plot.first_lines[1].get_ydata().tolist() == [1e-3, 1e-2, 1e-1]


def test_a_look_without_a_step_just_taken_leaves_the_gradients_that_were_measured_last(qtbot, plot):
    paused = look(12, (4.0, 4.0, 4.0), (None, None, None))
    invented.draw(qtbot, plot, record(start, later, paused))
    assert plot.lines[0].get_ydata().tolist() == [4, 4, 4]
    assert plot.lines[1].get_xydata().tolist() == [[0, 1e-5], [2, 1e-1]]
    assert plot.describe(0, 1).splitlines()[1:] == [
        "outputs std 4, 1 at the start", "gradient std 10⁻⁵ at step 9, 0.001 at the start",
    ]  # fmt: skip


def test_the_bands_are_around_1_and_around_the_gradient_of_the_last_layer(qtbot, plot):
    invented.draw(qtbot, plot, record(start))
    spans = [sorted(set(path.vertices[:, 1].tolist())) for band in plot.bands for path in band.get_paths()]
    assert spans == [pytest.approx([0.1, 10]), pytest.approx([0.01, 1])]
    invented.draw(qtbot, plot, record(look(1, (1.0, 1.0, 1.0), (None, None, None))))
    assert [len(band.get_paths()) for band in plot.bands] == [1, 0]


def test_the_tool_tip_tells_figures_and_ratios_to_the_neighbours(qtbot, plot):
    first, second, last = later.layers
    second = dataclasses.replace(second, forward_gain=0.5)
    last = dataclasses.replace(last, forward_gain=0.25, backward_gain=30.0)
    invented.draw(qtbot, plot, record(start, dataclasses.replace(later, layers=(first, second, last))))
    assert plot.describe(0.2, 1) == "dense\noutputs std 2, 1 at the start\ngradient std 10⁻⁵, 0.001 at the start"
    assert plot.describe(1, 1).splitlines() == ["dense_1", "outputs std 1, 0.5 at the start", "  0.5 times what comes in"]
    assert plot.describe(2, 1).splitlines()[1:] == [
        "outputs std 0.5, 0.25 at the start", "  0.25 times what comes in",
        "gradient std 0.1, 0.1 at the start", "  30 times that of the next layer with weights",
    ]  # fmt: skip
    assert plot.describe(2.9, 1) == ""


def test_a_deviation_of_0_has_a_line_at_the_bottom(qtbot, plot):
    invented.draw(qtbot, plot, record(look(1, (1.0, 0.0, 0.5), (0.0, 0.0, 1e-2))))
    assert plot.axes.get_yticklabels()[0].get_text() == "0"
    floor = plot.axes.get_yticks()[0]
    assert plot.lines[0].get_ydata()[1] == pytest.approx(floor)
    assert plot.lines[1].get_ydata()[:2] == pytest.approx([floor, floor])


def test_what_is_not_finite_is_named(qtbot, plot):
    invented.draw(qtbot, plot, record(look(1, (1.0, np.inf, np.nan), (np.inf, 1.0, 1.0))))
    assert plot.note.get_text().splitlines() == [
        "outputs of dense_1 not finite", "outputs of output not finite", "gradient of dense not finite",
    ]  # fmt: skip
    assert plot.lines[0].get_xydata().tolist() == [[0, 1]]


def test_fifty_layers_stay_readable(qtbot, plot):
    many = tuple(f"block_{number}_dense_layer" for number in range(50))
    invented.draw(qtbot, plot, record(look(1, np.linspace(1, 2, 50), np.logspace(-8, -1, 50), many)))
    for width, height in ((280, 170), (420, 300), (900, 600)):
        plot.resize(width, height)
        invented.draw(qtbot, plot, record(look(1, np.linspace(1, 2, 50), np.logspace(-8, -1, 50), many)))
        qtbot.waitUntil(lambda: not plot.refresh())
        check_texts(plot)
        assert len(plot.lines[0].get_xdata()) == 50
        labels = [written for written in plot.written if "…" in written.text or "dense" in written.text]
        assert len(labels) >= 10
        assert all(left.place.right() <= right.place.left() for left, right in pairwise(labels))
        assert plot.axes.bbox.height > 0.3 * plot.figure.bbox.height
    assert any(text.get_rotation() == 90 for text in texts_of(plot))


def test_somebody_can_look_at_a_few_layers_more_closely(qtbot, plot):
    many = tuple(f"block_{number}_dense_layer" for number in range(50))
    invented.draw(qtbot, plot, record(look(1, np.linspace(1, 2, 50), np.logspace(-8, -1, 50), many)))
    plot.zoom(np.array([[3.6, 1e-8], [5.4, 1e-6]]))
    invented.draw(qtbot, plot, record(look(2, np.linspace(1, 2, 50), np.logspace(-8, -1, 50), many)))
    assert [label.get_text() for label in plot.axes.get_xticklabels()] == ["block_4_dense_layer", "block_5_dense_layer"]
    assert plot.axes.get_ylim() == pytest.approx((1e-8, 1e-6))
    plot.clear()
    assert plot.zoomed is None


def test_a_way_is_hidden_by_its_name(qtbot, plot):
    invented.draw(qtbot, plot, record(start))
    plot.header.legend.toggle("gradient")
    invented.draw(qtbot, plot, record(start))
    assert [line.get_visible() for line in (*plot.lines, *plot.first_lines, *plot.bands)] == [True, False] * 3


def test_the_start_is_named_and_hidden_by_its_name(qtbot, plot):
    invented.draw(qtbot, plot, record(start))
    assert [entry.name for entry in plot.header.legend.entries] == ["outputs", "gradient", "start"]
    plot.header.legend.toggle("start")
    invented.draw(qtbot, plot, record(start))
    assert [line.get_visible() for line in (*plot.lines, *plot.first_lines)] == [True, True, False, False]


def test_most_frames_draw_only_the_lines(qtbot, plot):
    history = record(start)
    invented.draw(qtbot, plot, history)
    redraws = plot.redraws
    for step in range(2, 40):
        history.append(look(step, (1.0 + step / 100, 0.5, 0.25), (1e-3 / step, 1e-2, 1e-1)))
        invented.draw(qtbot, plot, history)
    assert plot.redraws - redraws <= 2


def test_the_table_has_a_row_for_each_layer(qtbot, plot):
    invented.draw(qtbot, plot, record(start, later))
    columns, rows = plot.table()
    assert len(columns) == 5
    assert [tuple(row) for row in rows] == [
        ("dense", 2.0, 1.0, 1e-5, 1e-3), ("dense_1", 1.0, 0.5, "", 1e-2), ("output", 0.5, 0.25, 1e-1, 1e-1),
    ]  # fmt: skip
