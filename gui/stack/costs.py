"""What each layer costs, as its card shows it: a figure, its share of the network's largest, and what exactly is counted."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from models.experiment.counting import grouped, thin_space
from models.experiment.estimate import activation_bytes, batch_of, bytes_per_number, size_text
from models.experiment.experiment import Experiment
from models.experiment.report import LayerReport, Report
from models.telemetry.shares import percent

cost_words = ("params", "mult-adds", "memory")
"""What is counted, in the words of papers and of Keras's own summary."""
widest_number = f"99{thin_space}999"


@dataclass(frozen=True)
class Cost:
    """One figure of what a layer costs."""

    number: str
    share: float
    """Of the figure of the layer that costs most: 0 to 1, the length of the bar."""
    spoken: str
    sentence: str
    """The exact figure, and what is counted."""


def layer_costs(experiment: Experiment, report: Report) -> dict[str, tuple[Cost, ...]]:
    """For each layer whose shape is known its parameters, multiply-adds and memory of activations."""
    known = [layer for layer in report.layers if layer.activation_numbers is not None]
    figures = {layer.name: _figures(layer) for layer in known}
    largest = tuple(map(max, zip(*figures.values(), strict=True)))
    if report.facts is None:
        return {}
    batch, of_one = batch_of(experiment, report.facts), activation_bytes(1, experiment, report.facts)
    return {name: _costs(found, largest, batch, of_one * found[2]) for name, found in figures.items()}


def short_count(number: int) -> str:
    """`number` in six places at most: ``12 544``, ``138 M``; from 100 000 on three digits are left."""
    if number < 100_000:
        return grouped(number)
    scaled, units = float(number), "kMGTPE"
    place = -1
    while scaled >= 999.5 and place + 1 < len(units):  # 999 900 are 1.00 M, not 1000 k
        scaled, place = scaled / 1000, place + 1
    digits = 0 if scaled >= 99.95 else 1 if scaled >= 9.995 else 2
    return f"{scaled:.{digits}f} {units[place]}"


def _figures(layer: LayerReport) -> tuple[int, int, int]:
    held = layer.parameters.total if layer.parameters is not None else 0
    return held, layer.multiply_adds or 0, layer.activation_numbers or 0


@lru_cache(maxsize=2000)  # most layers of a tall network cost what they cost before the edit
def _costs(figures: tuple[int, int, int], largest: tuple[int, ...], batch: int, memory: int) -> tuple[Cost, ...]:
    """`memory`: of the activations of a batch, in bytes."""
    return tuple(_worded(figures, largest, batch, size_text(memory)))


def _worded(figures: tuple[int, int, int], largest: tuple[int, ...], batch: int, size: str) -> Iterator[Cost]:
    shares = [figure / most if most else 0.0 for figure, most in zip(figures, largest, strict=True)]
    parts = [_compared(share) for share in shares]
    held, products, kept = figures
    yield Cost(
        short_count(held), shares[0], f"{grouped(held)} parameters",
        f"Parameters: {grouped(held)}{parts[0]}. All numbers the layer holds: those that are learned, and those kept beside them "
        "such as moving means.",
    )  # fmt: skip
    yield Cost(
        short_count(products), shares[1], f"{grouped(products)} multiply-adds",
        f"Multiply-adds: {grouped(products)}{parts[1]}. Products that go into sums when one example goes forward; biases, "
        "activations, normalization and pooling are not counted.",
    )  # fmt: skip
    yield Cost(
        size, shares[2], f"{size} of activations",
        f"Memory of activations: {size} for a batch{parts[2]}. {grouped(kept)} numbers of each of {grouped(batch)} examples are "
        f"kept until the gradient is computed, and as many gradients, at {bytes_per_number} bytes each.",
    )  # fmt: skip


def _compared(share: float) -> str:
    """How the figure compares; said of no other layers, so that a card changes with its own layer and with the largest only."""
    if share in (0, 1):
        return ", the most of all layers" if share else ""
    return f", {percent(share)} of the layer with the most"
