"""What is wrong with sequences: symbols that cannot be looked up, masks that get lost, a sequence that ends too early."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from models.experiment import edits
from models.experiment.activations import Softmax as SoftmaxFunction
from models.experiment.base import Shape
from models.experiment.counting import grouped
from models.experiment.data import Arrays, Facts, Sample, SourceKind, Table, TemporalOrder
from models.experiment.experiment import Experiment, Network
from models.experiment.graph import at_input, input_name, leading_to, lineage, links, readers
from models.experiment.layers import (
    RNN,
    Activation,
    AnyLayer,
    BatchNormalization,
    Embedding,
    Flatten,
    GlobalAveragePooling1D,
    Reshape,
    Softmax,
)
from models.experiment.layers.around import Bidirectional, SpectralNormalization
from models.experiment.layers.attention import Attending
from models.experiment.layers.base import Complaint, Layer, refused
from models.experiment.layers.convolution import window_positions
from models.experiment.layers.merging import agree
from models.experiment.layers.recurrent import Recurrent
from models.experiment.layers.recurrent_windows import ConvolutionalLSTM
from models.experiment.report import LayerReport, Problem, Remedy

long_enough = 1000
"""Steps of a sequence that no window is too long for."""


def sequence_problems(experiment: Experiment, facts: Facts | None, layers: Sequence[LayerReport]) -> Iterator[Problem]:
    """Embeddings that get no symbols, symbols that get no embedding, and masks that get lost on the way."""
    network = experiment.network
    for index, layer in enumerate(network):
        if isinstance(layer, Embedding):
            yield from _lookup_problems(experiment, facts, index, layer)
    if facts and facts.tokens and isinstance(experiment.data, TemporalOrder) and network and not _embeds(network):
        sentence = (
            "The inputs are numbers of symbols, whose size means nothing; an Embedding gives each symbol a vector of its own."
        )
        remedy = Remedy("Insert Embedding", _inserting(embedding_for(facts.tokens)))
        yield Problem("hint", "network", sentence, network[0].name, remedy=remedy)
    yield from _mask_problems(network, layers)


def embedding_for(tokens: int) -> Embedding:
    """An Embedding for `tokens` symbols, of which 0 may be padding."""
    return Embedding(name="embedding", input_dim=tokens, output_dim=8)


def whole_numbers(source: SourceKind, facts: Facts | None) -> int | None:
    """How many symbols the inputs number as the network is fed them; none where they are other numbers."""
    return facts.tokens if facts and not _is_scaled(source) else None


def with_sequence(
    network: Network, index: int, shapes: tuple[Shape, ...], complaint: Complaint, tokens: int | None
) -> Problem | None:
    """`complaint` of a layer about its input with a better remedy, where it would take what an earlier layer can put out.

    A recurrent layer can return its sequence; whole numbers at the very beginning can be looked up.
    """
    layer, shape = network[index], shapes[0]
    several = len(shapes) > 1
    if several or complaint.severity != "error" or len(shape) != 1 or complaint not in layer.complaints(shape):
        return None
    before = tuple(network[place] for place in lineage(network, index))
    if tokens is not None and links(network)[index] == (at_input,):
        embedding = embedding_for(tokens)
        if not refused(layer.complaints(embedding.output(shape))):
            return _problem(layer, complaint, Remedy("Insert Embedding", _inserting(embedding, layer.name)))
    recurrent = _nearest_recurrent(before)
    if recurrent is None or recurrent.return_sequences or refused(layer.complaints((long_enough, recurrent.units))):
        return None
    remedy = Remedy(f"Let {recurrent.name} return its sequence", edits.changing(recurrent.name, return_sequences=True))
    return _problem(layer, complaint, remedy)


def keeps_steps(layer: Layer) -> bool:
    """Whether the steps of a sequence stay what they are in the layer, so that a mask and a missing sequence go through it."""
    return layer.supports_masking and not isinstance(layer, GlobalAveragePooling1D)


def _problem(layer: Layer, complaint: Complaint, remedy: Remedy) -> Problem:
    return Problem(complaint.severity, "network", complaint.sentence, layer.name, complaint.field, remedy)


def ending_sequence(network: Network) -> Recurrent | None:
    """The recurrent layer whose sequence `network` puts out, where the layers behind it would take its last step alone."""
    if not network:
        return None
    chain = (*(network[place] for place in lineage(network, len(network) - 1)), network[-1])
    recurrent = _nearest_recurrent(chain)
    if recurrent is None or not recurrent.return_sequences:
        return None
    behind = chain[chain.index(recurrent) + 1 :]
    shape: Shape = (recurrent.units,)
    for layer in behind:
        if refused(layer.complaints(shape)):
            return None
        shape = layer.output(shape)
    return recurrent


def _nearest_recurrent(before: Network) -> Recurrent | None:
    """The last recurrent layer whose output comes through all layers behind it with the same number of axes."""
    for layer in reversed(before):
        if isinstance(layer, Recurrent):
            return layer
        if not keeps_steps(layer):
            return None
    return None


def _inserting(layer: AnyLayer, reader: str | None = None) -> Callable[[Experiment], Experiment]:
    """The edit that puts `layer` behind the input; before `reader` alone, where another branch looks the symbols up already."""

    def edit(value: Experiment) -> Experiment:
        network = value.network
        if reader is not None and _embeds(network):
            return edits.with_network(value, edits.insert_between(network, input_name, reader, [layer]))
        return edits.with_network(value, edits.insert_behind(network, input_name, [layer]))

    return edit


def _embeds(network: Network) -> bool:
    return any(isinstance(layer, Embedding) for layer in network)


def _is_scaled(source: SourceKind) -> bool:
    return isinstance(source, Sample | Table | Arrays) and source.scaling != "none"


def _lookup_problems(experiment: Experiment, facts: Facts | None, index: int, layer: Embedding) -> Iterator[Problem]:
    before = tuple(experiment.network[place] for place in leading_to(experiment.network, index))
    changing = next((each for each in before if not isinstance(each, Flatten | Reshape)), None)
    without = Remedy("Remove it", lambda value: edits.with_network(value, edits.remove(value.network, (layer.name,))))
    if changing is not None:
        sentence = f"An Embedding looks up whole numbers; behind {changing.name} there are other numbers."
        front = Remedy("Move it to the front", lambda value: _with_first(value, layer.name))
        # In front of a layer that lets no gradient through it could not learn.
        remedy = front if not _embeds(before) and all(each.passes_gradient for each in before) else without
        yield Problem("error", "network", sentence, layer.name, remedy=remedy)
    elif facts is None:
        return
    elif facts.tokens is None:
        sentence = "An Embedding looks up whole numbers from 0; the data hold other numbers."
        yield Problem("error", "network", sentence, layer.name, remedy=without)
    elif _is_scaled(experiment.data):
        sentence = "An Embedding looks up whole numbers; the data hold some, but scaling makes others of them."
        remedy = Remedy("Leave the data unscaled", _unscaled)
        yield Problem("error", "network", sentence, layer.name, remedy=remedy)
    elif facts.tokens > layer.input_dim:
        greatest, wanted = facts.tokens - 1, facts.tokens
        held, given, last = map(grouped, (greatest, layer.input_dim, layer.input_dim - 1))
        sentence = f"The data hold numbers up to {held}; an input_dim of {given} ends at {last}."
        remedy = Remedy(f"Set input_dim to {grouped(wanted)}", edits.changing(layer.name, input_dim=wanted))
        yield Problem("error", "network", sentence, layer.name, "input_dim", remedy)


def _unscaled(experiment: Experiment) -> Experiment:
    return edits.set_at(experiment, "data.scaling", "none") if _is_scaled(experiment.data) else experiment


def _with_first(experiment: Experiment, name: str) -> Experiment:
    layers = [layer for layer in experiment.network if layer.name == name]
    without = edits.remove(experiment.network, (name,))
    return edits.with_network(experiment, edits.insert_behind(without, input_name, layers[:1]))


class MaskFlow(NamedTuple):
    """Where masks come from and go to at one layer."""

    layer: AnyLayer
    arriving: list[bool]
    """For each input whether it has a mask."""
    goes_on: bool
    """Whether the output has one."""
    bare: tuple[int, ...]
    """Positions of earlier layers whose masks the layer takes off."""


def _mask_flows(network: Network) -> Iterator[MaskFlow]:
    """Follow masks from the layers that make them to those that use them up."""
    masked: list[bool] = []
    for index, (layer, linked) in enumerate(zip(network, links(network), strict=True)):
        arriving = [place is not None and place != at_input and masked[place] for place in linked]
        goes_on = layer.masks or (any(arriving) and lets_through(layer, arriving))
        bare = _bared(network, index, masked) if layer.takes_masks_off else ()
        yield MaskFlow(layer, arriving, goes_on, bare)
        masked = [each and place not in bare for place, each in enumerate(masked)]
        masked.append(goes_on)


def masks_examples(network: Network) -> bool:
    """Whether the output has a mask, so that examples are passed over in the loss and in metrics."""
    return any(flow.goes_on for flow in list(_mask_flows(network))[-1:])


def _mask_problems(network: Network, layers: Sequence[LayerReport]) -> Iterator[Problem]:
    masks: list[Shape] = []
    """Shape of the mask behind each layer, where it has one and the shape is known."""
    for (layer, arriving, goes_on, bare), linked, flow in zip(_mask_flows(network), links(network), layers, strict=True):
        inputs = zip(arriving, linked, flow.input_shapes, strict=False)
        read = [(masks[place], shape) for masked, place, shape in inputs if masked and place is not None]
        masks.append(read[0][0] if read and not layer.masks else (flow.output_shape or ())[:-1])
        if any(arriving) and isinstance(layer, Softmax):
            yield _softmax_problem(layer)
        elif flow.output_shape is not None and any(_fails_with_mask(layer, mask, shape) for mask, shape in read):
            sentence = f"Keras's {layer.kind()} fails with the mask that comes in, which is not one of the steps of a sequence."
            yield Problem("error", "network", sentence, layer.name)
        elif any(arriving) and (alone := _with_its_only_cell(layer)) is not None:
            yield _single_cell_problem(layer, alone)
        elif any(arriving) and not layer.supports_masking and not layer.masks and not goes_on:
            sentence = f"{layer.kind()} lets no mask through: from here on padding counts like all other steps."
            yield Problem("hint", "network", sentence, layer.name)
        elif any(arriving) and not goes_on and layer.most_inputs != 1:
            sentence = f"{layer.kind()} puts out no mask, since not every input has one: from here on padding counts."
            yield Problem("hint", "network", sentence, layer.name)
        for place in bare:
            yield _bared_problem(layer, network[place])


def _fails_with_mask(layer: Layer, mask: Shape, shape: Shape) -> bool:
    """Whether Keras's layer cannot do with a mask of the shape `mask` where what comes in has this `shape`.

    A layer that makes use of a mask wants one that goes with all axes but the last. Attention looks at the steps alone; a
    convolutional LSTM lays the mask of a step over its state.
    """
    inner: Layer = getattr(layer, "layer", layer)
    if not agree(mask, shape[:-1]):
        using = Recurrent | RNN | Bidirectional | ConvolutionalLSTM | Attending | BatchNormalization | GlobalAveragePooling1D
        return isinstance(inner, using)
    if isinstance(inner, ConvolutionalLSTM):
        return not agree(window_positions(inner, shape[1:]), shape[1:-1])
    return isinstance(inner, Attending) and len(mask) > 1


def _with_its_only_cell(layer: AnyLayer) -> AnyLayer | None:
    """What to put in the place of a layer that goes in a loop through a stack of one cell; none for all others.

    Source: ``keras/src/backend/tensorflow/rnn.py``, ``rnn``: behind a mask it gives back the state of a single cell bare, and the
    stack expects a list of such states.
    """
    if isinstance(layer, Bidirectional):
        inner = _with_its_only_cell(layer.layer)
        return None if inner is None else replace(layer, layer=inner)
    return layer.with_its_only_cell if isinstance(layer, RNN) and not layer.unroll else None


def _single_cell_problem(layer: AnyLayer, alone: AnyLayer) -> Problem:
    sentence = f"Keras's {layer.kind()} fails with the mask that comes in, where a stack of cells holds a single one."
    remedy = Remedy("Take it alone", lambda value: edits.with_network(value, edits.put(value.network, layer.name, alone)))
    return Problem("error", "network", sentence, layer.name, "cell", remedy)


def _bared(network: Network, index: int, masked: Sequence[bool]) -> tuple[int, ...]:
    """Positions of the `masked` layers that the layer at `index` reads beside others.

    Source: ``keras/src/layers/attention/multi_head_attention.py``, ``call``: it sets the masks of its inputs to none.
    """
    read_by = readers(network)
    read = {place for place in links(network)[index] if place is not None and place != at_input}
    return tuple(sorted(place for place in read if masked[place] and len(read_by[network[place].name]) > 1))


def _bared_problem(layer: AnyLayer, other: AnyLayer) -> Problem:
    sentence = (
        f"Keras's {layer.kind()} takes the mask off {other.name}: "
        "for other layers that read it padding counts like all other steps."
    )
    return Problem("hint", "network", sentence, layer.name)


def lets_through(layer: Layer, masked: Sequence[bool] = (True,)) -> bool:
    """Whether a mask goes on with the output where the inputs that are `masked` have one."""
    if isinstance(layer, Bidirectional | SpectralNormalization):
        return lets_through(layer.layer, masked)
    sequence: bool | None = getattr(layer, "return_sequences", None)
    return keeps_steps(layer) and layer.keeps_mask(masked) if sequence is None else sequence


def _softmax_problem(layer: Softmax) -> Problem:
    sentence = "Keras's Softmax layer takes a mask for one of the features, and fails with a mask of steps."
    instead = Activation(name=layer.name, activation=SoftmaxFunction())
    remedy = Remedy(
        "Use Activation instead", lambda value: edits.with_network(value, edits.put(value.network, layer.name, instead))
    )
    return Problem("error", "network", sentence, layer.name, remedy=remedy)
