"""How much work goes into one compiled call."""

target_seconds = 0.025
"""A call this long keeps pause, stop and plots prompt, and Python out of the way."""
most = 20_000
"""Steps in a call, however short they are."""


class Pace:
    """The number of steps that fit into one call, learned from the calls before."""

    def __init__(self, fixed: int | None = None) -> None:
        self.steps = fixed or 1
        self.step_seconds = 0.0
        """What a step took in the last call that says something about it."""
        self._fixed = fixed is not None

    def note(self, steps: int, seconds: float) -> None:
        """Learn from a call that took so many steps. Short calls say little: their own cost outweighs the steps'."""
        if self._fixed or (steps < self.steps and seconds < target_seconds):
            return
        self.step_seconds = seconds / steps
        fitting = int(steps * target_seconds / max(seconds, 1e-6))
        self.steps = max(1, min(fitting, 4 * self.steps, most))
