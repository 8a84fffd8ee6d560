"""The experiment's learning-rate schedule in Keras's terms, for scripts that do without this program.

Training itself takes each step's learning rate from ``models.experiment.schedules``. The classes of this file, which Keras lacks,
go as they are into exported scripts.
"""

import keras
import numpy as np

from models.experiment.schedules import OneCycle as OneCycleDeclared
from models.experiment.schedules import PiecewiseConstantDecay, Schedule

Arguments = dict[str, object]


@keras.saving.register_keras_serializable(package="wiggle")
class OneCycle(keras.optimizers.schedules.LearningRateSchedule):  # type: ignore[misc]
    """Rises to a peak and falls to almost nothing, along cosines (Smith, 2018; ``fit_one_cycle`` of fastai)."""

    def __init__(self, peak: float, steps: int, pct_start: float, div_factor: float, final_div_factor: float) -> None:
        self.peak = peak
        self.steps = steps
        self.pct_start = pct_start
        self.div_factor = div_factor
        self.final_div_factor = final_div_factor

    def __call__(self, step: keras.KerasTensor) -> keras.KerasTensor:
        done = keras.ops.clip(keras.ops.cast(step, "float32") / self.steps, 0.0, 1.0)
        rising = done / self.pct_start
        falling = (done - self.pct_start) / (1 - self.pct_start)
        up = self.between(self.peak / self.div_factor, self.peak, rising)
        down = self.between(self.peak, self.peak / self.final_div_factor, falling)
        return keras.ops.where(done < self.pct_start, up, down)

    def between(self, start: float, end: float, share: keras.KerasTensor) -> keras.KerasTensor:
        return start + (1 + keras.ops.cos(np.pi * (1 - share))) * (end - start) / 2

    def get_config(self) -> dict[str, object]:
        names = ("peak", "steps", "pct_start", "div_factor", "final_div_factor")
        return {name: getattr(self, name) for name in names}


@keras.saving.register_keras_serializable(package="wiggle")
class WarmUp(keras.optimizers.schedules.LearningRateSchedule):  # type: ignore[misc]
    """Rises evenly from 0 to a peak (Goyal et al., 2017), then follows a schedule or stays."""

    def __init__(
        self, peak: float, steps: int, schedule: keras.optimizers.schedules.LearningRateSchedule | dict[str, object] | None = None
    ) -> None:
        self.peak = peak
        self.steps = steps
        self.schedule = keras.optimizers.schedules.deserialize(schedule) if isinstance(schedule, dict) else schedule

    def __call__(self, step: keras.KerasTensor) -> keras.KerasTensor:
        step = keras.ops.cast(step, "float32")
        later = self.schedule(keras.ops.maximum(step - self.steps, 0.0)) if self.schedule else self.peak
        return keras.ops.where(step < self.steps, self.peak * step / self.steps, later)

    def get_config(self) -> dict[str, object]:
        schedule = keras.optimizers.schedules.serialize(self.schedule) if self.schedule else None
        return {"peak": self.peak, "steps": self.steps, "schedule": schedule}


def schedule_arguments(schedule: Schedule, steps: int, base: float) -> Arguments:
    """The arguments of the Keras class that `schedule` is named after, over so many steps from the learning rate `base`."""
    given = {name: getattr(schedule, name) for name in schedule.__struct_fields__}
    if isinstance(schedule, OneCycleDeclared):
        return {"peak": base, "steps": steps} | given
    if isinstance(schedule, PiecewiseConstantDecay):
        return {"boundaries": list(schedule.boundaries), "values": [base, *(base * factor for factor in schedule.factors)]}
    if given["decay_steps"] is None:
        given["decay_steps"] = steps
    return {"initial_learning_rate": base} | given
