"""The training panel: how the network learns, with the learning rate over the run drawn, the seed, and the experiment's name."""

from msgspec.structs import replace

from gui.document import Document
from gui.forms.editors import ChoiceEditor, Editor
from gui.forms.form import FieldRow, Form
from gui.forms.panel import FormPanel, label
from gui.forms.rows import ListEditor, NumbersEditor, OptionalEditor
from gui.progress import Progress
from gui.widgets.schedule_curve import ScheduleCurve, course_of
from models.experiment import edits
from models.experiment.class_weights import GivenWeights
from models.experiment.data import Facts
from models.experiment.experiment import Experiment
from models.experiment.fields import Field, Row, field_of
from models.experiment.figures import Monitor, validation_prefix
from models.experiment.metrics import metric_names
from models.experiment.report import Report
from models.experiment.training import Training

_part = "training"
_weights = f"{_part}.class_weight.weights"
_monitors = (f"{_part}.early_stopping.monitor", f"{_part}.reduce_on_plateau.monitor", f"{_part}.keep_best")

_most_named = 20
"""Weights of more classes than this stand in one line."""


class TrainingPanel(FormPanel):
    """Shows how the network is trained, as a form."""

    def __init__(self, document: Document) -> None:
        super().__init__()
        self._document = document
        fields = [field_of(Experiment, name) for name in (_part, "seed", "name")]
        self._form = Form(fields, {_weights: self._make_weights}, open_groups={})
        self._form.edited.connect(self._edit)
        self._form.finished.connect(document.end_merging)
        self._form.show_values([document.experiment])
        self._progress: Progress | None = None
        self.curve = ScheduleCurve()
        self._row(f"{_part}.schedule").add_below(self.curve, indented=False)
        self.column.addWidget(label("TRAINING", "section"))
        self.column.addWidget(self._form)
        self.column.addStretch(1)
        document.changed.connect(self._show)
        self._show(document.experiment, document.report)

    @property
    def form(self) -> Form:
        return self._form

    def focus_field(self, path: str) -> None:
        """Put the focus into a field of the training, the seed or the name."""
        super().focus_field(path if path in self._form.rows() else f"{_part}.{path}")

    def show_progress(self, progress: Progress | None) -> None:
        """Mark how far a run of the document is; none: there is no such run."""
        self._progress = progress
        self._show_curve(self._document.experiment.training, self._document.report.facts)

    def _show(self, experiment: Experiment, report: Report) -> None:
        self._form.show_values([experiment])
        training, facts = experiment.training, report.facts
        self._offer(training, facts)
        self._row(f"{_part}.epochs").setEnabled(training.steps is None)
        self._show_curve(training, facts)

    def _offer(self, training: Training, facts: Facts | None) -> None:
        """Let rules watch what is measured only, and name the classes."""
        if facts is None:
            return
        figures = monitors(training, facts)
        for path in _monitors:
            editor = self._row(path).editor
            inner = editor.inner if isinstance(editor, OptionalEditor) else editor
            if isinstance(inner, ChoiceEditor):
                inner.offer(figures)
        weights = self._row(_weights).editor
        if isinstance(weights, NumbersEditor):
            weights.set_names(facts.class_names)

    def _show_curve(self, training: Training, facts: Facts | None) -> None:
        progress = self._progress
        total = training.total_steps(facts.training_samples) if facts else training.steps or 0
        self.curve.set_course(course_of(training, progress.total_steps if progress else total))
        self.curve.set_step(progress.step if progress else None)

    def _edit(self, path: str, content: object) -> None:
        facts = self._document.report.facts
        if path == f"{_part}.class_weight" and isinstance(content, GivenWeights) and facts and facts.class_names:
            content = replace(content, weights=(1.0,) * len(facts.class_names))
        words = path.removeprefix(f"{_part}.").replace(".", " ")
        self._document.apply(f"Change {words}", edits.set_at(self._document.experiment, path, content), path)

    def _make_weights(self, field: Field) -> Editor:
        """A line for each class by name, or one line for all where there are many."""
        assert isinstance(field.type, Row)
        facts = self._document.report.facts
        if facts and len(facts.class_names) > _most_named:
            return ListEditor(field.type)
        return NumbersEditor(field.type, "class")

    def _row(self, path: str) -> FieldRow:
        """The row at a path, or the last that is there on the way to it."""
        row = self._form.find_row(path)
        assert row is not None
        return row


def monitors(training: Training, facts: Facts) -> tuple[Monitor, ...]:
    """What a rule can watch in such a training: what is measured, on the validation data where there are any."""
    names = ("loss", *metric_names(training, facts))
    prefixes = (validation_prefix, "") if facts.validation_samples > 0 else ("",)
    return tuple(prefix + name for prefix in prefixes for name in names)
