"""Several devices, of this machine or of several, that train one network together with TensorFlow's ``tf.distribute``."""

import contextlib
import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import tensorflow as tf
from keras.src.losses import loss as loss_module
from msgspec.structs import replace
from numpy.typing import NDArray
from tensorflow.python.distribute.collective_all_reduce_strategy import CollectiveAllReduceExtended
from tensorflow.python.eager import context

from models.data.prepared import Prepared
from models.engine.checkpoint import mark_of
from models.engine.cluster import Cluster
from models.engine.devices import Device, devices
from models.engine.errors import EngineError, first_line
from models.experiment.data import FileSource
from models.experiment.experiment import Experiment

seconds_to_gather = 60
"""All workers must be there within this time after the first."""
health_interval = 2
"""Seconds between two looks whether the other workers are still there."""
health_timeout = 5
"""Seconds that another worker has for its answer."""
health_retries = 2
"""Looks without an answer after which it is taken for gone."""

lost = (
    tf.errors.UnavailableError, tf.errors.AbortedError, tf.errors.CancelledError, tf.errors.DeadlineExceededError,
    tf.errors.FailedPreconditionError, tf.errors.InternalError,
)  # fmt: skip
"""What TensorFlow raises where it waits for a worker that is gone."""


class WorkerLost(EngineError):
    """Another worker of the same training is gone, so that no step can be taken any more."""


class Wish(NamedTuple):
    """What a worker would do next, were it alone."""

    steps: int
    """How many steps; 0 to stop."""
    alone: bool
    """Whether the step is taken by itself, for a look inside."""


class Replicas:
    """Devices each of which holds the network and looks at its part of every batch.

    Where several processes train together, each runs this program with the same experiment. The first one, the chief, decides
    whatever depends on time, and the others do the same: all take the same steps.
    """

    def __init__(self, strategy: tf.distribute.Strategy, cluster: Cluster | None = None) -> None:
        self.strategy = strategy
        self.worker = cluster.worker if cluster else 0
        self.workers = cluster.workers if cluster else 1
        self.device = _device(strategy, self.workers)
        self._exchange = tf.function(self._reduced, autograph=False)

    @property
    def is_chief(self) -> bool:
        """Whether this process decides, and writes the results."""
        return self.worker == 0

    @contextlib.contextmanager
    def scope(self) -> Iterator[None]:
        """Variables made inside are made on every device. Raises `WorkerLost` where another worker is gone."""
        try:
            with self.strategy.scope(), whole_losses():
                yield
        except lost as error:
            if self.workers == 1:
                raise
            raise WorkerLost(
                "Another worker ended or cannot be reached, so the training cannot go on. "
                "Start all workers again; with --resume they go on from the last checkpoint."
            ) from error

    def agreed(self, wish: Wish) -> Wish:
        """What all do next: what the chief wishes, unless anybody wishes to stop."""
        if self.workers == 1:
            return wish
        (steps, alone), stopping = self._exchanged(np.array([wish.steps, wish.alone], np.float64), float(not wish.steps))
        return Wish(0 if stopping else int(steps), bool(alone))

    def shared(self, figures: Mapping[str, float], names: Sequence[str]) -> dict[str, float]:
        """The chief's `figures`, called `names`, or none where it has none."""
        if self.workers == 1:
            return dict(figures)
        found, *values = self.from_chief(np.array([bool(figures), *(figures.get(name, 0.0) for name in names)], np.float64))
        return dict(zip(names, map(float, values), strict=True)) if found else {}

    def from_chief(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """The chief's `values`, exactly; those of others serve for their shape."""
        return values if self.workers == 1 else self._exchanged(values, 0.0)[0]

    def refuse_differences(self, experiment: Experiment, prepared: Prepared) -> None:
        """Raise `EngineError` where the workers' experiments or data differ."""
        if self.workers == 1:
            return
        data = experiment.data
        alike = replace(experiment, data=replace(data, path="") if isinstance(data, FileSource) else data)
        mark = mark_of(prepared, repr(alike))
        differs = int(self.from_chief(np.array([mark], np.float64))[0]) != mark
        if not self._exchanged(np.zeros(1), float(differs))[1]:
            return
        which = "This worker's" if differs else "Another worker's"
        raise EngineError(f"{which} experiment or data differ from the chief's: give every worker the same file and data.")

    def _exchanged(self, values: NDArray[np.float64], added: float) -> tuple[NDArray[np.float64], float]:
        """The chief's `values`, and the sum of what every device adds."""
        found, total = self._exchange(tf.constant(values, tf.float64), tf.constant(added, tf.float64))
        return np.asarray(found), float(total)

    def _reduced(self, values: tf.Tensor, added: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        def on_replica(values: tf.Tensor, added: tf.Tensor) -> list[tf.Tensor]:
            replica = tf.distribute.get_replica_context()
            first = tf.equal(replica.replica_id_in_sync_group, 0)
            mine = [tf.where(first, values, tf.zeros_like(values)), tf.identity(added)]  # on this device
            reduced: list[tf.Tensor] = replica.all_reduce("sum", mine)
            return reduced

        found, total = self.strategy.run(on_replica, args=(values, added))
        local = self.strategy.experimental_local_results
        return local(found)[0], local(total)[0]


@contextlib.contextmanager
def whole_losses() -> Iterator[None]:
    """Inside, losses are not divided by the number of replicas.

    Keras does that (to all but those that look at a batch as a whole, ``keras/src/losses/loss.py``) because its own training adds
    up the losses of the replicas' parts; here every replica has the loss of the whole batch.
    """
    scaled = loss_module.scale_loss_for_distribution
    loss_module.scale_loss_for_distribution = lambda loss: loss
    try:
        yield
    finally:
        loss_module.scale_loss_for_distribution = scaled


def all_devices(cluster: Cluster | None = None) -> Replicas | None:
    """Every GPU of this machine, or of all machines in `cluster`; none where there is but one device.

    For a cluster it must be called before TensorFlow computes anything. Raises `EngineError` where the workers do not meet.
    """
    if cluster is not None:
        return Replicas(_joined(cluster), cluster)
    names = [device.scope for device in devices() if device.name != "cpu"]
    return Replicas(strategy_for(names)) if len(names) > 1 else None


def strategy_for(scopes: Sequence[str]) -> tf.distribute.Strategy:
    """The strategy that trains on these devices of this machine, by TensorFlow's names."""
    return tf.distribute.MirroredStrategy(list(scopes))


def _joined(cluster: Cluster) -> tf.distribute.Strategy:
    """The strategy of all machines, once they have met."""
    # WORKAROUND TensorFlow's coordination service, which replaces this look after the other workers, waits for a missing one
    # for many minutes and cannot be interrupted (559 s seen with a limit of 8 s).
    context.context().configure_coordination_service(service_type="")
    # What it logs about a worker that is gone, we say in a sentence.
    logging.getLogger("tensorflow").setLevel(logging.CRITICAL)
    settings = CollectiveAllReduceExtended
    settings._check_health_initial_timeout = seconds_to_gather
    settings._check_health_interval = health_interval
    settings._check_health_timeout = health_timeout
    settings._check_health_retry_limit = health_retries
    resolver = tf.distribute.cluster_resolver.SimpleClusterResolver(
        tf.train.ClusterSpec({job: list(addresses) for job, addresses in cluster.jobs.items()}),
        task_type=cluster.job, task_id=cluster.index, rpc_layer="grpc",
    )  # fmt: skip
    try:
        return tf.distribute.MultiWorkerMirroredStrategy(cluster_resolver=resolver)
    except (RuntimeError, *lost):
        others = "worker was" if cluster.workers == 2 else f"{cluster.workers - 1} workers were"
        raise WorkerLost(
            f"The other {others} not there within {seconds_to_gather} s: start one process for each address in TF_CONFIG."
        ) from None
    except tf.errors.UnknownError as error:
        raise EngineError(
            f"This worker cannot listen at its address, {cluster.jobs[cluster.job][cluster.index]}: {first_line(error)}."
        ) from None


def _device(strategy: tf.distribute.Strategy, workers: int) -> Device:
    """All devices under one name, such as ``2 × gpu``; memory is what the smallest has, as each holds everything."""
    by_name = {device.name: device for device in devices()}
    local = [tf.DeviceSpec.from_string(name) for name in strategy.extended.worker_devices]
    kinds = Counter(spec.device_type.lower() for spec in local)
    known = [by_name[name] for spec in local if (name := _name(spec)) in by_name]
    title = " + ".join(f"{count} × {kind}" if count > 1 else kind for kind, count in kinds.items())
    name = f"{workers} workers × {title}" if workers > 1 else title
    memory = [device.memory for device in known if device.memory is not None]
    return Device(name, ", ".join(dict.fromkeys(device.title for device in known)), min(memory, default=None))


def _name(spec: tf.DeviceSpec) -> str:
    return "cpu" if spec.device_type == "CPU" else f"gpu:{spec.device_index}"
