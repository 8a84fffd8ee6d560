"""Everything that decides how a training goes on, as arrays: written down, it goes on later as if nothing had happened."""

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models.data.prepared import Prepared
from models.engine.errors import EngineError

if TYPE_CHECKING:
    from models.engine.session import Session

Arrays = Mapping[str, NDArray[Any]]

step_name = "step"
variable_prefix = "variable/"
sum_prefix = "epoch/sum/"
steps_name = "epoch/steps"
cut_name = "epoch/cut"
rules_prefix = "rules/"
learning_rate_name = "learning_rate"
compilation_name = "compilation"


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
        **{f"{variable_prefix}{number}": np.asarray(value) for number, value in enumerate(variables)},
        **{f"{sum_prefix}{name}": np.array(total) for name, total in means.sums.items()},
        steps_name: np.array(means.steps),
        cut_name: np.array(means.cut_examples),
        **{f"{rules_prefix}{name}": array for name, array in session.rules.snapshot().items()},
        learning_rate_name: np.array(session.learning_rate),
        compilation_name: np.array(session.stepper.compilation),
    }


def restore(session: "Session", arrays: Arrays) -> None:
    """Bring `session` into the state that `snapshot` gave. Raises `EngineError` where it is another network's.

    Where several processes train together each must call it; all get the chief's state.
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
    session.stepper.go_on_with(str(arrays.get(compilation_name, "graph")))


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
    found = arrays.get(name, present)
    if (found.shape, found.dtype) != (present.shape, present.dtype):
        raise EngineError(
            f"The checkpoint is of another network: it has {found.dtype} {list(found.shape)} where this one has "
            f"{present.dtype} {list(present.shape)}."
        )
    return found


def _from_chief(session: "Session", array: NDArray[Any]) -> NDArray[Any]:
    """What the chief holds in this place; 64 bits hold every number of 32 exactly."""
    if session.replicas is None:
        return array
    return session.replicas.from_chief(np.asarray(array, np.float64)).astype(array.dtype)
