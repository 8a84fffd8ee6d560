"""Good experiments to start from."""

from pathlib import Path

from msgspec.structs import replace

from models.experiment.activations import Gelu, Relu
from models.experiment.check import check
from models.experiment.data import Arrays, Facts, FileSource, Sequences, Source, Spiral, TemporalOrder
from models.experiment.encoding import target_for
from models.experiment.experiment import Experiment, Network
from models.experiment.initializers import HeNormal
from models.experiment.layers import GRU, LSTM, Conv1D, Conv2D, Dense, Flatten, Masking, MaxPooling1D, MaxPooling2D
from models.experiment.optimizers import Adam
from models.experiment.output_checks import fitting_loss, output_layer, with_loss
from models.experiment.sequence_checks import embedding_for
from models.experiment.training import Training

most_steps, most_features = 100, 16
"""A sequence of so many steps with so many numbers each is read step by step; a longer one would take ages, a broader one is
rather an image."""


def default_experiment() -> Experiment:
    """What the window opens with: a spiral that a small network of relu units learns in a few seconds."""
    source = Spiral(noise=0.05)
    return starter(source, source.facts())


def starter(source: Source, facts: Facts, name: str = "") -> Experiment:
    """An experiment that learns something from `source` at once: layers for the shape of its examples, loss for its task."""
    loss = fitting_loss(facts)
    target = target_for(facts, loss)
    assert target is not None
    hidden = _sequence_layers(source, facts) or _hidden(facts)
    training = Training(
        loss=loss,
        optimizer=Adam(learning_rate=0.01 if isinstance(source, Sequences) else _learning_rate(facts)),
        batch_size=_batch_size(facts.training_samples),
        epochs=_epochs(facts),
    )
    network = (*hidden, output_layer(target, loss, hidden))
    return Experiment(name=name or source_title(source), data=with_scaling(source, facts), network=network, training=training)


def with_source(experiment: Experiment, source: Source, old: Facts | None, new: Facts | None) -> Experiment:
    """`experiment` on other data; an output that fitted the old data (`old`) is brought in line with the new ones (`new`).

    A name that was only the old data's title becomes the new data's.
    """
    name = source_title(source) if experiment.name == source_title(experiment.data) else experiment.name
    changed = replace(experiment, name=name, data=with_scaling(source, new) if new else source)
    if old is None or new is None or check(experiment, old).errors:
        return changed
    if (old.task, old.outputs) == (new.task, new.outputs):
        return changed
    return with_loss(changed, new, fitting_loss(new))


def source_title(source: Source) -> str:
    """What an experiment on such data is called until somebody gives it a name."""
    return Path(source.path).stem if isinstance(source, FileSource) else source.title


def with_scaling(source: Source, facts: Facts) -> Source:
    """`source` with the numbers of a file brought to a size that a network learns from.

    Pixels of 0 to 255 or prices in the thousands would take it ages to reach.
    """
    if isinstance(source, Arrays):
        source = replace(source, scaling="standard" if len(facts.input_shape) == 1 else "minmax")
    if isinstance(source, FileSource) and facts.task == "regression":
        source = replace(source, target_scaling="standard")
    return source


def _sequence_layers(source: Source, facts: Facts) -> Network:
    """Layers that remember, for symbols and for a few numbers at each of a few steps; none for anything else."""
    if isinstance(source, TemporalOrder) and facts.tokens is not None:
        return (replace(embedding_for(facts.tokens), mask_zero=True), GRU(name="gru", units=16))
    padding: Network = (Masking(name="masking"),) if isinstance(source, Sequences) else ()
    steps, features = facts.input_shape if len(facts.input_shape) == 2 else (0, 0)
    if isinstance(source, Sequences) or (1 < steps <= most_steps and features <= most_features):
        return (*padding, LSTM(name="lstm", units=32))
    return ()


def _hidden(facts: Facts) -> Network:
    rank = len(facts.input_shape)
    if rank == 3 and min(facts.input_shape[:2]) >= 6:
        return (
            Conv2D(
                name="conv2d", filters=16, kernel_size=(3, 3), padding="same", activation=Relu(), kernel_initializer=HeNormal()
            ),
            MaxPooling2D(name="max_pooling2d"),
            Conv2D(
                name="conv2d_1", filters=32, kernel_size=(3, 3), padding="same", activation=Relu(), kernel_initializer=HeNormal()
            ),
            Flatten(name="flatten"),
            Dense(name="dense", units=64, activation=Relu(), kernel_initializer=HeNormal()),
        )
    if rank == 2 and facts.input_shape[0] >= 8:
        return (
            Conv1D(name="conv1d", filters=16, kernel_size=3, padding="same", activation=Relu(), kernel_initializer=HeNormal()),
            MaxPooling1D(name="max_pooling1d"),
            Flatten(name="flatten"),
            Dense(name="dense", units=32, activation=Relu(), kernel_initializer=HeNormal()),
        )
    flat: Network = (Flatten(name="flatten"),) if rank > 1 else ()
    if facts.input_shape == (1,):
        return (
            Dense(name="dense", units=32, activation=Gelu(), kernel_initializer=HeNormal()),
            Dense(name="dense_1", units=32, activation=Gelu(), kernel_initializer=HeNormal()),
        )
    width = 16 if facts.input_size <= 8 else 64
    return (
        *flat,
        Dense(name="dense", units=width, activation=Relu(), kernel_initializer=HeNormal()),
        Dense(name="dense_1", units=width, activation=Relu(), kernel_initializer=HeNormal()),
    )


def _batch_size(samples: int) -> int:
    return 10 if samples <= 300 else 32 if samples <= 20_000 else 128


def _learning_rate(facts: Facts) -> float:
    if len(facts.input_shape) > 1:
        return 0.001
    return 0.01 if facts.input_size == 2 else 0.005 if facts.input_size == 1 else 0.003


def _epochs(facts: Facts) -> int:
    """Epochs that make some thousands of steps on a toy, and fewer where a small set would be learned by heart."""
    toy = facts.input_size <= 2
    steps, most = (5000, 200) if toy else (1500, 50)
    return min(most, max(5, steps * _batch_size(facts.training_samples) // max(facts.training_samples, 1)))
