"""Files that would do harm if anybody believed them, made anew for each test; nothing here needs Keras."""

import io
import json
import pickle
import struct
import zipfile
import zlib
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

import h5py
import numpy as np

Attack = Callable[[Path], Path]
"""Writes a file into a folder and returns its path."""

attacks: dict[str, Attack] = {}
weight_attacks: dict[str, Callable[[], bytes]] = {}
"""Contents of those that are files of weights."""
gigabytes = 2**33


def attack(suffix: str = ".keras"):
    """Register a function that returns the content of a file."""

    def register(make: Callable[[], bytes]) -> Callable[[], bytes]:
        def write(folder: Path) -> Path:
            path = folder / f"{make.__name__.replace('_', '-')}{suffix}"
            path.write_bytes(make())
            return path

        attacks[make.__name__.replace("_", " ")] = write
        return make

    return register


def attack_by_weights(make: Callable[[], bytes]) -> Callable[[], bytes]:
    """Register a function that returns a file of weights, which is also tried inside an archive."""
    weight_attacks[make.__name__.replace("_", " ")] = make

    def inside() -> bytes:
        return archive(arrays=make())

    inside.__name__ = make.__name__
    attack()(inside)
    return make


# --- an honest file


def dense(name="dense", units=3, **changes):
    config = {"name": name, "trainable": True, "dtype": "float32", "units": units, "activation": "linear", "use_bias": True}
    return {"module": "keras.layers", "class_name": "Dense", "config": config | changes, "registered_name": None}


def input_layer(shape=(None, 4), name="input_layer"):
    return {
        "module": "keras.layers",
        "class_name": "InputLayer",
        "config": {"batch_shape": list(shape), "name": name},
        "registered_name": None,
    }


def sequential(*layers, shape=(None, 4)):
    return {
        "module": "keras", "class_name": "Sequential", "registered_name": None,
        "config": {"name": "sequential", "layers": [input_layer(shape), *layers]},
    }  # fmt: skip


def call(*names):
    tensors = [
        {"class_name": "__keras_tensor__", "config": {"shape": [None, 4], "dtype": "float32", "keras_history": [name, 0, 0]}}
        for name in names
    ]
    return [{"args": tensors[:1] if len(tensors) == 1 else [tensors], "kwargs": {}}]


def functional(*layers, output="dense"):
    first = input_layer() | {"name": "input_layer", "inbound_nodes": []}
    return {
        "module": "keras.src.models.functional", "class_name": "Functional", "registered_name": "Functional",
        "config": {
            "name": "f", "layers": [first, *layers], "input_layers": [["input_layer", 0, 0]], "output_layers": [[output, 0, 0]],
        },
    }  # fmt: skip


def weights(fill=lambda file: None, shape=(4, 3)):
    """An HDF5 file for one Dense, to which `fill` adds."""
    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        if shape:
            file["layers/dense/vars/0"] = np.zeros(shape, np.float32)
            file["layers/dense/vars/1"] = np.zeros(shape[-1:], np.float32)
        fill(file)
    return content.getvalue()


def archive(config=None, arrays=None, more=(), compression=zipfile.ZIP_STORED):
    """A .keras file; `more` are pairs of a name, or ZipInfo, and content."""
    content = io.BytesIO()
    text = config if isinstance(config, str | bytes) else json.dumps(config or sequential(dense()))
    with zipfile.ZipFile(content, "w", compression) as file:
        file.writestr("metadata.json", '{"keras_version": "3.15.1"}')
        file.writestr("config.json", text)
        if arrays is not False:
            file.writestr("model.weights.h5", arrays or weights())
        for name, data in more:
            file.writestr(name, data)
    return content.getvalue()


def honest(folder: Path) -> Path:
    path = folder / "honest.keras"
    path.write_bytes(archive())
    return path


def with_layer(layer):
    return archive(sequential(dense(), layer))


# --- programs


class Exploit:
    def __reduce__(self):
        return (Path.touch, (Path("harmed"),))


@attack()
def lambda_with_bytecode():
    code = {"class_name": "__lambda__", "config": {"code": "4wEAAAAAAAAA", "defaults": None, "closure": None}}
    return with_layer(
        {"module": "keras.layers", "class_name": "Lambda", "registered_name": None, "config": {"name": "l", "function": code}}
    )


@attack(".json")
def lambda_in_json():
    layer = {"class_name": "Lambda", "config": {"name": "l", "function_type": "lambda", "function": ["4wEAAAAAAAAA", None, None]}}
    return json.dumps(sequential(layer)).encode()


@attack()
def function_by_name():
    function = {"module": "os", "class_name": "function", "config": "system", "registered_name": "system"}
    return archive(sequential(dense(activation=function)))


@attack()
def builtin_function_by_name():
    return archive(sequential(dense(activation={"module": "builtins", "class_name": "function", "config": "eval"})))


@attack()
def activation_called_eval():
    return archive(sequential(dense(activation="eval")))


@attack()
def class_of_another_module():
    return with_layer(
        {"module": "subprocess", "class_name": "Popen", "config": {"name": "p", "args": "true"}, "registered_name": None}
    )


@attack()
def dense_of_another_module():
    return with_layer(dense("other") | {"module": "evil.layers", "registered_name": "evil>Dense"})


@attack()
def initializer_of_another_module():
    initializer = {"module": "evil", "class_name": "GlorotUniform", "config": {}, "registered_name": "evil>GlorotUniform"}
    return archive(sequential(dense(kernel_initializer=initializer)))


@attack()
def saved_model_layer():
    return with_layer({"module": "keras.layers", "class_name": "TFSMLayer", "config": {"name": "t", "filepath": "/tmp"}})


@attack()
def torch_module():
    return with_layer({"module": "keras.layers", "class_name": "TorchModuleWrapper", "config": {"name": "t", "module": "gAN9"}})


@attack()
def lookup_with_a_file():
    layer = {"module": "keras.layers", "class_name": "StringLookup", "config": {"name": "s", "vocabulary": "/etc/passwd"}}
    return with_layer(layer)


@attack()
def own_model_class():
    return archive(sequential(dense()) | {"module": "evil", "class_name": "Model", "registered_name": "evil>Model"})


@attack()
def operation_between_layers():
    node = {"module": "keras.src.ops.numpy", "class_name": "Einsum", "config": {"name": "add"}, "registered_name": "Einsum"}
    layer = dense() | {"name": "dense", "inbound_nodes": call("input_layer")}
    return archive(functional(layer, node | {"name": "add", "inbound_nodes": call("dense", "dense")}, output="add"))


@attack()
def pickle_instead():
    return pickle.dumps(Exploit())


@attack(".h5")
def pickle_in_hdf5():
    def fill(file):
        file.attrs["model_config"] = np.void(pickle.dumps(Exploit()))

    return weights(fill)


@attack()
def pickled_arrays():
    content = io.BytesIO()
    np.savez(content, x=np.array([Exploit()], object), y=np.zeros(1))
    return content.getvalue()


def _saved_model(folder: Path) -> Path:
    path = folder / "saved_model"
    path.mkdir()
    (path / "saved_model.pb").write_bytes(b"\x08\x01")
    return path


attacks["saved model folder"] = _saved_model


# --- archives


@attack()
def path_traversal():
    return archive(more=[("../../harmed", "x")])


@attack()
def absolute_path():
    return archive(more=[("/tmp/harmed", "x")])


@attack()
def symbolic_link():
    link = zipfile.ZipInfo("metadata.json")
    link.external_attr = 0o120777 << 16
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        file.writestr(link, "/etc/passwd")
        file.writestr("config.json", json.dumps(sequential(dense())))
    return content.getvalue()


@attack()
def vocabulary_beside():
    return archive(more=[("assets/vocabulary.txt", "word")])


@attack()
def zip_bomb_in_the_config():
    return archive(b" " * 60_000_000, arrays=False, compression=zipfile.ZIP_DEFLATED)


@attack()
def zip_bomb_in_the_weights():
    return archive(arrays=b"\0" * 60_000_000, compression=zipfile.ZIP_DEFLATED)


@attack()
def zip_in_a_zip():
    return archive(more=[("nested.zip", archive(b" " * 10_000_000, compression=zipfile.ZIP_DEFLATED))])


@attack()
def size_that_lies():
    """The table says that the config is small, and it unpacks to 100 MB."""
    packed = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = packed.compress(b" " * 100_000_000) + packed.flush()
    return _by_hand([(b"config.json", data, 50, 0)])


@attack()
def overlapping_entries():
    """All entries share the same packed bytes."""
    packed = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = packed.compress(b" " * 4_000_000) + packed.flush()
    return _by_hand([(b"config.json", data, 4_000_000, 0), (b"metadata.json", None, 4_000_000, 0)])


def _by_hand(entries):
    """An archive whose table says what it likes: name, packed bytes (none: those of the first), size, checksum."""
    body, table = b"", b""
    first = 0
    for name, data, size, checksum in entries:
        offset = len(body) if data is not None else first
        length = len(data) if data is not None else len(entries[0][1])
        if data is not None:
            body += struct.pack("<IHHHHHIIIHH", 0x04034B50, 20, 0, 8, 0, 0x21, checksum, length, size, len(name), 0) + name + data
        table += struct.pack(
            "<IHHHHHHIIIHHHHHII", 0x02014B50, 20, 20, 0, 8, 0, 0x21, checksum, length, size, len(name), 0, 0, 0, 0, 0, offset
        ) + name  # fmt: skip
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, len(entries), len(entries), len(table), len(body), 0)
    return body + table + end


@attack()
def one_name_twice():
    content = archive(more=[("CONFIG.json", "{}")])
    return content.replace(b"CONFIG.json", b"config.json")


@attack()
def encrypted_entry():
    content = bytearray(archive())
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.index(signature)
        content[at + flags] |= 1
    return bytes(content)


@attack()
def a_million_entries():
    name = struct.pack("<IHHHHHHIIIHHHHHII", 0x02014B50, 20, 20, 0, 0, 0, 0x21, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"a"
    table = name * 1_000_000
    return b"PK\x03\x04" + table + struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 16, 16, len(table), 4, 0)


@attack()
def cut_archive():
    return archive()[:-30]


@attack()
def something_behind_the_archive():
    return archive() + b"x" * 100


# --- JSON


@attack(".json")
def json_of_100_000_levels():
    return b'{"class_name":' + b"[" * 100_000 + b"]" * 100_000 + b"}"


@attack()
def objects_of_100_000_levels():
    return archive('{"class_name":' * 100_000 + "1" + "}" * 100_000)


@attack()
def nested_models_of_60_levels():
    model = sequential(dense())
    for _ in range(60):
        model = sequential(model)
    return archive(model)


@attack(".json")
def json_of_30_megabytes():
    return b'{"a":"' + b"x" * 30_000_000 + b'"}'


@attack()
def a_million_layers():
    layer = json.dumps(dense())
    return archive(json.dumps(sequential()).replace("]}}", "," + ",".join([layer] * 20_000) + "]}}"))


@attack(".json")
def a_million_empty_objects():
    return b'{"a":[' + b",".join([b"{}"] * 1_000_000) + b"]}"


@attack()
def nan_for_a_number():
    return archive(sequential(dense(units=float("nan"))))


@attack()
def infinity_for_a_number():
    return archive(json.dumps(sequential(dense(units=3))).replace('"units": 3', '"units": 1e999'))


@attack()
def a_number_of_a_million_digits():
    return archive(json.dumps(sequential(dense(units=3))).replace('"units": 3', '"units": ' + "9" * 1_000_000))


@attack()
def one_field_twice():
    return archive(json.dumps(sequential(dense(units=3))).replace('"units": 3', '"units": 3, "units": 4'))


@attack()
def name_with_control_characters():
    return archive(sequential(dense("\x1b[2J\x07")))


@attack()
def name_of_half_a_character():
    return archive(json.dumps(sequential(dense("X"))).replace('"X"', '"\\ud800"'))


@attack()
def layers_in_a_circle():
    first = dense("a", 4) | {"name": "a", "inbound_nodes": call("b")}
    second = dense("b", 4) | {"name": "b", "inbound_nodes": call("a")}
    return archive(functional(first, second, output="a"))


@attack()
def layer_that_reads_itself():
    return archive(functional(dense() | {"name": "dense", "inbound_nodes": call("dense")}))


@attack()
def layer_that_reads_nothing_there():
    return archive(functional(dense() | {"name": "dense", "inbound_nodes": call("nobody")}))


@attack()
def layer_called_twice():
    return archive(functional(dense() | {"name": "dense", "inbound_nodes": call("input_layer") * 2}))


# --- sizes


@attack()
def a_billion_units():
    return archive(sequential(dense(units=10**9)))


@attack()
def a_trillion_weights():
    return archive(sequential(dense(units=10**6), dense("more", 10**6)))


@attack()
def a_huge_kernel():
    config = {"name": "c", "filters": 10**6, "kernel_size": [10**6, 10**6], "padding": "same"}
    layer = {"module": "keras.layers", "class_name": "Conv2D", "config": config, "registered_name": None}
    return archive(sequential(layer, shape=(None, 8, 8, 3)))


@attack()
def a_huge_input():
    return archive(sequential(dense(), shape=(None, 10**6, 10**6, 10**6)))


@attack()
def a_huge_embedding():
    config = {"name": "e", "input_dim": 10**6, "output_dim": 10**6}
    return archive(sequential({"module": "keras.layers", "class_name": "Embedding", "config": config, "registered_name": None}))


@attack()
def a_name_of_a_megabyte():
    return archive(sequential(dense("a" * 1_000_000)))


# --- HDF5


@attack_by_weights
def array_that_is_not_there():
    def fill(file):
        plan = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        plan.set_alloc_time(h5py.h5d.ALLOC_TIME_LATE)
        group = file.create_group("layers/dense/vars")
        space = h5py.h5s.create_simple((gigabytes,))
        h5py.h5d.create(group.id, b"0", h5py.h5t.IEEE_F32LE, space, plan)

    return weights(fill, None)


@attack_by_weights
def array_in_chunks_that_are_not_there():
    return weights(lambda file: file.create_dataset("layers/dense/vars/0", (gigabytes,), "f4", chunks=(1024,)), None)


@attack_by_weights
def array_of_packed_zeros():
    def fill(file):
        made = file.create_dataset("layers/dense/vars/0", (2**26,), "f4", chunks=(2**22,), compression="gzip", compression_opts=9)
        made[: 2**22] = 0

    return weights(fill, None)


@attack_by_weights
def external_link():
    def fill(file):
        file["layers/dense/vars/0"] = h5py.ExternalLink("/etc/passwd", "/x")

    return weights(fill, None)


@attack_by_weights
def soft_link():
    def fill(file):
        file["layers/dense/vars/0"] = h5py.SoftLink("/layers")

    return weights(fill, None)


@attack_by_weights
def hard_link_in_a_circle():
    def fill(file):
        file["layers/dense/again"] = file["layers"]

    return weights(fill, (4, 3))


@attack_by_weights
def one_array_under_two_names():
    def fill(file):
        file["layers/dense/vars/2"] = file["layers/dense/vars/0"]

    return weights(fill, (4, 3))


@attack_by_weights
def virtual_array():
    def fill(file):
        layout = h5py.VirtualLayout((4, 3), "f4")
        layout[:] = h5py.VirtualSource("/etc/passwd", "x", (4, 3))
        file.create_virtual_dataset("layers/dense/vars/0", layout)

    return weights(fill, None)


@attack_by_weights
def array_in_another_file():
    def fill(file):
        file.create_dataset("layers/dense/vars/0", (4, 3), "f4", external=[("/etc/passwd", 0, 48)])

    return weights(fill, None)


@attack_by_weights
def objects_instead_of_numbers():
    def fill(file):
        file.create_dataset("layers/dense/vars/0", data=np.array(["a", "b"], object), dtype=h5py.string_dtype())

    return weights(fill, None)


@attack_by_weights
def references_instead_of_numbers():
    def fill(file):
        made = file.create_dataset("layers/dense/vars/0", (4, 3), dtype=h5py.ref_dtype)
        made[0, 0] = file.ref

    return weights(fill, None)


@attack_by_weights
def rows_of_any_length():
    def fill(file):
        file.create_dataset("layers/dense/vars/0", (4,), dtype=h5py.vlen_dtype(np.float32))

    return weights(fill, None)


@attack_by_weights
def ten_thousand_groups():
    def fill(file):
        for number in range(10_000):
            file.create_group(f"layers/dense/{number}")

    return weights(fill, None)


@attack_by_weights
def weights_of_another_network():
    return weights(shape=(5, 3))


@attack_by_weights
def cut_weights():
    return weights()[:-200]


@attack()
def array_beyond_the_end():
    content = weights(shape=(40, 30))
    return archive(sequential(dense(units=30), shape=(None, 40)), arrays=content[: len(content) // 2])


@attack(".h5")
def whole_model_with_a_lambda():
    layer = {"class_name": "Lambda", "config": {"name": "l", "function": ["4wEAAAAAAAAA", None, None]}}

    def fill(file):
        file.attrs["model_config"] = json.dumps(sequential(layer))

    return weights(fill)


@attack(".h5")
def weights_without_a_network():
    return weights()


def variants(make: Callable[[], bytes]) -> dict[str, bytes]:
    """The honest file with one byte in each of many places changed."""
    content = make()
    places = range(0, len(content), max(1, len(content) // 400))
    return {str(place): content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :] for place in places}


def copy_of(config: object) -> object:
    return deepcopy(config)
