"""From a file of Keras to an experiment, with the weights to start from."""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace

from models.experiment.base import Shape, most_axes
from models.experiment.check import check
from models.experiment.counting import grouped
from models.experiment.data import RandomNumbers
from models.experiment.errors import BadInput
from models.experiment.experiment import Experiment, Network
from models.experiment.graph import input_name
from models.experiment.layers.base import size_of
from models.experiment.output_checks import fitting_loss, output_activation
from models.experiment.report import Report
from models.experiment.training import Training
from models.storage.atomic import writing
from models.storage.codec import shown
from models.storage.files import are_same, save
from models.storage.files import suffix as experiment_suffix
from models.storage.keras_files.arrays import StoredArrays
from models.storage.keras_files.container import Container, opened
from models.storage.keras_files.graph import Config, Node, check_model, read_graph, the_input
from models.storage.keras_files.translation import Translator
from models.storage.keras_files.weights import LayerWeights, located, write_weights
from models.storage.keras_files.weights import suffix as weights_suffix
from models.storage.memory import host_memory

stand_ins = {1: (20,), 2: (20, 8), 3: (128, 128, 3), 4: (16, 16, 16, 1), 5: (8, 16, 16, 16, 1)}
"""Sizes in the place of those that a network leaves open, by the number of its input's axes."""
most_numbers, most_examples, fewest_examples = 2_000_000, 200, 20
"""Of the random numbers that stand for data."""
bytes_per_number = 4


@dataclass(frozen=True)
class Imported:
    """A network from a file, ready to be saved; its weights are read when they are written."""

    path: Path
    experiment: Experiment
    report: Report
    weights: tuple[LayerWeights, ...]
    """Where the weights of each layer lie, in Keras's order; empty where the file has none."""
    arrays: StoredArrays | None
    notices: tuple[str, ...]
    """What a person has to know: what the file says and the experiment does not."""


@contextlib.contextmanager
def imported(path: Path) -> Iterator[Imported]:
    """The experiment that the file at `path` describes. Raises `BadInput` in one sentence, whatever the file holds."""
    place = str(path)
    with opened(path) as file:
        check_model(file.config, place)
        graph = read_graph(file.config, place)
        translator = Translator(place)
        names = _names(graph.nodes)
        read = _read(graph.nodes, names)
        network = tuple(translator.layer(node, names[node.name], read[node.name]) for node in graph.nodes)
        source, notices = _stand_in(graph.input_layer, network, place)
        experiment = _experiment(path, network, source, translator, place)
        report = check(experiment)
        _refuse_errors(report, place)
        _refuse_other_axes(graph.nodes, report, place)
        _refuse_too_large(report, place)
        weights = located(file.arrays, file.legacy, graph.nodes, network, report) if file.arrays else ()
        told = (*notices, *_told(translator, graph.nodes, names, file))
        yield Imported(path, experiment, report, weights, file.arrays, told)


def save_imported(found: Imported, path: Path) -> Experiment:
    """Write the experiment to `path`, and its weights beside it; returns it as it was saved. Raises `BadInput`.

    Where one of them cannot be written, the other is not left alone.
    """
    if path.is_dir():
        raise BadInput(str(path), "the name of a file", "a folder", "choose another name")
    if are_same(path, found.path):
        raise BadInput(str(path), "a file of its own", "the imported file itself", "choose another name")
    experiment, beside = found.experiment, weights_path(path)
    new = not beside.exists()
    if found.arrays is not None and found.weights:
        if are_same(beside, found.path):
            raise BadInput(str(beside), "a file of its own for the weights", "the imported file itself", "choose another name")
        with writing(beside):
            write_weights(found.arrays, found.weights, beside)
        experiment = replace(experiment, initial_weights=str(beside))
    try:
        save(experiment, path)
    except BadInput:
        if new:
            beside.unlink(missing_ok=True)
        raise
    return experiment


def weights_path(path: Path) -> Path:
    """Where the weights of the experiment at `path` are written."""
    stem = path.name.removesuffix(experiment_suffix)
    return path.with_name((stem if stem != path.name else path.stem) + weights_suffix)


def _names(nodes: tuple[Node, ...]) -> Mapping[str, str]:
    """A legal and free name for each layer, as near to its own as can be."""
    taken, found = {input_name}, {}
    for node in nodes:
        plain = "".join(sign if sign.isascii() and (sign.isalnum() or sign in "_.-") else "_" for sign in node.name)
        wanted = plain.lstrip("_.-")[-60:].lstrip("_.-") or "layer"
        name, number = wanted, 0
        while name in taken:
            number += 1
            name = f"{wanted[:50]}_{number}"
        taken.add(name)
        found[node.name] = name
    return found


def _read(nodes: tuple[Node, ...], names: Mapping[str, str]) -> Mapping[str, tuple[str, ...]]:
    """What each layer has to name as its inputs: nothing where it reads the one before."""
    found, before = {}, the_input
    for node in nodes:
        found[node.name] = () if node.sources == (before,) else tuple(names.get(each, input_name) for each in node.sources)
        before = node.name
    return found


def _experiment(path: Path, network: Network, source: RandomNumbers, translator: Translator, place: str) -> Experiment:
    """The network on random numbers of the shape that goes in, with a loss for what comes out."""
    name = path.name.partition(".")[0][:200]
    training = Training(loss=fitting_loss(source.facts()), epochs=10, precision=translator.precision)
    first = Experiment(name=name, data=source, network=network, training=training)
    report = check(first)
    _refuse_errors(report, place)
    source = _with_task(source, network, report.layers[-1].output_shape or ())
    return replace(first, data=source, training=replace(training, loss=fitting_loss(source.facts())))


def _with_task(source: RandomNumbers, network: Network, output: Shape) -> RandomNumbers:
    """`source` with the task that the network's last activation is made for."""
    activation, units = output_activation(network), int(output[-1] or 1) if output else 1
    if activation == "softmax" and units > 1:
        return replace(source, task="multiclass", outputs=units)
    if activation == "sigmoid":
        return replace(source, task="binary") if units == 1 else replace(source, task="multilabel", outputs=units)
    return replace(source, task="regression", outputs=units)


def _stand_in(layer: Config, network: Network, place: str) -> tuple[RandomNumbers, tuple[str, ...]]:
    """Random numbers of the shape that the network takes, and what to say where it leaves sizes open."""
    config = layer.get("config")
    if not isinstance(config, dict):
        raise BadInput(place, "an input with a shape", "none")
    shape = next((config[key] for key in ("batch_shape", "batch_input_shape") if isinstance(config.get(key), list)), None)
    if not shape:
        raise BadInput(place, "an input with a shape", "none", "build the network before it is saved, with keras.Input(shape)")
    if config.get("sparse") or config.get("ragged") or config.get("dtype") == "string":
        raise BadInput(f"{place}, input", "plain numbers", "sparse or ragged ones, or text")
    sizes = shape[1:]
    if len(sizes) not in stand_ins or not all(size is None or _is_size(size) for size in sizes):
        found = " × ".join(str(size)[:20] for size in sizes[:6]) or "no axis"
        raise BadInput(f"{place}, input", f"1 to {most_axes} axes of 1 to {grouped(1_000_000)}", found)
    full = tuple(size or stand_in for size, stand_in in zip(sizes, stand_ins[len(sizes)], strict=True))
    count = max(fewest_examples, min(most_examples, most_numbers // size_of(full)))
    source = RandomNumbers(shape=full, samples=count, symbols=_symbols(network, config.get("dtype")))
    if None not in sizes:
        return source, ()
    left_open = " × ".join("any" if size is None else str(size) for size in sizes)
    return source, (f"The network takes {left_open}; the random numbers are {' × '.join(map(str, full))}.",)


def _is_size(size: object) -> bool:
    return isinstance(size, int) and not isinstance(size, bool) and 1 <= size <= 1_000_000


def _symbols(network: Network, dtype: object) -> int | None:
    """How many symbols the input numbers, where it is looked up or said to be of whole numbers."""
    first = network[0]
    for argument in ("input_dim", "num_tokens"):
        if isinstance(number := getattr(first, argument, None), int):
            return number
    return 256 if isinstance(dtype, str) and "int" in dtype else None


def _refuse_errors(report: Report, place: str) -> None:
    """Refuse a network in which a layer does not fit what comes in; all else a person can mend."""
    if all(layer.parameters is not None for layer in report.layers):
        return
    broken = next(layer for layer in report.layers if layer.parameters is None)
    problem = next((problem for problem in report.errors if problem.layer == broken.name), None)
    sentence = problem.sentence.rstrip(".") if problem else "another"
    raise BadInput(f"{place}, layer “{broken.name}”", "a layer that fits what comes in", f"this: {sentence}")


def _refuse_other_axes(nodes: tuple[Node, ...], report: Report, place: str) -> None:
    """Refuse attention along some of the axes only: ours goes along all between the batch and the features."""
    for node, layer in zip(nodes, report.layers, strict=True):
        config = node.description.get("config")
        axes = config.get("attention_axes") if isinstance(config, dict) else None
        own = list(range(1, len(layer.input_shape or ())))
        if axes is not None and axes != own:
            raise BadInput(f"{place}, layer “{layer.name}”, attention_axes", f"none or {own}", shown(axes))


def _refuse_too_large(report: Report, place: str) -> None:
    free, count = host_memory("MemAvailable"), report.parameters.total if report.parameters else 0
    if free is not None and count * bytes_per_number * 2 > free:
        needed = f"{grouped(count)} parameters, {grouped(2 * bytes_per_number * count / 1e9)} GB to be copied"
        raise BadInput(place, f"a network that fits into the {grouped(free / 1e9)} GB that are free", needed)


def _told(translator: Translator, nodes: tuple[Node, ...], names: Mapping[str, str], file: Container) -> Iterator[str]:
    yield "It came without data: random numbers of its input's shape stand in, from which nothing can be learned."
    if file.arrays is None:
        yield "The file has no weights: they start at random."
    compiled = file.config.get("compile_config")
    if isinstance(compiled, dict) and (compiled.get("loss") or compiled.get("optimizer")):
        yield "What it was compiled with is not taken over: the loss follows from its output, the optimizer is adam."
    renamed = [node.name for node in nodes if names[node.name] != node.name]
    if renamed:
        yield f"{_listed(renamed)} became {_listed([names[name] for name in renamed])}: names have letters, digits, _ . - only."
    if translator.seeded:
        yield "Seeds of initializers and random layers are not taken over: the experiment's own seed decides."
    if translator.precision != "float32":
        yield f"The training's precision is {translator.precision}, as the layers say."


def _listed(names: list[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
