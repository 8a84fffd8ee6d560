"""The examples of a run: on the device where they fit there, otherwise in the computer's memory, from where they stream."""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from models.experiment.estimate import resident_bytes

Array = NDArray[np.float32] | NDArray[np.int32]


class Examples(NamedTuple):
    """Inputs, targets and, where examples count differently, their weights; examples lie along the first axis."""

    x: tf.Tensor
    y: tf.Tensor
    weights: tf.Tensor | None = None

    @property
    def tensors(self) -> list[tf.Tensor]:
        """The arrays that are there."""
        return [tensor for tensor in self if tensor is not None]

    def at(self, rows: tf.Tensor) -> "Examples":
        """The examples of these numbers."""
        return Examples(*(tf.gather(tensor, rows) for tensor in self.tensors))

    def between(self, begin: tf.Tensor, end: tf.Tensor) -> "Examples":
        """The examples `begin` to `end - 1`."""
        return Examples(*(tensor[begin:end] for tensor in self.tensors))


@dataclass(frozen=True)
class Stock:
    """All examples of one kind, training or validation, as arrays in the computer's memory."""

    x: NDArray[np.float32]
    y: Array
    weights: NDArray[np.float32] | None = None
    most_bytes: int = resident_bytes

    def __len__(self) -> int:
        return len(self.x)

    @property
    def arrays(self) -> list[Array]:
        """The arrays that are there."""
        return [array for array in (self.x, self.y, self.weights) if array is not None]

    @cached_property
    def resident(self) -> Examples | None:
        """The examples on the device, copied there at the first use; none where they take too much room."""
        if sum(array.nbytes for array in self.arrays) > self.most_bytes:
            return None
        return Examples(*map(tf.constant, self.arrays))

    @property
    def specs(self) -> list[tf.TensorSpec]:
        """What a batch of any size looks like."""
        return [tf.TensorSpec((None, *array.shape[1:]), array.dtype) for array in self.arrays]

    def at(self, rows: NDArray[np.int32]) -> Examples:
        """The examples of these numbers, copied to the device."""
        return Examples(*(tf.constant(array[rows]) for array in self.arrays))

    def between(self, begin: int, end: int) -> Examples:
        """The examples `begin` to `end - 1`, copied to the device where they are not there already."""
        if self.resident is not None:
            return self.resident.between(begin, end)
        return Examples(*(tf.constant(array[begin:end]) for array in self.arrays))
