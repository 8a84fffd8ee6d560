"""Lets TensorFlow's memory of a network go with the network."""

import contextlib
from collections.abc import Iterator

from tensorflow.python.eager import context
from tensorflow.python.framework import ops


@contextlib.contextmanager
def released_graphs() -> Iterator[None]:
    """Forget the gradients that TensorFlow registered for the functions traced inside.

    WORKAROUND ``tf.custom_gradient``, which Keras's optimizers and some activations go through, registers its gradient under a
    name of its own at every trace and for ever, and that holds the whole graph: 2.4 MB a network. The name is only looked up
    when somebody takes the gradient of the traced function from outside, which nobody does.
    """
    registered = ops.gradient_registry._registry
    before = set(registered)
    try:
        yield
    finally:
        for name in [name for name in registered if name.startswith("CustomGradient-") and name not in before]:
            del registered[name]


def release_kernels() -> None:
    """Forget what TensorFlow keeps of every function that was ever called; those that are called again are optimized anew.

    WORKAROUND TensorFlow's context keeps the optimized form of a function that is long gone, 0.7 MB a network. Whatever else is
    compiled loses its own too, and takes 0.05 s and more at its next call: this is for moments at which a new network is made.
    """
    context.context().clear_kernel_cache()
