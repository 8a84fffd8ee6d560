"""``import``: an experiment from a network of Keras, on the command line."""

import json

import pytest

from models.storage.files import load, save
from tests.models.storage.keras_files.attacks import archive, dense, sequential, weights


@pytest.fixture
def model(tmp_path):
    path = tmp_path / "model.keras"
    path.write_bytes(archive())
    return path


def test_import_writes_experiment_and_weights_and_says_so(command, model, tmp_path):
    answer = command("import", model, "-o", tmp_path / "net.wiggle.json")
    assert answer.code == 0, answer.err
    assert "model, 4 → 3, 1 layer, 15 parameters." in answer.out
    assert "random numbers of its input's shape stand in" in answer.out
    assert load(tmp_path / "net.wiggle.json").initial_weights == str(tmp_path / "net.weights.h5")
    assert command("check", tmp_path / "net.wiggle.json").code == 0


def test_a_network_without_weights_starts_at_random(command, tmp_path):
    (tmp_path / "config.json").write_text(json.dumps(sequential(dense())))
    answer = command("import", tmp_path / "config.json", "-o", tmp_path / "net.wiggle.json")
    assert answer.code == 0, answer.err
    assert load(tmp_path / "net.wiggle.json").initial_weights is None
    assert not (tmp_path / "net.weights.h5").exists()


def test_what_is_refused_is_one_line_and_nothing_is_written(command, tmp_path):
    (tmp_path / "config.json").write_text(json.dumps(sequential({"class_name": "Lambda", "config": {"name": "l"}})))
    answer = command("import", tmp_path / "config.json", "-o", tmp_path / "net.wiggle.json")
    assert answer.code == 2
    assert answer.err.count("\n") == 1
    assert "“Lambda”" in answer.err
    assert [path.name for path in tmp_path.iterdir()] == ["config.json"]


@pytest.mark.engine
@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "no file of that name"),
        (weights(shape=(4, 4)), "expected the 15 weights of this network, found 20"),
        (b"x", "HDF5"),
    ],
    ids=["missing", "of another network", "other bytes"],
)
def test_weights_that_cannot_be_used_are_one_line(command, model, tmp_path, content, sentence):
    experiment, beside = tmp_path / "net.wiggle.json", tmp_path / "net.weights.h5"
    command("import", model, "-o", experiment)
    beside.unlink() if content is None else beside.write_bytes(content)
    answer = command("train", experiment, "--out", tmp_path / "run", "--epochs", 0)
    assert answer.code == 2
    assert answer.err.count("\n") == 1
    assert sentence in answer.err
    assert not (tmp_path / "run").exists()


def test_a_copy_in_another_folder_finds_the_weights(command, model, tmp_path):
    command("import", model, "-o", tmp_path / "net.wiggle.json")
    (tmp_path / "other").mkdir()
    save(load(tmp_path / "net.wiggle.json"), tmp_path / "other" / "copy.wiggle.json")
    assert load(tmp_path / "other" / "copy.wiggle.json").initial_weights == str(tmp_path / "net.weights.h5")
