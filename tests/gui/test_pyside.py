"""Probes for faults of PySide6 that other versions have; the pins in pyproject.toml keep them out."""

import sys

from PySide6.QtCore import QObject, Signal


class Source(QObject):
    told = Signal(object)


def test_emitting_an_object_loses_no_reference(qapp):
    """PySide6 6.12.0 on Python 3.11 drops a reference with every emit, and aborts after a few hundred."""
    source, content, received = Source(), object(), []
    source.told.connect(received.append)
    source.told.emit(content)
    received.clear()
    before = sys.getrefcount(content)
    for _ in range(300):
        source.told.emit(content)
        received.clear()
    assert sys.getrefcount(content) == before
