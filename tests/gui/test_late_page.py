"""Panels of hidden tabs are made when they are first needed, and are then as if they had been there all the time."""

import pytest
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QTabWidget, QVBoxLayout, QWidget

from gui.late_page import LatePage


class Fields(QWidget):
    """A panel with two fields."""

    def __init__(self):
        super().__init__()
        self.first, self.second = QLineEdit(), QLineEdit()
        column = QVBoxLayout(self)
        for field in (self.first, self.second):
            column.addWidget(field)


@pytest.fixture
def window(qtbot):
    """Two tabs, the second of which has a late panel, and a field beside them."""
    window = QWidget()
    window.tabs = QTabWidget()
    window.page = LatePage(Fields)
    window.tabs.addTab(QWidget(), "early")
    window.tabs.addTab(window.page, "late")
    window.beside = QLineEdit()
    row = QHBoxLayout(window)
    row.addWidget(window.tabs)
    row.addWidget(window.beside)
    qtbot.addWidget(window)
    window.show()
    return window


def test_a_panel_is_made_at_the_first_look(window):
    assert window.page.made is None
    window.tabs.setCurrentIndex(1)
    panel = window.page.made
    assert panel is not None
    window.tabs.setCurrentIndex(0)
    window.tabs.setCurrentIndex(1)
    assert window.page.panel is panel


def test_a_panel_is_in_its_place_at_once(window):
    window.tabs.setCurrentIndex(1)  # and nothing of the event loop
    assert window.page.panel.isVisible()
    assert window.page.panel.size() == window.page.size()


def test_who_asks_before_a_look_makes_the_panel(window):
    panel = window.page.panel
    assert not panel.isVisible()
    window.tabs.setCurrentIndex(1)
    assert window.page.panel is panel
    assert panel.isVisible()
