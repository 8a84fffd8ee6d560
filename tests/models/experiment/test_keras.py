"""Keras judges the declarations: same names, same defaults, same shapes, same numbers of weights, same functions."""

import inspect

import keras
import msgspec
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from models.engine.maxout import Maxout
from models.engine.network import build, constructor_fields, keras_class, keras_object
from models.experiment import activations, layers
from models.experiment.base import Variant
from models.experiment.check import check
from models.experiment.data import Facts, Spiral
from models.experiment.experiment import Experiment
from models.experiment.fields import kinds_in
from models.experiment.initializers import Constant, Initializer
from models.experiment.layers import AnyLayer, CategoryEncoding, Dense, Embedding, Flatten
from models.experiment.layers.cells import Cell, GRUCell, LSTMCell, SimpleRNNCell, StackedRNNCells
from models.experiment.losses import Loss, MeanSquaredError
from models.experiment.optimizers import Optimizer
from models.experiment.regularizers import Constraint, Regularizer
from models.experiment.schedules import ExponentialDecay, InverseTimeDecay, Schedule, rate
from models.experiment.sequence_checks import lets_through
from models.experiment.training import Training
from tests.keras_schedules import keras_schedule
from tests.strategies import fitting_shape, layer_kinds, plain_shapes, start, values

pytestmark = [
    pytest.mark.engine,
    pytest.mark.filterwarnings("ignore:[\\s\\S]*softmax over axis", "ignore:.*does not support masking"),
]

by_name = {"ids": lambda kind: kind.__name__}
helpers = {
    keras.initializers: kinds_in(Initializer),
    keras.regularizers: kinds_in(Regularizer),
    keras.constraints: kinds_in(Constraint),
    keras.losses: kinds_in(Loss),
    keras.optimizers: kinds_in(Optimizer),
}
helper_kinds = [(module, kind) for module, kinds in helpers.items() for kind in kinds]
activation_kinds = kinds_in(activations.Activation)

left_out = {
    "name": "layers have it; losses and optimizers need none, there is only one of each",
    "dtype": "the training's precision decides for all layers",
    "data_format": "channels come last everywhere",
    "seed": "the experiment's seed decides all random numbers",
    "input_axes": "which axes of a kernel are inputs follows from the layer",
    "output_axes": "which axes of a kernel are outputs follows from the layer",
    "sparse": "arrays here hold their zeros, too",
    "lora_rank": "fine-tuning of large trained kernels",
    "lora_alpha": "fine-tuning of large trained kernels",
    "quantization_config": "inference on small devices, after training",
    "gptq_unpacked_column_size": "of quantization_config",
    "renorm": "needs schedules of its own",
    "renorm_clipping": "of renorm",
    "renorm_momentum": "of renorm",
    "synchronized": "several devices at once",
    "reduction": "the mean over the batch is what is plotted and compared",
    "axis": "of losses: outputs are one row, so that it is always the last",
    "ignore_class": "no data set of ours has labels to be passed over",
    "use_ema": "averaged weights would not be the ones that are probed",
    "ema_momentum": "of use_ema",
    "ema_overwrite_frequency": "of use_ema",
    "loss_scale_factor": "with mixed_float16 Keras scales the loss by itself",
    "return_state": "a stack has no second output",
    "stateful": "the examples of a batch do not go on from those of the batch before",
    "use_cudnn": "auto is right everywhere",
    "output_shape": "of attention: a Dense behind it gives any other",
    "attention_axes": "all axes between batch and features, as Keras has it by default",
    "flash_attention": "the device decides; ours has none that training needs",
    "reverse_dtype": "the training's precision decides for all layers",
    "weights": "initial values as arrays, not as a rule",
}
"""Arguments of Keras that are not declared, and why a person does not set them here."""


# --- names and defaults


def arguments_of(keras_kind):
    """Named arguments of a Keras class with their defaults."""
    parameters = inspect.signature(keras_kind.__init__).parameters.values()
    return {
        argument.name: argument.default
        for argument in parameters
        if argument.name != "self" and argument.kind not in (argument.VAR_POSITIONAL, argument.VAR_KEYWORD)
    }


def plain(value):
    """A default as one can compare it: declared values by Keras's name, sequences as lists."""
    if isinstance(value, Variant):
        return None if isinstance(value, activations.Linear) else value.identifier()
    return list(value) if isinstance(value, tuple) else value


def same_default(ours, theirs):
    if isinstance(ours, Variant) and isinstance(theirs, str):
        return theirs in ours.identifiers()
    if isinstance(ours, tuple) and isinstance(theirs, int | float):  # of every axis, or a range up to this number
        return ours[-1] == theirs and set(ours[:-1]) <= {theirs, -theirs, 0}
    if isinstance(ours, tuple) and isinstance(theirs, tuple):
        return len(ours) == len(theirs) and all(map(same_default, ours, theirs))
    return plain(ours) == plain(theirs)


not_got_by_name = {"Constant", "CategoricalGeneralizedCrossEntropy"}
"""Kinds that Keras's ``get`` fails on, so that they are always written and built as objects."""
own_defaults = {
    ("Activation", "activation"): "Keras has none; a new layer starts with relu",
    ("CategoryEncoding", "num_tokens"): "Keras refuses the default it has",
    ("Discretization", "bin_boundaries"): "Keras refuses to have neither bounds nor a number of bins",
}


@pytest.mark.parametrize("kind", [*layer_kinds, *kinds_in(Cell), *(kind for _, kind in helper_kinds)], **by_name)
def test_fields_are_keras_arguments_with_keras_defaults(kind):
    found = keras_class(start(kind))
    theirs = arguments_of(found)
    ours = {field.name: field for field in msgspec.structs.fields(kind) if field.name in constructor_fields(kind)}
    base = set() if found is not Maxout and "kwargs" not in inspect.signature(found.__init__).parameters else {"name"}
    base |= {"activity_regularizer", "trainable"} if issubclass(found, keras.layers.Layer) else set()
    assert set(ours) <= set(theirs) | base
    assert set(theirs) - set(ours) <= set(left_out)
    for name, field in ours.items():
        if name in ("name", "trainable") or (kind.kind(), name) in own_defaults:
            continue
        default = theirs.get(name)
        assert field.required == (default is inspect.Parameter.empty), name
        assert field.required or same_default(field.default, default), (name, field.default, default)


def test_everything_left_out_exists():
    theirs = set()
    for kind in [*layer_kinds, *kinds_in(Cell), *(kind for _, kind in helper_kinds)]:
        theirs |= set(arguments_of(keras_class(start(kind))))
    assert set(left_out) <= theirs | {"name"}


@pytest.mark.parametrize(("module", "kind"), helper_kinds, ids=lambda value: getattr(value, "__name__", ""))
def test_names_are_those_that_keras_gets(module, kind):
    expected = getattr(module, kind.kind())
    assert type(keras_object(kind())) is expected
    for name in kind.identifiers():
        if kind.kind() in not_got_by_name:
            assert not kind.written_bare
            with pytest.raises((ValueError, KeyError)):
                module.get(kind.identifier())
        else:
            found = module.get(name)
            assert isinstance(found, expected) or found is getattr(module, kind.identifier())  # losses are got as functions


@pytest.mark.parametrize("kind", activation_kinds, **by_name)
def test_names_of_activations_are_those_that_keras_gets(kind):
    for name in kind.identifiers():
        assert keras.activations.get(name) is getattr(keras.activations, kind.kind())


def public(module):
    """Classes that Keras offers in a module, without aliases and base classes."""
    found = [thing for name, thing in vars(module).items() if isinstance(thing, type) and not name.startswith("_")]
    return {thing.__name__ for thing in found}


def test_nothing_of_keras_is_forgotten():
    offered = {module: {kind.kind() for kind in kinds} for module, kinds in helpers.items()}
    assert public(keras.regularizers) - offered[keras.regularizers] == {"Regularizer", "OrthogonalRegularizer"}
    assert public(keras.constraints) - offered[keras.constraints] == {"Constraint"}
    assert public(keras.initializers) - offered[keras.initializers] == {"Initializer", "STFT"}
    assert public(keras.losses) - offered[keras.losses] == {"Loss", "CTC"}
    functions = {name for name, thing in vars(keras.activations).items() if inspect.isfunction(thing)}
    ours = {name for kind in activation_kinds for name in kind.identifiers()}
    assert functions - ours == {"get", "serialize", "deserialize", "glu", "threshold"}


# --- helpers with any arguments

few = settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate),  # building networks is too slow to search for the smallest failing one
    suppress_health_check=list(HealthCheck),
)


@few
@given(st.data())
@pytest.mark.parametrize(
    "union",
    [Regularizer, Constraint, Initializer, Optimizer, Loss],
    ids=["regularizer", "constraint", "initializer", "optimizer", "loss"],
)
def test_keras_takes_any_arguments_that_are_declared(union, data):
    kind = data.draw(st.sampled_from(kinds_in(union)))
    value = data.draw(values(kind, size=3))
    clipping = [name for name in ("clipvalue", "clipnorm", "global_clipnorm") if getattr(value, name, None) is not None]
    if len(clipping) > 1:  # a problem of ``check``
        return
    made = keras_object(value)
    config = vars(made) | getattr(made, "_fn_kwargs", {}) | made.get_config()  # Huber and Identity do not tell all arguments
    for field in msgspec.structs.fields(value):
        wanted = getattr(value, field.name)
        found = config[field.name]
        assert found == (pytest.approx(wanted) if isinstance(wanted, float) else wanted)


# --- schedules


@pytest.mark.parametrize("kind", kinds_in(Schedule), **by_name)
def test_schedules_take_the_arguments_that_keras_takes(kind):
    theirs = arguments_of(getattr(keras.optimizers.schedules, kind.kind(), None) or object)
    ours = {field.name for field in msgspec.structs.fields(kind)}
    if theirs:  # Keras lacks OneCycle
        # The base is the optimizer's; Keras's values are our factors times it, and warm-up is there for every schedule.
        spoken_for = {"initial_learning_rate", "name", "values", "warmup_target", "warmup_steps"}
        assert ours - {"factors"} == set(theirs) - spoken_for


@settings(few, max_examples=40)
@given(st.data(), st.integers(1, 300), st.none() | st.integers(1, 50), st.floats(1e-4, 1))
@pytest.mark.parametrize("kind", [*kinds_in(Schedule), None], ids=lambda kind: kind.__name__ if kind else "none")
def test_rates_are_those_of_keras_schedules(kind, data, total, warmup, base):
    schedule = None if kind is None else data.draw(values(kind, size=60))
    boundaries, factors = getattr(schedule, "boundaries", ()), getattr(schedule, "factors", ())
    if len(boundaries) != len(factors) or list(boundaries) != sorted(set(boundaries)):  # a problem of ``check``
        return
    theirs = keras_schedule(schedule, warmup, total, base)
    end = getattr(schedule, "end_learning_rate", 0.0)  # Keras takes differences of the two in 32 bits
    for step in {0, 1, (warmup or 0) + 7, total // 3, total // 2, total - 1, total, total + 5}:
        expected = float(theirs(step)) if callable(theirs) else theirs
        assert rate(schedule, warmup, step, total, base) == pytest.approx(expected, rel=2e-5, abs=2e-6 * max(base, end))


@pytest.mark.parametrize("kind", [ExponentialDecay, InverseTimeDecay])
def test_a_staircase_falls_where_keras_lets_it_fall(kind):
    schedule = kind(decay_steps=7, decay_rate=0.5, staircase=True)
    theirs = keras_schedule(schedule, None, 100, 0.1)
    for step in range(100):
        assert rate(schedule, None, step, 100, 0.1) == pytest.approx(float(theirs(step)), rel=1e-6)


def test_our_schedules_are_saved_with_an_optimizer():
    value = Training(loss=MeanSquaredError(), schedule=kinds_in(Schedule)[1](), warmup_steps=5)
    before = keras_schedule(value.schedule, value.warmup_steps, 50, 0.1)
    after = keras.optimizers.schedules.deserialize(keras.optimizers.schedules.serialize(before))
    assert [float(after(step)) for step in range(0, 60, 7)] == [float(before(step)) for step in range(0, 60, 7)]


@few
@given(st.data())
def test_weights_can_be_made_and_limited_with_any_arguments(data):
    initializer = data.draw(st.sampled_from(kinds_in(Initializer)).flatmap(lambda kind: values(kind, size=3)))
    constraint = data.draw(st.sampled_from(kinds_in(Constraint)).flatmap(lambda kind: values(kind, size=3)))
    regularizer = data.draw(st.sampled_from(kinds_in(Regularizer)).flatmap(lambda kind: values(kind, size=3)))
    layer = Dense(
        name="dense", units=3, kernel_initializer=initializer, kernel_constraint=constraint, kernel_regularizer=regularizer
    )
    experiment = whole((layer,), (4,))
    if check(experiment, facts_of((4,))).errors:
        return
    kernel = build(experiment, facts_of((4,))).get_layer("dense").kernel
    assert kernel.shape == (4, 3)
    assert keras_object(constraint)(kernel).shape == (4, 3)
    assert float(keras_object(regularizer)(kernel)) >= 0


# --- layers


tokens = 2


def facts_of(shape):
    """A single number to predict from an example of `shape`, which an Embedding can look up."""
    return Facts(shape, "regression", 1, 8, 0, tokens=tokens)


def whole(layers, shape):
    """An experiment in which these layers are followed by an output that fits the data, so that errors are the layers' own."""
    del shape
    layers = [replace(layer, inputs=("input", "input")) if layer.least_inputs > 1 else layer for layer in layers]
    network = (*layers, Flatten(name="last-flatten"), Dense(name="last-dense", units=1))
    return Experiment(data=Spiral(), network=network, training=Training(loss=MeanSquaredError()))


def numbers_in(weights):
    return sum(int(np.prod(weight.shape)) for weight in weights)


shapes = st.lists(st.integers(1, 9), min_size=1, max_size=4).map(tuple)


@settings(few, max_examples=2)
@given(st.data())
@pytest.mark.parametrize("kind", layer_kinds, **by_name)
def test_what_check_finds_no_error_in_keras_builds_with_the_same_shape_and_weights(kind, data):
    build_and_compare(kind, data)


@pytest.mark.exhaustive
@settings(few, max_examples=20)
@given(st.data())
@pytest.mark.parametrize("kind", layer_kinds, **by_name)
def test_keras_builds_many_in_which_check_finds_no_error(kind, data):
    build_and_compare(kind, data)


def build_and_compare(kind, data):
    layer, shape = data.draw(layer_that_fits(kind))
    experiment = whole((layer,), shape)
    report = check(experiment, facts_of(shape))
    if report.errors:
        return
    known = np.random.default_rng(1).normal(size=(20, *shape)).astype("float32")
    model = build(experiment, facts_of(shape), known)
    x = np.random.default_rng(0).normal(size=(2, *shape)).astype("float32")
    if issubclass(kind, Embedding):
        x = (x > 0).astype("float32")
    if isinstance(layer, CategoryEncoding):
        x = np.random.default_rng(0).integers(0, layer.num_tokens, x.shape).astype("float32")
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(model(x, training=True) ** 2)
    assert len(tape.gradient(loss, model.trainable_weights)) == len(model.trainable_weights)
    for built, layer_report in zip(model.layers[1:], report.layers, strict=True):
        assert built.name == layer_report.name
        assert tuple(built.output.shape[1:]) == layer_report.output_shape
        assert numbers_in(built.trainable_weights) == layer_report.parameters.trainable
        assert numbers_in(weight for weight in built.non_trainable_weights if "seed" not in weight.path) == (
            layer_report.parameters.non_trainable
        )


@st.composite
def layer_that_fits(draw, kind):
    """A layer and an input shape for it; of a few tries one without an error, where there is one."""
    for _ in range(5):
        layer, shape = draw(values(kind, size=4)), draw(shapes)
        if not check(whole((layer,), shape), facts_of(shape)).errors:
            break
    return layer, shape


@pytest.mark.parametrize("kind", layer_kinds, **by_name)
def test_every_kind_is_built_as_it_comes_from_the_palette(kind):
    """The property above would pass where nothing fits; this one shows that something does."""
    layer = start(kind)
    fitting = [shape for shape in plain_shapes if not check(whole((layer,), shape), facts_of(shape)).errors][:2]
    assert fitting
    for shape in fitting:
        model = build(whole((layer,), shape), facts_of(shape))
        found = model.get_layer(layer.name)
        assert tuple(found.output.shape[1:]) == layer.output_of((shape,) * layer.least_inputs)


@pytest.mark.exhaustive
@pytest.mark.filterwarnings("ignore:.*tensor_shape_from_node_def_name")
@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (layers.Dense(name="x", units=5), (7, 3)),
        (layers.Conv1D(name="x", filters=4, kernel_size=3, padding="causal", dilation_rate=2), (10, 2)),
        (layers.Conv2D(name="x", filters=4, kernel_size=(3, 2), strides=(2, 2), padding="same"), (7, 6, 8)),
        (layers.Conv3D(name="x", filters=4, kernel_size=(2, 3, 3)), (5, 6, 6, 2)),
        (layers.DepthwiseConv2D(name="x", kernel_size=(3, 2), depth_multiplier=2), (7, 6, 4)),
        (layers.SeparableConv2D(name="x", filters=5, kernel_size=(3, 3)), (7, 6, 4)),
        (layers.Attention(name="x"), (6, 4)),
        (layers.SimpleRNN(name="x", units=5, unroll=True), (7, 3)),
        (layers.LSTM(name="x", units=5, unroll=True), (7, 3)),
        (layers.GRU(name="x", units=5, unroll=True, reset_after=False), (7, 3)),
    ],
    ids=lambda value: "" if isinstance(value, tuple) else value.kind(),
)
def test_tensorflow_counts_two_operations_for_each_multiply_add(layer, shape):
    """Its profiler counts a product and a sum as two, and looks into no loop, so that recurrent layers are unrolled."""
    incoming = keras.Input(shape)
    arranged = list(layer.arranged((incoming,)))
    model = keras.Model(incoming, keras_object(layer)(arranged if layer.way == "list" else incoming))
    graph = tf.function(model).get_concrete_function(tf.TensorSpec((1, *shape))).graph
    counting = tf.compat.v1.profiler.ProfileOptionBuilder.float_operation()
    silently = tf.compat.v1.profiler.ProfileOptionBuilder(counting).with_empty_output().build()
    kinds = tf.compat.v1.profiler.profile(graph, cmd="op", options=silently)
    operations, summing = 0, ("MatMul", "BatchMatMulV2", "Conv2D", "Conv3D", "DepthwiseConv2dNative")
    while kinds.children:  # each kind is the child of the one before
        (kinds,) = kinds.children
        operations += kinds.float_ops if kinds.name in summing else 0
    assert operations == 2 * layer.multiply_adds_of((shape,))


@pytest.mark.parametrize("kind", [kind for kind in layer_kinds if kind.pointwise and kind is not layers.Softmax], **by_name)
def test_numbers_of_pointwise_layers_do_not_mix_outside_training(kind):
    layer = start(kind)
    made = keras_object(layer)
    one = np.random.default_rng(1).uniform(1, 2, size=(1, *fitting_shape(layer))).astype(np.float32)
    other = one.copy()
    other.flat[3] += 1
    outputs, others = (np.ravel(made(x, training=False)) for x in (one, other))
    assert len(outputs) == one.size
    assert np.flatnonzero(outputs != others).tolist() == [3]


@pytest.mark.parametrize("kind", layer_kinds, **by_name)
def test_masks_go_where_keras_lets_them(kind):
    layer = start(kind)
    assert layer.supports_masking == keras_object(layer).supports_masking or issubclass(kind, Embedding)
    assert not Embedding.supports_masking  # Keras's own says yes where it makes a mask; one that comes in it ignores


@settings(few, max_examples=3)
@given(st.data())
@pytest.mark.parametrize("kind", layer_kinds, **by_name)
def test_behind_a_mask_every_layer_does_what_check_says(kind, data):
    """An Embedding that masks, the layer, and whether its output carries a mask."""
    layer = data.draw(values(kind, size=3))
    first = layers.Embedding(name="first-embedding", input_dim=2, output_dim=3, mask_zero=True)
    experiment = whole((first, layer), (4,))
    report = check(experiment, facts_of((4,)))
    if report.errors:
        return
    model = build(experiment, facts_of((4,)))
    x = np.array([[1, 1, 0, 0], [1, 0, 0, 0]], "float32")
    outputs = keras.Model(model.input, model.layers[2].output)(x, training=True)
    assert (getattr(outputs, "_keras_mask", None) is not None) == lets_through(layer) or layer.masks
    lost = [problem.layer for problem in report.problems if "no mask through" in problem.sentence]
    behind = ["last-flatten"] * lets_through(layer)
    assert lost == ([layer.name] if not layer.supports_masking and not layer.masks and not behind else behind)


def each(inner):
    return layers.TimeDistributed(name="each", layer=inner)


def stacked(*cells, **fields):
    return layers.RNN(name="x", cell=StackedRNNCells(cells=cells), **fields)


inner_lstm, inner_norm = layers.LSTM(name="inner", units=3), layers.BatchNormalization(name="inner")


@pytest.mark.parametrize(
    ("shape", "behind"),
    [
        ((3,), (layers.Attention(name="x"),)),
        ((3,), (layers.BatchNormalization(name="x"),)),
        ((4, 3), (stacked(GRUCell(units=2)),)),
        ((4, 3), (stacked(LSTMCell(units=2)),)),
        ((4, 3), (stacked(GRUCell(units=2), unroll=True),)),
        ((4, 3), (stacked(SimpleRNNCell(units=2), GRUCell(units=2)),)),
        ((4, 3), (layers.Bidirectional(name="x", layer=stacked(SimpleRNNCell(units=2))),)),
        ((4, 5, 3), (layers.Attention(name="x"),)),
        ((4, 5, 3), (layers.MultiHeadAttention(name="x", num_heads=2, key_dim=3),)),
        ((4, 5, 3), (layers.BatchNormalization(name="x"),)),
        ((4, 5, 3), (layers.ConvLSTM1D(name="x", filters=2, kernel_size=2),)),
        ((4, 5, 3), (layers.ConvLSTM1D(name="x", filters=2, kernel_size=2, padding="same"),)),
        ((4, 5, 3), (layers.Bidirectional(name="x", layer=layers.ConvLSTM1D(name="inner", filters=2, kernel_size=2)),)),
        ((4, 5, 3), (each(inner_lstm),)),
        ((4, 5, 3), (each(inner_norm),)),
        ((4, 5, 3), (each(inner_lstm), layers.LSTM(name="x", units=2))),
        ((4, 5, 3), (each(inner_lstm), layers.BatchNormalization(name="x"))),
        ((4, 5, 3), (each(inner_lstm), layers.GlobalAveragePooling1D(name="x"))),
        ((4, 5, 3), (each(inner_lstm), layers.Dense(name="x", units=2))),
    ],
    ids=lambda value: "-".join(map(str, value)) if isinstance(value[0], int) else "-".join(layer.kind() for layer in value),
)
def test_a_mask_is_refused_where_keras_fails_with_it(shape, behind):
    experiment = whole((layers.Masking(name="masking"), *behind), shape)
    model = build(experiment, facts_of(shape))
    x = np.random.default_rng(0).normal(size=(5, *shape)).astype("float32")
    x[0] = 0
    try:
        fails = not model.predict(x, verbose=0).size
    except (ValueError, tf.errors.InvalidArgumentError):
        fails = True
    errors = check(experiment, facts_of(shape)).errors
    assert fails == bool(errors)
    assert all("fails with the mask that comes in" in problem.sentence for problem in errors)


def test_the_catalogue_is_keras_own():
    for kind in kinds_in(AnyLayer):
        assert kind.kind() == "Maxout" or issubclass(getattr(keras.layers, kind.kind()), keras.layers.Layer)


# --- activations

grid = np.concatenate([np.linspace(-12, 12, 481), [-0.5, 0.5, -1, 1, -3, 3, 6, 0]]).astype("float32")


@pytest.mark.parametrize("kind", [kind for kind in activation_kinds if kind.elementwise], **by_name)
def test_activations_are_keras_functions(kind):
    expected = np.asarray(keras.activations.get(kind.identifier())(grid))
    ours = np.array([kind().at(float(x)) for x in grid])
    np.testing.assert_allclose(ours, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("kind", [kind for kind in activation_kinds if kind.elementwise], **by_name)
def test_derivatives_are_those_of_keras_functions(kind):
    bends = np.array([-3, -1, -0.5, 0, 0.5, 1, 3, 6])
    smooth = np.array([x for x in grid if np.abs(bends - x).min() > 1e-6])
    x = tf.Variable(np.concatenate([smooth, [0.0] if kind is activations.Relu else []]).astype("float32"))
    with tf.GradientTape() as tape:
        outputs = keras.activations.get(kind.identifier())(x)
    ours = [kind().derivative(float(each)) for each in x.numpy()]
    np.testing.assert_allclose(ours, tape.gradient(outputs, x).numpy(), rtol=1e-5, atol=2e-6)


@few
@given(st.data())
@pytest.mark.parametrize("kind", [activations.Relu, activations.LeakyRelu, activations.Elu], **by_name)
def test_activations_with_parameters_are_keras_functions(kind, data):
    value = data.draw(values(kind, size=4))
    arguments = {field.name: getattr(value, field.name) for field in msgspec.structs.fields(value)}
    expected = np.asarray(keras.activations.get(kind.identifier())(grid, **arguments))
    np.testing.assert_allclose([value.at(float(x)) for x in grid], expected, rtol=1e-5, atol=1e-5)
    layer = np.asarray(keras_object(value)(grid))
    np.testing.assert_allclose(layer, expected, rtol=1e-5, atol=1e-5)


def rectified():
    """Layers of which bends and ends lie at numbers of `grid`, so that on which side a bend itself belongs is tested."""
    for slope in (0.0, 0.25, 1.5):
        yield layers.LeakyReLU(name="layer", negative_slope=slope)
        yield layers.ELU(name="layer", alpha=slope)
        yield layers.PReLU(name="layer", alpha_initializer=Constant(value=slope))
        yield layers.PReLU(name="layer", alpha_initializer=Constant(value=-slope))
        for limit in (None, 0.0, 1.0, 6.0):
            for threshold in (0.0, 0.5, 3.0):
                yield layers.ReLU(name="layer", negative_slope=slope, max_value=limit, threshold=threshold)


@pytest.mark.parametrize("layer", list(rectified()), ids=lambda layer: layer.kind())
def test_layers_that_rectify_have_the_curve_and_the_slope_of_keras_layers(layer):
    learned = isinstance(layer, layers.PReLU)
    curve = layer.curve(layer.alpha_initializer.value) if learned else layer.non_linearity
    x, applied = tf.Variable(grid[:, np.newaxis]), keras_object(layer)
    with tf.GradientTape() as tape:
        outputs = applied(x)
    np.testing.assert_allclose([curve.at(float(each)) for each in grid], outputs[:, 0], rtol=1e-5, atol=1e-6)
    bends = (0.0, *(getattr(layer, name, None) or 0.0 for name in ("max_value", "threshold")))
    smooth = np.abs(np.subtract.outer(grid, bends)).min(axis=1) > 1e-6
    slopes = tape.gradient(outputs, x).numpy()[:, 0]
    np.testing.assert_allclose([curve.derivative(float(each)) for each in grid[smooth]], slopes[smooth], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("kind", activation_kinds, **by_name)
def test_outputs_stay_in_their_range_and_come_near_its_bounds(kind):
    wide = np.concatenate([grid, [-60.0, 60.0]]).astype("float32")
    rows = wide if kind.elementwise else np.stack([wide, np.zeros_like(wide)], axis=-1)
    outputs = np.asarray(keras.activations.get(kind.identifier())(rows))
    least, most = kind.output_range
    assert np.all(outputs >= least - 1e-6)
    assert np.all(outputs <= most + 1e-6)
    for bound in (least, most):
        if np.isfinite(bound):
            assert np.min(np.abs(outputs - bound)) < 0.05


def test_every_activation_with_parameters_is_tested():
    assert [kind for kind in activation_kinds if msgspec.structs.fields(kind)] == [
        activations.Relu,
        activations.LeakyRelu,
        activations.Elu,
    ]
