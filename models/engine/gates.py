"""What recurrent layers add up at every step, gate by gate: from what comes in, and the states that they went through."""

import contextlib
from collections.abc import Iterator
from typing import NamedTuple

import keras
import tensorflow as tf

from models.engine.spread import stride

most_sums, least_steps = 2**17, 256
"""Sums of all gates of a cell that are gone into: of more steps an even choice is taken, but not of fewer than so many."""
_cells = (keras.layers.SimpleRNNCell, keras.layers.LSTMCell, keras.layers.GRUCell)


class Walk(NamedTuple):
    """How a cell went through sequences: a row for each step of each example that no mask passes over, or an even choice."""

    cell: keras.Layer
    arriving: tf.Tensor
    """(rows, features): what came in."""
    states: tf.Tensor
    """(rows, units): the state before the step."""
    shape: tuple[int, int]
    """Rows and units; there are fewer rows where a mask passes over some."""


@contextlib.contextmanager
def walked(layer: keras.Layer) -> Iterator[list[Walk]]:
    """The walks of the cells in `layer` meanwhile, in the order of `models.experiment.layers.gates.gates_in`."""
    walks: list[Walk] = []
    with contextlib.ExitStack() as watched:
        for part in _parts_of(layer):
            watched.enter_context(_watched(part, walks))
        yield walks


def steps_of(layer: keras.Layer) -> int | None:
    """How many steps come into a layer for sequences; none where that is not known."""
    sequences, *_ = keras.tree.flatten(layer.input)  # a mask comes in beside
    steps: int | None = sequences.shape[1]
    return steps


def sums_of(walk: Walk) -> list[tf.Tensor]:
    """(rows, units) for each gate: the pre-activations, as Keras computes them outside training.

    Source of the formulas: ``call`` of the cells in ``keras/src/layers/rnn``.
    """
    cell, arriving, states = walk.cell, walk.arriving, walk.states
    kernel, recurrent_kernel = (tf.cast(weight.value, arriving.dtype) for weight in (cell.kernel, cell.recurrent_kernel))
    bias = tf.cast(cell.bias.value, arriving.dtype) if cell.bias is not None else tf.zeros([], arriving.dtype)
    if not isinstance(cell, keras.layers.GRUCell):
        sums = arriving @ kernel + states @ recurrent_kernel + bias
        return list(tf.split(sums, kernel.shape[1] // cell.units, axis=1))
    bias, state_bias = tf.unstack(bias) if bias.shape.rank == 2 else (bias, tf.zeros([], arriving.dtype))
    from_input = tf.split(arriving @ kernel + bias, 3, axis=1)
    gates = 3 if cell.reset_after else 2
    from_state = tf.split(states @ recurrent_kernel[:, : gates * cell.units] + state_bias, gates, axis=1)
    update, reset = (ours + theirs for ours, theirs in zip(from_input[:2], from_state[:2], strict=True))
    passing = cell.recurrent_activation(reset)
    if cell.reset_after:
        return [update, reset, from_input[2] + passing * from_state[2]]
    return [update, reset, from_input[2] + (passing * states) @ recurrent_kernel[:, 2 * cell.units :]]


def _parts_of(layer: keras.Layer) -> list[keras.layers.RNN]:
    """What goes through sequences in `layer` with a cell of which the gates are known."""
    parts = (layer.forward_layer, layer.backward_layer) if isinstance(layer, keras.layers.Bidirectional) else (layer,)
    return [part for part in parts if isinstance(getattr(part, "cell", None), _cells)]


@contextlib.contextmanager
def _watched(layer: keras.layers.RNN, walks: list[Walk]) -> Iterator[None]:
    """Let every pass of `layer` through sequences be noted in `walks`; what it puts out stays the same.

    Attributes are exchanged behind the back of Keras, as those that it watches must not change.
    """
    inner_loop, returned = layer.inner_loop, layer.return_sequences

    def noted(
        sequences: tf.Tensor, initial_state: list[tf.Tensor], mask: tf.Tensor | None, training: bool = False
    ) -> tuple[tf.Tensor, tf.Tensor, list[tf.Tensor]]:
        vars(layer)["return_sequences"] = True  # otherwise only the last state would come back
        last, states, final = inner_loop(sequences, initial_state, mask, training)
        vars(layer)["return_sequences"] = returned
        walks.append(_walk(layer, sequences, states, mask))
        return last, states, final

    vars(layer)["inner_loop"] = noted
    try:
        yield
    finally:
        del vars(layer)["inner_loop"]
        vars(layer)["return_sequences"] = returned


def _walk(layer: keras.layers.RNN, sequences: tf.Tensor, states: tf.Tensor, mask: tf.Tensor | None) -> Walk:
    """The steps of `sequences` (examples, steps, features), of which `states` (examples, steps, units) are what came of each.

    States are in the order in which the layer goes through the steps.
    """
    examples, steps, units = states.shape
    every = stride((examples, steps), max(most_sums // layer.cell.kernel.shape[1], least_steps))
    if layer.go_backwards:
        sequences, mask = tf.reverse(sequences, [1]), None if mask is None else tf.reverse(mask, [1])
    if mask is None:
        before = tf.pad(states[:, :-1], [[0, 0], [1, 0], [0, 0]])
        arriving, before = (tf.reshape(each, [-1, each.shape[-1]]) for each in (sequences, before))
    else:
        there = mask | ~tf.reduce_any(mask)
        number = tf.cumsum(tf.cast(there, tf.int32), axis=1)
        arriving, after, number = (tf.boolean_mask(each, there) for each in (sequences, states, number))
        before = tf.where(number[:, tf.newaxis] == 1, tf.zeros([], after.dtype), tf.roll(after, 1, axis=0))
    return Walk(layer.cell, arriving[::every], before[::every], (-(-examples * steps // every), units))
