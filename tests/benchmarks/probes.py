"""What a look inside costs: ``python tests/benchmarks/probes.py [--networks a,b,c]``.

Medians in milliseconds: of the look itself, of measuring the step before it (updates), of what that step takes longer than others
(its gradients), and together. Then a run of a few seconds: looks a second, and the share of the time that they took, which the
engine holds to `models.engine.run.probe_share`.
"""

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[2]))

from models.engine import startup

startup.load()

from models.engine.session import Session  # noqa: E402
from models.telemetry.events import Event, Probed  # noqa: E402
from tests.benchmarks.engine_speed import Engine, warm_up  # noqa: E402
from tests.benchmarks.networks import cases, prepared_case  # noqa: E402


def milliseconds(function: Callable[[], object], repeats: int = 60) -> float:
    """Median time of a call."""
    function()
    seconds = []
    for _ in range(repeats):
        began = time.perf_counter()
        function()
        seconds.append(time.perf_counter() - began)
    return 1e3 * median(seconds)


def costs(session: Session) -> tuple[float, float, float]:
    """Of a look, of measuring an update, and of watching a step beyond taking it."""
    prober, stepper = session.prober, session.stepper
    with session.scope():
        plan = session.batches.plan(session.step, 1, 1e-9)
        before = prober.weights()
        steps = stepper.take(plan, watched=True)
        assert steps.gradients is not None
        gradients = steps.gradients
        return (
            milliseconds(lambda: prober.look({})),
            milliseconds(lambda: prober.note_step(before, gradients)),
            milliseconds(lambda: stepper.take(plan, watched=True)) - milliseconds(lambda: stepper.take(plan)),
        )


def looks_per_second(engine: Engine, seconds: float) -> tuple[float, float]:
    """Looks a second of a run, and the share of its time that all instruments took."""
    count, append = [0], engine.history.append

    def counted(event: Event) -> None:
        count[0] += isinstance(event, Probed)
        append(event)

    engine.history.append = counted  # type: ignore[method-assign]
    part = engine.run(seconds)
    return count[0] / part.seconds, part.instrument_share


def main() -> None:
    """Print a table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--networks", default="a,b,c", help=f"names with commas between, or all: {', '.join(cases)}")
    arguments.add_argument("--seconds", type=float, default=5.0)
    given = arguments.parse_args()
    print(f"{'network':42}{'look':>8}{'update':>8}{'gradient':>10}{'all ms':>8}{'a second':>10}{'share':>8}  compiled by")
    for key in list(cases) if given.networks == "all" else given.networks.split(","):
        engine = Engine(*prepared_case(key))
        warm_up(engine, 60.0)
        parts = costs(engine.session)
        rate, share = looks_per_second(engine, given.seconds)
        name = f"{key}: {cases[key].title}"
        look, update, gradient = parts
        print(
            f"{name:42}{look:8.2f}{update:8.2f}{gradient:10.2f}{sum(parts):8.2f}{rate:10.1f}{share:8.1%}  "
            f"{engine.session.stepper.compilation}",
            flush=True,
        )


if __name__ == "__main__":
    main()
