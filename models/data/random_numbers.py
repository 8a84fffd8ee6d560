"""Numbers that mean nothing, where a network came without data."""

import numpy as np

from models.data.examples import Array, Examples
from models.data.randomness import Use, generator
from models.experiment.data import Facts, RandomNumbers


def load_random_numbers(source: RandomNumbers, seed: int) -> Examples:
    """Normal numbers, or whole ones below the number of symbols, with targets that have nothing to do with them."""
    facts, random = source.facts(), generator(seed, Use.EXAMPLES)
    sizes = (source.samples, *source.shape)
    x: Array = random.standard_normal(sizes, np.float32)
    if source.symbols is not None:
        x = random.integers(0, source.symbols, sizes)
    y = _targets(source, facts, random)
    return Examples(x, y, facts.task, facts.outputs, facts.feature_names, facts.class_names, tokens=facts.tokens)


def _targets(source: RandomNumbers, facts: Facts, random: np.random.Generator) -> Array:
    if facts.task == "regression":
        return random.standard_normal((source.samples, facts.outputs), np.float32)
    if facts.task == "multilabel":
        return random.integers(0, 2, (source.samples, facts.outputs))
    return random.integers(0, facts.outputs, source.samples)
