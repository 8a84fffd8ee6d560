"""What a picture of a plot that stands alone has above its figure: what the plot's head says in the window."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.transforms import Bbox

from gui.plots.axes.lettering import Lettering
from gui.plots.header import Entry
from gui.theme import Theme


@contextmanager
def title_and_legend(figure: Figure, title: str, entries: Sequence[Entry], theme: Theme, lettering: Lettering) -> Iterator[Bbox]:
    """Puts `title`, in lines, and a legend of `entries` above `figure` while inside, and yields the whole in inches."""
    unit = lettering.height
    width, height = figure.bbox.width, figure.bbox.height
    longest = max((lettering.width(entry.name) for entry in entries), default=0.0)
    columns = max(1, int((width - 2 * unit) / (longest + 3.5 * unit)))
    lines = lettering.in_lines(title, width - 2 * unit, bold=True)
    above = unit * (0.65 + 1.75 * len(lines))
    head = above + 1.75 * unit * -(-len(entries) // columns)
    box = Rectangle((0, 1), 1, head / height, transform=figure.transFigure, color=theme.card)
    added: list[Artist] = [figure.add_artist(box)]
    place = (unit / width, 1 + (head - 0.8 * unit) / height)
    words = figure.text(*place, "\n".join(lines), va="top", ha="left", weight="bold", color=theme.text)
    words.set_parse_math(False)
    added.append(words)
    if entries:
        legend = _legend(figure, entries, columns, theme, lettering)
        legend.set_bbox_to_anchor((0.4 * unit / width, 1 + (head - above + 0.1 * unit) / height), figure.transFigure)
        added.append(legend)
    try:
        yield Bbox.from_extents(0, 0, width / figure.dpi, (height + head) / figure.dpi)
    finally:
        for artist in added:
            artist.remove()


def _legend(figure: Figure, entries: Sequence[Entry], columns: int, theme: Theme, lettering: Lettering) -> Legend:
    legend = figure.legend(
        [_mark(entry) for entry in entries], [" "] * len(entries), loc="upper left", ncols=min(columns, len(entries)),
        frameon=False, borderpad=0.2, handletextpad=0.4, columnspacing=1.0, labelcolor=theme.muted,
    )  # fmt: skip
    for text, entry in zip(legend.get_texts(), entries, strict=True):
        # Afterwards: given as labels, names that begin with _ would be left out, and those with $ taken for formulas.
        text.set(text=lettering.elided(entry.name, figure.bbox.width - 5.5 * lettering.height), parse_math=False)
    return legend


def _mark(entry: Entry) -> Line2D:
    if entry.line:
        return Line2D([], [], linestyle=entry.line, color=entry.colour)
    if entry.ring:
        return Line2D([], [], linestyle="", color=entry.colour, marker="o", fillstyle="none")
    return Line2D([], [], linestyle="", color=entry.colour, marker="s")
