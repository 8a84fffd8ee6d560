"""Weights stand where they belong, in colours of a range that is written beside them."""

import numpy as np
import pytest
from matplotlib.colors import to_hex

from gui.plots.axes.tiles import coloured
from gui.plots.views.pieces import Pieces
from gui.plots.views.weight_plot import WeightPlot, arranged
from gui.theme import dark, light
from models.experiment.layers import Maxout, PReLU
from models.telemetry.wanted import Wanted, Weights
from tests.gui.plots.looked import array, choose, drawn, looks, record, run_of, said, show


@pytest.fixture
def plot(qtbot):
    plot = WeightPlot(light)
    qtbot.addWidget(plot)
    return plot


def show_weights(qtbot, plot, run, layer, arrays, arriving=None):
    show(qtbot, plot, run_of(run), looks(weights={layer: Weights(layer, arrays, arriving)}), layer)


def shown(plot, name):
    box = plot._boxes[name]
    return plot.image.get_array()[::-1][box.top : box.top + box.height, box.left : box.left + box.width]


def test_it_wants_the_weights_of_the_selected_layer(plot):
    assert plot.wanted == Wanted()
    plot.show_layer("dense")
    assert plot.wanted == Wanted(weights=frozenset({"dense"}))


def test_a_matrix_has_inputs_as_rows_and_units_as_columns(qtbot, plot):
    kernel, bias = array([[1.0, -2.0, 0.0], [0.5, 0.0, 2.0]]), array([0.0, 0.1, -0.1])
    show_weights(qtbot, plot, "spiral", "dense", {"kernel": kernel, "bias": bias})
    assert said(plot) == ["kernel  2 × 3, ±2", "bias  3, ±0.1"]
    found, expected = shown(plot, "kernel"), coloured(kernel.values, 2.0, light)
    corners = [(0, 0, 0, 0), (0, -1, 0, 2), (-1, 0, 1, 0), (-1, -1, 1, 2)]
    for y, x, row, column in corners:
        assert found[y, x].tolist() == expected[row, column].tolist()
    box = plot._boxes["kernel"]
    text = plot.describe_place(box.left + box.width - 1, box.top + 1)
    assert text.splitlines() == ["kernel[0, 2] = 0", "all: from −2 to 2", f"mean 0.25 ± {kernel.std:.3g}"]
    assert plot.header.subtitle.text() == "dense, 9 weights"


def test_a_weight_of_0_is_not_taken_for_what_is_beside_the_map(qtbot, plot):
    show_weights(qtbot, plot, "digits-cnn", "conv2d", {"kernel": array(np.zeros((3, 3, 1, 16))), "bias": array(np.zeros(16))})
    around = light.card
    for box in plot._boxes.values():
        for x, y in ((box.left - 1, box.top), (box.left, box.top - 1), (box.left + box.width, box.top + box.height)):
            assert pixel(plot, x, y) == light.border != around
    kernel = plot._boxes["kernel"]
    colours = {pixel(plot, kernel.left + x, kernel.top + kernel.height // 12) for x in range(kernel.width)}
    assert len(colours) == 2
    assert light.hover in colours, "the gaps"


def pixel(plot, x, y):
    """Colour of the picture that is drawn, counted from the upper left."""
    return to_hex(plot.image.get_array()[::-1][y, x] / 255)


def test_what_is_thinned_and_what_is_not_finite_is_said(qtbot, plot):
    kernel = array([[1.0, np.nan]], strides=(2, 3), not_finite=4)
    show_weights(qtbot, plot, "spiral", "dense", {"kernel": kernel})
    assert said(plot) == ["kernel  2 × 6, thinned, ±1, 4 not finite"]
    box = plot._boxes["kernel"]
    assert plot.describe_place(box.left + box.width - 1, box.top + 1).splitlines()[::3] == [
        "kernel[0, 3] = not finite",
        "4 not finite",
    ]


def test_kernels_of_convolutions_are_tiles_of_inputs_and_filters(qtbot, plot):
    kernel = drawn(3, 2, 4, 5)
    cells = arranged(kernel, 2)
    assert cells.shape == (4 * 4 - 1, 5 * 3 - 1)
    for row, column, number, filter_number in ((0, 0, 0, 0), (2, 1, 3, 4), (1, 0, 2, 1)):
        place = cells[number * 4 + row, filter_number * 3 + column]
        assert kernel.values.ravel()[place] == kernel.values[row, column, number, filter_number]
    assert (cells[3] == -1).all()
    assert (cells[:, 2] == -1).all()
    assert sorted(cells[cells >= 0].tolist()) == list(range(120))
    show_weights(qtbot, plot, "digits-cnn", "conv2d", {"kernel": kernel, "bias": drawn(5)})
    box = plot._boxes["kernel"]
    assert box.width / box.height == pytest.approx(14 / 15, rel=0.02)
    assert plot.describe_place(box.left + box.width * 2.5 / 14, box.top + 1) == ""
    plot.resize(230, 420)
    plot.refresh()
    kernel, bias = plot._boxes["kernel"], plot._boxes["bias"]
    assert bias.top - (kernel.top + kernel.height) < 3 * plot.lettering.height, "no gap where windows leave height free"


@pytest.mark.parametrize(
    ("shape", "window", "cells"),
    [((3, 4, 5), 1, (7, 19)), ((8, 8, 4), 2, (17, 26)), ((3, 3, 1, 7), 2, (7, 15)), ((2, 3, 3, 4, 5), 3, (27, 19))],
)
def test_windows_of_any_number_of_axes(shape, window, cells):
    found = arranged(drawn(*shape), window)
    assert found.shape == cells
    assert sorted(found[found >= 0].tolist()) == list(range(int(np.prod(shape))))


def test_arrays_without_window_are_a_row_or_a_matrix():
    assert arranged(drawn(4), 0).tolist() == [[0, 1, 2, 3]]
    assert arranged(drawn(2, 2, 3), 0).shape == (2, 6)
    assert arranged(array(1.0), 0).shape == (1, 1)


def test_many_arrays_stand_in_two_columns_without_overlaps(qtbot, plot):
    names = [f"{part}/{name}" for part in ("query", "key", "value", "output") for name in ("kernel", "bias")]
    arrays = {name: drawn(16, 8) if name.endswith("kernel") else drawn(8) for name in names}
    show(qtbot, plot, run_of("spiral"), looks(weights={"dense": Weights("dense", arrays)}), "dense", size=(340, 250))
    boxes = list(plot._boxes.values())
    assert len({box.left for box in boxes}) == 2
    for box in boxes:
        assert box.top + box.height <= plot.figure.bbox.height
        assert box.left + box.width <= plot.figure.bbox.width
    assert not any(a.holds(b.left, b.top) for a in boxes for b in boxes if a is not b)


def test_arrays_are_told_apart_by_their_names_in_a_narrow_panel(qtbot, plot):
    names = [f"{part}/{name}" for part in ("query", "key", "value", "attention_output") for name in ("kernel", "bias")]
    arrays = {name: drawn(16, 8) if name.endswith("kernel") else drawn(8) for name in names}
    show(qtbot, plot, run_of("spiral"), looks(weights={"dense": Weights("dense", arrays)}), "dense", size=(230, 180))
    titles = said(plot)
    assert len(set(titles)) == len(names)
    assert [title.split("/")[1].split()[0] for title in titles[:6]] == ["kernel", "bias"] * 3
    assert [title[-4:] for title in titles[6:]] == ["rnel", "bias"]


def test_titles_leave_out_what_all_weights_have_in_common(qtbot, plot):
    cell = {f"gru_cell/{name}": array(np.ones((8, 48))) for name in ("kernel", "recurrent_kernel", "bias")}
    show(qtbot, plot, run_of("spiral"), looks(weights={"gru": Weights("gru", cell)}), "gru")
    assert said(plot) == ["kernel  8 × 48, ±1", "recurrent_kernel  8 × 48, ±1", "bias  8 × 48, ±1"]
    box = plot._boxes["gru_cell/kernel"]
    assert plot.describe_place(box.left + 1, box.top + 1).startswith("gru_cell/kernel[0, 0] = 1"), (
        "the pointer tells Keras's name"
    )


def test_a_layer_without_weights_says_so(qtbot, plot):
    show_weights(qtbot, plot, "digits-cnn", "flatten", {})
    assert plot.is_empty
    assert plot.empty_sentence == "flatten has no weights: select another layer"


def maxout_run():
    run = run_of("maxout")
    layer = run.experiment.network[0]
    assert isinstance(layer, Maxout)
    return run, layer


def test_the_pieces_of_a_maxout_unit_and_their_envelope(qtbot, plot):
    run, layer = maxout_run()
    kernel, bias = drawn(2, layer.units * layer.pieces), drawn(layer.units * layer.pieces, seed=1)
    arriving = run.prepared.x_train
    show_weights(qtbot, plot, "maxout", layer.name, {"kernel": kernel, "bias": bias}, arriving)
    choose(plot, "pieces")
    assert plot.unit.isVisible()
    assert plot.unit.maximum() == layer.units - 1
    plot.unit.setValue(2)
    plot.refresh()
    of_unit = slice(2 * layer.pieces, 3 * layer.pieces)
    pieces = Pieces(kernel.values[:, of_unit].astype(float), bias.values[of_unit].astype(float), arriving.astype(float))
    lines = [line.get_ydata() for line in plot._lines]
    for line, values in zip(lines, pieces.sums(pieces.positions), strict=False):
        np.testing.assert_allclose(line, values)
    np.testing.assert_allclose(lines[-1], np.max(lines[:-1], axis=0))
    assert [entry.name for entry in plot.header.legend.entries] == ["piece 0", "piece 1", "piece 2", "maximum"]
    looks_of_lines = {(entry.colour, entry.line) for entry in plot.header.legend.entries}
    assert len({line for _, line in looks_of_lines}) == len(plot._lines), "told apart without colours"
    plot.header.legend.toggle("piece 1")
    plot.refresh()
    assert [line.get_visible() for line in plot._lines] == [True, False, True, True]
    assert "is the greatest here" in plot.describe(0.0, 0.0)
    plot.resize(240, 190)
    plot.refresh()
    (title,) = [written.place for written in plot.written if written.text.startswith("direction")]
    assert title.left() >= 0
    assert title.right() <= plot.figure.bbox.width
    choose(plot, "map")
    assert not plot.unit.isVisible()
    assert not plot.header.legend.entries


def test_pieces_are_what_the_layer_computes_on_the_line():
    random = np.random.default_rng(0)
    common = np.array([[9.0], [0.0], [0.0], [0.0]])  # which makes no difference between the pieces
    pieces = Pieces(random.normal(size=(4, 3)) + common, random.normal(size=3), random.normal(size=(50, 4)))
    assert np.linalg.norm(pieces.direction) == pytest.approx(1)
    point = pieces.arriving.mean(axis=0) + 0.7 * pieces.direction
    np.testing.assert_allclose(pieces.sums(np.array([0.7]))[:, 0], point @ pieces.kernel + pieces.bias)
    assert pieces.examples.mean() == pytest.approx(0, abs=1e-12)
    # Along no other direction do the pieces' slopes differ more.
    spread = np.var(pieces.direction @ pieces.kernel)
    others = random.normal(size=(200, 4))
    others /= np.linalg.norm(others, axis=1, keepdims=True)
    assert (np.var(others @ pieces.kernel, axis=1) <= spread + 1e-12).all()
    assert pieces.shares.sum() == pytest.approx(1)


def test_with_one_input_the_axis_is_the_input_itself():
    pieces = Pieces(np.array([[2.0, -1.0]]), np.array([0.0, 1.0]), np.array([[-3.0], [5.0]]))
    assert (pieces.positions[0], pieces.positions[-1]) == (-3, 5)
    np.testing.assert_allclose(pieces.sums(np.array([2.0]))[:, 0], [4.0, -1.0])


def test_the_slopes_of_prelu(qtbot, plot):
    from msgspec.structs import replace

    run = run_of("spiral")
    network = (run.experiment.network[0], PReLU(name="prelu"), run.experiment.network[-1])
    other = type(run)(1, replace(run.experiment, network=network), run.prepared)
    alpha = array([0.25, -0.5, 1.0])
    show(qtbot, plot, other, looks(weights={"prelu": Weights("prelu", {"alpha": alpha})}), "prelu")
    choose(plot, "slopes")
    left = sorted(segment[0][1] for segment in plot._slopes.get_segments())
    assert left == [-1.0, -0.25, 0.5]
    assert all(segment[1:].tolist() == [[0, 0], [1, 1]] for segment in plot._slopes.get_segments())
    assert plot.describe(-1, 0) == "slopes below 0: from −0.5 to 1, mean 0.25"


def test_another_layer_is_waited_for_and_the_next_run_starts_empty(qtbot, plot):
    show_weights(qtbot, plot, "spiral", "dense", {"kernel": drawn(2, 16)})
    columns, rows = plot.table()
    assert columns == ("array", "place", "value")
    assert next(iter(rows))[:2] == ("kernel", "0 0")
    plot.show_layer("output")
    assert plot.is_empty
    plot.show_layer("elsewhere")
    assert plot.empty_sentence == "elsewhere is not in the network that was trained"
    plot.show_layer("output")
    assert plot.empty_sentence == "The weights of output appear with the next look inside"
    plot.update_from(record(looks(weights={"output": Weights("output", {"kernel": drawn(16, 1)})})))
    plot.refresh()
    assert not plot.is_empty
    plot.set_theme(dark)
    plot.refresh()
    assert plot.rendered("png").startswith(b"\x89PNG")
    plot.clear()
    plot.refresh()
    assert plot.is_empty
    assert list(plot.table()[1]) == []
