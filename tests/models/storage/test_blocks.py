"""Blocks: files that a person keeps, and that may come from a stranger."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from msgspec.structs import replace

from models.experiment import edits
from models.experiment.activations import Relu
from models.experiment.check import check
from models.experiment.data import AddingProblem, Digits, Spiral
from models.experiment.errors import BadInput
from models.experiment.graph import faults, sources
from models.experiment.layers import Dense, Dropout, GlobalAveragePooling1D, GlobalAveragePooling2D
from models.experiment.starter import default_experiment
from models.storage import blocks
from models.storage.blocks import Block, Kept
from tests.strategies import networks

built_in = blocks.read_folder(Path(__file__).parents[3] / "resources" / "blocks")
layers = (Dense(name="a", units=3, activation=Relu()), Dropout(name="b", rate=0.25))


def test_what_is_kept_is_read_again(tmp_path):
    kept = blocks.keep(" Größe & co ", layers, tmp_path / "new")
    assert kept.path == tmp_path / "new" / "Größe & co.block.json"
    assert blocks.read(kept.path) == Block(name="Größe & co", layers=layers)
    raw = json.loads(kept.path.read_text(encoding="utf-8"))
    assert (raw["version"], raw["layers"][0]) == (1, {"kind": "Dense", "name": "a", "units": 3, "activation": "relu"})
    assert [path.name for path in (tmp_path / "new").iterdir()] == [kept.path.name]


@given(network=networks().filter(bool))
def test_every_network_can_be_a_block(tmp_path_factory, network):
    kept = blocks.keep("block", network, tmp_path_factory.mktemp("blocks"))
    assert blocks.read(kept.path).layers == network


@pytest.mark.parametrize("name", ["", " ", ".", "..", "a/b", "a\\b", "c:", "x\ny", ".hidden", "ends.", 61 * "x", "nul\0"])
def test_a_name_that_no_file_can_have_is_refused(tmp_path, name):
    with pytest.raises(BadInput, match="name"):
        blocks.keep(name, layers, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_name_is_taken_once_whatever_its_case(tmp_path):
    kept = blocks.keep("Mine", layers, tmp_path)
    before = kept.path.read_bytes()
    with pytest.raises(BadInput, match="delete that block first"):
        blocks.keep("mine", layers[:1], tmp_path)
    assert kept.path.read_bytes() == before


def test_the_place_of_a_block_is_known_before_it_is_written(tmp_path):
    kept = blocks.keep("Mine", layers, tmp_path)
    assert blocks.free_path(" Other ", layers, tmp_path) == tmp_path / "Other.block.json"
    assert blocks.renamed_path(kept, "Mine ") == kept.path
    assert blocks.renamed_path(kept, "Yours") == tmp_path / "Yours.block.json"
    for name in ("mine", "a/b"):
        with pytest.raises(BadInput, match="name"):
            blocks.free_path(name, layers, tmp_path)
    assert list(tmp_path.iterdir()) == [kept.path]


def test_a_block_is_renamed_with_its_file(tmp_path):
    kept = blocks.rename(blocks.keep("one", layers, tmp_path), "two")
    assert kept == Kept(Block(name="two", layers=layers), tmp_path / "two.block.json")
    assert list(tmp_path.iterdir()) == [kept.path]
    blocks.remove(kept)
    blocks.remove(kept)
    assert not list(tmp_path.iterdir())


bad = {
    "nothing": b"",
    "no JSON": b"{",
    "other bytes": b"\xff\xfe\x00",
    "a list": b"[]",
    "no layers": b'{"version": 1, "name": "x", "layers": []}',
    "an unknown kind": b'{"version": 1, "name": "x", "layers": [{"kind": "Lambda", "name": "a"}]}',
    "a path as name": b'{"version": 1, "name": "../x", "layers": [{"kind": "Flatten", "name": "a"}]}',
    "a newer version": b'{"version": 99, "name": "x", "layers": [{"kind": "Flatten", "name": "a"}]}',
    "deep": b'{"version": 1, "name": ' + 100_000 * b"[" + 100_000 * b"]" + b"}",
    "large": b'{"version": 1, "name": "x", "layers": [' + 1_000_000 * b" " + b"]}",
}


@pytest.mark.parametrize("content", bad.values(), ids=bad)
def test_a_bad_file_is_refused_in_a_sentence_and_stops_no_other(tmp_path, content):
    blocks.keep("good", layers, tmp_path)
    (tmp_path / "bad.block.json").write_bytes(content)
    (tmp_path / "folder.block.json").mkdir()
    (tmp_path / "other.json").write_bytes(content)
    found = blocks.read_folder(tmp_path)
    assert [kept.block.name for kept in found.blocks] == ["good"]
    assert len(found.problems) == 2
    assert all("expected" in problem and "found" in problem for problem in found.problems)
    assert found.problems[0].startswith("bad.block.json")


def test_a_folder_that_is_not_there_holds_nothing(tmp_path):
    assert blocks.read_folder(tmp_path / "none") == blocks.Folder()


def test_the_blocks_of_the_program_can_be_read():
    assert built_in.problems == ()
    assert {kept.block.name for kept in built_in.blocks} == set(fitting)
    assert all(kept.path.name == f"{kept.block.name}{blocks.suffix}" for kept in built_in.blocks)


@pytest.mark.parametrize("kept", built_in.blocks, ids=lambda kept: kept.block.name)
def test_a_block_of_the_program_can_stand_twice_in_a_network(kept):
    network = edits.insert((Dense(name="end", units=1),), 0, kept.block.layers)
    network = edits.insert(network, len(kept.block.layers), kept.block.layers)
    assert len({layer.name for layer in network}) == len(network) == 2 * len(kept.block.layers) + 1
    assert faults(network) == ()


fitting = {
    "Conv-BN-ReLU": Digits(layout="images"),
    "Inception": Digits(layout="images"),
    "MLP": Spiral(),
    "Residual (convolutional)": Digits(layout="images"),
    "Residual (dense)": Spiral(),
    "Transformer encoder": AddingProblem(),
}
"""Data on which each block of the program is to work as it is."""


@pytest.mark.parametrize("kept", built_in.blocks, ids=lambda kept: kept.block.name)
def test_a_block_of_the_program_fits_its_data_as_often_as_one_likes(kept):
    end = () if kept.block.name in ("MLP", "Residual (dense)") else (GlobalAveragePooling2D(name="mean"),)
    end = (GlobalAveragePooling1D(name="mean"),) if kept.block.name == "Transformer encoder" else end
    network = edits.insert((*end, Dense(name="end", units=1)), 0, kept.block.layers)
    network = edits.repeat(network, [layer.name for layer in kept.block.layers], 3)
    experiment = replace(default_experiment(), data=fitting[kept.block.name], network=network)
    report = check(experiment)
    assert len(network) == 3 * len(kept.block.layers) + len(end) + 1
    assert [problem for problem in report.errors if problem.layer not in (None, "end")] == []
    assert report.parameters is not None


def test_a_copy_of_a_residual_block_reads_its_own_layers_and_the_copy_before():
    block = next(kept.block for kept in built_in.blocks if kept.block.name == "Residual (dense)")
    network = edits.insert((Dense(name="end", units=1),), 0, block.layers)
    network = edits.repeat(network, [layer.name for layer in block.layers], 2)
    read = dict(zip((layer.name for layer in network), sources(network), strict=True))
    assert read["hidden_2"] == read["projection_1"] == ("relu",)
    assert read["add_1"] == ("hidden_3", "projection_1")
    assert read["end"] == ("relu_1",)
