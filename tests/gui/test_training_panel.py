"""The training panel: every field of the training arrives, and another optimizer keeps what was set."""

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from gui.document import Document
from gui.training_panel import TrainingPanel
from models.data.loading import read_facts
from models.experiment import edits
from models.experiment.fields import fields_of, kinds_in, new
from models.experiment.losses import Loss, MeanSquaredError
from models.experiment.optimizers import SGD, Adam, Optimizer
from models.experiment.starter import default_experiment
from models.experiment.training import Training
from tests.gui.forms.driving import choose, enter, shown


@pytest.fixture
def document():
    return Document(default_experiment(), read_facts)


@pytest.fixture
def panel(qtbot, document):
    panel = TrainingPanel(document)
    qtbot.addWidget(panel)
    panel.show()
    panel.activateWindow()
    qtbot.waitUntil(panel.isActiveWindow)
    return panel


def editor(panel, path):
    return panel.form.find_row(path).editor


def test_there_is_a_row_for_every_field(panel):
    names = {*panel.form.rows(), *panel.form.row("training").nested.rows()}
    assert names == {"training", "seed", "name", *(field.name for field in fields_of(Training))}


@pytest.mark.parametrize(
    ("path", "content", "words"),
    [
        ("seed", 7, "Change seed"),
        ("name", "Mine", "Change name"),
        ("training.batch_size", 64, "Change batch_size"),
        ("training.epochs", 10_000_000, "Change epochs"),
        ("training.shuffle", False, "Change shuffle"),
        ("training.metrics", ("precision", "auc"), "Change metrics"),
        ("training.metrics", (), "Change metrics"),
        ("training.optimizer.learning_rate", 3e-4, "Change optimizer learning_rate"),
        ("training.optimizer.clipnorm", 1.5, "Change optimizer clipnorm"),
        ("training.loss.label_smoothing", 0.1, "Change loss label_smoothing"),
    ],
)
def test_what_is_entered_arrives(panel, document, path, content, words):
    before = document.experiment
    panel.focus_field(path.removeprefix("training."))
    enter(editor(panel, path), content)
    value = document.experiment
    for name in path.split("."):
        value = getattr(value, name)
    assert value == content
    assert document.undo_text == words
    while document.undo_text:
        document.undo()
    assert document.experiment == before


def test_no_metrics_is_not_the_same_as_by_task(panel, document):
    ticks = editor(panel, "training.metrics")
    enter(ticks, ("auc",))
    enter(ticks, None)
    assert document.experiment.training.metrics is None
    document.apply("x", edits.set_at(document.experiment, "training.metrics", ("recall",)))
    assert shown(ticks) == ("recall",)


@pytest.mark.parametrize("kind", kinds_in(Optimizer), ids=lambda kind: kind.kind())
def test_another_optimizer_keeps_the_learning_rate(panel, document, kind):
    document.apply("x", edits.set_at(document.experiment, "training.optimizer", Adam(learning_rate=0.03)))
    choose(editor(panel, "training.optimizer").combo, kinds_in(Optimizer).index(kind))
    assert document.experiment.training.optimizer == new(kind, learning_rate=0.03)


def test_a_learning_rate_that_nobody_set_follows_the_optimizer(panel, document):
    document.apply("x", edits.set_at(document.experiment, "training.optimizer", Adam()))
    choose(editor(panel, "training.optimizer").combo, kinds_in(Optimizer).index(SGD))
    assert document.experiment.training.optimizer == SGD()


def test_every_loss_can_be_chosen(panel, document):
    for index, kind in enumerate(kinds_in(Loss)):
        choose(editor(panel, "training.loss").combo, index)
        assert document.experiment.training.loss == new(kind)
    document.apply("x", edits.set_at(document.experiment, "training.loss", MeanSquaredError()))
    assert shown(editor(panel, "training.loss")) == MeanSquaredError()


def test_a_slider_dragged_is_one_undo_step(panel, document):
    slider = editor(panel, "training.optimizer.learning_rate").slider
    before = document.experiment
    slider.track.setSliderDown(True)
    for position in (-150, -140, -130):
        slider.track.setValue(position)
    slider.track.setSliderDown(False)
    QTest.keyClick(slider.track, Qt.Key.Key_Right)
    document.undo()
    assert document.experiment.training.optimizer.learning_rate == 0.05
    document.undo()
    assert document.experiment == before


def test_a_new_document_is_shown(panel, document):
    changed = replace(document.experiment, seed=12, training=replace(document.experiment.training, epochs=3, shuffle=False))
    document.open(changed, None)
    assert [shown(editor(panel, path)) for path in ("seed", "training.epochs", "training.shuffle")] == [12, 3, False]


@pytest.mark.parametrize(
    ("path", "found"), [("optimizer.clipnorm", "training.optimizer.clipnorm"), ("metrics", "training.metrics"), ("seed", "seed")]
)
def test_the_focus_goes_to_a_field(panel, path, found):
    panel.resize(290, 250)
    panel.focus_field(path)
    target = editor(panel, found)
    assert target.focusProxy().hasFocus()
    assert target.isVisible()
    place = target.mapTo(panel.viewport(), QPoint(0, 0)).y()
    # Of a list it is the present line that is brought into view.
    assert 0 <= place <= panel.viewport().height() - 20
