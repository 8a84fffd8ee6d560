"""NumPy's files: what is made of their arrays, and what is refused with which sentence."""

import io
import os
import zipfile
from pathlib import Path

import numpy as np
import pytest

from models.data import DataError, prepare, read_facts
from models.data.loading import load
from models.experiment.data import Arrays
from models.experiment.experiment import Experiment
from models.experiment.losses import BinaryCrossentropy, MeanSquaredError, SparseCategoricalCrossentropy
from models.experiment.training import Training

random = np.random.default_rng(0)
x = random.normal(size=(60, 3))
classes = np.arange(60) % 3


@pytest.fixture
def save(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def save(**arrays):
        np.savez("a.npz", **arrays)
        return "a.npz"

    return save


def experiment(source, loss):
    return Experiment(data=source, network=(), training=Training(loss=loss))


@pytest.mark.parametrize(
    ("y", "declared", "task", "outputs"),
    [
        (classes, "auto", "multiclass", 3),
        (classes.astype(np.uint8)[:, np.newaxis], "auto", "multiclass", 3),
        (classes.astype(np.float32), "auto", "multiclass", 3),
        (classes > 0, "auto", "binary", 2),
        (np.where(classes > 0, 1.0, -1.0)[:, np.newaxis], "auto", "binary", 2),
        (np.eye(3)[classes], "auto", "multiclass", 3),
        (np.eye(5)[classes], "auto", "multiclass", 5),
        (np.eye(2, dtype=bool)[classes % 2], "auto", "binary", 2),
        ((random.random((60, 4)) < 0.4).astype(int), "auto", "multilabel", 4),
        (random.normal(size=60), "auto", "regression", 1),
        (random.normal(size=(60, 1)), "auto", "regression", 1),
        (random.normal(size=(60, 4)), "auto", "regression", 4),
        (np.arange(60), "auto", "regression", 1),
        (np.arange(60) % 10, "auto", "multiclass", 10),
        (np.arange(60) % 10 * 2, "auto", "regression", 1),
        (np.arange(60) % 10 * 1.0, "auto", "regression", 1),
        (classes, "regression", "regression", 1),
        (np.eye(3)[classes], "regression", "regression", 3),
        (np.arange(60) % 4 * 1.5, "classification", "multiclass", 4),
    ],
)
def test_what_is_predicted(save, y, declared, task, outputs):
    source = Arrays(path=save(x=x, y=y), task=declared)
    facts = read_facts(source)
    assert (facts.task, facts.outputs, facts.input_shape) == (task, outputs, (3,))
    assert len(facts.class_names) == (0 if task == "regression" else outputs)
    loss = MeanSquaredError() if task in ("regression", "multilabel") else SparseCategoricalCrossentropy()
    prepared = prepare(experiment(source, loss))
    assert prepared.facts == facts
    assert len(prepared.x_train) == len(prepared.y_train) == 48
    assert len(prepared.x_val) == len(prepared.y_val) == 12


def test_a_hundred_class_numbers_are_classes_and_not_measurements(save):
    y = np.arange(3000) % 100
    assert read_facts(Arrays(path=save(x=np.zeros((3000, 1)), y=y))).task == "multiclass"
    assert read_facts(Arrays(path=save(x=np.zeros((3000, 1)), y=y * 2))).task == "regression"


@pytest.mark.parametrize("shape", [(), (3,), (8, 8), (8, 8, 3)])
def test_examples_of_any_shape(save, shape):
    values = random.integers(0, 255, (20, *shape), dtype=np.uint8)
    prepared = prepare(experiment(Arrays(path=save(x=values, y=np.arange(20) % 2)), BinaryCrossentropy()))
    assert prepared.facts.input_shape == (shape or (1,))
    assert prepared.x_train.dtype == np.float32
    everything = np.concatenate([prepared.x_train, prepared.x_val])
    assert np.sort(everything.ravel()) == pytest.approx(np.sort(values.ravel()))


@pytest.mark.parametrize("name", ["val", "test"])
def test_a_given_split_is_kept(save, name):
    arrays = {"x_train": x[:50], "y_train": classes[:50], f"x_{name}": x[50:], f"y_{name}": classes[50:]}
    source = Arrays(path=save(**arrays), test_share=0.5)
    assert read_facts(source).training_samples == 50
    prepared = prepare(experiment(source, SparseCategoricalCrossentropy()))
    assert np.array_equal(prepared.x_train, x[:50].astype(np.float32))
    assert np.array_equal(prepared.y_val, classes[50:])


def test_only_training_arrays_are_split_by_the_share(save):
    facts = read_facts(Arrays(path=save(x_train=x, y_train=classes), test_share=0.5))
    assert (facts.training_samples, facts.validation_samples) == (30, 30)


def test_the_arrays_a_run_writes_can_be_read_again(save):
    first = prepare(experiment(Arrays(path=save(x=x, y=classes > 0), test_share=0.0), BinaryCrossentropy()))
    path = save(x_train=first.x_train, y_train=first.y_train, x_val=first.x_val, y_val=first.y_val)
    again = prepare(experiment(Arrays(path=path), BinaryCrossentropy()))
    assert np.array_equal(again.x_train, first.x_train)
    assert np.array_equal(again.y_train, first.y_train)
    assert again.x_val.shape == (0, 3)
    assert again.y_val.shape == (0, 1)


def with_value(value, position):
    changed = x.copy()
    changed[position] = value
    return changed


refused = {
    "no y": (
        {"x": x},
        {},
        "a.npz: expected arrays x and y, or x_train, y_train, x_val and y_val, found the arrays “x”; write it with",
    ),
    "nothing": ({}, {}, "found no arrays"),
    "lengths": ({"x": x, "y": classes[:50]}, {}, "a.npz: expected as many inputs as targets, found 60 in x and 50 in y"),
    "few": ({"x": x[:9], "y": classes[:9]}, {}, "a.npz: expected at least 10 examples, found 9"),
    "nan": (
        {"x": with_value(np.nan, (7, 2)), "y": classes},
        {},
        "a.npz, array x[7, 2]: expected a finite number below 3.4e38, found nan; replace",
    ),
    "infinite": (
        {"x": with_value(-np.inf, (7, slice(None))), "y": classes},
        {},
        "a.npz, array x[7, 0]: expected a finite number below 3.4e38, found -inf, the first of 3",
    ),
    "too large": (
        {"x": with_value(1e40, (1, 1)), "y": classes},
        {},
        "array x[1, 1]: expected a finite number below 3.4e38, found 1e+40",
    ),
    "nan target": ({"x": x, "y": np.where(classes == 2, np.nan, classes)}, {}, "array y[2]: expected a finite number"),
    "text": ({"x": x, "y": classes.astype(str)}, {}, "a.npz, array y: expected numbers, found values of type <U21"),
    "complex": ({"x": x * 1j, "y": classes}, {}, "found values of type complex128"),
    "objects": (
        {"x": x, "y": np.array([None] * 60)},
        {},
        "a.npz: expected arrays of numbers in a NumPy file, found Python objects",
    ),
    "too many axes": (
        {"x": np.zeros((10, 2, 2, 2, 2, 2, 2)), "y": classes[:10]},
        {},
        "array x: expected 1 to 6 axes, the first counting the examples, found 7 axes, 10 × 2 × 2 × 2 × 2 × 2 × 2",
    ),
    "no axis": (
        {"x": np.array(3.0), "y": classes},
        {},
        "array x: expected 1 to 6 axes, the first counting the examples, found 0 axes;",
    ),
    "target of three axes": ({"x": x, "y": np.zeros((60, 2, 2))}, {}, "array y: expected 1 to 2 axes"),
    "no numbers": (
        {"x": np.zeros((60, 0)), "y": classes},
        {},
        "array x: expected numbers for each example, found the shape 60 × 0",
    ),
    "one class": (
        {"x": x, "y": np.zeros(60, int)},
        {},
        "array y: expected at least two classes, found the same value in every row",
    ),
    "one class of one-hot": ({"x": x, "y": np.eye(3)[np.zeros(60, int)]}, {}, "array y: expected at least two classes"),
    "no classes": (
        {"x": x, "y": x},
        {"task": "classification"},
        "array y: expected class numbers, or columns of 0 and 1, found other numbers",
    ),
    "measured classes": ({"x": x, "y": x[:, 0]}, {"task": "classification"}, "that occur again, found 60 different values"),
    "unlike parts": (
        {"x_train": x, "y_train": classes, "x_val": x[:, :2], "y_val": classes},
        {},
        "array x: expected the same shape in both parts, found 60 × 3 for training",
    ),
    "empty training": (
        {"x_train": x[:0], "y_train": classes[:0], "x_val": x, "y_val": classes},
        {},
        "array x_train: expected examples to train with, found none",
    ),
}


@pytest.mark.parametrize(("arrays", "options", "sentence"), refused.values(), ids=refused)
def test_what_cannot_be_used_gets_a_sentence(save, arrays, options, sentence):
    with pytest.raises(DataError) as error:
        read_facts(Arrays(path=save(**arrays), **options))
    assert sentence in str(error.value)


@pytest.mark.parametrize("content", [b"", b"x,y\n1,2\n", b"PK\x03\x04 broken", b"\x93NUMPY\x01\x00"])
def test_a_file_of_another_kind_gets_a_sentence(tmp_path, content):
    path = tmp_path / "a.npz"
    path.write_bytes(content)
    with pytest.raises(
        DataError, match=r"a\.npz: expected arrays of numbers in a NumPy file, found a damaged file or one of another"
    ):
        read_facts(Arrays(path=str(path)))


def test_damaged_files_get_a_sentence_wherever_they_are_cut(save, tmp_path):
    whole = (tmp_path / save(x=x, y=classes)).read_bytes()
    for length in range(10, len(whole) - 1, 97):
        (tmp_path / "cut.npz").write_bytes(whole[:length])
        with pytest.raises(DataError, match="damaged file"):
            read_facts(Arrays(path="cut.npz"))


@pytest.mark.parametrize("packing", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_damage_is_told_however_the_archive_is_packed(tmp_path, packing):
    buffer = io.BytesIO()
    np.save(buffer, np.arange(1000.0))
    path = tmp_path / "a.npz"
    with zipfile.ZipFile(path, "w", packing) as archive:
        for name in ("x.npy", "y.npy"):
            archive.writestr(name, buffer.getvalue())
    content = bytearray(path.read_bytes())
    content[60:100] = b"\xff" * 40
    path.write_bytes(content)
    with pytest.raises(DataError, match="expected arrays of numbers in a NumPy file, found a damaged file"):
        read_facts(Arrays(path=str(path)))


@pytest.mark.parametrize("name", ["x", "y", "sample_weight"])
def test_what_is_no_array_in_the_place_of_one_gets_a_sentence(save, name):
    path = Path(save(x=np.ones((20, 2)), y=np.arange(20) % 2))
    entry = name if name == "sample_weight" else f"{name}.npy"
    with zipfile.ZipFile(path) as archive:
        kept = {each: archive.read(each) for each in archive.namelist() if each != entry}
    with zipfile.ZipFile(path, "w") as archive:
        for each, content in (kept | {name: b"text"}).items():
            archive.writestr(each, content)
    with pytest.raises(DataError, match=f"array {name}: expected an array of numbers, found something else; write it with"):
        read_facts(Arrays(path=str(path)))


def test_flipped_bytes_are_noticed(save, tmp_path):
    whole = bytearray((tmp_path / save(x=x, y=classes)).read_bytes())
    whole[400] ^= 0xFF
    (tmp_path / "flipped.npz").write_bytes(whole)
    with pytest.raises(DataError, match="damaged file"):
        read_facts(Arrays(path="flipped.npz"))


@pytest.mark.filterwarnings("error")
def test_half_precision_has_an_infinity_too(save):
    half = x.astype(np.float16)
    assert read_facts(Arrays(path=save(x=half, y=classes))).input_shape == (3,)
    half[4, 1] = np.inf
    with pytest.raises(DataError, match=r"array x\[4, 1\]: expected a finite number below 3.4e38, found inf"):
        read_facts(Arrays(path=save(x=half, y=classes)))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_a_pipe_and_a_link_to_itself_are_no_files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe.npz")
    with pytest.raises(DataError, match=r"pipe\.npz: expected a file, found something else; choose another"):
        read_facts(Arrays(path="pipe.npz"))
    Path("pipe.npz").unlink()
    Path("loop.npz").symlink_to("loop.npz")
    with pytest.raises(DataError, match="found too many levels of symbolic links; check the path"):
        read_facts(Arrays(path="loop.npz"))


def test_an_array_that_says_to_be_larger_than_any_memory_gets_a_sentence(tmp_path):
    path = tmp_path / "huge.npz"
    header = {"descr": "<f4", "fortran_order": False, "shape": (2**40, 2**10)}
    with zipfile.ZipFile(path, "w") as archive, archive.open("x.npy", "w") as file:
        np.lib.format.write_array_header_1_0(file, header)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("y.npy", b"")
    with pytest.raises(DataError, match=r"huge\.npz: expected arrays that fit into the computer's memory, found larger ones; "):
        read_facts(Arrays(path=str(path)))


def test_a_single_array_a_folder_and_no_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.save("x.npy", x)
    with pytest.raises(DataError, match="expected a file with arrays x and y, found a single array; write it with"):
        load(Arrays(path="x.npy"), 0)
    with pytest.raises(DataError, match="found a folder"):
        read_facts(Arrays(path=str(tmp_path)))
    with pytest.raises(DataError, match="expected a file, found no such file or directory"):
        read_facts(Arrays(path="nothing.npz"))
