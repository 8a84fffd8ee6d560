"""The worker: what is made ready, trained, looked at and searched in its thread, and that whatever fails is told."""

import contextlib
import threading

import pytest
from msgspec.structs import replace

from gui.built import Built
from gui.messages import EngineFailed, Looked, More, Origin, RateFound, Revisited
from gui.worker import Worker
from models.engine.giving_up import go_on
from models.experiment.data import Table
from models.experiment.starter import default_experiment
from models.telemetry.control import Control
from models.telemetry.events import Ended, Probed, StateKept
from models.telemetry.wanted import Looks, Unseen, Wanted


def test_worker_ends_runs_that_cannot_be_prepared(monkeypatch):
    """The real thread, without TensorFlow: a run stopped while it waited ends as stopped, and the thread ends."""
    events, notices = [], []
    arrived = threading.Event()

    def emit(event):
        events.append(event)
        arrived.set()

    monkeypatch.setattr(Worker, "_import_engine", lambda self: notices.append("imported"))
    worker = Worker(emit, notices.append)
    control = Control()
    control.stop()
    worker.train(default_experiment(), "cpu", control, 1)
    worker.start()
    assert arrived.wait(10)
    assert worker.finish(10)
    assert notices == ["imported"]
    assert [type(event) for event in events] == [Ended]
    assert events[0].ending == "stopped"


def test_worker_without_tensorflow_says_so(monkeypatch):
    import builtins

    original = builtins.__import__

    def no_engine(name, *arguments, **keywords):
        if name == "models.engine" or name.startswith("models.engine."):
            raise ImportError("No module named 'tensorflow'")
        return original(name, *arguments, **keywords)

    events, notices = [], []
    worker = Worker(events.append, notices.append)
    monkeypatch.setattr(builtins, "__import__", no_engine)
    worker._import_engine()
    worker._train(default_experiment(), "cpu", Control(), 1)
    assert isinstance(notices[0], EngineFailed)
    assert "tensorflow" in notices[0].sentence
    assert [event.ending for event in events] == ["failed"]


class FakeSession:
    """Ends as it is told to, and notes what it was asked for."""

    def __init__(self, ending):
        self.ending = ending
        self.trained = []
        self.restarts = 0

    def train(self, emit, control, run=0, between_calls=None, largest_state=0):
        self.trained.append((run, control.stopped))
        return Ended(run, "stopped" if control.stopped else self.ending, "", 0, 0)

    def restart(self):
        self.restarts += 1


@pytest.fixture
def built(monkeypatch):
    """The sessions that the worker builds, in order; data are not loaded."""
    sessions = []
    monkeypatch.setattr("gui.worker._prepared", lambda experiment: "data")
    monkeypatch.setattr(
        "models.engine.session.Session", lambda *arguments: sessions.append(FakeSession("finished")) or sessions[-1]
    )
    return sessions


def idle_worker():
    worker = Worker(lambda event: None, lambda notice: None)
    while not worker._jobs.empty():
        worker._jobs.get()
    return worker


def test_what_was_made_ready_is_trained_without_being_built_again(built):
    worker = idle_worker()
    worker._make_ready(default_experiment(), "cpu")
    worker._train(default_experiment(), "cpu", Control(), 1)
    assert len(built) == 1
    assert built[0].trained == [(0, True), (1, False)]


def test_the_same_training_once_more_takes_the_same_network_back_to_its_beginning(built):
    worker = idle_worker()
    for run in (1, 2):
        worker._train(default_experiment(), "cpu", Control(), run)
        worker._make_ready(default_experiment(), "cpu")  # there is nothing to do
    assert [run for run, _ in built[0].trained] == [1, 2]
    assert built[0].restarts == 2
    assert len(built) == 1


def test_a_network_whose_run_failed_serves_no_other(built):
    worker = idle_worker()
    worker._make_ready(default_experiment(), "cpu")
    built[0].ending = "failed"
    for run in (1, 2):
        worker._train(default_experiment(), "cpu", Control(), run)
    assert len(built) == 2


def test_another_experiment_or_device_is_built_anew(built):
    for experiment, device in ((replace(default_experiment(), seed=9), "cpu"), (default_experiment(), "gpu:0")):
        worker = idle_worker()
        worker._make_ready(default_experiment(), "cpu")
        worker._train(experiment, device, Control(), 1)
        assert [len(session.trained) for session in built] == [1, 1]
        built.clear()


def test_nothing_is_made_ready_while_somebody_waits(built):
    worker = idle_worker()
    worker._jobs.put(None)
    worker._make_ready(default_experiment(), "cpu")
    assert built == []


other = replace(default_experiment(), seed=9)


@pytest.mark.parametrize(
    ("meanwhile", "is_built"),
    [
        (lambda worker: worker.keep_ahead(default_experiment()), True),
        (lambda worker: worker.train(default_experiment(), "cpu", Control(), 1), True),
        (lambda worker: worker.keep_ahead(other), False),
        (lambda worker: worker.make_ready(other, "cpu"), False),
        (lambda worker: worker.train(other, "cpu", Control(), 1), False),
        (lambda worker: worker.train(default_experiment(), "gpu:0", Control(), 1), False),
    ],
)
def test_what_is_made_ready_is_given_up_once_something_else_is_wanted(built, monkeypatch, meanwhile, is_built):
    worker = idle_worker()
    monkeypatch.setattr("gui.worker._prepared", lambda experiment: (go_on(), meanwhile(worker), go_on()))
    worker.make_ready(default_experiment(), "cpu")
    worker._jobs.get()()
    assert (bool(built), worker._ready is not None) == (is_built, is_built)


def test_what_took_long_to_make_ready_is_left_till_somebody_asks(built, monkeypatch):
    monkeypatch.setattr("gui.worker.longest_ahead", 0.0)
    worker = idle_worker()
    for seed in (1, 2, 3):
        worker._make_ready(replace(default_experiment(), seed=seed), "cpu")
    assert len(built) == 1
    worker._train(default_experiment(), "cpu", Control(), 1)
    worker._make_ready(replace(default_experiment(), seed=4), "cpu")
    assert len(built) == 3


def test_a_file_that_changed_is_read_again(built, tmp_path):
    file = tmp_path / "x.csv"
    file.write_text("x,y\n1,2\n", encoding="utf-8")
    experiment = replace(default_experiment(), data=Table(path=str(file), target="y"))
    worker = idle_worker()
    worker._make_ready(experiment, "cpu")
    worker._train(experiment, "cpu", Control(), 1)
    assert len(built) == 1
    file.write_text("x,y\n1,2\n3,4\n", encoding="utf-8")
    worker._train(experiment, "cpu", Control(), 2)
    assert len(built) == 2


def test_a_large_file_is_read_when_somebody_asks_for_it(built, tmp_path, monkeypatch):
    monkeypatch.setattr("gui.worker.most_read_ahead", 3)
    file = tmp_path / "x.csv"
    file.write_text("x,y\n1,2\n", encoding="utf-8")
    idle_worker()._make_ready(replace(default_experiment(), data=Table(path=str(file), target="y")), "cpu")
    assert built == []


def test_worker_without_a_network_says_that_nothing_can_go_on():
    events = []
    worker = Worker(events.append, events.append)
    worker._go_on(More(1, "epoch"), Control(), 4)
    assert [(event.run, event.ending) for event in events] == [(4, "failed")]


@pytest.mark.parametrize(("more", "wanted"), [(More(3, "epoch"), {"epochs": 3}), (More(70, "step"), {"steps": 70})])
def test_worker_trains_the_same_session_further(more, wanted):
    class Kept:
        def extend(self, **how_far):
            calls.append(how_far)

        def train(self, emit, control, run, between_calls, largest_state):
            calls.append(run)

    calls = []
    worker = Worker(calls.append, calls.append)
    worker._last = Built(default_experiment(), "cpu", None, Kept(), None)
    worker._go_on(more, Control(), 5)
    assert calls == [wanted, 5]


def test_a_search_that_fails_is_told_in_a_sentence(monkeypatch):
    notices = []
    worker = Worker(notices.append, notices.append)
    worker._importable = False
    worker._find_rate(default_experiment(), "cpu", Control(), (1e-7, 10.0, 5), 1)
    worker._importable = True
    stopped = Control()
    stopped.stop()
    worker._find_rate(default_experiment(), "cpu", stopped, (1e-7, 10.0, 5), 2)
    monkeypatch.setattr("models.data.prepare", lambda experiment: 1 / 0)
    worker._find_rate(default_experiment(), "cpu", Control(), (1e-7, 10.0, 5), 3)
    assert [(type(notice), notice.search, notice.sweep) for notice in notices] == [(RateFound, n, None) for n in (1, 2, 3)]
    assert "TensorFlow" in notices[0].sentence
    assert notices[1].sentence == "Stopped before the first step."
    assert "division by zero" in notices[2].sentence
    assert "Traceback" in notices[2].details


def test_worker_looks_at_the_last_network_between_steps_or_after_the_end():
    class Seen:
        step = 40

        def scope(self):
            return contextlib.nullcontext()

        def look(self, wanted):
            if wanted.example:
                raise MemoryError
            return wanted

    notices = []
    worker = idle_worker()
    worker._notify = notices.append
    worker.look(Wanted(), 3)
    worker._do_asides()
    assert notices == []
    session = Seen()
    session.looker = session
    worker._last = Built(default_experiment(), "cpu", None, session, None)
    worker.look(Wanted(predictions=True), 3)
    worker.look(Wanted(frozenset({"dense"}), example=1), 3)
    worker._do_asides()
    why = "This cannot be shown: there is no memory left for that. Close other panels, or use a smaller network."
    assert notices == [
        Looked(3, 40, Wanted(predictions=True)),
        Looked(3, 40, Looks(Wanted(frozenset({"dense"}), example=1), {"dense": Unseen(why)})),
    ]
    worker._last_failed = True
    worker.look(Wanted(predictions=True), 3)
    worker._do_asides()
    assert len(notices) == 2, "the end of the run says enough"


def test_worker_gets_looks_ready_until_it_is_asked_for_anything():
    class Slow:
        asked = 0

        def scope(self):
            return contextlib.nullcontext()

        def get_ready(self):
            self.asked += 1
            if self.asked == 3:
                worker._jobs.put("wanted")
            if self.asked > 4:
                raise MemoryError
            return self.asked < 4

    worker, session = idle_worker(), Slow()
    while not worker._jobs.empty():
        worker._jobs.get()
    session.looker = session
    worker._last = Built(default_experiment(), "cpu", None, session, None)
    assert worker._next_job() == "wanted"
    assert session.asked == 3
    worker._jobs.put("more")
    assert worker._next_job() == "more"
    assert session.asked == 3
    assert [worker._get_look_ready(), worker._get_look_ready()] == [False, False], "nothing is left, then it fails"
    assert session.asked == 5
    worker._last_failed = True
    assert not worker._get_look_ready()
    assert session.asked == 5


def unseen(step, sentence, wanted):
    """A look back that failed."""
    return Probed(1, step, (), None, Looks.none_of(wanted, Unseen(sentence)), sentence, sentence)


def test_worker_looks_back_to_the_moment_that_was_asked_for_last():
    class Kept:
        def look_back(self, moment, wanted, norms):
            if "broken" in moment.state:
                raise ValueError("Another network")
            return Probed(1, moment.step, (norms,), looks=wanted)

    def ask(step, state, wanted):
        worker.revisit(StateKept(1, step, state), default_experiment(), wanted, {"dense": 0.5}, 3)

    notices = []
    worker = Worker(notices.append, notices.append)
    ask(10, {}, Wanted(predictions=True))
    worker._do_asides()
    why = "Step 10 cannot be shown: its network is not in memory any more. Press Train for a new run."
    assert notices == [Revisited(3, unseen(10, why, Wanted(predictions=True)))]
    worker._last = Built(default_experiment(), "cpu", None, Kept(), None)
    ask(20, {}, Wanted())
    ask(30, {}, Wanted(predictions=True))
    worker._do_asides()
    ask(40, {"broken": 1}, Wanted(weights=frozenset({"dense"})))
    worker._do_asides()
    assert notices[1:] == [
        Revisited(3, Probed(1, 30, ({"dense": 0.5},), looks=Wanted(predictions=True))),
        Revisited(
            3,
            unseen(
                40,
                "Step 40 cannot be shown: Another network. Training is not touched by that. Try another layer or step.",
                Wanted(weights=frozenset({"dense"})),
            ),
        ),
    ]


def test_worker_begins_where_an_earlier_run_was(built, monkeypatch):
    begun = []
    monkeypatch.setattr("models.engine.checkpoint.begin_from", lambda session, *state: begun.append((session, *state)))
    experiment, worker = default_experiment(), idle_worker()
    worker._train(experiment, "cpu", Control(), 4, Origin(experiment, {"step": 7}, "xla", total_steps=99))
    (session,) = built
    assert begun == [(session, {"step": 7}, experiment, "xla")]
    assert session.total_steps == 99
    assert session.trained == [(4, False)]
