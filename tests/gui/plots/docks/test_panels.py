"""The panels together: any arrangement, nothing drawn that cannot be seen, one drawing a tick, nothing lost."""

import json
from html import escape

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QByteArray, QPoint, Qt
from PySide6.QtWidgets import QMenu, QToolButton

from gui.plots.docks import panels as module
from gui.plots.docks.panels import Panels
from gui.plots.docks.registry import PanelKind, kinds
from gui.plots.header import Entry
from gui.plots.help import HelpPopup
from gui.plots.plot import Plot
from gui.plots.views.loss_plot import LossPlot
from gui.theme import dark, light
from models.experiment.layers import Dense
from models.telemetry.wanted import Wanted
from tests.gui.plots import invented

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)  # windows without a screen


class LayerPlot(LossPlot):
    """A view of one layer, which needs more of looks inside than the statistics."""

    title = "Layer"
    of_layer = True

    @property
    def wanted(self):
        return Wanted(weights=frozenset({self.layer}))


few = (
    *(kind for kind in kinds if kind.shown),
    PanelKind("layer", LayerPlot),
)
"""The usual ones, and one that is closed at first."""


@pytest.fixture
def panels(qtbot, monkeypatch):
    monkeypatch.setattr(module, "kinds", few)
    return shown(qtbot)


def shown(qtbot, arrangement=None):
    panels = Panels(light, arrangement)
    qtbot.addWidget(panels)
    panels.resize(700, 640)
    with qtbot.waitExposed(panels):
        panels.show()
    settle(qtbot, panels)
    return panels


def draws(panels):
    return sum(panel.made.draws for panel in panels.panels if panel.made)


def redraws(panels):
    return sum(plot.redraws for plot in panels.plots)


def settle(qtbot, panels):
    def quiet():
        before = draws(panels)
        for _ in range(3 * len(panels.panels)):
            panels.tick()
        return draws(panels) == before

    qtbot.waitUntil(quiet)


def record(total=500, ended=False):
    return invented.history(total, surface=invented.spiral_surface(invented.plane_view()), ended=ended)


def panel(panels, name):
    return next(each for each in panels.panels if each.objectName() == name)


def places(panels):
    return {each.objectName(): each.geometry().getRect() for each in panels.panels if each.seen}


def press(panels, name, text):
    button = next(each for each in panel(panels, name).plot.header.findChildren(QToolButton) if each.text() == text)
    button.click()


@pytest.mark.parametrize("kind", kinds, ids=lambda kind: kind.identifier)
def test_every_panel_says_what_it_shows_and_what_good_and_bad_look_like(kind):
    assert kind.plot.title
    for text in (kind.plot.help.shows, kind.plot.help.good, kind.plot.help.bad):
        assert len(text) > 20
        assert text.endswith(".")


def test_every_kind_of_panel_is_declared_once():
    assert len({kind.identifier for kind in kinds}) == len({kind.plot for kind in kinds}) == len(kinds)


def test_the_usual_four_have_the_same_room_whatever_the_layers_are_called(qtbot, panels):
    def sizes():
        return {each.size().toTuple() for each in panels.panels if each.seen}

    before = sizes()
    widths, heights = zip(*before, strict=True)
    assert len(panels.plots) == 4
    assert max(widths) - min(widths) <= 1
    assert max(heights) - min(heights) <= 1
    panels.plot("gradients").header.set_legend([Entry("a_very_long_name_of_a_layer" * 3, "#ff0000")])
    panels.set_theme(dark)
    settle(qtbot, panels)
    assert sizes() == before


def test_everything_is_drawn_for_one_plot_a_tick_and_not_while_its_curves_are_made(qtbot, panels):
    panels.set_theme(dark)
    for _ in panels.plots:
        before = redraws(panels)
        panels.tick()
        assert redraws(panels) == before
    for number in range(1, 5):
        before = redraws(panels)
        panels.tick()
        assert redraws(panels) == before + 1, number
    before = draws(panels)
    for _ in panels.plots:
        panels.tick()
    assert draws(panels) == before


def test_a_run_is_shown_in_all_that_are_seen_and_the_next_one_starts_empty(qtbot, panels):
    panels.start(invented.run(invented.plane_view(), class_names=("−1", "+1")))
    assert panels.plot("loss").header.subtitle.text() == "binary crossentropy"
    panels.consume(record(ended=True))
    settle(qtbot, panels)
    assert not any(plot.is_empty for plot in panels.plots)
    assert [entry.name for entry in panels.plot("surface").header.legend.entries] == ["−1", "+1", "wrong"]
    panels.start(invented.run(invented.plane_view()))
    assert panels.plot("loss").is_empty
    assert panels.plot("activations").is_empty
    assert not panels.plot("surface").is_empty
    panels.clear()
    assert all(plot.is_empty for plot in panels.plots)


def test_what_a_run_has_nothing_for_is_out_of_sight_and_a_line_says_why(qtbot, panels):
    surface = panel(panels, "surface")
    before = panels.plot("activations").width()
    panels.start(invented.run(None))
    qtbot.waitUntil(lambda: panels.plot("activations").width() > 1.5 * before)
    assert not surface.isVisible()
    assert "two features" in panels._reasons.text()
    assert panels._reasons.isVisible()
    surface.toggleViewAction().trigger()
    qtbot.waitUntil(surface.isVisible)
    assert "two features" in surface.plot.empty_sentence
    assert not panels._reasons.isVisible(), "the panel says so itself"
    panels.start(invented.run(invented.plane_view()))
    assert surface.isVisible()
    assert not panels._reasons.isVisible()


def test_what_somebody_closed_stays_closed_in_the_next_run(qtbot, panels):
    panel(panels, "surface").close()
    panels.start(invented.run(None))
    panels.start(invented.run(invented.plane_view()))
    assert not panel(panels, "surface").isVisible()


def test_raw_scores_are_understood_as_the_loss_does(panels):
    panels.start(invented.run(invented.plane_view()))
    assert panels.plot("surface")._meaning.logits


def test_a_tick_draws_one_plot_and_none_falls_behind(qtbot, panels, monkeypatch):
    monkeypatch.setattr(Plot, "slice_seconds", 60.0)
    panels.start(invented.run(invented.plane_view()))
    history = record()
    panels.consume(history)
    settle(qtbot, panels)
    counts = [plot.draws for plot in panels.plots]
    for frame in range(60):
        history.append(invented.steps(501 + 100 * frame, 100))
        history.append(invented.probe(600 + 100 * frame, surface=invented.spiral_surface(invented.plane_view())))
        panels.consume(history)
        before = draws(panels)
        panels.tick()
        assert draws(panels) <= before + 1
    drawn = [plot.draws - count for plot, count in zip(panels.plots, counts, strict=True)]
    assert min(drawn) >= 5  # at most three ticks each: for the curves' points, for axes and texts, for the curves


def hide_by_closing(panels):
    panel(panels, "loss").close()


def hide_behind_another(panels):
    panels.area.tabifyDockWidget(panel(panels, "loss"), panel(panels, "gradients"))
    panel(panels, "gradients").raise_()


def show_by_opening(panels):
    panel(panels, "loss").toggleViewAction().trigger()


def show_by_its_tab(panels):
    panel(panels, "loss").raise_()


@pytest.mark.parametrize(
    ("hide", "show"), [(hide_by_closing, show_by_opening), (hide_behind_another, show_by_its_tab)], ids=["closed", "behind"]
)
def test_what_is_hidden_takes_in_and_draws_nothing_until_it_is_seen_again(qtbot, panels, monkeypatch, hide, show):
    panels.start(invented.run(invented.plane_view()))
    history = record()
    panels.consume(history)
    settle(qtbot, panels)
    hide(panels)
    qtbot.waitUntil(lambda: not panel(panels, "loss").seen)
    settle(qtbot, panels)
    asked = []
    monkeypatch.setattr(LossPlot, "update_from", lambda plot, history: asked.append(plot))
    loss = panels.plot("loss")
    before = loss.draws
    for frame in range(5):
        history.append(invented.steps(501 + 10 * frame, 10))
        panels.consume(history)
        settle(qtbot, panels)
    panels.set_theme(dark)
    settle(qtbot, panels)
    assert (asked, loss.draws) == ([], before)
    monkeypatch.undo()
    monkeypatch.setattr(module, "kinds", few)
    show(panels)
    qtbot.waitUntil(lambda: panel(panels, "loss").seen)
    panels.consume(history)
    settle(qtbot, panels)
    assert loss.draws > before
    assert loss.raw_line.get_xdata()[-1] == 550


def test_a_plot_is_made_when_it_is_first_seen(qtbot, panels):
    layer = panel(panels, "layer")
    panels.start(invented.run(invented.plane_view()))
    panels.consume(record())
    assert layer.made is None
    layer.toggleViewAction().trigger()
    qtbot.waitUntil(lambda: layer.seen)
    panels.consume(record())
    assert not layer.plot.is_empty
    assert layer.plot.header.subtitle.text() == "binary crossentropy"


def test_panels_that_are_opened_take_turns_behind_all_but_the_first(qtbot):
    panels = shown(qtbot)
    for each in panels.panels:
        if not each.isVisible():
            each.toggleViewAction().trigger()
    behind = {each.objectName(): panels.area.tabifiedDockWidgets(each) for each in panels.panels if each.kind.shown}
    assert {name: len(others) for name, others in behind.items()} == {"loss": 0, "gradients": 2, "activations": 2, "surface": 2}
    for kind in kinds:
        panel(panels, kind.identifier).raise_()
        qtbot.waitUntil(lambda: panel(panels, kind.identifier).seen)  # noqa: B023


def test_a_panel_that_is_opened_where_all_behind_it_are_out_of_sight_has_its_share_of_the_room(qtbot, panels):
    panels.start(invented.run(None))
    assert panel(panels, "surface").withheld
    panel(panels, "layer").toggleViewAction().trigger()
    qtbot.waitUntil(lambda: abs(panel(panels, "layer").width() - panel(panels, "activations").width()) < 20)
    assert panel(panels, "layer").seen


def test_a_panel_that_is_out_of_sight_for_some_runs_comes_back_as_wide_as_it_was(qtbot, panels):
    before = places(panels)
    for view in (None, invented.plane_view()) * 2:
        panels.start(invented.run(view))
        settle(qtbot, panels)
        assert panel(panels, "surface").withheld == (view is None)
    qtbot.waitUntil(lambda: abs(panel(panels, "surface").width() - before["surface"][2]) < 20)


def test_the_menu_opens_and_closes_panels_and_brings_the_usual_arrangement_back(qtbot, panels):
    before = places(panels)
    menu = QMenu(panels)
    panels.fill_menu(menu)
    actions = {action.text().replace("&", ""): action for action in menu.actions()}
    assert [actions[title].isChecked() for title in ("Loss", "Layer")] == [True, False]
    actions["Loss"].trigger()
    actions["Layer"].trigger()
    qtbot.waitUntil(lambda: panel(panels, "layer").seen and not panel(panels, "loss").isVisible())
    panel(panels, "activations").setFloating(True)
    panel(panels, "gradients").another_requested.emit()
    assert len(panels.panels) == len(few) + 1
    actions["Usual arrangement"].trigger()
    qtbot.waitUntil(lambda: places(panels) == before)
    assert len(panels.panels) == len(few)


def test_a_second_panel_can_be_closed_in_the_menu(qtbot, panels):
    panel(panels, "gradients").another_requested.emit()
    panel(panels, "gradients:2").toggleViewAction().trigger()  # an exception inside fails the test
    assert "gradients:2" not in [each.objectName() for each in panels.panels]


def test_an_arrangement_is_remembered_with_tabs_windows_and_second_panels(qtbot, panels):
    panel(panels, "loss").another_requested.emit()
    panel(panels, "layer").toggleViewAction().trigger()
    panel(panels, "activations").close()
    panels.area.tabifyDockWidget(panel(panels, "gradients"), panel(panels, "surface"))
    panel(panels, "gradients").raise_()
    panel(panels, "loss").setFloating(True)
    qtbot.waitUntil(lambda: panel(panels, "gradients").seen and not panel(panels, "surface").seen)
    wanted = {name for name, _ in places(panels).items()}
    assert wanted == {"loss", "loss:2", "gradients", "layer"}
    other = shown(qtbot, panels.arrangement())
    qtbot.waitUntil(lambda: set(places(other)) == wanted)
    assert panel(other, "loss").isFloating()
    assert not panel(other, "activations").isVisible()


def test_what_a_run_withholds_is_remembered_as_open(qtbot, panels):
    panels.start(invented.run(None))
    assert not panel(panels, "surface").isVisible()
    other = shown(qtbot, panels.arrangement())
    assert panel(other, "surface").isVisible()


def test_a_panel_is_pinned_from_its_menu_where_the_head_has_no_room(qtbot, panels):
    panels.select_layer("dense")
    panel(panels, "layer").toggleViewAction().trigger()
    qtbot.waitUntil(lambda: panel(panels, "layer").seen)
    for pinned in ("dense", None):
        menu = panel(panels, "layer").menu()
        action = next(each for each in menu.actions() if each.text() == "Stay with this layer")
        assert action.isChecked() == (pinned is None)
        action.trigger()
        assert panel(panels, "layer").pinned == pinned
        menu.close()


def test_a_legend_has_all_rows_that_it_takes_in_a_panel_of_any_height(qtbot, panels):
    header = panels.plot("loss").header
    asked = []
    header.set_most_rows = lambda rows, act=header.set_most_rows: (asked.append(rows), act(rows))
    entries = [Entry(f"a curve of number {number}", light.text, line="-") for number in range(9)]
    header.set_legend(entries)
    panels.plot("loss")._show_legend = lambda *_, **__: None
    for height in range(700, 300, -6):
        panels.resize(400, height)
        qtbot.waitUntil(lambda height=height: panels.height() == height)
        asked.clear()
        settle(qtbot, panels)
        legend = header.legend
        assert legend.height() == legend.row_height * legend.rows_at(legend.width())
        assert legend.geometry().bottom() < header.height()
        assert len(set(asked)) <= 1, "rows that come and go"
    assert legend.rows_at(legend.width()) == 1


def test_a_panel_is_pinned_to_the_layer_that_it_shows(qtbot, panels):
    panels.select_layer("dense")
    panel(panels, "layer").toggleViewAction().trigger()
    qtbot.waitUntil(lambda: panel(panels, "layer").seen)
    panel(panels, "layer").plot.show_layer("output")  # chosen in its head
    panel(panels, "layer")._pin.click()
    assert panel(panels, "layer").pinned == "output"


@pytest.mark.parametrize(
    "stored",
    [
        b"", b"{}", b"[1]", b'{"copies": [["loss"]], "state": ""}', b'{"copies": 1, "state": "AAAA"}', b"\xff\x00",
        b'{"copies": [["loss", Infinity]], "state": ""}', b'{"copies": [["loss", 1000000]], "state": "AAAA"}',
        100_000 * b"[", b'{"copies": [], "state": "", "settings": [1]}', b'{"copies": [], "state": "", "settings": {"loss": 1}}',
        b'{"copies": [], "state": "", "settings": {"loss": {"layer": {}, "choices": [2]}}}',
    ],
    ids=range(12),
)  # fmt: skip
def test_an_arrangement_that_cannot_be_read_leaves_the_usual_one(qtbot, panels, stored):
    assert set(places(shown(qtbot, QByteArray(stored)))) == set(places(panels))


def test_what_is_chosen_in_a_panel_is_remembered_for_each(qtbot, panels):
    panel(panels, "loss").another_requested.emit()
    panel(panels, "loss:2").plot.smooth("Strong")
    panel(panels, "gradients").plot.logarithmic.click()
    other = shown(qtbot, panels.arrangement())
    assert [panel(other, name).plot.smoothing for name in ("loss", "loss:2")] == ["Usual", "Strong"]
    assert not panel(other, "gradients").plot.logarithmic.isChecked()
    assert not panel(other, "loss").plot.logarithmic.isChecked()


def test_what_was_chosen_in_a_panel_that_is_not_opened_is_not_forgotten(qtbot, panels):
    panel(panels, "layer").plot.smooth("Strong")
    other = shown(qtbot, shown(qtbot, panels.arrangement()).arrangement())
    assert panel(other, "layer").made is None
    assert panel(other, "layer").plot.smoothing == "Strong"


def test_a_switch_that_cannot_stand_so_stays_as_usual_and_the_others_are_set(qtbot, panels):
    stored = json.loads(bytes(panels.arrangement().data()))
    stored["settings"] = {"loss": {"choices": {"smoothing": "Endless", "logarithmic": "yes", "logarithmic steps": True, "x": 1}}}
    other = shown(qtbot, QByteArray(json.dumps(stored).encode()))
    assert panel(other, "loss").plot.choices() == {
        "smoothing": "Usual", "logarithmic": False, "logarithmic steps": True, "quantity": "",
    }  # fmt: skip


def documented(*names):
    """A document whose network has layers of these names."""
    experiment = invented.run(None).experiment
    return replace(experiment, network=tuple(Dense(name=name, units=1) for name in names))


@pytest.fixture
def with_pin(panels):
    """What is remembered of a panel that stays with the layer ``wide``."""
    panels.select_layer("output")
    panel(panels, "layer").pin("wide")
    return panels.arrangement()


def test_a_pin_is_remembered_for_the_document_that_has_such_a_layer(qtbot, with_pin):
    other = shown(qtbot, with_pin)
    assert panel(other, "layer").pinned is None
    other.show_experiment(documented("dense", "output"))
    assert panel(other, "layer").pinned is None
    other.show_experiment(documented("wide", "output"))
    other.select_layer("output")
    assert panel(other, "layer").pinned == "wide"
    assert panel(other, "layer").plot.layer == "wide"


def test_a_pin_at_a_layer_that_there_is_not_goes_when_something_else_is_done(qtbot, with_pin):
    other = shown(qtbot, with_pin)
    panel(other, "layer").toggleViewAction().trigger()
    other.start(invented.run(invented.plane_view()))
    other.show_experiment(documented("wide", "output"))
    assert panel(other, "layer").pinned is None
    again = shown(qtbot, with_pin)
    panel(again, "layer").pin("output")
    again.show_experiment(documented("wide", "output"))
    assert panel(again, "layer").pinned == "output"


def test_two_panels_of_a_kind_show_two_layers(qtbot, panels):
    panels.select_layer("dense")
    panel(panels, "layer").toggleViewAction().trigger()
    panel(panels, "layer").another_requested.emit()
    qtbot.waitUntil(lambda: panel(panels, "layer").seen)
    first, second = panel(panels, "layer"), panel(panels, "layer:2")
    assert (first.plot.layer, second.plot.layer) == ("dense", "dense")
    press(panels, "layer", "pin")
    assert first.windowTitle() == "Layer · dense"
    panels.select_layer("output")
    assert (first.plot.layer, second.plot.layer) == ("dense", "output")
    press(panels, "layer", "pin")
    assert first.plot.layer == "output"
    second.close()
    assert len(panels.panels) == len(few)


@pytest.mark.parametrize(("name", "kept"), [("output", "output"), ("gone", None)])
def test_a_pin_goes_with_its_layer_when_a_network_without_it_is_trained(qtbot, panels, name, kept):
    panels.select_layer("dense")
    panel(panels, "layer").toggleViewAction().trigger()
    qtbot.waitUntil(lambda: panel(panels, "layer").seen)
    panel(panels, "layer").pin(name)
    panels.start(invented.run(invented.plane_view()))
    assert panel(panels, "layer").pinned == kept
    assert panel(panels, "layer").plot.layer == (kept or "dense")


def test_what_the_seen_plots_want_of_looks_inside_is_told(qtbot, panels):
    told = []
    panels.wanted_changed.connect(told.append)
    panels.select_layer("dense")
    panels.consume(record())
    assert told == []
    panel(panels, "layer").toggleViewAction().trigger()
    qtbot.waitUntil(lambda: panel(panels, "layer").seen)
    panels.consume(record())
    panel(panels, "layer").close()
    panels.consume(record())
    assert told == [Wanted(weights=frozenset({"dense"})), Wanted()]


def test_the_question_mark_opens_the_help_text(qtbot, panels):
    press(panels, "gradients", "?")
    popup = panels.findChild(HelpPopup)
    assert popup.isVisible()
    words = " ".join(label.text() for label in popup.children() if hasattr(label, "text"))
    help_text = kinds[1].plot.help
    assert all(escape(text) in words for text in (help_text.shows, help_text.good, help_text.bad))
    qtbot.keyClick(popup, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not panels.findChildren(HelpPopup))


def test_the_menu_of_a_panel_has_what_the_plot_and_the_panel_can_do(qtbot, panels):
    menu = panel(panels, "loss").menu()
    actions = {action.text(): action for action in menu.actions()}
    assert {"Copy image", "Save data as CSV…", "Another of these", "Close"} <= set(actions)
    actions["Make a window of its own"].trigger()
    assert panel(panels, "loss").isFloating()
    menu.close()


def test_a_double_click_on_the_head_makes_a_panel_a_window_and_back(qtbot, panels):
    gradients = panel(panels, "gradients")
    for floating in (True, False):
        head = gradients.titleBarWidget()
        qtbot.mouseDClick(gradients.plot.header.subtitle, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda wanted=floating: gradients.isFloating() == wanted)
        assert gradients.titleBarWidget() is head
        assert gradients.seen


def test_a_panel_is_dragged_away_by_its_head(qtbot, panels):
    surface = panel(panels, "surface")
    title = surface.plot.header
    qtbot.mousePress(title, Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
    for by in range(10, 130, 10):
        qtbot.mouseMove(title, QPoint(5 + by, 5))
    qtbot.waitUntil(surface.isFloating)
    qtbot.mouseRelease(title, Qt.MouseButton.LeftButton)
    assert surface.seen


def test_where_no_panel_is_left_a_sentence_says_how_to_open_one(panels):
    sentence = panels.area.centralWidget()
    assert not sentence.isVisible()
    shown_now = [each for each in panels.panels if each.seen]
    for each in shown_now[1:]:
        each.close()
    assert not sentence.isVisible()
    shown_now[0].setFloating(True)
    assert sentence.isVisible()
    shown_now[0].setFloating(False)
    assert not sentence.isVisible()
    shown_now[0].close()
    assert sentence.isVisible()
    assert "View ▸ Panels" in sentence.text()
    panels.arrange_usually()
    assert not sentence.isVisible()


@pytest.mark.parametrize("name", ["loss", "gradients", "activations", "surface"])
def test_a_second_panel_leaves_the_first_in_sight_also_where_closed_ones_would_open_behind_that(qtbot, name):
    """Qt would put the second in front of the first then: two layers could not be compared."""
    panels = shown(qtbot)
    before = places(panels)
    panel(panels, name).another_requested.emit()
    qtbot.waitUntil(lambda: panel(panels, f"{name}:2").width() >= 200)
    after = places(panels)
    assert after.keys() == before.keys() | {f"{name}:2"}
    first, second = panel(panels, name).geometry(), panel(panels, f"{name}:2").geometry()
    assert not first.intersects(second)
    assert min(first.height(), second.height()) >= 100
