"""The bar under everything: goes back to any moment of the run, and branches off from there."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QPushButton

from gui.earlier_runs import EarlierRuns
from gui.runs_list import RunsList
from gui.widgets.moment_slider import MomentSlider
from gui.widgets.numbers import short_text
from models.experiment.counting import counted, grouped

if TYPE_CHECKING:
    from models.telemetry.history import History

widest_step = 888_888
"""There is room for its digits, so that what stands beside it does not move while steps are counted."""


class TimeBar(QFrame):
    """Shows which moment of the run the window shows, and lets another be chosen."""

    moment_chosen = Signal(object)
    """The step of the moment that is to be shown, or none for the run as it goes on."""

    def __init__(self, runs: EarlierRuns, branch: QAction, best: QAction, start: QAction) -> None:
        super().__init__()
        self.setObjectName("time")
        self._history: History | None = None
        self._seen: tuple[object, ...] = ()
        title = QLabel("History")
        title.setProperty("role", "title")
        self.moments_label = QLabel()
        self.moments_label.setProperty("role", "small")
        self.slider = MomentSlider(self.describe)
        self.slider.setAccessibleName("Moment of the run that is shown")
        self.slider.chosen.connect(self.moment_chosen)
        title.setBuddy(self.slider)
        self.step_label = QLabel()
        self.step_label.setProperty("role", "muted")
        self.step_label.setMinimumWidth(self._width(f"step {grouped(widest_step)} · epoch {grouped(widest_step // 100)}"))
        self.moments_label.setMinimumWidth(self._width("888 of 888 moments"))
        self.runs_button = QPushButton("Runs")
        self.runs_button.setToolTip("Earlier runs since the window was opened: show or hide their curves, rename or forget them")
        self.runs_list = RunsList(runs, self)
        self.runs_button.clicked.connect(self._open_runs)
        self.back_button = QPushButton("Go back")
        menu = QMenu(self.back_button)
        menu.addActions([best, start])
        menu.setToolTipsVisible(True)
        self.back_button.setMenu(menu)
        self.back_button.setToolTip("Let the network be what it was in the best epoch, or at the start")
        self._branch = branch
        self.branch_button = QPushButton()
        self.branch_button.clicked.connect(branch.trigger)
        branch.changed.connect(self._show_branch)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 5, 12, 5)
        row.setSpacing(10)
        row.addWidget(title)
        row.addWidget(self.moments_label)
        row.addWidget(self.slider, 1)
        row.addWidget(self.step_label)
        row.addWidget(self.runs_button)
        row.addWidget(self.back_button)
        row.addWidget(self.branch_button)
        self._show_branch()
        self.show_history(None)

    def show_history(self, history: "History | None") -> None:
        """Follow this record; asked again whenever it grew, or shows another moment. None: there is no run."""
        seen: tuple[object, ...] = ()
        if history is not None:
            counts = (history.last_step, history.probes_seen, history.states_seen)
            seen = (id(history), counts, history.moment, history.ended)
        if seen == self._seen and history is self._history and seen:
            return
        self._history, self._seen = history, seen
        moments = history.moments() if history else ()
        kept = [state.step for state in history.states()] if history else []
        last = history.last_step if history else 0
        moment = history.moment if history else None
        self.slider.show_moments(moments, kept, last, moment)
        self._show_moments(len(moments), len(kept))
        self._show_step(last if moment is None else moment, live=moment is None)

    def describe(self, step: int) -> str:
        """What there is to say about the moment after so many steps: step, epoch, loss, and whether its weights are kept."""
        history = self._history
        if history is None:
            return ""
        lines = [f"step {grouped(step)}" + ("" if step else ", before the first")]
        steps = history.steps()
        place = int(steps.step.searchsorted(step, side="right")) - 1
        if step and place >= 0:
            lines[0] += f" · epoch {grouped(int(steps.epoch[place]))}"
            lines.append(f"loss {short_text(float(steps.loss[place]))}")
            epochs = history.epochs()
            ended = int(epochs.step.searchsorted(step, side="right")) - 1
            if ended >= 0 and "val_loss" in epochs.values:
                value = short_text(float(epochs.values["val_loss"][ended]))
                lines.append(f"validation loss {value} after epoch {grouped(int(epochs.epoch[ended]))}")
        if step == history.last_step:
            lines.append("live: the newest step" if history.ended is None else "live: the end of the run")
        elif any(state.step == step for state in history.states()):
            lines.append("weights kept")
        else:
            lines.append("statistics only; its weights are not kept")
        return "\n".join(lines)

    def _show_moments(self, moments: int, kept: int) -> None:
        none_yet = "" if moments else "While a network trains, moments are kept: they can be gone back to here."
        self.slider.setToolTip(none_yet)  # later it says itself what there is at each place
        if none_yet:
            self.moments_label.setText("no moments yet")
            self.moments_label.setToolTip(none_yet)
            return
        words = counted(moments, "moment")
        if kept != moments:
            words = f"{kept} of {words}"
        self.moments_label.setText(words)
        told = f"Statistics are kept of {counted(moments, 'moment')}"
        if kept == moments:
            tip = "All of these moments can be gone back to: their weights are kept."
        elif not kept:
            tip = (
                f"{told}, but no weights, so that none can be gone back to. Where one state takes too much, more memory for the "
                "history, in the menu View, keeps them in the next run."
            )
        else:
            tip = (
                f"{told}. Of {grouped(kept)}, marked below the slider, the weights are kept, too: these can be gone back to. "
                "Weights are kept as often as costs the training little; of a long run, more memory for the history, in the menu "
                "View, keeps more."
            )
        self.moments_label.setToolTip(tip)

    def _show_step(self, step: int, *, live: bool) -> None:
        history = self._history
        if history is None or history.started is None:
            self.step_label.setText("step 0 · live")
            return
        epoch = -(-step // history.started.steps_per_epoch)
        text = f"step {grouped(step)} · live" if live else f"step {grouped(step)} · epoch {grouped(epoch)}"
        self.step_label.setText(text)
        self.step_label.setMinimumWidth(max(self.step_label.minimumWidth(), self._width(text)))

    def _open_runs(self) -> None:
        self.runs_list.open_above(self.runs_button)

    def _show_branch(self) -> None:
        self.branch_button.setText(self._branch.iconText())
        self.branch_button.setEnabled(self._branch.isEnabled())
        self.branch_button.setToolTip(self._branch.toolTip())

    def _width(self, text: str) -> int:
        return self.fontMetrics().horizontalAdvance(text) + 4
