"""What is wrong with how the network is to be trained."""

from collections.abc import Iterator

from models.experiment import edits
from models.experiment.activations import ActivationFunction
from models.experiment.data import Facts
from models.experiment.encoding import Target
from models.experiment.experiment import Experiment
from models.experiment.layer_checks import unusable_numbers, unusable_sentence
from models.experiment.layers import BatchNormalization
from models.experiment.metrics import fits, metric_names
from models.experiment.output_checks import activation_kinds, output_activation, output_layer
from models.experiment.report import Problem, Remedy

_class_scores = ("accuracy", "top_k_categorical_accuracy")

top_k = 5
"""How many guesses Keras's top-k accuracy allows."""


def training_problems(experiment: Experiment, facts: Facts | None, target: Target | None) -> Iterator[Problem]:
    """Values of the training that exclude each other, cannot be computed with, or mean nothing for such data."""
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
    for field, number in unusable_numbers(training):
        yield Problem("error", "training", unusable_sentence(number), field=field)
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
    output = activation_kinds.get(output_activation(experiment.network))
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
