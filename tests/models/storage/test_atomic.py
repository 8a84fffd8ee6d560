"""A file is as it was or complete, and nothing is left beside it."""

import errno
import os
from pathlib import Path

import pytest

from models.storage.atomic import write_atomically, write_folder_atomically, write_text


def full_disk(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.fixture
def old(tmp_path):
    path = tmp_path / "old.wiggle.json"
    path.write_text("old")
    return path


def only(path: Path, content: str) -> bool:
    """Whether `path` holds `content` and is alone in its folder."""
    return path.read_text(encoding="utf-8") == content and list(path.parent.iterdir()) == [path]


def test_text_is_written_as_it_is(old):
    write_text(old, "größer\nthan\n")
    assert only(old, "größer\nthan\n")
    assert b"\r" not in old.read_bytes()


def test_a_new_file_is_readable_as_others_are(tmp_path):
    usual = tmp_path / "usual"
    usual.write_text("x")
    write_text(tmp_path / "new", "x")
    assert (tmp_path / "new").stat().st_mode == usual.stat().st_mode


def test_an_existing_file_keeps_its_mode(old):
    old.chmod(0o640)
    write_text(old, "new")
    assert old.stat().st_mode & 0o777 == 0o640


def test_a_link_goes_on_pointing_to_the_file_that_is_written(old, tmp_path):
    link = tmp_path / "link.wiggle.json"
    link.symlink_to(old)
    write_text(link, "new")
    assert link.is_symlink()
    assert old.read_text() == "new"


@pytest.mark.parametrize("broken", ["write_text", "chmod"])
def test_a_full_disk_leaves_the_old_file(old, monkeypatch, broken):
    monkeypatch.setattr(Path, broken, full_disk)
    with pytest.raises(OSError, match="No space left"):
        write_text(old, "new")
    monkeypatch.undo()
    assert only(old, "old")


@pytest.mark.parametrize("broken", ["fsync", "replace"])
def test_a_disk_that_fails_late_leaves_the_old_file(old, monkeypatch, broken):
    monkeypatch.setattr(os, broken, full_disk)
    with pytest.raises(OSError, match="No space left"):
        write_text(old, "new")
    monkeypatch.undo()
    assert only(old, "old")


def test_an_interrupted_write_leaves_the_old_file(old):
    def half(temporary: Path) -> None:
        temporary.write_text("ha")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_atomically(old, half)
    assert only(old, "old")


def test_nothing_appears_where_nothing_was(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(OSError, match="No space left"):
        write_text(tmp_path / "new", "new")
    assert not list(tmp_path.iterdir())


def test_the_content_is_on_the_disk_before_it_takes_the_place_of_the_old(old, monkeypatch):
    acts = []
    synchronize, replace = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda handle: acts.append("fsync") or synchronize(handle))
    monkeypatch.setattr(os, "replace", lambda *paths: acts.append("replace") or replace(*paths))
    write_text(old, "new")
    assert acts[:2] == ["fsync", "replace"]


def test_the_name_may_be_as_long_as_the_system_allows(tmp_path):
    path = tmp_path / ("x" * 240 + ".wiggle.json")
    write_text(path, "new")
    assert only(path, "new")


@pytest.fixture
def old_folder(tmp_path):
    folder = tmp_path / "old"
    folder.mkdir()
    (folder / "file").write_text("old")
    return folder


def test_a_folder_takes_the_place_of_an_earlier_one_as_a_whole(old_folder):
    write_folder_atomically(old_folder, lambda folder: write_text(folder / "other", "new"))
    assert list(old_folder.parent.rglob("*")) == [old_folder, old_folder / "other"]


@pytest.mark.parametrize("broken", ["os.fsync", "os.rename"])
def test_a_folder_that_cannot_be_written_leaves_the_old_one(old_folder, monkeypatch, broken):
    monkeypatch.setattr(broken, full_disk)
    with pytest.raises(OSError, match="No space left"):
        write_folder_atomically(old_folder, lambda folder: (folder / "other").write_text("new"))
    monkeypatch.undo()
    assert list(old_folder.parent.rglob("*")) == [old_folder, old_folder / "file"]


def test_the_old_folder_comes_back_where_the_new_one_cannot_take_its_place(old_folder, monkeypatch):
    rename = os.rename

    def refuse_new(source: Path, target: Path) -> None:
        if Path(source).name == "new":
            full_disk()
        rename(source, target)

    monkeypatch.setattr(os, "rename", refuse_new)
    with pytest.raises(OSError, match="No space left"):
        write_folder_atomically(old_folder, lambda folder: (folder / "other").write_text("new"))
    assert list(old_folder.parent.rglob("*")) == [old_folder, old_folder / "file"]
