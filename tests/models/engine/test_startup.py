"""Importing the package is light; loading the engine is quiet."""

import subprocess
import sys

import pytest

from models.engine import startup

pytestmark = pytest.mark.engine


def run(program):
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)


def test_importing_the_package_imports_neither_tensorflow_nor_keras():
    answer = run("import sys, models.engine, models.engine.errors; print(any(m in sys.modules for m in ('tensorflow', 'keras')))")
    assert answer.stdout.strip() == "False"


def test_only_the_chatter_is_kept_from_standard_error():
    answer = run(
        "import os\n"
        "from models.engine import startup\n"
        "with startup.without_chatter():\n"
        "    os.write(2, b'I0000 00:00:1795316268.305847 6024 port.cc:153] oneDNN custom operations are on.\\n')\n"
        "    os.write(2, b'something else\\n')\n"
        "os.write(2, b'afterwards\\n')\n"
    )
    assert answer.stderr == "something else\nafterwards\n"


def test_other_systems_open_nothing(monkeypatch):
    monkeypatch.setattr(startup.sys, "platform", "win32")
    monkeypatch.setattr(startup.ctypes, "CDLL", None)
    startup.open_libraries()


def test_a_missing_library_is_no_failure(monkeypatch):
    monkeypatch.setattr(startup, "libraries", ("no such library.so",))
    startup.open_libraries()
