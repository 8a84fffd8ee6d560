"""A run obeys its control, ends once, and goes on where it was."""

import gc
import subprocess
import sys
from itertools import groupby, pairwise
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from models.engine import run
from models.engine.errors import NotEnoughMemory
from models.engine.release import release_kernels
from models.engine.session import Session
from models.experiment.activations import Relu, Silu
from models.experiment.layers import BatchNormalization, Dropout, Maxout
from models.experiment.optimizers import SGD, Adam
from models.telemetry.control import Control
from models.telemetry.events import Ended, EpochsEnded, PhaseChanged, Probed, Started, StepsTaken
from tests.models.engine.samples import (
    blind_session,
    blind_train,
    compiled_session,
    compiled_train,
    data_for,
    dense,
    epochs,
    experiment,
    losses,
    train,
    weights,
)

pytestmark = pytest.mark.engine

noisy = (dense(6, Relu(), "first"), BatchNormalization(name="norm"), Dropout(name="drop", rate=0.3))


def value_of(**training):
    return experiment(noisy, **{"epochs": 6, "shuffle": True, "optimizer": Adam(learning_rate=0.05)} | training)


class Script:
    """Wishes made once so many steps are taken, or at a pause; the mailbox of a run that obeys `control`."""

    def __init__(self, wishes, *, paused=False):
        self.control = Control(paused=paused)
        self.events = []
        self.made = []
        self._wishes = wishes

    def emit(self, event):
        self.events.append(event)
        if isinstance(event, StepsTaken):
            for step in [step for step in self._wishes if step != "paused" and step <= event.last_step]:
                self.made.append(event.last_step)
                self._wishes.pop(step)(self.control)
        if isinstance(event, PhaseChanged) and event.phase == "paused":
            self._wishes["paused"].pop(0)(self.control)


def kinds(events):
    return [type(event).__name__ for event in events]


def test_events_come_in_order():
    _, events = train(value_of(epochs=2), held=7)
    assert [kind for kind, _ in groupby(kinds(events))] == [
        "PhaseChanged", "Started", "Probed", "PhaseChanged", "StepsTaken", "Probed", "StepsTaken", "EpochsEnded", "StepsTaken",
        "EpochsEnded", "Probed", "Ended",
    ]  # fmt: skip
    looks = [(event.step, event.layers[0].gradients is not None) for event in events if isinstance(event, Probed)]
    assert looks == [(0, False), (1, True), (6, True)]
    started = events[1]
    assert started == Started(1, "cpu", ("first", "norm", "output"), ("accuracy",), 3, 2)
    assert [(event.epoch.tolist(), event.step.tolist()) for event in events if isinstance(event, EpochsEnded)] == [
        ([1], [3]),
        ([2], [6]),
    ]
    assert events[-1].ending == "finished"
    assert (events[-1].step, events[-1].epoch) == (6, 2)


def test_every_step_is_reported_once_with_its_epoch():
    _, events = compiled_train(value_of())
    taken = [event for event in events if isinstance(event, StepsTaken)]
    assert all(later.first_step == earlier.last_step + 1 for earlier, later in pairwise(taken))
    assert np.concatenate([event.epoch for event in taken]).tolist() == [1 + i // 3 for i in range(18)]
    assert all(event.loss.dtype == np.float64 for event in taken)


def test_no_epochs_take_no_step():
    trained, events = blind_train(value_of(epochs=0))
    assert kinds(events) == ["PhaseChanged", "Started", "Probed", "PhaseChanged", "Ended"]
    assert (events[-1].ending, events[-1].step, trained.step) == ("finished", 0, 0)


def test_pausing_and_stepping_change_no_figure():
    straight, expected = blind_train(value_of(), steps_per_call=5)
    wishes = [
        lambda control: control.advance("step"), lambda control: control.advance("epoch"), lambda control: control.resume(),
        lambda control: control.resume(),
    ]  # fmt: skip
    script = Script({"paused": wishes, 9: Control.pause}, paused=True)
    stepped = compiled_session(value_of(), steps_per_call=2)
    assert stepped.train(script.emit, script.control).ending == "finished"
    pauses = [i for i, event in enumerate(script.events) if isinstance(event, PhaseChanged) and event.phase == "paused"]
    steps_before = [sum(len(e.loss) for e in script.events[:i] if isinstance(e, StepsTaken)) for i in pauses]
    assert steps_before == [0, 1, 3, *script.made]
    assert losses(script.events).tolist() == losses(expected).tolist()
    assert epochs(script.events) == epochs(expected)
    assert all(np.array_equal(a, b) for a, b in zip(weights(stepped.model), weights(straight.model), strict=True))


def test_a_pause_holds_also_while_an_epoch_is_stepped_through():
    script = Script({"paused": [lambda control: control.advance("epoch"), Control.stop], 1: Control.pause}, paused=True)
    ended = compiled_session(value_of(), steps_per_call=1).train(script.emit, script.control)
    assert (ended.ending, ended.step) == ("stopped", script.made[0])
    assert ended.step < 3


def test_a_stopped_run_keeps_its_weights_and_can_go_on():
    straight, expected = blind_train(value_of(metrics=("accuracy", "precision")), steps_per_call=2)
    script = Script({7: Control.stop})
    stopped = blind_session(value_of(metrics=("accuracy", "precision")), steps_per_call=1)
    ended = stopped.train(script.emit, script.control)
    assert (ended.ending, ended.step, ended.epoch) == ("stopped", 7, 3)
    assert losses(script.events).tolist() == losses(expected)[:7].tolist()
    more = []
    assert stopped.train(more.append, Control(), run=2).ending == "finished"
    assert next(event for event in more if isinstance(event, Started)).step == 7
    assert losses(more).tolist() == losses(expected)[7:].tolist()
    assert epochs(script.events) + epochs(more) == epochs(expected)
    assert all(np.array_equal(a, b) for a, b in zip(weights(stopped.model), weights(straight.model), strict=True))


def test_stopping_before_the_first_step():
    control = Control(paused=True)
    control.stop()
    _, events = compiled_train(value_of(), control=control)
    assert (events[-1].ending, events[-1].step) == ("stopped", 0)


def test_another_learning_rate_acts_at_the_next_call():
    script = Script({5: lambda control: control.set_learning_rate(0.5)})
    trained = blind_session(value_of(optimizer=SGD(learning_rate=0.1)), steps_per_call=2)
    trained.train(script.emit, script.control)
    changed = script.made[0]
    rates = np.concatenate([event.learning_rate for event in script.events if isinstance(event, StepsTaken)])
    assert rates.tolist() == [0.1] * changed + [0.5] * (18 - changed)
    assert float(trained.model.optimizer.learning_rate) == 0.5
    same = blind_train(value_of(optimizer=SGD(learning_rate=0.1)))[1]
    assert losses(script.events)[: changed + 1].tolist() == losses(same)[: changed + 1].tolist()
    assert losses(script.events)[changed + 1] != losses(same)[changed + 1]


def test_a_failure_is_an_ending():
    broken = blind_session(value_of())
    broken.stepper.take = lambda plan, watched: 1 / 0
    events = []
    ended = broken.train(events.append, Control())
    assert ended.ending == "failed"
    assert "division by zero" in ended.sentence
    assert "ZeroDivisionError" in ended.details
    assert [event for event in events if isinstance(event, Ended)] == [ended]


@pytest.mark.exhaustive
def test_the_same_file_and_seed_give_the_same_figures_in_another_process():
    program = (
        "from models.engine import startup; startup.load()\n"
        "from tests.models.engine.test_session import *\n"
        "print(losses(blind_train(value_of(), steps_per_call=4)[1]).tolist())"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == str(losses(blind_train(value_of())[1]).tolist())
    assert "absl" not in answer.stderr


def test_another_seed_gives_other_figures():
    first, second = (losses(blind_train(experiment(epochs=1, seed=seed))[1]) for seed in (1, 2))
    assert first[0] != second[0]


def test_a_saved_network_opens_in_plain_keras(tmp_path):
    trained, _ = blind_train(experiment((Maxout(name="maxout", units=4),), epochs=2, optimizer=Adam()))
    trained.save(tmp_path / "network.keras")
    opened = keras.models.load_model(tmp_path / "network.keras")
    x = trained.prepared.x_train
    np.testing.assert_allclose(opened.predict(x, verbose=0), trained.predict(x), rtol=1e-6)
    assert int(opened.optimizer.iterations) == 6
    assert [path.name for path in tmp_path.iterdir()] == ["network.keras"]


def test_the_last_probe_shows_the_last_step():
    _, events = train(value_of())
    probes = [event for event in events if isinstance(event, Probed)]
    assert (probes[0].step, probes[-1].step) == (0, 18)
    assert probes[0].layers[0].update_ratio is None
    last_norms = [event for event in events if isinstance(event, StepsTaken)][-1].gradient_norms
    assert probes[-1].layers[0].gradient_norm == last_norms["first"][-1]


def test_the_first_looks_of_a_training_follow_each_other_closely(monkeypatch):
    """Of a training that is over in a second there is something to go back to; one that goes on longer pays the usual share."""
    monkeypatch.setattr(run, "least_probe_interval", 0.0)
    monkeypatch.setattr(run, "early_share", 1e9)
    monkeypatch.setattr(run, "probe_share", 1e-9)

    def looked_at(one):
        events = []
        one.train(events.append, Control())
        return [event.step for event in events if isinstance(event, Probed)]

    one = compiled_session(value_of(), compilation="graph")
    one.early_looks = 5
    assert looked_at(one) == [0, 1, 2, 3, 4, 5, 18]
    one.extend(epochs=1)
    assert looked_at(one) == [18, 21], "what goes on is not at its beginning"
    one.restart()
    assert looked_at(one)[:17] == [*range(17)]


def phases(events):
    """The phases of a run, with ``look`` and ``steps`` in between."""
    names = {Probed: "look", StepsTaken: "steps"}
    found = [event.phase if isinstance(event, PhaseChanged) else names.get(type(event), "") for event in events]
    return [name for name in found if name]


def test_who_goes_on_at_once_does_not_wait_for_looks_at_the_pause():
    wishes = [lambda control: control.advance("step"), Control.resume, Control.resume]
    script = Script({"paused": wishes, 9: Control.pause}, paused=True)
    compiled_session(value_of(), steps_per_call=1).train(script.emit, script.control)
    found = phases(script.events)
    assert found[:7] == ["compiling", "look", "training", "paused", "training", "steps", "look"], "a single step is looked at"
    assert [after for phase, after in pairwise(found) if phase == "paused"] == ["training"] * 3


def test_who_stops_is_told_before_the_last_look():
    script = Script({7: Control.stop})
    compiled_session(value_of(), steps_per_call=1).train(script.emit, script.control)
    assert phases(script.events)[-3:] == ["steps", "stopping", "look"]


@pytest.fixture
def looks_always_due(monkeypatch):
    monkeypatch.setattr(run, "least_probe_interval", 0.0)
    monkeypatch.setattr(run, "early_share", 1e9)
    monkeypatch.setattr(run, "probe_share", 1e9)


def looked_at_while_wishing(steps, wish):
    """The steps at which a run of 18 was looked into, while `wish` was made after each of `steps`."""
    script = Script(dict.fromkeys(steps, wish))
    compiled_session(value_of(), compilation="graph").train(script.emit, script.control)
    return [event.step for event in script.events if isinstance(event, Probed)]


@pytest.mark.usefixtures("looks_always_due")
def test_a_wish_puts_a_look_off_by_one_step():
    def choose_rate(control):
        control.set_learning_rate(0.01)

    assert looked_at_while_wishing((4,), choose_rate) == [0, 1, 2, 3, *range(5, 19)]
    assert looked_at_while_wishing(range(1, 17), choose_rate) == [*range(0, 17, 2), 17, 18], "and never for good"


def test_a_short_validation_is_finished_before_the_stop():
    script = Script({3: Control.stop})
    ended = blind_session(value_of(epochs=2), held=7, steps_per_call=3).train(script.emit, script.control)
    assert (ended.ending, ended.step) == ("stopped", 3)
    assert set(epochs(script.events)[0]) == {"loss", "accuracy", "val_loss", "val_accuracy"}


def test_validation_that_is_stopped_leaves_no_half_figures(monkeypatch):
    monkeypatch.setattr(run, "patience", 0.0)
    stopped = blind_session(value_of(epochs=1), held=7)
    events, control = [], Control()
    measure = stopped.evaluator.measure

    def measure_and_stop(first, last):
        measure(first, last)
        if last:
            control.stop()

    stopped.evaluator.measure = measure_and_stop
    stopped.evaluator.batches = 5
    stopped.train(events.append, control)
    values = next(event.values for event in events if isinstance(event, EpochsEnded))
    assert set(values) == {"loss", "accuracy"}


def test_what_cannot_fit_is_refused_before_it_is_built():
    value = experiment((dense(1_000_000, Relu(), "first"), dense(1_000_000, Relu(), "second")))
    with pytest.raises(NotEnoughMemory, match=r"needs about .* TB, and cpu has .*B free.*fewer units"):
        Session(value, data_for(value), "cpu")


def graphs():
    gc.collect()
    return sum(isinstance(thing, tf.Graph) for thing in gc.get_objects())


@pytest.mark.exhaustive
def test_a_session_leaves_no_graph_behind():
    value = experiment((dense(6, Silu(), "first"),), epochs=1)  # Keras's silu has a gradient of its own
    train(value, held=7)
    before = graphs()
    train(value, held=7)
    assert graphs() == before


@pytest.mark.exhaustive
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads Linux's figures of a process")
def test_memory_does_not_grow_from_run_to_run():
    def megabytes():
        gc.collect()
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * 4096 / 1e6

    used = []
    for _ in range(35):
        release_kernels()  # as the window does where it makes a new network; without it each leaves 0.5 MB, here more, there less
        train(value_of(epochs=2), held=7)
        used.append(megabytes())
    assert used[-1] - used[9] < 5  # 40 MB in 200 runs


def test_frozen_layers_keep_their_weights():
    norm = BatchNormalization(name="norm", trainable=False)
    value = experiment((dense(6, Relu(), "first", trainable=False), norm, dense(5, Silu(), "second")), epochs=2)
    made = blind_session(value, data_for(value))
    before = {layer.name: [weight.numpy() for weight in layer.weights] for layer in made.model.layers}
    ended = made.train(lambda event: None, Control())
    assert ended.ending == "finished"
    changed = {
        layer.name
        for layer in made.model.layers
        if any(not np.array_equal(old, new.numpy()) for old, new in zip(before[layer.name], layer.weights, strict=True))
    }
    assert changed == {"second", "output"}
