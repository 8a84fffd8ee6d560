"""Layers that disturb training on purpose, against overfitting; they do nothing outside training."""

from typing import Annotated, ClassVar

from msgspec import Meta

from models.experiment.base import Count, Decay, NonNegative, Shape, Share, most_axes
from models.experiment.counting import grouped
from models.experiment.layers.base import Complaint, Layer
from models.experiment.layers.reshaping import wrong_space


class Disturbance(Layer):
    """A layer that is active during training only."""

    family = "regularization"
    supports_masking = True
    pointwise = True


class Dropping(Disturbance):
    """Drops inputs at random, each by itself or, with a `noise_shape`, those together that lie along some axes."""

    rate: Annotated[Share, Meta(description="Share of the inputs that is dropped.", extra={"start": 0.2})]
    noise_shape: Annotated[
        Annotated[tuple[Count | None, ...], Meta(min_length=1, max_length=most_axes + 1)] | None,
        Meta(
            description="For every axis, the batch first: 1 drops all along it together, ? each by itself.",
            extra={"start": (None, 1), "none": "each by itself"},
        ),
    ] = None

    def complaints(self, shape: Shape) -> tuple[Complaint, ...]:
        if self.noise_shape is None or not self.rate:  # which Keras does not look at where nothing is dropped
            return ()
        axes = len(shape) + 1
        if len(self.noise_shape) != axes:
            sentence = f"noise_shape needs {axes} numbers, one for the batch and each axis, but has {len(self.noise_shape)}."
            return (Complaint(sentence, "noise_shape"),)
        if self.noise_shape[0] not in (None, 1):
            sentence = (
                f"noise_shape begins with {grouped(self.noise_shape[0])}, but batches differ in size: 1 or ? goes with all."
            )
            return (Complaint(sentence, "noise_shape"),)
        wrong = next((pair for pair in zip(self.noise_shape[1:], shape, strict=True) if pair[0] not in (None, 1, pair[1])), None)
        if wrong is None:
            return ()
        found, size = wrong
        assert found is not None
        comes = f"an axis of {grouped(size)}" if size is not None else "an axis of unknown size"
        return (Complaint(f"noise_shape has {grouped(found)} for {comes}: 1 or ? is possible there.", "noise_shape"),)


class Dropout(Dropping, tag="Dropout"):
    """Sets a random share of its inputs to 0 at every step and scales the others up (Srivastava et al., 2014)."""


class GaussianNoise(Disturbance, tag="GaussianNoise"):
    """Adds normal noise of mean 0."""

    stddev: Annotated[Decay, Meta(description="Standard deviation of the noise.", extra={"start": 0.05})]


class GaussianDropout(Disturbance, tag="GaussianDropout"):
    """Multiplies by normal noise of mean 1 and deviation √(rate / (1 − rate))."""

    rate: Annotated[Share, Meta(description="Strength, comparable to Dropout's rate.", extra={"start": 0.2})]


class AlphaDropout(Dropping, tag="AlphaDropout"):
    """Dropout that keeps mean and variance, for networks with selu."""

    rate: Annotated[Share, Meta(description="Share of the inputs that is dropped.", extra={"start": 0.1})]


class SpatialDropout(Disturbance):
    """Dropout of whole channels: neighbours are alike, so that dropping single values would take little away.

    Tompson et al., 2014.
    """

    axes: ClassVar[int]
    """Axes along which a channel is dropped as a whole."""

    rate: Annotated[Share, Meta(description="Share of the channels that is dropped.", extra={"start": 0.2})]

    def complaints(self, shape: Shape) -> tuple[Complaint, ...]:
        return () if len(shape) == self.axes + 1 else (wrong_space(self, shape, self.axes),)


class SpatialDropout1D(SpatialDropout, tag="SpatialDropout1D"):
    """Sets a random share of the channels of a sequence to 0, each at all its steps."""

    axes = 1


class SpatialDropout2D(SpatialDropout, tag="SpatialDropout2D"):
    """Sets a random share of the channels of an image to 0, each as a whole."""

    axes = 2


class SpatialDropout3D(SpatialDropout, tag="SpatialDropout3D"):
    """Sets a random share of the channels of a volume to 0, each as a whole."""

    axes = 3


class ActivityRegularization(Layer, tag="ActivityRegularization"):
    """Adds a penalty on what passes through to the loss, and changes nothing of it."""

    family = "regularization"
    supports_masking = True
    pointwise = True

    l1: Annotated[NonNegative, Meta(description="Strength of the penalty on absolute values.")] = 0.0
    l2: Annotated[NonNegative, Meta(description="Strength of the penalty on squares.")] = 0.0
