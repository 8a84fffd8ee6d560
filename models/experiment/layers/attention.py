"""Layers that let each step of a sequence look at the steps of another one, or of its own.

Inputs come in Keras's order: query, value, key. The key is the value where it is not given, and the value is the query where
that is the only input: self-attention.
"""

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal, TypeVar

from msgspec import Meta

from models.experiment.base import Count, KnownShape, Shape, Share
from models.experiment.initializers import GlorotUniform, Zeros
from models.experiment.layers.base import (
    Complaint,
    Layer,
    Weight,
    features_of,
    numbered,
    shape_text,
    size_of,
    unknown_features,
    within,
)
from models.experiment.layers.core import (
    ActivityRegularizer,
    BiasConstraint,
    BiasInitializer,
    BiasRegularizer,
    KernelConstraint,
    KernelInitializer,
    KernelRegularizer,
    UseBias,
    matrix_only,
)
from models.experiment.layers.merging import agree, broadcast

T = TypeVar("T")
batch = -1
"""Stands for the number of examples, which is that of nothing else."""

CausalMask = Annotated[
    bool, Meta(description="Let no step look at later ones, as for a sequence that is written on.", extra={"at_call": True})
]
ScoreDropout = Annotated[Share, Meta(description="Share of the attention that is dropped at every training step.")]


class Attending(Layer):
    """A layer with a query, a value and a key, each a sequence (steps × features)."""

    family = "attention"
    input_roles = ("query", "value", "key")
    supports_masking = True
    most_inputs = 3

    def arranged(self, inputs: Sequence[T]) -> tuple[T, ...]:
        return (inputs[0], inputs[0]) if len(inputs) == 1 else tuple(inputs)

    def roles(self, shapes: Sequence[Shape]) -> tuple[Shape, Shape, Shape]:
        """Shapes of query, value and key."""
        query, value, *rest = self.arranged(shapes)
        return query, value, rest[0] if rest else value

    def complaints_of(self, shapes: Sequence[Shape]) -> tuple[Complaint, ...]:
        query, value, key = self.roles(shapes)
        flat = next((shape for shape in (query, value, key) if len(shape) < 2), None)
        if flat is not None:
            sentence = f"{self.kind()} needs sequences (steps × features); one that comes in is {shape_text(flat)}."
            return (Complaint(sentence, "inputs"),)
        if not len(query) == len(value) == len(key):
            sentence = f"Query, value and key need as many axes; they are {_roles_text(query, value, key)}."
            return (Complaint(sentence, "inputs"),)
        if value[:-1] != key[:-1]:
            sentence = f"Value and key need as many steps; they are {shape_text(value)} and {shape_text(key)}."
            return (Complaint(sentence, "inputs"),)
        return ()

    def kept_of(self, shapes: Sequence[Shape]) -> int:
        return size_of(self.output_of(shapes)) + 2 * self.pairs(shapes)

    def pairs(self, shapes: Sequence[Shape]) -> int:
        """How often a step of the query meets one of the value, every axis but the last being one of steps."""
        query, value, _ = self.roles(shapes)
        return size_of(query[:-1]) * size_of(value[:-1])


class PlainAttention(Attending):
    """Attention without weights for query, key and value: their steps are compared as they are."""

    way = "list"

    def complaints_of(self, shapes: Sequence[Shape]) -> tuple[Complaint, ...]:
        query, value, key = self.roles(shapes)
        if not agree(query[-1:], key[-1:]) and not (self.sums_features and 1 in (query[-1], key[-1])):
            sentence = f"Query and key need as many features; they are {shape_text(query)} and {shape_text(key)}."
            return (Complaint(sentence, "inputs"),)
        if not agree(_steps(value), _steps(key)):
            sentence = f"Value and key need as many steps; they are {shape_text(value)} and {shape_text(key)}."
            return (Complaint(sentence, "inputs"),)
        before = _before_steps(query)
        together = broadcast(broadcast(before, _before_steps(key)), _before_steps(value))
        if together is None or not agree(before, together):
            sentence = f"Query and value need the same axes before their steps; they are {_roles_text(query, value, key)}."
            return (Complaint(sentence, "inputs"),)
        flat = next((shape for shape in (query, value, key) if len(shape) < 2), None)
        if flat is None:
            return ()
        sentence = f"{self.kind()} is for sequences (steps × features); one that comes in is {shape_text(flat)}"
        if self.is_causal and len(query) < 2:
            return (Complaint(f"{sentence}, which has no earlier steps.", "use_causal_mask"),)
        return (Complaint(f"{sentence}: the examples of a batch are its steps, and look at each other.", "inputs", "warning"),)

    @property
    def is_causal(self) -> bool:
        """Whether no step looks at later ones."""
        raise NotImplementedError

    @property
    def sums_features(self) -> bool:
        """Whether query and key are added up, in which case one feature serves for all."""
        return True

    def output_of(self, shapes: Sequence[Shape]) -> Shape:
        query, value, _ = self.roles(shapes)
        return (*query[:-1], value[-1])

    def pairs(self, shapes: Sequence[Shape]) -> int:
        query, value, _ = self.roles(shapes)
        return size_of(query[:-1]) * size_of(value[-2:-1])


class Attention(PlainAttention, tag="Attention"):
    """Each step of the query takes the mean of the value's steps, weighted by how well their keys fit (Luong et al., 2015).

    The fit is the product of query and key. It holds no weights but a factor, if wanted.
    """

    use_scale: Annotated[bool, Meta(description="Learn a factor for the fit.")] = False
    score_mode: Annotated[
        Literal["dot", "concat"],
        Meta(
            description="How well a key fits: its product with the query, or the sum of tanh(query + key) with a learned factor."
        ),
    ] = "dot"
    dropout: ScoreDropout = 0.0
    use_causal_mask: CausalMask = False

    @property
    def is_causal(self) -> bool:
        return self.use_causal_mask

    @property
    def sums_features(self) -> bool:
        return self.score_mode == "concat"

    def weights_of(self, shapes: Sequence[Shape]) -> tuple[Weight, ...]:
        return numbered(*((),) * (self.use_scale + (self.score_mode == "concat")))

    def multiply_adds_of(self, shapes: Sequence[Shape]) -> int:
        query, value, _ = self.roles(shapes)
        fit = size_of(query[-1:]) if self.score_mode == "dot" else 0
        return self.pairs(shapes) * (fit + size_of(value[-1:]))


class AdditiveAttention(PlainAttention, tag="AdditiveAttention"):
    """Like Attention, with the sum of tanh(query + key) over the features as the fit (Bahdanau et al., 2015)."""

    use_scale: Annotated[bool, Meta(description="Learn a factor for each feature of the query.")] = True
    dropout: ScoreDropout = 0.0
    use_causal_mask: CausalMask = False

    @property
    def is_causal(self) -> bool:
        return self.use_causal_mask

    def complaints_of(self, shapes: Sequence[Shape]) -> tuple[Complaint, ...]:
        unknown = unknown_features(self, shapes[0]) if self.use_scale else ()
        return (*super().complaints_of(shapes), *unknown)

    def weights_of(self, shapes: Sequence[Shape]) -> tuple[Weight, ...]:
        return numbered((features_of(shapes[0]),)) if self.use_scale else ()

    def multiply_adds_of(self, shapes: Sequence[Shape]) -> int:
        query, value, key = self.roles(shapes)
        fit = max(size_of(query[-1:]), size_of(key[-1:])) if self.use_scale else 0
        return self.pairs(shapes) * (fit + size_of(value[-1:]))


class ProjectedAttention(Attending):
    """Attention in several heads, each with weighted sums of its own for query, key and value, whose results are summed up again.

    The kernels have three axes: features, heads, features of a head.
    """

    way = "apart"
    parts_begin: ClassVar[str] = ""
    """What the names of the layers inside begin with in Keras; that of the gate is the same in all."""

    dropout: ScoreDropout = 0.0
    use_bias: UseBias = True
    sliding_window: Annotated[
        Count | None, Meta(description="Let a step look at steps nearer than so many only.", extra={"start": 8, "none": "all"})
    ] = None
    kernel_initializer: KernelInitializer = GlorotUniform()
    bias_initializer: BiasInitializer = Zeros()
    kernel_regularizer: KernelRegularizer = None
    bias_regularizer: BiasRegularizer = None
    activity_regularizer: ActivityRegularizer = None
    kernel_constraint: KernelConstraint = None
    bias_constraint: BiasConstraint = None
    use_gate: Annotated[bool, Meta(description="Multiply each head's result by a learned gate of the query.")] = False
    use_causal_mask: CausalMask = False

    def heads(self) -> tuple[int, int, int, int]:
        """Heads of the query, heads of key and value, features of a key and of a value in a head."""
        raise NotImplementedError

    def complaints_of(self, shapes: Sequence[Shape]) -> tuple[Complaint, ...]:
        unknown = next((found for shape in self.roles(shapes) if (found := unknown_features(self, shape))), ())
        kernel = matrix_only(self, self.kernel_initializer, "kernel_initializer", 3)
        bias = matrix_only(self, self.bias_initializer, "bias_initializer", 1) if self.use_bias else ()
        return (*super().complaints_of(shapes), *unknown, *kernel, *bias)

    def output_of(self, shapes: Sequence[Shape]) -> Shape:
        return shapes[0]

    def weights_of(self, shapes: Sequence[Shape]) -> tuple[Weight, ...]:
        heads, _, _, width = self.heads()
        features = features_of(shapes[0])
        inside: list[tuple[str, KnownShape, KnownShape]] = [
            (part, (features_of(shape), count, size), (count, size)) for part, shape, count, size in self._projections(shapes)
        ]
        inside.append((f"{self.parts_begin}output_dense", (heads, width, features), (features,)))
        return tuple(
            weight for part, kernel, bias in inside for weight in within(part, numbered(kernel, bias if self.use_bias else None))
        )

    def multiply_adds_of(self, shapes: Sequence[Shape]) -> int:
        heads, _, key_width, width = self.heads()
        projected = sum(size_of(shape) * count * size for _, shape, count, size in self._projections(shapes))
        return projected + self.pairs(shapes) * heads * (key_width + width) + size_of(shapes[0]) * heads * width

    def kept_of(self, shapes: Sequence[Shape]) -> int:
        heads, _, _, width = self.heads()
        projected = sum(size_of(shape[:-1]) * count * size for _, shape, count, size in self._projections(shapes))
        scores, together = 2 * heads * self.pairs(shapes), size_of(shapes[0][:-1]) * heads * width
        return projected + scores + together + size_of(shapes[0])

    def weight_axes(self, weight: str, shape: Shape) -> int:
        return 3 if weight == "kernel" else 1  # of the bias behind the heads

    def _projections(self, shapes: Sequence[Shape]) -> list[tuple[str, Shape, int, int]]:
        """For query, key, value and the gate what Keras calls the layer inside, what comes in, and heads and features of each."""
        query, value, key = self.roles(shapes)
        heads, shared, key_width, width = self.heads()
        found = [("query", query, heads, key_width), ("key", key, shared, key_width), ("value", value, shared, width)]
        named = [(f"{self.parts_begin}{role}_dense", shape, count, size) for role, shape, count, size in found]
        return [*named, ("_gate_dense", query, heads, width)] if self.use_gate else named


class MultiHeadAttention(ProjectedAttention, tag="MultiHeadAttention"):
    """The attention of transformers (Vaswani et al., 2017): each step looks at all steps, in several heads at once."""

    takes_masks_off = True

    num_heads: Annotated[int, Meta(ge=1, le=1000, description="Heads that look at different things.", extra={"start": 2})]
    key_dim: Annotated[Count, Meta(description="Features of a query or key in a head.", extra={"start": 8})]
    value_dim: Annotated[
        Count | None, Meta(description="Features of a value in a head; none: as many as of a key.", extra={"start": 8})
    ] = None

    def heads(self) -> tuple[int, int, int, int]:
        return self.num_heads, self.num_heads, self.key_dim, self.value_dim or self.key_dim

    def complaints_of(self, shapes: Sequence[Shape]) -> tuple[Complaint, ...]:
        found = super().complaints_of(shapes)
        if len(shapes[0]) > 2 and (self.use_causal_mask or self.sliding_window):
            field = "use_causal_mask" if self.use_causal_mask else "sliding_window"
            sentence = f"{field} needs steps in one axis; the query is {shape_text(shapes[0])}."
            return (*found, Complaint(sentence, field))
        return found


class GroupQueryAttention(ProjectedAttention, tag="GroupQueryAttention"):
    """Attention in which several heads of the query share one head of key and value (Ainslie et al., 2023): fewer weights."""

    aliases = ("GroupedQueryAttention",)
    parts_begin = "_"

    head_dim: Annotated[Count, Meta(description="Features in a head.", extra={"start": 8})]
    num_query_heads: Annotated[int, Meta(ge=1, le=1000, description="Heads of the query.", extra={"start": 4})]
    num_key_value_heads: Annotated[
        int, Meta(ge=1, le=1000, description="Heads of key and value; a divisor of the query's.", extra={"start": 2})
    ]

    def heads(self) -> tuple[int, int, int, int]:
        return self.num_query_heads, self.num_key_value_heads, self.head_dim, self.head_dim

    def complaints_of(self, shapes: Sequence[Shape]) -> tuple[Complaint, ...]:
        found = super().complaints_of(shapes)
        if self.num_query_heads % self.num_key_value_heads:
            sentence = f"{self.num_query_heads} heads of the query cannot share {self.num_key_value_heads} heads evenly."
            found = (*found, Complaint(sentence, "num_key_value_heads"))
        query, value, _ = self.roles(shapes)
        if query[-1] != value[-1]:
            sentence = f"Query and value need as many features; they are {shape_text(query)} and {shape_text(value)}."
            found = (*found, Complaint(sentence, "inputs"))
        if len(shapes[0]) > 2:
            sentence = f"GroupQueryAttention needs a sequence (steps × features); the query is {shape_text(shapes[0])}."
            found = (*found, Complaint(sentence, "inputs"))
        return found


def _steps(shape: Shape) -> Shape:
    """The axis of the steps in an input of `shape`: the batch, where there is no other."""
    return (batch, *shape)[-2:-1]


def _before_steps(shape: Shape) -> Shape:
    """The axes before that of the steps, from the batch on."""
    return (batch, *shape)[:-2]


def _roles_text(query: Shape, value: Shape, key: Shape) -> str:
    return f"{shape_text(query)}, {shape_text(value)} and {shape_text(key)}"
