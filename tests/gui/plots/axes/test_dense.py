"""A noisy curve as bars looks like the curve: in the same pixels, with nothing in its gaps."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from gui.plots.axes import dense


def drawn(y, scale="linear", by_matplotlib=False):
    """The ink of the curve `y`, as truth values of pixels."""
    figure = Figure(figsize=(3, 2), dpi=100)
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_axes((0.1, 0.1, 0.8, 0.8))
    axes.set_yscale(scale)
    axes.set_xlim(0, len(y))
    axes.set_ylim(0.5, 20)
    axes.set_axis_off()
    (line,) = axes.plot(np.arange(len(y)), y, color="black", linewidth=0.9, animated=True)
    canvas.draw()
    pixels = np.asarray(canvas.get_renderer().buffer_rgba())
    if by_matplotlib:
        figure.draw_artist(line)
    else:
        assert dense.is_dense(line, axes.bbox.width)
        dense.draw(line, axes.bbox, pixels)
    return np.asarray(canvas.get_renderer().buffer_rgba())[:, :, 0] < 128


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_bars_cover_what_matplotlib_draws(scale):
    y = 3 + 2 * np.sin(np.arange(2000) / 100) + np.random.default_rng(0).random(2000)
    ours, theirs = drawn(y, scale), drawn(y, scale, by_matplotlib=True)
    both, either = (ours & theirs).sum(), (ours | theirs).sum()
    assert theirs.sum() > 1000
    assert both / either > 0.8


def test_a_gap_stays_a_gap():
    y = np.full(1000, 5.0)
    y[400:600] = np.nan
    ink = drawn(y).any(axis=0)
    columns = np.flatnonzero(ink)
    assert not ink[130:170].any()
    assert columns.min() <= 31
    assert columns.max() >= 268


def test_a_curve_of_pairs_of_points_is_drawn_without_holes():
    x = np.repeat(np.arange(0.0, 200, 1.3), 2)  # pixels 5, 9, 13, … have no point of their own
    column, lowest, highest = dense.bars(x, 3 * x)
    assert column.tolist() == list(range(199))
    assert (lowest[1:] <= highest[:-1]).all()
    assert np.abs((lowest + highest) / 2 - 3 * (column + 0.5)).max() < 4


def test_what_leaves_the_axes_is_cut_off():
    ink = drawn(np.where(np.arange(1000) % 2, 100.0, -100.0))
    rows = np.flatnonzero(ink.any(axis=1))
    assert (rows.min(), rows.max()) == (20, 179)


def test_transparency_mixes_with_what_lies_behind():
    figure = Figure(figsize=(1, 1), dpi=100, facecolor="white")
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(0, 300)
    axes.set_ylim(0, 1)
    (line,) = axes.plot(np.arange(300), np.full(300, 0.5), color="red", alpha=0.25, animated=True)
    canvas.draw()
    dense.draw(line, axes.bbox, np.asarray(canvas.get_renderer().buffer_rgba()))
    colours = {tuple(colour) for colour in np.asarray(canvas.get_renderer().buffer_rgba()).reshape(-1, 4).tolist()}
    assert colours == {(255, 255, 255, 255), (255, 191, 191, 255)}
