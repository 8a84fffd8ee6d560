"""``new``: experiments that can be trained at once."""

import json

import numpy as np
import pytest

from models.experiment.check import check
from models.headless.checking import report_on
from models.storage.files import load


@pytest.mark.parametrize(
    "data", ["spiral", "sine", "digits", "breast-cancer", "diabetes", "multilabel", "multi-gauss", "adding", "temporal-order"]
)
def test_a_built_in_set_gives_an_experiment_without_problems(data, tmp_path, command):
    out = tmp_path / "e.wiggle.json"
    answer = command("new", "--data", data, "-o", out)
    assert (answer.code, answer.err) == (0, "")
    experiment = load(out)
    assert experiment.data.kind() == data
    assert check(experiment).problems == ()


def test_a_table_predicts_the_column_asked_for(tmp_path, command):
    table, out = tmp_path / "t.csv", tmp_path / "e.wiggle.json"
    table.write_text("price,rooms\n" + "".join(f"{100000 + 7.5 * i},{i}\n" for i in range(50)), encoding="utf-8")
    assert command("new", "--data", table, "--target", "price", "-o", out).code == 0
    experiment = load(out)
    assert experiment.data.target == "price"
    assert experiment.data.target_scaling == "standard"
    assert report_on(experiment).ready
    assert json.loads(out.read_text(encoding="utf-8"))["data"]["path"] == "t.csv"


def test_images_in_arrays_get_convolutions(tmp_path, command):
    arrays, out = tmp_path / "a.npz", tmp_path / "no-suffix"
    np.savez(arrays, x=np.zeros((40, 8, 8, 1), np.float32), y=np.arange(40) % 4)
    assert command("new", "--data", arrays, "-o", out).code == 0
    assert load(out).network[0].kind() == "Conv2D"


@pytest.mark.parametrize(
    ("shape", "layers"),
    [
        ((12, 3), ["LSTM", "Dense"]),
        ((500, 3), ["Conv1D", "MaxPooling1D", "Flatten", "Dense", "Dense"]),
        ((28, 28), ["Conv1D", "MaxPooling1D", "Flatten", "Dense", "Dense"]),
        ((1, 5), ["Flatten", "Dense", "Dense", "Dense"]),
    ],
)
def test_sequences_in_arrays_are_read_step_by_step_where_they_are_short(shape, layers, tmp_path, command):
    arrays, out = tmp_path / "a.npz", tmp_path / "e.wiggle.json"
    np.savez(arrays, x=np.zeros((40, *shape), np.float32), y=np.arange(40) % 4)
    assert command("new", "--data", arrays, "-o", out).code == 0
    assert [layer.kind() for layer in load(out).network] == layers
    assert not report_on(load(out)).problems


def test_symbols_get_an_embedding_that_masks_their_padding(tmp_path, command):
    out = tmp_path / "e.wiggle.json"
    assert command("new", "--data", "temporal-order", "-o", out).code == 0
    embedding, *rest = load(out).network
    assert (embedding.kind(), embedding.input_dim, embedding.mask_zero) == ("Embedding", 9, True)
    assert [layer.kind() for layer in rest] == ["GRU", "Dense"]
    assert command("new", "--data", "adding", "-o", out).code == 0
    assert [layer.kind() for layer in load(out).network] == ["Masking", "LSTM", "Dense"]


def test_a_file_that_is_there_is_replaced(small, command):
    assert command("new", "--data", "moons", "-o", small).code == 0
    assert load(small).data.kind() == "moons"


def test_a_table_with_words_and_gaps_is_read_as_the_options_say(tmp_path, command):
    table, out = tmp_path / "t.csv", tmp_path / "e.wiggle.json"
    rows = [f"{i},{'' if i == 7 else i * 0.5},{('red', 'blue')[i % 2]},{i % 3 * 2}\n" for i in range(30)]
    table.write_text("number,size,colour,kind\n" + "".join(rows), encoding="utf-8")
    assert command("new", "--data", table, "-o", out).code == 2
    options = ("--ignore", "number", "--missing", "drop_rows", "--text", "one_hot", "--task", "classification")
    assert command("new", "--data", table, *options, "-o", out).code == 0
    data = load(out).data
    assert (data.ignore, data.missing, data.text, data.task) == (("number",), "drop_rows", "one_hot", "classification")
    facts = report_on(load(out)).facts
    assert (facts.feature_names[0], len(facts.feature_names), facts.training_samples) == ("size", 3, 23)
    assert (facts.task, facts.outputs) == ("multiclass", 3)


def test_what_a_target_was_taken_for_is_said(tmp_path, command):
    table, out = tmp_path / "t.csv", tmp_path / "e.wiggle.json"
    table.write_text("a,y\n" + "".join(f"{i},{i % 3 * 2}\n" for i in range(30)), encoding="utf-8")
    assert ", a number to predict, " in command("new", "--data", table, "-o", out).out
    assert ", 3 classes, " in command("new", "--data", table, "--task", "classification", "-o", out).out


def test_the_task_of_arrays_can_be_given(tmp_path, command):
    arrays, out = tmp_path / "a.npz", tmp_path / "e.wiggle.json"
    np.savez(arrays, x=np.zeros((40, 3), np.float32), y=np.arange(40) % 4)
    assert command("new", "--data", arrays, "--task", "regression", "-o", out).code == 0
    assert load(out).network[-1].units == 1
