"""The list of problems: what stops the run, what spoils it, what is worth knowing, and how to mend it."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from gui.document import Document
from gui.widgets.numbers import number_text
from gui.widgets.problem_row import ProblemList
from models.experiment import edits
from models.experiment.counting import counted
from models.experiment.experiment import Experiment
from models.experiment.report import Problem, Remedy, Report, worst_first
from models.telemetry.events import Ended

lowest_rate = 1e-6
"""Below this learning rate a run that diverges has another cause."""


class ProblemsPanel(QWidget):
    """Shows the problems of the document, errors first; a click goes to the place, a button mends it."""

    place_requested = Signal(str, object, object)
    """(``data``, ``network`` or ``training``; name of the layer or none; path of the field or none)"""

    def __init__(self, document: Document) -> None:
        super().__init__()
        self._document = document
        self._outcome: Problem | None = None
        self.title = QLabel("Problems")
        self.title.setProperty("role", "title")
        self.count = QLabel()
        self.count.setProperty("role", "small")
        self.list = ProblemList(buttons_beside=True, named=True)
        self._empty = QLabel("Nothing is wrong with the settings. How each layer fares in training stands on its card.")
        self._empty.setWordWrap(True)
        self._empty.setProperty("role", "muted")
        self._lay_out()
        self.list.chosen.connect(self._request_place)
        self.list.remedy_chosen.connect(document.mend)
        document.changed.connect(self._show)
        self._show(document.experiment, document.report)

    def show_outcome(self, outcome: Ended | None, total_steps: int = 0) -> None:
        """Put how the last run, one of so many steps, ended among the problems where there is more to say than that it did."""
        self._outcome = outcome_problem(outcome, self._document.experiment, total_steps) if outcome else None
        self._show(self._document.experiment, self._document.report)

    def _lay_out(self) -> None:
        header = QHBoxLayout()
        header.addWidget(self.title)
        header.addStretch(1)
        header.addWidget(self.count)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 4, 0)
        column.addWidget(self._empty)
        column.addWidget(self.list)
        column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidget(content)
        area.setFocusProxy(content)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 10, 10, 8)
        layout.setSpacing(6)
        layout.addLayout(header)
        layout.addWidget(area, 1)

    def _show(self, experiment: Experiment, report: Report) -> None:
        outcome = [] if self._outcome is None else [self._outcome]
        problems = worst_first([*outcome, *report.problems])
        self.list.show_problems(problems)
        self._empty.setVisible(not problems)
        notes = sum(problem.severity == "hint" for problem in problems)
        counts = ((len(problems) - notes, "problem"), (notes, "note"))
        self.count.setText(" · ".join(counted(number, what) for number, what in counts if number))

    def _request_place(self, problem: Problem) -> None:
        self.place_requested.emit(problem.place, problem.layer, problem.field)


def outcome_problem(outcome: Ended, experiment: Experiment, total_steps: int = 0) -> Problem | None:
    """What went wrong in a run, as a problem; a run that diverged can be mended with a tenth of its learning rate.

    A hint where a rule ended the run before its `total_steps`, or put the weights of another epoch back.
    """
    early = outcome.step < total_steps
    if outcome.ending == "finished" and (early or outcome.restored_epoch is not None):
        rule = "keep_best" if experiment.training.keep_best and not early else "early_stopping"
        return Problem("hint", "training", outcome.sentence, field=rule)
    if outcome.ending == "failed":
        return Problem("error", "training", outcome.sentence)
    if outcome.ending != "diverged":
        return None
    field, rate = "optimizer.learning_rate", experiment.training.optimizer.learning_rate / 10
    if rate < lowest_rate:
        return Problem("error", "training", outcome.sentence, field=field)
    remedy = Remedy(f"Learning rate {number_text(rate)}", lambda value: edits.set_at(value, f"training.{field}", rate))
    return Problem("error", "training", outcome.sentence, field=field, remedy=remedy)
