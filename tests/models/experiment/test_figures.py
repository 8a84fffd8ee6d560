"""What a rule can watch, and which way it gets better."""

from typing import get_args

from models.experiment import figures
from models.experiment.figures import Metric, measured, smaller_is_better


def test_every_metric_can_be_watched_on_both_parts():
    names = ("loss", *get_args(Metric))
    monitors = get_args(figures.Monitor)
    assert set(monitors) == {*names, *(f"val_{name}" for name in names)}
    assert {measured(monitor) for monitor in monitors} == set(names)
    assert monitors[0] == "val_loss"


def test_losses_and_errors_get_smaller():
    smaller = {name for name in get_args(figures.Monitor) if smaller_is_better(name)}
    assert {measured(name) for name in smaller} == {
        "loss",
        "mean_absolute_error",
        "mean_squared_error",
        "root_mean_squared_error",
        "mean_absolute_percentage_error",
    }
