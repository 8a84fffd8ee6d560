"""Layers that prepare sequences for others: vectors for symbols, and steps to be passed over."""

from typing import Annotated

from msgspec import Meta
from msgspec.structs import replace

from models.experiment.base import Count, Positive, Shape
from models.experiment.initializers import Initializer, RandomUniform
from models.experiment.layers.base import Complaint, Layer, Weight, numbered
from models.experiment.layers.recurrent import sequence_from
from models.experiment.regularizers import Constraint, Regularizer


class Embedding(Layer, tag="Embedding"):
    """Looks up a learned vector for each whole number that comes in, such as the numbers of words or symbols."""

    family = "sequence"

    input_dim: Annotated[
        Count, Meta(description="How many vectors there are: numbers from 0 to input_dim − 1 can come in.", extra={"start": 1000})
    ]
    output_dim: Annotated[Count, Meta(description="Numbers in a vector.", extra={"start": 8})]
    mask_zero: Annotated[
        bool,
        Meta(description="Take 0 for padding: the layers behind pass over such steps. No symbol may then have the number 0."),
    ] = False
    embeddings_initializer: Annotated[
        Initializer, Meta(description="How the vectors start.", extra={"group": "Initialization"})
    ] = RandomUniform()
    embeddings_regularizer: Annotated[
        Regularizer | None, Meta(description="Penalty on the vectors, added to the loss.", extra={"group": "Regularization"})
    ] = None
    embeddings_constraint: Annotated[
        Constraint | None, Meta(description="Limit the vectors are kept in after every step.", extra={"group": "Regularization"})
    ] = None

    @property
    def masks(self) -> bool:
        return self.mask_zero

    def output(self, shape: Shape) -> Shape:
        return (*shape, self.output_dim)

    def weights(self, shape: Shape) -> tuple[Weight, ...]:
        return numbered((self.input_dim, self.output_dim))

    def weight_axes(self, weight: str, shape: Shape) -> int:
        return 2


class ReversibleEmbedding(Embedding, tag="ReversibleEmbedding"):
    """An Embedding that could also go from vectors to symbols; called once, as here, it does what Embedding does."""

    tie_weights: Annotated[
        bool, Meta(description="Use the same vectors the other way round; otherwise there are others, which nothing here reads.")
    ] = True
    logit_soft_cap: Annotated[
        Positive | None,
        Meta(description="Limit of the scores the other way round.", extra={"start": 30.0}),
    ] = None

    def complaints(self, shape: Shape) -> tuple[Complaint, ...]:
        if self.tie_weights:
            return ()
        sentence = "The vectors for the other way round never learn: nothing here reads them."
        return (Complaint(sentence, "tie_weights", "warning", "Tie them", replace=replace(self, tie_weights=True)),)

    def weights(self, shape: Shape) -> tuple[Weight, ...]:
        vectors = (self.input_dim, self.output_dim)
        return numbered(vectors, None if self.tie_weights else vectors[::-1])


class Masking(Layer, tag="Masking"):
    """Makes the layers behind pass over steps in which every number is the same one, such as the 0 of padding."""

    family = "sequence"
    supports_masking = True

    mask_value: Annotated[float, Meta(description="The number that fills a step to be passed over.")] = 0.0

    @property
    def masks(self) -> bool:
        return True

    def complaints(self, shape: Shape) -> tuple[Complaint, ...]:
        if len(shape) > 1:
            return ()
        sentence = f"Examples in which all is {self.mask_value:g} are passed over as a whole: they do not count in the loss."
        steps = sequence_from(shape)
        return (Complaint(sentence, None, "warning", "Insert Reshape" if steps else "", steps),)
