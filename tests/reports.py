"""What a run reports, made up."""

import numpy as np

from models.telemetry.events import EpochsEnded


def epoch_ended(run, epoch, step, values):
    """The end of one epoch."""
    return EpochsEnded(run, np.array([epoch]), np.array([step]), {name: np.array([value]) for name, value in values.items()})
