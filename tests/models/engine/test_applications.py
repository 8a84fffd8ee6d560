"""Keras's own architectures go in and out with equal parameter counts and outputs; the benchmark takes all of them."""

import pytest

from tests.benchmarks.applications import round_trip

pytestmark = [pytest.mark.engine, pytest.mark.exhaustive]


@pytest.mark.parametrize("name", ["MobileNet", "MobileNetV3Small", "DenseNet121", "EfficientNetB0"])
def test_an_architecture_comes_in_and_goes_out_unchanged(name, tmp_path):
    _, _, imported, exported = round_trip(name, tmp_path)
    assert max(imported, exported) < 1e-6
