"""What Qt writes on a plot is what matplotlib would write, at the same places."""

import numpy as np
import pytest
from matplotlib.figure import Figure
from PySide6.QtGui import QFont, QImage

from gui.plots.axes.furniture import paint
from gui.plots.views.activation_plot import ActivationPlot
from gui.plots.views.gradient_plot import GradientPlot
from gui.plots.views.loss_plot import LossPlot
from gui.plots.views.surface import Meaning
from gui.plots.views.surface_plot import SurfacePlot
from gui.theme import light
from tests.gui.plots import invented
from tests.gui.plots.test_plots import record, settle, shown, texts_of


@pytest.mark.parametrize("kind", [LossPlot, GradientPlot, ActivationPlot, SurfacePlot])
def test_the_same_texts_stand_at_the_same_places(qtbot, kind):
    plot = shown(qtbot, kind)
    plot.update_from(record())
    settle(qtbot, plot)
    check(plot)


def test_a_bar_of_colours_has_its_numbers_at_the_right(qtbot):
    plot = SurfacePlot(light)
    qtbot.addWidget(plot)
    plot.resize(420, 300)
    plot.show()
    plot.show_view(invented.plane_view(), Meaning(invented.real))
    settle(qtbot, plot)
    check(plot)
    bar = plot._bar.bbox
    assert len([each for each in plot.written if each.place.left() > bar.x1]) >= 2


def check(plot):
    height = plot.figure.bbox.height
    plot.figure.draw_without_rendering()
    renderer = plot.canvas.get_renderer()
    expected = {}
    for text in texts_of(plot):
        if not text.get_animated() and text.axes not in [axes for axes in plot.figure.axes if not axes.get_visible()]:
            expected.setdefault(text.get_text(), []).append(text.get_window_extent(renderer))
    written = {each.text for each in plot.written}
    assert written
    assert written <= set(expected)
    for each in plot.written:
        centre = each.place.center()
        distances = [
            max(abs((box.x0 + box.x1) / 2 - centre.x()), abs(height - (box.y0 + box.y1) / 2 - centre.y()))
            for box in expected[each.text]
        ]
        assert min(distances) < 4, each


def test_a_picture_of_bytes_keeps_its_colours():
    figure = Figure(figsize=(1, 1), dpi=100)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    pixels = np.array([[[1, 2, 3], [4, 5, 6]], [[200, 201, 202], [250, 251, 252]]], dtype=np.uint8)
    axes.imshow(pixels, origin="lower", aspect="auto")
    picture = QImage(100, 100, QImage.Format.Format_RGBX8888)
    paint(figure, picture, QFont())
    corners = [picture.pixelColor(x, y).getRgb()[:3] for x, y in ((5, 95), (95, 95), (5, 5), (95, 5))]
    assert corners == [(1, 2, 3), (4, 5, 6), (200, 201, 202), (250, 251, 252)]
