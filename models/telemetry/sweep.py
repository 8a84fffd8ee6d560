"""What a search for a learning rate found."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # numpy comes late, see models/telemetry/events.py
    from models.telemetry.events import Floats

lowest, highest = 1e-6, 10.0
"""Learning rates that are tried where nothing else is asked for."""
usual_steps = 200
"""How many are tried."""


@dataclass(frozen=True)
class Sweep:
    """The loss after each step of a training whose learning rate grew from step to step; all numbers are finite."""

    rates: "Floats"
    """Learning rate of each step."""
    losses: "Floats"
    """Loss on a fixed set of training examples after it."""
    smoothed: "Floats"
    """Running mean of the losses."""
    suggestion: float | None
    """A good learning rate, or none."""
    sentence: str
    """How the suggestion was found, or why there is none."""
