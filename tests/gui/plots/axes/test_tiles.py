"""Maps of numbers have the right colours in the right places."""

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from gui.plots.axes.tiles import (
    Box,
    canvas_of,
    coloured,
    framed,
    greys,
    laid_out,
    put,
    put_all,
    reach_of,
    readable_on,
    strongest,
)
from gui.theme import dark, light


def test_maps_are_as_large_as_they_can_be_and_do_not_overlap():
    room = Box(10, 20, 300, 200)
    boxes = laid_out(room, 6, 1.0, gap=10, head=5)
    assert {(box.width, box.height) for box in boxes} == {(90, 90)}
    assert len({box.top for box in boxes}) == 2
    for box in boxes:
        assert room.left <= box.left
        assert box.left + box.width <= room.left + room.width
        assert room.top + 5 <= box.top
        assert box.top + box.height <= room.top + room.height
    for first, second in ((a, b) for a in boxes for b in boxes if a is not b):
        assert not second.holds(first.left, first.top)
    assert laid_out(room, 0, 1.0, gap=1) == []


@pytest.mark.parametrize("count", [1, 7, 256])
def test_maps_keep_their_shape(count):
    assert all(abs(box.width - 2 * box.height) <= 2 for box in laid_out(Box(0, 0, 400, 250), count, 2.0, gap=1))


def test_a_room_without_room_still_has_places():
    assert len(laid_out(Box(0, 0, 3, 2), 5, 1.0, gap=4)) == 5


def test_of_numbers_that_share_a_pixel_the_strongest_is_seen():
    values = np.zeros((7, 5))
    values[1, 2], values[6, 4], values[6, 3] = 0.2, -0.9, 0.5
    assert strongest(values, (7, 9)).tolist() == values.tolist()
    found = strongest(values, (3, 2))
    assert found.shape == (3, 2)
    assert found.min() == -0.9
    assert found[0, 1] == 0.2
    assert np.count_nonzero(found) == 2


def test_the_cell_under_the_pointer():
    box = Box(10, 20, 40, 30)
    assert box.cell(10, 20, (3, 4)) == (0, 0)
    assert box.cell(49.9, 49.9, (3, 4)) == (2, 3)
    assert box.cell(25, 31, (3, 4)) == (1, 1)
    assert box.cell(999, -5, (3, 4)) == (0, 3)


@pytest.mark.parametrize("theme", [light, dark], ids=["light", "dark"])
def test_colours_run_from_orange_over_the_background_to_blue_and_grey_is_what_is_not_finite(theme):
    colours = coloured(np.array([-2.0, 0.0, 2.0, 9.0, np.nan, np.inf]), 2.0, theme) / 255
    assert colours[1] == pytest.approx(to_rgb(theme.neutral), abs=0.01)
    assert np.abs(colours[0] - to_rgb(theme.classes[0])).sum() < np.abs(colours[0] - to_rgb(theme.classes[1])).sum()
    assert np.abs(colours[2] - to_rgb(theme.classes[1])).sum() < np.abs(colours[2] - to_rgb(theme.classes[0])).sum()
    assert colours[3].tolist() == colours[2].tolist()
    assert colours[4] == pytest.approx(to_rgb(theme.muted), abs=0.01)
    assert colours[5].tolist() == colours[4].tolist()


def test_a_map_is_stretched_without_mixing_its_colours():
    picture = canvas_of(9, 6, light)
    part = np.array([[[1, 1, 1], [2, 2, 2]], [[3, 3, 3], [4, 4, 4]]], dtype=np.uint8)
    put(picture, Box(1, 1, 6, 4), part)
    assert picture[1:5, 1:7, 0].tolist() == [[1, 1, 1, 2, 2, 2]] * 2 + [[3, 3, 3, 4, 4, 4]] * 2
    assert (picture[0] == 255).all()
    assert (picture[:, 7:] == 255).all()


def test_what_does_not_fit_is_cut():
    picture = canvas_of(4, 4, light)
    put(picture, Box(2, 3, 5, 5), np.zeros((1, 1, 3), np.uint8))
    assert (picture == 0).all(axis=2).sum() == 2
    framed(picture, Box(0, 0, 2, 2), np.full((1, 1, 3), 9, np.uint8), "#000000")
    assert picture[:3, :3, 0].tolist() == [[9, 9, 0], [9, 9, 0], [0, 0, 0]]


def test_many_maps_are_drawn_like_one_by_one():
    parts = np.random.default_rng(0).integers(0, 255, (3, 2, 4, 3), dtype=np.uint8)
    boxes = [Box(1, 1, 8, 5), Box(12, 1, 8, 5), Box(16, 8, 8, 5)]  # the last one is cut off
    together, single = canvas_of(20, 12, light), canvas_of(20, 12, light)
    put_all(together, boxes, parts, light.border)
    for box, part in zip(boxes, parts, strict=True):
        framed(single, box, part, light.border)
    assert together.tolist() == single.tolist()


def test_pictures_run_from_black_to_white():
    assert greys(np.array([[[-1.0], [0.0], [1.0]]])).tolist() == [[[0] * 3, [127] * 3, [255] * 3]]
    assert greys(np.array([[[0.0, 0.5, 1.0]]])).tolist() == [[[0, 127, 255]]]
    assert greys(np.full((1, 1, 1), 5.0)).tolist() == [[[0, 0, 0]]]


def test_the_range_is_round_and_keeps_still():
    assert reach_of(np.array([-2.6, 1.0])) == 3.0
    assert reach_of(np.array([1.1]), before=3.0) == 3.0
    assert reach_of(np.array([0.9]), before=3.0) == 1.0
    assert reach_of(np.array([4.2]), before=3.0) == 5.0
    assert reach_of(np.array([np.nan])) == 1.0


def test_text_can_be_read_on_every_colour():
    def brightness(colour):
        shares = np.asarray(colour) / 255
        return np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4) @ [0.2126, 0.7152, 0.0722]

    for colour in coloured(np.linspace(-1, 1, 101), 1.0, light):
        text = 255 * np.array(to_rgb(readable_on(colour)))
        bright, dim = sorted((brightness(text), brightness(colour)), reverse=True)
        assert (bright + 0.05) / (dim + 0.05) >= 4.5
