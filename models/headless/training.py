"""``train``: a run without a window, and the folder it leaves."""

import argparse
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import replace as replace_ended
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
from models.engine.cluster import Cluster, cluster_from
from models.engine.errors import DeviceError, EngineError
from models.experiment.check import check
from models.experiment.counting import counted, grouped
from models.experiment.data import FileSource, Source
from models.experiment.edits import set_at
from models.experiment.errors import BadInput
from models.experiment.experiment import Experiment
from models.headless import checkpoints, results
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
    cluster = cluster_for(arguments.device)
    experiment = with_overrides(load(arguments.file), arguments.data, arguments.epochs, arguments.steps)
    progress = None if arguments.quiet else Progress(sys.stdout)
    if cluster is not None and cluster.worker:
        return take_part(experiment, cluster, arguments.resume, progress)
    folder = RunFolder(arguments.out)
    refuse_to_overwrite_data(folder, experiment)
    folder.check()
    checkpoint = checkpoints.read(folder) if arguments.resume else {}
    if checkpoint:
        checkpoints.refuse_other_experiment(checkpoint, experiment, arguments.file)
    if not is_ready(experiment):
        return False
    prepared = prepare(experiment)
    if checkpoint:
        checkpoints.refuse_other_data(checkpoint, experiment, prepared)
    job = Job(experiment, prepared, arguments.device, cluster, folder, checkpoint, arguments.checkpoint)
    ended, figures = _train(job, progress)
    if ended.ending in ("failed", "diverged"):
        print(ended.sentence, file=sys.stderr)
    if progress:
        print(_closing_line(ended, figures, folder))
    return ended.ending in ("finished", "stopped")


def cluster_for(device: str) -> Cluster | None:
    """The processes that train together, where TF_CONFIG names several. Raises `BadInput`."""
    cluster = cluster_from(os.environ)
    if cluster is not None and device not in ("auto", "all"):
        raise BadInput("--device", "all, as TF_CONFIG names several machines", device, "unset TF_CONFIG to train on one device")
    return cluster


@dataclass(frozen=True)
class Job:
    """What is to be trained, where, and where its results go."""

    experiment: Experiment
    prepared: Prepared
    device: str
    cluster: Cluster | None
    folder: RunFolder
    checkpoint: checkpoints.Arrays
    """Where to go on from; empty for a new run."""
    checkpoint_seconds: float


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


def _train(job: Job, progress: Progress | None) -> tuple[Ended, results.Figures]:
    """Train and write the folder. Returns how the run ended and its last figures."""
    control, history = Control(), History()
    with stopped_by_signals(control):
        try:
            session = _session(job.experiment, job.prepared, job.device, job.cluster, progress)
            if job.checkpoint:
                checkpoints.resume(job.checkpoint, session, history)
        except DeviceError:
            raise
        except EngineError as error:
            return _write_refusal(job, history, error.sentence), {}
        _write_start(job, session)
        kept = checkpoints.Checkpoints(job.folder, session, history, job.checkpoint, job.checkpoint_seconds)

        def emit(event: Event) -> None:
            history.append(event)
            kept.note(event)
            if progress:
                progress.show(event)

        ended = session.train(emit, control, between_calls=kept.write_if_due)
        if progress:
            progress.end()
        return ended, _write_end(job.folder, session, history, kept, ended)


def take_part(experiment: Experiment, cluster: Cluster, resumes: bool, progress: Progress | None) -> bool:
    """Train as one of several processes; the chief writes the results. Returns whether the run ended well."""
    if not is_ready(experiment):
        return False
    who = f"Worker {cluster.worker} of {cluster.workers}"
    control = Control()
    with stopped_by_signals(control):
        try:
            session = _session(experiment, prepare(experiment), "all", cluster, progress)
            if resumes:
                checkpoints.resume({}, session, History())
        except EngineError as error:
            print(f"{who}: {error.sentence}", file=sys.stderr)
            return False
        ended = session.train(lambda event: None, control)
    if ended.ending in ("failed", "diverged"):
        print(f"{who}: {ended.sentence}", file=sys.stderr)
    elif progress:
        progress.say(f"{who}: {ended.ending} after {grouped(ended.step)} steps; the results are with worker 0.")
        progress.end()
    return ended.ending in ("finished", "stopped")


def _session(
    experiment: Experiment, prepared: Prepared, device: str, cluster: Cluster | None, progress: Progress | None
) -> "Session":
    """The network on its devices. Raises `EngineError`."""
    if cluster is not None:
        # TensorFlow would report every connection that another worker closes.
        os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    if progress:
        progress.say("Loading TensorFlow …")
    startup.load()
    from models.engine.replicas import all_devices
    from models.engine.session import Session

    if cluster is not None and progress:
        progress.say(f"Waiting for {cluster.workers - 1} more of {cluster.workers} workers …")
    if cluster is None and device != "all":
        return Session(experiment, prepared, device)
    replicas = all_devices(cluster)
    session = Session(experiment, prepared, replicas or "auto")
    if progress:
        progress.say(f"Training on {session.device.name}{'' if replicas else ', the only device here'}.")
    return session


def _write_start(job: Job, session: "Session") -> None:
    folder, prepared = job.folder, session.prepared
    folder.create()
    folder.write_experiment(session.experiment)
    if job.checkpoint:
        return
    folder.forget_checkpoint()
    folder.write_model(run_folder.initial_name, session.save)
    folder.write_data(arrays_of(session.experiment.training, prepared))


def _write_end(
    folder: RunFolder, session: "Session", history: History, kept: checkpoints.Checkpoints, ended: Ended
) -> results.Figures:
    ended = replace_ended(ended, train_seconds=kept.train_seconds_before + ended.train_seconds)
    between_epochs = results.ended_between_epochs(history)
    failed = ended.ending == "failed"  # then an evaluation would fail of the same
    validation = session.evaluate() if not failed and (between_epochs or ended.restored_epoch is not None) else {}
    if validation and between_epochs and results.ended_with_an_epoch(history):
        history.complete_epoch(validation)
    final = results.last_figures(history, validation, ended.restored_epoch)
    if not failed and (ended.restored_epoch is None or ended.ending == "diverged"):
        kept.write()
    folder.write_model(run_folder.final_name, session.save)
    folder.write_history(history.columns, history.rows())
    folder.write_epochs(results.epoch_columns(history, bool(len(session.prepared.x_val))), history.epoch_rows())
    folder.write_layers(results.layers(history.last_probe))
    device = results.Device(session.device.name, session.device.title)
    folder.write_summary(results.summary(ended, history, device, final))
    return final


def _write_refusal(job: Job, history: History, sentence: str) -> Ended:
    """Write what there is of a run that the engine would not begin; a run that was to go on stays as it is."""
    ended = Ended(1, "failed", sentence, 0, 0)
    if not job.checkpoint:
        job.folder.create()
        job.folder.write_experiment(job.experiment)
        job.folder.write_summary(results.summary(ended, history, None, {}))
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
    steps = f"{counted(ended.step, 'step')} in {ended.train_seconds:.1f} s"
    parts = [f"{ended.ending.capitalize()} after {steps}", results.figures_text(figures), f"results in {folder.path}"]
    return "; ".join(filter(None, parts)) + "."
