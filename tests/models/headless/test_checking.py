"""``check``: what it says about good and bad experiments, to people and to programs."""

import gc
import json
import os
import time
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from models.experiment.counting import thin_space
from models.experiment.edits import change, with_network
from models.experiment.layers import Dense, Dropout
from models.headless.checking import report_on
from models.storage.files import load, save
from models.storage.keras_files.arrays import StoredArrays
from tests.models.headless.samples import small_experiment
from tests.models.storage.keras_files.attacks import archive, dense, sequential, variants, weight_attacks, weights

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


@pytest.fixture
def imported(command, tmp_path):
    """An experiment that starts from weights, two Dense of 4 and 3 units for 4 numbers."""
    (tmp_path / "model.keras").write_bytes(
        archive(sequential(dense("first", units=4), dense("last")), arrays=weights(two_layers, None))
    )
    command("import", tmp_path / "model.keras", "-o", tmp_path / "net.wiggle.json")
    return tmp_path / "net.wiggle.json"


def two_layers(file):
    for group, shape in (("dense", (4, 4)), ("dense_1", (4, 3))):
        file[f"layers/{group}/vars/0"] = np.zeros(shape, np.float32)
        file[f"layers/{group}/vars/1"] = np.zeros(shape[-1:], np.float32)


def problems(answer):
    return [line for line in answer.out.splitlines() if line.startswith(("error", "warning"))]


def test_weights_to_start_from_that_fit_are_no_problem(imported, command):
    assert problems(command("check", imported)) == []


@pytest.mark.parametrize("spoil", ["remove", "damage", "cut", "folder", "pipe"])
def test_a_file_of_weights_that_cannot_be_used_is_a_problem(imported, command, spoil):
    beside = imported.with_name("net.weights.h5")
    content = beside.read_bytes()
    beside.unlink()
    if spoil == "pipe":
        os.mkfifo(beside)
    elif spoil == "folder":
        beside.mkdir()
    elif spoil != "remove":
        beside.write_bytes(b"x" * 5000 if spoil == "damage" else content[:-20])
    answer = command("check", imported)
    (line,) = problems(answer)
    assert answer.code == 1
    assert line.startswith(f"error: network: {beside}: expected ")
    assert line.endswith("Remedy: Forget initial weights.")
    assert {"remove": "no file of that name", "damage": "damaged", "cut": "damaged"}.get(spoil, "no file") in line


def test_weights_of_other_shapes_are_a_problem_of_the_layer(imported, command):
    experiment = load(imported)
    save(with_network(experiment, change(experiment.network, "first", units=8)), imported)
    answer = command("check", imported)
    (line,) = problems(answer)
    assert answer.code == 1
    sentence = "vars/0 of Dense is 4 × 8, and the file holds 4 × 4, and 1 more layer does not fit"
    assert line.startswith(f"error: first: net.weights.h5 does not fit: {sentence}. Undo what changed the network")


@pytest.mark.parametrize(
    ("alter", "place", "sentence"),
    [
        (lambda network: network[:1], None, None),
        (lambda network: network[1:], "last", "vars/0 of Dense is 4 × 3, and the file holds 4 × 4"),
        (lambda network: change(network, "last", use_bias=False), "last", "vars/1 of Dense is nothing, and the file holds 3"),
        (lambda network: (*network, Dense(name="more", units=3)), "more", "vars/0 of Dense is 3 × 3, and the file holds nothing"),
        (lambda network: (network[0], Dropout(name="drop", rate=0.1), network[1]), None, None),
    ],
)
def test_what_is_read_is_what_keras_would_read(imported, alter, place, sentence):
    experiment = load(imported)
    experiment = replace(experiment, network=alter(experiment.network))
    found = [problem for problem in report_on(experiment).errors if "does not fit" in problem.sentence]
    assert [problem.layer for problem in found] == ([place] if place else [])
    assert all(sentence in problem.sentence for problem in found)
    for problem in found:
        assert problem.remedy.edit(experiment).initial_weights is None


def test_a_file_of_weights_is_read_again_only_when_it_changed(imported, monkeypatch):
    opened = []
    monkeypatch.setattr(StoredArrays, "__init__", noted(StoredArrays.__init__, opened))
    experiment = load(imported)
    for units in range(1, 9):
        report_on(replace(experiment, network=change(experiment.network, "first", units=units)))
    assert len(opened) == 1
    imported.with_name("net.weights.h5").write_bytes(weights())
    assert "the file holds" in report_on(experiment).errors[0].sentence
    assert len(opened) == 2


def noted(function, calls):
    def noting(*arguments):
        calls.append(arguments)
        return function(*arguments)

    return noting


def test_a_picture_needs_no_weights(imported, command, tmp_path):
    imported.with_name("net.weights.h5").unlink()
    assert command("export", imported, "--to", "svg", "-o", tmp_path / "net.svg").code == 0


@pytest.mark.parametrize("name", ["a\0b.weights.h5", "a" * 300 + ".weights.h5", "net.wiggle.json", "gone/net.weights.h5", "/"])
def test_a_path_that_leads_to_no_weights_is_a_problem(imported, name):
    experiment = replace(load(imported), initial_weights=str(imported.parent / name))
    (problem,) = report_on(experiment).errors
    assert problem.place == "network"


@pytest.mark.parametrize("name", weight_attacks)
def test_a_hostile_file_of_weights_is_a_problem_and_nothing_else(imported, name):
    experiment, beside = load(imported), imported.with_name("net.weights.h5")
    experiment = replace(experiment, network=experiment.network[1:])
    beside.write_bytes(weights())
    assert report_on(experiment).ready
    beside.write_bytes(weight_attacks[name]())
    began = time.perf_counter()
    (problem,) = report_on(experiment).errors
    assert time.perf_counter() - began < 1
    assert problem.sentence.replace(thin_space, "").isprintable()


def test_a_damaged_file_of_weights_is_never_more_than_a_problem(imported):
    experiment, beside = load(imported), imported.with_name("net.weights.h5")
    refused = 0
    for content in variants(lambda: weights(two_layers, None)).values():
        beside.write_bytes(content)
        refused += not report_on(experiment).ready
    assert refused > 20


def test_what_does_not_fit_into_the_free_memory_is_a_warning(tmp_path, command):
    experiment = small_experiment(network=tuple(Dense(name=name, units=1_000_000) for name in ("first", "second")))
    save(with_network(experiment, (*experiment.network, *small_experiment().network[-1:])), tmp_path / "large.wiggle.json")
    answer = command("check", tmp_path / "large.wiggle.json")
    assert answer.code == 0
    (line,) = problems(answer)
    assert line.startswith("warning: second: This training needs about ")
    assert "TB, and this computer has " in line
    assert "B free. Most of it is for the weights and what the optimizer keeps of them (use fewer units or filters): " in line


def test_a_file_of_weights_that_was_refused_is_let_go(imported):
    imported.with_name("net.weights.h5").write_bytes(b"x" * 5000)
    (problem,) = report_on(load(imported)).errors
    assert "damaged" in problem.sentence
    gc.collect()
    assert not [each for each in gc.get_objects() if isinstance(each, StoredArrays)]
