"""Experiment files: found, read, written, and refused in one sentence."""

import errno
import os
from pathlib import Path

import pytest
from msgspec.structs import replace

from models.experiment.data import Arrays, Table
from models.experiment.errors import BadInput
from models.experiment.starter import default_experiment
from models.storage.codec import to_text
from models.storage.files import load, save, with_suffix

experiment = default_experiment()


def on_table(path: Path | str):
    """The default experiment on a table at `path`."""
    return replace(experiment, data=Table(path=str(path), target="y"))


def test_what_is_saved_is_loaded(tmp_path):
    path = tmp_path / "größer.wiggle.json"
    save(experiment, path)
    assert load(path) == experiment
    assert path.read_text(encoding="utf-8") == to_text(experiment)


def test_a_byte_order_mark_is_passed_over(tmp_path):
    path = tmp_path / "bom.wiggle.json"
    path.write_bytes(b"\xef\xbb\xbf" + to_text(experiment).encode())
    assert load(path) == experiment


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "x.wiggle.json, line 1, column 1: expected a JSON value, found the end of the file"),
        (b"\x89PNG\r\n\x1a\n\x00\xff", "expected JSON text in UTF-8, found other bytes; is this a Wiggle file?"),
        (to_text(experiment).encode("utf-16"), "expected JSON text in UTF-8, found other bytes"),
        (b"\0" * 100, "line 1, column 1: expected a JSON value"),
        (b"{", "line 1, column 2: expected a JSON property name"),
        (b'{"version', "line 1, column 2: expected JSON, found unterminated string."),
        (b'{"version\n": 1}', "line 1, column 10: expected JSON, found invalid control character."),
    ],
)
def test_a_file_that_holds_something_else_is_refused(tmp_path, content, sentence):
    path = tmp_path / "x.wiggle.json"
    path.write_bytes(content)
    with pytest.raises(BadInput) as caught:
        load(path)
    assert sentence in str(caught.value)


def test_a_file_without_an_end_is_not_read_to_it(tmp_path):
    path = tmp_path / "x.wiggle.json"
    with path.open("wb") as file:
        file.truncate(2**40)  # a hole, which takes no room on the disk
    with pytest.raises(BadInput) as caught:
        load(path)
    assert str(caught.value) == f"{path}: expected an experiment of at most 32 MB, found more; is this a Wiggle file?"


def test_a_file_that_is_not_there_is_refused(tmp_path):
    path = tmp_path / "gone.wiggle.json"
    with pytest.raises(BadInput) as caught:
        load(path)
    assert str(caught.value) == f"{path}: expected an experiment file, found no file of that name."


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(BadInput, match="expected a file that can be read, found a folder"):
        load(tmp_path)
    with pytest.raises(BadInput, match="expected a place that can be written to"):
        save(experiment, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_file_below_a_file_is_refused(tmp_path):
    (tmp_path / "file").write_text("x")
    for act in (load, lambda path: save(experiment, path)):
        with pytest.raises(BadInput, match="not a directory"):
            act(tmp_path / "file" / "x.wiggle.json")


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(BadInput, match="expected a place that can be written to, found no such file or directory"):
        save(experiment, tmp_path / "gone" / "x.wiggle.json")


def test_a_file_without_permission_is_refused(tmp_path, monkeypatch):
    def forbidden(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    path = tmp_path / "x.wiggle.json"
    save(experiment, path)
    before = path.read_bytes()
    monkeypatch.setattr("tempfile.mkstemp", forbidden)
    with monkeypatch.context() as closed:
        closed.setattr(Path, "open", forbidden)  # root may read everything, so that a mode would not do
        with pytest.raises(BadInput, match="expected a file that can be read, found permission denied"):
            load(path)
    with pytest.raises(BadInput, match="expected a place that can be written to, found permission denied"):
        save(experiment, path)
    assert path.read_bytes() == before


def test_a_full_disk_leaves_the_old_file_and_says_so(tmp_path, monkeypatch):
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    path = tmp_path / "x.wiggle.json"
    save(experiment, path)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(BadInput, match="found no space left on device"):
        save(replace(experiment, seed=7), path)
    assert load(path) == experiment
    assert list(tmp_path.iterdir()) == [path]


def test_data_beside_the_file_move_with_it(tmp_path):
    path = tmp_path / "a" / "x.wiggle.json"
    (tmp_path / "a" / "data").mkdir(parents=True)
    save(on_table(tmp_path / "a" / "data" / "t.csv"), path)
    assert '"path": "data/t.csv"' in path.read_text()
    moved = (tmp_path / "a").rename(tmp_path / "b")
    assert load(moved / "x.wiggle.json").data.path == str(moved / "data" / "t.csv")


def test_data_elsewhere_keep_their_place(tmp_path):
    path = tmp_path / "a" / "x.wiggle.json"
    path.parent.mkdir()
    data = tmp_path / "elsewhere" / "t.npz"
    save(replace(experiment, data=Arrays(path=str(data))), path)
    assert load(path).data.path == str(data)


def test_a_relative_path_is_one_from_the_working_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    save(on_table("t.csv"), Path("x.wiggle.json"))
    assert '"path": "t.csv"' in Path("x.wiggle.json").read_text()
    assert Path(load(Path("x.wiggle.json")).data.path).absolute() == tmp_path / "t.csv"


@pytest.mark.parametrize("path", ["~nobody-of-that-name/t.csv", "~/t.csv", "../t.csv", "a\0b.csv", "."])
def test_no_path_of_data_stops_the_file_from_being_loaded_and_saved(tmp_path, path):
    file = tmp_path / "x.wiggle.json"
    file.write_text(to_text(on_table(path)))
    loaded = load(file)
    save(loaded, file)
    assert load(file) == loaded


def test_the_suffix_is_added_once():
    assert with_suffix(Path("a/spiral")) == Path("a/spiral.wiggle.json")
    assert with_suffix(Path("a/spiral.json")) == Path("a/spiral.wiggle.json")
    assert with_suffix(Path("a/spiral.wiggle")) == Path("a/spiral.wiggle.json")
    assert with_suffix(Path("a/spiral.wiggle.json")) == Path("a/spiral.wiggle.json")
    assert with_suffix(Path("a/v1.2")) == Path("a/v1.2.wiggle.json")
