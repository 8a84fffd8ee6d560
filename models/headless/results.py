"""What a run came to, as plain values for the files of its folder."""

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models.headless.version import versions
from models.telemetry.bests import BestEpoch
from models.telemetry.events import Ended, Probed
from models.telemetry.history import History

Figures = dict[str, float]


@dataclass(frozen=True)
class Device:
    """Where the run took place."""

    name: str
    title: str


def summary(ended: Ended, history: History, device: Device | None, final: Figures) -> dict[str, object]:
    """How the run ended, its last and best figures, and what it depended on.

    `final` are the figures of the network as it was saved, `device` is none where the run did not get as far as that.
    """
    best = best_epochs(history)
    return {
        "ended": ended.ending,
        "reason": ended.sentence,
        "epochs": int(max(history.epochs().epoch, default=0)),  # one that was cut and gone on with has two rows
        "steps": ended.step,
        "restored_epoch": ended.restored_epoch,
        "train_seconds": round(ended.train_seconds, 6),
        "compile_seconds": round(ended.compile_seconds, 6),
        "last": final,
        "best": {name: found.value for name, found in best.items()},
        "best_epoch": {name: found.epoch for name, found in best.items()},
        "device": device.name if device else None,
        "device_title": device.title if device else None,
        "versions": versions(),
    }


def last_figures(history: History, validation: Mapping[str, float], restored_epoch: int | None = None) -> Figures:
    """The figures of the last whole epoch where the run ended with it, otherwise those of the last step.

    `validation` are those of the network as it is now, for a run that ended between two epochs. Where the weights are those of a
    `restored_epoch`, its figures are the last ones.
    """
    epochs, steps = history.epochs(), history.steps()
    if restored_epoch is not None:
        chosen = epochs.epoch == restored_epoch
        return {name: float(values[chosen][-1]) for name, values in epochs.values.items() if chosen.any()} | dict(validation)
    if ended_with_an_epoch(history):
        return {name: float(values[-1]) for name, values in epochs.values.items()} | dict(validation)
    step = {name: float(values[-1]) for name, values in {"loss": steps.loss, **steps.metrics}.items()} if len(steps) else {}
    return step | dict(validation)


def ended_with_an_epoch(history: History) -> bool:
    """Whether the last step was the last of an epoch."""
    epochs = history.epochs()
    return bool(len(epochs) and epochs.step[-1] == history.last_step)


def ended_between_epochs(history: History) -> bool:
    """Whether the validation figures of the last epoch, if there was one, are not those of the last step, or are missing."""
    epochs = history.epochs()
    if not ended_with_an_epoch(history):
        return True
    return not any(name.startswith("val_") and math.isfinite(values[-1]) for name, values in epochs.values.items())


def best_epochs(history: History) -> dict[str, BestEpoch]:
    """The best epoch by each figure that was measured."""
    found = ((name, history.best(name)) for name in history.epochs().values)
    return {name: best for name, best in found if best is not None}


def epoch_columns(history: History, validated: bool) -> Sequence[str]:
    """Titles of a row of epochs.csv, also where no epoch ended."""
    if len(history.epochs()) or history.started is None:
        return history.epoch_columns
    figures = ("loss", *history.started.metrics)
    return (*history.epoch_columns, *figures, *(f"val_{name}" for name in figures if validated and name != "penalty"))


def layers(probe: Probed | None) -> dict[str, object]:
    """The last look inside, layer by layer; none where there was none."""
    if probe is None:
        return {"step": None, "layers": []}
    return {"step": probe.step, "layers": [dataclasses.asdict(layer) for layer in probe.layers]}


def figures_text(figures: Mapping[str, float]) -> str:
    """Figures in a row, those of the validation data where there are any."""
    validation = {name: value for name, value in figures.items() if name.startswith("val_")}
    return ", ".join(f"{name} {value:.4g}" for name, value in (validation or figures).items())
