"""Blocks as a person saves, finds, inserts, renames and deletes them."""

import pytest
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QDropEvent, QImage, QPainter

from gui.block_dialog import BlockDialog, BlockPicture
from gui.blocks import BlockShelf
from gui.palette.entries import BlockEntry, EntryRole, NoteRole
from gui.palette.palette import Palette
from gui.prompts import BlockQuestion
from gui.stack.block_picture import draw_block, spots
from gui.theme import light
from models.experiment.layers import Dense, Dropout
from models.storage import blocks
from tests.gui.scripted import ScriptedPrompts

control = Qt.KeyboardModifier.ControlModifier
layers = (Dense(name="a", units=3), Dropout(name="b", rate=0.25))


@pytest.fixture
def shelf(tmp_path):
    return BlockShelf(tmp_path / "blocks")


@pytest.fixture
def prompts():
    return ScriptedPrompts()


@pytest.fixture
def palette(qtbot, shelf):
    blocks.keep("My pair", layers, shelf.folder)
    palette = Palette(shelf=shelf)
    qtbot.addWidget(palette)
    palette.read_blocks()
    with qtbot.waitExposed(palette):
        palette.show()
    yield palette
    palette.hide()


def block_names(palette, visible=True):
    items = [palette.kinds.item(row) for row in range(palette.kinds.count())]
    return [
        item.data(EntryRole).kept.block.name
        for item in items
        if isinstance(item.data(EntryRole), BlockEntry) and not (visible and item.isHidden())
    ]


def heard(signal):
    told = []
    signal.connect(told.append)
    return told


# -- the palette --------------------------------------------------------------------------------------------------------------


def test_own_blocks_follow_those_of_the_program(palette):
    assert block_names(palette)[-1] == "My pair"
    assert "MLP" in block_names(palette)


@pytest.mark.parametrize("query", ["my pair", "PAIR", "block my", "dropout pair"])
def test_a_block_is_found_and_chosen_by_enter(palette, qtbot, query):
    chosen = heard(palette.chosen)
    palette.search_field.setText(query)
    assert block_names(palette) == ["My pair"]
    qtbot.keyClick(palette.search_field, Qt.Key.Key_Return)
    assert [block.layers for block in chosen] == [layers]


def test_a_kind_is_found_as_before(palette):
    palette.search_field.setText("drpout")
    assert palette.kinds.currentItem().text() == "Dropout"


def test_a_block_is_dragged_as_its_layers(palette):
    palette.search_field.setText("my pair")
    mime = palette.kinds.mimeData([palette.kinds.currentItem()])
    assert '"name": "b"' in mime.text()


def test_own_blocks_alone_can_be_renamed_and_deleted(palette, qtbot):
    renamed, deleted = heard(palette.rename_requested), heard(palette.delete_requested)
    for query in ("MLP", "my pair"):
        palette.search_field.setText(query)
        qtbot.keyClick(palette.search_field, Qt.Key.Key_F2)
        qtbot.keyClick(palette.search_field, Qt.Key.Key_Delete, control)
    assert [kept.block.name for kept in (*renamed, *deleted)] == ["My pair", "My pair"]


def test_the_menu_offers_what_the_keys_do(palette):
    renamed = heard(palette.rename_requested)
    palette.search_field.setText("MLP")
    assert palette.block_menu() is None
    palette.search_field.setText("my pair")
    menu = palette.block_menu()
    assert [action.text().partition("\t")[0] for action in menu.actions()] == ["Insert", "Rename…", "Delete…"]
    menu.actions()[1].trigger()
    assert [kept.block.name for kept in renamed] == ["My pair"]
    menu.deleteLater()


def test_a_bad_file_is_told_in_the_palette_and_stops_no_other(palette, shelf):
    (shelf.folder / "bad.block.json").write_text("{", encoding="utf-8")
    palette.read_blocks()
    palette.read_blocks()
    items = [palette.kinds.item(row) for row in range(palette.kinds.count())]
    assert [item.text().startswith("bad.block.json, line 1") for item in items if item.data(NoteRole)] == [True]
    assert "My pair" in block_names(palette)


# -- the shelf ----------------------------------------------------------------------------------------------------------------


def test_a_name_that_will_not_do_is_asked_for_again(shelf, prompts):
    blocks.keep("taken", layers, shelf.folder)
    prompts.block_answers = ["taken", "a/b", "free"]
    assert shelf.save(layers, prompts) == "free"
    assert len(prompts.troubles) == 2
    assert prompts.block_questions == ["a", "taken", "a/b"]
    assert sorted(path.name for path in shelf.folder.iterdir()) == ["free.block.json", "taken.block.json"]


def test_a_name_that_is_free_is_proposed(shelf, prompts):
    prompts.block_answers = ["a", "a 2"]
    assert shelf.save(layers, prompts) == "a"
    assert shelf.save(layers, prompts) == "a 2"
    assert prompts.block_questions == ["a", "a 2"]


def test_giving_up_changes_nothing(shelf, prompts):
    kept = blocks.keep("mine", layers, shelf.folder)
    assert shelf.save(layers, prompts) is None
    assert shelf.rename(kept, prompts) is None
    assert not shelf.delete(kept, prompts)
    assert [path.name for path in shelf.folder.iterdir()] == ["mine.block.json"]


# -- the dialog ---------------------------------------------------------------------------------------------------------------


@pytest.fixture
def dialog(qtbot, shelf):
    blocks.keep("taken", layers, shelf.folder)
    question = BlockQuestion("Save as block", "Save", layers, lambda name: blocks.free_path(name, layers, shelf.folder))
    dialog = BlockDialog(question, "a")
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.show()
    return dialog


def test_the_dialog_says_what_is_saved_and_where(dialog, qtbot, shelf):
    assert dialog.content.text() == "2 layers: Dense · Dropout"
    qtbot.keyClicks(dialog.field, "My pair ")
    assert dialog.file.text().replace("\u200b", "") == f"File: {shelf.folder / 'My pair.block.json'}"
    qtbot.keyClick(dialog.field, Qt.Key.Key_Return)
    assert (dialog.result(), dialog.name) == (1, "My pair")


@pytest.mark.parametrize(("name", "why"), [("Taken", "no other block has"), ("a/b", "a name without"), ("", "a name without")])
def test_a_name_that_will_not_do_is_explained_while_it_is_typed(dialog, qtbot, name, why):
    assert not dialog.hint.text()
    height = dialog.sizeHint().height()
    dialog.field.setText(name)
    assert why in dialog.hint.text()
    assert not dialog.agree.isEnabled()
    qtbot.keyClick(dialog.field, Qt.Key.Key_Return)
    assert dialog.isVisible()
    assert dialog.sizeHint().height() == height


def test_the_dialog_shows_the_picture(dialog):
    picture = dialog.findChild(BlockPicture)
    image = picture.grab().toImage()
    colours = {image.pixelColor(picture.width() // 2, y).name() for y in range(picture.height())}
    assert {light.families["core"], light.families["regularization"]} <= colours


# -- the picture --------------------------------------------------------------------------------------------------------------


def test_a_picture_has_a_bar_in_the_colour_of_each_layer(qapp):
    image = QImage(40, 30, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    draw_block(painter, QRectF(0, 0, 40, 30), layers, light)
    painter.end()
    colours = {image.pixelColor(20, y).name() for y in range(30)}
    assert {light.families["core"], light.families["regularization"]} <= colours


def test_branches_stand_side_by_side():
    network = (Dense(name="a", units=3), Dense(name="b", units=3, inputs=("x",)), Dense(name="c", units=3, inputs=("b",)))
    assert [(spot.step, spot.place, spot.beside) for spot in spots(network)] == [(0, 0, 2), (0, 1, 2), (1, 0, 1)]


# -- the window ---------------------------------------------------------------------------------------------------------------


def names(window):
    return [layer.name for layer in window.document.experiment.network]


def test_layers_are_saved_inserted_renamed_and_deleted(window, qtbot, tmp_path):
    window.shelf._folder = tmp_path / "blocks"
    window.actions_.save_block.trigger()
    assert "Select the layers" in window.status.message.text()
    window.stack.view.select(("dense", "dense_1"))
    window.prompts.block_answers = ["Twins"]
    window.actions_.save_block.trigger()
    assert (tmp_path / "blocks" / "Twins.block.json").exists()

    window.stack.open_palette()
    palette = window.stack.layer_palette
    qtbot.keyClicks(palette.search_field, "twins")
    qtbot.keyClick(palette.search_field, Qt.Key.Key_Return)
    assert names(window) == ["dense", "dense_1", "dense_2", "dense_3", "output"]
    assert window.document.undo_text == "Add Twins"
    assert window.stack.view.selected == ("dense_2", "dense_3")
    window.document.undo()
    assert names(window) == ["dense", "dense_1", "output"]

    window.prompts.block_answers = ["Pair"]
    window.stack.open_palette()
    qtbot.keyClicks(palette.search_field, "twins")
    qtbot.keyClick(palette.search_field, Qt.Key.Key_F2)
    assert [path.name for path in (tmp_path / "blocks").iterdir()] == ["Pair.block.json"]
    window.prompts.agreed_answer = True
    window.stack.open_palette()
    qtbot.keyClicks(palette.search_field, "pair")
    qtbot.keyClick(palette.search_field, Qt.Key.Key_Delete, control)
    assert not list((tmp_path / "blocks").iterdir())


def test_a_block_is_dropped_where_it_is_let_go(window, tmp_path):
    window.shelf._folder = tmp_path / "blocks"
    window.stack.open_palette()
    palette, view = window.stack.layer_palette, window.stack.view
    palette.search_field.setText("MLP")
    mime = palette.kinds.mimeData([palette.kinds.currentItem()])
    place = QPointF(view.visualRect(view.model().index(1)).center() + view.visualRect(view.model().index(1)).bottomLeft()) / 2
    event = QDropEvent(place, Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    view.dropEvent(event)
    assert len(names(window)) == 6
    assert names(window)[0] == "dense"
