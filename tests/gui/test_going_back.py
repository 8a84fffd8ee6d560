"""Runs that begin at a moment of the present one: from a kept state, with the settings that are now set, or as it was."""

import pytest

from models.experiment import edits
from models.experiment.activations import Tanh
from models.experiment.losses import MeanSquaredError
from models.experiment.rules import EarlyStopping
from tests.gui.scripted import set_at, train, worker


def set_in_first_layer(window, **values) -> None:
    experiment = window.document.experiment
    window.document.apply("Change a layer", edits.changing(experiment.network[0].name, **values)(experiment))


def remove_all(window) -> None:
    window.document.apply("Remove all", edits.with_network(window.document.experiment, ()))


@pytest.fixture
def trained(window):
    """A window in which a run of 100 steps, 4 epochs, has ended, the third epoch being the best."""
    set_at(window, "training.epochs", 400)
    window.toolbar.train_button.click()
    run = worker(window)
    run.begin(epochs=4, steps_per_epoch=25)
    run.probe(0, kept=True)
    for epoch, loss in enumerate((0.8, 0.6, 0.4, 0.5), start=1):
        run.take_steps(25 * epoch - 24, 25, steps_per_epoch=25)
        run.end_epoch(epoch, 25 * epoch, val_loss=loss)
        if epoch != 3:
            run.probe(25 * epoch, kept=True)
    run.end(step=100)
    window.runner.deliver()
    window._show_moment()
    return window


def begin(window, step, steps_per_epoch=25) -> None:
    """The run that was asked for starts after `step` steps."""
    worker(window).continue_from(step, epochs=400, steps_per_epoch=steps_per_epoch)
    worker(window).probe(step, kept=True)
    window.runner.deliver()
    window._show_moment()


def test_a_branch_starts_from_the_moment_that_is_shown_with_the_settings_that_are_set(trained):
    window = trained
    before = window.document.experiment
    window.training.show_moment(60)
    set_in_first_layer(window, activation=Tanh())
    window.time_bar.branch_button.click()
    experiment, _, control, _ = worker(window).jobs[-1]
    origin = worker(window).origins[-1]
    assert experiment == window.document.experiment
    assert not control.paused
    assert int(origin.state["step"]) == 50
    assert origin.experiment == before
    assert origin.total_steps is None
    begin(window, 50)
    assert window.training.history.steps().step.tolist() == list(range(1, 51)), "what both runs have in common"
    assert [state.step for state in window.training.history.states()] == [0, 25, 50]
    assert window.training.history.moment is None
    worker(window).take_steps(51, 5)
    window.runner.deliver()
    assert window.training.history.last_step == 55


def test_from_the_live_end_a_branch_starts_at_the_newest_kept_state(trained):
    trained.actions_.branch.trigger()
    assert int(worker(trained).origins[-1].state["step"]) == 100


def test_the_best_epoch_is_reached_again_from_the_moment_before_it_with_the_settings_of_then(trained):
    window = trained
    before = window.document.experiment
    set_at(window, "training.batch_size", 64)
    window.actions_.back_to_best.trigger()
    experiment, _, control, _ = worker(window).jobs[-1]
    origin = worker(window).origins[-1]
    assert experiment == before
    assert (control.paused, control.until) == (True, 75)
    assert int(origin.state["step"]) == 50
    assert origin.total_steps == 100


def test_the_start_is_gone_back_to_with_the_settings_that_are_set_and_held(trained):
    window = trained
    set_in_first_layer(window, activation=Tanh())
    window.actions_.back_to_start.trigger()
    experiment, _, control, _ = worker(window).jobs[-1]
    assert experiment == window.document.experiment
    assert (control.paused, control.until) == (True, 0)
    assert int(worker(window).origins[-1].state["step"]) == 0


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda window: set_in_first_layer(window, units=3), "was changed: the weights of then do not fit it."),
        (remove_all, "The experiment has an error: "),
        (lambda window: set_at(window, "training.epochs", 4), "The run is set to end at epoch 4: raise the number of epochs"),
        (lambda window: set_at(window, "training.steps", 100), "The run is set to end at step 100: raise the number of steps"),
    ],
)
def test_what_cannot_be_branched_is_not_offered_and_says_why(trained, change, sentence):
    window = trained
    assert window.actions_.branch.isEnabled()
    change(window)
    assert not window.actions_.branch.isEnabled()
    assert sentence in window.time_bar.branch_button.toolTip()
    count = len(worker(window).jobs)
    window.going_back.branch()
    assert len(worker(window).jobs) == count


def test_where_a_branch_begins_is_said_where_the_weights_of_the_moment_that_is_shown_are_not_kept(window):
    train(window)
    worker(window).probe(0, kept=True)
    worker(window).take_steps(1, 10)
    window.runner.deliver()
    window._show_moment()
    assert window.time_bar.branch_button.toolTip().startswith("Start a new run from step 0, the last whose weights are kept,")
    worker(window).probe(10, kept=True)
    window.runner.deliver()
    window._show_moment()
    assert window.time_bar.branch_button.toolTip().startswith("Start a new run from this moment,")


def test_what_becomes_of_rules_in_a_branch_is_said_where_it_is_begun(trained):
    window = trained
    anew = "epochs without improvement are counted anew"

    def tip():
        return window.time_bar.branch_button.toolTip()

    set_at(window, "seed", 5)
    assert anew not in tip(), "there is no rule that counts"
    set_at(window, "training.early_stopping", EarlyStopping())
    assert anew in tip()
    set_at(window, "training.keep_best", "loss")
    assert "best epoch" not in tip(), "there was none to be kept in mind"
    window.actions_.branch.trigger()
    begin(window, 100)
    assert anew not in tip(), "nothing was changed since"
    set_at(window, "training.optimizer.learning_rate", 0.002)
    assert anew in tip()
    assert "best epoch" not in tip(), "its figure says the same"
    set_at(window, "training.batch_size", 64)
    assert "The best epoch is looked for anew" in tip()


def test_of_another_network_the_best_epoch_can_still_be_gone_back_to(trained):
    set_in_first_layer(trained, units=3)
    assert trained.actions_.back_to_best.isEnabled()
    assert not trained.actions_.back_to_start.isEnabled()


def test_a_learning_rate_chosen_by_hand_just_before_the_best_epoch_is_in_the_way(window):
    train(window)
    run = worker(window)
    run.probe(0, kept=True)
    run.take_steps(1, 5)
    window.runner.deliver()
    window.training.set_learning_rate(0.5)
    run.take_steps(6, 5)
    run.end_epoch(1, 10)
    window.runner.deliver()
    window._show_moment()
    assert not window.actions_.back_to_best.isEnabled()
    assert "changed by hand" in window.actions_.back_to_best.toolTip()


def test_a_moment_from_before_a_branch_knows_the_settings_of_its_own_time(trained):
    window = trained
    first = window.document.experiment
    window.training.show_moment(50)
    set_in_first_layer(window, activation=Tanh())
    window.actions_.branch.trigger()
    begin(window, 50)
    window.training.show_moment(25)
    assert worker(window).revisits[-1][1] == first, "with its weights the network of now would be one that never was"
    set_at(window, "seed", 99)
    window.actions_.branch.trigger()
    assert worker(window).origins[-1].experiment == first
    begin(window, 25)
    stretches = [(each.begins, each.experiment) for each in window.training._stretches]
    assert stretches == [(0, first), (25, window.document.experiment)]
    window.actions_.reset.trigger()
    assert [run.origin for run in window.training.earlier.runs] == [None, (1, 50), (2, 25)], "which run each branched off from"


def test_with_epochs_of_another_length_steps_are_counted_anew(trained):
    window = trained
    window.training.show_moment(60)
    set_at(window, "training.batch_size", 64)  # 4 steps an epoch
    window.actions_.branch.trigger()
    assert worker(window).origins[-1].experiment.training.batch_size == 10
    begin(window, 8, steps_per_epoch=4)
    history = window.training.history
    assert history.moments() == (0, 8), "of the run before only the initial weights are those of this one"
    assert len(history.steps()) == 0
    assert window.actions_.branch.isEnabled()
    window.actions_.branch.trigger()
    assert worker(window).origins[-1].experiment == window.document.experiment


@pytest.mark.parametrize(("path", "value"), [("training.batch_size", 64), ("training.loss", MeanSquaredError())])
def test_the_initial_weights_are_those_of_a_branch_with_other_settings_too(trained, path, value):
    window = trained
    first = window.document.experiment
    window.training.show_moment(60)
    set_at(window, path, value)
    window.actions_.branch.trigger()
    begin(window, *((8, 4) if path == "training.batch_size" else (50, 25)))
    assert window.actions_.back_to_start.toolTip().startswith("Begin again")
    window.actions_.back_to_start.trigger()
    origin = worker(window).origins[-1]
    assert int(origin.state["step"]) == 0
    assert origin.experiment == first


def test_what_another_loss_or_other_examples_say_is_no_best_epoch_of_a_branch(trained):
    window = trained
    window.training.show_moment(75)
    set_at(window, "seed", 5)
    window.actions_.branch.trigger()
    begin(window, 50)
    assert window.training.history.best_epoch is None
    assert len(window.training.history.epochs()) == 2, "its curves are about the same"
    worker(window).take_steps(51, 25, steps_per_epoch=25)
    worker(window).end_epoch(3, 75, val_loss=3.0)
    window.runner.deliver()
    assert window.training.history.best_epoch.step == 75
    set_at(window, "training.loss", MeanSquaredError())
    window.actions_.branch.trigger()
    begin(window, 50)
    assert window.training.history.best_epoch is None
    assert len(window.training.history.epochs()) == 0
    assert window.training.history.moments() == (0, 25, 50), "which can still be gone back to"


def test_a_run_of_a_network_too_large_says_so(window):
    train(window)
    worker(window).probe(0)
    worker(window).take_steps(1, 10)
    window.runner.deliver()
    window._show_moment()
    assert not window.actions_.branch.isEnabled()
    assert "more than the memory for the history allows" in window.actions_.branch.toolTip()


def test_a_run_that_goes_on_ends_when_another_branches_off(window):
    set_at(window, "training.epochs", 400)
    train(window)
    worker(window).probe(0, kept=True)
    worker(window).take_steps(1, 10)
    window.runner.deliver()
    control = worker(window).control
    window.going_back.branch()
    assert control.stopped
    assert len(worker(window).jobs) == 2
    assert [run.name for run in window.training.earlier.runs] == ["Run 1"]
