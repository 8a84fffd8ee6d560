"""``check``: what it says about good and bad experiments, to people and to programs."""

import json
from pathlib import Path

import pytest

from models.experiment.edits import with_network
from models.storage.files import save
from tests.models.headless.samples import small_experiment

examples = sorted((Path(__file__).parents[3] / "resources" / "examples").glob("*.wiggle.json"))


def test_a_good_experiment_is_shown_as_a_table(small, command):
    answer = command("check", small)
    assert answer.code == 0
    rows = [line.split() for line in answer.out.splitlines()]
    assert ["dense", "Dense", "16", "48", "32", "1.3", "kB"] in rows
    assert "Parameters: 337 (337 trainable, 0 not trainable)" in answer.out
    assert "Multiply-adds: 304 for one example's forward pass" in answer.out
    assert "Activations: 2.6 kB for a batch of 10, their gradients among them" in answer.out
    assert "No problems." in answer.out


def test_programs_get_the_same_as_json(small, command):
    answer = command("check", small, "--json")
    report = json.loads(answer.out)
    assert list(report) == ["file", "ready", "facts", "layers", "parameters", "multiply_adds", "problems"]
    assert report["file"] == str(small)
    assert report["ready"] is True
    assert report["parameters"] == {"trainable": 337, "non_trainable": 0}
    assert report["multiply_adds"] == 2 * 16 + 16 * 16 + 16
    assert report["layers"][0] == {
        "name": "dense",
        "kind": "Dense",
        "inputs": ["input"],
        "input_shape": [2],
        "input_shapes": [[2]],
        "output_shape": [16],
        "parameters": {"trainable": 48, "non_trainable": 0},
        "multiply_adds": 32,
        "activation_bytes": 2 * 4 * 10 * 16,
    }


@pytest.fixture
def wrong(tmp_path):
    """An experiment without a layer, for which there is no output."""
    path = tmp_path / "wrong.wiggle.json"
    save(with_network(small_experiment(), ()), path)
    return path


def test_an_error_is_exit_code_1(wrong, command):
    answer = command("check", wrong)
    assert answer.code == 1
    assert "error: network" in answer.out
    assert answer.err == ""


def test_problems_in_json_have_a_place_and_a_remedy(wrong, command):
    answer = command("check", wrong, "--json")
    assert answer.code == 1
    report = json.loads(answer.out)
    assert report["ready"] is False
    (problem,) = report["problems"]
    assert list(problem) == ["severity", "place", "layer", "field", "sentence", "remedy"]
    assert problem["severity"] == "error"


def test_training_with_an_error_writes_nothing(wrong, tmp_path, command):
    answer = command("train", wrong, "--out", tmp_path / "run")
    assert answer.code == 1
    assert answer.err.startswith("error: network")
    assert not (tmp_path / "run").exists()


def test_a_table_that_is_gone_is_one_of_the_problems(tmp_path, command):
    path = tmp_path / "t.wiggle.json"
    table = tmp_path / "t.csv"
    table.write_text("x,y\n" + "".join(f"{i},{i % 2}\n" for i in range(40)), encoding="utf-8")
    command("new", "--data", table, "-o", path)
    table.unlink()
    answer = command("check", path)
    assert answer.code == 1
    assert "t.csv" in answer.out
    assert json.loads(command("check", path, "--json").out)["facts"] is None


@pytest.mark.parametrize("example", examples, ids=lambda path: path.name)
def test_every_example_is_without_problems(example, command):
    answer = command("check", example, "--json")
    assert answer.code == 0
    assert json.loads(answer.out)["problems"] == []
