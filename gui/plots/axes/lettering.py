"""How much room texts take in a figure, and how they are cut, chosen or broken into lines where it is not enough."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure
from PySide6.QtGui import QFont, QFontInfo, QFontMetricsF
from PySide6.QtWidgets import QWidget

from gui.plots.axes.names_axis import shortened

least_points = 8.0
longest_note_name = 120.0
"""Pixels that a layer's name may take in a note, at 96 dots an inch."""


@dataclass(frozen=True)
class Measures:
    """How large the texts of a plot are; to be measured anew for another font or screen."""

    dots_per_inch: float
    font: QFontMetricsF
    bold: QFontMetricsF
    height: float


class Lettering:
    """Measures texts of `figure` in the font of the widget that shows it; all lengths are in the figure's pixels."""

    def __init__(self, widget: QWidget, figure: Figure) -> None:
        self._widget = widget
        self._figure = figure
        self._measured: Measures | None = None

    @property
    def points(self) -> float:
        """Size of the font that ticks and texts are written in, in points."""
        return max(least_points, 0.86 * QFontInfo(self._widget.font()).pointSizeF())

    @property
    def height(self) -> float:
        """Height of a line of digits, which all other distances are measured in."""
        return self._measures().height

    def forget(self) -> None:
        """Measure anew: the widget's font may be another one."""
        self._measured = None

    def width(self, text: str, *, bold: bool = False) -> float:
        """How wide `text`, of one line, is."""
        measures = self._measures()
        return (measures.bold if bold else measures.font).horizontalAdvance(text)

    def elided(self, text: str, width: float) -> str:
        """`text`, cut at its end where it is longer than `width`."""
        if self.width(text) <= width:
            return text
        while len(text) > 1 and self.width(text + "…") > width:
            text = text[:-1]
        return text + "…"

    def short_name(self, text: str) -> str:
        """A layer's name as a note has it, so that the note stays inside the plot."""
        return shortened(text, longest_note_name * self._figure.dpi / 96, self.width)

    def fitting(self, texts: Sequence[str], width: float) -> str:
        """The first of `texts` that is no wider than `width`, or the last one, cut."""
        return next((each for each in texts if self.width(each) <= width), self.elided(texts[-1], width))

    def in_lines(self, text: str, width: float, *, bold: bool = False) -> list[str]:
        """`text` in lines of `width`; a longer word has a line of its own."""
        lines = [""]
        for word in text.split():
            longer = f"{lines[-1]} {word}".strip()
            if lines[-1] and self.width(longer, bold=bold) > width:
                lines.append(word)
            else:
                lines[-1] = longer
        return lines

    def _measures(self) -> Measures:
        if self._measured is None or self._measured.dots_per_inch != self._figure.dpi:
            font = QFont(self._widget.font())
            font.setPixelSize(round(self.points * self._figure.dpi / 72))
            metrics = QFontMetricsF(font)
            font.setBold(True)
            height = metrics.tightBoundingRect("0gI").height()
            self._measured = Measures(self._figure.dpi, metrics, QFontMetricsF(font), height)
        return self._measured
