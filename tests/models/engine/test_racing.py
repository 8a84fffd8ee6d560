"""XLA takes the steps that the plain graph takes, and takes over at a step that does not depend on the clock."""

from collections import OrderedDict

import numpy as np
import pytest

from models.engine import background, racing, xla
from models.engine.session import Session
from models.experiment import losses as kinds
from models.experiment import optimizers
from models.experiment.activations import Relu
from models.experiment.layers import AlphaDropout, BatchNormalization, Dense, Dropout, GaussianNoise, Maxout
from models.experiment.optimizers import SGD
from models.experiment.regularizers import L1, L2, MaxNorm
from models.telemetry.control import Control
from models.telemetry.events import Ended, StepsTaken
from tests.models.engine.samples import blind_train, data_for, epochs, experiment, hidden, losses, weights
from tests.sampling import sampled

pytestmark = pytest.mark.engine

normalized = (
    Dense(name="first", units=6, use_bias=False),  # a bias before a normalization has no gradient but rounding
    BatchNormalization(name="norm", momentum=0.8),
    Dropout(name="drop", rate=0.4),
)
regularized = (
    Dense(name="first", units=6, kernel_regularizer=L2(l2=0.05), bias_regularizer=L1(l1=0.01)),
    Dense(name="second", units=5, activation=Relu(), activity_regularizer=L2(l2=0.02), kernel_constraint=MaxNorm(max_value=0.5)),
)
noisy = (
    GaussianNoise(name="noise", stddev=0.2), Maxout(name="maxout", units=4, pieces=3), AlphaDropout(name="drop", rate=0.2)
)  # fmt: skip
cases = {
    "plain": (None, "binary", {"metrics": ("accuracy", "precision", "auc")}),
    "normalization and dropout": (normalized, "binary", {"optimizer": SGD(learning_rate=0.1, momentum=0.9)}),
    "regularizers": (regularized, "regression", {
        "loss": kinds.Huber(), "optimizer": optimizers.Adam(learning_rate=0.05, clipnorm=0.02), "metrics": ("r2_score",),
    }),
    "noise": (noisy, "multilabel", {"optimizer": optimizers.RMSprop(learning_rate=0.01, global_clipnorm=0.1)}),
}  # fmt: skip


@pytest.mark.parametrize("case", sampled(cases, "normalization and dropout"))
def test_xla_takes_the_steps_of_the_graph(case):
    network, task, training = cases[case]
    value = experiment(network, task, epochs=17, shuffle=True, **training)
    prepared = data_for(value, task, held=7)
    (graph, told), (xla, told_by_xla) = (blind_train(value, prepared, compilation=way) for way in ("graph", "xla"))

    assert (graph.stepper.compilation, xla.stepper.compilation) == ("graph", "xla")
    assert xla.step == 51
    np.testing.assert_allclose(losses(told_by_xla), losses(told), rtol=1e-5, atol=1e-6)
    for ours, theirs in zip(weights(xla.model), weights(graph.model), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-5 * np.abs(theirs).max())
    for variable, other in zip(xla.state.variables, graph.state.variables, strict=True):
        if variable.dtype.is_integer:  # seeds and counters
            assert (variable.numpy() == other.numpy()).all()
    ours, theirs = epochs(told_by_xla), epochs(told)
    assert [*ours[0]] == [*theirs[0]]
    for name in theirs[0]:
        np.testing.assert_allclose(
            [figures[name] for figures in ours], [figures[name] for figures in theirs], rtol=2e-5, atol=1e-6, err_msg=name
        )


@pytest.mark.exhaustive
def test_xlas_figures_do_not_depend_on_how_steps_are_grouped():
    value = experiment(normalized, epochs=8, shuffle=True, metrics=("accuracy", "precision"))
    prepared = data_for(value, held=7)
    (one, told), (free, told_freely) = (blind_train(value, prepared, count, compilation="xla") for count in (2, None))
    assert losses(told).tolist() == losses(told_freely).tolist()
    assert epochs(told) == epochs(told_freely)
    for ours, theirs in zip(weights(one.model), weights(free.model), strict=True):
        assert (ours == theirs).all()


@pytest.mark.exhaustive
def test_a_step_that_xla_cannot_take_is_explained_and_not_taken():
    value = experiment(task="regression", loss=kinds.MeanSquaredError(), optimizer=SGD(learning_rate=1e4), epochs=50)
    prepared = data_for(value, "regression")
    graph, xla = (blind_train(value, prepared, compilation=way) for way in ("graph", "xla"))
    assert (xla[1][-1].ending, xla[1][-1].sentence) == ("diverged", graph[1][-1].sentence)
    assert xla[0].step == graph[0].step == len(losses(xla[1]))
    for ours, theirs in zip(weights(xla[0].model), weights(graph[0].model), strict=True):
        assert np.isfinite(ours).all()
        np.testing.assert_allclose(ours, theirs, rtol=1e-4)


@pytest.fixture
def early_race(monkeypatch):
    """A race at step 8, which XLA wins or loses as the test says."""
    monkeypatch.setattr(racing, "steps_before_race", 4)
    monkeypatch.setattr(racing, "head_start", 0.0)

    def run(margin, held=0, **options):
        monkeypatch.setattr(racing, "margin", margin)
        monkeypatch.setattr(racing, "hopeless", margin)
        monkeypatch.setattr(racing, "noticed", 0.0)
        monkeypatch.setattr(racing, "too_long", 0.0)
        value = experiment(normalized, epochs=12, shuffle=True)
        return blind_train(value, data_for(value, held=held), **options)

    return run


def test_the_faster_one_goes_on_from_the_step_of_the_race(early_race):
    won, told = early_race(np.inf)
    again, told_again = early_race(np.inf, steps_per_call=3)
    graph, told_by_graph = early_race(0.0)
    lost_before, told_before = early_race(0.0, compilation="graph")

    assert (won.stepper.compilation, graph.stepper.compilation) == ("xla", "graph")
    assert losses(told)[:8].tolist() == losses(told_by_graph)[:8].tolist()
    assert losses(told).tolist() == losses(told_again).tolist(), "the same figures every time"
    assert losses(told_by_graph).tolist() == losses(told_before).tolist(), "a lost race leaves no trace"
    assert all((a == b).all() for a, b in zip(weights(graph.model), weights(lost_before.model), strict=True))
    np.testing.assert_allclose(losses(told), losses(told_by_graph), rtol=1e-4)
    assert won.step == again.step == graph.step == 36
    numbers = np.concatenate([event.first_step + np.arange(len(event.loss)) for event in told if isinstance(event, StepsTaken)])
    assert numbers.tolist() == list(range(1, 37))


def test_a_race_at_a_step_that_is_taken_alone_looks_at_more_than_one(early_race, monkeypatch):
    """A single step says how long a call takes, not how long a step takes."""
    lengths, original = [], racing.Stepper._seconds

    def seconds(loop, plan):
        lengths.append(len(plan))
        return original(loop, plan)

    monkeypatch.setattr(racing.Stepper, "_seconds", staticmethod(seconds))
    monkeypatch.setattr(racing, "trial_seconds", 1.0)  # longer than one step takes, however busy the machine is
    trained, _ = early_race(np.inf, steps_per_call=1)
    assert trained.step == 36
    assert max(lengths) > 1


def test_a_run_that_ends_before_the_race_compiles_nothing(monkeypatch):
    monkeypatch.setattr(racing.Candidate, "start", lambda self: pytest.fail("compiled for nothing"))
    trained, events = blind_train(experiment(epochs=3))
    assert isinstance(events[-1], Ended)
    assert trained.stepper.compilation == "race"


def test_a_network_that_xla_cannot_compile_stays_with_the_graph(early_race, monkeypatch):
    def fail(self):
        raise RuntimeError("no such kernel")

    monkeypatch.setattr("models.engine.xla.Program.compile", fail)
    monkeypatch.setattr("models.engine.programs._kept", OrderedDict())
    trained, events = early_race(np.inf)
    assert (events[-1].ending, trained.stepper.compilation) == ("finished", "graph")


def test_what_xla_could_not_compile_is_not_taken_for_compiled_the_next_time(monkeypatch):
    value = experiment()
    session = Session(value, data_for(value), "cpu", compilation="graph")
    program, arrays = session._program(), session.stock.resident.tensors

    def fail(self, *tensors):
        raise RuntimeError("no such kernel")

    monkeypatch.setattr(xla.Compiled, "__call__", fail)
    for _ in range(2):
        with pytest.raises(RuntimeError, match="no such kernel"):
            program.compile(arrays, [])


def test_a_stop_is_heard_while_the_race_waits(early_race, monkeypatch):
    control = Control()

    def wait(self, seconds):
        control.stop()
        return False

    monkeypatch.setattr(racing.Candidate, "wait", wait)
    trained, events = early_race(np.inf, control=control)
    assert (events[-1].ending, trained.step) == ("stopped", 8)


def test_the_same_network_is_compiled_once(monkeypatch):
    background.wait(60)  # for what tests before compile
    monkeypatch.setattr("models.engine.programs._kept", OrderedDict())
    compiled = []
    original = xla.Program.compile
    monkeypatch.setattr(xla.Program, "compile", lambda self, *arrays: (compiled.append(self), original(self, *arrays)))
    value = experiment(epochs=3, shuffle=True)
    other = experiment(epochs=5, seed=7, shuffle=True)
    wider = experiment((Dense(name="first", units=7),), epochs=3)
    first, told = blind_train(value, data_for(value), compilation="xla")
    blind_train(other, data_for(other), compilation="xla")
    again, told_again = blind_train(value, data_for(value), compilation="xla")
    blind_train(wider, data_for(wider), compilation="xla")

    assert len(compiled) == 4
    assert compiled[0] is compiled[1] is compiled[2] is not compiled[3]
    assert losses(told).tolist() == losses(told_again).tolist(), "nothing of the training in between is left"
    assert all((a == b).all() for a, b in zip(weights(first.model), weights(again.model), strict=True))


@pytest.mark.parametrize("compilation", sampled(("graph", "xla"), "graph"))
def test_the_penalty_is_told_apart(compilation):
    value = experiment(regularized, "regression", loss=kinds.MeanSquaredError(), epochs=2)
    trained, events = blind_train(value, data_for(value, "regression", held=7), compilation=compilation)
    first = next(event for event in events if isinstance(event, StepsTaken))
    fresh = Session(value, data_for(value, "regression", held=7), "cpu", compilation="graph").model
    x = trained.prepared.x_train[:8]
    outputs = fresh(x, training=True)
    assert trained.metrics == ("mean_absolute_error", "penalty")
    np.testing.assert_allclose(first.metrics["penalty"][0], float(sum(fresh.losses)), rtol=1e-6)
    data = np.mean((outputs.numpy() - trained.prepared.y_train[:8].reshape(outputs.shape)) ** 2)
    np.testing.assert_allclose(first.loss[0] - first.metrics["penalty"][0], data, rtol=1e-5)
    assert "penalty" in epochs(events)[0]
    assert hidden()


@pytest.mark.parametrize("compilation", sampled(("race", "xla"), "race"))
def test_a_restarted_run_is_the_first_one_again(compilation):
    value = experiment(normalized, epochs=12, shuffle=True, metrics=("accuracy", "precision"), optimizer=optimizers.Adam())
    trained, told = blind_train(value, data_for(value, held=7), compilation=compilation)
    first = [variable.numpy().copy() for variable in trained.state.variables]
    trained.extend(epochs=1)
    trained.learning_rate = 0.5
    trained.train(lambda event: None, Control())

    trained.restart()
    assert trained.step == 0
    told_again: list = []
    trained.train(told_again.append, Control())
    assert losses(told_again).tolist() == losses(told).tolist()
    assert epochs(told_again) == epochs(told)
    for ours, theirs in zip(first, trained.state.variables, strict=True):
        assert (ours == theirs.numpy()).all()


def test_a_run_that_was_extended_before_its_first_step_is_restarted_as_it_was_declared():
    trained, _ = blind_train(experiment(epochs=2), control=stopped())
    declared = trained.total_steps, trained.learning_rate
    trained.extend(epochs=5)
    trained.learning_rate = 0.7
    trained.train(lambda event: None, stopped())
    trained.restart()
    assert (trained.step, trained.total_steps, trained.learning_rate) == (0, *declared)


def stopped():
    control = Control()
    control.stop()
    return control
