"""``new``: experiments that can be trained at once."""

import json

import numpy as np
import pytest

from models.experiment.check import check
from models.headless.checking import report_on
from models.storage.files import load


@pytest.mark.parametrize("data", ["spiral", "sine", "digits", "breast-cancer", "diabetes", "multilabel", "multi-gauss"])
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


def test_a_file_that_is_there_is_replaced(small, command):
    assert command("new", "--data", "moons", "-o", small).code == 0
    assert load(small).data.kind() == "moons"
