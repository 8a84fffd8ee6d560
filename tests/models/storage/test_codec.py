"""An experiment as text: what goes out comes back, and whatever else comes in is refused in one sentence that names the place."""

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.experiment.activations import LeakyRelu, Relu, Sigmoid
from models.experiment.base import Value, Variant
from models.experiment.data import Spiral
from models.experiment.errors import BadInput
from models.experiment.experiment import Experiment
from models.experiment.fields import Part, Row, changed_fields, field_of, fields_of, kinds_in, same
from models.experiment.initializers import GlorotUniform, HeNormal, RandomNormal
from models.experiment.layers import AnyLayer, Conv2D, Dense, Maxout
from models.experiment.losses import BinaryCrossentropy
from models.experiment.optimizers import SGD, Adam
from models.experiment.starter import default_experiment
from models.experiment.training import Training
from models.storage import codec
from models.storage.codec import from_raw, from_text, to_raw, to_text, validated
from tests.strategies import all_kinds, experiments, illegal, start

file = "spiral.wiggle.json"

design_example = """{
  "version": 1,
  "name": "Spiral with relu",
  "seed": 0,
  "data": {"kind": "spiral", "samples": 500, "noise": 0.1, "test_share": 0.5},
  "network": [
    {"kind": "Dense", "name": "dense", "units": 16, "activation": "relu", "kernel_initializer": "he_normal"},
    {"kind": "Maxout", "name": "maxout", "units": 8, "pieces": 2},
    {"kind": "Dense", "name": "output", "units": 1, "activation": "sigmoid"}
  ],
  "training": {"loss": "binary_crossentropy",
               "optimizer": {"kind": "Adam", "learning_rate": 0.03}, "batch_size": 10, "epochs": 200}
}"""


def document(**changes: object) -> dict[str, Any]:
    """The example of the design as a raw document, with other things at its top level."""
    return json.loads(design_example) | changes


def refusal(text: str) -> str:
    """The sentence with which `text` is refused; it names the file and is a single line."""
    with pytest.raises(BadInput) as caught:
        from_text(text, file)
    sentence = str(caught.value)
    assert sentence.startswith(file)
    assert "\n" not in sentence.strip("\n")
    assert len(sentence) < 2000
    return sentence


def read_or_refused(text: str) -> Experiment | None:
    """The experiment in `text`, or none where it is refused as it should be."""
    try:
        return from_text(text, file)
    except BadInput as problem:
        refused = problem
    assert refused.place.startswith(file)
    return None


# --- there and back


@given(experiments(size=None))
def test_what_is_written_is_read_again(experiment):
    text = to_text(experiment)
    assert from_text(text, file) == experiment
    assert to_text(from_text(text, file)) == text


@given(experiments())
def test_only_what_differs_from_the_default_is_written(experiment):
    def compare(raw: object, value: object) -> None:
        if isinstance(value, Value) and isinstance(raw, dict):
            fields = [field for field in fields_of(type(value)) if field.name in raw]
            assert set(raw) - {field.name for field in fields} <= {"kind"}
            for field in fields_of(type(value)):
                content = getattr(value, field.name)
                assert (field.name in raw) == (field.required or not same(content, field.default))
                if field.name in raw:
                    compare(raw[field.name], content)
        elif isinstance(value, Variant):
            assert raw == value.identifier()
            assert not list(changed_fields(value))
        elif isinstance(value, tuple):
            assert isinstance(raw, list)
            for inner, item in zip(raw, value, strict=True):
                compare(inner, item)
        else:
            assert raw is None or raw == value

    compare(to_raw(experiment), experiment)


def test_the_example_of_the_design_loads():
    assert from_text(design_example, file) == Experiment(
        name="Spiral with relu",
        data=Spiral(noise=0.1),
        network=(
            Dense(name="dense", units=16, activation=Relu(), kernel_initializer=HeNormal()),
            Maxout(name="maxout", units=8),
            Dense(name="output", units=1, activation=Sigmoid()),
        ),
        training=Training(loss=BinaryCrossentropy(), optimizer=Adam(learning_rate=0.03), batch_size=10, epochs=200),
    )


def test_what_is_written_reads_well():
    layer = Dense(name="dense", units=16, activation=Relu(), kernel_initializer=RandomNormal(stddev=0.01))
    experiment = Experiment(
        name="größer", data=Spiral(), network=(layer,), training=Training(loss=BinaryCrossentropy(), optimizer=SGD())
    )
    assert (
        to_text(experiment)
        == """{
  "version": 1,
  "name": "größer",
  "data": {
    "kind": "spiral"
  },
  "network": [
    {
      "kind": "Dense",
      "name": "dense",
      "units": 16,
      "activation": "relu",
      "kernel_initializer": {
        "kind": "RandomNormal",
        "stddev": 0.01
      }
    }
  ],
  "training": {
    "loss": "binary_crossentropy",
    "optimizer": {
      "kind": "SGD"
    }
  }
}
"""
    )


@pytest.mark.parametrize("kind", [kind for kind in all_kinds() if issubclass(kind, Variant)], ids=lambda kind: kind.__qualname__)
def test_every_name_of_a_kind_is_understood(kind):
    value = start(kind)
    for name in kind.identifiers():
        owner = next(
            (owner, field) for owner in all_kinds() for field in fields_of(owner) if kind in getattr(item_of(field), "kinds", ())
        )
        raw = to_raw(value) | {"kind": name}
        field = owner[1].name
        content = [raw] if isinstance(owner[1].type, Row) else raw
        assert from_raw(to_raw(start(owner[0])) | {field: content}, owner[0], file) == with_content(owner[0], field, value)


def item_of(field):
    return field.type.item if isinstance(field.type, Row) else field.type


def with_content(owner, field, value):
    from msgspec.structs import replace

    return replace(start(owner), **{field: (value,) if isinstance(field_of(owner, field).type, Row) else value})


@pytest.mark.parametrize(
    "kind", [kind for kind in all_kinds() if getattr(kind, "written_bare", False)], ids=lambda kind: kind.__qualname__
)
def test_every_bare_kind_can_be_said_by_name_alone(kind):
    assert not any(field.required for field in fields_of(kind))
    assert re.fullmatch(r"[a-z0-9_]+", kind.identifier())


def test_a_single_number_stands_for_height_and_width():
    raw = document(network=[{"kind": "Conv2D", "name": "conv2d", "filters": 4, "kernel_size": 3, "strides": 2}])
    assert from_text(json.dumps(raw), file).network == (Conv2D(name="conv2d", filters=4, kernel_size=(3, 3), strides=(2, 2)),)


def test_aliases_of_keras_are_understood():
    raw = document(training={"loss": "mse", "optimizer": "adam"})
    raw["network"][0] |= {"activation": "leaky_relu", "kernel_initializer": "GlorotUniform"}
    experiment = from_text(json.dumps(raw), file)
    assert experiment.network[0].activation == LeakyRelu()
    assert experiment.network[0].kernel_initializer == GlorotUniform()
    assert experiment.training.loss.kind() == "MeanSquaredError"
    assert experiment.training.optimizer == Adam()


def test_validated_refuses_a_value_that_does_not_keep_to_its_declaration():
    good = Dense(name="dense", units=3)
    assert validated(good) == good
    with pytest.raises(BadInput, match="units: expected a whole number from 1 to 1000000, found 0"):
        validated(Dense(name="dense", units=0))


# --- what is refused


@pytest.mark.parametrize(("kind", "field"), [(kind, field.name) for kind in all_kinds() for field in fields_of(kind)])
def test_every_illegal_content_of_every_field_is_refused_at_its_place(kind, field):
    declared = field_of(kind, field)
    good = to_raw(start(kind))
    refused = list(illegal(declared.type)) + ([] if declared.optional else [None])
    assert refused
    for content in refused:
        with pytest.raises(BadInput) as caught:
            from_raw(good | {field: content}, kind, file)
        assert caught.value.place.startswith(f"{file}, {field}"), (content, caught.value.place)
        assert caught.value.found
        assert str(caught.value).count("\n") == 0


@pytest.mark.parametrize("kind", all_kinds(), ids=lambda kind: kind.__qualname__)
def test_missing_and_unknown_fields_are_refused(kind):
    good = to_raw(start(kind))
    for field in fields_of(kind):
        if field.required:
            with pytest.raises(BadInput, match=f"expected the field “{field.name}”"):
                from_raw({key: content for key, content in good.items() if key != field.name}, kind, file)
    with pytest.raises(BadInput, match="found “nonsense”"):
        from_raw(good | {"nonsense": 1}, kind, file)


@settings(deadline=None)
@given(experiments(), st.data())
def test_illegal_content_deep_in_a_document_is_refused_at_its_place(experiment, data):
    raw = {"version": 1} | to_raw(experiment)
    path, holder, key, place = data.draw(st.sampled_from(list(places(raw, Experiment))))
    holder[key] = data.draw(st.sampled_from(list(illegal(place))))
    assert refusal(json.dumps(raw)).startswith(f"{file}, {path}")


def places(raw: object, kind: type[Value], path: str = ""):
    """Every place of a raw document that the declarations speak of: its path, the object that holds it, its key, its type."""
    for field in fields_of(kind):
        if isinstance(raw, dict) and field.name in raw:
            yield from place_and_below(raw, field.name, field.type, f"{path}.{field.name}".lstrip("."))


def place_and_below(holder, key, place, path):
    yield path, holder, key, place
    content = holder[key]
    if isinstance(place, Row) and isinstance(content, list):
        for index in range(len(content)):
            yield from place_and_below(content, index, place.item, f"{path}[{index}]")
    elif isinstance(place, Part):
        yield from places(content, place.kind, path)
    elif isinstance(content, dict):
        yield from places(content, place.find(content["kind"]), path)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(["relu", "Dense", "\ud800"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["kind", "units", "x"]), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=300, deadline=None)
@given(experiments(), st.data())
def test_a_damaged_document_is_read_or_refused_and_nothing_else_happens(experiment, data):
    raw = {"version": 1} | to_raw(experiment)
    for _ in range(data.draw(st.integers(1, 3))):
        holder = data.draw(st.sampled_from(list(holders(raw))))
        keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
        act = data.draw(st.sampled_from(("delete", "replace", "insert")))
        if act == "insert" or not keys:
            insert(holder, data.draw(st.sampled_from(["name", "units", "kind", "zzz"])), data.draw(json_values))
        elif act == "delete":
            del holder[data.draw(st.sampled_from(keys))]
        else:
            holder[data.draw(st.sampled_from(keys))] = data.draw(json_values)
    again = read_or_refused(json.dumps(raw))
    if again is not None:
        assert from_text(to_text(again), file) == again
        assert to_text(again).encode()


def holders(raw):
    """Every object and list of a raw document."""
    if isinstance(raw, dict | list):
        yield raw
        for inner in raw.values() if isinstance(raw, dict) else raw:
            yield from holders(inner)


def insert(holder, key, content):
    if isinstance(holder, dict):
        holder[key] = content
    else:
        holder.append(content)


@given(st.text() | st.text('{}[]",:01e-. nulltrue\n'))
def test_any_text_is_refused(text):
    assert read_or_refused(text) is None


def test_a_mistake_in_the_syntax_names_line_and_column():
    text = design_example.replace('"samples": 500,', '"samples": 500')
    assert refusal(text) == f"{file}, line 5, column 45: expected a JSON ',' delimiter, found “\"”."


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "line 1, column 1: expected a JSON value, found the end of the file"),
        ("[]", "expected an object with version, data, network and training, found []"),
        ("null", "found nothing"),
        ("{}", "version: expected 1, found nothing; is this a Wiggle file?"),
        ('{"version": 1}', "expected the field “data”"),
        (json.dumps(document(version="1")), 'version: expected 1, found "1"'),
        (json.dumps(document(version=True)), "version: expected 1, found true"),
        (json.dumps(document(version=0)), "version: expected 1, found 0"),
        (json.dumps(document(version=1.0)), "version: expected 1, found 1.0"),
        (json.dumps(document(version=2)), "version: expected at most 1, found 2; it was written by a newer Wiggle"),
        (json.dumps(document(sead=1)), "found “sead”; did you mean “seed”?"),
        (json.dumps(document(kind="Experiment")), "found “kind”"),
        (json.dumps(document(data="spirale")), 'found "spirale"; did you mean “spiral”?'),
        (
            json.dumps(document(network=[{"kind": "Dens2", "name": "a"}])),
            f"network[0].kind: expected one of Dense, Maxout, Identity, EinsumDense, Activation, ReLU, LeakyReLU, PReLU and "
            f'{len(kinds_in(AnyLayer)) - 8} more, found "Dens2"; did you mean “Dense”?',
        ),
        (json.dumps(document(data={"samples": 20})), "data.kind: expected one of circle, xor, "),
        (json.dumps(document(initial_weights="")), 'initial_weights: expected text that is not empty or none, found ""'),
        (json.dumps(document(network={})), "network: expected a list, found {}"),
        (json.dumps(document(network=["Flatten"])), "network[0]: expected the field “name”"),
        (json.dumps(document(training=None)), "training: expected an object, found nothing"),
        (json.dumps(document(data={"kind": "spiral", "features": ["x", "x"]})), "data: expected each feature at most once"),
        (json.dumps(document(data={"kind": "spiral", "noise": float("nan")})), "data.noise: expected a finite number, found NaN"),
        (json.dumps(document(seed=float("-inf"))), "seed: expected a finite number, found -Infinity"),
        (json.dumps(document()).replace("0.03", "1e999"), "learning_rate: expected a finite number, found 1e999"),
        (
            json.dumps(document()).replace("0.03", "1" * 400),
            "learning_rate: expected whole numbers of at most 19 digits, found one of 400",
        ),
        (json.dumps(document()).replace("0.03", "1" * 5000), "found one of 5\u2009000"),
        (json.dumps(document()) * 2, "expected the end of the file after the JSON object, found “{”"),
        (json.dumps(document(network=[1, float("nan")])), "network[1]: expected a finite number, found NaN"),
        ('["\\u0061", NaN]', "expected a finite number, found NaN"),
        ('{"version": 1, "version": 1}', "expected every field once, found “version” twice in one object"),
        ('{"version": 1, "a": ' + "[" * 100_000 + "]" * 100_000 + "}", "objects nested too deeply"),
        (json.dumps(document(name="\ud800")), "expected text in Unicode"),
        (json.dumps(document(**{"\ud800": 1})), "expected text in Unicode"),
    ],
    ids=range(32),
)
def test_refusals_say_where_what_was_expected_and_what_was_found(text, sentence):
    assert sentence in refusal(text)


@pytest.mark.parametrize("depth", [*range(50, 1100, 13), 5000])
def test_no_depth_of_nesting_does_more_than_refuse(depth):
    nested = "[" * depth + "]" * depth
    refusal(json.dumps(document(name="deep")).replace('"deep"', nested))
    refusal(json.dumps(document()).replace('"relu"', nested))
    refusal(json.dumps(document(name="\ud800 deep")).replace(' deep"', '", "seed": ' + nested))


def test_a_wrong_number_is_refused_with_the_layer_it_stands_in():
    raw = document()
    raw["network"][1]["pieces"] = 0
    assert refusal(json.dumps(raw)) == f"{file}, network[1].pieces: expected a whole number from 1 to 1000, found 0."


# --- versions


def test_an_old_document_is_brought_up_to_date_step_by_step(monkeypatch):
    def neurons_are_units(raw):
        layers = [{"units" if key == "neurons" else key: content for key, content in layer.items()} for layer in raw["layers"]]
        return raw | {"layers": layers}

    def layers_are_the_network(raw):
        return {key: content for key, content in raw.items() if key != "layers"} | {"network": raw["layers"]}

    monkeypatch.setattr(codec, "version", 3)
    monkeypatch.setattr(codec, "migrations", {1: neurons_are_units, 2: layers_are_the_network})
    new = document(version=3)
    second = document(version=2, layers=new["network"])
    del second["network"]
    first = second | {
        "version": 1,
        "layers": [{"neurons" if key == "units" else key: content for key, content in layer.items()} for layer in new["network"]],
    }
    expected = from_text(json.dumps(new), file)
    assert expected == from_text(json.dumps(second), file) == from_text(json.dumps(first), file)
    assert '"version": 3' in to_text(expected)
    assert "expected at most 3, found 4" in refusal(json.dumps(document(version=4)))


def test_every_version_has_a_way_to_the_present_one():
    assert sorted(codec.migrations) == list(range(1, codec.version))


def test_the_default_experiment_round_trips():
    assert from_text(to_text(default_experiment()), file) == default_experiment()
