"""The first look at a source."""

from typing import get_args

import numpy as np
import pytest

from models.data import DataError, preview
from models.data.loading import load
from models.experiment import data as sources


@pytest.mark.parametrize("kind", [each for each in get_args(sources.Source) if each not in get_args(sources.FileSource)])
def test_every_source_can_be_looked_at(kind):
    seen = preview(kind(), seed=1)
    expected = "points" if issubclass(kind, sources.Plane) else "curve" if issubclass(kind, sources.Curve) else "table"
    assert seen.kind == {sources.Digits: "images", sources.AddingProblem: "sequences"}.get(kind, expected)
    assert seen.notes
    assert not seen.problem


def test_points_of_the_plane_with_their_classes():
    seen = preview(sources.Circle(samples=5000))
    assert seen.points.shape == (2000, 2)
    assert seen.class_counts == (("−1", 2500), ("+1", 2500))
    assert np.array_equal(np.hypot(*seen.points.T) < 2.5, seen.values == 1)
    assert seen.notes == ("5\u2009000 examples of 2 numbers, two classes.", "The first 2\u2009000 are shown.")


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


def test_sequences_of_few_numbers_are_lines(tmp_path):
    seen = preview(sources.AddingProblem(samples=50, spread=0.5), seed=1)
    assert seen.sequences.shape == (6, 30, 2)
    examples = load(sources.AddingProblem(samples=50, spread=0.5), seed=1)
    assert np.array_equal(seen.sequences, examples.x[:6].astype(np.float32))
    assert [float(label) for label in seen.labels] == pytest.approx(examples.y[:6, 0], abs=1e-5)
    path = str(tmp_path / "a.npz")
    np.savez(path, x=np.arange(600).reshape(12, 25, 2), y=np.arange(12) % 2)
    seen = preview(sources.Arrays(path=path))
    assert (seen.sequences.shape, seen.labels[:2], seen.class_counts) == ((6, 25, 2), ("0", "1"), (("0", 6), ("1", 6)))


def test_symbols_are_shown_and_not_their_numbers():
    source = sources.TemporalOrder(samples=50, spread=0.5)
    seen, examples = preview(source, seed=1), load(source, seed=1)
    assert (seen.columns[:2], len(seen.columns), len(seen.rows)) == (("class", "1"), 31, 20)
    for row, tokens, label in zip(seen.rows, examples.x, examples.y, strict=False):
        assert row[0] == source.class_names[label] == " ".join(symbol for symbol in row if symbol in ("X", "Y"))
        assert row[1] == "E"
        assert row[np.count_nonzero(tokens)] == "B"
        assert set(row[np.count_nonzero(tokens) + 1 :]) <= {""}
    assert seen.notes[-1] == "Fed as numbers: E 1, B 2, a 3, b 4, c 5, d 6, X 7, Y 8, and 0 behind the end."


def test_labels_are_listed_by_name():
    seen = preview(sources.Multilabel())
    assert [name for name, _ in seen.class_counts] == [f"label {i}" for i in range(5)]
    assert seen.rows[0][-1].startswith("label") or seen.rows[0][-1] == ""


def test_a_file_that_cannot_be_read_raises(tmp_path):
    with pytest.raises(DataError, match="expected a file"):
        preview(sources.Table(path=str(tmp_path / "none.csv"), target="y"))
