"""Several layers as one card: collapsed, moved, deleted, expanded, and what the card says."""

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QMimeData, Qt

from gui.stack.card import badge, cards, spoken, tooltip
from gui.stack.model import CardRole, FoundRole, StackModel, StatisticsRole
from models.experiment import edits
from models.experiment.check import check
from models.experiment.collapsing import collapse
from models.experiment.layers import Dense, Dropout, Flatten
from models.experiment.starter import default_experiment
from models.telemetry.diagnosis import diagnose, healthy
from models.telemetry.events import Histogram, LayerProbe
from tests.gui.stack.named import names

alt = Qt.KeyboardModifier.AltModifier
start = ["noise", "dense", "dense_1", "maxout", "dropout", "output"]


def rows(view):
    return [view.model().index(row).data() for row in range(view.model().rowCount())]


@pytest.fixture
def collapsed(view):
    """The stack with three of its layers as one card, which is selected."""
    view.select(("dense", "dense_1", "maxout"))
    view.collapse_selected()
    return view


def test_collapsing_and_expanding_can_be_undone(view, document, collapsed):
    assert rows(view) == ["input", "noise", "dense … maxout", "dropout", "output"]
    assert view.selected == ("dense", "dense_1", "maxout")
    assert document.undo_text == "Collapse 3 layers"
    assert names(document) == start
    view.expand_selected()
    assert rows(view) == ["input", *start]
    assert view.selected == ("dense", "dense_1", "maxout")
    document.undo()
    assert rows(view)[2] == "dense … maxout"
    document.undo()
    assert rows(view) == ["input", *start]


@pytest.mark.parametrize("chosen", [(), ("dense",), ("noise", "dense_1"), ("input", "noise")])
def test_what_does_not_stand_together_is_refused_in_a_sentence(view, document, chosen):
    told = []
    view.refused.connect(told.append)
    view.select(chosen)
    view.collapse_selected()
    assert len(told) == 1
    assert document.undo_text is None


def test_the_card_sums_up(document):
    experiment = collapse(document.experiment, ("dense", "dense_1", "maxout"), "Body")
    single, joint = cards(document.experiment, check(document.experiment)), cards(experiment, check(experiment))
    card = joint[2]
    assert (card.name, card.kind, card.arguments, card.shape) == ("Body", "3 layers", "2 × Dense · Maxout", single[4].shape)
    assert card.report.input_shape == single[2].report.input_shape
    for figure in ("multiply_adds", "activation_numbers"):
        assert getattr(card.report, figure) == sum(getattr(each.report, figure) for each in single[2:5])
    assert card.report.parameters.total == sum(each.report.parameters.total for each in single[2:5])
    assert [cost.share for cost in card.costs] == [1, 1, 1]
    assert "dense, dense_1, maxout" in tooltip(card, ())
    assert spoken(card, ()).startswith("Body, 3 layers, 2 × Dense · Maxout, output 8")


def test_the_worst_problem_inside_is_on_the_card():
    network = (Dense(name="a", units=4), Dense(name="b", units=7), Dense(name="c", units=5))
    experiment = collapse(replace(default_experiment(), network=network), ("b", "c"), "x")
    card = cards(experiment, check(experiment))[2]
    assert (card.collapsed, card.place, card.severity) == (True, "output", "error")
    assert card.sentences[0][1].startswith("c: ")


def test_it_moves_as_one_and_others_move_past_it(view, document, collapsed, qtbot):
    qtbot.keyClick(view, Qt.Key.Key_Down, alt)
    assert rows(view) == ["input", "noise", "dropout", "dense … maxout", "output"]
    view.select(("dropout",))
    qtbot.keyClick(view, Qt.Key.Key_Down, alt)
    assert rows(view) == ["input", "noise", "dense … maxout", "dropout", "output"]
    qtbot.keyClick(view, Qt.Key.Key_Up, alt)
    assert rows(view) == ["input", "noise", "dropout", "dense … maxout", "output"]


def test_deleting_duplicating_and_adding_take_all_of_it(view, document, collapsed):
    view.add(Flatten)
    assert names(document) == ["noise", "dense", "dense_1", "maxout", "flatten", "dropout", "output"]
    view.select(("dense",))
    view.duplicate_selected()
    assert names(document)[4:7] == ["dense_2", "dense_3", "maxout_1"]
    view.select(("dense",))
    view.delete_selected()
    assert names(document) == ["noise", "dense_2", "dense_3", "maxout_1", "flatten", "dropout", "output"]
    document.undo()
    assert "dense … maxout" in rows(view)


def test_it_is_dragged_as_its_layers_and_takes_drops_around_it(view, document, collapsed):
    model = view.model()
    mime = model.mimeData([model.index(2)])
    assert view.drop(mime, Qt.DropAction.MoveAction, 4)
    assert names(document) == ["noise", "dropout", "dense", "dense_1", "maxout", "output"]
    assert rows(view) == ["input", "noise", "dropout", "dense … maxout", "output"]
    other = QMimeData()
    other.setData("application/x-wiggle-kind", b"Flatten")
    assert view.drop(other, Qt.DropAction.CopyAction, 4)
    assert names(document) == ["noise", "dropout", "dense", "dense_1", "maxout", "flatten", "output"]


def test_f2_gives_it_a_title(view, document, collapsed):
    model = view.model()
    assert model.setData(model.index(2), "Body")
    assert rows(view)[2] == "Body"
    assert document.undo_text == "Rename dense … maxout"
    assert not model.setData(model.index(2), "")


def test_enter_expands_it(view, collapsed, qtbot):
    asked = []
    view.edit_requested.connect(asked.append)
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert rows(view) == ["input", *start]
    assert asked == []


def test_a_layer_inside_is_selected_and_found_with_its_card(view, collapsed):
    view.select(("dense_1",))
    assert view.selected == ("dense", "dense_1", "maxout")
    view.find_layers("maxout")
    assert view.model().index(2).data(FoundRole)
    assert view.found_place == 1


def test_the_menu_offers_what_can_be_done(view, collapsed):
    def offered():
        menu = view.context_menu()
        entries = [action.text().partition("\t")[0] for action in menu.actions() if action.isEnabled()]
        menu.deleteLater()
        return {"Collapse", "Expand"} & set(entries)

    assert offered() == {"Expand"}
    view.select(("noise", "dense"))
    assert offered() == {"Collapse", "Expand"}
    view.expand_selected()
    for chosen, what in ((("noise", "dense"), {"Collapse"}), (("noise", "dropout"), set()), (("noise",), set())):
        view.select(chosen)
        assert offered() == what


def test_each_of_several_found_on_one_card_is_gone_to(panel, view, collapsed, qtbot):
    inside = []
    view.found_inside.connect(inside.append)
    panel.find_bar.open()
    qtbot.keyClicks(panel.find_bar.field, "dense")
    inside.clear()
    visited = []
    for modifier in 4 * [Qt.KeyboardModifier.NoModifier] + 2 * [Qt.KeyboardModifier.ShiftModifier]:
        visited.append((view.selected[-1], panel.find_bar.count.text()))
        qtbot.keyClick(panel.find_bar.field, Qt.Key.Key_Return, modifier)
    assert [count[0] for _, count in visited] == ["1", "2", "3", "1", "2", "1"]
    assert [card for card, _ in visited] == ["maxout", "maxout", "output", "maxout", "maxout", "maxout"]
    assert inside == ["dense_1", "dense", "dense_1", "dense"]


def test_stepping_goes_on_from_the_card_that_is_selected(panel, view, collapsed, qtbot):
    panel.find_bar.open()
    qtbot.keyClicks(panel.find_bar.field, "dense")
    view.select(("dropout",))
    qtbot.keyClick(panel.find_bar.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert panel.find_bar.count.text() == "2 of 3"
    view.select(("noise",))
    qtbot.keyClick(panel.find_bar.field, Qt.Key.Key_Return)
    assert panel.find_bar.count.text() == "1 of 3"


def seen(name, **shares):
    return LayerProbe(name, Histogram(np.array([1, 2]), 0.0, 1.0), 0.5, 0.1, **({"dead": None, "saturated": None} | shares))


def test_the_worst_state_inside_is_on_the_card_with_its_layer(view, collapsed):
    seen_inside = (seen("dense", dead=0.05), seen("dense_1", dead=0.4), seen("maxout", dead=0.3))
    view.set_statistics({each.name: each for each in seen_inside})
    index = view.model().index(2)
    assert tuple(health.probe for health in index.data(StatisticsRole)) == seen_inside
    mark = badge(index.data(CardRole), index.data(StatisticsRole))
    assert (mark.title, mark.tone) == ("40 % dead · dense_1", "warning")
    assert "Seen in training: dense_1 40 % dead, maxout 30 % dead, dense 5 % dead." in index.data(Qt.ItemDataRole.ToolTipRole)
    assert "40 % dead · dense_1" in index.data(Qt.ItemDataRole.AccessibleTextRole)


def test_a_card_whose_layers_are_all_healthy_says_so(view, collapsed):
    view.set_statistics({name: seen(name, dead=0.0) for name in ("dense", "dense_1")})
    index = view.model().index(2)
    assert badge(index.data(CardRole), index.data(StatisticsRole)) == healthy
    assert "2 layers looked into, all healthy" in index.data(Qt.ItemDataRole.ToolTipRole)


def test_only_the_last_of_several_layers_is_the_output(document):
    experiment = collapse(document.experiment, ("maxout", "dropout", "output"), "End")
    card = cards(experiment, check(experiment))[-1]
    assert badge(card, tuple(diagnose((seen("output", saturated=0.9),)).values())) is None
    both = diagnose((seen("maxout", saturated=0.9), seen("output", saturated=0.95)))
    assert badge(card, tuple(both.values())).title == "90 % saturated · maxout"


def test_the_card_is_painted_anew_when_any_of_its_layers_was_looked_at(view, collapsed):
    changed = []
    view.model().dataChanged.connect(lambda first, last, roles: changed.append(first.row()))
    view.set_statistics({"dense_1": seen("dense_1", dead=0.4)})
    assert changed == [2]


def test_lanes_go_from_card_to_card(document, qtmodeltester):
    network = (*document.experiment.network[:5], replace(document.experiment.network[5], inputs=("dense",)))
    document.apply("x", edits.with_network(document.experiment, network))
    document.apply("y", collapse(document.experiment, ("dense_1", "maxout"), "Body"))
    model = StackModel(document)
    qtmodeltester.check(model)
    assert [model.index(row).data(CardRole).name for row in range(model.rowCount())] == [
        "input", "noise", "dense", "Body", "dropout", "output",
    ]  # fmt: skip
    assert sorted((line.edge.source, line.edge.target) for line in model.lanes(2).below) == [(2, 3), (2, 5)]


def test_what_is_not_collapsed_any_more_is_shown_again(view, document, collapsed):
    network = edits.insert(document.experiment.network, 2, [Dropout(name="between", rate=0.5)])
    document.apply("x", edits.with_network(document.experiment, network))
    assert rows(view) == ["input", "noise", "dense", "between", "dense_1", "maxout", "dropout", "output"]
    document.undo()
    assert rows(view)[2] == "dense … maxout"
