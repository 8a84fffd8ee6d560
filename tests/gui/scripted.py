"""Stand-ins for what a GUI test must control: the worker with the engine, and the dialogs."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from PySide6.QtCore import QSettings
from pytestqt.qtbot import QtBot

from gui.main_window import MainWindow
from gui.messages import (
    DeviceEntry,
    EngineReady,
    Exported,
    Limits,
    Looked,
    More,
    Notice,
    Origin,
    RateFound,
    Revisited,
    RunPrepared,
)
from gui.prompts import Answer, BlockQuestion, Prompts, Weights
from gui.runner import Runner
from gui.settings import Settings
from gui.worker import Worker
from models.experiment import edits
from models.experiment.experiment import Experiment
from models.telemetry.control import Control
from models.telemetry.events import Ended, Event, Histogram, LayerProbe, PhaseChanged, Probed, Started, StateKept, StepsTaken
from models.telemetry.sweep import Sweep
from models.telemetry.wanted import Looks, Wanted
from tests.reports import epoch_ended

engine = EngineReady((DeviceEntry("cpu", "Test processor", 8_000_000_000),), "TensorFlow 0 · Keras 0", ("No card.", "Buy one."))


class ScriptedWorker(Worker):
    """Takes jobs like the real worker, but the test says what happens."""

    def __init__(self, emit: Callable[[Event], None], notify: Callable[[Notice], None]) -> None:
        self.emit = emit
        self.notify = notify
        self.started = False
        self.jobs: list[tuple[Experiment, str, Control, int]] = []
        self.made_ready: list[tuple[Experiment, str]] = []
        self.kept_ahead: Experiment | None = None
        self.more: list[More] = []
        self.searches: list[tuple[Experiment, str, Control, int]] = []
        self.exports: list[tuple[str, Experiment, Path, bool]] = []
        self.wishes: list[Wanted] = []
        self.origins: list[Origin | None] = []
        self.revisits: list[tuple[StateKept, Experiment]] = []
        self.largest_state = 0
        self.finished = False
        self.ends_in_time = True

    def start(self) -> None:
        self.started = True

    def train(self, experiment: Experiment, device: str, control: Control, run: int, origin: Origin | None = None) -> None:
        self.jobs.append((experiment, device, control, run))
        self.origins.append(origin)

    def revisit(
        self, moment: StateKept, experiment: Experiment, wanted: Wanted, gradient_norms: Mapping[str, float], run: int
    ) -> None:
        self.revisits.append((moment, experiment))

    def see_again(self, step: int, surface: np.ndarray | None, run: int | None = None, **values: float) -> None:
        """The moment that was asked for is computed again, of the last run or the one with this number."""
        self.notify(Revisited(run or self.run, Probed(self.run, step, (self._first_layer(**values),), surface)))

    def make_ready(self, experiment: Experiment, device: str) -> None:
        self.made_ready.append((experiment, device))

    def keep_ahead(self, experiment: Experiment) -> None:
        self.kept_ahead = experiment

    def go_on(self, more: More, control: Control, run: int) -> None:
        experiment, device, *_ = self.jobs[-1]
        self.more.append(more)
        self.jobs.append((experiment, device, control, run))

    def find_rate(self, experiment: Experiment, device: str, control: Control, limits: Limits, search: int) -> None:
        self.searches.append((experiment, device, control, search))

    def look(self, wanted: Wanted, run: int) -> None:
        self.wishes.append(wanted)

    def see(self, step: int, looks: Looks | None, run: int | None = None) -> None:
        """The network of the last run, or of the one with this number, was looked at."""
        self.notify(Looked(run or self.run, step, looks))

    def export(self, to: str, experiment: Experiment, path: Path, trained: bool) -> None:
        self.exports.append((to, experiment, path, trained))

    def end_export(self, sentence: str = "") -> None:
        """The last export is over, well or for this reason not."""
        self.notify(Exported(self.exports[-1][2], sentence, what="" if sentence else "the network as it was trained"))

    def finish(self, timeout: float) -> bool:
        self.finished = True
        return self.ends_in_time

    @property
    def control(self) -> Control:
        """The control of the last run."""
        return self.jobs[-1][2]

    @property
    def run(self) -> int:
        """The number of the last run."""
        return self.jobs[-1][3]

    def begin(self, *, epochs: int = 4, steps_per_epoch: int = 10, steps: int | None = None) -> None:
        """The last run is prepared and starts; `steps` where it ends inside an epoch."""
        from models.data import prepare

        experiment = self.jobs[-1][0]
        self.emit(PhaseChanged(self.run, "preparing"))
        self.notify(RunPrepared(self.run, experiment, prepare(experiment)))
        layers = tuple(layer.name for layer in experiment.network)
        self.emit(Started(self.run, "cpu", layers, ("accuracy",), steps_per_epoch, epochs, 0, steps))
        self.emit(PhaseChanged(self.run, "training"))

    def continue_from(self, step: int, *, epochs: int, steps_per_epoch: int = 10) -> None:
        """The run that was asked to go on does so after `step` steps; `epochs` counts those before."""
        layers = tuple(layer.name for layer in self.jobs[-1][0].network)
        self.emit(Started(self.run, "cpu", layers, ("accuracy",), steps_per_epoch, epochs, step))
        self.emit(PhaseChanged(self.run, "training"))

    def take_steps(
        self, first: int, count: int, *, steps_per_epoch: int = 10, run: int | None = None, learning_rate: float = 0.01
    ) -> None:
        """The last run, or the one with this number, takes steps."""
        steps = np.arange(first, first + count)
        layers = tuple(layer.name for layer in self.jobs[-1][0].network)
        self.emit(
            StepsTaken(
                run or self.run,
                first,
                (steps - 1) // steps_per_epoch + 1,
                1.0 / steps,
                {"accuracy": 1 - 1.0 / steps},
                np.full(count, learning_rate),
                {layer: np.full(count, 0.1) for layer in layers},
                count * 0.001,
            )
        )

    def end_epoch(self, epoch: int, step: int, **values: float) -> None:
        """The last run has gone through all examples, with these figures or the usual ones."""
        usual = {"loss": 0.5, "accuracy": 0.7, "val_loss": 0.6, "val_accuracy": 0.6}
        self.emit(epoch_ended(self.run, epoch, step, usual | values))

    def probe(self, step: int, *, kept: bool = False, **values: float) -> None:
        """The last run looks inside its first layer; and the state is `kept`."""
        self.emit(Probed(self.run, step, (self._first_layer(**values),), np.zeros((3600, 1))))
        if kept:
            self.keep(step)

    def keep(self, step: int) -> None:
        """The last run tells a state of it."""
        self.emit(StateKept(self.run, step, {"step": np.array(step), "compilation": np.array("graph")}))

    def _first_layer(self, **values: float) -> LayerProbe:
        histogram = Histogram(np.arange(40, dtype=np.int64), -1.0, 1.0)
        shares = {"dead": None, "saturated": None} | values
        return LayerProbe(self.jobs[-1][0].network[0].name, histogram, 0.0, 1.0, **shares)

    def end(
        self, ending: str = "finished", sentence: str = "Done.", step: int = 40, *, restored_epoch: int | None = None
    ) -> None:
        """The last run ends."""
        self.emit(Ended(self.run, ending, sentence, step, 4, restored_epoch=restored_epoch))

    def find(self, sweep: Sweep | None, sentence: str = "", search: int | None = None) -> None:
        """The last search for a learning rate, or the one with this number, is over."""
        self.notify(RateFound(search or self.searches[-1][3], sweep, sentence))


def worker(window: MainWindow) -> ScriptedWorker:
    """The scripted engine of a window."""
    found = window.runner._worker
    assert isinstance(found, ScriptedWorker)
    return found


def train(window: MainWindow) -> None:
    """Press Train, and let the run start."""
    window.toolbar.train_button.click()
    worker(window).begin()
    window.runner.deliver()


def set_at(window: MainWindow, path: str, content: object) -> None:
    """Change what is at `path` of the document, as one step."""
    window.document.apply(f"Change {path}", edits.set_at(window.document.experiment, path, content))


class ScriptedPrompts(Prompts):
    """Answers at once with what the test set, and keeps what was told."""

    def __init__(self) -> None:
        self.open_answer: Path | None = None
        self.save_answer: Path | None = None
        self.data_answer: Path | None = None
        self.network_answer: Path | None = None
        self.export_answer: Path | None = None
        self.block_answers: list[str] = []
        self.block_questions: list[str] = []
        self.agreed_answer = False
        self.number_answer: int | None = None
        self.unsaved_answer: Answer = "cancel"
        self.weights_answer: Weights | None = None
        self.asked = 0
        self.troubles: list[str] = []
        self.remedies: list[str] = []
        self.pages: list[str] = []

    def file_to_open(self, folder: Path) -> Path | None:
        return self.open_answer

    def file_to_save(self, suggestion: Path) -> Path | None:
        return self.save_answer

    def data_file(self, folder: Path) -> Path | None:
        return self.data_answer

    def network_file(self, folder: Path) -> Path | None:
        return self.network_answer

    def file_to_export(self, title: str, suggestion: Path, wanted: str) -> Path | None:
        return self.export_answer

    def block_name(self, question: BlockQuestion, usual: str) -> str | None:
        self.block_questions.append(usual)
        return self.block_answers.pop(0) if self.block_answers else None

    def agreed(self, question: str, more: str, word: str) -> bool:
        self.asked += 1
        return self.agreed_answer

    def number(self, title: str, question: str, usual: int, least: int, most: int) -> int | None:
        return self.number_answer

    def which_network(self) -> Weights | None:
        self.asked += 1
        return self.weights_answer

    def unsaved_changes(self, name: str) -> Answer:
        self.asked += 1
        return self.unsaved_answer

    def trouble(self, sentence: str, remedy: str = "", details: str = "") -> None:
        self.troubles.append(sentence)
        self.remedies.append(remedy)

    def information(self, title: str, text: str) -> None:
        self.pages.append(text)


def shown_window(qtbot: QtBot, folder: Path, runner: Runner | None = None) -> MainWindow:
    """The window with settings of its own in `folder`, whose prompts are answered; what was changed is forgotten at the end."""
    settings = Settings(QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat))
    prompts = ScriptedPrompts()
    window = MainWindow(settings, runner, prompts)
    qtbot.addWidget(window, before_close_func=lambda _: setattr(prompts, "unsaved_answer", "discard"))
    window.show()
    return window
