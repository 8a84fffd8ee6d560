"""Looks at single units, weights and predictions: what panels want beyond the statistics of every probe."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from math import prod
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from models.data.prepared import Prepared, View
from models.engine.attempts import seen_or_why
from models.engine.compiled import Compiled
from models.engine.network import keras_object
from models.engine.passages import Passages
from models.engine.probe import examples_for
from models.experiment.experiment import Experiment
from models.experiment.graph import input_name, readers, sources
from models.experiment.layers import AnyLayer, Dense, Maxout
from models.telemetry.thinning import evenly
from models.telemetry.wanted import Answers, Looks, Neurons, Onward, Part, Predictions, Wanted, WeightArray, Weights

Singles = NDArray[np.float32]

most_units = 256
"""Units that are looked at one by one."""
most_outputs = 2**16
"""Numbers that all units together put out: more could not be told apart in a panel."""
most_weights = 2**17
"""Numbers that are taken of one array of weights."""
most_predicted = 2000
"""Examples that predictions are made for, fewer where each has many outputs."""
most_points = 1000
"""Examples of each part that are drawn over the data's view, or followed to a layer."""


class Predicted(NamedTuple):
    """The examples that predictions are made for."""

    part: Part
    examples: int
    rows: NDArray[np.int64]
    x: tf.Tensor
    y: tf.Tensor


class Looker:
    """Looks at what panels want.

    What it sees follows from the data and from the weights that the network has when it is called, and from nothing else: with
    the weights of an earlier moment put into the network it sees what was to be seen then. It changes nothing. What it fails to
    look at is answered with the reason, and the rest is seen all the same.
    """

    def __init__(self, experiment: Experiment, prepared: Prepared, model: keras.Model) -> None:
        self._experiment = experiment
        self._prepared = prepared
        self._model = model
        self._declared = {layer.name: layer for layer in experiment.network}
        self._readers = readers(experiment.network)
        self._passages = Passages(experiment.network, model)
        self._readings: dict[str, Compiled] = {}
        self._onwards: dict[str, Compiled] = {}
        self._ready: set[str] = set()
        """Layers whose units can be looked at without a wait."""
        self._loss: keras.Loss = keras_object(experiment.training.loss, reduction="none")
        self._judging: Compiled | None = None

    def look(self, wanted: Wanted) -> Looks | None:
        """What is wanted, as the network is now; none where nothing is. Layers that the network does not have are passed over."""
        if wanted == Wanted(example=wanted.example):
            return None
        return Looks(
            wanted,
            {
                name: seen_or_why(f"The units of {name}", self._neurons, name, wanted.example)
                for name in self._known(wanted.neurons)
            },
            {name: seen_or_why(f"The weights of {name}", self._weights, name) for name in self._known(wanted.weights)},
            seen_or_why("Predictions", self._predictions) if wanted.predictions else None,
            seen_or_why("What is wrong", self._answers) if wanted.answers and self._prepared.view is not None else None,
        )

    def get_ready(self) -> bool:
        """Trace what looks at the units of one more layer need, where that takes long; tells whether there was one."""
        if not self._passages.slow or self._prepared.view is not None:
            return False
        name = next((name for name in self._declared if name not in self._ready), None)
        if name is not None:
            self._ready.add(name)
            self._neurons(name, 0)
        return name is not None

    def _known(self, names: Iterable[str]) -> list[str]:
        """Those of the layers with these names that the network has."""
        return [name for name in names if name in self._declared]

    # Units

    def _neurons(self, name: str, example: int) -> Neurons:
        view = self._prepared.view
        return self._of_example(name, example) if view is None else self._over_view(name, view)

    def _over_view(self, name: str, view: View) -> Neurons:
        """Every unit over the data's view; what a layer puts out in several axes counts as one row of units."""
        units = prod(self._model.get_layer(name).output.shape[1:])
        shown = min(units, most_units)
        lengths = [len(axis) for axis in reversed(view.axes)]
        stride = _fitting_stride(shown, lengths)
        thinned = (slice(None, None, stride),) * len(lengths)
        inputs = view.inputs.reshape(*lengths, *view.inputs.shape[1:])[thinned]
        places = inputs.shape[: len(lengths)]
        outputs = self._forward(name, inputs.reshape(-1, *view.inputs.shape[1:])).reshape(-1, units)[:, :shown]
        rows = evenly(len(self._prepared.x_train), most_points) if units == 2 else None
        return Neurons(
            name,
            view.kind,
            units,
            np.ascontiguousarray(outputs.T).reshape(shown, *places),
            stride,
            training_outputs=None if rows is None else self._forward(name, self._prepared.x_train[rows]).reshape(-1, units).T,
            training_rows=rows,
            weights=self._arrays(name),
            onward=self._onward(name, units, inputs if view.kind == "curve" else None),
        )

    def _of_example(self, name: str, example: int) -> Neurons:
        """Every unit for one example; the axes of a picture stay."""
        x = self._part[1]
        example = min(example, len(x) - 1)
        found, mask = self._passages.to(name, tf.constant(x[example : example + 1]))
        outputs = np.moveaxis(np.asarray(found[0]), -1, 0)
        shown = outputs[:most_units]
        stride = _fitting_stride(len(shown), shown.shape[1:])
        thinned = shown[(slice(None), *(slice(None, None, stride),) * (shown.ndim - 1))]
        return Neurons(
            name,
            "example",
            len(outputs),
            thinned.copy(),
            stride,
            example,
            weights=self._arrays(name),
            onward=self._onward(name, len(outputs)),
            passed_over=_passed_over(self._model.get_layer(name), outputs, mask),
        )

    def _onward(self, name: str, units: int, curve: Singles | None = None) -> Onward | None:
        """Where the units of a layer are added up next, and what is added over the inputs of a `curve`, where there is one."""
        last, after = name, self._readers[name]
        while len(after) == 1 and _is_pointwise(self._declared[after[0]]):
            last, after = after[0], self._readers[after[0]]
        if len(after) != 1 or not isinstance(self._declared[after[0]], Dense):
            return None
        dense = self._model.get_layer(after[0])
        if dense.kernel.shape[0] != units:  # laid out in other rows on the way
            return None
        kernel, bias = self._sums_of(dense)
        onward = Onward(after[0], dense.units, kernel[:most_units], bias)
        if curve is None:
            return onward
        arriving = self._forward(last, curve).reshape(-1, units)
        sums = arriving.astype(np.float64) @ kernel + bias
        return replace(onward, arriving=arriving.T[:most_units].copy(), sums=sums.T.astype(np.float32))

    def _sums_of(self, dense: keras.layers.Dense) -> tuple[Singles, Singles]:
        """Kernel and bias of the first units of a Dense layer."""
        if dense.name not in self._onwards:
            self._onwards[dense.name] = Compiled(lambda: _first_units(dense))
        kernel, bias = self._onwards[dense.name]()
        return np.asarray(kernel), np.asarray(bias)

    def _forward(self, name: str, x: Singles) -> Singles:
        """What a layer puts out for `x`, (examples, …)."""
        return np.asarray(self._passages.to(name, tf.constant(x)).outputs)

    # Weights

    def _weights(self, name: str) -> Weights:
        arriving = self._arriving(name) if isinstance(self._declared[name], Maxout) else None
        return Weights(name, self._arrays(name) or {}, arriving)

    def _arriving(self, name: str) -> Singles | None:
        """What comes into a layer for training examples; none where that is not one row of numbers an example."""
        source = dict(zip(self._declared, sources(self._experiment.network), strict=True))[name][0]
        shape = self._model.input.shape if source == input_name else self._model.get_layer(source).output.shape
        if len(shape) != 2:
            return None
        x = self._prepared.x_train
        x = x[evenly(len(x), min(most_points, max(1, most_outputs // shape[1])))]
        return x if source == input_name else self._forward(source, x)

    def _arrays(self, name: str) -> Mapping[str, WeightArray] | None:
        """The weights of a layer, and of what is inside it; none where it has none."""
        layer = self._model.get_layer(name)
        if not layer.weights:
            return None
        if name not in self._readings:
            self._readings[name] = Compiled(lambda: [_read(weight) for weight in layer.weights])
        read = self._readings[name]()
        return {
            weight.path.removeprefix(f"{name}/"): _weight_array(tuple(weight.shape), np.asarray(values), np.asarray(figures))
            for weight, (values, figures) in zip(layer.weights, read, strict=True)
        }

    # Predictions

    def _predictions(self) -> Predictions:
        chosen = self._predicted
        outputs, losses = self._judged(chosen.x, chosen.y)
        return Predictions(chosen.part, chosen.examples, chosen.rows, np.asarray(outputs), np.asarray(losses))

    def _answers(self) -> Answers:
        prepared, last = self._prepared, self._experiment.network[-1].name
        training, validation = (evenly(len(x), most_points) for x in (prepared.x_train, prepared.x_val))
        outputs = self._forward(last, np.concatenate([prepared.x_train[training], prepared.x_val[validation]]))
        return Answers(training, outputs[: len(training)], validation, outputs[len(training) :])

    @cached_property
    def _predicted(self) -> Predicted:
        part, x, y = self._part
        rows = evenly(len(x), examples_for(self._model, most_predicted))
        return Predicted(part, len(x), rows, tf.constant(x[rows]), tf.constant(y[rows]))

    @property
    def _part(self) -> tuple[Part, Singles, NDArray[np.float32] | NDArray[np.int32]]:
        """The validation examples; the training examples where there are none."""
        prepared = self._prepared
        if len(prepared.x_val):
            return "validation", prepared.x_val, prepared.y_val
        return "training", prepared.x_train, prepared.y_train

    def _judged(self, x: tf.Tensor, y: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """(examples, …) and (examples,): what the network puts out, and the loss of each."""
        if not self._passages.slow:  # one graph is faster than two
            outputs, losses = self._judge(self._outputs_and_losses, x, y)
            return outputs, losses
        outputs, mask = self._passages.to(self._experiment.network[-1].name, x)
        return outputs, self._judge(self._loss_of_each, outputs, y, *([] if mask is None else [mask]))

    def _judge(self, judge: Callable[..., object], *given: tf.Tensor) -> Any:  # noqa: ANN401, as of `Compiled`
        if self._judging is None:
            self._judging = Compiled(judge, [tf.TensorSpec((None, *each.shape[1:]), each.dtype) for each in given])
        return self._judging(*given)

    def _outputs_and_losses(self, x: tf.Tensor, y: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        with keras.StatelessScope():
            outputs = tf.cast(self._model(x, training=False), tf.float32)
        return outputs, self._loss_of_each(outputs, y)

    def _loss_of_each(self, outputs: tf.Tensor, y: tf.Tensor, *mask: tf.Tensor) -> tf.Tensor:
        if mask:
            (outputs._keras_mask,) = mask
        losses = self._loss(y, outputs)
        return tf.reduce_mean(losses, axis=list(range(1, losses.shape.rank)))


def _passed_over(layer: keras.Layer, outputs: Singles, mask: tf.Tensor | None) -> NDArray[np.bool_] | None:
    """Which of the steps of what a layer puts out for one example (units, steps) its `mask` passes over; none where none are."""
    if mask is None:
        return None
    over: NDArray[np.bool_] = ~np.asarray(mask)[0]
    if over.shape != outputs.shape[1:] or not over.any():
        return None
    # What goes backwards puts its steps out in that order, and hands the mask on as it came.
    return over[::-1].copy() if getattr(layer, "go_backwards", False) else over


def _is_pointwise(layer: AnyLayer) -> bool:
    """Whether a layer does something to each unit by itself."""
    return layer.pointwise and (layer.non_linearity is None or layer.non_linearity.elementwise)


def _first_units(dense: keras.layers.Dense) -> tuple[tf.Tensor, tf.Tensor]:
    """(inputs, units) and (units,): what a Dense layer multiplies and adds, of its first units."""
    kernel = tf.cast(dense.kernel, tf.float32)[:, :most_units]
    return kernel, tf.cast(dense.bias, tf.float32)[:most_units] if dense.use_bias else tf.zeros(tf.shape(kernel)[1])


def _read(weight: keras.Variable) -> tuple[tf.Tensor, tf.Tensor]:
    """What is taken of an array of weights; least, greatest, mean and deviation of its finite numbers, and how many are not."""
    values = tf.cast(weight.value, tf.float32)[tuple(slice(None, None, stride) for stride in strides(tuple(weight.shape)))]
    numbers = tf.reshape(tf.cast(weight.value, tf.float64), [-1])
    finite = tf.boolean_mask(numbers, tf.math.is_finite(numbers))
    missing = tf.cast(tf.size(numbers) - tf.size(finite), tf.float64)
    mean, variance = tf.nn.moments(finite, axes=[0])
    figures = tf.stack([tf.reduce_min(finite), tf.reduce_max(finite), mean, tf.sqrt(variance)])
    return values, tf.concat([tf.where(tf.size(finite) > 0, figures, tf.zeros_like(figures)), [missing]], axis=0)


def _weight_array(shape: tuple[int, ...], values: Singles, figures: NDArray[np.float64]) -> WeightArray:
    low, high, mean, std, not_finite = figures.tolist()
    return WeightArray(shape, strides(shape), values, low, high, mean, std, int(not_finite))


def strides(shape: Sequence[int]) -> tuple[int, ...]:
    """For each axis the distance of the places that are taken of an array of weights, the longest axis thinned first."""
    steps = [1] * len(shape)
    while prod(lengths := [-(-length // step) for length, step in zip(shape, steps, strict=True)]) > most_weights:
        steps[lengths.index(max(lengths))] += 1
    return tuple(steps)


def _fitting_stride(units: int, lengths: Sequence[int]) -> int:
    """The least distance of places along each axis at which `units` of them are not too many numbers."""
    longest = max(lengths, default=1)
    fitting = (stride for stride in range(1, longest) if units * prod(-(-length // stride) for length in lengths) <= most_outputs)
    return next(fitting, longest)
