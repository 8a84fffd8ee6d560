"""Where the Tab key goes: through what can be seen, in the order of the places in which it is seen.

Qt's own order is that in which widgets were made. Forms are made ever anew, panels late, and what has a focus proxy is passed in
one direction and not in the other: one could go round without ever coming back to the toolbar.
"""

from collections.abc import Iterator, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget


def takes_tab(widget: QWidget) -> bool:
    """Whether the Tab key may stop at `widget`; what passes the focus on to another does not."""
    reachable = bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus) and widget.focusProxy() is None
    return reachable and widget.isVisible() and widget.isEnabled() and not widget.isWindow()


def stops_in(regions: Sequence[QWidget]) -> list[QWidget]:
    """What the Tab key stops at in these parts of one window, part by part; inside each in the order in which it was made."""
    every = [each for each in _chain(regions[0].window()) if takes_tab(each)]
    return [each for region in regions for each in every if region is each or region.isAncestorOf(each)]


def go(stops: Sequence[QWidget], start: QWidget | None, forward: bool, around: bool = False) -> QWidget | None:
    """Put the focus on what follows `start` among `stops`, or comes before it; `around`: behind the last comes the first.

    None where `start` is no stop, or there is no further one.
    """
    if start not in stops:
        return None
    place = stops.index(start) + (1 if forward else -1)
    if around:
        place %= len(stops)
    if not 0 <= place < len(stops):
        return None
    stops[place].setFocus(Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason)
    return stops[place]


def _chain(window: QWidget) -> Iterator[QWidget]:
    widget = window.nextInFocusChain()
    while widget is not None and widget is not window:
        yield widget
        widget = widget.nextInFocusChain()
