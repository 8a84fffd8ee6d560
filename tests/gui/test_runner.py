"""The runner: one ending a run, in order; late answers dropped; one delivery a frame."""

import pytest

from gui.messages import EngineFailed, More
from gui.runner import Runner
from models.experiment.starter import default_experiment
from models.telemetry.events import Ended
from models.telemetry.wanted import Wanted
from tests.gui.scripted import ScriptedWorker, engine


@pytest.fixture
def runner(qtbot):
    runner = Runner(ScriptedWorker)
    yield runner
    runner.close(0.1)
    runner.deleteLater()


def worker_of(runner) -> ScriptedWorker:
    return runner._worker


def test_a_run_goes_through_its_states_and_ends_once(runner, qtbot):
    states, endings = [], []
    runner.state_changed.connect(states.append)
    runner.ended.connect(endings.append)
    worker_of(runner).notify(engine)
    runner.deliver()
    runner.train(default_experiment())
    worker_of(runner).begin()
    runner.deliver()
    worker_of(runner).take_steps(1, 5)
    runner.deliver()
    worker_of(runner).end()
    runner.deliver()
    runner.deliver()
    assert states == ["preparing", "training", "idle"]
    assert [ended.ending for ended in endings] == ["finished"]


def test_train_before_tensorflow_is_there_waits(runner):
    runner.train(default_experiment())
    assert runner.state == "waiting"


def test_events_of_an_old_run_are_dropped(runner):
    arrived = []
    runner.events_arrived.connect(arrived.extend)
    runner.train(default_experiment())
    old = worker_of(runner).run
    worker_of(runner).take_steps(1, 3)
    runner.train(default_experiment())
    worker_of(runner).take_steps(4, 3, run=old)
    worker_of(runner).emit(Ended(old, "stopped", "", 6, 1))
    runner.deliver()
    assert arrived == []
    assert runner.running


def test_a_new_run_stops_the_one_before(runner):
    runner.train(default_experiment())
    first = worker_of(runner).control
    runner.train(default_experiment())
    assert first.stopped
    assert not worker_of(runner).control.stopped


def test_discard_ends_the_run_at_once(runner):
    runner.train(default_experiment())
    worker_of(runner).begin()
    runner.discard()
    worker_of(runner).end()
    endings = []
    runner.ended.connect(endings.append)
    runner.deliver()
    assert runner.state == "idle"
    assert endings == []


def test_what_arrived_is_delivered_together(runner):
    deliveries = []
    runner.events_arrived.connect(deliveries.append)
    runner.train(default_experiment())
    worker_of(runner).begin()
    for first in range(1, 100, 10):
        worker_of(runner).take_steps(first, 10)
    runner.deliver()
    assert len(deliveries) == 1
    runner.deliver()
    assert len(deliveries) == 1


def test_beats_deliver_and_draw_by_turns_however_much_arrives(runner):
    turns = []
    runner.events_arrived.connect(lambda events: turns.append("news"))
    runner.ticked.connect(lambda: turns.append("draw"))
    runner.train(default_experiment())
    worker_of(runner).begin()
    for first in range(1, 60, 10):
        worker_of(runner).take_steps(first, 10)
        runner.tick()
    for _ in range(3):
        runner.tick()
    assert turns == ["news", "draw", "news", "draw", "news", "draw", "news", "draw", "draw"]


def test_step_starts_a_run_that_holds(runner):
    runner.train(default_experiment(), unit="step")
    control = worker_of(runner).control
    assert control.paused
    assert control.wait()
    assert control.take_unit() == "step"


def test_control_wishes_reach_the_run(runner):
    runner.train(default_experiment())
    control = worker_of(runner).control
    runner.set_learning_rate(0.5)
    assert control.take_learning_rate() == 0.5
    assert control.take_learning_rate() is None
    runner.pause()
    assert control.paused
    runner.resume()
    assert not control.paused
    runner.stop()
    assert control.stopped
    assert control.wait()
    assert control.take_unit() is None


def test_engine_failure_is_told(runner):
    failures = []
    runner.engine_failed.connect(failures.append)
    worker_of(runner).notify(EngineFailed("no", "trace"))
    runner.deliver()
    assert failures[0].sentence == "no"
    assert runner.engine is None


def test_a_run_that_goes_on_is_a_run_with_a_number_of_its_own(runner):
    runner.train(default_experiment())
    first = worker_of(runner).run
    worker_of(runner).begin()
    worker_of(runner).end()
    runner.deliver()
    runner.go_on(More(3, "epoch"))
    assert runner.running
    assert worker_of(runner).run == first + 1
    assert not worker_of(runner).control.stopped


def test_what_panels_want_reaches_this_run_and_the_next_and_is_looked_at_at_once(runner):
    wanted = Wanted(predictions=True)
    runner.train(default_experiment())
    runner.want(wanted)
    runner.want(wanted)
    assert worker_of(runner).control.wanted == wanted
    assert worker_of(runner).wishes == [wanted]
    runner.train(default_experiment())
    assert worker_of(runner).control.wanted == wanted


def test_looks_at_an_old_run_are_dropped(runner):
    looked = []
    runner.looked.connect(looked.append)
    runner.train(default_experiment())
    worker_of(runner).see(5, None)
    runner.deliver()
    runner.train(default_experiment())
    worker_of(runner).see(9, None, run=worker_of(runner).run - 1)
    runner.deliver()
    assert [notice.step for notice in looked] == [5]
