"""Whatever can be clicked can be reached with the keyboard, says its name to a screen reader, and what it does to the pointer."""

import pytest
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


def test_the_tab_key_stops_only_where_something_is_seen(window, qtbot):
    def stops():
        seen = []
        window.toolbar.train_button.setFocus()
        while not seen or seen[-1] is not window.toolbar.train_button:
            qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Tab)
            seen.append(window.focusWidget())
        return seen

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


def test_no_letter_stands_for_two_lines_of_a_menu(window):
    for menu in (action.menu() for action in window.menuBar().actions()):
        for train in ("&Train", "Res&ume"):
            window.actions_.train.setText(train)
            letters = [action.text().partition("&")[2][:1].lower() for action in menu.actions() if "&" in action.text()]
            assert len(set(letters)) == len(letters) > 1, menu.title()
