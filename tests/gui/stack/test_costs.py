"""What the layers cost, on their cards."""

import pytest

from gui.stack.costs import layer_costs, short_count
from models.experiment import edits
from models.experiment.check import check
from models.experiment.layers import Conv2D, Dense, Dropout
from models.experiment.starter import default_experiment


def costs_of(*network):
    experiment = edits.with_network(default_experiment(), network)
    return layer_costs(experiment, check(experiment))


def test_bars_are_relative_to_the_layer_that_costs_most():
    costs = costs_of(Dense(name="a", units=8), Dense(name="b", units=16), Dropout(name="c", rate=0.1), Dense(name="d", units=1))
    parameters, products, memory = zip(*(each for each in costs.values()), strict=True)
    assert [cost.share for cost in parameters] == pytest.approx([24 / 144, 1, 0, 17 / 144])
    assert [cost.share for cost in products] == pytest.approx([16 / 128, 1, 0, 16 / 128])
    assert [cost.share for cost in memory] == pytest.approx([0.5, 1, 1, 1 / 16])
    assert [cost.number for cost in memory] == ["640 B", "1.3 kB", "1.3 kB", "80 B"]


def test_a_network_without_weights_has_empty_bars():
    assert [cost.share for cost in costs_of(Dropout(name="a", rate=0.1))["a"]] == [0, 0, 1]


def test_nothing_is_known_from_an_error_on():
    assert list(costs_of(Dense(name="a", units=8), Conv2D(name="b", filters=1, kernel_size=(3, 3)))) == ["a"]
    assert costs_of() == {}


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (99_999, "99\u2009999"),
        (100_000, "100 k"),
        (999_400, "999 k"),
        (999_600, "1.00 M"),
        (9_994_000, "9.99 M"),
        (9_996_000, "10.0 M"),
        (138_357_544, "138 M"),
        (15_470_000_000, "15.5 G"),
    ],
)
def test_long_numbers_are_shortened(number, text):
    assert short_count(number) == text
