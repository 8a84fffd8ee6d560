"""TF_CONFIG says which machines train together; what is wrong with it is said in a sentence."""

import json

import pytest

from models.engine.cluster import Cluster, cluster_from
from models.experiment.errors import BadInput

two = ["a:2222", "b:2222"]


def config(cluster, **task):
    return {"TF_CONFIG": json.dumps({"cluster": cluster, "task": {"type": "worker", "index": 0} | task})}


def test_a_cluster():
    found = cluster_from(config({"worker": two}, index=1))
    assert found == Cluster({"worker": ("a:2222", "b:2222")}, "worker", 1)
    assert (found.workers, found.worker) == (2, 1)


def test_the_chief_is_number_0():
    cluster = {"worker": two, "chief": ["c:2222"]}
    assert [cluster_from(config(cluster, type=kind, index=index)).worker for kind, index in (("chief", 0), ("worker", 1))] == [
        0,
        2,
    ]
    assert cluster_from(config(cluster)).workers == 3


@pytest.mark.parametrize("environment", [{}, {"TF_CONFIG": " "}, config({"worker": ["a:1"]})])
def test_one_process_is_no_cluster(environment):
    assert cluster_from(environment) is None


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"TF_CONFIG": "{"}, r"TF_CONFIG: expected JSON such as .*, found text that stops being JSON at line 1, column 2\."),
        ({"TF_CONFIG": "[" * 100_000}, "TF_CONFIG: expected JSON"),
        ({"TF_CONFIG": "[]"}, "TF_CONFIG, cluster: expected an object"),
        ({"TF_CONFIG": '{"cluster": {"worker": ["a:1", "b:1"]}}'}, "TF_CONFIG, task: expected an object.*found nothing"),
        (config({}), "TF_CONFIG, cluster: expected a list of the workers' addresses"),
        (config({"worker": []}), "TF_CONFIG, cluster.worker: expected a list of addresses"),
        (config({"worker": "a:1"}), "TF_CONFIG, cluster.worker: expected a list of addresses"),
        (config({"worker": ["a:1", 7]}), "addresses of the form host:port, found 7"),
        (config({"worker": ["a:1", "b"]}), 'addresses of the form host:port, found "b"'),
        (config({"worker": ["a:1", "b:99999"]}), "addresses of the form host:port"),
        (config({"worker": ["a:1", "a:1"]}), "every address once, found a:1 twice"),
        (config({"worker": two, "ps": ["c:1"]}), "found “ps”; leave it out"),
        (config({"worker": two, "chief": ["c:1", "d:1"]}), "TF_CONFIG, cluster.chief: expected one address, found 2"),
        (config({"worker": two}, index=2), "TF_CONFIG, task.index: expected a whole number from 0 to 1.*found 2"),
        (config({"worker": two}, index=True), "TF_CONFIG, task.index.*found true"),
        (config({"worker": two}, index=None), "TF_CONFIG, task.index.*found nothing"),
        (config({"worker": two}, type="chief"), 'TF_CONFIG, task.type: expected “worker”, found "chief"'),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(environment, sentence):
    with pytest.raises(BadInput, match=sentence) as caught:
        cluster_from(environment)
    assert "\n" not in str(caught.value)
