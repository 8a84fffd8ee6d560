"""Weights of a network's layers: where a file has them, and a file of our own to start from.

What is written is a plain ``.weights.h5`` of Keras: its ``model.load_weights`` takes it for the same network.
"""

import os
import re
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import prod
from pathlib import Path

from models.experiment.base import KnownShape
from models.experiment.errors import BadInput, system_reason
from models.experiment.experiment import Experiment, Network
from models.experiment.graph import at_input, faults, links
from models.experiment.layers import AnyLayer
from models.experiment.layers.recurrent import Recurrent
from models.experiment.report import Report
from models.experiment.weight_checks import Held, Stored, misfit
from models.storage.atomic import write_atomically
from models.storage.keras_files.arrays import StoredArrays, most_objects
from models.storage.keras_files.graph import Node, groups_of, keras_order, the_input

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
    """Where the weights of each layer are. Raises `BadInput` where they are not what the layer holds."""
    found = []
    by_name = _legacy_groups(arrays) if legacy else {}
    for node, layer, counted, group in zip(
        nodes, network, report.layers, groups_of(layer.kind() for layer in network), strict=True
    ):
        if not counted.parameters or not counted.parameters.total:
            continue
        paths = _legacy_arrays(arrays, layer, by_name.get(node.name, ()), node) if legacy else _arrays(arrays, node)
        if wrong := misfit(layer, counted, {place: shape for place, (_, shape) in paths.items()}):
            raise BadInput(f"{arrays.place}, layer “{layer.name}”", f"the arrays that {layer.kind()} has", "others: " + wrong)
        found.append(LayerWeights(layer.name, group, {place: path for place, (path, _) in paths.items()}))
    return tuple(found)


def write_weights(arrays: StoredArrays, weights: tuple[LayerWeights, ...], path: Path) -> None:
    """Write the weights as a file of Keras, atomically, one array in memory at a time."""
    import h5py

    def write(temporary: Path) -> None:
        try:
            with h5py.File(temporary, "w") as file:
                for layer in weights:
                    for place, source in layer.arrays.items():
                        file.create_dataset(f"{layer.group}/{place}", data=arrays.read(source))
        except (OSError, RuntimeError) as error:
            raise _of_system(error) from error

    write_atomically(path, write)


def _of_system(error: Exception) -> OSError:
    """What HDF5 could not do as an error of the system, whose number it tells in the middle of its own words."""
    number = re.search(r"errno = (\d+)", str(error))
    return OSError(int(number[1]), os.strerror(int(number[1]))) if number else OSError(str(error))


def initial_weights(experiment: Experiment) -> Stored | BadInput | None:
    """What the file that `experiment` starts from holds for each of its layers, or why it cannot be used; none: there is none.

    Only descriptions of arrays are read, and those again only when the file or the kinds of layers have changed, so that every
    edit may ask.
    """
    if experiment.initial_weights is None:
        return None
    groups = _groups(experiment.network)
    found = _described(experiment.initial_weights, tuple(group for group in groups if group))
    if isinstance(found, BadInput):
        return found
    return tuple(found.get(group, {}) for group in groups)


def count_weights(path: Path, groups: Iterable[str]) -> int:
    """How many weights the file at `path` holds for the layers of these groups. Raises `BadInput` for all but plain weights."""
    found = _described(str(path), tuple(groups))
    if isinstance(found, BadInput):
        raise found
    return sum(prod(shape) for held in found.values() for shape in held.values())


def _groups(network: Network) -> tuple[str, ...]:
    """Where Keras puts the weights of each layer; empty for what it would leave out, and where the layers cannot be joined."""
    found = [""] * len(network)
    if network and not faults(network):
        sources = {
            str(index): [the_input if source == at_input else str(source) for source in linked]
            for index, linked in enumerate(links(network))
        }
        order = [int(index) for index in keras_order(sources, str(len(network) - 1), "")]
        for index, group in zip(order, groups_of(network[index].kind() for index in order), strict=True):
            found[index] = group
    return tuple(found)


def _described(name: str, groups: tuple[str, ...]) -> Mapping[str, Held] | BadInput:
    """Shapes of the arrays in the groups of the file called `name`, or why they cannot be had."""
    path = Path(name)
    if not name.endswith(suffix):
        return BadInput(name, f"a name ending in {suffix}, which Keras insists on", path.suffix or "no suffix")
    try:
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode):  # a pipe, on which a reader would wait, or a folder
            return BadInput(name, "a file of weights", "something that is no file")
        return _read(path, (status.st_mtime_ns, status.st_size), groups)
    except FileNotFoundError:
        return missing_weights(path)
    except OSError as error:
        return BadInput(name, "a file that can be read", system_reason(error))
    except ValueError as error:  # what no system takes as a path
        return BadInput(name, "a path", str(error))


@lru_cache(maxsize=8)
def _read(path: Path, stamp: tuple[int, int], groups: tuple[str, ...]) -> Mapping[str, Held] | BadInput:
    """The same. A refusal is kept, too: a file may take its time to be refused."""
    try:
        with path.open("rb") as file, StoredArrays(file, stamp[1], str(path)) as arrays:
            return {group: arrays.below(group) for group in groups}
    except BadInput as problem:
        # Another one, for the traceback of this one would hold on to the file, and HDF5 crash where Python ends with one open.
        return BadInput(problem.place, problem.expected, problem.found, problem.remedy)


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
