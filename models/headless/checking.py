"""``check``: shapes, parameters and problems, for a person or for a program."""

import argparse
import dataclasses
import json
from collections.abc import Iterator, Sequence

from models.data.errors import DataError
from models.data.loading import read_facts
from models.experiment.check import check
from models.experiment.counting import grouped
from models.experiment.data import Facts
from models.experiment.estimate import activation_bytes, batch_of, size_text
from models.experiment.experiment import Experiment
from models.experiment.graph import input_name, sources
from models.experiment.layers.base import Parameters, shape_text
from models.experiment.report import LayerReport, Problem, Report, worst_first
from models.storage.files import load
from models.storage.keras_files.weights import initial_weights
from models.storage.memory import host_memory

Json = dict[str, object]


def check_command(arguments: argparse.Namespace) -> bool:
    """Print the report. Returns whether the experiment can be trained."""
    experiment = load(arguments.file)
    report = report_on(experiment)
    if arguments.json:
        print(json.dumps(as_json(report, experiment, str(arguments.file)), indent=2))
    else:
        print("\n".join(as_text(report, experiment)))
    return report.ready


def report_on(experiment: Experiment) -> Report:
    """The report, with what the files of data and weights really hold; where one cannot be used, that is one of the problems."""
    free, weights = host_memory("MemAvailable"), initial_weights(experiment)
    try:
        return check(experiment, read_facts(experiment.data), free=free, weights=weights)
    except DataError as error:
        return check(experiment, None, error, free=free, weights=weights)


def as_json(report: Report, experiment: Experiment, file: str) -> Json:
    """The report as plain values; none where a shape or count is not known."""
    return {
        "file": file,
        "ready": report.ready,
        "facts": dataclasses.asdict(report.facts) if report.facts else None,
        "layers": [
            {
                "name": layer.name,
                "kind": layer.kind,
                "inputs": names,
                "input_shape": layer.input_shape,
                "input_shapes": layer.input_shapes,
                "output_shape": layer.output_shape,
                "parameters": _parameters_json(layer.parameters),
                "multiply_adds": layer.multiply_adds,
                "activation_bytes": _activation_bytes(layer, report, experiment),
            }
            for layer, names in zip(report.layers, sources(experiment.network), strict=True)
        ],
        "parameters": _parameters_json(report.parameters),
        "multiply_adds": report.multiply_adds,
        "problems": [_problem_json(problem) for problem in report.problems],
    }


def as_text(report: Report, experiment: Experiment) -> Iterator[str]:
    """The report in lines: data, a table of the layers, totals, problems."""
    if experiment.name:
        yield experiment.name
    yield f"Data: {experiment.data.kind()}" + (f", {data_text(report.facts)}" if report.facts else "")
    yield ""
    yield from _table(report, experiment)
    yield ""
    if report.parameters:
        trainable, fixed = report.parameters
        yield f"Parameters: {grouped(report.parameters.total)} ({grouped(trainable)} trainable, {grouped(fixed)} not trainable)"
    if report.multiply_adds is not None:
        yield f"Multiply-adds: {grouped(report.multiply_adds)} for one example's forward pass"
    if report.facts and report.multiply_adds is not None:
        kept = sum(layer.activation_numbers or 0 for layer in report.layers)
        size, batch = size_text(activation_bytes(kept, experiment, report.facts)), batch_of(experiment, report.facts)
        yield f"Activations: {size} for a batch of {grouped(batch)}, their gradients among them"
    yield from problem_lines(report.problems) if report.problems else ["No problems."]


def data_text(facts: Facts) -> str:
    """What the data deliver, in words."""
    shape, task = shape_text(facts.input_shape), task_text(facts)
    training, validation = grouped(facts.training_samples), grouped(facts.validation_samples)
    return f"input {shape}, {task}, {training} training and {validation} validation examples"


def task_text(facts: Facts) -> str:
    """What is to be learned, in words."""
    return {
        "binary": "two classes",
        "multiclass": f"{facts.outputs} classes",
        "multilabel": f"{facts.outputs} labels",
        "regression": "a number to predict" if facts.outputs == 1 else f"{facts.outputs} numbers to predict",
    }[facts.task]


def problem_lines(problems: Sequence[Problem]) -> Iterator[str]:
    """A line for each problem, the worst first: severity, place, sentence, remedy."""
    for problem in worst_first(problems):
        place = ", ".join(filter(None, (problem.layer or problem.place, problem.field)))
        remedy = f" Remedy: {problem.remedy.label}." if problem.remedy else ""
        yield f"{problem.severity}: {place}: {problem.sentence}{remedy}"


def _table(report: Report, experiment: Experiment) -> Iterator[str]:
    rows: list[tuple[str, ...]] = [("layer", "kind", "reads", "output shape", "parameters", "multiply-adds", "activations")]
    if report.facts:
        rows.append((input_name, "", "", shape_text(report.facts.input_shape), "", "", ""))
    for declared, layer in zip(experiment.network, report.layers, strict=True):
        figures = _figures(layer, _activation_bytes(layer, report, experiment))
        rows.append((layer.name, layer.kind, ", ".join(declared.inputs), *figures))
    if not any(row[2] for row in rows[1:]):  # each layer reads the one before
        rows = [(*row[:2], *row[3:]) for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        words = (f"{word:{width}}" for word, width in zip(row[:-3], widths, strict=False))
        numbers = (f"{number:>{width}}" for number, width in zip(row[-3:], widths[-3:], strict=True))
        yield "  ".join((*words, *numbers)).rstrip()


def _figures(layer: LayerReport, size: int | None) -> tuple[str, str, str, str]:
    """What a layer puts out and what it costs, `size` bytes of activations among it."""
    shape = "?" if layer.output_shape is None else shape_text(layer.output_shape)
    count = "?" if layer.parameters is None else grouped(layer.parameters.total)
    products = "?" if layer.multiply_adds is None else grouped(layer.multiply_adds)
    return shape, count, products, "?" if size is None else size_text(size)


def _activation_bytes(layer: LayerReport, report: Report, experiment: Experiment) -> int | None:
    """Memory of what training keeps of a batch, and of its gradients."""
    if layer.activation_numbers is None or report.facts is None:
        return None
    return activation_bytes(layer.activation_numbers, experiment, report.facts)


def _parameters_json(parameters: Parameters | None) -> Json | None:
    return None if parameters is None else dict(parameters._asdict())


def _problem_json(problem: Problem) -> Json:
    return {
        "severity": problem.severity,
        "place": problem.place,
        "layer": problem.layer,
        "field": problem.field,
        "sentence": problem.sentence,
        "remedy": problem.remedy.label if problem.remedy else None,
    }
