"""``export``: what leaves runs on its own and is the same network."""

import re
import shutil
import subprocess
import sys

import numpy as np
import pytest

import main
from models.experiment.layers import Maxout
from models.storage.files import save
from tests.models.headless.samples import small_experiment

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """The folder of a run of a small experiment, which tests only read."""
    folder = tmp_path_factory.mktemp("trained")
    save(small_experiment(), folder / "small.wiggle.json")
    assert main.main(["train", str(folder / "small.wiggle.json"), "--out", str(folder / "run"), "--quiet"]) == 0
    return folder / "run"


def predictions(model, folder):
    import keras

    with np.load(folder / "data.npz") as data:
        return keras.saving.load_model(model).predict(data["x_val"], verbose=0)


def test_an_experiment_leaves_with_its_initial_weights(small, trained, tmp_path, command):
    answer = command("export", small, "--to", "keras", "-o", tmp_path / "out.keras")
    assert (answer.code, answer.err) == (0, "")
    np.testing.assert_array_equal(predictions(tmp_path / "out.keras", trained), predictions(trained / "initial.keras", trained))


def test_a_run_leaves_with_its_trained_weights(trained, tmp_path, command):
    answer = command("export", trained, "--to", "keras", "-o", tmp_path / "out.keras")
    assert (answer.code, answer.err) == (0, "")
    assert (tmp_path / "out.keras").read_bytes() == (trained / "final.keras").read_bytes()


@pytest.mark.parametrize("to", ["saved_model", "litert", "onnx"])
def test_a_run_leaves_for_other_programs_and_the_deviation_is_said(trained, tmp_path, command, to):
    for package in ("onnx", "onnxruntime", "tf2onnx") if to == "onnx" else ():
        pytest.importorskip(package, reason=f"{package} is not installed: uv sync --extra onnx")
    answer = command("export", trained, "--to", to, "-o", tmp_path / "out")
    assert (answer.code, answer.err) == (0, "")
    said = r"(Within \d\.\de-\d\d of|Equal to) Keras on 30 examples\.\n"
    assert re.fullmatch(rf"Wrote .*out: the network as it was trained\. {said}", answer.out)
    assert (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("name", "share", "sentence"),
    [
        ("final.keras", 0.5, "expected a network that Keras can load, found a damaged file, or a network of another kind ("),
        ("data.npz", 0.1, "expected the data of a run, found something else, or a damaged file; train once more, or remove it."),
    ],
)
def test_a_damaged_file_of_a_run_is_one_line_that_names_it(trained, tmp_path, command, name, share, sentence):
    run = shutil.copytree(trained, tmp_path / "run")
    content = bytearray((run / name).read_bytes())
    place = slice(int(share * len(content)), int(share * len(content)) + 20)
    content[place] = bytes(byte ^ 0xFF for byte in content[place])
    (run / name).write_bytes(content)
    answer = command("export", run, "--to", "litert", "-o", tmp_path / "out")
    assert answer.code == 2
    assert answer.err.count("\n") == 1
    assert f"{name}: {sentence}" in answer.err
    assert "pickle" not in answer.err
    assert not (tmp_path / "out").exists()


def test_the_network_leaves_as_json_of_keras(small, trained, tmp_path, command):
    import keras

    for source in (small, trained):
        answer = command("export", source, "--to", "json", "-o", tmp_path / "out.json")
        assert (answer.code, answer.err) == (0, "")
        built = keras.models.model_from_json((tmp_path / "out.json").read_text())
        assert [layer.name for layer in built.layers] == ["input", "dense", "dense_1", "output"]


def test_what_cannot_be_written_is_one_line_and_the_earlier_file_stays(small, tmp_path, command, monkeypatch):
    out = tmp_path / "out.tflite"
    out.write_text("earlier")
    monkeypatch.setattr("tensorflow.lite.TFLiteConverter.from_concrete_functions", lambda functions: functions[0].nothing)
    answer = command("export", small, "--to", "litert", "-o", out)
    assert (answer.code, answer.err.count("\n"), answer.out) == (2, 1, "")
    assert "LiteRT cannot hold this network" in answer.err
    assert out.read_text() == "earlier"


def test_pictures_and_tables_need_no_tensorflow(small, tmp_path, command, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    begins = {"svg": b"<svg", "png": b"\x89PNG", "markdown": b"| layer", "csv": b"layer,kind"}
    for to, begin in begins.items():
        out = tmp_path / f"out.{to}"
        assert command("export", small, "--to", to, "-o", out).out == f"Wrote {out}.\n"
        assert out.read_bytes().startswith(begin)


def test_a_network_with_errors_is_not_drawn(tmp_path, command):
    save(small_experiment(network=()), tmp_path / "e.wiggle.json")
    answer = command("export", tmp_path / "e.wiggle.json", "--to", "svg", "-o", tmp_path / "out.svg")
    assert (answer.code, answer.out) == (1, "")
    assert "no layer" in answer.err
    assert not (tmp_path / "out.svg").exists()


def test_a_script_whose_weights_are_missing_is_not_written_and_they_are_named(tmp_path, command):
    missing = tmp_path / "gone.weights.h5"
    save(small_experiment(initial_weights=str(missing)), tmp_path / "e.wiggle.json")
    (tmp_path / "out").mkdir()
    answer = command("export", tmp_path / "e.wiggle.json", "--to", "script", "-o", tmp_path / "out" / "train.py")
    assert answer.code == 2
    assert f"{missing}: expected the weights that the experiment starts from, found no file of that name; " in answer.err
    assert not list((tmp_path / "out").iterdir())


@pytest.mark.exhaustive
def test_the_script_runs_on_its_own(tmp_path, command):
    experiment = small_experiment()
    maxout = Maxout(name="maxout", units=4)
    save(small_experiment(network=(maxout, *experiment.network)), tmp_path / "e.wiggle.json")
    script = tmp_path / "alone" / "train.py"
    script.parent.mkdir()
    answer = command("export", tmp_path / "e.wiggle.json", "--to", "script", "-o", script)
    assert (answer.code, answer.err) == (0, "")
    assert sorted(path.name for path in script.parent.iterdir()) == ["train.npz", "train.py"]
    ran = subprocess.run(
        [sys.executable, "-I", str(script)], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert "Epoch 2/2" in ran.stdout
