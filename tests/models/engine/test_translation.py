"""Every layer of the catalogue comes back from what Keras writes of it as it was."""

import json

import keras
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from models.engine.network import freeze, keras_object
from models.experiment.layers import GRU, LSTM, Bidirectional, SimpleRNN
from models.storage.keras_files.graph import Node
from models.storage.keras_files.translation import Translator
from tests.strategies import layer_kinds, start, values

pytestmark = pytest.mark.engine

not_said = {"inputs": ()}
"""What Keras writes of the call, not of the layer."""


def written(layer):
    """What Keras writes of `layer`."""
    made = keras_object(layer)
    freeze(made, layer)
    description = json.loads(json.dumps(keras.saving.serialize_keras_object(made)))
    return without_numbers(description)


def without_numbers(description):
    """`description` without the numbers that Keras gives to objects, and to those inside others by their names."""
    if isinstance(description, dict):
        return {key: without_numbers(content) for key, content in description.items() if key not in ("shared_object_id", "name")}
    return [without_numbers(content) for content in description] if isinstance(description, list) else description


def back(layer):
    """`layer` made in Keras, written by Keras, and read by us."""
    description = written(layer)
    return Translator("file").layer(Node(layer.name, description, ("",), "", {}, False), layer.name, ())


@pytest.mark.parametrize("kind", layer_kinds, ids=lambda kind: kind.__name__)
def test_a_layer_comes_back_from_keras_as_it_was(kind):
    layer = start(kind)
    assert written(back(layer)) == written(layer)


@pytest.mark.parametrize("inner", [SimpleRNN, LSTM, GRU], ids=lambda kind: kind.__name__)
def test_sequences_both_ways_come_back(inner):
    """Keras makes such layers put out zeros at masked steps, and writes that down."""
    layer = Bidirectional(name="layer", layer=inner(name="inner", units=2, return_sequences=True))
    assert written(back(layer)) == written(layer)


@pytest.mark.exhaustive
@settings(max_examples=50, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(st.data())
@pytest.mark.parametrize("kind", layer_kinds, ids=lambda kind: kind.__name__)
def test_any_layer_comes_back_from_keras_as_it_was(kind, data):
    layer = data.draw(values(kind, 5, name="layer", **not_said))
    assume(getattr(layer, "sampling_rate", 2) > 1)  # of 1 Hz Keras writes half as 0
    try:
        found = back(layer)
    except (ValueError, TypeError):  # Keras makes no such layer
        return
    assert written(found) == written(layer)
