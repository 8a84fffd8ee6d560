"""How large the cards are: steps of zoom, in percent of the window's font."""

from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication

steps = (50, 60, 70, 80, 90, 100, 110, 125, 150, 175, 200)
usual = 100
least_full = 0.85
"""Of the window's font: with a smaller one cards are one line, because three would not be read."""


def zoomed(percent: int) -> QFont:
    """The window's font at this zoom."""
    font = QApplication.font()
    if font.pointSizeF() > 0:
        font.setPointSizeF(font.pointSizeF() * percent / 100)
    else:
        font.setPixelSize(max(1, round(font.pixelSize() * percent / 100)))
    return font


def stepped(percent: int, by: int) -> int:
    """The next larger step (`by` +1) or smaller one (−1), as far as there is one."""
    further = [step for step in steps if (step > percent if by > 0 else step < percent)]
    return (min(further) if by > 0 else max(further)) if further else nearest(percent)


def nearest(percent: int) -> int:
    """The step nearest to `percent`."""
    return min(steps, key=lambda step: abs(step - percent))


def is_small(font: QFont) -> bool:
    """Whether cards in this font are to be one line."""
    ours, usual_font = font, QApplication.font()
    if ours.pointSizeF() > 0 and usual_font.pointSizeF() > 0:
        return ours.pointSizeF() < least_full * usual_font.pointSizeF()
    return ours.pixelSize() < least_full * usual_font.pixelSize()
