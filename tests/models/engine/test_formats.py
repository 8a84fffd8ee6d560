"""Files for other programs hold the same network, and take the place of an earlier one only when they do."""

import errno
import functools
import importlib.util
import os
import re
import warnings
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from models.engine import formats
from models.engine.errors import EngineError
from models.engine.formats import write
from models.experiment.activations import LeakyRelu, Relu
from models.experiment.layers import (
    GRU,
    LSTM,
    Add,
    Concatenate,
    Conv2D,
    Dropout,
    Embedding,
    GlobalAveragePooling1D,
    GlobalAveragePooling2D,
    LayerNormalization,
    Masking,
    Maxout,
    MaxPooling2D,
    MultiHeadAttention,
    Normalization,
    SimpleRNN,
)
from tests.models.engine.samples import blind_session, blind_train, data_for, dense, experiment, hidden
from tests.sampling import sampled

pytestmark = pytest.mark.engine

masking = Masking(name="mask")
networks = {
    "numbers": (
        (Normalization(name="scaled"), dense(8, LeakyRelu(negative_slope=0.1), "first"), Maxout(name="maxout", units=4)),
        (5,),
    ),
    "image": (
        (
            Conv2D(name="conv", filters=4, kernel_size=(3, 3), padding="same", activation=Relu()),
            MaxPooling2D(name="pool"),
            GlobalAveragePooling2D(name="mean"),
        ),
        (8, 8, 2),
    ),
    "gru": ((masking, GRU(name="rnn", units=4, dropout=0.2)), (6, 3)),
    "lstm": ((masking, Maxout(name="maxout", units=3), LSTM(name="rnn", units=4)), (6, 3)),
    "simple": ((SimpleRNN(name="rnn", units=4), Dropout(name="drop", rate=0.5)), (6, 3)),
    "residual": (
        (
            dense(6, Relu(), "first"),
            Maxout(name="maxout", units=6),
            Add(name="add", inputs=("maxout", "first")),
            Concatenate(name="both", inputs=("add", "input")),
        ),
        (5,),
    ),
    "attention": (
        (
            MultiHeadAttention(name="attention", num_heads=2, key_dim=3),
            Add(name="add", inputs=("attention", "input")),
            LayerNormalization(name="norm"),
            GlobalAveragePooling1D(name="mean"),
        ),
        (6, 4),
    ),
    "symbols": ((Embedding(name="embedding", input_dim=9, output_dim=4, mask_zero=True), GRU(name="rnn", units=3)), (7,)),
}


@functools.cache
def trained(name, **training):
    """A trained session of one of `networks`."""
    network, shape = networks[name]
    value = experiment(network, **{"epochs": 2} | training)
    prepared = data_for(value, samples=40, shape=shape)
    if name == "symbols":
        prepared.x_train[:] = np.abs(prepared.x_train * 4).astype(int) % 9
    return blind_train(value, prepared)[0]


def run_saved_model(path: Path, x):
    loaded = tf.saved_model.load(str(path))
    return loaded.serve(x).numpy()


def run_litert(path: Path, x):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        interpreter = tf.lite.Interpreter(str(path))
    found = []
    for row in x:
        interpreter.resize_tensor_input(interpreter.get_input_details()[0]["index"], (1, *row.shape))
        interpreter.allocate_tensors()
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], row[None])
        interpreter.invoke()
        found.append(interpreter.get_tensor(interpreter.get_output_details()[0]["index"])[0])
    return np.array(found)


def run_onnx(path: Path, x):
    import onnxruntime

    return onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"]).run(["output"], {"input": x})[0]


runs = {"saved_model": run_saved_model, "litert": run_litert, "onnx": run_onnx}
"""What runs a file of each format, on the arrays it takes, in the program it is for."""


def needs(form):
    """Skip where the packages of a format are not installed."""
    for package in formats.onnx_packages if form == "onnx" else ():
        pytest.importorskip(package, reason=f"{package} is not installed: uv sync --extra onnx")


@pytest.mark.parametrize("form", runs)
@pytest.mark.parametrize("name", sampled(networks, "residual", "gru"))
def test_a_file_computes_what_keras_does(name, form, tmp_path, capfd):
    needs(form)
    made = trained(name)
    x = made.prepared.x_train
    said = write(made.model, form, tmp_path / "out", x)
    out, err = capfd.readouterr()
    # WORKAROUND TensorFlow tells once a process, as an error, that oneDNN leaves masks of a GRU to Eigen on this processor.
    assert (out, [line for line in err.splitlines() if "oneDNN supports DT_BOOL only" not in line]) == ("", [])
    deviation = np.max(np.abs(runs[form](tmp_path / "out", x) - made.predict(x)))
    assert deviation < 2e-6
    assert re.match(r"(Within \d\.\de-\d\d of|Equal to) Keras on 32 examples\.", said)
    assert ("one example at a time" in said) == (form == "litert" and name in ("gru", "lstm", "simple", "symbols"))
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_network_in_half_precision_leaves_in_full(tmp_path):
    made = trained("numbers", precision="mixed_bfloat16")
    x = made.prepared.x_train
    said = write(made.model, "litert", tmp_path / "out", x)
    outputs = run_litert(tmp_path / "out", x)
    assert outputs.dtype == np.float32
    np.testing.assert_allclose(outputs, made.predict(x), atol=0.05)
    assert said.endswith("It computes in float32, not in mixed_bfloat16.")


@pytest.fixture(scope="module")
def model():
    return blind_session(experiment(hidden())).model


every = (*runs, "keras", "json")


def earlier(folder: Path, form: str) -> Path:
    """What was exported before, and is alone in its folder."""
    out = folder / ("out.keras" if form == "keras" else "out")
    if form == "saved_model":
        out.mkdir()
        (out / "saved_model.pb").write_text("earlier")
    else:
        out.write_text("earlier")
    return out


def is_untouched(out: Path) -> bool:
    held = out / "saved_model.pb" if out.is_dir() else out
    return held.read_text() == "earlier" and list(out.parent.iterdir()) == [out] and list(out.parent.rglob("*"))[-1] == held


def full_disk(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def stumble(*_: object, **__: object) -> None:
    raise RuntimeError("error: no such operator\nand a long story")


@pytest.mark.parametrize("form", every)
def test_a_full_disk_leaves_the_earlier_file(model, form, tmp_path, monkeypatch):
    needs(form)
    out = earlier(tmp_path, form)
    monkeypatch.setattr("os.fsync", full_disk)
    with pytest.raises(OSError, match="No space left"):
        write(model, form, out, np.ones((3, 3), np.float32))
    assert is_untouched(out)


@pytest.mark.skipif(os.name != "posix", reason="needs a limit on the size of files")
def test_a_disk_that_is_full_for_tensorflow_is_told_as_that(tmp_path):
    """It writes the variables of a SavedModel itself, and has an error of its own for each trouble."""
    import resource

    out = earlier(tmp_path, "saved_model")
    large = keras.Sequential([keras.Input((3,)), keras.layers.Dense(100_000)])
    former = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, former[1]))
    try:
        with pytest.raises(OSError, match="File too large") as error:
            write(large, "saved_model", out, np.ones((3, 3), np.float32))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, former)
    assert error.value.errno == errno.EFBIG
    assert is_untouched(out)


@pytest.mark.parametrize("form", every)
def test_a_folder_that_takes_no_file_is_told_before_anything_is_written(model, form, tmp_path, monkeypatch):
    needs(form)
    out = earlier(tmp_path, form)
    for name in ("mkstemp", "mkdtemp"):
        monkeypatch.setattr(f"tempfile.{name}", lambda *_, **__: (_ for _ in ()).throw(PermissionError(13, "Permission denied")))
    with pytest.raises(PermissionError):
        write(model, form, out, np.ones((3, 3), np.float32))
    monkeypatch.undo()
    assert is_untouched(out)


converters = {
    "keras": "keras.Model.save",
    "json": "keras.Model.to_json",
    "saved_model": "tensorflow.saved_model.load",
    "litert": "tensorflow.lite.TFLiteConverter.from_concrete_functions",
    "onnx": "tf2onnx.convert.from_graph_def",
}


@pytest.mark.parametrize("form", every)
def test_a_converter_that_fails_leaves_the_earlier_file(model, form, tmp_path, monkeypatch):
    needs(form)
    out = earlier(tmp_path, form)
    monkeypatch.setattr(converters[form], stumble)
    ours = form in runs
    with pytest.raises(EngineError if ours else RuntimeError) as failure:
        write(model, form, out, np.ones((3, 3), np.float32))
    if ours:
        assert failure.value.sentence.endswith("cannot hold this network: no such operator")
    assert is_untouched(out)


@pytest.mark.parametrize("form", ["litert"])
def test_a_file_that_computes_something_else_is_not_written(model, form, tmp_path, monkeypatch):
    out = earlier(tmp_path, form)
    run = formats.run_litert
    monkeypatch.setattr(formats, "run_litert", lambda *arguments: run(*arguments) + 0.01)
    with pytest.raises(EngineError, match=r"was not written: its outputs differ from Keras's by up to 1\.0e-02"):
        write(model, form, out, np.ones((3, 3), np.float32))
    assert is_untouched(out)


@pytest.mark.parametrize("form", runs)
def test_a_later_file_takes_the_place_of_an_earlier_one(model, form, tmp_path):
    needs(form)
    out, x = earlier(tmp_path, form), np.ones((3, 3), np.float32)
    write(model, form, out, x)
    np.testing.assert_allclose(runs[form](out, x), model(x), atol=1e-6)
    assert list(tmp_path.iterdir()) == [out]


def test_missing_packages_are_told_with_the_command_that_installs_them(model, tmp_path, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(EngineError, match=r"needs onnx, onnxruntime, tf2onnx, .* uv sync --extra onnx$"):
        write(model, "onnx", tmp_path / "out.onnx", np.ones((3, 3), np.float32))
    assert list(tmp_path.iterdir()) == []


def test_a_network_that_is_not_trained_opens_in_keras_with_its_loss(model, tmp_path):
    write(model, "keras", tmp_path / "out.keras", np.ones((3, 3), np.float32))
    opened = keras.models.load_model(tmp_path / "out.keras")
    for ours, theirs in zip(model.get_weights(), opened.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert opened.loss is not None
