"""The stack as a person uses it: keys, clicks and drops; what is asserted is the experiment, and the other way round."""

import dataclasses
import json
from itertools import combinations
from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QMimeData, QModelIndex, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFontMetricsF,
    QGuiApplication,
    QHelpEvent,
    QPainter,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu, QStyleOptionViewItem

from gui import clipboard
from gui.stack import delegate, zoom
from gui.stack.card import cards
from gui.stack.card_places import Fonts, arrange, row_height
from gui.stack.model import CardRole
from gui.theme import apply_theme, dark, light
from models.experiment import edits
from models.experiment.activations import Tanh
from models.experiment.graph import sources
from models.experiment.initializers import RandomNormal
from models.experiment.layers import Add, Conv2D, Dense, Dropout, Flatten
from models.telemetry.diagnosis import Finding, healthy
from models.telemetry.events import Histogram, LayerProbe
from tests.gui.stack.named import names

control, alt, none = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.NoModifier
left = Qt.MouseButton.LeftButton
start = ["noise", "dense", "dense_1", "maxout", "dropout", "output"]


def card_centre(view, row):
    return view.visualRect(view.model().index(row)).center()


def click(qtbot, view, row, modifier=none):
    qtbot.mouseClick(view.viewport(), left, modifier, card_centre(view, row))


def heard(signal):
    told = []
    signal.connect(told.append)
    return told


# -- selection ----------------------------------------------------------------------------------------------------------------


def test_clicks_select_and_are_announced_once_each(view, qtbot):
    told = heard(view.selection_changed)
    click(qtbot, view, 4)
    click(qtbot, view, 2, control)
    assert told == [("maxout",), ("dense", "maxout")]


def test_select_scrolls_and_announces(view, panel, qtbot):
    panel.resize(540, 260)
    told = heard(view.selection_changed)
    view.select(("output",))
    assert told == [("output",)]
    assert view.viewport().rect().contains(card_centre(view, 6))
    view.select(())
    assert told[-1] == ()


def test_arrows_home_and_end_move_the_selection(view, qtbot):
    view.select(("dense",))
    qtbot.keyClick(view, Qt.Key.Key_Down)
    assert view.selected == ("dense_1",)
    qtbot.keyClick(view, Qt.Key.Key_End)
    assert view.selected == ("output",)
    qtbot.keyClick(view, Qt.Key.Key_Home)
    assert view.selected == ("input",)


def test_select_all_takes_the_layers_without_the_input(view, qtbot):
    qtbot.keyClick(view, Qt.Key.Key_A, control)
    assert list(view.selected) == start


def test_the_selection_survives_changes_from_elsewhere(view, document):
    view.select(("maxout",))
    told = heard(view.selection_changed)
    document.apply("Delete noise", edits.with_network(document.experiment, edits.remove(document.experiment.network, ("noise",))))
    assert (view.selected, told) == (("maxout",), [])


def test_a_new_name_of_a_selected_layer_is_announced(view, document):
    view.select(("maxout",))
    told = heard(view.selection_changed)
    network = edits.rename(document.experiment.network, "maxout", "pieces")
    document.apply("Rename maxout", edits.with_network(document.experiment, network))
    assert told == [("pieces",)]


def test_what_is_announced_exists_already(view, document):
    view.select(("dense", "dense_1"))
    missing = []
    view.selection_changed.connect(lambda selected: missing.append(set(selected) - set(names(document))))
    view.delete_selected()
    document.undo()
    assert missing
    assert not any(missing)


# -- actions ------------------------------------------------------------------------------------------------------------------


def test_with_nothing_selected_a_layer_goes_before_the_dense_output(view, document):
    view.add(Dropout)
    assert names(document) == [*start[:-1], "dropout_1", "output"]
    assert view.selected == ("dropout_1",)
    assert document.undo_text == "Add Dropout"


def test_with_nothing_selected_a_layer_goes_to_the_end_where_no_dense_layer_is_last(view, document):
    document.apply("x", edits.with_network(document.experiment, edits.remove(document.experiment.network, ("output",))))
    view.add(Dense)
    assert names(document)[-1] == "dense_2"


@pytest.mark.parametrize(("selected", "place"), [(("input",), 0), (("dense",), 2), (("noise", "maxout"), 4), (("output",), 6)])
def test_a_layer_goes_after_the_selection(view, document, selected, place):
    view.select(selected)
    view.add(Flatten)
    assert names(document).index("flatten") == place
    assert view.selected == ("flatten",)


def test_layers_can_be_added_to_an_empty_stack(view, document):
    document.apply("x", edits.with_network(document.experiment, ()))
    assert view.incoming_shape() == (2,)
    view.add(Dense)
    view.add(Dense)
    assert names(document) == ["dense", "dense_1"]


def test_an_edit_tells_about_the_selection_once(view):
    view.select(("dense",))
    told = heard(view.selection_changed)
    view.delete_selected()
    view.add(Dropout)
    view.duplicate_selected()
    assert told == [("dense_1",), ("dropout_1",), ("dropout_2",)]


@pytest.mark.parametrize("key", [Qt.Key.Key_Delete, Qt.Key.Key_Backspace])
def test_delete_selects_the_neighbour(view, document, qtbot, key):
    view.select(("dense", "dense_1"))
    qtbot.keyClick(view, key)
    assert names(document) == ["noise", "maxout", "dropout", "output"]
    assert view.selected == ("maxout",)
    assert document.undo_text == "Delete 2 layers"
    document.undo()
    assert names(document) == start


def test_deleting_the_last_layer_selects_the_one_before(view, document, qtbot):
    view.select(("output",))
    qtbot.keyClick(view, Qt.Key.Key_Delete)
    assert (view.selected, document.undo_text) == (("dropout",), "Delete output")


def test_everything_but_the_input_can_be_deleted(view, document, qtbot):
    view.selectAll()
    qtbot.keyClick(view, Qt.Key.Key_Delete)
    assert names(document) == []
    qtbot.keyClick(view, Qt.Key.Key_Delete)
    assert view.model().rowCount() == 1


@pytest.mark.parametrize(
    ("selected", "key", "order"),
    [
        (("dense",), Qt.Key.Key_Up, ["dense", "noise", "dense_1", "maxout", "dropout", "output"]),
        (("noise", "dense"), Qt.Key.Key_Down, ["dense_1", "noise", "dense", "maxout", "dropout", "output"]),
        (("noise",), Qt.Key.Key_Up, start),
        (("output",), Qt.Key.Key_Down, start),
    ],
)
def test_alt_and_an_arrow_moves_the_selected_layers(view, document, qtbot, selected, key, order):
    view.select(selected)
    qtbot.keyClick(view, key, alt)
    assert names(document) == order
    assert view.selected == selected
    document.undo()
    assert names(document) == start


def offered(view, text):
    return next(action for action in view.context_menu().actions() if action.text().startswith(text)).isEnabled()


def test_moves_that_cannot_be_are_not_offered(view, document):
    view.select(("noise",))
    assert not offered(view, "Move up")
    assert offered(view, "Move down")
    view.clearSelection()
    assert not offered(view, "Move down")


def test_no_line_shows_where_a_layer_cannot_be_dropped(view, document):
    branching = edits.set_inputs(document.experiment.network, "dropout", ("dense",))
    document.apply("x", edits.with_network(document.experiment, branching))
    mime = view.model().mimeData([view.model().index(2)])
    possible = [edits.can_move(document.experiment.network, {"dense"}, row - 1) for row in range(1, 7)]
    for row, expected in enumerate(possible, 1):
        assert view.model().canDropMimeData(mime, Qt.DropAction.MoveAction, row, 0, QModelIndex()) == expected
    assert view.model().canDropMimeData(mime, Qt.DropAction.CopyAction, 6, 0, QModelIndex())


def test_control_d_duplicates_and_selects_the_copies(view, document, qtbot):
    view.select(("noise", "dense"))
    qtbot.keyClick(view, Qt.Key.Key_D, control)
    assert names(document)[:5] == ["noise", "dense", "noise_1", "dense_2", "dense_1"]
    assert view.selected == ("noise_1", "dense_2")
    assert document.undo_text == "Duplicate 2 layers"


def test_pasted_layers_read_each_other_and_else_the_layer_before(view, document, qtbot):
    block = (
        Dense(name="dense", units=8, inputs=("elsewhere",)),
        Dropout(name="drop", rate=0.5),
        Add(name="add", inputs=("dense", "drop")),
    )
    QGuiApplication.clipboard().setText(clipboard.to_text(block))
    view.select(("maxout",))
    qtbot.keyClick(view, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    pasted = document.experiment.network[4:7]
    assert [layer.name for layer in pasted] == ["dense_2", "drop", "add"]
    assert sources(document.experiment.network)[4:8] == (("maxout",), ("dense_2",), ("dense_2", "drop"), ("add",))
    assert not document.report.errors


def test_cut_and_paste_moves_layers(view, document, qtbot):
    view.select(("dense", "dropout"))
    qtbot.keyClick(view, Qt.Key.Key_X, control)
    assert names(document) == ["noise", "dense_1", "maxout", "output"]
    assert document.undo_text == "Cut 2 layers"
    view.select(("output",))
    qtbot.keyClick(view, Qt.Key.Key_V, control)
    assert names(document) == ["noise", "dense_1", "maxout", "output", "dense", "dropout"]
    assert view.selected == ("dense", "dropout")


def test_copy_gives_json_that_a_person_can_read_and_pasting_renames(view, document, qtbot):
    view.select(("dense",))
    qtbot.keyClick(view, Qt.Key.Key_C, control)
    assert json.loads(QGuiApplication.clipboard().text()) == {
        "layers": [{"kind": "Dense", "name": "dense", "units": 16, "activation": "relu", "kernel_initializer": "he_normal"}]
    }
    assert document.undo_text is None
    qtbot.keyClick(view, Qt.Key.Key_V, control)
    assert names(document)[:3] == ["noise", "dense", "dense_2"]
    assert document.undo_text == "Paste dense"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Nothing pasted. Clipboard: expected layers copied in Wiggle, found nothing."),
        ("So long.", "Nothing pasted. Clipboard: expected layers copied in Wiggle, found something else."),
        ('{"layers": [{"kind": "Dense", "name": "a", "units": "many"}]}', "Nothing pasted. Clipboard, layers[0].units: "),
    ],
)
def test_pasting_rubbish_says_so(view, document, qtbot, text, sentence):
    QGuiApplication.clipboard().setText(text)
    with qtbot.waitSignal(view.refused) as signal:
        qtbot.keyClick(view, Qt.Key.Key_V, control)
    assert signal.args[0].startswith(sentence)
    assert document.undo_text is None


def test_actions_without_a_selection_do_nothing(view, document):
    QGuiApplication.clipboard().setText("before")
    for action in (view.delete_selected, view.duplicate_selected, view.cut, view.copy, view.rename):
        action()
    view.move_selected(1)
    assert document.undo_text is None
    assert QGuiApplication.clipboard().text() == "before"


# -- renaming and editing -----------------------------------------------------------------------------------------------------


def editor_of(view):
    return view.viewport().findChild(QLineEdit)


def test_f2_renames_on_the_card(view, document, qtbot):
    view.select(("dense",))
    qtbot.keyClick(view, Qt.Key.Key_F2)
    editor = editor_of(view)
    looked_into = heard(view.edit_requested)
    assert editor.text() == "dense"
    editor.selectAll()
    qtbot.keyClicks(editor, "hidden")
    with qtbot.waitSignal(document.changed):
        qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert names(document)[1] == "hidden"
    assert view.selected == ("hidden",)
    assert looked_into == []
    document.undo()
    assert names(document)[1] == "dense"


def test_esc_leaves_the_name(view, document, qtbot):
    view.select(("dense",))
    qtbot.keyClick(view, Qt.Key.Key_F2)
    qtbot.keyClicks(editor_of(view), "hidden")
    qtbot.keyClick(editor_of(view), Qt.Key.Key_Escape)
    assert document.undo_text is None


def test_a_bad_name_is_refused_in_a_sentence(view, qtbot):
    view.select(("dense",))
    qtbot.keyClick(view, Qt.Key.Key_F2)
    editor_of(view).setText("two words")
    with qtbot.waitSignal(view.refused) as signal:
        qtbot.keyClick(editor_of(view), Qt.Key.Key_Return)
    assert "“two words” cannot be a layer's name" in signal.args[0]


def test_the_input_has_no_other_name(view, qtbot):
    view.select(("input",))
    qtbot.keyClick(view, Qt.Key.Key_F2)
    assert editor_of(view) is None


def test_double_click_and_enter_ask_for_the_inspector(view, qtbot):
    told = heard(view.edit_requested)
    click(qtbot, view, 2)
    qtbot.mouseDClick(view.viewport(), left, none, card_centre(view, 2))
    view.select(("maxout",))
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert told == ["dense", "maxout"]


def test_the_context_menu_offers_remedies_first(view, document):
    document.apply("x", edits.with_network(document.experiment, edits.change(document.experiment.network, "output", units=3)))
    view.select(("output",))
    menu = view.context_menu()
    remedy = menu.actions()[0]
    assert remedy.text() == "Set units to 1"
    remedy.trigger()
    assert document.experiment.network[-1].units == 1
    assert document.undo_text == "Set units to 1"


def test_the_context_menu_does_what_the_keys_do(view, document):
    view.select(("dense",))
    menu = view.context_menu()
    next(action for action in menu.actions() if action.text().startswith("Duplicate")).trigger()
    assert names(document)[2] == "dense_2"
    view.clearSelection()
    enabled = [action.text().split("\t")[0] for action in view.context_menu().actions() if action.isEnabled() and action.text()]
    assert enabled == ["Add a layer…", "Paste"]


def test_what_the_context_menu_does_not_offer_it_explains(view, document):
    first, last = (document.experiment.network[place].name for place in (0, -1))
    for selected in ((), (last,), (first,)):
        view.select(selected)
        disabled = [action for action in view.context_menu().actions() if action.text() and not action.isEnabled()]
        assert disabled
        assert [action.text() for action in disabled if not action.toolTip().endswith(".")] == []
    up = next(action for action in view.context_menu().actions() if action.text().startswith("Move up"))
    assert up.toolTip() == "They stand at the start already."


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_the_menu_key_opens_the_context_menu(view, qtbot):
    view.select(("dense",))
    QApplication.sendEvent(view.viewport(), QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(), QPoint(), none))
    menu = view.findChild(QMenu)
    assert menu.isVisible()
    menu.close()


# -- dropping -----------------------------------------------------------------------------------------------------------------


def drop(view, mime, position, action):
    """What Qt sends to the viewport while something is dragged to `position` and let go."""
    allowed = Qt.DropAction.MoveAction | Qt.DropAction.CopyAction if action == Qt.DropAction.MoveAction else action
    enter = QDragEnterEvent(position, allowed, mime, left, none)
    QApplication.sendEvent(view.viewport(), enter)
    move = QDragMoveEvent(position, allowed, mime, left, none)
    QApplication.sendEvent(view.viewport(), move)
    if not move.isAccepted():
        QApplication.sendEvent(view.viewport(), QDragLeaveEvent())
        return False
    event = QDropEvent(QPointF(position), allowed, mime, left, none)
    event.setDropAction(action)
    QApplication.sendEvent(view.viewport(), event)
    return event.isAccepted()


def between(view, row):
    """The line above the card in `row`."""
    return QPoint(200, view.visualRect(view.model().index(row)).top())


@pytest.mark.parametrize("row", range(7))
def test_a_card_is_dropped_between_any_two(view, document, row):
    view.select(("dense",))
    assert drop(view, view.model().mimeData(view.selectedIndexes()), between(view, row), Qt.DropAction.MoveAction)
    undropped = edits.remove(document.experiment.network, ("dense",))
    assert len(undropped) == 5
    expected = [name for name in start if name != "dense"]
    expected.insert(max(row - 1, 0) - (row > 2), "dense")
    assert names(document) == expected
    assert view.selected == ("dense",)
    document.undo()
    assert names(document) == start


def test_the_lower_half_of_a_card_is_behind_it(view, document):
    view.select(("noise",))
    below = card_centre(view, 6) + QPoint(0, 5)
    assert drop(view, view.model().mimeData(view.selectedIndexes()), below, Qt.DropAction.MoveAction)
    assert names(document)[-1] == "noise"


def test_a_kind_from_the_palette_is_dropped_and_selected(view, document):
    assert drop(view, clipboard.kind_mime(Conv2D), between(view, 3), Qt.DropAction.CopyAction)
    assert names(document)[2] == "conv2d"
    assert view.selected == ("conv2d",)


def test_text_cannot_be_dropped(view, document):
    mime = QMimeData()
    mime.setText(clipboard.to_text(document.experiment.network))
    assert not drop(view, mime, between(view, 2), Qt.DropAction.CopyAction)
    assert document.undo_text is None


def test_a_line_shows_where_a_drop_goes(view, monkeypatch):
    """Only while something is held over the stack."""
    drawn, paint = [], view._paint_drop_line

    def noted(row):
        drawn.append(row)
        paint(row)

    monkeypatch.setattr(view, "_paint_drop_line", noted)
    before = view.grab().toImage()
    position = between(view, 3)
    mime = clipboard.kind_mime(Conv2D)
    QApplication.sendEvent(view.viewport(), QDragEnterEvent(position, Qt.DropAction.CopyAction, mime, left, none))
    QApplication.sendEvent(view.viewport(), QDragMoveEvent(position, Qt.DropAction.CopyAction, mime, left, none))
    assert drawn == []
    assert view.grab().toImage() != before
    assert set(drawn) == {3}
    QApplication.sendEvent(view.viewport(), QDragLeaveEvent())
    drawn.clear()
    view.grab()
    assert drawn == []


def test_nothing_is_known_about_what_comes_in_behind_an_error(view):
    view.select(("dense",))
    view.add(Conv2D)
    assert view.incoming_shape() is None


# -- painting -----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def probes():
    outputs = Histogram(np.array([5, 3, 2, 1]), 0.0, 1.0)
    return {name: LayerProbe(name, outputs, mean=0.4, std=0.7, dead=5 / 16, saturated=None) for name in start}


def test_statistics_are_painted_and_cleared(view, probes):
    before = view.grab().toImage()
    view.set_statistics(probes)
    assert view.grab().toImage() != before
    view.set_statistics(None)
    assert view.grab().toImage() == before


def test_the_gradient_has_a_bar_and_says_what_it_shows(view, probes, monkeypatch):
    view.set_statistics(probes)
    before = view.grab().toImage()
    measured = {name: dataclasses.replace(probe, gradient_std=10.0**-place) for place, (name, probe) in enumerate(probes.items())}
    view.set_statistics(measured)
    assert view.grab().toImage() != before
    index = view.model().index(2)
    row = view.visualRect(index)
    place = arrange(QRectF(row), Fonts.like(view.font()), index.data(CardRole), None, True).gradient.center().toPoint()
    told = []
    monkeypatch.setattr(delegate.QToolTip, "showText", lambda place, words, view: told.append(words))
    option = QStyleOptionViewItem()
    option.rect, option.font = row, view.font()
    event = QHelpEvent(QEvent.Type.ToolTip, place, place)
    assert view.itemDelegate().helpEvent(event, view, option, index)
    assert "standard deviation of 0.1." in told[0]


@pytest.fixture
def wear(qapp):
    """Dress the application in a theme, and undress it after the test."""
    yield lambda theme: (apply_theme(qapp, theme), qapp.processEvents())
    apply_theme(qapp, light)
    qapp.setStyleSheet("")


def test_both_themes_are_painted(view, wear, probes):
    view.set_statistics(probes)
    wear(dark)
    wear(light)
    bright = view.grab().toImage()
    wear(dark)
    assert view.grab().toImage() != bright
    wear(light)
    assert view.grab().toImage() == bright


def test_a_larger_font_makes_larger_cards(view, panel, qtbot):
    before = view.visualRect(view.model().index(0)).height()
    font = panel.font()
    font.setPointSizeF(2 * font.pointSizeF())
    panel.setFont(font)
    qtbot.waitUntil(lambda: view.visualRect(view.model().index(0)).height() > 1.7 * before)
    qtbot.waitUntil(lambda: panel.add_button.y() - view.geometry().bottom() == 1)


@pytest.mark.parametrize("points", [9.0, 10.0, 18.0])
@pytest.mark.parametrize("width", [240, 300, 540, 900])
@pytest.mark.parametrize("words", ["31 % dead", "31 % dead · a_layer_with_quite_a_long_name_of_fifty_characters_"])
def test_nothing_on_a_card_overlaps(document, qapp, width, points, words):
    state = Finding("warning", words, "")
    font = qapp.font()
    font.setPointSizeF(points)
    fonts = Fonts.like(font)
    long = Conv2D(name="a_layer_with_quite_a_long_name_of_fifty_characters_", filters=16, kernel_size=(3, 3))
    document.apply("x", edits.with_network(document.experiment, (long, *document.experiment.network)))
    row = QRectF(0, 0, width, row_height(fonts))
    for card in cards(document.experiment, document.report):
        places = arrange(row, fonts, card, state, True)
        texts = (
            places.name,
            places.kind,
            places.arguments,
            places.histogram,
            places.gradient,
            places.mark,
            places.shape,
            *places.costs,
        )
        shown = [place for place in (places.handle, *texts) if not place.isEmpty()]
        assert not any(first.adjusted(0, 0, -0.01, -0.01).intersects(second) for first, second in combinations(shown, 2))
        assert all(places.card.contains(place) for place in (*shown, places.bar))
        assert row.contains(places.card)
        assert row.contains(places.badge)
        assert places.card.left() < places.badge.left()


def test_a_card_that_is_narrow_for_its_font_shows_the_name(document, qapp):
    font = qapp.font()
    font.setPointSizeF(20)
    fonts = Fonts.like(font)
    card = cards(document.experiment, document.report)[2]
    places = arrange(QRectF(0, 0, 12 * fonts.em, row_height(fonts)), fonts, card, None, True, lane_count=2)
    assert places.name.width() >= QFontMetricsF(fonts.name).horizontalAdvance(card.name)
    assert places.shape.width() >= QFontMetricsF(fonts.small).horizontalAdvance(card.shape)
    assert places.name.bottom() <= places.shape.top() + 0.01


def painted_texts(view, monkeypatch):
    """All texts that a picture of the stack has."""
    drawn, draw = [], QPainter.drawText
    monkeypatch.setattr(QPainter, "drawText", lambda painter, *given: (drawn.append(given[-1]), draw(painter, *given)))
    view.grab()
    return drawn


def test_of_a_long_name_both_ends_are_shown(view, document, monkeypatch):
    name = f"encoder.block_3.{40 * 'x'}.conv2d_17"
    network = (Dense(name=name, units=3), *document.experiment.network)
    document.apply("x", edits.with_network(document.experiment, network))
    shown = next(text for text in painted_texts(view, monkeypatch) if text.startswith("encoder"))
    assert "…" in shown
    assert shown.endswith("conv2d_17")


def test_no_number_at_the_end_of_a_layers_values_is_cut(view, document, monkeypatch, panel):
    noise = RandomNormal(mean=0.25, stddev=0.0125)
    layer = Dense(name="small", units=16, activation=Tanh(), kernel_initializer=noise)
    document.apply("x", edits.with_network(document.experiment, (layer, *document.experiment.network)))
    panel.resize(260, 800)
    shown = next(text for text in painted_texts(view, monkeypatch) if text.startswith("16 · t"))
    assert "…" in shown
    assert shown.endswith("0.0125")


def test_a_narrow_card_has_its_histogram_below_the_shape(document, qapp):
    fonts = Fonts.like(qapp.font())
    card = cards(document.experiment, document.report)[2]
    wide, narrow = (arrange(QRectF(0, 0, width, 60), fonts, card, None, True) for width in (560, 260))
    assert wide.histogram.right() < wide.shape.left()
    assert narrow.histogram.top() >= narrow.shape.bottom()
    for places in (wide, narrow):
        assert places.histogram.bottom() < places.gradient.top()
        assert places.gradient.width() == places.histogram.width() > 0


def test_every_card_is_spoken(view):
    text = view.model().index(2).data(Qt.ItemDataRole.AccessibleTextRole)
    assert text == "dense, Dense, 16 · relu · he_normal, output 16, 48 parameters, 32 multiply-adds, 1.3 kB of activations"


def test_over_a_figure_the_tooltip_says_what_is_counted(view, monkeypatch):
    shown = []
    # A real tooltip is a window to be raised, which the offscreen platform warns of.
    monkeypatch.setattr(delegate, "QToolTip", SimpleNamespace(showText=lambda place, text, widget: shown.append(text)))
    index = view.model().index(2)
    places = arrange(QRectF(view.visualRect(index)), Fonts.like(view.font()), index.data(CardRole), None, False)
    for place in places.costs:
        point = place.center().toPoint()
        QApplication.sendEvent(view.viewport(), QHelpEvent(QEvent.Type.ToolTip, point, view.viewport().mapToGlobal(point)))
    parameters, products, memory = shown
    assert "Parameters: 48, 18 % of the layer with the most." in parameters
    assert "Products that go into sums when one example goes forward" in products
    assert "16 numbers of each of 10 examples" in memory


def test_cards_that_look_as_before_are_not_painted_again(view, document, monkeypatch):
    view.grab()
    painted = []
    paint = delegate._painted
    monkeypatch.setattr(delegate, "_painted", lambda look, healths: painted.append(look.card.name) or paint(look, healths))
    view.grab()
    assert painted == []
    document.apply("x", edits.with_network(document.experiment, edits.change(document.experiment.network, "dropout", rate=0.5)))
    view.grab()
    assert painted == ["dropout"]


# -- zoom and repeat ----------------------------------------------------------------------------------------------------------


def wheel(view, turned, modifier=control):
    place, modifiers, phase = QPointF(view.viewport().rect().center()), modifier, Qt.ScrollPhase.NoScrollPhase
    on_screen = view.viewport().mapToGlobal(place)
    event = QWheelEvent(place, on_screen, QPoint(), QPoint(0, turned), Qt.MouseButton.NoButton, modifiers, phase, False)
    QApplication.sendEvent(view.viewport(), event)


def test_the_wheel_with_control_zooms(view):
    told = heard(view.zoom_changed)
    height = view.visualRect(view.model().index(1)).height()
    wheel(view, 120)
    wheel(view, -120)
    wheel(view, -120)
    wheel(view, -120, none)
    assert told == [110, 100, 90]
    assert 0.85 * height < view.visualRect(view.model().index(1)).height() < height


def test_small_cards_are_one_line_with_the_name_and_the_shape(view):
    view.set_zoom(70)
    index = view.model().index(2)
    fonts = Fonts.like(view.font())
    places = arrange(QRectF(view.visualRect(index)), fonts, index.data(CardRole), healthy, True)
    assert fonts.small_cards
    assert view.visualRect(index).height() < 2.3 * fonts.em
    assert places.arguments.isEmpty()
    assert not places.costs
    assert places.name.right() <= places.kind.left() < places.kind.right() <= places.badge.left()
    assert places.badge.right() <= places.histogram.left() < places.histogram.right() <= places.shape.left()
    assert places.name.width() >= QFontMetricsF(fonts.name).horizontalAdvance("dense")


def test_zoom_ends_at_the_last_steps(view):
    for _ in range(20):
        view.zoom_by(-1)
    assert view.zoom == zoom.steps[0]
    for _ in range(20):
        view.zoom_by(1)
    assert view.zoom == zoom.steps[-1]
    view.set_zoom(100)
    assert view.font().pointSizeF() == QApplication.font().pointSizeF()


def test_repeating_is_one_step_with_new_names(view, document):
    view.select(("dense", "dense_1"))
    view.repeat_selected(3)
    assert names(document) == ["noise", "dense", "dense_1", "dense_2", "dense_3", "dense_4", "dense_5", *start[3:]]
    assert document.undo_text == "Repeat 2 layers"
    assert view.selected == ("dense", "dense_1", "dense_2", "dense_3", "dense_4", "dense_5")
    document.undo()
    assert names(document) == start
