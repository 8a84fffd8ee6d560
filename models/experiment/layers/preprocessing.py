"""Layers that prepare numbers, symbols and images, and train nothing."""

from typing import Annotated

from msgspec import Meta

from models.experiment.layers.base import Layer


class Preparation(Layer):
    """A layer without weights that does the same in training and outside."""

    family = "preprocessing"


class Rescaling(Preparation, tag="Rescaling"):
    """Multiplies by a factor and adds an offset: x · scale + offset."""

    supports_masking = True

    scale: Annotated[float, Meta(description="Factor; 1/255 brings bytes to 0…1.", extra={"start": 1 / 255})]
    offset: Annotated[float, Meta(description="What is added after scaling.")] = 0.0
