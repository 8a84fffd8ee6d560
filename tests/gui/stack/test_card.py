"""The words on a card."""

import numpy as np
import pytest
from msgspec.structs import replace

from gui.stack.card import arguments, badge, bars, cards, gradient_words, spoken, summaries, tooltip
from models.experiment import activations, initializers, layers, regularizers
from models.experiment.check import check
from models.experiment.counting import grouped
from models.experiment.data import Digits, Table
from models.experiment.edits import new_layer
from models.experiment.errors import BadInput
from models.experiment.experiment import Experiment
from models.experiment.fields import fields_of, kinds_in
from models.experiment.layers.cells import GRUCell, LSTMCell, StackedRNNCells
from models.experiment.starter import default_experiment
from models.telemetry.diagnosis import diagnose, healthy
from models.telemetry.events import Histogram, LayerProbe


def probe(dead=None, saturated=None, counts=(1, 2, 1), mean=0.0, name="dense", **figures):
    return LayerProbe(name, Histogram(np.array(counts), -1.0, 1.0), mean, 1.0, dead, saturated, **figures)


def made(**changes: object) -> Experiment:
    return replace(default_experiment(), **changes)


def all_cards(**changes: object):
    experiment = made(**changes)
    return cards(experiment, check(experiment))


@pytest.mark.parametrize(
    ("layer", "line"),
    [
        (
            layers.Dense(name="d", units=16, activation=activations.Relu(), kernel_initializer=initializers.HeNormal()),
            "16 · relu · he_normal",
        ),
        (layers.Maxout(name="m", units=8), "8 · 2 pieces · glorot_uniform"),
        (layers.Dropout(name="d", rate=0.2), "rate 0.2"),
        (layers.GaussianNoise(name="n", stddev=0.05), "σ 0.05"),
        (layers.ELU(name="e"), "α 1"),
        (layers.LeakyReLU(name="l", negative_slope=0.1), "slope 0.1"),
        (layers.ReLU(name="r"), ""),
        (
            layers.Conv2D(name="c", filters=32, kernel_size=(3, 3), padding="same", activation=activations.Relu()),
            "32 filters · 3 × 3 · same · relu · glorot_uniform",
        ),
        (layers.Conv1D(name="c", filters=1, kernel_size=5), "1 filter · kernel size 5 · linear · glorot_uniform"),
        (layers.Embedding(name="e", input_dim=9, output_dim=8, mask_zero=True), "input dim 9 · output dim 8 · mask zero"),
        (layers.Masking(name="m"), ""),
        (layers.GRU(name="g", units=16), "16 · tanh · glorot_uniform"),
        (
            layers.LSTM(name="l", units=4, return_sequences=True, recurrent_dropout=0.2, unit_forget_bias=False),
            "4 · return sequences · recurrent dropout 0.2 · no unit forget bias · tanh · glorot_uniform",
        ),
        (layers.MaxPooling2D(name="p", strides=(1, 1)), "strides 1 × 1 · 2 × 2"),
        (layers.Reshape(name="r", target_shape=(-1, 1)), "−1 × 1"),
        (
            layers.EinsumDense(name="e", equation="abc,cd->abd", output_shape=(None, 5), bias_axes="d"),
            "abc,cd->abd · ? × 5 · bias axes d · linear · glorot_uniform",
        ),
        (
            layers.RNN(name="r", cell=StackedRNNCells(cells=(LSTMCell(units=12), GRUCell(units=8)))),
            "cell StackedRNNCells LSTMCell 12, GRUCell 8",
        ),
        (layers.PReLU(name="p", shared_axes=(1, 2)), "shared axes 1, 2"),
        (layers.Normalization(name="n", mean=(1.0, 2.0), variance=(1.0, 2.0)), "mean 2 numbers · variance 2 numbers"),
        (layers.Normalization(name="n", axis=None), "axis none"),
        (layers.BatchNormalization(name="b", center=False), "no center"),
        (
            layers.Dense(
                name="d",
                units=3,
                use_bias=False,
                activation=activations.LeakyRelu(negative_slope=0.1),
                kernel_initializer=initializers.RandomNormal(stddev=0.01),
                bias_initializer=initializers.Ones(),
                kernel_regularizer=regularizers.L2(),
                kernel_constraint=regularizers.MaxNorm(max_value=3.0),
            ),
            "3 · no bias · leaky_relu slope 0.1 · random_normal σ 0.01 · bias ones · l2 0.01 · max_norm max value 3",
        ),
    ],
)
def test_arguments_that_matter(layer, line):
    assert arguments(layer) == line


def test_every_kind_says_its_required_arguments_in_words():
    for kind in kinds_in(layers.AnyLayer):
        line = arguments(new_layer(kind))
        assert line.count("·") + bool(line) >= sum(field.required for field in fields_of(kind)) - 1
        assert "(" not in line
        assert "None" not in line


def test_the_input_comes_first_and_says_kind_and_features():
    first, *rest = all_cards()
    assert (first.place, first.name, first.kind, first.arguments, first.shape, first.costs) == (
        "input", "input", "Input", "spiral · x, y", "2", (),
    )  # fmt: skip
    assert [card.place for card in rest] == ["hidden", "hidden", "output"]


def test_the_input_of_images_says_their_size():
    assert all_cards(data=Digits(layout="images"))[0].arguments == "digits · images of 8 × 8 pixels, 1 channel"


def test_a_file_that_cannot_be_read_is_a_problem_of_the_input():
    experiment = made(data=Table(path="somewhere/iris.csv", target="kind"))
    first = cards(experiment, check(experiment, data_problem=BadInput("iris.csv", "a file", "nothing of that name")))[0]
    assert (first.arguments, first.shape) == ("iris.csv", "–")
    assert first.sentences == (("error", "iris.csv: expected a file, found nothing of that name."),)


def test_shape_and_costs_of_a_layer():
    dense = all_cards()[1]
    assert (dense.shape, [cost.number for cost in dense.costs]) == ("16", ["48", "32", "1.3 kB"])


def test_behind_an_error_shape_and_costs_are_unknown():
    network = (layers.Conv2D(name="conv2d", filters=4, kernel_size=(3, 3)), layers.Dense(name="output", units=1))
    _, conv, output = all_cards(network=network)
    assert conv.severity == "error"
    assert conv.sentences[0][1].startswith("Conv2D needs an image")
    assert (output.shape, output.costs) == ("–", ())
    assert "Conv2D needs an image" in tooltip(conv, ())
    assert "error: Conv2D needs an image" in spoken(conv, ())


def test_checking_twice_gives_equal_cards():
    network = (layers.Dense(name="dense", units=3, kernel_initializer=initializers.Zeros()), layers.Dense(name="output", units=2))
    assert any(problem.remedy for card in all_cards(network=network) for problem in card.problems)
    assert all_cards(network=network) == all_cards(network=network)


def healths(*probes):
    return tuple(diagnose(probes).values())


def test_badge():
    inside, output = probe(dead=5 / 16), probe(dead=0.0, name="output")
    found = badge(all_cards()[1], healths(inside, output)[:1])
    assert (found.title, found.tone) == ("31 % dead", "warning")
    assert badge(all_cards()[1], healths(output)) == healthy
    assert badge(all_cards()[1], healths(probe())) is None
    assert badge(all_cards()[1], ()) is None


def test_the_tooltip_says_why():
    card = all_cards()[1]
    words = tooltip(card, healths(probe(dead=5 / 16, mean=-0.25), probe(name="output"))[:1])
    assert "31 % of the units are dead: for every example" in words
    assert "mean −0.25" in words
    assert "standard deviation of 0.02" in gradient_words(healths(probe(gradient_std=0.02))[0])
    assert "once a step was looked into" in gradient_words(healths(probe())[0])


def test_bars_keep_all_counts_and_scale_to_one():
    assert bars(probe(counts=(1, 3, 4, 0, 2, 2)), most=3) == (1.0, 1.0, 1.0)
    assert bars(probe(counts=(0, 2, 4))) == (0.0, 0.5, 1.0)
    assert len(bars(probe(counts=range(50)))) <= 16
    assert bars(probe(counts=(0, 0))) == ()


def test_summary_counts_layers_parameters_and_bytes():
    experiment = made()
    assert summaries(experiment, check(experiment)) == (
        "3 layers · 337 parameters · 1.3 kB",
        "3 layers · 337 parameters",
        "337 parameters",
    )


def test_summary_behind_an_error():
    experiment = made(network=(layers.Conv2D(name="c", filters=1, kernel_size=(3, 3)),))
    assert summaries(experiment, check(experiment))[0] == "1 layer · parameters unknown"


def test_thousands_are_grouped_by_thin_spaces():
    assert (grouped(999), grouped(1234567)) == ("999", "1\u2009234\u2009567")


def test_a_layer_inside_another_is_told_without_its_name():
    layer = layers.Bidirectional(name="both", layer=layers.LSTM(name="forward", units=16))
    assert arguments(layer) == "layer LSTM 16"


def test_the_tooltip_says_the_line_that_a_narrow_card_cuts_and_says_nothing_twice():
    dense, relu = all_cards()[1], all_cards(network=(layers.ReLU(name="relu"), layers.Dense(name="output", units=1)))[1]
    assert "16 · relu · he_normal" in tooltip(dense, ())
    assert tooltip(relu, ()).count(relu.arguments) == 1
