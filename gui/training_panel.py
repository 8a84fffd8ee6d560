"""The training panel: loss, optimizer, metrics, batches and epochs, the seed, and the experiment's name."""

from gui.document import Document
from gui.forms.form import Form
from gui.forms.panel import FormPanel, label
from models.experiment import edits
from models.experiment.experiment import Experiment
from models.experiment.fields import field_of
from models.experiment.report import Report

_part = "training"


class TrainingPanel(FormPanel):
    """Shows how the network is trained, as a form."""

    def __init__(self, document: Document) -> None:
        super().__init__()
        self._document = document
        self._form = Form([field_of(Experiment, name) for name in (_part, "seed", "name")], open_groups={})
        self._form.edited.connect(self._edit)
        self._form.finished.connect(document.end_merging)
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

    def _show(self, experiment: Experiment, report: Report) -> None:
        self._form.show_values([experiment])

    def _edit(self, path: str, content: object) -> None:
        words = path.removeprefix(f"{_part}.").replace(".", " ")
        self._document.apply(f"Change {words}", edits.set_at(self._document.experiment, path, content), path)
