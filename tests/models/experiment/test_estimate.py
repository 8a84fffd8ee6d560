import pytest

from models.experiment.activations import Relu
from models.experiment.data import Facts, Spiral
from models.experiment.estimate import estimate, size_text
from models.experiment.experiment import Experiment
from models.experiment.layers import LSTM, BatchNormalization, Dense
from models.experiment.losses import MeanSquaredError
from models.experiment.optimizers import SGD, Adam, RMSprop
from models.experiment.rules import EarlyStopping
from models.experiment.training import Training

facts = Facts((3,), "regression", 1, 100, 20)
network = (Dense(name="a", units=5, activation=Relu()), BatchNormalization(name="b"), Dense(name="c", units=1))


def needed(**training):
    return estimate(Experiment(data=Spiral(), network=network, training=Training(loss=MeanSquaredError(), **training)), facts)


def test_bytes_by_use():
    trainable, held = 3 * 5 + 5 + 10 + 5 + 1, 10
    found = needed(optimizer=Adam(), batch_size=16)
    assert found.parameter_bytes == 4 * (trainable + held)
    assert found.gradient_bytes == 4 * trainable
    assert found.optimizer_bytes == 8 * trainable
    assert found.backup_bytes == found.parameter_bytes + found.optimizer_bytes
    assert found.activation_bytes == 2 * 4 * 16 * (3 + 5 + 5 + 1)
    assert found.data_bytes == 4 * 120 * (3 + 1)
    assert found.total == sum(getattr(found, name) for name in found.__dataclass_fields__)


def test_a_recurrent_layer_keeps_every_step():
    network = (LSTM(name="lstm", units=5), Dense(name="output", units=1))
    value = Experiment(data=Spiral(), network=network, training=Training(loss=MeanSquaredError(), batch_size=10))
    found = estimate(value, Facts((7, 3), "regression", 1, 100, 20))
    assert found.activation_bytes == 2 * 4 * 10 * (7 * 3 + 7 * 5 * (4 + 4 + 2) + 1)


def test_the_best_weights_are_kept_once_for_each_rule_that_does():
    plain = needed()
    assert needed(keep_best="loss").backup_bytes - plain.backup_bytes == plain.parameter_bytes
    assert needed(keep_best="loss", early_stopping=EarlyStopping()).backup_bytes - plain.backup_bytes == 2 * plain.parameter_bytes
    assert needed(early_stopping=EarlyStopping(restore_best_weights=False)) == plain


@pytest.mark.parametrize(("batch_size", "examples"), [(1, 1), (100, 100), (1000, 100)])
def test_a_batch_is_no_larger_than_the_data(batch_size, examples):
    assert needed(batch_size=batch_size).activation_bytes == 2 * 4 * 14 * examples


@pytest.mark.parametrize(
    ("optimizer", "slots"),
    [
        (SGD(), 0),
        (SGD(momentum=0.5), 1),
        (Adam(), 2),
        (Adam(amsgrad=True), 3),
        (RMSprop(), 1),
        (RMSprop(centered=True, momentum=0.5), 3),
        (SGD(gradient_accumulation_steps=4), 1),
    ],
)
def test_the_optimizers_memory_counts(optimizer, slots):
    found = needed(optimizer=optimizer)
    assert found.optimizer_bytes == slots * found.gradient_bytes


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (4, "4 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (2404, "2.4 kB"),
        (999_940, "1.0 MB"),
        (123_456_789, "123 MB"),
        (2e15, "2000 TB"),
    ],
)
def test_size_text(size, text):
    assert size_text(size) == text
