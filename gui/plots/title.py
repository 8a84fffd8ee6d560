"""The title of a plot that can show one of several quantities."""

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QComboBox, QSizePolicy


class Title(QComboBox):
    """A choice that stands as a title: as wide as what is chosen, however long the others are."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "title")
        self.setToolTip("What to draw")
        self.setAccessibleName("What to draw")
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.currentIndexChanged.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        hint, measure = super().sizeHint(), self.fontMetrics().horizontalAdvance
        longest = max((measure(self.itemText(place)) for place in range(self.count())), default=0)
        return QSize(hint.width() - longest + measure(self.currentText()), hint.height())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()
