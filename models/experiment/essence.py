"""What of an experiment decides the figures of its run."""

from collections.abc import Iterator

from msgspec.structs import replace

from models.experiment.base import Value
from models.experiment.experiment import Experiment
from models.experiment.fields import fields_of
from models.experiment.layers import ActivityRegularization


def essence(experiment: Experiment) -> Experiment:
    """What decides a run: everything but the name, what is collapsed, and the learning rate, which acts at once."""
    optimizer = replace(experiment.training.optimizer, learning_rate=1.0)
    return replace(experiment, name="", collapsed=(), training=replace(experiment.training, optimizer=optimizer))


def course(experiment: Experiment) -> Experiment:
    """What decides each step of a run: its essence but for the length."""
    experiment = essence(experiment)
    return replace(experiment, training=replace(experiment.training, epochs=1, steps=None))


def counts_patience_anew(experiment: Experiment, origin: Experiment) -> bool:
    """Whether rules of `experiment`, begun in a state of `origin`, count epochs without improvement from there on.

    With the same settings they go on as those of `origin` would. Others get the patience that was set: after a plateau, with a
    lower learning rate, a run would be over at once.
    """
    rates = (each.training.optimizer.learning_rate for each in (experiment, origin))
    return course(experiment) != course(origin) or len(set(rates)) > 1


def keeps_best(experiment: Experiment, origin: Experiment) -> bool:
    """Whether the best epoch of `origin` is one of `experiment`, too: the same figure is watched, and says the same.

    That is so with epochs of one length and the same loss, see `same_loss`.
    """
    rules = [(each.training.keep_best, each.training.batch_size) for each in (experiment, origin)]
    return rules[0] == rules[1] and same_loss(experiment, origin)


def same_loss(one: Experiment, other: Experiment) -> bool:
    """Whether the losses of two runs can be compared number by number: of the same examples, with the same penalties in it."""
    return _measure(one) == _measure(other)


def comparable(one: Experiment, other: Experiment) -> bool:
    """Whether the curves of two runs are about the same: the source of the data, with its file, and the kind of loss."""
    return _subject(one) == _subject(other)


def _subject(experiment: Experiment) -> tuple[object, ...]:
    source = experiment.data
    return type(source), getattr(source, "path", None), type(experiment.training.loss)


def _measure(experiment: Experiment) -> tuple[object, ...]:
    training = experiment.training
    return experiment.data, experiment.seed, training.loss, training.class_weight, list(_penalties(experiment.network))


def _penalties(value: object, *, trained: bool = True) -> Iterator[tuple[object, bool]]:
    """All that adds to the loss in a part of a network, and whether that part is trained: what is not adds nothing."""
    if isinstance(value, tuple):
        for item in value:
            yield from _penalties(item, trained=trained)
    elif isinstance(value, Value):
        trained = trained and getattr(value, "trainable", True)
        if isinstance(value, ActivityRegularization):
            yield (value.l1, value.l2), trained
        for field in fields_of(type(value)):
            content = getattr(value, field.name)
            if not field.name.endswith("regularizer"):
                yield from _penalties(content, trained=trained)
            elif content is not None:
                yield (field.name, content), trained
