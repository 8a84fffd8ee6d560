"""Random layers for images: the same for the same seed, inactive outside training, also where XLA cannot compile them."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from models.engine.network import build
from models.experiment import layers
from models.experiment.data import Facts, Spiral
from models.experiment.experiment import Experiment
from models.experiment.fields import kinds_in
from models.experiment.layers.augmentation import Augmentation
from models.experiment.losses import MeanSquaredError
from models.experiment.training import Training
from models.telemetry.control import Control
from tests.models.engine.samples import blind_session, weights
from tests.models.engine.test_random import prepared_for
from tests.sampling import sampled
from tests.strategies import start

pytestmark = pytest.mark.engine

shape = (8, 8, 3)
augmentations = [kind for kind in kinds_in(layers.AnyLayer) if issubclass(kind, Augmentation)]


def images(count):
    return np.random.default_rng(0).uniform(0, 255, (count, *shape)).astype("float32")


def network(kind, seed):
    facts = Facts(shape, "regression", 1, 8, 0)
    return build(Experiment(data=Spiral(), network=(start(kind),), training=Training(loss=MeanSquaredError()), seed=seed), facts)


@pytest.mark.parametrize("kind", augmentations, ids=lambda kind: kind.__name__)
def test_outside_training_images_stay_as_they_are(kind):
    np.testing.assert_allclose(network(kind, 0)(images(3), training=False), images(3), rtol=1e-6)


alike = (layers.RandomShear, layers.RandomColorJitter, layers.Solarization)
"""These do the same for every image unless told otherwise."""


@pytest.mark.parametrize("kind", sampled(augmentations, layers.RandomFlip, layers.RandomRotation), ids=lambda kind: kind.__name__)
def test_the_seed_decides_what_happens_in_training(kind):
    def seen(seed):
        model = network(kind, seed)
        compiled = tf.function(lambda x: model(x, training=True))
        return [np.asarray(compiled(images(6))) for _ in range(2)]

    first, again, other = seen(1), seen(1), seen(2)
    np.testing.assert_array_equal(first, again)
    if kind not in alike:
        assert not np.array_equal(first[0], first[1])
        assert not np.array_equal(first, other)


@pytest.mark.parametrize("kind", sampled(augmentations, layers.RandomZoom), ids=lambda kind: kind.__name__)
def test_networks_with_them_train_alike_also_where_xla_was_asked_for(kind):
    facts = Facts(shape, "regression", 1, 8, 4)
    network = (start(kind), layers.Flatten(name="flatten"), layers.Dense(name="dense", units=1))
    value = Experiment(data=Spiral(), network=network, training=Training(loss=MeanSquaredError(), batch_size=4, epochs=2))
    prepared = prepared_for(value, facts)
    reached = []
    for compilation in ("graph", "xla", "xla"):
        session = blind_session(value, prepared, compilation=compilation)
        assert session.train(lambda event: None, Control()).ending in ("finished", "diverged")
        reached.append(weights(session.model))
    for one, other in zip(reached[1], reached[2], strict=True):
        np.testing.assert_array_equal(one, other)
    for one, other in zip(reached[0], reached[1], strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)


def test_bins_come_from_the_training_data_and_stay_in_a_file(tmp_path):
    facts = Facts((2,), "regression", 1, 50, 0)
    bins = layers.Discretization(name="bins", bin_boundaries=None, num_bins=4, output_mode="one_hot")
    value = Experiment(data=Spiral(), network=(bins,), training=Training(loss=MeanSquaredError()))
    x = np.random.default_rng(0).normal(size=(200, 2)).astype("float32")
    model = build(value, facts, x)
    shares = np.mean(model.predict(x, verbose=0), axis=(0, 1))
    np.testing.assert_allclose(shares, 0.25, atol=0.05)
    model.save(tmp_path / "bins.keras")
    np.testing.assert_array_equal(
        keras.models.load_model(tmp_path / "bins.keras").predict(x, verbose=0), model.predict(x, verbose=0)
    )
