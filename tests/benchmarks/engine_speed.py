"""How much faster the instrumented engine takes steps than bare ``model.fit``: ``python tests/benchmarks/engine_speed.py``.

Slices of both take turns in one process, so that what else the machine does falls on both; ratios are paired, medians shown.
"""

import argparse
import sys
import time
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[2]))

from models.engine import startup

startup.load()

import numpy as np  # noqa: E402

from models.data.prepared import Prepared  # noqa: E402
from models.engine.session import Session, build  # noqa: E402
from models.experiment.activations import Linear, Relu, Sigmoid, Softmax, Tanh  # noqa: E402
from models.experiment.data import Facts, Spiral  # noqa: E402
from models.experiment.encoding import target_for  # noqa: E402
from models.experiment.experiment import Experiment  # noqa: E402
from models.experiment.layers import Conv2D, Dense, Flatten, MaxPooling2D  # noqa: E402
from models.experiment.losses import BinaryCrossentropy, SparseCategoricalCrossentropy  # noqa: E402
from models.experiment.optimizers import Adam  # noqa: E402
from models.experiment.training import Training  # noqa: E402
from models.telemetry.control import Control  # noqa: E402
from models.telemetry.events import StepsTaken  # noqa: E402

spiral = (
    Dense(name="first", units=8, activation=Tanh()),
    Dense(name="second", units=8, activation=Tanh()),
    Dense(name="output", units=1, activation=Sigmoid()),
)
digits = (
    Dense(name="first", units=128, activation=Relu()),
    Dense(name="second", units=64, activation=Relu()),
    Dense(name="output", units=10, activation=Softmax()),
)
images = (
    Conv2D(name="conv_1", filters=32, kernel_size=(3, 3), activation=Relu()),
    Conv2D(name="conv_2", filters=32, kernel_size=(3, 3), activation=Relu()),
    MaxPooling2D(name="pool_1", pool_size=(2, 2)),
    Conv2D(name="conv_3", filters=64, kernel_size=(3, 3), activation=Relu()),
    MaxPooling2D(name="pool_2", pool_size=(2, 2)),
    Flatten(name="flatten"),
    Dense(name="dense", units=128, activation=Relu()),
    Dense(name="output", units=10, activation=Softmax()),
)
networks = {
    "a": ("2-8-8-1 tanh, batch 10", spiral, (2,), 2, 500, 10),
    "b": ("64-128-64-10 relu, batch 32", digits, (64,), 10, 1437, 32),
    "c": ("CNN 32×32×3, batch 64", images, (32, 32, 3), 10, 640, 64),
}


def case(key: str) -> tuple[str, Experiment, Prepared]:
    """Title, experiment and random data of one of the networks."""
    title, network, shape, classes, samples, batch = networks[key]
    loss = BinaryCrossentropy() if classes == 2 else SparseCategoricalCrossentropy()
    training = Training(loss=loss, optimizer=Adam(), batch_size=batch, epochs=1_000_000)
    experiment = Experiment(data=Spiral(), network=network, training=training)
    facts = Facts(shape, "binary" if classes == 2 else "multiclass", classes, samples, 0)
    target = target_for(facts, loss, (Linear() if classes > 2 else Sigmoid()).kind(), 1 if classes == 2 else classes)
    assert target is not None
    random = np.random.default_rng(0)
    x = random.normal(size=(samples, *shape)).astype(np.float32)
    y = random.integers(0, classes, (samples, *target.shape)).astype(np.int32 if target.encoding == "index" else np.float32)
    return title, experiment, Prepared(facts, target, x, y, x[:0], y[:0])


def engine_slice(session: Session, seconds: float) -> float:
    """Seconds a step of the engine, probes and reports included."""
    control, taken = Control(), []
    began = time.perf_counter()

    def emit(event: object) -> None:
        if isinstance(event, StepsTaken):
            taken.append(len(event.loss))
        if taken and time.perf_counter() - began > seconds:
            control.stop()

    session.train(emit, control)
    return (time.perf_counter() - began) / sum(taken)


def fit_slice(model: object, prepared: Prepared, batch: int, seconds: float) -> float:
    """Seconds a step of ``model.fit``, whole epochs."""
    steps, began = 0, time.perf_counter()
    while time.perf_counter() - began < seconds:
        model.fit(prepared.x_train, prepared.y_train, batch_size=batch, epochs=1, verbose=0)
        steps += -(-len(prepared.x_train) // batch)
    return (time.perf_counter() - began) / steps


def main() -> None:
    """Print a table of microseconds a step and ratios."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--slices", type=int, default=5)
    arguments.add_argument("--seconds", type=float, default=2.0)
    arguments.add_argument("--networks", default="abc")
    given = arguments.parse_args()
    print(f"{'network':32}{'fit µs':>12}{'engine µs':>12}{'fit ÷ engine':>14}")
    for key in given.networks:
        title, experiment, prepared = case(key)
        session, model = Session(experiment, prepared, "cpu"), build(experiment, prepared)
        batch = experiment.training.batch_size
        engine_slice(session, 0.5)
        fit_slice(model, prepared, batch, 0.5)
        pairs = [
            (fit_slice(model, prepared, batch, given.seconds), engine_slice(session, given.seconds)) for _ in range(given.slices)
        ]
        fit, engine, ratio = median(f for f, _ in pairs), median(e for _, e in pairs), median(f / e for f, e in pairs)
        print(f"{key} {title:30}{fit * 1e6:12,.0f}{engine * 1e6:12,.0f}{ratio:14.1f}", flush=True)


if __name__ == "__main__":
    main()
