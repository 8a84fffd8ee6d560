"""The first look at a source."""

from typing import get_args

import numpy as np
import pytest

from models.data import DataError, preview
from models.experiment import data as sources


@pytest.mark.parametrize("kind", [each for each in get_args(sources.Source) if each not in get_args(sources.FileSource)])
def test_every_source_can_be_looked_at(kind):
    seen = preview(kind(), seed=1)
    expected = "points" if issubclass(kind, sources.Plane) else "curve" if issubclass(kind, sources.Curve) else "table"
    assert seen.kind == ("images" if kind is sources.Digits else expected)
    assert seen.notes
    assert not seen.problem


def test_points_of_the_plane_with_their_classes():
    seen = preview(sources.Circle(samples=5000))
    assert seen.points.shape == (2000, 2)
    assert seen.class_counts == (("−1", 2500), ("+1", 2500))
    assert np.array_equal(np.hypot(*seen.points.T) < 2.5, seen.values == 1)
    assert seen.notes == ("5,000 examples of 2 numbers, two classes.", "The first 2,000 are shown.")


def test_a_table_shows_its_cells_and_how_they_were_read(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("age;name;y\n" + "".join(f"{'' if i < 2 else f'{i},50'};n{i % 3};{i % 2}\n" for i in range(30)))
    seen = preview(sources.Table(path=str(path), target="y", ignore=("name",), missing="drop_rows"))
    assert seen.columns == ("age", "name", "y")
    assert len(seen.rows) == 20
    assert seen.rows[2] == ("2,50", "n2", "0")
    assert seen.class_counts == (("0", 14), ("1", 14))
    assert seen.notes[0] == "Delimiter ; · decimal comma · header found · utf-8 · 2 missing cells in “age”"
    assert seen.notes[1] == "Text in “name”."


def test_a_table_that_cannot_be_used_is_shown_with_the_reason(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("age,y\n1,2\n,3\n")
    seen = preview(sources.Table(path=str(path), target="y"))
    assert seen.rows == (("1", "2"), ("", "3"))
    assert "line 3, column “age”: expected a value, found a missing cell" in seen.problem


def test_the_target_of_a_wide_table_is_shown(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(",".join(f"c{i}" for i in range(80)) + "\n" + "\n".join(",".join([str(i)] * 80) for i in range(4)))
    seen = preview(sources.Table(path=str(path), target="c79"))
    assert seen.columns == (*(f"c{i}" for i in range(50)), "c79")
    assert len(seen.rows[0]) == 51


def test_images_come_with_their_labels():
    seen = preview(sources.Digits())
    assert seen.images.shape == (20, 8, 8, 1)
    assert (seen.images.min(), seen.images.max()) == (0, 1)
    assert seen.labels[:10] == tuple("0123456789")


def test_arrays_are_images_or_a_table(tmp_path):
    path = str(tmp_path / "a.npz")
    np.savez(path, x=np.arange(12 * 75).reshape(12, 5, 5, 3), y=np.arange(12) % 2)
    assert preview(sources.Arrays(path=path)).images.shape == (12, 5, 5, 3)
    np.savez(path, x=np.arange(24).reshape(12, 2), y=np.arange(12) / 8)
    seen = preview(sources.Arrays(path=path))
    assert seen.columns == ("x0", "x1", "y")
    assert seen.rows[1] == ("2", "3", "0.125")
    np.savez(path, x=np.arange(1200).reshape(12, 10, 10), y=np.eye(3)[np.arange(12) % 3])
    assert len(preview(sources.Arrays(path=path)).columns) == 51


def test_labels_are_listed_by_name():
    seen = preview(sources.Multilabel())
    assert [name for name, _ in seen.class_counts] == [f"label {i}" for i in range(5)]
    assert seen.rows[0][-1].startswith("label") or seen.rows[0][-1] == ""


def test_a_file_that_cannot_be_read_raises(tmp_path):
    with pytest.raises(DataError, match="expected a file"):
        preview(sources.Table(path=str(tmp_path / "none.csv"), target="y"))
