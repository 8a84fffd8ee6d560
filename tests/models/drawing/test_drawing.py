"""Pictures and tables of networks: what stands where, and that every layer and every line is in them."""

import csv
import io
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from PIL import Image

from models.drawing import look
from models.drawing.diagram import arrange, bends, box_height, diagram
from models.drawing.files import drawn
from models.drawing.png import curve
from models.experiment.check import check
from models.experiment.data import Spiral
from models.experiment.layers import Dense
from models.experiment.layers.base import Layer
from models.experiment.starter import starter


class Join(Layer, tag="Join"):
    """Takes any number of inputs of one shape."""

    most_inputs = None


def experiment(*layers):
    """The usual experiment with these layers before its output."""
    value = starter(Spiral(), Spiral().facts(), "Tom & <Jerry>")
    return replace(value, network=(*layers, value.network[-1]))


def dense(name, *inputs):
    return Dense(name=name, units=4, inputs=inputs)


residual = experiment(dense("a"), dense("b"), dense("c"), Join(name="join", inputs=("c", "a")))
inception = experiment(
    dense("a"), dense("left", "a"), dense("right", "a"), dense("far"), Join(name="join", inputs=("left", "far", "a"))
)


@st.composite
def sources(draw):
    """What each box reads: the first nothing, every other one earlier boxes."""
    count = draw(st.integers(2, 12))
    return [(), *(tuple(draw(st.lists(st.integers(0, box - 1), min_size=1, max_size=4))) for box in range(1, count))]


@given(sources())
def test_nothing_lies_upon_anything_else_and_all_lines_go_down(read):
    places, ways = arrange(read)
    passed = [place for way in ways.values() for place in way]
    assert len({*places, *passed}) == len(places) + len(passed)
    assert set(ways) == {(source, target) for target, found in enumerate(read) for source in found}
    for (source, target), way in ways.items():
        rows = [places[source][0], *(row for row, _ in way), places[target][0]]
        assert rows == list(range(rows[0], rows[-1] + 1))


def test_a_stack_is_one_column():
    places, ways = arrange([(), (0,), (1,), (2,)])
    assert places == [(0, 0), (1, 0), (2, 0), (3, 0)]
    assert not any(ways.values())


def test_what_passes_layers_goes_beside_them_and_branches_stand_beside_each_other():
    places, ways = arrange([(), (0,), (1,), (2, 0)])
    assert (places, ways[0, 3]) == ([(0, 0), (1, 0), (2, 0), (3, 0)], [(1, 1), (2, 1)])
    places, _ = arrange([(), (0,), (0,), (0,), (1, 2, 3)])
    assert places == [(0, 0), (1, 0), (1, 1), (1, -1), (2, 0)]


@pytest.mark.parametrize("value", [residual, inception], ids=["residual", "inception"])
def test_no_line_crosses_a_box(value):
    drawing = diagram(value, check(value))
    inside = [(box.left, box.top, box.left + box.width, box.top + box_height) for box in drawing.boxes]
    for line in drawing.lines:
        for x, y in curve(line):
            assert 0 < x < drawing.width
            assert not any(left < x < right and top < y < bottom for left, top, right, bottom in inside)
    assert all(first[0] == control[0] for line in drawing.lines for first, control, *_ in bends(line))


def test_the_svg_holds_every_layer_and_every_line():
    root = ElementTree.fromstring(drawn(residual, check(residual), "svg"))
    space = {"": "http://www.w3.org/2000/svg"}
    texts = [text.text for text in root.iterfind(".//text", space)]
    assert texts[:6] == ["input", "InputLayer", "2", "a", "Dense", "4  ·  12 parameters"]
    assert [text for text in texts if text in ("b", "c", "join", "output")] == ["b", "c", "join", "output"]
    lines, heads = root.findall("g", space)
    assert len(lines) == len(heads) == 6  # one to each layer, and one that passes two
    assert root.find("title", space).text == "Tom & <Jerry>"


def colour(image, x, y):
    return "#" + bytes(image.getpixel((round(x), round(y)))).hex()


def test_the_png_shows_the_boxes_at_twice_the_size():
    drawing = diagram(residual, check(residual))
    image = Image.open(io.BytesIO(drawn(residual, check(residual), "png")))
    assert image.size == (round(2 * drawing.width), round(2 * drawing.height))
    for box in drawing.boxes:
        assert colour(image, 2 * box.left + 20, 2 * box.top + 20) == look.box_fill
    x, y = drawing.lines[0][0]
    assert colour(image, 2 * x, 2 * y + 10) == look.line_colour


def test_a_very_long_network_is_drawn_smaller(monkeypatch):
    monkeypatch.setattr("models.drawing.png.most_pixels", 10_000)
    image = Image.open(io.BytesIO(drawn(residual, check(residual), "png")))
    assert image.width * image.height < 11_000


def test_the_table_as_markdown():
    assert drawn(residual, check(residual), "markdown").decode().splitlines() == [
        "| layer  | kind       | output shape | parameters | reads from |",
        "| ------ | ---------- | ------------ | ---------: | ---------- |",
        "| input  | InputLayer | 2            |            |            |",
        "| a      | Dense      | 4            |         12 | input      |",
        "| b      | Dense      | 4            |         20 | a          |",
        "| c      | Dense      | 4            |         20 | b          |",
        "| join   | Join       | 4            |            | c, a       |",
        "| output | Dense      | 1            |          5 | join       |",
        "",
        "Parameters: 57 (57 trainable)",
    ]


def test_the_table_as_csv():
    found = list(csv.DictReader(io.StringIO(drawn(residual, check(residual), "csv").decode())))
    assert found[1] == {"layer": "a", "kind": "Dense", "output shape": "4", "parameters": "12", "reads from": "input"}
    assert [row["reads from"] for row in found[4:]] == ["c, a", "join"]
