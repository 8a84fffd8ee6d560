"""An interrupted run goes on from its checkpoint, to the same last digit."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import keras
import numpy as np
import pytest
from msgspec.structs import replace

from models.experiment.activations import Relu
from models.experiment.layers import BatchNormalization, Dense, Dropout
from models.experiment.optimizers import SGD
from models.experiment.rules import EarlyStopping, ReduceLROnPlateau
from models.headless.progress import Progress
from models.storage.files import load, save
from models.telemetry.events import StepsTaken
from tests.models.headless.samples import small_experiment
from tests.sampling import sampled

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("no_looks")]

root = Path(__file__).parents[3]
noisy = {
    "network": (
        Dense(name="first", units=6, activation=Relu()),
        BatchNormalization(name="norm"),
        Dropout(name="drop", rate=0.3),
        *small_experiment().network[-1:],
    ),
    "training__optimizer": SGD(learning_rate=0.05, momentum=0.9),
    "training__metrics": ("accuracy", "precision"),
}
"""Random numbers, moving averages, momentum and a metric that is not a mean of its batches: all must go on."""


others = (
    ({"training__batch_size": 7}, (), "training.batch_size: expected 10, as in the checkpoint, found 7; or leave out --resume"),
    ({"seed": 4}, (), "seed: expected 0, as in the checkpoint, found 4"),
    ({"training__optimizer": SGD(learning_rate=0.05)}, (), "training.optimizer.momentum: expected 0.9, as in the checkpoint"),
    ({"network": noisy["network"][:1] + noisy["network"][2:]}, (), "network: expected 4 of them, as in the checkpoint, found 3"),
    ({}, ("--epochs", 1), "training.epochs: expected at least 2, as many are done, found 1"),
    ({}, ("--data", "moons"), "data: expected spiral, as in the checkpoint, found moons"),
)
"""Changes of the experiment, options of the command, and what is said about them."""


@pytest.fixture
def train(tmp_path, command):
    """Train a file, made of an experiment, into a folder."""

    def run(experiment, folder, *options):
        path = tmp_path / "experiment.wiggle.json"
        save(experiment, path)
        return command("train", path, "--out", tmp_path / folder, "--device", "cpu", "--quiet", *options)

    return run


def interrupt_after(monkeypatch, steps):
    """Press Ctrl+C, so to speak, once so many steps are taken."""
    from models.headless import training

    append = training.History.append

    def interrupted(self, event):
        append(self, event)
        if isinstance(event, StepsTaken) and event.first_step <= steps <= event.last_step:
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(training.History, "append", interrupted)


def assert_same_run(one, other):
    for name in ("history.csv", "epochs.csv"):
        assert (one / name).read_bytes() == (other / name).read_bytes(), name
    first, second = (keras.saving.load_model(folder / "final.keras") for folder in (one, other))
    assert first.optimizer.iterations > 0
    for left, right in zip(first.weights + first.optimizer.variables, second.weights + second.optimizer.variables, strict=True):
        np.testing.assert_array_equal(left.numpy(), right.numpy(), err_msg=left.path)
    first, second = (np.load(folder / "checkpoint.npz") for folder in (one, other))
    with first, second:  # the seeds of random layers are in no .keras file
        assert first.files == second.files
        for name in set(first.files) - {"train_seconds"}:
            np.testing.assert_array_equal(first[name], second[name], err_msg=name)


def steps_of(folder):
    return json.loads((folder / "summary.json").read_text(encoding="utf-8"))["steps"]


@pytest.mark.parametrize("stop", sampled((1, 5, 6), 1))
def test_a_stopped_run_goes_on_as_if_nothing_had_happened(train, tmp_path, monkeypatch, stop):
    """Step 1 is taken by itself and lies within an epoch of three; the call that holds the others may go on to its end."""
    experiment = small_experiment(training__epochs=40, **noisy)
    assert train(experiment, "straight").code == 0
    with monkeypatch.context() as interrupting:
        interrupt_after(interrupting, stop)
        assert train(experiment, "resumed").code == 0
    assert stop <= steps_of(tmp_path / "resumed") < steps_of(tmp_path / "straight") == 120
    assert stop != 1 or steps_of(tmp_path / "resumed") % 3, "stopped within an epoch"
    assert train(experiment, "resumed", "--resume").code == 0
    assert_same_run(tmp_path / "straight", tmp_path / "resumed")


@pytest.mark.exhaustive
def test_rules_go_on_as_well(train, tmp_path, monkeypatch):
    """Their memory is part of the checkpoint: what was best, for how long nothing got better, whose weights come back."""
    rules = {
        "training__early_stopping": EarlyStopping(monitor="val_loss", patience=9, restore_best_weights=True),
        "training__reduce_on_plateau": ReduceLROnPlateau(monitor="val_loss", factor=0.5, patience=2, min_delta=0.01),
        "training__keep_best": "val_accuracy",
    }
    experiment = small_experiment(training__epochs=60, **noisy | rules)
    assert train(experiment, "straight").code == 0
    with monkeypatch.context() as interrupting:
        interrupt_after(interrupting, 13)
        assert train(experiment, "resumed").code == 0
    assert steps_of(tmp_path / "resumed") < steps_of(tmp_path / "straight") < 180, "a rule ends the run"
    assert train(experiment, "resumed", "--resume").code == 0
    assert_same_run(tmp_path / "straight", tmp_path / "resumed")
    summaries = [json.loads((tmp_path / name / "summary.json").read_text(encoding="utf-8")) for name in ("straight", "resumed")]
    assert summaries[0]["reason"] == summaries[1]["reason"]
    assert summaries[0]["last"] == summaries[1]["last"]


@pytest.mark.exhaustive
def test_a_finished_run_continues_for_more_epochs(train, tmp_path):
    experiment = small_experiment(training__epochs=3, **noisy)
    assert train(experiment, "more").code == 0
    assert train(experiment, "more", "--resume").code == 0, "there is nothing left to do, and that is no error"
    assert steps_of(tmp_path / "more") == 9
    assert train(experiment, "more", "--resume", "--epochs", 7).code == 0
    assert train(experiment, "straight", "--epochs", 7).code == 0
    assert_same_run(tmp_path / "straight", tmp_path / "more")
    assert load(tmp_path / "more" / "experiment.wiggle.json").training.epochs == 7


def test_an_epoch_that_was_cut_and_gone_on_with_is_one(train, tmp_path):
    experiment = small_experiment(training__epochs=3, **noisy)
    for options, steps, epochs in ((("--steps", 4), 4, 2), (("--resume",), 9, 3)):
        assert train(experiment, "cut", *options).code == 0
        summary = json.loads((tmp_path / "cut" / "summary.json").read_text(encoding="utf-8"))
        assert (summary["steps"], summary["epochs"]) == (steps, epochs)
    rows = (tmp_path / "cut" / "epochs.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert [row.split(",")[0] for row in rows] == ["1", "2", "2", "3"]


def test_a_run_that_ended_with_the_weights_of_its_best_epoch_continues_from_its_last_ones(train, tmp_path):
    experiment = small_experiment(training__epochs=4, training__keep_best="precision", **noisy)
    assert train(experiment, "more").code == 0
    end = json.loads((tmp_path / "more" / "summary.json").read_text(encoding="utf-8"))
    assert end["restored_epoch"] == end["best_epoch"]["precision"] < 4
    best = (tmp_path / "more" / "epochs.csv").read_bytes()
    assert train(experiment, "more", "--resume").code == 0, "nothing is left to do"
    again = json.loads((tmp_path / "more" / "summary.json").read_text(encoding="utf-8"))
    assert (again["restored_epoch"], again["last"]) == (end["restored_epoch"], end["last"])
    assert (tmp_path / "more" / "epochs.csv").read_bytes() == best
    assert train(experiment, "more", "--resume", "--epochs", 7).code == 0
    assert train(experiment, "straight", "--epochs", 7).code == 0
    assert_same_run(tmp_path / "straight", tmp_path / "more")


@pytest.mark.exhaustive
def test_a_run_killed_in_the_middle_goes_on_from_its_last_checkpoint(train, tmp_path):
    experiment = small_experiment(training__epochs=200, **noisy)
    assert train(experiment, "straight").code == 0
    long = replace(experiment, training=replace(experiment.training, epochs=1_000_000))
    save(long, tmp_path / "long.wiggle.json")
    folder = tmp_path / "killed"
    command = ["train", tmp_path / "long.wiggle.json", "--out", folder, "--device", "cpu", "--quiet", "--checkpoint", "0"]
    process = subprocess.Popen([sys.executable, root / "main.py", *map(str, command)], cwd=root)
    try:
        ends = time.monotonic() + 120
        while not (folder / "checkpoint.npz").exists():
            assert process.poll() is None
            assert time.monotonic() < ends
            time.sleep(0.005)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert not (folder / "final.keras").exists()
    assert train(experiment, "killed", "--resume").code == 0
    assert_same_run(tmp_path / "straight", folder)


def test_a_new_run_forgets_the_checkpoint_of_the_old_one(train, tmp_path, monkeypatch):
    experiment = small_experiment(**noisy)
    assert train(experiment, "run").code == 0
    path = tmp_path / "run" / "checkpoint.npz"
    seen = []
    show = Progress.show
    monkeypatch.setattr(Progress, "show", lambda self, event: (seen.append(path.exists()), show(self, event)))
    save(experiment, tmp_path / "again.wiggle.json")
    import main

    assert main.main(["train", str(tmp_path / "again.wiggle.json"), "--out", str(tmp_path / "run"), "--device", "cpu"]) == 0
    assert not any(seen)
    assert path.exists()


def test_another_experiment_is_refused(train, tmp_path):
    assert train(small_experiment(**noisy), "run").code == 0
    before = (tmp_path / "run" / "summary.json").read_bytes()
    for changes, options, words in others:
        answer = train(small_experiment(**noisy | changes), "run", "--resume", *options)
        assert answer.code == 2
        assert words in answer.err
        assert answer.err.count("\n") == 1
    assert (tmp_path / "run" / "summary.json").read_bytes() == before


def test_other_rows_in_the_file_are_refused_and_another_place_is_not(train, tmp_path):
    def write(name, first):
        rows = [f"{first if i == 0 else i % 7},{i % 5},{'ab'[i % 2]}" for i in range(40)]
        (tmp_path / name).write_text("\n".join(["u,v,kind", *rows]) + "\n", encoding="utf-8")
        return tmp_path / name

    experiment = small_experiment()
    assert train(experiment, "run", "--data", write("table.csv", 0)).code == 0
    assert train(experiment, "run", "--resume", "--data", write("moved.csv", 0)).code == 0
    answer = train(experiment, "run", "--resume", "--data", write("table.csv", 3))
    assert answer.code == 2
    assert "expected the data that the checkpoint was written with, found other data; or leave out --resume." in answer.err


@pytest.mark.parametrize("content", [None, b"", b"PK\x03\x04 and no more", b"text"])
def test_no_checkpoint_is_one_sentence(train, tmp_path, content):
    (tmp_path / "run").mkdir()
    if content is not None:
        (tmp_path / "run" / "checkpoint.npz").write_bytes(content)
    answer = train(small_experiment(), "run", "--resume")
    assert answer.code == 2
    assert answer.err.count("\n") == 1
    assert "checkpoint.npz: expected a checkpoint to resume from" in answer.err


def test_arrays_that_are_no_checkpoint(train, tmp_path):
    (tmp_path / "run").mkdir()
    np.savez(tmp_path / "run" / "checkpoint.npz", x=np.zeros(3))
    assert "expected a checkpoint to resume from, found other arrays" in train(small_experiment(), "run", "--resume").err


def test_a_checkpoint_of_another_network_is_refused(train, tmp_path):
    assert train(small_experiment(), "run").code == 0
    path = tmp_path / "run" / "checkpoint.npz"
    with np.load(path) as file:
        arrays = dict(file)
    np.savez(path, **arrays | {"session/variable/0": np.zeros((3, 3), np.float32)})
    answer = train(small_experiment(), "run", "--resume")
    assert answer.code == 1
    assert "The checkpoint is of another network: it has float32 [3, 3] where this one has float32" in answer.err
