"""Turns an experiment's declarations into Keras objects of the same names."""

import contextlib
import random
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from operator import attrgetter
from pathlib import Path

import keras
import msgspec
import numpy as np
from numpy.typing import NDArray

from models.engine.errors import EngineError
from models.engine.giving_up import go_on
from models.engine.initial_weights import load_initial_weights
from models.engine.maxout import Maxout
from models.experiment.activations import ActivationFunction
from models.experiment.base import Variant
from models.experiment.data import Facts
from models.experiment.encoding import Encoding, Target
from models.experiment.experiment import Experiment
from models.experiment.fields import changed_fields, fields_of
from models.experiment.figures import Metric
from models.experiment.graph import input_name, sources
from models.experiment.initializers import InitializerKind
from models.experiment.layers.base import Layer
from models.experiment.layers.cells import CellKind
from models.experiment.losses import LossKind
from models.experiment.metrics import fits, metric_names
from models.experiment.optimizers import OptimizerKind
from models.experiment.regularizers import ConstraintKind, RegularizerKind
from models.experiment.training import Precision, Training

modules: dict[type[Variant], str] = {
    ActivationFunction: "layers",
    InitializerKind: "initializers",
    RegularizerKind: "regularizers",
    ConstraintKind: "constraints",
    LossKind: "losses",
    OptimizerKind: "optimizers",
    Layer: "layers",
    CellKind: "layers",
}
"""Where in Keras the class of a declaration lives."""


def build(experiment: Experiment, facts: Facts, x_train: NDArray[np.float32] | None = None) -> keras.Model:
    """The network with its initial weights, by the seed or from a file; input of shape (batch, *facts.input_shape).

    `x_train` is what a Normalization without means of its own takes them from. Raises `BadInput` for a file that does not fit.
    """
    # Layers draw all their seeds from here. Keras's set_random_seed also sets TensorFlow's own seed, which none of them uses; at
    # that TensorFlow forgets what it optimized, and every compiled function of a run that goes on takes 0.05 s again.
    random.seed(experiment.seed)
    with dtype_policy(experiment.training.precision):
        inputs = outputs = keras.Input(facts.input_shape, name=input_name)
        tensors = {input_name: inputs}
        for declaration, names in zip(experiment.network, sources(experiment.network), strict=True):
            go_on()
            layer: keras.Layer = keras_object(declaration, **layer_options(declaration, experiment))
            arriving = [tensors[name] for name in names]
            if adapts(declaration) and x_train is not None and experiment.initial_weights is None:
                layer.adapt(propagate(inputs, arriving[0], x_train))
            tensors[declaration.name] = outputs = called(layer, declaration, arriving)
            freeze(layer, declaration)
        model = keras.Model(inputs, outputs, name="network")
    if experiment.initial_weights is not None:
        load_initial_weights(model, Path(experiment.initial_weights))
    return model


def called(layer: keras.Layer, declaration: Layer, arriving: Sequence[keras.KerasTensor], **options: object) -> keras.KerasTensor:
    """What `layer` puts out where `arriving` comes in; `options` are further arguments of the call."""
    given = declaration.arranged(arriving)
    arguments = options | {name: getattr(declaration, name) for name in call_fields(declaration)}
    return layer(list(given), **arguments) if declaration.way == "list" else layer(*given, **arguments)


def freeze(layer: keras.Layer, declaration: Layer) -> None:
    """Keep training from what `declaration` says is not to be trained, in `layer` or in what is inside it.

    For layers that are built: one that is told when it is made does not tell those that it makes inside itself.
    """
    for path in declaration.frozen_parts():
        part = attrgetter(path)(layer) if path else layer
        part.trainable = False


def call_fields(layer: Layer) -> tuple[str, ...]:
    """Names of the fields that say something else than Keras's default when the layer is called, its inputs aside."""
    return tuple(field.name for field, _ in changed_fields(layer) if field.at_call and field.name != "inputs")


@contextlib.contextmanager
def dtype_policy(precision: Precision) -> Iterator[None]:
    """Layers that are made inside compute with numbers of this precision."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(precision)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def layer_options(layer: Layer, experiment: Experiment) -> dict[str, object]:
    """Arguments of a layer beside those it declares: in mixed precision the last one puts out float32, as Keras advises.

    Source: Keras's guide "Mixed precision": a softmax and a loss in half precision are not stable.
    """
    last = layer == experiment.network[-1]
    return {"dtype": "float32"} if last and experiment.training.precision != "float32" else {}


def adapts(layer: Layer) -> bool:
    """Whether `layer` takes figures from the training data."""
    return layer.adapts


def propagate(inputs: keras.KerasTensor, outputs: keras.KerasTensor, x: NDArray[np.float32]) -> NDArray[np.float32]:
    """What arrives at `outputs` when `x` goes in at `inputs`, outside training."""
    if outputs is inputs:
        return x
    return np.asarray(keras.Model(inputs, outputs).predict(x, batch_size=1024, verbose=0))


def keras_object(value: Variant, **options: object) -> object:
    """The object of Keras that `value` declares, all its arguments given, and `options` beside them."""
    arguments = {name: argument(getattr(value, name)) for name in constructor_fields(type(value))}
    return keras_class(value)(**arguments, **options)


@cache
def constructor_fields(kind: type[Variant]) -> tuple[str, ...]:
    """Names of the fields that Keras takes when the object is made, in the order of the declaration.

    Random seeds are drawn in it. Whether a layer is trained it is told later.
    """
    later = {field.name for field in fields_of(kind) if field.at_call} | {"trainable"}
    return tuple(name for name in kind.__struct_fields__ if name not in later)


def argument(value: object) -> object:
    """A field's value as Keras takes it: its identifier where that says everything, otherwise an object."""
    if isinstance(value, tuple) and any(isinstance(item, Variant) for item in value):
        return [argument(item) for item in value]
    if not isinstance(value, Variant):
        return value
    return value.identifier() if is_bare(value) else keras_object(value)


def is_bare(value: Variant) -> bool:
    """Whether Keras's identifier alone stands for `value`."""
    return value.written_bare and all(getattr(value, field.name) == field.default for field in msgspec.structs.fields(value))


def keras_class(value: Variant) -> Callable[..., object]:
    """The class of Keras, or our own layer, that `value` declares."""
    if value.kind() == "Maxout":
        return Maxout
    found: Callable[..., object] = getattr(getattr(keras, module_of(value)), class_name(value))
    return found


def class_name(value: Variant) -> str:
    """Name of the class in Keras."""
    return value.keras_layer if isinstance(value, ActivationFunction) else value.kind()


def module_of(value: Variant) -> str:
    """The module of Keras in which the class of `value` lives."""
    return next(name for kind, name in modules.items() if isinstance(value, kind))


def sign_accuracy(y_true: keras.KerasTensor, y_pred: keras.KerasTensor) -> keras.KerasTensor:
    """Share of outputs that have the sign of their label, −1 or 1; an output of exactly 0 has none.

    Keras's own binary accuracy compares labels with 0 and 1 and is wrong for −1.
    """
    return keras.ops.mean(keras.ops.cast(y_true * y_pred > 0, "float32"), axis=-1)


def metrics(training: Training, facts: Facts, target: Target) -> list[keras.metrics.Metric]:
    """The metrics to measure, under the names of the document."""
    logits = training.loss.takes_logits
    found = []
    for name in metric_names(training, facts):
        if not fits(name, target.encoding, logits):
            raise EngineError(
                f"The metric {name} cannot be measured on labels of the form {target.encoding}. Choose another one."
            )
        found.append(metric(name, target.encoding, logits))
    return found


def metric(name: Metric, encoding: Encoding, logits: bool) -> keras.metrics.Metric:
    """Keras's metric of this name that fits labels encoded so."""
    kind, arguments = metric_arguments(name, encoding, logits)
    if kind == "sign_accuracy":
        return keras.metrics.MeanMetricWrapper(sign_accuracy, name=name)
    return getattr(keras.metrics, kind)(**arguments, name=name)


def metric_arguments(name: Metric, encoding: Encoding, logits: bool) -> tuple[str, dict[str, object]]:
    """Class in ``keras.metrics`` (or ``sign_accuracy``) and arguments that measure `name` on labels encoded so."""
    threshold = 0.0 if logits else 0.5
    if name == "accuracy":
        if encoding in ("signed", "signed_multi_hot"):
            return "sign_accuracy", {}
        if encoding == "index":
            return "SparseCategoricalAccuracy", {}
        if encoding in ("one_hot", "signed_one_hot"):
            return "CategoricalAccuracy", {}
        return "BinaryAccuracy", {"threshold": threshold}
    if name == "top_k_categorical_accuracy":
        return ("SparseTopKCategoricalAccuracy" if encoding == "index" else "TopKCategoricalAccuracy"), {}
    if name in ("precision", "recall"):
        return name.title(), {"thresholds": threshold}
    if name == "auc":
        return "AUC", {"from_logits": logits}
    if name == "f1_score":
        return "F1Score", {"average": "macro"} | ({} if encoding == "one_hot" else {"threshold": threshold})
    return "".join(word.title() for word in name.split("_")), {}
