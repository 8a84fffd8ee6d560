"""Layers that disturb training on purpose, against overfitting; they do nothing outside training."""

from typing import Annotated

from msgspec import Meta

from models.experiment.base import Decay, Share
from models.experiment.layers.base import Layer


class Disturbance(Layer):
    """A layer that is active during training only."""

    family = "regularization"
    supports_masking = True


class Dropout(Disturbance, tag="Dropout"):
    """Sets a random share of its inputs to 0 at every step and scales the others up (Srivastava et al., 2014)."""

    rate: Annotated[Share, Meta(description="Share of the inputs that is dropped.", extra={"start": 0.2})]


class GaussianNoise(Disturbance, tag="GaussianNoise"):
    """Adds normal noise of mean 0."""

    stddev: Annotated[Decay, Meta(description="Standard deviation of the noise.", extra={"start": 0.05})]


class GaussianDropout(Disturbance, tag="GaussianDropout"):
    """Multiplies by normal noise of mean 1 and deviation √(rate / (1 − rate))."""

    rate: Annotated[Share, Meta(description="Strength, comparable to Dropout's rate.", extra={"start": 0.2})]


class AlphaDropout(Disturbance, tag="AlphaDropout"):
    """Dropout that keeps mean and variance, for networks with selu."""

    rate: Annotated[Share, Meta(description="Share of the inputs that is dropped.", extra={"start": 0.1})]
