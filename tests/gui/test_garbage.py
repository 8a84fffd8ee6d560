"""Garbage goes away in the window's thread, whoever makes it."""

import gc
import threading

import pytest
from PySide6.QtCore import QObject

from gui.garbage import GarbageCollector, most_growth


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


@pytest.fixture
def old_garbage(collector):
    """Whether what the window dropped after it had long been there, among others that stay, has gone away."""
    collector.start()
    gc.collect()
    ends = []
    dropped, others = Dropped(ends), [[] for _ in range(1000)]
    gc.collect(1)
    assert dropped in gc.get_objects(2)
    collector.follow("idle")
    collector.look()
    del dropped
    yield ends
    del others


def make_the_oldest_due():
    for _ in range(gc.get_threshold()[2] + 1):
        gc.collect(1)


def test_what_a_run_leaves_goes_when_it_has_ended(collector, old_garbage):
    collector.follow("training")
    collector.look()
    assert not old_garbage, "its turn has not come"
    collector.follow("idle")
    collector.look()
    assert old_garbage


def test_while_a_run_trains_nobody_waits_for_the_oldest(collector, old_garbage):
    collector.follow("training")
    make_the_oldest_due()
    collector.look()
    assert not old_garbage
    collector.follow("paused")
    collector.look()
    assert old_garbage


def test_even_while_a_run_trains_the_oldest_do_not_pile_up(collector, old_garbage):
    collector.follow("training")
    piled = [[] for _ in range(most_growth * len(gc.get_objects(2)))]
    make_the_oldest_due()
    collector.look()
    assert old_garbage
    del piled
