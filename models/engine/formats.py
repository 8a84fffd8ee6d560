"""A network as files of other programs, each run against Keras before it takes the place of an earlier one."""

import contextlib
import errno
import importlib.util
import logging
import os
import re
import tempfile
import warnings
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

from models.engine.errors import EngineError, first_line
from models.engine.plain import copy_values, plain
from models.experiment.errors import BadInput
from models.storage.atomic import write_atomically, write_folder_atomically, write_text

Array = NDArray[np.float32]

most_examples = 32
"""On how many examples a file is compared with Keras."""
greatest_deviation = 1e-3
"""From Keras, as a part of the greatest output: what deviates more computes something else."""
onnx_packages = ("onnx", "onnxruntime", "tf2onnx")
disk_errors = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
"""What TensorFlow, which writes files itself, tells of a disk in words only."""
loops = ("While", "StatelessWhile", "TensorListReserve")
"""Operators of TensorFlow that a layer's loop over time becomes."""


def write(model: keras.Model, to: str, out: Path, examples: Array) -> str:
    """Write `model` to `out` in the format called `to`, atomically. Returns what is worth knowing about it, in sentences.

    Raises EngineError where the format cannot hold the network, or the file computes something else; `out` is then untouched.
    """
    if to == "keras":
        write_keras(model, out)
    elif to == "json":
        write_json(model, out)
    elif to == "saved_model":
        comparison = Comparison(model, plain(model), examples)
        write_folder_atomically(out, comparison.write_saved_model)
        return comparison.sentence
    else:
        if to == "onnx":
            refuse_missing_packages()
        comparison = Comparison(model, in_float32(plain(model)), examples)
        write_atomically(out, comparison.write_onnx if to == "onnx" else comparison.write_litert)
        return comparison.sentence
    return ""


def write_keras(model: keras.Model, out: Path) -> None:
    """Write `model`, its weights and its optimizer as a ``.keras`` file, atomically."""
    write_atomically(out, plain(model).save)


def write_json(model: keras.Model, out: Path) -> None:
    """Write `model` without weights as JSON of Keras, atomically."""
    write_text(out, plain(model).to_json(indent=2) + "\n")


def convert(file: Path, to: str, out: Path, examples: Array) -> str:
    """The same for the network in a ``.keras`` file. Raises `BadInput` where Keras cannot load it."""
    try:
        model = keras.saving.load_model(file)
    except Exception as error:  # an archive, HDF5 and Keras have errors of their own for damage
        found = f"a damaged file, or a network of another kind ({first_line(error)})"
        raise BadInput(str(file), "a network that Keras can load", found, "train once more") from error
    return write(model, to, out, examples)


class Comparison:
    """Writes a network, runs what was written, and keeps how far its outputs are from Keras's."""

    def __init__(self, original: keras.Model, model: keras.Model, examples: Array) -> None:
        """`model` is what is written, `original` what its outputs are compared with."""
        self._model = model
        self._examples = examples[:most_examples]
        self._expected = outside_training(original, tf.constant(self._examples)).numpy()
        precision = precision_of(original)
        halved = precision_of(model) != precision
        self._note = f" It computes in float32, not in {precision}." if halved else ""
        self._tolerance = greatest_deviation * (100 if halved else 1)
        self.deviation = 0.0
        """The greatest difference of an output."""

    @property
    def sentence(self) -> str:
        """What came of it."""
        count = len(self._examples)
        where = f"on {count} examples" if count > 1 else "on one example"
        return (f"Within {self.deviation:.1e} of Keras" if self.deviation else "Equal to Keras") + f" {where}.{self._note}"

    def write_saved_model(self, folder: Path) -> None:
        """Write a SavedModel whose function ``serve`` is the network."""
        with _converting("A SavedModel"):
            archive = keras.export.ExportArchive()
            archive.track(self._model)
            archive.add_endpoint("serve", partial(outside_training, self._model), input_signature=[self._signature(None)])
            archive.write_out(str(folder), verbose=False)
            loaded = tf.saved_model.load(str(folder))
            outputs = loaded.serve(tf.constant(self._examples)).numpy()
        self._compare(outputs, "SavedModel")

    def write_onnx(self, path: Path) -> None:
        """Write an ONNX file with one input, ``input``, and one output, ``output``."""
        with _converting("ONNX"):
            import onnxruntime
            import tf2onnx

            frozen = self._frozen(None)
            inputs, outputs = ([tensor.name for tensor in tensors] for tensors in (frozen.inputs, frozen.outputs))
            proto, _ = tf2onnx.convert.from_graph_def(
                frozen.graph.as_graph_def(),
                name="network",
                input_names=inputs,
                output_names=outputs,
                tensors_to_rename={inputs[0]: "input", outputs[0]: "output"},
            )
            path.write_bytes(proto.SerializeToString())
            run = onnxruntime.InferenceSession(path.read_bytes(), providers=["CPUExecutionProvider"])
            computed = run.run(None, {"input": self._examples})[0]
        self._compare(computed, "ONNX file")

    def write_litert(self, path: Path) -> None:
        """Write a LiteRT file of built-in operators; a network with a loop over time takes one example at a time in it."""
        with _converting("LiteRT"):
            frozen = self._frozen(None)
            rows = len(self._examples)
            if has_loop(frozen):
                frozen, rows = self._frozen(1), 1
                self._note += " It takes one example at a time."
            converter = tf.lite.TFLiteConverter.from_concrete_functions([frozen])
            converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
            path.write_bytes(converter.convert())
            computed = run_litert(path, self._examples, rows)
        self._compare(computed, "LiteRT file")

    def _signature(self, rows: int | None) -> tf.TensorSpec:
        return tf.TensorSpec((rows, *self._examples.shape[1:]), tf.float32, name="input")

    def _frozen(self, rows: int | None) -> tf.types.experimental.ConcreteFunction:
        """The network as a graph that holds its weights as constants, for so many examples at a time."""
        function = tf.function(partial(outside_training, self._model), input_signature=[self._signature(rows)], autograph=False)
        return convert_variables_to_constants_v2(function.get_concrete_function(), lower_control_flow=False)

    def _compare(self, outputs: Array, what: str) -> None:
        expected = self._expected
        if outputs.shape != expected.shape:
            raise EngineError(f"The {what} was not written: its outputs are {outputs.shape} numbers, Keras's {expected.shape}.")
        self.deviation = float(np.max(np.abs(outputs - expected), initial=0.0))
        if not self.deviation <= self._tolerance * max(1.0, float(np.max(np.abs(expected), initial=0.0))):
            raise EngineError(f"The {what} was not written: its outputs differ from Keras's by up to {self.deviation:.1e}.")


def outside_training(model: keras.Model, x: tf.Tensor) -> tf.Tensor:
    """The outputs of `model`, in float32."""
    # A recurrent layer with dropout counts its random numbers even where it needs none; a file for use must not.
    with keras.StatelessScope():
        return tf.cast(model(x, training=False), tf.float32)


def precision_of(model: keras.Model) -> str:
    """What most of the network computes with."""
    mixed = (layer.dtype_policy.name for layer in model.layers if layer.dtype_policy.name.startswith("mixed"))
    return next(mixed, "float32")


def in_float32(model: keras.Model) -> keras.Model:
    """`model` itself; where that computes with half precision, the same network without: its weights are float32 anyway."""
    if precision_of(model) == "float32":
        return model
    policy = r'("class_name": "DTypePolicy", "config": \{"name": )"mixed_\w+"'
    copy = keras.models.model_from_json(re.sub(policy, r'\1"float32"', model.to_json()))
    copy_values(model, copy)
    return copy


def has_loop(function: tf.types.experimental.ConcreteFunction) -> bool:
    """Whether a loop is left in the graph."""
    return any(node.op in loops for node in function.graph.as_graph_def().node)


def run_litert(path: Path, examples: Array, rows: int) -> Array:
    """What the LiteRT file at `path` makes of `examples`, so many of them at a time."""
    # Without its delegate for speed, which announces itself on standard error.
    resolver = tf.lite.experimental.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    # TensorFlow announces this class's end in favour of ai-edge-litert, which would be one more package to install.
    interpreter = tf.lite.Interpreter(str(path), experimental_op_resolver_type=resolver)
    where = interpreter.get_input_details()[0]["index"]
    interpreter.resize_tensor_input(where, (rows, *examples.shape[1:]))
    interpreter.allocate_tensors()
    found = []
    for first in range(0, len(examples), rows):
        interpreter.set_tensor(where, examples[first : first + rows])
        interpreter.invoke()
        found.append(interpreter.get_tensor(interpreter.get_output_details()[0]["index"]))
    return np.concatenate(found)


def refuse_missing_packages() -> None:
    """Raise EngineError where ONNX is not installed."""
    missing = [name for name in onnx_packages if importlib.util.find_spec(name) is None]
    if missing:
        raise EngineError(f"ONNX needs {', '.join(missing)}, which this Python lacks. Install with: uv sync --extra onnx")


@contextlib.contextmanager
def _converting(what: str) -> Iterator[None]:
    """Let converters say nothing, and turn their failures into a sentence."""
    try:
        with _silence():
            yield
    except OSError:
        raise
    except Exception as error:  # whatever a converter stumbles over
        for code in disk_errors:
            if os.strerror(code) in str(error):
                raise OSError(code, os.strerror(code)) from error
        raise EngineError(f"{what} cannot hold this network: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    """The first line in which a converter says what it lacks."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    telling = [line for line in lines if re.search(r"error: |not supported|unsupported", line)]
    return (telling or lines or [type(error).__name__])[0].rpartition("error: ")[2][:300]


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Keep converters, in Python and below it, from writing to standard error."""
    loggers = [logging.getLogger(name) for name in ("absl", "tensorflow", "tf2onnx")]
    levels = [logger.level for logger in loggers]
    with warnings.catch_warnings(), _nothing_on(2):
        warnings.simplefilter("ignore")
        for logger in loggers:
            logger.setLevel(logging.CRITICAL)
        try:
            yield
        finally:
            for logger, level in zip(loggers, levels, strict=True):
                logger.setLevel(level)


@contextlib.contextmanager
def _nothing_on(descriptor: int) -> Iterator[None]:
    try:
        shown = os.dup(descriptor)
    except OSError:  # a program without a console has no standard error
        yield
        return
    with tempfile.TemporaryFile() as written:
        os.dup2(written.fileno(), descriptor)
        try:
            yield
        finally:
            os.dup2(shown, descriptor)
            os.close(shown)
