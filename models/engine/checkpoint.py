"""Everything that decides how a training goes on, as arrays: written down, it goes on later as if nothing had happened."""

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models.data.prepared import Prepared
from models.engine.errors import EngineError
from models.experiment.essence import counts_patience_anew, course, keeps_best
from models.experiment.experiment import Experiment
from models.telemetry.parts import Arrays, part

if TYPE_CHECKING:
    import tensorflow as tf

    from models.engine.session import Session


step_name = "step"
variable_prefix = "variable/"
sum_prefix = "epoch/sum/"
steps_name = "epoch/steps"
cut_name = "epoch/cut"
rules_prefix = "rules/"
learning_rate_name = "learning_rate"
compilation_name = "compilation"
counts_name = "variables"
"""How many variables the network has, and how many the optimizer."""
epoch_length_name = "steps_per_epoch"


def snapshot(session: "Session") -> Arrays:
    """The state of `session` between two steps.

    Weights, the optimizer's memory, seeds of random layers, running metrics; the step; the sums of the epoch that has begun.
    The order of the examples follows from the seed and the step.
    """
    with session.scope():
        variables = session.state.read()
    means = session.epoch_means
    return {
        step_name: np.array(session.step),
        **{f"{variable_prefix}{number}": np.array(value) for number, value in enumerate(variables)},
        counts_name: np.array([len(session.model.variables), len(session.model.optimizer.variables)]),
        epoch_length_name: np.array(session.steps_per_epoch),
        **{f"{sum_prefix}{name}": np.array(total) for name, total in means.sums.items()},
        steps_name: np.array(means.steps),
        cut_name: np.array(means.cut_examples),
        **{f"{rules_prefix}{name}": array for name, array in session.rules.snapshot().items()},
        learning_rate_name: np.array(session.learning_rate),
        compilation_name: np.array(session.stepper.compilation),
    }


def restore(session: "Session", arrays: Arrays, compilation: str = "race") -> None:
    """Bring `session` into the state that `snapshot` gave. Raises `EngineError` where it is another network's.

    `compilation` is what was decided after the state, where that is known and was still open in it. Where several processes train
    together each must call it; all get the chief's state.
    """
    with session.scope():
        session.state.write([
            _from_chief(session, _fitting(arrays, f"{variable_prefix}{number}", np.asarray(value)))
            for number, value in enumerate(session.state.read())
        ])  # fmt: skip
        session.step = int(_from_chief(session, arrays.get(step_name, np.array(0))))
        figures = ("loss", *session.metrics)
        sums = [float(_from_chief(session, arrays.get(f"{sum_prefix}{name}", np.array(0.0)))) for name in figures]
        session.epoch_means.steps = int(_from_chief(session, arrays.get(steps_name, np.array(0))))
        session.epoch_means.sums = dict(zip(figures, sums, strict=True))
        session.epoch_means.cut_examples = int(_from_chief(session, arrays.get(cut_name, np.array(0))))
        session.learning_rate = float(_from_chief(session, arrays.get(learning_rate_name, np.array(0.0))))
        rules = {name: _fitting(arrays, f"{rules_prefix}{name}", present) for name, present in session.rules.snapshot().items()}
        session.rules.resume({name: _from_chief(session, array) for name, array in rules.items()})
    session.stepper.go_on_with(str(arrays.get(compilation_name, "graph")), compilation)


def begin_from(session: "Session", arrays: Arrays, origin: Experiment, compilation: str = "race") -> None:
    """Let the run of `session`, which has taken no step, begin in the state `arrays` of a run of `origin`.

    Where settings that decide the steps are the same, it goes on as that run did, to the last bit on the processor;
    `compilation` is what was decided later in it. Where they are others, it takes over the weights and the seeds of random
    layers, what the optimizer remembers where that has as many numbers, and the place in the epoch; where epochs have another
    length it begins with the one that had begun. The learning rate is that of the state, where a rule or a person may
    have changed it, unless another one or another optimizer was chosen since. Rules begin anew, see `counts_patience_anew`,
    but for the best epoch where that is still one, see `keeps_best`.
    Raises `EngineError` where the weights are another network's.
    """
    experiment, learning_rate = session.experiment, session.learning_rate
    if course(experiment) == course(origin):
        restore(session, arrays, compilation)
    else:
        _adopt(session, arrays, origin)
    if counts_patience_anew(experiment, origin):
        session.rules.begin()
        if keeps_best(experiment, origin):
            with session.scope():
                session.rules.keep_best_of(part(arrays, rules_prefix))
    if experiment.training.optimizer.learning_rate != origin.training.optimizer.learning_rate:
        session.learning_rate = learning_rate


def with_weights(session: "Session", arrays: Arrays, values: "Sequence[tf.Tensor]") -> "list[tf.Tensor]":
    """The state `values` of `session` with the weights of `arrays`, and with their seeds where there are as many.

    Without these a rate of dropout can be raised from 0: a layer has a seed only where it draws something. Raises `EngineError`
    where the weights are another network's.
    """
    import tensorflow as tf  # the command line knows this module from its start on

    present = [np.asarray(value) for value in values[: len(session.model.variables)]]
    found = [arrays[f"{variable_prefix}{number}"] for number in range(int(arrays[counts_name][0]))]
    written = list(values)
    for seeds in (False, True):
        places = [place for place, array in enumerate(present) if _is_seed(array) == seeds]
        taken = [array for array in found if _is_seed(array) == seeds]
        if len(taken) == len(places):
            for place, array in zip(places, taken, strict=True):
                written[place] = tf.constant(_checked(array, present[place]))
        elif not seeds:
            raise EngineError("The weights are of another network: it has other layers.")
    return written


def _adopt(session: "Session", arrays: Arrays, origin: Experiment) -> None:
    """Begin where a run of other settings was: all that still has a meaning with those of `session`."""
    import tensorflow as tf

    with session.scope():
        values = with_weights(session, arrays, session.state.read())
        weights, optimizer = arrays[counts_name].tolist()
        found = [arrays[f"{variable_prefix}{weights + number}"] for number in range(optimizer)]
        first = len(session.model.variables)
        present = values[first : first + len(session.model.optimizer.variables)]
        same_kind = type(session.experiment.training.optimizer) is type(origin.training.optimizer)
        if same_kind and [array.shape for array in found] == [tuple(value.shape) for value in present]:
            values[first : first + optimizer] = map(tf.constant, found)
        session.state.write(values)
    if same_kind:
        session.learning_rate = float(arrays[learning_rate_name])
    epoch, within = divmod(int(arrays[step_name]), int(arrays[epoch_length_name]))
    same_length = session.steps_per_epoch == arrays[epoch_length_name]
    session.step = epoch * session.steps_per_epoch + within * same_length
    session.epoch_means.begin_after(within * same_length, session.batches.batch_size)
    session.stepper.restart(session.step)


def mark_of(prepared: Prepared, text: str = "") -> int:
    """A number below 2⁴⁸ that is another one where the data, as they are fed, or `text` are others."""
    digest = hashlib.blake2b(text.encode(), digest_size=6)
    weights = [array for array in (prepared.weights_train, prepared.weights_val) if array is not None]
    for array in (prepared.x_train, prepared.y_train, prepared.x_val, prepared.y_val, *weights):
        digest.update(f"{array.dtype}{array.shape}".encode())
        digest.update(np.ascontiguousarray(array).data)
    return int.from_bytes(digest.digest(), "big")


def _fitting(arrays: Arrays, name: str, present: NDArray[Any]) -> NDArray[Any]:
    """The array of this name, which must be of the same form as what is there; without any, what is there."""
    return _checked(arrays.get(name, present), present)


def _checked(found: NDArray[Any], present: NDArray[Any]) -> NDArray[Any]:
    """The array `found`, which must be of the same form as what is there."""
    if (found.shape, found.dtype) != (present.shape, present.dtype):
        raise EngineError(
            f"The checkpoint is of another network: it has {found.dtype} {list(found.shape)} where this one has "
            f"{present.dtype} {list(present.shape)}."
        )
    return found


def _is_seed(array: NDArray[Any]) -> bool:
    """Whether a variable of a network is the seed of a random layer: Keras keeps these, and no weights, in 64 bits."""
    return array.dtype == np.int64


def _from_chief(session: "Session", array: NDArray[Any]) -> NDArray[Any]:
    """What the chief holds in this place; 64 bits hold every number of 32 exactly."""
    if session.replicas is None:
        return array
    return session.replicas.from_chief(np.asarray(array, np.float64)).astype(array.dtype)
