"""What somebody chooses about a view, remembered from one start of the program to the next.

Each switch is declared once, where the view makes it. Zooms are not among them: they are about the figures of one run.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QComboBox, QToolButton

Value = str | bool
"""How a switch stands, as it is written down."""

_wish = "wished"
"""Property of a choice: the name of what is to be chosen as soon as it is offered."""


@dataclass(frozen=True)
class Switch:
    """One thing that can be chosen: how it stands, and what sets it. What it cannot be set to changes nothing."""

    read: Callable[[], Value]
    write: Callable[[Any], None]
    """Is given a value of the kind that `read` gives."""


def of_button(button: QToolButton) -> Switch:
    """Of a button that stays pressed."""
    return Switch(button.isChecked, button.setChecked)


def of_words(words: Collection[str], read: Callable[[], str], write: Callable[[str], None]) -> Switch:
    """Of one of several `words`."""
    return Switch(read, lambda value: write(value) if value in words else None)


def of_choice(box: QComboBox) -> Switch:
    """Of a choice of names, of which some may be offered only later, by `offer`: until then a remembered one is waited for."""
    box.currentIndexChanged.connect(lambda: box.setProperty(_wish, None))

    def write(name: str) -> None:
        place = box.findData(name)
        box.setCurrentIndex(place if place >= 0 else box.currentIndex())
        box.setProperty(_wish, name if place < 0 else None)

    return Switch(lambda: str(box.property(_wish) or box.currentData() or ""), write)


def offered(box: QComboBox) -> list[tuple[str, str]]:
    """(word, name) of what can be chosen."""
    return [(box.itemText(place), box.itemData(place)) for place in range(box.count())]


def offer(box: QComboBox, choices: Sequence[tuple[str, str]]) -> bool:
    """Let `box` offer these, (word, name): what was chosen stays, or what is remembered comes back, where it is among them.

    True where another name is chosen than before.
    """
    chosen, wished = box.currentData(), box.property(_wish)
    with QSignalBlocker(box):
        box.clear()
        for word, name in choices:
            box.addItem(word, name)
        place = box.findData(wished) if wished else -1
        if place >= 0:
            box.setProperty(_wish, None)
        box.setCurrentIndex(place if place >= 0 else max(box.findData(chosen), 0))
    return bool(box.currentData() != chosen)
