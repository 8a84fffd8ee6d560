"""What recurrent layers add up at every step, gate by gate: from what comes in, and the states that they went through."""

import contextlib
from collections.abc import Callable, Iterator
from math import prod
from typing import Any, NamedTuple

import keras
import tensorflow as tf

from models.engine.spread import stride

most_sums, least_steps = 2**17, 256
"""Sums of all gates of a cell that are gone into: of more steps an even choice is taken, with so many sums of a unit at least."""
_cells = (keras.layers.SimpleRNNCell, keras.layers.LSTMCell, keras.layers.GRUCell)
_convolving = (keras.layers.ConvLSTM1D, keras.layers.ConvLSTM2D, keras.layers.ConvLSTM3D)


class Walk(NamedTuple):
    """How a cell went through sequences: a row for each step of each example that no mask passes over, or an even choice."""

    cell: keras.Layer
    arriving: tf.Tensor
    """(rows, features): what came in; (rows, …, channels) where sums are convolutions."""
    states: tf.Tensor
    """(rows, units): the state before the step; (rows, …, filters)."""
    shape: tuple[int, ...]
    """Of the states; there are fewer rows where a mask passes over some."""


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
    """(rows, units), or (rows, …, filters), for each gate: the pre-activations, as Keras computes them outside training.

    Source of the formulas: ``call`` of the cells in ``keras/src/layers/rnn``.
    """
    cell, arriving, states = walk.cell, walk.arriving, walk.states
    kernel, recurrent_kernel = (tf.cast(weight.value, arriving.dtype) for weight in (cell.kernel, cell.recurrent_kernel))
    bias = tf.cast(cell.bias.value, arriving.dtype) if cell.bias is not None else tf.zeros([], arriving.dtype)
    if kernel.shape.rank > 2:
        sums = cell.input_conv(arriving, kernel, padding=cell.padding) + cell.recurrent_conv(states, recurrent_kernel) + bias
        return list(tf.split(sums, kernel.shape[-1] // cell.filters, axis=-1))
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
    """What goes through sequences in `layer` with cells of which the gates are known."""
    parts = (layer.forward_layer, layer.backward_layer) if isinstance(layer, keras.layers.Bidirectional) else (layer,)
    return [part for part in parts if hasattr(part, "cell") and all(_has_known_gates(part, cell) for cell in _cells_of(part))]


def _cells_of(layer: keras.layers.RNN) -> list[keras.Layer]:
    """What it does at a step, one after the other."""
    cells: list[keras.Layer] = layer.cell.cells if isinstance(layer.cell, keras.layers.StackedRNNCells) else [layer.cell]
    return cells


def _has_known_gates(layer: keras.layers.RNN, cell: keras.Layer) -> bool:
    return isinstance(layer, _convolving) or isinstance(cell, _cells)


@contextlib.contextmanager
def _watched(layer: keras.layers.RNN, walks: list[Walk]) -> Iterator[None]:
    """Let every pass of `layer` through sequences be noted in `walks`; what it puts out stays the same."""
    inner_loop, cells = layer.inner_loop, _cells_of(layer)

    def noted(
        sequences: tf.Tensor, initial_state: list[tf.Tensor], mask: tf.Tensor | None, training: bool = False
    ) -> tuple[tf.Tensor, tf.Tensor, list[tf.Tensor]]:
        # Otherwise only the last state would come back, and of several cells only that of the last.
        with _exchanged(layer, return_sequences=True), _putting_out_all(layer.cell, cells):
            last, states, final = inner_loop(sequences, initial_state, mask, training)
        if layer.go_backwards:
            sequences, mask = tf.reverse(sequences, [1]), None if mask is None else tf.reverse(mask, [1])
        widths = [_width_of(cell) for cell in cells]
        of_cells = tf.split(states, widths, axis=-1)
        for cell, arriving, after in zip(cells, (sequences, *of_cells), of_cells, strict=False):
            walks.append(_walk(cell, arriving, after, mask))
        return last[..., -widths[-1] :], of_cells[-1], final

    with _exchanged(layer, inner_loop=noted):
        yield


@contextlib.contextmanager
def _putting_out_all(stack: keras.Layer, cells: list[keras.Layer]) -> Iterator[None]:
    """Let a stack of several cells put out at every step what each of them does, in a row; one alone puts out its own anyway."""
    if len(cells) == 1:
        yield
        return
    call, outputs = stack.call, []

    def noting(cell: keras.Layer) -> Callable[..., Any]:
        own = cell.call

        def noted(*given: Any, **options: Any) -> Any:  # noqa: ANN401, whatever Keras hands to a cell
            output, states = own(*given, **options)
            outputs.append(output)
            return output, states

        return noted

    def together(*given: Any, **options: Any) -> tuple[tf.Tensor, Any]:  # noqa: ANN401
        outputs.clear()
        _, states = call(*given, **options)
        return tf.concat(outputs, axis=-1), states

    with contextlib.ExitStack() as exchanges:
        for cell in cells:
            exchanges.enter_context(_exchanged(cell, call=noting(cell)))
        exchanges.enter_context(_exchanged(stack, call=together))
        yield


@contextlib.contextmanager
def _exchanged(layer: keras.Layer, **others: object) -> Iterator[None]:
    """Let attributes of `layer` be others meanwhile, behind the back of Keras, as those that it watches must not change."""
    before = {name: vars(layer)[name] for name in others if name in vars(layer)}
    vars(layer).update(others)
    try:
        yield
    finally:
        for name in others:
            del vars(layer)[name]
        vars(layer).update(before)


def _width_of(cell: keras.Layer) -> int:
    """Units of a cell; filters where its sums are convolutions."""
    width: int = cell.recurrent_kernel.shape[-2]
    return width


def _walk(cell: keras.Layer, sequences: tf.Tensor, states: tf.Tensor, mask: tf.Tensor | None) -> Walk:
    """The steps of `sequences` (examples, steps, …), of which `states` (examples, steps, …, units) are what came of each.

    All are in the order in which the steps are gone through.
    """
    examples, steps, *places, units = states.shape
    positions = prod(places)
    most = max(most_sums // (cell.kernel.shape[-1] * positions), -(-least_steps // positions))
    every = stride((examples, steps), most)
    if mask is None:
        before = tf.concat([tf.zeros_like(states[:, :1]), states[:, :-1]], axis=1)
        arriving, before = (tf.reshape(each, [-1, *each.shape[2:]]) for each in (sequences, before))
    else:
        there = mask | ~tf.reduce_any(mask)
        number = tf.cumsum(tf.cast(there, tf.int32), axis=1)
        arriving, after, number = (tf.boolean_mask(each, there) for each in (sequences, states, number))
        first = tf.reshape(number == 1, [-1, *(1 for _ in states.shape[2:])])
        before = tf.where(first, tf.zeros([], after.dtype), tf.roll(after, 1, axis=0))
    return Walk(cell, arriving[::every], before[::every], (-(-examples * steps // every), *places, units))
