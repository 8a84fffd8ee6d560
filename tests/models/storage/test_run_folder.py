"""The files of a run as other programs read them."""

import csv
import json

import numpy as np
import pytest

from models.experiment.errors import BadInput
from models.experiment.starter import default_experiment
from models.storage.files import load
from models.storage.run_folder import RunFolder, number_text


@pytest.fixture
def folder(tmp_path):
    found = RunFolder(tmp_path / "deep" / "run")
    found.check()
    found.create()
    return found


def test_the_experiment_comes_back(folder):
    folder.write_experiment(default_experiment())
    assert load(folder.path / "experiment.wiggle.json") == default_experiment()


def test_the_data_come_back_as_they_were_fed(folder):
    x, y = np.arange(6, dtype=np.float32).reshape(3, 2), np.arange(3, dtype=np.int32)
    folder.write_data({"x_train": x, "y_train": y})
    with np.load(folder.path / "data.npz", allow_pickle=False) as data:
        assert data.files == ["x_train", "y_train"]
        np.testing.assert_array_equal(data["x_train"], x)
        assert (data["x_train"].dtype, data["y_train"].dtype) == (np.float32, np.int32)


def test_tables_have_titles_and_empty_cells_where_nothing_was_measured(folder):
    folder.write_history(("step", "loss", "grad_norm/dense"), [(1, 0.5, float("nan")), (2, float(np.float32(0.1)), 3.0)])
    text = (folder.path / "history.csv").read_text(encoding="utf-8")
    assert text == "step,loss,grad_norm/dense\n1,0.5,\n2,0.1,3.0\n"


def test_a_table_without_rows_has_its_titles(folder):
    folder.write_epochs(("epoch", "loss"), [])
    with (folder.path / "epochs.csv").open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file)) == [["epoch", "loss"]]


@pytest.mark.parametrize("value", [0.1, 1e-30, 123456789.123, float(np.float32(0.01)), float(np.float32(1e38)), 1e300, -0.0])
def test_numbers_lose_nothing_of_their_precision(value):
    text = number_text(value)
    assert float(text) == value or np.float32(text) == value
    assert len(text) <= len(repr(value))


def test_json_holds_arrays_and_none_in_place_of_what_is_no_number(folder):
    folder.write_layers({"layers": [{"counts": np.array([1, 2]), "mean": float("nan"), "low": -1.5}]})
    text = (folder.path / "layers.json").read_text(encoding="utf-8")
    assert json.loads(text, parse_constant=pytest.fail) == {"layers": [{"counts": [1, 2], "mean": None, "low": -1.5}]}


def test_a_write_that_fails_leaves_the_old_file(folder):
    folder.write_epochs(("epoch",), [(1,)])

    def broken():
        yield (1,)
        raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError):
        folder.write_epochs(("epoch",), broken())
    assert (folder.path / "epochs.csv").read_text(encoding="utf-8") == "epoch\n1\n"
    assert [path.name for path in folder.path.iterdir()] == ["epochs.csv"]


def test_a_file_in_the_way_is_named(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(BadInput, match="file: expected a folder"):
            RunFolder(path).check()


def test_a_folder_in_a_files_place_is_named(tmp_path):
    (tmp_path / "history.csv").mkdir()
    with pytest.raises(BadInput, match=r"history\.csv: expected a file"):
        RunFolder(tmp_path).check()


def test_a_disk_that_refuses_is_a_sentence(tmp_path):
    with pytest.raises(BadInput, match="expected a place that can be written to"):
        RunFolder(tmp_path / "gone").write_summary({})


@pytest.mark.parametrize("content", [b"", b"text", b"PK\3\4 cut", b"\x93NUMPY\1\0"])
def test_what_is_no_checkpoint_is_refused_without_advice_for_programmers(folder, content):
    (folder.path / "checkpoint.npz").write_bytes(content)
    with pytest.raises(BadInput) as error:
        folder.read_checkpoint()
    assert str(error.value).endswith(
        "checkpoint.npz: expected a checkpoint to resume from, found something else, or a damaged file; "
        "leave out --resume to begin anew."
    )
