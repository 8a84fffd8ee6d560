"""The catalogue against Keras's: no layer is forgotten, and each is judged over arguments and shapes of every sort.

Those with several inputs are judged in ``test_joining``.
"""

import inspect
import operator
from collections import Counter

import keras
import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from models.engine.network import freeze, keras_class, keras_object
from models.experiment.fields import kinds_in
from models.experiment.layer_checks import unusable_numbers
from models.experiment.layers import (
    CategoryEncoding,
    Discretization,
    Masking,
    MelSpectrogram,
    Reshape,
    ReversibleEmbedding,
    RMSNormalization,
    TimeDistributed,
)
from models.experiment.layers.cells import Cell
from models.experiment.layers.left_out import left_out
from models.experiment.layers.pooling import AdaptivePooling
from models.experiment.layers.preprocessing import ImageLayer
from tests.strategies import fitting_ranks, fitting_shape, layer_kinds, single_kinds, start, values

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


def deliberate(layer, shape):
    """Why a layer is refused that Keras would take; empty where Keras refuses it, too."""
    if getattr(getattr(layer, "layer", layer), "axis", None) in (0, -len(shape) - 1):
        return "along the batch, what comes out for an example would depend on the others beside it"
    if isinstance(layer, Masking):
        return "what is masked is steps of a sequence, and other layers take a mask of nothing else"
    if isinstance(layer, ImageLayer) and (len(shape) != 3 or not operator.lt(*getattr(layer, "value_range", (0, 1)))):
        return "Keras takes fewer axes for a single image and more for who knows what; a range of nothing would divide by 0"
    if isinstance(layer, ReversibleEmbedding):
        return "weights that nothing reads never learn"
    if isinstance(layer, CategoryEncoding | Discretization) and len(shape) > 1:
        return "Keras adds up along another axis than it says, and where both are as long nobody would notice"
    if isinstance(layer, RMSNormalization):
        return "along any axis but the last Keras multiplies by the factors of others, where it does not fail"
    if isinstance(layer, AdaptivePooling):
        return "it works step by step only: compiled, no window is longer than what comes in"
    if isinstance(layer, TimeDistributed):
        return "Keras lets the layer inside take inputs that it would not take alone"
    if isinstance(layer, MelSpectrogram) and layer.min_freq >= (layer.max_freq or layer.sampling_rate / 2):
        return "bands that end before they begin hold nothing"
    if isinstance(layer, Reshape) and 0 in layer.target_shape:
        return "of an output of no numbers nothing can be learned"
    return ""


def takes(layer, shape):
    """Whether Keras takes a layer, also when it is called and not just when it is built."""
    x = np.zeros((2, *(size or 3 for size in shape)), "float32")
    try:
        symbolic = keras_object(layer)(keras.KerasTensor((None, *shape)))
        made = keras_object(layer)
        if layer.adapts:
            made.adapt(np.random.default_rng(0).normal(size=(20, *x.shape[1:])))
        real = made(x)
    except Exception:
        return False
    same_rank = len(symbolic.shape) == len(real.shape)
    return same_rank and all(size in (None, found) for size, found in zip(symbolic.shape, real.shape, strict=True))


def judge(layer, shape):
    """Ours and Keras's: refused by both, or accepted with the same shape and as many weights."""
    if any(unusable_numbers(layer)):  # check refuses what 32 bits cannot hold
        return
    errors = [complaint.sentence for complaint in layer.complaints(shape) if complaint.severity == "error"]
    if errors:
        assert deliberate(layer, shape) or not takes(layer, shape), (layer, shape, errors)
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


@judged(10)
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
