"""Weights of a network's layers: where a file has them, and a file of our own to start from.

What is written is a plain ``.weights.h5`` of Keras: its ``model.load_weights`` takes it for the same network.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path

from models.experiment.base import KnownShape
from models.experiment.counting import grouped
from models.experiment.errors import BadInput, system_reason
from models.experiment.experiment import Network
from models.experiment.layers import AnyLayer
from models.experiment.layers.recurrent import Recurrent
from models.experiment.report import Report
from models.storage.atomic import write_atomically
from models.storage.keras_files.arrays import StoredArrays, most_objects
from models.storage.keras_files.graph import Node, groups_of

suffix = ".weights.h5"
most_attribute_bytes = 2**20


Found = tuple[str, KnownShape]
"""Path and shape of an array."""


@dataclass(frozen=True)
class LayerWeights:
    """The arrays of one layer: from where in the foreign file, to where in ours."""

    layer: str
    group: str
    """The layer's place in our file: ``layers/dense_1``."""
    arrays: Mapping[str, str]
    """Path in the foreign file, by the path below `group`: ``vars/0``."""


def located(
    arrays: StoredArrays, legacy: bool, nodes: tuple[Node, ...], network: Network, report: Report
) -> tuple[LayerWeights, ...]:
    """Where the weights of each layer are. Raises `BadInput` where their number is not what the layer holds."""
    found = []
    by_name = _legacy_groups(arrays) if legacy else {}
    for node, layer, counted, group in zip(
        nodes, network, report.layers, groups_of(layer.kind() for layer in network), strict=True
    ):
        wanted = counted.parameters.total if counted.parameters else 0
        if not wanted:
            continue
        paths = _legacy_arrays(arrays, layer, by_name.get(node.name, ()), node) if legacy else _arrays(arrays, node)
        held = sum(prod(shape) for _, shape in paths.values()) - layer.stored_twice(counted.input_shapes[0])
        if held != wanted:
            raise BadInput(
                f"{arrays.place}, layer “{layer.name}”", f"{grouped(wanted)} weights, which {layer.kind()} has", grouped(held)
            )
        found.append(LayerWeights(layer.name, group, {place: path for place, (path, _) in paths.items()}))
    return tuple(found)


def write_weights(arrays: StoredArrays, weights: tuple[LayerWeights, ...], path: Path) -> None:
    """Write the weights as a file of Keras, atomically, one array in memory at a time."""
    import h5py

    def write(temporary: Path) -> None:
        with h5py.File(temporary, "w") as file:
            for layer in weights:
                for place, source in layer.arrays.items():
                    file.create_dataset(f"{layer.group}/{place}", data=arrays.read(source))

    write_atomically(path, write)


def count_weights(path: Path, groups: Iterable[str]) -> int:
    """How many weights the file at `path` holds for the layers of these groups. Raises `BadInput` for all but plain weights."""
    if not path.name.endswith(suffix):
        raise BadInput(str(path), f"a name ending in {suffix}, which Keras insists on", path.suffix or "no suffix")
    try:
        with path.open("rb") as file, StoredArrays(file, path.stat().st_size, str(path)) as arrays:
            return sum(prod(shape) for group in groups for shape in arrays.below(group).values())
    except FileNotFoundError:
        raise missing_weights(path) from None
    except OSError as error:
        raise BadInput(str(path), "a file that can be read", system_reason(error)) from None


def missing_weights(path: Path) -> BadInput:
    """What to say where there is no file at `path`, from which the weights of an experiment should come."""
    remedy = "put it back, or forget the weights (Network ▸ Forget initial weights)"
    return BadInput(str(path), "the weights that the experiment starts from", "no file of that name", remedy)


def _arrays(arrays: StoredArrays, node: Node) -> Mapping[str, Found]:
    return {place: (f"{node.group}/{place}", shape) for place, shape in arrays.below(node.group).items()}


# --- whole-model HDF5 files, as Keras 2 wrote them


def _legacy_groups(arrays: StoredArrays) -> Mapping[str, tuple[str, ...]]:
    """The paths of the arrays of each layer, in its own order, by the layer's name."""
    found = {}
    for name in arrays.texts("model_weights", "layer_names", most_attribute_bytes) or ():
        group = f"model_weights/{name}"
        paths = arrays.texts(group, "weight_names", most_attribute_bytes) if "/" not in name else None
        found[name] = tuple(f"{group}/{path}" for path in paths or ())
    return found


def _legacy_arrays(arrays: StoredArrays, layer: AnyLayer, paths: tuple[str, ...], node: Node) -> Mapping[str, Found]:
    if "." in node.name or not _is_plain(layer):
        place = f"{arrays.place}, layer “{layer.name}”"
        raise BadInput(place, "a .keras file for such a layer", "an .h5 file", "save it with Keras 3: model.save(“….keras”)")
    if len(paths) > most_objects:
        raise BadInput(f"{arrays.place}, layer “{layer.name}”", f"at most {most_objects} arrays", "more")
    start = "cell/vars" if isinstance(layer, Recurrent) else "vars"
    return {f"{start}/{number}": (path, arrays.shape(path)) for number, path in enumerate(paths)}


def _is_plain(layer: AnyLayer) -> bool:
    """Whether the layer holds its weights itself, not those of layers inside it."""
    return not any(hasattr(layer, inner) for inner in ("layer", "cell", "cells", "num_heads"))
