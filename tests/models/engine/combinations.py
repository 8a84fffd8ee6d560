"""Combinations of loss, optimizer, clipping, regularizer and network, and how far the engine is from ``model.fit`` in each."""

from dataclasses import replace
from itertools import product
from math import prod

import numpy as np

from models.data.weighting import class_weights, training_weights
from models.engine.release import released_graphs
from models.engine.session import build
from models.experiment import losses as kinds
from models.experiment.activations import Linear, Relu, Sigmoid, Softmax, Softplus, Tanh
from models.experiment.class_weights import GivenWeights
from models.experiment.fields import kinds_in, new
from models.experiment.layers import LSTM, BatchNormalization, Dense, Embedding, GlobalAveragePooling1D, Masking, SimpleRNN
from models.experiment.optimizers import Adadelta, Optimizer
from models.experiment.regularizers import L1, L1L2, L2
from models.telemetry.control import Control
from tests.models.engine.samples import blind_session, data_for, epochs, experiment, outputs, weights

all_losses = kinds_in(kinds.Loss)
all_optimizers = kinds_in(Optimizer)
clippings = ("none", "clipvalue", "clipnorm", "global_clipnorm")
limits = {"clipvalue": 0.01, "clipnorm": 0.05, "global_clipnorm": 0.1}
regularizers = {"none": None, "L1": L1(l1=0.01), "L2": L2(l2=0.01), "L1L2": L1L2(l1=0.005, l2=0.01)}
structures = ("plain", "BN", "masks", "recurrent", "several outputs", "class weights", "sample weights")
activations = {"linear": Linear(), "sigmoid": Sigmoid(), "softmax": Softmax(), "softplus": Softplus(), "exponential": Softplus()}
columns = ("loss", "optimizer", "clipping", "regularizer", "structure")


def rows():
    """The choices: 21 losses × 9 optimizers, the other columns taking turns at different paces."""
    for (i, loss), (j, optimizer) in product(enumerate(all_losses), enumerate(all_optimizers)):
        clipping = clippings[(i + j + i // 2) % 4]
        regularizer = tuple(regularizers)[(i // 2 + 2 * j + (i + j) // 5) % 4]
        yield loss.kind(), optimizer.kind(), clipping, regularizer, structures[(i + j) % 7]


table = list(rows())
found = {kind.kind(): kind for kind in (*all_losses, *all_optimizers)}


choices = (
    tuple(kind.kind() for kind in all_losses),
    tuple(kind.kind() for kind in all_optimizers),
    clippings,
    tuple(regularizers),
    structures,
)
combinations_in_all = prod(map(len, choices))


def combination(number):
    """One of all rows that there can be; they would take hours."""
    row = []
    for values in choices:
        number, place = divmod(number, len(values))
        row.append(values[place])
    return tuple(row)


def task_of(loss, structure):
    if loss.labels == "real":
        return "regression"
    several = structure == "several outputs" and loss.kind() not in several_need_one_class
    if loss.labels in ("binary", "signed"):
        return "multilabel" if several else "binary"
    return "multiclass"


several_need_one_class = ("Hinge", "SquaredHinge")
samples = 404
"""Fifty batches of eight, and a smaller one."""
positive = ("Poisson", "MeanSquaredLogarithmicError", "MeanAbsolutePercentageError")


def network_of(structure, regularizer):
    first = Dense(name="first", units=6, activation=Tanh(), kernel_regularizer=regularizer, bias_regularizer=regularizer)
    if structure == "BN":
        # A bias before a normalization has no gradient but rounding, which some optimizers turn into whole steps.
        return (
            replace_bias(first),
            BatchNormalization(name="norm", momentum=0.8),
            Dense(name="second", units=5, activation=Relu()),
        )
    if structure == "masks":
        return (
            Embedding(name="embedding", input_dim=9, output_dim=4, mask_zero=True, embeddings_regularizer=regularizer),
            LSTM(name="lstm", units=4),
        )
    if structure == "recurrent":
        return (
            Masking(name="masking", mask_value=9.0),
            SimpleRNN(name="rnn", units=5, kernel_regularizer=regularizer, return_sequences=True),
            GlobalAveragePooling1D(name="pool"),
        )
    return (first, Dense(name="second", units=5, activation=Tanh()))


def replace_bias(layer):
    return Dense(name=layer.name, units=layer.units, use_bias=False, kernel_regularizer=layer.kernel_regularizer)


def case(loss_name, optimizer_name, clipping, regularizer, structure):
    """The experiment and the data of a row."""
    loss, optimizer = new(found[loss_name]), found[optimizer_name]
    task = task_of(loss, structure)
    rate = 1.0 if optimizer is Adadelta else 0.01
    limit = {} if clipping == "none" else {clipping: limits[clipping]}
    weighted = structure == "class weights" and task in ("binary", "multiclass")
    last = activations[loss.activations[0] if loss.activations else "linear"]
    value = experiment(
        network_of(structure, regularizers[regularizer]), task, last, epochs=1, loss=loss,
        optimizer=optimizer(learning_rate=rate, **limit), metrics=(),
        **({"class_weight": GivenWeights(weights=(0.5, 2.0, 1.5)[: outputs[task]])} if weighted else {}),
    )  # fmt: skip
    shape = {"masks": (4,), "recurrent": (5, 2)}.get(structure, (3,))
    prepared = data_for(value, task, samples, held=7, shape=shape)
    random = np.random.default_rng(11)
    if structure == "masks":
        count = len(prepared.x_train) + len(prepared.x_val)
        tokens = random.integers(1, 9, (count, 4)) * (np.arange(4) < random.integers(1, 5, (count, 1)))
        prepared = replace(prepared, x_train=tokens[:samples].astype(np.float32), x_val=tokens[samples:].astype(np.float32))
    if loss_name in positive:
        prepared = replace(prepared, y_train=np.abs(prepared.y_train) + 0.5, y_val=np.abs(prepared.y_val) + 0.5)
    if structure == "sample weights" or (structure == "class weights" and not weighted):
        own = random.uniform(0.2, 2.0, samples + 7).astype(np.float32)
        prepared = replace(prepared, weights_train=own[:samples], weights_val=own[samples:])
    return value, prepared


def fit(value, prepared):
    """What plain Keras makes of the same experiment."""
    model = build(value, prepared)
    model.jit_compile = False
    by_class = class_weights(value.training, prepared)
    by_example = training_weights(value.training, prepared)
    if prepared.target.encoding == "signed":
        by_class = None  # Keras looks a label's weight up by its number, and −1 is none
    elif by_class is not None:
        by_example = None
    held = (prepared.x_val, prepared.y_val, *(() if prepared.weights_val is None else (prepared.weights_val,)))
    with released_graphs():
        history = model.fit(
            prepared.x_train, prepared.y_train, batch_size=8, epochs=value.training.epochs, shuffle=False, verbose=0,
            class_weight=None if by_class is None else dict(enumerate(by_class)), sample_weight=by_example,
            **({"validation_data": held, "validation_batch_size": 8} if len(prepared.x_val) else {}),
        ).history  # fmt: skip
    return model, history


def deviation(ours, theirs):
    """The largest difference of two models' weights, relative to the largest number of the array that it is in."""
    pairs = zip(weights(ours), weights(theirs), strict=True)
    return max(float(np.abs(a - b).max() / max(np.abs(b).max(), 1e-3)) for a, b in pairs)


def compare(row, compilation):
    """How far weights and figures are from those of ``fit`` after 51 steps."""
    return compare_case(*case(*row), compilation)


def compare_case(value, prepared, compilation, make=blind_session):
    """The same for an experiment and its data; where it diverges it must in Keras, and is compared after the steps before."""
    session, events = make(value, prepared, compilation=compilation), []
    ended = session.train(events.append, Control())
    model, history = fit(value, prepared)
    if ended.ending == "diverged" and session.step:
        assert not np.isfinite(history["loss"][0]), ended.sentence
        return deviation(session.model, fit(value, first_batches(prepared, session.step))[0]), 0.0
    assert (ended.ending, session.step, session.stepper.compilation) == ("finished", 51, compilation), ended.sentence
    assert training_weights(value.training, prepared) is None or session.stock.weights is not None
    figures = max(
        float(np.max(np.abs(np.array([told[name] for told in epochs(events)]) - theirs) / np.maximum(np.abs(theirs), 1e-2)))
        for name, theirs in history.items()
    )
    return deviation(session.model, model), figures


def first_batches(prepared, count):
    """The same data with so many batches of training examples alone."""
    own = None if prepared.weights_train is None else prepared.weights_train[: 8 * count]
    return replace(prepared, x_train=prepared.x_train[: 8 * count], y_train=prepared.y_train[: 8 * count], weights_train=own)
