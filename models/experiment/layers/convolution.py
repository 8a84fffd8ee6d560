"""Layers that slide a small window of weights over a sequence, an image or a volume."""

from math import prod
from typing import Annotated, ClassVar, Literal

from msgspec import Meta
from msgspec.structs import replace

from models.experiment.activations import Activation, Linear
from models.experiment.base import Count, Edge, KnownShape, Pair, Shape, Triple
from models.experiment.initializers import GlorotUniform, Initializer, Zeros
from models.experiment.layers.base import (
    Complaint,
    Layer,
    Weight,
    along_axes,
    features_of,
    numbered,
    shape_text,
    size_of,
    unknown_features,
)
from models.experiment.layers.core import (
    ActivationField,
    ActivityRegularizer,
    BiasConstraint,
    BiasInitializer,
    BiasRegularizer,
    UseBias,
    Weighted,
    matrix_only,
)
from models.experiment.layers.reshaping import wrong_space
from models.experiment.layers.windows import larger_than, reach, slide, spread
from models.experiment.regularizers import Constraint, Regularizer

Filters = Annotated[Count, Meta(description="Number of output channels.", extra={"start": 16})]
Groups = Annotated[Count, Meta(description="Parts the channels are split into, each convolved on its own.")]
Length = Annotated[Count, Meta(description="Length of the window.", extra={"start": 3})]
Size = Annotated[Pair, Meta(description="Height and width of the window.", extra={"start": (3, 3)})]
Volume = Annotated[Triple, Meta(description="Depth, height and width of the window.", extra={"start": (3, 3, 3)})]
Stride = Annotated[Count, Meta(description="Distance from one position to the next.")]
Strides = Annotated[Pair, Meta(description="Distance from one position to the next, down and across.")]
Strides3D = Annotated[Triple, Meta(description="Distance from one position to the next, along each axis.")]
Dilation = Annotated[Count, Meta(description="Distance of neighbours inside the window.")]
Dilations = Annotated[Pair, Meta(description="Distance of neighbours inside the window.")]
Dilations3D = Annotated[Triple, Meta(description="Distance of neighbours inside the window.")]
Padding = Annotated[Literal["valid", "same"], Meta(description="valid: only whole windows; same: zeros around keep the size.")]
CausalPadding = Annotated[
    Literal["valid", "same", "causal"],
    Meta(description="valid: only whole windows; same: zeros around keep the length; causal: zeros before, none after."),
]
SpreadPadding = Annotated[
    Literal["valid", "same"],
    Meta(description="valid: all that the windows reach; same: as many positions as the stride has for each that comes in."),
]
DepthMultiplier = Annotated[Count, Meta(description="Number of windows for each channel that comes in.")]
DepthwiseInitializer = Annotated[
    Initializer, Meta(description="How the weights of the windows start.", extra={"group": "Initialization"})
]
DepthwiseRegularizer = Annotated[
    Regularizer | None,
    Meta(description="Penalty on the weights of the windows, added to the loss.", extra={"group": "Regularization"}),
]
DepthwiseConstraint = Annotated[
    Constraint | None,
    Meta(description="Limit the weights of the windows are kept in after every step.", extra={"group": "Regularization"}),
]
both_spread = "strides and dilation_rate cannot both be greater than 1."


class Convolution(Weighted):
    """One weighted sum of the window for each position and filter: kernel (window, channels, filters)."""

    family = "convolution"
    axes: ClassVar[int]
    """Axes the window slides along."""

    filters: Filters

    def complaints(self, shape: Shape) -> tuple[Complaint, ...]:
        if len(shape) != self.axes + 1:
            return (wrong_space(self, shape, self.axes),)
        if unknown := unknown_features(self, shape):
            return unknown
        bias = matrix_only(self, self.bias_initializer, "bias_initializer", 1) if self.use_bias else ()
        kernel = matrix_only(self, self.kernel_initializer, "kernel_initializer", self.kernel_axes)
        return (*self._window_complaints(shape), *bias, *kernel)

    def weights(self, shape: Shape) -> tuple[Weight, ...]:
        return numbered(self.kernel_shape(shape), (self.filters,) if self.use_bias else None)

    def kernel_shape(self, shape: Shape) -> KnownShape:
        return (*along_axes(self, "kernel_size"), features_of(shape), self.filters)

    def _window_complaints(self, shape: Shape) -> tuple[Complaint, ...]:
        raise NotImplementedError


class SlidingConvolution(Convolution):
    """A convolution that makes one position of one window, and can treat its channels in groups."""

    groups: Groups = 1

    def output(self, shape: Shape) -> Shape:
        return (*window_positions(self, shape), self.filters)

    def multiply_adds(self, shape: Shape) -> int:
        """Positions · filters · numbers under the window: its size · channels of a group.

        Source: Howard et al., 2017, section 3.1, equation 2.
        """
        return size_of(window_positions(self, shape)) * prod(self.kernel_shape(shape))

    def kernel_shape(self, shape: Shape) -> KnownShape:
        return (*along_axes(self, "kernel_size"), features_of(shape) // self.groups, self.filters)

    def _window_complaints(self, shape: Shape) -> tuple[Complaint, ...]:
        channels = features_of(shape)
        found = []
        if channels % self.groups:
            found.append(Complaint(f"groups ({self.groups}) must divide the {channels} channels that come in.", "groups"))
        elif self.filters % self.groups:
            found.append(Complaint(f"groups ({self.groups}) must divide filters ({self.filters}).", "groups"))
        return (*found, *spread_twice(self), *too_large(self, shape))


class Conv1D(SlidingConvolution, tag="Conv1D"):
    """Slides a window of weights along a sequence: one weighted sum of the window per position and filter."""

    kernel_axes = 3
    axes = 1

    kernel_size: Length
    strides: Stride = 1
    padding: CausalPadding = "valid"
    dilation_rate: Dilation = 1


class Conv2D(SlidingConvolution, tag="Conv2D"):
    """Slides a window of weights over an image: one weighted sum of the window per position and filter."""

    kernel_axes = 4
    axes = 2

    kernel_size: Size
    strides: Strides = (1, 1)
    padding: Padding = "valid"
    dilation_rate: Dilations = (1, 1)


class Conv3D(SlidingConvolution, tag="Conv3D"):
    """Slides a window of weights through a volume, or through a film: one weighted sum per position and filter."""

    kernel_axes = 5
    axes = 3

    kernel_size: Volume
    strides: Strides3D = (1, 1, 1)
    padding: Padding = "valid"
    dilation_rate: Dilations3D = (1, 1, 1)


class TransposedConvolution(Convolution):
    """A convolution the other way round: every position that comes in lays its window, weighted, onto a larger output.

    Kernel (window, filters, channels).
    """

    padding: SpreadPadding = "valid"

    def output(self, shape: Shape) -> Shape:
        window = reach(along_axes(self, "kernel_size"), along_axes(self, "dilation_rate"))
        strides = along_axes(self, "strides")
        return (*spread(shape[:-1], window, strides, self.padding, self._output_padding), self.filters)

    def multiply_adds(self, shape: Shape) -> int:
        """Every number that comes in is multiplied with each weight of its channel, also where the result is cut off."""
        return size_of(shape[:-1]) * prod(self.kernel_shape(shape))

    def kernel_shape(self, shape: Shape) -> KnownShape:
        return (*along_axes(self, "kernel_size"), self.filters, features_of(shape))

    @property
    def _output_padding(self) -> KnownShape | None:
        return None if getattr(self, "output_padding") is None else along_axes(self, "output_padding")  # noqa: B009

    def _window_complaints(self, shape: Shape) -> tuple[Complaint, ...]:
        strides = along_axes(self, "strides")
        if self._output_padding is not None and any(map(int.__ge__, self._output_padding, strides)):
            return (Complaint("output_padding must be less than strides along every axis.", "output_padding"),)
        dilation = along_axes(self, "dilation_rate")
        if max(dilation) > 1:
            whole = replace(self, dilation_rate=1 if self.axes == 1 else (1,) * self.axes)
            sentence = "Many processors cannot compute a transposed convolution whose window has gaps."
            return (Complaint(sentence, "dilation_rate", label="Use no gaps", replace=whole),)
        return ()


OutputPadding = Annotated[
    Edge | None, Meta(description="Positions to add at the end; less than the stride. None: what the window leaves over.")
]
OutputPadding2D = Annotated[
    tuple[Edge, Edge] | None,
    Meta(description="Rows and columns to add at the end; less than the strides. None: what the window leaves over."),
]
OutputPadding3D = Annotated[
    tuple[Edge, Edge, Edge] | None,
    Meta(description="Positions to add at the end of each axis; less than the strides. None: what the window leaves over."),
]


class Conv1DTranspose(TransposedConvolution, tag="Conv1DTranspose"):
    """Makes a sequence longer with learned weights: the other way round than Conv1D."""

    kernel_axes = 3
    axes = 1

    kernel_size: Length
    strides: Stride = 1
    output_padding: OutputPadding = None
    dilation_rate: Dilation = 1


class Conv2DTranspose(TransposedConvolution, tag="Conv2DTranspose"):
    """Makes an image larger with learned weights, as decoders and generators do: the other way round than Conv2D."""

    kernel_axes = 4
    axes = 2

    kernel_size: Size
    strides: Strides = (1, 1)
    output_padding: OutputPadding2D = None
    dilation_rate: Dilations = (1, 1)


class Conv3DTranspose(TransposedConvolution, tag="Conv3DTranspose"):
    """Makes a volume larger with learned weights: the other way round than Conv3D."""

    kernel_axes = 5
    axes = 3

    kernel_size: Volume
    strides: Strides3D = (1, 1, 1)
    output_padding: OutputPadding3D = None
    dilation_rate: Dilations3D = (1, 1, 1)


class ChannelConvolution(Layer):
    """Convolves every channel on its own, with windows of shape (window, channels, multiplier)."""

    family = "convolution"
    axes: ClassVar[int]

    depth_multiplier: DepthMultiplier = 1
    activation: ActivationField = Linear()
    use_bias: UseBias = True
    depthwise_initializer: DepthwiseInitializer = GlorotUniform()

    def complaints(self, shape: Shape) -> tuple[Complaint, ...]:
        if len(shape) != self.axes + 1:
            return (wrong_space(self, shape, self.axes),)
        if unknown := unknown_features(self, shape):
            return unknown
        windows = matrix_only(self, self.depthwise_initializer, "depthwise_initializer", self.axes + 2)
        return (*self._uneven(), *too_large(self, shape), *windows)

    def weight_axes(self, weight: str, shape: Shape) -> int:
        return 1 if weight == "bias" else self.axes + 2

    def kernel_shape(self, shape: Shape) -> KnownShape:
        return (*along_axes(self, "kernel_size"), features_of(shape), self.depth_multiplier)

    @property
    def non_linearity(self) -> Activation:
        return self.activation

    def _uneven(self) -> tuple[Complaint, ...]:
        strides = along_axes(self, "strides")
        if len(set(strides)) == 1 or max(along_axes(self, "dilation_rate")) > 1:
            return ()
        even = replace(self, strides=strides[:1] * self.axes)
        sentence = f"On many processors the windows of {self.kind()} move as far down as across only, unless they have gaps."
        return (Complaint(sentence, "strides", label=f"Use {strides[0]}, {strides[0]}", replace=even),)


class DepthwiseConvolution(ChannelConvolution):
    """A convolution that leaves the channels apart."""

    bias_initializer: BiasInitializer = Zeros()
    depthwise_regularizer: DepthwiseRegularizer = None
    bias_regularizer: BiasRegularizer = None
    activity_regularizer: ActivityRegularizer = None
    depthwise_constraint: DepthwiseConstraint = None
    bias_constraint: BiasConstraint = None

    def complaints(self, shape: Shape) -> tuple[Complaint, ...]:
        bias = matrix_only(self, self.bias_initializer, "bias_initializer", 1) if self.use_bias else ()
        return (*super().complaints(shape), *bias)

    def output(self, shape: Shape) -> Shape:
        return (*window_positions(self, shape), self._sums(shape))

    def weights(self, shape: Shape) -> tuple[Weight, ...]:
        return numbered(self.kernel_shape(shape), (self._sums(shape),) if self.use_bias else None)

    def multiply_adds(self, shape: Shape) -> int:
        """Positions · numbers under the windows of all channels."""
        return size_of(window_positions(self, shape)) * prod(self.kernel_shape(shape))

    def _sums(self, shape: Shape) -> int:
        return features_of(shape) * self.depth_multiplier


class DepthwiseConv1D(DepthwiseConvolution, tag="DepthwiseConv1D"):
    """Slides windows along a sequence, each over one channel: far fewer weights than Conv1D."""

    axes = 1

    kernel_size: Length
    strides: Stride = 1
    padding: Padding = "valid"
    dilation_rate: Dilation = 1


class DepthwiseConv2D(DepthwiseConvolution, tag="DepthwiseConv2D"):
    """Slides windows over an image, each over one channel: far fewer weights than Conv2D."""

    axes = 2

    kernel_size: Size
    strides: Strides = (1, 1)
    padding: Padding = "valid"
    dilation_rate: Dilations = (1, 1)


class SeparableConvolution(ChannelConvolution):
    """A depthwise convolution, and then at each position a weighted sum of its channels for every filter (Chollet, 2017)."""

    filters: Filters
    pointwise_initializer: Annotated[
        Initializer, Meta(description="How the weights of the channels start.", extra={"group": "Initialization"})
    ] = GlorotUniform()
    bias_initializer: BiasInitializer = Zeros()
    depthwise_regularizer: DepthwiseRegularizer = None
    pointwise_regularizer: Annotated[
        Regularizer | None,
        Meta(description="Penalty on the weights of the channels, added to the loss.", extra={"group": "Regularization"}),
    ] = None
    bias_regularizer: BiasRegularizer = None
    activity_regularizer: ActivityRegularizer = None
    depthwise_constraint: DepthwiseConstraint = None
    pointwise_constraint: Annotated[
        Constraint | None,
        Meta(description="Limit the weights of the channels are kept in after every step.", extra={"group": "Regularization"}),
    ] = None
    bias_constraint: BiasConstraint = None

    def complaints(self, shape: Shape) -> tuple[Complaint, ...]:
        bias = matrix_only(self, self.bias_initializer, "bias_initializer", 1) if self.use_bias else ()
        channels = matrix_only(self, self.pointwise_initializer, "pointwise_initializer", self.axes + 2)
        return (*super().complaints(shape), *channels, *bias)

    def output(self, shape: Shape) -> Shape:
        return (*window_positions(self, shape), self.filters)

    def weights(self, shape: Shape) -> tuple[Weight, ...]:
        return numbered(*self._kernels(shape), (self.filters,) if self.use_bias else None)

    def kept_numbers(self, shape: Shape) -> int:
        """The sums of the windows beside what is put out."""
        return size_of(window_positions(self, shape)) * (features_of(shape) * self.depth_multiplier + self.filters)

    def multiply_adds(self, shape: Shape) -> int:
        """Positions · (numbers under the windows + channels · filters); Howard et al., 2017, section 3.1, equation 5."""
        return size_of(window_positions(self, shape)) * sum(map(prod, self._kernels(shape)))

    def _kernels(self, shape: Shape) -> tuple[KnownShape, KnownShape]:
        """That of the windows, and that of the channels."""
        return self.kernel_shape(shape), (*(1,) * self.axes, features_of(shape) * self.depth_multiplier, self.filters)


class SeparableConv1D(SeparableConvolution, tag="SeparableConv1D"):
    """Conv1D in two steps, along the sequence and across the channels: nearly as able, with far fewer weights."""

    axes = 1

    kernel_size: Length
    strides: Stride = 1
    padding: Padding = "valid"
    dilation_rate: Dilation = 1


class SeparableConv2D(SeparableConvolution, tag="SeparableConv2D"):
    """Conv2D in two steps, over the image and across the channels: nearly as able, with far fewer weights."""

    axes = 2

    kernel_size: Size
    strides: Strides = (1, 1)
    padding: Padding = "valid"
    dilation_rate: Dilations = (1, 1)


def window_positions(layer: Layer, shape: Shape) -> Shape:
    """How many positions the window of `layer` takes along each axis of an input of `shape`."""
    window, strides, dilation = (along_axes(layer, field) for field in ("kernel_size", "strides", "dilation_rate"))
    padding: str = getattr(layer, "padding")  # noqa: B009
    return slide(shape[:-1], window, strides, padding, dilation)


def spread_twice(layer: Layer) -> tuple[Complaint, ...]:
    """The complaint about a window that both jumps and has gaps, which TensorFlow cannot compute."""
    if max(along_axes(layer, "strides")) > 1 and max(along_axes(layer, "dilation_rate")) > 1:
        return (Complaint(both_spread, "dilation_rate"),)
    return ()


def too_large(layer: Layer, shape: Shape) -> tuple[Complaint, ...]:
    """The complaint about a window that does not fit into an input of `shape`."""
    padding: str = getattr(layer, "padding")  # noqa: B009
    window = reach(along_axes(layer, "kernel_size"), along_axes(layer, "dilation_rate"))
    if padding != "valid" or not larger_than(window, shape[:-1]):
        return ()
    sentence = f"The window ({shape_text(window)}) is larger than what comes in ({shape_text(shape[:-1])})."
    return (Complaint(sentence, "kernel_size", label="Pad with zeros", replace=replace(layer, padding="same")),)
