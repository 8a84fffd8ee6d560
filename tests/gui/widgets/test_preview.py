"""Previews of every kind of data are drawn, in both themes."""

import pytest

from gui.theme import apply_theme, dark, light
from gui.widgets.preview import PreviewView, TableModel
from models.data.previews import preview
from models.experiment.data import AddingProblem, Digits, Iris, MultiGauss, Sine, Spiral


@pytest.mark.parametrize("theme", [light, dark], ids=lambda theme: theme.name)
@pytest.mark.parametrize(
    "source",
    [Spiral(samples=50), MultiGauss(samples=50), Sine(samples=50), Digits(layout="images"), AddingProblem(samples=50)],
    ids=lambda source: source.kind(),
)
def test_pictures(qtbot, qapp, theme, source):
    apply_theme(qapp, theme)
    view = PreviewView()
    qtbot.addWidget(view)
    view.resize(260, 190)
    view.show_preview(preview(source))
    assert view.currentWidget() is view.picture
    image = view.grab().toImage()
    colours = {image.pixelColor(x, y).name() for x in range(0, 260) for y in range(0, 190)}
    assert len(colours) > 10
    if isinstance(source, Spiral):
        assert {theme.class_colour(0), theme.class_colour(1)} <= colours
    if isinstance(source, AddingProblem):
        assert {theme.series_colour(0), theme.series_colour(1)} <= colours


def test_rows_of_numbers_are_a_table(qtbot):
    view = PreviewView()
    qtbot.addWidget(view)
    found = preview(Iris())
    view.show_preview(found)
    assert view.currentWidget() is view.table
    assert view.model.rowCount() == len(found.rows)
    assert view.model.headerData(0, view.table.horizontalHeader().orientation()) == "sepal length (cm)"
    assert view.model.index(0, 4).data() == "setosa"
    view.show_preview(None)
    assert view.currentWidget() is view.picture


def test_the_table_keeps_qt_s_rules(qtmodeltester):
    model = TableModel()
    model.show_rows(("a", "b"), (("1", "2"), ("3",)))
    qtmodeltester.check(model)
