"""What ``check`` says about an experiment."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, get_args

from models.experiment.base import Shape
from models.experiment.data import Facts
from models.experiment.encoding import Target
from models.experiment.experiment import Experiment
from models.experiment.layers.base import Parameters, Severity

Place = Literal["data", "network", "training"]


@dataclass(frozen=True)
class Remedy:
    """A change that mends a problem."""

    label: str
    """What it does, as words for a button."""
    edit: Callable[[Experiment], Experiment]


@dataclass(frozen=True)
class Problem:
    """Something that stops a run (error), spoils it (warning) or is worth knowing (hint)."""

    severity: Severity
    place: Place
    sentence: str
    layer: str | None = None
    """Name of the layer, where it is one layer's."""
    field: str | None = None
    """Path of the field within the layer, the data or the training: ``optimizer.clipnorm``."""
    remedy: Remedy | None = None


def worst_first(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """The same `problems`, errors first and hints last."""
    order: tuple[Severity, ...] = get_args(Severity)
    return tuple(sorted(problems, key=lambda problem: order.index(problem.severity)))


@dataclass(frozen=True)
class LayerReport:
    """A layer in its place: what comes in, what goes out, what it costs. Nothing of it is known behind an error."""

    name: str
    kind: str
    input_shapes: tuple[Shape, ...]
    """One for each input; empty where one of them is not known."""
    output_shape: Shape | None
    parameters: Parameters | None
    multiply_adds: int | None = None
    """Of one example's forward pass."""
    activation_numbers: int | None = None
    """Numbers that training keeps of one example until the gradient is computed."""

    @property
    def input_shape(self) -> Shape | None:
        """Shape of the first input, which for most layers is the only one."""
        return self.input_shapes[0] if self.input_shapes else None


@dataclass(frozen=True)
class Report:
    """All that can be said about an experiment without building it."""

    facts: Facts | None
    """What the data deliver; none where a file could not be read."""
    target: Target | None
    """What the output is compared with; none where data and loss do not go together."""
    layers: tuple[LayerReport, ...]
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that stop a run."""
        return tuple(problem for problem in self.problems if problem.severity == "error")

    @property
    def ready(self) -> bool:
        """Whether the experiment can be trained."""
        return not self.errors

    @property
    def parameters(self) -> Parameters | None:
        """Numbers held by all layers together; none where the shapes are not known to the end."""
        counts = [layer.parameters for layer in self.layers if layer.parameters is not None]
        if len(counts) < len(self.layers):
            return None
        return Parameters(sum(count.trainable for count in counts), sum(count.non_trainable for count in counts))

    @property
    def multiply_adds(self) -> int | None:
        """Of one example's forward pass through all layers; none where the shapes are not known to the end."""
        counts = [layer.multiply_adds for layer in self.layers if layer.multiply_adds is not None]
        return sum(counts) if len(counts) == len(self.layers) else None

    def problems_of(self, layer: str) -> tuple[Problem, ...]:
        """The problems of the layer called `layer`."""
        return tuple(problem for problem in self.problems if problem.layer == layer)
