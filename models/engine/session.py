"""A network that can be trained, looked at and saved: what the window and the command line hold."""

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from models.data.prepared import Prepared
from models.data.weighting import training_weights
from models.engine import network
from models.engine.attempts import seen_or_why
from models.engine.batches import Batches
from models.engine.checkpoint import with_weights
from models.engine.compiled import Compiled
from models.engine.devices import Device, available_memory, precisions, resolve
from models.engine.distributed import ReplicatedStep
from models.engine.errors import EngineError, NotEnoughMemory, first_line
from models.engine.evaluation import Evaluation, Evaluator
from models.engine.examples import Stock
from models.engine.looks import Looker
from models.engine.pace import Pace
from models.engine.plain import plain
from models.engine.probe import Prober, most_examples
from models.engine.programs import key_of, program_for
from models.engine.racing import Candidate, Compilation, Stepper, race_step
from models.engine.release import released_graphs
from models.engine.replicas import Replicas
from models.engine.rules import Rules
from models.engine.run import Run
from models.engine.steps import EpochMeans, Floats, GraphLoop, Loop, State, Step, running_metrics
from models.engine.streaming import StreamLoop
from models.engine.xla import Program, XlaLoop
from models.experiment.estimate import Estimate, estimate, resident_bytes, shortage, size_text
from models.experiment.experiment import Experiment, Network
from models.experiment.schedules import rate
from models.experiment.sequence_checks import masks_examples
from models.experiment.training import Precision
from models.storage.atomic import write_atomically
from models.telemetry.control import Control
from models.telemetry.events import Ended, Event, Probed, StateKept
from models.telemetry.wanted import Unseen, Wanted

rows_at_once = 8192
early_looks = 16
"""So many looks come with the beginning of a training, as often as they may: a small one would have but two of them else."""

_building = threading.Lock()
"""A seed is one of the whole process until all layers have drawn their initial weights."""


class Session:
    """The network of an experiment, built on a device with its initial weights, and everything that trains it.

    Not for two threads at once. `steps_per_call` fixes what otherwise follows from the time that steps take; no figure depends
    on it.
    """

    def __init__(
        self,
        experiment: Experiment,
        prepared: Prepared,
        device: str | Replicas = "auto",
        *,
        steps_per_call: int | None = None,
        compilation: Compilation = "race",
        resident_bytes: int = resident_bytes,
    ) -> None:
        self.experiment = experiment
        self.prepared = prepared
        self.replicas = device if isinstance(device, Replicas) else None
        """The devices that train together, where there are several."""
        self.device: Device = resolve(device) if isinstance(device, str) else device.device
        if self.replicas:
            refuse_for_replicas(experiment)
        else:
            refuse_precision(experiment.training.precision, self.device)
        refuse_too_large(estimate(experiment, prepared.facts), self.device)
        if not len(prepared.x_train):
            raise EngineError("There are no training examples. Lower the share that is kept for validation, or use more data.")
        training = experiment.training
        self.batches = Batches(len(prepared.x_train), training.batch_size, experiment.seed, shuffle=training.shuffle)
        self._steps_per_call = steps_per_call
        self._begin()
        # Of the metrics there must be one each: they are measured for the whole batch, not by every replica for its part.
        measures = [built_metrics(experiment, prepared) for _ in range(2)] if self.replicas else []
        with self.scope():
            if self.replicas:
                self.replicas.refuse_differences(experiment, prepared)
            self._make_parts(compilation, resident_bytes, *measures)

    def _begin(self) -> None:
        """Everything that a run counts, at its beginning."""
        training = self.experiment.training
        self.pace = Pace(self._steps_per_call)
        self.validation_pace = Pace()
        self.epoch_means = EpochMeans(self.batches.steps_per_epoch, self.batches.examples)
        self.step = 0
        self.early_looks = early_looks
        """How many looks may still follow each other more closely than later ones."""
        self.total_steps = training.total_steps(self.batches.examples)
        """Steps at which the run is over."""
        self.learning_rate = training.optimizer.learning_rate
        """What the schedule acts on; a person or a rule may change it while the run goes on."""

    def _make_parts(self, compilation: Compilation, resident_bytes: int, *measures: list[keras.metrics.Metric]) -> None:
        prepared, training = self.prepared, self.experiment.training
        self.stock = Stock(prepared.x_train, prepared.y_train, training_weights(training, prepared), resident_bytes)
        self._held = Stock(prepared.x_val, prepared.y_val, prepared.weights_val, resident_bytes) if len(prepared.x_val) else None
        step, self.state, evaluation = self._parts(*measures)
        self.model, self.measures = step.model, step.metrics
        self.rules = Rules(training, self.model)
        self.prober = Prober(self.experiment.network, self.model, self.stock.between(0, most_examples).x)
        self.looker = Looker(self.experiment, prepared, self.model)
        self.evaluator = Evaluator(evaluation, self._held) if evaluation and self._held else None
        self.stepper = Stepper(
            step,
            self._plain_loop(step, self.state),
            self.state,
            self._candidate(),
            race_step(self.batches, self._held is not None),
            compilation,
        )
        self._forward = Compiled(self._forward_once, [tf.TensorSpec([None, *prepared.facts.input_shape], tf.float32)])

    def _parts(
        self, measures: list[keras.metrics.Metric] | None = None, held_measures: list[keras.metrics.Metric] | None = None
    ) -> tuple[Step, State, Evaluation | None]:
        """The network with its initial weights, the code of a step and of a validation, and all that they change."""
        model = build(self.experiment, self.prepared)
        measures = built_metrics(self.experiment, self.prepared) if measures is None else measures
        metric_variables = (variable for metric in measures for variable in metric.variables)
        state = State([*model.variables, *model.optimizer.variables, *metric_variables])
        evaluation = None
        if self._held:
            batch_size = self.experiment.training.batch_size
            held_measures = built_metrics(self.experiment, self.prepared) if held_measures is None else held_measures
            evaluation = Evaluation(model, held_measures, batch_size, len(self.prepared.x_val))
        if self.replicas:
            return ReplicatedStep(self.replicas, model, measures, self.batches.batch_size), state, evaluation
        return Step(model, measures), state, evaluation

    def _plain_loop(self, step: Step, state: State) -> Loop:
        resident = self.stock.resident
        if resident is None:
            return StreamLoop(step, state, self.batches, self.stock)
        return GraphLoop(step, state, resident)

    def _candidate(self) -> Candidate | None:
        """What may be faster than the plain loop; none where that is known beforehand or the examples are not on the device."""
        if self.replicas or self.stock.resident is None or not can_profit(self.experiment.network, self.device):
            return None
        return Candidate(self._xla_loop)

    def _xla_loop(self) -> XlaLoop:
        """Made in a thread of its own, from a network of its own."""
        with tf.device(self.device.scope):
            key = key_of(self.experiment, self.prepared, self.device.name)
            program = program_for(key, self._program)
            return XlaLoop(program, self.state, self.stock, self._held)

    def _program(self) -> Program:
        step, state, evaluation = self._parts()
        resident = self._held is not None and self._held.resident is not None
        return Program(step, state, evaluation if resident else None, self.batches)

    @property
    def steps_per_epoch(self) -> int:
        """Steps that go through all training examples once."""
        return self.batches.steps_per_epoch

    @property
    def metrics(self) -> tuple[str, ...]:
        """Names of the figures beside the loss."""
        return self.stepper.step.figures

    @property
    def running(self) -> list[keras.metrics.Metric]:
        """Metrics whose figure over an epoch is not the mean of its batches' figures."""
        return running_metrics(self.model, self.measures)

    @property
    def is_over(self) -> bool:
        """Whether all steps are taken, or a rule ended the run before."""
        return self.step >= self.total_steps or bool(self.rules.reason)

    @property
    def steps_before_update(self) -> int:
        """How many of the next steps only gather gradients, before one moves the weights."""
        optimizer = getattr(self.model.optimizer, "inner_optimizer", self.model.optimizer)  # of one that scales the loss
        gathered = optimizer.gradient_accumulation_steps
        return 0 if gathered is None else -(int(optimizer._iterations) + 1) % gathered

    def learning_rates(self, count: int) -> Floats:
        """The learning rates of the next `count` steps."""
        training, base = self.experiment.training, self.learning_rate
        if training.schedule is None and not training.warmup_steps:
            return np.full(count, base)
        steps = range(self.step, self.step + count)
        return np.array([rate(training.schedule, training.warmup_steps, step, self.total_steps, base) for step in steps])

    def extend(self, *, epochs: int = 0, steps: int = 0) -> None:
        """Let training go on for so many more epochs or steps from where it stands; rules begin anew.

        A schedule that ends with the run is stretched to the new end.
        """
        self.total_steps = self.step + epochs * self.steps_per_epoch + steps
        self.rules.begin()

    def restart(self) -> None:
        """Go back to the first step and the initial weights, so that the next run is the first one again, to the last bit.

        What was compiled stays, and that run need not wait for it. Not for several devices.
        """
        self._begin()
        if not self.state.changes:  # then the weights are the initial ones
            return
        with self.scope():
            _, initial, _ = self._parts()
            self.state.write([tf.identity(variable) for variable in initial.variables])
        self.rules = Rules(self.experiment.training, self.model)
        self.prober.forget()
        self.stepper.restart()

    def fresh(self) -> tuple[Step, Loop]:
        """Another network like this one, with its initial weights, and what takes its steps; they share nothing with this one."""
        step, state, _ = self._parts()
        return step, self._plain_loop(step, state)

    def train(
        self,
        emit: Callable[[Event], None],
        control: Control,
        run: int = 1,
        between_calls: Callable[[], None] = lambda: None,
        largest_state: int = 0,
    ) -> Ended:
        """Train to the last step, or until stopped, and report to `emit`; the last event is also returned.

        Never raises. After a stop it may be called again and goes on where it was; after the end when it was extended.
        `between_calls` is called whenever all steps taken are reported, so that a snapshot and a record of the events are of the
        same step. States of the run are reported, for going back, where they have at most `largest_state` bytes.
        """
        return Run(self, emit, control, run, between_calls, largest_state).train()

    def surface(self) -> Floats | None:
        """The network's outputs on the data's view: (positions, outputs); none where the data have no view."""
        view = self.prepared.view
        return None if view is None else self.predict(view.inputs).astype(np.float64)

    def look(self, run: int, step: int, gradient_norms: Mapping[str, float], wanted: Wanted, *, of_step: bool = True) -> Probed:
        """A look inside as the network is now, with what panels want; what fails is missing, and the look says why.

        `of_step`: with what the last step did.
        """
        layers = seen_or_why("What is inside the layers", self.prober.look, gradient_norms, of_step=of_step)
        surface = seen_or_why("What the network answers", self.surface)
        return Probed(
            run,
            step,
            () if isinstance(layers, Unseen) else layers,
            None if isinstance(surface, Unseen) else surface,
            self.looker.look(wanted),
            layers.sentence if isinstance(layers, Unseen) else "",
            surface.sentence if isinstance(surface, Unseen) else "",
        )

    def look_back(self, moment: StateKept, wanted: Wanted, gradient_norms: Mapping[str, float]) -> Probed:
        """A look inside as the network was in a state of an earlier `moment`; the run goes on as if nobody had asked.

        Beside the statistics it has what panels want. `gradient_norms` are those of then; what else a step tells is not known.
        """
        with self.scope():
            present = self.state.read()
            try:
                self.state.write(with_weights(self, moment.state, present))
                return self.look(moment.run, moment.step, gradient_norms, wanted, of_step=False)
            finally:
                self.state.write(present)

    def evaluate(self) -> dict[str, float]:
        """``val_loss`` and the metrics on the validation data as the network is now; empty where there is none."""
        if self.evaluator is None:
            return {}
        with self.scope():
            self.evaluator.begin()
            self.evaluator.measure(0, self.evaluator.batches)
            return {f"val_{name}": value for name, value in self.evaluator.values().items()}

    def predict(self, inputs: NDArray[np.float32]) -> NDArray[np.float32]:
        """The network's outputs, outside training; one row for each row of `inputs`."""
        with self.scope():
            parts = [
                np.asarray(self._forward(tf.constant(inputs[i : i + rows_at_once]))) for i in range(0, len(inputs), rows_at_once)
            ]
        return np.concatenate(parts) if parts else np.empty((0, *self.model.output.shape[1:]), np.float32)

    def _forward_once(self, x: tf.Tensor) -> tf.Tensor:
        # A recurrent layer with dropout draws random numbers outside training, too; a look must not use up a run's.
        with keras.StatelessScope():
            return self.model(x, training=False)

    def save(self, path: Path) -> None:
        """Write the network, with the optimizer's memory, as a ``.keras`` file; a file that is there is replaced as a whole."""
        write_atomically(path, self.plain_model().save)

    def plain_model(self) -> keras.Model:
        """The network in Keras's own layers alone: a copy where it holds another."""
        with _building:
            return plain(self.model)

    @contextlib.contextmanager
    def scope(self) -> Iterator[None]:
        """Everything inside happens on the session's devices, and leaves nothing behind when the session is gone."""
        with self.replicas.scope() if self.replicas else tf.device(self.device.scope), released_graphs():
            yield


def build(experiment: Experiment, prepared: Prepared) -> keras.Model:
    """The network, compiled for ``fit`` and ``evaluate`` of plain Keras, with initial weights."""
    try:
        with _building:
            model = network.build(experiment, prepared.facts, prepared.x_train)
    except (ValueError, TypeError) as error:
        raise EngineError(f"Keras cannot build this network: {first_line(error)}.") from error
    training = experiment.training
    measures = network.metrics(training, prepared.facts, prepared.target)
    # Our own figure would keep the saved file from being opened by plain Keras.
    plain = [metric for metric in measures if getattr(metric, "_fn", None) is not network.sign_accuracy]
    optimizer = network.keras_object(training.optimizer)
    model.compile(optimizer=optimizer, loss=network.keras_object(training.loss), metrics=plain)
    model.optimizer.build(model.trainable_variables)  # in half precision one around ours, which scales the loss
    return model


def built_metrics(experiment: Experiment, prepared: Prepared) -> list[keras.metrics.Metric]:
    """The experiment's metrics with all their variables made."""
    found = network.metrics(experiment.training, prepared.facts, prepared.target)
    outputs = tf.zeros((1, *prepared.target.shape)) if prepared.target.shape else tf.zeros((1, prepared.target.units))
    for metric in found:
        metric.update_state(tf.constant(prepared.y_train[:1]), outputs)
        metric.reset_state()
    return found


def can_profit(network: Network, device: Device) -> bool:
    """Whether XLA may be faster. On the processor its convolutions are much slower than the plain graph's (40 times seen)."""
    return device.name != "cpu" or not any(layer.family == "convolution" for layer in network)


def refuse_precision(precision: Precision, device: Device) -> None:
    """Raise EngineError where `device` does not compute with such numbers."""
    if precision not in precisions(device):
        known = " or ".join(precisions(device))
        raise EngineError(f"{device.name} does not compute with {precision}. Use {known}, or an NVIDIA GPU that has it.")


def refuse_for_replicas(experiment: Experiment) -> None:
    """Raise EngineError for what Keras's optimizer cannot do where several devices train together."""
    training = experiment.training
    if training.precision != "float32":
        raise EngineError(
            f"Several devices train together in float32 alone, not in {training.precision}. Choose float32, or one device."
        )
    if training.optimizer.gradient_accumulation_steps:
        raise EngineError(
            "Several devices train together without gradient accumulation. Use a larger batch instead, or one device."
        )
    if masks_examples(experiment.network):
        raise EngineError("Several devices cannot pass over whole examples together, as the Masking layer asks. Use one device.")


def refuse_too_large(needed: Estimate, device: Device) -> None:
    """Raise NotEnoughMemory where `device` cannot hold what a training needs."""
    available = available_memory(device)
    if available is not None and (short := shortage(needed, available, f"{device.name} has {size_text(available)} free")):
        raise NotEnoughMemory(short)
