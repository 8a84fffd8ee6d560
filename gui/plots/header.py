"""The head of a plot: its title, what it shows, its switches, and which colour is what."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QResizeEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QMenu,
    QSizePolicy,
    QSpinBox,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
    QVBoxLayout,
    QWidget,
    QWidgetAction,
)

from gui.theme import Theme
from gui.widgets.run_look import pens

_beside_digits = 26
"""Pixels that a choice among numbers needs for its arrows and borders."""
title_inset = 4
"""Pixels that titles and legends leave free at the left: a title that is a choice has its border there."""


@dataclass(frozen=True)
class Entry:
    """One line of a legend."""

    name: str
    colour: str
    ring: bool = False
    """A ring instead of a filled square."""
    line: str = ""
    """How a curve is drawn, in matplotlib's signs (``-``, ``--``, ``-.``, ``:``): marked so, and hidden by a click."""
    known_as: str = ""
    """What it is known by, where its name may change; empty: its name."""
    short: str = ""
    """What stands instead where the name is wider than the legend; empty: the name is cut."""

    @property
    def key(self) -> str:
        """What it is hidden and shown by."""
        return self.known_as or self.name


class Legend(QWidget):
    """Coloured marks with names, in up to `most_rows` rows; what does not fit is counted, and the count opens a list of all.

    A click on the name of a curve hides it, another one shows it again, here and in that list.
    """

    hidden_changed = Signal()

    _square, _sample, _gap, _between, _arrow = 9, 17, 4, 10, 6
    _inset = title_inset

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "small")
        self._entries: tuple[Entry, ...] = ()
        self.hidden: frozenset[str] = frozenset()
        """Keys of the curves that somebody hid; kept while other curves come and go."""
        self._details = ""
        self.most_rows = 2
        self._theme = theme
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def details(self) -> str:
        """What the tool tip says beside the names."""
        return self._details

    @property
    def entries(self) -> tuple[Entry, ...]:
        """What is named, in order."""
        return self._entries

    def set_entries(self, entries: Sequence[Entry], details: str = "") -> None:
        """Name these; `details` is added to the tool tip, which changes often and has nothing painted anew."""
        changed = tuple(entries) != self._entries
        self._entries = tuple(entries)
        self._details = details
        names = ", ".join(entry.name for entry in entries)
        hint = "A click on a curve's name hides it." if any(entry.line for entry in entries) else ""
        self.setToolTip("\n".join(part for part in (names, details, hint) if part))
        if changed:
            self.setAccessibleName(names)
            self.updateGeometry()
            self.update()

    def set_theme(self, theme: Theme) -> None:
        """Paint in the colours of `theme`."""
        self._theme = theme
        self.update()

    def toggle(self, key: str) -> None:
        """Hide the curve with this key, or show it again."""
        self.hidden ^= {key}
        self.update()
        self.hidden_changed.emit()

    def fill_menu(self, menu: QMenu) -> None:
        """Put all entries into `menu`, with their marks; curves are hidden and shown there, and it stays open meanwhile."""
        for entry in self._entries:
            if entry.line:
                menu.addAction(self._check_box(entry, menu))
            else:
                menu.addAction(self._icon(entry), entry.name.replace("&", "&&"))

    def natural_width(self) -> int:
        """Width at which everything stands in one row."""
        return sum(self._width(entry) + self._between for entry in self._entries) - self._between + self._inset

    def rows_at(self, width: int) -> int:
        """Number of rows at this width."""
        return 1 + max((row for _, row, _ in self._places(width)[0]), default=0) if self._entries else 0

    @property
    def row_height(self) -> int:
        """Height of one row in pixels."""
        return self.fontMetrics().height() + 1

    def sizeHint(self) -> QSize:
        return QSize(max(self.natural_width(), 0), self.row_height)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        places, left_out = self._places(self.width())
        last_width = self._count_width(left_out) if left_out else 0
        for entry, row, left in places:
            right = self.width() - (last_width if row == self.most_rows - 1 else 0)
            self._paint(painter, entry, QRect(left, row * self.row_height, right - left, self.row_height))
        if left_out:
            self._paint_count(painter, left_out, self._count_box(left_out))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place, left_out = event.position().toPoint(), self._places(self.width())[1]
        entry, pressed = self._entry_at(place), event.button() == Qt.MouseButton.LeftButton
        if pressed and left_out and self._count_box(left_out).contains(place):
            self._open_list(self._count_box(left_out))
        elif pressed and entry is not None and entry.line:
            self.toggle(entry.key)
        else:
            event.ignore()  # the panel is dragged by its head

    def _open_list(self, above: QRect) -> None:
        """Name all entries beneath the count of those that do not fit."""
        names = QMenu(self)
        names.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.fill_menu(names)
        names.popup(self.mapToGlobal(above.bottomLeft()))

    def _paint_count(self, painter: QPainter, count: int, place: QRect) -> None:
        """How many do not fit, and an arrow down: something opens there."""
        painter.setPen(QColor(self._theme.muted))
        text = place.adjusted(0, 0, -self._arrow - self._gap, 0)
        painter.drawText(text, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, f"+{count}")
        left, top, half = place.right() - self._arrow - 1, place.center().y(), self._arrow // 2
        painter.setPen(QPen(QColor(self._theme.muted), 1.4))
        painter.drawPolyline([QPoint(left, top), QPoint(left + half, top + half), QPoint(left + 2 * half, top)])

    def _paint(self, painter: QPainter, entry: Entry, place: QRect) -> None:
        hidden = entry.key in self.hidden
        self._paint_mark(painter, entry, QColor(self._theme.border if hidden else entry.colour), place)
        painter.setPen(QColor(self._theme.muted))
        text = place.adjusted(self._mark_width(entry) + self._gap, 0, 0, 0)
        metrics, room = self.fontMetrics(), text.width() + 1
        name = entry.short if entry.short and metrics.horizontalAdvance(entry.name) > room else entry.name
        name = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, room)
        painter.drawText(text, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)
        if hidden:
            middle = place.y() + self.row_height // 2
            painter.drawLine(text.x(), middle, text.x() + self.fontMetrics().horizontalAdvance(name), middle)

    def _paint_mark(self, painter: QPainter, entry: Entry, colour: QColor, place: QRect) -> None:
        """What stands before a name: a piece of the curve, a ring or a square, at the left of `place`."""
        mark = QRect(place.x(), place.y() + (place.height() - self._square) // 2, self._square, self._square)
        if entry.line:
            middle = place.y() + place.height() // 2
            painter.setPen(QPen(colour, 2, pens[entry.line], Qt.PenCapStyle.FlatCap))
            painter.drawLine(place.x(), middle, place.x() + self._sample, middle)
        elif entry.ring:
            painter.setPen(colour)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(mark.adjusted(0, 0, -1, -1))
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawRoundedRect(mark, 2, 2)

    def _check_box(self, entry: Entry, menu: QMenu) -> QWidgetAction:
        """A box, the mark and the name: an action that can be checked would have the mark in place of the box."""
        box = QCheckBox(entry.name.replace("&", "&&"))
        box.setIcon(self._icon(entry))
        box.setIconSize(QSize(self._sample, self._sample))
        box.setProperty("role", "menu")
        box.setChecked(entry.key not in self.hidden)
        box.toggled.connect(partial(self._show, entry.key))
        action = QWidgetAction(menu)
        action.setDefaultWidget(box)
        return action

    def _show(self, key: str, shown: bool) -> None:
        """Show the curve with this key, or hide it."""
        if shown == (key in self.hidden):
            self.toggle(key)

    def _icon(self, entry: Entry) -> QIcon:
        """The mark of an entry, for a menu."""
        ratio = self.devicePixelRatioF()
        picture = QPixmap(QSize(self._sample, self._sample) * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_mark(painter, entry, QColor(entry.colour), QRect(0, 0, self._sample, self._sample))
        painter.end()
        return QIcon(picture)

    def _mark_width(self, entry: Entry) -> int:
        return self._sample if entry.line else self._square

    def _width(self, entry: Entry) -> int:
        return self._mark_width(entry) + self._gap + self.fontMetrics().horizontalAdvance(entry.name)

    def _count_width(self, count: int) -> int:
        """Width of the word that says how many entries are left out."""
        return self._square + 2 * self._gap + self._arrow + self.fontMetrics().horizontalAdvance(f"+{count}")

    def _count_box(self, count: int) -> QRect:
        """Where that word stands: at the end of the last row."""
        width = self._count_width(count)
        return QRect(self.width() - width, (self.most_rows - 1) * self.row_height, width, self.row_height)

    def _entry_at(self, place: QPoint) -> Entry | None:
        """The entry that stands at a place of the legend."""
        for entry, row, left in self._places(self.width())[0]:
            if QRect(left, row * self.row_height, self._width(entry), self.row_height).contains(place):
                return entry
        return None

    def _places(self, width: int) -> tuple[list[tuple[Entry, int, int]], int]:
        """(entry, row, left) of what fits at `width`, and how many do not."""
        places: list[tuple[Entry, int, int]] = []
        row, left = 0, self._inset
        for number, entry in enumerate(self._entries):
            needed = self._width(entry)
            if left > self._inset and left + needed > width:
                row, left = row + 1, self._inset
            rest = len(self._entries) - number
            reserve = self._count_width(rest) if row == self.most_rows - 1 and rest > 1 else 0
            if row >= self.most_rows or (left > self._inset and left + needed + reserve > width):
                return places, rest
            places.append((entry, row, left))
            left += needed + self._between
        return places, 0


class ElidedLabel(QLabel):
    """A muted line of text that gives way to its neighbours and shows in full in its tool tip."""

    _least = 64
    """Below this width nothing that says something would be left: “newe…”, “binar…”, “500 e…”."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shorter: tuple[str, ...] = ()
        """What stands instead where the text has no room, the longest first; without such words the text is cut."""
        self.setProperty("role", "small")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        text = self.fitting()
        self.setToolTip(self.text() if text != self.text() else "")
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)

    def fitting(self) -> str:
        """What is written at the present width: of a text with shorter ones a whole one or none, for a cut number misleads."""
        metrics, width = self.fontMetrics(), self.width()
        if self.shorter:
            return next((each for each in (self.text(), *self.shorter) if metrics.horizontalAdvance(each) <= width), "")
        return metrics.elidedText(self.text(), Qt.TextElideMode.ElideRight, width) if width > self._least else ""


class Header(QWidget):
    """Title, muted subtitle, switches and legend; the legend moves to rows of its own where the first one is too narrow."""

    _subtitle_width = 70

    def __init__(self, theme: Theme, title: QWidget | str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.subtitle = ElidedLabel()
        self.legend = Legend(theme)
        self._title = title if isinstance(title, QWidget) else _title_label(title)
        self._switches: list[QWidget] = []
        self._spared: list[QWidget] = []
        """Controls that give way where there is little room."""
        self._first = QHBoxLayout()
        self._first.setSpacing(6)
        self._first.addWidget(self._title)
        self._first.addWidget(self.subtitle, 1)
        self._first.addWidget(self.legend)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(1)
        column.addLayout(self._first)
        self._column = column
        self._beside = True

    def add_switch(self, switch: QWidget, *, spared: bool = False) -> None:
        """Put a control at the right end.

        One that can be `spared`, because a menu or the stack has it, too, gives way to the title, and is gone while disabled.
        """
        (self._spared if spared else self._switches).append(switch)
        self._first.addWidget(switch)

    def set_title(self, text: str) -> None:
        """Name what is shown, where the title is a plain text."""
        if isinstance(self._title, QLabel):
            self._title.setText(text)
            self.arrange()

    def set_subtitle(self, text: str, *shorter: str) -> None:
        """Say in muted words what is shown; `shorter` ones stand instead where there is less room, so that none is cut."""
        self.subtitle.shorter = shorter
        if text != self.subtitle.text():
            self.subtitle.setText(text)
            self.arrange()

    def set_legend(self, entries: Sequence[Entry], details: str = "") -> None:
        """Name these colours."""
        changed = tuple(entries) != self.legend.entries
        if changed or details != self.legend.details:
            self.legend.set_entries(entries, details)
        if changed:
            self.arrange()

    def set_most_rows(self, rows: int) -> None:
        """Let the legend take so many rows at most."""
        if rows != self.legend.most_rows:
            self.legend.most_rows = rows
            self.arrange()

    def set_theme(self, theme: Theme) -> None:
        """Paint in the colours of `theme`."""
        self.legend.set_theme(theme)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.arrange()

    def arrange(self) -> None:
        """Give everything its room, after a control was enabled or changed its width."""
        self.legend.ensurePolished()
        taken = sum(widget.sizeHint().width() + 6 for widget in (self._title, *self._switches))
        for switch in self._spared:
            if isinstance(switch, HeadNumber):
                switch.ensurePolished()
                switch.fit(self.width() - taken - 6)
            width = min(switch.sizeHint().width(), switch.maximumWidth()) + 6
            shown = switch.isEnabled() and taken + width <= self.width()
            switch.setVisible(shown)
            taken += width if shown else 0
        wanted_subtitle = min(self.subtitle.fontMetrics().horizontalAdvance(self.subtitle.text()), self._subtitle_width)
        natural = self.legend.natural_width()
        beside = taken + wanted_subtitle + 12 + natural <= self.width()
        self.legend.setFixedHeight(self.legend.row_height * (1 if beside else self.legend.rows_at(self.width())))
        self.legend.setMinimumWidth(max(natural, 0) if beside else 0)
        if beside != self._beside:
            self._beside = beside
            if beside:
                self._column.removeWidget(self.legend)
                self._first.insertWidget(2, self.legend)
            else:
                self._first.removeWidget(self.legend)
                self._column.addWidget(self.legend)
        self.legend.setVisible(bool(self.legend.entries))


class HeadNumber(QSpinBox):
    """A choice among numbers for the head of a plot, with a word before it that says what is numbered."""

    def __init__(self, explained: str, *words: str) -> None:
        """`words`, the longest first, are tried in turn until one has room."""
        super().__init__()
        self._words = words
        self.setPrefix(f"{words[0]} ")
        self.setProperty("role", "quiet")
        self.setToolTip(explained)
        self.setAccessibleName(explained)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setEnabled(False)

    def fit(self, width: int) -> None:
        """Take the longest word with which it is no wider than that, or else the shortest."""
        prefixes = [f"{word} " for word in self._words]
        prefix = next((each for each in prefixes if self._width_with(each) <= width), prefixes[-1])
        if prefix != self.prefix():
            self.setPrefix(prefix)

    def sizeHint(self) -> QSize:
        return QSize(self._width_with(self.prefix()), super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    @property
    def _greatest(self) -> int:
        """The greatest number that can be shown."""
        return self.maximum()

    def _width_with(self, prefix: str) -> int:
        """Width at which the greatest number is whole."""
        return self.fontMetrics().horizontalAdvance(prefix + "0" * len(str(self._greatest))) + _beside_digits


class HeadChoice(QComboBox):
    """A choice for the head of a plot: as wide as what is chosen; one that can be `cut` gives way, with dots, where squeezed."""

    _least_letters, _widest = 4, 170

    def __init__(self, words: str, role: str = "quiet", *, cut: bool = True) -> None:
        super().__init__()
        self._cut = cut
        self.setProperty("role", role)
        self.setToolTip(words)
        self.setAccessibleName(words)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        if cut:
            self.setMaximumWidth(self._widest)
        self.currentIndexChanged.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        hint, measure = super().sizeHint(), self.fontMetrics().horizontalAdvance
        longest = max((measure(self.itemText(place)) for place in range(self.count())), default=0)
        return QSize(hint.width() - longest + measure(self.currentText()), hint.height())

    def minimumSizeHint(self) -> QSize:
        hint, metrics = self.sizeHint(), self.fontMetrics()
        spare = metrics.horizontalAdvance(self.currentText()) - self._least_letters * metrics.averageCharWidth()
        return QSize(hint.width() - (max(spare, 0) if self._cut else 0), hint.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, option = QStylePainter(self), QStyleOptionComboBox()
        self.initStyleOption(option)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        part = QStyle.SubControl.SC_ComboBoxEditField
        room = self.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, part, self).width()
        text = self.fontMetrics().elidedText(self.currentText(), Qt.TextElideMode.ElideMiddle, room)
        option.currentText = text
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)


def _title_label(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "title")
    label.setContentsMargins(title_inset, 0, 0, 0)
    return label
