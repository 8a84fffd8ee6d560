"""Paints the cards of the stack; `card_places` says where everything stands."""

from collections import OrderedDict
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QHelpEvent, QPainter, QPainterPath, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLineEdit,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
    QWidget,
)

from gui.stack.card import Card, badge, bars, gradient_words
from gui.stack.card_places import Fonts, arrange, lanes_beside, row_height, text_width
from gui.stack.costs import Cost, cost_words, widest_number
from gui.stack.lane_painting import draw_dot, draw_lanes, edge_at
from gui.stack.lanes import Edge, Lanes
from gui.stack.model import CardRole, FoundRole, LanesRole, StatisticsRole
from gui.theme import Theme, current_theme
from gui.widgets.problem_row import draw_mark
from models.telemetry.diagnosis import Finding, Health

_Align = Qt.AlignmentFlag
least_width = 240
"""Pixels below which a stack does not shrink."""
kept_pictures = 60
"""Painted cards that are kept: more than any screen shows at once."""


@dataclass(frozen=True)
class Highlight:
    """What a person points at or has begun to connect."""

    edges: frozenset[Edge] = frozenset()
    """Lines to stand out, together with the cards at their ends."""
    selected: frozenset[Edge] = frozenset()
    """Lines of the selected layer: what it reads, and what reads it."""
    skip: str | None = None
    """Name on the card that a connection is to begin at."""
    targets: frozenset[int] = frozenset()
    """Rows that a connection can be dragged to."""
    target: int | None = None
    """The one of them that the pointer is over."""

    def rows(self) -> frozenset[int]:
        """The rows at the ends of the lines."""
        return frozenset(row for edge in self.edges for row in (edge.source, edge.target))


class CardDelegate(QStyledItemDelegate):
    """A card for each row: who the layer is, what comes out of it, how it is, and what is wrong with it."""

    highlight = Highlight()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pictures: OrderedDict[_Look, _Picture] = OrderedDict()

    def _picture(self, look: "_Look", healths: tuple[Health, ...]) -> QPixmap:
        """The card as it was painted before, or painted now: a stack that scrolls shows the same cards at other places."""
        if look not in self._pictures:
            self._pictures[look] = _Picture(_painted(look, healths), healths)
        self._pictures.move_to_end(look)
        while len(self._pictures) > kept_pictures:
            self._pictures.popitem(last=False)
        return self._pictures[look].pixmap

    # -- Qt -------------------------------------------------------------------------------------------------------------------

    def helpEvent(
        self,
        event: QHelpEvent,
        view: QAbstractItemView,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> bool:
        """Over a figure say what exactly it counts, elsewhere all about the card."""
        if event.type() != QEvent.Type.ToolTip or not index.isValid():
            return super().helpEvent(event, view, option, index)
        card: Card = index.data(CardRole)
        lanes: Lanes = index.data(LanesRole)
        healths: tuple[Health, ...] = index.data(StatisticsRole)
        shown = bool(healths) and not card.collapsed
        places = arrange(QRectF(option.rect), Fonts.like(option.font), card, None, shown, lanes.count)
        if shown and places.gradient.adjusted(0, -2, 0, 3).contains(event.pos()):
            QToolTip.showText(event.globalPos(), f"<p>{gradient_words(healths[0])}</p>", view)
            return True
        for place, cost in zip(places.costs, card.costs, strict=False):
            if place.contains(event.pos()):
                QToolTip.showText(event.globalPos(), f"<p>{cost.sentence}</p>", view)
                return True
        beside = lanes_beside(QRectF(option.rect), Fonts.like(option.font), lanes)
        if (edge := edge_at(beside, lanes, QPointF(event.pos()))) is not None:
            ends = (index.sibling(row, 0) for row in (edge.source, edge.target))
            names = (end.data(CardRole).name for end in ends)
            QToolTip.showText(event.globalPos(), " → ".join(names), view)
            return True
        return super().helpEvent(event, view, option, index)

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(least_width, round(row_height(Fonts.like(option.font))))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        healths: tuple[Health, ...] = index.data(StatisticsRole)
        card: Card = index.data(CardRole)
        lanes: Lanes = index.data(LanesRole)
        state = QStyle.StateFlag
        look = _Look(
            card=card,
            healths=tuple(map(id, healths)),
            size=option.rect.size().toTuple(),
            lane_count=lanes.count,
            selected=bool(option.state & state.State_Selected),
            hovered=bool(option.state & state.State_MouseOver),
            focused=bool(option.state & state.State_HasFocus),
            lit=index.row() in self.highlight.rows(),
            offered=self.highlight.skip in card.names or index.row() in self.highlight.targets,
            dropped_on=index.row() == self.highlight.target,
            found=index.data(FoundRole),
            theme=current_theme(),
            fonts=Fonts.like(option.font),
            pixel_ratio=painter.device().devicePixelRatioF(),
        )
        painter.drawPixmap(option.rect.topLeft(), self._picture(look, healths))
        self._paint_beside(painter, QRectF(option.rect), lanes, look)

    def _paint_beside(self, painter: QPainter, row: QRectF, lanes: Lanes, look: "_Look") -> None:
        """The lanes, which are no part of the picture: rows that look alike otherwise have different ones.

        Where there are none, the dot that a connection can be dragged from, once the card is pointed at.
        """
        chosen = look.lit or self.highlight.skip in look.card.names
        if not (lanes.count or chosen or look.hovered):
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        places = lanes_beside(row, look.fonts, lanes)
        if lanes.count:
            lit = self.highlight.edges | self.highlight.selected
            draw_lanes(painter, places, lanes, lit, chosen or look.selected, look.theme)
        else:
            draw_dot(painter, places, lanes, chosen, look.theme)
        painter.restore()

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QWidget:
        editor = QLineEdit(parent)
        editor.setAccessibleName("Name of the layer")
        editor.setFont(Fonts.like(option.font).name)
        return editor

    def updateEditorGeometry(
        self, editor: QWidget, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        fonts = Fonts.like(option.font)
        lanes: Lanes = index.data(LanesRole)
        places = arrange(QRectF(option.rect), fonts, index.data(CardRole), None, False, lanes.count)
        editor.setGeometry(places.arguments.united(places.name).adjusted(-4, -2, 4, 2).toRect())


@dataclass(frozen=True)
class _Look:
    """All that decides how a card is painted."""

    card: Card
    healths: tuple[int, ...]
    """Which objects they are; the picture keeps them alive."""
    size: tuple[int, int]
    lane_count: int
    selected: bool
    hovered: bool
    focused: bool
    lit: bool
    """Whether the layer is at an end of a line that stands out."""
    offered: bool
    """Whether a connection begins at the layer, or can end at it."""
    dropped_on: bool
    found: bool
    theme: Theme
    fonts: Fonts
    pixel_ratio: float


@dataclass(frozen=True)
class _Picture:
    """A card as it was painted, and what was seen in its layers then."""

    pixmap: QPixmap
    healths: tuple[Health, ...]


def _painted(look: _Look, healths: tuple[Health, ...]) -> QPixmap:
    pixmap = QPixmap(QSize(*look.size) * look.pixel_ratio)
    pixmap.setDevicePixelRatio(look.pixel_ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _Painting(painter, look, healths).draw()
    painter.end()
    return pixmap


class _Painting:
    """One card while it is painted."""

    def __init__(self, painter: QPainter, look: _Look, healths: tuple[Health, ...]) -> None:
        card = look.card
        self._painter, self._theme, self._card = painter, look.theme, card
        self._fonts = look.fonts
        self._row = QRectF(0, 0, *look.size)
        self._health = healths[0] if healths and not card.collapsed else None
        self._heights = bars(self._health.probe) if self._health is not None else ()
        self._badge = badge(card, healths)
        self._places = arrange(self._row, self._fonts, card, self._badge, bool(self._heights), look.lane_count)
        self._look = look
        self._selected, self._hovered, self._focused = look.selected, look.hovered, look.focused

    def draw(self) -> None:
        """Paint everything, from back to front."""
        if not self._look.lane_count:
            self._connection()
        if self._card.collapsed:
            self._pile()
        self._surface()
        self._handle()
        self._words()
        if self._heights and not self._places.histogram.isEmpty():
            self._histogram()
            self._gradient()
        if self._card.severity is not None:
            draw_mark(self._painter, self._places.mark, self._card.severity, self._theme, self._fonts.small)
        if self._badge is not None:
            self._draw_badge(self._badge)

    def _connection(self) -> None:
        card, centre = self._places.card, round(self._row.center().x()) + 0.5
        self._painter.setPen(QPen(QColor(self._theme.strong_border), 1))
        if self._card.place != "input":
            self._painter.drawLine(QPointF(centre, self._row.top()), QPointF(centre, card.top()))
        self._painter.drawLine(QPointF(centre, card.bottom()), QPointF(centre, self._row.bottom()))

    def _surface(self) -> None:
        width = 2.0 if self._selected else 1.0
        outline = self._places.card.adjusted(width / 2, width / 2, -width / 2, -width / 2)
        path = QPainterPath()
        path.addRoundedRect(outline, 5, 5)
        self._painter.fillPath(path, QColor(self._background()))
        self._painter.save()
        self._painter.setClipPath(path)
        self._bar()
        self._painter.restore()
        self._painter.setPen(QPen(QColor(self._border()), width))
        self._painter.drawPath(path)
        if self._look.found:
            self._painter.setPen(QPen(QColor(self._theme.warning), 2))
            self._painter.drawRoundedRect(outline.adjusted(1.5, 1.5, -1.5, -1.5), 4, 4)
        if self._look.offered or (self._focused and not self._selected):
            self._painter.setPen(QPen(QColor(self._theme.accent), 1, Qt.PenStyle.DashLine))
            self._painter.drawRoundedRect(outline.adjusted(2, 2, -2, -2), 4, 4)

    def _bar(self) -> None:
        """The colour of the layer's family at the left edge; of several layers all, from top to bottom."""
        if not self._card.collapsed:
            self._painter.fillRect(self._places.bar, QColor(self._colour()))
            return
        bar, layers = self._places.card, self._card.layers
        height = bar.height() / len(layers)
        for index, layer in enumerate(layers):
            part = QRectF(bar.x(), bar.y() + index * height, 1.6 * self._places.bar.width(), height)
            self._painter.fillRect(part, QColor(self._theme.families[layer.family]))

    def _pile(self) -> None:
        """The edge of a second card below, where there are several."""
        card = self._places.card
        self._painter.setPen(QPen(QColor(self._theme.accent if self._selected else self._theme.strong_border), 1))
        self._painter.setBrush(QColor(self._theme.card))
        self._painter.drawRoundedRect(card.adjusted(4.5, 5, -4.5, 0.15 * self._fonts.em), 5, 5)
        self._painter.setBrush(Qt.BrushStyle.NoBrush)

    def _background(self) -> str:
        if self._look.dropped_on or (self._selected and self._focused):
            return self._theme.selection
        return self._theme.hover if self._hovered and not self._selected else self._theme.card

    def _border(self) -> str:
        if self._selected or self._look.lit:
            return self._theme.accent
        if self._card.severity == "error":
            return self._theme.error
        return self._theme.strong_border if self._hovered else self._theme.border

    def _colour(self) -> str:
        if self._card.place == "output":
            return self._theme.output
        family = self._card.family
        return self._theme.families[family] if family is not None else self._theme.input

    def _handle(self) -> None:
        if self._card.place == "input" or self._places.handle.isEmpty():
            return
        self._painter.setPen(Qt.PenStyle.NoPen)
        self._painter.setBrush(QColor(self._theme.muted if self._hovered or self._selected else self._theme.disabled))
        handle, radius = self._places.handle, 0.08 * self._fonts.em
        for column in (0.25, 0.75):
            for line in (0.15, 0.5, 0.85):
                centre = QPointF(handle.x() + column * handle.width(), handle.y() + line * handle.height())
                self._painter.drawEllipse(centre, radius, radius)
        self._painter.setBrush(Qt.BrushStyle.NoBrush)

    def _words(self) -> None:
        fonts, places, card, theme = self._fonts, self._places, self._card, self._theme
        left, right = _Align.AlignLeft | _Align.AlignVCenter, _Align.AlignRight | _Align.AlignVCenter
        # Long names differ at their ends: encoder.block_3.conv2d_17.
        self._text(places.name, card.name, fonts.name, theme.text, left, Qt.TextElideMode.ElideMiddle)
        self._text(places.kind, card.kind, fonts.small, theme.muted, left)
        # Of a number at the end, as in “σ 0.01”, a part would be another number.
        cut = Qt.TextElideMode.ElideMiddle if card.arguments[-1:].isdigit() else Qt.TextElideMode.ElideRight
        self._text(places.arguments, card.arguments, fonts.small, theme.muted, left, cut)
        beside_name = places.shape.y() <= places.name.y()
        self._text(places.shape, card.shape, fonts.usual if beside_name else fonts.small, theme.text, right)
        named = tuple(zip(places.costs, cost_words, strict=False))
        room = all(text_width(fonts.tiny, word) <= place.width() for place, word in named)
        if card.place == "input" and room and not all(self._names_cost(place, word) for place, word in named):
            for place, word in named:
                self._text(place, word, fonts.tiny, theme.muted, left | _Align.AlignTop)
        for (place, word), cost in zip(named, card.costs, strict=False):
            self._cost(place, word, cost)

    def _names_cost(self, place: QRectF, word: str) -> bool:
        """Whether what is counted has room beside any number; if not, it stands above the numbers of all cards."""
        return text_width(self._fonts.tiny, f"{widest_number} {word}") <= place.width()

    def _cost(self, place: QRectF, word: str, cost: Cost) -> None:
        """A number, what it counts where there is room for that beside any number, and below them the bar."""
        theme, font, left = self._theme, self._fonts.tiny, _Align.AlignLeft | _Align.AlignVCenter
        thickness = max(2.0, 0.15 * self._fonts.em)
        bar = QRectF(place.x(), place.bottom() - thickness, place.width(), thickness)
        words = QRectF(place.x(), place.y(), place.width(), bar.y() - place.y())
        if text_width(font, cost.number) <= place.width():  # a part of a number would be another number
            self._text(words, cost.number, font, theme.text, left)
        if self._names_cost(place, word):
            self._text(words.adjusted(text_width(font, f"{cost.number} "), 0, 0, 0), word, font, theme.muted, left)
        self._painter.fillRect(bar, QColor(theme.border))
        if cost.share:
            bar.setWidth(max(1.0, cost.share * place.width()))
            self._painter.fillRect(bar, QColor(theme.muted))

    def _text(
        self,
        place: QRectF,
        text: str,
        font: QFont,
        colour: str,
        alignment: Qt.AlignmentFlag,
        elide: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
    ) -> None:
        if place.isEmpty() or not text:
            return
        self._painter.setFont(font)
        self._painter.setPen(QColor(colour))
        elided = QFontMetricsF(font).elidedText(text, elide, place.width())
        self._painter.drawText(place, int(alignment | Qt.TextFlag.TextSingleLine), elided)

    def _histogram(self) -> None:
        place, colour = self._places.histogram, QColor(self._colour())
        width = place.width() / len(self._heights)
        for index, height in enumerate(self._heights):
            # Half a pixel for every bar that is not empty: a single outlier must be seen.
            tall = max(height * place.height(), 0.5) if height else 0.0
            bar = QRectF(place.x() + index * width, place.bottom() - tall, max(width - 1, 1), tall)
            self._painter.fillRect(bar, colour)

    def _gradient(self) -> None:
        """How large the layer's gradient is among those of all layers."""
        health, place = self._health, self._places.gradient
        if health is None or health.gradient is None:
            return
        worrying = any(finding.about == "gradient_std" for finding in health.findings)
        mark = 2.2 * place.height()
        nabla = [QPointF(0, 0), QPointF(mark, 0), QPointF(mark / 2, mark)]  # ∇, the sign of a gradient
        self._painter.setPen(Qt.PenStyle.NoPen)
        self._painter.setBrush(QColor(self._theme.muted))
        self._painter.drawPolygon(QPolygonF(nabla).translated(place.x(), place.bottom() - mark))
        self._painter.setBrush(Qt.BrushStyle.NoBrush)
        place = place.adjusted(1.4 * mark, 0, 0, 0)
        self._painter.fillRect(place, QColor(self._theme.border))
        place.setWidth(max(1.0, health.gradient * place.width()))
        self._painter.fillRect(place, QColor(self._theme.warning if worrying else self._theme.muted))

    def _draw_badge(self, state: Finding) -> None:
        theme, place = self._theme, self._places.badge
        frame, words = {
            "good": (theme.good, theme.good_text),
            "muted": (theme.strong_border, theme.muted),
            "warning": (theme.warning, theme.warning_text),
            "error": (theme.error, theme.error_text),
        }[state.tone]
        self._painter.setPen(QPen(QColor(frame), 1))
        self._painter.setBrush(QColor(theme.card))
        self._painter.drawRoundedRect(place, place.height() / 2, place.height() / 2)
        self._painter.setBrush(Qt.BrushStyle.NoBrush)
        inside = place.adjusted(0.5 * self._fonts.em, 0, -0.5 * self._fonts.em, 0)
        self._text(inside, state.title, self._fonts.tiny, words, _Align.AlignCenter)
