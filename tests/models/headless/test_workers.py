"""Several processes train one network together; what they write is what one would, and none waits for one that is gone."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from models.storage.files import save
from tests.models.headless.samples import small_experiment
from tests.models.headless.test_training import summary, table

pytestmark = pytest.mark.engine

root = Path(__file__).parents[3]


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


class Workers:
    """Two processes on this machine, each told about the other."""

    def __init__(self, path, folder, *options, second_path=None):
        addresses = [f"127.0.0.1:{port}" for port in free_ports(2)]
        self.processes = []
        for index, file in enumerate((path, second_path or path)):
            command = [sys.executable, root / "main.py", "train", file, "--out", folder, *map(str, options)]
            config = json.dumps({"cluster": {"worker": addresses}, "task": {"type": "worker", "index": index}})
            self.processes.append(subprocess.Popen(
                command, cwd=root, env=os.environ | {"TF_CONFIG": config}, text=True,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            ))  # fmt: skip

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in self.processes:
            process.kill()
            process.communicate()

    def wait_for(self, path, seconds=120):
        ends = time.monotonic() + seconds
        while not path.exists():
            assert time.monotonic() < ends
            assert all(process.poll() is None for process in self.processes)
            time.sleep(0.01)

    def answers(self, seconds=120):
        """Exit code, standard output and standard error of both."""
        said = [process.communicate(timeout=seconds) for process in self.processes]
        return [(process.returncode, *texts) for process, texts in zip(self.processes, said, strict=True)]


def same_history(one, other):
    (columns, left), (_, right) = table(one), table(other)
    figures = [[[float(row[name]) for name in columns] for row in rows] for rows in (left, right)]
    np.testing.assert_allclose(*figures, rtol=1e-5, atol=1e-5)
    return left


@pytest.mark.exhaustive
def test_two_workers_write_what_one_process_would(tmp_path, command):
    experiment, path = small_experiment(training__epochs=17), tmp_path / "small.wiggle.json"
    save(experiment, path)
    assert command("train", path, "--out", tmp_path / "one", "--device", "cpu").code == 0
    with Workers(path, tmp_path / "two", "--device", "all") as workers:
        (code, out, err), (other_code, other_out, other_err) = workers.answers()
    assert (code, err) == (0, "")
    assert out.splitlines()[-1].startswith("Finished after 51 steps")
    assert (other_code, other_err) == (0, "")
    assert other_out.splitlines()[-1] == "Worker 1 of 2: finished after 51 steps; the results are with worker 0."
    for name in ("history.csv", "epochs.csv"):
        assert same_history(tmp_path / "one" / name, tmp_path / "two" / name)
    assert summary(tmp_path / "two")["device"] == "2 workers × cpu"


@pytest.mark.exhaustive
@pytest.mark.parametrize("killed", [0, 1])
def test_a_worker_that_dies_ends_the_other_and_the_run_goes_on_where_it_was(tmp_path, killed):
    experiment = small_experiment(training__epochs=300)
    path, long, folder = tmp_path / "small.wiggle.json", tmp_path / "long.wiggle.json", tmp_path / "run"
    save(experiment, path)
    save(replace(experiment, training=replace(experiment.training, epochs=1_000_000)), long)
    with Workers(long, folder, "--checkpoint", 0) as workers:
        workers.wait_for(folder / "checkpoint.npz")
        workers.processes[killed].send_signal(signal.SIGKILL)
        began = time.monotonic()
        code, _, err = workers.answers(60)[1 - killed]
        assert time.monotonic() - began < 30
    assert code == 1
    assert "Another worker ended or cannot be reached" in err
    assert "--resume" in err
    assert err.count("\n") == 1
    assert (folder / "final.keras").exists() == (killed == 1)
    with Workers(path, folder, "--resume") as workers:
        assert [code for code, _, _ in workers.answers()] == [0, 0]
    with Workers(path, tmp_path / "straight") as workers:
        assert [code for code, _, _ in workers.answers()] == [0, 0]
    for name in ("history.csv", "epochs.csv"):
        assert (folder / name).read_bytes() == (tmp_path / "straight" / name).read_bytes()


@pytest.mark.exhaustive
def test_workers_with_different_data_refuse(tmp_path):
    for place, seed in enumerate((1, 2)):
        save(small_experiment(seed=seed), tmp_path / f"{place}.wiggle.json")
    with Workers(tmp_path / "0.wiggle.json", tmp_path / "run", second_path=tmp_path / "1.wiggle.json") as workers:
        (code, _, err), (other_code, _, other_err) = workers.answers()
    assert (code, other_code) == (1, 1)
    assert err.startswith("Another worker's experiment or data differ from the chief's")
    assert other_err.startswith("Worker 1 of 2: This worker's experiment or data differ from the chief's")


def test_a_cluster_and_one_device_do_not_go_together(small, tmp_path, command, monkeypatch):
    config = {"cluster": {"worker": ["a:1", "b:1"]}, "task": {"type": "worker", "index": 0}}
    monkeypatch.setenv("TF_CONFIG", json.dumps(config))
    answer = command("train", small, "--out", tmp_path / "run", "--device", "cpu")
    assert answer.code == 2
    assert (
        answer.err
        == "--device: expected all, as TF_CONFIG names several machines, found cpu; unset TF_CONFIG to train on one device.\n"
    )
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("config", ["{", '{"cluster": {}}'])
def test_a_cluster_that_is_not_understood_is_bad_input(small, tmp_path, command, monkeypatch, config):
    monkeypatch.setenv("TF_CONFIG", config)
    answer = command("train", small, "--out", tmp_path / "run")
    assert answer.code == 2
    assert answer.err.startswith("TF_CONFIG")
    assert answer.err.count("\n") == 1


def test_all_of_one_device_is_said(small, tmp_path, command):
    answer = command("train", small, "--out", tmp_path / "run", "--device", "all")
    assert answer.code == 0
    assert "the only device here." in answer.out
