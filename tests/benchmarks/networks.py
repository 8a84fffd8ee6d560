"""The networks that speed is measured on, with random data."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from models.data.prepared import Prepared
from models.experiment.activations import Linear, Relu, Sigmoid, Softmax, Tanh
from models.experiment.data import Facts, Spiral
from models.experiment.encoding import target_for
from models.experiment.experiment import Experiment, Network
from models.experiment.layers import (
    GRU,
    LSTM,
    AnyLayer,
    BatchNormalization,
    Conv1D,
    Conv2D,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    GlobalMaxPooling1D,
    Maxout,
    MaxPooling2D,
)
from models.experiment.losses import BinaryCrossentropy, SparseCategoricalCrossentropy
from models.experiment.optimizers import Adam, Optimizer
from models.experiment.training import Training


@dataclass(frozen=True)
class Case:
    """A network and the form of its data."""

    title: str
    layers: Network
    shape: tuple[int, ...]
    samples: int
    batch_size: int
    classes: int = 10
    tokens: int = 0
    """Where inputs are whole numbers: how many different ones."""


def dense(name: str, units: int, activation: Relu | Tanh | Linear | None = None) -> Dense:
    """A dense layer, relu unless told otherwise."""
    return Dense(name=name, units=units, activation=activation or Relu())


def each(count: int, make: Callable[[int], tuple[AnyLayer, ...]]) -> Network:
    """The layers that `make` gives for 0, 1, …"""
    return tuple(layer for number in range(count) for layer in make(number))


ten = Dense(name="output", units=10, activation=Softmax())
one = Dense(name="output", units=1, activation=Sigmoid())
hidden = (dense("first", 64), dense("second", 32))

cases = {
    "a": Case("2-8-8-1 tanh, batch 10", (dense("first", 8, Tanh()), dense("second", 8, Tanh()), one), (2,), 500, 10, 2),
    "b": Case("64-128-64-10 relu, batch 32", (dense("first", 128), dense("second", 64), ten), (64,), 1437, 32),
    "c": Case(
        "CNN 32×32×3, batch 64",
        (
            Conv2D(name="conv_1", filters=32, kernel_size=(3, 3), activation=Relu()),
            Conv2D(name="conv_2", filters=32, kernel_size=(3, 3), activation=Relu()),
            MaxPooling2D(name="pool_1", pool_size=(2, 2)),
            Conv2D(name="conv_3", filters=64, kernel_size=(3, 3), activation=Relu()),
            MaxPooling2D(name="pool_2", pool_size=(2, 2)),
            Flatten(name="flatten"),
            dense("dense", 128),
            ten,
        ),
        (32, 32, 3),
        640,
        64,
    ),
    "deep narrow": Case("10 layers of 32", (*each(10, lambda i: (dense(f"dense_{i}", 32),)), ten), (64,), 1437, 32),
    "wide": Case("784-512-512-10, batch 128", (dense("first", 512), dense("second", 512), ten), (784,), 2048, 128),
    "BN": Case(
        "64-32 with batch normalization",
        (hidden[0], BatchNormalization(name="norm_1"), hidden[1], BatchNormalization(name="norm_2"), ten),
        (64,),
        1437,
        32,
    ),
    "dropout": Case(
        "64-32 with dropout",
        (hidden[0], Dropout(name="drop_1", rate=0.3), hidden[1], Dropout(name="drop_2", rate=0.3), ten),
        (64,),
        1437,
        32,
    ),
    "BN+dropout": Case(
        "64-32 with both",
        (
            hidden[0],
            BatchNormalization(name="norm_1"),
            Dropout(name="drop_1", rate=0.3),
            hidden[1],
            BatchNormalization(name="norm_2"),
            Dropout(name="drop_2", rate=0.3),
            ten,
        ),
        (64,),
        1437,
        32,
    ),
    "neither": Case("64-32, to compare with", (*hidden, ten), (64,), 1437, 32),
    "LSTM": Case("LSTM 32 over 20 × 8", (LSTM(name="lstm", units=32), ten), (20, 8), 1024, 32),
    "GRU": Case("GRU 32 over 20 × 8", (GRU(name="gru", units=32), ten), (20, 8), 1024, 32),
    "conv1d": Case(
        "conv1d 16-16 over 64 × 4",
        (
            Conv1D(name="conv_1", filters=16, kernel_size=5, activation=Relu()),
            Conv1D(name="conv_2", filters=16, kernel_size=5, activation=Relu()),
            GlobalMaxPooling1D(name="pool"),
            ten,
        ),
        (64, 4),
        1024,
        32,
    ),
    "28×28 CNN": Case(
        "conv 16-32, 28×28×1",
        (
            Conv2D(name="conv_1", filters=16, kernel_size=(3, 3), activation=Relu()),
            MaxPooling2D(name="pool_1", pool_size=(2, 2)),
            Conv2D(name="conv_2", filters=32, kernel_size=(3, 3), activation=Relu()),
            MaxPooling2D(name="pool_2", pool_size=(2, 2)),
            Flatten(name="flatten"),
            ten,
        ),
        (28, 28, 1),
        1024,
        32,
    ),
    "maxout": Case(
        "maxout 32-32 of 3 pieces",
        (Maxout(name="first", units=32, pieces=3), Maxout(name="second", units=32, pieces=3), ten),
        (64,),
        1437,
        32,
    ),
    "embedding": Case(
        "embedding 1000 → 16, 20 tokens",
        (Embedding(name="embedding", input_dim=1000, output_dim=16), Flatten(name="flatten"), dense("dense", 32), ten),
        (20,),
        1024,
        32,
        tokens=1000,
    ),
    "50 layers": Case("50 layers of 16", (*each(50, lambda i: (dense(f"dense_{i}", 16),)), ten), (16,), 1024, 32),
    "batch 1": Case("64-64-32-10, batch 1", (*hidden, ten), (64,), 1437, 1),
    "batch 1024": Case("64-64-32-10, batch 1024", (*hidden, ten), (64,), 8192, 1024),
    "much data": Case("200-128-64-10, 200,000 examples", (dense("first", 128), dense("second", 64), ten), (200,), 200_000, 256),
}


def prepared_case(key: str, optimizer: Optimizer | None = None) -> tuple[Experiment, Prepared]:
    """The experiment of one of the networks, which never ends, and its data."""
    case = cases[key]
    loss = BinaryCrossentropy() if case.classes == 2 else SparseCategoricalCrossentropy()
    training = Training(loss=loss, optimizer=optimizer or Adam(), batch_size=case.batch_size, epochs=10_000_000)
    experiment = Experiment(data=Spiral(), network=case.layers, training=training)
    facts = Facts(case.shape, "binary" if case.classes == 2 else "multiclass", case.classes, case.samples, 0)
    last = case.layers[-1]
    assert isinstance(last, Dense)
    target = target_for(facts, loss, last.activation.kind(), last.units)
    assert target is not None
    random = np.random.default_rng(0)
    x = random.normal(size=(case.samples, *case.shape)).astype(np.float32)
    if case.tokens:
        x = random.integers(0, case.tokens, x.shape).astype(np.float32)
    y = random.integers(0, case.classes, (case.samples, *target.shape))
    y = y.astype(np.int32 if target.encoding == "index" else np.float32)
    return experiment, Prepared(facts, target, x, y, x[:0], y[:0])
