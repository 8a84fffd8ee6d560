"""Where everything stands on a card of the stack, for every width and size of the font."""

from dataclasses import dataclass
from functools import cached_property

from PySide6.QtCore import QRectF
from PySide6.QtGui import QFont, QFontMetricsF

from gui.stack.card import Card
from gui.stack.lane_painting import LanePlaces, lane_places, lanes_width
from gui.stack.lanes import Lanes
from gui.stack.zoom import is_small
from models.telemetry.diagnosis import Finding


@dataclass(frozen=True, eq=False)
class Fonts:
    """The fonts of a card, all following the font of the window; those that go with the same font are one object."""

    usual: QFont
    name: QFont
    small: QFont
    tiny: QFont

    @cached_property
    def small_cards(self) -> bool:
        """Whether cards are one line each."""
        return is_small(self.usual)

    @cached_property
    def em(self) -> float:
        """Height of the usual font, the measure of everything on the card."""
        return QFontMetricsF(self.usual).height()

    @classmethod
    def like(cls, font: QFont) -> "Fonts":
        """The fonts that go with `font`; made once, as cards are painted ten times a second."""
        key = font.key()
        if key not in _made_fonts:
            bold = QFont(font)
            bold.setWeight(QFont.Weight.DemiBold)
            _made_fonts[key] = cls(QFont(font), bold, _scaled(font, 0.9), _scaled(font, 0.82))
        return _made_fonts[key]


_made_fonts: dict[str, Fonts] = {}
"""By the key of the font that they go with."""


@dataclass(frozen=True)
class Places:
    """Where everything stands on a card; an empty rectangle is not drawn."""

    card: QRectF
    bar: QRectF
    handle: QRectF
    name: QRectF
    kind: QRectF
    arguments: QRectF
    histogram: QRectF
    gradient: QRectF
    """A bar below the histogram."""
    mark: QRectF
    shape: QRectF
    costs: tuple[QRectF, ...]
    badge: QRectF


narrow = 14
"""Heights of the font: below that width a card has no room for a name and a shape side by side."""
cost_widths = (0.29, 0.4, 0.31)
"""How parameters, multiply-adds and memory share the lowest line of a card: the same on all, so that bars can be compared."""


def card_height(fonts: Fonts) -> float:
    """Height of a card without the gaps around it."""
    if fonts.small_cards:
        return QFontMetricsF(fonts.name).height() + 0.5 * fonts.em
    return _words_height(fonts) + _costs_height(fonts) + 1.05 * fonts.em


def row_height(fonts: Fonts) -> float:
    """Height of a row of the list: a card and the gaps above and below, in the upper of which the badge sits."""
    return card_height(fonts) + _gap_above(fonts) + _gap_below(fonts)


def side_margin(width: float, fonts: Fonts) -> float:
    """Space left and right of a card in a stack of this width."""
    return min(1.3 * fonts.em, max(0.35 * fonts.em, (width - 15 * fonts.em) * 0.08))


def card_place(row: QRectF, fonts: Fonts, lane_count: int) -> QRectF:
    """Where the card itself stands in `row`, beside its lanes."""
    margin, beside = side_margin(row.width(), fonts), lanes_width(row.width(), lane_count, fonts.em)
    left = row.x() + (margin if not lane_count else min(margin, 0.35 * fonts.em) + beside)
    return QRectF(left, row.y() + _gap_above(fonts), row.right() - margin - left, card_height(fonts))


def lanes_beside(row: QRectF, fonts: Fonts, lanes: Lanes) -> LanePlaces:
    """Where the lanes of `row` stand."""
    return lane_places(row, card_place(row, fonts, lanes.count), lanes.count, fonts.em)


def arrange_line(row: QRectF, fonts: Fonts, card: Card, state: Finding | None, has_histogram: bool, lane_count: int) -> Places:
    """Share the space of `row` out on a card of one line: name, kind, badge, mark of a problem, histogram, shape."""
    em, none = fonts.em, QRectF()
    area = card_place(row, fonts, lane_count)
    right = area.right() - 0.75 * em
    shape = _shape_width(area, fonts, card)
    chart = 2.6 * em if has_histogram and area.width() > 20 * em else 0.0
    widths = (shape, chart, em if card.severity else 0.0, _badge_width(state, fonts, 0.4 * area.width()))
    places = []
    for width in widths:
        places.append(QRectF(right - width, area.y(), width, area.height()) if width else none)
        right -= width + (0.5 * em if width else 0.0)
    histogram, gradient = _chart(_around(places[1], area.height() - 0.5 * em), em)
    left = area.x() + 2.2 * em
    name, kind = _name_and_kind(QRectF(left, area.y(), right - left, area.height()), fonts, card)
    return Places(
        card=area,
        bar=_bar_place(area, em),
        handle=QRectF(area.x() + 0.9 * em, area.center().y() - 0.5 * em, 0.65 * em, em),
        name=name,
        kind=kind,
        arguments=none,
        histogram=histogram,
        gradient=gradient,
        mark=_around(places[2], em),
        shape=places[0],
        costs=(),
        badge=_around(places[3], _badge_height(fonts)),
    )


def _shape_width(area: QRectF, fonts: Fonts, card: Card) -> float:
    """Pixels that the shape may take on a card in `area`."""
    return min(max(3.4 * fonts.em, text_width(fonts.usual, card.shape) + 2), 0.4 * area.width())


def _name_and_kind(room: QRectF, fonts: Fonts, card: Card) -> tuple[QRectF, QRectF]:
    """Where the name stands in `room`, and behind it the kind, where enough is left for that."""
    width = min(text_width(fonts.name, card.name) + 2, room.width())
    left = width + 0.3 * fonts.em
    kind = room.adjusted(left, 0, 0, 0) if room.width() - left > 2 * fonts.em else QRectF()
    return QRectF(room.x(), room.y(), width, room.height()), kind


def _bar_place(area: QRectF, em: float) -> QRectF:
    return QRectF(area.x(), area.y() + 0.15 * em, max(4.0, 0.25 * em), area.height() - 0.3 * em)


def _badge_place(area: QRectF, right: float, fonts: Fonts, state: Finding | None) -> QRectF:
    """On the upper edge of the card, up to `right`."""
    width, height = _badge_width(state, fonts, 0.85 * area.width()), _badge_height(fonts)
    return QRectF(right - width, area.y() - height / 2, width, height) if state else QRectF()


def _badge_height(fonts: Fonts) -> float:
    return QFontMetricsF(fonts.tiny).height() + 0.15 * fonts.em


def _badge_width(state: Finding | None, fonts: Fonts, most: float) -> float:
    return min(text_width(fonts.tiny, state.title) + 1.1 * fonts.em, most) if state else 0.0


def _around(place: QRectF, height: float) -> QRectF:
    """The part of `place` of this height around its middle; an empty one stays empty."""
    return place.adjusted(0, (place.height() - height) / 2, 0, (height - place.height()) / 2) if not place.isEmpty() else place


def arrange(row: QRectF, fonts: Fonts, card: Card, state: Finding | None, has_histogram: bool, lane_count: int = 0) -> Places:
    """Share the space of `row` out. What is widest gives way first: the histogram goes below the shape, then texts are elided."""
    em = fonts.em
    area = card_place(row, fonts, lane_count)
    if fonts.small_cards:
        return arrange_line(row, fonts, card, state, has_histogram, lane_count)
    if area.width() < narrow * em:
        return arrange_narrow(area, fonts, card, state)
    upper, lower = QFontMetricsF(fonts.name).height(), QFontMetricsF(fonts.small).height()
    inner = QRectF(area.x(), area.y() + 0.5 * em, area.width() - 0.75 * em, _words_height(fonts))
    second = inner.bottom() - lower

    numbers = _shape_width(area, fonts, card)
    right = inner.right() - numbers
    mark = QRectF()
    if card.severity is not None:
        mark = QRectF(right - 1.5 * em, inner.center().y() - 0.5 * em, em, em)
        right = mark.x()
    histogram, edge = QRectF(), inner.right()
    if has_histogram and area.width() > 24 * em:
        histogram = QRectF(right - 5 * em, inner.y() + 0.1 * em, 4 * em, inner.height() - 0.1 * em)
        right = edge = histogram.x()
    elif has_histogram:
        histogram = QRectF(inner.right() - numbers, second, numbers, lower)
        edge = right
    elif card.severity is not None:
        edge = right
    histogram, gradient = _chart(histogram, em)

    left = area.x() + 2.5 * em
    name, kind = _name_and_kind(QRectF(left, inner.y(), right - 0.6 * em - left, upper), fonts, card)
    return Places(
        card=area,
        bar=_bar_place(area, em),
        handle=QRectF(area.x() + 1.0 * em, area.center().y() - 0.5 * em, 0.65 * em, em),
        name=name,
        kind=kind,
        arguments=QRectF(left, second, edge - (0.6 * em if edge < inner.right() else 0.0) - left, lower),
        histogram=histogram,
        gradient=gradient,
        mark=mark,
        shape=QRectF(inner.right() - numbers, inner.y(), numbers, upper),
        costs=_cost_places(QRectF(left, inner.bottom() + 0.2 * em, inner.right() - left, _costs_height(fonts) - 0.2 * em), em),
        badge=_badge_place(area, inner.right(), fonts, state),
    )


def _chart(place: QRectF, em: float) -> tuple[QRectF, QRectF]:
    """The histogram, and below it the bar of the gradient."""
    thickness = max(2.0, 0.15 * em)
    if place.isEmpty():
        return place, place
    bar = QRectF(place.x(), place.bottom() - thickness, place.width(), thickness)
    return place.adjusted(0, 0, 0, -1.6 * thickness), bar


def arrange_narrow(area: QRectF, fonts: Fonts, card: Card, state: Finding | None) -> Places:
    """Share a card out that is narrow for its font: the name has the first line alone, the shape the end of the second."""
    em, none = fonts.em, QRectF()
    upper, lower = QFontMetricsF(fonts.name).height(), QFontMetricsF(fonts.small).height()
    inner = QRectF(area.x() + em, area.y() + 0.5 * em, area.width() - 1.5 * em, _words_height(fonts))
    name_width = inner.width() - (1.3 * em if card.severity is not None else 0)
    shape = min(text_width(fonts.small, card.shape) + 2, inner.width())
    rest = inner.width() - shape - 0.5 * em
    second = inner.bottom() - lower
    return Places(
        card=area,
        bar=_bar_place(area, em),
        handle=none,
        name=QRectF(inner.x(), inner.y(), name_width, upper),
        kind=none,
        arguments=QRectF(inner.x(), second, rest, lower) if rest > 2 * em else none,
        histogram=none,
        gradient=none,
        mark=QRectF(inner.right() - em, inner.y() + (upper - em) / 2, em, em) if card.severity is not None else none,
        shape=QRectF(inner.right() - shape, second, shape, lower),
        costs=_cost_places(QRectF(inner.x(), inner.bottom() + 0.2 * em, inner.width(), _costs_height(fonts) - 0.2 * em), em),
        badge=_badge_place(area, inner.right(), fonts, state),
    )


def _cost_places(line: QRectF, em: float) -> tuple[QRectF, ...]:
    gap, left, places = 0.5 * em, line.x(), []
    space = line.width() - gap * (len(cost_widths) - 1)
    for part in cost_widths:
        places.append(QRectF(left, line.y(), part * space, line.height()))
        left += part * space + gap
    return tuple(places)


def _words_height(fonts: Fonts) -> float:
    return QFontMetricsF(fonts.name).height() + QFontMetricsF(fonts.small).height()


def _costs_height(fonts: Fonts) -> float:
    """Of the lowest line of a card and its bars, with the gap above them."""
    return QFontMetricsF(fonts.tiny).height() + 0.45 * fonts.em


def _gap_above(fonts: Fonts) -> float:
    return (0.25 if fonts.small_cards else 0.55) * fonts.em


def _gap_below(fonts: Fonts) -> float:
    return 0.15 * fonts.em


def _scaled(font: QFont, factor: float) -> QFont:
    """`font` in another size, however its size is given."""
    scaled = QFont(font)
    if font.pointSizeF() > 0:
        scaled.setPointSizeF(font.pointSizeF() * factor)
    else:
        scaled.setPixelSize(max(1, round(font.pixelSize() * factor)))
    return scaled


def text_width(font: QFont, text: str) -> float:
    """Pixels of `text` in one line."""
    return QFontMetricsF(font).horizontalAdvance(text)
