"""Looks an experiment over before anything is built: shapes, parameter counts, and problems with their remedies.

Nothing here raises: what a person can mend is a value in a list. Needs no TensorFlow; Keras judges the shapes in the tests.
"""

from collections.abc import Iterator
from dataclasses import replace

from models.experiment import edits
from models.experiment.course_checks import course_problems, precision_problems
from models.experiment.data import Facts, FileSource, Multilabel
from models.experiment.encoding import Target, target_for
from models.experiment.errors import BadInput, Setting
from models.experiment.estimate import estimate, shortage, size_text
from models.experiment.experiment import Experiment
from models.experiment.layer_checks import gradient_problems, name_problems, walk
from models.experiment.output_checks import output_activation, output_problems
from models.experiment.report import Problem, Remedy, Report
from models.experiment.sequence_checks import sequence_problems, whole_numbers
from models.experiment.training import Precision
from models.experiment.training_checks import training_problems
from models.experiment.weight_checks import Stored, weight_problems
from models.experiment.wiring_checks import wiring_problems


def check(
    experiment: Experiment,
    facts: Facts | None = None,
    data_problem: BadInput | None = None,
    memory: int | None = None,
    free: int | None = None,
    precisions: tuple[Precision, ...] | None = None,
    weights: Stored | BadInput | None = None,
) -> Report:
    """Shapes, parameter counts and problems of `experiment`.

    `facts` are what the data deliver where a file had to be read for it; `data_problem` is why that failed;
    `memory` is how many bytes the device has, `free` how many of the computer's are free, `precisions` what the device computes
    with, `weights` what the file of initial weights holds, or why it cannot be used; none: not known.
    """
    facts = facts or experiment.data.facts()
    problems = list(_data_problems(experiment, facts, data_problem))
    problems += name_problems(experiment.network)
    problems += wiring_problems(experiment.network)
    layers, found = walk(experiment.network, facts, whole_numbers(experiment.data, facts))
    problems += found
    problems += gradient_problems(experiment.network, layers)
    problems += sequence_problems(experiment, facts, layers)
    target = _target(experiment, facts)
    if facts and experiment.network:
        problems += output_problems(experiment, facts, target, layers[-1].output_shape)
    problems += training_problems(experiment, facts, target)
    problems += course_problems(experiment, facts, target)
    problems += precision_problems(experiment.training, precisions)
    problems += weight_problems(experiment, layers, weights)
    report = Report(facts, target, layers, tuple(problems))
    more = (_frozen_problem(experiment, report), _memory_problem(experiment, report, memory, free))
    return replace(report, problems=(*report.problems, *filter(None, more)))


def _target(experiment: Experiment, facts: Facts | None) -> Target | None:
    if facts is None:
        return None
    last = experiment.network[-1] if experiment.network else None
    units = getattr(last, "units", None)
    return target_for(facts, experiment.training.loss, output_activation(experiment.network), units)


def _data_problems(experiment: Experiment, facts: Facts | None, data_problem: BadInput | None) -> Iterator[Problem]:
    if facts is None:
        sentence = str(data_problem or "The data file was not read.")
        if data_problem is not None and (setting := data_problem.setting) is not None:
            remedy = Remedy(setting.label, lambda value: _with_setting(value, setting))
            yield Problem("error", "data", sentence, field=setting.field, remedy=remedy)
        else:
            yield Problem("error", "data", sentence, field="path" if isinstance(experiment.data, FileSource) else None)
        return
    if isinstance(experiment.data, Multilabel) and experiment.data.labels_per_example > experiment.data.labels:
        wanted, most = experiment.data.labels_per_example, experiment.data.labels
        sentence = f"An example cannot carry {wanted} of {most} labels on average."
        yield Problem("error", "data", sentence, field="labels_per_example", remedy=Remedy(f"Use {most}", _all_labels))
    if facts.training_samples < 1:
        yield Problem("error", "data", "No example is left for training: lower the validation share.", field="test_share")
    elif facts.validation_samples < 1:
        sentence = "No example is kept for validation, so overfitting stays unseen."
        remedy = Remedy("Keep 20 %", lambda value: edits.set_at(value, "data.test_share", 0.2))
        yield Problem("hint", "data", sentence, field="test_share", remedy=remedy)


def _with_setting(experiment: Experiment, setting: Setting) -> Experiment:
    if not isinstance(experiment.data, FileSource) or not hasattr(experiment.data, setting.field):
        return experiment
    return edits.set_at(experiment, f"data.{setting.field}", setting.value)


def _all_labels(experiment: Experiment) -> Experiment:
    if not isinstance(experiment.data, Multilabel):
        return experiment
    return edits.set_at(experiment, "data.labels_per_example", experiment.data.labels)


def _frozen_problem(experiment: Experiment, report: Report) -> Problem | None:
    if report.parameters is None or report.parameters.trainable:
        return None
    layers = zip(experiment.network, report.layers, strict=True)
    learning = (layer for layer, seen in layers if not layer.trainable and layer.parameters_of(seen.input_shapes).trainable)
    frozen = next(learning, None)
    if frozen is None:
        return None
    remedy = Remedy(f"Train {frozen.name}", edits.changing(frozen.name, trainable=True))
    return Problem("error", "network", "All weights are frozen: nothing can be learned.", frozen.name, "trainable", remedy)


def _memory_problem(experiment: Experiment, report: Report, memory: int | None, free: int | None) -> Problem | None:
    if (memory is None and free is None) or report.parameters is None or report.facts is None or not report.layers:
        return None
    needed = estimate(experiment, report.facts)
    largest = max(report.layers, key=lambda layer: layer.parameters.total if layer.parameters else 0)
    if memory is not None and (short := shortage(needed, memory, f"the device has {size_text(memory)}")):
        return Problem("error", "network", short, largest.name)
    if free is not None and (short := shortage(needed, free, f"this computer has {size_text(free)} free")):
        return Problem("warning", "network", short, largest.name)
    return None
