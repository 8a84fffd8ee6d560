"""The package as a whole."""

import subprocess
import sys

import numpy as np

from models.data.randomness import Use, generator, integer_seed


def test_looking_at_data_needs_no_heavy_import():
    heavy = "sklearn", "pandas", "scipy", "tensorflow", "keras", "matplotlib", "PySide6"
    code = f"import sys, models.data; print([name for name in {heavy} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_points_and_split_have_streams_of_their_own():
    assert not np.array_equal(generator(0, Use.EXAMPLES).random(5), generator(0, Use.SPLIT).random(5))
    assert len({integer_seed(seed, use) for seed in range(50) for use in Use}) == 100
