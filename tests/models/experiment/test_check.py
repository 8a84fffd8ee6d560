"""``check`` never raises, tells the truth about shapes, and its remedies mend what they promise to mend."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from models.experiment import activations, edits, losses
from models.experiment.check import check
from models.experiment.data import Diabetes, Digits, Facts, Iris, Multilabel, Spiral, Table
from models.experiment.encoding import target_for
from models.experiment.errors import BadInput, Setting
from models.experiment.experiment import Experiment
from models.experiment.fields import kinds_in
from models.experiment.graph import sources
from models.experiment.initializers import RandomNormal, Zeros
from models.experiment.layers import (
    BatchNormalization,
    Conv1D,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePooling2D,
    MaxPooling2D,
    Rescaling,
    Reshape,
)
from models.experiment.losses import Loss, MeanSquaredError
from models.experiment.optimizers import Adam
from models.experiment.output_checks import fitting_loss, output_activation
from models.experiment.starter import default_experiment, starter, with_source
from models.experiment.training import Training
from models.storage.codec import validated
from tests.strategies import any_facts, experiments


def same_problem(first, second) -> bool:
    return (first.sentence, first.layer, first.field) == (second.sentence, second.layer, second.field)


# --- any experiment


@settings(max_examples=300, deadline=None)
@given(experiments(), st.none() | any_facts(), st.none() | st.integers(0, 10**7))
def test_check_never_raises_and_every_remedy_removes_its_problem(experiment, facts, memory):
    report = check(experiment, facts, memory=memory)
    assert [layer.name for layer in report.layers] == [layer.name for layer in experiment.network]
    for problem in report.problems:
        assert problem.sentence.endswith(".")
        assert problem.layer is None or problem.layer in {layer.name for layer in experiment.network}
        if problem.remedy is not None:
            assert problem.remedy.label
            mended = problem.remedy.edit(experiment)
            assert validated(mended) == mended
            left = check(mended, facts, memory=memory).problems
            if facts is None or problem.place != "data":  # facts that are handed in do not follow a change of the data
                assert not [other for other in left if same_problem(problem, other)], problem
            assert check(problem.remedy.edit(default_experiment()))  # a remedy that comes late harms nobody
            assert check(problem.remedy.edit(edits.with_network(default_experiment(), ())))


@settings(deadline=None)
@given(experiments(size=None), any_facts())
def test_check_does_not_mind_the_largest_numbers(experiment, facts):
    assert check(experiment, facts, memory=1)


@settings(deadline=None)
@given(experiments(), any_facts())
def test_nothing_is_known_behind_an_error(experiment, facts):
    shapes = {"input": facts.input_shape}
    for layer, names in zip(check(experiment, facts).layers, sources(experiment.network), strict=True):
        arriving = [shapes.get(name) for name in names]
        assert layer.input_shapes == (() if None in arriving else tuple(arriving))
        assert (layer.output_shape is None) == (layer.parameters is None)
        if not layer.input_shapes:
            assert layer.output_shape is None
        shapes[layer.name] = layer.output_shape


@settings(deadline=None, max_examples=200)
@given(experiments(), any_facts(), st.booleans())
def test_one_click_after_the_other_ends(experiment, facts, all_named_alike):
    """Following the remedies of the errors never goes round in circles."""
    if all_named_alike:
        experiment = edits.with_network(experiment, tuple(replace(layer, name="same") for layer in experiment.network))
    seen = []
    for _ in range(30):
        remedies = [problem.remedy for problem in check(experiment, facts).errors if problem.remedy]
        if not remedies:
            return
        assert experiment not in seen
        seen.append(experiment)
        experiment = remedies[0].edit(experiment)
    raise AssertionError("no end after 30 remedies")


def test_an_unknown_table_is_an_error_that_tells_why():
    experiment = replace(default_experiment(), data=Table(path="t.csv", target="y"))
    problem = check(experiment, data_problem=BadInput("t.csv", "a file", "nothing of that name")).errors[0]
    assert (problem.place, problem.field) == ("data", "path")
    assert problem.sentence == "t.csv: expected a file, found nothing of that name."
    assert [layer.output_shape for layer in check(experiment).layers] == [None, None, None]


def test_a_table_that_a_setting_would_make_usable_says_which_and_sets_it():
    experiment = replace(default_experiment(), data=Table(path="t.csv", target="y"))
    setting = Setting("missing", "drop_rows", "Leave such rows out")
    problem = check(experiment, data_problem=BadInput("t.csv", "a value", "a missing cell", setting=setting)).errors[0]
    assert (problem.field, problem.remedy.label) == ("missing", "Leave such rows out")
    assert problem.remedy.edit(experiment).data == replace(experiment.data, missing="drop_rows")


def test_shapes_end_at_the_layer_that_does_not_fit():
    network = (Conv2D(name="conv2d", filters=4, kernel_size=(3, 3)), Flatten(name="flatten"), Dense(name="output", units=10))
    experiment = Experiment(
        data=Digits(), network=network, training=Training(loss=losses.SparseCategoricalCrossentropy(from_logits=True))
    )
    report = check(experiment)
    assert [(layer.input_shape, layer.output_shape) for layer in report.layers] == [((64,), None), (None, None), (None, None)]
    mended = report.errors[0].remedy.edit(experiment)
    assert mended.network[0] == Reshape(name="reshape", target_shape=(8, 8, 1))
    assert [layer.output_shape for layer in check(mended).layers] == [(8, 8, 1), (6, 6, 4), (144,), (10,)]
    assert check(mended).ready


def test_parameters_are_summed():
    report = check(default_experiment())
    assert [layer.parameters.trainable for layer in report.layers] == [48, 272, 17]
    assert report.parameters.total == 337
    assert report.problems == ()


# --- loss and output that do not belong together

plane, flowers, numbers, labels = Spiral(), Iris(), Diabetes(), Multilabel()
pairs = {
    "sigmoid and binary cross-entropy": (plane, losses.BinaryCrossentropy(), activations.Sigmoid(), 1),
    "softmax and categorical cross-entropy": (flowers, losses.CategoricalCrossentropy(), activations.Softmax(), 3),
    "softmax and sparse categorical cross-entropy": (flowers, losses.SparseCategoricalCrossentropy(), activations.Softmax(), 3),
    "linear and mean squared error": (numbers, losses.MeanSquaredError(), activations.Linear(), 1),
    "linear and hinge": (plane, losses.Hinge(), activations.Linear(), 1),
    "linear and categorical hinge": (flowers, losses.CategoricalHinge(), activations.Linear(), 3),
    "a sigmoid a label": (labels, losses.BinaryCrossentropy(), activations.Sigmoid(), 5),
}
wrong_outputs = [
    Dense(name="output", units=units, activation=activation)
    for units in (1, 2, 3, 5)
    for activation in (activations.Relu(), activations.Softmax(), activations.Sigmoid(), activations.Linear(), activations.Tanh())
]


def mended(experiment):
    """`experiment` after every remedy was taken, one after the other."""
    for _ in range(6):
        remedies = [problem.remedy for problem in check(experiment).problems if problem.remedy]
        if not remedies:
            break
        experiment = remedies[0].edit(experiment)
    return experiment


@pytest.mark.parametrize("name", pairs)
@pytest.mark.parametrize("output", wrong_outputs, ids=lambda layer: f"{layer.units}-{layer.activation.kind()}")
def test_remedies_lead_from_any_output_to_one_that_belongs_to_the_loss(name, output):
    source, loss, activation, units = pairs[name]
    experiment = Experiment(data=source, network=(output,), training=Training(loss=loss))
    found = mended(experiment)
    last = found.network[-1]
    assert check(found).problems == ()
    assert found.training == experiment.training
    belonged_before = output.activation.kind() in loss.activations
    assert last.activation == (output.activation if belonged_before else activation)
    two_columns = units == 1 and output.units == 2 and source is plane  # one column for each of the two classes is as good
    assert last.units == (2 if two_columns else units)


@pytest.mark.parametrize("name", pairs)
def test_the_pair_itself_has_no_problem(name):
    source, loss, activation, units = pairs[name]
    output = Dense(name="output", units=units, activation=activation)
    assert check(Experiment(data=source, network=(output,), training=Training(loss=loss))).problems == ()


@pytest.mark.parametrize(
    ("source", "loss", "start", "severity", "label", "end"),
    [
        (plane, losses.BinaryCrossentropy(), ("relu", 1), "error", "Use sigmoid", ("sigmoid", 1)),
        (plane, losses.BinaryCrossentropy(), ("linear", 1), "error", "Use sigmoid", ("sigmoid", 1)),
        (flowers, losses.CategoricalCrossentropy(), ("sigmoid", 3), "error", "Use softmax", ("softmax", 3)),
        (flowers, losses.SparseCategoricalCrossentropy(), ("linear", 3), "error", "Use softmax", ("softmax", 3)),
        (numbers, losses.MeanSquaredError(), ("relu", 1), "warning", "Use linear", ("linear", 1)),
        (numbers, losses.MeanSquaredError(), ("softmax", 1), "error", "Use linear", ("linear", 1)),
        (plane, losses.Hinge(), ("sigmoid", 1), "warning", "Use linear", ("linear", 1)),
        (plane, losses.Hinge(), ("softmax", 1), "error", "Use linear", ("linear", 1)),
        (labels, losses.BinaryCrossentropy(), ("softmax", 5), "error", "Use sigmoid", ("sigmoid", 5)),
        (plane, losses.BinaryCrossentropy(), ("softmax", 1), "error", "Use sigmoid", ("sigmoid", 1)),
        (flowers, losses.SparseCategoricalCrossentropy(), ("softmax", 5), "error", "Set units to 3", ("softmax", 3)),
        (labels, losses.BinaryCrossentropy(), ("sigmoid", 1), "error", "Set units to 5", ("sigmoid", 5)),
    ],
)
def test_an_output_of_the_wrong_kind_is_mended_with_one_click(source, loss, start, severity, label, end):
    activation = {kind.identifier(): kind for kind in kinds_in(activations.Activation)}
    output = Dense(name="output", units=start[1], activation=activation[start[0]]())
    experiment = Experiment(data=source, network=(output,), training=Training(loss=loss))
    (problem,) = check(experiment).problems
    assert (problem.severity, problem.layer, problem.remedy.label) == (severity, "output", label)
    changed = problem.remedy.edit(experiment)
    assert check(changed).problems == ()
    assert (changed.network[-1].activation.kind(), changed.network[-1].units) == end
    assert changed.training == experiment.training


@pytest.mark.parametrize(
    ("source", "loss", "label"),
    [
        (flowers, losses.MeanSquaredError(), None),
        (numbers, losses.BinaryCrossentropy(), "Use mean_squared_error"),
        (numbers, losses.Hinge(), "Use mean_squared_error"),
        (labels, losses.SparseCategoricalCrossentropy(), "Use binary_crossentropy"),
        (labels, losses.CategoricalHinge(), "Use binary_crossentropy"),
        (flowers, losses.BinaryCrossentropy(), "Use sparse_categorical_crossentropy"),
    ],
)
def test_a_loss_that_does_not_go_with_the_data_is_mended_with_one_click(source, loss, label):
    facts = source.facts()
    units = 3 if source is flowers else facts.outputs
    activation = activations.Sigmoid() if isinstance(loss, losses.BinaryCrossentropy) else activations.Linear()
    output = Dense(name="output", units=units, activation=activation)
    experiment = Experiment(data=source, network=(output,), training=Training(loss=loss))
    problems = [problem for problem in check(experiment).problems if problem.field == "loss"]
    assert [problem.remedy.label for problem in problems] == ([label] if label else [])
    for problem in problems:
        assert check(problem.remedy.edit(experiment)).problems == ()


def test_a_loss_of_raw_scores_and_an_output_of_probabilities_are_mended():
    output = Dense(name="output", units=1, activation=activations.Sigmoid())
    experiment = Experiment(data=plane, network=(output,), training=Training(loss=losses.BinaryCrossentropy(from_logits=True)))
    (problem,) = check(experiment).problems
    assert problem.severity == "error"
    changed = problem.remedy.edit(experiment)
    assert changed.training.loss == losses.BinaryCrossentropy()
    assert check(changed).problems == ()
    linear = edits.with_network(experiment, edits.change(experiment.network, "output", activation=activations.Linear()))
    assert check(linear).problems == ()


@pytest.mark.parametrize("kind", kinds_in(Loss), ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("source", [plane, flowers, numbers, labels], ids=lambda source: source.kind())
def test_remedies_lead_from_any_loss_to_a_run(kind, source):
    output = Dense(name="output", units=7, activation=activations.Exponential())
    assert check(mended(Experiment(data=source, network=(output,), training=Training(loss=kind())))).ready


# --- other problems, one by one


def with_layers(*network, data=None, **training):
    data = data or Spiral()
    return Experiment(data=data, network=network, training=Training(**{"loss": fitting_loss(data.facts())} | training))


output = Dense(name="output", units=1, activation=activations.Sigmoid())


@pytest.mark.parametrize(
    ("experiment", "severity", "layer", "field", "words"),
    [
        (with_layers(), "error", None, None, "There is no layer yet"),
        (with_layers(Flatten(name="input"), output), "error", "input", "name", "the input layer's own"),
        (with_layers(Flatten(name="output"), output), "error", "output", "name", "taken by an earlier layer"),
        (with_layers(output, data=Spiral(test_share=0.0)), "hint", None, "test_share", "kept for validation"),
        (with_layers(output, optimizer=Adam(clipvalue=1.0, clipnorm=1.0)), "error", None, "optimizer.clipvalue", "Only one kind"),
        (with_layers(output, metrics=("r2_score", "accuracy", "accuracy")), "error", None, "metrics", "named twice"),
        (with_layers(output, metrics=("top_k_categorical_accuracy",)), "error", None, "metrics", "cannot be computed"),
        (with_layers(output, optimizer=Adam(epsilon=1e-50)), "error", None, "optimizer.epsilon", "1e-50 is taken for 0"),
        (with_layers(Rescaling(name="scale", scale=-1e40), output), "error", "scale", "scale", "taken for infinity"),
        (
            with_layers(BatchNormalization(name="norm", moving_variance_initializer=RandomNormal()), output),
            "error", "norm", "moving_variance_initializer", "a variance has none",
        ),
        (
            with_layers(
                Dense(name="output", units=3, activation=activations.Softmax()),
                data=Iris(), metrics=("accuracy", "top_k_categorical_accuracy"),
            ),
            "warning", None, "metrics", "with 3 it is always 1",
        ),
        (
            with_layers(Dense(name="output", units=1), loss=MeanSquaredError(), metrics=("auc",)),
            "warning", None, "metrics", "a linear output leaves 0…1",
        ),
        (
            with_layers(Dense(name="output", units=4), data=Iris(), loss=losses.Circle()),
            "warning", None, "metrics", "embeddings, not scores",
        ),
        (with_layers(output, batch_size=1000), "hint", None, "batch_size", "one step an epoch"),
        (with_layers(output, Dropout(name="dropout", rate=0.5)), "warning", "dropout", None, "disturbs the answer"),
        (
            with_layers(Dense(name="dense", units=3, kernel_initializer=Zeros()), output),
            "warning", "dense", "kernel_initializer", "start alike",
        ),
        (with_layers(BatchNormalization(name="norm"), output, batch_size=1), "warning", "norm", "batch_size", "batch of one"),
        (with_layers(Conv1D(name="conv1d", filters=1, kernel_size=3), output), "error", "conv1d", None, "needs a sequence"),
        (
            with_layers(MaxPooling2D(name="pool", pool_size=(9, 9)), Flatten(name="flatten"), data=Digits(layout="images")),
            "error", "pool", "pool_size", "larger than what comes in",
        ),
        (
            with_layers(GlobalAveragePooling2D(name="pool"), Dense(name="out", units=9), data=Digits(layout="images")),
            "error", "out", "units", "The output has 9 numbers",
        ),
        (
            with_layers(output, loss=losses.CategoricalHinge()),
            "error", "output", "units", "The output has one number; two classes with categorical_hinge need 2.",
        ),
        (
            with_layers(output, loss=losses.Hinge()),
            "warning", "output", "activation", "hinge expects a linear output; the output is sigmoid.",
        ),
    ],
)  # fmt: skip
def test_each_problem_is_found_in_its_place(experiment, severity, layer, field, words):
    found = [problem for problem in check(experiment).problems if words in problem.sentence]
    assert [(problem.severity, problem.layer, problem.field) for problem in found] == [(severity, layer, field)]


def test_what_does_not_fit_into_memory_is_an_error_at_the_largest_layer():
    experiment = with_layers(Dense(name="large", units=100_000), output)
    assert check(experiment, memory=10**9).ready
    (problem,) = check(experiment, memory=10**6).errors
    assert problem.layer == "large"
    assert "This training needs about 36.8 MB, and the device has 1.0 MB. Most of it is for the outputs" in problem.sentence
    (problem,) = check(experiment, memory=10**9, free=10**6).problems
    assert (problem.severity, problem.layer) == ("warning", "large")
    assert "and this computer has 1.0 MB free" in problem.sentence


# --- targets

binary = Facts((2,), "binary", 2, 10, 10)
several = Facts((2,), "multiclass", 3, 10, 10)
many = Facts((2,), "multilabel", 4, 10, 10)
real = Facts((2,), "regression", 2, 10, 10)


@pytest.mark.parametrize(
    ("facts", "labels", "expected"),
    [
        (binary, "binary", ("zero_one", (1,), 1)),
        (binary, "one_hot", ("one_hot", (2,), 2)),
        (binary, "index", ("index", (), 2)),
        (binary, "signed", ("signed", (1,), 1)),
        (binary, "real", ("zero_one", (1,), 1)),
        (several, "binary", ("one_hot", (3,), 3)),
        (several, "one_hot", ("one_hot", (3,), 3)),
        (several, "index", ("index", (), 3)),
        (several, "signed", ("signed_one_hot", (3,), 3)),
        (several, "real", ("one_hot", (3,), 3)),
        (many, "binary", ("multi_hot", (4,), 4)),
        (many, "one_hot", None),
        (many, "index", None),
        (many, "signed", ("signed_multi_hot", (4,), 4)),
        (many, "real", ("multi_hot", (4,), 4)),
        (real, "binary", None),
        (real, "one_hot", None),
        (real, "index", None),
        (real, "signed", None),
        (real, "real", ("real", (2,), 2)),
    ],
)
def test_targets_follow_from_task_and_loss(facts, labels, expected):
    kinds = [kind for kind in kinds_in(Loss) if kind.labels == labels]
    assert kinds
    for kind in kinds:
        target = target_for(facts, kind())
        assert expected == (target and (target.encoding, target.shape, target.units))


def test_two_outputs_for_two_classes_make_columns():
    for kind in (losses.BinaryCrossentropy(), losses.MeanSquaredError()):
        assert target_for(binary, kind, "softmax", 2).encoding == "one_hot"
    assert target_for(binary, losses.Hinge(), "linear", 2).encoding == "signed_one_hot"
    assert target_for(binary, losses.Hinge(), "linear", 5).encoding == "signed"


def test_tanh_with_a_loss_for_numbers_makes_labels_signed():
    assert target_for(binary, losses.MeanSquaredError(), "tanh").encoding == "signed"
    assert target_for(several, losses.MeanSquaredError(), "tanh").encoding == "signed_one_hot"
    assert target_for(many, losses.MeanSquaredError(), "tanh").encoding == "signed_multi_hot"
    assert target_for(real, losses.MeanSquaredError(), "tanh").encoding == "real"
    assert target_for(binary, losses.BinaryCrossentropy(), "tanh").encoding == "zero_one"


def test_the_output_activation_is_the_last_one_that_changes_numbers():
    dense = Dense(name="dense", units=3, activation=activations.Tanh())
    assert output_activation(()) == ""
    assert output_activation((dense,)) == "tanh"
    assert output_activation((dense, Flatten(name="flatten"), Dropout(name="dropout", rate=0.1))) == "tanh"
    assert output_activation((dense, BatchNormalization(name="norm"))) == ""
    assert output_activation((Dense(name="dense", units=3),)) == "linear"


# --- where one starts


@settings(deadline=None)
@given(any_facts(size=40))
def test_a_starter_is_free_of_problems_for_all_data(facts):
    problems = check(starter(Spiral(), facts), facts).problems
    assert not [problem for problem in problems if problem.severity != "hint"]


@settings(deadline=None)
@given(any_facts(), any_facts())
def test_changing_the_data_keeps_the_output_in_line(old, new):
    experiment = with_source(starter(Spiral(), old), Spiral(noise=0.3), old, new)
    if len(old.input_shape) == len(new.input_shape) == 1:
        assert check(experiment, new).ready


def test_a_network_that_is_frozen_altogether_cannot_learn():
    value = default_experiment()
    frozen = tuple(replace(layer, trainable=False) for layer in value.network)
    report = check(edits.with_network(value, frozen))
    assert report.parameters.trainable == 0
    (problem,) = report.errors
    assert "frozen" in problem.sentence
    assert check(problem.remedy.edit(edits.with_network(value, frozen))).ready
