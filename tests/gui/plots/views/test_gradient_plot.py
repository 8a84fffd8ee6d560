"""The gradient plot loses no layer, no zero and no gap."""

import dataclasses

import numpy as np
import pytest

from gui.plots.views.gradient_plot import GradientPlot
from gui.theme import light
from models.telemetry.history import History
from tests.gui.plots import invented


@pytest.fixture
def plot(qtbot):
    return invented.visible(qtbot, GradientPlot, 600, 300)


def record(**norms):
    history = History()
    history.append(invented.started(tuple(norms)))
    count = len(next(iter(norms.values())))
    history.append(dataclasses.replace(invented.steps(1, count), gradient_norms={name: np.array(v) for name, v in norms.items()}))
    return history


def test_each_layer_has_its_line_its_name_and_its_colour(qtbot, plot):
    history = invented.history(100)
    invented.draw(qtbot, plot, history)
    assert [(entry.name, entry.colour) for entry in plot.header.legend.entries] == [
        (name, light.series_colour(place)) for place, name in enumerate(invented.layer_names)
    ]
    for line, name, entry in zip(plot.lines, invented.layer_names, plot.header.legend.entries, strict=True):
        assert np.array_equal(line.get_ydata(), history.steps().gradient_norms[name])
        assert line.get_color() == entry.colour
    assert plot.axes.get_yscale() == "log"
    assert plot.axes.get_ylabel() == "gradient norm"


def test_a_long_run_shows_geometric_means_over_the_pale_norms(qtbot, plot):
    norms = [1.0, 0.01] * 150
    invented.draw(qtbot, plot, record(dense=norms))
    assert plot.lines[0].get_ydata()[-1] == pytest.approx(0.1)
    assert set(plot.pale_lines[0].get_ydata()) == {1.0, 0.01}


def test_the_gradient_of_a_single_step_is_a_dot(qtbot, plot):
    invented.draw(qtbot, plot, record(dense=[0.5], output=[0.0]))
    assert [line.get_marker() for line in plot.lines] == ["o", "o"]
    invented.draw(qtbot, plot, record(dense=[0.5, 0.4], output=[0.0, 0.1]))
    assert [line.get_marker() for line in plot.lines] == ["", ""]


def test_only_measured_steps_are_joined(qtbot, plot):
    invented.draw(qtbot, plot, record(dense=[1.0, np.nan, np.nan, 0.1]))
    x, y = plot.lines[0].get_data()
    assert x.tolist() == [1, 4]
    assert y.tolist() == [1.0, 0.1]


def test_a_zero_is_drawn_on_a_line_of_its_own_and_named(qtbot, plot):
    invented.draw(qtbot, plot, record(dense=[1.0, 0.0, 0.0], output=[0.5, 0.2, 0.1]))
    low, _ = plot.axes.get_ylim()
    drawn = plot.lines[0].get_ydata()
    assert drawn[0] == 1
    assert (drawn[1:] > low).all()
    assert (drawn[1:] < 0.1).all()
    assert "0" in [label.get_text() for label in plot.axes.get_yticklabels()]
    assert plot.note.get_text() == "dense is 0"


def test_nothing_but_zeros_is_drawn_too(qtbot, plot):
    invented.draw(qtbot, plot, record(dense=[0.0, 0.0]))
    assert len(plot.lines[0].get_xdata()) == 2
    assert np.isfinite(plot.lines[0].get_ydata()).all()


def test_an_infinite_norm_is_named(qtbot, plot):
    invented.draw(qtbot, plot, record(dense=[1.0, np.inf], output=[1.0, 1.0]))
    assert plot.note.get_text() == "dense not finite"


def test_notes_cover_little_of_a_low_plot(qtbot, plot):
    zeros = {f"dense_{number}": [1.0, 0.0] for number in range(5)}
    invented.draw(qtbot, plot, record(**zeros))
    assert plot.note.get_text() == "dense_0 is 0\ndense_1 is 0\ndense_2 is 0\nand 2 more"
    plot.resize(600, 180)
    qtbot.waitUntil(lambda: not plot.refresh() and plot.note.get_text() == "dense_0 is 0, and 4 more")


def test_a_long_name_keeps_its_ends_in_a_note(qtbot, plot):
    invented.draw(qtbot, plot, record(a_long_name_of_a_layer_inside_another_2=[1.0, np.inf], output=[1.0, 1.0]))
    name = plot.note.get_text().removesuffix(" not finite")
    assert name[0] == "a"
    assert name.endswith("_2")
    assert "…" in name
    assert plot.lettering.width(name) <= 120 * plot.figure.dpi / 96


def test_twelve_layers_stay_apart_by_dashes(qtbot, plot):
    names = tuple(f"dense_{number}" for number in range(12))
    invented.draw(qtbot, plot, invented.history(100, names))
    looks = {(line.get_color(), line.get_linestyle()) for line in plot.lines}
    assert len(looks) == 12
    plot.resize(280, 200)
    assert "dense_11" in plot.header.legend.toolTip()


def test_the_layers_of_the_next_run_replace_those_of_the_last(qtbot, plot):
    invented.draw(qtbot, plot, invented.history(100))
    invented.draw(qtbot, plot, invented.history(100, ("only",)))
    assert len(plot.lines) == len(plot.pale_lines) == 1
    assert len(plot.axes.get_lines()) == 4  # with the marks of the moment and of the best ratio
    assert [entry.name for entry in plot.header.legend.entries] == ["only"]


def test_the_table_has_the_measured_steps(qtbot, plot):
    plot.update_from(record(dense=[1.0, np.nan, 0.5], output=[2.0, np.nan, 1.0]))
    columns, rows = plot.table()
    assert columns == ("step", "dense", "output")
    assert list(rows) == [(1, 1.0, 2.0), (3, 0.5, 1.0)]
