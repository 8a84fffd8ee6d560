"""Two ways to take the same steps, raced on real ones: the plain graph, ready at once, and XLA, often many times faster.

The race is run at a step that the experiment alone decides, and not when XLA happens to be ready: the two differ in the last
digits, and the same experiment is to give the same figures every time.
"""

import math
import threading
import time
from collections import deque
from collections.abc import Callable
from statistics import median
from typing import Literal

from models.engine import background
from models.engine.batches import Batches, Plan
from models.engine.steps import Loop, State, Step, Steps
from models.engine.xla import XlaLoop

Compilation = Literal["race", "graph", "xla"]
"""How steps are compiled: raced, or one of the two from the first step on."""

steps_before_race = 4096
"""Times the number of different steps in XLA's program: about as long as it takes to compile."""
margin = 0.8
"""XLA must take less than this share of the graph's time: a race that could end either way would make figures differ."""
hopeless = 3.0
"""XLA has lost at once if its first step takes this many times as long, and is long enough to be noticed."""
noticed = 0.05
"""Seconds."""
too_long = 1.0
"""Seconds for a first call, which does more than take a step."""
trial_seconds = 0.02
"""How long the graph would take for the steps of a trial."""
head_start = 0.2
"""Seconds of training before XLA begins: what is written in Python to compile would hold up the first steps and the window."""
trial_steps = 256
"""Steps of the call that the race begins with, at most."""
trials = 3
"""The best one counts: what else the machine does only ever makes it slower."""

_compiling = threading.Lock()


def race_step(batches: Batches, validates: bool) -> int:
    """The step at which the two are raced; a run that ends before it is the graph's."""
    return steps_before_race * (1 + validates) * (2 if batches.remainder else 1)


class Candidate:
    """XLA's loop, compiled in a thread of its own. One at a time in the process: they would only slow each other down."""

    def __init__(self, make: Callable[[], XlaLoop]) -> None:
        self._make = make
        self._loop: XlaLoop | None = None
        self._impossible = False
        self._wanted = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to compile, unless that was done."""
        self._wanted = True
        if self._loop is None and not self._impossible and not self._goes_on:
            self._thread = background.start(self._compile, "compiling")

    def wait(self, seconds: float | None) -> bool:
        """Whether it is done, after at most so many seconds."""
        self.start()
        if self._thread is not None:
            self._thread.join(seconds)
        return self._loop is not None or self._impossible

    def give_up(self) -> None:
        """Do not begin to compile any more."""
        self._wanted = False

    @property
    def loop(self) -> XlaLoop | None:
        """The compiled loop; none before it is done, or where XLA cannot compile this network."""
        return self._loop

    @property
    def _goes_on(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def _compile(self) -> None:
        with _compiling:
            if not self._wanted:
                return
            try:
                loop = self._make()
                loop.compile()
                self._loop = loop
                loop.compile_watching()
            except Exception:
                # Then the plain graph trains this network, as it would without a race; there is nothing to tell anybody.
                self._impossible = True


class Stepper:
    """Takes the steps of a run with the faster of two loops; which one that is shows at the step `race_step`."""

    def __init__(
        self,
        step: Step,
        graph: Loop,
        state: State,
        candidate: Candidate | None,
        race_step: int,
        compilation: Compilation,
    ) -> None:
        self.step = step
        self._graph = graph
        self._state = state
        self._rival = candidate if compilation != "graph" else None
        self._asked = compilation
        self._compile_from = math.inf
        self._graph_seconds: deque[float] = deque(maxlen=5)
        """Per step, of the latest calls."""
        self._usual_race_step = race_step
        self.restart()

    def restart(self, step: int = 0) -> None:
        """Begin with step `step` as at the first of all: nothing is decided, but what was compiled stays."""
        self.race_step = self._usual_race_step + step
        self._xla: XlaLoop | None = None
        self._candidate = self._rival
        """None where there is nothing to decide, any more."""
        self._at_once = self._asked == "xla"
        self._foretold: str = "race"
        self._graph_seconds.clear()

    def compile(self, steps: int) -> None:
        """Get ready for a run that ends after so many steps, counted from the first of all."""
        self._graph.compile()
        if self._candidate is None:
            return
        if self._at_once:
            self._candidate.wait(None)
            self._xla, self._candidate = self._candidate.loop, None
        elif steps <= self.race_step:
            self._compile_from = math.inf
        else:
            self._compile_from = time.perf_counter() + head_start

    def go_on_with(self, compilation: str, later: str = "race") -> None:
        """Compile steps as it was decided before the run was interrupted: the last digits depend on it.

        Where it was not decided then, but `later`, it will be decided alike.
        """
        if compilation == "graph":
            self._candidate = None
        self._at_once = compilation == "xla"
        self._foretold = later

    @property
    def compilation(self) -> Compilation:
        """What the next step is compiled by; ``race`` where that is still open."""
        return "xla" if self._xla else "race" if self._candidate else "graph"

    @property
    def measures_epochs(self) -> bool:
        """Whether steps may go on beyond the end of an epoch: what is measured there is measured among them."""
        return self._xla is not None and self._xla.measures_epochs

    def room(self, first: int) -> int:
        """How many steps a call from step `first` on may take."""
        if self._xla:
            return self._xla.capacity
        if self._candidate is None:
            return 2**31
        if first < self.race_step:
            return self.race_step - first
        return min(trial_steps, self._candidate.loop.capacity if self._candidate.loop else trial_steps)

    def is_ready(self, first: int, patience: float) -> bool:
        """Whether step `first` can be taken now. Waits so many seconds for what is being compiled."""
        return self._candidate is None or first < self.race_step or self._candidate.wait(patience)

    def give_up(self) -> None:
        """There will be no more steps."""
        if self._candidate is not None:
            self._candidate.give_up()

    def take(self, plan: Plan, *, watched: bool = False) -> Steps:
        """Take the steps of `plan`. If one is not finite take none, and tell of the steps up to it.

        Where they are `watched` it is told how the gradients of the last one are spread, as soon as the loop can.
        """
        if self._candidate is not None and plan.first >= self.race_step:
            candidate, self._candidate = self._candidate, None
            if candidate.loop is not None:
                return self._race(candidate.loop, plan, watched=watched)
        if self._xla is not None:
            return self._xla.take(plan, watched=watched)
        if self._candidate is not None and time.perf_counter() > self._compile_from:
            self._candidate.start()
        began = time.perf_counter()
        steps = self._graph.take(plan, watched=watched)
        self._graph_seconds.append((time.perf_counter() - began) / max(len(plan), 1))
        return steps

    def _race(self, xla: XlaLoop, plan: Plan, *, watched: bool) -> Steps:
        """Take the steps with XLA if it takes the first ones clearly faster than the graph, otherwise with the graph."""
        if self._foretold != "race":
            self._xla = xla if self._foretold == "xla" else None
            return xla.take(plan) if self._xla else self._graph.take(plan)
        before = self._state.read()

        def seconds(loop: Loop, steps: Plan) -> float:
            self._state.write(before)
            return self._seconds(loop, steps)

        graph, first = median(self._graph_seconds or [seconds(self._graph, plan)]), plan.part(0, 1)
        trial = plan.repeated(min(1 + int(trial_seconds / graph), xla.capacity))
        won = (
            # The first call of all does what no later one does; the second shows what a step costs at most.
            seconds(xla, first) < max(hopeless * graph, too_long)
            and seconds(xla, first) < max(hopeless * graph, noticed)
            and min(seconds(xla, trial) for _ in range(trials)) < margin * graph
        )
        self._state.write(before)
        self._xla = xla if won else None
        return (xla if won else self._graph).take(plan, watched=watched)

    @staticmethod
    def _seconds(loop: Loop, plan: Plan) -> float:
        began = time.perf_counter()
        loop.take(plan)
        return (time.perf_counter() - began) / len(plan)
