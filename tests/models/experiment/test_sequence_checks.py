"""Sequences: what is said of symbols, of masks and of steps, and the remedies that lead to a network that can be trained."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from models.experiment import edits
from models.experiment.activations import Sigmoid
from models.experiment.activations import Softmax as SoftmaxFunction
from models.experiment.check import check
from models.experiment.data import AddingProblem, Arrays, Digits, Facts, Spiral, TemporalOrder
from models.experiment.experiment import Experiment
from models.experiment.layers import (
    GRU,
    LSTM,
    Activation,
    Conv1D,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    GlobalAveragePooling1D,
    GlobalMaxPooling1D,
    LayerNormalization,
    Masking,
    RandomColorJitter,
    Reshape,
    SimpleRNN,
    Softmax,
)
from models.experiment.losses import BinaryCrossentropy, MeanSquaredError, SparseCategoricalCrossentropy
from models.experiment.starter import default_experiment
from models.experiment.training import Training
from tests.strategies import any_facts, experiments, values

recurrent = (SimpleRNN, LSTM, GRU)
embedding = Embedding(name="embedding", input_dim=9, output_dim=4, mask_zero=True)
four = Dense(name="output", units=4, activation=SoftmaxFunction())
one = Dense(name="output", units=1)


def order(*network, **data):
    training = Training(loss=SparseCategoricalCrossentropy())
    return Experiment(data=TemporalOrder(**data), network=network, training=training)


def adding(*network):
    return Experiment(data=AddingProblem(), network=network, training=Training(loss=MeanSquaredError()))


def sentences(experiment, facts=None):
    return [(problem.severity, problem.layer, problem.sentence) for problem in check(experiment, facts).problems]


def mended(experiment, facts=None):
    """What following the first remedy of every error leads to, and the labels on the way."""
    labels = []
    while errors := check(experiment, facts).errors:
        labels.append(errors[0].remedy.label)
        experiment = errors[0].remedy.edit(experiment)
        assert len(labels) < 10
    return [layer.kind() for layer in experiment.network], labels


@pytest.mark.parametrize("kind", recurrent)
def test_a_recurrent_layer_behind_another_asks_for_its_sequence(kind):
    between = (LayerNormalization(name="norm"), Dropout(name="drop", rate=0.1))
    experiment = adding(kind(name="first", units=4), *between, kind(name="second", units=4), one)
    problem = check(experiment).errors[0]
    assert problem.layer == "second"
    assert problem.sentence == f"{kind.kind()} needs a sequence (steps × features); what comes in is 4."
    assert problem.remedy.label == "Let first return its sequence"
    after = problem.remedy.edit(experiment)
    assert after.network[0].return_sequences
    assert check(after).problems == ()


@pytest.mark.parametrize("kind", [GlobalMaxPooling1D(name="x"), Conv1D(name="x", filters=2, kernel_size=3)])
def test_so_does_every_layer_that_wants_a_sequence(kind):
    errors = check(adding(GRU(name="gru", units=4), kind, Flatten(name="flatten"), one)).errors
    assert [problem.remedy.label for problem in errors] == ["Let gru return its sequence"]


def test_a_row_of_numbers_becomes_steps_of_one():
    experiment = adding(Flatten(name="flatten"), LSTM(name="lstm", units=3), one)
    assert mended(experiment) == (["Flatten", "Reshape", "LSTM", "Dense"], ["Insert Reshape"])
    digits = Experiment(
        data=Digits(layout="images"),
        network=(GRU(name="gru", units=3), replace(four, units=10)),
        training=Training(loss=SparseCategoricalCrossentropy()),
    )
    reshape = check(digits).errors[0].remedy.edit(digits).network[0]
    assert reshape.output((8, 8, 1)) == (8, 8)


def test_symbols_are_looked_up_before_they_are_remembered():
    experiment = order(GRU(name="gru", units=3), four)
    assert mended(experiment) == (["Embedding", "GRU", "Dense"], ["Insert Embedding"])
    first = check(experiment).errors[0].remedy.edit(experiment).network[0]
    assert (first.input_dim, first.name) == (9, "embedding")
    # Scaled numbers are none of symbols any more.
    digits = Experiment(
        data=Digits(),
        network=(GRU(name="gru", units=3), replace(four, units=10)),
        training=Training(loss=SparseCategoricalCrossentropy()),
    )
    assert mended(digits)[1] == ["Insert Reshape"]


def test_symbols_without_an_embedding_are_hinted_at():
    experiment = order(Dense(name="dense", units=4), four)
    hint = check(experiment).problems[0]
    assert (hint.severity, hint.remedy.label) == ("hint", "Insert Embedding")
    assert hint.remedy.edit(experiment).network[0].kind() == "Embedding"
    assert not check(order(embedding, GRU(name="gru", units=3), four)).problems


def test_every_number_of_the_data_needs_a_vector():
    few = replace(embedding, input_dim=8)
    problem = check(order(few, GRU(name="gru", units=3), four)).errors[0]
    assert (problem.layer, problem.field) == ("embedding", "input_dim")
    assert problem.sentence == "The data hold numbers up to 8; an input_dim of 8 ends at 7."
    assert problem.remedy.edit(order(few)).network[0].input_dim == 9
    assert not check(order(replace(embedding, input_dim=900), GRU(name="gru", units=3), four)).errors


def test_an_embedding_wants_whole_numbers_as_they_are():
    def said(experiment, facts=None):
        problem = next(problem for problem in check(experiment, facts).errors if problem.layer == "embedding")
        return problem.sentence, problem.remedy.label

    behind = order(Dense(name="dense", units=4), embedding, Flatten(name="flatten"), four)
    assert said(behind) == ("An Embedding looks up whole numbers; behind dense there are other numbers.", "Move it to the front")
    jitter = RandomColorJitter(name="jitter")  # which would not let it learn if it stood in front
    assert said(order(jitter, embedding, Flatten(name="flatten"), four))[1] == "Remove it"
    assert [layer.kind() for layer in check(behind).errors[0].remedy.edit(behind).network][:2] == ["Embedding", "Dense"]
    twice = order(embedding, replace(embedding, name="again"), GlobalMaxPooling1D(name="max"), four)
    assert [problem.remedy.label for problem in check(twice).errors if problem.layer == "again"] == ["Remove it"]
    real = adding(embedding, Flatten(name="flatten"), one)
    assert said(real) == ("An Embedding looks up whole numbers from 0; the data hold other numbers.", "Remove it")
    facts = Facts((5,), "binary", 2, 20, 5, tokens=7)
    scaled = Experiment(
        data=Arrays(path="a.npz", scaling="standard"),
        network=(embedding, GRU(name="gru", units=3)),
        training=Training(loss=BinaryCrossentropy()),
    )
    assert said(scaled, facts)[1] == "Leave the data unscaled"
    assert check(scaled, facts).errors[0].remedy.edit(scaled).data.scaling == "none"
    assert check(scaled, facts).errors[0].remedy.edit(default_experiment()) == default_experiment()
    laid_out = order(
        Reshape(name="reshape", target_shape=(2, 11)), Flatten(name="flatten"), embedding, GRU(name="gru", units=3), four
    )
    assert not check(laid_out).errors


def test_where_a_mask_gets_lost_is_said_once():
    experiment = order(
        embedding,
        Dense(name="dense", units=4),
        Conv1D(name="conv1d", filters=3, kernel_size=3),
        GlobalMaxPooling1D(name="max"),
        four,
    )
    found = [problem for problem in check(experiment).problems if "mask" in problem.sentence]
    assert [(problem.severity, problem.layer) for problem in found] == [("hint", "conv1d")]
    sequences = {"return_sequences": True}
    for used_up in (
        (GRU(name="gru", units=3),),
        (GlobalAveragePooling1D(name="mean"),),
        (LSTM(name="lstm", units=3, **sequences), GRU(name="gru", units=3), Reshape(name="reshape", target_shape=(3, 1)),
         Flatten(name="flatten")),
    ):  # fmt: skip
        assert not check(order(embedding, *used_up, four)).problems
    unmasked = check(order(replace(embedding, mask_zero=False), Flatten(name="flatten"), four))
    assert not unmasked.problems
    again = order(
        embedding,
        Flatten(name="flatten"),
        Reshape(name="reshape", target_shape=(22, 4)),
        Masking(name="masking"),
        GlobalMaxPooling1D(name="max"),
        four,
    )
    assert [problem.layer for problem in check(again).problems] == ["flatten", "max"]


def test_the_softmax_layer_cannot_take_a_mask_of_steps():
    experiment = order(embedding, Softmax(name="softmax"), GRU(name="gru", units=3), four)
    problem = check(experiment).errors[0]
    assert problem.layer == "softmax"
    after = problem.remedy.edit(experiment)
    assert after.network[1] == Activation(name="softmax", activation=SoftmaxFunction())
    assert not check(after).problems
    assert not check(order(replace(embedding, mask_zero=False), Softmax(name="softmax"), GRU(name="gru", units=3), four)).problems


def test_a_sequence_at_the_output_is_cut_to_its_last_step():
    sequences = {"units": 4, "return_sequences": True}
    experiment = adding(LSTM(name="first", **sequences), GRU(name="second", **sequences), Dropout(name="drop", rate=0.1), one)
    problem = check(experiment).errors[0]
    assert (problem.layer, problem.field) == ("second", "return_sequences")
    assert problem.remedy.label == "Let second put out its last step only"
    after = problem.remedy.edit(experiment)
    assert [layer.return_sequences for layer in after.network[:2]] == [True, False]
    assert not check(after).errors


@pytest.mark.parametrize("kind", [LSTM, GRU])
def test_gates_stand_between_an_activation_and_the_output(kind):
    """No sigmoid at the end of an LSTM makes a probability of what it puts out; a dense layer behind it does."""
    experiment = Experiment(
        data=Spiral(),
        network=(Reshape(name="reshape", target_shape=(2, 1)), kind(name="rnn", units=1, activation=Sigmoid())),
        training=Training(loss=BinaryCrossentropy()),
    )
    problem = check(experiment).errors[0]
    assert (problem.layer, problem.field, problem.remedy.label) == ("rnn", None, "Add Dense(1)")
    assert not check(problem.remedy.edit(experiment)).problems
    plain = replace(experiment, network=(experiment.network[0], SimpleRNN(name="rnn", units=1, activation=Sigmoid())))
    assert not check(plain).problems


def test_unrolling_many_steps_is_warned_of():
    def said(length):
        return [
            problem.remedy.label
            for problem in check(
                replace(adding(LSTM(name="lstm", units=3, unroll=True), one), data=AddingProblem(length=length))
            ).problems
        ]

    assert said(20) == []
    assert said(300) == ["Do not unroll"]


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_remedies_remove_their_problems_and_end(data):
    kinds = (*recurrent, Embedding, Masking, Softmax, Conv1D, Dense, Flatten, GlobalAveragePooling1D)
    layers = data.draw(st.lists(st.sampled_from(kinds).flatmap(lambda kind: values(kind, 6, name="layer")), max_size=5))
    experiment = edits.with_network(data.draw(experiments()), edits.insert((), 0, layers))
    facts = data.draw(any_facts())
    for problem in check(experiment, facts).problems:
        if problem.remedy is not None and problem.place != "data":
            left = check(problem.remedy.edit(experiment), facts).problems
            assert (problem.sentence, problem.layer) not in [(other.sentence, other.layer) for other in left], problem
            assert check(problem.remedy.edit(default_experiment()))
    seen = []
    while remedies := [problem.remedy for problem in check(experiment, facts).errors if problem.remedy]:
        assert experiment not in seen
        seen.append(experiment)
        experiment = remedies[0].edit(experiment)
        assert len(seen) < 30
