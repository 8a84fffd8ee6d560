"""Zones are where the derivative says that they are."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.experiment.activations import (
    Activation,
    Elu,
    Gelu,
    HardShrink,
    LeakyRelu,
    Linear,
    Relu,
    Relu6,
    Sigmoid,
    Softmax,
    Tanh,
)
from models.experiment.fields import kinds_in
from models.telemetry.zones import dead_slope, dead_zones, flat_zones, saturated_slope, saturated_zones

inf = math.inf
elementwise = pytest.mark.parametrize(
    "kind", [kind for kind in kinds_in(Activation) if kind.elementwise], ids=lambda kind: kind.kind()
)


def inside(zones, x):
    return any(low <= x <= high for low, high in zones)


@elementwise
@pytest.mark.parametrize("slope", [saturated_slope, dead_slope])
def test_inside_the_derivative_is_small_and_outside_it_is_not(kind, slope):
    function, zones = kind(), flat_zones(kind(), slope)
    edges = np.array([end for zone in zones for end in zone if math.isfinite(end)] or [inf])
    for x in np.concatenate([np.linspace(-60, 60, 2401), np.linspace(-2, 2, 4001)]).tolist():
        if np.abs(edges - x).min() > 1e-9:
            assert inside(zones, x) == (abs(function.derivative(x)) < slope), x
    assert list(zones) == sorted(zones)


@given(
    function=st.one_of(
        st.builds(Relu, negative_slope=st.floats(0, 0.1), max_value=st.none() | st.floats(0.5, 500), threshold=st.floats(0, 90)),
        st.builds(Elu, alpha=st.floats(0, 1000)),
        st.builds(LeakyRelu, negative_slope=st.floats(0, 0.1)),
    ),
    x=st.floats(-600, 600),
)
def test_parameters_move_zones(function, x):
    zones = saturated_zones(function)
    if not any(abs(end - x) < 1e-6 for zone in zones for end in zone):
        assert inside(zones, x) == (abs(function.derivative(x)) < saturated_slope)


def test_where_the_known_ones_are():
    edge = math.log((0.5 + math.sqrt(0.2)) / (0.5 - math.sqrt(0.2)))  # s(1 − s) = 0.05
    assert saturated_zones(Sigmoid()) == (pytest.approx((-inf, -edge)), pytest.approx((edge, inf)))
    assert saturated_zones(Tanh())[1] == pytest.approx((math.atanh(math.sqrt(0.95)), inf))
    assert saturated_zones(Relu()) == dead_zones(Relu()) == ((-inf, 0.0),)
    assert dead_zones(Relu6()) == ((-inf, 0.0), (6.0, inf))
    assert dead_zones(HardShrink()) == ((-0.5, 0.5),)
    assert dead_zones(Elu()) == (pytest.approx((-inf, math.log(dead_slope))),)
    assert dead_zones(Gelu())[0] == pytest.approx((-inf, -3.9), abs=0.2)
    for function in (LeakyRelu(), Relu(negative_slope=0.1), Sigmoid(), Linear(), Softmax()):
        assert dead_zones(function) == ()
    assert saturated_zones(Linear()) == saturated_zones(Softmax()) == ()
