"""What single layers put out for examples, traced as seldom as can be."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import keras
import tensorflow as tf

from models.engine.compiled import Compiled
from models.engine.network import called
from models.experiment.experiment import Network
from models.experiment.graph import input_name, leading_to, sources
from models.experiment.layers import AnyLayer, SimpleRNN
from models.experiment.layers.around import core
from models.experiment.layers.gates import gates_in


class Passed(NamedTuple):
    """What a layer puts out, with the mask (examples, steps) that it hands on, where it does."""

    outputs: tf.Tensor
    mask: tf.Tensor | None = None


class Passages:
    """The way of examples through a network, outside training.

    Up to a layer it is one graph. To trace a recurrent layer takes a tenth of a second or more, and the way to each layer behind
    it would trace it again: in a network that has one, each layer is a graph of its own, which all ways go through.
    """

    def __init__(self, network: Network, model: keras.Model) -> None:
        self._network = network
        self._model = model
        self._places = {layer.name: place for place, layer in enumerate(network)}
        self._sources = sources(network)
        self.slow = any(gates_in(core(layer)) or isinstance(core(layer), SimpleRNN) for layer in network)
        """Whether it takes long to trace them."""
        self._graphs: dict[str, Compiled] = {}

    def to(self, name: str, x: tf.Tensor) -> Passed:
        """What the layer called `name` puts out for `x`, (examples, …), in 32 bits."""
        passed = self._step_by_step(name, x) if self.slow else self._at_once(name, x)
        return passed._replace(outputs=tf.cast(passed.outputs, tf.float32))

    def _at_once(self, name: str, x: tf.Tensor) -> Passed:
        if name not in self._graphs:
            inner = keras.Model(self._model.input, self._model.get_layer(name).output)
            self._graphs[name] = _traced(lambda x: inner(x, training=False), [x])
        return Passed(*self._graphs[name](x))

    def _step_by_step(self, name: str, x: tf.Tensor) -> Passed:
        found, place = {input_name: Passed(x)}, self._places[name]
        for each in (*leading_to(self._network, place), place):
            layer = self._network[each]
            found[layer.name] = self._through(layer, [found[source] for source in self._sources[each]])
        return found[name]

    def _through(self, declaration: AnyLayer, arriving: Sequence[Passed]) -> Passed:
        """Let what is `arriving` go through one layer."""
        name, masks = declaration.name, [passed.mask for passed in arriving if passed.mask is not None]
        given = [*(passed.outputs for passed in arriving), *masks]
        if name not in self._graphs:
            layer, masked = self._model.get_layer(name), [passed.mask is not None for passed in arriving]

            def through(*tensors: tf.Tensor) -> tf.Tensor:
                values, rest = tensors[: len(masked)], iter(tensors[len(masked) :])
                for value, has_mask in zip(values, masked, strict=True):
                    if has_mask:
                        value._keras_mask = next(rest)
                return called(layer, declaration, values, training=False)

            self._graphs[name] = _traced(through, given)
        return Passed(*self._graphs[name](*given))


def _traced(through: Callable[..., tf.Tensor], given: Sequence[tf.Tensor]) -> Compiled:
    """A graph for any number of examples like those that are `given`."""

    def passed(*tensors: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor | None]:
        # A recurrent layer with dropout draws random numbers outside training, too; a look must not use up a run's.
        with keras.StatelessScope():
            outputs = through(*tensors)
        return outputs, getattr(outputs, "_keras_mask", None)

    return Compiled(passed, [tf.TensorSpec((None, *each.shape[1:]), each.dtype) for each in given])
