"""What is wrong with how the layers are joined, whatever their shapes: names that cannot be read, layers that nothing reads."""

from collections.abc import Callable, Iterator

from models.experiment import edits
from models.experiment.experiment import Experiment, Network
from models.experiment.graph import Fault, faults, sources, unread
from models.experiment.report import Problem, Remedy


def wiring_problems(network: Network) -> Iterator[Problem]:
    """Inputs that are no earlier layers, too many or too few of them, and layers that the output does not depend on."""
    reads = dict(zip((layer.name for layer in network), sources(network), strict=True))
    kinds = {layer.name: layer.kind() for layer in network}
    for fault in faults(network):
        if fault.kind == "too few":
            yield _problem(fault, f"{kinds[fault.layer]} needs more inputs than {_listed(reads[fault.layer])}.", None)
        elif fault.kind == "too many":
            first = reads[fault.layer][0]
            sentence = f"{kinds[fault.layer]} takes fewer inputs than {_listed(reads[fault.layer])}."
            yield _problem(fault, sentence, Remedy(f"Read {first} only", _reading(fault.layer, lambda names: names[:1])))
        elif fault.kind == "unread":
            yield _unread_problem(fault, len(unread(network)))
        else:
            leave_out = Remedy("Leave it out", _without_source(fault.layer, fault.source))
            yield _problem(fault, _unreadable(fault), leave_out)


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


def _listed(names: tuple[str, ...]) -> str:
    return " and ".join((", ".join(names[:-1]), names[-1])) if len(names) > 1 else names[0]


def _problem(fault: Fault, sentence: str, remedy: Remedy | None) -> Problem:
    return Problem("error", "network", sentence, fault.layer, "inputs", remedy)
