"""What ``check`` says about length, learning rate, rules and weights, and what its remedies make of it."""

import pytest

from models.experiment import edits
from models.experiment.check import check
from models.experiment.class_weights import Balanced, GivenWeights
from models.experiment.data import Diabetes, Digits, Multilabel, Spiral
from models.experiment.losses import Dice
from models.experiment.optimizers import Adam
from models.experiment.rules import EarlyStopping, ReduceLROnPlateau
from models.experiment.schedules import CosineDecay, ExponentialDecay, OneCycle, PiecewiseConstantDecay
from models.experiment.starter import starter


def experiment(source=None, **training):
    """250 training examples in batches of 10 for 200 epochs: 5000 steps."""
    source = source or Spiral()
    value = starter(source, source.facts())
    for path, content in ({"batch_size": 10, "epochs": 200} | training).items():
        value = edits.set_at(value, f"training.{path}", content)
    return value


def problems(value):
    return [problem for problem in check(value).problems if problem.place == "training"]


cases = {
    "schedule and plateau": (
        {"schedule": CosineDecay(), "reduce_on_plateau": ReduceLROnPlateau()},
        "error", "reduce_on_plateau", "reduce_on_plateau cannot lower a learning rate that schedule decides at every step.",
    ),
    "warm-up and plateau": (
        {"warmup_steps": 10, "reduce_on_plateau": ReduceLROnPlateau()},
        "error", "reduce_on_plateau", "reduce_on_plateau cannot lower a learning rate that warmup_steps decides at every step.",
    ),
    "plateau at the bottom": (
        {"optimizer": Adam(learning_rate=0.001), "reduce_on_plateau": ReduceLROnPlateau(min_lr=0.001)},
        "warning", "reduce_on_plateau.min_lr", "The learning rate cannot be lowered: it is not above min_lr, 0.001.",
    ),
    "one cycle warmed up": ({"schedule": OneCycle(), "warmup_steps": 5}, "hint", "warmup_steps", "OneCycle warms up by itself."),
    "boundaries in disorder": (
        {"schedule": PiecewiseConstantDecay(boundaries=(20, 10, 20), factors=(0.5, 0.2, 0.1))},
        "error", "schedule.boundaries", "Each boundary must be greater than the one before it.",
    ),
    "more boundaries than factors": (
        {"schedule": PiecewiseConstantDecay(boundaries=(10, 20, 30), factors=(0.5, 0.1))},
        "error", "schedule.factors", "Each boundary needs one factor: there are 3 boundaries and 2 factors.",
    ),
    "two rules for the weights": (
        {"early_stopping": EarlyStopping(), "keep_best": "loss"},
        "warning", "early_stopping.restore_best_weights",
        "early_stopping and keep_best both say whose weights the run ends with: keep_best has the last word.",
    ),
    "a metric that is not measured": (
        {"keep_best": "val_auc"}, "error", "keep_best", "keep_best watches val_auc, and auc is not measured.",
    ),
    "a metric that cannot be measured": (
        {"early_stopping": EarlyStopping(monitor="top_k_categorical_accuracy")},
        "error", "early_stopping.monitor",
        "early_stopping watches top_k_categorical_accuracy, and top_k_categorical_accuracy is not measured.",
    ),
    "too many weights": (
        {"class_weight": GivenWeights(weights=(1.0, 2.0, 3.0))},
        "error", "class_weight.weights", "There are 2 classes and 3 weights.",
    ),
    "no weight at all": (
        {"class_weight": GivenWeights(weights=(0.0, 0.0))},
        "error", "class_weight.weights", "With all weights 0 there is nothing to learn from.",
    ),
    "weights of a loss of the batch": (
        {"class_weight": Balanced(), "loss": Dice()}, "warning", "class_weight",
        "Dice looks at a batch as a whole: weights of single examples only scale its loss.",
    ),
    "a warm-up without end": (
        {"steps": 50, "warmup_steps": 50},
        "warning", "warmup_steps", "The warm-up of 50 steps is not over when the run of 50 steps ends.",
    ),
    "a warm-up of the only step": (
        {"steps": 1, "warmup_steps": 5},
        "warning", "warmup_steps", "The warm-up of 5 steps is not over when the run of 1 steps ends.",
    ),
    "no update": (
        {"steps": 5, "optimizer": Adam(gradient_accumulation_steps=6)},
        "warning", "optimizer.gradient_accumulation_steps",
        "Gradients of 6 steps are gathered before the first update, and the run has 5.",
    ),
    "a change too late": (
        {"schedule": ExponentialDecay(decay_steps=5000, staircase=True)},
        "hint", "schedule", "The learning rate changes after 5\u2009000 steps, and the run has 5\u2009000.",
    ),
    "patience of early stopping": (
        {"epochs": 10, "early_stopping": EarlyStopping(patience=6, start_from_epoch=3)},
        "hint", "early_stopping.patience", "Patience for 6 epochs cannot run out in a run of 10.",
    ),
    "patience of the plateau": (
        {"epochs": 10, "reduce_on_plateau": ReduceLROnPlateau(patience=9)},
        "hint", "reduce_on_plateau.patience", "Patience for 9 epochs cannot run out in a run of 10.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", cases)
def test_what_contradicts_or_comes_too_late(case):
    training, severity, field, sentence = cases[case]
    value = experiment(**training)
    found = [(problem.severity, problem.field, problem.sentence) for problem in problems(value)]
    assert found == [(severity, field, sentence)]
    remedy = problems(value)[0].remedy
    assert (remedy is None) == (severity == "hint" and case != "one cycle warmed up")
    if remedy:
        assert problems(remedy.edit(value)) == []


def test_what_a_remedy_sets():
    value = experiment(early_stopping=EarlyStopping(monitor="val_auc"))
    assert problems(value)[0].remedy.edit(value).training.metrics == ("accuracy", "auc")
    value = experiment(early_stopping=EarlyStopping(monitor="val_top_k_categorical_accuracy"))
    assert problems(value)[0].remedy.edit(value).training.early_stopping.monitor == "val_loss"
    value = experiment(Digits(), class_weight=GivenWeights(weights=(2.0, 3.0)))
    assert problems(value)[0].remedy.edit(value).training.class_weight.weights == (2.0, 3.0, *(1.0,) * 8)


@pytest.mark.parametrize("training", [{"keep_best": "val_accuracy"}, {"early_stopping": EarlyStopping()}])
def test_validation_figures_need_validation_data(training):
    value = experiment(Spiral(test_share=0.0), **training)
    problem = problems(value)[0]
    assert problem.sentence.endswith("and no example is kept for validation.")
    mended = problem.remedy.edit(value)
    assert [other for other in problems(mended) if other.severity == "error"] == []


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        (Diabetes(), "Classes cannot be weighted: numbers to predict have no classes."),
        (Multilabel(), "Classes cannot be weighted: an example may carry several labels."),
    ],
)
def test_only_classes_can_be_weighted(source, sentence):
    value = experiment(source, class_weight=Balanced())
    assert [problem.sentence for problem in problems(value) if problem.severity == "error"] == [sentence]


def test_a_precision_that_the_device_lacks():
    value = edits.set_at(experiment(), "training.precision", "mixed_float16")
    assert check(value).ready
    report = check(value, precisions=("float32", "mixed_bfloat16"))
    assert [(problem.field, problem.sentence) for problem in report.errors] == [
        ("precision", "The device cannot compute with mixed_float16.")
    ]
    assert check(report.errors[0].remedy.edit(value), precisions=("float32",)).ready


def test_sensible_rules_are_no_problem():
    rules = {"early_stopping": EarlyStopping(patience=20), "schedule": OneCycle(), "class_weight": Balanced()}
    assert problems(experiment(**rules)) == []
    assert problems(experiment(reduce_on_plateau=ReduceLROnPlateau(), keep_best="val_accuracy")) == []
