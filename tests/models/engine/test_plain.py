"""What leaves with a Maxout in it is Keras's own layers, computes and learns the same, and opens without this program."""

import functools
import json
import subprocess
import sys

import keras
import numpy as np
import pytest

from models.engine.formats import write
from models.engine.maxout import Maxout
from models.engine.plain import plain
from models.experiment.fields import kinds_in
from models.experiment.layers import LSTM, Add, BatchNormalization, Dropout, Flatten, Masking, Normalization
from models.experiment.layers import Maxout as MaxoutDeclared
from models.experiment.optimizers import Nadam, Optimizer
from models.experiment.regularizers import L2
from tests.models.engine.samples import blind_session, blind_train, data_for, experiment, hidden
from tests.sampling import seldom

pytestmark = pytest.mark.engine


def maxout(name="maxout", **options):
    return MaxoutDeclared(name=name, units=4, pieces=3, **options)


networks = {
    "units": (
        (
            Normalization(name="scaled"),
            maxout(kernel_regularizer=L2(l2=0.01)),
            Dropout(name="drop", rate=0.2),
            maxout("again", use_bias=False),
        ),
        (5,),
    ),
    "branches": (
        (maxout(), maxout("again"), Add(name="add", inputs=("again", "maxout")), maxout("last", use_bias=False)),
        (5,),
    ),
    "sequence": ((maxout(), Flatten(name="flat")), (6, 3)),
    "image": ((maxout(), BatchNormalization(name="norm"), Flatten(name="flat")), (4, 5, 2)),
    "masked sequence": ((Masking(name="mask"), maxout(), LSTM(name="rnn", units=4)), (6, 3)),
}


@functools.cache
def trained(name, **options):
    """A trained network of `networks`, and examples some of whose steps are 0."""
    network, shape = networks[name]
    value = experiment(network, **{"epochs": 2} | options)
    prepared = data_for(value, shape=shape)
    if "masked" in name:
        prepared.x_train[:, 2:] = 0
    return blind_train(value, prepared)[0], prepared.x_train


@pytest.mark.parametrize("name", networks)
def test_the_outputs_are_the_same(name):
    made, x = trained(name)
    copy = plain(made.model)
    assert not any(isinstance(layer, Maxout) for layer in copy.layers)
    np.testing.assert_allclose(copy(x), made.model(x), rtol=0, atol=1e-7)
    assert copy.count_params() == made.model.count_params()


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("shape", [(None, 3), (None, 4, 3), (2, None, 3), (3, 4, 5, 2)], ids=str)
def test_sizes_may_be_unknown_and_masks_go_on(shape, masked):
    inputs = between = keras.Input(shape)
    if masked:
        between = keras.layers.Masking()(between)
    model = keras.Model(inputs, Maxout(4, 3, name="maxout", bias_initializer="random_normal")(between))
    x = np.random.default_rng(1).normal(size=(3, *(5 if size is None else size for size in shape))).astype(np.float32)
    x[:, 1:] = 0
    copy = plain(model)
    np.testing.assert_allclose(copy(x), model(x), rtol=0, atol=1e-7)
    assert copy.output.shape == model.output.shape
    assert hasattr(copy.output, "_keras_mask") == masked


def test_names_that_are_taken_are_left_alone():
    inputs = keras.Input((3,))
    inner = keras.layers.Dense(5, name="maxout_pieces")(inputs)
    copy = plain(keras.Model(inputs, Maxout(4, 3, name="maxout")(inner)))
    assert [layer.name for layer in copy.layers[1:]] == ["maxout_pieces", "maxout", "maxout_pieces_", "maxout_greatest"]


usual_learners = [("units", Nadam)]
all_learners = [(name, kind) for name in ("units", "branches") for kind in kinds_in(Optimizer)]


@pytest.mark.parametrize(
    ("name", "kind"), [*usual_learners, *(seldom(*each) for each in all_learners if each not in usual_learners)]
)
def test_it_learns_on_as_the_network_would_have(name, kind):
    made, x = trained.__wrapped__(name, optimizer=kind(learning_rate=0.02))
    copy, y = plain(made.model), made.prepared.y_train
    for model in (made.model, copy):
        model.fit(x, y, batch_size=8, epochs=2, shuffle=False, verbose=0)
    np.testing.assert_allclose(copy(x), made.model(x), rtol=1e-5, atol=1e-6)


def test_half_precision_is_kept():
    made, x = trained("units", precision="mixed_bfloat16")
    copy = plain(made.model)
    assert copy.get_layer("maxout").dtype_policy.name == "mixed_bfloat16"
    np.testing.assert_array_equal(copy(x), made.model(x))


def test_a_network_of_keras_alone_is_not_copied():
    model = blind_session(experiment(hidden())).model
    assert plain(model) is model


elsewhere = """
import json, sys
import keras, numpy as np
folder, names = sys.argv[1], json.loads(sys.argv[2])
for name in names:
    x = np.load(f"{folder}/{name}.npy")
    np.save(f"{folder}/{name}.out.npy", keras.models.load_model(f"{folder}/{name}.keras").predict(x, verbose=0))
    keras.models.model_from_json(open(f"{folder}/{name}.json").read()).predict(x, verbose=0)
assert "models" not in sys.modules
"""


@pytest.mark.exhaustive
def test_the_files_open_in_a_process_that_never_heard_of_this_program(tmp_path):
    expected = {}
    for name in networks:
        made, x = trained(name)
        made.save(tmp_path / f"{name}.keras")
        write(made.model, "json", tmp_path / f"{name}.json", x)
        np.save(tmp_path / f"{name}.npy", x)
        expected[name] = made.predict(x)
    command = [sys.executable, "-I", "-W", "ignore", "-c", elsewhere, str(tmp_path), json.dumps(list(networks))]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False)
    assert ran.returncode == 0, ran.stderr
    for name, outputs in expected.items():
        np.testing.assert_allclose(np.load(tmp_path / f"{name}.out.npy"), outputs, rtol=0, atol=1e-6)
