"""Each combination of loss, regularizer, network, optimizer and clipping that there is gives the weights of ``model.fit``.

There are 21,168. A run of all of them takes hours, so ``.ci/run`` takes another part of them each time (``--part 7/48``). Here
TensorFlow computes graphs as they were written: where a network explodes, as by SGD under the circle loss, a last digit that its
graph optimizer adds otherwise is magnified within a few steps.
"""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from models.engine import session
from models.engine.steps import Step
from tests.models.engine import samples
from tests.models.engine.combinations import case, choices, columns, compare_case

pytestmark = [pytest.mark.engine, pytest.mark.every_combination, pytest.mark.usefixtures("as_written")]

by_column = dict(zip(columns, choices, strict=True))
networks = list(product(by_column["loss"], by_column["regularizer"], by_column["structure"]))
updates = list(product(by_column["optimizer"], by_column["clipping"]))


class Unwatched:
    """In place of the engine's ``Prober``: what looks inside see is tested elsewhere, and they take as long to trace as a row."""

    def __init__(self, *_):
        pass

    def compile(self):
        pass

    def weights(self):
        return []

    def note_step(self, *_, updated):
        pass

    def look(self, *_):
        return ()


@pytest.fixture(autouse=True)
def unwatched(monkeypatch):
    monkeypatch.setattr(session, "Prober", Unwatched)
    monkeypatch.setattr(Step, "spread_where", lambda step, wanted, gradients, otherwise: otherwise)


def without_validation(prepared):
    """The data with nothing held back: figures on it are tested elsewhere, and it is another graph to trace."""
    weights = None if prepared.weights_val is None else prepared.weights_val[:0]
    return replace(prepared, x_val=prepared.x_val[:0], y_val=prepared.y_val[:0], weights_val=weights)


@pytest.mark.parametrize(("loss", "regularizer", "structure"), networks, ids=map("-".join, networks))
def test_all_optimizers_and_clippings_equal_fit(loss, regularizer, structure):
    far = {}
    for optimizer, clipping in updates:
        value, prepared = case(loss, optimizer, clipping, regularizer, structure)
        of_weights, of_figures = compare_case(value, without_validation(prepared), "graph", make=samples.session)
        if not (of_weights <= 1e-6 and of_figures <= 2e-6):
            far[optimizer, clipping] = of_weights, of_figures
    assert not far


def test_nothing_is_left_out():
    assert len(networks) * len(updates) == np.prod([len(values) for values in choices]) == 21_168
