"""The ridge lines hold all layers, compare times fairly, and stay readable."""

import dataclasses
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gui.plots.views.activation_plot import ActivationPlot, short_name
from gui.plots.views.histograms import rebinned, widened
from models.telemetry.events import GateProbe, Histogram, LayerProbe
from models.telemetry.history import History
from tests.gui.plots import invented

twelve = tuple(f"dense_{number}" for number in range(12))


@pytest.fixture
def plot(qtbot):
    return invented.visible(qtbot, ActivationPlot, 400, 300)


def names_of(plot):
    return [text.get_text() for text in plot.axes.texts]


def test_every_layer_has_its_ridges_and_its_name(qtbot, plot):
    invented.draw(qtbot, plot, invented.history(400))
    assert set(invented.layer_names) <= set(names_of(plot))
    counts = [len(ridges.get_paths()) for ridges in plot.ridges]
    assert len(counts) == len(invented.layer_names)
    assert min(counts) == max(counts) >= 3


def test_twelve_layers_are_readable_and_scrolled_where_there_is_no_room(qtbot, plot):
    plot.resize(280, 250)
    invented.draw(qtbot, plot, invented.history(200, twelve))
    qtbot.waitUntil(lambda: plot.canvas.height() > plot.scroller.viewport().height())
    invented.draw(qtbot, plot, invented.history(200, twelve))
    cells = plot._cells()
    assert len(cells) == 12
    assert min(cell.height for cell in cells) >= 4 * plot.fontMetrics().height()
    rows = len({cell.bottom for cell in cells})
    seen = plot.scroller.viewport().height() / (plot.canvas.height() / rows)
    assert seen == pytest.approx(round(seen), abs=0.02), "a row is seen in part"
    assert set(twelve) <= set(names_of(plot))


def test_pre_activations_say_where_none_are_seen(qtbot, plot):
    history = invented.history(80)
    probe = history.last_probe
    bare = list(probe.layers)
    bare[1] = LayerProbe("flatten", bare[1].activations, mean=0.5, std=0.1, dead=None, saturated=None)
    history.append(type(probe)(1, 81, tuple(bare)))
    plot.source.setCurrentIndex(1)
    invented.draw(qtbot, plot, history)
    assert any(text.startswith("none") for text in names_of(plot))
    plot.source.setCurrentIndex(0)
    invented.draw(qtbot, plot, history)
    assert not any(text.startswith("none") for text in names_of(plot))


def gated(step):
    """A look at a layer with the gates of a GRU between two others."""
    seen = invented.probe(step, ("dense", "gru", "output"))
    before, inside, after = seen.layers
    gates = tuple(
        GateProbe(name, invented.layer_probe(name, place, step).pre_activations, 0.25, 1.5, None, 0.3)
        for place, name in enumerate(("forward z", "backward z", "forward h"))
    )
    return dataclasses.replace(seen, layers=(before, dataclasses.replace(inside, pre_activations=None, gates=gates), after))


def test_each_gate_of_a_recurrent_layer_has_ridges_of_its_own(qtbot, plot):
    history = invented.history(80, ("dense", "gru", "output"))
    for step in (90, 100, 110):
        history.append(gated(step))
    invented.draw(qtbot, plot, history)
    assert [spread.name for spread in plot._spreads] == ["dense", "gru", "output"]
    plot.source.setCurrentIndex(1)
    invented.draw(qtbot, plot, history)
    assert [spread.name for spread in plot._spreads] == ["dense", "gru → z", "gru ← z", "gru → h", "output"]
    assert {"gru → z", "gru ← z", "gru → h"} <= set(names_of(plot))
    assert len(plot.ridges) == 5
    assert min(len(ridges.get_paths()) for ridges in plot.ridges) >= 3
    assert np.allclose(plot._share(history.last_probe, "gru → h").sum(), 1)
    assert short_name(dataclasses.replace(gated(90).layers[1].gates[0], name="forward cell 2 z")) == "→ 2 z"
    cell = plot._cells()[2]
    told = plot.describe(cell.left + cell.width / 2, cell.bottom + cell.height / 2)
    assert told == "gru ← z at step 110\nmean 0.25 ± 1.5\nsaturated 30 %"
    assert {row[1] for row in plot.table()[1]} >= {"gru → z", "gru ← z", "gru → h"}


def test_a_scale_does_not_go_beyond_what_an_activation_can_put_out():
    assert widened(0.02, 0.98) == (0.0, 1.0), "sigmoid and softmax"
    assert widened(-0.9, 0.95) == (-1.0, 1.0), "tanh"
    assert widened(0.0, 4.0) == (0.0, 5.0), "relu"
    assert widened(-4.0, 2.0) == (-5.5, 3.5)
    assert widened(0.0, 0.0) == (0.0, 1.0), "a dead relu"
    assert widened(1.0, 1.0) == (0.5, 1.0), "a sigmoid that is saturated for every example"
    assert widened(0.4, 0.4) == pytest.approx((0.2, 0.6))


@pytest.mark.parametrize(("value", "bounds"), [(0.0, (0.0, 1.0)), (0.42, (0.21, 0.63))])
def test_what_is_the_same_for_every_example_has_no_scale_beyond_what_can_be(qtbot, plot, value, bounds):
    history = History()
    history.append(invented.started(("only",)))
    seen = invented.probe(1, ("only",))
    outputs = invented.histogram_of(np.full(100, value), 40)
    history.append(dataclasses.replace(seen, layers=(dataclasses.replace(seen.layers[0], activations=outputs),)))
    invented.draw(qtbot, plot, history)
    assert plot._ranges["only"] == pytest.approx(bounds)
    assert plot._share(history.last_probe, "only").sum() == 1


def texts_between(plot, left, right):
    return [written for written in plot.written if left <= written.place.center().x() <= right]


def test_names_and_bounds_of_narrow_cells_can_be_read(qtbot, plot):
    plot.resize(220, 200)
    history = invented.history(80, ("conv2d", "conv2d_1", "dense_12"))
    probe, tiny = history.last_probe, Histogram(np.array([1, 2, 1]), -1.2e-5, 1.4e-5)
    layers = tuple(dataclasses.replace(layer, gradients=tiny, pre_activations=None) for layer in probe.layers)
    history.append(dataclasses.replace(probe, step=81, layers=layers))
    plot.source.setCurrentText("Gradients")
    invented.draw(qtbot, plot, history)
    assert {"−1.9", "2", "·10⁻⁵"} <= set(names_of(plot))
    factor = next(text for text in plot.axes.texts if text.get_text() == "·10⁻⁵")
    highest = max(path.vertices[:, 1].max() for ridges in plot.ridges for path in ridges.get_paths())
    assert highest <= factor.get_position()[1] - plot.lettering.height, "a spike crosses the power of ten"
    for cell in plot._cells():
        found = [text.place.adjusted(0, 3, 0, -3) for text in texts_between(plot, cell.left, cell.left + cell.width)]
        assert len(found) >= 2
        assert not any(one.intersects(other) for one, other in combinations(found, 2))
    plot.source.setCurrentText("Pre-activations")
    invented.draw(qtbot, plot, history)
    assert {text.replace("\n", " ") for text in names_of(plot)} >= {"none seen"}


def test_names_that_are_cut_keep_their_ends(qtbot, plot):
    plot.resize(300, 300)
    invented.draw(qtbot, plot, invented.history(80, ("batch_normalization_1", "batch_normalization_2", "output")))
    assert {name[-1] for name in names_of(plot) if name.startswith("batch")} == {"1", "2"}


def test_bounds_stand_where_the_newest_ridge_begins_and_ends(qtbot, plot):
    invented.draw(qtbot, plot, invented.history(400))
    newest = plot.ridges[0].get_paths()[-1].vertices[:, 0]
    ends = [text.get_unitless_position()[0] for text in plot.axes.texts if text.get_verticalalignment() == "top"][:2]
    assert ends == pytest.approx([newest.min(), newest.max()])


def test_the_newest_is_in_front_and_strongest(qtbot, plot):
    invented.draw(qtbot, plot, invented.history(400, ("only",)))
    (ridges,) = plot.ridges
    faces = ridges.get_facecolor()
    bottoms = [path.vertices[:, 1].min() for path in ridges.get_paths()]
    assert bottoms == sorted(bottoms, reverse=True)
    assert faces[0].sum() > faces[-1].sum()


@given(
    counts=st.lists(st.integers(0, 1000), min_size=1, max_size=40).filter(any),
    low=st.floats(-100, 100),
    span=st.floats(0, 100),
    room=st.floats(0.01, 50),
)
def test_rebinning_keeps_every_value(counts, low, span, room):
    shares = rebinned(Histogram(np.array(counts), low, low + span), (low - room, low + span + room), 48)
    assert shares.sum() == pytest.approx(1)
    assert (shares >= -1e-12).all()


def test_rebinning_puts_values_where_they_were():
    shares = rebinned(Histogram(np.array([1, 0, 0, 3]), 0.0, 4.0), (-4.0, 4.0), 8)
    assert shares.tolist() == [0, 0, 0, 0, 0.25, 0, 0, 0.75]
    assert rebinned(Histogram(np.array([0, 9, 0]), 2.0, 2.0), (0.0, 4.0), 4).tolist() == [0, 0, 1, 0]


def test_the_tool_tip_tells_the_statistics(qtbot, plot):
    invented.draw(qtbot, plot, invented.history(80))
    cell = plot._cells()[0]
    told = plot.describe(cell.left + cell.width / 2, cell.bottom + cell.height / 2)
    assert told.startswith("dense at step 80")
    assert "dead units 31 %" in told


def test_memory_does_not_grow_with_the_run(qtbot, plot):
    history = invented.history(80)
    for step in range(100, 500):
        history.append(invented.probe(80, ("only",)) if step % 100 else invented.probe(step, ("only",)))
        if step % 20 == 0:
            invented.draw(qtbot, plot, history)
    assert len(plot._shares) <= 2 * sum(len(probe.layers) for probe in plot._probes) + 12


def test_a_heat_map_has_a_column_for_each_moment_and_the_lowest_values_below(qtbot, plot):
    history = invented.history(400)
    invented.draw(qtbot, plot, history)
    plot.set_form("Heat map")
    invented.draw(qtbot, plot, history)
    assert len(plot.maps) == len(invented.layer_names)
    picture = plot.maps[0].get_array()
    assert picture.shape == (plot.bins, len(history.probes()), 3)
    # The first layer is a relu: most of its outputs are 0, the lowest value.
    strength = np.abs(picture - np.array([1.0, 1.0, 1.0])).sum(axis=2)
    assert (strength.argmax(axis=0) == 0).all()
    assert plot.header.subtitle.text() == "time to the right"
    plot.set_form("Ridge lines")
    invented.draw(qtbot, plot, history)
    assert plot.maps == []
    assert len(plot.ridges[0].get_paths()) > 0


def test_a_heat_map_ends_at_the_moment_that_is_looked_at(qtbot, plot):
    history = invented.history(400)
    plot.set_form("Heat map")
    history.show(history.probes()[3].step)
    invented.draw(qtbot, plot, history)
    assert plot.maps[0].get_array().shape[1] == 4


def test_the_tool_tip_of_a_heat_map_tells_moment_and_share(qtbot, plot):
    history = invented.history(400)
    plot.set_form("Heat map")
    invented.draw(qtbot, plot, history)
    left, right, bottom, _ = plot.maps[0].get_extent()
    told = plot.describe(left + 0.01 * (right - left), bottom + 1)
    assert told.startswith(f"dense at step {history.probes()[0].step}\n")
    assert "% between " in told
    assert plot.describe(right - 1, bottom + 1).startswith("dense at step 400")


def test_heights_show_more_or_less_of_what_is_rare(qtbot, plot):
    history = invented.history(400)
    found = []
    for heights in ("Shares", "Square roots", "Logarithms"):
        plot.set_heights(heights)
        invented.draw(qtbot, plot, history)
        newest = plot.ridges[0].get_paths()[-1].vertices[:, 1]
        found.append((np.sort(newest)[len(newest) // 2] - newest.min()) / np.ptp(newest))
    assert found == sorted(found)
    assert found[0] < 0.5 * found[2]


def test_values_that_are_not_finite_are_counted_and_shown(qtbot, plot):
    history = invented.history(80)
    probe = history.last_probe
    broken = list(probe.layers)
    outputs = broken[0].activations
    lost = dataclasses.replace(outputs, not_finite=int(outputs.counts.sum()))
    broken[0] = dataclasses.replace(broken[0], activations=lost)
    gone = Histogram(np.zeros(30, dtype=np.int64), 0.0, 1.0, 2000)
    broken[1] = dataclasses.replace(broken[1], name="lost", activations=gone)
    history.append(dataclasses.replace(probe, step=81, layers=tuple(broken)))
    invented.draw(qtbot, plot, history)
    assert {"50% NaN, ∞", "100% NaN, ∞"} <= set(names_of(plot))
    cell = plot._cells()[0]
    assert "not finite 50.0 %" in plot.describe(cell.left + 1, cell.bottom + 1)
    plot.set_form("Heat map")
    invented.draw(qtbot, plot, history)
    assert len(plot.maps) == 3


@pytest.mark.parametrize("source", ["Weights", "Gradients", "Updates"])
def test_weights_gradients_and_updates_are_shown_where_a_layer_has_them(qtbot, plot, source):
    history = invented.history(80)
    probe = history.last_probe
    own = Histogram(np.array([1, 0, 3]), -2.0, 4.0)
    layers = [dataclasses.replace(probe.layers[0], **{source.lower(): own}), *probe.layers[1:]]
    history.append(dataclasses.replace(probe, step=81, layers=tuple(layers)))
    plot.source.setCurrentText(source)
    invented.draw(qtbot, plot, history)
    assert plot.title == source
    assert len(plot.ridges[0].get_paths()) == 1
    assert {"−3.5", "5.5", "no weights"} <= set(names_of(plot))
    assert (81, "dense", 2.0, 4.0, 3) in list(plot.table()[1])


@pytest.mark.parametrize("form", ["Ridge lines", "Heat map"])
def test_a_part_of_the_picture_can_be_enlarged_and_is_all_there_again_after_a_resize(qtbot, plot, form):
    history = invented.history(80)
    plot.set_form(form)
    invented.draw(qtbot, plot, history)
    cell = plot._cells()[1]
    plot.zoom(np.array([[cell.left, cell.bottom], [cell.left + cell.width, cell.bottom + cell.height]]))
    history.append(invented.probe(120))
    invented.draw(qtbot, plot, history)
    assert plot.axes.get_xlim() == pytest.approx((cell.left, cell.left + cell.width))
    assert plot.describe(cell.left + cell.width / 2, cell.bottom + cell.height / 2).startswith("dense_1 at step")
    plot.resize(500, 350)
    qtbot.waitUntil(lambda: plot.zoomed is None)
    invented.draw(qtbot, plot, history)
    assert plot.axes.get_xlim() == (0, plot.figure.bbox.width)


def test_where_there_is_more_than_fits_the_wheel_scrolls(qtbot, plot):
    assert plot._area() is None, "nothing to zoom yet"
    invented.draw(qtbot, plot, invented.history(80))
    assert plot._area() is not None
    plot.resize(280, 250)
    invented.draw(qtbot, plot, invented.history(200, twelve))
    qtbot.waitUntil(lambda: plot.canvas.height() > plot.scroller.viewport().height())
    assert plot._area() is None
