"""What happens at the end of an epoch: stop, remember the best weights, lower the learning rate.

The same decisions as Keras's callbacks of these names (``keras/src/callbacks``), whose figures are compared in 32 bits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from models.experiment import rules as declared
from models.experiment.figures import Monitor, smaller_is_better
from models.experiment.training import Training
from models.telemetry.parts import Arrays, part

Figures = Mapping[str, float]


def number(value: float | None) -> NDArray[Any]:
    """`value` as an array; NaN stands for none."""
    return np.array(np.nan if value is None else value, np.float64)


def real(array: NDArray[Any]) -> float | None:
    """The number in an array that `number` made."""
    return None if np.isnan(array) else float(array)


def whole(array: NDArray[Any]) -> int | None:
    """The whole number in an array that `number` made."""
    return None if np.isnan(array) else int(array)


class Watch:
    """Tells whether a figure got better, and by enough."""

    def __init__(self, monitor: Monitor, mode: str = "auto", min_delta: float = 0.0) -> None:
        self.monitor = monitor
        self._smaller = smaller_is_better(monitor) if mode == "auto" else mode == "min"
        self._margin = -min_delta if self._smaller else min_delta

    def better(self, value: float, reference: float | None) -> bool:
        """Whether `value` is better than `reference`; anything is better than none."""
        if reference is None:
            return True
        reached, wanted = np.float32(value - self._margin), np.float32(reference)
        return bool(reached < wanted if self._smaller else reached > wanted)


class Best:
    """The weights of the best epoch so far."""

    def __init__(self, model: keras.Model) -> None:
        self._variables = [weight.value for weight in model.weights]
        self._values: list[tf.Tensor] = []
        self.epoch: int | None = None
        """Number of that epoch, counted from 1; none before the first."""

    def remember(self, epoch: int) -> None:
        """The weights as they are now, at the end of `epoch`, are the best."""
        self._values = [tf.identity(variable) for variable in self._variables]
        self.epoch = epoch

    def restore(self) -> None:
        """Go back to the best weights."""
        for variable, value in zip(self._variables, self._values, strict=True):
            variable.assign(value)

    def snapshot(self) -> Arrays:
        """What `resume` needs."""
        values = self._values or self._variables  # always as many, whatever was remembered
        return {"epoch": number(self.epoch), **{f"weights/{place}": np.asarray(value) for place, value in enumerate(values)}}

    def resume(self, arrays: Arrays) -> None:
        """Know what was known when `arrays` were taken."""
        self.epoch = whole(arrays["epoch"])
        values = [tf.constant(arrays[f"weights/{place}"]) for place in range(len(self._variables))]
        self._values = values if self.epoch else []


class EarlyStopping:
    """Ends a run whose figure has stopped improving."""

    def __init__(self, rule: declared.EarlyStopping, best: Best | None) -> None:
        """`best` is where the weights of the best epoch are remembered, where they are to come back at the end."""
        self._rule = rule
        self._watch = Watch(rule.monitor, rule.mode, rule.min_delta)
        self._kept = best
        self._best: float | None = None
        self._wait = 0

    def note(self, epoch: int, figures: Figures) -> bool:
        """Take in the figures of `epoch`, counted from 1; true where the run is to end."""
        current = figures.get(self._rule.monitor)
        if current is None or epoch <= self._rule.start_from_epoch:
            return False
        if self._kept and self._kept.epoch is None:
            self._kept.remember(epoch)
        self._wait += 1
        if self._watch.better(current, self._best):
            self._best = current
            if self._kept:
                self._kept.remember(epoch)
            if self._rule.baseline is None or self._watch.better(current, self._rule.baseline):
                self._wait = 0
            return False
        return self._wait >= self._rule.patience and epoch > 1

    def snapshot(self) -> Arrays:
        """What `resume` needs."""
        return {"best": number(self._best), "wait": np.array(self._wait)}

    def resume(self, arrays: Arrays) -> None:
        """Know what was known when `arrays` were taken."""
        self._best, self._wait = real(arrays["best"]), int(arrays["wait"])


class KeepBest:
    """Remembers the weights of the epoch in which a figure was best."""

    def __init__(self, monitor: Monitor, best: Best) -> None:
        self._watch = Watch(monitor)
        self._kept = best
        self._best: float | None = None

    def note(self, epoch: int, figures: Figures) -> None:
        """Take in the figures of `epoch`, counted from 1."""
        current = figures.get(self._watch.monitor)
        if current is not None and self._watch.better(current, self._best):
            self._best = current
            self._kept.remember(epoch)

    def snapshot(self) -> Arrays:
        """What `resume` needs."""
        return {"best": number(self._best)}

    def resume(self, arrays: Arrays) -> None:
        """Know what was known when `arrays` were taken."""
        self._best = real(arrays["best"])


class ReduceOnPlateau:
    """Lowers the learning rate when a figure has stopped improving."""

    def __init__(self, rule: declared.ReduceLROnPlateau) -> None:
        self._rule = rule
        self._watch = Watch(rule.monitor, rule.mode, rule.min_delta)
        self._best: float | None = None
        self._cooldown = 0
        self._wait = 0

    def note(self, figures: Figures, learning_rate: float) -> float:
        """Take in the figures of an epoch; returns the learning rate to go on with."""
        current = figures.get(self._rule.monitor)
        if current is None:
            return learning_rate
        if self._cooldown:
            self._cooldown -= 1
            self._wait = 0
        if self._watch.better(current, self._best):
            self._best = current
            self._wait = 0
        elif not self._cooldown:
            self._wait += 1
            if self._wait >= self._rule.patience and np.float32(learning_rate) > np.float32(self._rule.min_lr):
                self._cooldown = self._rule.cooldown
                self._wait = 0
                return max(float(np.float32(learning_rate)) * self._rule.factor, self._rule.min_lr)
        return learning_rate

    def snapshot(self) -> Arrays:
        """What `resume` needs."""
        return {"best": number(self._best), "cooldown": np.array(self._cooldown), "wait": np.array(self._wait)}

    def resume(self, arrays: Arrays) -> None:
        """Know what was known when `arrays` were taken."""
        self._best, self._cooldown, self._wait = real(arrays["best"]), int(arrays["cooldown"]), int(arrays["wait"])


@dataclass
class Rules:
    """The rules of a training, and what they decided so far."""

    training: Training
    model: keras.Model

    def __post_init__(self) -> None:
        self._kept = Best(self.model)
        self._keep_best = KeepBest(self.training.keep_best, self._kept) if self.training.keep_best else None
        self._noted: tuple[int, int] | None = None
        self.begin()

    @property
    def watching(self) -> bool:
        """Whether there is any rule."""
        return bool(self._keep_best or self._stopping or self._plateau)

    def begin(self) -> None:
        """Begin anew, as ``fit`` does; only the best weights of ``keep_best`` are kept from one run to the next."""
        rule, plateau = self.training.early_stopping, self.training.reduce_on_plateau
        self._stopping_best = Best(self.model) if rule and rule.restore_best_weights else None
        self._stopping = EarlyStopping(rule, self._stopping_best) if rule else None
        self._plateau = ReduceOnPlateau(plateau) if plateau else None
        self.reason = ""
        """Why the run is to end before its last step; empty while it is not."""

    def note(self, epoch: int, step: int, figures: Figures, learning_rate: float) -> float:
        """Take in the figures of `epoch` (from 1), which ended after `step` steps; returns the learning rate to go on with."""
        self._noted = epoch, step
        if self._keep_best:
            self._keep_best.note(epoch, figures)
        rule = self.training.early_stopping
        if self._stopping and rule and self._stopping.note(epoch, figures):
            epochs = "an epoch" if rule.patience == 1 else f"{rule.patience} epochs"
            self.reason = f"{rule.monitor} did not improve for {epochs}" if rule.patience else f"{rule.monitor} did not improve"
        return self._plateau.note(figures, learning_rate) if self._plateau else learning_rate

    def restores(self, step: int) -> bool:
        """Whether the run, ending after `step` steps, ends with weights of an earlier epoch."""
        return self._best_before(step) is not None

    def restore(self, step: int) -> int | None:
        """Put the best weights back after `step` steps; returns the epoch that they are from, none where nothing changes."""
        best = self._best_before(step)
        if best is None:
            return None
        best.restore()
        return best.epoch

    def snapshot(self) -> Arrays:
        """Everything that the rules remember, for `resume`."""
        found = {f"{name}/{key}": array for name, each in self._parts().items() for key, array in each.snapshot().items()}
        return {**found, "noted": np.array(self._noted or (0, 0))}

    def resume(self, arrays: Arrays) -> None:
        """Go on as the rules would have from which `arrays` were taken."""
        for name, each in self._parts().items():
            each.resume(part(arrays, f"{name}/"))
        epoch, step = arrays["noted"].tolist()
        self._noted = (epoch, step) if epoch else None

    def keep_best_of(self, arrays: Arrays) -> None:
        """Know the best epoch so far as the rules did from which `arrays` were taken; all else begins anew."""
        if self._keep_best:
            self._keep_best.resume({"best": arrays["keep_best/best"]})
            self._kept.resume(part(arrays, "kept/"))

    def _parts(self) -> dict[str, "Best | EarlyStopping | KeepBest | ReduceOnPlateau"]:
        """What remembers something."""
        parts = {
            "keep_best": self._keep_best,
            "kept": self._kept if self._keep_best else None,
            "stopping": self._stopping,
            "stopping_best": self._stopping_best,
            "plateau": self._plateau,
        }
        return {name: each for name, each in parts.items() if each is not None}

    def _best_before(self, step: int) -> Best | None:
        """Whose weights a run ends with after `step` steps; none where these are the ones that it has."""
        best = next((best for best in self._candidates() if best.epoch is not None), None)
        return None if best is None or (best.epoch, step) == self._noted else best

    def _candidates(self) -> Sequence[Best]:
        """Whose weights a run ends with: those of ``keep_best`` go before those of early stopping."""
        return [best for best in (self._kept if self._keep_best else None, self._stopping_best) if best is not None]
