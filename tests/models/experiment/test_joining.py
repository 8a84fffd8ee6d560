"""Keras judges the layers with several inputs: what they accept, what comes out, what they hold, where masks go."""

import contextlib
import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from models.engine.network import build, called, freeze, keras_object
from models.experiment.check import check
from models.experiment.data import Facts, Spiral
from models.experiment.edits import insert
from models.experiment.experiment import Experiment
from models.experiment.graph import faults, sources
from models.experiment.layers import (
    GRU,
    LSTM,
    Add,
    Attention,
    BatchNormalization,
    Concatenate,
    Conv1D,
    Conv2D,
    Dense,
    Dot,
    Dropout,
    Embedding,
    Flatten,
    GlobalAveragePooling1D,
    GroupQueryAttention,
    LayerNormalization,
    Maxout,
    MultiHeadAttention,
    Multiply,
    Subtract,
)
from models.experiment.losses import MeanSquaredError
from models.experiment.training import Training
from tests.strategies import fitting_graphs, joining_kinds, start, values

pytestmark = [
    pytest.mark.engine,
    pytest.mark.filterwarnings("ignore:[\\s\\S]*softmax over axis", "ignore:.*does not support masking"),
]

by_name = {"ids": lambda kind: kind.__name__}
few = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate),  # building networks is too slow to search for the smallest failing one
    suppress_health_check=list(HealthCheck),
)
many = settings(few, max_examples=300)


@st.composite
def shapes_for(draw, layer):
    """Shapes of as many inputs as `layer` can take, which often but not always go together."""
    most = 3 if layer.most_inputs is None else layer.most_inputs
    base = draw(st.lists(st.integers(1, 4), min_size=1, max_size=3))
    found = []
    for _ in range(draw(st.integers(layer.least_inputs, most))):
        shape = list(base)
        place = draw(st.integers(0, len(shape) - 1))
        change = draw(st.sampled_from(("none", "none", "none", "other", "one", "unknown", "fewer")))
        if change == "other":
            shape[place] = draw(st.integers(1, 4))
        elif change == "one":
            shape[place] = 1
        elif change == "unknown":
            shape[place] = None
        elif change == "fewer" and len(shape) > 1:
            shape = shape[1:]
        found.append(tuple(shape))
    return tuple(found)


def verdict(layer, shapes):
    """What Keras makes of `layer`: shape of its output, its trainable numbers; none where it fails, when built or in training.

    It must put out what it says for as many examples as come in, whatever sizes stand for those that are not known.
    """
    with contextlib.suppress(Exception):  # whatever it raises
        inputs = [keras.Input(shape) for shape in shapes]
        made = keras_object(layer)
        outputs = called(made, layer, inputs)
        freeze(made, layer)
        model = keras.Model(inputs, outputs)
        for known in known_shapes(shapes):
            with contextlib.suppress(Exception):
                result = trained(model, [(11, *shape) for shape in known])  # examples as many as no other axis has
                if as_announced((11, *outputs.shape[1:]), result):
                    return outputs.shape[1:], numbers_in(made)
    return None


def known_shapes(shapes):
    """The `shapes` with every combination of sizes, of those that occur in them, in place of those that are not known."""
    sizes = sorted({1, *(size for shape in shapes for size in shape if size)})
    for chosen in itertools.product(sizes, repeat=sum(shape.count(None) for shape in shapes)):
        left = iter(chosen)
        yield [tuple(next(left) if size is None else size for size in shape) for shape in shapes]


def trained(model, shapes):
    """What the model puts out for inputs of these `shapes` in a compiled step of training."""

    @tf.function(input_signature=[[tf.TensorSpec(tensor.shape) for tensor in model.inputs]])
    def step(x):
        with tf.GradientTape() as tape:
            outputs = model(x, training=True)
            loss = tf.reduce_sum(outputs)
        return outputs, tape.gradient(loss, model.trainable_variables)

    random = np.random.default_rng(0)
    return step([tf.constant(random.normal(size=shape), tf.float32) for shape in shapes])[0]


def as_announced(shape, result):
    """Whether `result` has the `shape` that was announced, as far as it was."""
    return len(shape) == len(result.shape) and all(size in (None, found) for size, found in zip(shape, result.shape, strict=True))


def numbers_in(layer):
    return sum(int(np.prod(weight.shape)) for weight in layer.trainable_weights)


def ours(layer, shapes):
    if any(complaint.severity == "error" for complaint in layer.complaints_of(shapes)):
        return None
    return layer.output_of(shapes), layer.held_of(shapes).trainable


def judge(data, kind):
    layer = data.draw(values(kind, size=3, name="layer"))
    shapes = data.draw(shapes_for(layer))
    theirs = verdict(layer, shapes)
    if ours(layer, shapes) is None and any("_initializer" in (each.field or "") for each in layer.complaints_of(shapes)):
        return  # judged with the other layers that have such initializers
    assert ours(layer, shapes) == theirs, (layer, shapes)


@few
@given(st.data())
@pytest.mark.parametrize("kind", joining_kinds, **by_name)
def test_what_we_accept_keras_accepts_and_the_other_way_round(kind, data):
    judge(data, kind)


@pytest.mark.exhaustive
@many
@given(st.data())
@pytest.mark.parametrize("kind", joining_kinds, **by_name)
def test_what_we_accept_keras_accepts_in_many_examples(kind, data):
    judge(data, kind)


@pytest.mark.parametrize(("shapes", "together"), [(((None,), (3,), (4,)), None), (((None,), (3,), (1,)), ((None,), 0))])
def test_a_size_that_is_not_known_does_not_make_others_go_together(shapes, together):
    assert ours(Add(name="add"), shapes) == verdict(Add(name="add"), shapes) == together


@pytest.mark.parametrize("kind", joining_kinds, **by_name)
def test_masks_come_together_as_in_keras(kind):
    layer = start(kind)
    for masked in ((True, True), (True, False), (False, True)):
        inputs = [keras.Input((4, 3)) for _ in masked]
        behind = [keras.layers.Masking()(each) if some else each for each, some in zip(inputs, masked, strict=True)]
        model = keras.Model(inputs, called(keras_object(layer), layer, behind))
        x = np.ones((2, 4, 3), "float32")
        x[:, 2:] = 0
        outputs = model([x, x], training=True)
        assert (getattr(outputs, "_keras_mask", None) is not None) == layer.keeps_mask(masked), masked


@pytest.mark.parametrize("kind", [MultiHeadAttention, GroupQueryAttention, Attention], **by_name)
def test_what_attention_does_to_the_mask_of_what_it_reads(kind):
    """Keras's MultiHeadAttention takes it off, so that a residual sum behind it has none."""
    layers = (
        Embedding(name="embedding", input_dim=5, output_dim=3, mask_zero=True),
        replace(start(kind), name="attention"),
        Add(name="sum", inputs=("attention", "embedding")),
        GlobalAveragePooling1D(name="mean"),
        Dense(name="output", units=1),
    )
    value = Experiment(data=Spiral(), network=layers, training=Training(loss=MeanSquaredError()))
    shape = Facts((4,), "regression", 1, 8, 0, tokens=5)
    model = build(value, shape)
    outputs = keras.Model(model.input, model.get_layer("sum").output)(np.array([[1, 2, 0, 0]], "float32"))
    masked = getattr(outputs, "_keras_mask", None) is not None
    hints = [(problem.layer, problem.severity) for problem in check(value, shape).problems if problem.layer]
    assert masked == (kind is not MultiHeadAttention)
    assert hints == ([] if masked else [("attention", "hint"), ("sum", "hint")])


# --- whole networks

facts = {shape: Facts(shape, "regression", 1, 8, 0, tokens=2) for shape in ((4,), (4, 3), (5, 5, 2))}
common = (Dense, Maxout, Dropout, LayerNormalization, BatchNormalization, Add, Multiply, Subtract, Concatenate, Dot)
sequential = (*common, Conv1D, LSTM, GRU, Attention, MultiHeadAttention, GroupQueryAttention, GlobalAveragePooling1D)
kinds = {(4,): common, (4, 3): sequential, (5, 5, 2): (*common, Conv2D)}


def build_and_compare(data):
    shape = data.draw(st.sampled_from(list(facts)))
    network = data.draw(fitting_graphs(shape, kinds[shape]))
    tail = (Flatten(name="last-flatten"), Dense(name="last-dense", units=1))
    value = Experiment(data=Spiral(), network=(*network, *tail), training=Training(loss=MeanSquaredError()))
    report = check(value, facts[shape])
    if report.errors:
        return
    model = build(value, facts[shape])
    assert {layer.name for layer in model.layers} == {"input", *(layer.name for layer in value.network)}
    for flow in report.layers:
        made = model.get_layer(flow.name)
        assert tuple(made.output.shape[1:]) == flow.output_shape
        assert numbers_in(made) == flow.parameters.trainable
    predicted = model(np.random.default_rng(0).normal(size=(2, *shape)).astype("float32"))
    assert tuple(predicted.shape) == (2, 1)


@few
@given(st.data())
def test_networks_that_branch_are_built_with_the_shapes_and_weights_that_check_says(data):
    build_and_compare(data)


@pytest.mark.exhaustive
@many
@given(st.data())
def test_many_networks_that_branch_are_built_with_the_shapes_and_weights_that_check_says(data):
    build_and_compare(data)


def test_a_layer_that_needs_two_inputs_is_inserted_with_two():
    assert sources(insert((Dense(name="a", units=2),), 1, [start(Subtract)]))[1] == ("a", "input")
    assert faults(insert((), 0, [replace(start(Dot), name="dot")])) == ()
