"""What may be typed after main.py."""

import argparse
import errno
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from models.experiment.counting import grouped
from models.headless.version import wiggle_version
from models.storage.formats import formats

data_help = "a built-in data set such as spiral or digits, a table (.csv), or arrays (.npz)"


class UsageError(Exception):
    """The command line is not understood; the text is one line that says what was expected and what was found."""


class Parser(argparse.ArgumentParser):
    """A parser whose complaints are one line, to be shown where all errors are shown."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{self.prog}: {message}; see {self.prog} --help")


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The command and its options; the command is ``window`` where none is given. Raises `UsageError`."""
    if not arguments:
        return argparse.Namespace(command="window", file=None)
    parser, commands = _parser()
    first = arguments[0]
    if first.startswith("-") or first in commands:
        return parser.parse_args(arguments)
    if len(arguments) > 1:
        known = ", ".join(commands)
        raise UsageError(f"main.py: expected one file, or a command ({known}), found “{first}” and more; see main.py --help")
    try:
        return argparse.Namespace(command="window", file=_path(first))
    except argparse.ArgumentTypeError as error:
        raise UsageError(f"main.py: {error}; see main.py --help") from None


def _parser() -> tuple[argparse.ArgumentParser, tuple[str, ...]]:
    """The parser and the names of the commands it knows."""
    parser = Parser(
        prog="main.py",
        usage="main.py [FILE]\n       main.py {new,import,check,find-rate,train,export} …",
        description="Build a neural network by pointing, press Train, and see what happens inside it while it learns. "
        "Without a command the window opens, with FILE in it if one is given; the commands need no screen.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"Wiggle {wiggle_version()}")
    commands = parser.add_subparsers(prog="main.py", dest="command", title="commands", metavar="COMMAND", required=True)
    for add in (_add_new, _add_import, _add_check, _add_find_rate, _add_train, _add_export):
        add(commands)
    return parser, tuple(commands.choices)


Commands = argparse._SubParsersAction  # argparse has no public name for it


def _add_new(commands: "Commands[Parser]") -> None:
    parser = commands.add_parser(
        "new",
        help="write a good starting experiment for some data",
        description="Write a good starting experiment for some data: layers for the shape of the examples, loss for the task.",
        allow_abbrev=False,
    )
    parser.add_argument("--data", required=True, metavar="DATA", help=data_help)
    parser.add_argument("--target", metavar="COLUMN", help="the table's column to predict (default: the last)")
    parser.add_argument("--ignore", action="append", metavar="COLUMN", help="a table's column to leave out; may be repeated")
    parser.add_argument("--missing", choices=("drop_rows", "mean"), help="what to do about a table's missing cells")
    parser.add_argument("--text", choices=("one_hot",), help="make one column of 0 and 1 for each word of a table's text columns")
    parser.add_argument(
        "--task", choices=("classification", "regression"), help="what a file's target is, where it is taken wrongly"
    )
    parser.add_argument("-o", "--output", required=True, type=_path, metavar="FILE", help="the experiment file to write")


def _add_import(commands: "Commands[Parser]") -> None:
    parser = commands.add_parser(
        "import",
        help="make an experiment of a Keras network",
        description="Make an experiment of a Keras network: a .keras file, the JSON of model.to_json(), or a whole-model .h5 "
        "file. Its weights, where it has any, are written beside the experiment. The file is data: nothing in it is ever run.",
        allow_abbrev=False,
    )
    parser.add_argument("file", type=_path, metavar="MODEL", help="a .keras, .json or .h5 file of Keras")
    parser.add_argument("-o", "--output", required=True, type=_path, metavar="FILE", help="the experiment file to write")


def _add_check(commands: "Commands[Parser]") -> None:
    parser = commands.add_parser(
        "check",
        help="shapes, parameters and problems of an experiment",
        description="Show shapes, parameter counts and problems of an experiment. Exit code 1 if a problem is an error.",
        allow_abbrev=False,
    )
    parser.add_argument("file", type=_path, metavar="FILE", help="an experiment file (.wiggle.json)")
    parser.add_argument("--json", action="store_true", help="for programs: one JSON object")


def _add_find_rate(commands: "Commands[Parser]") -> None:
    parser = commands.add_parser(
        "find-rate",
        help="suggest a learning rate",
        description="Train a fresh network for a moment with a learning rate that grows from step to step, and suggest one from "
        "how the loss went. Exit code 1 if there is no suggestion.",
        allow_abbrev=False,
    )
    parser.add_argument("file", type=_path, metavar="FILE", help="an experiment file (.wiggle.json)")
    parser.add_argument("--device", type=_device, default="auto", metavar="auto|cpu|gpu|gpu:0", help="where to train")
    parser.add_argument("--json", action="store_true", help="for programs: one JSON object, with the whole curve")


def _add_train(commands: "Commands[Parser]") -> None:
    parser = commands.add_parser(
        "train",
        help="train an experiment and keep everything in a folder",
        description="Train an experiment. Ctrl+C ends it after the present step and keeps what was reached. "
        "Exit code 0: done; 1: the experiment has errors, or the run diverged or failed.",
        allow_abbrev=False,
    )
    parser.add_argument("file", type=_path, metavar="FILE", help="an experiment file (.wiggle.json)")
    parser.add_argument("--out", required=True, type=_path, metavar="DIR", help="folder for the results")
    parser.add_argument("--data", metavar="DATA", help=f"other data for this experiment: {data_help}")
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--epochs", type=_epochs, metavar="N", help="other than the experiment's own; 0 trains nothing")
    length.add_argument("--steps", type=_steps, metavar="N", help="end after so many optimizer steps, also inside an epoch")
    parser.add_argument(
        "--device",
        type=_device,
        default="auto",
        metavar="auto|cpu|gpu|gpu:0|all",
        help="where to train; all: every GPU of this machine, and of every machine that TF_CONFIG names",
    )
    parser.add_argument(
        "--resume", action="store_true", help="go on from the checkpoint in DIR; --epochs or --steps may be raised"
    )
    parser.add_argument(
        "--checkpoint",
        type=_seconds,
        default=60.0,
        metavar="SECONDS",
        help="least time between two checkpoints (default: 60); 0 writes as many as there can be",
    )
    parser.add_argument("--quiet", action="store_true", help="print nothing but errors")


def _add_export(commands: "Commands[Parser]") -> None:
    parser = commands.add_parser(
        "export",
        help="a plain Keras script, a .keras file, or a file of another program",
        description="Write an experiment as a plain Keras script, or its network as a file: with its initial weights if an "
        "experiment file is given, with the trained ones if the folder of a run is given. SavedModel, LiteRT and ONNX files are "
        "run on 32 examples, and the greatest difference from Keras is shown.",
        allow_abbrev=False,
    )
    parser.add_argument("source", type=_path, metavar="FILE|DIR", help="an experiment file, or the folder of a run")
    parser.add_argument("--to", required=True, type=_format, metavar="|".join(formats), help="what to write")
    parser.add_argument(
        "-o", "--output", required=True, type=_path, metavar="OUT", help="the file to write, a folder for saved_model"
    )


def _path(text: str) -> Path:
    """The path that `text` spells; what no disk could hold is refused here, so that nobody has to ask again."""
    if not text:
        raise argparse.ArgumentTypeError("expected a path, found nothing")
    try:
        os.lstat(text)
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise argparse.ArgumentTypeError(f"expected a path, found one that is too long, “{text[:20]}…”") from None
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"expected a path, found an {error}") from None
    return Path(text)


def _epochs(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,8}", text) or int(text) > 10_000_000:
        raise argparse.ArgumentTypeError(f"expected a whole number from 0 to {grouped(10_000_000)}, found “{text}”")
    return int(text)


def _steps(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,10}", text) or not 1 <= int(text) <= 1_000_000_000:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1 to {grouped(1_000_000_000)}, found “{text}”")
    return int(text)


def _device(text: str) -> str:
    if not re.fullmatch(r"auto|all|cpu|gpu(:[0-9]+)?", text):
        raise argparse.ArgumentTypeError(f"expected auto, cpu, gpu, gpu:0 or all, found “{text}”")
    return text


def _seconds(text: str) -> float:
    if not re.fullmatch(r"[0-9]{1,7}(\.[0-9]{1,6})?", text):
        raise argparse.ArgumentTypeError(f"expected a number of seconds, found “{text}”")
    return float(text)


def _format(text: str) -> str:
    if text not in formats:
        *others, last = formats
        raise argparse.ArgumentTypeError(f"expected {', '.join(others)} or {last}, found “{text}”")
    return text
