"""Decision regions and fitted functions mean what their colours and numbers say."""

import dataclasses

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from msgspec.structs import replace

from gui.plots.views.surface import Meaning, picture, symmetric_range
from gui.plots.views.surface_plot import SurfacePlot
from gui.theme import light
from models.experiment.data import Iris, PlaneRegression, Sine, Spiral, Table
from models.experiment.encoding import Target
from models.experiment.starter import default_experiment
from models.telemetry.events import Probed, StateKept
from models.telemetry.history import History
from models.telemetry.wanted import Answers, Looks, Wanted
from tests.gui.plots import invented

orange, blue = light.classes[:2]


@pytest.fixture
def plot(qtbot):
    return invented.visible(qtbot, SurfacePlot, 420, 320)


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
    texts = [[label.get_text() for label in axis.get_ticklabels()] for axis in (plot.axes.xaxis, plot.axes.yaxis)]
    assert texts[0] == texts[1], "equal lengths have equal steps"


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
    assert [entry.name for entry in plot.header.legend.entries] == ["−1", "+1", "wrong"]
    assert plot.axes.get_xlabel() == "x"


def test_a_curve_is_drawn_in_the_targets_own_numbers(qtbot, plot):
    view = invented.curve_view()
    plot.show_view(view, Meaning(invented.real, ((20.0,), (5.0,))))
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


def answers_for(view, wrong_training=(), wrong_validation=()):
    """Outputs of one unit that are right but for these examples of each part."""
    outputs = []
    for values, wrong in ((view.training_values, wrong_training), (view.validation_values, wrong_validation)):
        right = np.where(values == 1, 0.9, 0.1)
        right[list(wrong)] = 1 - right[list(wrong)]
        outputs.append(right[:, None].astype(np.float32))
    return Answers(np.arange(len(outputs[0])), outputs[0], np.arange(len(outputs[1])), outputs[1])


def draw_with(plot, outputs, answers):
    history = History()
    history.append(Probed(1, 7, (), outputs, Looks(Wanted(answers=True), answers=answers)))
    plot.update_from(history)
    plot.refresh()


def test_examples_that_the_network_gets_wrong_are_ringed(qtbot, plot):
    view = invented.plane_view()
    assert plot.wanted == Wanted()
    plot.show_view(view, Meaning(invented.binary))
    assert plot.wanted == Wanted(answers=True)
    draw_with(plot, np.full((10_000, 1), 0.5), answers_for(view, [3, 8], [5]))
    expected = [*view.training_points[[3, 8]].tolist(), view.validation_points[5].tolist()]
    assert plot.wrong.tolist() == expected
    assert plot._rings.get_offsets().tolist() == expected
    assert plot.header.legend.entries[-1].name == "wrong"
    draw(qtbot, plot, np.full((10_000, 1), 0.5))
    assert not len(plot.wrong)


def test_a_ring_can_be_seen_where_it_is(qtbot, plot):
    view = invented.plane_view()
    plot.show_view(view, Meaning(invented.binary))
    draw_with(plot, np.full((10_000, 1), 0.5), answers_for(view))
    before = np.array(plot.canvas.get_renderer().buffer_rgba())
    draw_with(plot, np.full((10_000, 1), 0.5), answers_for(view, [40]))
    rows, columns = np.nonzero((np.array(plot.canvas.get_renderer().buffer_rgba()) != before).any(axis=2))
    x, y = plot.axes.transData.transform(view.training_points[40])
    assert columns.mean() == pytest.approx(x, abs=1)
    assert before.shape[0] - rows.mean() == pytest.approx(y, abs=1)


def test_numbers_are_never_wrong(qtbot, plot):
    plot.show_view(invented.regression_view(), Meaning(invented.real))
    assert plot.wanted == Wanted()
    plot.show_view(invented.curve_view(), Meaning(invented.real))
    assert plot.wanted == Wanted()


def test_a_hinge_loss_shows_its_border_and_the_ends_of_its_margin(qtbot, plot):
    view = invented.plane_view(size=25)
    plot.show_view(view, Meaning(Target("signed", (1,), 1), margin=True))
    draw(qtbot, plot, view.inputs[:, :1].astype(float))
    assert sorted(plot.borders) == [-1, 0, 1]
    for score, lines in plot.borders.items():
        assert len(lines) == 1
        assert np.allclose(lines[0][:, 0], score)
        assert plot._border_lines[score].get_segments()[0].tolist() == lines[0].tolist()
    assert plot.describe(0.5, 0.0) == "x 0.5, y 0\nnetwork 0.5, within the margin"
    assert plot.describe(2.0, 0.0) == "x 2, y 0\nnetwork 2"
    plot.show_view(view, Meaning(invented.binary))
    draw(qtbot, plot, view.inputs[:, :1].astype(float))
    assert plot.borders == {}


def test_probabilities_are_told(qtbot, plot):
    plot.show_view(invented.plane_view(size=3), Meaning(invented.binary, class_names=("no", "yes"), probable=True))
    draw(qtbot, plot, np.full((9, 1), 0.25))
    assert plot.describe(0.0, 0.0).splitlines()[1:] == ["no: probability 0.75", "yes: probability 0.25"]
    plot.show_view(invented.plane_view(size=3), Meaning(Target("index", (), 4), logits=True, probable=True))
    draw(qtbot, plot, np.tile([0.0, 1.0, 2.0, 3.0], (9, 1)))
    assert plot.describe(0.0, 0.0).splitlines()[1:] == [
        "class 3: probability 0.644",
        "class 2: probability 0.237",
        "class 1: probability 0.0871",
    ]


def test_a_moment_whose_weights_are_not_kept_shows_no_regions(qtbot, plot):
    view = invented.plane_view(size=5)
    plot.show_view(view, Meaning(invented.binary))
    history = History()
    history.append(invented.started())
    history.append(invented.probe(7, surface=np.ones((25, 1))))
    history.append(StateKept(1, 7, {}))
    history.append(invented.probe(9, surface=np.ones((25, 1))))
    for step, colour in ((None, blue), (9, light.neutral)):
        history.show(step)
        plot.update_from(history)
        qtbot.waitUntil(lambda: not plot.refresh())
        assert nearest(plot.image.get_array()[2, 2]) == colour
    history.show(None)
    plot.update_from(history)
    history.show(7)
    plot.update_from(history)
    qtbot.waitUntil(lambda: not plot.refresh())
    assert nearest(plot.image.get_array()[2, 2]) == blue, "what was shown stays until the state has given it again"
    history.complete_shown(Probed(1, 7, (), np.zeros((25, 1))))
    plot.update_from(history)
    qtbot.waitUntil(lambda: not plot.refresh())
    assert nearest(plot.image.get_array()[2, 2]) == orange


def test_zoomed_in_the_regions_and_the_examples_lie_where_the_axes_say(qtbot, plot):
    view = invented.plane_view()
    plot.show_view(view, Meaning(invented.binary))
    sides = (view.inputs[:, 0] > 0).astype(float)[:, None]
    draw(qtbot, plot, sides)
    plot.zoom(np.array([[-1.0, -2.0], [3.0, 2.0]]))
    draw(qtbot, plot, sides)
    assert plot.axes.get_xlim() == (-1, 3)
    box, height = plot.axes.bbox, plot.figure.bbox.height
    border = box.x0 + box.width / 4
    row = round(height - box.y0 - 3)
    picture = plot.canvas.picture()
    left, right = (picture.pixelColor(round(border + by), row).name() for by in (-6, 6))
    assert left != right
    assert picture.pixelColor(round(box.x1 + 4), row).name() == light.card
    plot.show_view(view, Meaning(invented.binary))
    assert plot.zoomed is not None
    plot.show_view(invented.plane_view(size=10), Meaning(invented.binary))
    assert plot.zoomed is None


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        (Spiral(), "Press Train to see the regions that the network learns"),
        (PlaneRegression(), "Press Train to see what the network predicts everywhere"),
        (Sine(), "Press Train to see the function that the network fits"),
        (Iris(), "No decision regions: they are drawn over two features."),
        (Table(path="a.csv", target="y"), SurfacePlot.empty_sentence),
    ],
    ids=lambda given: given.kind() if not isinstance(given, str) else "",
)
def test_before_a_run_the_panel_says_what_it_will_show_of_the_documents_data(qtbot, plot, source, sentence):
    experiment = replace(default_experiment(), data=source)
    plot.show_experiment(experiment)
    invented.draw(qtbot, plot)
    assert "".join(written.text for written in plot.written).replace("\n", " ") == sentence
    plot.start(invented.run(None))
    said = plot.empty_sentence
    plot.show_experiment(replace(experiment, seed=1))
    assert plot.empty_sentence == said, "the run is still that of before"
    plot.clear()
    assert plot.empty_sentence == sentence


def test_examples_are_smaller_in_a_small_plane(qtbot, plot):
    plot.show_view(invented.plane_view(), Meaning(invented.binary))
    areas = []
    for size in ((420, 400), (230, 180)):
        plot.resize(*size)
        qtbot.waitUntil(lambda size=size: plot.width() == size[0])
        invented.draw(qtbot, plot)
        areas.append([points.get_sizes()[0] for points in plot._points])
    assert all(small < 0.5 * large for large, small in zip(*areas, strict=True))


def test_the_fitted_function_is_named_as_a_curve_and_hidden_by_its_name(qtbot, plot):
    plot.show_view(invented.curve_view(), Meaning(invented.real))
    invented.draw(qtbot, plot)
    assert [(entry.name, entry.line) for entry in plot.header.legend.entries][-1] == ("network", "-")
    plot.header.legend.toggle("network")
    invented.draw(qtbot, plot)
    assert not plot.lines[0].get_visible()


@pytest.mark.parametrize(
    ("task", "outputs", "sentence"),
    [
        ("binary", 2, "No decision regions: they are drawn over two features."),
        ("multiclass", 3, "No decision regions: they are drawn over two features."),
        ("multilabel", 3, "No decision regions: they are drawn where an example belongs to one class only."),
        ("regression", 1, "No picture of the predicted value: it is drawn over one or two features."),
        ("regression", 2, "No picture of the predicted values: it is drawn for a single number."),
    ],
)
def test_data_with_no_view_are_told_of_in_the_empty_panel_until_others_come(plot, task, outputs, sentence):
    run = invented.run(None)
    facts = dataclasses.replace(run.prepared.facts, task=task, outputs=outputs)
    run = dataclasses.replace(run, prepared=dataclasses.replace(run.prepared, facts=facts))
    plot.start(run)
    assert plot.empty_sentence == SurfacePlot.missing(run) == sentence
    plot.start(invented.run(invented.plane_view()))
    assert plot.empty_sentence == SurfacePlot.empty_sentence


def test_names_of_columns_are_shown_as_they_are_and_not_read_as_formulas(qtbot, plot):
    view = dataclasses.replace(invented.plane_view(), axis_names=("price in $_{", "from $\\frac{1}$ on"))
    plot.start(invented.run(view))
    draw(qtbot, plot, invented.spiral_surface(view))
    plot.canvas.draw()
    assert [label.get_parse_math() for label in (plot.axes.xaxis.label, plot.axes.yaxis.label)] == [False, False]
