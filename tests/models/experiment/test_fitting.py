"""Weights fit a network of the same layers, whatever else was changed."""

import dataclasses

import pytest
from msgspec.structs import replace

from models.experiment.activations import Tanh
from models.experiment.check import check
from models.experiment.edits import changing, rename, set_at
from models.experiment.fitting import misfit
from models.experiment.starter import default_experiment

then = default_experiment()
first = then.network[0].name


def sentence(now):
    return misfit(check(then), check(now))


@pytest.mark.parametrize(
    "now",
    [
        then,
        changing(first, activation=Tanh())(then),
        replace(then, network=rename(then.network, first, "renamed")),
        set_at(then, "training.batch_size", 7),
        replace(then, seed=9, data=replace(then.data, noise=0.3)),
    ],
)
def test_what_has_no_part_in_the_shapes_of_weights_may_be_another(now):
    assert sentence(now) == ""


def test_another_width_number_of_layers_or_kind_is_named():
    assert sentence(changing(first, units=3)(then)) == f"The layer “{first}” was changed: the weights of then do not fit it."
    count = len(then.network)
    assert f"has {count - 1} layers now, and had {count}" in sentence(replace(then, network=then.network[1:]))
    assert "was changed" in sentence(changing(then.network[1].name, use_bias=False)(then))


def test_data_of_another_shape_are_named():
    report = check(then)
    other = dataclasses.replace(report, facts=dataclasses.replace(report.facts, input_shape=(5,)))
    assert "another shape" in misfit(report, other)
