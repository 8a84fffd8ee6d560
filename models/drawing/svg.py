"""The picture as SVG."""

from xml.sax.saxutils import escape

from models.drawing import look
from models.drawing.diagram import Box, Diagram, Point, bends, box_height


def svg(diagram: Diagram, title: str) -> str:
    """`diagram` as the text of an SVG file that every browser and drawing program shows."""
    size = f'width="{diagram.width:g}" height="{diagram.height:g}" viewBox="0 0 {diagram.width:g} {diagram.height:g}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="Helvetica, Arial, sans-serif" text-anchor="middle">',
        f"<title>{escape(title)}</title>",
        f'<rect width="100%" height="100%" fill="{look.background}"/>',
        f'<g fill="none" stroke="{look.line_colour}" stroke-width="{look.line_width:g}">',
        *(f'<path d="{_path(line)}"/>' for line in diagram.lines),
        "</g>",
        f'<g fill="{look.line_colour}">',
        *(f'<path d="{_head(line[-1])}"/>' for line in diagram.lines),
        "</g>",
        *(part for box in diagram.boxes for part in _box(box)),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _path(line: tuple[Point, ...]) -> str:
    """The line, up to the arrow's head."""
    *before, (x, y) = line
    start = f"M{line[0][0]:g} {line[0][1]:g}"
    curves = bends((*before, (x, y - look.arrow)))
    return start + "".join(f"C{a:g} {b:g} {c:g} {d:g} {e:g} {f:g}" for _, (a, b), (c, d), (e, f) in curves)


def _head(point: Point) -> str:
    x, y = point
    return f"M{x:g} {y:g}l{-look.arrow / 2:g} {-look.arrow:g}h{look.arrow:g}z"


def _box(box: Box) -> list[str]:
    edge = f'fill="{look.box_fill}" stroke="{look.box_edge}"'
    place = f'x="{box.left:g}" y="{box.top:g}" width="{box.width:g}" height="{box_height:g}"'
    texts = zip(box.lines, look.baselines, look.text_sizes, look.text_colours, strict=True)
    return [
        f'<rect {place} rx="{look.corner:g}" {edge}/>',
        *(
            f'<text x="{box.middle:g}" y="{box.top + baseline:g}" font-size="{size:g}" fill="{colour}">{escape(text)}</text>'
            for text, baseline, size, colour in texts
            if text
        ),
    ]
