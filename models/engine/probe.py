"""Looks inside the network between compiled calls: what each layer puts out on a fixed batch, outside training."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from math import isfinite, nan, prod
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from models.engine.compiled import Compiled
from models.engine.errors import EngineError, first_line, ran_out_of_memory
from models.engine.gates import steps_of, sums_of, walked
from models.engine.giving_up import go_on
from models.engine.network import called
from models.engine.spread import Weights, flat, histogram_of, histograms, length_of, one_sign, stride, width
from models.engine.steps import Floats, weighted_layers
from models.experiment.activations import ActivationFunction, Linear
from models.experiment.graph import input_name, sources
from models.experiment.layers import AnyLayer, Embedding, PReLU, SimpleRNN, TimeDistributed
from models.experiment.layers.activations import ActivationLayer
from models.experiment.layers.around import core
from models.experiment.layers.base import Layer
from models.experiment.layers.gates import InnerGate, gates_in
from models.telemetry.events import GateProbe, LayerProbe, Slopes
from models.telemetry.thinning import evenly
from models.telemetry.zones import Zone, dead_slope, dead_zones, saturated_slope, saturated_zones

most_examples, least_examples = 256, 32
most_outputs = 2**22
"""Of all layers for all examples that are looked at: more would take longer than a step, and be looked at seldom."""
constant_share = 0.01
"""A unit whose outputs vary by less than this share of their size is nearly constant."""
most_compared = 256
"""Examples, and positions in them, in which two units are compared; evenly taken where there are more."""
same_share = 1e-5
"""Units compute the same if their sums differ by no more than this share of their size; rounding makes 1e-7 of it."""
most_slopes = 32
"""Of a PReLU that are told one by one."""

figure_names = (
    "mean", "std", "dead", "saturated", "near_constant", "one_signed_inputs", "duplicates", "forward_gain", "weight_norm",
)  # fmt: skip
"""What is told about a layer, or one of its gates, beside its histograms; NaN where it has no such figure."""


class Units(NamedTuple):
    """Numbers of a layer, unit by unit: a row for each example, and for each position in it where there are several."""

    values: tf.Tensor
    means: tf.Tensor
    """Of each unit."""
    variances: tf.Tensor
    least: tf.Tensor
    greatest: tf.Tensor

    @property
    def mean(self) -> tf.Tensor:
        """Of all numbers."""
        return tf.reduce_mean(self.means)

    @property
    def std(self) -> tf.Tensor:
        """Standard deviation of all numbers."""
        return tf.sqrt(tf.reduce_mean(self.variances) + tf.math.reduce_variance(self.means))

    @property
    def near_constant(self) -> tf.Tensor:
        """Share of units whose standard deviation is at most 1 % of the root of their mean square."""
        squares = self.variances + self.means**2
        return share(self.variances <= constant_share**2 * squares)

    @property
    def one_signed(self) -> tf.Tensor:
        """Which units are never of both signs, and not always 0."""
        return one_sign(self.least, self.greatest)

    def always_within(self, zones: Sequence[Zone]) -> tf.Tensor:
        """Which units are in one of the `zones` for every example."""
        if len(zones) > 1:
            return tf.reduce_all(within(self.values, zones), axis=0)
        low, high = zones[0]
        return (low <= self.least) & (self.greatest <= high)


class Passage(NamedTuple):
    """What was seen when a batch went through a layer."""

    outputs: tf.Tensor
    """With its mask."""
    seen: Units
    """The outputs."""
    sums: Units
    """What goes into the non-linearity, where that is seen; otherwise the outputs."""
    slopes: Units | None = None
    """Of a PReLU: the size of its slope at each of the sums."""
    gates: tuple[Units, ...] = ()
    """What a recurrent layer adds up inside, in the order of the subject's `gates`."""
    shapes: tuple[tuple[int, ...], ...] = ()
    """Of each sum that a recurrent layer makes: steps and units; there are fewer steps where a mask passes over some."""


@dataclass(frozen=True)
class Subject:
    """A layer that is looked at."""

    layer: keras.Layer
    declaration: AnyLayer
    sources: tuple[str, ...]
    """Names of what it reads."""
    function: ActivationFunction | None
    """The non-linearity that it applies last; none where that is linear, or not known."""
    gates: tuple[InnerGate, ...]
    """Where it has several non-linearities inside, as recurrent layers have."""
    weights: Weights | None
    """None where it holds none that are trained."""
    moving: Mapping[str, keras.Variable]
    """What a BatchNormalization in it keeps for later, by the name of the field."""

    @property
    def core(self) -> Layer:
        """The declaration of the layer that does the work, where there is another around it."""
        return core(self.declaration)

    @property
    def sums_seen(self) -> bool:
        """Whether it has one non-linearity, into which something goes."""
        return self.function is not None or isinstance(self.core, PReLU)

    @property
    def adds_at_steps(self) -> bool:
        """Whether it adds up anew at every step what goes into its non-linearities."""
        return bool(self.gates) or (self.sums_seen and isinstance(self.core, SimpleRNN))

    @property
    def histograms(self) -> tuple[str, ...]:
        """The fields of a probe that say how numbers of the layer are spread now."""
        sums = ("pre_activations",) if self.sums_seen else ()
        return ("activations", *sums, *(("weights",) if self.weights else ()), *self.moving)

    def samples(self, passage: Passage) -> list[tf.Tensor]:
        """What the histograms are made of, evenly taken; those of the gates come last."""
        step = stride(tuple(passage.outputs.shape))
        inner = [stride(shape) for shape in passage.shapes]
        sums = [(passage.sums, inner[0] if inner else step)] if self.sums_seen else []
        found = [tf.reshape(each.values, [-1])[::every] for each, every in ((passage.seen, step), *sums)]
        if self.weights is not None:
            found.append(self.weights.sample(flat([variable.value for variable in self.weights.variables])))
        found += [flat([variable.value]) for variable in self.moving.values()]
        of_gates = zip(passage.gates, inner, strict=False)  # a single sum is the layer's own
        return [*found, *(tf.reshape(gate.values, [-1])[::every] for gate, every in of_gates)]

    def figures(self, arriving: Units, passage: Passage) -> list[tf.Tensor]:
        """The single figures in the order of `figure_names`: of the layer, and of each of its gates."""
        outputs, weights = passage.seen, self.weights
        found = {
            "mean": outputs.mean,
            "std": outputs.std,
            "near_constant": outputs.near_constant,
            "weight_norm": length_of(flat([variable.value for variable in weights.variables])) if weights else nan,
            "forward_gain": nan if isinstance(self.core, Embedding) else outputs.std / arriving.std,
        }
        if passage.slopes is not None:
            found |= flat_slopes(passage.slopes)
        elif self.function is not None:
            found |= flat_shares(self.function, passage.sums)
        if weights is not None and weights.kernels:
            found |= {"one_signed_inputs": share(arriving.one_signed), "duplicates": share(doubled(passage.sums.values))}
        pairs = zip(self.gates, passage.gates, strict=True)
        gates = [{"mean": units.mean, "std": units.std, **flat_shares(gate.function, units)} for gate, units in pairs]
        return [tf.stack([tf.cast(each.get(name, nan), tf.float32) for name in figure_names]) for each in (found, *gates)]


class Prober:
    """Measures the layers that hold weights or apply a non-linearity."""

    def __init__(self, network: Sequence[AnyLayer], model: keras.Model, x: tf.Tensor) -> None:
        self._model = model
        self._x = x[: examples_for(model)]
        self._layers = [
            subject(model.get_layer(layer.name), layer, names) for layer, names in zip(network, sources(network), strict=True)
        ]
        self._probed = [each for each in self._layers if each.layer.weights or each.core.non_linearity is not None]
        self._weighted = [Weights(layer) for layer in weighted_layers(model)]
        weights = model.trainable_variables
        self._look = Compiled(self._measure, [tf.TensorSpec.from_tensor(self._x)])
        self._compare = Compiled(self._changes, [tf.TensorSpec(weight.shape, weight.dtype) for weight in weights])
        self._read = Compiled(lambda: [tf.identity(weight.value) for weight in weights])
        self._steps: dict[str, dict[str, Any]] = {}
        """By layer: the fields of a probe that are about the step that was watched last."""

    def compile(self) -> None:
        """Trace everything, noting nothing."""
        self.look({})
        self._compare(*self.weights())

    def forget(self) -> None:
        """No step was taken yet."""
        self._steps = {}

    def weights(self) -> list[tf.Tensor]:
        """The trainable weights as they are now."""
        values: list[tf.Tensor] = self._read()
        return values

    def note_step(self, before: Sequence[tf.Tensor], gradients: Floats, *, updated: bool = True) -> None:
        """Measure the step that was just taken from the weights `before`, for the probes to come.

        `gradients` are what `Step.spread` told of it. Where it was not one that `updated` the weights, but gathered a gradient
        for a later one, nothing is told of an update.
        """
        changes = np.asarray(self._compare(*before), np.float64)
        stds = gradients[:, width].tolist()
        for place, (weights, gradient, change) in enumerate(zip(self._weighted, gradients, changes, strict=True)):
            following = stds[place + 1] if place + 1 < len(stds) else 0.0
            moved, length = change[width:].tolist()
            self._steps[weights.name] = {
                "gradients": histogram_of(gradient),
                "gradient_std": stds[place],
                "one_signed_gradients": known(gradient[width + 1]),
                "backward_gain": stds[place] / following if following else None,
                "updates": histogram_of(change) if updated else None,
                "update_ratio": moved / length if updated and length > 0 else None,
            }

    def look(self, gradient_norms: Mapping[str, float], *, of_step: bool = True) -> tuple[LayerProbe, ...]:
        """The layers as they are now; `gradient_norms` are those measured last. `of_step`: with what the last step did."""
        spread, told = (np.asarray(each, np.float64) for each in self._look(self._x))
        rows, figures, steps = iter(spread), iter(told), self._steps if of_step else {}
        return tuple(
            self._layer_probe(each, rows, figures, gradient_norms, steps.get(each.layer.name, {})) for each in self._probed
        )

    def _layer_probe(
        self,
        each: Subject,
        rows: Iterator[Floats],
        figures: Iterator[Floats],
        gradient_norms: Mapping[str, float],
        step: Mapping[str, Any],
    ) -> LayerProbe:
        name = each.layer.name
        fields: dict[str, Any] = {field: histogram_of(next(rows)) for field in each.histograms}
        fields |= _figures_of(next(figures))
        if each.gates:
            fields["gates"] = tuple(_gate_probe(gate.name, next(rows), next(figures)) for gate in each.gates)
        if isinstance(each.core, PReLU):
            fields["slopes"] = slopes_of(np.asarray(each.layer.alpha, np.float64))
        return LayerProbe(name=name, gradient_norm=gradient_norms.get(name), **fields, **step)

    def _measure(self, x: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """The rows of all histograms, layer by layer, and a row of single figures for each layer and each gate."""
        values, units = {input_name: x}, {input_name: units_of(x, x)}
        samples, rows = [], []
        # Looking must change nothing, and a recurrent layer with dropout draws random numbers outside training, too.
        with keras.StatelessScope():
            for each in self._layers:
                go_on()
                passage = _followed(each, [values[name] for name in each.sources])
                values[each.layer.name], units[each.layer.name] = passage.outputs, passage.seen
                if each in self._probed:
                    samples += each.samples(passage)
                    rows += each.figures(units[each.sources[0]], passage)
        return histograms(samples), tf.stack(rows) if rows else tf.zeros([0, len(figure_names)])

    def _changes(self, *before: tf.Tensor) -> tf.Tensor:
        """A row for each layer with trainable weights: histogram of their change, its length, their length before."""
        if not self._weighted:
            return tf.zeros([0, width + 2])
        old = {id(weight): value for weight, value in zip(self._model.trainable_variables, before, strict=True)}
        starts = [flat([old[id(weight)] for weight in weights.variables]) for weights in self._weighted]
        ends = [flat([weight.value for weight in weights.variables]) for weights in self._weighted]
        changes = [end - start for start, end in zip(starts, ends, strict=True)]
        samples = [weights.sample(change) for weights, change in zip(self._weighted, changes, strict=True)]
        lengths = tf.stack([[length_of(each) for each in changes], [length_of(each) for each in starts]], axis=1)
        return tf.concat([histograms(samples), tf.cast(lengths, tf.float32)], axis=1)


def subject(layer: keras.Layer, declaration: AnyLayer, names: tuple[str, ...]) -> Subject:
    """The built `layer` of a `declaration` that reads what is called `names`, with what there is to see in it."""
    function = core(declaration).non_linearity
    # Steps whose number is not known are not gone through one by one, and nothing is heard of them.
    hidden = isinstance(declaration, TimeDistributed) and steps_of(layer) is None
    if hidden or isinstance(function, Linear):
        function = None
    kept = [part for part in layer._flatten_layers() if hasattr(part, "moving_mean")]
    moving = {name: getattr(kept[0], name) for name in ("moving_mean", "moving_variance")} if kept else {}
    weights = Weights(layer) if layer.trainable_weights else None
    return Subject(layer, declaration, names, function, gates_in(declaration), weights, moving)


def through(each: Subject, arriving: Sequence[tf.Tensor]) -> Passage:
    """Let what is `arriving` go through a layer, and see what there is to be seen."""
    layer, declaration = each.layer, each.declaration
    if each.adds_at_steps:
        with walked(layer) as walks:
            outputs = called(layer, declaration, arriving, training=False)
        found = [(units_of(sums, sums), walk.shape) for walk in walks for sums in sums_of(walk)]
        seen, gates = units_of(outputs, outputs), tuple(units for units, _ in found)
        one, several = (gates[0], ()) if each.sums_seen else (seen, gates)
        return Passage(outputs, seen, one, gates=several, shapes=tuple(shape for _, shape in found))
    if not each.sums_seen:
        outputs = called(layer, declaration, arriving, training=False)
        seen = units_of(outputs, outputs)
        return Passage(outputs, seen, seen)
    if isinstance(each.core, PReLU):
        outputs = called(layer, declaration, arriving, training=False)
        slopes = units_of(sizes_of_slopes(layer, arriving[0]), outputs)
        return Passage(outputs, units_of(outputs, outputs), units_of(arriving[0], outputs), slopes)
    if isinstance(each.core, ActivationLayer):
        outputs, sums = called(layer, declaration, arriving, training=False), arriving[0]
    else:
        with _overheard(layer if declaration is each.core else layer.layer) as heard:
            outputs = called(layer, declaration, arriving, training=False)
        sums = tf.stack(heard, axis=1) if isinstance(declaration, TimeDistributed) else heard[-1]
    return Passage(outputs, units_of(outputs, outputs), units_of(sums, outputs))


def _followed(each: Subject, arriving: Sequence[tf.Tensor]) -> Passage:
    """The same; where that fails, the error says at which layer."""
    try:
        return through(each, arriving)
    except Exception as error:
        if ran_out_of_memory(error):
            raise
        sentence = f"{each.layer.name} cannot be looked into ({first_line(error)}). Training is not touched by that."
        raise EngineError(sentence) from error


def examples_for(model: keras.Model, most: int = most_examples) -> int:
    """How many examples a look takes in: fewer where each has many outputs, as in a convolution of images."""
    outputs = sum(prod(size or 1 for size in layer.output.shape) for layer in model.layers[1:])
    return max(least_examples, min(most, most_outputs // max(outputs, 1)))


def units_of(values: tf.Tensor, outputs: tf.Tensor) -> Units:
    """`values` unit by unit, without steps of a sequence that the mask of a layer's `outputs` passes over."""
    there = tf.cast(without_padding(values, outputs), tf.float32)  # half precision computes with other numbers
    units = (there.shape[-1] or tf.shape(there)[-1]) if there.shape.rank > 1 else 1
    rows = tf.reshape(there, [-1, units])
    means, variances = tf.nn.moments(tf.cast(rows, tf.float64), axes=[0])  # squares of large and small numbers fit, too
    return Units(rows, means, variances, tf.reduce_min(rows, axis=0), tf.reduce_max(rows, axis=0))


def without_padding(values: tf.Tensor, outputs: tf.Tensor) -> tf.Tensor:
    """`values` at the steps of a sequence that the mask of a layer's `outputs` does not pass over; all where it leaves none."""
    mask = getattr(outputs, "_keras_mask", None)
    return values if mask is None else tf.boolean_mask(values, mask | ~tf.reduce_any(mask))


def share(which: tf.Tensor) -> tf.Tensor:
    """How many of the truth values are true, of all."""
    return tf.reduce_mean(tf.cast(which, tf.float32))


def flat_shares(function: ActivationFunction, sums: Units) -> dict[str, tf.Tensor | float]:
    """Which share of the units that apply `function` is dead, and in which share of all cases one is saturated."""
    dead, saturated = dead_zones(function), saturated_zones(function)
    undying = 0.0 if function.can_die else nan
    return {
        "dead": share(sums.always_within(dead)) if dead else undying,
        "saturated": share(within(sums.values, saturated)) if saturated else nan,
    }


def flat_slopes(sizes: Units) -> dict[str, tf.Tensor | float]:
    """The same for units with slopes of these `sizes`."""
    return {"dead": share(sizes.greatest < dead_slope), "saturated": share(sizes.values < saturated_slope)}


def sizes_of_slopes(prelu: keras.layers.PReLU, arriving: tf.Tensor) -> tf.Tensor:
    """|f′| at each of the numbers `arriving` at a PReLU, of the same shape; 1 above 0, and where there is no number."""
    return tf.where(arriving <= 0, tf.abs(tf.cast(prelu.alpha.value, arriving.dtype)), tf.ones([], arriving.dtype))


def slopes_of(values: Floats) -> Slopes | None:
    """What is told of these slopes of a PReLU; none where none of them is finite."""
    slopes = np.sort(values[np.isfinite(values)])
    return Slopes(float(slopes.mean()), slopes[evenly(slopes.size, most_slopes)]) if slopes.size else None


def within(values: tf.Tensor, zones: Sequence[Zone]) -> tf.Tensor:
    """Whether each of the `values` lies in one of the `zones`."""
    found = []
    for low, high in zones:
        from_low = values >= low if isfinite(low) else None
        to_high = values <= high if isfinite(high) else None
        found.append(to_high if from_low is None else from_low if to_high is None else from_low & to_high)
    return reduce(tf.logical_or, found)


def doubled(sums: tf.Tensor) -> tf.Tensor:
    """For units whose `sums` are given, a row an example: whether another unit has the same for all that are compared.

    Same sums have the same total under any weights: units are put in the order of one, and neighbours are compared.
    """
    compared = sums[:: tf.maximum(1, -(-tf.shape(sums)[0] // most_compared))]
    columns = tf.transpose(tf.cast(compared, tf.float64))
    totals = tf.linalg.matvec(columns, tf.cos(tf.range(tf.shape(columns)[1], dtype=tf.float64)))
    # No order has a place for what is no number: such units go to the end, and are like none.
    ordered = tf.gather(columns, tf.argsort(tf.where(tf.math.is_finite(totals), totals, np.inf)))
    size = tf.sqrt(tf.reduce_mean(ordered**2, axis=1, keepdims=True))
    near = tf.abs(ordered[1:] - ordered[:-1]) <= same_share * size[:-1]
    alike = tf.reduce_all(near & tf.math.is_finite(ordered[:-1]), axis=1)
    last = tf.constant([False])
    return tf.concat([alike, last], axis=0) | tf.concat([last, alike], axis=0)


def known(figure: float) -> float | None:
    """A figure as it is told; none in place of one that there is not."""
    return float(figure) if isfinite(figure) else None


def _figures_of(row: Floats) -> dict[str, Any]:
    """Fields of a probe that are single figures."""
    fields: dict[str, Any] = {field: known(figure) for field, figure in zip(figure_names, row, strict=True)}
    return fields | {"mean": float(row[0]), "std": float(row[1])}  # which say themselves where they are not finite


def _gate_probe(name: str, spread: Floats, row: Floats) -> GateProbe:
    figures = _figures_of(row)
    return GateProbe(name, histogram_of(spread), **{field: figures[field] for field in ("mean", "std", "dead", "saturated")})


@contextlib.contextmanager
def _overheard(layer: keras.Layer) -> Iterator[list[tf.Tensor]]:
    """What the layer applies its activation to meanwhile.

    The attribute is exchanged behind the back of Keras, which watches the assignment of layers to attributes.
    """
    activation, heard = layer.activation, []

    def overhear(sums: tf.Tensor) -> tf.Tensor:
        heard.append(sums)
        return activation(sums)

    vars(layer)["activation"] = overhear
    try:
        yield heard
    finally:
        vars(layer)["activation"] = activation
