"""Zones of an activation are where its derivative says, and hold what a histogram has there."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gui.plots.views.applied import Zone, curves_over, share_inside, zones_of
from models.experiment.activations import Activation, Elu, Exponential, LeakyRelu, Relu, Relu6, Sigmoid, Tanh
from models.experiment.fields import kinds_in
from models.telemetry.events import Histogram
from models.telemetry.zones import dead_zones, saturated_zones


@pytest.mark.parametrize("kind", [kind for kind in kinds_in(Activation) if kind.elementwise], ids=lambda kind: kind.kind())
def test_zones_lie_beside_each_other_and_cover_what_is_saturated(kind):
    zones = zones_of(kind())
    for left, right in pairwise(zones):
        assert left.high <= right.low
    for low, high in saturated_zones(kind()):
        pieces = [zone for zone in zones if low <= zone.low and zone.high <= high]
        assert (pieces[0].low, pieces[-1].high) == (low, high)
        assert all(left.high == right.low for left, right in pairwise(pieces))
    assert [(zone.low, zone.high) for zone in zones if zone.dead] == list(dead_zones(kind()))


def test_a_curve_that_leaves_all_numbers_is_infinite_there():
    _, values, slopes = curves_over(Exponential(), -4, 1000)
    assert np.isinf(values[-1])
    assert np.isinf(slopes[-1])
    assert np.isfinite(values[:100]).all()


@given(
    counts=st.lists(st.integers(0, 100), min_size=1, max_size=30).filter(any),
    function=st.sampled_from([Relu(), Relu6(), Tanh(), Sigmoid(), Elu(), LeakyRelu(negative_slope=0.01)]),
)
def test_shares_of_zones_and_of_the_rest_add_up(counts, function):
    histogram = Histogram(np.array(counts), -7.0, 9.0)
    zones = zones_of(function)
    between = [(-math.inf, *(zone.high for zone in zones)), (*(zone.low for zone in zones), math.inf)]
    rest = [Zone(low, high, dead=False) for low, high in zip(*between, strict=True)]
    assert sum(share_inside(histogram, zone) for zone in (*zones, *rest)) == pytest.approx(1)
