"""Each rule speaks where its threshold is passed, with the figure in its sentence, and only there."""

from dataclasses import replace

import numpy as np
import pytest

from models.telemetry.diagnosis import diagnose, healthy
from models.telemetry.events import Histogram, LayerProbe


def spread(*, not_finite=0):
    return Histogram(np.array([1, 2, 1]), -1.0, 1.0, not_finite)


good = LayerProbe(
    "good", spread(), 0.0, 1.0, dead=None, saturated=0.1, gradient_std=0.01, update_ratio=1e-3,
    near_constant=0.0, duplicates=0.0, one_signed_gradients=0.1,
)  # fmt: skip
output = replace(good, name="output")


def findings(**figures):
    """What is said about a layer between two good ones."""
    return diagnose((replace(good, name="before"), replace(good, name="layer", **figures), output))["layer"].findings


def test_a_layer_without_findings_is_healthy():
    found = diagnose((good, output))
    assert found["good"].mark == found["output"].mark == healthy
    assert not found["good"].findings


@pytest.mark.parametrize(
    ("figures", "tone", "title", "words"),
    [
        ({"dead": 0.05, "saturated": 0.9}, "muted", "5 % dead", "5 % of the units are dead"),
        ({"dead": 0.1}, "warning", "10 % dead", "leaky_relu"),
        ({"dead": 1.0, "near_constant": 1.0}, "error", "100 % dead", "no gradient"),
        ({"duplicates": 0.25}, "warning", "25 % alike", "random"),
        ({"gradient_std": 11.0}, "warning", "gradient explodes", "1\u2009100 times"),
        ({"gradient_std": 9e-6}, "warning", "gradient fades", "1\u2009100 times less"),
        ({"gradient_std": 0.0, "update_ratio": 0.0}, "warning", "no gradient", "No gradient arrives"),
        ({"saturated": 0.25}, "warning", "25 % saturated", "twentieth"),
        ({"near_constant": 0.6}, "warning", "60 % constant", "nearly the same"),
        ({"update_ratio": 0.02}, "muted", "large steps", "0.02 of the length"),
        ({"update_ratio": 0.5}, "warning", "large steps", "0.5 of the length"),
        ({"update_ratio": 2e-5}, "muted", "small steps", "2e-5 of the length"),
        ({"one_signed_gradients": 0.5, "one_signed_inputs": 0.5}, "muted", "zigzags", "50 % of the units"),
        ({"weights": spread(not_finite=1)}, "error", "not finite", "1 of 5 weights"),
        ({"weights": spread(not_finite=1234)}, "error", "not finite", "1\u2009234 of 1\u2009238 weights"),
        ({"std": float("nan")}, "error", "not finite", "outputs"),
    ],
)
def test_a_rule_speaks(figures, tone, title, words):
    (found,) = findings(**figures)
    assert (found.tone, found.title) == (tone, title)
    assert words in found.sentence
    assert hasattr(good, found.about)


@pytest.mark.parametrize(
    "figures",
    [
        {"dead": 0.0},
        {"dead": 0.0, "saturated": 0.6},
        {"duplicates": 0.09},
        {"gradient_std": 9.0},
        {"gradient_std": 1.1e-5},
        {"saturated": 0.24},
        {"near_constant": 0.4},
        {"update_ratio": 1e-2},
        {"update_ratio": 1e-4},
        {"one_signed_gradients": 0.4, "one_signed_inputs": 1.0},
        {"one_signed_gradients": 1.0, "one_signed_inputs": 0.4},
        {"one_signed_gradients": 1.0},
    ],
)
def test_a_rule_is_silent(figures):
    assert findings(**figures) == ()


def test_the_worst_comes_first():
    found = findings(dead=0.5, saturated=0.9, update_ratio=2e-5, near_constant=0.7)
    assert [finding.title for finding in found] == ["50 % dead", "70 % constant", "small steps"]


def test_a_sure_output_is_not_called_saturated():
    sure = replace(output, saturated=0.9)
    assert diagnose((good, sure))["output"].mark == healthy
    assert diagnose((replace(good, saturated=0.9), output))["good"].mark.title == "90 % saturated"


def test_nothing_is_said_where_nothing_was_measured():
    bare = LayerProbe("flatten", spread(), 0.0, 1.0, dead=None, saturated=None)
    assert diagnose((bare, output))["flatten"].mark is None
    assert diagnose(()) == {}


def test_a_gradient_is_compared_with_those_behind_only():
    first, last = replace(good, name="first", gradient_std=1.0), replace(output, gradient_std=1e-4)
    found = diagnose((first, last))
    assert [finding.title for finding in found["first"].findings] == ["gradient explodes"]
    assert found["output"].findings == ()


def test_bars_of_gradients_are_orders_of_magnitude():
    layers = [replace(good, name=str(std), gradient_std=std) for std in (1e-9, 1e-3, 0.1)]
    assert [found.gradient for found in diagnose(layers).values()] == pytest.approx([0, 0.5, 1])
    assert diagnose((replace(good, gradient_std=None),))["good"].gradient is None
    assert diagnose((replace(good, gradient_std=0.0),))["good"].gradient is None
    assert diagnose((replace(good, gradient_std=float("nan")),))["good"].gradient is None
