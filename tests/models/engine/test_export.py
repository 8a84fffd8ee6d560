"""What is exported runs and trains without this program."""

import dataclasses
import json
import runpy
import subprocess
import sys

import keras
import numpy as np
import pytest
from msgspec.structs import replace

from models.engine.export import export_script, render, script_text
from models.experiment.activations import LeakyRelu, Linear, Relu
from models.experiment.class_weights import Balanced, GivenWeights
from models.experiment.initializers import GlorotUniform, HeNormal, RandomNormal, VarianceScaling
from models.experiment.layers import BatchNormalization, Dropout, Maxout, Normalization
from models.experiment.losses import BinaryCrossentropy, Hinge
from models.experiment.optimizers import SGD, Adam
from models.experiment.regularizers import L1L2, L2
from models.experiment.rules import EarlyStopping, ReduceLROnPlateau
from models.experiment.schedules import CosineDecay, OneCycle, PiecewiseConstantDecay
from tests.models.engine.samples import blind_session, blind_train, data_for, dense, epochs, experiment, hidden, weights
from tests.sampling import sampled

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("as_written")]

mixed = (
    Normalization(name="scaled"),
    dense(
        8, LeakyRelu(negative_slope=0.05), "first", kernel_initializer=VarianceScaling(scale=2.0), kernel_regularizer=L2(l2=0.001)
    ),
    Dropout(name="drop", rate=0.2, noise_shape=(None, 1)),
    Maxout(name="maxout", units=4, pieces=3, kernel_initializer=RandomNormal(stddev=0.3)),
    BatchNormalization(name="norm"),
    Normalization(name="again"),
)


def history_here(script):
    return run_here(script, "history")[0].history


def run_here(script, *names):
    """What the script has called by these names in the end."""
    known = keras.saving.get_custom_objects()
    before, policy = dict(known), keras.config.dtype_policy()
    try:
        found = runpy.run_path(str(script))
        return [found[name] for name in names]
    finally:  # The script registers layers and schedules of its own.
        known.clear()
        known.update(before)
        keras.config.set_dtype_policy(policy)


def history_elsewhere(script):
    """In a process that never heard of this program."""
    show = "import json, runpy, sys; print(json.dumps(runpy.run_path(sys.argv[1])['history'].history))"
    command = [sys.executable, "-W", "ignore", "-c", show, str(script)]
    answer = subprocess.run(command, cwd=script.parent, capture_output=True, text=True, check=True)
    return json.loads(answer.stdout.splitlines()[-1])


@pytest.mark.parametrize("run", [history_here, pytest.param(history_elsewhere, marks=pytest.mark.exhaustive)])
def test_the_script_trains_the_same_network(tmp_path, run):
    value = experiment(mixed, last=Linear(), loss=Hinge(), optimizer=Adam(learning_rate=0.02, clipnorm=1.0), epochs=4)
    prepared = data_for(value, held=7)
    export_script(value, prepared, tmp_path / "network.py")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["network.npz", "network.py"]
    history = run(tmp_path / "network.py")
    assert set(history) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    assert (tmp_path / "network.png").read_bytes().startswith(b"\x89PNG")
    _, events = blind_train(value, prepared)
    for figure, expected in history.items():
        np.testing.assert_allclose([values[figure] for values in epochs(events)], expected, rtol=1e-4, atol=1e-6, err_msg=figure)


courses = {
    "schedule": {"schedule": OneCycle(), "warmup_steps": 3, "steps": 11},
    "weights": {
        "class_weight": GivenWeights(weights=(0.5, 2.0)), "schedule": PiecewiseConstantDecay(boundaries=(4,), factors=(0.3,)),
    },
    "signed weights": {"class_weight": Balanced(), "loss": Hinge(), "schedule": CosineDecay(alpha=0.1)},
    "rules": {
        "optimizer": SGD(learning_rate=1.5), "epochs": 20, "keep_best": "val_accuracy",
        "early_stopping": EarlyStopping(patience=3, restore_best_weights=False),
        "reduce_on_plateau": ReduceLROnPlateau(patience=1),
    },
    "accumulation and precision": {
        "precision": "mixed_bfloat16", "optimizer": Adam(learning_rate=0.02, gradient_accumulation_steps=2),
    },
}  # fmt: skip


@pytest.mark.parametrize("course", sampled(courses, "schedule"))
def test_the_script_takes_the_same_course(tmp_path, course):
    value = experiment(last=Linear() if course == "signed weights" else None, **{"epochs": 4} | courses[course])
    prepared = data_for(value, held=13)
    if course == "schedule":
        weights_train, weights_val = np.linspace(0.1, 2, 20, dtype=np.float32), np.linspace(2, 0.1, 13, dtype=np.float32)
        prepared = dataclasses.replace(prepared, weights_train=weights_train, weights_val=weights_val)
    export_script(value, prepared, tmp_path / "network.py")
    history, model, axes = run_here(tmp_path / "network.py", "history", "model", "axes")
    drawn = {line.get_label(): line.get_ydata().tolist() for axis in axes for line in axis.lines}
    assert drawn == history.history
    trained, events = blind_train(value, prepared)
    for figure, expected in history.history.items():
        if figure != "learning_rate":
            ours = [values[figure] for values in epochs(events)]
            np.testing.assert_allclose(ours, expected, rtol=1e-3, atol=1e-5, err_msg=figure)
    for ours, theirs in zip(weights(trained.model), weights(model), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-4)


def test_the_script_holds_our_own_code_only_where_it_is_used():
    for network, last, loss in ((mixed, Linear(), Hinge()), (hidden(), None, BinaryCrossentropy())):
        value = experiment(network, last=last, loss=loss)
        prepared = data_for(value)
        text = script_text(value, prepared)
        assert "import models" not in text
        assert "from models" not in text
        assert "type: ignore" not in text
        assert ("class Maxout" in text) == ("def sign_accuracy" in text) == (network is mixed)


def test_the_script_says_only_what_differs_from_keras():
    value = experiment(hidden(), epochs=3)
    prepared = data_for(value)
    text = script_text(value, prepared, "spiral.npz")
    assert 'x = keras.layers.Dense(units=6, activation="tanh", name="first")(inputs)' in text
    assert "spiral.npz" in text
    assert "shuffle=False" in text
    assert "figure.savefig" in text
    compile(text, "script", "exec")


def test_the_script_of_a_network_that_is_not_trained_draws_nothing():
    value = experiment(hidden(), epochs=0)
    assert "figure.savefig" not in script_text(value, data_for(value))


def test_values_as_source():
    assert render(GlorotUniform()) == '"glorot_uniform"'
    assert render(HeNormal()) == '"he_normal"'
    assert render(RandomNormal(stddev=0.01)) == "keras.initializers.RandomNormal(stddev=0.01)"
    assert render(L1L2(l1=0.1)) == "keras.regularizers.L1L2(l1=0.1)"
    assert render(Relu(negative_slope=0.1)) == "keras.layers.ReLU(negative_slope=0.1)"
    assert render(Adam(learning_rate=0.03, clipvalue=1.0)) == "keras.optimizers.Adam(learning_rate=0.03, clipvalue=1.0)"


def test_a_name_cannot_break_the_script():
    value = experiment(epochs=1)
    named = type(value)(name='Bad """ name\\\n', data=value.data, network=value.network, training=value.training)
    prepared = data_for(value)
    compile(script_text(named, prepared), "script", "exec")


def test_the_script_starts_from_the_same_weights(tmp_path):
    value = experiment(epochs=2)
    prepared = data_for(value)
    made = blind_session(value, prepared)
    made.model.set_weights([weight + 0.1 for weight in made.model.get_weights()])
    (tmp_path / "other").mkdir()
    made.model.save_weights(tmp_path / "other" / "mine.weights.h5")
    value = replace(value, initial_weights=str(tmp_path / "other" / "mine.weights.h5"))
    export_script(value, prepared, tmp_path / "network.py")
    assert (tmp_path / "network.weights.h5").exists()
    (model,) = run_here(tmp_path / "network.py", "model")
    trained, _ = blind_train(value, prepared)
    for ours, theirs in zip(weights(trained.model), weights(model), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-5)
