"""Looks an experiment over before anything is built: shapes, parameter counts, and problems with their remedies.

Nothing here raises: what a person can mend is a value in a list. Needs no TensorFlow; Keras judges the shapes in the tests.
"""

from collections.abc import Callable, Iterator
from typing import cast

from msgspec.structs import replace

from models.experiment import edits
from models.experiment.activations import Activation as AnyActivation
from models.experiment.activations import ActivationFunction
from models.experiment.base import Shape, Value
from models.experiment.data import Facts, FileSource, Multilabel
from models.experiment.encoding import Target, target_for
from models.experiment.errors import BadInput
from models.experiment.estimate import estimate
from models.experiment.experiment import Experiment, Network
from models.experiment.fields import kinds_in
from models.experiment.initializers import Constant, HeNormal, Identity, InitializerKind, Ones, Zeros
from models.experiment.layers import (
    Activation,
    AnyLayer,
    BatchNormalization,
    Conv1D,
    Conv2D,
    Dense,
    Flatten,
    GlobalAveragePooling1D,
    Maxout,
    Reshape,
)
from models.experiment.layers.base import Complaint, Layer, Severity, shape_text
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
from models.experiment.metrics import fits, metric_names
from models.experiment.regularizers import MinMaxNorm
from models.experiment.report import LayerReport, Problem, Remedy, Report

_activations = {kind.identifier(): cast(type[ActivationFunction], kind) for kind in kinds_in(AnyActivation)}
_own_output = ("sigmoid", "softmax")
_class_scores = ("accuracy", "top_k_categorical_accuracy")

top_k = 5
"""How many guesses Keras's top-k accuracy allows."""
least_number, greatest_number = 1.18e-38, 3.40e38
"""Of 32 bits; TensorFlow takes what is nearer to 0 for 0."""


def check(
    experiment: Experiment, facts: Facts | None = None, data_problem: BadInput | None = None, memory: int | None = None
) -> Report:
    """Shapes, parameter counts and problems of `experiment`.

    `facts` are what the data deliver where a file had to be read for it; `data_problem` is why that failed;
    `memory` is how many bytes a run may take.
    """
    facts = facts or experiment.data.facts()
    problems = list(_data_problems(experiment, facts, data_problem))
    problems += _name_problems(experiment.network)
    layers, found = _walk(experiment.network, facts)
    problems += found
    target = _target(experiment, facts)
    if facts and experiment.network:
        problems += _output_problems(experiment, facts, target, layers[-1].output_shape)
    problems += _training_problems(experiment, facts, target)
    report = Report(facts, target, layers, tuple(problems))
    too_large = _memory_problem(experiment, report, memory)
    return report if too_large is None else replace_problems(report, (*report.problems, too_large))


def replace_problems(report: Report, problems: tuple[Problem, ...]) -> Report:
    """`report` with other problems."""
    return Report(report.facts, report.target, report.layers, problems)


def output_activation(network: Network) -> str:
    """Keras's name of the last non-linearity: ``"linear"`` for weighted sums without one, empty for anything else."""
    for layer in reversed(network):
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


def _target(experiment: Experiment, facts: Facts | None) -> Target | None:
    if facts is None:
        return None
    last = experiment.network[-1] if experiment.network else None
    units = getattr(last, "units", None)
    return target_for(facts, experiment.training.loss, output_activation(experiment.network), units)


def _data_problems(experiment: Experiment, facts: Facts | None, data_problem: BadInput | None) -> Iterator[Problem]:
    if facts is None:
        sentence = str(data_problem or "The data file was not read.")
        if data_problem is not None and (setting := data_problem.setting) is not None:
            remedy = Remedy(setting.label, lambda value: edits.set_at(value, f"data.{setting.field}", setting.value))
            yield Problem("error", "data", sentence, field=setting.field, remedy=remedy)
        else:
            yield Problem("error", "data", sentence, field="path" if isinstance(experiment.data, FileSource) else None)
        return
    if isinstance(experiment.data, Multilabel) and experiment.data.labels_per_example > experiment.data.labels:
        wanted, most = experiment.data.labels_per_example, experiment.data.labels
        sentence = f"An example cannot carry {wanted} of {most} labels on average."
        yield Problem("error", "data", sentence, field="labels_per_example", remedy=Remedy(f"Use {most}", _all_labels))
    if facts.training_samples < 1:
        yield Problem("error", "data", "No example is left for training: lower the test share.", field="test_share")
    elif facts.validation_samples < 1:
        sentence = "No example is kept for validation, so overfitting stays unseen."
        remedy = Remedy("Keep 20 %", lambda value: edits.set_at(value, "data.test_share", 0.2))
        yield Problem("hint", "data", sentence, field="test_share", remedy=remedy)


def _all_labels(experiment: Experiment) -> Experiment:
    if not isinstance(experiment.data, Multilabel):
        return experiment
    return edits.set_at(experiment, "data.labels_per_example", experiment.data.labels)


def _name_problems(network: Network) -> Iterator[Problem]:
    seen = {edits.input_name}
    for index, layer in enumerate(network):
        if layer.name in seen:
            why = "is the input layer's own" if layer.name == edits.input_name else "is taken by an earlier layer"
            yield Problem(
                "error", "network", f"The name “{layer.name}” {why}.", layer.name, "name", _rename_at(index, layer.name)
            )
        seen.add(layer.name)


def _rename_at(index: int, name: str) -> Remedy:
    def edit(value: Experiment) -> Experiment:
        network = value.network
        if index >= len(network):
            return value
        others = (*network[:index], *network[index + 1 :])
        layer = replace(network[index], name=edits.free_name(name, others))
        return edits.with_network(value, (*network[:index], layer, *network[index + 1 :]))

    return Remedy("Rename", edit)


def _walk(network: Network, facts: Facts | None) -> tuple[tuple[LayerReport, ...], list[Problem]]:
    """Follow the shape through the layers; behind an error nothing is known any more."""
    shape: Shape | None = facts.input_shape if facts else None
    reports: list[LayerReport] = []
    problems: list[Problem] = []
    for index, layer in enumerate(network):
        problems += _value_problems(layer, index == len(network) - 1)
        if shape is None:
            reports.append(LayerReport(layer.name, layer.kind(), None, None, None))
            continue
        complaints = (*layer.complaints(shape), *_constraint_complaints(layer, shape))
        problems += [_from_complaint(layer, complaint) for complaint in complaints]
        if any(complaint.severity == "error" for complaint in complaints):
            reports.append(LayerReport(layer.name, layer.kind(), shape, None, None))
            shape = None
            continue
        output = layer.output_shape(shape)
        reports.append(LayerReport(layer.name, layer.kind(), shape, output, layer.parameters(shape)))
        shape = output
    return tuple(reports), problems


def _from_complaint(layer: AnyLayer, complaint: Complaint) -> Problem:
    def edit(value: Experiment) -> Experiment:
        index = next((index for index, other in enumerate(value.network) if other.name == layer.name), None)
        if index is None:
            return value
        network = value.network
        if complaint.insert is not None:
            network = edits.insert(network, index, [cast(AnyLayer, complaint.insert)])
        if complaint.replace is not None:
            network = edits.put(network, layer.name, cast(AnyLayer, complaint.replace))
        return edits.with_network(value, network)

    remedy = Remedy(complaint.label, edit) if complaint.label else None
    return Problem(complaint.severity, "network", complaint.sentence, layer.name, complaint.field, remedy)


def _value_problems(layer: AnyLayer, last: bool) -> Iterator[Problem]:
    """Values that are legal one by one, but not together, or not wise."""
    for field in layer.__struct_fields__:
        content = getattr(layer, field)
        if isinstance(content, MinMaxNorm) and content.min_value > content.max_value:
            sentence = f"The least length ({content.min_value:g}) is above the greatest ({content.max_value:g})."
            yield Problem("error", "network", sentence, layer.name, field)
        minval, maxval = getattr(content, "minval", 0.0), getattr(content, "maxval", 0.0)
        if isinstance(content, InitializerKind) and minval > maxval:
            sentence = f"The lower bound ({minval:g}) is above the upper one ({maxval:g})."
            yield Problem("error", "network", sentence, layer.name, field)
    variance = getattr(layer, "moving_variance_initializer", None)
    if variance is not None and not _never_negative(variance):
        sentence = f"{variance.kind()} makes negative numbers too; a variance has none: outside training the output would be NaN."
        remedy = Remedy("Use ones", _change(layer.name, moving_variance_initializer=Ones()))
        yield Problem("error", "network", sentence, layer.name, "moving_variance_initializer", remedy)
    for field, number in _unusable_numbers(layer):
        yield Problem("error", "network", _unusable(number), layer.name, field.partition(".")[0])
    kernel = getattr(layer, "kernel_initializer", None)
    if isinstance(kernel, Zeros | Ones | Constant) and not last:
        sentence = "All units start alike and stay alike: they get the same gradient at every step."
        remedy = Remedy("Use he_normal", _change(layer.name, kernel_initializer=HeNormal()))
        yield Problem("warning", "network", sentence, layer.name, "kernel_initializer", remedy)


def _never_negative(initializer: InitializerKind) -> bool:
    least = getattr(initializer, "value", None) if isinstance(initializer, Constant) else getattr(initializer, "minval", None)
    return isinstance(initializer, Zeros | Ones | Identity) or (least is not None and least >= 0)


def _unusable_numbers(value: Value) -> Iterator[tuple[str, float]]:
    """Fields, dots between their names, with numbers that 32 bits hold as 0 or infinity only."""
    for field in value.__struct_fields__:
        content = getattr(value, field)
        if isinstance(content, Value):
            yield from ((f"{field}.{inner}", number) for inner, number in _unusable_numbers(content))
        numbers = content if isinstance(content, tuple) else (content,)
        for number in numbers:
            if isinstance(number, float) and number and not least_number <= abs(number) <= greatest_number:
                yield field, number


def _unusable(number: float) -> str:
    if abs(number) < least_number:
        return f"{number:g} is taken for 0: networks compute with 32 bits, and their least number is {least_number:.1e}."
    return f"{number:g} is taken for infinity: networks compute with 32 bits, and their greatest is {greatest_number:.1e}."


def _constraint_complaints(layer: Layer, shape: Shape) -> Iterator[Complaint]:
    """Constraints that name an axis which the weights do not have."""
    ranks = {"kernel_constraint": {"Dense": 2, "Conv1D": 3, "Conv2D": 4}.get(layer.kind(), 0), "alpha_constraint": len(shape)}
    for field in layer.__struct_fields__:
        axis = getattr(getattr(layer, field), "axis", None)
        if not field.endswith("_constraint") or axis is None:
            continue
        rank = ranks.get(field, 1)
        if not -rank <= axis < rank:
            yield Complaint(f"These weights have axes 0 to {rank - 1}; there is no axis {axis}.", field)


def _output_problems(experiment: Experiment, facts: Facts, target: Target | None, shape: Shape | None) -> Iterator[Problem]:
    loss, network = experiment.training.loss, experiment.network
    if target is None:
        fitting = fitting_loss(facts)
        sentence = f"{loss.kind()} does not go with {_task_words(facts)}."
        remedy = Remedy(f"Use {fitting.identifier()}", lambda value: with_loss(value, facts, fitting))
        yield Problem("error", "training", sentence, field="loss", remedy=remedy)
        return
    if isinstance(network[-1], Disturbance):
        sentence = f"{network[-1].kind()} as the last layer disturbs the answer itself."
        remedy = Remedy("Remove it", lambda value: edits.with_network(value, edits.remove(value.network, (network[-1].name,))))
        yield Problem("warning", "network", sentence, network[-1].name, remedy=remedy)
    if facts.task == "multiclass" and isinstance(loss, BinaryCrossentropy | BinaryFocalCrossentropy):
        fitting = fitting_loss(facts)
        sentence = f"{loss.kind()} asks about each of {facts.outputs} classes by itself; only one class of an example is true."
        remedy = Remedy(f"Use {fitting.identifier()}", lambda value: with_loss(value, facts, fitting))
        yield Problem("warning", "training", sentence, field="loss", remedy=remedy)
    if shape is not None:
        yield from _shape_problems(experiment, facts, target, shape)
    yield from _activation_problems(experiment, target)


def _shape_problems(experiment: Experiment, facts: Facts, target: Target, shape: Shape) -> Iterator[Problem]:
    last = experiment.network[-1]
    if len(shape) > 1:
        sentence = f"The output is {shape_text(shape)}; {_task_words(facts)} need {_numbers(target.units)} in a row."
        remedy = Remedy(_collapse(last, len(shape)), lambda value: _with_flat_output(value, target, len(shape)))
        yield Problem("error", "network", sentence, last.name, remedy=remedy)
    elif not _units_fit(experiment.training.loss, target, shape[0]):
        sentence = (
            f"The output has {shape[0]}; {_task_words(facts)} with {experiment.training.loss.identifier()} need {target.units}."
        )
        yield Problem("error", "network", sentence, last.name, _size_field(last), _resize(experiment, target))


def _units_fit(loss: LossKind, target: Target, units: int) -> bool:
    return units == target.units or not loss.activations


def _size_field(layer: AnyLayer) -> str | None:
    return "units" if isinstance(layer, Dense | Maxout) else "filters" if isinstance(layer, Conv1D | Conv2D) else None


def _resize(experiment: Experiment, target: Target) -> Remedy:
    last = experiment.network[-1]
    if isinstance(last, Dense | Maxout):
        return Remedy(f"Set units to {target.units}", _change(last.name, units=target.units))

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
        return edits.with_network(experiment, edits.insert(network, len(network) - 1, [collapsing]))
    return edits.with_network(experiment, (*network, flatten, output_layer(target, experiment.training.loss, network)))


def _activation_problems(experiment: Experiment, target: Target) -> Iterator[Problem]:
    loss, last = experiment.training.loss, experiment.network[-1]
    activation = output_activation(experiment.network)
    if activation == "softmax" and target.units == 1:
        sentence = "Softmax over a single unit is always 1: nothing can be learned."
        yield Problem("error", "network", sentence, last.name, "activation", _use_activation(experiment, loss))
        return
    if isinstance(loss, CosineSimilarity) and target.units == 1:
        yield Problem("warning", "training", "The cosine of a single output is always −1 or 1.", field="loss")
    if loss.takes_logits and activation in (*_own_output, "sparsemax", "hard_sigmoid", "sparse_sigmoid"):
        sentence = f"The loss takes raw scores (from_logits), but the output already applies {activation}."
        remedy = Remedy("Turn from_logits off", _without_logits)
        yield Problem("error", "training", sentence, field="loss.from_logits", remedy=remedy)
    elif not loss.takes_logits and loss.activations and activation not in loss.activations:
        yield _misfit(experiment, loss, activation)


def _without_logits(experiment: Experiment) -> Experiment:
    if not experiment.training.loss.takes_logits:
        return experiment
    return edits.set_at(experiment, "training.loss.from_logits", False)


def _misfit(experiment: Experiment, loss: LossKind, activation: str) -> Problem:
    last = experiment.network[-1]
    found = f"the output is {activation}" if activation else f"the last layer, {last.kind()}, gives none"
    probabilities = loss.activations[0] in _own_output
    sentence = f"{loss.kind()} expects {_article(loss.activations[0])} output; {found}."
    severity: Severity = "error" if probabilities and loss.labels != "real" else "warning"
    field = "activation" if hasattr(last, "activation") else None
    return Problem(severity, "network", sentence, last.name, field, _use_activation(experiment, loss))


def _use_activation(experiment: Experiment, loss: LossKind) -> Remedy:
    last = experiment.network[-1]
    activation = _proposed(loss)
    label = f"Use {activation.kind()}"
    if hasattr(last, "activation"):
        return Remedy(label, _change(last.name, activation=activation))

    def append(value: Experiment) -> Experiment:
        layer = replace(cast(Activation, edits.new_layer(Activation, value.network)), activation=activation)
        return edits.with_network(value, (*value.network, layer))

    return Remedy(f"Add {activation.kind()}", append)


def _proposed(loss: LossKind) -> AnyActivation:
    name = "linear" if loss.takes_logits or not loss.activations else loss.activations[0]
    return cast(AnyActivation, _activations[name]())


def _training_problems(experiment: Experiment, facts: Facts | None, target: Target | None) -> Iterator[Problem]:
    training = experiment.training
    if not experiment.network and target is not None:
        remedy = Remedy(
            f"Add Dense({target.units})",
            lambda value: edits.with_network(value, (*value.network, output_layer(target, value.training.loss))),
        )
        yield Problem("error", "network", "There is no layer yet.", remedy=remedy)
    elif not experiment.network:
        yield Problem("error", "network", "There is no layer yet.")
    clipping = [name for name in ("clipvalue", "clipnorm", "global_clipnorm") if getattr(training.optimizer, name) is not None]
    if len(clipping) > 1:
        sentence = f"Only one kind of gradient clipping can be used, not {' and '.join(clipping)}."
        remedy = Remedy(f"Keep {clipping[-1]}", lambda value: _keep_clipping(value, clipping))
        yield Problem("error", "training", sentence, field=f"optimizer.{clipping[0]}", remedy=remedy)
    for field, number in _unusable_numbers(training):
        yield Problem("error", "training", _unusable(number), field=field)
    yield from _metric_problems(experiment, facts, target)
    if facts and training.batch_size > facts.training_samples > 0:
        sentence = (
            f"A batch ({training.batch_size}) is larger than the training part ({facts.training_samples}): one step an epoch."
        )
        yield Problem("hint", "training", sentence, field="batch_size")
    normalized = next((layer for layer in experiment.network if isinstance(layer, BatchNormalization)), None)
    if normalized and training.batch_size == 1:
        sentence = "Batch normalization over a batch of one example puts out the shift β alone."
        remedy = Remedy("Use batches of 32", lambda value: edits.set_at(value, "training.batch_size", 32))
        yield Problem("warning", "training", sentence, normalized.name, "batch_size", remedy)


def _keep_clipping(experiment: Experiment, clipping: list[str]) -> Experiment:
    for name in clipping[:-1]:
        experiment = edits.set_at(experiment, f"training.optimizer.{name}", None)
    return experiment


def _metric_problems(experiment: Experiment, facts: Facts | None, target: Target | None) -> Iterator[Problem]:
    metrics = experiment.training.metrics or ()
    if facts is None or target is None:
        return
    wrong = [name for name in metrics if not fits(name, target.encoding, experiment.training.loss.takes_logits)]
    if wrong:
        sentence = f"{', '.join(wrong)} cannot be computed from such labels."
        yield Problem("error", "training", sentence, field="metrics", remedy=_without_metrics(*wrong))
        return
    if "top_k_categorical_accuracy" in metrics and facts.outputs <= top_k:
        sentence = f"top_k_categorical_accuracy asks for the best {top_k} classes: with {facts.outputs} it is always 1."
        remedy = _without_metrics("top_k_categorical_accuracy")
        yield Problem("warning", "training", sentence, field="metrics", remedy=remedy)
    shown = metric_names(experiment.training, facts)
    if not experiment.training.loss.activations and any(name in _class_scores for name in shown):
        sentence = (
            f"{experiment.training.loss.kind()} trains embeddings, not scores of classes: an accuracy of them means nothing."
        )
        rest = tuple(name for name in shown if name not in _class_scores)
        remedy = Remedy("Leave accuracy out", lambda value: edits.set_at(value, "training.metrics", rest))
        yield Problem("warning", "training", sentence, field="metrics", remedy=remedy)
    output = _activations.get(output_activation(experiment.network))
    if "auc" in metrics and output and not experiment.training.loss.takes_logits and not _within_0_and_1(output):
        sentence = f"auc compares probabilities; a {output.identifier()} output leaves 0…1, and counts as 0 or 1 there."
        yield Problem("warning", "training", sentence, field="metrics", remedy=_without_metrics("auc"))
    if len(set(metrics)) < len(metrics):
        unique = tuple(dict.fromkeys(metrics))
        remedy = Remedy("Name each once", lambda value: edits.set_at(value, "training.metrics", unique))
        yield Problem("error", "training", "A metric is named twice.", field="metrics", remedy=remedy)


def _without_metrics(*names: str) -> Remedy:
    def edit(value: Experiment) -> Experiment:
        rest = tuple(name for name in value.training.metrics or () if name not in names) or None
        return edits.set_at(value, "training.metrics", rest)

    return Remedy("Leave out", edit)


def _within_0_and_1(activation: type[ActivationFunction]) -> bool:
    low, high = activation.output_range
    return low >= 0 and high <= 1


def _memory_problem(experiment: Experiment, report: Report, memory: int | None) -> Problem | None:
    if memory is None or report.parameters is None or report.facts is None or not report.layers:
        return None
    need = estimate(experiment, report.facts).total
    if need <= memory:
        return None
    sentence = (
        f"A run needs about {need / 1e9:.1f} GB and {memory / 1e9:.1f} GB are free: "
        "use fewer units, a smaller batch or fewer examples."
    )
    largest = max(report.layers, key=lambda layer: layer.parameters.total if layer.parameters else 0)
    return Problem("error", "network", sentence, largest.name)


def _change(name: str, **values: object) -> Callable[[Experiment], Experiment]:
    return lambda value: edits.with_network(value, edits.change(value.network, name, **values))


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
