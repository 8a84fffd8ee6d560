"""Brings TensorFlow into the process quietly, and so that a window beside it stays smooth."""

import contextlib
import ctypes
import gc
import importlib
import importlib.util
import logging
import os
import re
import sys
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

libraries = (
    "libtensorflow_framework.so.2",
    "libtensorflow_cc.so.2",
    "python/_pywrap_tensorflow_internal.so",
)
"""What importing TensorFlow loads, more than 1 GB, in this order."""

chatter = re.compile(
    rb"WARNING: All log messages before absl|[IWE]\d{4} \d\d:\d\d:\d\d\.\d|[IWE]0000 \d\d:|To enable the following instructions:"
)
"""How lines begin that TensorFlow's libraries write to standard error whatever their log level."""


def set_environment() -> None:
    """What Keras and TensorFlow read when they are imported; a person's own settings go before ours."""
    os.environ["KERAS_BACKEND"] = "tensorflow"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    # TensorFlow takes every new session for the same function traced again and again, and warns.
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    # `check` says so where a person can see it.
    warnings.filterwarnings("ignore", message=".*does not support masking")
    warnings.filterwarnings("ignore", message="Gradients do not exist for variables")


def load() -> None:
    """Import TensorFlow and the engine. Takes seconds; call it in the thread that will train."""
    if "tensorflow" in sys.modules:
        importlib.import_module("models.engine.session")
        return
    with without_chatter(), without_collections():
        open_libraries()
        importlib.import_module("models.engine.session")


def open_libraries() -> None:
    """Load TensorFlow's libraries without the interpreter lock; on systems other than Linux do nothing.

    An import holds the lock while the system loads a library, for up to 0.9 s here, and every other thread waits. A foreign call
    to dlopen gives the lock back; the import then finds the libraries loaded. Failure is harmless: the import reports it.
    """
    if sys.platform != "linux":
        return
    found = importlib.util.find_spec("tensorflow")
    if found is None or not found.submodule_search_locations:
        return
    try:
        dlopen = ctypes.CDLL(None).dlopen
    except (OSError, AttributeError):
        return
    dlopen.argtypes, dlopen.restype = (ctypes.c_char_p, ctypes.c_int), ctypes.c_void_p
    for name in libraries:
        path = Path(found.submodule_search_locations[0]) / name
        if path.exists():
            dlopen(os.fsencode(path), os.RTLD_NOW)


@contextlib.contextmanager
def without_collections() -> Iterator[None]:
    """Hold the garbage collector: full collections over an import's growing heap stop all threads for 0.1–0.2 s each."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if collecting:
            gc.enable()


@contextlib.contextmanager
def without_chatter() -> Iterator[None]:
    """Keep TensorFlow's libraries from writing to standard error; whatever else is written there meanwhile appears afterwards."""
    try:
        shown = os.dup(2)
    except OSError:  # A program without a console has no standard error.
        yield
        return
    with tempfile.TemporaryFile() as written:
        os.dup2(written.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(shown, 2)
            written.seek(0)
            for line in written:
                if not chatter.match(line):
                    os.write(shown, line)
            os.close(shown)
