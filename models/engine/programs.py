"""Programs of XLA that were compiled before, for trainings that differ in nothing that a program depends on."""

from collections import OrderedDict
from collections.abc import Callable

import msgspec

from models.data.prepared import Prepared
from models.engine.xla import Program
from models.experiment.edits import set_at
from models.experiment.experiment import Experiment
from models.experiment.layers.normalization import Normalization

most = 8
"""Programs that are kept, those that were used last."""
most_bytes = 2**24
"""Of a network that is kept with its program."""

_kept: OrderedDict[bytes, Program] = OrderedDict()


def program_for(key: bytes | None, make: Callable[[], Program]) -> Program:
    """The program that was compiled for the same `key`, or a new one.

    TensorFlow keeps what XLA compiled for as long as the process lives, about 9 MB for a small network. Without this every
    training of the same network would cost that again, and a second or more.
    """
    if key is not None and key in _kept:
        _kept.move_to_end(key)
        return _kept[key]
    program = make()
    size = sum(variable.dtype.size * variable.shape.num_elements() for variable in program.state.variables)
    if key is not None and size <= most_bytes:
        _kept[key] = program
        if len(_kept) > most:
            _kept.popitem(last=False)
    return program


def key_of(experiment: Experiment, prepared: Prepared, device: str) -> bytes | None:
    """What a program depends on; none where that is not all in the experiment and in the form of its data."""
    if any(isinstance(layer, Normalization) for layer in experiment.network):
        return None  # its means and variances, taken from the data, are constants of the program
    training = experiment.training
    for path, value in (("optimizer.learning_rate", 1.0), ("epochs", 1), ("shuffle", True)):
        training = set_at(training, path, value)
    for rule in ("steps", "schedule", "warmup_steps", "reduce_on_plateau", "early_stopping", "keep_best"):
        training = set_at(training, rule, None)
    arrays = (prepared.x_train, prepared.y_train, prepared.weights_train, prepared.x_val, prepared.y_val, prepared.weights_val)
    forms = [None if array is None else (array.shape, str(array.dtype)) for array in arrays]
    return msgspec.json.encode((experiment.network, training, prepared.target.encoding, forms, device))
