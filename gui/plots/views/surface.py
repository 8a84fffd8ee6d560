"""What a network puts out over the data's view, as colours and as numbers of the target."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.colors import to_rgb
from numpy.typing import NDArray

from gui.plots.axes.colours import diverging, mixed
from gui.plots.axes.curves import finite_range
from gui.theme import Theme
from models.data.prepared import Prepared, Scales, in_own_numbers, unscaled
from models.experiment.activations import Sigmoid, Softmax
from models.experiment.encoding import Target
from models.experiment.experiment import Experiment
from models.experiment.losses import Hinge, SquaredHinge

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Picture = NDArray[np.float64]
"""(rows, columns, 3): red, green, blue between 0 and 1."""


@dataclass(frozen=True)
class Meaning:
    """How outputs of the network are to be understood."""

    target: Target
    target_scale: Scales = unscaled
    """Value = mean + deviation · output, for real targets: a mean and a deviation for each, or one for all."""
    logits: bool = False
    """Whether the loss applies the sigmoid or softmax itself, so that outputs are raw scores."""
    apart: bool = False
    """Whether the loss asks about each class by itself: raw scores then become probabilities by a sigmoid, not a softmax."""
    class_names: tuple[str, ...] = ()
    probable: bool = False
    """Whether `values` are probabilities: of the second class where there is one output, of each class otherwise."""
    margin: bool = False
    """Whether the loss wants scores beyond −1 and +1, as a hinge loss does; between them lies the margin."""

    @classmethod
    def of(cls, experiment: Experiment, prepared: Prepared) -> "Meaning":
        """How the outputs of a run's network are to be understood."""
        loss, last = experiment.training.loss, experiment.network[-1].non_linearity
        logits = loss.takes_logits
        return cls(
            prepared.target,
            prepared.target_scale,
            logits,
            loss.labels == "binary",
            prepared.facts.class_names,
            probable=prepared.target.encoding != "real" and (logits or isinstance(last, Sigmoid | Softmax)),
            margin=isinstance(loss, Hinge | SquaredHinge) and prepared.target.units == 1,
        )

    @property
    def regression(self) -> bool:
        """Whether outputs are numbers of the target, not answers about classes."""
        return self.target.encoding == "real"

    def class_name(self, number: int) -> str:
        """The name of a class, or its number where it has none."""
        return self.class_names[number] if number < len(self.class_names) else f"class {number}"

    def values(self, outputs: Floats) -> Floats:
        """`outputs` (positions, outputs) in the target's own numbers: scaling undone, raw scores as probabilities."""
        if self.regression:
            return in_own_numbers(outputs, self.target_scale)
        if not self.logits:
            return outputs
        if outputs.shape[1] == 1 or self.several_labels or self.apart:
            return np.asarray(0.5 * (1 + np.tanh(0.5 * outputs)))
        with np.errstate(invalid="ignore"):
            powers = np.exp(outputs - outputs.max(axis=1, keepdims=True))
            return np.asarray(powers / powers.sum(axis=1, keepdims=True))

    @property
    def several_labels(self) -> bool:
        """Whether an example may have any number of labels at once."""
        return "multi" in self.target.encoding

    def true_classes(self, targets: NDArray[Any]) -> Integers:
        """Class numbers (examples,) of targets as they are fed; of several labels a column of 0 and 1 for each."""
        if self.several_labels:
            return np.asarray(targets > 0, dtype=np.int64)
        if self.target.encoding == "index":
            return targets.reshape(-1).astype(np.int64)
        return np.asarray(targets[:, 0] > 0 if self.target.units == 1 else targets.argmax(axis=1), dtype=np.int64)

    def answers(self, outputs: Floats) -> Integers:
        """Class numbers (examples,) that the network answers; of several labels a column of 0 and 1 for each."""
        values = self.values(outputs)
        if self.several_labels:
            return np.asarray(values > (0.0 if self.target.encoding == "signed_multi_hot" else 0.5), dtype=np.int64)
        return np.asarray(self.decision(outputs) > 0 if values.shape[1] == 1 else values.argmax(axis=1), dtype=np.int64)

    def decision(self, outputs: Floats) -> Floats:
        """For one output: −1 (surely the first class) … 0 (undecided) … +1 (surely the second)."""
        values = self.values(outputs)[:, 0]
        return np.clip(values if self.target.encoding == "signed" else 2 * values - 1, -1, 1)


def picture(outputs: Floats, meaning: Meaning, theme: Theme, value_range: tuple[float, float]) -> Picture:
    """Colours (positions, 3) of the outputs (positions, outputs); grey where an output is not finite."""
    finite = np.isfinite(outputs).all(axis=1, keepdims=True)
    usable = np.where(finite, outputs, 0.0)
    if meaning.regression:
        low, high = value_range
        colours = diverging(theme)(np.clip((meaning.values(usable)[:, 0] - low) / (high - low), 0, 1))[:, :3]
    elif outputs.shape[1] == 1:
        colours = diverging(theme)((meaning.decision(usable) + 1) / 2)[:, :3]
    else:
        colours = _shaded_classes(meaning.values(usable), theme)
    return np.asarray(np.where(finite, colours, to_rgb(theme.muted)))


def example_colours(values: NDArray[Any], meaning: Meaning, theme: Theme, value_range: tuple[float, float]) -> Any:  # noqa: ANN401
    """Colours of examples by their class numbers, or by their targets."""
    if not meaning.regression:
        return [theme.class_colour(int(number)) for number in values]
    low, high = value_range
    return diverging(theme)(np.clip((values - low) / (high - low), 0, 1))


def symmetric_range(values: NDArray[Any]) -> tuple[float, float]:
    """A range of colours that holds `values`: the same on both sides of 0 where they lie on both sides of it."""
    found = finite_range(values.astype(np.float64)) or (-1.0, 1.0)
    low, high = found
    if low < 0 < high:
        reach = max(-low, high)
        return -reach, reach
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _shaded_classes(values: Floats, theme: Theme) -> Picture:
    """Each place in the colour of the strongest class, the paler the closer the second one comes."""
    palette = np.array([to_rgb(mixed(theme.class_colour(number), theme.neutral, 0.85)) for number in range(values.shape[1])])
    ordered = np.sort(values, axis=1)
    lead = np.clip(ordered[:, -1] - ordered[:, -2], 0, 1)[:, None]
    strength = 0.25 + 0.75 * lead
    return np.asarray(np.array(to_rgb(theme.neutral)) * (1 - strength) + palette[values.argmax(axis=1)] * strength)
