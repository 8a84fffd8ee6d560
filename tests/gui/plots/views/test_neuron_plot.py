"""Each unit's map is what the unit puts out there, and everything that is told of it is true."""

import dataclasses

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from gui.messages import RunPrepared
from gui.plots.axes import ticks
from gui.plots.axes.tiles import colour_bytes, coloured, greys
from gui.plots.views.neuron_plot import NeuronPlot
from gui.theme import dark, light
from models.data import prepare
from models.experiment.data import RandomNumbers
from models.experiment.experiment import Experiment
from models.experiment.layers import Conv1D, Conv3D, Dense, Embedding, Flatten
from models.experiment.losses import MeanSquaredError
from models.experiment.training import Training
from models.telemetry.history import History
from models.telemetry.wanted import Neurons, Onward, Wanted
from tests.gui.plots.looked import array, choose, click, drawn, looks, numbers_in_data, record, run_of, said, show


@pytest.fixture
def plot(qtbot):
    plot = NeuronPlot(light)
    qtbot.addWidget(plot)
    return plot


def over_spiral(units=6, stride=2, **more):
    """Unit number n puts out n + x + 10 y over the view of the spiral."""
    axis = run_of("spiral").prepared.view.axes[0][::stride]
    x, y = np.meshgrid(axis, axis)
    outputs = np.stack([number + x + 10 * y for number in range(units)]).astype(np.float32)
    return Neurons("dense", "plane", units, outputs, stride, **more)


def show_spiral(qtbot, plot, neurons, **more):
    show(qtbot, plot, run_of("spiral"), looks(neurons={"dense": neurons}), "dense", **more)


def shown(plot, box):
    """The picture within a box."""
    return plot.image.get_array()[::-1][box.top : box.top + box.height, box.left : box.left + box.width]


def middle(box):
    return box.left + box.width / 2, box.top + box.height / 2


def test_it_wants_the_units_of_the_selected_layer_only(plot):
    assert plot.wanted == Wanted()
    plot.show_layer("dense")
    plot.example.set_numbers(np.arange(1, 11))
    plot.show_example(4)
    assert plot.wanted == Wanted(neurons=frozenset({"dense"}), example=4)


def test_each_unit_has_its_map_with_y_upwards(qtbot, plot):
    neurons = over_spiral()
    show_spiral(qtbot, plot, neurons)
    reach = np.abs(neurons.outputs).max()
    assert plot._reach >= reach
    for unit, box in plot._boxes.items():
        expected = coloured(neurons.outputs[unit], plot._reach, light)
        found = shown(plot, box)
        assert found[0, 0].tolist() == expected[-1, 0].tolist()
        assert found[-1, -1].tolist() == expected[0, -1].tolist()
    assert said(plot) == ["dense, 6 units", "−80", "80", "0", "1", "2", "3", "4", "5"]


def test_scales_are_one_for_all_or_each_its_own(qtbot, plot):
    neurons = over_spiral(units=2)
    small = Neurons("dense", "plane", 2, neurons.outputs * np.array([[[1.0]], [[0.001]]], dtype=np.float32), 2)
    show_spiral(qtbot, plot, small)
    pale = shown(plot, plot._boxes[1])
    choose(plot, "own")
    strong = shown(plot, plot._boxes[1])
    assert np.ptp(pale.astype(int), axis=(0, 1)).max() < 5
    assert np.ptp(strong.astype(int), axis=(0, 1)).max() > 100
    assert said(plot)[1:3] == ["−max", "max"]


def test_the_tool_tip_tells_place_value_and_weights(qtbot, plot):
    kernel, bias = array([[0.5] * 6, [-2.0] * 6]), array([0.25] * 6)
    onward = Onward("output", 1, np.arange(6, dtype=np.float32)[:, None], np.zeros(1, np.float32))
    show_spiral(qtbot, plot, over_spiral(stride=59, weights={"kernel": kernel, "bias": bias}, onward=onward))
    box = plot._boxes[3]
    text = plot.describe_place(box.left + box.width - 1, box.top)  # the upper right corner: x = y = 6
    assert text.splitlines() == [
        "unit 3 of dense",
        "x 6, y 6: 69",
        "from −63 to 69, mean 3",
        "kernel 0.5, −2",
        "bias 0.25",
        "weight in the next layer 3",
    ]
    assert plot.describe_place(0, 0) == ""


def test_a_unit_of_many_weights_tells_their_norm(qtbot, plot):
    show_spiral(qtbot, plot, over_spiral(weights={"kernel": array(np.full((9, 6), 2.0))}))
    assert "kernel: 9 weights, norm 6" in plot.describe_place(*middle(plot._boxes[0]))


def test_weights_that_are_thinned_are_not_told_of_a_unit(qtbot, plot):
    show_spiral(qtbot, plot, over_spiral(weights={"kernel": array(np.ones((2, 3)), strides=(1, 2))}))
    assert "kernel" not in plot.describe_place(*middle(plot._boxes[0]))


def test_hovering_enlarges_a_unit_on_the_other_side(qtbot, plot):
    show_spiral(qtbot, plot, over_spiral(units=12))
    before = plot.image.get_array().copy()
    plot.hover(*middle(plot._boxes[0]))
    plot.refresh()
    changed = (plot.image.get_array() != before).any(axis=(0, 2))
    assert plot.hovered == 0
    assert not changed[: plot.image.get_array().shape[1] // 2 - 10].any()
    assert changed.any()
    plot.leave()
    plot.refresh()
    assert (plot.image.get_array() == before).all()


def test_a_click_lets_a_unit_fill_the_panel_and_another_one_brings_all_back(qtbot, plot):
    show_spiral(qtbot, plot, over_spiral())
    small = plot._boxes[2]
    click(qtbot, plot, small)
    assert plot.filling == 2
    assert plot._boxes[2].width > 2 * small.width
    assert "unit 2 of dense" in plot.describe_place(*middle(plot._boxes[2]))
    click(qtbot, plot, plot._boxes[2])
    assert plot._boxes[2] == small


def test_the_unit_that_fills_the_panel_does_so_in_the_next_run_too_as_long_as_its_layer_is_shown(qtbot, plot):
    show_spiral(qtbot, plot, over_spiral())
    click(qtbot, plot, plot._boxes[4])
    plot.set_theme(dark)
    show_spiral(qtbot, plot, over_spiral())
    assert plot.filling == 4
    other = over_spiral(units=2)
    show(qtbot, plot, run_of("spiral"), looks(neurons={"dense_1": other, "dense": other}), "dense_1")
    assert plot.filling is None
    show_spiral(qtbot, plot, other)
    assert plot.filling is None, "there is no such unit any more"
    assert len(plot._boxes) == 2
    plot.choose({"filled": "dense 1"})
    assert plot.filling == 1


def test_the_example_that_was_chosen_is_that_of_the_next_run_where_it_has_so_many(qtbot, plot):
    plot.start(run_of("digits-cnn"))
    plot.example.setValue(300)
    plot.start(run_of("fruit"))
    assert plot.example.maximum() < 300
    assert plot.example.value() == 0
    plot.start(run_of("digits-cnn"))
    assert plot.example.value() == 300


def test_what_a_unit_puts_out_that_is_not_finite_is_grey(qtbot, plot):
    neurons = over_spiral()
    neurons.outputs[1] = np.nan
    show_spiral(qtbot, plot, neurons)
    assert len(np.unique(shown(plot, plot._boxes[1]).reshape(-1, 3), axis=0)) == 1
    assert "not finite" in plot.describe_place(*middle(plot._boxes[1]))


def test_two_units_can_be_seen_as_a_bent_plane(qtbot, plot):
    rows = np.array([0, 3])
    ends = np.array([[1.0, 2.0], [3.0, 4.0]], dtype=np.float32)
    neurons = over_spiral(units=2, stride=1, training_outputs=ends, training_rows=rows)
    show_spiral(qtbot, plot, neurons, surface=np.zeros((3600, 1)))
    choose(plot, "bent")
    assert plot.graph.points.get_offsets().tolist() == [[1, 3], [2, 4]]
    values = run_of("spiral").prepared.view.training_values[rows]
    assert plot.graph.points.get_facecolors()[:, :3].tolist() == [list(to_rgb(light.class_colour(value))) for value in values]
    assert len(plot.graph.lines) == 32
    assert np.array(plot.graph.lines[0].get_data()).tolist() == neurons.outputs[:, 0].tolist()
    assert np.array(plot.graph.lines[-1].get_data()).tolist() == neurons.outputs[:, :, -1].tolist()
    assert plot.describe(0.5, 2.0) == "unit 0: 0.5, unit 1: 2"
    plot.update_from(record(looks(neurons={"dense": over_spiral(units=3)})))
    plot.refresh()
    assert plot.image is not None


sine_kernel = np.array([[2.0, 0.5], [-1.0, 3.0], [5.0, 4.0]], dtype=np.float32)


def over_sine(receivers=1, units=3):
    """Units that put out sine, cosine and nothing, and what they add to the sums of so many units."""
    positions = run_of("sine").prepared.view.axes[0]
    outputs = np.stack([np.sin(positions), np.cos(positions), *[np.zeros_like(positions)] * (units - 2)]).astype(np.float32)
    kernel = np.resize(sine_kernel[:, :receivers], (units, receivers))
    bias = np.array([0.5, -2.0], dtype=np.float32)[:receivers]
    onward = Onward("next", receivers, kernel, bias, outputs, kernel.T @ outputs + bias[:, None])
    return positions, Neurons("dense", "curve", units, outputs, onward=onward)


def show_sine(qtbot, plot, neurons, **more):
    show(qtbot, plot, run_of("sine"), looks(neurons={"dense": neurons}), "dense", **more)


def lines(plot):
    """The lines that are named in the legend."""
    found = dict(zip(plot.graph._names, plot.graph.lines, strict=True))
    return {entry.name: found[entry.name] for entry in plot.header.legend.entries}


def test_over_one_feature_units_add_up_to_the_output(qtbot, plot):
    positions, neurons = over_sine()
    show_sine(qtbot, plot, neurons)
    curves = {name: line.get_ydata() for name, line in lines(plot).items()}
    assert list(curves) == ["sum with bias", "unit 0", "unit 1", "unit 2"]
    np.testing.assert_allclose(curves["unit 0"], 2 * np.sin(positions), atol=1e-6)
    np.testing.assert_allclose(curves["unit 1"], -np.cos(positions), atol=1e-6)
    np.testing.assert_allclose(curves["sum with bias"], 2 * np.sin(positions) - np.cos(positions) + 0.5, atol=1e-6)
    text = plot.describe(float(positions[50]), float(curves["unit 1"][50]))
    assert "unit 1: " in text
    assert "weight in the next layer −1" in text
    assert not plot.receiver.isVisible()
    choose(plot, "outputs")
    np.testing.assert_allclose(lines(plot)["unit 0"].get_ydata(), np.sin(positions), atol=1e-6)
    assert len(plot.graph.lines) == 3


def test_the_unit_that_others_are_added_up_in_can_be_chosen(qtbot, plot):
    positions, neurons = over_sine(receivers=2)
    show_sine(qtbot, plot, neurons)
    assert plot.receiver.isVisible()
    assert plot.receiver.maximum() == 1
    assert plot.axes.get_ylabel() == "added to unit 0"
    assert (plot.way.currentText(), plot.receiver.text()) == ("added up", "in unit 0")
    plot.receiver.setValue(1)
    plot.refresh()
    curves = {name: line.get_ydata() for name, line in lines(plot).items()}
    np.testing.assert_allclose(curves["unit 1"], 3 * np.cos(positions), atol=1e-6)
    np.testing.assert_allclose(curves["sum with bias"], 0.5 * np.sin(positions) + 3 * np.cos(positions) - 2, atol=1e-6)
    assert plot.axes.get_ylabel() == "added to unit 1"
    assert "weight in unit 1 of next 3" in plot.describe(float(positions[50]), float(curves["unit 1"][50]))
    columns, rows = plot.table()
    assert columns == ("unit", "x", "added to unit 1")
    unit, x, added = list(rows)[-1]
    assert (unit, x, added) == ("sum with bias", positions[-1], pytest.approx(float(curves["sum with bias"][-1])))
    choose(plot, "outputs")
    assert not plot.receiver.isVisible()


def test_the_title_of_an_axis_stays_within_a_low_panel_or_is_left_out(qtbot, plot):
    _, neurons = over_sine(receivers=2)
    show_sine(qtbot, plot, neurons)
    plot.setMinimumSize(0, 0)
    seen = []
    for height in (300, *range(150, 90, -6)):
        plot.resize(300, height)
        qtbot.waitUntil(lambda height=height: plot.height() == height)
        plot.refresh()
        titles = [written.place for written in plot.written if written.text == "added to unit 0"]
        assert all(place.top() >= -1 and place.bottom() <= plot.figure.bbox.height + 1 for place in titles)
        seen.append(len(titles))
    assert seen == sorted(seen, reverse=True)
    assert (seen[0], seen[-1]) == (1, 0)


def test_what_was_chosen_comes_back_with_a_layer_that_has_it_and_is_the_usual_until_then(qtbot, plot):
    _, neurons = over_sine()
    last = Neurons("output", "curve", 1, neurons.outputs[:1])
    show(qtbot, plot, run_of("sine"), looks(neurons={"dense": neurons, "output": last}), "output")

    def look_at(layer):
        plot.show_layer(layer)
        plot.update_from(record(looks(neurons={"dense": neurons, "output": last})))
        return plot.chosen_way

    assert plot.chosen_way == "outputs"
    assert look_at("dense") == "contributions"
    assert plot.choices()["way"] == ""
    choose(plot, "outputs")
    assert look_at("output") == look_at("dense") == "outputs"
    choose(plot, "contributions")
    assert look_at("output") == "outputs"
    assert plot.choices()["way"] == "contributions"
    assert look_at("dense") == "contributions"


def test_the_units_that_go_furthest_are_named_and_keep_their_colours(qtbot, plot):
    sizes = np.array([9, 8, 7, 6, 5, 4, 3, 2, 1], dtype=np.float32)

    def look(sizes):
        outputs = sizes[:, None] * np.sin(run_of("sine").prepared.view.axes[0])
        return Neurons("dense", "curve", 9, outputs.astype(np.float32))

    show_sine(qtbot, plot, look(sizes))
    assert [entry.name for entry in plot.header.legend.entries] == [f"unit {number}" for number in range(6)] + ["others"]
    looks_before = {name: (line.get_color(), line.get_linestyle()) for name, line in lines(plot).items()}
    assert len(set(looks_before.values())) == 7
    sizes[6], sizes[7] = 4.5, 20
    plot.update_from(record(looks(neurons={"dense": look(sizes)})))
    plot.refresh()
    names = [entry.name for entry in plot.header.legend.entries]
    assert names == ["unit 0", "unit 1", "unit 2", "unit 3", "unit 4", "unit 7", "others"]
    assert (lines(plot)["unit 3"].get_color(), lines(plot)["unit 3"].get_linestyle()) == looks_before["unit 3"]


def test_the_line_under_the_pointer_comes_to_the_front(qtbot, plot):
    positions, neurons = over_sine()
    show_sine(qtbot, plot, neurons)
    assert not plot.graph.front.get_visible()
    plot.hover_graph(float(positions[50]), float(lines(plot)["unit 1"].get_ydata()[50]))
    plot.refresh()
    assert plot.graph.front.get_visible()
    assert plot.graph.front.get_ydata().tolist() == lines(plot)["unit 1"].get_ydata().tolist()
    assert plot.graph.front.get_linestyle() == lines(plot)["unit 1"].get_linestyle()
    plot.leave()
    plot.refresh()
    assert not plot.graph.front.get_visible()


def test_in_a_narrow_panel_the_axis_has_two_numbers_still(qtbot, plot):
    show_sine(qtbot, plot, over_sine()[1], size=(230, 200))
    assert len(plot.axes.get_xticks()) >= 2


def test_a_unit_can_be_hidden(qtbot, plot):
    positions, neurons = over_sine()
    show_sine(qtbot, plot, neurons)
    plot.header.legend.toggle("unit 1")
    plot.refresh()
    assert [name for name, line in lines(plot).items() if not line.get_visible()] == ["unit 1"]
    at = float(positions[50]), float(lines(plot)["unit 1"].get_ydata()[50])
    assert "unit 1" not in plot.describe(*at)


def test_without_a_single_dense_layer_behind_units_are_shown_as_they_are(qtbot, plot):
    _, neurons = over_sine()
    alone = Neurons("dense", "curve", 3, neurons.outputs)
    show(qtbot, plot, run_of("sine"), looks(neurons={"dense": alone}), "dense")
    assert plot.chosen_way == "outputs"
    assert not plot.way.isVisible()


def of_digit(**more):
    maps = np.random.default_rng(1).normal(size=(4, 8, 8)).astype(np.float32)
    return Neurons("conv2d", "example", 4, maps, example=5, **more)


def test_kernels_of_many_inputs_are_shown_input_by_input_in_the_same_colours(qtbot, plot):
    kernel = drawn(3, 3, 16, 4)
    neurons = dataclasses.replace(of_digit(weights={"kernel": kernel}), layer="conv2d_1")
    show(qtbot, plot, run_of("digits-cnn"), looks(neurons={"conv2d_1": neurons}), "conv2d_1", size=(700, 400))
    assert not plot.input.isVisible()
    choose(plot, "kernels")
    assert plot.input.isVisible()
    assert not plot.example.isVisible()
    for given in (0, 11):
        plot.input.setValue(given)
        plot.refresh()
        assert plot.header.subtitle.text() == f"conv2d_1, 4 units, input {given}"
        expected = coloured(kernel.values[:, :, given, 2], plot._reach, light)
        box = plot._boxes[2]
        assert shown(plot, box)[0, 0].tolist() == expected[0, 0].tolist()
        assert shown(plot, box)[-1, -1].tolist() == expected[-1, -1].tolist()
        weight = ticks.short(float(kernel.values[0, 0, given, 2]))
        assert f"input {given}, column 0, row 0: weight {weight}" in plot.describe_place(box.left, box.top)


def test_the_number_that_a_narrow_head_has_no_room_for_stands_beneath_the_maps(qtbot, plot):
    show(qtbot, plot, run_of("digits-cnn"), looks(neurons={"conv2d": of_digit()}), "conv2d", size=(600, 300))
    number = numbers_in_data(run_of("digits-cnn"))[5]
    assert f"conv2d, 4 units, example {number}" in said(plot)
    plot.resize(230, 200)
    qtbot.waitUntil(lambda: plot.width() < 300)
    plot.refresh()
    assert ("conv2d" if plot.example.isVisible() else f"example {number}") in said(plot)


def test_feature_maps_stand_beside_the_picture_that_goes_in(qtbot, plot):
    neurons = of_digit()
    show(qtbot, plot, run_of("digits-cnn"), looks(neurons={"conv2d": neurons}), "conv2d")
    assert plot.example.isVisible()
    assert plot.header.subtitle.text() == f"conv2d, 4 units, example {numbers_in_data(run_of('digits-cnn'))[5]}"
    assert plot.example.maximum() == len(run_of("digits-cnn").prepared.x_val) - 1
    picture = run_of("digits-cnn").prepared.x_val[5][..., 0]
    found = shown(plot, plot._input_box)
    assert found.max() == 255
    assert (found[:, :, 0] == 255).any(axis=1).sum() > 0
    brightest = np.unravel_index(picture.argmax(), picture.shape)
    cell = plot._input_box.height / 8
    assert found[int((brightest[0] + 0.5) * cell), int((brightest[1] + 0.5) * cell), 0] == 255
    box = plot._boxes[2]
    value = f"{neurons.outputs[2, 0, 7]:.3g}".replace("-", "−")
    assert f"column 7, row 0: {value}" in plot.describe_place(box.left + box.width - 1, box.top)


def test_kernels_of_a_convolution_stand_in_a_map_each(qtbot, plot):
    kernel = drawn(3, 3, 2, 4)
    show(qtbot, plot, run_of("digits-cnn"), looks(neurons={"conv2d": of_digit(weights={"kernel": kernel})}), "conv2d")
    choose(plot, "kernels")
    box = plot._boxes[1]
    expected = coloured(kernel.values[:, :, 1, 1], plot._reach, light)
    assert shown(plot, box)[0, -1].tolist() == expected[0, 2].tolist()
    assert shown(plot, box)[0, box.width // 2].tolist() == colour_bytes(light.card).tolist()
    weight = f"{kernel.values[0, 2, 1, 1]:.3g}".replace("-", "−")
    text = plot.describe_place(box.left + box.width - 1, box.top)
    assert f"input 1, column 2, row 0: weight {weight}" in text
    assert ": weight" not in plot.describe_place(*middle(box))
    assert plot._input_box is None
    assert not plot.example.isEnabled(), "kernels are those of no example"
    assert plot.header.subtitle.text() == "conv2d, 4 units"
    columns, rows = plot.table()
    assert columns == ("unit", "row", "column", "input", "weight")
    assert (1, 0, 2, 1, kernel.values[0, 2, 1, 1]) in list(rows)
    choose(plot, "own")
    assert plot.table()[0] == ("unit", "row", "column", "output")
    assert plot.example.isEnabled()
    assert plot.header.subtitle.text() == f"conv2d, 4 units, example {numbers_in_data(run_of('digits-cnn'))[5]}"


def test_flat_layers_have_one_colour_a_unit(qtbot, plot):
    neurons = Neurons("dense", "example", 3, np.array([0.0, 1.0, -1.0], dtype=np.float32), example=0)
    show(qtbot, plot, run_of("digits-cnn"), looks(neurons={"dense": neurons}), "dense")
    assert "puts out 1" in plot.describe_place(*middle(plot._boxes[1]))
    assert list(plot.table()[1]) == [(0, 0.0), (1, 1.0), (2, -1.0)]


def run_with(layer, **data):
    """A run of random numbers that go through one layer."""
    network = (layer, Flatten(name="flatten"), Dense(name="output", units=1))
    data = RandomNumbers(samples=20, **data)
    experiment = Experiment(data=data, network=network, training=Training(loss=MeanSquaredError()))
    return RunPrepared(1, experiment, prepare(experiment))


def of_volume(stride=1):
    volumes = np.random.default_rng(2).normal(size=(2, 4, 3, 5)).astype(np.float32)
    volumes[1] += 10
    return Neurons("conv", "example", 2, volumes, stride, example=0)


def show_volume(qtbot, plot, neurons):
    run = run_with(Conv3D(name="conv", filters=2, kernel_size=(1, 1, 1)), shape=(8, 3, 5, 1))
    show(qtbot, plot, run, looks(neurons={"conv": neurons}), "conv")
    return run.prepared.x_val[0]


def test_volumes_are_shown_slice_by_slice(qtbot, plot):
    neurons = of_volume()
    given = show_volume(qtbot, plot, neurons)
    assert plot.slice.maximum() == 3
    for number in range(4):
        plot.slice.setValue(number)
        plot.refresh()
        for unit in range(2):
            expected = coloured(neurons.outputs[unit, number], plot._reach, light)
            found = shown(plot, plot._boxes[unit])
            assert found[0, 0].tolist() == expected[0, 0].tolist()
            assert found[-1, -1].tolist() == expected[-1, -1].tolist()
        goes_in = shown(plot, plot._input_box)
        assert goes_in[0, 0].tolist() == greys(given)[2 * number + 1, 0, 0].tolist()
    box = plot._boxes[1]
    value = f"{neurons.outputs[1, 3, 0, 4]:.3g}"
    assert f"slice 3, column 4, row 0: {value}" in plot.describe_place(box.left + box.width - 1, box.top)


def test_a_slice_is_chosen_by_a_click_on_its_number_or_on_itself(qtbot, plot):
    neurons = of_volume(stride=2)
    show_volume(qtbot, plot, neurons)
    click(qtbot, plot, plot._slice_boxes[3])
    assert plot.slice.value() == 6
    assert plot.filling is None
    click(qtbot, plot, plot._boxes[1])
    assert len(plot._boxes) == 4
    expected = coloured(neurons.outputs[1], plot._reach, light)
    for number, box in plot._boxes.items():
        assert shown(plot, box)[0, 0].tolist() == expected[number, 0, 0].tolist()
    assert "unit 1 of conv" in plot.describe_place(*middle(plot._boxes[2]))
    assert "slice 4, " in plot.describe_place(*middle(plot._boxes[2]))
    assert said(plot)[0] == "unit 1, every slice"
    assert said(plot)[-4:] == ["0", "2", "4", "6"]
    plot.hover(*middle(plot._boxes[0]))
    plot.refresh()
    assert plot.hovered == 0
    click(qtbot, plot, plot._boxes[2])
    assert plot.slice.value() == 4
    assert list(plot._boxes) == [0, 1]


def test_slices_of_a_unit_have_one_scale_of_its_own(qtbot, plot):
    neurons = of_volume()
    show_volume(qtbot, plot, neurons)
    choose(plot, "own")
    reach = np.abs(neurons.outputs[0]).max()
    assert shown(plot, plot._boxes[0])[0, 0].tolist() == coloured(neurons.outputs[0, 0], reach, light)[0, 0].tolist()
    click(qtbot, plot, plot._boxes[0])
    assert shown(plot, plot._boxes[3])[0, 0].tolist() == coloured(neurons.outputs[0, 3], reach, light)[0, 0].tolist()


def test_the_table_of_volumes_names_all_axes(qtbot, plot):
    show_volume(qtbot, plot, of_volume(stride=2))
    columns, rows = plot.table()
    assert columns == ("unit", "slice", "row", "column", "output")
    assert list(rows)[-1] == (1, 6, 4, 8, pytest.approx(float(of_volume().outputs[1, 3, 2, 4])))


def over_steps(stride=1, units=4):
    """Unit number n puts out n at all steps but the last, where it puts out −n."""
    outputs = np.repeat(np.arange(units, dtype=np.float32)[:, None], 6, axis=1)
    outputs[:, -1] *= -1
    return Neurons("conv", "example", units, outputs, stride, example=1)


def show_steps(qtbot, plot, neurons):
    run = run_with(Conv1D(name="conv", filters=4, kernel_size=1), shape=(6, 2))
    show(qtbot, plot, run, looks(neurons={"conv": neurons}), "conv")
    return run.prepared.x_val[1]


def test_units_over_the_steps_of_a_sequence_are_a_heat_map_below_what_goes_in(qtbot, plot):
    neurons = over_steps(units=11)
    given = show_steps(qtbot, plot, neurons)
    expected = coloured(neurons.outputs, plot._reach, light)
    tops = [box.top for box in plot._boxes.values()]
    assert tops == sorted(tops)
    for unit, box in plot._boxes.items():
        assert shown(plot, box)[:, 0].tolist() == [expected[unit, 0].tolist()] * box.height
        assert shown(plot, box)[:, -1].tolist() == [expected[unit, -1].tolist()] * box.height
    box = plot._boxes[3]
    assert "step 5: −3" in plot.describe_place(box.left + box.width - 1, box.top)
    assert plot._input_box.top + plot._input_box.height < tops[0]
    goes_in = shown(plot, plot._input_box)
    reach = np.abs(given[:, 1]).max()
    assert goes_in[-1, -1].tolist() == coloured(given[-1:, 1], reach, light)[0].tolist()
    value = f"{given[5, 1]:.3g}".replace("-", "−")
    bottom = plot._input_box.top + plot._input_box.height - 1
    assert plot.describe_place(plot._input_box.left + plot._input_box.width - 1, bottom) == (
        f"what goes in\nstep 5: feature 1 {value}"
    )


def test_hovering_shows_a_unit_of_a_sequence_as_bars_in_the_other_half(qtbot, plot):
    show_steps(qtbot, plot, over_steps(stride=2))
    before = plot.image.get_array().copy()
    plot.hover(*middle(plot._boxes[3]))
    plot.refresh()
    height = len(before)
    changed = np.flatnonzero((plot.image.get_array()[::-1] != before[::-1]).any(axis=(1, 2)))
    assert len(changed)
    assert changed[-1] < plot._boxes[2].top + 3
    assert height - 1 not in changed
    assert {"3", "−3"} <= set(said(plot))
    assert "10" in said(plot)  # the last step, every second one being shown


def test_a_unit_of_a_sequence_that_fills_the_panel_has_a_bar_for_each_step(qtbot, plot):
    show_steps(qtbot, plot, over_steps())
    click(qtbot, plot, plot._boxes[3])
    box = plot._boxes[3]
    found = shown(plot, box)
    first, last = found[:, 2], found[:, -3]
    strong = coloured(np.array([1.0, -1.0]), 1.0, light)
    upper, lower = slice(3, box.height // 2 - 2), slice(box.height // 2 + 3, -3)
    assert (first[upper] == strong[0]).all()
    assert (last[lower] == strong[1]).all()
    assert (first[lower] == colour_bytes(light.card)).all()
    assert "step 0: 3" in plot.describe_place(box.left, box.top)
    click(qtbot, plot, box)
    assert len(plot._boxes) == 4


def shown_of(plot, box, step, count=6):
    """The pixels of one step of a map."""
    width = box.width / count
    return shown(plot, box)[:, round(step * width) + 1 : round((step + 1) * width) - 1]


def test_padding_that_the_mask_passes_over_is_faded_and_hatched(qtbot, plot):
    neurons = dataclasses.replace(over_steps(), passed_over=np.array([False, True, False, False, False, True]))
    example = show_steps(qtbot, plot, neurons)
    expected = coloured(neurons.outputs, plot._reach, light)
    muted = colour_bytes(light.muted).tolist()
    unit = plot._boxes[3]
    for box in (unit, plot._input_box):
        for step, over in enumerate(neurons.passed_over):
            pixels = shown_of(plot, box, step).reshape(-1, 3).tolist()
            assert (muted in pixels) == over
            if box is unit:
                assert (expected[3, step].tolist() in pixels) != over
                if over:  # nearly the colour of the card
                    assert np.median(pixels, axis=0) == pytest.approx(
                        0.25 * expected[3, step] + 0.75 * colour_bytes(light.card), abs=1
                    )
    inside = plot._input_box.left + 1.5 * plot._input_box.width / 6
    assert plot.describe_place(inside, plot._input_box.top + 2) == (
        f"what goes in\nstep 1: feature 0 {ticks.short(float(example[1, 0]))}\npadding, which the mask passes over"
    )
    told = plot.describe_place(unit.left + unit.width - 2, unit.top + 2).splitlines()
    assert told[1:4] == ["step 5: −3", "padding, which the mask passes over", "from 3 to 3, mean 3"]
    assert "padding" not in plot.describe_place(*middle(unit))
    click(qtbot, plot, unit)
    assert muted in shown_of(plot, plot._boxes[3], 1).reshape(-1, 3).tolist()
    assert muted not in shown_of(plot, plot._boxes[3], 2).reshape(-1, 3).tolist()


def test_symbols_that_go_in_have_colours_and_numbers(qtbot, plot):
    neurons = Neurons("vectors", "example", 3, np.ones((3, 6), np.float32), example=0)
    run = run_with(Embedding(name="vectors", input_dim=9, output_dim=3), shape=(6,), symbols=9)
    show(qtbot, plot, run, looks(neurons={"vectors": neurons}), "vectors")
    symbols = run.prepared.x_val[0].astype(int)
    width = plot._input_box.width / 6
    for step, symbol in enumerate(symbols):
        left = plot._input_box.left + round(step * width) + 2
        colour = colour_bytes(light.class_colour(symbol)).tolist()
        assert plot.image.get_array()[::-1][plot._input_box.top, left].tolist() == colour
        assert plot.describe_place(left, plot._input_box.top + 2) == f"what goes in\nstep {step}: symbol {symbol}"
    texts = said(plot)
    at = texts.index(str(symbols[0]))
    assert texts[at : at + 6] == list(map(str, symbols))


def test_another_layer_is_waited_for(qtbot, plot):
    show_spiral(qtbot, plot, over_spiral())
    plot.show_layer("output")
    plot.refresh()
    assert plot.is_empty
    plot.show_layer("elsewhere")
    assert plot.empty_sentence == "elsewhere is not in the network that was trained"
    plot.show_layer("output")
    assert plot.empty_sentence == "The units of output appear with the next look inside"
    plot.update_from(record(looks(neurons={"dense": over_spiral()})))
    assert plot.is_empty
    plot.update_from(record(looks(neurons={"output": over_spiral(units=1)})))
    assert not plot.is_empty


def test_many_units_are_counted_in_the_head(qtbot, plot):
    neurons = over_spiral(units=4)
    show_spiral(qtbot, plot, Neurons("dense", "plane", 900, neurons.outputs, 2))
    assert plot.header.subtitle.text() == "dense, first 4 of 900 units"


def test_the_table_has_every_unit_at_every_place(qtbot, plot):
    show_spiral(qtbot, plot, over_spiral(units=2, stride=59))
    columns, rows = plot.table()
    assert columns == ("unit", "y", "x", "output")
    assert list(rows)[5] == (1, -6.0, 6.0, 1 + 6 - 60)


def test_nothing_is_drawn_twice_for_the_same_look(qtbot, plot):
    show_spiral(qtbot, plot, over_spiral())
    draws = plot.draws
    history = History()
    for event in record(looks(neurons={"dense": plot.neurons})).probes():
        history.append(event)
    plot.update_from(history)
    plot.refresh()
    assert plot.draws == draws


def test_it_is_empty_again_before_the_next_run(qtbot, plot):
    show_spiral(qtbot, plot, over_spiral())
    plot.set_theme(dark)
    plot.refresh()
    assert plot.rendered("svg").startswith(b"<?xml")
    plot.clear()
    plot.refresh()
    assert plot.is_empty
    assert plot.table() == ((), ())
    assert plot.empty_sentence == NeuronPlot.empty_sentence


def test_the_next_example_can_be_chosen_in_the_menu(qtbot, plot):
    show(qtbot, plot, run_of("digits-cnn"), looks(neurons={"conv2d": of_digit()}), "conv2d")
    menu = plot.menu()
    next(action for action in menu.actions() if action.text() == "Next example").trigger()
    rows = run_of("digits-cnn").prepared.predicted
    assert rows[plot.wanted.example] == rows[rows > rows[0]].min(), "the next one in the data"
    menu.deleteLater()


def test_a_number_that_is_typed_in_is_that_of_the_data_and_becomes_the_nearest_that_is_predicted(plot):
    run = run_of("digits-cnn")
    plot.start(run)
    plot.example.setFocus()
    rows = np.sort(run.prepared.predicted)
    unknown = next(row for row in range(rows[0], rows[-1]) if row not in rows and row + 1 in rows) + 1
    for typed, number in ((f"{rows[7] + 1}", rows[7] + 1), (f"{unknown}", rows[np.abs(rows + 1 - unknown).argmin()] + 1)):
        plot.example.lineEdit().setText(plot.example.prefix() + typed)
        plot.example.interpretText()
        assert run.prepared.predicted[plot.wanted.example] + 1 == number
        assert plot.example.cleanText() == str(number)
    plot.example.setValue(int(run.prepared.predicted.argmax()))
    plot.example.stepBy(1)
    assert plot.example.cleanText() == str(rows[-1] + 1)
    assert plot.example.stepEnabled() == plot.example.StepEnabledFlag.StepDownEnabled
