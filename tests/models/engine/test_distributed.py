"""Several devices take the steps that one would take."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from models.engine.replicas import Replicas, Wish, all_devices
from models.engine.session import Session
from tests.models.engine.samples import data_for, experiment

pytestmark = pytest.mark.engine

root = Path(__file__).parents[3]
program = Path(__file__).with_name("on_two_devices.py")
sampled = ("odd batches, clipped as a whole, running metrics",)
exact = (
    *sampled, "a last batch of one example", "penalties", "overlap of the whole batch", "overlap with weights", "clipped values",
    "embeddings",
)  # fmt: skip


def compared(*cases):
    """How far a training on two virtual processors is from one on a single processor."""
    answer = subprocess.run(
        [sys.executable, program, *cases], cwd=root, capture_output=True, text=True, timeout=500, check=False,
        env=os.environ | {"PYTHONPATH": str(root)},
    )  # fmt: skip
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout.splitlines()[-1])


def check_equal(found):
    assert found["steps"] >= 50
    assert found["moved"] > 0.01
    for name in ("weights", "losses", "epochs", "gradient norms"):
        assert found[name] < 1e-5, name
    assert found["copies"] == 0
    assert found["endings"][0] == found["endings"][1]
    assert found["looks inside"] == [True, True]
    assert found["device"] == "2 × cpu"


def test_two_devices_equal_one():
    for found in compared(*sampled).values():
        check_equal(found)


@pytest.mark.exhaustive
def test_every_case_on_two_devices():
    found = compared()
    for case in exact:
        check_equal(found[case])
    normalized = found["normalization"]
    assert normalized["copies"] == 0, "what is kept for later must not depend on the device"
    assert normalized["losses"] > 1e-3, "each device is expected to normalize its own part"
    assert found["diverging"]["endings"][0] == found["diverging"]["endings"][1]
    assert "gradient of layer second is not finite" in found["diverging"]["endings"][0]


def test_one_device_alone_is_not_replicated(monkeypatch):
    monkeypatch.setattr("models.engine.replicas.devices", lambda: ())
    assert all_devices() is None


def test_a_single_process_decides_for_itself():
    import tensorflow as tf

    alone = Replicas(tf.distribute.MirroredStrategy(["/device:CPU:0"]))
    assert alone.is_chief
    assert alone.agreed(Wish(7, False)) == Wish(7, False)
    assert alone.shared({"val_loss": 1.0}, ["val_loss"]) == {"val_loss": 1.0}
    alone.refuse_differences(experiment(), data_for(experiment()))


def test_losses_are_whole_inside_and_divided_outside():
    """Keras divides by the number of replicas; the one here is alone, so only that the function comes back is seen."""
    import tensorflow as tf
    from keras.src.losses import loss

    before = loss.scale_loss_for_distribution
    session = Session(experiment(), data_for(experiment()), Replicas(tf.distribute.MirroredStrategy(["/device:CPU:0"])))
    with session.scope():
        assert loss.scale_loss_for_distribution is not before
    assert loss.scale_loss_for_distribution is before
