"""Curves over steps can be zoomed, moved, smoothed and hidden, and the record loses nothing on the way."""

import dataclasses

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QCheckBox

from gui.plots.views.gradient_plot import GradientPlot, good_ratios
from gui.plots.views.loss_plot import LossPlot
from models.telemetry.history import History
from tests.gui.plots import invented

both = pytest.mark.parametrize("kind", [LossPlot, GradientPlot])


def shown(qtbot, kind, history):
    plot = invented.visible(qtbot, kind, 600, 300)
    invented.draw(qtbot, plot, history)
    return plot


def place(plot, across, up):
    """A point of the canvas at these shares of the axes' width and height."""
    (left, bottom), (right, top) = plot.axes.bbox.get_points() / plot.canvas.device_pixel_ratio
    return QPoint(round(left + across * (right - left)), round(plot.canvas.height() - bottom - up * (top - bottom)))


def turn_wheel(plot, at, notches=1):
    none = Qt.MouseButton.NoButton
    event = QWheelEvent(
        QPointF(at), QPointF(plot.canvas.mapToGlobal(at)), QPoint(), QPoint(0, 120 * notches), none,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(plot.canvas, event)


def drag(plot, start, end, button=Qt.MouseButton.LeftButton, modifier=Qt.KeyboardModifier.NoModifier):
    for kind, at in ((QEvent.Type.MouseButtonPress, start), (QEvent.Type.MouseMove, end), (QEvent.Type.MouseButtonRelease, end)):
        where = QPointF(at), QPointF(plot.canvas.mapToGlobal(at))
        QApplication.sendEvent(plot.canvas, QMouseEvent(kind, *where, button, button, modifier))


def long_record(total=100_000, peak=None):
    """One event of many steps; the loss of the step `peak` is 9."""
    history = History()
    history.append(invented.started())
    batch = invented.steps(1, total)
    loss = batch.loss.copy()
    if peak is not None:
        loss[peak - 1] = 9.0
    history.append(dataclasses.replace(batch, loss=loss))
    return history


@both
def test_the_wheel_zooms_about_the_pointer_and_back(qtbot, kind):
    plot = shown(qtbot, kind, invented.history(1000))
    x, y = plot.axes.get_xlim(), plot.axes.get_ylim()
    at = place(plot, 0.25, 0.5)
    turn_wheel(plot, at)
    invented.draw(qtbot, plot)
    low, high = plot.axes.get_xlim()
    assert high - low == pytest.approx((x[1] - x[0]) / 1.25)
    assert low + 0.25 * (high - low) == pytest.approx(x[0] + 0.25 * (x[1] - x[0]), abs=3)
    turn_wheel(plot, at, -1)
    invented.draw(qtbot, plot)
    assert plot.axes.get_xlim() == pytest.approx(x, abs=3)
    assert plot.axes.get_ylim() == pytest.approx(y, rel=0.05, abs=0.01)


@both
def test_beside_an_axis_the_wheel_zooms_that_one_alone(qtbot, kind):
    plot = shown(qtbot, kind, invented.history(1000))
    x, y = plot.axes.get_xlim(), plot.axes.get_ylim()
    turn_wheel(plot, place(plot, 0.5, 0.0) + QPoint(0, 6))
    assert plot.zoomed[0] != pytest.approx(x)
    assert plot.zoomed[1] == pytest.approx(y)
    plot.zoom(None)
    invented.draw(qtbot, plot)
    turn_wheel(plot, place(plot, 0.0, 0.5) - QPoint(6, 0))
    assert plot.zoomed[0] == pytest.approx(x)
    assert plot.zoomed[1] != pytest.approx(y)


@both
def test_a_box_becomes_the_limits_and_a_double_click_brings_everything_back(qtbot, kind):
    plot = shown(qtbot, kind, invented.history(1000))
    x, y = plot.axes.get_xlim(), plot.axes.get_ylim()
    drag(plot, place(plot, 0.2, 0.8), place(plot, 0.6, 0.3))
    invented.draw(qtbot, plot)
    assert plot.axes.get_xlim() == pytest.approx((200, 600), abs=5)
    assert y[0] < plot.axes.get_ylim()[0] < plot.axes.get_ylim()[1] < y[1]
    qtbot.mouseDClick(plot.canvas, Qt.MouseButton.LeftButton, pos=place(plot, 0.5, 0.5))
    invented.draw(qtbot, plot)
    assert (plot.axes.get_xlim(), plot.axes.get_ylim()) == (x, y)


@both
@pytest.mark.parametrize(
    ("button", "modifier"),
    [
        (Qt.MouseButton.MiddleButton, Qt.KeyboardModifier.NoModifier),
        (Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier),
    ],
    ids=["middle", "shift"],
)
def test_dragging_moves_what_is_seen(qtbot, kind, button, modifier):
    plot = shown(qtbot, kind, invented.history(1000))
    drag(plot, place(plot, 0.2, 0.8), place(plot, 0.6, 0.3))
    invented.draw(qtbot, plot)
    before = plot.axes.get_xlim()
    drag(plot, place(plot, 0.25, 0.5), place(plot, 0.5, 0.5), button, modifier)
    invented.draw(qtbot, plot)
    after = plot.axes.get_xlim()
    assert after[1] - after[0] == pytest.approx(before[1] - before[0])
    assert after[0] == pytest.approx(before[0] - 0.25 * (before[1] - before[0]), abs=2)


def test_a_click_is_no_box(qtbot):
    plot = shown(qtbot, LossPlot, invented.history(1000))
    drag(plot, place(plot, 0.5, 0.5), place(plot, 0.5, 0.5) + QPoint(2, 2))
    assert plot.zoomed is None


@both
def test_limits_that_were_zoomed_to_stay_while_data_arrive_and_end_with_the_record(qtbot, kind):
    history = invented.history(1000, ended=False)
    plot = shown(qtbot, kind, history)
    plot.zoom(np.array([[200.0, 0.01], [600.0, 0.5]]))
    for first in range(1001, 5000, 500):
        history.append(invented.steps(first, 500))
        invented.draw(qtbot, plot, history)
    assert plot.axes.get_xlim() == (200, 600)
    assert plot.axes.get_ylim() == (0.01, 0.5)
    invented.draw(qtbot, plot, invented.history(400))
    assert plot.zoomed is None


def test_zoomed_into_a_long_run_every_recorded_step_is_drawn(qtbot):
    history = long_record()
    plot = shown(qtbot, LossPlot, history)
    recorded = history.steps().step
    plot.zoom(np.array([[50_000.0, 0.0], [51_000.0, 1.0]]))
    invented.draw(qtbot, plot)
    x = plot.raw_line.get_xdata()
    within = recorded[(recorded >= 50_000) & (recorded <= 51_000)]
    assert len(within) > 100
    assert set(within.tolist()) <= set(x.tolist())
    assert len(x) <= len(within) + 2


def test_a_peak_between_the_recorded_steps_of_a_long_run_is_drawn(qtbot):
    history = long_record(peak=70_004)
    plot = shown(qtbot, LossPlot, history)
    assert 70_004 not in history.steps().step
    assert np.nanmax(plot.raw_line.get_ydata()) == 9.0
    assert plot.axes.get_ylim()[1] >= 9


def test_what_cannot_be_limits_is_left_alone(qtbot):
    plot = shown(qtbot, LossPlot, invented.history(100))
    for corners in ([[1.0, 0.0], [1.0, 1.0]], [[0.0, np.nan], [1.0, 1.0]], [[5.0, 0.0], [1.0, 1.0]]):
        plot.zoom(np.array(corners))
    assert plot.zoomed is None


def test_a_logarithmic_axis_zooms_by_factors(qtbot):
    plot = shown(qtbot, GradientPlot, invented.history(1000))
    low, high = plot.axes.get_ylim()
    turn_wheel(plot, place(plot, 0.5, 0.5))
    zoomed = plot.zoomed[1]
    assert zoomed[1] / zoomed[0] == pytest.approx((high / low) ** (1 / 1.25), rel=0.02)


@both
def test_a_stretch_of_less_than_a_decade_has_ticks(qtbot, kind):
    plot = shown(qtbot, kind, invented.history(1000))
    plot.logarithmic.setChecked(True)
    invented.draw(qtbot, plot)
    plot.zoom(np.array([[200.0, 0.21], [203.0, 0.24]]))
    invented.draw(qtbot, plot)
    low, high = plot.axes.get_ylim()
    assert len([tick for tick in plot.axes.get_yticks() if low <= tick <= high]) >= 2
    assert len(plot.axes.get_xticks()) >= 2


@both
def test_a_click_in_the_legend_hides_a_curve_and_its_room(qtbot, kind):
    history = invented.history(1000)
    plot = shown(qtbot, kind, history)
    name = plot.header.legend.entries[0].name
    line = plot.training_line if kind is LossPlot else plot.lines[0]
    top = plot.axes.get_ylim()[1]
    draws = plot.draws
    qtbot.mouseClick(plot.header.legend, Qt.MouseButton.LeftButton, pos=QPoint(20, plot.header.legend.row_height // 2))
    assert plot.hidden == {name}
    assert plot.draws == draws
    invented.draw(qtbot, plot)
    assert not line.get_visible()
    assert plot.axes.get_ylim()[1] <= top
    invented.draw(qtbot, plot, invented.history(500))
    assert not line.get_visible()
    plot.header.legend.toggle(name)
    invented.draw(qtbot, plot)
    assert (plot.training_line if kind is LossPlot else plot.lines[0]).get_visible()


def test_a_hidden_curve_is_in_no_saved_legend(qtbot, tmp_path):
    plot = shown(qtbot, GradientPlot, invented.history(200))
    plot.header.legend.toggle("maxout")
    invented.draw(qtbot, plot)
    plot.save_figure(tmp_path / "plot.svg", "svg")
    words = (tmp_path / "plot.svg").read_text(encoding="utf-8")
    assert "dense_1" in words
    assert "maxout" not in words


def test_every_curve_can_be_hidden_from_the_menu(qtbot):
    plot = shown(qtbot, GradientPlot, invented.history(200))
    menu = plot.menu()
    curves = next(action for action in menu.actions() if action.text() == "Curves").menu()
    boxes = curves.findChildren(QCheckBox)
    assert [box.text() for box in boxes] == list(invented.layer_names)
    boxes[1].click()
    assert plot.hidden == {"dense_1"}
    menu.close()


def roughness(line):
    y = np.asarray(line.get_ydata())
    return np.abs(np.diff(y[np.isfinite(y)])).sum()


def test_more_smoothing_makes_a_smoother_curve_and_none_the_record_itself(qtbot):
    history = invented.history(1000)
    plot = shown(qtbot, LossPlot, history)
    found = []
    for how in ("None", "Little", "Usual", "Strong"):
        plot.smooth(how)
        invented.draw(qtbot, plot)
        found.append(roughness(plot.training_line))
    assert found == sorted(found, reverse=True)
    assert found[0] > 2 * found[3]
    plot.smooth("None")
    invented.draw(qtbot, plot)
    assert np.array_equal(np.unique(plot.training_line.get_ydata()), np.unique(history.steps().loss))


def test_the_first_steps_have_room_on_a_logarithmic_step_axis(qtbot):
    history = long_record(peak=3)
    plot = shown(qtbot, LossPlot, history)
    plot.logarithmic_steps = True
    plot.changed()
    invented.draw(qtbot, plot)
    assert plot.axes.get_xscale() == "log"
    assert plot.axes.get_xlim()[0] == 1
    x, y = plot.raw_line.get_data()
    assert np.nanmax(y) == 9.0
    assert len(x) <= 4 * plot.canvas.width()
    assert {1, 2, 3} & set(x[x < 20].tolist())
    assert plot.axes.get_xticklabels()[0].get_text() == "1"


@both
def test_the_moment_that_is_looked_at_is_marked(qtbot, kind):
    history = invented.history(1000)
    plot = shown(qtbot, kind, history)
    assert not plot.moment_line.get_visible()
    history.show(history.probes()[3].step)
    invented.draw(qtbot, plot, history)
    assert plot.moment_line.get_visible()
    assert set(plot.moment_line.get_xdata()) == {history.moment}
    history.show(None)
    invented.draw(qtbot, plot, history)
    assert not plot.moment_line.get_visible()


def test_ratios_of_update_to_weight_lie_on_a_shaded_band(qtbot):
    history = invented.history(1000)
    plot = shown(qtbot, GradientPlot, history)
    assert not any(mark.get_visible() for mark in plot.band)
    plot.quantity.setCurrentIndex(1)
    invented.draw(qtbot, plot)
    assert plot.title == "Update ÷ weight"
    assert all(mark.get_visible() for mark in plot.band)
    assert plot.lines[0].get_ydata() == pytest.approx(np.full(len(history.probes()), 1e-3))
    assert plot.lines[0].get_xdata().tolist() == [probe.step for probe in history.probes()]
    low, high = plot.axes.get_ylim()
    assert low <= good_ratios[0] < good_ratios[1] <= high
    assert plot.axes.get_yscale() == "log"
    titles, rows = plot.table()
    assert titles == ("step", *invented.layer_names)
    assert len(list(rows)) == len(history.probes())
    assert "10⁻³" in plot.describe(500, 1e-3) or "0.001" in plot.describe(500, 1e-3)
