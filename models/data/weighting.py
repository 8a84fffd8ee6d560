"""How much each training example counts in the loss: its own weight times its class's."""

import numpy as np
from numpy.typing import NDArray

from models.data.prepared import Floats, Numbers, Prepared
from models.experiment.encoding import Encoding
from models.experiment.training import Training


def arrays_of(training: Training, prepared: Prepared) -> dict[str, Floats | Numbers]:
    """Everything that the network is fed, by the names that it has in files: weights only where there are any."""
    weights = {"sample_weight_train": training_weights(training, prepared), "sample_weight_val": prepared.weights_val}
    return {
        "x_train": prepared.x_train,
        "y_train": prepared.y_train,
        "x_val": prepared.x_val,
        "y_val": prepared.y_val,
    } | {name: array for name, array in weights.items() if array is not None}


def training_weights(training: Training, prepared: Prepared) -> Floats | None:
    """(examples,): weights of the training examples; none where all count the same."""
    by_class = class_weights(training, prepared)
    if by_class is None:
        return prepared.weights_train
    weights = np.asarray(by_class, np.float32)[class_numbers(prepared.y_train, prepared.target.encoding)]
    return weights if prepared.weights_train is None else weights * prepared.weights_train


def class_weights(training: Training, prepared: Prepared) -> tuple[float, ...] | None:
    """The weight of each class, in the order of their numbers; none where none are declared."""
    if training.class_weight is None:
        return None
    numbers = class_numbers(prepared.y_train, prepared.target.encoding)
    return training.class_weight.for_counts(np.bincount(numbers, minlength=prepared.facts.outputs).tolist())


def class_numbers(labels: Numbers, encoding: Encoding) -> NDArray[np.int64]:
    """(examples,): the number of each example's class, of labels for one class out of several."""
    if encoding == "index":
        return np.array(labels, np.int64)
    if encoding in ("zero_one", "signed"):
        return np.array(labels[:, 0] > 0, np.int64)
    assert encoding in ("one_hot", "signed_one_hot")
    return np.array(np.argmax(labels, axis=1), np.int64)
