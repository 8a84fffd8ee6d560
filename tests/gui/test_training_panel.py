"""The training panel: every field of the training arrives, and another optimizer keeps what was set."""

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from gui.document import Document
from gui.forms.rows import ListEditor
from gui.progress import Progress
from gui.training_panel import TrainingPanel
from models.data.loading import read_facts
from models.experiment import edits
from models.experiment.class_weights import Balanced, GivenWeights
from models.experiment.data import Digits, Iris, Spiral, Table
from models.experiment.fields import fields_of, kinds_in, new
from models.experiment.losses import Loss, MeanSquaredError
from models.experiment.optimizers import SGD, Adam, Optimizer
from models.experiment.rules import EarlyStopping, ReduceLROnPlateau
from models.experiment.schedules import CosineDecay, OneCycle
from models.experiment.starter import default_experiment
from models.experiment.training import Training
from tests.gui.forms.driving import choose, enter, shown, type_into


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
        ("training.optimizer.gradient_accumulation_steps", 4, "Change optimizer gradient_accumulation_steps"),
        ("training.steps", 700, "Change steps"),
        ("training.precision", "mixed_bfloat16", "Change precision"),
        ("training.warmup_steps", 50, "Change warmup_steps"),
        ("training.schedule", OneCycle(), "Change schedule"),
        ("training.reduce_on_plateau", ReduceLROnPlateau(), "Change reduce_on_plateau"),
        ("training.early_stopping", EarlyStopping(), "Change early_stopping"),
        ("training.keep_best", "val_accuracy", "Change keep_best"),
        ("training.class_weight", Balanced(), "Change class_weight"),
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


def set_training(document, **values):
    document.apply("x", replace(document.experiment, training=replace(document.experiment.training, **values)))


def offered(editor):
    combo = getattr(editor, "inner", editor).combo
    return [combo.itemText(index) for index in range(combo.count())]


def test_only_what_is_measured_can_be_watched(panel, document):
    set_training(document, early_stopping=EarlyStopping(), reduce_on_plateau=ReduceLROnPlateau(), keep_best="loss")
    paths = ("training.early_stopping.monitor", "training.reduce_on_plateau.monitor", "training.keep_best")
    for path in paths:
        assert offered(editor(panel, path)) == ["val_loss", "val_accuracy", "loss", "accuracy"]
    set_training(document, metrics=("auc",))
    assert offered(editor(panel, paths[0])) == ["val_loss", "val_auc", "loss", "auc"]
    document.apply("x", replace(document.experiment, data=Spiral(test_share=0)))
    assert offered(editor(panel, paths[2])) == ["loss", "auc"]


def test_what_is_watched_but_not_measured_stays_until_another_is_chosen(panel, document):
    set_training(document, early_stopping=EarlyStopping(monitor="val_recall"))
    watched = editor(panel, "training.early_stopping.monitor")
    assert watched.combo.currentText() == "val_recall"
    assert document.report.errors
    choose(watched.combo, 0)
    assert document.experiment.training.early_stopping.monitor == "val_loss"
    assert "val_recall" not in offered(watched)


def test_each_class_has_a_weight_beside_its_name(panel, document):
    document.apply("x", replace(document.experiment, data=Iris()))
    kinds = editor(panel, "training.class_weight")
    choose(kinds.combo, 2)
    assert document.experiment.training.class_weight == GivenWeights(weights=(1.0, 1.0, 1.0))
    weights = editor(panel, "training.class_weight.weights")
    assert [label.text() for label in weights.labels] == list(document.report.facts.class_names)
    type_into(weights.lines[1], "2.5")
    assert document.experiment.training.class_weight == GivenWeights(weights=(1.0, 2.5, 1.0))
    type_into(weights.lines[2], "-1")
    assert document.experiment.training.class_weight == GivenWeights(weights=(1.0, 2.5, 1.0))
    QTest.keyClick(weights.lines[0], Qt.Key.Key_Up)
    assert document.experiment.training.class_weight.weights[0] > 1
    document.apply("x", replace(document.experiment, data=Digits()))
    assert [label.text() for label in weights.labels] == list(document.report.facts.class_names[:3])


def test_more_weights_than_classes_are_numbered(panel, document):
    set_training(document, class_weight=GivenWeights(weights=(1.0, 2.0, 3.0)))
    weights = editor(panel, "training.class_weight.weights")
    assert [label.text() for label in weights.labels][2] == "class 2"
    assert shown(weights) == (1.0, 2.0, 3.0)


def test_the_weights_of_many_classes_stand_in_one_line(panel, document, tmp_path):
    path = tmp_path / "letters.csv"
    rows = [f"{index},{chr(65 + index % 26)}{chr(65 + index % 26)}" for index in range(260)]
    path.write_text("\n".join(("number,letter", *rows)))
    document.apply("x", replace(document.experiment, data=Table(path=path, target="letter")))
    choose(editor(panel, "training.class_weight").combo, 2)
    weights = editor(panel, "training.class_weight.weights")
    assert isinstance(weights, ListEditor)
    assert shown(weights) == (1.0,) * 26


def test_none_says_what_it_means(panel, document):
    set_training(document, schedule=CosineDecay())
    assert editor(panel, "training.steps")._none.text() == "by epochs"
    assert editor(panel, "training.schedule.decay_steps")._none.text() == "whole run"


def test_epochs_cannot_be_set_while_steps_decide(panel, document):
    epochs = panel.form.find_row("training.epochs")
    assert epochs.isEnabled()
    set_training(document, steps=500)
    assert not epochs.isEnabled()
    document.undo()
    assert epochs.isEnabled()


def test_a_unit_stands_beside_what_does_not_name_it(panel, document):
    set_training(document, early_stopping=EarlyStopping())
    caption = editor(panel, "training.early_stopping.patience").parentWidget().findChildren(QLabel)[0]
    assert "Patience (epochs)" in [label.text() for label in caption.parentWidget().findChildren(QLabel)]


def test_the_curve_follows_every_edit(panel, document):
    assert panel.curve.isHidden()
    set_training(document, schedule=CosineDecay())
    panel.focus_field("schedule")
    assert panel.curve.isVisible()
    course = panel.curve.course
    assert (course.schedule, course.base) == (CosineDecay(), document.experiment.training.optimizer.learning_rate)
    assert course.total == document.experiment.training.total_steps(document.report.facts.training_samples)
    enter(editor(panel, "training.schedule.alpha"), 0.25)
    assert panel.curve.course.schedule == CosineDecay(alpha=0.25)
    enter(editor(panel, "training.optimizer.learning_rate"), 0.5)
    assert panel.curve.course.base == 0.5
    enter(editor(panel, "training.steps"), 321)
    assert panel.curve.course.total == 321
    enter(editor(panel, "training.warmup_steps"), 40)
    enter(editor(panel, "training.schedule"), None)
    assert panel.curve.course.warmup_steps == 40
    assert panel.curve.isVisible()
    enter(editor(panel, "training.warmup_steps"), None)
    assert panel.curve.isHidden()


def test_a_run_marks_its_step_on_the_curve_and_stretches_it_when_it_goes_on(panel, document):
    set_training(document, schedule=CosineDecay())
    panel.show_progress(Progress(step=120, epoch=3, epochs=40, total_steps=9999))
    assert panel.curve.step == 120
    assert panel.curve.course.total == 9999
    panel.show_progress(None)
    assert panel.curve.step is None
    assert panel.curve.course.total != 9999
