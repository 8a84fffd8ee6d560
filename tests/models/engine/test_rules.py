"""Early stopping, keep-best and reduce-on-plateau decide what Keras's callbacks decide."""

import warnings
from types import SimpleNamespace

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.engine.rules import EarlyStopping, Rules, Watch
from models.experiment import rules as declared
from models.experiment.losses import BinaryCrossentropy
from models.experiment.training import Training
from tests.strategies import values

pytestmark = pytest.mark.engine

# Keras compares in TensorFlow, to which a number below 1.2e-38 is 0: no loss is meant by one.
plain = st.floats(-1, 1, width=32, allow_subnormal=False)
figures = st.lists(st.none() | st.sampled_from((0.1, 0.2, 0.3, 0.31)) | plain, min_size=1, max_size=12)
small = settings(deadline=None, max_examples=60)


class Optimizer:
    """Holds a learning rate in 32 bits, as Keras's do."""

    def __init__(self, learning_rate):
        self.learning_rate = learning_rate

    def __setattr__(self, name, value):
        super().__setattr__(name, np.float32(value))


class Model(SimpleNamespace):
    """What rules and callbacks see of a model: a weight that holds the number of the epoch, and an optimizer."""

    def __init__(self, learning_rate=0.1):
        self.weights = [keras.Variable(0.0)]
        self.optimizer = Optimizer(learning_rate)
        self.stop_training = False
        self.metrics = []

    @property
    def epoch(self):
        return int(self.weights[0].numpy())

    @epoch.setter
    def epoch(self, value):
        self.weights[0].assign(value)

    def get_weights(self):
        return [weight.numpy() for weight in self.weights]

    def set_weights(self, weights):
        for weight, value in zip(self.weights, weights, strict=True):
            weight.assign(value)


def keras_end(callback, monitor, found, learning_rate=0.1):
    """After how many epochs `callback` stops, whose weights are there in the end, and the learning rate of each epoch."""
    model, rates = Model(learning_rate), []
    callback.set_model(model)
    callback.on_train_begin()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a figure is missing, as Keras says
        for epoch, figure in enumerate(found):
            model.epoch = epoch + 1
            callback.on_epoch_end(epoch, {} if figure is None else {monitor: figure})
            rates.append(float(np.float32(model.optimizer.learning_rate)))
            if model.stop_training:
                break
    callback.on_train_end()
    return len(rates), model.epoch, rates


def our_end(found, learning_rate=0.1, **training):
    model, rates = Model(learning_rate), []
    rules = Rules(Training(loss=BinaryCrossentropy(), **training), model)
    for epoch, figure in enumerate(found, 1):
        model.epoch = epoch
        learning_rate = rules.note(
            epoch, epoch, {} if figure is None else {"val_loss": figure, "val_accuracy": figure}, learning_rate
        )
        rates.append(float(np.float32(learning_rate)))
        if rules.reason:
            break
    rules.restore(len(rates))
    return len(rates), model.epoch, rates


def arguments(rule, monitor):
    given = {name: getattr(rule, name) for name in rule.__struct_fields__}
    return given | {"monitor": monitor, "mode": ("max" if monitor == "val_accuracy" else "min")}


few = st.sampled_from([0, 1, 2, 3])
monitors = st.sampled_from(["val_loss", "val_accuracy"])


@small
@given(
    st.data(), figures, monitors, st.sampled_from([0.0, 0.05, 0.1]), few, few,
    st.none() | st.sampled_from([0.1, 0.2, 0.5]),
)  # fmt: skip
def test_early_stopping_is_keras(data, found, monitor, min_delta, patience, start, baseline):
    rule = data.draw(values(
        declared.EarlyStopping, monitor=monitor, min_delta=min_delta, patience=patience, start_from_epoch=start,
        baseline=baseline, mode="auto",
    ))  # fmt: skip
    theirs = keras_end(keras.callbacks.EarlyStopping(**arguments(rule, monitor)), monitor, found)
    assert our_end(found, early_stopping=rule) == theirs


@small
@given(figures, monitors, st.sampled_from([0.0, 0.05, 0.1]), few, few, st.sampled_from([0.5, 0.1]), st.floats(0, 0.1))
def test_reduce_on_plateau_is_keras(found, monitor, min_delta, patience, cooldown, factor, min_lr):
    rule = declared.ReduceLROnPlateau(
        monitor=monitor, min_delta=min_delta, patience=patience, cooldown=cooldown, factor=factor, min_lr=min_lr
    )
    theirs = keras_end(keras.callbacks.ReduceLROnPlateau(**arguments(rule, monitor)), monitor, found)
    assert our_end(found, reduce_on_plateau=rule) == theirs


@small
@given(figures, monitors)
def test_the_best_weights_are_those_that_keras_restores(found, monitor):
    mode = "max" if monitor == "val_accuracy" else "min"
    patient = keras.callbacks.EarlyStopping(monitor, patience=len(found) + 1, mode=mode, restore_best_weights=True)
    assert our_end(found, keep_best=monitor) == keras_end(patient, monitor, found)


def test_ties_are_decided_in_32_bits():
    watch = Watch("loss")
    assert not watch.better(0.1, float(np.float32(0.1)))
    assert not watch.better(0.1 - 1e-12, 0.1)
    assert watch.better(0.1 - 1e-6, 0.1)


def test_a_figure_that_is_no_number_is_no_improvement():
    stopping = EarlyStopping(declared.EarlyStopping(patience=2), None)
    found = [stopping.note(epoch, {"val_loss": figure}) for epoch, figure in enumerate([0.5, float("nan"), float("nan")], 1)]
    assert found == [False, False, True]


def test_the_reason_names_figure_and_patience():
    model = Model()
    rules = Rules(Training(loss=BinaryCrossentropy(), early_stopping=declared.EarlyStopping(patience=2)), model)
    for epoch, figure in enumerate([0.5, 0.6, 0.7], 1):
        assert not rules.reason
        model.epoch = epoch
        rules.note(epoch, epoch, {"val_loss": figure}, 0.1)
    assert rules.reason == "val_loss did not improve for 2 epochs"
    assert (rules.restore(3), model.epoch) == (1, 1)


def test_another_run_begins_anew_but_keeps_the_best_weights():
    model = Model()
    training = Training(loss=BinaryCrossentropy(), early_stopping=declared.EarlyStopping(patience=1), keep_best="val_loss")
    rules = Rules(training, model)
    for epoch, figure in enumerate([0.5, 0.6], 1):
        model.epoch = epoch
        rules.note(epoch, epoch, {"val_loss": figure}, 0.1)
    assert rules.reason
    rules.begin()
    model.epoch = 3
    rules.note(3, 3, {"val_loss": 0.8}, 0.1)
    assert not rules.reason
    assert (rules.restore(3), model.epoch) == (1, 1)
