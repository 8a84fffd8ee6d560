"""What somebody chooses about a view, remembered from one start of the program to the next.

Each switch is declared once, where the view makes it. Zooms are not among them: they are about the figures of one run.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QComboBox, QSpinBox, QToolButton

Value = str | bool | int
"""How a switch stands, as it is written down."""

_picked = "picked"
"""Property of a choice: what somebody chose last, which need not be offered at present."""
_largest = 2**31 - 1
"""Number that a choice among numbers can hold."""


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
    """Of a choice of names, of which some may be offered only at times, by `offer`: what somebody chose is shown where it is."""
    box.currentIndexChanged.connect(lambda: box.setProperty(_picked, box.currentData()))

    def write(name: str) -> None:
        box.setProperty(_picked, name)
        place = box.findData(name)
        box.setCurrentIndex(place if place >= 0 else box.currentIndex())

    return Switch(lambda: str(box.property(_picked) or ""), write)


def of_number(box: QSpinBox) -> Switch:
    """Of a choice among numbers from 0, of which `limit` says how many there are at present."""
    box.valueChanged.connect(lambda: box.setProperty(_picked, box.value()))

    def write(number: int) -> None:
        if 0 <= number <= _largest:
            box.setProperty(_picked, number)
            limit(box, box.maximum())

    return Switch(lambda: int(box.property(_picked) or 0), write)


def limit(box: QSpinBox, greatest: int) -> None:
    """Let `box` offer the numbers up to `greatest`: the one that somebody chose is shown where it is among them, else 0."""
    picked = int(box.property(_picked) or 0)
    box.setMaximum(greatest)
    box.setValue(picked if picked <= greatest else 0)
    box.setProperty(_picked, picked)


def offered(box: QComboBox) -> list[tuple[str, str]]:
    """(word, name) of what can be chosen."""
    return [(box.itemText(place), box.itemData(place)) for place in range(box.count())]


def offer(box: QComboBox, choices: Sequence[tuple[str, str]], usual: int = 0) -> bool:
    """Let `box` offer these, (word, name): what somebody chose is shown where it is among them, else the one at `usual`.

    True where another name is shown than before.
    """
    shown, picked = box.currentData(), box.property(_picked)
    with QSignalBlocker(box):
        box.clear()
        for word, name in choices:
            box.addItem(word, name)
        place = box.findData(picked) if picked else -1
        box.setCurrentIndex(place if place >= 0 else usual)
    return bool(box.currentData() != shown)
