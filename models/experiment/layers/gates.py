"""What recurrent layers add up inside themselves: the gates of their cells, wherever these are."""

from typing import NamedTuple

from models.experiment.activations import Activation
from models.experiment.layers.around import RNN, Bidirectional
from models.experiment.layers.base import Layer
from models.experiment.layers.cells import GRUCell, LSTMCell, PlainCell, SimpleRNNCell, StackedRNNCells
from models.experiment.layers.recurrent import GRU, LSTM, Recurrent, SimpleRNN
from models.experiment.layers.recurrent_windows import ConvolutionalLSTM


class InnerGate(NamedTuple):
    """A gate in a layer."""

    name: str
    """As the cell calls it, before that which cell it is of where there are several, and which way it goes where there are two:
    ``i``, ``cell 1 i``, ``backward i``.
    """
    title: str
    """In words: ``input gate``."""
    function: Activation
    """What is applied to its sums."""


def gates_in(layer: Layer) -> tuple[InnerGate, ...]:
    """The gates in `layer` in the order in which Keras has their weights.

    None where it is not recurrent; and none in a SimpleRNN, of which the only one is the layer itself.
    """
    return () if isinstance(layer, SimpleRNN) else _inside(layer)


def _inside(layer: Layer) -> tuple[InnerGate, ...]:
    match layer:
        case SimpleRNN() | LSTM() | GRU() | ConvolutionalLSTM():
            return _gates_of(layer)
        case RNN(cell=SimpleRNNCell() | LSTMCell() | GRUCell() as cell):
            return _gates_of(cell)
        case RNN(cell=StackedRNNCells() as stack):
            cells = enumerate(stack.cells, 1)  # as the inspector counts them
            return tuple(gate._replace(name=f"cell {number} {gate.name}") for number, cell in cells for gate in _gates_of(cell))
        case Bidirectional():
            ways = {"forward": layer.layer, "backward": layer.layer if layer.backward_layer is None else layer.backward_layer}
            return tuple(gate._replace(name=f"{way} {gate.name}") for way, inside in ways.items() for gate in _inside(inside))
        case _:
            return ()


def _gates_of(cell: Recurrent | ConvolutionalLSTM | PlainCell) -> tuple[InnerGate, ...]:
    return tuple(InnerGate(gate.name, gate.title, getattr(cell, gate.field)) for gate in cell.gates)
