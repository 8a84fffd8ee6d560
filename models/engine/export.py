"""The experiment as a plain Keras script, with its data."""

import inspect
import json
import keyword
import re
from collections.abc import Mapping
from math import ceil
from pathlib import Path

import msgspec
import numpy as np

from models.data.prepared import Prepared
from models.data.weighting import arrays_of, class_weights
from models.engine.callbacks import EndAfter
from models.engine.maxout import Maxout
from models.engine.network import (
    adapts,
    call_fields,
    class_name,
    constructor_fields,
    is_bare,
    keras_class,
    layer_options,
    metric_arguments,
    module_of,
    sign_accuracy,
)
from models.engine.schedules import OneCycle, WarmUp, schedule_arguments
from models.experiment.base import Variant
from models.experiment.data import Facts
from models.experiment.encoding import Target
from models.experiment.experiment import Experiment, Network
from models.experiment.figures import Monitor, smaller_is_better
from models.experiment.graph import input_name, readers, sources
from models.experiment.layers import AnyLayer
from models.experiment.metrics import metric_names
from models.experiment.rules import EarlyStopping, ReduceLROnPlateau
from models.experiment.training import Training
from models.storage.atomic import copy_file, write_atomically, write_text
from models.storage.files import are_same
from models.storage.keras_files.weights import missing_weights
from models.storage.keras_files.weights import suffix as weights_suffix

longest_line = 100

plots = """
# The curves of loss and metrics, as a picture beside this file.
names = [name for name in history.history if not name.startswith("val_")]
figure = Figure(figsize=(7, 2.5 * len(names)), layout="constrained")
axes = figure.subplots(len(names), sharex=True, squeeze=False)[:, 0]
for axis, name in zip(axes, names):
    for curve in (name, f"val_{name}"):
        if curve in history.history:
            axis.plot(np.add(history.epoch, 1), history.history[curve], label=curve)
    axis.legend()
axes[-1].set_xlabel("epoch")
figure.savefig(Path(__file__).with_suffix(".png"))
"""
"""The end of every script that trains."""

_own_names = {
    *("os", "Path", "keras", "np", "data", "x_train", "y_train", "x_val", "y_val", "sample_weight_train", "sample_weight_val"),
    *("normalization", "model", "history", "Maxout", "OneCycle", "WarmUp", "EndAfter", "sign_accuracy"),
    *("Figure", "figure", "names", "name", "axes", "axis", "curve"),
}
"""What the script calls something else, though a layer may have any of these names."""


def export_script(experiment: Experiment, prepared: Prepared, out: Path) -> None:
    """Write a script that builds and trains the same network with Keras alone, and its data as ``.npz`` beside it.

    Weights that the experiment starts from go beside it, too, as ``.weights.h5``.
    """
    text = script_text(experiment, prepared, data_file=out.with_suffix(".npz").name)
    if experiment.initial_weights is not None:  # first, for they may be missing
        copy_weights(Path(experiment.initial_weights), out.with_name(weights_file(out.stem)))
    save_arrays(experiment.training, prepared, out.with_suffix(".npz"))
    write_text(out, text)


def save_arrays(training: Training, prepared: Prepared, path: Path) -> None:
    """Write ``x_train y_train x_val y_val``, and weights where there are any, exactly as the network is fed them."""
    arrays = arrays_of(training, prepared)
    write_atomically(path, lambda temporary: np.savez_compressed(temporary, allow_pickle=False, **arrays))


def script_text(experiment: Experiment, prepared: Prepared, data_file: str = "data.npz") -> str:
    """A script of plain Keras that trains the network of `experiment` from the same initial weights.

    It reads its arrays from `data_file` beside it.
    """
    parts = [
        _head(experiment, prepared, data_file),
        *_own_code(experiment, prepared.facts, prepared.target),
        _network(experiment, weights_file(Path(data_file).stem)),
        _training(experiment, prepared),
        plots if experiment.training.total_steps(prepared.facts.training_samples) else "",
    ]
    return "\n".join(parts).rstrip("\n") + "\n"


def _head(experiment: Experiment, prepared: Prepared, data_file: str) -> str:
    title = " ".join(experiment.name.replace("\\", "/").replace('"', "'").split()) or "Network"
    return f'''"""{title}, made with Wiggle. Needs keras, tensorflow and matplotlib, and {data_file} beside it."""

import os
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import keras
import numpy as np
from matplotlib.figure import Figure

# The arrays as the network is fed them: split, scaled, encoded.
data = np.load(Path(__file__).with_name({quoted(data_file)}))
x_train, y_train = data["x_train"], data["y_train"]
x_val, y_val = data["x_val"], data["y_val"]
{_weights_read(experiment.training, prepared)}'''


def _own_code(experiment: Experiment, facts: Facts, target: Target) -> list[str]:
    """What Keras lacks, as source, where it is used."""
    found = []
    if any(layer.kind() == "Maxout" for layer in experiment.network):
        found.append(f"\n{_source(Maxout)}\n")
    found += [f"\n{_source(code)}\n" for code in _own_course(experiment.training, facts.training_samples)]
    if any(kind == "sign_accuracy" for kind, _ in _metric_calls(experiment, facts, target).values()):
        found.append(f"\n{_source(sign_accuracy)}\n")
    return [*found, ""] if found else []


def _own_course(training: Training, examples: int) -> list[object]:
    """What the course of the run needs that Keras lacks."""
    needed = {
        OneCycle: training.schedule is not None and training.schedule.kind() == "OneCycle",
        WarmUp: training.warmup_steps,
        EndAfter: training.total_steps(examples) % training.steps_per_epoch(examples),
    }
    return [code for code, used in needed.items() if used]


def _source(code: object) -> str:
    assert inspect.isclass(code) or inspect.isfunction(code)
    return "\n".join(line.partition("  # type: ignore")[0] for line in inspect.getsource(code).splitlines())


def copy_weights(source: Path, path: Path) -> None:
    """Write a copy of the weights in `source` to `path`, unless that is the same file. Raises `BadInput` where there are none."""
    if not source.is_file():
        raise missing_weights(source)
    if not are_same(source, path):
        copy_file(source, path)


def weights_file(stem: str) -> str:
    """What the file with the weights that a script starts from is called."""
    return f"{stem}{weights_suffix}"


def _network(experiment: Experiment, weights: str) -> str:
    """The network, as source; `weights` is the name of the file that it starts from, where it does not start at random."""
    loaded = experiment.initial_weights is not None
    lines = [
        "# The seed decides what is drawn at random." if loaded else "# The seed decides the initial weights.",
        f"keras.utils.set_random_seed({experiment.seed})",
        *([f'keras.config.set_dtype_policy("{precision}")'] if (precision := experiment.training.precision) != "float32" else []),
        f'inputs = keras.Input(shape=x_train.shape[1:], name="{input_name}")',
    ]
    variables = _variables(experiment.network)
    for layer, names in zip(experiment.network, sources(experiment.network), strict=True):
        variable, read = variables[layer.name], [variables[name] for name in names]
        if adapts(layer):
            predicted = f"keras.Model(inputs, {read[0]}).predict(x_train, batch_size=1024, verbose=0)"
            arriving = "x_train" if names == (input_name,) else predicted
            lines += [f"normalization = {render(layer)}", f"normalization.adapt({arriving})"]
            lines.append(f"{variable} = normalization({read[0]})")
        else:
            options = {name: render(value) for name, value in layer_options(layer, experiment).items()}
            lines.append(f"{variable} = {constructor_text(layer, options)}({_call_arguments(layer, read)})")
    lines.append('model = keras.Model(inputs, x, name="network")')
    for layer in experiment.network:
        for path in layer.frozen_parts():
            lines.append(".".join(filter(None, (f"model.get_layer({quoted(layer.name)})", path, "trainable = False"))))
    if loaded:
        lines.append(f"model.load_weights(Path(__file__).with_name({quoted(weights)}))")
    return "\n".join([*lines, "model.summary()", ""])


def _variables(network: Network) -> dict[str, str]:
    """The variable that holds what each layer puts out: ``x``, or one of its own where not only the next layer reads it."""
    found, read_by = {input_name: "inputs"}, readers(network)
    for layer, following in zip(network, (*network[1:], None), strict=True):
        own = following is not None and read_by[layer.name] != (following.name,)
        found[layer.name] = _free_variable(layer.name, {*found.values(), "x"}) if own else "x"
    return found


def _free_variable(name: str, taken: set[str]) -> str:
    """`name` as a name of Python that the script does not use yet."""
    variable = re.sub(r"\W|^(?=\d)", "_", name)
    while variable in taken or variable in _own_names or keyword.iskeyword(variable):
        variable += "_"
    return variable


def _call_arguments(layer: AnyLayer, read: list[str]) -> str:
    """What the layer is called with, as source."""
    given = ", ".join(layer.arranged(read))
    arguments = [f"{name}={render(getattr(layer, name))}" for name in call_fields(layer)]
    return ", ".join([f"[{given}]" if layer.way == "list" else given, *arguments])


def _training(experiment: Experiment, prepared: Prepared) -> str:
    training, facts = experiment.training, prepared.facts
    metrics = [_metric_text(name, *call) for name, call in _metric_calls(experiment, facts, prepared.target).items()]
    compile_arguments = {
        "optimizer": _optimizer_text(training, facts.training_samples),
        "loss": render(training.loss),
        "metrics": f"[{', '.join(metrics)}]",
    }
    fit_arguments = {
        "batch_size": repr(training.batch_size),
        "epochs": repr(ceil(training.total_steps(facts.training_samples) / training.steps_per_epoch(facts.training_samples))),
        **({} if training.shuffle else {"shuffle": "False"}),
        **_weight_arguments(training, prepared),
    }
    if facts.validation_samples:
        weights = "" if prepared.weights_val is None else ", sample_weight_val"
        fit_arguments["validation_data"] = f"(x_val, y_val{weights})"
    if callbacks := _callbacks(training, facts.training_samples):
        fit_arguments["callbacks"] = f"[{', '.join(callbacks)}]"
    return "\n".join([
        call_text("model.compile", [f"{name}={value}" for name, value in compile_arguments.items()]),
        call_text("history = model.fit", ["x_train", "y_train", *(f"{name}={value}" for name, value in fit_arguments.items())]),
    ])  # fmt: skip


def _optimizer_text(training: Training, examples: int) -> str:
    schedule, warmup, base = training.schedule, training.warmup_steps, training.optimizer.learning_rate
    text = render(base)
    if schedule is not None:
        steps = max(training.total_steps(examples) - (warmup or 0), 1)
        place = "" if schedule.kind() == "OneCycle" else "keras.optimizers.schedules."
        arguments = schedule_arguments(schedule, steps, base)
        text = call_text(f"{place}{schedule.kind()}", [f"{name}={render(value)}" for name, value in arguments.items()])
    if warmup:
        given = [f"peak={render(base)}", f"steps={warmup}", *([f"schedule={text}"] if schedule is not None else [])]
        text = call_text("WarmUp", given)
    return constructor_text(training.optimizer, {} if schedule is None and not warmup else {"learning_rate": text})


def _weighs_by_array(training: Training, prepared: Prepared) -> bool:
    """Whether weights of training examples come as an array: Keras takes none of classes beside it, or for labels ±1."""
    plain = prepared.target.encoding in ("zero_one", "index", "one_hot")
    return prepared.weights_train is not None or (training.class_weight is not None and not plain)


def _weights_read(training: Training, prepared: Prepared) -> str:
    names = [
        *(["sample_weight_train"] if _weighs_by_array(training, prepared) else []),
        *(["sample_weight_val"] if prepared.weights_val is not None else []),
    ]
    lines = [f"{name} = data[{quoted(name)}]\n" for name in names]
    return "# How much each example counts in the loss.\n" + "".join(lines) if lines else ""


def _weight_arguments(training: Training, prepared: Prepared) -> dict[str, str]:
    if _weighs_by_array(training, prepared):
        return {"sample_weight": "sample_weight_train"}
    weights = class_weights(training, prepared)
    return {} if weights is None else {"class_weight": repr(dict(enumerate(weights)))}


def _callbacks(training: Training, examples: int) -> list[str]:
    """Keras's callbacks for the rules of the training; the last one has the last word on the weights."""
    steps, epochs = training.total_steps(examples), training.steps_per_epoch(examples)
    found = []
    if training.reduce_on_plateau:
        found.append(_rule_text(training.reduce_on_plateau))
    if training.early_stopping:
        found.append(_rule_text(training.early_stopping))
    if training.keep_best:
        # So much patience never runs out: the best weights come back at the end.
        monitor = [f"monitor={render(training.keep_best)}", f"mode={render(_mode(training.keep_best))}"]
        found.append(call_text("keras.callbacks.EarlyStopping", [*monitor, f"patience={steps}", "restore_best_weights=True"]))
    if steps % epochs:
        found.append(f"EndAfter({steps})")
    return found


def _rule_text(rule: EarlyStopping | ReduceLROnPlateau) -> str:
    given = {name: getattr(rule, name) for name in rule.__struct_fields__ if getattr(rule, name) is not None}
    if rule.mode == "auto":
        given["mode"] = _mode(rule.monitor)
    return call_text(f"keras.callbacks.{rule.kind()}", [f"{name}={render(value)}" for name, value in given.items()])


def _mode(monitor: Monitor) -> str:
    """Said outright: Keras's auto does not know figures of our own."""
    return "min" if smaller_is_better(monitor) else "max"


def _metric_calls(experiment: Experiment, facts: Facts, target: Target) -> dict[str, tuple[str, dict[str, object]]]:
    training = experiment.training
    logits = training.loss.takes_logits
    return {name: metric_arguments(name, target.encoding, logits) for name in metric_names(training, facts)}


def _metric_text(name: str, kind: str, arguments: dict[str, object]) -> str:
    if kind == "sign_accuracy":
        return f"keras.metrics.MeanMetricWrapper(sign_accuracy, name={quoted(name)})"
    rendered = [f"{key}={render(value)}" for key, value in (arguments | {"name": name}).items()]
    return call_text(f"keras.metrics.{kind}", rendered)


def render(value: object) -> str:
    """Python source for a field's value: Keras's identifier, a constructor call, or a literal."""
    if isinstance(value, Variant):
        return quoted(value.identifier()) if is_bare(value) else constructor_text(value)
    if isinstance(value, tuple) and any(isinstance(item, Variant) for item in value):
        return f"[{', '.join(map(render, value))}]"
    return quoted(value) if isinstance(value, str) else repr(value)


def quoted(text: str) -> str:
    """`text` as a string literal of Python."""
    return json.dumps(text, ensure_ascii=False)


def constructor_text(value: Variant, options: Mapping[str, str] | None = None) -> str:
    """The call that makes the Keras object; arguments at their default are left out where Keras has the same.

    `options` are arguments as source that are said otherwise, or beside those that are declared.
    """
    options = options or {}
    required = {
        name
        for name, parameter in inspect.signature(keras_class(value)).parameters.items()
        if parameter.default is inspect.Parameter.empty
    }
    # What must be given goes first, the name last. The order of the others stays: random seeds are drawn in it.
    made_with = constructor_fields(type(value))
    declared_fields = (field for field in msgspec.structs.fields(value) if field.name in made_with)
    fields = sorted(declared_fields, key=lambda field: (field.name == "name", not field.required))
    given = [
        f"{field.name}={options.get(field.name) or render(getattr(value, field.name))}"
        for field in fields
        if field.name in required or field.name in options or getattr(value, field.name) != field.default
    ]
    declared = {field.name for field in fields}
    given += [f"{name}={text}" for name, text in options.items() if name not in declared]
    place = "" if value.kind() == "Maxout" else f"keras.{module_of(value)}."
    return call_text(f"{place}{class_name(value)}", given)


def call_text(function: str, arguments: list[str]) -> str:
    """A call on one line where it fits, otherwise an argument a line."""
    line = f"{function}({', '.join(arguments)})"
    if len(line) <= longest_line:
        return line
    body = "".join(f"    {argument.replace(chr(10), chr(10) + '    ')},\n" for argument in arguments)
    return f"{function}(\n{body})"
