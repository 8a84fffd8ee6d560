"""A page of the tabs whose panel is made when it is first needed: the first paint does not wait for what it does not show."""

from collections.abc import Callable
from functools import cached_property
from typing import Generic, TypeVar

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
        return panel

    @property
    def made(self) -> Panel | None:
        """The panel, where it is made already."""
        return self.__dict__.get("panel")

    def showEvent(self, event: QShowEvent) -> None:
        self.panel.show()  # the layout would do so only after the page was painted empty
        self._column.activate()
        super().showEvent(event)
