"""What leaves the program: a plain Keras script with its data, and ``.keras`` files."""

import inspect
import json
from pathlib import Path

import msgspec
import numpy as np

from models.data.prepared import Prepared
from models.engine.maxout import Maxout
from models.engine.network import adapts, class_name, is_bare, keras_class, metric_arguments, module_of, sign_accuracy
from models.engine.session import Session, build
from models.experiment.base import Variant
from models.experiment.data import Facts
from models.experiment.encoding import Target
from models.experiment.experiment import Experiment
from models.experiment.metrics import metric_names
from models.storage.atomic import write_atomically, write_text

longest_line = 100


def export_script(experiment: Experiment, prepared: Prepared, out: Path) -> None:
    """Write a script that builds and trains the same network with Keras alone, and its data as ``.npz`` beside it."""
    text = script_text(experiment, prepared.facts, prepared.target, data_file=out.with_suffix(".npz").name)
    save_arrays(prepared, out.with_suffix(".npz"))
    write_text(out, text)


def export_keras(source: Session | tuple[Experiment, Prepared], out: Path) -> None:
    """Write a network as a ``.keras`` file: a session's as it is now, an experiment's with its initial weights."""
    model = source.model if isinstance(source, Session) else build(*source)
    write_atomically(out, model.save)


def save_arrays(prepared: Prepared, path: Path) -> None:
    """Write ``x_train y_train x_val y_val`` exactly as the network is fed them."""
    arrays = {"x_train": prepared.x_train, "y_train": prepared.y_train, "x_val": prepared.x_val, "y_val": prepared.y_val}
    write_atomically(path, lambda temporary: np.savez_compressed(temporary, allow_pickle=False, **arrays))


def script_text(experiment: Experiment, facts: Facts, target: Target, data_file: str = "data.npz") -> str:
    """A script of plain Keras that trains the network of `experiment` from the same initial weights.

    It reads its arrays from `data_file` beside it.
    """
    parts = [
        _head(experiment, data_file),
        *_own_code(experiment, facts, target),
        _network(experiment),
        _training(experiment, facts, target),
    ]
    return "\n".join(parts).rstrip("\n") + "\n"


def _head(experiment: Experiment, data_file: str) -> str:
    title = " ".join(experiment.name.replace("\\", "/").replace('"', "'").split()) or "Network"
    return f'''"""{title}, made with Wiggle. Needs keras, tensorflow and numpy, and {data_file} beside it."""

import os
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import keras
import numpy as np

# The arrays as the network is fed them: split, scaled, encoded.
data = np.load(Path(__file__).with_name({quoted(data_file)}))
x_train, y_train = data["x_train"], data["y_train"]
x_val, y_val = data["x_val"], data["y_val"]
'''


def _own_code(experiment: Experiment, facts: Facts, target: Target) -> list[str]:
    """What Keras lacks, as source, where it is used."""
    found = []
    if any(layer.kind() == "Maxout" for layer in experiment.network):
        found.append(f"\n{_source(Maxout)}\n")
    if any(kind == "sign_accuracy" for kind, _ in _metric_calls(experiment, facts, target).values()):
        found.append(f"\n{_source(sign_accuracy)}\n")
    return [*found, ""] if found else []


def _source(code: object) -> str:
    assert inspect.isclass(code) or inspect.isfunction(code)
    return "\n".join(line.partition("  # type: ignore")[0] for line in inspect.getsource(code).splitlines())


def _network(experiment: Experiment) -> str:
    lines = [
        "# The seed decides the initial weights.",
        f"keras.utils.set_random_seed({experiment.seed})",
        'inputs = x = keras.Input(shape=x_train.shape[1:], name="input")',
    ]
    for index, layer in enumerate(experiment.network):
        if adapts(layer):
            arriving = "keras.Model(inputs, x).predict(x_train, batch_size=1024, verbose=0)" if index else "x_train"
            lines += [f"normalization = {render(layer)}", f"normalization.adapt({arriving})", "x = normalization(x)"]
        else:
            lines.append(f"x = {render(layer)}(x)")
    return "\n".join([*lines, 'model = keras.Model(inputs, x, name="network")', "model.summary()", ""])


def _training(experiment: Experiment, facts: Facts, target: Target) -> str:
    training = experiment.training
    metrics = [_metric_text(name, *call) for name, call in _metric_calls(experiment, facts, target).items()]
    compile_arguments = {
        "optimizer": render(training.optimizer),
        "loss": render(training.loss),
        "metrics": f"[{', '.join(metrics)}]",
    }
    fit_arguments = {
        "batch_size": repr(training.batch_size),
        "epochs": repr(training.epochs),
        "shuffle": repr(training.shuffle),
    } | ({"validation_data": "(x_val, y_val)"} if facts.validation_samples else {})
    return "\n".join([
        call_text("model.compile", [f"{name}={value}" for name, value in compile_arguments.items()]),
        call_text("history = model.fit", ["x_train", "y_train", *(f"{name}={value}" for name, value in fit_arguments.items())]),
    ])  # fmt: skip


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
    return quoted(value) if isinstance(value, str) else repr(value)


def quoted(text: str) -> str:
    """`text` as a string literal of Python."""
    return json.dumps(text, ensure_ascii=False)


def constructor_text(value: Variant) -> str:
    """The call that makes the Keras object; arguments at their default are left out where Keras has the same."""
    required = {
        name
        for name, parameter in inspect.signature(keras_class(value)).parameters.items()
        if parameter.default is inspect.Parameter.empty
    }
    # What must be given goes first, the name last. The order of the others stays: random seeds are drawn in it.
    fields = sorted(msgspec.structs.fields(value), key=lambda field: (field.name == "name", not field.required))
    given = [
        f"{field.name}={render(getattr(value, field.name))}"
        for field in fields
        if field.name in required or getattr(value, field.name) != field.default
    ]
    place = "" if value.kind() == "Maxout" else f"keras.{module_of(value)}."
    return call_text(f"{place}{class_name(value)}", given)


def call_text(function: str, arguments: list[str]) -> str:
    """A call on one line where it fits, otherwise an argument a line."""
    line = f"{function}({', '.join(arguments)})"
    if len(line) <= longest_line:
        return line
    body = "".join(f"    {argument.replace(chr(10), chr(10) + '    ')},\n" for argument in arguments)
    return f"{function}(\n{body})"
