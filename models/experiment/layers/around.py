"""Layers around another layer or a cell: through a sequence, both ways, at every step of it; or with a kernel kept small."""

import dataclasses
from typing import Annotated, Literal

from msgspec import Meta
from msgspec.structs import replace

from models.experiment.base import Count, KnownShape, Shape
from models.experiment.layers.activations import ELU, Activation, LeakyReLU, ReLU
from models.experiment.layers.base import (
    Complaint,
    Layer,
    Weight,
    features_of,
    numbered,
    refused,
    size_of,
    unknown_features,
    within,
    wrong_rank,
)
from models.experiment.layers.cells import Cell, LSTMCell, StackedRNNCells
from models.experiment.layers.convolution import (
    Conv1D,
    Conv1DTranspose,
    Conv2D,
    Conv2DTranspose,
    Conv3D,
    Conv3DTranspose,
    DepthwiseConv1D,
    DepthwiseConv2D,
    SeparableConv1D,
    SeparableConv2D,
)
from models.experiment.layers.core import Dense
from models.experiment.layers.normalization import BatchNormalization, LayerNormalization
from models.experiment.layers.pooling import (
    AveragePooling1D,
    AveragePooling2D,
    AveragePooling3D,
    GlobalAveragePooling1D,
    GlobalAveragePooling2D,
    GlobalAveragePooling3D,
    GlobalMaxPooling1D,
    GlobalMaxPooling2D,
    GlobalMaxPooling3D,
    MaxPooling1D,
    MaxPooling2D,
    MaxPooling3D,
)
from models.experiment.layers.recurrent import GRU, LSTM, Backwards, SimpleRNN, Unrolled, many_steps, sequence_from
from models.experiment.layers.recurrent_windows import ConvLSTM1D, ConvLSTM2D, ConvLSTM3D
from models.experiment.layers.regularization import Dropout
from models.experiment.layers.reshaping import (
    Cropping1D,
    Cropping2D,
    Cropping3D,
    Flatten,
    Permute,
    RepeatVector,
    Reshape,
    UpSampling1D,
    UpSampling2D,
    UpSampling3D,
    ZeroPadding1D,
    ZeroPadding2D,
    ZeroPadding3D,
)


class RNN(Layer, tag="RNN"):
    """Goes through a sequence step by step with a cell; with an LSTMCell it computes what LSTM does, only slower."""

    family = "sequence"
    supports_masking = True

    cell: Annotated[Cell, Meta(description="What happens at a step.", extra={"start": LSTMCell(units=16)})]
    return_sequences: Annotated[bool, Meta(description="Put out the state at every step instead of the last.")] = False
    go_backwards: Backwards = False
    unroll: Unrolled = False
    zero_output_for_mask: Annotated[bool, Meta(description="Put out zeros at steps that are passed over.")] = False

    def complaints(self, shape: Shape) -> tuple[Complaint, ...]:
        if len(shape) != 2:
            return (wrong_rank(self, shape, "a sequence (steps × features)", sequence_from(shape)),)
        inside = tuple(dataclasses.replace(each, field=f"cell.{each.field}") for each in self.cell.complaints())
        return (*unknown_features(self, shape), *inside, *self._unrolling())

    @property
    def with_its_only_cell(self) -> "RNN | None":
        """The same with the cell alone of which it holds a stack of one, which Keras does not always run; none for all others."""
        cells = self.cell.cells if isinstance(self.cell, StackedRNNCells) else ()
        return replace(self, cell=cells[0]) if len(cells) == 1 else None

    def _unrolling(self) -> tuple[Complaint, ...]:
        alone = self.with_its_only_cell
        if self.unroll and alone is not None and isinstance(alone.cell, LSTMCell):
            return (
                Complaint("Keras cannot unroll a stack of a single LSTMCell.", "unroll", label="Take it alone", replace=alone),
            )
        return ()

    def output(self, shape: Shape) -> Shape:
        return (shape[0], self.cell.outputs()) if self.return_sequences else (self.cell.outputs(),)

    def weights(self, shape: Shape) -> tuple[Weight, ...]:
        return within("cell", self.cell.weights(features_of(shape)))

    def kept_numbers(self, shape: Shape) -> int:
        return (shape[0] or 1) * self.cell.kept_numbers()

    def multiply_adds(self, shape: Shape) -> int:
        return (shape[0] or 1) * self.cell.multiply_adds(features_of(shape))

    def kernel_shape(self, shape: Shape) -> KnownShape | None:
        return self.cell.kernel_shape(features_of(shape))


class Around(Layer):
    """A layer around another one."""

    layer: Layer

    def frozen_parts(self) -> tuple[str, ...]:
        return super().frozen_parts() or parts_of("layer", self.layer)

    def inside(self, shape: Shape) -> Shape:
        """What comes into the layer inside, where `shape` comes in."""
        return shape

    def wrapped(self, field: str, complaint: Complaint) -> Complaint:
        """A `complaint` of the layer in `field` as one of the whole."""
        path = field if complaint.field is None else f"{field}.{complaint.field}"
        instead = None if complaint.replace is None else replace(self, **{field: complaint.replace})
        label = complaint.label if instead is not None else ""
        return dataclasses.replace(complaint, field=path, insert=None, label=label, replace=instead)


def parts_of(attribute: str, layer: Layer) -> tuple[str, ...]:
    """What is not to be trained in the `layer` inside, as paths that begin with the `attribute` that holds it."""
    return tuple(f"{attribute}.{path}".rstrip(".") for path in layer.frozen_parts())


RecurrentLayer = SimpleRNN | LSTM | GRU | RNN | ConvLSTM1D | ConvLSTM2D | ConvLSTM3D


class Bidirectional(Around, tag="Bidirectional"):
    """Goes through a sequence from both ends with two layers of the same kind, and joins what they put out."""

    family = "sequence"
    supports_masking = True

    layer: Annotated[
        RecurrentLayer,
        Meta(
            description="What goes forward; a second one like it goes back.",
            extra={"start": LSTM(name="lstm", units=16)},
        ),
    ]
    merge_mode: Annotated[
        Literal["concat", "sum", "mul", "ave"],
        Meta(description="How to join the two: one beside the other, their sum, product or mean."),
    ] = "concat"
    backward_layer: Annotated[
        RecurrentLayer | None,
        Meta(
            description="Another layer to go back with; none: one like the first.",
            extra={"start": LSTM(name="lstm_back", units=16, go_backwards=True)},
        ),
    ] = None

    def complaints(self, shape: Shape) -> tuple[Complaint, ...]:
        found = tuple(self.wrapped("layer", each) for each in self.layer.complaints(shape))
        back = self.backward_layer
        if back is None and self.layer.go_backwards:
            turned = replace(self, layer=replace(self.layer, go_backwards=False))
            sentence = "The first layer goes forward; the second one, like it, goes back."
            return (*found, Complaint(sentence, "layer.go_backwards", label="Turn it round", replace=turned))
        if back is None:
            return found
        found += tuple(self.wrapped("backward_layer", each) for each in back.complaints(shape))
        if refused(found):
            return found
        if back.go_backwards == self.layer.go_backwards:
            turned = replace(self, backward_layer=replace(back, go_backwards=not back.go_backwards))
            sentence = "The two layers must go opposite ways."
            return (*found, Complaint(sentence, "backward_layer.go_backwards", label="Turn it round", replace=turned))
        if back.return_sequences != self.layer.return_sequences:
            alike = replace(self, backward_layer=replace(back, return_sequences=self.layer.return_sequences))
            sentence = "Both layers must return their sequences, or neither."
            return (*found, Complaint(sentence, "backward_layer.return_sequences", label="Make them alike", replace=alike))
        if self.layer.output(shape) != back.output(shape):
            return (*found, Complaint("The two layers must put out as many numbers as each other.", "backward_layer"))
        return found

    def output(self, shape: Shape) -> Shape:
        output = self.layer.output(shape)
        return (*output[:-1], 2 * features_of(output)) if self.merge_mode == "concat" else output

    def weights(self, shape: Shape) -> tuple[Weight, ...]:
        forward, back = (
            within(part, layer.weights(shape), layer.trainable)
            for part, layer in (("forward_layer", self.layer), ("backward_layer", self._back))
        )
        return (*forward, *back)

    def kept_numbers(self, shape: Shape) -> int:
        return self.layer.kept_numbers(shape) + self._back.kept_numbers(shape) + size_of(self.output(shape))

    def multiply_adds(self, shape: Shape) -> int:
        return self.layer.multiply_adds(shape) + self._back.multiply_adds(shape)

    def frozen_parts(self) -> tuple[str, ...]:
        inside = (*parts_of("forward_layer", self.layer), *parts_of("backward_layer", self._back))
        return Layer.frozen_parts(self) or inside

    @property
    def _back(self) -> RecurrentLayer:
        return self.layer if self.backward_layer is None else self.backward_layer


StepLayer = (
    Dense
    | Activation
    | ReLU
    | LeakyReLU
    | ELU
    | Dropout
    | BatchNormalization
    | LayerNormalization
    | Conv1D
    | Conv2D
    | Conv3D
    | DepthwiseConv1D
    | DepthwiseConv2D
    | SeparableConv1D
    | SeparableConv2D
    | Conv1DTranspose
    | Conv2DTranspose
    | Conv3DTranspose
    | MaxPooling1D
    | MaxPooling2D
    | MaxPooling3D
    | AveragePooling1D
    | AveragePooling2D
    | AveragePooling3D
    | GlobalMaxPooling1D
    | GlobalMaxPooling2D
    | GlobalMaxPooling3D
    | GlobalAveragePooling1D
    | GlobalAveragePooling2D
    | GlobalAveragePooling3D
    | SimpleRNN
    | LSTM
    | GRU
    | Bidirectional
    | Flatten
    | Reshape
    | Permute
    | RepeatVector
    | ZeroPadding1D
    | ZeroPadding2D
    | ZeroPadding3D
    | Cropping1D
    | Cropping2D
    | Cropping3D
    | UpSampling1D
    | UpSampling2D
    | UpSampling3D
)


class TimeDistributed(Around, tag="TimeDistributed"):
    """Does the same at every step of a sequence, with the same weights: for instance a convolution of each image of a film."""

    family = "sequence"
    supports_masking = True

    layer: Annotated[StepLayer, Meta(description="What to do at every step.", extra={"start": Dense(name="dense", units=16)})]

    def inside(self, shape: Shape) -> Shape:
        return shape[1:]

    def complaints(self, shape: Shape) -> tuple[Complaint, ...]:
        if len(shape) < 2:
            return (wrong_rank(self, shape, "a sequence: steps and more axes", sequence_from(shape)),)
        found = tuple(self.wrapped("layer", each) for each in self.layer.complaints(self.inside(shape)))
        if shape[0] is not None and shape[0] > many_steps:
            sentence = f"Keras compiles each of the {shape[0]} steps by itself, which takes minutes."
            return (*found, Complaint(sentence, severity="warning"))
        return found

    def output(self, shape: Shape) -> Shape:
        return (shape[0], *self.layer.output(self.inside(shape)))

    def weights(self, shape: Shape) -> tuple[Weight, ...]:
        return within("layer", self.layer.weights(self.inside(shape)), self.layer.trainable)

    def kept_numbers(self, shape: Shape) -> int:
        return (shape[0] or 1) * self.layer.kept_numbers(self.inside(shape))

    def multiply_adds(self, shape: Shape) -> int:
        return (shape[0] or 1) * self.layer.multiply_adds(self.inside(shape))


KernelLayer = (
    Dense | Conv1D | Conv2D | Conv3D | DepthwiseConv1D | DepthwiseConv2D | Conv1DTranspose | Conv2DTranspose | Conv3DTranspose
)


class SpectralNormalization(Around, tag="SpectralNormalization"):
    """Divides a layer's kernel at every training step by how much it can lengthen a vector, as in stable GANs.

    Miyato et al., 2018.
    """

    family = "normalization"

    layer: Annotated[
        KernelLayer, Meta(description="The layer whose kernel is kept small.", extra={"start": Dense(name="dense", units=16)})
    ]
    power_iterations: Annotated[Count, Meta(description="Steps in which the greatest lengthening is looked for.")] = 1

    def complaints(self, shape: Shape) -> tuple[Complaint, ...]:
        return tuple(self.wrapped("layer", each) for each in self.layer.complaints(shape))

    def output(self, shape: Shape) -> Shape:
        return self.layer.output(shape)

    def weights(self, shape: Shape) -> tuple[Weight, ...]:
        """Those of the layer inside; its kernel, which Keras writes a second time, for it is divided here; and a vector."""
        kernel = self._kernel(shape)
        divided, vector = numbered(kernel, (1, kernel[-1]), trainable=False)
        inside = within("layer", self.layer.weights(shape), self.layer.trainable)
        return (*inside, divided._replace(counted=False), vector)

    def kept_numbers(self, shape: Shape) -> int:
        return self.layer.kept_numbers(shape)

    def multiply_adds(self, shape: Shape) -> int:
        return self.layer.multiply_adds(shape)

    def _kernel(self, shape: Shape) -> KnownShape:
        kernel = self.layer.kernel_shape(shape)
        assert kernel is not None
        return kernel


def core(layer: Layer) -> Layer:
    """What does the work: the layer inside another one that does the same at every step, or keeps a kernel small."""
    return layer.layer if isinstance(layer, TimeDistributed | SpectralNormalization) else layer
