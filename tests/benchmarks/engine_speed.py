"""How much faster the instrumented engine takes steps than bare ``model.fit``: ``python tests/benchmarks/engine_speed.py``.

Slices of both take turns in one process, so that what else the machine does falls on both; ratios are paired, medians shown.
The engine reports every step's loss and metrics, probes with histograms and norms, states to go back to, and a history keeps
it all. What of its time goes into these instruments is measured in the same slices, and of this into copies of the state and
into the history, alone.
``--networks all`` adds a spread of fourteen kinds of network.
``--streamed`` lets no example stay on the device: ``--streamed --networks "a,b,c,much data"``.
"""

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import TypeVar

sys.path.insert(0, str(Path(__file__).parents[2]))

from models.engine import startup

startup.load()

from models.data.prepared import Prepared  # noqa: E402
from models.engine import run  # noqa: E402
from models.engine.batches import Plan  # noqa: E402
from models.engine.checkpoint import Arrays  # noqa: E402
from models.engine.racing import Compilation  # noqa: E402
from models.engine.session import Session, build  # noqa: E402
from models.engine.steps import Steps  # noqa: E402
from models.experiment.estimate import resident_bytes  # noqa: E402
from models.experiment.experiment import Experiment  # noqa: E402
from models.telemetry.allowance import Allowance  # noqa: E402
from models.telemetry.control import Control  # noqa: E402
from models.telemetry.events import Event, Probed, StepsTaken  # noqa: E402
from models.telemetry.history import History  # noqa: E402
from tests.benchmarks.networks import cases, prepared_case  # noqa: E402

Found = TypeVar("Found")


@dataclass
class Slice:
    """What the engine did for a while."""

    seconds: float = 0.0
    steps: int = 0
    instruments: float = 0.0
    """Seconds that went into looks inside, norms of updates, copies of the state, and the history."""
    states: float = 0.0
    """Seconds of these that went into copies of the state."""
    history: float = 0.0
    """Seconds of these that went into the history, which in the window is another thread's work."""
    singles: list[float] = field(default_factory=list)
    """Seconds of each call with a single step, which is taken alone for the sake of a look inside."""

    @property
    def step_seconds(self) -> float:
        """Seconds a step, everything included."""
        return self.seconds / self.steps

    @property
    def instrument_share(self) -> float:
        """Part of the time that the instruments took; of single steps what they take longer than others."""
        longer = sum(max(0.0, single - self.step_seconds) for single in self.singles)
        return (self.instruments + longer) / self.seconds


class Engine:
    """A session whose instruments are timed."""

    def __init__(
        self, experiment: Experiment, prepared: Prepared, compilation: Compilation = "race", resident_bytes: int = resident_bytes
    ) -> None:
        self.session = Session(experiment, prepared, "cpu", compilation=compilation, resident_bytes=resident_bytes)
        self.history = History()
        self._slice = Slice()
        prober, stepper = self.session.prober, self.session.stepper
        for name in ("look", "weights", "note_step"):
            setattr(prober, name, self._timed(getattr(prober, name)))
        self._copy = run.snapshot
        self._take = stepper.take
        stepper.take = self._taken  # type: ignore[method-assign]

    def run(self, seconds: float) -> Slice:
        """Train for so long, counted from the first step."""
        control, self._slice = Control(), Slice()
        append = self._timed(self.history.append)
        began = [0.0]

        def emit(event: Event) -> None:
            before = self._slice.instruments
            assert not (isinstance(event, Probed) and event.unseen), event.unseen
            append(event)
            self._slice.history += self._slice.instruments - before
            if isinstance(event, StepsTaken):
                self._slice.steps += len(event.loss)
                began[0] = began[0] or time.perf_counter() - event.seconds
                self._slice.seconds = time.perf_counter() - began[0]
                if self._slice.seconds > seconds:
                    control.stop()

        run.snapshot = self._copied
        try:
            self.session.train(emit, control, largest_state=Allowance().largest_state)
        finally:
            run.snapshot = self._copy
        return self._slice

    def _copied(self, session: Session) -> Arrays:
        before = self._slice.instruments
        found = self._timed(self._copy)(session)
        self._slice.states += self._slice.instruments - before
        return found

    def _timed(self, function: Callable[..., Found]) -> Callable[..., Found]:
        def timed(*arguments: object, **options: object) -> Found:
            began = time.perf_counter()
            try:
                return function(*arguments, **options)
            finally:
                self._slice.instruments += time.perf_counter() - began

        return timed

    def _taken(self, plan: Plan, *, watched: bool = False) -> Steps:
        began = time.perf_counter()
        steps = self._take(plan, watched=watched)
        if len(plan) == 1 < self.session.pace.steps:
            self._slice.singles.append(time.perf_counter() - began)
        return steps


def fit_slice(model: object, prepared: Prepared, batch: int, seconds: float) -> float:
    """Seconds a step of ``model.fit``, whole epochs."""
    steps, began = 0, time.perf_counter()
    while time.perf_counter() - began < seconds:
        model.fit(prepared.x_train, prepared.y_train, batch_size=batch, epochs=1, verbose=0)  # type: ignore[attr-defined]
        steps += -(-len(prepared.x_train) // batch)
    return (time.perf_counter() - began) / steps


def warm_up(engine: Engine, seconds: float) -> None:
    """Train until it is decided how steps are compiled, or it is clear that this would take too long."""
    began = time.perf_counter()
    while engine.session.stepper.compilation == "race" and time.perf_counter() - began < seconds:
        engine.run(1.0)
    engine.run(0.5)


def main() -> None:
    """Print a table of microseconds a step and ratios."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--slices", type=int, default=9)
    arguments.add_argument("--seconds", type=float, default=1.5)
    arguments.add_argument("--networks", default="a,b,c", help=f"names with commas between, or all: {', '.join(cases)}")
    arguments.add_argument("--compilation", choices=("race", "graph", "xla"), default="race")
    arguments.add_argument("--streamed", action="store_true", help="examples stream to the device while it trains")
    given = arguments.parse_args()
    keys = list(cases) if given.networks == "all" else given.networks.split(",")
    titles = f"{'fit µs':>10}{'engine µs':>11}{'fit ÷ engine':>14}{'range':>16}{'instruments':>13}{'states':>8}{'history':>9}"
    print(f"{'network':42}{titles}  compiled by")
    for key in keys:
        experiment, prepared = prepared_case(key)
        engine = Engine(experiment, prepared, given.compilation, 0 if given.streamed else resident_bytes)
        model, batch = build(experiment, prepared), experiment.training.batch_size
        warm_up(engine, 60.0)
        fit_slice(model, prepared, batch, 0.5)
        pairs = [(fit_slice(model, prepared, batch, given.seconds), engine.run(given.seconds)) for _ in range(given.slices)]
        fit = median(seconds for seconds, _ in pairs)
        step = median(part.step_seconds for _, part in pairs)
        ratios = sorted(seconds / part.step_seconds for seconds, part in pairs)
        share = median(part.instrument_share for _, part in pairs)
        states = median(part.states / part.seconds for _, part in pairs)
        history = median(part.history / part.seconds for _, part in pairs)
        name = f"{key}: {cases[key].title}"
        shares = f"{share:12.1%}{states:8.1%}{history:9.1%}"
        print(
            f"{name:42}{fit * 1e6:10,.0f}{step * 1e6:11,.1f}{median(ratios):14.2f}"
            f"{f'{ratios[0]:.2f}–{ratios[-1]:.2f}':>16}{shares}   {engine.session.stepper.compilation}",
            flush=True,
        )


if __name__ == "__main__":
    main()
