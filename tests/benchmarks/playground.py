"""How much faster the engine takes steps than TensorFlow Playground's: ``python tests/benchmarks/playground.py nn.ts``.

``nn.ts`` is the source of that engine (github.com/tensorflow/playground, ``src/nn.ts``); Node runs it, as ``npx esbuild``
translates it. Ours has all its instruments on. Both train 2-8-8-1 with tanh everywhere on the 500 points of a spiral, in
batches of 10, by plain gradient descent on the squared error. Slices take turns; of the Playground only its steps are timed,
not what it computes to show them. With JAX at hand (``uv run --with jax``) its ``lax.scan`` over the same steps is shown too:
nothing is measured there, and it is the floor.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np

from models.data import prepare
from models.experiment.activations import Tanh
from models.experiment.data import Spiral
from models.experiment.experiment import Experiment
from models.experiment.layers import Dense
from models.experiment.losses import MeanSquaredError
from models.experiment.optimizers import SGD
from models.experiment.training import Training
from tests.benchmarks.engine_speed import Engine, warm_up

rate, batch = 0.03, 10
experiment = Experiment(
    data=Spiral(samples=500, noise=0.1, test_share=0.0),
    network=tuple(Dense(name=name, units=units, activation=Tanh()) for name, units in (("first", 8), ("second", 8), ("out", 1))),
    training=Training(loss=MeanSquaredError(), optimizer=SGD(learning_rate=rate), batch_size=batch, epochs=10_000_000),
)
script = """
const nn = require(process.argv[2]);
const [points, rate, batch] = JSON.parse(require("fs").readFileSync(process.argv[3]));
const net = nn.buildNetwork([2, 8, 8, 1], nn.Activations.TANH, nn.Activations.TANH, null, ["x", "y"]);
function steps(seconds) {
  const began = process.hrtime.bigint();
  let taken = 0, spent = 0;
  while (spent < seconds) {
    points.forEach(([x, y, label], i) => {
      nn.forwardProp(net, [x, y]);
      nn.backProp(net, label, nn.Errors.SQUARE);
      if ((i + 1) % batch === 0) { nn.updateWeights(net, rate, 0); taken += 1; }
    });
    spent = Number(process.hrtime.bigint() - began) / 1e9;
  }
  return spent / taken;
}
require("readline").createInterface({input: process.stdin}).on("line", line => console.log(steps(Number(line))));
"""


def main() -> None:
    """Print microseconds a step and paired ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path, help="the Playground's src/nn.ts")
    parser.add_argument("--slices", type=int, default=9)
    parser.add_argument("--seconds", type=float, default=1.5)
    given = parser.parse_args()
    prepared = prepare(experiment)
    engine = Engine(experiment, prepared)
    x, y = prepared.x_train, prepared.y_train.reshape(-1)
    others = {"Playground": playground(given.source, x, y)}
    if scan := jax_scan(x, y):
        others["JAX lax.scan"] = scan
    warm_up(engine, 60.0)
    rounds = []
    for number in range(given.slices + 1):
        ours = engine.run(given.seconds).step_seconds
        theirs = [measure(given.seconds) for measure in others.values()]
        if number:  # the first makes everything warm
            rounds.append((ours, *theirs))
    print(f"Wiggle, instruments on: {1e6 * median(ours for ours, *_ in rounds):.1f} µs a step")
    for place, name in enumerate(others, 1):
        ratios = sorted(row[place] / row[0] for row in rounds)
        print(
            f"{name}: {1e6 * median(row[place] for row in rounds):.1f} µs a step; "
            f"÷ ours {median(ratios):.2f} ({ratios[0]:.2f}–{ratios[-1]:.2f})"
        )


def playground(source: Path, x: np.ndarray, y: np.ndarray) -> Callable[[float], float]:
    """Takes steps with the Playground's engine for so many seconds; gives the seconds a step."""
    folder = Path(tempfile.mkdtemp())
    subprocess.run(
        ["npx", "-y", "esbuild", source, "--format=cjs", f"--outfile={folder / 'nn.js'}", "--log-level=error"], check=True
    )
    points = [[float(first), float(second), float(label)] for (first, second), label in zip(x, y, strict=True)]
    (folder / "data.json").write_text(json.dumps([points, rate, batch]))
    (folder / "steps.js").write_text(script)
    node = subprocess.Popen(
        ["node", folder / "steps.js", folder / "nn.js", folder / "data.json"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert node.stdin is not None
    assert node.stdout is not None
    asked, told = node.stdin, node.stdout

    def measure(seconds: float) -> float:
        asked.write(f"{seconds}\n")
        asked.flush()
        return float(told.readline())

    return measure


def jax_scan(x: np.ndarray, y: np.ndarray) -> Callable[[float], float] | None:
    """The same steps, an epoch a call, by JAX; none where it is not installed."""
    try:
        import jax
        import jax.numpy as jnp
    except ImportError:
        return None
    random = np.random.default_rng(0)
    sizes = (2, 8, 8, 1)
    weights = [
        (jnp.asarray(random.normal(0, 0.5, (before, after)), jnp.float32), jnp.zeros(after)) for before, after in pairwise(sizes)
    ]
    inputs, labels = jnp.asarray(x), jnp.asarray(y[:, None], jnp.float32)

    def loss(weights: list, rows: object) -> object:
        values = inputs[rows]
        for kernel, bias in weights:
            values = jnp.tanh(values @ kernel + bias)
        return jnp.mean((values - labels[rows]) ** 2)

    def step(weights: list, rows: object) -> tuple[list, object]:
        value, slopes = jax.value_and_grad(loss)(weights, rows)
        return jax.tree.map(lambda weight, slope: weight - rate * slope, weights, slopes), value

    epoch = jax.jit(lambda weights, order: jax.lax.scan(step, weights, order))
    orders = [jnp.asarray(random.permutation(len(x)).reshape(-1, batch)) for _ in range(20)]
    state = [weights]

    def measure(seconds: float) -> float:
        taken, began = 0, time.perf_counter()
        while time.perf_counter() - began < seconds:
            for order in orders:
                state[0], losses = epoch(state[0], order)
            losses.block_until_ready()
            taken += len(orders) * len(x) // batch
        return (time.perf_counter() - began) / taken

    return measure


if __name__ == "__main__":
    main()
