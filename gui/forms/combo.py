"""A combo box that stays narrow in the form and is wide enough when it is open."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPaintEvent, QStandardItemModel
from PySide6.QtWidgets import QComboBox, QSizePolicy, QStyle, QStyleOptionComboBox, QStylePainter, QWidget

from gui.widgets.guards import WheelGuard
from gui.widgets.typed_line import mixed_text

_short_role = Qt.ItemDataRole.UserRole + 1
_longest_popup = 420


class Combo(QComboBox):
    """A combo box whose entries may have a short name for the closed box, a tooltip, and headings above them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._guard = WheelGuard(self)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(4)
        self.setMaxVisibleItems(18)
        self.setPlaceholderText(mixed_text)

    def add_entry(self, label: str, tooltip: str = "", short: str = "") -> None:
        """Add an entry; the closed box says `short` where `label` does not fit."""
        self.addItem(label)
        self.setItemData(self.count() - 1, tooltip, Qt.ItemDataRole.ToolTipRole)
        self.setItemData(self.count() - 1, short or label, _short_role)

    def add_heading(self, label: str) -> None:
        """Add a line that cannot be chosen."""
        self.addItem(label)
        model = self.model()
        assert isinstance(model, QStandardItemModel)
        model.item(self.count() - 1).setEnabled(False)

    def show_index(self, index: int) -> None:
        """Show an entry; −1: several things that do not agree."""
        if index != self.currentIndex():
            self.setCurrentIndex(index)
        self.setToolTip(self.itemData(index, Qt.ItemDataRole.ToolTipRole) or "" if index >= 0 else "")

    @property
    def closed_text(self) -> str:
        """What the closed box says; where even the short name is too long for it, without its middle.

        The beginning is what the names of many losses, and initializers, have in common.
        """
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        part = QStyle.SubControl.SC_ComboBoxEditField
        space = self.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, part, self).width()
        text = option.currentText if self.currentIndex() >= 0 else mixed_text
        if self.currentIndex() >= 0 and option.fontMetrics.horizontalAdvance(text) > space:
            text = self.currentData(_short_role) or text
        return option.fontMetrics.elidedText(text, Qt.TextElideMode.ElideMiddle, space)

    def showPopup(self) -> None:
        wanted = self.view().sizeHintForColumn(0) + 40
        self.view().setMinimumWidth(min(max(wanted, self.width()), _longest_popup))
        super().showPopup()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QStylePainter(self)
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        option.currentText = self.closed_text
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)

    def minimumSizeHint(self) -> QSize:
        return QSize(60, super().minimumSizeHint().height())
