"""Which machines train together, as the environment variable TF_CONFIG tells each of them. Needs no TensorFlow."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from models.experiment.errors import BadInput

variable = "TF_CONFIG"
example = '{"cluster": {"worker": ["host1:2222", "host2:2222"]}, "task": {"type": "worker", "index": 0}}'
address = re.compile(r"(\[[0-9A-Fa-f:]+\]|[^\s:/\[\]]+):([0-9]{1,5})")


@dataclass(frozen=True)
class Cluster:
    """The workers of a training, and which of them this process is."""

    jobs: Mapping[str, tuple[str, ...]]
    """Addresses (``host:port``) of the ``worker`` processes and, where there is one, of the ``chief``."""
    job: str
    index: int

    @property
    def workers(self) -> int:
        """How many processes train."""
        return sum(len(addresses) for addresses in self.jobs.values())

    @property
    def worker(self) -> int:
        """Number of this process, counted from 0; the chief, which writes the results, is number 0."""
        return self.index + (len(self.jobs.get("chief", ())) if self.job == "worker" else 0)


def cluster_from(environment: Mapping[str, str]) -> Cluster | None:
    """The cluster in `environment`; none where there is none, or one of a single process. Raises `BadInput`."""
    text = environment.get(variable, "").strip()
    if not text:
        return None
    try:
        raw = json.loads(text)
    except ValueError as error:
        where = f"line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else "it"
        raise BadInput(variable, f"JSON such as {example}", f"text that stops being JSON at {where}") from None
    except RecursionError:
        raise BadInput(variable, f"JSON such as {example}", "objects nested too deeply") from None
    jobs = _jobs(_part(raw, "cluster"))
    job, index = _task(_part(raw, "task"), jobs)
    cluster = Cluster(jobs, job, index)
    return cluster if cluster.workers > 1 else None


def _part(raw: object, name: str) -> Mapping[str, object]:
    part = raw.get(name) if isinstance(raw, dict) else None
    if not isinstance(part, dict):
        raise BadInput(f"{variable}, {name}", f"an object, as in {example}", _shown(part))
    return part


def _jobs(cluster: Mapping[str, object]) -> dict[str, tuple[str, ...]]:
    for name in cluster:
        if name not in ("worker", "chief"):
            raise BadInput(f"{variable}, cluster", "the lists worker and, if wanted, chief", f"“{name}”", "leave it out")
    if "worker" not in cluster:
        raise BadInput(f"{variable}, cluster", "a list of the workers' addresses under “worker”", "none")
    jobs = {name: _addresses(cluster[name], f"{variable}, cluster.{name}") for name in ("chief", "worker") if name in cluster}
    if len(jobs.get("chief", ())) > 1:
        raise BadInput(f"{variable}, cluster.chief", "one address", str(len(jobs["chief"])))
    every = [one for addresses in jobs.values() for one in addresses]
    twice = next((one for one in every if every.count(one) > 1), None)
    if twice:
        raise BadInput(f"{variable}, cluster", "every address once", f"{twice} twice")
    return jobs


def _addresses(raw: object, place: str) -> tuple[str, ...]:
    if not isinstance(raw, list) or not raw:
        raise BadInput(place, 'a list of addresses such as ["host1:2222", "host2:2222"]', _shown(raw))
    for one in raw:
        match = address.fullmatch(one) if isinstance(one, str) else None
        if match is None or not 0 < int(match[2]) < 2**16:
            raise BadInput(place, "addresses of the form host:port", _shown(one))
    return tuple(raw)


def _task(task: Mapping[str, object], jobs: Mapping[str, tuple[str, ...]]) -> tuple[str, int]:
    job, index = task.get("type"), task.get("index")
    if not isinstance(job, str) or job not in jobs:
        raise BadInput(f"{variable}, task.type", " or ".join(f"“{name}”" for name in jobs), _shown(job))
    count = len(jobs[job])
    if not isinstance(index, int) or isinstance(index, bool) or not 0 <= index < count:
        what = "0" if count == 1 else f"a whole number from 0 to {count - 1}"
        raise BadInput(f"{variable}, task.index", f"{what}, for {count} of the kind {job}", _shown(index))
    return job, index


def _shown(raw: object) -> str:
    text = "nothing" if raw is None else json.dumps(raw, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "…"
