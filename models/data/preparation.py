"""From an experiment to the arrays its network is fed: split, scaled, encoded."""

import numpy as np

from models.data.encoding import encode
from models.data.errors import DataError, Place
from models.data.examples import Array, Examples, facts_of
from models.data.loading import load
from models.data.prepared import Floats, Prepared, unscaled
from models.data.scaling import Scale, fill_missing, fit
from models.data.splitting import predicted, split
from models.data.views import view_of
from models.experiment.check import check
from models.experiment.data import (
    Arrays,
    Curve,
    Diabetes,
    Facts,
    FileSource,
    Plane,
    RandomNumbers,
    Scaling,
    Sequences,
    Source,
    Table,
)
from models.experiment.encoding import Target
from models.experiment.experiment import Experiment


def prepare(experiment: Experiment, override: Source | None = None) -> Prepared:
    """The data of `experiment`, or of `override` in their place, as they are fed; the same call gives the same arrays.

    Raises `DataError` where the source cannot be used or does not go with the loss.
    """
    source = experiment.data if override is None else override
    examples = load(source, experiment.seed)
    facts = facts_of(examples, source)
    target = _target(experiment, facts, source)
    training, validation = split(examples, source, experiment.seed)
    x = fill_missing(examples.x[training], examples.x[validation], examples.feature_names, _place(source))
    scale = fit(_scaling(source), x[0])
    y = examples.y[training], examples.y[validation]
    target_scale = _target_scale(examples, source, y[0])
    if target_scale is not None:
        y = target_scale.apply(y[0]), target_scale.apply(y[1])
    return Prepared(
        facts,
        target,
        scale.apply(x[0]),
        encode(y[0], target),
        scale.apply(x[1]),
        encode(y[1], target),
        view_of(examples, source, (training, validation), x, scale.apply),
        target_scale.numbers if target_scale is not None else unscaled,
        _weights(examples, training),
        _weights(examples, validation),
        predicted(training, validation),
        scale.numbers,
    )


def _weights(examples: Examples, rows: Array) -> Floats | None:
    return None if examples.weights is None else examples.weights[rows].astype(np.float32)


def _place(source: Source) -> Place:
    return Place(source.path if isinstance(source, FileSource) else source.kind())


def _scaling(source: Source) -> Scaling:
    return "none" if isinstance(source, Plane | Curve | Sequences | RandomNumbers) else source.scaling


def _target_scale(examples: Examples, source: Source, training: Array) -> Scale | None:
    if examples.task != "regression" or not isinstance(source, Diabetes | Table | Arrays) or source.target_scaling == "none":
        return None
    return fit(source.target_scaling, training)


def _target(experiment: Experiment, facts: Facts, source: Source) -> Target:
    """The encoding that `check` reports: what is checked is what is fed."""
    target = check(experiment, facts).target
    if target is not None:
        return target
    loss = experiment.training.loss.identifier()
    if facts.task == "regression":
        remedy = "choose a loss for numbers, such as mean_squared_error"
        raise DataError(_place(source), f"classes, for the loss {loss}", "numbers to predict", remedy)
    found = f"any number of {facts.outputs} labels in each"
    raise DataError(_place(source), f"one class in each example, for the loss {loss}", found, "choose binary_crossentropy")
