"""``train``: the folder of a run, judged by plain Keras, csv, json and NumPy."""

import csv
import json
import os
import re
import signal

import numpy as np
import pytest

from models.experiment.data import Sine
from models.experiment.layers import Dense
from models.experiment.losses import MeanSquaredError
from models.experiment.optimizers import SGD
from models.headless import training
from models.headless.progress import Progress
from models.storage.files import load, save
from models.storage.run_folder import names
from models.telemetry.events import StepsTaken
from tests.models.headless.samples import small_experiment
from tests.sampling import sampled

pytestmark = pytest.mark.engine


def table(path):
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    return rows[0], [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def summary(folder):
    return json.loads((folder / "summary.json").read_text(encoding="utf-8"), parse_constant=pytest.fail)


@pytest.fixture
def run(tmp_path, command):
    """Train a small experiment with these changes; gives the folder and the answer."""

    def train(*options, **changes):
        path, folder = tmp_path / "run.wiggle.json", tmp_path / "run"
        save(small_experiment(**changes), path)
        return folder, command("train", path, "--out", folder, "--device", "cpu", *options)

    return train


def test_a_run_leaves_all_its_files(run):
    folder, answer = run()
    assert (answer.code, answer.err) == (0, "")
    assert sorted(path.name for path in folder.iterdir()) == sorted(names)
    assert load(folder / "experiment.wiggle.json") == small_experiment()

    columns, rows = table(folder / "history.csv")
    gradients = [f"grad_norm/{layer.name}" for layer in small_experiment().network]
    assert columns == ["step", "epoch", "loss", "accuracy", "learning_rate", *gradients]
    assert [row["step"] for row in rows] == [str(step) for step in range(1, 7)]
    assert [row["epoch"] for row in rows] == ["1", "1", "1", "2", "2", "2"]
    assert {row["learning_rate"] for row in rows} == {"0.01"}

    columns, rows = table(folder / "epochs.csv")
    assert columns == ["epoch", "step", "loss", "accuracy", "val_loss", "val_accuracy"]
    assert [(row["epoch"], row["step"]) for row in rows] == [("1", "3"), ("2", "6")]

    layers = json.loads((folder / "layers.json").read_text(encoding="utf-8"), parse_constant=pytest.fail)
    assert layers["step"] == 6
    assert [layer["name"] for layer in layers["layers"]] == [layer.name for layer in small_experiment().network]

    end = summary(folder)
    assert (end["ended"], end["epochs"], end["steps"], end["device"]) == ("finished", 2, 6, "cpu")
    assert end["last"] == {name: pytest.approx(float(rows[-1][name])) for name in columns[2:]}
    assert end["best"]["val_loss"] == pytest.approx(min(float(row["val_loss"]) for row in rows))
    assert set(end["versions"]) == {"python", "tensorflow", "keras", "numpy", "wiggle"}
    last = answer.out.splitlines()[-1]
    assert re.fullmatch(rf"Finished after 6 steps in [\d.]+ s; val_loss [\d.]+, val_accuracy [\d.]+; results in {folder}\.", last)


@pytest.mark.usefixtures("no_looks")
def test_plain_keras_replays_a_run_that_is_not_shuffled(run):
    import keras

    folder, _ = run(training__shuffle=False)
    model = keras.saving.load_model(folder / "initial.keras")
    with np.load(folder / "data.npz", allow_pickle=False) as data:
        assert set(data.files) == {"x_train", "y_train", "x_val", "y_val"}
        x, y, held = data["x_train"], data["y_train"], (data["x_val"], data["y_val"])
    batch = small_experiment().training.batch_size
    replayed = [
        model.train_on_batch(x[begin : begin + batch], y[begin : begin + batch], return_dict=True)
        for _ in range(2)
        for begin in range(0, len(x), batch)
        if model.reset_metrics() is None
    ]
    _, rows = table(folder / "history.csv")
    for name in ("loss", "accuracy"):
        np.testing.assert_allclose([float(row[name]) for row in rows], [step[name] for step in replayed], atol=1e-5)
    final = keras.saving.load_model(folder / "final.keras")
    np.testing.assert_allclose(final.predict(held[0], verbose=0), model.predict(held[0], verbose=0), atol=1e-5)
    measured = final.evaluate(*held, batch_size=batch, return_dict=True, verbose=0)
    for name, value in measured.items():
        assert summary(folder)["last"][f"val_{name}"] == pytest.approx(value, abs=1e-5)


@pytest.mark.exhaustive
@pytest.mark.usefixtures("no_looks")
def test_the_same_file_gives_the_same_figures(run):
    folder, _ = run()
    first = (folder / "history.csv").read_bytes()
    run()
    assert (folder / "history.csv").read_bytes() == first


@pytest.mark.usefixtures("no_looks")
def test_no_epochs_build_and_write_and_train_nothing(run):
    folder, answer = run("--epochs", 0)
    assert answer.code == 0
    assert table(folder / "history.csv")[0][:4] == ["step", "epoch", "loss", "accuracy"]
    assert table(folder / "history.csv")[1] == []
    assert table(folder / "epochs.csv") == (["epoch", "step", "loss", "accuracy", "val_loss", "val_accuracy"], [])
    assert load(folder / "experiment.wiggle.json").training.epochs == 0
    end = summary(folder)
    assert (end["ended"], end["epochs"], end["steps"]) == ("finished", 0, 0)
    assert set(end["last"]) == {"val_loss", "val_accuracy"}


@pytest.mark.usefixtures("no_looks")
def test_quiet_means_silence(run):
    _, answer = run("--quiet")
    assert (answer.code, answer.out, answer.err) == (0, "", "")


@pytest.mark.usefixtures("no_looks")
def test_other_data_for_a_saved_experiment(run, tmp_path):
    rng = np.random.default_rng(0)
    np.savez(tmp_path / "other.npz", x=rng.normal(size=(40, 2)).astype(np.float32), y=np.arange(40) % 2)
    folder, answer = run("--data", tmp_path / "other.npz", "--epochs", 1)
    assert answer.code == 0
    with np.load(folder / "data.npz") as data:
        assert (len(data["x_train"]), len(data["x_val"])) == (32, 8)
    assert load(folder / "experiment.wiggle.json").data.path == str(tmp_path / "other.npz")


def diverging():
    line = (Dense(name="output", units=1),)
    return {
        "data": Sine(),
        "network": line,
        "training__loss": MeanSquaredError(),
        "training__optimizer": SGD(learning_rate=1000.0),
    }


@pytest.mark.usefixtures("no_looks")
def test_a_diverged_run_is_exit_code_1_with_everything_written(run):
    folder, answer = run("--epochs", 50, **diverging())
    assert answer.code == 1
    assert answer.err.count("\n") == 1
    assert sorted(path.name for path in folder.iterdir()) == sorted(names)
    end = summary(folder)
    assert end["ended"] == "diverged"
    assert end["reason"] == answer.err.strip()
    _, rows = table(folder / "history.csv")
    assert len(rows) == end["steps"] > 0


@pytest.mark.parametrize("number", sampled((signal.SIGINT, signal.SIGTERM), signal.SIGTERM))
def test_a_stop_keeps_what_was_reached(number, run, monkeypatch):
    show = Progress.show

    def interrupted(self, event):
        show(self, event)
        if isinstance(event, StepsTaken) and event.first_step == 1:
            os.kill(os.getpid(), number)

    monkeypatch.setattr(Progress, "show", interrupted)
    before = signal.getsignal(number)
    folder, answer = run("--epochs", 100_000)
    assert signal.getsignal(number) is before
    assert (answer.code, answer.err) == (0, "")
    assert sorted(path.name for path in folder.iterdir()) == sorted(names)
    end = summary(folder)
    assert end["ended"] == "stopped"
    assert 0 < end["steps"] < 300_000
    assert {"loss", "val_loss"} <= set(end["last"])
    assert answer.out.splitlines()[-1].startswith("Stopped after")


def test_what_cannot_fit_is_refused_in_a_sentence(run):
    layer = Dense(name="wide", units=1_000_000)
    folder, answer = run(network=(layer, layer.__class__(name="wider", units=1_000_000), *small_experiment().network))
    assert answer.code == 1
    assert answer.err.count("\n") == 1
    assert "GB" in answer.err
    assert summary(folder)["ended"] == "failed"
    assert summary(folder)["reason"] == answer.err.strip()


def test_a_network_that_keras_cannot_run_is_told_in_a_sentence(run, monkeypatch):
    def fail(*_, **__):
        raise RuntimeError("Keras cannot do this.\nArguments received: …")

    monkeypatch.setattr("models.engine.steps.GraphLoop.compile", fail)
    monkeypatch.setattr("models.engine.evaluation.Evaluator.measure", fail)
    folder, answer = run()
    assert answer.code == 1
    assert "Keras cannot do this" in answer.err
    assert answer.err.count("\n") == 1
    assert (summary(folder)["ended"], summary(folder)["steps"]) == ("failed", 0)


def test_a_gpu_that_is_not_there_is_bad_input_and_nothing_is_written(small, tmp_path, command):
    answer = command("train", small, "--out", tmp_path / "run", "--device", "gpu:7")
    assert answer.code == 2
    assert answer.err.count("\n") == 1
    assert not (tmp_path / "run").exists()


@pytest.mark.usefixtures("no_looks")
def test_a_long_run_is_thinned(run, monkeypatch):
    history = training.History
    monkeypatch.setattr(training, "History", lambda: history(capacity=10))
    folder, _ = run("--epochs", 20)
    _, rows = table(folder / "history.csv")
    assert 5 <= len(rows) <= 10
    assert (rows[0]["step"], rows[-1]["step"]) == ("1", "60")


@pytest.mark.usefixtures("no_looks")
def test_steps_decide_the_length_and_epochs_take_it_back(run):
    folder, _ = run("--steps", "4")
    end = summary(folder)
    assert (end["steps"], end["reason"]) == (4, "All 4 steps are done.")
    assert load(folder / "experiment.wiggle.json").training.steps == 4
    _, rows = table(folder / "epochs.csv")
    assert [row["step"] for row in rows] == ["3", "4"]
    folder, _ = run("--epochs", "1", training__steps=5)
    assert summary(folder)["steps"] == 3


def test_steps_and_epochs_together_are_refused(command, small, tmp_path):
    answer = command("train", small, "--out", tmp_path / "run", "--steps", "4", "--epochs", "2")
    assert answer.code == 2
    assert "not allowed with" in answer.err
    answer = command("train", small, "--out", tmp_path / "run", "--steps", "0")
    assert "expected a whole number from 1 to 1 000 000 000, found “0”" in answer.err


@pytest.mark.usefixtures("no_looks")
def test_the_figures_are_those_of_the_weights_that_were_restored(run):
    folder, _ = run(training__epochs=12, training__keep_best="val_loss", training__optimizer=SGD(learning_rate=2.0))
    end = summary(folder)
    epoch = end["restored_epoch"]
    assert epoch == end["best_epoch"]["val_loss"] < 12
    assert end["reason"] == f"All 12 epochs are done; the weights of epoch {epoch} were restored."
    assert end["last"]["val_loss"] == pytest.approx(end["best"]["val_loss"], rel=1e-5)
    import keras

    with np.load(folder / "data.npz") as data:
        loss = keras.saving.load_model(folder / "final.keras").evaluate(data["x_val"], data["y_val"], verbose=0)[0]
    assert loss == pytest.approx(end["best"]["val_loss"], rel=1e-4)


@pytest.mark.usefixtures("no_looks")
def test_weights_go_into_the_data(run):
    from models.experiment.class_weights import GivenWeights

    folder, _ = run(training__class_weight=GivenWeights(weights=(1.0, 3.0)))
    with np.load(folder / "data.npz") as data:
        assert data["sample_weight_train"].tolist() == np.where(data["y_train"][:, 0] > 0, 3.0, 1.0).tolist()
        assert "sample_weight_val" not in data.files
