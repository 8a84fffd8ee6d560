"""The catalogue as a person searches it."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from gui.palette.entries import EntryRole, NoteRole
from gui.palette.palette import Palette
from gui.palette.searching import layer_kinds, objection, search
from models.experiment import layers
from models.experiment.fields import kinds_in
from models.experiment.layers.left_out import left_out


@pytest.fixture
def docked(qtbot):
    palette = Palette()
    qtbot.addWidget(palette)
    with qtbot.waitExposed(palette):
        palette.show()
    yield palette
    palette.hide()


@pytest.fixture
def window(qtbot):
    """A window with a field that the popup opens from."""
    window = QWidget()
    field = QLineEdit()
    QVBoxLayout(window).addWidget(field)
    qtbot.addWidget(window)
    window.resize(600, 500)
    with qtbot.waitExposed(window):
        window.show()
    yield window
    window.hide()


@pytest.fixture
def popup(window):
    popup = Palette(window, popup=True)
    popup.open_at(window.findChild(QLineEdit))
    return popup


def items(palette):
    return [palette.kinds.item(row) for row in range(palette.kinds.count())]


def shown(palette):
    """What the list shows, headings in capitals."""
    visible = [item for item in items(palette) if not item.isHidden()]
    return [item.data(EntryRole).kind.kind() if item.data(EntryRole) else item.text().upper() for item in visible]


def current(palette):
    item = palette.kinds.currentItem()
    return item.data(EntryRole).kind if item is not None else None


def heard(signal):
    told = []
    signal.connect(told.append)
    return told


def test_the_whole_catalogue_is_listed_by_family(docked):
    listed = [item.data(EntryRole).kind for item in items(docked) if item.data(EntryRole)]
    assert listed == list(kinds_in(layers.AnyLayer))
    assert shown(docked)[:4] == ["CORE", "Dense", "Maxout", "Identity"]
    assert current(docked) is layers.Dense


@pytest.mark.parametrize(
    ("query", "best"),
    [
        ("bn", layers.BatchNormalization),
        ("BatchNorm", layers.BatchNormalization),
        ("conv", layers.Conv1D),
        ("conv2", layers.Conv2D),
        ("relu", layers.ReLU),
        ("leaky", layers.LeakyReLU),
        ("max pool 2d", layers.MaxPooling2D),
        ("gap2", layers.GlobalAveragePooling2D),
        ("weighted sum", layers.Dense),
        ("srivastava", layers.Dropout),
        ("drpout", layers.Dropout),
        ("flat", layers.Flatten),
        ("normaliz", layers.Normalization),
        ("rnn", layers.RNN),
        ("simple", layers.SimpleRNN),
        ("lstm", layers.LSTM),
        ("hochreiter", layers.LSTM),
        ("gru", layers.GRU),
        ("embed", layers.Embedding),
        ("symbols", layers.Embedding),
        ("padding 0", layers.Masking),
    ],
)
def test_search(query, best):
    found = search(query)
    assert min(found, key=found.get) is best


def test_every_kind_is_found_by_its_name_and_family():
    for kind in layer_kinds():
        found = search(kind.kind())
        assert min(found, key=found.get) is kind
        assert kind in search(kind.family)


def test_typing_filters_with_headings(docked, qtbot):
    qtbot.keyClicks(docked.search_field, "conv")
    assert shown(docked)[:3] == ["CONVOLUTION", "Conv1D", "Conv2D"]
    assert "Dense" not in shown(docked)
    docked.search_field.clear()
    assert len(shown(docked)) == docked.kinds.count()


def test_nothing_found_means_nothing_chosen(docked, qtbot):
    told = heard(docked.chosen)
    qtbot.keyClicks(docked.search_field, "qqq")
    qtbot.keyClick(docked.search_field, Qt.Key.Key_Return)
    assert told == []
    assert [text.partition(" “")[0] for text in shown(docked)] == ["NOTHING ANSWERS"]
    docked.search_field.setText("conv")
    assert "NOTHING ANSWERS" not in " ".join(shown(docked))


@pytest.mark.parametrize(("query", "name"), [("lambda", "Lambda"), ("text vec", "TextVectorization"), ("Cutmix", "CutMix")])
def test_a_layer_of_keras_that_is_left_out_is_answered_with_the_reason(docked, qtbot, query, name):
    told = heard(docked.chosen)
    docked.search_field.setText(query)
    notes = [item.text() for item in items(docked) if item.data(NoteRole) is not None]
    assert notes == [f"{name} is not offered: {left_out[name]}."]
    qtbot.keyClick(docked.search_field, Qt.Key.Key_Return)
    assert not any(kind.kind() == name for kind in told)


def test_short_queries_are_not_answered_with_what_is_left_out(docked):
    for query in ("", "la", "l a"):
        docked.search_field.setText(query)
        assert not any(item.data(NoteRole) is not None for item in items(docked))


def test_a_click_on_a_family_goes_there(docked, qtbot):
    index = docked.families
    titles = [index.item(row).text() for row in range(index.count())]
    assert titles == [*dict.fromkeys(kind.family for kind in layer_kinds()), "blocks"]
    row = titles.index("merging")
    qtbot.mouseClick(index.viewport(), Qt.MouseButton.LeftButton, pos=index.visualItemRect(index.item(row)).center())
    assert current(docked) is layers.Add
    heading = next(item for item in items(docked) if item.text() == "merging")
    assert docked.kinds.visualItemRect(heading).top() == 0
    assert not index.hasFocus()


def test_families_without_an_answer_are_not_gone_to(docked, qtbot):
    docked.search_field.setText("conv")
    index = docked.families
    assert [index.item(row).text() for row in range(index.count()) if index.item(row).flags()] == list(docked.kinds.families)
    before = current(docked)
    qtbot.mouseClick(index.viewport(), Qt.MouseButton.LeftButton, pos=index.visualItemRect(index.item(0)).center())
    assert current(docked) is before


def test_arrows_move_past_headings_while_the_field_keeps_the_focus(popup, qtbot):
    for _ in range(4):
        qtbot.keyClick(popup.search_field, Qt.Key.Key_Down)
    assert current(popup) is layers.Activation
    qtbot.keyClick(popup.search_field, Qt.Key.Key_Up)
    assert current(popup) is layers.EinsumDense
    assert popup.search_field.hasFocus()


def test_enter_chooses_and_closes_the_popup(popup, qtbot):
    told = heard(popup.chosen)
    qtbot.keyClicks(popup.search_field, "bn")
    qtbot.keyClick(popup.search_field, Qt.Key.Key_Return)
    assert told == [layers.BatchNormalization]
    assert not popup.isVisible()


def test_a_double_click_chooses_once(docked, qtbot):
    told = heard(docked.chosen)
    place = docked.kinds.visualItemRect(docked.kinds.item(2)).center()
    qtbot.mouseClick(docked.kinds.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.mouseDClick(docked.kinds.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert told == [layers.Maxout]
    assert docked.isVisible()


def test_enter_in_the_list_chooses_once(docked, qtbot):
    told = heard(docked.chosen)
    docked.kinds.setFocus()
    qtbot.keyClick(docked.kinds, Qt.Key.Key_Return)
    assert told == [layers.Dense]


def test_esc_closes_the_popup_without_a_choice(popup, qtbot):
    told = heard(popup.chosen)
    with qtbot.waitSignal(popup.dismissed):
        qtbot.keyClick(popup.search_field, Qt.Key.Key_Escape)
    assert (told, popup.isVisible()) == ([], False)


def test_dragging_a_kind_out_makes_way_for_the_stack(popup, qtbot):
    with qtbot.waitSignal(popup.dismissed):
        popup.kinds.drag_started.emit()
    assert not popup.isVisible()


def test_esc_in_a_docked_palette_clears_the_search(docked, qtbot):
    qtbot.keyClicks(docked.search_field, "conv")
    qtbot.keyClick(docked.search_field, Qt.Key.Key_Escape)
    assert docked.search_field.text() == ""
    assert docked.isVisible()


def test_the_focus_going_elsewhere_closes_the_popup(popup, window):
    window.findChild(QLineEdit).setFocus()
    assert not popup.isVisible()


def test_an_opened_popup_starts_afresh_and_lies_in_the_window(popup, window, qtbot):
    qtbot.keyClicks(popup.search_field, "conv")
    popup.hide()
    popup.open_at(window.findChild(QLineEdit))
    assert (popup.search_field.text(), current(popup)) == ("", layers.Dense)
    assert popup.search_field.hasFocus()
    assert window.rect().contains(popup.geometry())


def test_kinds_that_do_not_fit_say_why_and_can_be_chosen(docked, qtbot):
    told = heard(docked.chosen)
    docked.set_incoming((2,))
    objections = {item.data(EntryRole).kind: item.data(EntryRole).objection for item in items(docked) if item.data(EntryRole)}
    assert objections[layers.Dense] == ""
    assert objections[layers.Conv2D] == "Conv2D needs an image (height × width × channels); what comes in is 2."
    qtbot.keyClicks(docked.search_field, "conv2d")
    assert "Conv2D needs an image" in docked.kinds.currentItem().toolTip()
    assert "Conv2D needs an image" in docked.kinds.currentItem().data(Qt.ItemDataRole.AccessibleTextRole)
    qtbot.keyClick(docked.search_field, Qt.Key.Key_Return)
    assert told == [layers.Conv2D]
    docked.set_incoming(None)
    assert "needs" not in docked.kinds.currentItem().toolTip()


@pytest.mark.parametrize("shape", [(1,), (16,), (28, 3), (8, 8, 1)])
def test_an_objection_is_a_sentence_or_nothing(shape):
    for kind in layer_kinds():
        assert objection(kind, shape) == "" or objection(kind, shape).endswith(".")
    assert objection(layers.Dense, shape) == ""


def test_a_dragged_kind_is_named(docked):
    mime = docked.kinds.mimeData([docked.kinds.item(1)])
    assert mime.data("application/x-wiggle-kind").data() == b"Dense"


def test_headings_can_be_neither_chosen_nor_dragged(docked):
    assert docked.kinds.item(0).flags() == Qt.ItemFlag.NoItemFlags
