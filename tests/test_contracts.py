"""The project's own rules: lint, format, types, imports that point one way, and what is written in two places."""

import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from models.experiment.starter import default_experiment
from models.headless import screen
from models.storage.files import load

root = Path(__file__).parents[1]
scripts = Path(sysconfig.get_path("scripts"))

violations = {
    "The core knows neither Qt nor matplotlib nor the window": ("models/storage/codec.py", "import matplotlib"),
    "TensorFlow and Keras live in the engine only": ("models/headless/checking.py", "import tensorflow"),
    "The document stands on nothing but msgspec": ("models/experiment/check.py", "import numpy"),
    "Data, storage and telemetry do not know the engine": ("models/telemetry/history.py", "import models.engine.errors"),
    "Imports point one way": ("models/data/loading.py", "import models.telemetry.events"),
    "Plots know neither the views made of them nor where these stand": ("gui/plots/axes/colours.py", "import gui.plots.plot"),
    "The window reaches the engine through the worker's thread only": ("gui/theme.py", "import models.engine.startup"),
}
"""For each contract a line that breaks it."""


def run(*command: str | Path, folder: Path = root) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)


@pytest.mark.parametrize(
    "command",
    [
        ("ruff", "check"),
        ("ruff", "format", "--check"),
        ("mypy",),
        ("lint-imports", "--no-cache"),
    ],
    ids=" ".join,
)
def test_the_source_passes(command: tuple[str, ...]):
    answer = run(scripts / command[0], *command[1:])
    assert answer.returncode == 0, f"{answer.stdout}\n{answer.stderr}"


def test_every_contract_is_caught_when_broken(tmp_path):
    shutil.copy(root / "pyproject.toml", tmp_path)
    for package in ("gui", "models"):
        shutil.copytree(root / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    for file, line in violations.values():
        with (tmp_path / file).open("a", encoding="utf-8") as source:
            source.write(f"\n{line}\n")
    answer = run(scripts / "lint-imports", "--no-cache", folder=tmp_path)
    assert answer.returncode == 1
    assert set(re.findall(r"^(.+) BROKEN", answer.stdout, re.MULTILINE)) == set(violations)


@pytest.mark.parametrize("module", ["gui.app", "models.headless.commands", "models.engine.startup"])
def test_tensorflow_is_not_imported_before_it_is_needed(module: str):
    code = f"import sys, {module}; print(sorted({{'tensorflow', 'keras'}} & set(sys.modules)))"
    answer = run(sys.executable, "-c", code)
    assert answer.stdout.strip() == "[]", answer.stderr


def test_the_example_that_is_trained_first_is_what_the_window_opens_with():
    assert load(root / "resources/examples/spiral.wiggle.json") == default_experiment()


def test_ci_installs_the_packages_that_the_program_asks_for():
    packages = re.search(r"packages=\((.*?)\)", (root / ".ci/run").read_text(encoding="utf-8"), re.DOTALL)
    assert packages
    assert packages[1].split() == screen.install_line().split()[4:]
