"""The judge of learning rates: the schedule object of Keras that does what an experiment declares."""

import keras

from models.engine.schedules import OneCycle, WarmUp, schedule_arguments
from models.experiment.schedules import OneCycle as OneCycleDeclared
from models.experiment.schedules import Schedule


def keras_schedule(
    schedule: Schedule | None, warmup_steps: int | None, total: int, base: float
) -> keras.optimizers.schedules.LearningRateSchedule | float:
    """What an optimizer of Keras takes as its learning rate, to do the same in a run of `total` steps."""
    left = max(total - (warmup_steps or 0), 1)
    found: keras.optimizers.schedules.LearningRateSchedule | None = None
    if isinstance(schedule, OneCycleDeclared):
        found = OneCycle(base, left, schedule.pct_start, schedule.div_factor, schedule.final_div_factor)
    elif schedule is not None:
        found = getattr(keras.optimizers.schedules, schedule.kind())(**schedule_arguments(schedule, left, base))
    if warmup_steps:
        return WarmUp(base, warmup_steps, found)
    return base if found is None else found
