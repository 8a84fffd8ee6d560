"""File → Export: the experiment as a script, the network as a file, a picture or a table of it."""

import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, Signal

from gui.document import Document
from gui.files import file_name
from gui.forms import commit_focused
from gui.messages import Exported
from gui.prompts import Prompts
from gui.runner import Runner
from gui.settings import Settings
from gui.training import TrainingController
from models.experiment.errors import BadInput, system_reason
from models.experiment.experiment import Experiment
from models.storage.files import save
from models.storage.formats import Format

command = (sys.executable, str(Path(__file__).resolve().parent.parent / "main.py"))
"""What exports without a window."""
by_worker = ("script", "keras", "json")
"""Formats that the thread of the engine writes in a moment. For the others a process is started: converters hold Python's lock
for seconds, in which the window would stand still, and where one crashes the window must not."""


@dataclass(frozen=True)
class Job:
    """An export that a process of its own does."""

    form: Format
    path: Path
    folder: "tempfile.TemporaryDirectory[str]"
    """Holds what the process reads: an experiment, or a run with a trained network."""

    @property
    def run(self) -> Path:
        """The folder as a path."""
        return Path(self.folder.name)


class Exports(QObject):
    """Asks what is to be written where, and has it written."""

    told = Signal(str)
    """Something to show in the status bar."""

    def __init__(
        self,
        document: Document,
        training: TrainingController,
        runner: Runner,
        prompts: Prompts,
        settings: Settings,
        parent: QObject,
        command: Sequence[str] = command,
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._training = training
        self._runner = runner
        self._prompts = prompts
        self._settings = settings
        self._command = command
        self._waiting: dict[Path, Job] = {}
        """Exports for which the worker writes the trained network first, by that file."""
        self._processes: dict[QProcess, Job] = {}
        runner.exported.connect(self._take)

    def export(self, form: Format) -> None:
        """Ask for a file, and for which network where that is not plain, and write it."""
        commit_focused()
        experiment = self._document.experiment
        trained = self._training.trained if form.content == "network" else None
        if trained is not None and self._document.report.ready and trained.network != experiment.network:
            answer = self._prompts.which_network()
            if answer is None:
                return
            trained = trained if answer == "trained" else None
        if trained is None and not self._document.report.ready:
            self._prompts.trouble("The experiment has errors, so there is nothing to export.", "Mend them first.")
            return
        suggestion = self._settings.folder / f"{file_name(self._document.title)}{form.suffix or '-' + form.name}"
        path = self._prompts.file_to_export(f"Export {form.title}", suggestion, form.suffix)
        if path is None:
            return
        self.told.emit(f"Writing {path.name} …")
        if form.name in by_worker:
            self._runner.export(form.name, trained or experiment, path, trained is not None)
        else:
            self._begin(form, path, trained or experiment, trained is not None)

    def stop(self) -> None:
        """End what goes on: the window closes."""
        for process in self._processes:
            process.finished.disconnect()
            process.errorOccurred.disconnect()
            process.kill()
            process.waitForFinished(1000)
        for job in (*self._processes.values(), *self._waiting.values()):
            job.folder.cleanup()
        self._processes.clear()
        self._waiting.clear()

    def _begin(self, form: Format, path: Path, experiment: Experiment, trained: bool) -> None:
        from models.storage.run_folder import experiment_name, final_name  # brings numpy, which the first paint does not wait for

        try:
            folder = tempfile.TemporaryDirectory(prefix="wiggle-export-", ignore_cleanup_errors=True)
        except OSError as error:
            sentence = f"{tempfile.tempdir or 'The folder for temporary files'} cannot be written to: {system_reason(error)}."
            self._prompts.trouble(sentence, f"Make room there: {path.name} is prepared in it.")
            return
        job = Job(form, path, folder)
        try:
            save(experiment, job.run / experiment_name)
        except BadInput as problem:
            job.folder.cleanup()
            self._prompts.trouble(str(problem))
        else:
            if trained:
                self._waiting[job.run / final_name] = job
                self._runner.export("keras", experiment, job.run / final_name, True)
            else:
                self._start(job, job.run / experiment_name)

    def _start(self, job: Job, source: Path) -> None:
        process = QProcess(self)
        self._processes[process] = job
        process.finished.connect(self._finish)
        process.errorOccurred.connect(self._finish)
        program, *arguments = self._command
        process.start(program, [*arguments, "export", str(source), "--to", job.form.name, "-o", str(job.path)])

    def _finish(self) -> None:
        """A process has ended, or could not begin."""
        process = self.sender()
        assert isinstance(process, QProcess)
        job = self._processes.pop(process, None)
        if job is None:  # both signals come where it crashed
            return
        said, complaint = bytes(process.readAllStandardOutput().data()), bytes(process.readAllStandardError().data())
        job.folder.cleanup()
        ended_well = process.error() == QProcess.ProcessError.UnknownError and process.exitCode() == 0
        process.deleteLater()
        if ended_well:
            self.told.emit(said.decode(errors="replace").strip().replace(str(job.path), job.path.name))
            return
        lines = complaint.decode(errors="replace").strip().splitlines() or [process.errorString()]
        self._prompts.trouble(f"{job.path.name} was not written.", lines[-1], "\n".join(lines[:-1]))

    def _take(self, notice: Exported) -> None:
        job = self._waiting.pop(notice.path, None)
        if job is not None and not notice.sentence:
            self._start(job, job.run)
        elif notice.sentence:
            if job is not None:
                job.folder.cleanup()
            self._prompts.trouble(notice.sentence, details=notice.details)
        else:
            self.told.emit(f"Wrote {notice.path.name}: {notice.what}.")
