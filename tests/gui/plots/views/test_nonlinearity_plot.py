"""The histogram stands where its numbers are, zones are where the derivative says, and shares are what the counts say."""

import dataclasses
import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gui.plots.views.nonlinearity_plot import NonLinearityPlot, Zone, curves_over, share_inside, zones_of
from models.experiment.activations import Activation, Elu, Exponential, LeakyRelu, Relu, Relu6, Sigmoid, Softmax, Tanh
from models.experiment.fields import kinds_in
from models.experiment.layers import LSTM, Dense, Flatten, LeakyReLU, PReLU, SimpleRNN
from models.telemetry.events import Histogram
from models.telemetry.history import History
from models.telemetry.zones import dead_zones, saturated_zones
from tests.gui.plots import invented

network = (
    Dense(name="dense", units=4, activation=Relu()),
    Dense(name="dense_1", units=4, activation=Tanh()),
    LeakyReLU(name="leaky", negative_slope=0.03),
    PReLU(name="prelu"),
    Dense(name="straight", units=4),
    Flatten(name="flatten"),
    SimpleRNN(name="rnn", units=4),
    LSTM(name="lstm", units=4),
    Dense(name="output", units=3, activation=Softmax()),
)


@pytest.fixture
def plot(qtbot):
    return invented.shown(qtbot, NonLinearityPlot, network)


def record(**histograms):
    """One look at these layers, with what goes into their activations."""
    layers = tuple(
        dataclasses.replace(invented.layer_probe(name, 0, 7), pre_activations=histogram) for name, histogram in histograms.items()
    )
    found = History()
    found.append(invented.started(tuple(histograms)))
    found.append(dataclasses.replace(invented.probe(7), layers=layers))
    return found


def draw(qtbot, plot, history):
    plot.update_from(history)
    qtbot.waitUntil(lambda: not plot.refresh())


def shown_shares(plot):
    return [text.get_text() for text in plot.shares if text.get_text()]


halves = Histogram(np.array([30, 10, 40, 20]), -2.0, 2.0)


def test_a_relu_shades_what_lies_below_0_and_says_how_much(qtbot, plot):
    draw(qtbot, plot, record(dense=halves))
    assert zones_of(Relu()) == (Zone(-math.inf, 0, dead=True),)
    assert shown_shares(plot) == ["40.0 %"]
    assert len(plot.dead.get_paths()) == 1
    assert not plot.saturated.get_paths()
    assert (
        plot.describe(-1.5, 0) == "f(−1.5) = 0\nf′(−1.5) = 0\n30.0 % of the inputs between −2 and −1\n40.0 % where |f′| < 0.001"
    )
    assert plot.describe(3, 0) == "f(3) = 3\nf′(3) = 1"


def test_tanh_saturates_on_both_sides(qtbot, plot):
    plot.show_layer("dense_1")
    draw(qtbot, plot, record(dense_1=Histogram(np.array([50, 0, 0, 25, 25]), -5.0, 5.0)))
    left, right = zones_of(Tanh())
    edge = math.atanh(math.sqrt(0.95))
    assert left.high == pytest.approx(-edge)
    assert right.low == pytest.approx(edge)
    assert not left.dead
    assert share_inside(plot._histogram, left) == pytest.approx(0.5)
    assert share_inside(plot._histogram, right) == pytest.approx(0.25 + 0.25 * (3 - edge) / 2)
    assert shown_shares(plot) == ["50.0 %", "35.3 %"]
    (rectangle, _) = [path.vertices for path in plot.saturated.get_paths()]
    assert (rectangle[:, 0].min(), rectangle[:, 0].max()) == (plot._limits[0], pytest.approx(-edge))


def test_zones_together_hold_what_was_counted_one_by_one(qtbot, plot):
    plot.show_layer("dense_1")
    history = record(dense_1=Histogram(np.array([50, 0, 0, 25, 25]), -5.0, 5.0))
    (layer,) = history.last_probe.layers
    history.append(dataclasses.replace(history.last_probe, layers=(dataclasses.replace(layer, saturated=0.8),)))
    draw(qtbot, plot, history)
    assert plot.header.subtitle.text() == "tanh · 80.0 % at |f′| < 0.05"
    assert sum(plot._shares_of(plot._histogram)) == pytest.approx(0.8)
    assert [float(text.split()[0]) for text in shown_shares(plot)] == pytest.approx([46.9, 33.1], abs=0.1)


def test_the_bars_stand_over_their_numbers_and_the_curves_over_theirs(qtbot, plot):
    draw(qtbot, plot, record(dense=halves))
    (outline,) = [path.vertices for path in plot.bars.get_paths()]
    assert outline[:, 0].min() == -2
    assert outline[:, 0].max() == 2
    assert outline[outline[:, 1] == outline[:, 1].max()][:, 0].tolist() == [0, 1]
    x, values = plot.value_line.get_data()
    assert np.allclose(values, np.maximum(x, 0))
    assert np.allclose(plot.slope_line.get_data()[1], x > 0)


def test_a_layer_uses_its_own_parameters(qtbot, plot):
    plot.show_layer("leaky")
    draw(qtbot, plot, record(leaky=halves))
    assert plot.describe(-2, 0).startswith("f(−2) = −0.06\nf′(−2) = 0.03")
    assert shown_shares(plot) == ["40.0 %"]
    assert plot.saturated.get_paths()
    assert plot.header.subtitle.text() == "leaky_relu slope 0.03"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("straight", "is linear"),
        ("prelu", "no single curve"),
        ("flatten", "no activation of its own"),
        ("output", "softmax: each output depends on all inputs"),
        ("rnn", "not seen from outside"),
        ("lstm", "inside, at every step"),
        ("elsewhere", "not in the network"),
    ],
)
def test_a_layer_without_a_curve_says_why(qtbot, plot, name, words):
    plot.show_layer(name)
    draw(qtbot, plot, record(dense=halves))
    assert plot.is_empty
    assert words in plot.empty_sentence
    assert words.split()[-1] in "".join(written.text for written in plot.written)
    assert list(plot.table()[1]) == []
    plot.show_layer("dense")
    draw(qtbot, plot, record(dense=halves))
    assert not plot.is_empty
    assert not plot._empty.get_visible()


def test_the_choice_in_the_head_and_the_selection_say_the_same(qtbot, plot):
    assert plot.choice.currentText() == "dense"
    plot.show_layer("dense_1")
    assert plot.choice.currentText() == "dense_1"
    place = plot.choice.findText("leaky")
    plot.choice.setCurrentIndex(place)
    plot.choice.textActivated.emit("leaky")
    assert plot.layer == "leaky"
    plot.show_layer("elsewhere")
    assert plot.choice.currentIndex() == -1
    plot.clear()
    assert plot.choice.count() == 0


def test_in_a_narrow_panel_the_title_has_the_room_of_the_choice(qtbot, plot):
    assert plot.choice.isVisible()
    plot.resize(200, 150)
    qtbot.waitUntil(lambda: not plot.choice.isVisible())
    draw(qtbot, plot, record(dense=halves))
    assert len(plot.axes.get_xticks()) >= 3


def test_both_scales_are_zoomed_together_until_another_layer_is_shown(qtbot, plot):
    draw(qtbot, plot, record(dense_1=halves, dense=halves))
    plot.show_layer("dense_1")
    draw(qtbot, plot, record(dense_1=halves))
    values, slopes = plot.axes.get_ylim(), plot.slopes.get_ylim()
    plot.zoom(np.array([[-1.0, sum(values) / 2], [1.0, values[1]]]))
    draw(qtbot, plot, record(dense_1=halves))
    assert plot.axes.get_xlim() == plot.slopes.get_xlim() == (-1, 1)
    assert plot.slopes.get_ylim() == pytest.approx((sum(slopes) / 2, slopes[1]))
    assert plot.value_line.get_xdata()[[0, -1]].tolist() == [-1, 1]
    plot.show_layer("dense")
    draw(qtbot, plot, record(dense=halves))
    assert plot.axes.get_xlim() == (-4, 4)


def test_a_curve_is_hidden_by_its_name(qtbot, plot):
    draw(qtbot, plot, record(dense=halves))
    plot.header.legend.toggle("f′")
    draw(qtbot, plot, record(dense=halves))
    assert plot.value_line.get_visible()
    assert not plot.slope_line.get_visible()


def test_what_is_not_finite_is_counted_and_not_drawn(qtbot, plot):
    draw(qtbot, plot, record(dense=dataclasses.replace(halves, not_finite=1234)))
    assert plot.note.get_text() == "1\u2009234 not finite"
    draw(qtbot, plot, record(dense=Histogram(np.zeros(4, dtype=np.int64), 0.0, 0.0, 9)))
    assert plot.is_empty
    assert "none of it" in plot.empty_sentence or "nothing of it is finite" in plot.empty_sentence


def test_the_axis_grows_in_leaps_and_shrinks_where_it_was_mostly_empty(qtbot, plot):
    draw(qtbot, plot, record(dense=halves))
    assert plot._limits == (-4, 4)
    redraws = plot.redraws
    for high in np.linspace(4, 30, 40):
        draw(qtbot, plot, record(dense=Histogram(np.array([1, 2, 3]), -1.0, float(high))))
        assert plot._limits[1] >= high
    assert plot.redraws - redraws <= 12
    draw(qtbot, plot, record(dense=halves))
    assert plot._limits == (-4, 4)


def test_the_table_has_a_row_for_each_bin(qtbot, plot):
    draw(qtbot, plot, record(dense=halves))
    columns, rows = plot.table()
    assert columns == ("from", "to", "count", "f", "f′")
    assert [tuple(row) for row in rows] == [(-2, -1, 30, 0, 0), (-1, 0, 10, 0, 0), (0, 1, 40, 0.5, 1), (1, 2, 20, 1.5, 1)]


@pytest.mark.parametrize("kind", [kind for kind in kinds_in(Activation) if kind.elementwise], ids=lambda kind: kind.kind())
def test_zones_lie_beside_each_other_and_cover_what_is_saturated(kind):
    zones = zones_of(kind())
    for left, right in pairwise(zones):
        assert left.high <= right.low
    for low, high in saturated_zones(kind()):
        pieces = [zone for zone in zones if low <= zone.low and zone.high <= high]
        assert (pieces[0].low, pieces[-1].high) == (low, high)
        assert all(left.high == right.low for left, right in pairwise(pieces))
    assert [(zone.low, zone.high) for zone in zones if zone.dead] == list(dead_zones(kind()))


def test_a_curve_that_leaves_all_numbers_is_infinite_there():
    _, values, slopes = curves_over(Exponential(), -4, 1000)
    assert np.isinf(values[-1])
    assert np.isinf(slopes[-1])
    assert np.isfinite(values[:100]).all()


@given(
    counts=st.lists(st.integers(0, 100), min_size=1, max_size=30).filter(any),
    function=st.sampled_from([Relu(), Relu6(), Tanh(), Sigmoid(), Elu(), LeakyRelu(negative_slope=0.01)]),
)
def test_shares_of_zones_and_of_the_rest_add_up(counts, function):
    histogram = Histogram(np.array(counts), -7.0, 9.0)
    zones = zones_of(function)
    between = [(-math.inf, *(zone.high for zone in zones)), (*(zone.low for zone in zones), math.inf)]
    rest = [Zone(low, high, dead=False) for low, high in zip(*between, strict=True)]
    assert sum(share_inside(histogram, zone) for zone in (*zones, *rest)) == pytest.approx(1)
