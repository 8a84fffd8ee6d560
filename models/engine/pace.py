"""How much work goes into one compiled call."""

target_seconds = 0.04
"""A call this long keeps pause, stop and plots prompt, and Python out of the way."""
most = 20_000


class Pace:
    """The number of steps that fit into one call, learned from the calls before."""

    def __init__(self, fixed: int | None = None) -> None:
        self.steps = fixed or 1
        self._fixed = fixed is not None

    def note(self, steps: int, seconds: float) -> None:
        """Learn from a call that took so many steps. Short calls say little: their own cost outweighs the steps'."""
        if self._fixed or (steps < self.steps and seconds < target_seconds):
            return
        fitting = int(steps * target_seconds / max(seconds, 1e-6))
        self.steps = max(1, min(fitting, 4 * self.steps, most))
