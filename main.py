"""Wiggle's entry: no arguments or a file open the window, a command works without one."""

import gc
import os
import shlex
import sys
from argparse import Namespace
from pathlib import Path

from models.headless import screen
from models.headless.arguments import UsageError, parse
from models.headless.outcome import bad_answer, bad_input, refuse

example = Path(__file__).parent / "resources" / "examples" / "spiral.wiggle.json"
"""What is trained where there is neither a screen nor a file."""


def main(arguments: list[str]) -> int:
    """Do what was asked on the command line. Returns the exit code."""
    try:
        parsed = parse(arguments)
    except UsageError as error:
        return refuse(str(error))
    return open_window(parsed.file) if parsed.command == "window" else run_command(parsed)


def run_command(parsed: Namespace) -> int:
    """Run a command. Returns the exit code."""
    try:
        from models.headless.commands import run

        return run(parsed)
    except ImportError as error:
        return explain_import(error)
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return bad_answer


def open_window(file: Path | None) -> int:
    """Open the window with `file` in it, or say why there is none and how to do without."""
    if file is not None and not file.is_file():
        found = "a folder" if file.is_dir() else "nothing of that name"
        return refuse(f"{file}: expected an experiment file, or a command (see main.py --help), found {found}.")
    if reason := screen.why_no_display(os.environ):
        return work_without_window(file, reason)
    if missing := screen.missing_libraries(os.environ):
        return ask_for_libraries(", ".join(missing))
    gc.disable()  # what the imports make stays; the window has a collector of its own
    try:
        from gui.app import run
    except ImportError as error:
        return explain_import(error)
    return run(file)


def work_without_window(file: Path | None, reason: str) -> int:
    """Say how to work without a window; with no file, train an example that way."""
    command = command_for(file or Path(os.path.relpath(example)))
    sentence = f"{reason} To do without one: uv run main.py {shlex.join(command)}"
    if file is not None:
        return refuse(sentence)
    print(sentence, flush=True)
    return run_command(parse(command))


def command_for(file: Path) -> list[str]:
    """The command that does something with `file`: trains an experiment, makes one for data or of a network of Keras."""
    stem = file.name.partition(".")[0] or "run"
    if file.suffix == ".json":
        return ["train", str(file), "--out", str(Path("runs", stem))]
    if file.suffix in (".keras", ".h5"):
        return ["import", str(file), "-o", f"{stem}.wiggle.json"]
    return ["new", "--data", str(file), "-o", f"{stem}.wiggle.json"]


def explain_import(error: ImportError) -> int:
    """Say what is missing on this machine and how to install it. Returns the exit code."""
    if ".so" in str(error):
        return ask_for_libraries(str(error).partition(":")[0])
    if error.name is None or error.name.partition(".")[0] in ("gui", "models"):
        raise error
    print(f"This Python lacks the package {error.name}. Start Wiggle in its own environment: uv run main.py", file=sys.stderr)
    return bad_input


def ask_for_libraries(missing: str) -> int:
    """Print the line that installs the system's libraries. Returns the exit code."""
    print(f"The window needs system libraries that are not installed ({missing}). Install them with:", file=sys.stderr)
    print(f"    {screen.install_line()}", file=sys.stderr)
    return bad_input


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
