"""What can train here is listed; what cannot is explained."""

import pytest

from models.engine import devices
from models.engine.errors import DeviceError, NotEnoughMemory
from models.engine.session import refuse_too_large
from models.experiment.estimate import Estimate

pytestmark = pytest.mark.engine

no_gpu = pytest.mark.skipif(len(devices.devices()) > 1, reason="this machine has a GPU")


def test_the_processor_comes_first():
    first = devices.devices()[0]
    assert first.name == "cpu"
    assert first.memory > 0
    assert first.scope == "/device:CPU:0"
    assert 0 < devices.available_memory(first) <= first.memory


def test_names():
    assert devices.resolve("cpu").name == "cpu"
    assert devices.resolve("auto") == devices.devices()[-1 if len(devices.devices()) == 1 else 1]
    with pytest.raises(DeviceError, match=r"no device tpu.*auto.*cpu"):
        devices.resolve("tpu")


@no_gpu
@pytest.mark.parametrize("name", ["gpu", "gpu:0", "gpu:3"])
def test_a_missing_gpu_is_explained(name):
    reason = devices.missing_gpu()
    with pytest.raises(DeviceError) as caught:
        devices.resolve(name)
    assert caught.value.sentence == f"{reason.sentence} {reason.remedy}"


@no_gpu
@pytest.mark.parametrize(
    ("platform", "driver", "cuda", "words"),
    [
        ("linux", False, True, "No NVIDIA driver"),
        ("linux", True, False, "built for the processor only"),
        ("linux", True, True, "CUDA libraries"),
        ("win32", False, False, "WSL2"),
        ("darwin", False, False, "macOS"),
    ],
)
def test_why_there_is_no_gpu(monkeypatch, platform, driver, cuda, words):
    monkeypatch.setattr(devices.sys, "platform", platform)
    monkeypatch.setattr(devices.shutil, "which", lambda _: "/usr/bin/nvidia-smi" if driver else None)
    monkeypatch.setattr(devices.tf.sysconfig, "get_build_info", lambda: {"is_cuda_build": cuda})
    reason = devices.missing_gpu()
    assert words in reason.sentence + reason.remedy


def test_a_training_that_fits_is_not_refused():
    cpu = devices.resolve("cpu")
    refuse_too_large(Estimate(1, 1, 1, 1, 1, 1), cpu)
    with pytest.raises(NotEnoughMemory, match="lower the batch size"):
        refuse_too_large(Estimate(1, 1, 1, 1, 10**15, 1), cpu)
    refuse_too_large(Estimate(1, 1, 1, 1, 1, 10**15), cpu)  # examples that many stream from where they are
