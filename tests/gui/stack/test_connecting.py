"""Connections between cards, made by pointing and by keys."""

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from gui.stack.card_places import Fonts, lanes_beside
from gui.stack.delegate import Highlight
from gui.stack.lanes import Edge
from gui.theme import apply_theme, dark, light
from models.experiment import edits
from models.experiment.graph import sources
from models.experiment.layers import Add, Concatenate, Dense

left = Qt.MouseButton.LeftButton


def wiring(document):
    network = document.experiment.network
    return {layer.name: reads for layer, reads in zip(network, sources(network), strict=True)}


def row_of(view, name):
    (row,) = view.model().rows_of((name,))
    return row


def dot_of(view, name):
    index = view.model().index(row_of(view, name))
    lanes = view.model().lanes(index.row())
    return lanes_beside(QRectF(view.visualRect(index)), Fonts.like(view.font()), lanes).dot(lanes).toPoint()


def card_of(view, name):
    return view.visualRect(view.model().index(row_of(view, name))).center()


def send(view, kind, position, buttons=left):
    button = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove else left
    place, everywhere = QPointF(position), QPointF(view.viewport().mapToGlobal(position))
    QApplication.sendEvent(view.viewport(), QMouseEvent(kind, place, everywhere, button, buttons, Qt.KeyboardModifier.NoModifier))


def begin_drag(view, source, to):
    send(view, QEvent.Type.MouseButtonPress, dot_of(view, source))
    send(view, QEvent.Type.MouseMove, to)


def drop(view, at):
    send(view, QEvent.Type.MouseButtonRelease, at, Qt.MouseButton.NoButton)


def highlight(view) -> Highlight:
    return view.itemDelegate().highlight


def heard(signal):
    told = []
    signal.connect(told.append)
    return told


# -- by keys ------------------------------------------------------------------------------------------------------------------


def test_s_and_j_make_a_residual_connection_as_one_step(view, document, qtbot):
    before, told = document.experiment, heard(view.told)
    view.select(("dense",))
    qtbot.keyClick(view, Qt.Key.Key_S)
    assert highlight(view).skip == "dense"
    assert told == ["A connection begins at dense: select a later layer and press J, or add a layer that merges. Esc: none."]
    view.select(("maxout",))
    qtbot.keyClick(view, Qt.Key.Key_J)
    assert wiring(document)["add"] == ("dense_1", "dense")
    assert wiring(document)["maxout"] == ("add",)
    assert view.selected == ("add",)
    assert highlight(view).skip is None
    assert document.undo_text == "Connect dense to maxout"
    document.undo()
    assert document.experiment == before


def test_the_menu_offers_what_can_be(view, document):
    def offered():
        return [action.text().partition("\t")[0] for action in view.context_menu().actions()]

    view.select(("dense",))
    assert "Skip from here" in offered()
    view.skip_from_here()
    assert "Do not skip from here" in offered()
    view.select(("dense_1",))  # reads it already
    assert not any(text.startswith("Join") for text in offered())
    view.select(("maxout",))
    assert "Join dense here" in offered()
    view.select(("noise",))  # stands before it
    assert not any(text.startswith("Join") for text in offered())
    view.select(("output",))
    assert "Skip from here" not in offered()
    view.select(("dense", "maxout"))
    assert not any("here" in text for text in offered())


def test_esc_gives_the_connection_up(view, document, qtbot):
    view.select(("dense",))
    qtbot.keyClick(view, Qt.Key.Key_S)
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    assert highlight(view).skip is None
    refused = heard(view.refused)
    view.select(("maxout",))
    qtbot.keyClick(view, Qt.Key.Key_J)
    assert refused == ["Choose first where the connection begins: select a layer and press S."]


def test_what_cannot_be_joined_is_refused_in_words(view, document, qtbot):
    refused = heard(view.refused)
    view.select(("dense_1",))
    qtbot.keyClick(view, Qt.Key.Key_S)
    view.select(("dense",))
    qtbot.keyClick(view, Qt.Key.Key_J)
    assert refused == ["dense cannot read dense_1, or does so already."]
    assert "add" not in wiring(document)


def test_a_layer_that_is_gone_is_no_beginning(view, document):
    view.select(("dense",))
    view.skip_from_here()
    document.apply("Delete", edits.with_network(document.experiment, edits.remove(document.experiment.network, ("dense",))))
    assert highlight(view).skip is None


@pytest.mark.parametrize("kind", [Add, Concatenate])
def test_a_merging_layer_from_the_palette_reads_the_layer_before_and_the_one_to_skip_from(view, document, kind):
    view.select(("dense",))
    view.skip_from_here()
    view.select(("dense_1",))
    view.add(kind)
    (name,) = view.selected
    assert wiring(document)[name] == ("dense_1", "dense")
    assert wiring(document)["maxout"] == (name,)
    assert highlight(view).skip is None


def test_other_layers_leave_the_beginning_alone(view, document):
    view.select(("dense",))
    view.skip_from_here()
    view.select(("dense_1",))
    view.add(Dense)
    assert highlight(view).skip == "dense"


# -- by pointing --------------------------------------------------------------------------------------------------------------


def test_a_dot_is_dragged_to_a_later_card(view, document):
    begin_drag(view, "dense", card_of(view, "maxout"))
    rows = {name: row_of(view, name) for name in ("dense_1", "maxout", "dropout", "noise", "output")}
    assert rows["maxout"] in highlight(view).targets
    assert highlight(view).target == rows["maxout"]
    assert rows["noise"] not in highlight(view).targets
    assert rows["dense_1"] not in highlight(view).targets  # reads it already
    view.grab()  # with the line that is dragged
    drop(view, card_of(view, "maxout"))
    assert wiring(document)["add"] == ("dense_1", "dense")
    assert highlight(view) == Highlight(selected=highlight(view).selected)


def test_a_connection_leaves_a_card_of_several_layers_by_the_last(view, document):
    view.select(("noise", "dense"))
    view.collapse_selected()
    begin_drag(view, "noise", card_of(view, "maxout"))
    drop(view, card_of(view, "maxout"))
    assert wiring(document)["add"] == ("dense_1", "dense")


def test_dropped_where_it_cannot_end_nothing_is_connected(view, document):
    before = document.experiment
    begin_drag(view, "dense", card_of(view, "noise"))
    assert highlight(view).target is None
    drop(view, card_of(view, "noise"))
    assert document.experiment == before
    assert view.selected == ("dense",)


def test_esc_ends_the_drag(view, document, qtbot):
    before = document.experiment
    begin_drag(view, "dense", card_of(view, "maxout"))
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    drop(view, card_of(view, "maxout"))
    assert document.experiment == before


def test_beside_the_dot_a_card_is_selected_as_before(view):
    send(view, QEvent.Type.MouseButtonPress, card_of(view, "dense"))
    drop(view, card_of(view, "dense"))
    assert view.selected == ("dense",)


@pytest.fixture
def residual(view, document):
    network = (*document.experiment.network[:3], Add(name="add", inputs=("dense_1", "dense")), *document.experiment.network[3:])
    document.apply("x", edits.with_network(document.experiment, network))
    return view


def test_over_a_lane_its_line_and_its_cards_stand_out(residual):
    begin, middle, end = (row_of(residual, name) for name in ("dense", "dense_1", "add"))
    index = residual.model().index(middle)
    lanes = residual.model().lanes(middle)
    places = lanes_beside(QRectF(residual.visualRect(index)), Fonts.like(residual.font()), lanes)
    on_lane = QPoint(round(places.x(1)), round(places.height))
    send(residual, QEvent.Type.MouseMove, on_lane, Qt.MouseButton.NoButton)
    assert highlight(residual).edges == {Edge(begin, end)}
    assert highlight(residual).rows() == {begin, end}
    send(residual, QEvent.Type.MouseMove, card_of(residual, "add"), Qt.MouseButton.NoButton)
    assert not highlight(residual).edges


def test_the_lines_of_the_selected_layer_stand_out(residual, document):
    residual.select(("dense",))
    row = row_of(residual, "dense")
    expected = {Edge(row - 1, row), Edge(row, row + 1), Edge(row, row_of(residual, "add"))}
    assert highlight(residual).selected == expected
    document.apply("x", edits.with_network(document.experiment, edits.remove(document.experiment.network, ("noise",))))
    assert highlight(residual).selected == {Edge(edge.source - 1, edge.target - 1) for edge in expected}
    residual.select(("dense", "add"))
    assert not highlight(residual).selected


def test_lanes_take_room_only_where_there_are_branches(view, document):
    assert view.model().lanes(1).count == 0
    document.apply(
        "x", edits.with_network(document.experiment, edits.set_inputs(document.experiment.network, "dropout", ("dense",)))
    )
    assert view.model().lanes(1).count == 2
    document.undo()
    assert view.model().lanes(1).count == 0


def test_deleting_rejoins(residual, document):
    residual.select(("dense_1",))
    residual.delete_selected()
    assert wiring(document)["add"][0] == "dense"


def test_moves_that_would_put_a_layer_before_its_input_are_not_offered(residual, document):
    residual.select(("add",))
    up, down = (
        next(action for action in residual.context_menu().actions() if action.text().startswith(text))
        for text in ("Move up", "Move down")
    )
    moved = edits.move(document.experiment.network, ("add",), 2)
    assert up.isEnabled() == (moved != document.experiment.network)
    assert down.isEnabled()


@pytest.mark.parametrize("theme", [light, dark])
def test_lanes_are_painted_in_both_themes(residual, qapp, theme):
    apply_theme(qapp, theme)
    plain = residual.grab().toImage()
    residual.itemDelegate().highlight = Highlight(edges=frozenset({Edge(2, 4)}))
    residual.viewport().update()
    assert residual.grab().toImage() != plain
    apply_theme(qapp, light)
    qapp.setStyleSheet("")


def test_many_lanes_narrow(view, document, qtbot):
    names = [f"d{number}" for number in range(12)]
    dense = [Dense(name=name, units=4, inputs=() if not number else ("d0",)) for number, name in enumerate(names)]
    network = (*dense, Concatenate(name="all", inputs=tuple(names)))
    document.apply("x", edits.with_network(document.experiment, network))
    lanes = view.model().lanes(1)
    assert lanes.count > 10
    row = QRectF(0, 0, 282, 75)
    places = lanes_beside(row, Fonts.like(view.font()), lanes)
    assert 2 < places.pitch < 8
    assert places.x(lanes.count - 1) >= 0
