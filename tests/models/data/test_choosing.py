"""Sources by name or by file."""

import numpy as np
import pytest

from models.data import DataError, source_for
from models.experiment import data as sources


@pytest.mark.parametrize(
    ("text", "source"),
    [("spiral", sources.Spiral()), ("multi-gauss", sources.MultiGauss()), ("iris", sources.Iris()), ("sine", sources.Sine())],
)
def test_a_kind_by_its_name(text, source):
    assert source_for(text) == source


@pytest.mark.parametrize("name", ["a.csv", "A.CSV", "a.tsv", "a.txt"])
def test_a_table_predicts_its_last_column(tmp_path, name):
    path = tmp_path / name
    path.write_text("a,b,c\n1,2,3\n4,5,6\n")
    assert source_for(str(path)) == sources.Table(path=str(path), target="c")
    assert source_for(str(path), "b") == sources.Table(path=str(path), target="b")
    with pytest.raises(
        DataError, match="expected a column “d” to predict, found none of that name; the columns are “a”, “b”, “c”"
    ):
        source_for(str(path), "d")


def test_arrays_by_their_file(tmp_path):
    path = str(tmp_path / "a.npz")
    np.savez(path, x=np.zeros((10, 1)), y=np.zeros(10))
    assert source_for(path) == sources.Arrays(path=path)
    with pytest.raises(DataError, match="a source without columns to choose from"):
        source_for(path, "y")


@pytest.mark.parametrize(
    ("text", "target", "sentence"),
    [
        ("sprial", None, "sprial: expected the name of a data set, or a file, found neither; did you mean “spiral”?"),
        ("qqqq", None, "found neither; there are “circle”, “xor”"),
        ("csv", None, "found neither"),
        ("none.csv", None, "none.csv: expected a file, found no such file or directory"),
        ("none.npz", None, "none.npz: expected a file, found no such file or directory"),
        ("spiral", "y", "spiral: expected a table where a target is named, found a source without columns"),
        ("a.xlsx", None, "a.xlsx: expected a file called .csv, .tsv, .txt or .npz, found .xlsx; convert the file."),
    ],
)
def test_what_is_no_source_gets_a_sentence(tmp_path, monkeypatch, text, target, sentence):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.xlsx").write_bytes(b"PK")
    with pytest.raises(DataError) as error:
        source_for(text, target)
    assert sentence in str(error.value)
