"""Whether data, loss and output belong together, and the layers and losses that would."""

from collections.abc import Iterator
from typing import cast

from msgspec.structs import replace

from models.experiment import edits
from models.experiment.activations import Activation as AnyActivation
from models.experiment.activations import ActivationFunction
from models.experiment.base import Shape
from models.experiment.data import Facts
from models.experiment.encoding import Target, target_for
from models.experiment.experiment import Experiment, Network
from models.experiment.fields import kinds_in
from models.experiment.graph import lineage, sources
from models.experiment.layers import (
    Activation,
    AnyLayer,
    Conv1D,
    Conv2D,
    Dense,
    Flatten,
    GlobalAveragePooling1D,
    Maxout,
    Reshape,
)
from models.experiment.layers.base import Severity, shape_text
from models.experiment.layers.recurrent import Recurrent
from models.experiment.layers.regularization import Disturbance
from models.experiment.losses import (
    BinaryCrossentropy,
    BinaryFocalCrossentropy,
    CosineSimilarity,
    Loss,
    LossKind,
    MeanSquaredError,
    SparseCategoricalCrossentropy,
)
from models.experiment.report import Problem, Remedy
from models.experiment.sequence_checks import ending_sequence

activation_kinds = {kind.identifier(): cast(type[ActivationFunction], kind) for kind in kinds_in(AnyActivation)}
_own_output = ("sigmoid", "softmax")


def output_activation(network: Network) -> str:
    """Keras's name of the last non-linearity: ``"linear"`` for weighted sums without one, empty for anything else."""
    last = len(network) - 1
    for index in reversed((*lineage(network, last), last) if network else ()):
        layer = network[index]
        if isinstance(layer, Flatten | Reshape | Disturbance):
            continue
        activation = layer.non_linearity
        return activation.kind() if activation else "linear" if isinstance(layer, Maxout) else ""
    return ""


def fitting_loss(facts: Facts) -> Loss:
    """The usual loss for such data."""
    if facts.task == "regression":
        return MeanSquaredError()
    return SparseCategoricalCrossentropy() if facts.task == "multiclass" else BinaryCrossentropy()


def output_layer(target: Target, loss: LossKind, network: Network = ()) -> AnyLayer:
    """The output layer that belongs to `loss`: as many units as the target needs, and the activation the loss is made for."""
    return Dense(name=edits.free_name("output", network), units=target.units, activation=_proposed(loss))


def with_loss(experiment: Experiment, facts: Facts, loss: Loss) -> Experiment:
    """`experiment` with `loss`, its output brought in line where that is a dense layer."""
    changed = edits.set_at(experiment, "training.loss", loss)
    target = target_for(facts, loss)
    last = changed.network[-1] if changed.network else None
    if target is None or not isinstance(last, Dense):
        return changed
    network = edits.change(changed.network, last.name, units=target.units, activation=_proposed(loss))
    return edits.with_network(changed, network)


def output_problems(experiment: Experiment, facts: Facts, target: Target | None, shape: Shape | None) -> Iterator[Problem]:
    """Whether an output of `shape` is what data and loss ask for; `target` is none where these two do not go together."""
    loss, network = experiment.training.loss, experiment.network
    if target is None:
        fitting = fitting_loss(facts)
        sentence = f"{loss.identifier()} does not go with {_task_words(facts)}."
        remedy = Remedy(f"Use {fitting.identifier()}", lambda value: with_loss(value, facts, fitting))
        yield Problem("error", "training", sentence, field="loss", remedy=remedy)
        return
    if isinstance(network[-1], Disturbance):
        sentence = f"{network[-1].kind()} as the last layer disturbs the answer itself."
        remedy = Remedy("Remove it", lambda value: edits.with_network(value, edits.remove(value.network, (network[-1].name,))))
        yield Problem("warning", "network", sentence, network[-1].name, remedy=remedy)
    if facts.task == "multiclass" and isinstance(loss, BinaryCrossentropy | BinaryFocalCrossentropy):
        fitting = fitting_loss(facts)
        sentence = (
            f"{loss.identifier()} asks about each of {facts.outputs} classes by itself; only one class of an example is true."
        )
        remedy = Remedy(f"Use {fitting.identifier()}", lambda value: with_loss(value, facts, fitting))
        yield Problem("warning", "training", sentence, field="loss", remedy=remedy)
    if shape is not None:
        yield from _shape_problems(experiment, facts, target, shape)
    yield from _activation_problems(experiment, target)


def _shape_problems(experiment: Experiment, facts: Facts, target: Target, shape: Shape) -> Iterator[Problem]:
    last = experiment.network[-1]
    recurrent = ending_sequence(experiment.network)
    if len(shape) == 2 and recurrent is not None:
        sentence = (
            f"The output is {shape_text(shape)}, one for every step; {_task_words(facts)} need {_numbers(target.units)} in a row."
        )
        remedy = Remedy(
            f"Let {recurrent.name} put out its last step only", edits.changing(recurrent.name, return_sequences=False)
        )
        yield Problem("error", "network", sentence, recurrent.name, "return_sequences", remedy)
    elif len(shape) > 1:
        sentence = f"The output is {shape_text(shape)}; {_task_words(facts)} need {_numbers(target.units)} in a row."
        remedy = Remedy(_collapse(last, len(shape)), lambda value: _with_flat_output(value, target, len(shape)))
        yield Problem("error", "network", sentence, last.name, remedy=remedy)
    elif not _units_fit(experiment.training.loss, target, shape[0]):
        sentence = (
            f"The output has {_numbers(shape[0]) if shape[0] is not None else 'no fixed length'}; "
            f"{_task_words(facts)} with {experiment.training.loss.identifier()} need {target.units}."
        )
        yield Problem("error", "network", sentence, last.name, _size_field(last), _resize(experiment, target))


def _units_fit(loss: LossKind, target: Target, units: int | None) -> bool:
    return units == target.units or not loss.activations


def _size_field(layer: AnyLayer) -> str | None:
    return "units" if isinstance(layer, Dense | Maxout) else "filters" if isinstance(layer, Conv1D | Conv2D) else None


def _resize(experiment: Experiment, target: Target) -> Remedy:
    last = experiment.network[-1]
    if isinstance(last, Dense | Maxout):
        return Remedy(f"Set units to {target.units}", edits.changing(last.name, units=target.units))

    def append(value: Experiment) -> Experiment:
        layer = output_layer(target, value.training.loss, value.network)
        return edits.with_network(value, (*value.network, layer))

    return Remedy(f"Add Dense({target.units})", append)


def _collapse(last: AnyLayer, rank: int) -> str:
    if isinstance(last, Dense) and rank == 2:
        return "Insert GlobalAveragePooling1D"
    return "Insert Flatten" if isinstance(last, Dense) else "Add Flatten and Dense"


def _with_flat_output(experiment: Experiment, target: Target, rank: int) -> Experiment:
    """`experiment` with its axes brought into one row before a dense output, which is added where there is none."""
    network = experiment.network
    flatten = edits.new_layer(Flatten, network)
    last = network[-1] if network else None
    if isinstance(last, Dense):
        collapsing = edits.new_layer(GlobalAveragePooling1D, network) if rank == 2 else flatten
        source = sources(network)[-1][0]
        return edits.with_network(experiment, edits.insert_between(network, source, last.name, [collapsing]))
    return edits.with_network(experiment, (*network, flatten, output_layer(target, experiment.training.loss, network)))


def _activation_problems(experiment: Experiment, target: Target) -> Iterator[Problem]:
    loss, last = experiment.training.loss, experiment.network[-1]
    activation = output_activation(experiment.network)
    if activation == "softmax" and target.units == 1:
        sentence = "Over the single unit needed here softmax is always 1: nothing can be learned."
        yield Problem("error", "network", sentence, last.name, "activation", _use_activation(experiment, loss, target))
        return
    if isinstance(loss, CosineSimilarity) and target.units == 1:
        yield Problem("warning", "training", "The cosine of a single output is always −1 or 1.", field="loss")
    if loss.takes_logits and activation in (*_own_output, "sparsemax", "hard_sigmoid", "sparse_sigmoid"):
        sentence = f"The loss takes raw scores (from_logits), but the output already applies {activation}."
        remedy = Remedy("Turn from_logits off", _without_logits)
        yield Problem("error", "training", sentence, field="loss.from_logits", remedy=remedy)
    elif not loss.takes_logits and loss.activations and activation not in loss.activations:
        yield _misfit(experiment, loss, activation, target)


def _without_logits(experiment: Experiment) -> Experiment:
    if not experiment.training.loss.takes_logits:
        return experiment
    return edits.set_at(experiment, "training.loss.from_logits", False)


def _misfit(experiment: Experiment, loss: LossKind, activation: str, target: Target) -> Problem:
    last = experiment.network[-1]
    found = f"the output is {activation}" if activation else f"the last layer, {last.kind()}, gives none"
    probabilities = loss.activations[0] in _own_output
    sentence = f"{loss.identifier()} expects {_article(loss.activations[0])} output; {found}."
    severity: Severity = "error" if probabilities and loss.labels != "real" else "warning"
    field = "activation" if _applies_its_activation(last) else None
    return Problem(severity, "network", sentence, last.name, field, _use_activation(experiment, loss, target))


def _use_activation(experiment: Experiment, loss: LossKind, target: Target) -> Remedy:
    last = experiment.network[-1]
    activation = _proposed(loss)
    label = f"Use {activation.kind()}"
    if _applies_its_activation(last):
        return Remedy(label, edits.changing(last.name, activation=activation))
    if isinstance(last, Recurrent):
        output = output_layer(target, loss, experiment.network)
        label = f"Add Dense({target.units})"
        return Remedy(label, lambda value: edits.with_network(value, edits.insert(value.network, len(value.network), [output])))

    def append(value: Experiment) -> Experiment:
        layer = replace(cast(Activation, edits.new_layer(Activation, value.network)), activation=activation)
        return edits.with_network(value, (*value.network, layer))

    return Remedy(f"Add {activation.kind()}", append)


def _applies_its_activation(layer: AnyLayer) -> bool:
    """Whether the field `activation` is what the layer applies last, unlike in LSTM and GRU."""
    return hasattr(layer, "activation") and layer.non_linearity is not None


def _proposed(loss: LossKind) -> AnyActivation:
    name = "linear" if loss.takes_logits or not loss.activations else loss.activations[0]
    return cast(AnyActivation, activation_kinds[name]())


def _task_words(facts: Facts) -> str:
    return {
        "binary": "two classes",
        "multiclass": f"{facts.outputs} classes",
        "multilabel": f"{facts.outputs} labels at once",
        "regression": "numbers to predict",
    }[facts.task]


def _numbers(count: int) -> str:
    return "one number" if count == 1 else f"{count} numbers"


def _article(word: str) -> str:
    return f"{'an' if word[0] in 'aeiou' else 'a'} {word}"
