"""The picture as PNG, drawn with Pillow: neither Qt nor matplotlib, so that it needs no window."""

import io
from collections.abc import Iterator
from math import sqrt

from PIL import Image, ImageDraw, ImageFont

from models.drawing import look
from models.drawing.diagram import Box, Diagram, Point, bends, box_height

scale = 2.0
"""Pixels of the file for one of the diagram: sharp on any screen and on paper."""
most_pixels = 100_000_000
"""A picture that would have more is drawn smaller."""
smooth_pixels = 16_000_000
"""A picture of at most so many is drawn at twice its size and shrunk, which makes curves smooth."""


def png(diagram: Diagram) -> bytes:
    """`diagram` as the content of a PNG file."""
    area = diagram.width * diagram.height
    wanted = min(scale, sqrt(most_pixels / area))
    oversampling = 2 if area * wanted**2 <= smooth_pixels else 1
    image = Pencil(diagram, wanted * oversampling).image
    content = io.BytesIO()
    (image.reduce(oversampling) if oversampling > 1 else image).save(content, "PNG")
    return content.getvalue()


class Pencil:
    """Draws a diagram on an image, so many times larger."""

    def __init__(self, diagram: Diagram, factor: float) -> None:
        self._factor = factor
        self._fonts = [ImageFont.load_default(size * factor) for size in look.text_sizes]
        self.image = Image.new("RGB", (round(diagram.width * factor), round(diagram.height * factor)), look.background)
        self._draw = ImageDraw.Draw(self.image)
        for line in diagram.lines:
            self._line(line)
        for box in diagram.boxes:
            self._box(box)

    def _line(self, line: tuple[Point, ...]) -> None:
        *before, (x, y) = line
        half, length = look.arrow / 2, look.arrow
        width = max(1, round(look.line_width * self._factor))
        self._draw.line(self._points(*curve((*before, (x, y - length)))), look.line_colour, width, joint="curve")
        self._draw.polygon(self._points((x, y), (x - half, y - length), (x + half, y - length)), look.line_colour)

    def _box(self, box: Box) -> None:
        corners = self._points((box.left, box.top), (box.left + box.width, box.top + box_height))
        edge = max(1, round(self._factor))
        self._draw.rounded_rectangle(corners, look.corner * self._factor, look.box_fill, look.box_edge, edge)
        for text, baseline, font, colour in zip(box.lines, look.baselines, self._fonts, look.text_colours, strict=True):
            (place,) = self._points((box.middle, box.top + baseline))
            # Pillow's own font, which is everywhere the same, lacks this sign.
            self._draw.text(place, text.replace("×", "x"), colour, font, anchor="ms")

    def _points(self, *points: Point) -> list[Point]:
        return [(x * self._factor, y * self._factor) for x, y in points]


def curve(line: tuple[Point, ...], pieces: int = 16) -> Iterator[Point]:
    """Points along `line`, so many to a bend."""
    yield line[0]
    for start, first, second, end in bends(line):
        straight = start[0] == end[0]
        for step in range(pieces if straight else 1, pieces + 1):
            t = step / pieces
            weights = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3
            points = (start, first, second, end)
            yield (
                sum(weight * point[0] for weight, point in zip(weights, points, strict=True)),
                sum(weight * point[1] for weight, point in zip(weights, points, strict=True)),
            )
