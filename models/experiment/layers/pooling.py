"""Layers that summarise neighbourhoods, or everything, into one number a channel."""

from typing import Annotated, ClassVar, Literal

from msgspec import Meta
from msgspec.structs import replace

from models.experiment.base import Count, KnownShape, Pair, Shape, Triple
from models.experiment.counting import counted
from models.experiment.layers.base import Complaint, Layer, along_axes, shape_text
from models.experiment.layers.reshaping import wrong_space
from models.experiment.layers.windows import larger_than, slide

Padding = Annotated[Literal["valid", "same"], Meta(description="valid: only whole windows; same: also the rest at the border.")]
Length = Annotated[Count, Meta(description="Length of the window.", extra={"start": 2})]
Size = Annotated[Pair, Meta(description="Height and width of the window.", extra={"start": (2, 2)})]
Volume = Annotated[Triple, Meta(description="Depth, height and width of the window.", extra={"start": (2, 2, 2)})]
strides_words = "Distance from one window to the next; none: the window's own size."


class SpatialPooling(Layer):
    """A layer that leaves every channel by itself."""

    family = "pooling"
    axes: ClassVar[int]
    """Axes that are summarised."""

    def complaints(self, shape: Shape) -> tuple[Complaint, ...]:
        return () if len(shape) == self.axes + 1 else (wrong_space(self, shape, self.axes),)


class Pooling(SpatialPooling):
    """One number for each window, channel by channel."""

    padding: Padding = "valid"

    def complaints(self, shape: Shape) -> tuple[Complaint, ...]:
        if found := super().complaints(shape):
            return found
        if self.padding == "same" or not larger_than(self._window, shape[:-1]):
            return ()
        sentence = f"The window ({shape_text(self._window)}) is larger than what comes in ({shape_text(shape[:-1])})."
        return (Complaint(sentence, "pool_size", label="Use padding “same”", replace=replace(self, padding="same")),)

    def output(self, shape: Shape) -> Shape:
        own = getattr(self, "strides") is None  # noqa: B009
        strides = self._window if own else along_axes(self, "strides")
        return (*slide(shape[:-1], self._window, strides, self.padding), shape[-1])

    @property
    def _window(self) -> KnownShape:
        return along_axes(self, "pool_size")


class Pooling1D(Pooling):
    """One number for each window of a sequence, channel by channel."""

    axes = 1

    strides: Annotated[Count | None, Meta(description=strides_words)] = None


class MaxPooling1D(Pooling1D, tag="MaxPooling1D"):
    """The greatest value of each window of a sequence."""

    pool_size: Length = 2


class AveragePooling1D(Pooling1D, tag="AveragePooling1D"):
    """The mean of each window of a sequence."""

    pool_size: Length


class Pooling2D(Pooling):
    """One number for each window of an image, channel by channel."""

    axes = 2

    strides: Annotated[Pair | None, Meta(description=strides_words)] = None


class MaxPooling2D(Pooling2D, tag="MaxPooling2D"):
    """The greatest value of each window of an image."""

    pool_size: Size = (2, 2)


class AveragePooling2D(Pooling2D, tag="AveragePooling2D"):
    """The mean of each window of an image."""

    pool_size: Size


class Pooling3D(Pooling):
    """One number for each window of a volume, channel by channel."""

    axes = 3

    strides: Annotated[Triple | None, Meta(description=strides_words)] = None


class MaxPooling3D(Pooling3D, tag="MaxPooling3D"):
    """The greatest value of each window of a volume."""

    pool_size: Volume = (2, 2, 2)


class AveragePooling3D(Pooling3D, tag="AveragePooling3D"):
    """The mean of each window of a volume."""

    pool_size: Volume


class AdaptivePooling(SpatialPooling):
    """One number for each of as many parts as are wanted, whatever the size that comes in."""

    def complaints(self, shape: Shape) -> tuple[Complaint, ...]:
        if found := super().complaints(shape):
            return found
        # Keras also computes windows that are one longer than the parts, whether it needs them or not.
        for size, parts in zip(shape, along_axes(self, "output_size"), strict=False):
            if size is not None and -(-size // parts) >= size:
                sentence = f"Keras cannot compile {counted(parts, 'part')} of an axis of {size}."
                return (Complaint(sentence, "output_size"),)
        return ()

    def output(self, shape: Shape) -> Shape:
        return (*along_axes(self, "output_size"), shape[-1])


OutputLength = Annotated[Count, Meta(description="Positions to put out.", extra={"start": 4})]
OutputSize = Annotated[Pair, Meta(description="Height and width to put out.", extra={"start": (4, 4)})]
OutputVolume = Annotated[Triple, Meta(description="Depth, height and width to put out.", extra={"start": (4, 4, 4)})]


class AdaptiveMaxPooling1D(AdaptivePooling, tag="AdaptiveMaxPooling1D"):
    """The greatest value of each of a given number of parts of a sequence."""

    axes = 1

    output_size: OutputLength


class AdaptiveMaxPooling2D(AdaptivePooling, tag="AdaptiveMaxPooling2D"):
    """The greatest value of each of a given number of parts of an image."""

    axes = 2

    output_size: OutputSize


class AdaptiveMaxPooling3D(AdaptivePooling, tag="AdaptiveMaxPooling3D"):
    """The greatest value of each of a given number of parts of a volume."""

    axes = 3

    output_size: OutputVolume


class AdaptiveAveragePooling1D(AdaptivePooling, tag="AdaptiveAveragePooling1D"):
    """The mean of each of a given number of parts of a sequence."""

    axes = 1

    output_size: OutputLength


class AdaptiveAveragePooling2D(AdaptivePooling, tag="AdaptiveAveragePooling2D"):
    """The mean of each of a given number of parts of an image."""

    axes = 2

    output_size: OutputSize


class AdaptiveAveragePooling3D(AdaptivePooling, tag="AdaptiveAveragePooling3D"):
    """The mean of each of a given number of parts of a volume."""

    axes = 3

    output_size: OutputVolume


class GlobalPooling(SpatialPooling):
    """One number for each channel."""

    keepdims: Annotated[bool, Meta(description="Keep the summarised axes, with size 1.")] = False

    def output(self, shape: Shape) -> Shape:
        return ((1,) * self.axes if self.keepdims else ()) + shape[-1:]


class GlobalMaxPooling1D(GlobalPooling, tag="GlobalMaxPooling1D"):
    """The greatest value of each channel of a sequence."""

    axes = 1


class GlobalAveragePooling1D(GlobalPooling, tag="GlobalAveragePooling1D"):
    """The mean of each channel of a sequence."""

    axes = 1
    supports_masking = True


class GlobalMaxPooling2D(GlobalPooling, tag="GlobalMaxPooling2D"):
    """The greatest value of each channel of an image."""

    axes = 2


class GlobalAveragePooling2D(GlobalPooling, tag="GlobalAveragePooling2D"):
    """The mean of each channel of an image."""

    axes = 2


class GlobalMaxPooling3D(GlobalPooling, tag="GlobalMaxPooling3D"):
    """The greatest value of each channel of a volume."""

    axes = 3


class GlobalAveragePooling3D(GlobalPooling, tag="GlobalAveragePooling3D"):
    """The mean of each channel of a volume."""

    axes = 3
