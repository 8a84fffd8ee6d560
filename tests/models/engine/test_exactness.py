"""Fifty steps of the engine give the weights that ``model.fit`` gives: losses × optimizers, with everything else in turn.

Each loss meets each optimizer, and every pair of choices of any two columns occurs. The plain graph must agree to 1e-6 of the
largest weight of an array, and to the last bit where a step could most easily be added up otherwise; XLA, which does so, to 1e-5.
"""

from itertools import combinations, product

import pytest

from tests.models.engine.combinations import choices, columns, compare, table

pytestmark = pytest.mark.engine


def test_every_pair_of_choices_occurs():
    assert [len(values) for values in choices] == [21, 9, 4, 4, 7]
    for first, second in combinations(range(len(columns)), 2):
        pairs = {(row[first], row[second]) for row in table}
        missing = set(product(choices[first], choices[second])) - pairs
        assert not missing, (columns[first], columns[second], missing)


sensitive = [
    ("KLDivergence", "RMSprop", "clipnorm", "L1L2", "masks"),
    ("Tversky", "AdamW", "clipnorm", "L1", "plain"),
    ("MeanAbsolutePercentageError", "Adam", "none", "L1L2", "masks"),
    ("Tversky", "Adam", "none", "none", "class weights"),
]
"""Rows that TensorFlow's graph optimizer adds up in another order where it sees a step otherwise than in ``fit``."""


def sampled(row):
    return () if table.index(row) % 38 == 0 or row in sensitive else pytest.mark.exhaustive


@pytest.mark.parametrize("row", [pytest.param(row, id="-".join(row), marks=sampled(row)) for row in table])
def test_the_plain_graph_equals_fit(row):
    of_weights, of_figures = compare(row, "graph")
    assert of_weights <= (0.0 if row in sensitive else 1e-6)
    assert of_figures <= (4e-7 if row in sensitive else 2e-6)


by_xla = [row for number, row in enumerate(table) if number % 7 == 3 and row[0] != "CosineSimilarity"]
"""The cosine of a single output is 1 or −1: its gradient is rounding and nothing else, and XLA rounds in its own way."""


@pytest.mark.exhaustive
@pytest.mark.parametrize("row", [pytest.param(row, id="-".join(row)) for row in by_xla])
def test_xla_equals_fit(row):
    of_weights, of_figures = compare(row, "xla")
    assert of_weights <= 1e-5
    assert of_figures <= 1e-5
