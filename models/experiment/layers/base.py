"""What all layers of the catalogue have in common: a name, a family, the shape they put out and the weights they hold."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import prod
from typing import Annotated, ClassVar, Literal, NamedTuple, TypeGuard, TypeVar

from msgspec import Meta

from models.experiment.activations import Activation
from models.experiment.base import KnownShape, Shape, Variant

T = TypeVar("T")
Family = Literal[
    "core",
    "activation",
    "regularization",
    "normalization",
    "convolution",
    "pooling",
    "sequence",
    "reshaping",
    "preprocessing",
    "augmentation",
    "merging",
    "attention",
]
Severity = Literal["error", "warning", "hint"]
"""From the worst to the mildest."""

name_pattern = r"^[A-Za-z0-9][A-Za-z0-9_.\-]*(?!\n)$"
"""What Keras and TensorFlow accept; ``$`` alone would let a line break through at the end."""


Way = Literal["one", "list", "apart"]
"""How Keras takes the inputs of a layer: one, several in a list, or each as an argument of its own."""

LayerName = Annotated[
    str,
    Meta(
        pattern=name_pattern,
        max_length=60,
        extra={"form": "letters from a to z, digits, _ . -, beginning with a letter or digit, at most 60 characters"},
    ),
]


class Parameters(NamedTuple):
    """How many numbers a layer holds: learned by the optimizer, and kept beside (moving means)."""

    trainable: int = 0
    non_trainable: int = 0

    @property
    def total(self) -> int:
        """All numbers the layer holds."""
        return self.trainable + self.non_trainable


class Weight(NamedTuple):
    """An array of numbers that a layer holds."""

    place: str
    """Where Keras keeps it in a file, within the layer: ``vars/0``; in the order in which Keras makes its variables."""
    shape: KnownShape
    trainable: bool = True
    """Whether the optimizer learns it; not where it is kept beside (moving means)."""
    counted: bool = True
    """Whether these numbers are the layer's own; not where Keras writes those of a layer inside a second time."""


def numbered(*shapes: KnownShape | None, first: int = 0, trainable: bool = True) -> tuple[Weight, ...]:
    """Arrays of these `shapes`, as a layer makes them one after the other, from the number `first` on; none: it does without."""
    made = (shape for shape in shapes if shape is not None)
    return tuple(Weight(f"vars/{number}", shape, trainable) for number, shape in enumerate(made, first))


def within(part: str, weights: Iterable[Weight], trainable: bool = True) -> tuple[Weight, ...]:
    """`weights` of something that a layer holds as its `part`, which may be frozen."""
    return tuple(weight._replace(place=f"{part}/{weight.place}", trainable=weight.trainable and trainable) for weight in weights)


@dataclass(frozen=True)
class Complaint:
    """Why a layer does not fit what comes in, and the layers that would mend it."""

    sentence: str
    field: str | None = None
    severity: Severity = "error"
    label: str = ""
    """What the remedy does, as words for a button; empty where there is none."""
    insert: "Layer | None" = None
    """A layer to put before this one."""
    input: int = 0
    """Which of the inputs the layer to put before is for."""
    read_more: bool = False
    """Whether another input would mend it."""
    replace: "Layer | None" = None
    """A layer to put in this one's place."""


class Layer(Variant):
    """One step of the network, under Keras's name and with Keras's arguments."""

    family: ClassVar[Family] = "core"
    supports_masking: ClassVar[bool] = False
    """Whether Keras lets a mask, which says what steps of a sequence to pass over, come in and go on to the next layer."""

    pointwise: ClassVar[bool] = False
    """Whether outside training each number that comes out follows from the one at its place alone, counted along all axes.

    Of a layer that applies an activation that depends on the activation, too.
    """
    passes_gradient: ClassVar[bool] = True
    """Whether layers before this one can learn; not where it counts, sorts or rounds."""
    least_inputs: ClassVar[int] = 1
    """How many inputs the layer needs."""
    most_inputs: ClassVar[int | None] = 1
    """How many inputs the layer can take; none: any number."""
    input_roles: ClassVar[tuple[str, ...]] = ()
    """What each input is for, where that is not the same for all."""
    way: ClassVar[Way] = "one"

    takes_masks_off: ClassVar[bool] = False
    """Whether Keras takes the masks off what the layer reads, so that others that read it see none."""

    name: Annotated[LayerName, Meta(description="The layer's name in Keras; letters, digits, _ . - only.")]
    inputs: Annotated[
        tuple[LayerName, ...],
        Meta(
            description='The earlier layers that it reads, or "input" for the network\'s input; none named: the layer before.',
            extra={"own_control": True, "at_call": True},
        ),
    ] = ()
    trainable: Annotated[
        bool,
        Meta(description="Let training change the weights; without, they are frozen as they are.", extra={"group": "Training"}),
    ] = True

    def complaints(self, shape: Shape) -> tuple[Complaint, ...]:
        """Why an input of `shape` (without the batch axis) is not accepted; empty where it is."""
        return ()

    def output(self, shape: Shape) -> Shape:
        """Shape of the output for an input of `shape`, both without the batch axis; asked only where there is no error."""
        return shape

    def weights(self, shape: Shape) -> tuple[Weight, ...]:
        """The arrays the layer holds for an input of `shape`; asked only where there is no error."""
        return ()

    def kept_numbers(self, shape: Shape) -> int:
        """Numbers that training keeps for each example of `shape` until the gradient is computed; an unknown size counts once."""
        return size_of(self.output(shape))

    def multiply_adds(self, shape: Shape) -> int:
        """Products that go into sums when one example of `shape` goes forward: the usual measure of a layer's work.

        Counted are products of inputs with weights, or with each other where a layer sums those up; zeros around the input count
        like any number. What is done to numbers one by one is left out: biases, activations, normalization, pooling. He et al.,
        2016 (ResNet, table 1) and Howard et al., 2017 (MobileNet, table 8) count so. Asked only where there is no error.
        """
        return 0

    def complaints_of(self, shapes: Sequence[Shape]) -> tuple[Complaint, ...]:
        """Why inputs of these `shapes`, one for each, are not accepted; empty where they are."""
        return self.complaints(shapes[0])

    def output_of(self, shapes: Sequence[Shape]) -> Shape:
        """Shape of the output for inputs of these `shapes`; asked only where there is no error."""
        return self.output(shapes[0])

    def weights_of(self, shapes: Sequence[Shape]) -> tuple[Weight, ...]:
        """The arrays the layer holds for inputs of these `shapes`; asked only where there is no error."""
        return self.weights(shapes[0])

    def parameters_of(self, shapes: Sequence[Shape]) -> Parameters:
        """Numbers the layer holds for inputs of these `shapes`; asked only where there is no error."""
        held = [weight for weight in self.weights_of(shapes) if weight.counted]
        trainable = sum(prod(weight.shape) for weight in held if weight.trainable)
        return Parameters(trainable, sum(prod(weight.shape) for weight in held) - trainable)

    def held_of(self, shapes: Sequence[Shape]) -> Parameters:
        """The same, as training sees it: what a frozen layer holds is not trained."""
        held = self.parameters_of(shapes)
        return held if self.trainable else Parameters(0, held.total)

    def frozen_parts(self) -> tuple[str, ...]:
        """What is not to be trained: paths of attributes of Keras's layer, the layer itself being the empty one."""
        return () if self.trainable or not self.holds_weights() else ("",)

    @classmethod
    def holds_weights(cls) -> bool:
        """Whether layers of this kind hold any numbers."""
        return cls.weights is not Layer.weights or cls.weights_of is not Layer.weights_of

    def kept_of(self, shapes: Sequence[Shape]) -> int:
        """Numbers that training keeps for each example with inputs of these `shapes`."""
        return self.kept_numbers(shapes[0])

    def multiply_adds_of(self, shapes: Sequence[Shape]) -> int:
        """Products that go into sums when one example with inputs of these `shapes` goes forward."""
        return self.multiply_adds(shapes[0])

    def kernel_shape(self, shape: Shape) -> KnownShape | None:
        """Shape of the kernel for an input of `shape`, inputs and outputs on its last axes; none where there is no kernel."""
        return None

    def fans(self, shape: Shape) -> tuple[int, int] | None:
        """Fan-in and fan-out of the kernel for an input of `shape`, where they are not those of its last two axes."""
        return None

    def arranged(self, inputs: Sequence[T]) -> tuple[T, ...]:
        """What Keras is given, in its order, where these `inputs` are named."""
        return tuple(inputs)

    def keeps_mask(self, masked: Sequence[bool]) -> bool:
        """Whether a mask goes on with the output where the inputs that are `masked` have one; at least one of them has."""
        return masked[0]

    def weight_axes(self, weight: str, shape: Shape) -> int:
        """How many axes the weights have that a field such as ``bias_constraint`` (`weight` ``bias``) is about."""
        return 1

    @property
    def adapts(self) -> bool:
        """Whether the layer takes figures, such as means, from the training data before training begins."""
        return False

    @property
    def masks(self) -> bool:
        """Whether the layer itself says what steps are to be passed over."""
        return False

    @property
    def non_linearity(self) -> Activation | None:
        """The activation that this layer applies last, if it applies one."""
        return None


def refused(complaints: Iterable[Complaint]) -> bool:
    """Whether one of the `complaints` is an error, and not just a warning or a hint."""
    return any(complaint.severity == "error" for complaint in complaints)


along_batch = "Along the batch, what comes out for an example depends on the others beside it, outside training too."


def all_of(words: Sequence[str]) -> str:
    """`words` in a row as people say them: ``a, b and c``."""
    *some, last = words
    return f"{', '.join(some)} and {last}" if some else last


def shape_text(shape: Shape) -> str:
    """`shape` as people write it: ``8 × 8 × 1``."""
    return " × ".join("?" if size is None else str(size) for size in shape)


def wrong_rank(layer: Layer, shape: Shape, wanted: str, insert: Layer | None = None) -> Complaint:
    """The complaint of a layer that needs another number of axes."""
    label = f"Insert {insert.kind()}" if insert else ""
    return Complaint(f"{layer.kind()} needs {wanted}; what comes in is {shape_text(shape)}.", label=label, insert=insert)


def normal_axis(axis: int, shape: Shape) -> int | None:
    """Keras's `axis`, which counts the batch as 0, as an index into `shape`; none where there is no such axis."""
    rank = len(shape) + 1
    index = axis + rank if axis < 0 else axis
    return index - 1 if 1 <= index < rank else None


def is_batch(axis: int, shape: Shape) -> bool:
    """Whether Keras's `axis` is the batch of examples of `shape`."""
    return axis in (0, -len(shape) - 1)


def size_of(shape: Shape) -> int:
    """Numbers in an array of `shape`, in which an unknown size counts once."""
    return prod(1 if size is None else size for size in shape)


def is_known(shape: Shape) -> TypeGuard[KnownShape]:
    """Whether every size of `shape` is known."""
    return None not in shape


def features_of(shape: Shape) -> int:
    """Size of the last axis, which a layer without `unknown_features` knows."""
    features = shape[-1]
    assert features is not None
    return features


def unknown_features(layer: Layer, shape: Shape) -> tuple[Complaint, ...]:
    """The complaint of a layer whose weights depend on how many numbers come in on the last axis, where that is not known."""
    if shape[-1] is not None:
        return ()
    return (Complaint(f"{layer.kind()} must know how many numbers come in on the last axis to make its weights."),)


def along_axes(layer: Layer, field: str) -> KnownShape:
    """What `field` says for each axis, whether it holds a number for one axis or several."""
    content: int | KnownShape = getattr(layer, field)
    return content if isinstance(content, tuple) else (content,)
