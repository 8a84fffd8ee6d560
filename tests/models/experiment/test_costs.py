"""What a layer costs: multiply-adds of one example's forward pass, and numbers that training keeps of it."""

import pytest

from models.experiment.activations import Relu, Softmax
from models.experiment.check import check
from models.experiment.data import Facts, Spiral
from models.experiment.experiment import Experiment
from models.experiment.layers import (
    GRU,
    LSTM,
    Activation,
    AveragePooling2D,
    BatchNormalization,
    Conv1D,
    Conv2D,
    Dense,
    Embedding,
    Flatten,
    Maxout,
    MaxPooling2D,
    SimpleRNN,
)
from models.experiment.layers.base import Layer
from models.experiment.losses import CategoricalCrossentropy
from models.experiment.training import Training


def vgg(*convolutions: int) -> tuple[Layer, ...]:
    """The network of Simonyan & Zisserman, 2014, with so many convolutions before each of its five poolings."""
    network: list[Layer] = []
    for block, (filters, times) in enumerate(zip((64, 128, 256, 512, 512), convolutions, strict=True), 1):
        for number in range(times):
            name = f"block{block}_conv{number}"
            network.append(Conv2D(name=name, filters=filters, kernel_size=(3, 3), padding="same", activation=Relu()))
        network.append(MaxPooling2D(name=f"block{block}_pool"))
    network += [Flatten(name="flatten"), Dense(name="fc1", units=4096, activation=Relu()), Dense(name="fc2", units=4096)]
    return (*network, Dense(name="predictions", units=1000, activation=Softmax()))


def report_of(network, shape):
    facts = Facts(shape, "multiclass", 1000, 64, 16)
    return check(Experiment(data=Spiral(), network=network, training=Training(loss=CategoricalCrossentropy())), facts)


@pytest.mark.parametrize(
    ("convolutions", "billions", "parameters"),
    [
        # torchvision's table of models says 15.47 and 138,357,544; He et al., 2016, section 3.3, say 19.6 billion for VGG-19.
        ((2, 2, 3, 3, 3), 15.47, 138_357_544),
        ((2, 2, 4, 4, 4), 19.63, 143_667_240),
    ],
)
def test_vgg_costs_what_is_published(convolutions, billions, parameters):
    report = report_of(vgg(*convolutions), (224, 224, 3))
    assert report.parameters.total == parameters
    assert sum(layer.multiply_adds for layer in report.layers) == pytest.approx(billions * 1e9, abs=5e6)


@pytest.mark.parametrize(
    ("layer", "shape", "expected"),
    [
        (Dense(name="x", units=5), (3,), 15),
        (Dense(name="x", units=5, use_bias=False), (7, 3), 7 * 15),
        (Maxout(name="x", units=5, pieces=4), (3,), 60),
        (Conv1D(name="x", filters=4, kernel_size=3), (10, 2), 8 * 4 * 3 * 2),
        (Conv1D(name="x", filters=4, kernel_size=3, padding="causal", dilation_rate=2), (10, 2), 10 * 4 * 3 * 2),
        (Conv2D(name="x", filters=4, kernel_size=(3, 2), strides=(2, 2), padding="same"), (7, 6, 8), 4 * 3 * 4 * 6 * 8),
        (Conv2D(name="x", filters=4, kernel_size=(3, 3), groups=2), (6, 6, 8), 16 * 4 * 9 * 4),
        (SimpleRNN(name="x", units=5), (7, 3), 7 * (3 + 5) * 5),
        (LSTM(name="x", units=5), (7, 3), 7 * 4 * (3 + 5) * 5),
        (GRU(name="x", units=5, return_sequences=True), (7, 3), 7 * 3 * (3 + 5) * 5),
        (Embedding(name="x", input_dim=100, output_dim=8), (7,), 0),
        (BatchNormalization(name="x"), (6, 6, 8), 0),
        (Activation(name="x"), (6, 6, 8), 0),
        (AveragePooling2D(name="x", pool_size=(2, 2)), (6, 6, 8), 0),
    ],
    ids=lambda value: value.kind() if isinstance(value, Layer) else "",
)
def test_products_are_counted_by_hand(layer, shape, expected):
    assert layer.multiply_adds(shape) == expected


def test_costs_are_known_up_to_an_error():
    network = (Dense(name="a", units=5), Conv2D(name="b", filters=2, kernel_size=(3, 3)), Dense(name="c", units=2))
    first, wrong, behind = report_of(network, (3,)).layers
    assert (first.multiply_adds, first.activation_numbers) == (15, 5)
    assert (wrong.multiply_adds, wrong.activation_numbers) == (None, None)
    assert (behind.multiply_adds, behind.activation_numbers) == (None, None)


def test_a_recurrent_layer_keeps_its_steps():
    (layer,) = report_of((LSTM(name="lstm", units=5),), (7, 3)).layers
    assert layer.activation_numbers == 7 * 5 * (4 + 4 + 2)
