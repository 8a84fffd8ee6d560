"""Garbage goes away in the window's thread, whoever makes it."""

import gc
import threading

import pytest
from PySide6.QtCore import QObject

from gui.garbage import GarbageCollector


@pytest.fixture
def collector(qtbot):
    owner = QObject()
    yield GarbageCollector(owner)
    owner.deleteLater()
    gc.enable()


class Dropped:
    """Part of a circle, as what the window drops often is."""

    def __init__(self, ends):
        self.ends = ends
        self.circle = self

    def __del__(self):
        self.ends.append(threading.get_ident())


def drop_and_make_much_elsewhere(ends):
    """A circle is dropped here; another thread then makes more than Python's collector would stand idly by."""
    Dropped(ends)
    made = []
    thread = threading.Thread(target=lambda: made.extend([] for _ in range(200_000)))
    thread.start()
    thread.join()
    return made


def test_what_the_window_drops_goes_away_in_its_thread(collector):
    ends = []
    made = drop_and_make_much_elsewhere(ends)
    assert ends == [], "not in the thread that made much"
    collector.look()
    assert ends == [threading.get_ident()]
    del made


def test_without_it_another_thread_would_collect():
    """Otherwise the test above could not fail."""
    gc.enable()
    ends = []
    made = drop_and_make_much_elsewhere(ends)
    assert ends
    assert ends != [threading.get_ident()]
    del made


def test_it_looks_by_itself(collector, qtbot):
    ends = []
    collector.start()
    made = drop_and_make_much_elsewhere(ends)
    qtbot.waitUntil(lambda: bool(ends))
    assert ends == [threading.get_ident()]
    del made
