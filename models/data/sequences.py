"""Made-up sequences: the adding problem and the temporal order problem of Hochreiter and Schmidhuber (1997).

Both are declared, with their rules, in ``models.experiment.data``.
"""

import numpy as np

from models.data.examples import Array, Examples
from models.data.randomness import Use, generator
from models.experiment import data as sources

Generator = np.random.Generator

first_candidates = 10
"""The first mark of the adding problem is on one of so many pairs, whatever the length."""


def load_sequences(source: sources.AddingProblem | sources.TemporalOrder, seed: int) -> Examples:
    """The examples of `source`, in random order."""
    random, facts = generator(seed, Use.EXAMPLES), source.facts()
    if isinstance(source, sources.AddingProblem):
        x, y = adding(source.samples, source.length, source.longest, random)
        return Examples(x, y[:, np.newaxis], facts.task, facts.outputs)
    x, y = temporal_order(source.samples, source.length, source.longest, random)
    return Examples(x, y, facts.task, facts.outputs, class_names=facts.class_names, tokens=facts.tokens)


def adding(samples: int, length: int, longest: int, random: Generator) -> tuple[Array, Array]:
    """Pairs (samples, longest, 2) of a number and its mark, 0 behind the end of a sequence, and the targets (samples,).

    The second mark is on one of the first length/2 − 1 pairs that are not marked yet.
    """
    rows = np.arange(samples)
    numbers = random.uniform(-1, 1, (samples, longest))
    ends = random.integers(length, longest + 1, samples)
    first = random.integers(0, first_candidates, samples)
    second = random.integers(0, length // 2 - 1, samples)
    second += second >= first
    marks = np.zeros((samples, longest))
    marks[rows, first] = marks[rows, second] = 1
    marks[:, 0] = marks[rows, ends - 1] = -1
    target = 0.5 + np.sum(numbers * (marks == 1), axis=1) / 4
    inside = np.arange(longest) < ends[:, np.newaxis]
    return np.stack([numbers * inside, marks], axis=-1), target


def temporal_order(samples: int, length: int, longest: int, random: Generator) -> tuple[Array, Array]:
    """Numbers of symbols (samples, longest), 0 behind the end of a sequence, and the classes (samples,)."""
    number = {symbol: index for index, symbol in enumerate(sources.TemporalOrder.symbols)}
    rows = np.arange(samples)
    tokens = random.integers(number["a"], number["d"] + 1, (samples, longest))
    ends = random.integers(length, longest + 1, samples)
    first = random.integers(length // 10, length // 5 + 1, samples)
    second = random.integers(length // 2, length * 6 // 10 + 1, samples)
    kinds = random.integers(0, 2, (samples, 2))
    tokens[rows, first], tokens[rows, second] = number["X"] + kinds[:, 0], number["X"] + kinds[:, 1]
    tokens[:, 0] = number["E"]
    tokens[rows, ends - 1] = number["B"]
    tokens[np.arange(longest) >= ends[:, np.newaxis]] = 0
    return tokens, 2 * kinds[:, 0] + kinds[:, 1]
