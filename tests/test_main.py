"""main.py as it is started from a shell."""

import errno
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import main
from models.headless import screen

root = Path(__file__).parents[1]
examples = root / "resources" / "examples"


def start(*arguments: object, folder: Path = root, options: tuple[str, ...] = (), **environment: str):
    """Run main.py without a screen."""
    inherited = {name: value for name, value in os.environ.items() if name != "QT_QPA_PLATFORM"}
    command = [sys.executable, *options, str(root / "main.py"), *map(str, arguments)]
    return subprocess.run(
        command,
        cwd=folder,
        env=inherited | environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


def test_help_names_every_command():
    answer = start("--help")
    assert (answer.returncode, answer.stderr) == (0, "")
    assert all(f"\n    {command} " in answer.stdout for command in ("new", "check", "train", "export"))


def test_the_version_is_the_projects():
    answer = start("--version")
    assert answer.stdout.startswith("Wiggle ")
    assert f'version = "{answer.stdout.split()[1]}"' in (root / "pyproject.toml").read_text(encoding="utf-8")


def test_new_and_check_do_not_import_tensorflow(tmp_path):
    code = (
        "import sys, main\n"
        "assert main.main(['new', '--data', 'digits', '-o', 'digits.wiggle.json']) == 0\n"
        "assert main.main(['check', 'digits.wiggle.json']) == 0\n"
        "print(sorted({'tensorflow', 'keras', 'PySide6', 'matplotlib'} & set(sys.modules)))"
    )
    environment = os.environ | {"PYTHONPATH": str(root)}
    answer = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert answer.stdout.splitlines()[-1] == "[]", answer.stderr


@pytest.mark.parametrize(
    ("file", "command"),
    [
        (examples / "xor.wiggle.json", f"train {examples / 'xor.wiggle.json'} --out {Path('runs', 'xor')}"),
        (examples / "fruit.csv", f"new --data {examples / 'fruit.csv'} -o fruit.wiggle.json"),
    ],
)
def test_a_file_without_a_display_is_told_how_to_go_on(file, command):
    answer = start(file)
    assert answer.returncode == 2
    assert answer.stderr.count("\n") == 1
    assert answer.stderr.rstrip().endswith(f"uv run main.py {command}")


@pytest.mark.exhaustive
@pytest.mark.engine
def test_no_arguments_without_a_display_train_an_example(tmp_path):
    answer = start(folder=tmp_path)
    assert (answer.returncode, answer.stderr) == (0, "")
    first, *_, last = answer.stdout.splitlines()
    assert first.startswith("There is no display")
    assert "uv run main.py train" in first
    assert last.endswith(f"results in {Path('runs', 'spiral')}.")
    summary = json.loads((tmp_path / "runs" / "spiral" / "summary.json").read_text(encoding="utf-8"))
    assert summary["ended"] == "finished"
    assert summary["last"]["val_accuracy"] > 0.95


def test_without_our_packages_it_says_how_to_start():
    answer = start("check", examples / "xor.wiggle.json", options=("-S",))
    assert answer.returncode == 2
    assert answer.stderr.count("\n") == 1
    assert "uv run main.py" in answer.stderr


def test_a_reader_who_left_is_no_error():
    command = f"{sys.executable} {root / 'main.py'} check {examples / 'xor.wiggle.json'} --json | true; echo ${{PIPESTATUS[0]}}"
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    answer = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60, check=False, env=buffered)
    assert (answer.stdout, answer.stderr) == ("0\n", "")


def test_missing_system_libraries_give_the_line_that_installs_them(monkeypatch, capsys):
    monkeypatch.setattr(screen, "why_no_display", lambda environment: "")
    monkeypatch.setattr(screen, "missing_libraries", lambda environment: ("libEGL.so.1",))
    assert main.main([]) == 2
    error = capsys.readouterr().err
    assert "libEGL.so.1" in error
    assert (
        "sudo apt-get install -y libegl1 libgl1 libxkbcommon0 libfontconfig1 libdbus-1-3 libglib2.0-0 "
        "libxcb-cursor0 libxkbcommon-x11-0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0\n" in error
    )


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ImportError("libfoo.so.3: cannot open shared object file: No such file or directory"), "libfoo.so.3"),
        (ModuleNotFoundError("No module named 'PySide6'", name="PySide6"), "uv run main.py"),
    ],
)
def test_what_cannot_be_imported_is_explained(error, said, capsys):
    assert main.explain_import(error) == 2
    assert said in capsys.readouterr().err


def test_a_mistake_of_ours_is_not_explained_away():
    with pytest.raises(ImportError):
        main.explain_import(ImportError("cannot import name 'x' from 'models.y'", name="models.y"))


def test_an_output_that_takes_nothing_is_one_line_or_silence(monkeypatch, capsys, tmp_path):
    path = tmp_path / "xor.wiggle.json"

    class Full(io.StringIO):
        def write(self, text: str) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", Full())
        assert main.main(["new", "--data", "xor", "-o", str(path)]) == 2
        assert capsys.readouterr().err == "standard output: no space left on device.\n"
        patch.setattr(sys, "stdout", None)  # what a closed one is
        assert main.main(["new", "--data", "xor", "-o", str(path)]) == 0


def test_ctrl_c_while_a_command_is_imported_is_one_line(monkeypatch, capsys):
    def interrupt(parsed):
        raise KeyboardInterrupt

    monkeypatch.setattr("models.headless.commands.run", interrupt)
    assert main.main(["new", "--data", "xor", "-o", "x.json"]) == 1
    assert capsys.readouterr().err == "Interrupted.\n"
