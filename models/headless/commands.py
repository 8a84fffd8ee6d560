"""Runs a command and turns whatever goes wrong into one line and an exit code."""

import argparse
import codecs
import contextlib
import io
import os
import sys
from collections.abc import Callable, Mapping

from models.data.errors import DataError
from models.engine.errors import DeviceError
from models.experiment.counting import thin_space
from models.experiment.errors import BadInput, system_reason
from models.headless.checking import check_command
from models.headless.creating import new_command
from models.headless.exporting import export_command
from models.headless.finding import find_rate_command
from models.headless.importing import import_command
from models.headless.outcome import bad_answer, done, refuse
from models.headless.training import train_command

commands: Mapping[str, Callable[[argparse.Namespace], bool]] = {
    "new": new_command,
    "import": import_command,
    "check": check_command,
    "find-rate": find_rate_command,
    "train": train_command,
    "export": export_command,
}
"""What each command does; it returns whether the answer is good."""


def run(arguments: argparse.Namespace) -> int:
    """Run the command in `arguments`. Returns the exit code: 0 done, 1 the answer is bad, 2 bad input."""
    make_output_safe()
    try:
        good = commands[arguments.command](arguments)
        sys.stdout.flush()  # here, where it can be dealt with that nobody reads; at the end Python would exit with 120
        return done if good else bad_answer
    except (BadInput, DataError, DeviceError) as error:
        return refuse(str(error))
    except BrokenPipeError:
        # Whoever read our output has seen enough.
        discard_output()
        return done
    except OSError as error:
        discard_output()
        return refuse(f"{error.filename or 'standard output'}: {system_reason(error)}.")


def discard_output() -> None:
    """Write no more to standard output: Python would complain once more when it flushes at the end."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def make_output_safe() -> None:
    """Let characters that a console cannot show become others, and lines for an output that was closed go nowhere."""
    codecs.register_error("readable", _readable)
    if sys.stdout is None:
        sys.stdout = io.StringIO()
    if sys.stderr is None:
        sys.stderr = io.StringIO()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="readable")


def _readable(error: UnicodeError) -> tuple[str, int]:
    """What stands for what a console cannot show: a space between thousands, otherwise question marks."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lost = error.object[error.start : error.end]
    return "".join(" " if each == thin_space else "?" for each in lost), error.end
