"""The catalogue against Keras's: no layer is forgotten, and each is judged over arguments and shapes of every sort.

Those with several inputs are judged in ``test_joining``.
"""

import inspect
import os
import subprocess
import sys
from collections import Counter

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from models.engine.network import freeze, keras_class, keras_object
from models.experiment.base import most_axes
from models.experiment.fields import field_of, kinds_in
from models.experiment.layer_checks import unusable_numbers
from models.experiment.layers import (
    RNN,
    AlphaDropout,
    AugMix,
    Conv1DTranspose,
    Conv2DTranspose,
    Conv3DTranspose,
    DepthwiseConv2D,
    Dropout,
    EinsumDense,
    SeparableConv2D,
    TimeDistributed,
)
from models.experiment.layers.base import along_axes
from models.experiment.layers.cells import Cell, LSTMCell, StackedRNNCells
from models.experiment.layers.convolution import TransposedConvolution
from models.experiment.layers.left_out import left_out
from models.experiment.layers.preprocessing import ImageLayer
from tests.strategies import contents, fitting_ranks, fitting_shape, layer_kinds, single_kinds, start, values

pytestmark = [pytest.mark.engine, pytest.mark.filterwarnings("ignore:[\\s\\S]*softmax over axis")]

by_name = {"ids": lambda kind: kind.__name__}


# --- coverage


def public_layers():
    """Every class of layers that Keras offers, an alias counting as the class it stands for."""
    found = {thing for _, thing in inspect.getmembers(keras.layers, inspect.isclass)}
    return {kind.__name__ for kind in found if issubclass(kind, keras.layers.Layer)}


def test_every_layer_of_keras_is_covered_or_left_out_with_a_reason():
    covered = {keras_class(start(kind)).__name__ for kind in (*layer_kinds, *kinds_in(Cell))} - {"Maxout"}
    groups = [covered, set(left_out)]
    assert [name for name, times in Counter(name for group in groups for name in group).items() if times > 1] == []
    assert public_layers() == set().union(*groups)


def test_reasons_are_the_rest_of_a_sentence():
    for name, reason in left_out.items():
        assert reason[0].islower() or reason.startswith("Keras "), name
        assert not reason.endswith("."), name


# --- arguments and shapes


def judged(examples):
    return settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        phases=(Phase.explicit, Phase.generate),  # a layer takes too long to search for the smallest that fails
        suppress_health_check=list(HealthCheck),
    )


def fits(layer, shape):
    return not any(complaint.severity == "error" for complaint in layer.complaints(shape))


sizes = st.integers(1, 9)
open_sizes = st.one_of(sizes, sizes, st.none())


@st.composite
def shapes(draw, axes):
    """A shape with so many axes, of which all but the last may be of unknown size."""
    return (*(draw(open_sizes) for _ in range(axes - 1)), draw(sizes))


@st.composite
def layers_and_shapes(draw, kind):
    """A layer, and a shape that mostly has as many axes as the layer wants and fits more often than not."""
    wanted = fitting_ranks(kind)
    for _ in range(draw(st.integers(1, 4))):
        layer = draw(values(kind, size=4, name="layer"))
        axes = draw(st.sampled_from(wanted) if draw(st.integers(0, 5)) else st.integers(1, 5))
        shape = draw(shapes(axes))
        if fits(layer, shape):
            break
    return layer, shape


def numbers_in(weights):
    return sum(int(np.prod(weight.shape)) for weight in weights)


def needs_onednn(layer):
    """Whether TensorFlow computes a layer with oneDNN or on a GPU only: without, it fails where the layer runs.

    ``test_keras_fails_at_gaps_and_uneven_strides_without_onednn`` shows it. Not every processor has oneDNN, so that ``check``
    refuses such a layer everywhere.
    """
    inner = getattr(layer, "layer", layer)
    if isinstance(inner, TransposedConvolution):
        return max(along_axes(inner, "dilation_rate")) > 1
    return isinstance(inner, DepthwiseConv2D | SeparableConv2D) and len(set(inner.strides)) > 1


def refused_alone(layer, shape):
    """Whether Keras refuses what comes to the layer in a TimeDistributed, which calls it without asking it."""
    return isinstance(layer, TimeDistributed) and len(shape) > 1 and not takes(layer.layer, shape[1:])


def takes(layer, shape):
    """Whether Keras takes a layer when it is built, called, and given other sizes than it was told of."""
    x = examples(shape, 2)
    try:
        symbolic = keras_object(layer)(keras.KerasTensor((None, *shape)))
        real = adapted(layer, x)(x)
    except Exception:
        return False
    return as_announced(symbolic, real)


def takes_for_good(layer, shape):
    """Whether Keras takes a layer from beginning to end: compiled, in a step of training, and when it comes back from a file.

    As many examples must come out as go in, with finite numbers, in the shape that was announced.
    """
    x = examples(shape, 11)  # as many as no other axis has
    if isinstance(layer, ImageLayer):
        low = getattr(layer, "value_range", (0, 1))[0]
        x = low + 4 * (x - 0.5)  # on both sides of a range of one value
    if isinstance(layer, AugMix):  # it draws its changes when it is traced: so many that each of them occurs
        layer = replace(layer, num_chains=10, chain_depth=10)
    try:
        inputs = keras.Input(shape)
        keras_object(layer)(inputs)  # one that was not adapted to arrays of known sizes before
        model = keras.Model(inputs, adapted(layer, x)(inputs))
        results = (compiled(model, training)(x) for training in (False, True))
        fine = all(as_announced(model.output, real) and len(real) == 11 and np.all(np.isfinite(real)) for real in results)
        keras.Model.from_config(model.get_config())
    except Exception:
        return False
    return fine


def examples(shape, count):
    return np.random.default_rng(0).uniform(0.1, 0.9, (count, *(size or 10 for size in shape))).astype("float32")


def adapted(layer, x):
    made = keras_object(layer)
    if layer.adapts:
        made.adapt(np.random.default_rng(0).normal(size=(20, *x.shape[1:])))
    return made


def as_announced(symbolic, real):
    same_rank = len(symbolic.shape) == len(real.shape)
    return same_rank and all(size in (None, found) for size, found in zip(symbolic.shape, real.shape, strict=True))


def compiled(model, training):
    """What the model puts out for any number of examples; in training, with the gradient beside it."""

    @tf.function(input_signature=[tf.TensorSpec(model.input.shape)])
    def call(x):
        with tf.GradientTape() as tape:
            outputs = model(x, training=training)
            loss = tf.reduce_sum(tf.cast(outputs, tf.float32))
        return outputs, tape.gradient(loss, model.trainable_variables) if training else None

    return lambda x: np.asarray(call(x)[0])


def judge(layer, shape):
    """Ours and Keras's: refused by both, or accepted with the same shape and as many weights."""
    if any(unusable_numbers(layer)):  # check refuses what 32 bits cannot hold
        return
    errors = [complaint.sentence for complaint in layer.complaints(shape) if complaint.severity == "error"]
    if errors:
        refused = needs_onednn(layer) or refused_alone(layer, shape) or not takes_for_good(layer, shape)
        assert refused, (layer, shape, errors)
        return
    assert None in shape or takes(layer, shape), (layer, shape)
    made = keras_object(layer)
    output = made(keras.KerasTensor((None, *shape)))
    freeze(made, layer)
    assert tuple(output.shape[1:]) == layer.output(shape), (layer, shape)
    held = layer.held_of((shape,))
    fixed = [weight for weight in made.non_trainable_weights if "seed" not in weight.path]
    assert (numbers_in(made.trainable_weights), numbers_in(fixed)) == (held.trainable, held.non_trainable), (layer, shape)
    assert min(layer.kept_numbers(shape), layer.multiply_adds(shape)) >= 0


@judged(6)
@given(st.data())
@pytest.mark.parametrize("kind", single_kinds, **by_name)
def test_keras_says_the_same(kind, data):
    judge(*data.draw(layers_and_shapes(kind)))


@pytest.mark.exhaustive
@judged(200)
@given(st.data())
@pytest.mark.parametrize("kind", single_kinds, **by_name)
def test_keras_says_the_same_of_many(kind, data):
    judge(*data.draw(layers_and_shapes(kind)))


@pytest.mark.parametrize("unroll", [True, False])
def test_a_stack_of_a_single_cell_is_not_unrolled(unroll):
    stack = StackedRNNCells(cells=(LSTMCell(units=3),))
    judge(RNN(name="layer", cell=stack, unroll=unroll), (7, 8))


@pytest.mark.parametrize("kind", [Dropout, AlphaDropout])
@pytest.mark.parametrize(
    ("noise_shape", "shape", "words"),
    [
        ((None, 1, 5), (7, 5), None),
        ((1, 7, None), (7, 5), None),
        ((None, 1, 1), (None, 5), None),
        ((None, 3, 1), (7, 5), "noise_shape has 3 for an axis of 7: 1 or ? is possible there."),
        ((None, 4, 1), (None, 5), "noise_shape has 4 for an axis of unknown size: 1 or ? is possible there."),
        ((None, 1, 1, 1), (7, 5), "noise_shape needs 3 numbers, one for the batch and each axis, but has 4."),
        ((8, 1, 1), (7, 5), "noise_shape begins with 8, but batches differ in size: 1 or ? goes with all."),
    ],
)
def test_what_is_dropped_together_is_named_for_every_axis(kind, noise_shape, shape, words):
    layer = kind(name="layer", rate=0.5, noise_shape=noise_shape)
    assert [complaint.sentence for complaint in layer.complaints(shape)] == ([] if words is None else [words])
    assert takes_for_good(layer, shape) == (words is None)
    assert not replace(layer, rate=0.0).complaints(shape), "where nothing is dropped Keras does not look at it"


@st.composite
def equations(draw):
    """An EinsumDense and a shape that fits it more often than not."""
    for _ in range(draw(st.integers(1, 8))):
        layer, shape = draw(any_equations())
        if fits(layer, shape):
            break
    return layer, shape


@st.composite
def any_equations(draw):
    """An EinsumDense whose equation mostly goes with its other arguments, and a shape that may fit it."""
    dots = draw(st.sampled_from(("", "", "before", "behind")))
    inputs = draw(st.sampled_from(("ab", "abc", "abcd", "aab", "abb", *(["a"] if dots == "before" else []))))
    summed = sorted(draw(st.sets(st.sampled_from("abcd"), max_size=2)))
    kernel = "".join(draw(st.permutations([*summed, *draw(st.sampled_from(("x", "xy", "x", "xx", "")))])))
    kept = sorted(draw(st.sets(st.sampled_from(inputs))) - {inputs[0]})
    others = draw(st.permutations([*kept, *(letter for letter in kernel if letter not in inputs)]))
    outputs = "".join([*draw(st.sampled_from((inputs[0], inputs[0], ""))), *others]) or "x"
    elided = draw(st.integers(0, most_axes + 1 - len(inputs))) if dots else 0
    with_batch = dots == "before" and elided > 0  # dots stand for the batch, too
    sizes = {letter: draw(st.integers(1, 3)) for letter in "abcdxy"}
    given = [
        draw(st.sampled_from((sizes[letter], sizes[letter], None, 2))) if letter in inputs else sizes[letter]
        for letter in (outputs if with_batch else outputs[1:])
    ]
    shape = [draw(st.sampled_from((sizes[letter], sizes[letter], None))) for letter in (inputs if with_batch else inputs[1:])]
    around = [draw(open_sizes) for _ in range(elided - with_batch)]
    before, behind = ("..." if dots == side else "" for side in ("before", "behind"))
    ending = draw(st.sampled_from((behind, behind, behind, "...", f"{behind} ")))
    layer = EinsumDense(
        name="einsum",
        equation=f"{before}{inputs}{behind},{kernel}->{before}{outputs}{ending}",
        output_shape=tuple(given),
        bias_axes=draw(st.none() | st.sets(st.sampled_from(outputs)).map(sorted).map("".join)),
        kernel_initializer=draw(contents(field_of(EinsumDense, "kernel_initializer").type, 3)),
    )
    return layer, tuple([*around, *shape] if dots == "before" else [*shape, *around]) or (3,)


@judged(20)
@given(equations())
def test_keras_says_the_same_of_equations(case):
    judge(*case)


@pytest.mark.exhaustive
@judged(1000)
@given(equations())
def test_keras_says_the_same_of_many_equations(case):
    judge(*case)


of_onednn = (
    Conv1DTranspose(name="layer", filters=2, kernel_size=3, dilation_rate=2),
    Conv2DTranspose(name="layer", filters=2, kernel_size=(3, 3), dilation_rate=(2, 2)),
    Conv3DTranspose(name="layer", filters=2, kernel_size=(3, 3, 3), dilation_rate=(2, 2, 2)),
    DepthwiseConv2D(name="layer", kernel_size=(3, 3), strides=(1, 2)),
    SeparableConv2D(name="layer", filters=2, kernel_size=(3, 3), strides=(1, 2)),
)


@pytest.mark.exhaustive
def test_keras_fails_at_gaps_and_uneven_strides_without_onednn():
    """It builds them, and TensorFlow has no kernel for them of its own."""
    code = (
        "from tests.models.experiment import test_catalogue as here\n"
        "from tests.strategies import fitting_shape, start\n"
        "shapes = [fitting_shape(start(type(layer))) for layer in here.of_onednn]\n"
        "print([here.takes(layer, shape) for layer, shape in zip(here.of_onednn, shapes)],"
        " [here.takes(start(type(layer)), shape) for layer, shape in zip(here.of_onednn, shapes)])"
    )
    without = os.environ | {"TF_ENABLE_ONEDNN_OPTS": "0"}
    answer = subprocess.run([sys.executable, "-c", code], env=without, capture_output=True, text=True, timeout=300, check=False)
    assert answer.stdout.strip() == str([False] * 5) + " " + str([True] * 5), answer.stderr
    for layer in of_onednn:
        assert needs_onednn(layer)
        assert not fits(layer, fitting_shape(start(type(layer))))
        keras_object(layer)(keras.KerasTensor((None, *fitting_shape(start(type(layer))))))


def test_kernels_are_those_of_keras():
    seen = 0
    for kind in layer_kinds:
        layer = start(kind)
        shape = fitting_shape(layer)
        expected = layer.kernel_shape(shape)
        if expected is not None:
            made = keras_object(layer)
            made.build((None, *shape))
            weights = getattr(made, "cell", made)
            kernel = getattr(weights, "depthwise_kernel", None)
            assert tuple((weights.kernel if kernel is None else kernel).shape) == expected
            seen += 1
    assert seen > 10
