"""Decision regions and fitted functions mean what their colours and numbers say."""

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from gui.plots.surface import Meaning, picture, symmetric_range
from gui.plots.surface_plot import SurfacePlot
from gui.theme import light
from models.experiment.encoding import Target
from models.telemetry.history import History
from tests.gui.plots import invented

orange, blue = light.classes[:2]


@pytest.fixture
def plot(qtbot):
    plot = SurfacePlot(light)
    qtbot.addWidget(plot)
    plot.resize(420, 320)
    with qtbot.waitExposed(plot):
        plot.show()
    return plot


def draw(qtbot, plot, outputs):
    history = History()
    history.append(invented.started())
    history.append(invented.probe(7, surface=outputs))
    plot.update_from(history)
    qtbot.waitUntil(lambda: not plot.refresh())


def nearest(colour):
    distance = {name: np.abs(np.array(colour) - to_rgb(name)).sum() for name in (orange, blue, light.neutral)}
    return min(distance, key=distance.get)


def colours(outputs, target, **meaning):
    shown = picture(np.array(outputs, dtype=float), Meaning(target, **meaning), light, (-1, 1))
    return [nearest(colour) for colour in shown]


def test_one_output_runs_from_orange_over_the_background_to_blue():
    assert colours([[0.0], [0.5], [1.0]], invented.binary) == [orange, light.neutral, blue]
    assert colours([[-1.0], [0.0], [1.0]], Target("signed", (1,), 1)) == [orange, light.neutral, blue]
    assert colours([[-9.0], [0.0], [9.0]], invented.binary, logits=True) == [orange, light.neutral, blue]
    assert colours([[-1.0], [0.0], [1.0]], invented.real) == [orange, light.neutral, blue]


def test_several_outputs_take_the_strongest_class_and_pale_where_it_is_close():
    target = Target("index", (), 2)
    assert colours([[1.0, 0.0], [0.0, 1.0]], target) == [orange, blue]
    assert colours([[9.0, -9.0], [-9.0, 9.0]], target, logits=True) == [orange, blue]
    assert colours([[0.51, 0.49]], target) == [light.neutral]


def test_what_is_not_finite_is_grey():
    shown = picture(np.array([[np.nan], [0.0]]), Meaning(invented.binary), light, (-1, 1))
    assert shown[0].tolist() == pytest.approx(to_rgb(light.muted))
    assert nearest(shown[1]) == orange


def test_the_range_of_colours_is_centred_where_values_change_sign():
    assert symmetric_range(np.array([-1.0, 3.0])) == (-3, 3)
    assert symmetric_range(np.array([2.0, 3.0])) == (2, 3)
    assert symmetric_range(np.array([2.0, 2.0])) == (1.5, 2.5)


def test_the_picture_has_y_upwards_and_covers_whole_cells(qtbot, plot):
    view = invented.plane_view(size=5)
    outputs = (view.inputs[:, 1:] > 4).astype(float)
    plot.show_view(view, Meaning(invented.binary))
    draw(qtbot, plot, outputs)
    shown = plot.image.get_array()
    assert nearest(shown[4, 2]) == blue
    assert nearest(shown[0, 2]) == orange
    assert plot.image.origin == "lower"
    assert tuple(plot.image.get_extent()) == (-7.5, 7.5, -7.5, 7.5)


def test_training_points_are_filled_and_validation_points_are_rings(qtbot, plot):
    view = invented.plane_view()
    plot.show_view(view, Meaning(invented.binary, class_names=("−1", "+1")))
    draw(qtbot, plot, np.full((10_000, 1), 0.5))
    validation, training = plot._points
    assert np.allclose(training.get_offsets(), view.training_points)
    assert np.allclose(validation.get_offsets(), view.validation_points)
    assert [nearest(colour[:3]) for colour in training.get_facecolors()[:3]] == [blue] * 3
    assert nearest(validation.get_facecolors()[0][:3]) == light.neutral
    assert nearest(validation.get_edgecolors()[0][:3]) == blue
    assert [entry.name for entry in plot.header.legend.entries] == ["−1", "+1"]
    assert plot.axes.get_xlabel() == "x"


def test_a_curve_is_drawn_in_the_targets_own_numbers(qtbot, plot):
    view = invented.curve_view()
    plot.show_view(view, Meaning(invented.real, (20.0, 5.0)))
    assert plot.title == "Fitted function"
    outputs = np.sin(view.inputs).astype(float)
    draw(qtbot, plot, outputs)
    x, y = plot.lines[0].get_data()
    assert np.allclose(x, view.axes[0])
    assert np.allclose(y, 20 + 5 * outputs[:, 0])
    assert plot.table()[1][0] == pytest.approx([view.axes[0][0], y[0]])


def test_classes_over_one_coordinate_get_a_line_each(qtbot, plot):
    curve = invented.curve_view()
    labels = (np.arange(100) % 3).astype(np.int32)
    view = type(curve)(
        "curve", ("x", "class"), curve.axes, curve.inputs, curve.training_points, curve.validation_points, labels, labels
    )
    plot.show_view(view, Meaning(Target("index", (), 3), logits=True))
    draw(qtbot, plot, np.zeros((200, 3)))
    assert [line.get_ydata()[0] for line in plot.lines] == pytest.approx([1 / 3] * 3)


def test_a_regression_plane_has_a_colour_bar(qtbot, plot):
    plot.show_view(invented.regression_view(), Meaning(invented.real))
    draw(qtbot, plot, np.zeros((10_000, 1)))
    assert len(plot.figure.axes) == 2
    assert plot.title == "Predicted value"


def test_without_a_view_it_says_so(qtbot, plot):
    assert plot.is_empty
    plot.show_view(invented.plane_view(), Meaning(invented.binary))
    assert not plot.is_empty
    plot.show_view(None, None)
    assert plot.is_empty
    assert list(plot.table()[1]) == []


def test_outputs_for_another_view_are_not_drawn(qtbot, plot):
    plot.show_view(invented.plane_view(size=10), Meaning(invented.binary))
    draw(qtbot, plot, np.zeros((10_000, 1)))
    assert plot.describe(0.0, 0.0) == "x 0, y 0"


def test_the_tool_tip_tells_what_the_network_says_there(qtbot, plot):
    plot.show_view(invented.plane_view(size=3), Meaning(Target("index", (), 2), class_names=("no", "yes")))
    outputs = np.tile([0.9, 0.1], (9, 1))
    outputs[5] = 0.2, 0.8
    draw(qtbot, plot, outputs)
    assert plot.describe(5.0, 0.1) == "x 5, y 0.1\nnetwork: yes (0.8)"
    assert plot.describe(-5.0, 0.1) == "x −5, y 0.1\nnetwork: no (0.9)"
