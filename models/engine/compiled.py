"""Functions compiled for good: one trace, called with what it was traced for."""

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

Compiled = Callable[..., Any]


def compiled(function: Callable[..., object], specs: Sequence[tf.TensorSpec] = (), *, xla: bool = False) -> Compiled:
    """`function` as a graph that takes tensors of these `specs`.

    Unlike ``tf.function`` it does not look at each call whether it has to be traced again, which takes longer than a small
    network's step. With `xla` it is compiled by XLA when it is first called.
    """
    traced = tf.function(function, input_signature=list(specs), autograph=False, jit_compile=xla or None)
    concrete: Compiled = traced.get_concrete_function()
    return concrete
