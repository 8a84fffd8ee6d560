"""The title of a plot that can show one of several quantities."""

from gui.plots.header import HeadChoice


class Title(HeadChoice):
    """A choice that stands as a title."""

    def __init__(self) -> None:
        super().__init__("What to draw", "title", cut=False)
