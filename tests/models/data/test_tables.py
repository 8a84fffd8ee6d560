"""Text files: what is found in them, and what is refused with which sentence."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from models.data import DataError, prepare, read_facts, sniff, table_examples
from models.data.loading import load
from models.data.splitting import split
from models.experiment.data import Table
from models.experiment.experiment import Experiment
from models.experiment.losses import BinaryCrossentropy, MeanSquaredError, SparseCategoricalCrossentropy
from models.experiment.training import Training


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Writes a file into the current folder and gives its path."""
    monkeypatch.chdir(tmp_path)

    def write(content, name="a.csv"):
        data = content if isinstance(content, bytes) else content.encode()
        (tmp_path / name).write_bytes(data)
        return name

    return write


@pytest.mark.parametrize(
    ("text", "delimiter", "decimal", "header", "names", "rows"),
    [
        ("a,b,c\n1,2,3\n4,5,6\n", ",", ".", True, "a b c", 2),
        ("1,2,3\n4,5,6\n", ",", ".", False, "column_1 column_2 column_3", 2),
        ("a;b\n1,5;2,25\n3,5;4,0\n", ";", ",", True, "a b", 2),
        ("a;b\n1.5;2\n3.5;4\n", ";", ".", True, "a b", 2),
        ("a\tb\n1,5\t2\n3,5\t4\n", "\t", ",", True, "a b", 2),
        ("a|b\n1|2\n", "|", ".", True, "a b", 1),
        ("a b\n1   2\n 3 4  \n", " ", ".", True, "a b", 2),
        ('"a","b"\n"1,5","2,5"\n"3,5","4,5"\n', ",", ",", True, "a b", 2),
        ("name;remark\nBob;likes tea, cake, pie\nAnn;reads, rests, walks\n", ";", ".", True, "name remark", 2),
        ("first name,last name\nJohn Smith,New York\nAnn Lee,Old York\n", ",", ".", True, "first name|last name", 2),
        ('a,b\n"1, 2",x\n"3, 4",y\n', ",", ".", True, "a b", 2),
        ("red,yes\nblue,no\nred,no\n", ",", ".", False, "column_1 column_2", 3),
        ("colour,ok\nred,yes\nblue,no\n", ",", ".", True, "colour ok", 2),
        ("a,b\r\n1,2\r\n\r\n3,4\r\n", ",", ".", True, "a b", 2),
        ("a,b\n1,2\n   \n3,4", ",", ".", True, "a b", 2),
        (",b\n1,2\n3,4\n", ",", ".", True, "column_1 b", 2),
        ("NA,1\n2,3\n4,5\n", ",", ".", False, "column_1 column_2", 3),
        ("date,v\n2020-01-01 12:00,5\n2020-01-02 13:00,6\n", ",", ".", True, "date v", 2),
        ("a;b\n1,234;2\n5,678;3\n", ";", ".", True, "a b", 2),
        ("a;b\n0,234;2\n5,678;3\n", ";", ",", True, "a b", 2),
    ],
)
def test_the_dialect_is_found(write, text, delimiter, decimal, header, names, rows):
    found = sniff(write(text))
    assert (found.delimiter, found.decimal, found.header, found.rows) == (delimiter, decimal, header, rows)
    assert [column.name for column in found.columns] == names.split("|" if "|" in names else " ")


@pytest.mark.parametrize(
    ("data", "encoding", "name"),
    [
        ("größe,b\n1,2\n".encode(), "utf-8", "größe"),
        ("größe,b\n1,2\n".encode("utf-8-sig"), "utf-8-sig", "größe"),
        ("größe,b\n1,2\n".encode("latin-1"), "latin-1", "größe"),
        ("größe,b\n1,2\n".encode("utf-16"), "utf-16", "größe"),
        ("größe,b\n1,2\n".encode("utf-32"), "utf-32", "größe"),
        (b"a,b\n" + (b"1," + b"x" * 1000 + b"\n") * 1200 + "3,é\n".encode("latin-1"), "latin-1", "a"),
    ],
)
def test_the_encoding_is_found(write, data, encoding, name):
    found = sniff(write(data))
    assert found.encoding == encoding
    assert found.columns[0].name == name


def test_what_is_given_is_not_sniffed(write):
    path = write("1;2\n3;4\n")
    assert sniff(path, header="yes").rows == 1
    assert sniff(path, decimal=",").decimal == ","
    with pytest.raises(DataError, match="at least two columns"):
        sniff(path, delimiter=",")


def test_columns_are_described(write):
    found = sniff(write("n,t,m,e,k\n1,x,1,,1_000\n,y,2,?,2\n3,x,n/a,NA,nan\n"))
    kinds = {column.name: (column.kind, column.missing, column.examples) for column in found.columns}
    assert kinds["n"] == ("number", 1, ("1", "3"))
    assert kinds["t"] == ("text", 0, ("x", "y"))
    assert kinds["m"] == ("mixed", 0, ("1", "2", "n/a"))
    assert kinds["e"] == ("empty", 3, ())
    assert kinds["k"] == ("mixed", 1, ("1_000", "2"))


nasty = {
    "empty file": ("", {}, "a.csv: expected a table, found an empty file; choose another file."),
    "blank lines": ("\n \n\n", {}, "a.csv: expected a table, found an empty file; choose another file."),
    "header only": ("a,b\n", {"header": "yes"}, "a.csv: expected rows below the names, found the names alone"),
    "one column": (
        "a\n1\n2\n",
        {},
        "a.csv, line 1: expected at least two columns, one of them to predict, found one, with commas",
    ),
    "same name twice": (
        "a,b,a\n1,2,3\n",
        {},
        "a.csv, line 1: expected a name of its own for each column, found “a” as column 1 and",
    ),
    "short row": (
        "a,b,y\n1,2,3\n\n4,5\n",
        {},
        "a.csv, line 4: expected 3 cells as in the first row, found 2; mend the line; cells",
    ),
    "long row": ("a,b,y\n1,2,3\n4,5,6,7\n", {}, "a.csv, line 3: expected 3 cells as in the first row, found 4"),
    "row of one cell": ("a,b,y\n1,2,3\n4\n", {}, "a.csv, line 3: expected 3 cells as in the first row, found 1"),
    "line after a quoted line break": ('a,b,y\n"1\n",2,3\n4,5\n', {}, "a.csv, line 4: expected 3 cells"),
    "unknown target": (
        "age,b,price\n1,2,3\n",
        {"target": "Prise"},
        "a.csv: expected a column “Prise” to predict, found none of that name; did you mean “price”?",
    ),
    "far target": ("a,b\n1,2\n", {"target": "zzz"}, "found none of that name; the columns are “a”, “b”."),
    "unknown ignore": ("a,b,y\n1,2,3\n", {"ignore": ("c",)}, "expected a column “c” to leave out, found none of that name"),
    "ignored target": (
        "a,b,y\n1,2,3\n",
        {"ignore": ("y",)},
        "expected a target that is used, found “y” among those to leave out",
    ),
    "all ignored": ("a,b,y\n1,2,3\n", {"ignore": ("a", "b")}, "expected a column to learn from, found none besides the target"),
    "missing cells": (
        "a,b,y\n1,2,3\n4,,6\n?,NA,9\n",
        {},
        "a.csv, line 3, column “b”: expected a value, found a missing cell, the first of 3; set",
    ),
    "missing target under mean": (
        "a,y\n1,2\n3,\n",
        {"missing": "mean"},
        "a.csv, line 3, column “y”: expected a value, found a missing cell; set missing to drop_rows.",
    ),
    "all rows dropped": (
        "a,b,y\n1,,1\n,2,2\n",
        {"missing": "drop_rows"},
        "expected at least two rows, found 0 rows without a missing cell of 2",
    ),
    "empty column": (
        "a,b,y\n1,,1\n2,,2\n",
        {"missing": "drop_rows"},
        "a.csv, column “b”: expected values, found no value in any row; ignore the column.",
    ),
    "stray word": (
        "age,y\n1,2\n2,3\nn/a,4\n",
        {},
        "a.csv, line 4, column “age”: expected a number, found “n/a”; mend the cell, or ignore the column.",
    ),
    "stray word under one_hot": (
        "age,y\n1,2\n2,3\nn/a,4\n",
        {"text": "one_hot"},
        "line 4, column “age”: expected a number, found “n/a”",
    ),
    "text column": (
        "c,y\nred,1\nblue,2\n",
        {},
        "a.csv, column “c”: expected numbers, found text such as “red”, “blue”; ignore the column, or set text to one_hot.",
    ),
    "several words": (
        "c,y\n" + "".join(f"w{i % 8},{i}\n" for i in range(30)),
        {},
        "text such as “w0”, “w1”, “w2”; ignore the column",
    ),
    "dates": (
        "c,when,y\n" + "".join(f"{'red' if i % 2 else 'blue'},{i}.1.,{i}\n" for i in range(30)),
        {},
        "column “when”: expected numbers, or words that come again, found 30 different ones in 30 rows, such as “0.1.”, “1.1.”; "
        "ignore the column.",
    ),
    "infinite": ("a,y\n1,2\ninf,3\n", {}, "a.csv, line 3, column “a”: expected a number below 3.4e38, found “inf”"),
    "infinite by size": ("a,y\n1,2\n1e999,3\n", {}, "found “1e999”"),
    "too large for float32": ("a,y\n1,2\n-1e39,3\n", {}, "found “-1e39”"),
    "infinite target": (
        "a,y\n1,2.5\n2,-Infinity\n",
        {},
        "a.csv, line 3, column “y”: expected a number below 3.4e38, found “-Infinity”",
    ),
    "underscore": ("a,y\n1,2\n1_000,3\n", {}, "line 3, column “a”: expected a number, found “1_000”"),
    "hexadecimal": ("a,y\n1,2\n0x10,3\n", {}, "found “0x10”"),
    "thousands": (
        "a;y\n12;1\n1,234;2\n",
        {},
        "expected a number, found “1,234”; set decimal to “,” if the comma is a decimal mark",
    ),
    "thousands under a decimal comma": (
        "a;y\n1,5;1\n2,5;2\n1.234,5;3\n",
        {},
        "line 4, column “a”: expected a number, found “1.234,5”",
    ),
    "one class": ("a,y\n1,x\n2,x\n", {}, "a.csv, column “y”: expected at least two classes, found the same value in every row"),
    "same number": ("a,y\n1,7\n2,7\n", {}, "expected at least two classes, found the same value in every row"),
    "every row a class": ("a,y\n" + "".join(f"{i},n{i}\n" for i in range(30)), {}, "that occur again, found 30 different values"),
    "stray word in the target": (
        "a,y\n1,0\n2,1\n3,n/a\n",
        {},
        "line 4, column “y”: expected a number, found “n/a”; mend the cell, or declare the task",
    ),
    "words to regress": ("a,y\n1,x\n2,z\n", {"task": "regression"}, "line 2, column “y”: expected a number, found “x”"),
    "open quotation mark": ('a,y\n1,2\n"3,4\n5,6\n', {}, "a.csv, line 3: expected a row of cells, found a line that is none"),
    "one row": ("a,y\n1,2\n", {}, "a.csv: expected at least two rows, found 1 row; choose another file."),
    "infinite target without words": (
        "a,y\n1,2\n2,3\n3,-inf\n",
        {"task": "regression"},
        "a.csv, line 4, column “y”: expected a number below 3.4e38, found “-inf”; mend the cell.",
    ),
    "NUL between numbers": (
        "a;b;y\n1,5;1;1\n2,5;2;2\n1,5\0002,5;3;3\n".encode("utf-16"),
        {},
        "a.csv, line 4, column “a”: expected a number, found “1,5\0002,5”; mend the cell, or ignore the column.",
    ),
    "binary": (b"PK\x03\x04\0\0\0", {}, "a.csv: expected a table as text, found binary data; save it as CSV"),
    "broken utf-16": (b"\xff\xfea\0,\0b\0\n\0\x00\xd8", {}, "a.csv: expected text in utf-16, found other bytes"),
    "no training": (
        "a,y\n1,2\n3,4\n",
        {"test_share": 0.9, "task": "regression"},
        "csv: expected an example to train with, found none of 2",
    ),
}


@pytest.mark.parametrize(("text", "options", "sentence"), nasty.values(), ids=nasty)
def test_a_nasty_file_gets_a_sentence(write, text, options, sentence):
    source = Table(**({"path": write(text), "target": "y"} | options))
    with pytest.raises(DataError) as error:
        prepare(experiment(source, MeanSquaredError()))
    assert sentence in str(error.value)
    assert str(error.value)[-1] in ".?"
    assert "\n" not in str(error.value)


def test_a_column_of_dates_is_to_be_ignored_beside_those_that_are_and_words_are_to_be_features(write):
    rows = [f"{i}.1.,{'red' if i % 2 else 'blue'},{i % 3 + 0.5}" for i in range(60)]
    source = table_of(write, rows, text="refuse")
    with pytest.raises(DataError) as error:
        load(source, 0)
    assert (error.value.setting.field, error.value.setting.value, error.value.setting.label) == ("ignore", ("a",), "Ignore “a”")
    with pytest.raises(DataError) as error:
        load(replace(source, ignore=("a",)), 0)
    assert (error.value.setting.field, error.value.setting.value) == ("text", "one_hot")


def test_an_error_carries_its_parts(write):
    with pytest.raises(DataError) as error:
        load(Table(path=write("age,y\n1,2\n2,3\nn/a,4\n"), target="y"), 0)
    value = error.value
    assert (value.where.file, value.where.line, value.where.column) == ("a.csv", 4, "age")
    assert (value.expected, value.found) == ("a number", "“n/a”")


def test_files_that_are_not_there(write, tmp_path):
    write("a,y\n1,2\n", "flowers.csv")
    with pytest.raises(
        DataError, match=r"flower\.csv: expected a file, found no such file or directory; did you mean “flowers.csv”\?"
    ):
        read_facts(Table(path="flower.csv", target="y"))
    with pytest.raises(DataError, match="expected a file, found a folder"):
        read_facts(Table(path=str(tmp_path), target="y"))
    with pytest.raises(DataError, match="expected a file"):
        read_facts(Table(path="a\0b.csv", target="y"))


def experiment(source, loss):
    return Experiment(data=source, network=(), training=Training(loss=loss))


def table_of(write, rows, **options):
    return Table(**({"path": write("\n".join(["a,b,y", *rows])), "target": "y"} | options))


def test_missing_rows_are_left_out_of_facts_and_arrays(write):
    rows = [f"{i},{'' if i % 5 == 0 else i},{i / 7}" for i in range(100)]
    source = table_of(write, rows, missing="drop_rows", scaling="none")
    facts = read_facts(source)
    assert (facts.training_samples, facts.validation_samples) == (64, 16)
    prepared = prepare(experiment(source, MeanSquaredError()))
    assert prepared.facts == facts
    kept = np.concatenate([prepared.x_train, prepared.x_val])
    assert sorted(kept[:, 0]) == [i for i in range(100) if i % 5]


def test_missing_cells_become_the_mean_of_the_training_part(write):
    rows = [f"{i},{'NA' if i % 3 == 0 else i * i},{i / 7}" for i in range(100)]
    prepared = prepare(experiment(table_of(write, rows, missing="mean", scaling="none"), MeanSquaredError()))
    known = [row[0] ** 2 for row in prepared.x_train.astype(float) if row[0] % 3]
    for part in (prepared.x_train, prepared.x_val):
        gaps = part[part[:, 0] % 3 == 0]
        assert len(gaps) > 5
        assert gaps[:, 1] == pytest.approx(np.mean(known), rel=1e-6)
    assert read_facts(table_of(write, rows, missing="mean")).training_samples == 80


def test_a_mean_of_nothing_is_refused(write):
    rows = [f"{i},{1 if i == 50 else ''},{i / 7}" for i in range(100)]
    source = table_of(write, rows, missing="mean", test_share=0.5)
    examples = load(source, 0)
    seed = next(seed for seed in range(50) if 50 in split(examples, source, seed)[1])
    with pytest.raises(
        DataError, match="column “b”: expected values to take the mean of, found none for “b” in the training part"
    ):
        prepare(Experiment(data=source, network=(), training=Training(loss=MeanSquaredError()), seed=seed))


def test_words_become_columns_of_0_and_1(write):
    source = Table(path=write("c,n,y\nred,1,0\nblue,2,1\nred,3,0\n007,4,1\n"), target="y", text="one_hot", scaling="none")
    examples = load(source, 0)
    assert examples.feature_names == ("c=007", "c=blue", "c=red", "n")
    assert examples.x.tolist() == [[0, 0, 1, 1], [0, 1, 0, 2], [0, 0, 1, 3], [1, 0, 0, 4]]
    assert read_facts(source).input_shape == (4,)


def test_a_missing_word_becomes_how_often_each_occurs(write):
    rows = [f"{'' if i == 0 else 'red' if i % 4 == 0 else 'blue'},{i},{i / 7}" for i in range(41)]
    source = table_of(write, rows, missing="mean", text="one_hot", scaling="none", test_share=0)
    prepared = prepare(experiment(source, MeanSquaredError()))
    gap = prepared.x_train[prepared.x_train[:, 2] == 0][0]
    assert gap.tolist() == [0.75, 0.25, 0]


def test_too_many_words_are_refused(write):
    source = Table(path=write("c,y\n" + "".join(f"w{i},{i}.5\n" for i in range(1001))), target="y", text="one_hot")
    with pytest.raises(DataError, match="column “c”: expected at most 1000 different words, found 1\u2009001; ignore the column"):
        load(source, 0)


@pytest.mark.parametrize(
    ("targets", "task", "expected", "names"),
    [
        (["yes", "no"] * 10, "auto", "binary", ("no", "yes")),
        (["True", "False"] * 10, "auto", "binary", ("False", "True")),
        (["0", "1"] * 5, "auto", "binary", ("0", "1")),
        (["1.0", "-1"] * 5, "auto", "binary", ("-1", "1")),
        (["0", "1", "2"] * 20, "auto", "multiclass", ("0", "1", "2")),
        (["0", "1", "2"] * 5, "auto", "regression", ()),
        (["1", "2", "3"] * 10, "auto", "multiclass", ("1", "2", "3")),
        (["1", "2", "5"] * 10, "auto", "regression", ()),
        (["0", "1", "2"] * 5, "classification", "multiclass", ("0", "1", "2")),
        (["0", "1", "2"] * 20, "regression", "regression", ()),
        ([str(i % 21) for i in range(1000)], "auto", "regression", ()),
        (["0.5", "1.5"] * 10, "auto", "regression", ()),
        (["0.5", "1.5"] * 10, "classification", "binary", ("0.5", "1.5")),
        (["10", "9", "b"] * 10, "classification", "multiclass", ("10", "9", "b")),
    ],
)
def test_what_is_predicted_follows_the_rule(write, targets, task, expected, names):
    source = table_of(write, [f"{i},{i % 7},{target}" for i, target in enumerate(targets)], task=task)
    facts = read_facts(source)
    assert (facts.task, facts.class_names) == (expected, names)
    assert facts.outputs == (len(names) or 1)


def test_classes_are_numbered_in_the_order_of_their_names(write):
    examples = load(table_of(write, ["1,1,b", "2,2,a", "3,3,c", "4,4,a"]), 0)
    assert examples.y.tolist() == [1, 0, 2, 0]


@pytest.mark.parametrize("task", ["auto", "classification"])
def test_whole_numbers_that_no_float_tells_apart_are_still_classes_of_their_own(write, task):
    rows = [f"{i},{9_007_199_254_740_992 + i % 3}" for i in range(40)]
    found = load(Table(path=write("a,y\n" + "\n".join(rows)), target="y", task=task), 0)
    assert found.class_names == ("9007199254740992", "9007199254740993", "9007199254740994")
    assert found.y.tolist()[:4] == [0, 1, 2, 0]


@pytest.mark.parametrize("after", ["a,y\n1,red\n", "a,y\n", "", "a,b,y\n" + "1,2,red\n" * 40, "a,y\n\n" + "1,red\n2,blue\n" * 20])
def test_a_file_that_is_written_anew_while_it_is_read_gets_a_sentence(write, monkeypatch, after):
    path = write("a,y\n" + "1,red\n2,blue\n" * 20)
    read = table_examples.read_content

    def read_and_write(*arguments):
        content = read(*arguments)
        write(after)
        return content

    monkeypatch.setattr(table_examples, "read_content", read_and_write)
    with pytest.raises(DataError, match=r"a.csv: expected the file as it was a moment ago, found another one; read it again\.$"):
        load(Table(path=path, target="y"), 0)


def test_a_target_that_is_not_last_and_columns_left_out(write):
    source = Table(path=write("id,y,a\n1,0,5\n2,1,6\n3,0,7\n4,1,8\n"), target="y", ignore=("id",), scaling="none", test_share=0)
    prepared = prepare(experiment(source, BinaryCrossentropy()))
    assert prepared.facts.feature_names == ("a",)
    assert dict(zip(prepared.x_train[:, 0], prepared.y_train[:, 0], strict=True)) == {5: 0, 6: 1, 7: 0, 8: 1}


def test_a_mixed_column_beyond_the_first_block_is_found(write):
    text = "a,y\n" + "".join(f"{i},{i % 2}\n" for i in range(12_000)) + "oops,1\n" + "5,0\n" * 10_000
    with pytest.raises(DataError, match="line 12002, column “a”: expected a number, found “oops”"):
        load(Table(path=write(text), target="y"), 0)


def test_thousands_of_columns(write):
    names = [f"c{i}" for i in range(5000)]
    rows = [",".join(["1.5"] * 4999 + [str(row % 2)]) for row in range(20)]
    facts = read_facts(Table(path=write("\n".join([",".join(names), *rows])), target="c4999"))
    assert facts.input_shape == (4999,)
    assert facts.task == "binary"


def test_an_unchanged_file_is_read_once(write, monkeypatch):
    source = Table(path=write("a,y\n1,x\n2,z\n3,x\n4,z\n"), target="y")
    assert read_facts(source).class_names == ("x", "z")
    monkeypatch.setattr("models.data.loading.load", lambda *_: pytest.fail("was read again"))
    assert read_facts(source).class_names == ("x", "z")


def test_a_file_written_anew_has_new_facts(write):
    source = Table(path=write("a,y\n1,x\n2,z\n3,x\n4,z\n"), target="y")
    assert read_facts(source).class_names == ("x", "z")
    write("a,y\n1,x\n2,z\n3,x\n4,other\n")
    assert read_facts(source).class_names == ("other", "x", "z")


def test_constant_columns_are_harmless(write):
    rows = [f"0.1,{i},{i % 2}" for i in range(50)]
    for scaling in ("standard", "minmax"):
        prepared = prepare(experiment(table_of(write, rows, scaling=scaling), BinaryCrossentropy()))
        assert np.abs(prepared.x_train[:, 0]).max() < 1e-6
        assert np.abs(prepared.x_val[:, 0]).max() < 1e-6


def test_a_single_example_of_a_class_does_not_stop_the_split(write):
    rows = [f"{i},{i},{'rare' if i == 3 else 'ab'[i % 2]}" for i in range(40)]
    prepared = prepare(experiment(table_of(write, rows), SparseCategoricalCrossentropy()))
    assert sorted(np.bincount(np.concatenate([prepared.y_train, prepared.y_val]))) == [1, 19, 20]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(*[st.floats(-1e6, 1e6).map(lambda value: round(value, 4))] * 3), min_size=3, max_size=30),
    st.sampled_from([(",", "."), (";", "."), (";", ","), ("\t", "."), ("\t", ","), ("|", ","), (" ", ".")]),
)
def test_numbers_survive_any_declared_dialect(tmp_path, rows, dialect):
    delimiter, mark = dialect
    path = tmp_path / "n.csv"
    lines = [delimiter.join(("a", "b", "y"))]
    lines += [delimiter.join(repr(value).replace(".", mark) for value in row) for row in rows]
    path.write_text("\n".join(lines))
    source = Table(path=str(path), target="y", task="regression", delimiter=delimiter, decimal=mark)
    examples = load(source, 0)
    assert np.array_equal(np.hstack([examples.x, examples.y]), np.array(rows))
    assert (sniff(str(path)).delimiter, sniff(str(path)).header) == (delimiter, True)
