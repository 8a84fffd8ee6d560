"""The window: puts the parts beside each other and connects them; they do not know each other."""

from functools import partial
from pathlib import Path
from random import randrange
from typing import TYPE_CHECKING

from msgspec.structs import replace
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QAction, QCloseEvent, QDragEnterEvent, QDropEvent, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QMainWindow,
    QMenu,
    QSizePolicy,
    QSplitter,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from gui.actions import Actions
from gui.blocks import BlockShelf
from gui.document import Document, FactsReader
from gui.exports import Exports
from gui.files import FileCommands
from gui.forms import commit_focused
from gui.going_back import GoingBack
from gui.help_pages import about_page, device_page, keys_page
from gui.inspector import Inspector
from gui.late_page import LatePage
from gui.menus import ExamplesMenu, RecentMenu, ThemeMenu
from gui.messages import EngineFailed, EngineReady, RunPrepared
from gui.plot_place import PlotPlace
from gui.problems import ProblemsPanel
from gui.progress import Progress
from gui.prompts import Prompts
from gui.runner import Runner, State
from gui.settings import Settings, least_megabytes
from gui.stack import zoom
from gui.stack.panel import StackPanel
from gui.status_bar import StatusBar
from gui.tab_order import go, stops_in
from gui.theme import application, theme_notifier
from gui.time_bar import TimeBar
from gui.toolbar import Toolbar
from gui.training import TrainingController
from models.experiment.data import Facts, Source
from models.experiment.experiment import Experiment
from models.experiment.report import Report
from models.experiment.starter import default_experiment
from models.storage.blocks import Kept
from models.storage.formats import formats
from models.telemetry.allowance import Allowance, mebibyte
from models.telemetry.events import Ended

if TYPE_CHECKING:
    from gui.data_panel import DataPanel
    from gui.finder import RateFinder
    from gui.plots.docks.panels import Panels
    from gui.training_panel import TrainingPanel

most_repeated = 1000
"""Layers that repeating makes at most."""
why_not: dict[State, str] = {
    "idle": "No run goes on: press Train first.",
    "waiting": "A run is about to begin: TensorFlow is still loading.",
    "preparing": "A run is about to begin: its data are read.",
    "compiling": "A run is about to begin: its network is built.",
    "training": "A run goes on: stop it first (F8).",
    "paused": "A run is paused: resume (F5) or stop it (F8) first.",
    "stopping": "The run is about to end.",
}
"""Why in this state there is nothing to be done by an action that asks for another one."""
closing_seconds = 1.5
"""How long closing the window waits for the worker thread."""


def read_facts(source: Source) -> Facts:
    """Read what a data file delivers; the readers are imported only when there is one."""
    from models.data import read_facts as read

    return read(source)


class MainWindow(QMainWindow):
    """Composes toolbar, tabs, stack, plots and problems around one document and one runner."""

    closed = Signal(bool)
    """The window is gone; tells whether the worker thread ended in time."""

    def __init__(
        self,
        settings: Settings,
        runner: Runner | None = None,
        prompts: Prompts | None = None,
        facts_reader: FactsReader = read_facts,
    ) -> None:
        super().__init__()
        self._settings = settings
        self.prompts = prompts or Prompts(self)
        self.document = Document(default_experiment(), facts_reader, self)
        self.runner = runner or Runner(parent=self)
        self.training = TrainingController(self.document, self.runner, self)
        self.training.device = settings.device
        self.training.allow(Allowance(settings.history_megabytes * mebibyte))
        self.going_back = GoingBack(self.document, self.training)
        self.files = FileCommands(self.document, self.prompts, settings, self)
        self.exports = Exports(self.document, self.training, self.runner, self.prompts, settings, self)
        self.shelf = BlockShelf()
        self.actions_ = Actions(self)
        self.finder: RateFinder | None = None
        self._painted = False
        self._build()
        self._fill_menus()
        self._connect_actions()
        self._connect_parts()
        self.setAcceptDrops(True)
        self._restore_layout()
        self._show_document(self.document.experiment, self.document.report)
        self._show_title()
        self._show_state(self.runner.state)

    def _build(self) -> None:
        actions = self.actions_
        self.toolbar = Toolbar(
            self.document, actions.train, actions.pause, actions.stop, actions.reset, actions.go_on, actions.find_rate
        )
        self.toolbar.step_menu.addActions([actions.step, actions.epoch])
        self.toolbar.step_button.setDefaultAction(actions.step)
        self.stack = StackPanel(self.document, self.shelf)
        self.inspector = Inspector(self.document)
        self._data_page = LatePage(self._make_data_panel)
        self._training_page = LatePage(self._make_training_panel)
        self.problems = ProblemsPanel(self.document)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        for title, page in (("Data", self._data_page), ("Layer", self.inspector), ("Training", self._training_page)):
            self.tabs.addTab(page, title)
        self.tabs.setCurrentWidget(self.inspector)
        self._plot_place = PlotPlace(self._settings.layout("panels"))
        self.time_bar = TimeBar(self.training.earlier, actions.branch, actions.back_to_best, actions.back_to_start)
        self.status = StatusBar()
        self.setStatusBar(self.status)
        self._lay_out()

    def _lay_out(self) -> None:
        """Toolbar and history go across; between them stand tabs, stack, and plots above problems."""
        self.right = QSplitter(Qt.Orientation.Vertical)
        self.right.addWidget(self._plot_place)
        self.right.addWidget(_framed(self.problems))
        self.right.setStretchFactor(0, 4)
        self.right.setStretchFactor(1, 1)
        self.right.setSizes([660, 120])
        self.columns = QSplitter(Qt.Orientation.Horizontal)
        for widget, stretch in ((_framed(self.tabs), 0), (_framed(self.stack), 2), (self.right, 3)):
            self.columns.addWidget(widget)
            self.columns.setStretchFactor(self.columns.count() - 1, stretch)
        for splitter in (self.columns, self.right):
            splitter.setHandleWidth(8)
            splitter.setChildrenCollapsible(False)
        central = QWidget()
        column = QVBoxLayout(central)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.toolbar)
        body = QWidget()
        inner = QVBoxLayout(body)
        inner.setContentsMargins(8, 8, 8, 8)
        inner.addWidget(self.columns)
        column.addWidget(body, 1)
        column.addWidget(self.time_bar)
        self.setCentralWidget(central)

    def _fill_menus(self) -> None:
        self._panels_menu = QMenu("&Panels", self)
        self._panels_menu.setEnabled(False)
        self._panels_menu.aboutToShow.connect(self._fill_panels_menu)
        self.actions_.fill(
            self.menuBar(),
            recent=RecentMenu(self.files, self._settings, self),
            examples=ExamplesMenu(self.files, self),
            panels=self._panels_menu,
            theme=ThemeMenu(self._settings, self),
        )

    def _connect_actions(self) -> None:
        stack, training, runner, files = self.stack.view, self.training, self.runner, self.files
        for name, action in self.actions_.exports.items():
            action.setData(name)
            action.triggered.connect(self._export)
        self.actions_.connect(
            {
                "new": files.new,
                "open": files.open,
                "open_data": files.open_data,
                "save": files.save,
                "save_as": files.save_as,
                "import_network": files.import_network,
                "forget_weights": files.forget_weights,
                "quit": self.close,
                "undo": self.document.undo,
                "redo": self.document.redo,
                "cut": stack.cut,
                "copy": stack.copy,
                "paste": stack.paste,
                "duplicate": stack.duplicate_selected,
                "repeat": self._repeat,
                "save_block": self._save_block,
                "collapse": stack.collapse_selected,
                "expand": stack.expand_selected,
                "find": self.stack.find_bar.open,
                "find_next": partial(self.stack.find_next, 1),
                "find_previous": partial(self.stack.find_next, -1),
                "zoom_in": partial(stack.zoom_by, 1),
                "zoom_out": partial(stack.zoom_by, -1),
                "zoom_usual": partial(stack.set_zoom, zoom.usual),
                "delete": stack.delete_selected,
                "select_all": stack.select_all,
                "add_layer": self.stack.open_palette,
                "rename": stack.rename,
                "skip": stack.skip_from_here,
                "join": stack.join_here,
                "move_up": partial(stack.move_selected, -1),
                "move_down": partial(stack.move_selected, 1),
                "train": training.train,
                "pause": runner.pause,
                "step": partial(training.advance, "step"),
                "epoch": partial(training.advance, "epoch"),
                "stop": runner.stop,
                "reset": training.reset,
                "go_on": self._go_on,
                "branch": self.going_back.branch,
                "back_to_best": self.going_back.to_best,
                "back_to_start": self.going_back.to_start,
                "history_memory": self._choose_history_memory,
                "find_rate": self._find_rate,
                "new_seed": self._new_seed,
                "devices": self._show_devices,
                "keys": self._show_keys,
                "about": self._show_about,
            }
        )

    def _connect_parts(self) -> None:
        self.document.changed.connect(self._show_document)
        self.document.file_changed.connect(self._show_title)
        self.document.changed.connect(self._show_title)
        self.files.told.connect(self.status.tell)
        self.exports.told.connect(self.status.tell)
        self.stack.view.selection_changed.connect(self._select)
        self.stack.view.found_inside.connect(lambda name: self.inspector.show_layers((name,)))
        self.stack.view.edit_requested.connect(self._edit)
        self.stack.view.refused.connect(self.status.tell)
        self.stack.view.repeat_requested.connect(self._repeat)
        self.stack.view.save_block_requested.connect(self._save_block)
        self.stack.block_rename_requested.connect(self._rename_block)
        self.stack.block_delete_requested.connect(self._delete_block)
        self.stack.view.zoom_changed.connect(self._remember_zoom)
        self.stack.view.told.connect(self.status.tell)
        self.problems.place_requested.connect(self._go_to)
        self.toolbar.learning_rate_chosen.connect(self.training.set_learning_rate)
        self.toolbar.device_chosen.connect(self._choose_device)
        self.toolbar.device_help_requested.connect(self._show_devices)
        self.toolbar.told.connect(self.status.tell)
        self.training.progress_changed.connect(self._show_progress)
        self.training.statistics_changed.connect(self.stack.set_statistics)
        self.training.statistics_changed.connect(self.inspector.set_statistics)
        self.training.moment_changed.connect(self._show_moment)
        self.time_bar.moment_chosen.connect(self.training.show_moment)
        self.training.started.connect(self._clear_run)
        self.training.continued.connect(self._take_outcome_away)
        self.training.reset_done.connect(self._clear_run)
        self.training.refused.connect(self._show_errors)
        self.runner.run_prepared.connect(self._prepare_plots)
        self.runner.state_changed.connect(self._show_state)
        self.runner.engine_ready.connect(self._show_engine)
        self.runner.engine_failed.connect(self._show_engine_failure)
        self.runner.ended.connect(self._show_ending)
        self.runner.ticked.connect(self._tick)
        self._plot_place.loaded.connect(self._show_plots)

    @property
    def data_panel(self) -> "DataPanel":
        """Where the examples come from."""
        return self._data_page.panel

    @property
    def training_panel(self) -> "TrainingPanel":
        """How the network learns."""
        return self._training_page.panel

    @property
    def plots(self) -> "Panels | None":
        """The plots, once matplotlib is imported."""
        return self._plot_place.plots

    def _make_data_panel(self) -> "DataPanel":
        from gui.data_panel import DataPanel

        panel = DataPanel(self.document)
        panel.file_requested.connect(self.files.open_data)
        return panel

    def _make_training_panel(self) -> "TrainingPanel":
        from gui.training_panel import TrainingPanel

        panel = TrainingPanel(self.document)
        panel.show_progress(self._progress_of_document)
        return panel

    def _show_plots(self) -> None:
        """The plots are in their place: let them live, and import TensorFlow."""
        assert self.plots is not None
        self.plots.failed.connect(self.prompts.trouble)
        self.plots.told.connect(self.status.tell)
        self.plots.wanted_changed.connect(self.runner.want)
        theme_notifier(application()).changed.connect(self.plots.set_theme)
        self._select_in_plots()
        self.plots.show_experiment(self.document.experiment)
        self._panels_menu.setEnabled(True)
        self.runner.start_engine()

    def _show_document(self, experiment: Experiment, report: Report) -> None:
        actions, document = self.actions_, self.document
        for action, name, change in ((actions.undo, "Undo", document.undo_text), (actions.redo, "Redo", document.redo_text)):
            actions.allow(action, "" if change else f"There is no change to {name.lower()}.")
            action.setText(f"&{name} “{change}”" if change else f"&{name}")
        at_random = experiment.initial_weights is None
        actions.allow(actions.forget_weights, "It starts at random: no weights were imported." if at_random else "")
        if self.plots is not None:
            self.plots.show_experiment(experiment)
        self._select_in_plots()
        self._show_note()
        self._show_continuation()

    def _show_title(self) -> None:
        self.setWindowTitle(f"{self.document.title}[*] — Wiggle")
        self.setWindowModified(self.document.unsaved)

    def _show_state(self, state: State) -> None:
        actions = self.actions_
        text = "Res&ume" if state == "paused" else "&Train"
        actions.train.setText(text)
        actions.train.setIconText(f"▶  {text.replace('&', '')}")
        for action, possible in (
            (actions.train, state in ("idle", "paused")),
            (actions.pause, state == "training"),
            (actions.stop, state not in ("idle", "stopping")),
            (actions.step, state in ("idle", "paused", "training")),
            (actions.epoch, state in ("idle", "paused", "training")),
            (actions.find_rate, state == "idle"),
            (actions.reset, state != "idle" or self.training.progress is not None),
        ):
            actions.allow(action, "" if possible else why_not[state])
        self.toolbar.show_state(state)
        self.status.show_state(state)
        self._show_note()
        self._show_continuation()

    def _show_continuation(self) -> None:
        """Bring up to date what holds only as long as the document is what was trained."""
        self._show_training_progress()
        self.toolbar.show_continuation(self.training.obstacle)
        self._show_moment()

    def _show_moment(self) -> None:
        """Bring up to date where in the run the window is, and where one can go back to from there."""
        self.time_bar.show_history(self.training.record)
        actions, back = self.actions_, self.going_back
        for action, obstacle, tip in (
            (actions.branch, back.branch_obstacle, back.branch_words),
            (actions.back_to_best, back.best_obstacle, "Hold the network as it was at the end of the epoch with the lowest loss"),
            (actions.back_to_start, back.start_obstacle, "Begin again with the same initial weights and the settings now set"),
        ):
            actions.allow(action, obstacle, tip)

    def _show_progress(self, progress: Progress | None) -> None:
        self.toolbar.show_progress(progress)
        self._show_training_progress()
        self.status.show_speed(progress.steps_per_second if progress else None)
        self._show_moment()

    def _show_training_progress(self) -> None:
        if (panel := self._training_page.made) is not None:
            panel.show_progress(self._progress_of_document)

    @property
    def _progress_of_document(self) -> Progress | None:
        """How far the run is, where the document is what is trained."""
        return None if self.training.outdated else self.training.progress

    def _show_engine(self, engine: EngineReady) -> None:
        self.status.versions.setText(engine.versions)
        self.toolbar.show_engine(engine, self.training.device)
        self.training.device = self.toolbar.device  # the remembered one may be gone; with it, every training would fail
        self._check_for_device()
        self.training.make_ready()

    def _show_engine_failure(self, failure: EngineFailed) -> None:
        self.status.versions.setText("TensorFlow is missing")
        self.prompts.trouble(
            failure.sentence, "Building, checking and saving work without it; to train, run “uv sync”.", failure.details
        )

    def _show_ending(self, ended: Ended) -> None:
        if ended.ending == "failed":
            self.prompts.trouble(ended.sentence, details=ended.details)
        progress = self.training.progress
        self.problems.show_outcome(ended, progress.total_steps if progress else 0)
        bad = ended.ending in ("failed", "diverged")
        self.status.tell(f"The run {ended.ending}: see the problems" if bad else ended.sentence)
        self._show_state(self.runner.state)

    def _show_note(self) -> None:
        self.status.show_outdated(self.training.outdated, self.runner.state)

    def _show_errors(self, words: str = "Not trained") -> None:
        first = self.document.report.errors[0]
        self._go_to(first.place, first.layer, first.field)
        self.status.tell(f"{words}: {first.sentence}")

    def _find_rate(self) -> None:
        commit_focused()
        if not self.document.report.ready:
            self._show_errors("Not searched")
            return
        if self.finder is None:
            from gui.finder import RateFinder

            self.finder = RateFinder(self.document, self.runner, self)
        self.finder.search(self.training.device)

    def _take_outcome_away(self) -> None:
        self.status.message.clear()
        self.problems.show_outcome(None)

    def _clear_run(self) -> None:
        self._take_outcome_away()
        self.stack.set_statistics(None)
        self.inspector.set_statistics(None)
        if self.plots is not None:
            self.plots.clear()
        self._show_state(self.runner.state)

    def _prepare_plots(self, notice: RunPrepared) -> None:
        if self.plots is not None:
            self.plots.start(notice)

    def _tick(self) -> None:
        if self.plots is not None:
            self.plots.consume(self.training.history)
            self.plots.tick()

    def _fill_panels_menu(self) -> None:
        if self.plots is not None:
            self.plots.fill_menu(self._panels_menu)

    def _select(self, names: tuple[str, ...]) -> None:
        self.inspector.show_layers(names)
        self._select_in_plots()

    def _select_in_plots(self) -> None:
        """Let the plots of one layer show the selected one; where none is, as in a new document, the first with weights."""
        network = self.document.experiment.network
        layers = self.stack.view.selected_layers or [layer for layer in network if layer.holds_weights()] or network
        if self.plots is not None and layers:
            self.plots.select_layer(layers[0].name)

    def _edit(self, name: str) -> None:
        self.tabs.setCurrentWidget(self.inspector)
        self.inspector.setFocus()

    def _go_to(self, place: str, layer: str | None, field: str | None) -> None:
        if layer is not None:
            self.stack.view.select((layer,))
            self.inspector.show_layers((layer,))  # which may be one of several on its card
        pages: dict[str, LatePage[DataPanel] | LatePage[TrainingPanel]] = {
            "data": self._data_page,
            "training": self._training_page,
        }
        page = pages.get(place, self.inspector)
        self.tabs.setCurrentWidget(page)
        if field is not None:
            panel = page.panel if isinstance(page, LatePage) else page
            panel.focus_field(field)

    def _repeat(self) -> None:
        if count := len(self.stack.view.selected_layers):
            layers = "the layer" if count == 1 else f"the {count} layers"
            question = f"How often {layers} shall stand in a row:"
            times = self.prompts.number("Repeat", question, 2, 2, max(2, most_repeated // count))
            if times is not None:
                self.stack.view.repeat_selected(times)

    def _save_block(self) -> None:
        layers = self.stack.view.selected_layers
        if not layers:
            self.status.tell("Select the layers that are to be a block.")
        elif (name := self.shelf.save(layers, self.prompts)) is not None:
            self.status.tell(f"Saved the block “{name}”; it is at the end of the palette (A).")

    def _rename_block(self, kept: Kept) -> None:
        if self.shelf.rename(kept, self.prompts) is not None:
            self.stack.open_palette()

    def _delete_block(self, kept: Kept) -> None:
        if self.shelf.delete(kept, self.prompts):
            self.status.tell(f"Deleted the block “{kept.block.name}”.")

    def _remember_zoom(self, percent: int) -> None:
        self._settings.zoom = percent

    def _go_on(self) -> None:
        self.toolbar.more.interpretText()
        self.training.go_on(self.toolbar.more.value(), self.toolbar.unit)

    def _new_seed(self) -> None:
        self.document.apply("Change seed", replace(self.document.experiment, seed=randrange(100_000)))

    def _choose_history_memory(self) -> None:
        settings = self._settings
        question = "Megabytes that curves, looks inside and weights of a run may take, from the next one on:"
        chosen = self.prompts.number("Memory for the history", question, settings.history_megabytes, least_megabytes, 65_536)
        if chosen is not None:
            settings.history_megabytes = chosen
            self.training.allow(Allowance(chosen * mebibyte))

    def _export(self) -> None:
        action = self.sender()
        assert isinstance(action, QAction)
        self.exports.export(formats[action.data()])

    def _choose_device(self, name: str) -> None:
        self.training.device = name
        self._settings.device = name
        self._check_for_device()

    def _check_for_device(self) -> None:
        if self.runner.engine is not None and (devices := self.runner.engine.devices):
            usual = devices[min(1, len(devices) - 1)]  # the first GPU, where there is one
            chosen = next((device for device in devices if device.name == self.training.device), usual)
            self.document.set_memory(chosen.memory)
            self.document.set_precisions(chosen.precisions)

    def _show_devices(self) -> None:
        self.prompts.information("Devices", device_page(self.runner.engine))

    def _show_keys(self) -> None:
        self.prompts.information("Keys", keys_page(self.actions_))

    def _show_about(self) -> None:
        self.prompts.information("About Wiggle", about_page)

    def _restore_layout(self) -> None:
        self.stack.view.set_zoom(self._settings.zoom)
        self.resize(1440, 900)
        self.columns.setSizes([296, 430, 690])
        if geometry := self._settings.layout("window"):
            self.restoreGeometry(geometry)
        for name, splitter in (("columns", self.columns), ("right", self.right)):
            if state := self._settings.layout(name):
                splitter.restoreState(state)

    def _save_layout(self) -> None:
        self._settings.save_layout("window", self.saveGeometry())
        self._settings.save_layout("columns", self.columns.saveState())
        self._settings.save_layout("right", self.right.saveState())
        if self.plots is not None:
            self._settings.save_layout("panels", self.plots.arrangement())

    def focusNextPrevChild(self, forward: bool) -> bool:
        page = self.tabs.currentWidget()
        panel = page.panel if isinstance(page, LatePage) else self.inspector
        above = stops_in((self.toolbar, self.tabs.tabBar()))
        below = stops_in((self.stack, self._plot_place, self.problems, self.time_bar))
        if go([*above, *panel.tab_stops(), *below], self.focusWidget(), forward, around=True) is None:
            return super().focusNextPrevChild(forward)
        panel.bring_focus_into_view()
        return True

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._painted:
            # Not in showEvent: the system asks for the first painting only some time after it.
            self._painted = True
            QTimer.singleShot(0, self._plot_place.load)

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.files.may_leave():
            event.ignore()
            return
        self._save_layout()
        event.accept()
        self._plot_place.stop()
        self.exports.stop()
        self.closed.emit(self.runner.close(closing_seconds))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _dropped_files(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        if paths := _dropped_files(event):
            event.acceptProposedAction()
            self.files.open_dropped(paths)


def _dropped_files(event: QDropEvent) -> list[Path]:
    return [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]


def _framed(widget: QWidget) -> QFrame:
    frame = QFrame()
    frame.setProperty("role", "panel")
    frame.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
    column = QVBoxLayout(frame)
    column.setContentsMargins(1, 1, 1, 1)
    column.addWidget(widget)
    return frame
