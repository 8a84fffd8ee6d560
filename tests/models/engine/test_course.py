"""The course of a run: schedule, weights, rules, accumulation, precision and length, each as ``model.fit`` has it."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from models.data.weighting import class_weights
from models.engine import session as session_module
from models.engine.devices import resolve
from models.engine.errors import EngineError
from models.engine.session import build
from models.experiment import losses as kinds
from models.experiment.activations import Relu, Tanh
from models.experiment.class_weights import Balanced, GivenWeights
from models.experiment.layers import BatchNormalization, Dropout, Maxout
from models.experiment.optimizers import SGD, Adam
from models.experiment.rules import EarlyStopping, ReduceLROnPlateau
from models.experiment.schedules import CosineDecay, ExponentialDecay, OneCycle, PiecewiseConstantDecay
from models.telemetry.control import Control
from models.telemetry.events import EpochsEnded, Probed, Started, StepsTaken
from models.telemetry.history import History
from tests.keras_schedules import keras_schedule
from tests.models.engine.samples import blind_session, blind_train, data_for, dense, epochs, experiment, losses, weights
from tests.sampling import seldom

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("as_written")]

xla_at_leisure = pytest.mark.parametrize("compilation", ["graph", seldom("xla")])
"""Compiling takes seconds: in the everyday run XLA is asked only where it might do something else."""


def fit(value, prepared, callbacks=(), **options):
    """What plain Keras makes of the same experiment, its schedule included: the trained model and its history."""
    training = value.training
    model = build(value, prepared)
    if training.schedule or training.warmup_steps:
        total = training.total_steps(len(prepared.x_train))
        rates = keras_schedule(training.schedule, training.warmup_steps, total, training.optimizer.learning_rate)
        optimizer = type(model.optimizer).from_config(model.optimizer.get_config() | {"learning_rate": rates})
        model.compile(optimizer=optimizer, loss=model.loss, metrics=build(value, prepared)._compile_metrics._user_metrics)
    model.jit_compile = False
    held = (prepared.x_val, prepared.y_val, *([] if prepared.weights_val is None else [prepared.weights_val]))
    options = {"sample_weight": prepared.weights_train, "epochs": training.epochs} | options
    history = model.fit(
        prepared.x_train, prepared.y_train, batch_size=training.batch_size, shuffle=False, verbose=0, validation_data=held,
        validation_batch_size=training.batch_size, callbacks=list(callbacks), **options,
    ).history  # fmt: skip
    return model, history


def assert_same(trained, events, model, history, tolerance=1e-5):
    for ours, theirs in zip(weights(trained.model), weights(model), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=tolerance, atol=1e-6)
    for name, figures in history.items():
        if name != "learning_rate":
            np.testing.assert_allclose([values[name] for values in epochs(events)], figures, rtol=tolerance, atol=1e-7)


def rates_of(events):
    return np.concatenate([event.learning_rate for event in events if isinstance(event, StepsTaken)])


# --- schedules


@xla_at_leisure
@pytest.mark.parametrize(
    ("schedule", "warmup"),
    [
        (OneCycle(), 4),
        seldom(OneCycle(), None),
        seldom(CosineDecay(alpha=0.1), 4),
        seldom(None, 5),
        seldom(ExponentialDecay(decay_steps=4, decay_rate=0.5, staircase=True), None),
        seldom(PiecewiseConstantDecay(boundaries=(3, 9), factors=(0.3, 2.0)), None),
    ],
)
def test_a_schedule_trains_as_keras_does_with_it(schedule, warmup, compilation):
    value = experiment(optimizer=Adam(learning_rate=0.05), schedule=schedule, warmup_steps=warmup, epochs=5)
    prepared = data_for(value, held=7)
    trained, events = blind_train(value, prepared, compilation=compilation)
    model, history = fit(value, prepared)
    assert_same(trained, events, model, history)
    assert len(set(rates_of(events).tolist())) > 2


def test_another_learning_rate_takes_the_schedule_with_it():
    value = experiment(schedule=CosineDecay(), epochs=4)
    control, events = Control(), []

    def emit(event):
        events.append(event)
        if isinstance(event, StepsTaken) and event.first_step <= 6 <= event.last_step:
            control.set_learning_rate(0.3)

    blind_session(value, steps_per_call=3).train(emit, control)
    found = rates_of(events)
    expected = [CosineDecay().rate(step, 12, 0.1 if step < 7 else 0.3) for step in range(12)]
    changed = next(step for step in range(6, 12) if found[step] != pytest.approx(CosineDecay().rate(step, 12, 0.1)))
    assert changed <= 9
    assert found[changed:] == pytest.approx(np.array([CosineDecay().rate(step, 12, 0.3) for step in range(changed, 12)]))
    assert found[:6] == pytest.approx(np.array(expected[:6]))


# --- weights


@xla_at_leisure
@pytest.mark.parametrize("encoded", ["index", seldom("one_hot"), seldom("zero_one")])
def test_class_weights_are_fits(encoded, compilation):
    task = "binary" if encoded == "zero_one" else "multiclass"
    loss = {
        "index": kinds.SparseCategoricalCrossentropy(), "one_hot": kinds.CategoricalCrossentropy(), "zero_one": None,
    }[encoded] or kinds.BinaryCrossentropy()  # fmt: skip
    given = (0.2, 3.0) if task == "binary" else (0.2, 3.0, 1.5)
    value = experiment(task=task, loss=loss, class_weight=GivenWeights(weights=given), epochs=4)
    prepared = data_for(value, task, held=7)
    trained, events = blind_train(value, prepared, compilation=compilation)
    assert_same(trained, events, *fit(value, prepared, class_weight=dict(enumerate(given))))
    fresh = build(value, prepared)
    unweighted = float(fresh.loss(prepared.y_train[:8], fresh(prepared.x_train[:8])))
    assert losses(events)[0] != pytest.approx(unweighted, rel=1e-3)


@xla_at_leisure
def test_sample_weights_are_fits_in_training_and_validation(compilation):
    value = experiment(epochs=4, metrics=("accuracy", "precision"))
    random = np.random.default_rng(1)
    prepared = replace(
        data_for(value, held=7),
        weights_train=random.uniform(0, 3, 20).astype(np.float32),
        weights_val=random.uniform(0, 3, 7).astype(np.float32),
    )
    trained, events = blind_train(value, prepared, compilation=compilation)
    assert_same(trained, events, *fit(value, prepared))


@pytest.mark.exhaustive
def test_class_weights_multiply_with_those_of_examples():
    value = experiment(epochs=3, class_weight=Balanced())
    prepared = data_for(value)
    prepared = replace(prepared, weights_train=np.linspace(0.1, 2, 20).astype(np.float32))
    trained, events = blind_train(value, prepared)
    by_class = np.array(class_weights(value.training, prepared), np.float32)[prepared.y_train[:, 0].astype(int)]
    model = build(value, prepared)
    model.fit(prepared.x_train, prepared.y_train, batch_size=8, epochs=3, shuffle=False, verbose=0,
              sample_weight=by_class * prepared.weights_train)  # fmt: skip
    assert_same(trained, events, model, {})


# --- accumulation


@xla_at_leisure
@pytest.mark.parametrize(
    "optimizer",
    [
        seldom(Adam(learning_rate=0.02, gradient_accumulation_steps=2)),
        SGD(learning_rate=0.2, gradient_accumulation_steps=4, clipnorm=0.1),
    ],
)
def test_accumulated_gradients_are_fits(optimizer, compilation):
    value = experiment(optimizer=optimizer, epochs=5)
    prepared = data_for(value, held=7)
    trained, events = blind_train(value, prepared, compilation=compilation)
    assert_same(trained, events, *fit(value, prepared))


# --- rules


rising = {"optimizer": SGD(learning_rate=1.5), "metrics": ("accuracy",), "epochs": 30}
"""So large a step that the validation loss soon rises again."""


@xla_at_leisure
@pytest.mark.parametrize("monitor", [seldom("val_loss"), "val_accuracy", seldom("loss")])
def test_early_stopping_is_fits(monitor, compilation):
    """The least improvement is so large that every run ends within fifty steps, for which XLA is to give the same to 1e-5."""
    rule = EarlyStopping(monitor=monitor, patience=2, min_delta=0.02)
    value = experiment(**rising, early_stopping=rule)
    prepared = data_for(value, held=13)
    trained, events = blind_train(value, prepared, compilation=compilation)
    callback = keras.callbacks.EarlyStopping(monitor, patience=2, min_delta=0.02, restore_best_weights=True)
    model, history = fit(value, prepared, [callback])
    assert len(epochs(events)) == len(history["loss"]) < 17
    assert_same(trained, events, model, history)
    ended = events[-1]
    assert (ended.ending, ended.restored_epoch) == ("finished", callback.best_epoch + 1)
    assert ended.sentence == (
        f"{monitor} did not improve for 2 epochs; the weights of epoch {callback.best_epoch + 1} were restored."
    )
    assert isinstance(events[-2], Probed), "the last look is one at the restored weights"


@pytest.mark.exhaustive
def test_a_run_that_a_rule_ended_without_restoring_ends_with_the_last_weights():
    value = experiment(**rising, early_stopping=EarlyStopping(patience=1, restore_best_weights=False))
    prepared = data_for(value, held=13)
    trained, events = blind_train(value, prepared)
    model, history = fit(value, prepared, [keras.callbacks.EarlyStopping("val_loss", patience=1)])
    assert_same(trained, events, model, history)
    assert (events[-1].sentence, events[-1].restored_epoch) == ("val_loss did not improve for an epoch.", None)


@xla_at_leisure
def test_reduce_on_plateau_is_fits(compilation):
    rule = ReduceLROnPlateau(patience=1, factor=0.3, cooldown=1, min_lr=0.05)
    value = experiment(**rising | {"epochs": 12}, reduce_on_plateau=rule)
    prepared = data_for(value, held=13)
    trained, events = blind_train(value, prepared, compilation=compilation)
    callback = keras.callbacks.ReduceLROnPlateau("val_loss", patience=1, factor=0.3, cooldown=1, min_lr=0.05)
    model, history = fit(value, prepared, [callback])
    assert_same(trained, events, model, history)
    assert len(set(rates_of(events).tolist())) > 2


@xla_at_leisure
def test_the_run_ends_with_the_best_weights(compilation):
    network = (dense(6, Relu(), "first"), BatchNormalization(name="norm"))
    value = experiment(network, **rising | {"epochs": 12}, keep_best="val_accuracy")
    prepared = data_for(value, held=13)
    trained, events = blind_train(value, prepared, compilation=compilation)
    callback = keras.callbacks.EarlyStopping("val_accuracy", patience=99, restore_best_weights=True)
    model, history = fit(value, prepared, [callback])
    assert_same(trained, events, model, history)
    best = callback.best_epoch + 1
    assert 1 < best < 12
    assert events[-1].sentence == f"All 12 epochs are done; the weights of epoch {best} were restored."
    assert trained.evaluate()["val_loss"] == pytest.approx(history["val_loss"][best - 1], rel=1e-5)


def test_a_run_that_was_stopped_keeps_its_last_weights_and_goes_on():
    value = experiment(**rising | {"epochs": 8}, keep_best="val_loss")
    prepared = data_for(value, held=13)
    straight, expected = blind_train(value, prepared)
    control, events = Control(), []

    def emit(event):
        events.append(event)
        if isinstance(event, StepsTaken) and event.last_step >= 13:
            control.stop()

    stopped = blind_session(value, prepared, steps_per_call=1)
    assert stopped.train(emit, control).restored_epoch is None
    assert stopped.train(events.append, Control()).ending == "finished"
    assert losses(events).tolist() == losses(expected).tolist()
    assert all(np.array_equal(a, b) for a, b in zip(weights(stopped.model), weights(straight.model), strict=True))


# --- length


@xla_at_leisure
def test_a_run_of_steps_ends_inside_an_epoch_as_fit_does(compilation):
    value = experiment(steps=8, epochs=99, metrics=("accuracy", "precision"))
    prepared = data_for(value, held=7)
    trained, events = blind_train(value, prepared, compilation=compilation)

    class Stop(keras.callbacks.Callback):
        steps = 0

        def on_train_batch_end(self, batch, logs=None):
            self.steps += 1
            self.model.stop_training = self.steps == 8

    model, history = fit(value, prepared, [Stop()])
    assert_same(trained, events, model, history)
    started = next(event for event in events if isinstance(event, Started))
    assert (started.epochs, started.total_steps, trained.step) == (3, 8, 8)
    ends = [event.step.tolist() for event in events if isinstance(event, EpochsEnded)]
    assert [step for steps in ends for step in steps] == [3, 6, 8]
    assert events[-1].sentence == "All 8 steps are done."


@pytest.mark.parametrize(
    ("length", "sentence"), [({"epochs": 1}, "The epoch is done."), ({"steps": 1001}, "All 1\u2009001 steps are done.")]
)
def test_the_end_is_told_as_people_count(length, sentence):
    assert blind_train(experiment(**length))[1][-1].sentence == sentence


@pytest.mark.exhaustive
def test_steps_that_are_whole_epochs_are_the_same_as_epochs():
    by_steps, by_epochs = (blind_train(experiment(**length))[1] for length in ({"steps": 6}, {"epochs": 2}))
    assert epochs(by_steps) == epochs(by_epochs)
    assert by_steps[-1].sentence == "All 6 steps are done."
    assert by_epochs[-1].sentence == "All 2 epochs are done."


# --- going on


@pytest.mark.parametrize("more", [seldom({"epochs": 3}), {"steps": 9}])
def test_a_run_goes_on_as_if_it_had_been_longer(more):
    straight, expected = blind_train(experiment(epochs=5), held=7)
    trained, events = blind_train(experiment(epochs=2), held=7)
    trained.extend(**more)
    assert trained.train(events.append, Control(), run=2).ending == "finished"
    assert losses(events).tolist() == losses(expected).tolist()
    assert epochs(events) == epochs(expected)
    assert all(np.array_equal(a, b) for a, b in zip(weights(trained.model), weights(straight.model), strict=True))
    history = History()
    for event in events:
        history.append(event)
    assert (len(history.steps()), len(history.epochs())) == (15, 5)


@pytest.mark.exhaustive
def test_an_epoch_that_was_cut_goes_on():
    trained, events = blind_train(experiment(steps=4), held=7)
    trained.extend(epochs=1)
    trained.train(events.append, Control(), run=2)
    _, expected = blind_train(experiment(steps=7), held=7)
    assert trained.step == 7
    assert losses(events).tolist() == losses(expected).tolist()
    ends = [int(step) for event in events if isinstance(event, EpochsEnded) for step in event.step]
    assert ends == [3, 4, 6, 7]
    taken, sizes = losses(events), [8, 8, 4, 8, 8, 4, 8]
    means = [np.average(taken[first:last], weights=sizes[first:last]) for first, last in ((0, 3), (3, 4), (4, 6), (6, 7))]
    assert [values["loss"] for values in epochs(events)] == pytest.approx(means)


def test_after_early_stopping_the_run_goes_on_with_fresh_patience():
    trained, events = blind_train(experiment(**rising, early_stopping=EarlyStopping(patience=2)), held=13)
    step = trained.step
    assert step < 90
    assert trained.train(events.append, Control(), run=2).step == step, "without an extension it is over"
    trained.extend(epochs=2)
    ended = trained.train(events.append, Control(), run=3)
    assert ended.step == step + 6


def test_a_schedule_is_stretched_to_the_new_end():
    trained, events = blind_train(experiment(epochs=2, schedule=CosineDecay()))
    trained.extend(epochs=2)
    trained.train(events.append, Control(), run=2)
    expected = [CosineDecay().rate(step, 6 if step < 6 else 12, 0.1) for step in range(12)]
    assert rates_of(events) == pytest.approx(np.array(expected))


# --- precision


mixed = (
    dense(6, Tanh(), "first"),
    Maxout(name="maxout", units=4),
    BatchNormalization(name="norm"),
    Dropout(name="drop", rate=0.2),
)


@xla_at_leisure
@pytest.mark.parametrize("precision", [seldom("mixed_bfloat16"), "mixed_float16"])
def test_mixed_precision_is_keras(monkeypatch, precision, compilation):
    monkeypatch.setattr(session_module, "precisions", lambda device: ("float32", precision))
    value = experiment(mixed, precision=precision, optimizer=Adam(learning_rate=0.02), epochs=4)
    prepared = data_for(value, held=7)
    trained, events = blind_train(value, prepared, compilation=compilation)
    model, history = fit(value, prepared)
    assert [layer.compute_dtype for layer in model.layers[1:]] == [precision.removeprefix("mixed_")] * 4 + ["float32"]
    assert {weight.dtype for weight in model.trainable_weights} == {"float32"}
    assert_same(trained, events, model, history, tolerance=2e-2 if compilation == "xla" else 1e-5)


@pytest.mark.exhaustive
@pytest.mark.parametrize("precision", ["mixed_bfloat16", seldom("mixed_float16")])
def test_mixed_precision_is_near_single_precision(monkeypatch, precision):
    monkeypatch.setattr(session_module, "precisions", lambda device: ("float32", precision))
    halves = blind_train(experiment(precision=precision))[1]
    plain = blind_train(experiment())[1]
    assert losses(halves).tolist() != losses(plain).tolist()
    np.testing.assert_allclose(losses(halves), losses(plain), rtol=0.02)
    np.testing.assert_allclose(norms_of(halves), norms_of(plain), rtol=0.05)


def test_a_gradient_too_large_for_half_precision_is_passed_over(monkeypatch):
    monkeypatch.setattr(session_module, "precisions", lambda device: ("float32", "mixed_float16"))
    value = experiment(precision="mixed_float16", loss=kinds.MeanSquaredError(), task="regression", epochs=12)
    prepared = data_for(value, "regression")
    prepared = replace(prepared, y_train=prepared.y_train * 10_000)
    trained = blind_session(value, prepared)
    scale = float(trained.model.optimizer.dynamic_scale)
    before = weights(trained.model)
    events = []
    ended = trained.train(events.append, Control())
    assert ended.ending == "finished"
    assert float(trained.model.optimizer.dynamic_scale) < scale
    assert not np.isfinite(norms_of(events, "first")[0])
    assert any(not np.array_equal(a, b) for a, b in zip(before, weights(trained.model), strict=True))


def norms_of(events, layer="output"):
    return np.concatenate([event.gradient_norms[layer] for event in events if isinstance(event, StepsTaken)])


def test_the_device_must_know_the_precision():
    with pytest.raises(EngineError, match=r"cpu does not compute with mixed_float16\. Use float32"):
        blind_session(experiment(precision="mixed_float16"))
    assert "float32" in session_module.precisions(resolve("cpu"))
