"""``find-rate``: a suggestion for a person and for a program."""

import json

import pytest

from models.experiment import edits
from models.experiment.initializers import Zeros
from models.storage.files import save
from tests.models.headless.samples import small_experiment

pytestmark = pytest.mark.engine


def test_it_suggests_a_learning_rate(command, small):
    answer = command("find-rate", small, "--device", "cpu")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith("Suggested learning rate: 0.")
    assert "(the experiment has 0.01)" in answer.out


def test_a_program_gets_the_whole_curve(command, small):
    found = json.loads(command("find-rate", small, "--device", "cpu", "--json").out, parse_constant=pytest.fail)
    assert found["learning_rate"] == 0.01
    assert 1e-5 < found["suggestion"] < 1
    assert len(found["rates"]) == len(found["losses"]) == len(found["smoothed"]) > 50


def test_a_network_that_cannot_learn_gets_none(command, tmp_path):
    path = tmp_path / "dead.wiggle.json"
    network = small_experiment().network
    for layer in network:
        network = edits.change(network, layer.name, kernel_initializer=Zeros(), use_bias=False)
    save(edits.with_network(small_experiment(), network), path)
    answer = command("find-rate", path, "--device", "cpu")
    assert answer.code == 1
    assert answer.out.startswith("No suggestion. The loss did not fall")


def test_an_experiment_with_errors_is_refused(command, tmp_path):
    path = tmp_path / "bad.wiggle.json"
    save(small_experiment(training__keep_best="val_auc"), path)
    answer = command("find-rate", path)
    assert answer.code == 1
    assert "keep_best watches val_auc" in answer.err
