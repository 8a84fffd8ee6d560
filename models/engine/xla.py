"""The loop of steps as one program of XLA: a few µs a step for small networks, across the ends of epochs."""

from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from models.engine.batches import Batches, Plan, Rows
from models.engine.compiled import Compiled
from models.engine.evaluation import Evaluation
from models.engine.examples import Examples, Stock
from models.engine.philox import exact_random_numbers
from models.engine.steps import Floats, State, Step, Steps

most_steps = 4096
"""For which a call has room."""
most_held_batches = 512
"""Of validation data; more are measured outside the program, where a wish to pause is heard between them."""
most_measured = 4096
"""Up to so many weights their gradients' lengths cost next to nothing, and are measured in every step."""
seldom = 32
"""In every how many steps they are measured where there are more weights."""
most_numbers = 2**19
"""Of what goes into a call and what comes out of it: more would only be copied for nothing."""


class Program:
    """A loop of steps that XLA compiles as a whole, and what is due at the ends of epochs within it.

    Compiling means to call, and a call writes to the variables: so a program has a network of its own, a twin of the one that
    trains. XLA knows but fixed shapes. So there are two steps in the program, for full batches and for the smaller last one, and
    a call has room for `capacity` steps of which it takes as many as it is told.
    """

    def __init__(self, step: Step, state: State, evaluation: Evaluation | None, batches: Batches) -> None:
        self.step = step
        self.state = state
        self.user: XlaLoop | None = None
        """Whose numbers the variables hold."""
        too_long = evaluation is not None and evaluation.batches > most_held_batches
        self.evaluation = None if too_long else evaluation
        self.batch_size = batches.batch_size
        self._steps_per_epoch, self._remainder = batches.steps_per_epoch, batches.remainder
        held_names = self.evaluation.names() if self.evaluation else ()
        self.epoch_figures = (*(metric.name for metric in step.running), *(f"val_{name}" for name in held_names))
        self._measures_every = measures_every(step.model)
        self.capacity = int(min(most_steps, max(1, most_numbers // max(batches.batch_size, step.width))))
        self._loop: Compiled | None = None
        self._watch: Compiled | None = None
        self._train_arrays = 0

    def compile(self, train: Sequence[tf.Tensor], held: Sequence[tf.Tensor]) -> None:
        """Trace and compile for arrays like these. Takes a second or more; the second time it does nothing."""
        if self._loop is None:
            self._train_arrays = len(train)
            rows = tf.TensorSpec([self.capacity, self.batch_size], tf.int32)
            rates, first = tf.TensorSpec([self.capacity], tf.float32), tf.TensorSpec([], tf.int64)
            tensors = (tf.TensorSpec.from_tensor(tensor) for tensor in (*train, *held))
            with exact_random_numbers():
                loop = Compiled(self._steps, [rows, rates, first, tf.TensorSpec([], tf.int32), *tensors], xla=True)
                loop.trace()
            loop(*self._numbers(np.zeros((0, self.batch_size), np.int32), np.zeros(0, np.float32), 0), *train, *held)
            self._loop = loop  # not before: where XLA fails, it is to fail again for the next training of this network

    def call(self, rows: Rows, rates: NDArray[np.float32], first: int, tensors: Sequence[tf.Tensor]) -> Sequence[tf.Tensor]:
        """Take steps. Gives their rows, how many were taken, whether all is finite, and figures of epochs with their number."""
        assert self._loop is not None, "not compiled yet"
        found: Sequence[tf.Tensor] = self._loop(*self._numbers(rows, rates, first), *tensors)
        return found

    def compile_watching(self, train: Sequence[tf.Tensor]) -> None:
        """Trace what tells how gradients are spread, for arrays like these; the second time it does nothing."""
        if self._watch is None:
            tensors = (tf.TensorSpec.from_tensor(tensor) for tensor in train)
            watch = Compiled(self._spread, [tf.TensorSpec([None], tf.int32), *tensors])
            watch.trace()
            self._watch = watch

    def spread(self, rows: NDArray[np.int32], tensors: Sequence[tf.Tensor]) -> Floats | None:
        """How the gradients of the examples `rows` are spread before a step is taken; none where that is not traced yet.

        Computed by the plain graph, aside from the step, which XLA takes: no figure depends on whether somebody looks.
        """
        return None if self._watch is None else np.asarray(self._watch(tf.constant(rows), *tensors), np.float64)

    def _spread(self, rows: tf.Tensor, *tensors: tf.Tensor) -> tf.Tensor:
        with keras.StatelessScope():  # random numbers that are drawn here are drawn by the step again
            return self.step.spread(self.step.gradients(Examples(*tensors).at(rows))[1])

    def _numbers(self, rows: Rows, rates: NDArray[np.float32], first: int) -> Sequence[tf.Tensor]:
        """What a call is told beside the examples, in arrays with room for as many steps as there can be."""
        room = np.zeros((self.capacity, self.batch_size), np.int32), np.zeros(self.capacity, np.float32)
        room[0][: len(rates)], room[1][: len(rates)] = rows, rates
        return [tf.constant(number) for number in (*room, np.int64(first), np.int32(len(rates)))]

    def _steps(
        self, rows: tf.Tensor, rates: tf.Tensor, first: tf.Tensor, count: tf.Tensor, *tensors: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor]:
        length, arrays = self._steps_per_epoch, self._train_arrays
        examples, held = Examples(*tensors[:arrays]), tensors[arrays:]
        records = tf.TensorArray(tf.float32, self.capacity, element_shape=[self.step.width])
        epochs = tf.TensorArray(tf.float64, self.capacity // length + 2, element_shape=[len(self.epoch_figures)])

        def one(
            step: tf.Tensor, finite: tf.Tensor, records: tf.TensorArray, ended: tf.Tensor, epochs: tf.TensorArray
        ) -> tuple[tf.Tensor, tf.Tensor, tf.TensorArray, tf.Tensor, tf.TensorArray]:
            number = first + tf.cast(step, tf.int64)
            last = tf.equal(number % length, length - 1)
            measured = None if self._measures_every == 1 else tf.equal(number % self._measures_every, 0)
            record = self._one(examples, rows[step], rates[step], last, measured)
            if self.epoch_figures:
                nothing = tf.zeros([len(self.epoch_figures)], tf.float64)
                epochs = epochs.write(ended, tf.cond(last, lambda: self._end(Examples(*held) if held else None), lambda: nothing))
            return step + 1, self._is_finite(record), records.write(step, record), ended + tf.cast(last, tf.int32), epochs

        taken, finite, records, ended, epochs = tf.while_loop(
            lambda step, finite, *_: (step < count) & finite,
            one,
            (tf.constant(0), tf.constant(True), records, tf.constant(0), epochs),
            parallel_iterations=1,
        )
        return records.stack(), taken, finite & self.step.weights_finite(), epochs.stack(), ended

    def _one(
        self, examples: Examples, rows: tf.Tensor, rate: tf.Tensor, last: tf.Tensor, measured: tf.Tensor | None
    ) -> tf.Tensor:
        """One step; with fewer examples where it is the last of an epoch and these do not fill a batch."""
        remainder = self._remainder
        if not remainder:
            return self.step.take(examples.at(rows), rate, measured)
        return tf.cond(
            last,
            lambda: self.step.take(examples.at(rows[:remainder]), rate, measured),
            lambda: self.step.take(examples.at(rows), rate, measured),
        )

    def _is_finite(self, record: tf.Tensor) -> tf.Tensor:
        """Whether the step was finite; where gradients are not always measured, weights tell more at the end of a call."""
        return self.step.is_finite(record) if self._measures_every == 1 else tf.math.is_finite(record[0])

    def _end(self, held: Examples | None) -> tf.Tensor:
        """What is measured where an epoch ends: running metrics, then the validation data."""
        found = [self._result(metric) for metric in self.step.running]
        for metric in self.step.running:
            metric.reset_state()
        if self.evaluation is not None and held is not None:
            found += self._evaluate(self.evaluation, held)
        return tf.stack(found)

    def _evaluate(self, evaluation: Evaluation, held: Examples) -> list[tf.Tensor]:
        size = evaluation.batch_size
        full, rest = divmod(evaluation.examples, size)
        evaluation.begin()

        def one(batch: tf.Tensor, sums: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            rows = batch * size + tf.range(size)
            return batch + 1, sums + evaluation.batch(held.at(rows), size)

        sums = tf.zeros([evaluation.width], tf.float64)
        _, sums = tf.while_loop(lambda batch, _: batch < full, one, (tf.constant(0), sums), parallel_iterations=1)
        if rest:
            sums += evaluation.batch(held.between(full * size, evaluation.examples), rest)
        means = tf.unstack(sums / evaluation.examples)
        return evaluation.in_order(means, [self._result(metric) for metric in evaluation.running])

    @staticmethod
    def _result(metric: object) -> tf.Tensor:
        return tf.cast(tf.reshape(metric.result(), ()), tf.float64)  # type: ignore[attr-defined]


class XlaLoop:
    """Takes the steps of a network with a program, which holds its numbers meanwhile."""

    def __init__(self, program: Program, state: State, stock: Stock, held: Stock | None) -> None:
        assert stock.resident is not None, "XLA cannot stream"
        self._program = program
        self._train = stock.resident.tensors
        self._held = held.resident.tensors if program.evaluation and held and held.resident else []
        self.measures_epochs = held is None or program.evaluation is not None
        """Whether everything that is due at the end of an epoch is part of the program."""
        self.capacity = program.capacity
        self._state, self._seen = state, -1
        pairs = list(zip(program.state.variables, state.variables, strict=True))
        self._pull = Compiled(lambda: assign_all([(ours, theirs) for ours, theirs in pairs]))
        self._push = Compiled(lambda: assign_all([(theirs, ours) for ours, theirs in pairs]))

    def compile(self) -> None:
        """Trace and compile, taking no step of the network that trains."""
        self._pull.trace()
        self._push.trace()
        self._program.compile(self._train, self._held)

    def compile_watching(self) -> None:
        """Trace what a watched step needs beside."""
        self._program.compile_watching(self._train)

    def take(self, plan: Plan, *, watched: bool = False) -> Steps:
        """Take the steps of `plan`. If one is not finite take none, and tell of the steps up to it.

        Where they are `watched` it is told how the gradients of the last one are spread, if it is the only one.
        """
        program = self._program
        if program.user is not self or self._seen != self._state.changes:
            self._pull()
        gradients = program.spread(plan.batch(0), self._train) if watched else None
        program.user = None  # until it is known that all is finite
        rows, taken, finite, epochs, ended = program.call(plan.rows, plan.learning_rates, plan.first, [*self._train, *self._held])
        if finite:
            self._push()
            self._state.changes += 1
            self._seen, program.user = self._state.changes, self
        columns = np.asarray(epochs)[: int(ended)].T.copy()
        figures: dict[str, Floats] = dict(zip(program.epoch_figures, columns, strict=True)) if program.epoch_figures else {}
        return program.step.told(np.asarray(rows)[: int(taken)], bool(finite), figures, gradients)


def measures_every(model: keras.Model) -> int:
    """In every how many steps the gradients' lengths are measured.

    XLA adds up on the processor one number after the other, a quarter of a step's time in a network of 128 and 64 units. Where
    values are clipped, weights do not tell that a gradient was not finite.
    """
    numbers = sum(int(np.prod(weight.shape)) for weight in model.trainable_variables)
    return 1 if numbers <= most_measured or getattr(model.optimizer, "clipvalue", None) is not None else seldom


def assign_all(pairs: Sequence[tuple[tf.Variable, tf.Variable]]) -> None:
    """Give the first variable of each pair the value of the second."""
    for changed, value in pairs:
        changed.assign(value)
