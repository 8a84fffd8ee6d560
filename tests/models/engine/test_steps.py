"""The compiled loop does what ``model.fit`` does."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from models.engine.session import build
from models.engine.steps import all_or_none
from models.experiment import activations, optimizers
from models.experiment import losses as kinds
from models.experiment.layers import BatchNormalization, Conv2D, Dense, Dropout, Flatten, GaussianNoise, Maxout, Reshape
from models.experiment.optimizers import SGD
from models.experiment.regularizers import L1, L2, MaxNorm
from models.telemetry.control import Control
from models.telemetry.events import StepsTaken
from tests.models.engine.samples import blind_session, blind_train, data_for, epochs, experiment, fit, hidden, losses, weights
from tests.sampling import sampled

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("as_written")]

regularized = (
    Dense(name="first", units=6, activation=activations.Tanh(), kernel_regularizer=L2(l2=0.05), bias_regularizer=L1(l1=0.01)),
    Dense(
        name="second",
        units=5,
        activation=activations.Relu(),
        activity_regularizer=L2(l2=0.02),
        kernel_constraint=MaxNorm(max_value=0.5),
    ),
)
normalized = (
    Dense(name="first", units=6),
    BatchNormalization(name="norm", momentum=0.8),
    Dropout(name="drop", rate=0.4),
    *hidden()[1:],
)
noisy = (
    GaussianNoise(name="noise", stddev=0.2),
    Maxout(name="maxout", units=4, pieces=3),
    Dropout(name="drop", rate=0.2, noise_shape=(1, None)),
)
convolution = (
    Reshape(name="reshape", target_shape=(4, 4, 1)),
    Conv2D(name="conv", filters=3, kernel_size=(3, 3), activation=activations.LeakyRelu(negative_slope=0.05)),
    Flatten(name="flatten"),
)

cases = {
    "momentum": (None, "binary", {
        "loss": kinds.BinaryCrossentropy(label_smoothing=0.1), "optimizer": SGD(learning_rate=0.1, momentum=0.9, nesterov=True),
    }),
    "clipvalue": (None, "regression", {"loss": kinds.MeanSquaredError(), "optimizer": SGD(learning_rate=0.5, clipvalue=0.01)}),
    "clipnorm": (regularized, "regression", {
        "loss": kinds.Huber(delta=0.3), "optimizer": optimizers.Adam(learning_rate=0.05, clipnorm=0.02),
    }),
    "global_clipnorm": (normalized, "multiclass", {
        "loss": kinds.SparseCategoricalCrossentropy(),
        "optimizer": optimizers.AdamW(learning_rate=0.02, weight_decay=0.1, global_clipnorm=0.05),
    }),
    "regularizers": (regularized, "binary", {"optimizer": optimizers.RMSprop(centered=True, momentum=0.5)}),
    "normalization and dropout": (normalized, "binary", {"optimizer": optimizers.Nadam(learning_rate=0.05)}),
    "noise and maxout": (noisy, "multilabel", {"optimizer": optimizers.Lion(learning_rate=0.01)}),
    "convolution": (convolution, "multiclass", {"loss": kinds.CategoricalHinge(), "optimizer": optimizers.Adagrad()}),
    "squared hinge": (None, "binary", {"loss": kinds.SquaredHinge(), "optimizer": optimizers.Adadelta(learning_rate=1.0)}),
}  # fmt: skip
linear = ("squared hinge", "convolution")


@pytest.mark.parametrize("case", sampled(cases, "global_clipnorm"))
def test_training_equals_fit(case):
    network, task, training = cases[case]
    value = experiment(network, task, activations.Linear() if case in linear else None, epochs=7, **training)
    prepared = data_for(value, task, held=7, shape=(16,) if case == "convolution" else (3,))
    trained, events = blind_train(value, prepared)

    model, history = fit(value, prepared)

    assert trained.step == 21
    for ours, theirs in zip(weights(trained.model), weights(model), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)
    for name, figures in history.items():
        np.testing.assert_allclose([values[name] for values in epochs(events)], figures, rtol=1e-5, atol=1e-7, err_msg=name)
    assert history["loss"][0] != history["loss"][-1]


@pytest.mark.parametrize(
    ("task", "loss", "metrics"),
    [
        ("binary", kinds.BinaryCrossentropy(), ("accuracy", "precision", "recall", "auc", "f1_score")),
        pytest.param(
            "multiclass", kinds.CategoricalCrossentropy(), ("accuracy", "top_k_categorical_accuracy", "auc", "f1_score"),
            marks=pytest.mark.exhaustive,
        ),
        pytest.param(
            "multiclass", kinds.SparseCategoricalCrossentropy(), ("accuracy", "top_k_categorical_accuracy"),
            marks=pytest.mark.exhaustive,
        ),
        pytest.param(
            "multilabel", kinds.BinaryCrossentropy(), ("accuracy", "precision", "f1_score"), marks=pytest.mark.exhaustive
        ),
        pytest.param(
            "regression", kinds.MeanSquaredError(), ("r2_score", "root_mean_squared_error", "mean_absolute_error"),
            marks=pytest.mark.exhaustive,
        ),
    ],
)  # fmt: skip
def test_figures_of_an_epoch_equal_fit(task, loss, metrics):
    value = experiment(task=task, loss=loss, metrics=metrics, epochs=3)
    prepared = data_for(value, task, held=7)
    _, events = blind_train(value, prepared, steps_per_call=2)
    _, history = fit(value, prepared)
    assert set(history) == {"loss", "val_loss", *metrics, *(f"val_{name}" for name in metrics)}
    for name, figures in history.items():
        np.testing.assert_allclose([values[name] for values in epochs(events)], figures, rtol=1e-5, atol=1e-6, err_msg=name)


def test_validation_equals_evaluate():
    value = experiment(metrics=("accuracy", "precision"), epochs=2)
    trained, _ = blind_train(value, held=7)
    held = trained.prepared
    theirs = trained.model.evaluate(held.x_val, held.y_val, batch_size=8, verbose=0, return_dict=True)
    assert trained.evaluate() == {f"val_{name}": pytest.approx(figure, rel=1e-5) for name, figure in theirs.items()}


def test_accuracy_of_signed_labels_counts_signs():
    value = experiment(last=activations.Linear(), loss=kinds.Hinge(), epochs=1)
    trained, _ = blind_train(value, held=7)
    x, y = trained.prepared.x_val, trained.prepared.y_val
    share = np.mean(np.sign(trained.predict(x)) == y)
    assert 0 < share < 1
    assert trained.evaluate()["val_accuracy"] == pytest.approx(share)


def test_gradient_norms_are_those_before_clipping():
    value = experiment(regularized, optimizer=SGD(learning_rate=0.1, global_clipnorm=1e-3), epochs=1)
    prepared = data_for(value)
    _, events = blind_train(value, prepared, steps_per_call=1)
    taken = next(event for event in events if isinstance(event, StepsTaken))
    model = build(value, prepared)
    with tf.GradientTape(persistent=True) as tape:
        predicted = model(prepared.x_train[:8], training=True)
        loss = keras.losses.BinaryCrossentropy()(prepared.y_train[:8], predicted) + sum(model.losses)
    assert taken.loss[0] == pytest.approx(float(loss), rel=1e-6)
    assert list(taken.gradient_norms) == ["first", "second", "output"]
    for name, norms in taken.gradient_norms.items():
        kernel, bias = tape.gradient(loss, [weight.value for weight in model.get_layer(name).trainable_weights])
        assert norms[0] == pytest.approx(np.sqrt(np.sum(np.square(kernel)) + np.sum(np.square(bias))), rel=1e-5)


def test_figures_do_not_depend_on_how_steps_are_grouped():
    value = experiment(normalized, epochs=6, shuffle=True, metrics=("accuracy", "precision"))
    trained, one = blind_train(value, steps_per_call=1)
    four, free = [], []
    for count, told in ((4, four), (None, free)):
        trained._steps_per_call = count
        trained.restart()
        trained.train(told.append, Control())
    assert losses(one).tolist() == losses(four).tolist() == losses(free).tolist()
    assert epochs(one) == epochs(four) == epochs(free)


def test_shuffling_gives_every_epoch_another_order():
    value = experiment(epochs=2, shuffle=True)
    batches = blind_session(value).batches
    first, second = batches.order(0).tolist(), batches.order(1).tolist()
    assert first != second
    assert sorted(first) == sorted(second) == list(range(20))
    plan = batches.plan(2, 3, np.array([0.1, 0.2, 0.3], np.float32))
    assert [plan.batch(step).tolist() for step in range(3)] == [first[16:], second[:8], second[8:16]]
    assert plan.learning_rates.tolist() == np.array([0.1, 0.2, 0.3], np.float32).tolist()
    assert plan.sizes.tolist() == [4, 8, 8]
    assert plan.epochs.tolist() == [1, 2, 2]


def test_a_call_that_fails_half_way_leaves_the_state_as_it_was():
    trained = blind_session(experiment())
    before = weights(trained.model)

    def fail():
        trained.model.weights[0].assign_add(np.ones_like(before[0]))
        raise RuntimeError("the device is gone")

    with pytest.raises(RuntimeError, match="the device is gone"):
        all_or_none(trained.stepper.step, trained.state, fail)
    assert all((ours == theirs).all() for ours, theirs in zip(weights(trained.model), before, strict=True))
