"""The weights that an experiment starts from, out of a file that may come from anywhere."""

from math import prod
from pathlib import Path

import keras

from models.experiment.counting import grouped
from models.experiment.errors import BadInput
from models.storage.keras_files.graph import groups_of
from models.storage.keras_files.weights import count_weights

remedy = "import the network once more, or forget the weights (Network ▸ Forget initial weights)"


def load_initial_weights(model: keras.Model, path: Path) -> None:
    """Set all weights of `model` to those in the file at `path`, which must be made for it. Raises `BadInput`."""
    groups = zip(groups_of(type(layer).__name__ for layer in model.layers), model.layers, strict=True)
    holding = (group for group, layer in groups if layer.weights)
    held, wanted = count_weights(path, holding) - _stored_twice(model), model.count_params()
    if held != wanted:
        raise BadInput(str(path), f"the {grouped(wanted)} weights of this network", grouped(held), remedy)
    try:
        model.load_weights(path)
    except (ValueError, KeyError, OSError) as error:
        reason = " ".join(str(error).split())
        raise BadInput(str(path), "the weights of this network", f"others ({reason[:160]})", remedy) from None


def _stored_twice(model: keras.Model) -> int:
    """Numbers that Keras saves a second time: the kernels that a SpectralNormalization divides."""
    dividing = (layer for layer in model.layers if isinstance(layer, keras.layers.SpectralNormalization))
    return sum(prod(layer.kernel.shape) for layer in dividing)
