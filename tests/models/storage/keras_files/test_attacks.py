"""A file from a stranger can do no harm: each of these is refused at once, in one sentence, and touches nothing."""

import builtins
import os
import sys
import time

import pytest

from models.experiment.counting import thin_space
from models.experiment.errors import BadInput
from models.storage.keras_files.importing import imported
from tests.models.storage.keras_files.attacks import archive, attacks, honest, variants


def state():
    return (
        os.getcwd(),
        dict(os.environ),
        set(vars(builtins)),
        {name for name in sys.modules if name.startswith(("keras.", "tensorflow."))},
    )


def files(folder):
    return {path: path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}


@pytest.mark.parametrize("name", attacks)
def test_a_hostile_file_is_refused_and_touches_nothing(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = attacks[name](tmp_path)
    before, known = files(tmp_path), state()
    began = time.perf_counter()
    with pytest.raises(BadInput) as refusal, imported(path):
        pass
    seconds = time.perf_counter() - began
    sentence = str(refusal.value)
    assert sentence.startswith(str(path))
    assert sentence.count("\n") == 0
    assert sentence.replace(thin_space, "").isprintable()
    assert len(sentence) < 700
    assert seconds < 1
    assert files(tmp_path) == before
    assert state() == known


def test_an_honest_file_is_opened(tmp_path):
    with imported(honest(tmp_path)) as found:
        assert [layer.name for layer in found.experiment.network] == ["dense"]
        assert len(found.weights) == 1


def test_a_damaged_file_is_opened_or_refused(tmp_path):
    path = tmp_path / "damaged.keras"
    refused = 0
    for content in variants(archive).values():
        path.write_bytes(content)
        try:
            with imported(path) as found:
                for layer in found.weights:
                    for array in layer.arrays.values():
                        found.arrays.read(array)
        except BadInput:
            refused += 1
    assert refused > 50
