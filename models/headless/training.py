"""``train``: a run without a window, and the folder it leaves."""

import argparse
import contextlib
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from msgspec.structs import replace

from models.data.choosing import source_for
from models.data.loading import read_facts
from models.data.preparation import prepare
from models.data.prepared import Prepared
from models.data.weighting import arrays_of
from models.engine import startup
from models.engine.errors import DeviceError, EngineError
from models.experiment.check import check
from models.experiment.data import FileSource, Source
from models.experiment.edits import set_at
from models.experiment.errors import BadInput
from models.experiment.experiment import Experiment
from models.headless import results
from models.headless.checking import problem_lines
from models.headless.progress import Progress
from models.storage import run_folder
from models.storage.files import are_same, load
from models.storage.run_folder import RunFolder
from models.telemetry.control import Control
from models.telemetry.events import Ended, Event
from models.telemetry.history import History

if TYPE_CHECKING:
    from models.engine.session import Session


def train_command(arguments: argparse.Namespace) -> bool:
    """Train, write the folder, say what came of it. Returns whether the run ended well."""
    experiment = with_overrides(load(arguments.file), arguments.data, arguments.epochs, arguments.steps)
    folder = RunFolder(arguments.out)
    refuse_to_overwrite_data(folder, experiment)
    folder.check()
    if not is_ready(experiment):
        return False
    prepared = prepare(experiment)
    progress = None if arguments.quiet else Progress(sys.stdout)
    ended, figures = _train(experiment, prepared, arguments.device, folder, progress)
    if ended.ending in ("failed", "diverged"):
        print(ended.sentence, file=sys.stderr)
    if progress:
        print(_closing_line(ended, figures, folder))
    return ended.ending in ("finished", "stopped")


def with_overrides(experiment: Experiment, data: str | None, epochs: int | None, steps: int | None = None) -> Experiment:
    """`experiment` on other data, or with another number of epochs or of steps, where these are given."""
    if data is not None:
        experiment = replace(experiment, data=other_data(experiment.data, data))
    if epochs is not None:
        experiment = set_at(set_at(experiment, "training.epochs", epochs), "training.steps", None)
    return experiment if steps is None else set_at(experiment, "training.steps", steps)


def other_data(source: Source, text: str) -> Source:
    """What `text` names, a file being read the way `source` reads its own. Raises `DataError`."""
    named = source_for(text, None)
    if isinstance(source, FileSource) and type(named) is type(source):
        return replace(source, path=text)
    return named


def refuse_to_overwrite_data(folder: RunFolder, experiment: Experiment) -> None:
    """Raise `BadInput` where a file of the run would take the place of the data it reads."""
    if not isinstance(experiment.data, FileSource):
        return
    data = Path(experiment.data.path)
    if any(are_same(data, folder.path / name) for name in run_folder.names):
        raise BadInput(str(folder.path), "a folder in which the data file is not overwritten", data.name, "choose another folder")


def is_ready(experiment: Experiment) -> bool:
    """Whether there is no error in `experiment`; otherwise the problems are printed."""
    report = check(experiment, read_facts(experiment.data))
    if not report.ready:
        print("\n".join(problem_lines(report.problems)), file=sys.stderr)
    return report.ready


def _train(
    experiment: Experiment, prepared: Prepared, device: str, folder: RunFolder, progress: Progress | None
) -> tuple[Ended, results.Figures]:
    """Train and write the folder. Returns how the run ended and its last figures."""
    control, history = Control(), History()
    with stopped_by_signals(control):
        if progress:
            progress.say("Loading TensorFlow …")
        startup.load()
        from models.engine.session import Session

        try:
            session = Session(experiment, prepared, device)
        except DeviceError:
            raise
        except EngineError as error:
            return _write_refusal(folder, experiment, history, error.sentence), {}
        _write_start(folder, session)

        def emit(event: Event) -> None:
            history.append(event)
            if progress:
                progress.show(event)

        ended = session.train(emit, control)
        if progress:
            progress.end()
        return ended, _write_end(folder, session, history, ended)


def _write_start(folder: RunFolder, session: "Session") -> None:
    prepared = session.prepared
    folder.create()
    folder.write_experiment(session.experiment)
    folder.write_model(run_folder.initial_name, session.save)
    folder.write_data(arrays_of(session.experiment.training, prepared))


def _write_end(folder: RunFolder, session: "Session", history: History, ended: Ended) -> results.Figures:
    measured_again = results.ended_between_epochs(history) or ended.restored_epoch is not None
    final = results.last_figures(history, session.evaluate() if measured_again else {}, ended.restored_epoch)
    folder.write_model(run_folder.final_name, session.save)
    folder.write_history(history.columns, history.rows())
    folder.write_epochs(results.epoch_columns(history, bool(len(session.prepared.x_val))), history.epoch_rows())
    folder.write_layers(results.layers(history.last_probe))
    device = results.Device(session.device.name, session.device.title)
    folder.write_summary(results.summary(ended, history, device, final))
    return final


def _write_refusal(folder: RunFolder, experiment: Experiment, history: History, sentence: str) -> Ended:
    """Write what there is of a run that the engine would not begin."""
    ended = Ended(1, "failed", sentence, 0, 0)
    folder.create()
    folder.write_experiment(experiment)
    folder.write_summary(results.summary(ended, history, None, {}))
    return ended


@contextlib.contextmanager
def stopped_by_signals(control: Control) -> Iterator[None]:
    """Let Ctrl+C, or a polite request to end, stop the run after the present step; the second one interrupts at once."""

    def stop(number: int, frame: FrameType | None) -> None:
        control.stop()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _closing_line(ended: Ended, figures: results.Figures, folder: RunFolder) -> str:
    steps = f"{ended.step:,} {'step' if ended.step == 1 else 'steps'} in {ended.train_seconds:.1f} s"
    parts = [f"{ended.ending.capitalize()} after {steps}", results.figures_text(figures), f"results in {folder.path}"]
    return "; ".join(filter(None, parts)) + "."
