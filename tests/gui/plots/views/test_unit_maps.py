"""One unit as bars: as high as its numbers say, and grey where there is no number."""

import numpy as np

from gui.plots.axes.tiles import Box, colour_bytes, coloured
from gui.plots.views.unit_maps import bars, ends_of
from gui.theme import light


def heights(picture, colour):
    """For each column, how many pixels have this colour."""
    return (picture == colour).all(axis=2).sum(axis=0)


def test_bars_are_as_high_as_their_numbers():
    picture = bars(np.array([1.0, 0.5, -0.25, np.nan], np.float32), (-1.0, 1.0), Box(0, 0, 8, 200), light)
    orange, blue = coloured(np.array([-1.0, 1.0]), 1.0, light)
    np.testing.assert_allclose(heights(picture, blue), [100, 100, 50, 50, 0, 0, 0, 0], atol=1)
    np.testing.assert_allclose(heights(picture, orange), [0, 0, 0, 0, 25, 25, 0, 0], atol=1)
    assert heights(picture, colour_bytes(light.muted)).tolist() == [0] * 6 + [200] * 2


def test_half_of_the_picture_is_left_out_where_nothing_is_on_that_side_of_0():
    assert ends_of(np.array([0.0, 2.0, np.nan]), 3.0) == (0.0, 3.0)
    assert ends_of(np.array([0.0, -2.0]), 3.0) == (-3.0, 0.0)
    assert ends_of(np.array([1.0, -2.0]), 3.0) == (-3.0, 3.0)
    assert ends_of(np.array([0.0, 0.0]), 3.0) == (-3.0, 3.0)
