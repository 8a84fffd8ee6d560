"""The choice of an example by the number that it has in the data."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QValidator
from PySide6.QtWidgets import QAbstractSpinBox

from gui.plots.header import HeadNumber
from gui.plots.switches import limit


class ExampleNumber(HeadNumber):
    """Its value is the place of an example among some that are fed; it shows the number of that example in the data, from 1.

    Of the others there is nothing to choose: a step goes to the next number that there is, and one that is typed in becomes the
    nearest of them.
    """

    _numbers: NDArray[np.int64] = np.ones(1, dtype=np.int64)
    _order: NDArray[np.int64] = np.zeros(1, dtype=np.int64)
    """Places by the numbers at them, the lowest first; here, because Qt asks for texts while it makes a box."""

    def __init__(self, explained: str, *words: str) -> None:
        super().__init__(explained, *words)
        self.setMaximum(0)
        self.setKeyboardTracking(False)  # while somebody types, parts of a number are other numbers

    def set_numbers(self, numbers: NDArray[np.int64]) -> None:
        """Offer these, (examples,), by their places; where there are none, the first example all the same."""
        self._numbers = numbers if len(numbers) else np.ones(1, dtype=np.int64)
        self._order = np.argsort(self._numbers)
        limit(self, len(self._numbers) - 1)
        self.updateGeometry()

    def number_of(self, place: int) -> int:
        """The number of the example at this place."""
        return int(self._numbers[place])

    def textFromValue(self, place: int) -> str:
        return str(self.number_of(place))

    def valueFromText(self, text: str) -> int:
        digits = self._digits(text)
        return int(np.abs(self._numbers - int(digits)).argmin()) if digits.isdecimal() else self.value()

    def validate(self, text: str, place: int) -> tuple[QValidator.State, str, int]:
        digits = self._digits(text)
        if not digits:
            return QValidator.State.Intermediate, text, place
        return (QValidator.State.Acceptable if digits.isdecimal() else QValidator.State.Invalid), text, place

    def stepBy(self, steps: int) -> None:
        rank = int(np.flatnonzero(self._order == self.value())[0]) + steps
        self.setValue(int(self._order[min(max(rank, 0), len(self._order) - 1)]))
        self.selectAll()

    def stepEnabled(self) -> QAbstractSpinBox.StepEnabledFlag:
        flags = QAbstractSpinBox.StepEnabledFlag
        found = flags.StepNone
        if self.value() != self._order[0]:
            found |= flags.StepDownEnabled
        if self.value() != self._order[-1]:
            found |= flags.StepUpEnabled
        return found

    def _digits(self, text: str) -> str:
        return text.removeprefix(self.prefix()).strip()

    @property
    def _greatest(self) -> int:
        return int(self._numbers.max())
