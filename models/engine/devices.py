"""What can train here: the processor, and each GPU that TensorFlow lists; where there is none, why."""

import contextlib
import os
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import tensorflow as tf

from models.engine.errors import DeviceError
from models.experiment.training import Precision
from models.storage.memory import host_memory

least_capability: dict[Precision, tuple[int, int]] = {"float32": (0, 0), "mixed_bfloat16": (8, 0), "mixed_float16": (7, 0)}
"""Compute capability from which on NVIDIA's GPUs have units for such numbers."""

for _gpu in tf.config.list_physical_devices("GPU"):
    # TensorFlow otherwise takes all of a GPU's memory at the first use, even of the processor beside it.
    with contextlib.suppress(RuntimeError):
        tf.config.experimental.set_memory_growth(_gpu, True)


@dataclass(frozen=True)
class Device:
    """A place to train on."""

    name: str
    """``cpu``, ``gpu:0``, ``gpu:1``, …"""
    title: str
    memory: int | None
    """Bytes, or none where they are not known."""

    @property
    def scope(self) -> str:
        """TensorFlow's name of the device."""
        return f"/device:{self.name.upper()}" if ":" in self.name else "/device:CPU:0"


@dataclass(frozen=True)
class Explanation:
    """Why something is not there, and what would help."""

    sentence: str
    remedy: str


def devices() -> tuple[Device, ...]:
    """The processor, then the GPUs in TensorFlow's order."""
    gpus = tf.config.list_physical_devices("GPU")
    return (Device("cpu", processor_title(), host_memory()), *(_gpu_device(i, gpu) for i, gpu in enumerate(gpus)))


def resolve(name: str) -> Device:
    """The device that ``auto`` (the first GPU, otherwise the processor), ``cpu``, ``gpu`` or ``gpu:1`` stands for."""
    known = devices()
    if name == "auto":
        return known[1] if len(known) > 1 else known[0]
    wanted = "gpu:0" if name == "gpu" else name
    for device in known:
        if device.name == wanted:
            return device
    names = ", ".join(device.name for device in known)
    if not wanted.startswith("gpu:"):
        raise DeviceError(f"There is no device {name}. Choose auto or one of: {names}.")
    reason = missing_gpu()
    if reason is not None:
        raise DeviceError(f"{reason.sentence} {reason.remedy}")
    raise DeviceError(f"There is no device {name}: TensorFlow lists {names}. Choose one of these.")


def precisions(device: Device) -> tuple[Precision, ...]:
    """What `device` computes with, each in hardware: half precision takes a GPU of a certain compute capability."""
    if device.name == "cpu":
        return ("float32", "mixed_bfloat16")
    gpu = tf.config.list_physical_devices("GPU")[int(device.name.partition(":")[2])]
    capability = tf.config.experimental.get_device_details(gpu).get("compute_capability", (0, 0))
    return tuple(precision for precision, least in least_capability.items() if capability >= least)


def missing_gpu() -> Explanation | None:
    """Why TensorFlow lists no GPU, or none where it lists one."""
    if tf.config.list_physical_devices("GPU"):
        return None
    if sys.platform == "win32":
        return Explanation(
            "TensorFlow cannot use a GPU on Windows itself (since version 2.11).",
            "Run Wiggle inside WSL2 (Windows Subsystem for Linux), with NVIDIA's Windows driver installed.",
        )
    if sys.platform == "darwin":
        return Explanation(
            "TensorFlow has no GPU support of its own on macOS.",
            "Train on the processor, or on a Linux machine with an NVIDIA GPU.",
        )
    if not (shutil.which("nvidia-smi") or Path("/proc/driver/nvidia/version").exists()):
        return Explanation(
            "No NVIDIA driver was found on this machine (neither nvidia-smi nor /proc/driver/nvidia).",
            "If there is an NVIDIA GPU, install its driver; otherwise train on the processor.",
        )
    if not tf.sysconfig.get_build_info().get("is_cuda_build", False):
        return Explanation(
            "This TensorFlow is built for the processor only.", "Install the variant for GPUs: uv sync --extra gpu."
        )
    return Explanation(
        "There is an NVIDIA driver, but TensorFlow found no GPU: the CUDA libraries are missing or do not fit the driver.",
        "Install them with uv sync --extra gpu, and see that nvidia-smi lists the GPU and CUDA_VISIBLE_DEVICES does not hide it.",
    )


def available_memory(device: Device) -> int | None:
    """Bytes that can still be used on `device`, or none where that is not known."""
    if device.name == "cpu":
        return host_memory("MemAvailable")
    if device.memory is None:
        return None
    try:
        used = tf.config.experimental.get_memory_info(device.name.upper())["current"]
    except (ValueError, RuntimeError):
        return device.memory
    return device.memory - int(used)


def processor_title() -> str:
    """The processor as its maker calls it, as far as the system tells, with the number of its threads."""
    title = platform.processor() or platform.machine() or "Processor"
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                title = line.partition(":")[2].strip()
                break
    return f"{title}, {os.cpu_count() or 1} threads"


def _gpu_device(index: int, gpu: tf.config.PhysicalDevice) -> Device:
    details = tf.config.experimental.get_device_details(gpu)
    return Device(f"gpu:{index}", str(details.get("device_name", f"GPU {index}")), _gpu_memory(index))


def _gpu_memory(index: int) -> int | None:
    """Bytes of the GPU by NVIDIA's driver tool; TensorFlow itself does not tell before it takes them."""
    try:
        answer = subprocess.run(
            ["nvidia-smi", f"--id={index}", "--query-gpu=memory.total", "--format=csv,noheader,nounits"],
            capture_output=True, text=True, timeout=5, check=True,
        )  # fmt: skip
        return int(answer.stdout.strip()) * 1024 * 1024
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
