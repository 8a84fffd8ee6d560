"""Brings into memory what drawing needs, away from the window's thread."""

from functools import cache

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from gui.plots.docks import panels  # noqa: F401  # for all that it brings along


@cache
def warm_up() -> None:
    """Draw one figure with all that the plots are made of: what matplotlib loads and finds out on the way, it does only once."""
    figure = Figure(figsize=(3, 2))
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.imshow([[[0.0, 0.0, 0.0]]])
    axes.scatter([1, 2], [1, 2])
    axes.plot([1, 2], [1, 2], marker="o")
    axes.text(1, 1, "0")
    axes.set_ylim(1, 2)
    axes.set_yscale("log")
    canvas.draw()
