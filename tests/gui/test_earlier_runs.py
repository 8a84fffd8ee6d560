"""Runs that are over leave their curves behind."""

import numpy as np
import pytest

from gui.earlier_runs import EarlierRuns, changes_between, figures_of, most_drawn, origin_of
from models.experiment.activations import Tanh
from models.experiment.data import Xor
from models.experiment.edits import changing, set_at
from models.experiment.losses import Hinge
from models.experiment.optimizers import SGD
from models.experiment.starter import default_experiment
from models.telemetry.allowance import Allowance, mebibyte
from models.telemetry.events import Ended, EpochsEnded, Started, StepsTaken
from models.telemetry.history import History
from tests.gui.scripted import train, worker
from tests.reports import epoch_ended

usual = default_experiment()


def record(count=10, ended=False):
    history = History()
    history.append(Started(1, "cpu", ("dense",), ("accuracy",), 5, 10))
    number = np.arange(1, count + 1)
    values = {"accuracy": number / 10}
    history.append(StepsTaken(1, 1, 1 + (number - 1) // 5, 1 / number, values, np.full(count, 0.1), {"dense": 0.1 * number}, 0.1))
    if ended:
        history.append(epoch_ended(1, 1, 5, {"loss": 0.25, "val_loss": 0.5}))
    return history


def test_each_has_a_name_its_last_figures_and_what_was_changed_since_the_one_before(qapp):
    runs = EarlierRuns()
    runs.add(usual, record())
    runs.add(set_at(usual, "training.batch_size", 64), record(ended=True))
    first, second = runs.runs
    assert [run.name for run in runs.runs] == ["Run 1", "Run 2"]
    assert first.changes == ""
    assert second.changes == "batch size 10 → 64"
    assert figures_of(first) == "loss 0.1 · accuracy 1"
    assert figures_of(second) == "loss 0.25 · val loss 0.5"
    assert second.history.steps().loss.tolist() == record().steps().loss.tolist()


def test_of_a_run_that_ended_with_the_weights_of_an_earlier_epoch_the_figures_are_that_ones(qapp):
    runs = EarlierRuns()
    for restored, epochs in ((2, 3), (14, 9000)):
        history = record()
        for epoch in range(1, epochs + 1):
            loss = 0.25 if epoch == restored else 1.0
            history.append(epoch_ended(1, epoch, 5 * epoch, {"loss": loss, "val_loss": 2 * loss}))
        history.append(Ended(1, "finished", "", 15, epochs, restored_epoch=restored))
        runs.add(usual, history)
    first, second = runs.runs
    assert figures_of(first) == "weights of epoch 2 · loss 0.25 · val loss 0.5"
    assert 14 not in second.history.epochs().epoch
    assert figures_of(second) == "weights of epoch 14"


def test_a_run_without_a_step_leaves_nothing(qapp):
    runs = EarlierRuns()
    runs.add(usual, record(0))
    assert runs.runs == ()


def test_they_are_hidden_and_deleted_one_by_one(qapp, qtbot):
    runs = EarlierRuns()
    for _ in range(3):
        runs.add(usual, record())
    with qtbot.waitSignal(runs.changed):
        runs.show(2, False)
    assert [run.shown for run in runs.runs] == [True, False, True]
    with qtbot.waitSignal(runs.changed):
        runs.delete(1)
    assert [run.number for run in runs.runs] == [2, 3]
    runs.add(usual, record())
    assert runs.runs[-1].name == "Run 4", "a name is not used twice"


@pytest.mark.parametrize(
    ("other", "shown"),
    [
        (set_at(usual, "training.batch_size", 64), True),
        (set_at(usual, "data.noise", 0.2), True),
        (set_at(usual, "training.loss", Hinge()), False),
        (set_at(usual, "data", Xor()), False),
    ],
    ids=["batch", "noise", "loss", "data"],
)
def test_curves_of_other_data_or_another_loss_make_way_for_the_new_run(qapp, other, shown):
    runs = EarlierRuns()
    runs.make_way(usual)
    runs.add(usual, record())
    runs.make_way(other)
    assert [run.shown for run in runs.runs] == [shown]
    runs.show(1, True)
    runs.add(other, record())
    runs.make_way(other)
    assert [run.shown for run in runs.runs] == [True, True], "whoever asks for them keeps them"


def test_only_the_newest_are_drawn_unless_somebody_asks_for_more(qapp):
    runs = EarlierRuns()
    for _ in range(most_drawn + 3):
        runs.add(usual, record())
    assert drawn(runs) == list(range(4, most_drawn + 4))
    runs.show(2, True)
    runs.show(10, False)
    runs.add(usual, record())
    assert drawn(runs) == [2, *(number for number in range(4, most_drawn + 5) if number != 10)], "one is hidden: none has to go"
    runs.add(usual, record())
    assert drawn(runs) == [2, *(number for number in range(5, most_drawn + 6) if number != 10)]


def drawn(runs):
    return [run.number for run in runs.runs if run.shown]


def long_record(steps=100_000, epoch=100):
    """As many figures as a history keeps of so many steps."""
    history = record(0)
    number = np.arange(1, steps + 1)
    history.append(StepsTaken(1, 1, 1 + number // epoch, 1 / number, {"accuracy": number / steps}, 0.1 + 0 * number, {}, 1.0))
    ends = np.arange(epoch, steps + 1, epoch)
    history.append(EpochsEnded(1, ends // epoch, ends, {"loss": 1 / ends, "accuracy": ends / steps, "val_loss": 2 / ends}))
    return history


@pytest.mark.parametrize("megabytes", [256, 64])
def test_two_hundred_long_runs_take_no_more_memory_than_allowed_and_keep_both_ends(qapp, megabytes):
    runs, long = EarlierRuns(), long_record()
    runs.allowance = Allowance(megabytes * mebibyte)
    for _ in range(200):
        runs.add(usual, long)
    assert sum(run.history.nbytes for run in runs.runs) <= runs.allowance.earlier == megabytes * mebibyte / 8
    assert len(runs.runs) == 200
    for run in (runs.runs[0], runs.runs[-1]):
        steps = run.history.steps()
        assert len(steps) > 128
        assert (steps.step[0], steps.step[-1]) == (1, 100_000)
        assert np.diff(steps.step[:-1]).max() <= 2 * np.diff(steps.step[:-1]).min(), "evenly spread"
        assert figures_of(run) == "loss 1e-5 · accuracy 1 · val loss 2e-5"


def test_the_oldest_go_when_memory_runs_out(qapp):
    runs, long = EarlierRuns(), long_record()
    runs.allowance = Allowance(2 * mebibyte)
    for _ in range(30):
        runs.add(usual, long)
    assert sum(run.history.nbytes for run in runs.runs) <= runs.allowance.earlier
    assert 5 < len(runs.runs) < 30
    assert runs.runs[-1].number == 30


def test_a_run_gets_another_name_and_its_usual_one_back(qapp, qtbot):
    runs = EarlierRuns()
    for _ in range(2):
        runs.add(usual, record())
    with qtbot.waitSignal(runs.changed):
        runs.rename(1, "  wide\n net ")
    assert [run.name for run in runs.runs] == ["wide net", "Run 2"]
    runs.add(usual, record(), origin=(1, 7))
    assert origin_of(runs.runs[-1], runs.runs) == "branched from wide net at step 7: the same settings"
    runs.rename(1, " ")
    assert runs.runs[0].name == "Run 1"
    runs.delete(1)
    assert origin_of(runs.runs[-1], runs.runs) == "branched from Run 1 at step 7: the same settings"


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("WIDE ", "Another run is called “wide”: choose another name."),
        ("run 2", "Another run is called “Run 2”: choose another name."),
        ("Run 12", "Runs are numbered like this by themselves: choose another name."),
        ("Run 3", ""),
        ("", ""),
    ],
)
def test_no_two_runs_have_one_name(qapp, name, sentence):
    runs = EarlierRuns()
    for _ in range(3):
        runs.add(usual, record())
    runs.rename(1, "wide")
    assert runs.name_obstacle(3, name) == sentence
    runs.rename(3, name)
    assert runs.runs[2].name == "Run 3"


def test_a_name_is_no_longer_than_a_legend_can_show(qapp):
    runs = EarlierRuns()
    runs.add(usual, record())
    runs.rename(1, "x" * 1000)
    assert runs.runs[0].name == "x" * 40


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (usual, "the same settings"),
        (changing(usual.network[0].name, activation=Tanh())(usual), f"{usual.network[0].name} activation relu → tanh"),
        (set_at(usual, "training.optimizer.learning_rate", 0.5), "learning rate 0.01 → 0.5"),
        (set_at(usual, "training.optimizer", SGD(learning_rate=0.01)), "optimizer adam → sgd"),
        (set_at(usual, "network", usual.network[1:]), "3 → 2 layers"),
        (
            changing("dense", units=3)(changing("dense_1", units=3)(set_at(usual, "training.batch_size", 3))),
            "units 16 → 3 in 2 layers, batch size 10 → 3",
        ),
    ],
)
def test_changes_are_told_in_the_fields_own_words(other, words):
    assert changes_between(usual, other) == words


def test_of_very_many_changes_some_are_counted():
    other = usual
    for layer in usual.network[:-1]:
        other = changing(layer.name, units=3)(other)
    for path, value in (("seed", 5), ("training.epochs", 3), ("training.batch_size", 3), ("training.shuffle", False)):
        other = set_at(other, path, value)
    assert changes_between(usual, other).endswith(" more")


def test_a_run_stays_when_the_next_begins_and_after_a_reset(window):
    for count in (5, 7):
        train(window)
        worker(window).take_steps(1, count)
        worker(window).end(step=count)
        window.runner.deliver()
    assert [run.history.last_step for run in window.training.earlier.runs] == [5]
    window.actions_.reset.trigger()
    assert [run.history.last_step for run in window.training.earlier.runs] == [5, 7]
    window.actions_.reset.trigger()
    assert len(window.training.earlier.runs) == 2
