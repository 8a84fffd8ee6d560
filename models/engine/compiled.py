"""Functions compiled for good: one trace, called with what it was traced for."""

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from models.engine.giving_up import go_on


class Compiled:
    """A function as a graph that takes tensors of these `specs`; traced when it is first called.

    Unlike ``tf.function`` it does not look at each call whether it has to be traced again, which takes longer than a small
    network's step. With `xla` it is compiled by XLA when it is first called.
    """

    def __init__(self, function: Callable[..., object], specs: Sequence[tf.TensorSpec] = (), *, xla: bool = False) -> None:
        self._function = tf.function(function, input_signature=list(specs), autograph=False, jit_compile=xla or None)
        self._graph: Callable[..., Any] | None = None

    def trace(self) -> Callable[..., Any]:
        """Trace the function without calling it, unless that was done; returns the graph."""
        if self._graph is None:
            go_on()
            self._graph = self._function.get_concrete_function()
        return self._graph

    def __call__(self, *tensors: tf.Tensor) -> Any:  # noqa: ANN401, what a graph gives is TensorFlow's, which has no types
        return self.trace()(*tensors)
