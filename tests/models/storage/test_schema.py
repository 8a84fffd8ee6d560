"""The JSON Schema that editors use says of a file what the codec says of it."""

import json

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.experiment.base import Variant
from models.experiment.errors import BadInput
from models.experiment.experiment import Experiment
from models.experiment.fields import declarations_in, fields_of
from models.storage import schema
from models.storage.codec import from_text, to_raw, to_text, version
from models.storage.files import suffix
from tests.strategies import experiments

validator = jsonschema.Draft202012Validator(schema.schema())
examples = sorted((schema.path.parent / "examples").glob("*" + suffix))


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(schema.schema())


def test_the_file_in_resources_is_up_to_date():
    assert schema.path.read_text(encoding="utf-8") == schema.schema_text(), "run: python -m models.storage.schema"


@settings(deadline=None)
@given(experiments(size=None))
def test_what_is_written_is_valid(experiment):
    validator.validate(json.loads(to_text(experiment)))


@pytest.mark.parametrize("example", examples, ids=lambda path: path.name)
def test_the_examples_are_valid(example):
    validator.validate(json.loads(example.read_text(encoding="utf-8")))


def with_loss(loss: object) -> dict[str, object]:
    return {"version": version, "data": "spiral", "network": [], "training": {"loss": loss}}


@settings(deadline=None)
@given(experiments(), st.data())
def test_names_and_single_numbers_are_valid_where_the_codec_takes_them(experiment, data):
    raw = {"version": version} | to_raw(experiment)
    raw["network"] = [{"kind": "Conv2D", "name": "conv2d", "filters": 1, "kernel_size": data.draw(st.sampled_from([3, [3, 3]]))}]
    for place, field in ((raw, "data"), (raw["training"], "optimizer"), (raw["training"], "loss")):
        owner = Experiment if place is raw else type(experiment.training)
        kinds = next(declared.type.kinds for declared in fields_of(owner) if declared.name == field)
        kind = data.draw(st.sampled_from([kind for kind in kinds if not any(inner.required for inner in fields_of(kind))]))
        name = data.draw(st.sampled_from(kind.identifiers()))
        place[field] = data.draw(st.sampled_from([name, {"kind": name}]))
    validator.validate(raw)
    from_text(json.dumps(raw), "file")


@pytest.mark.parametrize(
    "raw",
    [
        with_loss("nonsense"),
        with_loss({"kind": "Huber", "delta": 0}),
        with_loss({"kind": "Huber", "delta": 1, "more": 1}),
        with_loss("mse") | {"version": version + 1},
        with_loss("mse") | {"network": ["Flatten"]},
        with_loss("mse") | {"network": [{"kind": "Flatten", "name": "a b"}]},
        with_loss("mse") | {"network": [{"kind": "Conv2D", "name": "a", "filters": 1, "kernel_size": [1, 1, 1]}]},
        with_loss("mse") | {"data": {"kind": "csv"}},
        with_loss("mse") | {"data": {"kind": "spiral", "features": ["x", "x"]}},
        with_loss("mse") | {"more": 1},
        {"version": version},
    ],
)
def test_what_the_codec_refuses_is_not_valid(raw):
    with pytest.raises(BadInput):
        from_text(json.dumps(raw), "file")
    assert not validator.is_valid(raw)


def test_every_field_has_a_description():
    for kind in declarations_in(Experiment):
        assert kind.__doc__
        for field in fields_of(kind):
            assert field.description, (kind, field.name)


def test_every_declaration_is_in_the_schema():
    titles = [definition.get("title") for definition in schema.schema()["$defs"].values()]
    for kind in declarations_in(Experiment):
        assert kind is Experiment or kind.__name__ in titles
        assert not issubclass(kind, Variant) or kind.kind()
