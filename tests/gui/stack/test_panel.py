"""What is around the cards: the experiment's name and size, the button that adds a layer, and drops beside the cards."""

from msgspec.structs import replace
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QStylePainter

from gui import clipboard
from gui.theme import apply_theme, light
from models.experiment import edits
from models.experiment.layers import Dense, Dropout, Maxout
from tests.gui.stack.named import names

none, left = Qt.KeyboardModifier.NoModifier, Qt.MouseButton.LeftButton


def test_a_kind_dropped_beside_the_cards_goes_to_the_end(panel, document):
    mime, action = clipboard.kind_mime(Maxout), Qt.DropAction.CopyAction
    QApplication.sendEvent(panel, QDragEnterEvent(QPoint(200, 780), action, mime, left, none))
    event = QDropEvent(QPointF(200, 780), action, mime, left, none)
    QApplication.sendEvent(panel, event)
    assert event.isAccepted()
    assert names(document)[-1] == "maxout_1"


def test_a_opens_the_palette_and_enter_adds(panel, view, document, qtbot):
    view.select(("maxout",))
    qtbot.keyClick(view, Qt.Key.Key_A)
    assert panel.layer_palette.isVisible()
    qtbot.keyClicks(panel.layer_palette.search_field, "bn")
    qtbot.keyClick(panel.layer_palette.search_field, Qt.Key.Key_Return)
    assert names(document)[4] == "batch_normalization"
    assert view.selected == ("batch_normalization",)
    assert not panel.layer_palette.isVisible()
    assert view.hasFocus()


def test_esc_closes_the_palette_and_gives_the_focus_back(panel, view, document, qtbot):
    qtbot.mouseClick(panel.add_button, left)
    assert panel.layer_palette.isVisible()
    qtbot.keyClick(panel.layer_palette.search_field, Qt.Key.Key_Escape)
    assert not panel.layer_palette.isVisible()
    assert view.hasFocus()
    assert document.undo_text is None


def test_a_click_elsewhere_closes_the_palette(panel, qtbot):
    panel.open_palette()
    qtbot.mouseClick(panel, left, none, QPoint(3, 790))
    assert not panel.layer_palette.isVisible()


def test_the_palette_knows_what_comes_in(panel, view, document, qtbot):
    view.select(("dense",))
    assert view.incoming_shape() == (16,)
    panel.open_palette()
    qtbot.keyClicks(panel.layer_palette.search_field, "conv2d")
    assert "what comes in is 16." in panel.layer_palette.kinds.currentItem().toolTip()


def test_the_header_names_and_sizes_the_experiment(panel, document):
    assert panel.title.text() == "Spiral"
    assert panel.summary.text() == "6 layers · 601 parameters · 2.4 kB"
    panel.view.select(("dense_1",))
    panel.view.delete_selected()
    assert panel.summary.text() == "5 layers · 329 parameters · 1.3 kB"
    document.apply("Rename", replace(document.experiment, name="Rolls"))
    assert panel.title.text() == "Rolls"


def test_a_narrow_header_says_less(panel):
    panel.resize(240, 800)
    assert panel.summary.text() in ("6 layers · 601 parameters", "601 parameters")
    assert panel.summary.toolTip() == "6 layers · 601 parameters · 2.4 kB"


def test_a_long_name_gets_half_of_the_header_and_ends_in_dots(panel, document, monkeypatch):
    document.apply("Rename", replace(document.experiment, name="A name that is too long for the header of the stack"))
    drawn = []
    monkeypatch.setattr(QStylePainter, "drawText", lambda painter, place, flags, text: drawn.append(text))
    for width in (540, 340):
        panel.resize(width, 800)
        panel.layout().activate()
        panel.grab()
        assert panel.title.width() >= width // 2 - 20
    assert all(text.startswith("A name that") and text.endswith("…") for text in drawn)
    assert len(drawn) >= 2
    assert panel.title.text() == document.experiment.name


def test_the_button_keeps_its_height_below_many_layers(panel, document):
    document.apply("Many", edits.with_network(document.experiment, [Dropout(name=f"dropout_{i}", rate=0.1) for i in range(40)]))
    panel.resize(400, 500)
    apply_theme(QApplication.instance(), light)
    panel.layout().activate()
    assert panel.add_button.height() >= panel.add_button.sizeHint().height()


def test_a_double_click_renames_the_experiment(panel, document, qtbot):
    qtbot.keyClicks(panel.title, "x")
    assert panel.title.text() == "Spiral"
    qtbot.mouseDClick(panel.title, left)
    qtbot.keyClicks(panel.title, "Two arms ")
    qtbot.keyClick(panel.title, Qt.Key.Key_Return)
    assert document.experiment.name == "Two arms"
    assert document.undo_text == "Rename the experiment"
    document.undo()
    assert panel.title.text() == "Spiral"


def test_esc_leaves_the_name_of_the_experiment(panel, document, qtbot):
    panel.title.setFocus()
    qtbot.keyClick(panel.title, Qt.Key.Key_F2)
    qtbot.keyClicks(panel.title, "Other")
    qtbot.keyClick(panel.title, Qt.Key.Key_Escape)
    panel.view.setFocus()
    assert (panel.title.text(), document.undo_text) == ("Spiral", None)


def test_the_add_button_follows_the_last_card(panel, view, document, qtbot):
    def gap():
        return panel.add_button.y() - view.geometry().bottom()

    assert gap() == 1
    before = panel.add_button.y()
    view.add(Dense)
    qtbot.waitUntil(lambda: panel.add_button.y() > before)
    assert gap() == 1
    assert panel.add_button.geometry().bottom() < panel.height()


def test_a_long_stack_scrolls_and_keeps_the_add_button(panel, view, document, qtbot):
    network = edits.insert((), 0, [Dense(name="dense", units=2) for _ in range(40)])
    document.apply("x", edits.with_network(document.experiment, network))
    qtbot.waitUntil(lambda: view.verticalScrollBar().maximum() > 0)
    assert panel.add_button.geometry().bottom() < panel.height()
