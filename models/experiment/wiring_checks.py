"""What is wrong with how the layers are joined, whatever their shapes: names that cannot be read, layers that nothing reads."""

from collections.abc import Callable, Iterator

from msgspec.structs import replace

from models.experiment import edits
from models.experiment.experiment import Experiment, Network
from models.experiment.graph import Fault, faults, sources, unread
from models.experiment.layers import Concatenate
from models.experiment.layers.base import Layer, all_of
from models.experiment.report import Problem, Remedy


def wiring_problems(network: Network) -> Iterator[Problem]:
    """Inputs that are no earlier layers, too many or too few of them, and layers that the output does not depend on."""
    reads = dict(zip((layer.name for layer in network), sources(network), strict=True))
    layers = {layer.name: layer for layer in network}
    for fault in faults(network):
        if fault.kind == "too few":
            yield _too_few(layers[fault.layer], fault, reads[fault.layer], network)
        elif fault.kind == "too many":
            yield _too_many(layers[fault.layer], fault, reads[fault.layer])
        elif fault.kind == "unread":
            yield _unread_problem(fault, len(unread(network)))
        else:
            leave_out = Remedy("Leave it out", _without_source(fault.layer, fault.source))
            yield _problem(fault, _unreadable(fault), leave_out)


def _too_few(layer: Layer, fault: Fault, read: tuple[str, ...], network: Network) -> Problem:
    """The nearest layer that is not read yet is proposed as a further input."""
    sentence = f"{layer.kind()} needs {layer.least_inputs} inputs; it reads {all_of(read)} only."
    possible = [name for name in edits.possible_inputs(network, layer.name) if name not in read]
    remedy = Remedy(f"Also read {possible[-1]}", _reading(layer.name, lambda _: (*read, possible[-1]))) if possible else None
    return _problem(fault, sentence, remedy)


def _too_many(layer: Layer, fault: Fault, read: tuple[str, ...]) -> Problem:
    """A layer that takes one input gets them side by side; others lose the last ones."""
    sentence = f"{layer.kind()} takes {_counted(layer.most_inputs or 1)}; it is to read {all_of(read)}."
    if layer.most_inputs == 1:
        return _problem(fault, sentence, Remedy("Insert Concatenate", lambda value: _with_concatenation(value, layer.name, read)))
    kept = read[: layer.most_inputs]
    return _problem(fault, sentence, Remedy(f"Read {all_of(kept)} only", _reading(layer.name, lambda _: kept)))


def _with_concatenation(experiment: Experiment, name: str, read: tuple[str, ...]) -> Experiment:
    """`experiment` with a layer that puts side by side what the layer called `name` is to read."""
    network = experiment.network
    index = edits.position(network, name)
    if index is None:
        return experiment
    joining = replace(edits.new_layer(Concatenate, network), inputs=read)
    reader = replace(network[index], inputs=())
    return edits.with_network(experiment, (*network[:index], joining, reader, *network[index + 1 :]))


def _unreadable(fault: Fault) -> str:
    """Why a name cannot be read."""
    if fault.kind == "itself":
        return "A layer cannot read itself."
    if fault.kind == "later":
        return f"{fault.source} stands further down: a layer reads earlier ones only, or there would be a circle."
    return f"There is no earlier layer called {fault.source}."


def _unread_problem(fault: Fault, count: int) -> Problem:
    sentence = "The output does not depend on this layer: Keras would leave it out. Let a later layer read it, or delete it."
    label = "Delete it" if count == 1 else f"Delete the {count} layers that lead nowhere"
    return _problem(fault, sentence, Remedy(label, _without_unread))


def _without_unread(experiment: Experiment) -> Experiment:
    network = experiment.network
    return edits.with_network(experiment, edits.remove(network, {network[index].name for index in unread(network)}))


def _without_source(layer: str, source: str) -> Callable[[Experiment], Experiment]:
    return _reading(layer, lambda names: tuple(name for name in names if name != source))


def _reading(layer: str, change: Callable[[tuple[str, ...]], tuple[str, ...]]) -> Callable[[Experiment], Experiment]:
    """The edit that changes what the layer called `layer` names as inputs."""

    def edit(experiment: Experiment) -> Experiment:
        named = next((each.inputs for each in experiment.network if each.name == layer), ())
        return edits.with_network(experiment, edits.change(experiment.network, layer, inputs=change(named)))

    return edit


def _counted(count: int) -> str:
    return "one input" if count == 1 else f"{count} inputs at most"


def _problem(fault: Fault, sentence: str, remedy: Remedy | None) -> Problem:
    return Problem("error", "network", sentence, fault.layer, "inputs", remedy)
