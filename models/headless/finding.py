"""``find-rate``: a good learning rate for an experiment, by a short training in which it grows."""

import argparse
import json
from typing import TYPE_CHECKING

from models.data.preparation import prepare
from models.engine import startup
from models.engine.errors import DeviceError, EngineError
from models.experiment.errors import BadInput
from models.headless.training import is_ready, stopped_by_signals
from models.storage.files import load
from models.storage.run_folder import finite
from models.telemetry.control import Control

if TYPE_CHECKING:
    from models.engine.finder import Sweep


def find_rate_command(arguments: argparse.Namespace) -> bool:
    """Print the suggestion. Returns whether there is one."""
    experiment = load(arguments.file)
    if not is_ready(experiment):
        return False
    prepared, control = prepare(experiment), Control()
    with stopped_by_signals(control):
        startup.load()
        from models.engine.finder import sweep
        from models.engine.session import Session

        try:
            found = sweep(Session(experiment, prepared, arguments.device), control=control)
        except DeviceError:
            raise
        except EngineError as error:
            raise BadInput(str(arguments.file), "an experiment that can be built here", error.sentence.rstrip(".")) from None
    own = experiment.training.optimizer.learning_rate
    print(json.dumps(as_json(found, str(arguments.file), own), indent=2) if arguments.json else as_text(found, own))
    return found.suggestion is not None


def as_text(found: "Sweep", own: float) -> str:
    """The suggestion and how it came to be, or why there is none."""
    if found.suggestion is None:
        return f"No suggestion. {found.sentence}"
    return f"Suggested learning rate: {found.suggestion:g} (the experiment has {own:g}). {found.sentence}"


def as_json(found: "Sweep", file: str, own: float) -> dict[str, object]:
    """The sweep as plain values."""
    return {
        "file": file,
        "learning_rate": own,
        "suggestion": found.suggestion,
        "sentence": found.sentence,
        "rates": finite(found.rates),
        "losses": finite(found.losses),
        "smoothed": finite(found.smoothed),
    }
