"""Weights of classes: scikit-learn's rule, and given ones."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.experiment.class_weights import Balanced, GivenWeights


@settings(deadline=None)  # scikit-learn is imported in the first one
@given(st.lists(st.integers(0, 30), min_size=1, max_size=6).filter(any))
def test_balanced_is_scikit_learns(counts):
    from sklearn.utils.class_weight import compute_class_weight

    labels = np.repeat(np.arange(len(counts)), counts)
    present = np.flatnonzero(counts)
    expected = np.ones(len(counts))
    expected[present] = compute_class_weight("balanced", classes=present, y=labels)
    assert Balanced().for_counts(counts) == pytest.approx(tuple(expected))


def test_given_weights_are_what_they_are():
    assert GivenWeights(weights=(1.0, 3.0)).for_counts((5, 5)) == (1.0, 3.0)
