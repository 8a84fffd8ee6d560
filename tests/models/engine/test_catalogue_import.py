"""Every layer of the catalogue comes back from what Keras writes of it."""

import keras
import numpy as np
import pytest
from msgspec.structs import replace

from models.data.preparation import prepare
from models.engine.network import keras_object
from models.engine.session import Session
from models.experiment.errors import BadInput
from models.experiment.layers import (
    GRU,
    RNN,
    Attention,
    BatchNormalization,
    Bidirectional,
    Conv2D,
    Conv2DTranspose,
    Dense,
    DepthwiseConv1D,
    GroupQueryAttention,
    LayerNormalization,
    MultiHeadAttention,
    Normalization,
    PReLU,
    ReversibleEmbedding,
    SpectralNormalization,
    TimeDistributed,
)
from models.experiment.layers.cells import GRUCell, LSTMCell, SimpleRNNCell, StackedRNNCells
from models.storage.files import load
from models.storage.keras_files.arrays import StoredArrays
from models.storage.keras_files.graph import groups_of
from models.storage.keras_files.importing import imported, save_imported
from tests.sampling import sampled
from tests.strategies import fitting_shape, layer_kinds, start

pytestmark = [pytest.mark.engine, pytest.mark.filterwarnings("ignore:[\\s\\S]*softmax over axis")]

filled_in = {
    **dict.fromkeys(("MaxPooling1D", "MaxPooling2D", "MaxPooling3D"), ("strides",)),
    **dict.fromkeys(("AveragePooling1D", "AveragePooling2D", "AveragePooling3D"), ("strides",)),
    "MelSpectrogram": ("sequence_length", "max_freq"),
    "MultiHeadAttention": ("value_dim",),
    "Bidirectional": ("backward_layer",),
}
"""Fields that Keras writes with what it takes in the place of none."""


def network_of(layer, shape):
    inputs = keras.Input(shape)
    made = keras_object(layer)
    if isinstance(layer, MultiHeadAttention | GroupQueryAttention):
        return keras.Model(inputs, made(inputs, inputs))
    return keras.Model(inputs, made(inputs if layer.most_inputs == 1 else [inputs, inputs]))


def through_json(model, folder):
    path = folder / "model.json"
    path.write_text(model.to_json())
    with imported(path) as found:
        return found.experiment.network[0]


@pytest.mark.parametrize("kind", sampled(layer_kinds, Dense, MultiHeadAttention))
def test_a_layer_comes_back_as_it_was(kind, tmp_path):
    layer = replace(start(kind), name="layer")
    found = through_json(network_of(layer, fitting_shape(layer)), tmp_path)
    if isinstance(layer, Bidirectional):  # Keras names the two layers itself
        found = replace(found, layer=replace(found.layer, name=layer.layer.name))
    as_before = {name: getattr(layer, name) for name in ("inputs", *filled_in.get(kind.kind(), ()))}
    assert replace(found, **as_before) == layer


weighted = [kind for kind in layer_kinds if start(kind).parameters_of((fitting_shape(start(kind)),) * 2).total]


around = (
    RNN(name="rnn", cell=StackedRNNCells(cells=(LSTMCell(units=3), GRUCell(units=4), LSTMCell(units=2)))),
    RNN(name="plain", cell=SimpleRNNCell(units=3, use_bias=False)),
    GRU(name="gru", units=3, reset_after=False),
    TimeDistributed(name="steps", layer=Bidirectional(name="both", layer=GRU(name="gru", units=3))),
    SpectralNormalization(name="spectral", layer=DepthwiseConv1D(name="depthwise", kernel_size=2, depth_multiplier=3)),
    Attention(name="attention", use_scale=True, score_mode="concat"),
    MultiHeadAttention(name="heads", num_heads=2, key_dim=3, value_dim=5, use_gate=True),
    GroupQueryAttention(name="groups", num_query_heads=4, num_key_value_heads=2, head_dim=3, use_gate=True, use_bias=False),
    BatchNormalization(name="batch", scale=False),
    LayerNormalization(name="layer", center=False, scale=False),
    Normalization(name="normal", axis=None),
    ReversibleEmbedding(name="embedding", input_dim=5, output_dim=3, tie_weights=False),
    PReLU(name="prelu", shared_axes=(1,)),
)
"""Layers whose arrays depend on more than a size."""


@pytest.mark.parametrize("layer", [*map(start, weighted), *around], ids=lambda layer: layer.kind())
def test_keras_keeps_its_arrays_where_they_are_looked_for(layer, tmp_path):
    shape = fitting_shape(layer)
    network_of(layer, shape).save_weights(tmp_path / "kept.weights.h5")
    (group,) = groups_of([layer.kind()])
    with (tmp_path / "kept.weights.h5").open("rb") as file, StoredArrays(file, 10**9, "") as arrays:
        assert arrays.below(group) == {weight.place: weight.shape for weight in layer.weights_of((shape, shape))}


@pytest.mark.exhaustive
@pytest.mark.parametrize("kind", weighted)
def test_its_weights_come_along(kind, tmp_path):
    check_weights_come_along(start(kind), tmp_path)


@pytest.mark.parametrize(
    "inside",
    [
        Dense(name="dense", units=3),
        Conv2D(name="conv", filters=4, kernel_size=(2, 3), groups=2),
        DepthwiseConv1D(name="depthwise", kernel_size=2, depth_multiplier=3),
        Conv2DTranspose(name="transposed", filters=5, kernel_size=(2, 3)),
    ],
    ids=lambda layer: layer.kind(),
)
def test_weights_behind_spectral_normalization_come_along(inside, tmp_path):
    """Keras writes the kernel of the layer inside twice, and reads it twice."""
    check_weights_come_along(SpectralNormalization(name="spectral", layer=inside), tmp_path)


stacked = RNN(
    name="rnn", cell=StackedRNNCells(cells=(LSTMCell(units=3), GRUCell(units=4), SimpleRNNCell(units=2))), return_sequences=True
)


def test_cells_of_a_stack_come_along(tmp_path):
    assert through_json(network_of(stacked, (5, 4)), tmp_path) == stacked
    check_weights_come_along(stacked, tmp_path)


def check_weights_come_along(layer, folder):
    path, out = folder / "model.keras", folder / "out.wiggle.json"
    model = network_of(layer, fitting_shape(layer))
    random = np.random.default_rng(1)
    for weight in model.weights:
        if "seed" not in weight.path:
            weight.assign(random.uniform(0.1, 0.9, weight.shape).astype(weight.dtype))
    model.save(path)
    with imported(path) as found:
        save_imported(found, out)
    experiment = load(out)
    data = prepare(experiment)
    ours = Session(experiment, data, "cpu", compilation="plain").predict(data.x_train[:8])
    original = keras.models.load_model(path).predict(data.x_train[:8], verbose=0)
    np.testing.assert_allclose(ours, original, rtol=1e-6, atol=1e-6)


def test_attention_along_some_axes_only_is_refused(tmp_path):
    inputs = keras.Input((4, 5, 6))
    some = keras.Model(inputs, keras.layers.MultiHeadAttention(2, 3, attention_axes=(2,), name="looks")(inputs, inputs))
    with pytest.raises(BadInput, match=r"layer “looks”, attention_axes: expected none or \[1, 2\], found \[2\]"):
        through_json(some, tmp_path)
