"""The derivative of every activation is what its function says."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.experiment.activations import Activation, Elu, LeakyRelu, Relu, Selu, Sigmoid, Softmax, Tanh
from models.experiment.fields import kinds_in

elementwise = pytest.mark.parametrize(
    "kind", [kind for kind in kinds_in(Activation) if kind.elementwise], ids=lambda kind: kind.kind()
)
bends = np.array([-3, -1, -0.5, 0, 0.5, 1, 3, 6])
nearby = 1e-6


def numeric(function, x):
    return (function.at(x + nearby) - function.at(x - nearby)) / (2 * nearby)


@elementwise
def test_it_is_the_slope_that_the_function_has_nearby(kind):
    for x in np.linspace(-12, 12, 401).tolist():
        if np.abs(bends - x).min() > 10 * nearby:
            assert kind().derivative(x) == pytest.approx(numeric(kind(), x), rel=1e-5, abs=1e-8), x


@given(
    function=st.one_of(
        st.builds(LeakyRelu, negative_slope=st.floats(0, 2)),
        st.builds(Elu, alpha=st.floats(0, 5)),
        st.builds(Relu, negative_slope=st.floats(0, 1), max_value=st.none() | st.floats(5, 9), threshold=st.floats(0, 4)),
    ),
    x=st.floats(-10, 10),
)
def test_parameters_count(function, x):
    edges = np.array([0.0, getattr(function, "threshold", 0.0), getattr(function, "max_value", None) or 0.0])
    if np.abs(edges - x).min() > 10 * nearby:
        assert function.derivative(x) == pytest.approx(numeric(function, x), rel=1e-4, abs=1e-7)


@elementwise
def test_at_a_bend_it_is_the_slope_of_one_side(kind):
    for x in bends.tolist():
        sides = [kind().derivative(x - nearby), kind().derivative(x + nearby)]
        assert any(kind().derivative(x) == pytest.approx(side, rel=1e-5, abs=1e-5) for side in sides)


def test_it_is_0_where_nothing_changes_and_only_there():
    assert [Relu().derivative(x) for x in (-2.0, 0.0, 2.0)] == [0, 0, 1]
    assert 0 < Tanh().derivative(100) < 1e-80
    assert 0 < Sigmoid().derivative(-100) < 1e-40
    assert Selu().derivative(3) == pytest.approx(1.0507009873554805)


def test_a_function_of_several_inputs_has_none():
    with pytest.raises(NotImplementedError, match="softmax"):
        Softmax().derivative(1.0)
