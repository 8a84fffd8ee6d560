"""Going on with a run that has ended: the same weights and the same curves, as long as the document is what was trained."""

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt

from gui.messages import More
from models.experiment.rules import EarlyStopping
from models.telemetry.events import PhaseChanged
from tests.gui.scripted import set_at, train, worker


def finish(window, ending="finished", step=40, **more) -> None:
    """Train, and let the run end."""
    train(window)
    worker(window).take_steps(1, step)
    worker(window).end(ending, step=step, **more)
    window.runner.deliver()


def test_there_is_nothing_to_go_on_with_before_a_run_and_while_it_goes_on(window):
    assert not window.actions_.go_on.isEnabled()
    assert "no run" in window.toolbar.more_button.toolTip()
    assert "no run" in window.actions_.go_on.statusTip(), "the menu shows it below"
    train(window)
    assert not window.actions_.go_on.isEnabled()


@pytest.mark.parametrize("ending", ["finished", "stopped"])
def test_a_run_that_ended_goes_on_where_it_was(window, ending):
    set_at(window, "training.epochs", 4)
    finish(window, ending)
    curve = window.training.history.steps().loss.tolist()
    window.toolbar.more.setValue(2)
    window.toolbar.more_button.click()
    assert worker(window).more == [More(2, "epoch")]
    assert window.runner.running
    worker(window).continue_from(40, epochs=6)
    worker(window).take_steps(41, 20)
    worker(window).end(step=60)
    window.runner.deliver()
    assert window.training.history.steps().step.tolist() == list(range(1, 61))
    assert window.training.history.steps().loss.tolist()[:40] == curve
    assert window.training.progress.words == "epoch 6 / 6"
    assert window.actions_.go_on.isEnabled()


def test_the_key_goes_on_for_as_much_again(window, qtbot):
    set_at(window, "training.epochs", 7)
    finish(window)
    with qtbot.waitActive(window):
        window.activateWindow()
    qtbot.keyClick(window, Qt.Key.Key_F5, Qt.KeyboardModifier.ShiftModifier)
    assert worker(window).more == [More(7, "epoch")]


def test_a_run_of_steps_goes_on_for_steps(window):
    set_at(window, "training.steps", 30)
    finish(window, step=30)
    assert "30 more steps" in window.actions_.go_on.text()
    window.actions_.go_on.trigger()
    assert worker(window).more == [More(30, "step")]


def test_a_changed_experiment_does_not_go_on_and_says_why(window):
    finish(window)
    set_at(window, "seed", 5)
    assert not window.toolbar.more_button.isEnabled()
    assert "changed" in window.toolbar.more_button.toolTip()
    window.training.go_on(3, "epoch")
    assert worker(window).more == []
    window.document.undo()
    assert window.toolbar.more_button.isEnabled()
    set_at(window, "training.early_stopping", EarlyStopping())
    assert not window.toolbar.more_button.isEnabled()


def test_another_name_or_learning_rate_does_not_keep_it_from_going_on(window):
    finish(window)
    window.document.apply("Rename", replace(window.document.experiment, name="Later"))
    set_at(window, "training.optimizer.learning_rate", 0.002)
    window.actions_.go_on.trigger()
    assert worker(window).control.take_learning_rate() == 0.002


def test_a_learning_rate_that_a_rule_lowered_is_kept(window):
    finish(window)
    window.actions_.go_on.trigger()
    assert worker(window).control.take_learning_rate() is None


def test_one_that_acted_already_is_not_set_again(window):
    train(window)
    window.toolbar._rate.value_changed.emit(0.5)
    assert worker(window).control.take_learning_rate() == 0.5
    worker(window).take_steps(1, 40)
    worker(window).end()
    window.runner.deliver()
    window.actions_.go_on.trigger()
    assert worker(window).control.take_learning_rate() is None


@pytest.mark.parametrize("ending", ["failed", "diverged"])
def test_a_run_that_went_wrong_does_not_go_on(window, ending):
    finish(window, ending)
    assert not window.actions_.go_on.isEnabled()
    assert ending in window.toolbar.more_button.toolTip()


def test_a_run_that_was_stopped_before_it_started_does_not_go_on(window):
    window.toolbar.train_button.click()
    worker(window).end("stopped", "Stopped before the first step.", step=0)
    window.runner.deliver()
    assert not window.actions_.go_on.isEnabled()


def test_a_run_that_was_forgotten_does_not_go_on(window):
    finish(window)
    window.actions_.reset.trigger()
    assert not window.actions_.go_on.isEnabled()


def test_the_plots_stay_and_what_was_said_of_the_end_goes(window):
    finish(window, sentence="val_loss did not improve.", step=20)
    assert window.problems.list.rows[0].problem.sentence == "val_loss did not improve."
    window.actions_.go_on.trigger()
    assert not window.problems.list.rows[0].isVisible()
    assert window.status.message.text() == ""
    assert len(window.training.history.steps()) == 20
    window.runner.tick()
    assert not window.plots.plot("loss").is_empty


def test_a_run_that_goes_on_can_be_held_and_stopped(window):
    finish(window)
    window.actions_.go_on.trigger()
    worker(window).continue_from(40, epochs=8)
    worker(window).emit(PhaseChanged(worker(window).run, "paused"))
    window.runner.deliver()
    assert window.toolbar.train_button.text().endswith("Resume")
    window.actions_.stop.trigger()
    assert worker(window).control.stopped
