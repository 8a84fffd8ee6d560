"""A run begins again in any kept state of another one, to the last bit where nothing was changed."""

import time
from functools import cache

import numpy as np
import pytest

from models.engine import run
from models.engine.checkpoint import begin_from
from models.engine.errors import EngineError
from models.experiment.activations import Relu
from models.experiment.layers import BatchNormalization, Dropout
from models.experiment.optimizers import SGD, Adam
from models.experiment.regularizers import L2
from models.experiment.rules import EarlyStopping, ReduceLROnPlateau
from models.telemetry.control import Control
from models.telemetry.events import EpochsEnded, PhaseChanged, Probed, Started, StateKept, StepsTaken
from models.telemetry.wanted import Wanted
from tests.models.engine.samples import blind_session, compiled_session, data_for, dense, experiment, losses, session
from tests.sampling import seldom

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("as_written")]

noisy = (dense(6, Relu(), "first"), BatchNormalization(name="norm"), Dropout(name="drop", rate=0.3))
plenty = 10**9


def value_of(network=noisy, **training):
    """Random numbers, moving averages, momentum, an order of the examples, a metric that is no mean: 18 steps, 3 an epoch."""
    usual = {
        "epochs": 6,
        "shuffle": True,
        "optimizer": SGD(learning_rate=0.1, momentum=0.9),
        "metrics": ("accuracy", "precision"),
    }
    return experiment(network, **usual | training)


@pytest.fixture
def _states_in_every_step(monkeypatch):
    monkeypatch.setattr(run, "least_probe_interval", 0.0)
    monkeypatch.setattr(run, "early_share", 1e9)
    monkeypatch.setattr(run, "probe_share", 1e9)
    monkeypatch.setattr(run, "state_share", 1e9)


def trained(one, control=None, **options):
    """What the training of a session reports, with all states."""
    events = []
    one.train(events.append, control or Control(), largest_state=plenty, **options)
    return events


def states_of(events):
    return {event.step: event.state for event in events if isinstance(event, StateKept)}


@cache
def all_states(value):
    """The states of a run in every step, which tests only read."""
    return states_of(trained(compiled_session(value, compilation="graph")))


def figures_after(events, step):
    ended = [event for event in events if isinstance(event, EpochsEnded)]
    rows = [
        (int(event.step[i]), {name: float(values[i]) for name, values in event.values.items()})
        for event in ended
        for i in range(len(event.step))
    ]
    return [row for row in rows if row[0] > step]


def everything(one):
    return [variable.numpy() for variable in one.state.variables]


@pytest.mark.usefixtures("_states_in_every_step")
@pytest.mark.parametrize(("compilation", "begins"), [("graph", (4,)), seldom("graph", (0, 9, 17)), seldom("xla", (0, 4, 9, 17))])
def test_with_unchanged_settings_a_branch_is_the_original_bit_for_bit(compilation, begins):
    rule = ReduceLROnPlateau(monitor="val_loss", patience=1, factor=0.5, min_delta=0.05)
    value = value_of(reduce_on_plateau=rule)
    prepared = data_for(value, held=7)
    original = blind_session(value, prepared, compilation=compilation)
    told = trained(original)
    states = states_of(told)
    assert sorted(states) == list(range(19))
    assert original.stepper.compilation == compilation
    for step in begins:
        branch = blind_session(value, prepared, compilation=compilation)
        begin_from(branch, states[step], value)
        again = trained(branch)
        assert next(event for event in again if isinstance(event, Started)).step == step
        assert losses(again).tolist() == losses(told)[step:].tolist()
        assert len(losses(again)) == 18 - step
        assert figures_after(again, step) == figures_after(told, step)
        assert branch.learning_rate == original.learning_rate
        for ours, theirs in zip(everything(branch), everything(original), strict=True):
            assert (ours == theirs).all()


@pytest.mark.usefixtures("_states_in_every_step")
def test_the_session_that_trained_can_begin_again_in_any_of_its_states():
    value = value_of()
    one = compiled_session(value, compilation="graph")
    told = trained(one)
    end = everything(one)
    for step in (13, 2):
        one.restart()
        begin_from(one, states_of(told)[step], value)
        assert losses(trained(one)).tolist() == losses(told)[step:].tolist()
        assert all((ours == theirs).all() for ours, theirs in zip(everything(one), end, strict=True))


def test_after_what_was_found_out_later_steps_are_compiled_alike_without_a_race():
    value = experiment(epochs=8, shuffle=True)
    one = blind_session(value)
    one.stepper.race_step = 6
    begin = states_of(trained(one))[0]
    assert str(begin["compilation"]) == "race"
    for later in ("xla", "graph"):
        branch = blind_session(value)
        begin_from(branch, begin, value, later)
        branch.stepper.race_step = 6
        trained(branch)
        assert branch.stepper.compilation == later


def test_a_branch_can_go_on_to_a_step_and_hold_there():
    value = value_of()
    one = compiled_session(value, compilation="graph")
    control = Control(paused=True, until=7)
    held = []

    def emit(event):
        if isinstance(event, PhaseChanged) and event.phase == "paused":
            held.append(one.step)
            control.stop()

    one.train(emit, control)
    assert held == [7]


@pytest.mark.usefixtures("_states_in_every_step")
def test_another_optimizer_starts_anew_from_the_weights_as_they_were():
    value = value_of()
    state = all_states(value)[7]
    branch = blind_session(value_of(optimizer=Adam(learning_rate=0.01)))
    begin_from(branch, state, value)
    count = len(branch.model.variables)
    assert all((array == state[f"variable/{place}"]).all() for place, array in enumerate(everything(branch)[:count]))
    assert branch.model.optimizer.iterations == 0
    assert (branch.step, branch.learning_rate) == (7, 0.01)
    again = trained(branch)
    assert next(event.first_step for event in again if isinstance(event, StepsTaken)) == 8
    first = figures_after(again, 7)[0]
    assert first[0] == 9
    sizes = np.array([8.0, 4.0])
    assert first[1]["loss"] == pytest.approx(float(losses(again)[:2] @ sizes / sizes.sum())), "the branch's own steps alone"


@pytest.mark.usefixtures("_states_in_every_step")
def test_the_same_optimizer_goes_on_with_what_it_remembers_and_the_learning_rate_that_is_set():
    value = value_of()
    state = all_states(value)[7]
    quieter = (*noisy[:2], Dropout(name="drop", rate=0.1))
    branch = blind_session(value_of(quieter, optimizer=SGD(learning_rate=0.02, momentum=0.5)))
    begin_from(branch, state, value)
    assert branch.model.optimizer.iterations == 7
    assert branch.learning_rate == 0.02
    count = len(branch.model.variables) + len(branch.model.optimizer.variables)
    assert all((array == state[f"variable/{place}"]).all() for place, array in enumerate(everything(branch)[:count]))


@pytest.mark.usefixtures("_states_in_every_step")
def test_with_another_batch_size_the_epoch_that_had_begun_is_begun_anew():
    value = value_of()
    state = all_states(value)[7]
    branch = blind_session(value_of(batch_size=4))
    begin_from(branch, state, value)
    assert branch.step == 10, "two epochs are done, of five steps each by now"
    assert branch.epoch_means.steps == 0


@pytest.mark.usefixtures("_states_in_every_step")
@pytest.mark.parametrize(("before", "after"), [seldom(0.0, 0.4), seldom(0.4, 0.0), (None, 0.4), seldom(0.4, None)])
def test_dropout_can_begin_or_end_in_a_branch(before, after):
    """Only a layer that drops something has a seed, which stands between the weights."""

    def with_dropout(rate):
        drop = () if rate is None else (Dropout(name="drop", rate=rate),)
        return value_of((noisy[0], *drop, noisy[1]))

    value = with_dropout(before)
    original = blind_session(value)
    state = states_of(trained(original))[7]
    branch = blind_session(with_dropout(after))
    begin_from(branch, state, value)
    kept = [state[f"variable/{place}"] for place in range(sum(state["variables"]))]
    expected = [array for array in kept if array.shape != (2,)]
    found = [variable.numpy() for variable in (*branch.model.variables, *branch.model.optimizer.variables)]
    found = [array for array in found if array.shape != (2,)]
    assert len(found) == len(expected)
    assert all((ours == theirs).all() for ours, theirs in zip(found, expected, strict=True))
    assert (branch.step, branch.model.optimizer.iterations) == (7, 7)
    assert len(losses(trained(branch))) == 11


@pytest.mark.usefixtures("_states_in_every_step")
def test_a_learning_rate_that_a_rule_lowered_stays_where_something_else_was_changed():
    value = value_of(reduce_on_plateau=ReduceLROnPlateau(monitor="loss", patience=1, factor=0.5, min_delta=5.0))
    states = states_of(trained(blind_session(value)))
    lowered = float(states[15]["learning_rate"])
    assert lowered < 0.1
    for network, changed in ((noisy, {"batch_size": 4}), ((*noisy[:2], Dropout(name="drop", rate=0.1)), {})):
        branch = blind_session(value_of(network, **changed))
        begin_from(branch, states[15], value)
        assert branch.learning_rate == lowered
    for optimizer in (SGD(learning_rate=0.3), Adam(learning_rate=0.1)):
        branch = blind_session(value_of(optimizer=optimizer, batch_size=4))
        begin_from(branch, states[15], value)
        assert branch.learning_rate == optimizer.learning_rate


@pytest.mark.usefixtures("_states_in_every_step")
@pytest.mark.parametrize(
    ("changes", "epochs"),
    [({}, 4), ({"optimizer": SGD(learning_rate=0.05, momentum=0.9)}, 6), seldom({"shuffle": False}, 6)],
    ids=["nothing", "learning rate", "order"],
)
def test_patience_begins_anew_with_other_settings_alone(changes, epochs):
    """The figure never gets better by enough: the original ends after epoch 4, and so does what goes on like it."""
    value = value_of(epochs=9, early_stopping=EarlyStopping(monitor="loss", patience=3, min_delta=5.0))
    states = all_states(value)
    assert max(states) == 12
    branch = blind_session(value_of(**{"epochs": 9, "early_stopping": value.training.early_stopping} | changes))
    begin_from(branch, states[6], value)
    trained(branch)
    assert branch.step == 3 * epochs


@pytest.mark.usefixtures("_states_in_every_step")
@pytest.mark.parametrize(
    ("changes", "stays"),
    [
        ({"shuffle": False}, True),
        ({"optimizer": SGD(learning_rate=0.05, momentum=0.9)}, True),
        ({"network": (*noisy[:2], Dropout(name="drop", rate=0.1))}, True),
        ({"network": (dense(6, Relu(), "first", kernel_regularizer=L2(l2=0.1)), *noisy[1:])}, False),
        ({"batch_size": 4}, False),
        ({"keep_best": "val_loss"}, False),
    ],
    ids=["order", "learning rate", "dropout", "penalty", "length", "figure"],
)
def test_the_best_epoch_so_far_stays_in_mind_where_its_figure_says_the_same(changes, stays):
    value = value_of(keep_best="loss")
    states = all_states(value)
    best = float(states[12]["rules/keep_best/best"])
    branch = blind_session(value_of(**{"keep_best": "loss"} | changes))
    begin_from(branch, states[12], value)
    found = branch.rules.snapshot()
    if stays:
        assert float(found["keep_best/best"]) == best
        assert found["kept/epoch"] == states[12]["rules/kept/epoch"] > 0
        assert (found["kept/weights/0"] == states[12]["rules/kept/weights/0"]).all()
    else:
        assert np.isnan(found["keep_best/best"])
        assert np.isnan(found["kept/epoch"])


@pytest.mark.usefixtures("_states_in_every_step")
def test_the_weights_of_another_width_are_refused():
    value = value_of()
    state = all_states(value)[7]
    for network in ((dense(7, Relu(), "first"), *noisy[1:]), (noisy[0], noisy[2])):
        other = blind_session(value_of(network))
        with pytest.raises(EngineError, match="another network"):
            begin_from(other, state, value)


@pytest.mark.usefixtures("_states_in_every_step")
@pytest.mark.parametrize("compilation", ["graph", seldom("xla")])
def test_looking_back_shows_what_was_seen_and_leaves_the_run_as_it_is(compilation):
    value = value_of()
    prepared = data_for(value, held=7, view=True)
    undisturbed, looked_at = (session(value, prepared, compilation=compilation) for _ in range(2))
    told = trained(undisturbed)
    seen = {event.step: event for event in told if isinstance(event, Probed)}
    states = states_of(told)
    found = []
    moment, wanted = StateKept(1, 5, states[5]), Wanted(weights=frozenset({"first"}))
    again = trained(looked_at, between_calls=lambda: found.append(looked_at.look_back(moment, wanted, {"first": 0.25})))
    assert len(found) == 18
    for look in found:
        assert look.step == 5
        assert (look.surface == seen[5].surface).all()
        assert (look.looks.weights["first"].arrays["kernel"].values == states[5]["variable/0"]).all()
        assert [layer.mean for layer in look.layers] == [layer.mean for layer in seen[5].layers]
        assert look.layers[0].gradient_norm == 0.25
        assert look.layers[0].update_ratio is None, "that of the newest step is not that of then"
    assert not (seen[5].surface == seen[18].surface).all()
    assert losses(again).tolist() == losses(told).tolist()
    assert all((ours == theirs).all() for ours, theirs in zip(everything(looked_at), everything(undisturbed), strict=True))


def test_states_come_along_at_both_ends_and_only_where_they_are_wanted_and_not_too_large():
    value = value_of(epochs=2)
    one, events = blind_session(value), []
    one.train(events.append, Control())
    assert states_of(events) == {}
    one.restart()
    one.train(events.append, Control(), largest_state=one.state.nbytes - 1)
    assert states_of(events) == {}
    one.restart()
    assert {0, 6} <= set(states_of(trained(one)))


def test_a_run_that_was_stopped_ends_with_its_state():
    value = value_of()
    one, events, control = compiled_session(value), [], Control()

    def emit(event):
        events.append(event)
        if isinstance(event, StepsTaken) and event.last_step >= 4:
            control.stop()

    one.train(emit, control, largest_state=plenty)
    state = states_of(events)[one.step]
    assert int(state["step"]) == one.step < 18
    assert all((state[f"variable/{place}"] == array).all() for place, array in enumerate(everything(one)))


def test_states_that_take_long_are_taken_seldom(monkeypatch):
    """One that takes 0.2 s is due again 40 s later; at both ends of a run there is one all the same."""
    slow = run.snapshot

    def snapshot(one):
        time.sleep(0.2)
        return slow(one)

    value = experiment(epochs=900)
    assert len(states_of(trained(blind_session(value, compilation="graph")))) > 2
    monkeypatch.setattr(run, "snapshot", snapshot)
    assert list(states_of(trained(blind_session(value, compilation="graph")))) == [0, 2700]
