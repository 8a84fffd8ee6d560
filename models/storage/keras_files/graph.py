"""The graph of a Keras network: nested ones laid flat, every layer with those it reads from, in Keras's own order."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

from models.experiment.counting import grouped
from models.experiment.errors import BadInput
from models.experiment.fields import kinds_in
from models.experiment.layers import AnyLayer
from models.experiment.naming import counted_names
from models.storage.keras_files.container import shown_name
from models.storage.keras_files.operations import as_layers, is_tensor

Config = Mapping[str, object]

Call = tuple[Config, str, tuple[str, ...], Config]
"""A layer of a Functional, its group, the layers that it reads, and what else it is called with."""

most_layers = 5000
model_classes = ("Sequential", "Functional", "Model")
model_modules = (
    None,
    "keras",
    "keras.models",
    "keras.src.models.functional",
    "keras.src.models.sequential",
    "keras.src.engine.functional",
    "keras.src.engine.sequential",
)
"""Where Keras 2 and 3 say that their own kinds of model live."""
the_input = ""
"""What stands for the network's input where layers are named; no layer has that name."""
class_names = {kind.kind(): kind.aliases[0] for kind in kinds_in(AnyLayer) if kind.aliases}
"""What Keras calls a class itself, where it offers it by another name: weights are kept by the former."""
call_order = ("query", "value", "key")
"""Inputs that Keras takes by name, in the order of their positions."""


@dataclass(frozen=True)
class Node:
    """A layer of the file."""

    name: str
    """Its name, those of the models that it is nested in before it, with dots between them."""
    description: Config
    """What the file says of it: class_name, config and so on."""
    sources: tuple[str, ...]
    """Names of the layers that it reads from; empty for the network's input."""
    group: str
    """Where its weights lie in a file of Keras 3."""
    call: Config
    """What it is called with, beside what it reads."""
    frozen: bool
    """Whether a model that it is nested in is not to be trained."""


@dataclass(frozen=True)
class Graph:
    """All layers from the input to the output."""

    nodes: tuple[Node, ...]
    input_layer: Config
    """What the file says of its input."""


def read_graph(model: Config, place: str) -> Graph:
    """The layers of `model`, the output last, each behind those it reads.

    Raises `BadInput` for anything but one input, one output and layers between them.
    """
    reader = _Reader(place)
    output = reader.flatten(model, "", "", the_input)
    if output == the_input:
        raise BadInput(place, "a network with layers", "none")
    nodes = {node.name: node for node in reader.nodes}
    order = keras_order({node.name: node.sources for node in reader.nodes}, output, place)
    kept = set(order)
    lost = next((name for name in nodes if name not in kept), None)
    if lost is not None:
        raise BadInput(f"{place}, layer “{lost}”", "layers that lead to the output", "one that nothing reads")
    return Graph(tuple(nodes[name] for name in order), reader.input_layer)


def keras_order(sources: Mapping[str, Sequence[str]], output: str, place: str) -> tuple[str, ...]:
    """The names of all layers that lead to `output`, in the order in which Keras keeps them.

    That is by the longest way to the output, then as they are met on the way back from it: every layer stands behind those it
    reads.

    Source: ``keras/src/ops/function.py``, ``map_graph``. Raises `BadInput` where a layer reads what it leads to.
    """
    met: dict[str, int] = {output: 0}
    finished: dict[str, None] = {}
    under_way = {output}
    waiting: list[tuple[str, Iterator[str]]] = [(output, iter(sources[output]))]
    while waiting:
        name, rest = waiting[-1]
        source = next((each for each in rest if each != the_input and each not in finished), None)
        if source is None:
            waiting.pop()
            under_way.discard(name)
            finished[name] = None
            continue
        if source in under_way:
            raise BadInput(f"{place}, layer “{source}”", "layers that read earlier ones", "a cycle")
        met.setdefault(source, len(met))
        under_way.add(source)
        waiting.append((source, iter(sources[source])))
    depths: dict[str, int] = {}
    for name in reversed(finished):
        depth = depths.setdefault(name, 0)
        for source in sources[name]:
            if source != the_input:
                depths[source] = max(depth + 1, depths.get(source, 0))
    return tuple(sorted(depths, key=lambda name: (-depths[name], met[name])))


def groups_of(kinds: Iterable[str]) -> tuple[str, ...]:
    """Where Keras puts the weights of each layer of these classes."""
    return tuple(f"layers/{name}" for name in counted_names(class_names.get(kind, kind) for kind in kinds))


class _Reader:
    """Collects the layers of a model and of those nested in it."""

    def __init__(self, place: str) -> None:
        self._place = place
        self.nodes: list[Node] = []
        self._taken: set[str] = set()
        self._frozen: set[str] = set()
        """Names of the models that are not to be trained."""
        self.input_layer: Config = {}

    def flatten(self, model: Config, prefix: str, group: str, source: str) -> str:
        """Add the layers of `model`, whose input is `source`. Returns the name of the layer that it puts out."""
        config = _part(model, "config", self._place_of(prefix))
        layers = _objects(config, "layers", self._place_of(prefix))
        if len(self.nodes) + len(layers) > most_layers:
            raise BadInput(self._place, f"a network of at most {grouped(most_layers)} layers", "more")
        groups = self._groups(layers, group, model)
        if config.get("trainable") is False:
            self._frozen.add(prefix)
        if model.get("class_name") == "Sequential":
            return self._chain(config, layers, groups, prefix, source)
        return self._functional(config, layers, groups, prefix, source)

    def _chain(self, config: Config, layers: Sequence[Config], groups: Sequence[str], prefix: str, source: str) -> str:
        if not prefix:
            self.input_layer = {"config": {"batch_shape": config.get("build_input_shape")}}
            if layers:
                self.input_layer = self._chain_input(layers[0], self.input_layer)
        for layer, group in zip(layers, groups, strict=True):
            if layer.get("class_name") != "InputLayer":
                source = self._add(layer, prefix, group, (source,), {})
        return source

    def _chain_input(self, first: Config, otherwise: Config) -> Config:
        """The input of a Sequential: its InputLayer, or what its first layer says it is built for."""
        config = first.get("config")
        if isinstance(config, dict) and (first.get("class_name") == "InputLayer" or "batch_input_shape" in config):
            return {"config": config}
        built = first.get("build_config")
        shape = built.get("input_shape") if isinstance(built, dict) else None
        return {"config": {"batch_shape": shape}} if shape else otherwise

    def _functional(self, config: Config, layers: Sequence[Config], groups: Sequence[str], prefix: str, source: str) -> str:
        place = self._place_of(prefix)
        entry = self._single(config.get("input_layers"), "input", prefix)
        output = self._single(config.get("output_layers"), "output", prefix)
        results = {entry: source}
        """What each layer of this model puts out, by the name of one of our layers."""
        waiting: dict[str, Call] = {}
        for layer, group in zip(layers, groups, strict=True):
            name = self._name(layer, prefix)
            if name == entry:
                self._take_input(layer, prefix)
                continue
            if layer.get("class_name") == "InputLayer":
                self._refuse(name, prefix, "one input", "a second one")
            for each in as_layers(layer):
                name = self._name(each, prefix)
                if name in waiting:
                    raise BadInput(place, "every layer name once", f"“{shown_name(name)}” twice")
                sources, call = self._call(each.get("inbound_nodes"), name, prefix)
                waiting[name] = (each, group, sources, call)
        for name in self._topological(waiting, output, results, prefix):
            layer, group, sources, call = waiting[name]
            results[name] = self._add(layer, prefix, group, tuple(results[each] for each in sources), call)
        return results[output]

    def _topological(
        self,
        waiting: Mapping[str, Call],
        output: str,
        known: Mapping[str, str],
        prefix: str,
    ) -> tuple[str, ...]:
        place = self._place_of(prefix)
        for name, (_, _, sources, _) in waiting.items():
            missing = next((each for each in sources if each not in waiting and each not in known), None)
            if missing is not None:
                self._refuse(name, prefix, "inputs that are layers of the same network", f"“{shown_name(missing)}”")
        if output in known:
            return ()
        if output not in waiting:
            raise BadInput(place, "an output that is one of the layers", f"“{shown_name(output)}”")
        graph = {name: tuple(the_input if each in known else each for each in entry[2]) for name, entry in waiting.items()}
        order = keras_order(graph, output, place)
        kept = set(order)
        lost = next((name for name in waiting if name not in kept), None)
        if lost is not None:
            self._refuse(lost, prefix, "layers that lead to the output", "one that nothing reads")
        return order

    def _add(self, layer: Config, prefix: str, group: str, sources: tuple[str, ...], call: Config) -> str:
        """Add a layer, or all layers of a model. Returns the name of what it puts out."""
        name = self._name(layer, prefix)
        full = f"{prefix}.{name}".lstrip(".")
        if layer.get("class_name") in model_classes and "layers" in _part(layer, "config", self._place_of(full)):
            check_model(layer, self._place_of(full))
            if len(sources) != 1:
                self._refuse(name, prefix, "nested networks with one input", f"one with {len(sources)}")
            if prefix in self._frozen:
                self._frozen.add(full)
            return self.flatten(layer, full, group, sources[0])
        if full in self._taken:
            self._refuse(name, prefix, "every layer name once", "it twice")
        self._taken.add(full)
        self.nodes.append(Node(full, layer, sources, group, call, prefix in self._frozen))
        return full

    def _take_input(self, layer: Config, prefix: str) -> None:
        if layer.get("class_name") != "InputLayer":
            self._refuse(self._name(layer, prefix), prefix, "an InputLayer", str(layer.get("class_name"))[:60])
        if not prefix:
            self.input_layer = layer

    def _groups(self, layers: Sequence[Config], group: str, model: Config) -> list[str]:
        """Where Keras puts the weights of each layer. A Sequential does not count its InputLayer."""
        kinds = [str(layer.get("class_name"))[:200] for layer in layers]
        uncounted = model.get("class_name") == "Sequential"
        found = iter(groups_of(kind for kind in kinds if kind != "InputLayer" or not uncounted))
        return ["" if kind == "InputLayer" and uncounted else f"{group}/{next(found)}".lstrip("/") for kind in kinds]

    def _call(self, calls: object, name: str, prefix: str) -> tuple[tuple[str, ...], Config]:
        """The layers that a layer is called on, and what else it is called with."""
        if not isinstance(calls, list) or len(calls) != 1:
            count = len(calls) if isinstance(calls, list) else 0
            found = f"one that is called {count} times" if count else "one that is never called"
            self._refuse(name, prefix, "layers that are called once", found)
        return _new_call(calls[0], self, name, prefix) if isinstance(calls[0], dict) else _old_call(calls[0], self, name, prefix)

    def tensor(self, history: object, name: str, prefix: str) -> str:
        """The name of the layer whose first output is meant."""
        if (source := _first_output(history)) is None:
            self._refuse(name, prefix, "inputs that are the only output of a layer", "another")
        return source

    def _single(self, entries: object, what: str, prefix: str) -> str:
        """The name in ``input_layers`` or ``output_layers``, of which there must be one."""
        if isinstance(entries, list) and len(entries) == 1 and isinstance(entries[0], list):
            entries = entries[0]
        if (name := _first_output(entries)) is not None:
            return name
        count = f"{len(entries)} of them" if isinstance(entries, list | dict) else "none"
        raise BadInput(self._place_of(prefix), f"a network with one {what}", count)

    def _name(self, layer: Config, prefix: str) -> str:
        """The layer's own name."""
        config = _part(layer, "config", self._place_of(prefix))
        name = layer.get("name", config.get("name"))
        if not isinstance(name, str) or not name or not name.isprintable() or len(name) > 200:
            found = shown_name(name) if isinstance(name, str) else "none"
            raise BadInput(self._place_of(prefix), "layers with printable names of at most 200 characters", f"“{found}”")
        return name

    def _place_of(self, name: str) -> str:
        return f"{self._place}, layer “{shown_name(name)}”" if name else self._place

    def _refuse(self, name: str, prefix: str, expected: str, found: str) -> NoReturn:
        raise BadInput(self._place_of(f"{prefix}.{name}".lstrip(".")), expected, found)


def check_model(model: Config, place: str) -> None:
    """Refuse a model that is not one of Keras's own kinds."""
    name, module = model.get("class_name"), model.get("module")
    registered = model.get("registered_name")
    if {"version", "network"} <= model.keys():
        raise BadInput(place, "a network of Keras", "an experiment of Wiggle", "open it, there is nothing to import")
    if name is None:
        raise BadInput(place, "the JSON of a Keras network", "other JSON, without a class_name", "save model.to_json()")
    if name not in model_classes or module not in model_modules or registered not in (None, "Functional", "Sequential", "Model"):
        found = shown_name(str(registered or name))
        raise BadInput(
            place, "a Sequential or Functional network", f"“{found}”", "a class of one's own is a program, and not run"
        )


def _new_call(node: Config, reader: _Reader, name: str, prefix: str) -> tuple[tuple[str, ...], Config]:
    """A call as Keras 3 writes it: args and kwargs."""
    sources: list[str] = []
    arguments, named = node.get("args"), node.get("kwargs")
    if not isinstance(arguments, list) or not isinstance(named, dict):
        reader._refuse(name, prefix, "a call with args and kwargs", "another")
    by_position = list(arguments)
    while by_position and by_position[-1] is None:
        by_position.pop()
    for argument in (*by_position, *(named[key] for key in call_order if is_tensor(named.get(key)))):
        for tensor in argument if isinstance(argument, list) else [argument]:
            if not is_tensor(tensor):
                reader._refuse(name, prefix, "a call on layers only", "a call on a number or another value")
            sources.append(reader.tensor(tensor["config"].get("keras_history"), name, prefix))
    call = {key: value for key, value in named.items() if key not in call_order or not is_tensor(value)}
    return tuple(sources), call


def _old_call(node: object, reader: _Reader, name: str, prefix: str) -> tuple[tuple[str, ...], Config]:
    """A call as Keras 2 writes it: a list of [layer, 0, 0, {arguments}]."""
    if isinstance(node, list) and node and isinstance(node[0], str):
        node = [node]
    if not isinstance(node, list) or not all(isinstance(each, list) and len(each) in (3, 4) for each in node):
        reader._refuse(name, prefix, "a call on layers", "another")
    call: dict[str, object] = {}
    for each in node:
        extra = each[3] if len(each) == 4 else {}
        if not isinstance(extra, dict):
            reader._refuse(name, prefix, "a call with named arguments", "others")
        call |= extra
    return tuple(reader.tensor(each, name, prefix) for each in node), call


def _first_output(history: object) -> str | None:
    """The layer in [layer, call, output], where it is the first output; of calls there is only one, whatever its number."""
    if not isinstance(history, list) or len(history) < 3 or not isinstance(history[0], str) or history[2] != 0:
        return None
    return history[0]


def _part(owner: Config, key: str, place: str) -> Config:
    found = owner.get(key)
    if not isinstance(found, dict):
        raise BadInput(place, f"an object “{key}”", "none")
    return found


def _objects(owner: Config, key: str, place: str) -> Sequence[Config]:
    found = owner.get(key)
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise BadInput(place, f"a list “{key}” of objects", "something else")
    return found
