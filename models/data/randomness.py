"""Random numbers of the data, drawn from the experiment's seed alone.

Each use has a stream of its own: the points stay where they are when the share of validation changes, and neither changes with
the network.
"""

from enum import IntEnum

import numpy as np


class Use(IntEnum):
    """What random numbers are drawn for; the number is part of the stream's key and must never change."""

    EXAMPLES = 0
    SPLIT = 1


def _sequence(seed: int, use: Use) -> np.random.SeedSequence:
    return np.random.SeedSequence(seed, spawn_key=(int(use),))


def generator(seed: int, use: Use) -> np.random.Generator:
    """The stream of `use` under the experiment's `seed`."""
    return np.random.default_rng(_sequence(seed, use))


def integer_seed(seed: int, use: Use) -> int:
    """The seed of `use` for scikit-learn, which takes whole numbers below 2³²."""
    return int(_sequence(seed, use).generate_state(1)[0])
