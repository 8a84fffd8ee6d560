"""Fifty steps of the engine give the weights that ``model.fit`` gives: losses × optimizers, with everything else in turn.

Each loss meets each optimizer, and every pair of choices of any two columns occurs. The plain graph must agree to 1e-6 of the
largest weight of an array; XLA, and TensorFlow's graph optimizer in a few networks, add in another order: to 1e-5.
"""

from itertools import combinations, product

import pytest
import tensorflow as tf

from tests.models.engine.combinations import choices, columns, compare, table

pytestmark = pytest.mark.engine


def test_every_pair_of_choices_occurs():
    assert [len(values) for values in choices] == [21, 9, 4, 4, 7]
    for first, second in combinations(range(len(columns)), 2):
        pairs = {(row[first], row[second]) for row in table}
        missing = set(product(choices[first], choices[second])) - pairs
        assert not missing, (columns[first], columns[second], missing)


def sampled(row):
    return () if table.index(row) % 38 == 0 else pytest.mark.exhaustive


@pytest.mark.parametrize("row", [pytest.param(row, id="-".join(row), marks=sampled(row)) for row in table])
def test_the_plain_graph_equals_fit(row):
    of_weights, of_figures = compare(row, "graph")
    assert of_weights <= (1e-5 if row in rounded else 1e-6)
    assert of_figures <= 2e-6


rounded = [("KLDivergence", "RMSprop", "clipnorm", "L1L2", "masks")]
"""Differs by 1.4e-6, on other processors by 5e-6: the divergence's gradient is nearly 0 where RMSprop divides by its size."""

reassociated = [
    *rounded,
    ("Tversky", "AdamW", "clipnorm", "L1", "plain"),
    ("MeanAbsolutePercentageError", "Adam", "none", "L1L2", "masks"),
    ("Tversky", "Adam", "none", "none", "class weights"),
]
"""Rows that are not identical to the last bit: TensorFlow's graph optimizer adds in another order within a loop."""


reassociated_at_leisure = [
    pytest.param(row, id="-".join(row), marks=() if row in rounded else pytest.mark.exhaustive) for row in reassociated
]
"""The one that runs every time has most that could be added in another order: a mask, a penalty, a clipped norm."""


@pytest.fixture
def no_reassociation():
    """TensorFlow leaves sums and products as they were written."""
    tf.config.optimizer.set_experimental_options({"arithmetic_optimization": False})
    yield
    tf.config.optimizer.set_experimental_options({"arithmetic_optimization": True})


@pytest.mark.usefixtures("no_reassociation")
@pytest.mark.parametrize("row", reassociated_at_leisure)
def test_it_is_identical_to_fit_where_nothing_is_added_in_another_order(row):
    assert compare(row, "graph") == (0.0, pytest.approx(0.0, abs=4e-7))


by_xla = [row for number, row in enumerate(table) if number % 7 == 3 and row[0] != "CosineSimilarity"]
"""The cosine of a single output is 1 or −1: its gradient is rounding and nothing else, and XLA rounds in its own way."""


@pytest.mark.exhaustive
@pytest.mark.parametrize("row", [pytest.param(row, id="-".join(row)) for row in by_xla])
def test_xla_equals_fit(row):
    of_weights, of_figures = compare(row, "xla")
    assert of_weights <= 1e-5
    assert of_figures <= 1e-5
