"""TensorFlow's random numbers for XLA: the very bits of the plain graph, and without XLA's slowness.

XLA draws other numbers than TensorFlow's kernels from the same seed, so a dropout would mask other units than ``model.fit`` does.
And it repeats the generator's ten rounds so often that one dropout takes longer than the rest of a small network: 320 µs for
2,048 numbers, 17 µs here, 41 µs in TensorFlow's kernel. Sources: Salmon et al., 2011 (Philox4x32-10); TensorFlow's
``core/kernels/stateless_random_ops.cc`` (seeds) and ``core/lib/random/random_distributions.h`` (from bits to numbers).
"""

import contextlib
import functools
import math
import threading
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import tensorflow as tf
from keras.src.backend.tensorflow import random as keras_random
from tensorflow.compiler.tf2xla.ops import gen_xla_ops

Words = tuple[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor]

multipliers = (0xD2511F53, 0xCD9E8D57)
key_steps = (0x9E3779B9, 0xBB67AE85)
seed_key = (0x3EC8F720, 0x02461E29)
rounds = 10

_here = threading.local()


def uniform(shape: Sequence[int], seed: tf.Tensor) -> tf.Tensor:
    """What ``tf.random.stateless_uniform`` gives on the processor: float32 numbers in [0, 1)."""
    count = math.prod(shape)
    words = _blocks(seed, tf.range(count) // 4)
    place = tf.range(count) % 4
    pairs = tf.where(place < 2, tf.where(place == 0, words[0], words[1]), tf.where(place == 2, words[2], words[3]))
    return tf.reshape(_kept(_fraction(pairs)), shape)


def normal(shape: Sequence[int], seed: tf.Tensor) -> tf.Tensor:
    """What ``tf.random.stateless_normal`` gives on the processor (Box–Muller), up to the rounding of log, sin and cos."""
    count = math.prod(shape)
    words = _blocks(seed, tf.range(count) // 4)
    early = tf.range(count) % 4 < 2
    radius = tf.sqrt(-2.0 * tf.math.log(tf.maximum(_fraction(tf.where(early, words[0], words[2])), 1e-7)))
    angle = np.float32(2 * math.pi) * _fraction(tf.where(early, words[1], words[3]))
    return tf.reshape(_kept(radius * tf.where(tf.range(count) % 2 == 0, tf.sin(angle), tf.cos(angle))), shape)


@contextlib.contextmanager
def exact_random_numbers() -> Iterator[None]:
    """Inside, in this thread alone, Keras's layers draw their random numbers from this module. Raises where they cannot.

    Keras has no place where a generator could be put in; all that its layers draw goes through three functions.
    """
    _install()
    _here.active = True
    try:
        yield
    finally:
        _here.active = False


class CannotDraw(Exception):
    """A layer draws numbers of a kind that this module does not have."""


@functools.cache
def _install() -> None:
    """Let Keras's functions look whether they are called inside `exact_random_numbers`; otherwise they stay as they are."""
    ours: dict[str, Callable[..., tf.Tensor]] = {"uniform": _keras_uniform, "normal": _keras_normal, "dropout": _keras_dropout}
    others = ("categorical", "randint", "truncated_normal", "shuffle", "gamma", "binomial", "beta")
    for name in (*ours, *others):
        theirs = getattr(keras_random, name)
        setattr(keras_random, name, _chosen(theirs, ours.get(name, functools.partial(_refused, name))))


def _chosen(theirs: Callable[..., tf.Tensor], ours: Callable[..., tf.Tensor]) -> Callable[..., tf.Tensor]:
    @functools.wraps(theirs)
    def draw(*arguments: object, **options: object) -> tf.Tensor:
        return (ours if getattr(_here, "active", False) else theirs)(*arguments, **options)

    return draw


def _refused(name: str, *_: object, **__: object) -> tf.Tensor:
    raise CannotDraw(name)


def _keras_uniform(
    shape: Sequence[int], minval: float = 0.0, maxval: float = 1.0, dtype: str | None = None, seed: object = None
) -> tf.Tensor:
    low, high = tf.cast(minval, tf.float32), tf.cast(maxval, tf.float32)
    return tf.cast(uniform(_known(shape), _drawn(seed)) * (high - low) + low, dtype or tf.float32)


def _keras_normal(
    shape: Sequence[int], mean: float = 0.0, stddev: float = 1.0, dtype: str | None = None, seed: object = None
) -> tf.Tensor:
    return tf.cast(normal(_known(shape), _drawn(seed)) * stddev + mean, dtype or tf.float32)


def _keras_dropout(
    inputs: tf.Tensor, rate: float, noise_shape: Sequence[int | None] | None = None, seed: object = None
) -> tf.Tensor:
    if rate in (0.0, 1.0):
        return inputs if rate == 0.0 else tf.zeros_like(inputs)
    numbers = functools.partial(_sampled, _drawn(seed))
    sizes = inputs.shape if noise_shape is None else [
        given if given is not None else size for given, size in zip(noise_shape, inputs.shape, strict=True)
    ]  # fmt: skip
    return tf.nn.experimental.general_dropout(inputs, rate=rate, uniform_sampler=numbers, noise_shape=_known(sizes))


def _sampled(seed: tf.Tensor, shape: Sequence[int], dtype: tf.DType) -> tf.Tensor:
    if dtype != tf.float32:
        raise CannotDraw(f"uniform numbers of type {dtype}")
    return uniform(_known(shape), seed)


def _drawn(seed: object) -> tf.Tensor:
    return keras_random._cast_seed(keras_random.draw_seed(seed))


def _known(shape: Sequence[int]) -> list[int]:
    sizes = tf.get_static_value(shape) if tf.is_tensor(shape) else shape
    if sizes is None or any(size is None for size in sizes):
        raise CannotDraw("numbers of a shape that is not known")
    return [int(size) for size in sizes]


def _kept(numbers: tf.Tensor) -> tf.Tensor:
    """Keep XLA from computing `numbers` again wherever they are used."""
    return gen_xla_ops.xla_optimization_barrier([numbers])[0]


def _word(number: int) -> tf.Tensor:
    return tf.constant(number, tf.uint32)


def _low(number: tf.Tensor) -> tf.Tensor:
    return tf.cast(number, tf.uint32)


def _high(number: tf.Tensor) -> tf.Tensor:
    return tf.cast(tf.bitwise.right_shift(number, tf.constant(32, tf.uint64)), tf.uint32)


def _fraction(word: tf.Tensor) -> tf.Tensor:
    """The 23 lowest bits as a number in [0, 1)."""
    bits = tf.bitwise.bitwise_or(tf.bitwise.bitwise_and(word, _word(0x7FFFFF)), _word(127 << 23))
    return tf.bitcast(bits, tf.float32) - 1.0


def _blocks(seed: tf.Tensor, numbers: tf.Tensor) -> Words:
    """The four words of the generator's blocks with these numbers."""
    halves = tf.bitcast(tf.cast(seed, tf.int64), tf.uint64)
    low, high = _low(halves), _high(halves)
    mixed = gen_xla_ops.xla_optimization_barrier(
        list(_philox((low[0], high[0], low[1], high[1]), (_word(seed_key[0]), _word(seed_key[1]))))
    )
    zero = tf.zeros_like(numbers, tf.uint32)
    return _philox((tf.cast(numbers, tf.uint32), zero, zero + mixed[2], zero + mixed[3]), (mixed[0], mixed[1]))


def _philox(counter: Words, key: tuple[tf.Tensor, tf.Tensor]) -> Words:
    xor = tf.bitwise.bitwise_xor
    for _ in range(rounds):
        first = tf.cast(counter[0], tf.uint64) * tf.constant(multipliers[0], tf.uint64)
        second = tf.cast(counter[2], tf.uint64) * tf.constant(multipliers[1], tf.uint64)
        counter = (
            xor(xor(_high(second), counter[1]), key[0]), _low(second), xor(xor(_high(first), counter[3]), key[1]), _low(first)
        )  # fmt: skip
        key = (key[0] + _word(key_steps[0]), key[1] + _word(key_steps[1]))
    return counter
