"""The history keeps a bounded, even record with its first and newest step in it."""

import numpy as np
import pytest

from models.telemetry.allowance import Allowance
from models.telemetry.bests import BestEpoch
from models.telemetry.events import Ended, Histogram, LayerProbe, Probed, Started, StateKept, StepsTaken
from models.telemetry.history import History
from tests.reports import epoch_ended


def started(run=1, step=0, layers=("dense", "output"), metrics=("accuracy",)):
    return Started(run, "CPU", layers, metrics, steps_per_epoch=10, epochs=5, step=step)


def steps(first, count, measured=None, run=1):
    number = first + np.arange(count)
    norms = number * 0.5
    if measured is not None:
        norms = np.where(number % measured == 0, norms, np.nan)
    return StepsTaken(
        run, first, 1 + (number - 1) // 10, 1 / number, {"accuracy": number / 1e6}, np.full(count, 0.03),
        {"dense": norms, "output": norms * 2}, 0.01,
    )  # fmt: skip


def filled(total, capacity=20_000, chunk=777, measured=None):
    history = History(capacity)
    history.append(started())
    for first in range(1, total + 1, chunk):
        history.append(steps(first, min(chunk, total + 1 - first), measured))
    return history


def test_a_short_run_is_kept_step_by_step():
    record = filled(1000).steps()
    assert record.step.tolist() == list(range(1, 1001))
    assert record.epoch[[0, 9, 10, -1]].tolist() == [1, 1, 2, 100]
    assert np.allclose(record.loss, 1 / record.step)
    assert np.allclose(record.metrics["accuracy"], record.step / 1e6)
    assert np.allclose(record.gradient_norms["output"], record.step)
    assert record.step.dtype == np.int64


def test_exactly_as_many_steps_as_there_is_room_for_are_all_kept_and_one_more_thins():
    assert len(filled(20_000).steps()) == 20_000
    assert len(filled(20_001).steps()) == 10_001


def test_a_long_run_is_thinned_evenly_and_keeps_both_ends():
    record = filled(100_000).steps()
    assert len(record) <= 20_000
    assert record.step[0] == 1
    assert record.step[-1] == 100_000
    assert set(np.diff(record.step[:-1])) == {8}
    assert np.allclose(record.loss, 1 / record.step)


def test_steps_with_measured_gradients_outlive_the_others():
    record = filled(64_000, capacity=1000, measured=100).steps()
    kept = np.isfinite(record.gradient_norms["dense"])
    assert kept.mean() > 0.95
    assert (record.step[kept] % 100 == 0).all()
    assert record.step[0] == 1
    assert np.allclose(record.loss, 1 / record.step)
    assert np.diff(record.step).max() <= 2 * 128


def test_memory_does_not_grow():
    history = filled(1000, capacity=500)
    numbers = history._steps.table._numbers
    history.append(steps(1001, 50_000))
    assert history._steps.table._numbers is numbers


def test_views_cannot_be_written_into():
    with pytest.raises(ValueError, match="read-only"):
        filled(10).steps().loss[0] = 1


def test_rows_are_in_the_order_of_the_columns_with_whole_steps():
    history = filled(3, measured=2)
    assert history.columns == ("step", "epoch", "loss", "accuracy", "learning_rate", "grad_norm/dense", "grad_norm/output")
    rows = list(history.rows())
    assert rows[1] == (2, 1, 0.5, 2e-6, 0.03, 1.0, 2.0)
    assert type(rows[0][0]) is int
    assert np.isnan(rows[0][5])


def test_epochs_keep_kerass_names_and_their_last_step():
    history = filled(20)
    history.append(epoch_ended(1, 1, 10, {"loss": 0.5, "val_loss": 0.6}))
    history.append(epoch_ended(1, 2, 20, {"loss": 0.4, "val_loss": float("nan")}))
    epochs = history.epochs()
    assert epochs.epoch.tolist() == [1, 2]
    assert epochs.step.tolist() == [10, 20]
    assert epochs.values["loss"].tolist() == [0.5, 0.4]
    assert history.epoch_columns == ("epoch", "step", "loss", "val_loss")
    assert next(history.epoch_rows()) == (1, 10, 0.5, 0.6)


def test_probes_are_thinned_and_only_the_newest_keeps_its_surface():
    history = History(probe_capacity=10)
    for step in range(1, 101):
        history.append(Probed(1, step, (), np.zeros((4, 1))))
    kept = [probe.step for probe in history.probes()]
    assert len(kept) <= 10
    assert kept[0] == 1
    assert kept[-1] == 100
    assert set(np.diff(kept[:-1])) == {16}
    assert history.last_probe.surface is not None
    assert all(probe.surface is None for probe in history.probes()[:-1])


def test_the_newest_look_is_shown_until_a_moment_is_chosen_and_then_the_one_before_it():
    history = History()
    assert history.shown_probe is None
    for step in (0, 10, 20):
        history.append(Probed(1, step, ()))
    assert history.moment is None
    assert history.shown_probe is history.last_probe
    shown = []
    for moment in (0, 9, 10, 25):
        history.show(moment)
        shown.append(history.shown_probe.step)
    assert shown == [0, 0, 10, 20]


def test_a_new_start_clears_and_going_on_continues():
    history = filled(20)
    history.append(Ended(1, "finished", "done", 20, 2))
    history.append(started(run=2, step=20))
    assert history.ended is None
    history.append(steps(21, 5, run=2))
    assert history.steps().step.tolist() == list(range(1, 26))
    history.append(started(run=3))
    assert len(history.steps()) == 0
    assert history.last_step == 0
    assert history.last_probe is None


def test_a_layer_that_reports_no_gradient_is_not_a_number():
    history = History()
    history.append(started(layers=("dense", "silent", "output")))
    history.append(steps(1, 4))
    assert np.isnan(history.steps().gradient_norms["silent"]).all()
    assert history.steps().gradient_norms["dense"].tolist() == [0.5, 1.0, 1.5, 2.0]


def test_an_empty_history_answers():
    history = History()
    assert len(history.steps()) == 0
    assert len(history.epochs()) == 0
    assert list(history.rows()) == []
    assert history.columns == ("step", "epoch", "loss", "learning_rate")


@pytest.mark.parametrize("measured", [None, 7])
def test_thousands_of_steps_in_one_event_are_kept_like_the_same_steps_one_by_one(measured):
    one_by_one, at_once = filled(9_000, capacity=500, chunk=1, measured=measured), filled(9_000, 500, 4_000, measured)
    assert at_once.steps().step.tolist() == one_by_one.steps().step.tolist()
    assert np.array_equal(at_once.steps().gradient_norms["dense"], one_by_one.steps().gradient_norms["dense"], equal_nan=True)


def test_memory_does_not_grow_with_the_run():
    """At step 2,000,000 as at step 40,000 nothing that is kept became more."""
    history = History()
    history.append(started())
    sizes, lengths = [], []
    for first in range(1, 2_000_001, 4_000):
        history.append(steps(first, 4_000))
        sizes.append(history._steps.nbytes)
        lengths.append(len(history.steps()))
    assert len(set(sizes)) == 1
    assert max(lengths) <= 20_000


def test_a_restored_record_goes_on_like_the_first():
    """Also in what it lets go: a tiny capacity thins at once."""
    first, second = History(capacity=8), History(capacity=8)
    first.append(Started(1, "cpu", ("a",), ("accuracy",), 5, 100))
    for begin in range(1, 24):
        first.append(one_step(begin))
    second.restore(first.snapshot())
    for begin in range(24, 60):
        first.append(one_step(begin))
        second.append(one_step(begin))
    assert list(first.rows()) == list(second.rows())
    assert (first.steps_seen, first.columns) == (second.steps_seen, second.columns)


def test_figures_of_an_epoch_can_follow_later():
    history = History()
    history.append(Started(1, "cpu", (), (), 1, 3))
    history.append(epoch_ended(1, 1, 1, {"loss": 0.5}))
    history.complete_epoch({"val_loss": 0.25})
    assert history.epoch_columns == ("epoch", "step", "loss", "val_loss")
    assert list(history.epoch_rows()) == [(1, 1, 0.5, 0.25)]


def one_step(number):
    value = np.array([float(number)])
    return StepsTaken(1, number, np.array([1]), value, {"accuracy": value}, value, {"a": value}, 0.01)


def test_a_peak_that_no_recorded_step_has_is_in_the_curve():
    history = History(capacity=100)
    history.append(started())
    losses = np.ones(50_000)
    losses[30_001] = 7
    for first in range(0, 50_000, 1000):
        part = steps(first + 1, 1000)
        history.append(StepsTaken(1, first + 1, part.epoch, losses[first : first + 1000], {}, part.learning_rate, {}, 0.1))
    assert history.steps().loss.max() == 1
    step, loss = history.step_curve("loss")
    assert loss.max() == 7
    assert abs(step[loss.argmax()] - 30_002) < 16
    assert np.isnan(history.step_curve("accuracy")[1]).all()


def test_a_short_curve_is_every_step():
    step, norms = filled(50).step_curve("grad_norm/dense")
    assert step.tolist() == list(range(1, 51))
    assert norms.tolist() == [0.5 * number for number in range(1, 51)]


def test_an_epoch_that_no_record_holds_is_in_its_curve():
    history = History(capacity=20)
    for epoch in range(1, 9001):
        history.append(epoch_ended(1, epoch, 10 * epoch, {"val_loss": 0.01 if epoch == 4444 else 1.0}))
    step, curve = history.epoch_curve("val_loss")
    assert curve.min() == 0.01
    assert abs(step[curve.argmin()] - 44_440) <= 40
    assert history.best_epoch == BestEpoch(4444, 44_440, "val_loss", 0.01)


def test_the_best_epoch_by_each_figure_is_known_whatever_is_thinned_out_and_written_down():
    history = History(capacity=20)
    history.append(started())
    for epoch in range(1, 1001):
        values = {"loss": 0.1 if epoch == 322 else 1.0, "accuracy": 0.9 if epoch == 444 else 0.5}
        history.append(epoch_ended(1, epoch, 10 * epoch, values))
    again = History(capacity=20)
    again.restore(history.snapshot())
    again.append(epoch_ended(1, 1001, 10_010, {"loss": 1.0, "accuracy": 0.5}))
    for record in (history, again, history.bare(), history.until(5000)):
        assert not {322, 444} & set(record.epochs().epoch.tolist())
        assert record.best("loss") == BestEpoch(322, 3220, "loss", 0.1)
        assert record.best("accuracy") == BestEpoch(444, 4440, "accuracy", 0.9)


def test_figures_that_a_stop_kept_from_being_measured_come_with_a_later_epoch():
    history = History()
    history.append(started())
    history.append(epoch_ended(1, 1, 10, {"loss": 0.1}))
    assert history.best_epoch == BestEpoch(1, 10, "loss", 0.1)
    history.append(epoch_ended(1, 2, 20, {"loss": 0.3, "val_loss": 0.4}))
    history.append(epoch_ended(1, 3, 30, {"loss": 0.2}))
    assert history.epochs().values["val_loss"].tolist() == pytest.approx([np.nan, 0.4, np.nan], nan_ok=True)
    assert history.epoch_curve("val_loss")[1].tolist() == pytest.approx([np.nan, 0.4, np.nan], nan_ok=True)
    assert history.best_epoch == BestEpoch(2, 20, "val_loss", 0.4)


def test_the_best_epoch_is_that_of_the_lowest_validation_loss_or_else_loss():
    history = History()
    assert history.best_epoch is None
    for epoch, value in enumerate((0.5, float("nan"), 0.3, 0.3, 0.4), start=1):
        history.append(epoch_ended(1, epoch, 10 * epoch, {"loss": 1 / epoch, "val_loss": value}))
    assert history.best_epoch == BestEpoch(3, 30, "val_loss", 0.3)
    other = History()
    other.append(epoch_ended(1, 1, 10, {"loss": 0.5}))
    other.append(epoch_ended(1, 2, 20, {"loss": 0.4}))
    assert other.best_epoch == BestEpoch(2, 20, "loss", 0.4)


def with_moments(*chosen):
    """A run of 40 steps with a look at the steps `chosen`, and a state at each fifth."""
    history = filled(0)
    for first in range(1, 41):
        history.append(steps(first, 1))
        if first % 10 == 0:
            history.append(epoch_ended(1, first // 10, first, {"loss": abs(first - 20) / 10}))
        if first in chosen:
            history.append(Probed(1, first, (), np.zeros((4, 1))))
        if first % 5 == 0:
            history.append(state(first))
    return history


def state(step):
    return StateKept(1, step, {"variable/0": np.full(3, step)})


def test_a_moment_that_is_shown_stays_while_the_run_goes_on_until_the_newest_is_shown_again():
    history = with_moments(10, 20, 30)
    history.show(23)
    assert (history.moment, history.shown_state.step) == (20, 20)
    history.append(Probed(1, 40, ()))
    assert (history.moment, history.shown_probe.step, history.last_probe.step) == (20, 20, 40)
    assert [probe.step for probe in history.shown_probes()] == [10, 20]
    history.show(None)
    assert (history.moment, history.shown_state) == (None, None)
    assert history.shown_probe.step == 40


def test_what_a_state_gives_again_completes_the_moment_that_it_is_of():
    history = with_moments(10, 20, 30)
    history.show(30)
    assert history.shown_probe.surface is None
    assert history.awaits_state
    history.complete_shown(Probed(1, 20, (), np.ones((4, 1))))
    assert history.shown_probe.surface is None
    history.complete_shown(Probed(1, 30, (), np.ones((4, 1))))
    assert history.shown_probe.surface.sum() == 4
    assert not history.awaits_state
    history.show(10)
    assert history.shown_probe.surface is None


def test_a_moment_that_was_not_looked_at_is_shown_when_its_state_has_told_of_it():
    history = with_moments(10, 20, 30)
    history.show(20)
    history.show(15)
    assert (history.moment, history.shown_probe.step) == (15, 20)
    again = Probed(1, 15, (), np.ones((4, 1)))
    history.complete_shown(again)
    assert history.shown_probe is again
    assert [probe.step for probe in history.shown_probes()] == [10]


def test_what_was_measured_in_a_step_stays_with_its_moment():
    history = History()
    seen, again = (LayerProbe("a", Histogram(np.ones(4), 0, 1), 0, 1, None, None, update_ratio=ratio) for ratio in (0.1, None))
    history.append(Probed(1, 10, (seen,)))
    history.append(state(10))
    history.show(10)
    history.complete_shown(Probed(1, 10, (again,), np.ones((4, 1))))
    assert history.shown_probe.layers == (seen,)
    assert history.shown_probe.surface.sum() == 4


def test_gradient_norms_of_a_moment_are_those_measured_last():
    history = filled(40, measured=7)
    assert history.gradient_norms_at(6) == {}
    assert history.gradient_norms_at(20) == {"dense": 7.0, "output": 14.0}


def test_the_state_before_the_end_of_the_best_epoch_is_kept():
    history = History(probe_capacity=4)
    history.append(started())
    for step in range(1, 200):
        history.append(state(step))
        if step % 10 == 5:
            history.append(epoch_ended(1, step // 10, step + 1, {"loss": abs(step - 45.0)}))
    assert history.best_epoch.step == 46
    assert history.state_at(46).step == 46, "that of the very step came after the epoch's figures"


def test_a_branch_has_what_both_runs_have_in_common_and_goes_on_by_itself():
    history = with_moments(10, 20, 30, 40)
    branch = history.until(30)
    assert branch.last_step == 30
    assert branch.steps().step.tolist() == list(range(1, 31))
    assert branch.epochs().epoch.tolist() == [1, 2, 3]
    assert [each.step for each in branch.states()] == [5, 10, 15, 20, 25, 30]
    assert [probe.step for probe in branch.probes()] == [10, 20, 30]
    assert branch.best_epoch == BestEpoch(2, 20, "loss", 0.0)
    assert history.until(15).best_epoch == BestEpoch(1, 10, "loss", 1.0)
    branch.append(started(run=2, step=30))
    branch.append(steps(31, 5, run=2))
    assert branch.steps().step.tolist() == list(range(1, 36))
    assert branch.step_curve("loss")[0].tolist() == list(range(1, 36))
    assert history.last_step == 40


def test_a_branch_of_a_long_run_begins_where_it_was_asked_to_though_that_step_is_not_in_the_record():
    branch = filled(50_000, capacity=1000).until(33_333)
    branch.append(started(run=2, step=33_333))
    assert branch.steps().step[-1] <= 33_333
    branch.append(steps(33_334, 100, run=2))
    assert branch.steps().step[0] == 1
    assert branch.steps().step[-1] == 33_433


def test_the_best_epoch_of_a_branch_is_none_of_those_that_were_judged_otherwise():
    branch = with_moments(10, 20, 30, 40).until(30)
    branch.judge_anew()
    assert branch.best_epoch is None
    branch.append(started(run=2, step=30))
    for step, loss in ((40, 3.0), (50, 2.0)):
        branch.append(steps(step - 9, 10, run=2))
        branch.append(epoch_ended(2, step // 10, step, {"loss": loss}))
    assert branch.best_epoch == BestEpoch(5, 50, "loss", 2.0)
    assert branch.until(40).best_epoch == BestEpoch(4, 40, "loss", 3.0)
    assert branch.until(30).best_epoch is None


@pytest.mark.parametrize("start", [started(run=2, step=30, metrics=("penalty",)), started(run=2, step=30, layers=("other",))])
def test_figures_that_a_branch_does_not_have_begin_with_it_and_the_moments_before_stay(start):
    branch = with_moments(10, 20, 30, 40).until(30)
    branch.append(start)
    assert len(branch.steps()) == len(branch.epochs()) == 0
    assert branch.best_epoch is None
    assert branch.last_step == 30
    assert branch.moments() == (5, 10, 15, 20, 25, 30)


def test_a_branch_that_counts_its_steps_anew_still_has_the_initial_weights():
    history = History()
    history.append(started())
    history.append(state(0))
    history.append(steps(1, 20))
    branch = history.until(0)
    branch.append(started(run=2, step=8))
    branch.append(steps(9, 1, run=2))
    branch.append(state(9))
    assert branch.moments() == (0, 9)
    assert branch.steps().step.tolist() == [9]


def test_of_a_run_that_is_over_the_curves_are_left():
    history = with_moments(10, 20)
    bare = history.bare()
    assert bare.probes() == ()
    assert bare.steps().loss.tolist() == history.steps().loss.tolist()
    assert bare.steps().gradient_norms == {}
    assert bare.epochs().values["loss"].tolist() == history.epochs().values["loss"].tolist()
    assert bare.best_epoch == history.best_epoch
    assert bare.nbytes < 3000, "no room for what does not come any more"
    assert filled(100_000).bare().nbytes < 250_000


def test_a_network_of_very_many_layers_does_not_take_more_memory():
    history = History()
    layers = tuple(f"layer{number}" for number in range(1000))
    history.append(started(layers=layers))
    norms = dict.fromkeys(layers, np.ones(1000))
    for first in range(1, 30_001, 1000):
        part = steps(first, 1000)
        history.append(StepsTaken(1, first, part.epoch, part.loss, part.metrics, part.learning_rate, norms, 0.1))
    assert history.nbytes < Allowance().curves
    assert len(history.steps()) > 1000
