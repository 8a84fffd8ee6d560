"""All examples of every source, with their side of the split, as they are before scaling."""

import numpy as np
import pytest
from msgspec.structs import replace

from models.data.examples import Examples
from models.data.loading import load
from models.data.preparation import prepare
from models.data.survey import feature_names, most_features, survey
from models.experiment.data import (
    AddingProblem,
    Arrays,
    BreastCancer,
    Diabetes,
    Digits,
    Iris,
    Multilabel,
    PlaneRegression,
    Sine,
    Spiral,
    Table,
    TemporalOrder,
)
from models.experiment.starter import default_experiment


@pytest.mark.parametrize(
    "source",
    [Spiral(), Sine(), Iris(), BreastCancer(), Diabetes(), Digits(), Digits(layout="images"), Multilabel(), AddingProblem(),
     TemporalOrder()],
    ids=lambda source: source.kind(),
)  # fmt: skip
def test_it_holds_every_example_of_the_source(source):
    found = survey(source, 3)
    examples = load(source, 3)
    assert len(found) == len(examples)
    assert found.validates.sum() == source.split_counts(len(examples))[1]
    flat = examples.x.reshape(len(examples), -1)
    assert len(found.features) == flat.shape[1]
    for index in (0, flat.shape[1] - 1):
        assert np.array_equal(found.column(index), flat[:, index])
        assert found.feature(5, index) == flat[5, index]


def test_the_sides_are_those_that_a_run_trains_with():
    experiment = replace(default_experiment(), data=Spiral(test_share=0.3), seed=4)
    found, prepared = survey(experiment.data, 4), prepare(experiment)
    x = found.examples.x
    assert np.allclose(x[~found.validates], prepared.x_train)
    assert np.allclose(x[found.validates], prepared.x_val)
    assert [found.side(row) for row in (0, 499)] == ["training", "validation"]
    assert [name for name, _ in found.sides] == ["training", "validation"]
    assert [name for name, _ in survey(Spiral(test_share=0), 4).sides] == ["training"]


@pytest.mark.parametrize("share", [0.2, 0])
def test_a_predicted_example_is_found_in_the_row_that_is_told(share):
    experiment = replace(default_experiment(), data=Digits(test_share=share, layout="images"), seed=4)
    found, prepared = survey(experiment.data, 4), prepare(experiment)
    fed = prepared.x_val if share else prepared.x_train
    assert np.array_equal(found.examples.x[prepared.predicted] / np.float32(16), fed)
    assert prepared.predicted.tolist() == found.predicted.tolist()


def test_classes_are_counted_on_each_side():
    found = survey(Iris(test_share=0.2), 0)
    assert found.classes.tolist() == found.examples.y.tolist()
    assert found.class_counts(~found.validates).tolist() == [40, 40, 40]
    assert found.class_counts(found.validates).tolist() == [10, 10, 10]
    labels = survey(Multilabel(), 0)
    assert labels.classes is None
    everything = np.ones(len(labels), dtype=bool)
    assert labels.class_counts(everything).tolist() == labels.examples.y.sum(axis=0).tolist()


def test_numbers_to_predict_stand_behind_the_features():
    found = survey(Sine(), 0)
    assert found.names == ("x", "y")
    assert np.array_equal(found.column(1), found.examples.y[:, 0])
    assert found.classes is None


def test_what_varies_comes_before_what_is_the_same_everywhere():
    found = survey(Digits(), 0)
    first, second = list(found.varying())[:2]
    assert found.column(0).std() == 0
    assert 0 < first < second
    assert min(found.column(first).std(), found.column(second).std()) > 0
    assert list(survey(Sine(), 0).varying()) == [0, 1]


def test_the_class_of_a_point_is_not_called_like_its_coordinate():
    for source in (Spiral(), PlaneRegression()):
        found = survey(source, 0)
        assert found.examples.target_name not in found.features


@pytest.mark.parametrize("layout", ["numbers", "images"])
def test_digits_are_pictures(layout):
    found = survey(Digits(layout=layout), 0)
    assert found.images.shape == (1797, 8, 8, 1)
    assert found.brightness == (0, 16)
    picture = found.picture(7)
    assert picture.shape == (8, 8, 1)
    assert np.allclose(picture * 16, found.images[7])


def test_numbers_in_an_array_are_named_by_their_place():
    def names(shape, given=()):
        return feature_names(Examples(np.zeros((2, *shape)), np.zeros((2, 1)), "regression", 1, given))

    assert names((3,)) == ("x0", "x1", "x2")
    assert names((2, 2)) == ("x[0, 0]", "x[0, 1]", "x[1, 0]", "x[1, 1]")
    assert names((2,), ("age", "height")) == ("age", "height")
    assert len(names((40, 40, 3))) == most_features
    assert names((40, 40, 3))[-1] == "x[8, 13, 0]"


def test_arrays_that_come_split_stay_so(tmp_path):
    x = np.arange(60.0).reshape(20, 3)
    y = np.arange(20) % 2
    np.savez(tmp_path / "data.npz", x_train=x[:12], y_train=y[:12], x_val=x[12:], y_val=y[12:])
    found = survey(Arrays(path=str(tmp_path / "data.npz")), 0)
    assert found.validates.tolist() == [False] * 12 + [True] * 8


def test_missing_cells_of_a_table_are_no_numbers(tmp_path):
    rows = "\n".join(f"{row if row else ''},{'yes' if row % 2 else 'no'}" for row in range(20))
    (tmp_path / "people.csv").write_text(f"age,class\n{rows}\n")
    found = survey(Table(path=str(tmp_path / "people.csv"), target="class", missing="mean"), 0)
    assert np.isnan(found.column(0)[0])
    assert found.column(0)[1] == 1
    assert found.features == ("age",)
