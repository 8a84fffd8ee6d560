"""The document: everything that decides how a run turns out, as one frozen value."""

from typing import Annotated

from msgspec import Meta

from models.experiment.base import Value
from models.experiment.data import Source
from models.experiment.layers import AnyLayer
from models.experiment.training import Training

Network = tuple[AnyLayer, ...]
"""The layers from input to output. The input layer follows from the data and is not part of the value."""


class Collapsed(Value):
    """Layers that stand one after the other and are shown as one card. It changes nothing of what the network does."""

    title: Annotated[str, Meta(min_length=1, max_length=60, description="What the card is called.")]
    layers: Annotated[
        tuple[Annotated[str, Meta(min_length=1, max_length=60)], ...],
        Meta(min_length=2, description="Names of the layers from first to last."),
    ]


class Experiment(Value):
    """Data, network, training and seed: the same value gives the same figures."""

    name: Annotated[str, Meta(max_length=200, description="What the experiment is called.")] = ""
    seed: Annotated[
        int, Meta(ge=0, le=2**31 - 1, description="Decides all random numbers: data, split, weights, batches, dropout.")
    ] = 0
    data: Annotated[Source, Meta(description="Where examples come from.")]
    network: Annotated[Network, Meta(description="The layers from input to output.")]
    collapsed: Annotated[
        tuple[Collapsed, ...],
        Meta(description="Layers that the stack shows as one card; names that are not there are passed over."),
    ] = ()
    training: Annotated[Training, Meta(description="How the network learns.")]
    initial_weights: Annotated[
        Annotated[str, Meta(min_length=1)] | None,
        Meta(
            description="A file of Keras (.weights.h5) with the weights to start from, relative to the experiment's own file "
            "where it lies beside it; none: random ones, by each layer's initializers.",
        ),
    ] = None
