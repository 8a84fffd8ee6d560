"""The histogram stands where its numbers are, zones are where the derivative says, and shares are what the counts say."""

import dataclasses
import math

import numpy as np
import pytest

from gui.plots.views.applied import Zone, share_inside, zones_of
from gui.plots.views.nonlinearity_plot import NonLinearityPlot
from models.experiment.activations import Linear, Relu, Softmax, Tanh
from models.experiment.layers import GRU, LSTM, RNN, Dense, Flatten, LeakyReLU, Maxout, PReLU, SimpleRNN, TimeDistributed
from models.experiment.layers.cells import LSTMCell, StackedRNNCells
from models.telemetry.events import GateProbe, Histogram, Slopes
from models.telemetry.history import History
from tests.gui.plots import invented

network = (
    Dense(name="dense", units=4, activation=Relu()),
    Dense(name="dense_1", units=4, activation=Tanh()),
    LeakyReLU(name="leaky", negative_slope=0.03),
    PReLU(name="prelu"),
    Dense(name="straight", units=4),
    Flatten(name="flatten"),
    Maxout(name="maxout", units=2),
    SimpleRNN(name="rnn", units=4),
    LSTM(name="lstm", units=4),
    GRU(name="gru", units=4, recurrent_activation=Linear()),
    RNN(name="stack", cell=StackedRNNCells(cells=(LSTMCell(units=4), LSTMCell(units=4)))),
    TimeDistributed(name="films", layer=LSTM(name="inside", units=4)),
    TimeDistributed(name="each", layer=Dense(name="inside", units=4, activation=Tanh())),
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


def shown_shares(plot):
    return [text.get_text() for text in plot.shares if text.get_text()]


halves = Histogram(np.array([30, 10, 40, 20]), -2.0, 2.0)


def test_a_relu_shades_what_lies_below_0_and_says_how_much(qtbot, plot):
    invented.draw(qtbot, plot, record(dense=halves))
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
    invented.draw(qtbot, plot, record(dense_1=Histogram(np.array([50, 0, 0, 25, 25]), -5.0, 5.0)))
    left, right = zones_of(Tanh())
    edge = math.atanh(math.sqrt(0.95))
    assert left.high == pytest.approx(-edge)
    assert right.low == pytest.approx(edge)
    assert not left.dead
    assert share_inside(plot._applied.inputs, left) == pytest.approx(0.5)
    assert share_inside(plot._applied.inputs, right) == pytest.approx(0.25 + 0.25 * (3 - edge) / 2)
    assert shown_shares(plot) == ["50.0 %", "35.3 %"]
    (rectangle, _) = [path.vertices for path in plot.saturated.get_paths()]
    assert (rectangle[:, 0].min(), rectangle[:, 0].max()) == (plot._limits[0], pytest.approx(-edge))


def test_zones_together_hold_what_was_counted_one_by_one(qtbot, plot):
    plot.show_layer("dense_1")
    history = record(dense_1=Histogram(np.array([50, 0, 0, 25, 25]), -5.0, 5.0))
    (layer,) = history.last_probe.layers
    history.append(dataclasses.replace(history.last_probe, layers=(dataclasses.replace(layer, saturated=0.8),)))
    invented.draw(qtbot, plot, history)
    assert plot.header.subtitle.text() == "tanh · 80.0 % at |f′| < 0.05"
    assert sum(plot._applied.shares) == pytest.approx(0.8)
    assert [float(text.split()[0]) for text in shown_shares(plot)] == pytest.approx([46.9, 33.1], abs=0.1)


def test_the_bars_stand_over_their_numbers_and_the_curves_over_theirs(qtbot, plot):
    invented.draw(qtbot, plot, record(dense=halves))
    (outline,) = [path.vertices for path in plot.bars.get_paths()]
    assert outline[:, 0].min() == -2
    assert outline[:, 0].max() == 2
    assert outline[outline[:, 1] == outline[:, 1].max()][:, 0].tolist() == [0, 1]
    x, values = plot.value_line.get_data()
    assert np.allclose(values, np.maximum(x, 0))
    assert np.allclose(plot.slope_line.get_data()[1], x > 0)


def test_a_layer_uses_its_own_parameters(qtbot, plot):
    plot.show_layer("leaky")
    invented.draw(qtbot, plot, record(leaky=halves))
    assert plot.describe(-2, 0).startswith("f(−2) = −0.06\nf′(−2) = 0.03")
    assert shown_shares(plot) == ["40.0 %"]
    assert plot.saturated.get_paths()
    assert plot.header.subtitle.text() == "leaky_relu slope 0.03"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("straight", "is linear"),
        ("prelu", "not seen from outside"),
        ("flatten", "no activation of its own"),
        ("maxout", "has learned pieces in place of an activation: see Weights, pieces"),
        ("output", "softmax: each output depends on all inputs"),
        ("rnn", "not seen from outside"),
        ("lstm", "not seen from outside"),
        ("films", "inside, at every step"),
        ("stack", "not seen from outside"),
        ("gru", "The update gate z of gru is linear"),
        ("elsewhere", "not in the network"),
    ],
)
def test_a_layer_without_a_curve_says_why(qtbot, plot, name, words):
    plot.show_layer("dense")
    invented.draw(qtbot, plot, record(dense=halves))
    assert plot.header.legend.entries
    plot.show_layer(name)
    invented.draw(qtbot, plot, record(dense=halves))
    assert plot.is_empty
    assert words in plot.empty_sentence
    assert plot.header.legend.entries == (), "nothing is drawn that it could name"
    assert words.split()[-1] in "".join(written.text for written in plot.written)
    assert list(plot.table()[1]) == []
    plot.show_layer("dense")
    invented.draw(qtbot, plot, record(dense=halves))
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
    plot.show_layer("dense_1")
    plot.resize(180, 150)
    qtbot.waitUntil(lambda: not plot.choice.isVisible())
    invented.draw(qtbot, plot, record(dense_1=halves))
    assert len(plot.axes.get_xticks()) >= 3


def test_both_scales_are_zoomed_together_until_another_layer_is_shown(qtbot, plot):
    invented.draw(qtbot, plot, record(dense_1=halves, dense=halves))
    plot.show_layer("dense_1")
    invented.draw(qtbot, plot, record(dense_1=halves))
    values, slopes = plot.axes.get_ylim(), plot.slopes.get_ylim()
    plot.zoom(np.array([[-1.0, sum(values) / 2], [1.0, values[1]]]))
    invented.draw(qtbot, plot, record(dense_1=halves))
    assert plot.axes.get_xlim() == plot.slopes.get_xlim() == (-1, 1)
    assert plot.slopes.get_ylim() == pytest.approx((sum(slopes) / 2, slopes[1]))
    assert plot.value_line.get_xdata()[[0, -1]].tolist() == [-1, 1]
    plot.show_layer("dense")
    invented.draw(qtbot, plot, record(dense=halves))
    assert plot.axes.get_xlim() == (-4, 4)


def test_a_curve_is_hidden_by_its_name(qtbot, plot):
    invented.draw(qtbot, plot, record(dense=halves))
    plot.header.legend.toggle("f′")
    invented.draw(qtbot, plot, record(dense=halves))
    assert plot.value_line.get_visible()
    assert not plot.slope_line.get_visible()


def test_what_is_not_finite_is_counted_and_not_drawn(qtbot, plot):
    invented.draw(qtbot, plot, record(dense=dataclasses.replace(halves, not_finite=1234)))
    assert plot.note.get_text() == "1\u2009234 not finite"
    invented.draw(qtbot, plot, record(dense=Histogram(np.zeros(4, dtype=np.int64), 0.0, 0.0, 9)))
    assert plot.is_empty
    assert "none of it" in plot.empty_sentence or "nothing of it is finite" in plot.empty_sentence


def test_the_axis_grows_in_leaps_and_shrinks_where_it_was_mostly_empty(qtbot, plot):
    invented.draw(qtbot, plot, record(dense=halves))
    assert plot._limits == (-4, 4)
    redraws = plot.redraws
    for high in np.linspace(4, 30, 40):
        invented.draw(qtbot, plot, record(dense=Histogram(np.array([1, 2, 3]), -1.0, float(high))))
        assert plot._limits[1] >= high
    assert plot.redraws - redraws <= 12
    invented.draw(qtbot, plot, record(dense=halves))
    assert plot._limits == (-4, 4)


def test_the_table_has_a_row_for_each_bin(qtbot, plot):
    invented.draw(qtbot, plot, record(dense=halves))
    columns, rows = plot.table()
    assert columns == ("from", "to", "count", "f", "f′")
    assert [tuple(row) for row in rows] == [(-2, -1, 30, 0, 0), (-1, 0, 10, 0, 0), (0, 1, 40, 0.5, 1), (1, 2, 20, 1.5, 1)]


def gate(name, low, high, saturated):
    return GateProbe(name, Histogram(np.array([10, 30, 40, 20]), low, high), 0.5, 1.0, None, saturated)


def gated(name="lstm", step=7):
    """One look at a layer with the gates of an LSTM."""
    gates = (gate("i", -4.0, 4.0, 0.1), gate("f", -8.0, 8.0, 0.7), gate("c", -2.0, 2.0, 0.2), gate("o", -1.0, 1.0, 0.0))
    found = record(**{name: None})
    (layer,) = found.last_probe.layers
    found.append(dataclasses.replace(found.last_probe, step=step, layers=(dataclasses.replace(layer, gates=gates),)))
    return found


def test_the_axis_names_the_layer_in_as_many_words_as_fit(qtbot, plot):
    plot.show_layer("dense_1")
    invented.draw(qtbot, plot, record(dense_1=Histogram(np.array([1, 2, 1]), -1.0, 1.0)))
    assert plot.axes.get_xlabel() == "pre-activation z of dense_1"
    assert plot._x_title(plot.lettering.width("pre-activation z")) == "z of dense_1"


def test_each_gate_of_a_recurrent_layer_has_its_sums_under_its_own_curve(qtbot, plot):
    plot.show_layer("lstm")
    invented.draw(qtbot, plot, gated())
    assert plot.gate.isEnabled()
    assert plot.gate.currentText() == "i · input gate"
    assert plot.axes.get_xlabel() == "input gate i: pre-activation of lstm"
    assert plot.header.subtitle.text() == "sigmoid · 10.0 % at |f′| < 0.05"
    assert plot._applied.inputs.low == -4
    plot.gate.setCurrentIndex(2)
    invented.draw(qtbot, plot, gated())
    assert plot.header.subtitle.text() == "tanh · 20.0 % at |f′| < 0.05"
    x, values = plot.value_line.get_data()
    assert np.allclose(values, np.tanh(x))
    assert plot._applied.inputs.low == -2


def test_each_gate_of_each_cell_can_be_chosen(qtbot, plot):
    plot.show_layer("stack")
    found = record(stack=None)
    (layer,) = found.last_probe.layers
    gates = tuple(gate(f"cell {cell} {name}", 0.0 - cell, 3.0, 0.1) for cell in (1, 2) for name in "ifco")
    found.append(dataclasses.replace(found.last_probe, step=8, layers=(dataclasses.replace(layer, gates=gates),)))
    plot.gate.setCurrentText("cell 2 c · candidate")
    invented.draw(qtbot, plot, found)
    assert plot._applied.inputs.low == -2
    assert plot.header.subtitle.text().startswith("tanh")
    assert plot.axes.get_xlabel() == "candidate cell 2 c: pre-activation of stack"


def test_the_menu_has_the_gates_where_the_head_is_narrow(qtbot, plot):
    plot.show_layer("lstm")
    invented.draw(qtbot, plot, gated())
    (choices,) = [action.menu() for action in plot.menu().actions() if action.text() == "Gate"]
    assert [action.text() for action in choices.actions()] == [
        "i · input gate", "f · forget gate", "c · candidate", "o · output gate",
    ]  # fmt: skip
    choices.actions()[1].trigger()
    invented.draw(qtbot, plot, gated())
    assert plot.header.subtitle.text() == "sigmoid · 70.0 % at |f′| < 0.05"
    plot.show_layer("dense")
    assert not plot.gate.isEnabled()
    assert "Gate" not in [action.text() for action in plot.menu().actions()]


def test_the_gate_stays_chosen_while_another_layer_is_looked_at_and_is_remembered(qtbot, plot):
    plot.choose({"gate": "f"})
    plot.show_layer("lstm")
    assert plot.gate.currentText() == "f · forget gate"
    plot.show_layer("dense")
    plot.show_layer("lstm")
    assert plot.choices() == {"gate": "f"}
    plot.show_layer("gru")
    assert plot.gate.currentText() == "z · update gate"
    plot.show_layer("lstm")
    assert plot.gate.currentText() == "f · forget gate"


def test_a_layer_inside_another_has_its_curve(qtbot, plot):
    plot.show_layer("each")
    invented.draw(qtbot, plot, record(each=halves))
    assert plot.header.subtitle.text() == "tanh"


def sloped(*slopes, saturated=None, step=7):
    """One look at a PReLU with these slopes."""
    found = record(prelu=halves)
    (layer,) = found.last_probe.layers
    learned = Slopes(float(np.mean(slopes)), np.sort(slopes))
    layer = dataclasses.replace(layer, slopes=learned, saturated=saturated)
    found.append(dataclasses.replace(found.last_probe, step=step, layers=(layer,)))
    return found


def test_a_prelu_has_the_curve_of_its_mean_slope_and_a_line_for_each_unit(qtbot, plot):
    plot.show_layer("prelu")
    invented.draw(qtbot, plot, sloped(0.5, -0.1, 0.2, saturated=0.0))
    assert plot.header.subtitle.text() == "prelu, mean slope 0.2, from −0.1 to 0.5 · 0.0 % at |f′| < 0.05"
    x, values = plot.value_line.get_data()
    assert np.allclose(values, np.where(x > 0, x, 0.2 * x))
    assert np.allclose(plot.slope_line.get_data()[1], np.where(x > 0, 1, 0.2))
    assert [line[0].tolist() for line in plot.units.get_segments()] == [[-4, 0.4], [-4, -0.8], [-4, -2]]
    assert [line[:, 1].tolist() for line in plot.unit_slopes.get_segments()] == [[-0.1, -0.1], [0.2, 0.2], [0.5, 0.5]]
    (band,) = [path.vertices for path in plot.band.get_paths()]
    assert (band[:, 1].min(), band[:, 1].max()) == (-2, 0.4)
    (low, high), (least, greatest) = plot.axes.get_ylim(), plot.slopes.get_ylim()
    assert low < -2 < 0.4 < high
    assert least < -0.1 < 1 < greatest
    assert plot.describe(-2, 0).startswith("f(−2) = −0.4\nf′(−2) = 0.2\nprelu, mean slope 0.2, from −0.1 to 0.5")
    assert plot._applied.zones == ()
    assert plot.mean_slope.get_text() == "mean slope\n0.2"


def test_slopes_that_change_are_drawn_without_writing_the_axes_anew(qtbot, plot):
    plot.show_layer("prelu")
    invented.draw(qtbot, plot, sloped(0.25, 0.3))
    redraws = plot.redraws
    for step in range(8, 30):
        invented.draw(qtbot, plot, sloped(0.25, 0.3 + 0.001 * step, step=step))
        assert plot.units.get_segments()[-1][0, 1] == pytest.approx(-4 * (0.3 + 0.001 * step))
    assert plot.redraws == redraws
    invented.draw(qtbot, plot, sloped(0.25, 3.0, step=31))
    assert plot.axes.get_ylim()[0] < -12
    assert plot.redraws == redraws + 1


def test_a_prelu_is_shaded_where_some_units_are_flat_with_the_share_that_was_counted(qtbot, plot):
    plot.show_layer("prelu")
    invented.draw(qtbot, plot, sloped(0.01, 0.5, saturated=0.15))
    assert plot._applied.zones == (Zone(-math.inf, 0.0, dead=False),)
    assert shown_shares(plot) == ["15.0 %"]
    invented.draw(qtbot, plot, sloped(0.0, 0.0, saturated=0.4, step=8))
    assert plot._applied.zones == (Zone(-math.inf, 0.0, dead=True),)
    assert plot.header.subtitle.text() == "prelu, mean slope 0 · 40.0 % at |f′| < 0.05"


def test_the_units_of_a_prelu_are_hidden_by_their_name(qtbot, plot):
    plot.show_layer("prelu")
    invented.draw(qtbot, plot, sloped(0.01, 0.5))
    plot.header.legend.toggle("each unit")
    invented.draw(qtbot, plot, sloped(0.01, 0.5))
    assert plot.value_line.get_visible()
    assert not plot.units.get_visible()
    plot.show_layer("dense")
    invented.draw(qtbot, plot, record(dense=halves))
    assert "each unit" not in [entry.name for entry in plot.header.legend.entries]


def test_slopes_of_a_moment_that_is_past_are_those_of_then(qtbot, plot):
    plot.show_layer("prelu")
    history = sloped(0.1, 0.3)
    history.append(invented.steps(1, 9, layers=("prelu",)))
    (layer,) = history.last_probe.layers
    later = dataclasses.replace(layer, slopes=Slopes(0.7, np.array([0.6, 0.8])))
    history.append(dataclasses.replace(history.last_probe, step=9, layers=(later,)))
    invented.draw(qtbot, plot, history)
    assert "mean slope 0.7" in plot.header.subtitle.text()
    history.show(7)
    invented.draw(qtbot, plot, history)
    assert "mean slope 0.2" in plot.header.subtitle.text()
