"""Data can be looked through before any run: as a table, counted, spread, and against each other."""

import csv
import dataclasses

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage

from gui.plots.axes.tiles import greys
from gui.plots.views.data_pictures import Balance, Distribution, Scatter, edges_of
from gui.plots.views.data_plot import DataPlot
from gui.plots.views.example_table import ExampleTable, picture_side
from gui.theme import dark, light
from models.data.survey import survey
from models.experiment.data import (
    AddingProblem,
    Diabetes,
    Digits,
    Iris,
    Multilabel,
    PlaneRegression,
    Sine,
    Spiral,
    Table,
    TemporalOrder,
)
from models.experiment.starter import default_experiment
from models.telemetry.history import History
from tests.gui.plots import invented
from tests.gui.plots.looked import run_of
from tests.gui.plots.test_plots import check_texts

sources = (Spiral(), PlaneRegression(), Sine(), Iris(), Diabetes(), Digits(), Multilabel(), AddingProblem(), TemporalOrder())
by_kind = {"ids": lambda source: source.kind()}
views = ("table", "balance", "distribution", "scatter")
nothing = History()


@pytest.fixture
def plot(qtbot):
    plot = invented.visible(qtbot, DataPlot)
    yield plot
    qtbot.waitUntil(lambda: not plot.reader.running, timeout=30_000)


def read(qtbot, plot, source, seed=0):
    plot.show_experiment(replace(default_experiment(), data=source, seed=seed))
    plot.update_from(nothing)
    # The first look at some sources imports scikit-learn.
    qtbot.waitUntil(lambda: not plot.reader.running, timeout=30_000)
    settle(qtbot, plot)


def settle(qtbot, plot):
    qtbot.waitUntil(lambda: not plot.refresh())


def look(qtbot, plot, view):
    plot.view.setCurrentIndex(plot.view.findData(view))
    settle(qtbot, plot)


@pytest.mark.parametrize("source", sources, **by_kind)
def test_every_source_is_shown_in_every_way(qtbot, plot, tmp_path, source):
    read(qtbot, plot, source)
    assert not plot.is_empty
    for view in views:
        look(qtbot, plot, view)
        assert plot.pages.currentWidget() is (plot.rows if view == "table" else plot.canvas)
        plot.save_data(tmp_path / "data.csv")
        with open(tmp_path / "data.csv", encoding="utf-8") as file:
            columns, *rows = csv.reader(file)
        assert rows
        assert all(len(row) == len(columns) for row in rows)
        for kind, start in (("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")):
            assert plot.rendered(kind).startswith(start)
        assert f">{plot.heading}</text>" in plot.rendered("svg").decode()
        if view != "table":
            settle(qtbot, plot)
            assert plot._drawn
            check_texts(plot)


def test_nothing_is_read_before_it_is_seen_and_the_same_data_only_once(qtbot, plot):
    plot.show_experiment(default_experiment())
    assert not plot.reader.running
    read(qtbot, plot, Spiral())
    first = plot.survey
    changed = replace(default_experiment(), training=replace(default_experiment().training, epochs=1), data=Spiral(), seed=0)
    plot.show_experiment(changed)
    plot.update_from(nothing)
    assert not plot.reader.running
    assert plot.survey is first
    read(qtbot, plot, Spiral(), seed=1)
    assert plot.survey is not first


def test_nothing_is_asked_at_every_beat_of_the_clock(qtbot, plot, monkeypatch):
    read(qtbot, plot, Spiral())
    asked = []
    monkeypatch.setattr(plot.reader, "ask", lambda *question: asked.append(question))
    for _ in range(5):
        plot.update_from(nothing)
    assert not asked


def test_what_will_appear_is_said_and_why_nothing_can(qtbot, plot, tmp_path):
    assert plot.empty_sentence == plot.nothing_yet
    plot.show_experiment(replace(default_experiment(), data=Iris()))
    plot.update_from(nothing)
    assert plot.empty_sentence == "Reading the data …"
    qtbot.waitUntil(lambda: not plot.reader.running, timeout=30_000)
    read(qtbot, plot, Table(path=str(tmp_path / "missing.csv"), target="y"))
    assert plot.is_empty
    assert "missing.csv" in plot.empty_sentence
    assert "missing.csv" in "".join(written.text for written in plot.written)
    assert plot.pages.currentWidget() is plot.canvas
    assert plot.across.isHidden()


def test_in_a_narrow_panel_choices_are_whole_or_in_the_menu_only(qtbot, plot):
    read(qtbot, plot, Iris())
    look(qtbot, plot, "scatter")
    plot.resize(225, 190)
    qtbot.waitUntil(lambda: plot.width() == 225)
    choices = (plot.view, plot.across, plot.up)
    assert not plot.view.isHidden()
    assert plot.up.isHidden()
    shown = [choice for choice in choices if not choice.isHidden()]
    qtbot.waitUntil(lambda: all(choice.width() >= min(choice.sizeHint().width(), 170) for choice in shown))
    menu = plot.menu()
    upwards = next(action.menu() for action in menu.actions() if action.text() == "Upwards")
    upwards.actions()[3].trigger()
    assert plot.up.currentIndex() == 3
    menu.deleteLater()


def test_a_run_changes_nothing(qtbot, plot):
    read(qtbot, plot, Spiral())
    shown = plot.survey
    plot.start(run_of("spiral"))
    plot.clear()
    assert plot.survey is shown


@pytest.mark.parametrize("name", ["digits-cnn", "breast-cancer", "spiral"])
def test_a_predicted_example_is_found_in_the_table_as_long_as_the_data_are_those_of_the_run(qtbot, plot, name):
    run = run_of(name)
    experiment, prepared = run.experiment, run.prepared
    plot.show_experiment(experiment)
    plot.update_from(nothing)
    qtbot.waitUntil(lambda: not plot.reader.running, timeout=30_000)
    plot.start(run)
    look(qtbot, plot, "balance")
    plot.show_example(7)
    (chosen,) = plot.rows.selectionModel().selectedRows()
    found = plot.survey.examples
    assert plot.pages.currentWidget() is plot.rows
    assert plot.survey.side(chosen.row()) == "validation"
    assert int(found.y[chosen.row()]) == int(np.ravel(prepared.y_val[7])[0] > 0 if name != "digits-cnn" else prepared.y_val[7])
    raw = np.stack([found.x[chosen.row()].ravel(), found.x[plot.survey.predicted[8]].ravel()])
    fed = prepared.x_val[7:9].reshape(2, -1)
    order = np.sign(np.diff(raw, axis=0)) == np.sign(np.diff(fed, axis=0))  # scaling keeps which of two numbers is larger
    assert order.mean() > 0.95
    read(qtbot, plot, Iris())
    plot.rows.clearSelection()
    plot.show_example(3)
    assert not plot.rows.selectionModel().selectedRows()


def test_pictures_stand_first(qtbot, plot):
    head = plot.rows.horizontalHeader()
    for source, order in ((Iris(), "split"), (Digits(layout="images"), "picture"), (Spiral(), "split")):
        read(qtbot, plot, source)
        first = plot.examples.headerData(head.logicalIndex(0), Qt.Orientation.Horizontal)
        assert first == order, source
    assert [head.logicalIndex(place) for place in range(4)] == [0, 1, 2, 3]


def test_the_feature_that_was_chosen_stays_where_the_data_have_it(qtbot, plot):
    read(qtbot, plot, Spiral())
    look(qtbot, plot, "distribution")
    plot.across.setCurrentIndex(1)
    read(qtbot, plot, Spiral(noise=0.2))
    assert plot.across.currentText() == "y"
    assert plot.axes.get_xlabel() == "y"
    read(qtbot, plot, Iris())
    assert plot.across.currentIndex() == 0
    read(qtbot, plot, Spiral())
    assert plot.across.currentText() == "y"
    plot.zoom(np.array([[-1.0, 0.0], [1.0, 0.1]]))
    plot.set_theme(dark)
    settle(qtbot, plot)
    assert plot.axes.get_xlim() == (-1, 1)


@pytest.mark.parametrize("view", views[1:])
def test_another_theme_reaches_the_picture(qtbot, plot, view):
    read(qtbot, plot, Iris())
    look(qtbot, plot, view)
    plot.set_theme(dark)
    settle(qtbot, plot)
    assert plot.canvas.grab().toImage().pixelColor(2, 2).name() == dark.card
    own = {entry.colour for entry in plot.header.legend.entries}
    assert own <= {dark.accent, dark.validation, *dark.classes}


def test_bars_are_as_high_as_the_classes_are_large():
    balance = Balance(survey(Iris(test_share=0.2), 0), light)
    assert balance.describe(1.2, 3) == "versicolor\ntraining: 40 of 120 (33.3 %)\nvalidation: 10 of 30 (33.3 %)"
    assert list(balance.table()[1]) == [(name, 40, 10) for name in ("setosa", "versicolor", "virginica")]
    assert balance.describe(7, 0) == ""
    assert list(Balance(survey(Iris(test_share=0), 0), light).table()[0]) == ["class", "training"]


def test_a_distribution_has_a_curve_for_each_class():
    found = survey(Iris(), 0)
    picture = Distribution(found, light, 2)
    columns, rows = picture.table()
    assert columns == ("from", "to", "setosa", "versicolor", "virginica")
    counts = np.array([row[2:] for row in rows])
    assert counts.sum(axis=0).tolist() == [50, 50, 50]
    shares = [float(line.split("(")[1].rstrip("%)")) for line in picture.describe(1.5, 0).splitlines()[1:]]
    assert shares[0] > 20
    assert shares[1:] == [0, 0]


def test_whole_numbers_have_a_bin_each_and_constants_one_that_is_seen():
    assert edges_of(np.array([0.0, 16, 3])).tolist() == (np.arange(18) - 0.5).tolist()
    assert len(edges_of(np.array([0.0, 0.5, 160]))) == 41
    for long in (20230101120000000.0, -1.7e18):  # as running numbers and times are
        for values in (np.full(9, long), long + 1024 * np.arange(50)):
            edges = edges_of(values)
            assert (np.diff(edges) > 0).all()
            assert np.histogram(values, edges)[0].sum() == len(values)
    constant = edges_of(np.full(9, 2.5))
    assert constant[0] < 2.5 < constant[-1]
    assert np.isfinite(edges_of(np.array([np.nan]))).all()


def test_a_class_is_hidden_by_its_name_and_a_place_zoomed_to(qtbot, plot):
    read(qtbot, plot, Iris())
    look(qtbot, plot, "distribution")
    plot.header.legend.toggle("setosa")
    plot.zoom(np.array([[5.0, 0.0], [6.0, 0.1]]))
    settle(qtbot, plot)
    assert [line.get_visible() for line in plot._drawn] == [False, True, True]
    assert plot.axes.get_xlim() == (5, 6)
    look(qtbot, plot, "scatter")
    assert plot.zoomed is None
    assert all(points.get_visible() for points in plot._drawn)


def test_missing_cells_are_counted_and_not_drawn():
    found = survey(Iris(), 0)
    found.examples.x[:3, 0] = np.nan
    picture = Distribution(found, light, 0)
    assert picture.note == "3 missing"
    assert sum(row[2] for row in picture.table()[1]) == 47


def test_of_many_classes_the_first_are_shown_and_it_is_said():
    found = survey(Digits(), 0)
    names = tuple(f"{number}" for number in range(26))
    many = dataclasses.replace(
        found, examples=dataclasses.replace(found.examples, y=np.arange(1797) % 26, class_names=names, outputs=26)
    )
    picture = Distribution(many, light, 3)
    assert len(picture.legend) == 10
    many_width, few_width = (
        each.artists(Figure().add_subplot())[0].get_linewidth() for each in (picture, Distribution(survey(Iris(), 0), light, 2))
    )
    assert many_width < few_width
    assert picture.note == "the first 10 of 26 classes"


def test_points_have_the_colour_and_the_mark_of_their_class(qtbot, plot):
    read(qtbot, plot, Iris(test_share=0.2))
    look(qtbot, plot, "scatter")
    rings, filled = plot._drawn[:3], plot._drawn[3:]
    for points, colour in zip(filled, light.classes, strict=False):
        assert to_hex(points.get_facecolors()[0]) == colour
        assert len(points.get_offsets()) == 40
    assert all(len(points.get_facecolors()) == 0 and len(points.get_offsets()) == 10 for points in rings)
    assert len({points.get_paths()[0].vertices.tobytes() for points in filled}) == 3
    found = plot.survey
    x, y = found.column(0)[17], found.column(1)[17]
    assert plot.describe(x + 1e-6, y).startswith("example")
    assert f"x {x:.3g}".replace("x", found.names[0]) in plot.describe(x, y)
    assert plot.describe(1000, 1000) == ""


def test_of_many_points_an_even_selection_is_drawn_and_it_is_said():
    picture = Scatter(survey(Spiral(samples=6000), 0), light, 0, 1)
    assert picture.note == "2\u2009000 of 6\u2009000 examples"
    assert len(list(picture.table()[1])) == 2000


def test_numbers_to_predict_are_colours(qtbot, plot):
    read(qtbot, plot, PlaneRegression())
    look(qtbot, plot, "scatter")
    assert [entry.colour for entry in plot.header.legend.entries] == list(light.classes[:2])
    assert len({tuple(colour) for colour in plot._drawn[-1].get_facecolors().tolist()}) > 50
    look(qtbot, plot, "balance")
    assert plot.axes.get_xlabel() == "z"


def test_the_legend_of_both_sides_shows_marks_as_they_are_drawn():
    found = Scatter(survey(Multilabel(), 0), light, 0, 1)
    assert [(entry.name, entry.ring) for entry in found.legend] == [("training", False), ("validation", True)]


class TestTheTable:
    @pytest.fixture
    def model(self, qtmodeltester):
        model = ExampleTable(light)
        model.show_survey(survey(Iris(test_share=0.2), 0))
        return model

    def test_it_is_a_model_as_qt_wants_it(self, model, qtmodeltester):
        qtmodeltester.check(model)

    def test_a_row_says_side_class_and_numbers(self, model):
        assert model.rowCount() == 150
        assert model.columnCount() == 6
        found = model._survey
        row = int(np.flatnonzero(found.validates)[0])
        cells = [model.data(model.index(row, column)) for column in range(6)]
        assert cells[0] == "validation"
        assert cells[1] == found.examples.target_text(row)
        assert [float(cell.replace("−", "-")) for cell in cells[2:]] == found.examples.x[row].tolist()
        heads = [model.headerData(column, Qt.Orientation.Horizontal) for column in range(3)]
        assert heads == ["split", "class", found.features[0]]
        assert model.headerData(0, Qt.Orientation.Vertical) == "1"

    def test_heads_stand_above_what_they_name(self, model):
        role = Qt.ItemDataRole.TextAlignmentRole
        for source, sides in ((Iris(), "llrrrr"), (Sine(), "lrr"), (Digits(), "lll")):
            model.show_survey(survey(source, 0))
            for column, side in enumerate(sides):
                flag = Qt.AlignmentFlag.AlignRight if side == "r" else Qt.AlignmentFlag.AlignLeft
                for found in (
                    model.data(model.index(0, column), role),
                    model.headerData(column, Qt.Orientation.Horizontal, role),
                ):
                    assert found & flag

    def test_numbers_to_predict_have_the_same_minus_as_features(self, model):
        model.show_survey(survey(Sine(), 0))
        cells = [model.data(model.index(row, column)) for row in range(20) for column in (1, 2)]
        assert any(cell.startswith("−") for cell in cells[::2])
        assert not any("-" in cell for cell in cells)

    def test_columns_are_as_wide_as_their_own_numbers(self, model):
        model.show_survey(survey(Iris(), 0))
        assert [texts[1] for texts in model.longest_texts()][2:] == ["5.1", "3.5", "1.4", "0.2"]

    def test_there_is_room_for_several_labels(self, model):
        model.show_survey(survey(Multilabel(), 0))
        texts = [model.text(row, 1) for row in range(100)]
        assert model.longest_texts()[1][1] in texts
        assert model.longest_texts()[1][1].count(",") >= 2

    def test_a_class_has_its_colour(self, model):
        colour = model.data(model.index(0, 1), Qt.ItemDataRole.DecorationRole)
        assert colour.pixelColor(0, 0).name() == light.class_colour(int(model._survey.examples.y[0]))

    def test_a_picture_is_shown_small(self, model):
        model.show_survey(survey(Digits(), 0))
        assert model.columnCount() == 3
        picture = model.data(model.index(4, 2), Qt.ItemDataRole.DecorationRole)
        assert isinstance(picture, QImage)
        assert picture.width() == picture.height() == 32
        assert model.data(model.index(4, 2)) == ""

    def test_a_picture_is_as_bright_as_where_predictions_show_it(self, model):
        found = survey(Digits(layout="images"), 0)
        model.show_survey(found)
        expected = greys(found.picture(4))[..., 0]
        picture = model.data(model.index(4, 2), Qt.ItemDataRole.DecorationRole)
        side = picture_side // len(expected)
        shown = [[picture.pixelColor(x * side + 1, y * side + 1).red() for x in range(8)] for y in range(8)]
        assert np.allclose(shown, expected, atol=2)

    def test_a_missing_cell_says_so(self, model):
        model._survey.examples.x[2, 0] = np.nan
        assert model.data(model.index(2, 2)) == "missing"

    def test_only_what_is_seen_is_made(self, qtbot, plot, monkeypatch):
        asked = []
        original = ExampleTable.text
        monkeypatch.setattr(ExampleTable, "text", lambda self, row, column: (asked.append(row), original(self, row, column))[1])
        read(qtbot, plot, Spiral(samples=100_000))
        plot.rows.viewport().repaint()
        assert asked
        assert max(asked) < 100


def test_the_window_shows_the_documents_data_before_any_run(qtbot, window):
    panel = next(each for each in window.plots.panels if each.objectName() == "data")
    panel.toggleViewAction().trigger()
    for source, count in ((window.document.experiment.data, 500), (Iris(), 150)):
        window.document.apply("Change data", replace(window.document.experiment, data=source))

        def shown(wanted=count):
            window._tick()
            return panel.made.survey is not None and len(panel.made.survey) == wanted and not panel.made.reader.running

        qtbot.waitUntil(shown, timeout=30_000)
