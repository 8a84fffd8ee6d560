"""Whatever can be clicked can be reached with the keyboard, says its name to a screen reader, and what it does to the pointer."""

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QScrollBar,
    QTabBar,
    QToolButton,
)

from models.experiment import edits
from models.experiment.data import Moons, Xor
from models.experiment.optimizers import SGD, Adam

controls = (QAbstractButton, QComboBox, QAbstractSpinBox, QAbstractSlider, QLineEdit, QAbstractItemView)
inside_others = (QComboBox, QAbstractSpinBox, QTabBar)


@pytest.fixture
def found(qtbot, window):
    """All controls of the window, each page and each panel having been seen once."""
    window.plots.lay_out(window.plots.panels)
    window.stack.view.select(("dense",))
    for page in range(window.tabs.count()):
        window.tabs.setCurrentIndex(page)
        qtbot.wait(0)
    return [
        widget
        for kind in controls
        for widget in window.findChildren(kind)
        if not isinstance(widget, (QScrollBar, QHeaderView)) and not is_inside_another(widget)
    ]


def is_inside_another(widget):
    parent = widget.parent()
    while parent is not None:
        if isinstance(parent, inside_others) or parent.objectName().startswith("qt_"):
            return True
        parent = parent.parent()
    return widget.objectName().startswith("qt_")


def name_of(widget):
    buddies = [label.text() for label in widget.window().findChildren(QLabel) if label.buddy() is widget]
    own = widget.text() if isinstance(widget, QAbstractButton) else ""
    return widget.accessibleName() or next(iter(buddies), "") or own


def test_every_control_has_a_name(found):
    assert len(found) > 60
    assert not [(type(widget).__name__, type(widget.parent()).__name__) for widget in found if not name_of(widget).strip()]


def test_signs_on_buttons_are_explained(found):
    signs = [widget for widget in found if isinstance(widget, QToolButton) and not any(map(str.isalpha, widget.text()))]
    assert len(signs) > 30
    assert not [widget.text() for widget in signs if not widget.toolTip() or not any(map(str.isalpha, widget.accessibleName()))]


def test_the_tab_key_reaches_every_control(found):
    tab = Qt.FocusPolicy.TabFocus
    assert not [(type(widget).__name__, name_of(widget)) for widget in found if not widget.focusPolicy() & tab]


def test_buttons_of_different_panels_have_different_names(window):
    window.plots.lay_out(window.plots.panels)
    names = [button.accessibleName() for button in window.plots.findChildren(QToolButton) if button.text() == "×"]
    assert len(set(names)) == len(names) == len(window.plots.panels)


def stops_of(window, qtbot, key=Qt.Key.Key_Tab):
    """Where the Tab key goes until it comes back to the first button."""
    seen = []
    window.toolbar.train_button.setFocus()
    while not seen or seen[-1] is not window.toolbar.train_button:
        qtbot.keyClick(window.focusWidget(), key)
        seen.append(window.focusWidget())
        assert len(seen) < 200, "it goes round without coming back"
    return seen


def test_the_tab_key_stops_only_where_something_is_seen(window, qtbot):
    def stops():
        return stops_of(window, qtbot)

    def outside():
        return [each for each in stops() if not window.rect().contains(each.mapTo(window, each.rect().center()))]

    def tabs():
        return [each.count() for each in stops() if isinstance(each, QTabBar) and window.plots.isAncestorOf(each)]

    assert outside() == []
    loss, gradients = (panel for panel in window.plots.panels if panel.objectName() in ("loss", "gradients"))
    window.plots.area.tabifyDockWidget(loss, gradients)
    qtbot.waitUntil(lambda: tabs() == [2])
    window.plots.arrange_usually()
    qtbot.waitUntil(lambda: tabs() == [])
    assert outside() == []


def test_the_tab_key_goes_through_every_page_from_top_to_bottom_and_comes_round(window, qtbot):
    """Also through forms that were made anew meanwhile, which Qt would put behind everything else."""
    window.stack.view.select(("dense",))
    for page in (0, 2, 1, 0, 2):
        window.tabs.setCurrentIndex(page)
        window.document.apply("x", edits.set_at(window.document.experiment, "training.optimizer", (Adam, SGD)[page // 2]()))
        window.document.apply("x", replace(window.document.experiment, data=(Xor, Moons)[page // 2]()))
        for key in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            stops = stops_of(window, qtbot, key)
            inside = [each for each in stops if window.tabs.currentWidget().isAncestorOf(each)]
            tops = [each.mapTo(window.tabs, each.rect().center()).y() for each in inside]
            places = [stops.index(each) for each in inside]
            assert len(inside) >= 8
            assert len(set(stops)) == len(stops)
            assert places == list(range(places[0], places[0] + len(places)))
            assert sorted(tops, reverse=key != Qt.Key.Key_Tab) == pytest.approx(tops, abs=8), "up and down"
            assert stops[places[0] - 1 if key == Qt.Key.Key_Tab else places[-1] + 1] is window.tabs.tabBar()


def test_no_letter_stands_for_two_lines_of_a_menu(window):
    for menu in (action.menu() for action in window.menuBar().actions()):
        for train in ("&Train", "Res&ume"):
            window.actions_.train.setText(train)
            letters = [action.text().partition("&")[2][:1].lower() for action in menu.actions() if "&" in action.text()]
            assert len(set(letters)) == len(letters) > 1, menu.title()


def test_no_two_fields_of_a_page_have_the_same_name(window, qtbot):
    """Of eight boxes that are all called “Set a value” nobody who hears the names knows one from another."""
    window.stack.view.select(("dense",))
    for page in range(window.tabs.count()):
        window.tabs.setCurrentIndex(page)
        qtbot.wait(0)
        names = [name_of(widget) for widget in window.tabs.currentWidget().findChildren(QAbstractButton) if widget.isVisible()]
        assert len(set(names)) == len(names) > 2
