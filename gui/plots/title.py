"""The title of a plot that can show one of several quantities."""

from PySide6.QtCore import QSize

from gui.plots.header import HeadChoice


class Title(HeadChoice):
    """A choice that stands as a title, which is never cut."""

    _widest = 1000

    def __init__(self) -> None:
        super().__init__("What to draw", "title")

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()
