"""What Keras says of a network becomes our declarations; what they cannot hold is refused or told."""

import json

import pytest

from models.experiment.activations import LeakyRelu
from models.experiment.errors import BadInput
from models.experiment.initializers import VarianceScaling
from models.storage.files import load
from models.storage.keras_files import importing
from models.storage.keras_files.graph import keras_order
from models.storage.keras_files.importing import imported, save_imported, weights_path
from tests.models.storage.keras_files.attacks import archive, call, dense, functional, input_layer, sequential, weights


def layer(kind, name, **config):
    return {"module": "keras.layers", "class_name": kind, "config": {"name": name} | config, "registered_name": None}


def read(config, folder):
    path = folder / "network.json"
    path.write_text(json.dumps(config))
    with imported(path) as found:
        return found


def network(config, folder):
    return read(config, folder).experiment.network


def refusal(config, folder):
    with pytest.raises(BadInput) as error:
        read(config, folder)
    return str(error.value)


def test_arguments_become_fields(tmp_path):
    scaling = {"module": "keras.initializers", "class_name": "VarianceScaling", "registered_name": None}
    scaling["config"] = {"scale": 2.0, "mode": "fan_avg", "distribution": "uniform", "seed": None}
    activation = layer("LeakyReLU", "inner", negative_slope=0.05)
    (made,) = network(sequential(dense(units=7, kernel_initializer=scaling, activation=activation)), tmp_path)
    assert made.units == 7
    assert made.kernel_initializer == VarianceScaling(scale=2.0, mode="fan_avg", distribution="uniform")
    assert made.activation == LeakyRelu(negative_slope=0.05)


def test_what_is_dropped_together_comes_along(tmp_path):
    shapes = [("Dropout", [None, 1]), ("AlphaDropout", [1, 4]), ("Dropout", None), ("SpatialDropout1D", None)]
    layers = [layer(kind, f"drop_{place}", rate=0.2, noise_shape=shape) for place, (kind, shape) in enumerate(shapes)]
    found = network(sequential(*layers[:3], dense()), tmp_path)
    assert [each.noise_shape for each in found[:3]] == [(None, 1), (1, 4), None]
    assert network(sequential(layers[3], shape=(None, 7, 4)), tmp_path)[0].rate == 0.2
    wrong = layer("Dropout", "drop", rate=0.2, noise_shape=[None, 0])
    assert "noise_shape[1]: expected a whole number from 1 to 1000000" in refusal(sequential(wrong), tmp_path).replace(",", "")


def test_names_that_are_not_legal_are_changed_and_told(tmp_path):
    found = read(sequential(dense("first/layer"), dense("first_layer"), dense("input")), tmp_path)
    assert [each.name for each in found.experiment.network] == ["first_layer", "first_layer_1", "input_1"]
    assert any("first/layer" in notice for notice in found.notices)


def test_nested_networks_are_laid_flat_with_their_names_before(tmp_path):
    inner = sequential(dense("a"), dense("b"))
    inner["config"]["name"] = "block"
    found = network(sequential(dense("a"), inner, dense("b")), tmp_path)
    assert [each.name for each in found] == ["a", "block.a", "block.b", "b"]


def test_branches_keep_what_they_read(tmp_path):
    nodes = [
        dense("a", 4) | {"name": "a", "inbound_nodes": call("input_layer")},
        dense("b", 4) | {"name": "b", "inbound_nodes": call("input_layer")},
        dense("c", 4) | {"name": "c", "inbound_nodes": call("b")},
    ]
    assert "“a”: expected layers that lead to the output" in refusal(functional(*nodes, output="c"), tmp_path)
    assert [each.inputs for each in network(functional(*nodes[1:], output="c"), tmp_path)] == [(), ()]


def test_layers_come_in_an_order_in_which_each_reads_earlier_ones():
    graph = {"a": ("",), "b": ("a",), "c": ("b",), "d": ("a", "c")}
    assert keras_order(graph, "d", "") == ("a", "b", "c", "d")


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        (
            sequential(layer("Conv2D", "c", filters=2, kernel_size=2, data_format="channels_first"), shape=(None, 3, 8, 8)),
            "channels_first",
        ),
        (sequential(dense(dtype="float64")), "float64"),
        (sequential(dense(units="many")), "units"),
        (sequential(dense(invented=1)), "invented"),
        (sequential(layer("LSTM", "l", units=2, stateful=True), shape=(None, 5, 2)), "stateful"),
        (sequential(layer("Conv2D", "c", filters=2, kernel_size=3)), "“c”: expected a layer that fits what comes in"),
        (sequential(), "expected a network with layers"),
        (functional(dense() | {"name": "dense", "inbound_nodes": call("input_layer")}, output="gone"), "gone"),
        ({"class_name": "Sequential"}, "an object “config”"),
        ([], "JSON of a Keras network"),
        ({"version": 1, "network": []}, "a network of Keras, found an experiment of Wiggle; open it"),
        ({"layers": []}, "the JSON of a Keras network, found other JSON, without a class_name; save"),
    ],
)  # fmt: skip
def test_what_cannot_be_held_is_refused_by_name(config, sentence, tmp_path):
    assert sentence in refusal(config, tmp_path)


def test_a_network_with_two_inputs_or_outputs_is_refused(tmp_path):
    two = functional(dense() | {"name": "dense", "inbound_nodes": call("input_layer")})
    two["config"]["output_layers"] = [["dense", 0, 0], ["dense", 0, 0]]
    assert "one output, found 2 of them" in refusal(two, tmp_path)
    two["config"]["output_layers"] = [["dense", 0, 0]]
    two["config"]["layers"].append(input_layer(name="other") | {"name": "other", "inbound_nodes": []})
    assert "other" in refusal(two, tmp_path)


@pytest.mark.parametrize(
    ("activation", "units", "task", "loss"),
    [
        ("softmax", 4, "multiclass", "sparse_categorical_crossentropy"),
        ("sigmoid", 1, "binary", "binary_crossentropy"),
        ("sigmoid", 3, "multilabel", "binary_crossentropy"),
        ("linear", 3, "regression", "mean_squared_error"),
    ],
)
def test_task_and_loss_follow_from_the_output(activation, units, task, loss, tmp_path):
    found = read(sequential(dense(units=units, activation=activation)), tmp_path)
    assert found.report.ready, found.report.problems
    assert found.experiment.data.task == task
    assert found.experiment.training.loss.identifier() == loss


def test_sizes_that_are_left_open_are_filled_and_told(tmp_path):
    found = read(
        sequential(layer("Embedding", "e", input_dim=9, output_dim=2), layer("GRU", "g", units=3), shape=(None, None)), tmp_path
    )
    assert found.experiment.data.shape == (20,)
    assert found.experiment.data.symbols == 9
    assert "The network takes any; the random numbers are 20." in found.notices


def test_inputs_have_as_many_axes_as_a_sequence_of_volumes(tmp_path):
    assert read(sequential(layer("Flatten", "f"), shape=(None, 2, None, 4, 5, 6)), tmp_path).report.layers[0].output_shape == (
        2 * 16 * 4 * 5 * 6,
    )
    more = sequential(layer("Flatten", "f"), shape=(None, 2, 3, 4, 5, 6, 7))
    assert "input: expected 1 to 5 axes of 1 to 1\u2009000\u2009000, found 2 × 3 × 4 × 5 × 6 × 7" in refusal(more, tmp_path)


def test_frozen_layers_stay_frozen(tmp_path):
    found = read(sequential(dense("a", trainable=False), dense("b"), layer("ReLU", "c", trainable=False)), tmp_path)
    assert [each.trainable for each in found.experiment.network] == [False, True, True]
    assert found.report.parameters == (12, 15)


def test_a_frozen_network_freezes_the_layers_inside(tmp_path):
    inner = sequential(dense("a"))
    inner["config"] |= {"name": "block", "trainable": False}
    found = network(sequential(inner, dense("b")), tmp_path)
    assert [(each.name, each.trainable) for each in found] == [("block.a", False), ("b", True)]


def test_what_is_not_taken_over_is_told(tmp_path):
    found = read(sequential(dense(kernel_initializer={"class_name": "HeNormal", "config": {"seed": 3}})), tmp_path)
    assert any("own seed" in notice for notice in found.notices)
    found = read(sequential(dense()) | {"compile_config": {"optimizer": "sgd", "loss": "mse"}}, tmp_path)
    assert any("compiled" in notice for notice in found.notices)
    assert not any("compiled" in notice for notice in read(sequential(dense()), tmp_path).notices)


def test_the_weights_go_beside_the_experiment(tmp_path):
    (tmp_path / "model.keras").write_bytes(archive())
    with imported(tmp_path / "model.keras") as found:
        save_imported(found, tmp_path / "net.wiggle.json")
    assert json.loads((tmp_path / "net.wiggle.json").read_text())["initial_weights"] == "net.weights.h5"
    assert load(tmp_path / "net.wiggle.json").initial_weights == str(tmp_path / "net.weights.h5")
    assert weights_path(tmp_path / "a.json").name == "a.weights.h5"


@pytest.mark.parametrize("earlier", [False, True])
def test_weights_are_not_left_alone_where_the_experiment_cannot_be_written(tmp_path, monkeypatch, earlier):
    (tmp_path / "model.keras").write_bytes(archive())
    if earlier:
        (tmp_path / "net.weights.h5").write_bytes(b"another experiment's")
    refused = BadInput("net", "a place that can be written to", "no space left on device")
    monkeypatch.setattr(importing, "save", lambda *_: (_ for _ in ()).throw(refused))
    with imported(tmp_path / "model.keras") as found, pytest.raises(BadInput, match="no space left"):
        save_imported(found, tmp_path / "net.wiggle.json")
    assert (tmp_path / "net.weights.h5").exists() == earlier


def test_a_folder_in_the_place_of_the_experiment_is_told_before_the_weights_are_written(tmp_path):
    (tmp_path / "model.keras").write_bytes(archive())
    (tmp_path / "net.wiggle.json").mkdir()
    (tmp_path / "net.weights.h5").write_bytes(b"earlier")
    with imported(tmp_path / "model.keras") as found, pytest.raises(BadInput, match="name of a file, found a folder"):
        save_imported(found, tmp_path / "net.wiggle.json")
    assert (tmp_path / "net.weights.h5").read_bytes() == b"earlier"


@pytest.mark.parametrize("error", [OSError, RuntimeError])
def test_a_disk_that_is_full_for_hdf5_is_told_as_that(tmp_path, monkeypatch, error):
    """It says so in the middle of its own words, and when the file is closed with an error of another kind."""
    (tmp_path / "model.keras").write_bytes(archive())

    def full(*_, **__):
        raise error("Can't write (time = Sun Nov 29 2026, errno = 28, error message = 'No space left on device', buf = 0x5)")

    monkeypatch.setattr("h5py.File.create_dataset", full)
    with imported(tmp_path / "model.keras") as found, pytest.raises(BadInput) as problem:
        save_imported(found, tmp_path / "net.wiggle.json")
    assert str(problem.value).endswith("net.weights.h5: expected a place that can be written to, found no space left on device.")
    assert [path.name for path in tmp_path.iterdir()] == ["model.keras"]


def test_the_imported_file_is_never_written_over(tmp_path):
    (tmp_path / "model.keras").write_bytes(archive())
    with imported(tmp_path / "model.keras") as found, pytest.raises(BadInput, match="a file of its own"):
        save_imported(found, tmp_path / "model.keras")


def test_weights_of_other_shapes_than_the_layer_has_are_refused(tmp_path):
    (tmp_path / "model.keras").write_bytes(archive(arrays=weights(shape=(4, 4))))
    refused = (
        "layer “dense”: expected the arrays that Dense has, found others: vars/0 of Dense is 4 × 3, and the file holds 4 × 4"
    )
    with pytest.raises(BadInput, match=refused), imported(tmp_path / "model.keras"):
        pass


def older(kind, name, source, **config):
    """A layer as Keras 2 writes it."""
    return {
        "class_name": kind,
        "name": name,
        "config": {"name": name} | config,
        "inbound_nodes": source and [[[source, 0, 0, {}]]],
    }


older_network = {
    "class_name": "Functional", "keras_version": "2.12.0", "backend": "tensorflow",
    "config": {
        "name": "model", "trainable": True, "input_layers": [["in", 0, 0]], "output_layers": [["b", 0, 0]],
        "layers": [
            older("InputLayer", "in", [], batch_input_shape=[None, 4], dtype="float32"),
            older(
                "Dense", "d", "in", units=4, activation="relu", bias_initializer={"class_name": "Zeros", "config": {}},
                kernel_initializer={"class_name": "GlorotUniform", "config": {"seed": None}}, kernel_regularizer=None,
            ),
            older("LeakyReLU", "l", "d", trainable=True, dtype="float32", alpha=0.1),
            older("BatchNormalization", "b", "l", axis=[1]),
        ],
    },
}  # fmt: skip


def test_the_json_of_keras_2_is_understood(tmp_path):
    found = network(older_network, tmp_path)
    assert [each.kind() for each in found] == ["Dense", "LeakyReLU", "BatchNormalization"]
    assert found[1].negative_slope == 0.1
    assert found[2].axis == 1
