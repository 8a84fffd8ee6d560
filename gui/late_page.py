"""A page of the tabs whose panel is made when it is first needed: the first paint does not wait for what it does not show."""

from collections.abc import Callable
from functools import cached_property
from typing import Generic, TypeVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

Panel = TypeVar("Panel", bound=QWidget)


class LatePage(QWidget, Generic[Panel]):
    """Holds a panel from the moment on when somebody asks for it, or looks at the page."""

    def __init__(self, make: Callable[[], Panel]) -> None:
        super().__init__()
        self._make = make
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)

    @cached_property
    def panel(self) -> Panel:
        """The panel; made by the first who asks."""
        panel = self._make()
        self._column.addWidget(panel)
        _follow_in_tab_order(self, panel)
        return panel

    @property
    def made(self) -> Panel | None:
        """The panel, where it is made already."""
        return self.__dict__.get("panel")

    def showEvent(self, event: QShowEvent) -> None:
        self.panel.show()  # the layout would do so only after the page was painted empty
        self._column.activate()
        super().showEvent(event)


def _follow_in_tab_order(page: QWidget, panel: QWidget) -> None:
    """Let the tabulator come to what is in `panel` where the page is, and not after all that was made before."""
    last = page.previousInFocusChain()
    while last is not None and not _takes_focus(last):
        last = last.previousInFocusChain()
    for widget in _chain_inside(panel):
        if last is not None:
            QWidget.setTabOrder(last, widget)
        last = widget


def _chain_inside(panel: QWidget) -> list[QWidget]:
    """What can have the focus inside `panel`, in the order in which it was made."""
    found = []
    widget = panel.nextInFocusChain()
    while widget is not None and panel.isAncestorOf(widget):
        if _takes_focus(widget):
            found.append(widget)
        widget = widget.nextInFocusChain()
    return found


def _takes_focus(widget: QWidget) -> bool:
    return widget.focusPolicy() != Qt.FocusPolicy.NoFocus
