"""Going back in time with nothing stood in for: the real window and the real engine."""

import numpy as np
import pytest

from models.experiment import edits
from models.experiment.activations import Tanh
from models.experiment.layers import Dropout
from tests.gui.scripted import set_at

pytestmark = [pytest.mark.e2e, pytest.mark.engine]

patience = 120_000


def ended(window, qtbot, act) -> None:
    with qtbot.waitSignal(window.runner.ended, timeout=patience) as signal:
        act()
    assert signal.args[0].ending == "finished", signal.args[0].details


@pytest.mark.exhaustive
def test_a_moment_is_seen_again_and_a_branch_from_it_is_the_same_run_once_more(window, qtbot):
    experiment = window.document.experiment
    network = edits.insert(experiment.network, 2, (Dropout(name="drop", rate=0.2),))
    window.document.apply("Insert a Dropout", edits.with_network(experiment, network))
    set_at(window, "training.epochs", 100)
    ended(window, qtbot, window.training.train)
    history = window.training.history
    loss = history.steps().loss
    assert len(loss) == 2500
    moments = [state.step for state in history.states()]
    assert len(moments) > 3

    moment = moments[len(moments) // 2]
    window.training.show_moment(moment)
    qtbot.waitUntil(lambda: not history.awaits_state, timeout=patience)
    assert history.shown_probe.step == moment
    assert history.shown_probe.surface.shape == history.last_probe.surface.shape
    assert not np.array_equal(history.shown_probe.surface, history.last_probe.surface)
    assert [layer.name for layer in history.shown_probe.layers] == [layer.name for layer in history.last_probe.layers]

    ended(window, qtbot, window.going_back.branch)
    branch = window.training.history
    assert branch is not history
    assert branch.steps().loss.tolist() == loss.tolist()  # up to the moment the same record, from there the same run
    assert np.array_equal(branch.last_probe.surface, history.last_probe.surface)
    assert [run.history.last_step for run in window.training.earlier.runs] == [2500]


@pytest.mark.exhaustive
def test_the_best_epoch_is_reached_again_and_held(window, qtbot):
    set_at(window, "training.optimizer.learning_rate", 0.3)  # too large: the last epoch is not the best
    set_at(window, "training.epochs", 60)
    ended(window, qtbot, window.training.train)
    history = window.training.history
    best, loss = history.best_epoch, history.steps().loss
    assert not window.going_back.best_obstacle
    assert best.step < 1500
    window.going_back.to_best()
    qtbot.waitUntil(lambda: window.runner.state == "paused" and window.training.history.last_step == best.step, timeout=patience)
    again = window.training.history
    assert again.steps().loss.tolist() == loss[: best.step].tolist()
    assert again.best_epoch == best
    window.runner.stop()
    qtbot.waitUntil(lambda: not window.runner.running, timeout=patience)


def test_a_moment_from_before_a_branch_is_seen_with_the_network_of_then(window, qtbot):
    set_at(window, "training.epochs", 20)
    ended(window, qtbot, window.training.train)
    first, *_, later, _ = [state.step for state in window.training.history.states()]

    def surface_of(step):
        history = window.training.history
        window.training.show_moment(step)
        qtbot.waitUntil(lambda: not history.awaits_state, timeout=patience)
        return history.shown_probe.surface

    before = surface_of(first)
    window.training.show_moment(later)
    change = edits.changing(window.document.experiment.network[1].name, activation=Tanh())
    window.document.apply("Change the activation", change(window.document.experiment))
    ended(window, qtbot, window.going_back.branch)
    assert np.array_equal(surface_of(first), before)
    assert not np.array_equal(surface_of(window.training.history.last_step), before)
