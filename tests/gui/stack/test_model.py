"""The stack as an item model: it follows the document by the smallest changes."""

import random

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QMimeData, QModelIndex, QPersistentModelIndex, Qt

from gui import clipboard
from gui.stack.model import CardRole, LanesRole, StackModel, StatisticsRole
from models.experiment import edits
from models.experiment.layers import Conv2D, Dense, Dropout, Flatten
from models.telemetry.events import Histogram, LayerProbe

nowhere = QModelIndex()
move, copy = Qt.DropAction.MoveAction, Qt.DropAction.CopyAction


@pytest.fixture
def model(document, qtmodeltester):
    model = StackModel(document)
    qtmodeltester.check(model)
    return model


@pytest.fixture
def heard(model):
    """What the model told its views, in order."""
    told = []
    model.modelReset.connect(lambda: told.append("reset"))
    model.layoutChanged.connect(lambda: told.append("layout"))
    model.rowsInserted.connect(lambda _, first, last: told.append(("inserted", first, last)))
    model.rowsRemoved.connect(lambda _, first, last: told.append(("removed", first, last)))
    model.rowsMoved.connect(lambda _, first, last, __, to: told.append(("moved", first, last, to)))
    model.dataChanged.connect(lambda first, last: told.append(("changed", first.row(), last.row())))
    return told


def names(model):
    return [model.index(row).data() for row in range(model.rowCount())]


def apply(document, network):
    document.apply("Change", edits.with_network(document.experiment, network))


def in_step(model, document):
    return names(model) == ["input", *(layer.name for layer in document.experiment.network)]


def test_the_input_is_the_first_row(model, document):
    assert names(model) == ["input", "noise", "dense", "dense_1", "maxout", "dropout", "output"]
    assert model.index(0).data(CardRole).layer is None
    assert model.index(2).data(CardRole).layer == document.experiment.network[1]
    assert model.index(2).data(CardRole).report.output_shape == (16,)


def test_the_input_can_be_neither_dragged_nor_renamed(model):
    flags = model.flags(model.index(0))
    assert flags & Qt.ItemFlag.ItemIsSelectable
    assert not flags & (Qt.ItemFlag.ItemIsDragEnabled | Qt.ItemFlag.ItemIsEditable)
    assert not model.setData(model.index(0), "data")


def test_inserted_layers_are_inserted_rows(model, document, heard):
    apply(document, edits.insert(document.experiment.network, 2, [Dropout(name="a", rate=0.1), Dropout(name="b", rate=0.1)]))
    assert heard == [("inserted", 3, 4)]
    assert in_step(model, document)


def test_removed_layers_are_removed_rows(model, document, heard):
    apply(document, edits.remove(document.experiment.network, ("noise", "dense_1", "dropout")))
    assert [told for told in heard if told[0] != "changed"] == [("removed", 5, 5), ("removed", 3, 3), ("removed", 1, 1)]
    assert in_step(model, document)


@pytest.mark.parametrize(("name", "index", "told"), [("noise", 6, (1, 1, 7)), ("dropout", 0, (5, 5, 1)), ("dense", 5, (2, 2, 6))])
def test_a_moved_layer_is_one_moved_row(model, document, heard, name, index, told):
    apply(document, edits.move(document.experiment.network, (name,), index))
    assert [each for each in heard if each[0] != "changed"] == [("moved", *told)]
    assert in_step(model, document)


def test_a_changed_layer_is_a_changed_row(model, document, heard):
    apply(document, edits.change(document.experiment.network, "dropout", rate=0.5))
    assert heard == [("changed", 5, 5)]
    assert model.index(5).data(CardRole).arguments == "rate 0.5"


def test_what_follows_from_a_change_changes_too(model, document, heard):
    apply(document, edits.change(document.experiment.network, "dense_1", units=4))
    # The next layer has fewer weights, too; and both cost most before, so that the others' bars grow, but for a dropout's.
    assert heard == [("changed", 2, 2), ("changed", 3, 3), ("changed", 4, 4), ("changed", 6, 6)]
    assert model.index(4).data(CardRole).report.parameters.total == 5 * 16


def test_a_renamed_layer_is_a_changed_row(model, document, heard):
    apply(document, edits.rename(document.experiment.network, "dense", "hidden"))
    assert heard == [("changed", 2, 2)]
    assert in_step(model, document)


def test_nothing_visible_changes_nothing(model, document, heard):
    apply(document, edits.change(document.experiment.network, "output", units=2))  # a problem that has a remedy
    heard.clear()
    document.recheck()
    assert heard == []


def test_undo_restores(model, document, heard):
    apply(document, edits.remove(document.experiment.network, ("dense",)))
    document.undo()
    assert in_step(model, document)
    assert "reset" not in heard


def test_persistent_indexes_follow_their_layer(model, document):
    index = QPersistentModelIndex(model.index(2))
    apply(document, edits.move(document.experiment.network, ("dense",), 6))
    assert (index.row(), index.data()) == (6, "dense")


@pytest.mark.parametrize("seed", range(12))
def test_any_other_network_is_reached_without_a_reset(model, document, heard, qtmodeltester, seed):
    """Also with names that occur twice, as in a file written by hand."""
    chance = random.Random(seed)
    for _ in range(8):
        wanted = [chance.choice("abcdefgh") if seed % 3 == 0 else f"layer_{place}" for place in range(chance.randrange(9))]
        chance.shuffle(wanted)
        apply(document, tuple(Dropout(name=name, rate=chance.choice((0.1, 0.2))) for name in wanted))
        assert in_step(model, document)
        assert [model.index(row).data(CardRole).layer for row in range(1, model.rowCount())] == list(document.experiment.network)
    assert not {"reset", "layout"} & set(heard)


def test_moves_are_as_few_as_possible(model, document, heard):
    chance = random.Random(1)
    network = tuple(Flatten(name=f"layer_{place}") for place in range(9))
    apply(document, network)
    heard.clear()
    block = {"layer_1", "layer_2"}
    apply(document, edits.move(network, block, 9))
    assert sum(told[0] == "moved" for told in heard) == 2
    for _ in range(10):
        heard.clear()
        order = list(document.experiment.network)
        chance.shuffle(order)
        before = names(model)[1:]
        apply(document, tuple(order))
        kept = longest_common([before.index(layer.name) for layer in order])
        assert sum(told[0] == "moved" for told in heard) <= len(order) - kept
        assert in_step(model, document)


def longest_common(numbers):
    """Length of the longest ascending selection, by trying all."""
    return max(
        bin(mask).count("1")
        for mask in range(1 << len(numbers))
        if (chosen := [number for bit, number in enumerate(numbers) if mask >> bit & 1]) == sorted(chosen)
    )


def probe(name):
    return LayerProbe(name, Histogram(np.array([1, 2, 3]), 0.0, 1.0), mean=0.5, std=0.1, dead=0.25, saturated=None)


def test_statistics_change_their_rows_only(model, heard):
    model.set_statistics({"dense": probe("dense")})
    assert heard == [("changed", 2, 2)]
    assert [each.probe.dead for each in model.index(2).data(StatisticsRole)] == [0.25]
    assert model.index(3).data(StatisticsRole) == ()
    assert "25 % of the units" in model.index(2).data(Qt.ItemDataRole.ToolTipRole)
    heard.clear()
    model.set_statistics(None)
    assert heard == [("changed", 2, 2)]
    assert model.index(2).data(StatisticsRole) == ()


def test_set_data_renames_through_the_document(model, document):
    assert model.setData(model.index(2), " hidden ")
    assert document.experiment.network[1].name == "hidden"
    assert document.undo_text == "Rename dense"


@pytest.mark.parametrize("name", ["", "two words", "_x", "a" * 61, "ä"])
def test_a_name_keras_refuses_is_refused(model, document, qtbot, name):
    with qtbot.waitSignal(model.refused) as signal:
        assert not model.setData(model.index(2), name)
    assert f"“{name}” cannot be a layer's name: expected letters from a to z, digits, _ . -, beginning" in signal.args[0]
    assert document.undo_text is None


def test_dragged_layers_are_readable_json(model):
    mime = model.mimeData([model.index(5), model.index(0), model.index(2)])
    assert [layer.name for layer in clipboard.from_text(mime.text())] == ["dense", "dropout"]
    assert mime.hasFormat("application/x-wiggle-layers")


@pytest.mark.parametrize("row", range(-1, 8))
def test_own_layers_are_moved(model, document, row):
    mime = model.mimeData([model.index(2), model.index(5)])
    expected = edits.move(document.experiment.network, {"dense", "dropout"}, 6 if row < 0 else max(row - 1, 0))
    model.dropMimeData(mime, move, row, 0, nowhere)
    assert document.experiment.network == expected
    assert in_step(model, document)


def test_own_layers_dropped_with_control_are_copied(model, document):
    assert model.dropMimeData(model.mimeData([model.index(2)]), copy, 3, 0, nowhere)
    assert names(model)[1:5] == ["noise", "dense", "dense_2", "dense_1"]
    assert document.experiment.network[2] == replace(document.experiment.network[1], name="dense_2")


def test_layers_of_another_stack_are_copied(model, document):
    other = StackModel(document)
    assert model.dropMimeData(other.mimeData([other.index(2)]), move, -1, 0, nowhere)
    assert names(model)[-1] == "dense_2"


def test_a_kind_of_the_palette_is_added_where_it_is_dropped(model, document):
    assert model.dropMimeData(clipboard.kind_mime(Conv2D), copy, 1, 0, nowhere)
    assert document.experiment.network[0] == edits.new_layer(Conv2D)
    assert document.undo_text == "Add Conv2D"


def test_an_unknown_kind_is_not_added(model, document):
    mime = QMimeData()
    mime.setData(clipboard.kind_type, b"Transformer")
    assert not model.dropMimeData(mime, copy, 1, 0, nowhere)
    assert document.undo_text is None


def test_broken_layers_are_refused_in_a_sentence(model, document, qtbot):
    mime = QMimeData()
    mime.setData(clipboard.layers_type, b'{"layers": [{"kind": "Dense", "name": "x", "units": 0}]}')
    with qtbot.waitSignal(model.refused) as signal:
        assert not model.dropMimeData(mime, copy, 1, 0, nowhere)
    assert "layers[0].units: expected a whole number" in signal.args[0]
    assert document.undo_text is None


def test_text_is_not_accepted_as_a_drop(model):
    mime = QMimeData()
    mime.setText("hello")
    assert not model.canDropMimeData(mime, copy, 1, 0, nowhere)
    assert not model.dropMimeData(mime, copy, 1, 0, nowhere)


def test_a_layer_called_like_the_input_is_still_a_layer(model, document):
    apply(document, (Dense(name="input", units=1),))
    assert names(model) == ["input", "input"]
    assert model.index(1).data(CardRole).layer is not None


def test_lanes_come_with_the_first_branch_and_change_their_rows_only(model, document, heard):
    assert {model.lanes(row).count for row in range(model.rowCount())} == {0}
    apply(document, edits.set_inputs(document.experiment.network, "dropout", ("dense_1",)))
    assert {model.lanes(row).count for row in range(model.rowCount())} == {2}
    assert model.index(4).data(LanesRole) == model.lanes(4)
    heard.clear()
    apply(document, edits.change(document.experiment.network, "noise", stddev=0.2))
    assert heard == [("changed", 1, 1)]
    document.undo()
    document.undo()
    assert {model.lanes(row).count for row in range(model.rowCount())} == {0}
