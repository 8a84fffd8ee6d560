"""The curve of a search for a learning rate."""

import numpy as np
import pytest

from gui.theme import apply_theme, dark, light
from gui.widgets.sweep_curve import SweepCurve
from models.telemetry.sweep import Sweep

rates = np.geomspace(1e-7, 10, 81)
smoothed = 1.0 - 0.5 / (1 + np.exp(-3 * (np.log10(rates) + 3))) + np.where(rates > 0.5, rates, 0)
noisy = smoothed + 0.02 * np.sin(np.arange(81))


@pytest.fixture
def curve(qtbot):
    curve = SweepCurve()
    qtbot.addWidget(curve)
    curve.resize(480, 260)
    curve.set_limits(1e-7, 10.0)
    return curve


def test_what_is_not_finite_is_left_out(curve):
    losses = noisy.copy()
    losses[-10:] = np.nan
    curve.set_sweep(Sweep(rates, losses, losses, None, ""))
    assert len(curve.raw) == 71
    curve.grab()
    curve.set_sweep(Sweep(rates, np.full(81, np.nan), np.full(81, np.nan), None, ""))
    assert curve.raw == []
    curve.grab()


def test_where_the_loss_explodes_is_above_the_axis(curve):
    curve.set_sweep(Sweep(rates, noisy, smoothed, 0.001, ""))
    axis = curve.chart().y
    assert axis.low < smoothed.min()
    assert smoothed[0] < axis.high < smoothed[-1]


def test_decades_are_equally_far_apart(curve):
    places = [curve.chart().place(10.0**power, 0.5).x() for power in (-7, -5, -3, -1, 1)]
    gaps = np.diff(places)
    assert gaps == pytest.approx(np.full(4, gaps[0]))


@pytest.mark.parametrize("theme", [light, dark], ids=lambda theme: theme.name)
def test_the_suggestion_is_marked(qapp, curve, theme):
    apply_theme(qapp, theme)
    for suggestion, marked in ((None, False), (0.001, True)):
        curve.set_sweep(Sweep(rates, noisy, smoothed, suggestion, ""))
        image = curve.grab().toImage()
        x = round(curve.chart().place(0.001, 0).x())
        column = {image.pixelColor(x, y).name() for y in range(image.height())}
        assert (theme.validation in column) == marked


def test_the_pointer_reads_values_off(curve):
    assert curve.words_at(100) == ""
    curve.set_sweep(Sweep(rates, noisy, smoothed, 0.001, "Falls."))
    x = curve.chart().place(0.001, 0).x()
    assert curve.words_at(x) == "learning rate 0.001\nloss 0.75"
    assert curve.accessibleDescription() == "Falls."
