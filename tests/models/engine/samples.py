"""Small experiments and data for the engine's tests."""

from functools import cache, partial

import numpy as np

from models.data.prepared import Prepared, View
from models.engine.probe import Prober
from models.engine.session import Session, build
from models.experiment.activations import Linear, Sigmoid, Softmax, Tanh
from models.experiment.data import Facts, Spiral
from models.experiment.encoding import target_for
from models.experiment.experiment import Experiment
from models.experiment.layers import Dense
from models.experiment.losses import BinaryCrossentropy
from models.experiment.optimizers import SGD
from models.experiment.training import Training
from models.telemetry.control import Control
from models.telemetry.events import EpochsEnded, StepsTaken

names = {"binary": ("no", "yes"), "multiclass": ("a", "b", "c"), "multilabel": ("a", "b", "c"), "regression": ()}
outputs = {"binary": 2, "multiclass": 3, "multilabel": 3, "regression": 1}
last_activation = {"binary": Sigmoid(), "multiclass": Softmax(), "multilabel": Sigmoid(), "regression": Linear()}


def dense(units, activation, name, **options):
    return Dense(name=name, units=units, activation=activation, **options)


def hidden():
    return (dense(6, Tanh(), "first"), dense(5, Tanh(), "second"))


def experiment(network=None, task="binary", last=None, seed=3, **training):
    """Two hidden layers and an output that fits the task, unless given."""
    units = 1 if task == "binary" else outputs[task]
    last = last_activation[task] if last is None else last
    training = {"loss": BinaryCrossentropy(), "optimizer": SGD(learning_rate=0.1), "batch_size": 8, "shuffle": False} | training
    return Experiment(
        data=Spiral(),
        seed=seed,
        network=(*(hidden() if network is None else network), dense(units, last, "output")),
        training=Training(**training),
    )


def data_for(value, task="binary", samples=20, held=0, shape=(3,), view=False):
    """Random examples, encoded for the loss of the experiment `value`; 20 examples in batches of 8 leave a last batch of 4."""
    random = np.random.default_rng(5)
    facts = Facts(shape, task, outputs[task], samples, held, (), names[task])
    last = value.network[-1]
    target = target_for(facts, value.training.loss, last.activation.kind(), last.units)
    x = random.normal(size=(samples + held, *shape)).astype(np.float32)
    y = labels(target.encoding, outputs[task], x.reshape(len(x), -1))
    plane = View("plane", ("x", "y"), (x[:2, 0], x[:3, 0]), x[:6], x, x, y, y) if view else None
    return Prepared(facts, target, x[:samples], y[:samples], x[samples:], y[samples:], plane)


def labels(encoding, count, x):
    score = x[:, :1] * x[:, 1:2]
    if encoding == "real":
        return score.astype(np.float32)
    if encoding in ("zero_one", "signed"):
        yes = (score > 0).astype(np.float32)
        return yes if encoding == "zero_one" else 2 * yes - 1
    if encoding in ("multi_hot", "signed_multi_hot"):
        several = (x[:, :count] > 0).astype(np.float32)
        return several if encoding == "multi_hot" else 2 * several - 1
    number = np.digitize(x[:, 0], [-0.5, 0.5]).astype(np.int32)
    if encoding == "index":
        return number
    one = np.eye(count, dtype=np.float32)[number]
    return one if encoding == "one_hot" else 2 * one - 1


def session(value, prepared=None, steps_per_call=None, compilation="race", **data):
    return Session(value, prepared or data_for(value, **data), "cpu", steps_per_call=steps_per_call, compilation=compilation)


def train(value, prepared=None, steps_per_call=None, control=None, compilation="race", make=session, **data):
    """A trained session and everything it reported."""
    trained, events = make(value, prepared, steps_per_call, compilation, **data), []
    trained.train(events.append, control or Control())
    return trained, events


def blind(made):
    """The session `made`, to which no layer is shown: no figure depends on looks, and to trace them is half of a short run."""
    made.prober = Prober((), made.model, made.stock.between(0, 1).x)
    return made


def blind_session(*arguments, **options):
    """For tests that ask for nothing of what is inside the layers."""
    return blind(session(*arguments, **options))


blind_train = partial(train, make=blind_session)
_compiled = cache(blind_session)


def compiled_session(value, steps_per_call=None, compilation="race"):
    """A blind session at its first step, which an earlier test of the same experiment may have compiled; not to be broken."""
    made = _compiled(value, compilation=compilation)
    made._steps_per_call = steps_per_call
    made.restart()
    return made


compiled_train = partial(train, make=lambda value, prepared, *options: compiled_session(value, *options))


def fit(value, prepared):
    """What plain Keras makes of the same experiment: the trained model and its history."""
    model = build(value, prepared)
    model.jit_compile = False
    history = model.fit(
        prepared.x_train, prepared.y_train, batch_size=8, epochs=value.training.epochs, shuffle=False, verbose=0,
        validation_data=(prepared.x_val, prepared.y_val), validation_batch_size=8,
    ).history  # fmt: skip
    return model, history


def losses(events):
    return np.concatenate([event.loss for event in events if isinstance(event, StepsTaken)] or [[]])


def epochs(events):
    """The figures of each epoch."""
    ended = (event for event in events if isinstance(event, EpochsEnded))
    return [{name: float(values[i]) for name, values in event.values.items()} for event in ended for i in range(len(event.epoch))]


def weights(model):
    return [weight.numpy().copy() for weight in model.weights]
