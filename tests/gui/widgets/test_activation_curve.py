"""The curve of an activation."""

import math

import pytest

from gui.theme import apply_theme, dark, light
from gui.widgets.activation_curve import ActivationCurve, curves_of
from models.experiment.activations import Activation, Elu, HardShrink, Relu, Softmax, Tanh
from models.experiment.fields import kinds_in

elementwise = [kind for kind in kinds_in(Activation) if kind.elementwise]


@pytest.mark.parametrize("kind", elementwise, ids=lambda kind: kind.kind())
def test_curves_go_from_minus_four_to_four(kind):
    value, derivative = curves_of(kind())
    assert [curve[0][0] for curve in (value, derivative)] == [-4, -4]
    assert [curve[-1][0] for curve in (value, derivative)] == [4, 4]
    assert all(math.isfinite(y) for curve in (value, derivative) for _, y in curve)
    # The jumps of hard_shrink are no part of its derivative.
    jumps = 1.0 if isinstance(kind(), HardShrink) else 0.0
    rise = sum(slope for _, slope in derivative[:-1]) * 8 / (len(derivative) - 1)
    assert rise + jumps == pytest.approx(value[-1][1] - value[0][1], abs=0.06 * max(1, abs(value[-1][1])))


def test_the_derivative_is_the_slope():
    _, derivative = curves_of(Tanh())
    for x, slope in derivative:
        assert slope == pytest.approx(1 - math.tanh(x) ** 2, abs=1e-6)
    assert dict(curves_of(Relu(negative_slope=0.25))[1])[-2.0] == pytest.approx(0.25)


@pytest.mark.parametrize("theme", [light, dark], ids=lambda theme: theme.name)
def test_it_is_painted_in_the_colours_of_the_theme(qtbot, qapp, theme):
    apply_theme(qapp, theme)
    curve = ActivationCurve()
    qtbot.addWidget(curve)
    curve.set_function(Elu())
    curve.resize(150, 96)
    image = curve.grab().toImage()
    colours = {image.pixelColor(x, y).name() for x in range(150) for y in range(96)}
    assert theme.accent in colours
    assert theme.validation in colours


def test_functions_of_several_inputs_have_a_sentence(qtbot):
    curve = ActivationCurve()
    qtbot.addWidget(curve)
    curve.set_function(Softmax())
    assert curve.sentence == "No curve: each output depends on all inputs."
    curve.grab()
    curve.set_function(Relu())
    assert curve.sentence == ""
    curve.set_function(None)
    assert curve.isHidden()


def test_the_pointer_reads_values_off(qtbot):
    curve = ActivationCurve()
    qtbot.addWidget(curve)
    curve.set_function(Relu())
    curve.resize(150, 96)
    assert curve.words_at(150) == "f(4.00) = 4\nf′(4.00) = 1"
    assert curve.words_at(0) == "f(-4.00) = 0\nf′(-4.00) = 0"
    curve.set_function(Softmax())
    assert curve.words_at(150) == ""
