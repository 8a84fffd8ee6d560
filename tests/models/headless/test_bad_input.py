"""Whatever is wrong with what a person handed in is one line on standard error, exit code 2, and nothing written."""

import json

import numpy as np
import pytest

experiment = {
    "version": 1,
    "data": {"kind": "spiral"},
    "network": [{"kind": "Dense", "name": "output", "units": 1, "activation": "sigmoid"}],
    "training": {"loss": "binary_crossentropy"},
}


def altered(**changes):
    return json.dumps(experiment | changes)


def dense(**changes):
    return altered(network=[{"kind": "Dense", "name": "output", "units": 1} | changes])


files = {
    "empty.json": "",
    "broken.json": '{"version": 1,',
    "list.json": "[]",
    "newer.json": altered(version=99),
    "versionless.json": json.dumps({key: value for key, value in experiment.items() if key != "version"}),
    "unknown-layer.json": dense(kind="Dens"),
    "unknown-field.json": dense(unit=3),
    "zero-units.json": dense(units=0),
    "text-units.json": dense(units="many"),
    "nan.json": altered(training={"loss": "mse", "optimizer": {"kind": "SGD", "learning_rate": float("nan")}}),
    "unknown-loss.json": altered(training={"loss": "crossentropy"}),
    "unknown-data.json": altered(data={"kind": "spirale"}),
    "no-table.json": altered(data={"kind": "csv", "path": "gone.csv", "target": "y"}),
    "endless-path.json": altered(data={"kind": "npz", "path": "a" * 5000}),
    "obeyed.csv": "a,b\x1b[2J\u202e,y\n" + "1,x,0\n2,z,1\n" * 20,
    "ragged.csv": "a,b,y\n1,2,3\n4,5\n6,7,8\n",
}

cases = [
    ("check", "gone.json", "gone.json"),
    ("check", ".", "found a folder"),
    ("check", "latin.json", "UTF-8"),
    *(
        ("check", name, place)
        for name, place in [
            ("empty.json", "empty.json"),
            ("broken.json", "line 1"),
            ("list.json", "list.json"),
            ("newer.json", "version"),
            ("versionless.json", "version"),
            ("unknown-layer.json", "network[0].kind"),
            ("unknown-field.json", "“unit”"),
            ("zero-units.json", "network[0].units"),
            ("text-units.json", "network[0].units"),
            ("nan.json", "training.optimizer.learning_rate: expected a finite number, found NaN"),
            ("unknown-loss.json", "training.loss"),
            ("unknown-data.json", "data"),
        ]
    ),
    ("train", "no-table.json", "--out", "out", "gone.csv"),
    ("train", "good.json", "--out", "good.json", "good.json"),
    ("train", "good.json", "--out", "good.json/below", "good.json"),
    ("train", "good.json", "--out", "out", "--epochs", "-1", "--epochs"),
    ("train", "good.json", "--out", "out", "--epochs", "many", "--epochs"),
    ("train", "good.json", "--out", "out", "--device", "tpu", "--device"),
    ("train", "good.json", "--out", "out", "--data", "ragged.csv", "line 3"),
    ("train", "good.json", "--out", "out", "--data", "gone.npz", "gone.npz"),
    ("train", "good.json", "--out", "own", "--data", "own/data.npz", "another folder"),
    ("train", "good.json", "--out"),
    ("train", "good.json", "--out", "out", "--fast", "--fast"),
    ("new", "--data", "spirale", "-o", "out", "did you mean “spiral”?"),
    ("new", "--data", "gone.csv", "-o", "out", "gone.csv"),
    ("new", "--data", "obeyed.csv", "-o", "out", r"column “b\x1b[2J\u202e”: expected numbers"),
    ("new", "--data", "good.csv", "--target", "z", "-o", "out", "“z”"),
    ("new", "--data", "spiral", "--target", "y", "-o", "out", "spiral"),
    ("new", "--data", "spiral", "-o", "gone/out", "gone/out"),
    ("new", "--data", "good.csv", "-o", "good.csv", "good.csv"),
    ("export", "good.json", "--to", "h5", "-o", "out", "markdown or csv"),
    ("export", "good.json", "--to", "keras", "-o", "out.h5", ".keras"),
    ("export", "good.json", "--to", "script", "-o", "gone/out.py", "gone"),
    ("export", "own", "--to", "keras", "-o", "out.keras", "final.keras"),
    ("export", "own.json", "--to", "script", "-o", "good.py", "good.npz"),
    ("export", "good.json", "--to", "json", "-o", "good.json", "the experiment itself"),
    ("export", "own.json", "--to", "onnx", "-o", "good.npz", "the experiment's own data"),
    ("export", "good.json", "--to", "saved_model", "-o", "own", "a folder with something else in it"),
    ("export", "good.json", "--to", "saved_model", "-o", "own.json", "the name of a folder"),
    ("check", "a" * 300, "FILE: expected a path, found one that is too long"),
    ("train", "good.json", "--out", "a" * 300, "--out: expected a path, found one that is too long"),
    ("train", "good.json", "--out", "", "--out: expected a path, found nothing"),
    ("train", "endless-path.json", "--out", "out", "file name too long"),
    ("train", "good.json", "--out", "out", "--data", "a" * 300, "expected the name of a data set, or a file"),
    ("export", "good.json", "--to", "script", "-o", "a" * 300, "found one that is too long"),
    ("new", "--data", "a" * 300, "-o", "out", "expected the name of a data set, or a file"),
    ("new", "--data", "spiral", "--text", "one_hot", "-o", "out", "spiral: expected a table where --text is given"),
    ("new", "--data", "good.npz", "--missing", "mean", "-o", "out", "good.npz: expected a table where --missing is given"),
    ("new", "--data", "good.csv", "--ignore", "z", "-o", "out", "expected a column “z” to leave out"),
    ("new", "--data", "good.csv", "--missing", "zero", "-o", "out", "invalid choice: 'zero'"),
    ("a" * 300, "expected a path, found one that is too long"),
    ("gone.json", "gone.json"),
    ("trian", "good.json", "train"),
]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "good.json").write_text(altered(), encoding="utf-8")
    (tmp_path / "own.json").write_text(altered(data={"kind": "npz", "path": "good.npz"}), encoding="utf-8")
    (tmp_path / "good.csv").write_text("x,y\n" + "".join(f"{i},{i % 2}\n" for i in range(40)), encoding="utf-8")
    (tmp_path / "latin.json").write_bytes('{"name": "é"}'.encode("latin-1"))
    (tmp_path / "own").mkdir()
    arrays = {"x": np.arange(40, dtype=np.float32).reshape(20, 2), "y": np.arange(20) % 2}
    np.savez(tmp_path / "good.npz", **arrays)
    np.savez(tmp_path / "own" / "data.npz", **arrays)
    return tmp_path


@pytest.mark.parametrize("case", cases, ids=lambda case: " ".join(case)[:80])
def test_one_line_says_what_is_wrong_and_nothing_is_written(case, folder, command):
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    answer = command(*case[:-1])
    assert answer.code == 2
    assert answer.err.count("\n") == 1
    assert case[-1] in answer.err
    assert answer.out == ""
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    assert not (folder / "out").exists()
